//! The text of an item: what was read of its pages, and the files that it is published in, which `docs/text.md` describes.
//! Annotations, plain text, the parts and the HTML all come from [`Texts`].

mod boxes;
mod fold;
mod outline;
mod parts;

pub use fold::fold;
pub use outline::{Outline, READING_PAGES};

use super::document::Document;
use crate::input::text::{CanvasText, Format, item_plain};
use crate::model::LanguageMap;
use crate::model::address::SitePath;
use crate::model::site::{SiteItem, SitePage};
use std::collections::BTreeMap;

/// The text of a page, and the format of its file.
pub struct PageWords {
    pub text: CanvasText,
    pub format: Format,
}

/// The texts of an item, by page token. A page without words has none.
pub type Texts = BTreeMap<String, PageWords>;

/// The outlines of the items that have texts, by their folders.
pub type Outlines = BTreeMap<SitePath, Outline>;

/// The label of the text of a page in clients.
pub fn text_label() -> LanguageMap {
    LanguageMap::plain("Text of this page").in_language("en")
}

/// The pages of `item` that have a text, in order.
pub fn pages<'a>(item: &'a SiteItem, texts: &'a Texts) -> impl Iterator<Item = (&'a SitePage, &'a PageWords)> {
    item.pages.iter().filter_map(|page| Some((page, texts.get(&page.token)?)))
}

/// The plain text of the page `page`.
pub fn plain_path(item: &SitePath, page: &str) -> SitePath {
    item.join(&format!("text/{page}.txt"))
}

/// The plain text of the whole item.
pub fn whole_path(item: &SitePath) -> SitePath {
    item.join("text.txt")
}

/// The folder of the first reading page, and with a number those of the others.
pub fn reading_folder(item: &SitePath, number: usize) -> SitePath {
    match number {
        1 => item.join("text"),
        _ => item.join(&format!("text/{number}")),
    }
}

fn index_path(item: &SitePath) -> SitePath {
    item.join("text/index.json")
}

fn lines_path(item: &SitePath, part: usize) -> SitePath {
    item.join(&format!("text/{part}.json"))
}

fn boxes_path(item: &SitePath, part: usize) -> SitePath {
    item.join(&format!("text/{part}.boxes.json"))
}

/// The part in which the text of each page begins, counted from 1, by page token.
pub fn first_parts<'a>(item: &'a SiteItem, texts: &'a Texts) -> BTreeMap<&'a str, usize> {
    let mut first = BTreeMap::new();
    for (index, part) in parts::parts(item, texts).iter().enumerate() {
        for piece in part {
            first.entry(piece.page.token.as_str()).or_insert(index + 1);
        }
    }
    first
}

/// The plain texts of the pages and of the item, and the parts. None for an item without words.
pub fn documents(item: &SiteItem, texts: &Texts) -> Vec<Document> {
    if texts.is_empty() {
        return vec![];
    }
    let plain = |(page, words): (&SitePage, &PageWords)| Document {
        path: plain_path(&item.path, &page.token),
        bytes: words.text.plain.clone().into_bytes(),
    };
    let mut documents: Vec<Document> = pages(item, texts).map(plain).collect();
    let whole = item_plain(pages(item, texts).map(|(_, words)| words.text.plain.as_str()));
    documents.push(Document { path: whole_path(&item.path), bytes: whole.into_bytes() });
    documents.extend(parts::documents(item, texts));
    documents
}
