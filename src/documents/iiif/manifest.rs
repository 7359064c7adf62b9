//! An item's Manifest, with its Ranges: the table of contents, other orders of the pages, and the first page to show.

use super::address;
use super::annotations::{collection_reference, references};
use super::canvas::{canvas, companion_canvas, showing, thumbnail};
use super::collection::whole;
use super::descriptive::{ResourceContext, extensions};
use super::json::{Amended, amended, with_extra};
use super::presentation::{
    AmendedRange, CanvasPart, Context, Descriptive, External, PointSelector, Range, RangeItem, Resource,
};
use super::text::{Links, rendering};
use crate::documents::text::Texts;
use crate::model::address::BaseUrl;
use crate::model::site::{PageIndex, SiteCollection, SiteCompanion, SiteImage, SiteItem, SitePage};
use crate::model::{self, CompanionRole, LabelledFile, LanguageMap, PageRef};
use std::collections::HashMap;

/// The bytes of the Manifest of `item`, a member of `collection`.
pub fn manifest_json(item: &SiteItem, texts: &Texts, collection: &SiteCollection, base: &BaseUrl) -> Amended {
    let SiteItem { description, pages, companions, .. } = item;
    let context = ResourceContext { base, folder: &item.path };
    let id = base.url(&address::manifest(&item.path));
    let canvases = Canvases::of(item, context);
    let like = item.picture().map(|image| image.pyramid.full);
    let ranges = model::Range::all(&description.structures).filter_map(|range| range.further.as_deref());
    let described = pages.iter().filter_map(|page| page.description.as_deref()).chain(ranges);
    let described = std::iter::once(description).chain(described);
    let folder = base.url(&item.path);
    let mut descriptive = context.descriptive(description, &folder);
    descriptive.rendering.extend(pdf(item, base));
    descriptive.rendering.extend(rendering(item, texts, base));
    let companion = |role: &CompanionRole| companion_canvas(role, companions, Some(description), &folder, context);
    let canvas_of = |page: &SitePage| {
        let mut links = Links::of(page, item, texts, base);
        links.annotations.extend(references(item, Some(&page.token), base));
        canvas(page, context, like, links)
    };
    let manifest = Resource {
        context: Context::with_extensions(extensions(described)),
        kind: "Manifest",
        descriptive,
        thumbnail: item.picture().map(|image| thumbnail(image, base)).into_iter().collect(),
        placeholder_canvas: companion(&CompanionRole::Placeholder),
        accompanying_canvas: companion(&CompanionRole::Accompanying),
        start: canvases.start(),
        part_of: [whole(&collection.path, &collection.description.label, base)]
            .into_iter()
            .chain(context.part_of(description, "Collection"))
            .collect(),
        items: pages.iter().map(canvas_of).collect(),
        structures: canvases.structures(),
        annotations: references(item, None, base),
        id,
    };
    let parts: Vec<_> = pages.iter().map(|page| page.description.as_deref()).collect();
    amended(&manifest, description, &parts)
}

/// The link to the PDF that is made of the item.
pub fn pdf(item: &SiteItem, base: &BaseUrl) -> Option<External> {
    let id = base.url(&item.pdf_path()?);
    let format = Some("application/pdf".to_owned());
    Some(External { format, ..External::new(id, "Text", LanguageMap::plain("PDF")) })
}

/// Finds the canvases of an item that [`PageRef`]s name.
pub struct Canvases<'a> {
    item: &'a SiteItem,
    context: ResourceContext<'a>,
    pages: PageIndex<'a>,
    /// The images that ranges name.
    pictures: HashMap<&'a str, &'a SiteImage>,
}

