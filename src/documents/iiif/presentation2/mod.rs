//! Presentation API 2.1.1 for older clients: each document beside the one of version 3, made of the same site.
//!
//! What version 2 has no word for is left out: recordings, and with them items that are nothing else; what stands for an
//! item while it loads; annotations on no page; other orders of the pages. So is what a curator adds to, or patches in,
//! a document of version 3.

mod annotations;
mod canvas;
mod collection;
mod manifest;
mod types;

use super::text::Texts;
use super::{Document, Settings, address, has_scan};
use crate::model::address::SitePath;
use crate::model::settings::OlderApis;
use crate::model::site::{CollectionNode, SiteCollection, SiteItem, SitePage};

/// Whether a page is a canvas in version 2: one that shows a picture, or nothing.
fn is_canvas(page: &SitePage) -> bool {
    page.image.is_some() || page.recordings.is_empty()
}

/// The documents of an item in `collection`: AnnotationLists, then the Manifest that names them.
pub fn item_documents(
    item: &SiteItem,
    texts: &Texts,
    collection: &SiteCollection,
    settings: Settings<'_>,
) -> Vec<Document> {
    let Settings { base, granularity, older } = settings;
    if !older.presentation || !has_scan(item) {
        return vec![];
    }
    let mut documents = annotations::documents(item, texts, granularity, base);
    let bytes = manifest::manifest_json(item, texts, collection, base);
    documents.push(Document { path: document_path(&address::manifest(&item.path)), bytes });
    documents
}

/// Where [`item_documents`] are.
pub fn item_addresses(item: &SiteItem, older: OlderApis) -> Vec<SitePath> {
    if !older.presentation || !has_scan(item) {
        return vec![];
    }
    let manifest = document_path(&address::manifest(&item.path));
    annotations::addresses(item).into_iter().chain([manifest]).collect()
}

/// The documents of a collection: parts first where it has too many members for one.
pub fn collection_documents(node: &CollectionNode<'_>, settings: Settings<'_>) -> Vec<Document> {
    match settings.older.presentation {
        true => collection::documents(node.collection, node.parent(), settings.base),
        false => vec![],
    }
}

/// Where the documents of version 2 are that stand beside those of a collection at `addresses`.
pub fn collection_addresses(addresses: &[SitePath], older: OlderApis) -> Vec<SitePath> {
    addresses.iter().filter(|_| older.presentation).map(document_path).collect()
}

/// Where a document is in version 2: `manifest.json` as `manifest.v2.json`.
fn document_path(document: &SitePath) -> SitePath {
    let path = document.as_str();
    SitePath::root().join(&format!("{}.v2.json", path.strip_suffix(".json").unwrap_or(path)))
}
