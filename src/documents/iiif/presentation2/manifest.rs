//! An item's Manifest in version 2 (section 5.1). Its Ranges are one flat list, in which a Range names those within it
//! (section 5.6).

use super::super::address;
use super::super::descriptive::ResourceContext;
use super::super::manifest::{Canvases, pdf};
use super::super::presentation::{self, CanvasPart, RangeItem};
use super::super::text::{Links, rendering};
use super::canvas::{canvas, thumbnail};
use super::types::{CONTEXT, Descriptive, Image, Kind, Manifest, Range, Sequence, Several, in_version_2};
use super::{document_path, is_canvas};
use crate::documents::json::to_json;
use crate::documents::text::Texts;
use crate::model::Behavior;
use crate::model::address::BaseUrl;
use crate::model::geometry::Size;
use crate::model::site::{SiteCollection, SiteItem, SitePage};
use std::collections::BTreeSet;

/// The bytes of the Manifest of `item`, a member of `collection`.
pub fn manifest_json(item: &SiteItem, texts: &Texts, collection: &SiteCollection, base: &BaseUrl) -> Vec<u8> {
    let context = ResourceContext { base, folder: &item.path };
    let folder = base.url(&item.path);
    let mut full = context.descriptive(&item.description, &folder);
    full.rendering.extend(pdf(item, base));
    full.rendering.extend(rendering(item, texts, base));
    let images = item.pages.iter().filter_map(|page| page.image.as_ref());
    let like = images.map(|image| image.pyramid.full).next().unwrap_or(Size::new(1, 1));
    let canvas_of = |page: &SitePage| canvas(page, item, context, like, Links::of(page, item, texts, base));
    let pages = || item.pages.iter().filter(|page| is_canvas(page));
    let start = item.description.start.iter().flat_map(|start| item.pages_of(start)).find(|page| is_canvas(page));
    let structures = Canvases::of(item, context).structures();
    to_json(&Manifest {
        context: CONTEXT,
        id: base.url(&document_path(&address::manifest(&item.path))),
        kind: "sc:Manifest",
        descriptive: in_version_2(full, Kind::Manifest),
        thumbnail: item.picture().map(|image| thumbnail(image, base)),
        within: base.url(&document_path(&address::collection(&collection.path))),
        sequences: [Sequence {
            id: format!("{folder}/sequence/normal"),
            kind: "sc:Sequence",
            start_canvas: start.map(|page| address::canvas(base, &item.path, &page.token)),
            canvases: pages().map(canvas_of).collect(),
        }],
        structures: ranges(structures, item, base),
    })
}

/// The Ranges of `item` without those that are not part of a table of contents, and without those that have no canvas.
/// If there are several at the top, one more Range holds them: clients list its parts.
pub fn ranges(tree: Vec<RangeItem>, item: &SiteItem, base: &BaseUrl) -> Vec<Range> {
    let shown = item.pages.iter().filter(|page| is_canvas(page));
    let canvases = shown.map(|page| address::canvas(base, &item.path, &page.token)).collect();
    let mut flat = Flat { canvases, ranges: vec![] };
    let tops: Vec<String> = tree
        .into_iter()
        .filter_map(|item| match item {
            RangeItem::Range(amended) => flat.add(amended.range),
            RangeItem::Canvas(_) => None,
        })
        .collect();
    let mut ranges = flat.ranges;
    match (&tops[..], ranges.first_mut()) {
        ([], _) | (_, None) => {}
        ([_], Some(only)) if !only.ranges.is_empty() => only.descriptive.viewing_hint = Some("top"),
        _ => ranges.insert(
            0,
            Range {
                id: format!("{}/range", base.url(&item.path)),
                kind: "sc:Range",
                descriptive: Descriptive {
                    label: Several::of(&item.description.label),
                    viewing_hint: Some("top"),
                    ..Descriptive::default()
                },
                thumbnail: None,
                ranges: tops,
                canvases: vec![],
            },
        ),
    }
    ranges
}

/// The image of version 2 without a service.
fn plain(image: presentation::Image) -> Image {
    let presentation::Image { id, label, format, height, width, .. } = image;
    Image { id, kind: "dctypes:Image", label: Several::of(&label), format, height, width, service: None }
}

/// The flat list of Ranges, each before those within it.
struct Flat {
    canvases: BTreeSet<String>,
    ranges: Vec<Range>,
}

impl Flat {
    /// Adds a range and those within it; returns its id unless it is left out.
    fn add(&mut self, range: presentation::Range) -> Option<String> {
        let presentation::Range { id, descriptive, thumbnail, items, .. } = range;
        if descriptive.behavior.iter().any(|behavior| matches!(behavior, Behavior::NoNav | Behavior::Sequence)) {
            return None;
        }
        let at = self.ranges.len();
        self.ranges.push(Range {
            id: id.clone(),
            kind: "sc:Range",
            descriptive: in_version_2(descriptive, Kind::Range),
            thumbnail: thumbnail.into_iter().next().map(plain),
            ranges: vec![],
            canvases: vec![],
        });
        for item in items {
            match item {
                RangeItem::Canvas(CanvasPart::Canvas { id, .. }) if self.has(&id) => self.ranges[at].canvases.push(id),
                RangeItem::Canvas(_) => {}
                RangeItem::Range(amended) => {
                    let inner = self.add(amended.range);
                    self.ranges[at].ranges.extend(inner);
                }
            }
        }
        if self.ranges[at].canvases.is_empty() && self.ranges[at].ranges.is_empty() {
            self.ranges.truncate(at);
            return None;
        }
        Some(id)
    }

    /// Whether the canvas is published in version 2; its id may end in a fragment.
    fn has(&self, canvas: &str) -> bool {
        self.canvases.contains(canvas.split('#').next().unwrap_or(canvas))
    }
}
