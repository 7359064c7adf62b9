//! Which files the text of an item has. A build must know them before it writes any, and without reading the texts again
//! if they are as they were.

use super::{Texts, boxes_path, index_path, lines_path, parts, plain_path, reading_folder, whole_path};
use crate::model::address::SitePath;
use crate::model::site::{SiteItem, SitePage};
use std::collections::BTreeSet;

/// Bytes of text that an item can have to be shown with all of it on its own page.
const SHORT: usize = 50_000;

/// Pages of the item on a reading page.
pub const READING_PAGES: usize = 25;

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The tokens of the pages with words.
    pages: BTreeSet<String>,
    /// The number of parts.
    parts: usize,
    /// The number of pages for readers without script. 0: all text is on the item's own page.
    reading_pages: usize,
}

impl Outline {
    /// The outline of no text.
    pub const fn new() -> Outline {
        Outline { pages: BTreeSet::new(), parts: 0, reading_pages: 0 }
    }

    /// The outline of `texts`.
    pub fn of(item: &SiteItem, texts: &Texts) -> Outline {
        let pages: BTreeSet<String> = super::pages(item, texts).map(|(page, _)| page.token.clone()).collect();
        let bytes: usize = super::pages(item, texts).map(|(_, words)| words.text.plain.len()).sum();
        let reading_pages = if bytes <= SHORT { 0 } else { pages.len().div_ceil(READING_PAGES) };
        Outline { pages, parts: parts::parts(item, texts).len(), reading_pages }
    }

    /// The outline with the most files that the pages of `item` can have.
    pub fn most(item: &SiteItem) -> Outline {
        let pages: BTreeSet<String> = possible(item).map(|page| page.token.clone()).collect();
        Outline { parts: pages.len(), reading_pages: pages.len().div_ceil(READING_PAGES), pages }
    }

    /// The outline of the texts whose files are among `files`, if all of them are.
    pub fn recorded(item: &SiteItem, files: &[String]) -> Outline {
        let files: BTreeSet<&str> = files.iter().map(String::as_str).collect();
        let has = |path: SitePath| files.contains(path.as_str());
        let count = |path: &dyn Fn(usize) -> SitePath| (1..).take_while(|number| has(path(*number))).count();
        let with_words = possible(item).filter(|page| has(plain_path(&item.path, &page.token)));
        let pages = with_words.map(|page| page.token.clone()).collect();
        let parts = count(&|number| lines_path(&item.path, number));
        let reading_pages = count(&|number| reading_folder(&item.path, number).join("index.html"));
        Outline { pages, parts, reading_pages }
    }

    /// Whether the page has words.
    pub fn has(&self, page: &SitePage) -> bool {
        self.pages.contains(&page.token)
    }

    /// Whether `other` has each file of this outline.
    pub fn is_within(&self, other: &Outline) -> bool {
        self.pages.is_subset(&other.pages) && self.parts <= other.parts && self.reading_pages <= other.reading_pages
    }

    /// Whether all text is on the item's own page.
    pub fn is_short(&self) -> bool {
        self.reading_pages == 0
    }

    /// The folders of the pages for readers without script.
    pub fn reading_folders(&self, item: &SitePath) -> impl Iterator<Item = SitePath> {
        (1..=self.reading_pages).map(|number| reading_folder(item, number))
    }

    /// The paths of [`documents`](super::documents).
    pub fn addresses(&self, item: &SitePath) -> Vec<SitePath> {
        let mut all: Vec<SitePath> = self.pages.iter().map(|page| plain_path(item, page)).collect();
        if !self.pages.is_empty() {
            all.extend([whole_path(item), index_path(item)]);
        }
        all.extend((1..=self.parts).flat_map(|part| [lines_path(item, part), boxes_path(item, part)]));
        all
    }
}

/// The pages that can have words.
fn possible(item: &SiteItem) -> impl Iterator<Item = &SitePage> {
    item.pages.iter().filter(|page| page.text.is_some())
}
