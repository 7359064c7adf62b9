//! DESCRIBE: makes the IIIF documents of the site. Pure: values in, bytes out.
//!
//! The documents of version 2 are made behind the functions of [`image2`] and `presentation2` that this file calls.

pub mod address;
mod annotations;
mod canvas;
mod collection;
mod descriptive;
pub mod html;
#[cfg(feature = "image2")]
pub mod image2;
pub mod json;
mod manifest;
pub mod media_type;
#[cfg(not(feature = "image2"))]
mod no_image2;
mod presentation;
#[cfg(feature = "image2")]
mod presentation2;
pub mod text;

pub use crate::documents::document::Document;
pub use canvas::recording_format;
#[cfg(not(feature = "image2"))]
pub use no_image2::{image2, presentation2};
pub use presentation::Descriptive;

use crate::documents::info_json::{InfoProperties, info_json};
use crate::documents::text::{Outline, Texts};
use crate::model::address::{BaseUrl, SitePath};
use crate::model::pyramid::Pyramid;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::settings::Granularity;
use crate::model::settings::{Formats, OlderApis};
use crate::model::site::{CollectionNode, SiteCollection, SiteImage, SiteItem, SiteMember};
use crate::model::{Description, ImageId, TextShare};
use crate::storage::fingerprint::{Field, FileStamp, Fingerprint, hashed};
use descriptive::ResourceContext;
use json::Amended;

/// The media type of Manifests and Collections, where the host lets us set it.
pub const PRESENTATION_MEDIA_TYPE: &str =
    "application/ld+json;profile=\"http://iiif.io/api/presentation/3/context.json\"";

/// The settings on which all documents depend.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    pub base: &'a BaseUrl,
    /// Whether the text of pages is annotated by line or by word.
    pub granularity: Granularity,
    /// The APIs that are published in version 2 too.
    pub older: OlderApis,
}

/// The documents of one folder.
#[derive(Debug, Default)]
pub struct Described {
    pub documents: Vec<Document>,
    /// Why a curator's patch could not be applied, if so. The documents are then without it.
    pub refused: Option<String>,
}

/// The documents of an item in `collection`: the info.json of each image, then the annotations and texts, then the
/// Manifest that names them.
pub fn item_documents(
    item: &SiteItem,
    texts: &Texts,
    collection: &SiteCollection,
    settings: Settings<'_>,
) -> Described {
    let Settings { base, granularity, .. } = settings;
    let info_json = |image: &SiteImage| Document {
        path: image.id.site_path().join(INFO_JSON),
        bytes: Service::of(image, item).info_json(base),
    };
    let mut documents: Vec<Document> = item.images().map(info_json).collect();
    documents.extend(image2::item_documents(item, settings));
    documents.extend(annotations::documents(item, base));
    documents.extend(crate::documents::text::documents(item, texts));
    documents.extend(text::documents(item, texts, granularity, base));
    let Amended { bytes, refused } = manifest::manifest_json(item, texts, collection, base);
    documents.push(Document { path: address::manifest(&item.path), bytes });
    documents.extend(presentation2::item_documents(item, texts, collection, settings));
    Described { documents, refused }
}

/// The descriptive properties of the Manifest of `item`.
pub fn described(item: &SiteItem, base: &BaseUrl) -> Descriptive {
    ResourceContext { base, folder: &item.path }.descriptive(&item.description, &base.url(&item.path))
}

/// The paths of [`item_documents`] without info.json, which belongs to the folder of its image. `outline` is that of its
/// texts.
pub fn item_addresses(item: &SiteItem, outline: &Outline, older: OlderApis) -> Vec<SitePath> {
    let mut addresses = outline.addresses(&item.path);
    addresses.extend(annotations::addresses(item).chain(text::addresses(item, outline)));
    addresses.push(address::manifest(&item.path));
    addresses.extend(presentation2::item_addresses(item, outline, older));
    addresses
}

