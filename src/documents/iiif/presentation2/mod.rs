//! Presentation API 2.1.1 for older clients: each document stands beside the one of version 3.
//!
//! Version 2 cannot express recordings, placeholder and accompanying canvases, annotations on no page, or other orders
//! of the pages. They are left out, and so are items that have only recordings. The properties and patches that a
//! curator writes for a document of version 3 are not applied.
//!
//! The documents are made from the site and not from the JSON of version 3, so that a patch for version 3 is never half
//! applied to them.

mod annotations;
mod canvas;
mod collection;
mod manifest;
mod types;

use super::{Document, Settings, address, has_scan};
use crate::documents::text::{Outline, Texts};
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

/// The paths of [`item_documents`].
pub fn item_addresses(item: &SiteItem, outline: &Outline, older: OlderApis) -> Vec<SitePath> {
    if !older.presentation || !has_scan(item) {
        return vec![];
    }
    let manifest = document_path(&address::manifest(&item.path));
    annotations::addresses(item, outline).into_iter().chain([manifest]).collect()
}

/// The documents of a collection, those of its parts first.
pub fn collection_documents(node: &CollectionNode<'_>, settings: Settings<'_>) -> Vec<Document> {
    match settings.older.presentation {
        true => collection::documents(node.collection, node.parent(), settings.base),
        false => vec![],
    }
}

/// The paths of [`collection_documents`]; `addresses` are those of the documents of version 3.
pub fn collection_addresses(addresses: &[SitePath], older: OlderApis) -> Vec<SitePath> {
    addresses.iter().filter(|_| older.presentation).map(document_path).collect()
}

/// The path of a document in version 2: `manifest.v2.json` for `manifest.json`.
fn document_path(document: &SitePath) -> SitePath {
    let path = document.as_str();
    SitePath::root().join(&format!("{}.v2.json", path.strip_suffix(".json").unwrap_or(path)))
}
