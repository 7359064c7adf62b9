//! Ranges and the start of a Manifest: the table of contents, other orders of the pages, and where to begin.

use super::address;
use super::canvas::thumbnail;
use super::descriptive::{Place, pairs, with_markup};
use super::presentation::{CanvasPart, Image, PointSelector, Range, RangeItem};
use crate::model::{self, CompanionRole, PageRef};
use crate::site::SiteItem;

/// The canvases of an item by what [`PageRef`]s call them.
pub struct Canvases<'a> {
    pub item: &'a SiteItem,
    pub place: Place<'a>,
}

impl Canvases<'_> {
    /// The Ranges of the item. Pages that are not published are left out, and what is then empty too.
    pub fn structures(&self) -> Vec<Range> {
        self.ranges(&self.item.description.structures, "range")
    }

    fn ranges(&self, ranges: &[model::Range], above: &str) -> Vec<Range> {
        let numbered = ranges.iter().enumerate().map(|(index, range)| (range, format!("{above}/{}", index + 1)));
        numbered.filter_map(|(range, name)| self.range(range, &name)).collect()
    }

    fn range(&self, range: &model::Range, name: &str) -> Option<Range> {
        let pages = range.pages.iter().flat_map(|page| self.parts(page)).map(RangeItem::Canvas);
        let items: Vec<RangeItem> =
            pages.chain(self.ranges(&range.structures, name).into_iter().map(RangeItem::Range)).collect();
        (!items.is_empty()).then(|| Range {
            id: self.place.base.url(&self.item.path.join(name)),
            kind: "Range",
            label: range.label.clone(),
            summary: with_markup(&range.summary),
            metadata: pairs(&range.metadata),
            nav_date: range.nav_date.clone(),
            behavior: range.behavior.0.clone(),
            viewing_direction: range.viewing_direction,
            thumbnail: self.thumbnail(range).into_iter().collect(),
            items,
        })
    }

    fn thumbnail(&self, range: &model::Range) -> Option<Image> {
        let role = CompanionRole::Thumbnail { file: range.thumbnail.clone()? };
        let companion = self.item.companions.iter().find(|companion| companion.role == role)?;
        Some(thumbnail(&companion.image, self.place.base))
    }

    /// The canvases of a page, which are several if its file is a multi-page TIFF; each whole or a part of it.
    fn parts<'a>(&'a self, page: &'a PageRef) -> impl Iterator<Item = CanvasPart> + 'a {
        let fragment = page.parts().1.map(|part| format!("#{part}")).unwrap_or_default();
        self.canvases(page).map(move |id| CanvasPart::Canvas { id: format!("{id}{fragment}"), kind: "Canvas" })
    }

    fn canvases<'a>(&'a self, page: &'a PageRef) -> impl Iterator<Item = String> + 'a {
        self.item.pages_of(page).map(|page| address::canvas(self.place.base, &self.item.path, &page.token))
    }

    /// Where a reader begins; `t=` names a moment.
    pub fn start(&self) -> Option<CanvasPart> {
        let start = self.item.description.start.as_ref()?;
        let part = start.parts().1;
        let canvas = self.canvases(start).next()?;
        let moment = part.and_then(|part| part.strip_prefix("t=")?.parse::<f64>().ok());
        Some(match (moment, part) {
            (Some(t), _) => CanvasPart::Point {
                id: self.place.base.url(&self.item.path.join("start")),
                kind: "SpecificResource",
                source: canvas,
                selector: PointSelector { kind: "PointSelector", t },
            },
            (None, Some(part)) => CanvasPart::Canvas { id: format!("{canvas}#{part}"), kind: "Canvas" },
            (None, None) => CanvasPart::Canvas { id: canvas, kind: "Canvas" },
        })
    }
}