impl<'a> Canvases<'a> {
    pub fn of(item: &'a SiteItem, context: ResourceContext<'a>) -> Canvases<'a> {
        let picture = |companion: &'a SiteCompanion| match &companion.role {
            CompanionRole::Picture { file } => Some((file.as_str(), &companion.image)),
            _ => None,
        };
        // The first of a name stays.
        let pictures = item.companions.iter().rev().filter_map(picture).collect();
        Canvases { item, context, pages: PageIndex::of(item), pictures }
    }

    /// The Ranges of the item. Pages that are not published are left out, and so are Ranges that are then empty.
    pub fn structures(&self) -> Vec<RangeItem> {
        self.ranges(&self.item.description.structures, "range")
    }

    fn ranges(&self, ranges: &[model::Range], above: &str) -> Vec<RangeItem> {
        let numbered = ranges.iter().enumerate().map(|(index, range)| (range, format!("{above}/{}", index + 1)));
        numbered.filter_map(|(range, name)| self.range(range, &name)).collect()
    }

    fn range(&self, range: &model::Range, name: &str) -> Option<RangeItem> {
        let pages = range.pages.iter().flat_map(|page| self.parts(page)).map(RangeItem::Canvas);
        let items: Vec<RangeItem> = pages.chain(self.ranges(&range.structures, name)).collect();
        if items.is_empty() {
            return None;
        }
        let id = self.context.base.url(&self.item.path.join(name));
        let further = range.further.as_deref();
        let described = further.map(|further| self.context.descriptive(further, &id)).unwrap_or_default();
        let beside = |named: Option<&LabelledFile>, name: &str| {
            let image = self.image(&named?.file)?;
            Some(showing(image, named, format!("{id}/{name}"), self.context))
        };
        let range = Range {
            kind: "Range",
            descriptive: Descriptive { label: range.label.clone(), ..described },
            thumbnail: range
                .thumbnail
                .iter()
                .filter_map(|file| self.image(file))
                .map(|image| thumbnail(image, self.context.base))
                .collect(),
            placeholder_canvas: beside(further.and_then(|further| further.placeholder.as_ref()), "placeholder"),
            accompanying_canvas: beside(further.and_then(|further| further.accompanying.as_ref()), "accompanying"),
            start: further.and_then(|further| self.canvas_part(further.start.as_ref()?, || format!("{id}/start"))),
            supplementary: range
                .supplementary
                .as_ref()
                .and_then(|file| collection_reference(self.item, file, self.context.base)),
            part_of: further.map(|further| self.context.part_of(further, "Manifest")).unwrap_or_default(),
            items,
            id,
        };
        let amending = further.filter(|further| !further.extra.is_empty());
        let json = amending.map(|further| with_extra(&range, further));
        Some(RangeItem::Range(Box::new(AmendedRange { range, json })))
    }

    /// The image of the file `file` that a range names.
    fn image(&self, file: &str) -> Option<&SiteImage> {
        self.pictures.get(file).copied()
    }

    /// The canvases of a page, or the named part of each. A multi-page TIFF has several.
    fn parts(&self, page: &PageRef) -> impl Iterator<Item = CanvasPart> {
        let fragment = page.parts().1.map(|part| format!("#{part}")).unwrap_or_default();
        self.canvases(page).map(move |id| CanvasPart::Canvas { id: format!("{id}{fragment}"), kind: "Canvas" })
    }

    fn canvases(&self, page: &PageRef) -> impl Iterator<Item = String> {
        self.pages.pages_of(page).map(|page| address::canvas(self.context.base, &self.item.path, &page.token))
    }

    /// The canvas to open first.
    pub fn start(&self) -> Option<CanvasPart> {
        let id = || self.context.base.url(&self.item.path.join("start"));
        self.canvas_part(self.item.description.start.as_ref()?, id)
    }

    /// The named canvas, a part of it, or for `t=` a moment of it with the id `id`.
    fn canvas_part(&self, page: &PageRef, id: impl Fn() -> String) -> Option<CanvasPart> {
        let part = page.parts().1;
        let canvas = self.canvases(page).next()?;
        let moment = part.and_then(|part| part.strip_prefix("t=")?.parse::<f64>().ok());
        Some(match (moment, part) {
            (Some(t), _) => CanvasPart::Point {
                id: id(),
                kind: "SpecificResource",
                source: canvas,
                selector: PointSelector { kind: "PointSelector", t },
            },
            (None, Some(part)) => CanvasPart::Canvas { id: format!("{canvas}#{part}"), kind: "Canvas" },
            (None, None) => CanvasPart::Canvas { id: canvas, kind: "Canvas" },
        })
    }
}