/// The fingerprint of all that [`item_documents`] depends on; `texts` are the stamps of the files with the text of
/// pages.
pub fn item_fingerprint(
    item: &SiteItem,
    texts: &[Option<FileStamp>],
    collection: &SiteCollection,
    settings: Settings<'_>,
) -> Fingerprint {
    let shares: Vec<&TextShare> = item.pages.iter().filter_map(|page| Some(&page.text.as_ref()?.share)).collect();
    let print = Fingerprint::default()
        .with(Field::Description, &item.description)
        .with(Field::Pages, &(&item.pages, &item.companions))
        .with(Field::Annotations, &item.annotations)
        .with(Field::Text, &(texts, shares, settings.granularity))
        .with(Field::Collection, &(&collection.path, &collection.description.label))
        .with(Field::BaseUrl, settings.base.as_str())
        .with(Field::Apis, &settings.older)
        .with(Field::Program, PROGRAM);
    with_pdf(print, item)
}

/// Adds whether the item has a PDF, to the fingerprint of what names it.
pub fn with_pdf(print: Fingerprint, item: &SiteItem) -> Fingerprint {
    if item.pdf.is_some() { print.with(Field::Pdf, &true) } else { print }
}

/// The documents of a collection. The parts of one that has too many members for one document come first.
pub fn collection_documents(node: &CollectionNode<'_>, settings: Settings<'_>) -> Described {
    let (mut documents, mut refused) = (vec![], None);
    let collections = collection::collection_json(node.collection, node.parent(), settings.base);
    for (path, amended) in collections.into_iter().rev() {
        documents.push(Document { path, bytes: amended.bytes });
        refused = refused.or(amended.refused);
    }
    documents.extend(presentation2::collection_documents(node, settings));
    Described { documents, refused }
}

/// The paths of [`collection_documents`].
pub fn collection_addresses(collection: &SiteCollection, older: OlderApis) -> Vec<SitePath> {
    let mut addresses = collection::addresses(collection);
    addresses.extend(presentation2::collection_addresses(&addresses, older));
    addresses
}

/// The fingerprint of all that [`collection_documents`] depends on.
pub fn collection_fingerprint(node: &CollectionNode<'_>, settings: Settings<'_>) -> Fingerprint {
    let members: Vec<u64> = node.collection.members.iter().map(as_listed).collect();
    Fingerprint::default()
        .with(Field::Description, &node.collection.description)
        .with(Field::Members, &members)
        .with(Field::Collection, &node.parent().map(|above| (&above.path, &above.description.label)))
        .with(Field::BaseUrl, settings.base.as_str())
        .with(Field::Apis, &settings.older)
        .with(Field::Program, PROGRAM)
}

/// The hash of all that the list of a collection shows of `member`.
pub fn as_listed(member: &SiteMember) -> u64 {
    let is_item = matches!(member, SiteMember::Item(_));
    let Description { label, alt, nav_date, nav_place, .. } = member.description();
    hashed(&(is_item, member.path(), label, alt, nav_date, nav_place, member.picture(), is_in_version_2(member)))
}

/// Whether version 2 of the Presentation API has a document for the member. It cannot express recordings.
fn is_in_version_2(member: &SiteMember) -> bool {
    match member {
        SiteMember::Collection(_) => true,
        SiteMember::Item(item) => has_scan(item),
    }
}

fn has_scan(item: &SiteItem) -> bool {
    item.pages.iter().any(|page| page.image.is_some())
}

/// Another version of the program may write other documents.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// An image of an item, with all that its info.json depends on.
pub struct Service<'a> {
    pub image: &'a ImageId,
    pub pyramid: &'a Pyramid,
    pub formats: Formats,
    pub rights: Option<&'a str>,
    /// The folder of its item.
    pub item: &'a SitePath,
}

impl<'a> Service<'a> {
    /// The service of an image of `item`.
    pub fn of(image: &'a SiteImage, item: &'a SiteItem) -> Service<'a> {
        let SiteImage { id, pyramid, formats, .. } = image;
        let rights = item.description.rights.as_deref();
        Service { image: id, pyramid, formats: *formats, rights, item: &item.path }
    }

    /// The bytes of its info.json.
    pub fn info_json(&self, base: &BaseUrl) -> Vec<u8> {
        let manifest = base.url(&address::manifest(self.item));
        let properties = InfoProperties { formats: self.formats, rights: self.rights, manifest: Some(&manifest) };
        info_json(&address::image(base, self.image), self.pyramid, properties)
    }
}
