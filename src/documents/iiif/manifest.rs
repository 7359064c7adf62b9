//! An item's Manifest.

use super::address;
use super::annotations::references;
use super::canvas::{accompanying, canvas, placeholder, thumbnail};
use super::collection::whole;
use super::descriptive::{Place, extensions};
use super::json::{Amended, amended};
use super::page_text::{Links, Texts, rendering};
use super::presentation::{Context, Resource};
use super::structures::Canvases;
use crate::model::Range;
use crate::model::address::BaseUrl;
use crate::model::site::{SiteCollection, SiteItem, SitePage};

/// The bytes of the Manifest of `item`, a member of `collection`.
pub fn manifest_json(item: &SiteItem, texts: &Texts, collection: &SiteCollection, base: &BaseUrl) -> Amended {
    let SiteItem { description, pages, companions, .. } = item;
    let place = Place { base, folder: &item.path };
    let id = base.url(&address::manifest(&item.path));
    let canvases = Canvases { item, place };
    let like = item.picture().map(|image| image.pyramid.full);
    let ranges = Range::all(&description.structures).filter_map(|range| range.further.as_deref());
    let described = pages.iter().filter_map(|page| page.description.as_deref()).chain(ranges);
    let described = std::iter::once(description).chain(described);
    let folder = base.url(&item.path);
    let mut descriptive = place.descriptive(description, &folder);
    descriptive.rendering.extend(rendering(item, texts, base));
    let canvas_of = |page: &SitePage| {
        let mut links = Links::of(page, item, texts, base);
        links.annotations.extend(references(item, Some(&page.token), base));
        canvas(page, place, like, links)
    };
    let manifest = Resource {
        context: Context::with_extensions(extensions(described)),
        kind: "Manifest",
        descriptive,
        thumbnail: item.picture().map(|image| thumbnail(image, base)).into_iter().collect(),
        placeholder_canvas: placeholder(Some(description), companions, &folder, place),
        accompanying_canvas: accompanying(Some(description), companions, &folder, place),
        start: canvases.start(),
        part_of: [whole(&collection.path, &collection.description.label, base)]
            .into_iter()
            .chain(place.part_of(description, "Collection"))
            .collect(),
        items: pages.iter().map(canvas_of).collect(),
        structures: canvases.structures(),
        annotations: references(item, None, base),
        id,
    };
    let parts: Vec<_> = pages.iter().map(|page| page.description.as_deref()).collect();
    amended(&manifest, description, &parts)
}
