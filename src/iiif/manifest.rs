//! An item's Manifest.

use super::address;
use super::amendments::{Amended, amended};
use super::annotations::references;
use super::canvas::{beside, canvas, thumbnail};
use super::descriptive::{Place, extensions};
use super::presentation::{Context, Reference, Resource};
use super::structures::Canvases;
use crate::address::BaseUrl;
use crate::model::CompanionRole;
use crate::site::{SiteCollection, SiteItem};

/// The bytes of the Manifest of `item`, a member of `collection`.
pub fn manifest_json(item: &SiteItem, collection: &SiteCollection, base: &BaseUrl) -> Amended {
    let SiteItem { description, pages, companions, .. } = item;
    let place = Place { base, folder: &item.path };
    let id = base.url(&address::manifest(&item.path));
    let canvases = Canvases { item, place };
    let like = item.picture().map(|image| image.pyramid.full);
    let described = std::iter::once(description).chain(pages.iter().filter_map(|page| page.description.as_deref()));
    let folder = base.url(&item.path);
    let manifest = Resource {
        context: Context::with_extensions(extensions(described)),
        kind: "Manifest",
        descriptive: place.descriptive(description, &folder),
        thumbnail: item.picture().map(|image| thumbnail(image, base)).into_iter().collect(),
        placeholder_canvas: beside(companions, &CompanionRole::Placeholder, &folder, place),
        accompanying_canvas: beside(companions, &CompanionRole::Accompanying, &folder, place),
        start: canvases.start(),
        part_of: vec![Reference {
            id: base.url(&address::collection(&collection.path)),
            kind: "Collection",
            label: collection.description.label.clone(),
            thumbnail: vec![],
            nav_date: None,
            nav_place: None,
        }],
        items: pages.iter().map(|page| canvas(page, place, like, references(item, Some(&page.token), base))).collect(),
        structures: canvases.structures(),
        annotations: references(item, None, base),
        id,
    };
    let parts: Vec<_> = pages.iter().map(|page| page.description.as_deref()).collect();
    amended(&manifest, description, &parts)
}
