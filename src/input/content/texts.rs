//! The files with the texts of pages, found by their names: a file for each page, or one for many pages of an item.

use super::naming;
use crate::input::text::Format;
use crate::model::address::normalised;
use crate::model::{Page, TextFile, TextPart, TextPlace, TextShare};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Endings of texts: those that can have coordinates before plain text.
const ENDINGS: [&str; 6] = ["xml", "hocr", "html", "xhtml", "htm", "txt"];

/// Most files that are looked into because they may have the texts of many pages. Where more belong to no page, pages are
/// missing, and the files are theirs.
const MAX_BOOKS: usize = 16;

/// The files of an item that may hold the text of a page. The text of a page has its file's stem; else it is the only file
/// that gives the same page token.
pub struct Texts {
    files: Vec<PathBuf>,
    by_stem: HashMap<String, PathBuf>,
    /// `None`: several files give this token.
    by_token: BTreeMap<String, Option<PathBuf>>,
}

impl Texts {
    pub fn of(mut files: Vec<PathBuf>) -> Texts {
        let known = |file: &PathBuf| ENDINGS.iter().position(|known| has_ending(file, known));
        files.sort_by_key(|file| known(file).unwrap_or(ENDINGS.len()));
        Texts::among(files)
    }

    fn among(files: Vec<PathBuf>) -> Texts {
        let (mut by_stem, mut by_token) = (HashMap::new(), BTreeMap::new());
        for file in &files {
            let stem = stem(file);
            let token = naming::page_name(&stem).token;
            let is_other = |there: &Option<PathBuf>| there.as_ref().is_none_or(|there| self::stem(there) != stem);
            match by_token.get_mut(&token) {
                Some(there) if is_other(there) => *there = None,
                Some(_) => {}
                None => drop(by_token.insert(token, Some(file.clone()))),
            }
            by_stem.entry(stem).or_insert_with(|| file.clone());
        }
        Texts { files, by_stem, by_token }
    }

    /// Gives each page without a text its own. That of a recording is plain text: its transcript. Pages that name the same
    /// file, as in METS, share it. `is_in_order`: no page is held back, so that the places of pages say something.
    pub fn join(&self, pages: &mut [Page], is_in_order: bool) {
        let plain = || self.files.iter().filter(|file| has_ending(file, "txt")).cloned().collect();
        let transcripts = pages.iter().any(|page| page.recording.is_some()).then(|| Texts::among(plain()));
        for page in pages.iter_mut().filter(|page| page.text.is_none()) {
            let texts = transcripts.as_ref().filter(|_| page.recording.is_some()).unwrap_or(self);
            page.text = texts.find(page).map(TextFile::whole);
        }
        share_named(pages, is_in_order);
    }

    fn find(&self, page: &Page) -> Option<PathBuf> {
        let own = page.file().and_then(|file| self.by_stem.get(&stem(file)));
        own.or_else(|| self.by_token.get(&page.token)?.as_ref()).cloned()
    }

    /// The files that belong to no page by their names, and whose names are not those of pages that are missing or are
    /// `withheld`. None, if they are too many to be looked into.
    pub fn unclaimed(&self, pages: &[Page], withheld: &[PathBuf]) -> Vec<&Path> {
        let of_pages: HashSet<String> = pages.iter().filter_map(Page::file).map(stem).collect();
        let of_withheld: Vec<String> = withheld.iter().map(|file| stem(file)).collect();
        let name = |stem: &String| naming::page_name(stem);
        let tokens = pages.iter().map(|page| page.token.clone());
        let tokens: HashSet<String> = tokens.chain(of_withheld.iter().map(|stem| name(stem).token)).collect();
        let prefixes: HashSet<String> = of_pages.iter().chain(&of_withheld).map(|stem| name(stem).prefix).collect();
        let is_of_page = |file: &Path| {
            let stem = stem(file);
            let name = naming::page_name(&stem);
            let is_missing = naming::page_number(&name.token).is_some() && prefixes.contains(&name.prefix);
            of_pages.contains(&stem) || tokens.contains(&name.token) || is_missing
        };
        let unclaimed: Vec<&Path> = self.files.iter().map(PathBuf::as_path).filter(|file| !is_of_page(file)).collect();
        if unclaimed.len() > MAX_BOOKS { vec![] } else { unclaimed }
    }
}

/// A file that may have the texts of many pages.
pub struct Book {
    pub path: PathBuf,
    pub format: Format,
}

impl Book {
    /// How much a page with this stem is likely to be of the book.
    fn likeness(&self, page: &str) -> (usize, Reverse<Format>, Reverse<&Path>) {
        let alike = page.chars().zip(stem(&self.path).chars()).take_while(|(one, other)| one == other).count();
        (alike, Reverse(self.format), Reverse(&self.path))
    }
}

/// Gives the pages without a text their parts of `books`. Of several, each page takes the one whose name begins most like its
/// own, then the one with boxes. `is_in_order`: as for [`Texts::join`].
pub fn share_books(books: &[Book], pages: &mut [Page], is_in_order: bool) {
    let choice = |page: &Page| {
        let own = stem(page.image.as_deref()?);
        let best = books.iter().max_by(|one, other| one.likeness(&own).cmp(&other.likeness(&own)));
        best.map(|book| book.path.clone())
    };
    // A page with a text of its own has its place in the book too.
    let choices: Vec<Option<PathBuf>> = pages.iter().map(choice).collect();
    let places = places(&choices);
    for ((page, choice), place) in pages.iter_mut().zip(choices).zip(places) {
        if page.text.is_none() {
            page.text = choice.map(|path| part(path, page.image.as_deref(), place.filter(|_| is_in_order)));
        }
    }
}

fn share_named(pages: &mut [Page], is_in_order: bool) {
    let named: Vec<Option<PathBuf>> = pages.iter().map(|page| Some(page.text.as_ref()?.path.clone())).collect();
    let places = places(&named);
    for ((page, named), place) in pages.iter_mut().zip(named).zip(places) {
        if place.is_some_and(|place| place.of > 1) {
            page.text = named.map(|path| part(path, page.file(), place.filter(|_| is_in_order)));
        }
    }
}

fn part(path: PathBuf, image: Option<&Path>, place: Option<TextPlace>) -> TextFile {
    TextFile { path, share: TextShare::Part(TextPart { image: image.map(stem).unwrap_or_default(), place }) }
}

/// The place of each among those that are equal to it.
fn places(files: &[Option<PathBuf>]) -> Vec<Option<TextPlace>> {
    let (mut counts, mut places) = (HashMap::<&Path, usize>::new(), vec![]);
    for file in files {
        let place = file.as_deref().map(|file| {
            let count = counts.entry(file).or_default();
            *count += 1;
            *count - 1
        });
        places.push(place);
    }
    let of = |file: &Option<PathBuf>| file.as_deref().and_then(|file| counts.get(file).copied());
    files.iter().zip(places).map(|(file, index)| Some(TextPlace { index: index?, of: of(file)? })).collect()
}

fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending))
}

fn stem(path: &Path) -> String {
    normalised(&path.file_stem().unwrap_or_default().to_string_lossy())
}
