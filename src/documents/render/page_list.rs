//! The pages of an item as figures: on the item's own page while they are few, else on pages of their own.
//!
//! A figure has about twelve elements. Six hundred of them made the item's page 600 kB, and a phone needed two seconds
//! before it could show anything else. A long item therefore has one link for each page. The link carries what the viewer
//! must know of the page, and leads to its figure.

use super::context::{Described, Page, PageLayer, PageList};
use super::notes::notes;
use super::pages::{anchor, scan, scanned};
use super::reading::ItemTexts;
use super::{Pages, folder_href, page_document};
use crate::documents::card::Card;
use crate::documents::iiif::{Document, address};
use crate::documents::text::Outline;
use crate::error::Result;
use crate::model::address::SitePath;
use crate::model::site::{CollectionNode, SiteItem, SitePage};
use crate::model::{Behavior, CompanionRole, ImageId};
use std::collections::BTreeMap;

/// The most figures on an item's own page.
const MOST_FIGURES: usize = 100;
/// The figures on one page of its own.
const FIGURES_A_PAGE: usize = 50;

/// Whether the figures of an item stand on pages of their own.
pub(super) fn is_long(item: &SiteItem) -> bool {
    scanned(item).nth(MOST_FIGURES).is_some()
}

/// The paths of the HTML of an item, and of its card.
pub fn item_addresses(item: &SiteItem, outline: &Outline) -> Vec<SitePath> {
    let folders = outline.reading_folders(&item.path).chain(list_folders(item));
    let html = std::iter::once(address::page(&item.path)).chain(folders.map(|folder| address::page(&folder)));
    html.chain(Card::of(item).map(|card| card.path)).collect()
}

/// The folders of the pages with the figures of a long item, in order.
pub(super) fn list_folders(item: &SiteItem) -> impl Iterator<Item = SitePath> + use<'_> {
    let count = if is_long(item) { scanned(item).count().div_ceil(FIGURES_A_PAGE) } else { 0 };
    (0..count).map(|index| list_folder(item, index))
}

fn list_folder(item: &SiteItem, index: usize) -> SitePath {
    match index {
        0 => item.path.join("pages"),
        _ => item.path.join(&format!("pages/{}", index + 1)),
    }
}

/// The figures of the pages of one item, for the page from which `root` leads to the root of the site.
pub(super) struct Figures<'a> {
    pages: &'a Pages<'a>,
    item: &'a SiteItem,
    texts: &'a ItemTexts<'a>,
    root: &'a str,
    /// The image that represents the item.
    represents: Option<&'a ImageId>,
    /// Where the figure of each page is, by token; empty if they are on the item's own page.
    hrefs: BTreeMap<&'a str, String>,
}

impl<'a> Figures<'a> {
    pub(super) fn of(pages: &'a Pages<'a>, item: &'a SiteItem, texts: &'a ItemTexts<'a>, root: &'a str) -> Figures<'a> {
        let href = |(index, page): (usize, &'a SitePage)| {
            let folder = folder_href(&list_folder(item, index / FIGURES_A_PAGE));
            (page.token.as_str(), format!("{root}{folder}#{}", anchor(&page.token)))
        };
        let hrefs = if is_long(item) { scanned(item).enumerate().map(href).collect() } else { BTreeMap::new() };
        Figures { pages, item, texts, root, represents: item.picture().map(|image| &image.id), hrefs }
    }

    /// A page with all that its figure shows.
    pub(super) fn figure(&self, page: &SitePage) -> Page {
        let described = page.description.as_deref().map(|own| self.pages.described(own, &self.item.path, self.root));
        Page {
            text: self.texts.of_page(page, self.root),
            description: described.filter(says_something),
            layers: self.layers(page),
            notes: notes(self.item, page, self.pages.settings.language),
            href: self.hrefs.get(page.token.as_str()).cloned(),
            ..self.summary(page)
        }
    }

    /// A page with its scan only.
    pub(super) fn summary(&self, page: &SitePage) -> Page {
        let own = page.description.as_deref().and_then(|described| self.pages.alt(described));
        let represents = page.image.as_ref().map(|image| &image.id) == self.represents;
        Page {
            token: page.token.clone(),
            anchor: anchor(&page.token),
            label: self.pages.text(&page.label),
            alt: own.or_else(|| self.pages.alt(&self.item.description).filter(|_| represents)),
            scan: page.image.as_ref().map(|image| scan(image, self.root)),
            behavior: behavior(page),
            ..Page::default()
        }
    }

    fn layers(&self, page: &SitePage) -> Vec<PageLayer> {
        let own = page.image.iter().map(|image| (image, &page.image_label));
        let further = page.companions.iter().filter_map(|companion| match &companion.role {
            CompanionRole::Layer { label } => Some((&companion.image, label)),
            _ => None,
        });
        let layer = |(image, label)| PageLayer { label: self.pages.text(label), scan: scan(image, self.root) };
        let layers: Vec<PageLayer> = own.chain(further).map(layer).collect();
        if layers.len() > 1 { layers } else { vec![] }
    }
}

fn says_something(described: &Described) -> bool {
    let Described { summary, metadata, required_statement, rights, homepages, see_also, renderings, .. } = described;
    let links = [homepages, see_also, renderings];
    summary.is_some()
        || !metadata.is_empty()
        || required_statement.is_some()
        || rights.is_some()
        || links.iter().any(|links| !links.is_empty())
}

fn behavior(page: &SitePage) -> Option<&'static str> {
    let behaviors = &page.description.as_ref()?.behavior.0;
    let named = [(Behavior::FacingPages, "facing-pages"), (Behavior::NonPaged, "non-paged")];
    named.into_iter().find(|(behavior, _)| behaviors.contains(behavior)).map(|(_, name)| name)
}

impl Pages<'_> {
    /// The pages with the figures of the item `index` of a collection, if it is long.
    pub(super) fn page_lists(
        &self,
        node: &CollectionNode<'_>,
        index: usize,
        texts: &ItemTexts<'_>,
    ) -> Result<Vec<Document>> {
        let item = node.items[index];
        let folders: Vec<SitePath> = list_folders(item).collect();
        let pages: Vec<&SitePage> = if folders.is_empty() { vec![] } else { scanned(item).collect() };
        // The first of them lies one folder higher than all others. Made once for each: they know all pages of the item.
        let roots: Vec<String> = folders.iter().take(2).map(SitePath::to_root).collect();
        let figures: Vec<Figures<'_>> = roots.iter().map(|root| Figures::of(self, item, texts, root)).collect();
        let list = |(at, (folder, pages)): (usize, (&SitePath, &[&SitePage]))| {
            let root = folder.to_root();
            let figures = figures.get(at.min(1)).into_iter();
            let href = |at: usize| folders.get(at).map(|folder| format!("{root}{}", folder_href(folder)));
            let own = self.link(&item.path, &item.description.label, &root);
            let list = PageList {
                site: self.site(&root),
                canonical: self.settings.base_url.folder_url(folder),
                label: own.label.clone(),
                manifest: self.settings.base_url.url(&address::manifest(&item.path)),
                number: at + 1,
                count: folders.len(),
                previous: at.checked_sub(1).and_then(href),
                next: href(at + 1),
                pages: figures.flat_map(|figures| pages.iter().map(|page| figures.figure(page))).collect(),
                breadcrumbs: self.breadcrumbs(&node.ancestors, &root).into_iter().chain([own]).collect(),
            };
            Ok(page_document(folder, self.theme.render("pages.html", list)?))
        };
        folders.iter().zip(pages.chunks(FIGURES_A_PAGE)).enumerate().map(list).collect()
    }
}
