//! DESCRIBE: from the site to IIIF documents. Pure: values in, bytes out.

pub mod address;
mod collection;
pub mod html;
pub mod image;
mod manifest;
mod presentation;
pub mod text;

use crate::address::{BaseUrl, SitePath};
use crate::fingerprint::{Field, Fingerprint, hashed};
use crate::model::ImageId;
use crate::pyramid::Pyramid;
use crate::settings::Formats;
use crate::site::{Shelf, SiteCollection, SiteItem, SiteMember, SitePage};
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

/// The documents of an item in `collection`: the info.json of each page, then the Manifest that names them.
pub fn item_documents(item: &SiteItem, collection: &SiteCollection, base: &BaseUrl) -> Vec<Document> {
    let info_json = |page: &SitePage| {
        let (image, pyramid, formats) = (&page.image, &page.pyramid, page.formats);
        let rights = item.description.rights.as_deref();
        let bytes = Service { image, pyramid, formats, rights, item: &item.path }.info_json(base);
        Document { path: page.image.site_path().join(image::INFO_JSON), bytes }
    };
    let mut documents: Vec<Document> = item.pages.iter().map(info_json).collect();
    let bytes = manifest::manifest_json(item, collection, base);
    documents.push(Document { path: address::manifest(&item.path), bytes });
    documents
}

/// What [`item_documents`] depends on.
pub fn item_fingerprint(item: &SiteItem, collection: &SiteCollection, base: &BaseUrl) -> Fingerprint {
    Fingerprint::default()
        .with(Field::Description, &item.description)
        .with(Field::Pages, &item.pages)
        .with(Field::Collection, &(&collection.path, &collection.description.label))
        .with(Field::BaseUrl, base.as_str())
        .with(Field::Program, PROGRAM)
}

/// The documents of a collection: parts first where it has too many members for one.
pub fn collection_documents(shelf: &Shelf<'_>, base: &BaseUrl) -> Vec<Document> {
    let documents = collection::collection_json(shelf.collection, shelf.parent(), base);
    documents.into_iter().rev().map(|(path, bytes)| Document { path, bytes }).collect()
}

/// Where [`collection_documents`] are.
pub fn collection_addresses(collection: &SiteCollection) -> Vec<SitePath> {
    collection::addresses(collection)
}

/// What [`collection_documents`] depends on.
pub fn collection_fingerprint(shelf: &Shelf<'_>, base: &BaseUrl) -> Fingerprint {
    let members: Vec<u64> = shelf.collection.members.iter().map(as_listed).collect();
    Fingerprint::default()
        .with(Field::Description, &shelf.collection.description)
        .with(Field::Members, &members)
        .with(Field::Collection, &shelf.parent().map(|above| (&above.path, &above.description.label)))
        .with(Field::BaseUrl, base.as_str())
        .with(Field::Program, PROGRAM)
}

/// The hash of what a list shows of a member.
pub fn as_listed(member: &SiteMember) -> u64 {
    let is_item = matches!(member, SiteMember::Item(_));
    hashed(&(is_item, member.path(), &member.description().label, member.first_page()))
}

/// Documents of another version may say other things.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// An image of an item, as its info.json speaks of it.
pub struct Service<'a> {
    pub image: &'a ImageId,
    pub pyramid: &'a Pyramid,
    pub formats: Formats,
    pub rights: Option<&'a str>,
    /// The folder of its item.
    pub item: &'a SitePath,
}

impl Service<'_> {
    pub fn info_json(&self, base: &BaseUrl) -> Vec<u8> {
        let manifest = base.url(&address::manifest(self.item));
        let about = image::About { formats: self.formats, rights: self.rights, manifest: Some(&manifest) };
        image::info_json(&address::image(base, self.image), self.pyramid, about)
    }
}

/// Pretty-printed JSON with a closing newline.
fn to_json(document: &impl Serialize) -> Vec<u8> {
    // Only a map with keys that are no strings can fail, and there is none.
    let mut bytes = serde_json::to_vec_pretty(document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
