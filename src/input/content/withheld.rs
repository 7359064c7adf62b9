//! What goes with the pages of an item that are not published: nothing else of the item speaks of them or shows them.

use super::Scan;
use super::folder::Folder;
use super::pages::file_name;
use super::references::PageNames;
use crate::diagnostics::{Code, Diagnostic};
use crate::model::{AnnotationSet, Companion, CompanionRole, Description, PageRef, Range, Target};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Pages that are not published.
#[derive(Default)]
pub struct Withheld {
    pub tokens: BTreeSet<String>,
    /// The names of their files, and of other files that are not published.
    pub files: BTreeSet<String>,
    /// The images among those.
    pub paths: Vec<PathBuf>,
}

impl Withheld {
    fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.files.is_empty()
    }

    /// Whether a file is not to be shown, whatever else it is besides a page.
    pub fn has(&self, companion: &Companion) -> bool {
        self.files.contains(file_name(&companion.path).as_ref())
    }

    /// Takes them out of what is said of the item, names of pages being tokens: their own descriptions with the files
    /// that those link to, and ranges of nothing else.
    fn leave(&self, description: &mut Description) {
        description.pages.retain(|file, _| !self.files.contains(file));
        description.start = description.start.take().filter(|start| !self.holds(start));
        self.leave_ranges(&mut description.structures);
    }

    fn leave_ranges(&self, ranges: &mut Vec<Range>) {
        ranges.retain_mut(|range| {
            let was_empty = range.is_empty();
            range.pages.retain(|page| !self.holds(page));
            self.leave_ranges(&mut range.structures);
            was_empty || !range.is_empty()
        });
    }

    fn holds(&self, page: &PageRef) -> bool {
        self.tokens.contains(page.parts().0)
    }

    /// Takes out annotations on them, on several things of which they are one, and those that lead to one.
    pub fn leave_annotations(&self, set: &mut AnnotationSet, names: &PageNames) {
        set.annotations.retain(|annotation| {
            let is_on_one = match &annotation.on {
                Target::Item => false,
                Target::Page { token, .. } => self.tokens.contains(token),
                Target::Other(target) => self.is_named(target, names),
            };
            !is_on_one && !annotation.properties.get("body").is_some_and(|body| self.is_led_to(body, names))
        });
    }

    /// Whether a body is one of them or has it as its source; what its text says is the curator's own.
    fn is_led_to(&self, body: &Value, names: &PageNames) -> bool {
        match body {
            Value::Array(bodies) => bodies.iter().any(|body| self.is_led_to(body, names)),
            Value::Object(properties) => {
                let leads = ["id", "source", "items"].iter().filter_map(|key| properties.get(*key));
                leads.into_iter().any(|source| self.is_led_to(source, names))
            }
            Value::String(_) => self.is_named(body, names),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Whether a URI may be that of one of their canvases or images: it has such a name behind `canvas`, or an image id
    /// that ends in it.
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

    /// Whether some text in `value` is the name of one of them.
    fn is_named(&self, value: &Value, names: &PageNames) -> bool {
        match value {
            Value::String(text) => {
                let name = text.split_once('#').map_or(text.as_str(), |(name, _)| name);
                // A leaf of a multi-page file goes by the number behind its page's name.
                let leaf_of =
                    name.rsplit_once('-').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
                let names_one = |name: &str| names.token_of(name).is_some_and(|token| self.tokens.contains(token));
                names_one(name) || leaf_of.is_some_and(|(page, _)| names_one(page)) || self.has_address(text)
            }
            Value::Array(values) => values.iter().any(|value| self.is_named(value, names)),
            Value::Object(properties) => properties.values().any(|value| self.is_named(value, names)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
}

impl Scan<'_> {
    /// Takes out of what is said of an item, and of its images, whatever speaks of `withheld` pages. `is_whole`: nothing
    /// else that its metadata files may list is withheld.
    pub(super) fn withhold(
        &mut self,
        withheld: &Withheld,
        is_whole: bool,
        description: &mut Description,
        companions: &mut Vec<Companion>,
        folder: &Folder,
    ) {
        withheld.leave(description);
        let pictures = companions.extract_if(.., |companion| match &companion.role {
            CompanionRole::Picture { file } => !has_picture(&description.structures, file),
            _ => false,
        });
        self.withheld.extend(pictures.map(|picture| picture.path).chain(withheld.paths.iter().cloned()));
        if !(is_whole && withheld.is_empty()) && leave_implied(description) {
            let message = "its metadata file is not published, for some of what it lists is not";
            self.diagnostics.push(Diagnostic::new(Code::Withheld, message).with_path(&folder.path));
        }
    }
}

/// Whether one of `ranges` shows the image `file`.
fn has_picture(ranges: &[Range], file: &str) -> bool {
    Range::all(ranges).any(|range| range.images().any(|(_, named)| named == file))
}

/// Takes out the files that a metadata file has published of itself: it may list the whole item, and so may a PDF that
/// it names. Answers whether there were any.
fn leave_implied(description: &mut Description) -> bool {
    let Description { see_also, rendering, .. } = description;
    let all = see_also.0.len() + rendering.0.len();
    see_also.0.retain(|link| !link.is_implied);
    rendering.0.retain(|link| !link.is_implied);
    see_also.0.len() + rendering.0.len() < all
}
