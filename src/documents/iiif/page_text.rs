//! The documents that the text of an item's pages becomes: an AnnotationPage and plain text for each page, one plain text
//! for the item. Links to them stand on canvases and in the Manifest.

use super::presentation::{AnnotationPageReference, External};
use super::text::{annotation_page_json, text_label};
use super::{Document, address};
use crate::input::text::{CanvasText, Format, item_plain};
use crate::model::LanguageMap;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::settings::Granularity;
use crate::model::site::{SiteItem, SitePage};
use std::collections::BTreeMap;

/// The text of a page, and what its file is written in.
pub struct PageWords {
    pub text: CanvasText,
    pub format: Format,
}

/// What could be read of an item, by page token.
pub type Texts = BTreeMap<String, PageWords>;

/// The pages that have a text.
fn pages(item: &SiteItem) -> impl Iterator<Item = &SitePage> {
    item.pages.iter().filter(|page| page.text.is_some())
}

fn annotations(item: &SitePath, page: &str) -> SitePath {
    item.join(&format!("annotations/{page}.json"))
}

fn plain(item: &SitePath, page: &str) -> SitePath {
    item.join(&format!("text/{page}.txt"))
}

fn whole(item: &SitePath) -> SitePath {
    item.join("text.txt")
}

pub fn addresses(item: &SiteItem) -> Vec<SitePath> {
    let of_page = |page: &SitePage| [annotations(&item.path, &page.token), plain(&item.path, &page.token)];
    let mut all: Vec<SitePath> = pages(item).flat_map(of_page).collect();
    if !all.is_empty() {
        all.push(whole(&item.path));
    }
    all
}

/// Those of a page without a word are written too, but nothing links to them.
pub fn documents(item: &SiteItem, texts: &Texts, granularity: Granularity, base: &BaseUrl) -> Vec<Document> {
    let read = || pages(item).filter_map(|page| Some((page, texts.get(&page.token)?)));
    let mut documents = vec![];
    for (page, words) in read() {
        let path = annotations(&item.path, &page.token);
        let canvas = address::canvas(base, &item.path, &page.token);
        let bytes = annotation_page_json(&words.text, granularity, &base.url(&path), &canvas);
        documents.push(Document { path, bytes });
        let bytes = words.text.plain.clone().into_bytes();
        documents.push(Document { path: plain(&item.path, &page.token), bytes });
    }
    if !documents.is_empty() {
        let text = item_plain(read().map(|(_, words)| words.text.plain.as_str()));
        documents.push(Document { path: whole(&item.path), bytes: text.into_bytes() });
    }
    documents
}

/// What a canvas says of the text of its page.
#[derive(Default)]
pub struct Links {
    pub annotations: Vec<AnnotationPageReference>,
    pub see_also: Vec<External>,
    pub rendering: Vec<External>,
}

impl Links {
    pub fn of(page: &SitePage, item: &SiteItem, texts: &Texts, base: &BaseUrl) -> Links {
        let Some(words) = texts.get(&page.token).filter(|words| !words.text.plain.is_empty()) else {
            return Links::default();
        };
        let id = base.url(&annotations(&item.path, &page.token));
        Links {
            annotations: vec![AnnotationPageReference { id, kind: "AnnotationPage" }],
            see_also: page.published_text(&item.path).iter().map(|file| original(file, words.format, base)).collect(),
            rendering: vec![text_file(&plain(&item.path, &page.token), text_label(), base)],
        }
    }
}

/// The text of the whole item, for the Manifest.
pub fn rendering(item: &SiteItem, texts: &Texts, base: &BaseUrl) -> Option<External> {
    let has_words = texts.values().any(|words| !words.text.plain.is_empty());
    has_words.then(|| text_file(&whole(&item.path), LanguageMap::plain("Full text").in_language("en"), base))
}

fn text_file(path: &SitePath, label: LanguageMap, base: &BaseUrl) -> External {
    let format = Some("text/plain".to_owned());
    External { format, ..External::new(base.url(path), "Text", label) }
}

fn original(file: &SitePath, format: Format, base: &BaseUrl) -> External {
    External {
        format: Some(format.media_type().to_owned()),
        profile: format.profile().map(str::to_owned),
        ..External::new(base.url(file), "Dataset", LanguageMap::plain(format.name()))
    }
}
