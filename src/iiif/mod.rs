//! DESCRIBE: from the site to IIIF documents. Pure: values in, bytes out.

pub mod address;
mod collection;
pub mod html;
pub mod image;
mod manifest;
mod presentation;

use crate::address::{BaseUrl, SitePath};
use crate::site::{SiteCollection, SiteItem};
use serde::Serialize;

/// Media type of Manifests and Collections where the host lets us say it.
pub const PRESENTATION_MEDIA_TYPE: &str =
    "application/ld+json;profile=\"http://iiif.io/api/presentation/3/context.json\"";

/// A file of the site that is not an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub path: SitePath,
    pub bytes: Vec<u8>,
}

/// The documents of a site at `base`, in an order in which none names one that comes after it: info.json, Manifests,
/// Collections from the inside out.
pub fn describe(site: &SiteCollection, base: &BaseUrl) -> Vec<Document> {
    let collections = site.collections();
    let items = collections.iter().flat_map(|(collection, _)| collection.items().map(move |item| (item, *collection)));
    let mut documents = vec![];
    for (item, collection) in items {
        documents.extend(info_documents(item, base));
        documents.push(Document {
            path: address::manifest(&item.path),
            bytes: manifest::manifest_json(item, collection, base),
        });
    }
    for (collection, above) in collections.iter().rev() {
        let mut parts = collection::collection_json(collection, above.last().copied(), base);
        parts.reverse();
        documents.extend(parts.into_iter().map(|(path, bytes)| Document { path, bytes }));
    }
    documents
}

fn info_documents(item: &SiteItem, base: &BaseUrl) -> impl Iterator<Item = Document> {
    let manifest = base.url(&address::manifest(&item.path));
    item.pages.iter().map(move |page| Document {
        path: page.image.site_path().join(image::INFO_JSON),
        bytes: image::info_json(
            &address::image(base, &page.image),
            &page.pyramid,
            image::About {
                formats: page.formats,
                rights: item.description.rights.as_deref(),
                manifest: Some(&manifest),
            },
        ),
    })
}

/// Pretty-printed JSON with a closing newline.
fn to_json(document: &impl Serialize) -> Vec<u8> {
    // Only a map with keys that are no strings can fail, and there is none.
    let mut bytes = serde_json::to_vec_pretty(document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
