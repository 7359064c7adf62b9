//! Which pages of an item are not published, and how they are removed from everything that names or shows them.
//!
//! Withheld files are removed at once: images go with `--only` and `--documents` too, and even if the metadata has a
//! mistake. `--strict` writes nothing and reports the files that stay public.

use crate::diagnostics::Code;
use crate::model::{
    AnnotationSet, Companion, CompanionRole, Day, Description, Doubt, Ignored, Page, PageRef, Range, Target,
};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

const OTHER_MASTER: &str = "another master of the same page is not published";
const OWN_DESCRIPTION: &str = "its own description withholds it";

/// The token of the page that goes by a name.
pub type TokenOf<'a> = dyn Fn(&str) -> Option<&'a str> + 'a;

/// The withheld pages of an item.
#[derive(Default)]
pub struct Withheld {
    tokens: BTreeSet<String>,
    /// The names of their files, and of other files that are not published.
    files: BTreeSet<String>,
    /// The files of the item that are not published.
    paths: Vec<PathBuf>,
}

/// The reason why `page` is not published on `today`, if its own description has one.
pub fn reason(page: &Page, today: Day) -> Option<&'static str> {
    page.description.as_ref()?.withheld(today)
}

/// The doubt about what a table describes that cannot be read: the words of columns that withhold items may stand in it.
/// Those of a workbook are packed.
pub fn doubt_about_table(bytes: &[u8]) -> Doubt {
    let is_packed = bytes.contains(&0);
    doubt_if(is_packed || [b"publish".as_slice(), b"embargo"].iter().any(|word| holds(bytes, word)))
}

/// The same for XML: parts that are marked as internal or private, and rights that deny access.
pub fn doubt_about_xml(bytes: &[u8]) -> Doubt {
    let is_packed = bytes.contains(&0);
    doubt_if(is_packed || MARKS.iter().any(|word| holds(bytes, word.as_bytes())))
}

/// Words of which one stands in every XML file that withholds something, in lower case.
const MARKS: [&str; 9] = [
    "internal",
    "non-public",
    "private",
    "shareable",
    "accesscondition",
    "accessrights",
    "rightsgranted",
    "permissions",
    "datafield",
];

