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
use super::{Document, Settings, address};
use crate::model::address::{BaseUrl, SitePath};
use crate::model::site::{CollectionNode, SiteCollection, SiteItem, SiteMember, SitePage};

/// Whether a page is a canvas in version 2: one that shows a picture, or nothing.
fn is_canvas(page: &SitePage) -> bool {
    page.image.is_some() || page.recordings.is_empty()
}

/// Whether there is a document of a member in version 2.
pub fn is_shown(member: &SiteMember) -> bool {
    match member {
        SiteMember::Collection(_) => true,
        SiteMember::Item(item) => has_manifest(item),
    }
}

fn has_manifest(item: &SiteItem) -> bool {
    item.pages.iter().any(|page| page.image.is_some())
}

/// The documents of an item in `collection`: AnnotationLists, then the Manifest that names them.
pub fn item_documents(
    item: &SiteItem,
    texts: &Texts,
    collection: &SiteCollection,
    settings: Settings<'_>,
) -> Vec<Document> {
    if !has_manifest(item) {
        return vec![];
    }
    let Settings { base, granularity, .. } = settings;
    let mut documents = annotations::documents(item, texts, granularity, base);
    let bytes = manifest::manifest_json(item, texts, collection, base);
    documents.push(Document { path: address::older(&address::manifest(&item.path)), bytes });
    documents
}

/// Where [`item_documents`] are.
pub fn item_addresses(item: &SiteItem) -> Vec<SitePath> {
    if !has_manifest(item) {
        return vec![];
    }
    let manifest = address::older(&address::manifest(&item.path));
    annotations::addresses(item).into_iter().chain([manifest]).collect()
}

/// The documents of a collection: parts first where it has too many members for one.
pub fn collection_documents(node: &CollectionNode<'_>, base: &BaseUrl) -> Vec<Document> {
    collection::documents(node.collection, node.parent(), base)
}
