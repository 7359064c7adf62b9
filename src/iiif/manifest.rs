//! An item's Manifest.

use super::address;
use super::image::FULL_MAX;
use super::presentation::{
    Annotation, AnnotationPage, CONTEXT, Canvas, Descriptive, Image, ImageService, Reference, Resource,
};
use crate::address::BaseUrl;
use crate::site::{SiteCollection, SiteItem, SitePage};

/// The bytes of the Manifest of `item`, a member of `collection`.
pub fn manifest_json(item: &SiteItem, collection: &SiteCollection, base: &BaseUrl) -> Vec<u8> {
    super::to_json(&Resource {
        context: CONTEXT,
        id: base.url(&address::manifest(&item.path)),
        kind: "Manifest",
        descriptive: Descriptive::from(&item.description),
        thumbnail: item.pages.first().map(|page| thumbnail(page, base)).into_iter().collect(),
        part_of: vec![Reference {
            id: base.url(&address::collection(&collection.path)),
            kind: "Collection",
            label: collection.description.label.clone(),
            thumbnail: vec![],
        }],
        items: item.pages.iter().map(|page| canvas(page, item, base)).collect(),
    })
}

fn canvas(page: &SitePage, item: &SiteItem, base: &BaseUrl) -> Canvas {
    let id = address::canvas(base, &item.path, page);
    let service = address::image(base, &page.image);
    let painted = page.pyramid.max_size();
    Canvas {
        kind: "Canvas",
        label: page.label.clone(),
        height: page.pyramid.full.height,
        width: page.pyramid.full.width,
        thumbnail: vec![thumbnail(page, base)],
        items: [AnnotationPage {
            id: format!("{id}/page"),
            kind: "AnnotationPage",
            items: [Annotation {
                id: format!("{id}/image"),
                kind: "Annotation",
                motivation: "painting",
                body: Image {
                    id: format!("{service}/{FULL_MAX}"),
                    kind: "Image",
                    format: "image/jpeg",
                    width: painted.width,
                    height: painted.height,
                    service: vec![ImageService { id: service, kind: "ImageService3", profile: "level0" }],
                },
                target: id.clone(),
            }],
        }],
        id,
    }
}

/// A published file of at least 200 pixels width where there is one.
pub fn thumbnail(page: &SitePage, base: &BaseUrl) -> Image {
    let size = page.pyramid.thumbnail();
    Image {
        id: base.url(&address::published(page, size)),
        kind: "Image",
        format: "image/jpeg",
        width: size.width,
        height: size.height,
        service: vec![],
    }
}
