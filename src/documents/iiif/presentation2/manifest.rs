//! An item's Manifest in version 2 (section 5.1).

use super::super::address;
use super::super::descriptive::Place;
use super::super::json::to_json;
use super::super::page_text::{Links, Texts, rendering};
use super::super::structures::Canvases;
use super::canvas::{canvas, thumbnail};
use super::descriptive::{Kind, older};
use super::is_canvas;
use super::structures::ranges;
use super::types::{CONTEXT, Manifest, Sequence};
use crate::model::address::BaseUrl;
use crate::model::geometry::Size;
use crate::model::site::{SiteCollection, SiteItem, SitePage};

/// The bytes of the Manifest of `item`, a member of `collection`.
pub fn manifest_json(item: &SiteItem, texts: &Texts, collection: &SiteCollection, base: &BaseUrl) -> Vec<u8> {
    let place = Place { base, folder: &item.path };
    let folder = base.url(&item.path);
    let mut full = place.descriptive(&item.description, &folder);
    full.rendering.extend(rendering(item, texts, base));
    let images = item.pages.iter().filter_map(|page| page.image.as_ref());
    let like = images.map(|image| image.pyramid.full).next().unwrap_or(Size::new(1, 1));
    let canvas_of = |page: &SitePage| canvas(page, item, place, like, Links::of(page, item, texts, base));
    let pages = || item.pages.iter().filter(|page| is_canvas(page));
    let start = item.description.start.iter().flat_map(|start| item.pages_of(start)).find(|page| is_canvas(page));
    let structures = Canvases { item, place }.structures();
    to_json(&Manifest {
        context: CONTEXT,
        id: base.url(&address::older(&address::manifest(&item.path))),
        kind: "sc:Manifest",
        descriptive: older(full, Kind::Manifest),
        thumbnail: item.picture().map(|image| thumbnail(image, base)),
        within: base.url(&address::older(&address::collection(&collection.path))),
        sequences: [Sequence {
            id: format!("{folder}/sequence/normal"),
            kind: "sc:Sequence",
            start_canvas: start.map(|page| address::canvas(base, &item.path, &page.token)),
            canvases: pages().map(canvas_of).collect(),
        }],
        structures: ranges(structures, item, base),
    })
}