fn doubt_if(may_withhold: bool) -> Doubt {
    if may_withhold { Doubt::Publication } else { Doubt::Description }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

impl Withheld {
    /// The files of the item that are not published.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The tokens of the pages that are not published.
    pub fn tokens(&self) -> impl Iterator<Item = &String> {
        self.tokens.iter()
    }

    fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.files.is_empty()
    }

    /// Withholds a file and its page; the item has no page of its own for it, or a description names it as something else.
    pub fn add_file(&mut self, file: String, token: String) {
        self.files.insert(file);
        self.tokens.insert(token);
    }

    /// Withholds a file, and not its page: another file of the page is public.
    pub fn add_copy(&mut self, page: &Page) {
        self.paths.extend(page.file().map(Path::to_path_buf));
    }

    /// Withholds the file at `path`, whether it is there or not.
    pub fn add_path(&mut self, path: PathBuf) {
        self.paths.push(path);
    }

    /// Withholds a page that is not among the item's pages.
    pub fn add_page(&mut self, page: &Page) {
        self.tokens.insert(page.token.clone());
        self.paths.extend(page.file().map(Path::to_path_buf));
    }

    /// Takes out of `pages` those that a description withholds, or a description of another master of the same page.
    /// Returns their files.
    pub fn take_pages(&mut self, pages: &mut Vec<Page>, today: Day) -> Vec<Ignored> {
        let Withheld { tokens, files, paths } = self;
        tokens.extend(pages.iter().filter(|page| reason(page, today).is_some()).map(|page| page.token.clone()));
        let mut gone = vec![];
        pages.retain(|page| {
            let of_other_master = tokens.get(&page.token).map(|_| OTHER_MASTER);
            let Some(reason) = reason(page, today).or(of_other_master) else { return true };
            let copies = page.copies.iter().map(|copy| copy.path.as_path()).filter(|copy| Some(*copy) != page.file());
            files.extend(page.file().into_iter().chain(copies.clone()).filter_map(file_name).map(str::to_owned));
            let beside = page.companions.iter().map(|companion| companion.path.as_path()).chain(copies);
            gone.extend(page.file().into_iter().chain(beside).map(|file| ignored(file, reason)));
            false
        });
        paths.extend(gone.iter().map(|gone| gone.path.clone()));
        gone
    }

    /// Takes the companions out that are withheld, of the published `pages` and of the item. Returns their files.
    pub fn take_companions(&mut self, pages: &mut [Page], of_item: &mut Vec<Companion>) -> Vec<Ignored> {
        for page in pages.iter() {
            self.tokens.remove(&page.token);
        }
        let is_withheld =
            |companion: &mut Companion| file_name(&companion.path).is_some_and(|name| self.files.contains(name));
        let of_pages = pages.iter_mut().flat_map(|page| page.companions.extract_if(.., is_withheld));
        let mut gone: Vec<Companion> = of_pages.collect();
        gone.extend(of_item.extract_if(.., is_withheld));
        self.paths.extend(gone.iter().map(|gone| gone.path.clone()));
        gone.iter().map(|gone| ignored(&gone.path, OWN_DESCRIPTION)).collect()
    }

    /// Takes out of an item's description, whose names of pages are tokens: the descriptions of withheld pages, with the
    /// files that those link to, and ranges of nothing else, with the `companions` that are their pictures.
    pub fn remove_from_item(&mut self, description: &mut Description, companions: &mut Vec<Companion>) {
        description.pages.retain(|file, _| !self.files.contains(file));
        description.start = description.start.take().filter(|start| !self.holds(start));
        self.remove_ranges(&mut description.structures);
        let pictures = companions.extract_if(.., |companion| match &companion.role {
            CompanionRole::Picture { file } => !has_picture(&description.structures, file),
            _ => false,
        });
        self.paths.extend(pictures.map(|picture| picture.path));
    }

    fn remove_ranges(&self, ranges: &mut Vec<Range>) {
        ranges.retain_mut(|range| {
            let was_empty = range.is_empty();
            range.pages.retain(|page| !self.holds(page));
            self.remove_ranges(&mut range.structures);
            was_empty || !range.is_empty()
        });
    }

    fn holds(&self, page: &PageRef) -> bool {
        self.tokens.contains(page.parts().0)
    }

    /// Takes out the links to files that a metadata file names, such as a PDF: they may show the whole item. They stay if no
    /// page is withheld and the item `is_whole`: nothing else in its folder is withheld. Returns whether there were any.
    pub fn remove_renderings(&self, description: &mut Description, is_whole: bool) -> bool {
        if is_whole && self.is_empty() {
            return false;
        }
        let all = description.rendering.0.len();
        description.rendering.0.retain(|link| !link.is_implied);
        description.rendering.0.len() < all
    }

    /// Takes out the annotations on withheld pages, on several things of which one is a withheld page, and those that lead
    /// to one.
    pub fn remove_annotations(&self, set: &mut AnnotationSet, token_of: &TokenOf<'_>) {
        set.annotations.retain(|annotation| {
            let is_on_one = match &annotation.on {
                Target::Item => false,
                Target::Page { token, .. } => self.tokens.contains(token),
                Target::Other(target) => self.is_named(target, token_of),
            };
            !is_on_one && !annotation.properties.get("body").is_some_and(|body| self.is_led_to(body, token_of))
        });
    }

    /// Whether a body is a withheld page or has one as its source. The text of a body is not looked at.
    fn is_led_to(&self, body: &Value, token_of: &TokenOf<'_>) -> bool {
        match body {
            Value::Array(bodies) => bodies.iter().any(|body| self.is_led_to(body, token_of)),
            Value::Object(properties) => {
                let leads = ["id", "source", "items"].iter().filter_map(|key| properties.get(*key));
                leads.into_iter().any(|source| self.is_led_to(source, token_of))
            }
            Value::String(_) => self.is_named(body, token_of),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Whether some text in `value` names a withheld page.
    fn is_named(&self, value: &Value, token_of: &TokenOf<'_>) -> bool {
        match value {
            Value::String(text) => {
                let name = text.split_once('#').map_or(text.as_str(), |(name, _)| name);
                // A leaf of a multi-page file has the name of its page, a hyphen and a number.
                let leaf_of =
                    name.rsplit_once('-').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
                let names_one = |name: &str| token_of(name).is_some_and(|token| self.tokens.contains(token));
                names_one(name) || leaf_of.is_some_and(|(page, _)| names_one(page)) || self.has_address(text)
            }
            Value::Array(values) => values.iter().any(|value| self.is_named(value, token_of)),
            Value::Object(properties) => properties.values().any(|value| self.is_named(value, token_of)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Whether a URI may be that of a withheld page's canvas or image: its token stands behind `canvas`, or at the end of
    /// an image id.
    fn has_address(&self, uri: &str) -> bool {
        let decoded = percent_encoding::percent_decode_str(uri).decode_utf8_lossy();
        let segments: Vec<&str> = decoded.split(['/', '?', '#']).collect();
        let is_token = |segment: &str| self.tokens.contains(segment);
        segments.windows(2).any(|pair| match *pair {
            ["canvas", token] => is_token(token),
            ["2" | "3", image] => image.match_indices('_').any(|(at, _)| is_token(&image[at + 1..])),
            _ => false,
        })
    }
}

/// Whether one of `ranges` shows the image `file`.
fn has_picture(ranges: &[Range], file: &str) -> bool {
    Range::all(ranges).any(|range| range.images().any(|(_, named)| named == file))
}

fn file_name(path: &Path) -> Option<&str> {
    path.file_name().and_then(OsStr::to_str)
}

fn ignored(path: &Path, reason: &'static str) -> Ignored {
    Ignored { path: path.to_path_buf(), code: Code::Withheld, reason }
}
