//! The pages of items and of the site as a whole: fills the context of each and renders it.

use super::citation::citation;
use super::context::{
    Caption, Citation, ItemPage, Link, Localized, NotFoundPage, OtherViewer, Part, Picture, Recording, Scan, Site,
    WebManifest,
};
use super::downloads::{pdf, picture_files};
use super::listing::Listings;
use super::localized::{is_rtl, text};
use super::page_list::{Figures, is_long};
use super::reading::{ItemTexts, item_text};
use super::schema_org::{Kind, Subject, json_ld};
use super::sitemap::Sitemaps;
use super::theme::Theme;
use super::{Settings, folder_href, page_document};
use crate::documents::card::{self, Card};
use crate::documents::iiif::{self, Document, address};
use crate::documents::text::{Outline, Outlines, Texts, plain_path};
use crate::error::Result;
use crate::model::address::SitePath;
use crate::model::geometry::Size;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::site::{CollectionNode, PageIndex, SiteCollection, SiteImage, SiteItem, SitePage};
use crate::model::{self, Behavior, Description, LanguageMap, Range};
use crate::storage::fingerprint::{Field, Fingerprint, hashed};
use std::sync::Arc;

const WEB_MANIFEST: &str = "site.webmanifest";

/// The least width in pixels of the picture that is shown where `srcset` is not understood.
const READING_WIDTH: u32 = 1000;

/// How deep the table of contents is nested on a page. The template engine ends at twenty components within each other, and
/// a template may add some around the list.
const MAX_DEPTH: usize = 15;

/// Renders the pages of one site.
#[derive(Clone)]
pub struct Pages<'a> {
    pub site: &'a SiteCollection,
    pub theme: &'a Theme,
    pub settings: Settings<'a>,
    /// Of the items that have texts.
    pub outlines: Arc<Outlines>,
    /// Of all collections.
    pub listings: Arc<Listings>,
}

/// The outline of an item without texts.
static NO_TEXT: Outline = Outline::new();

impl Pages<'_> {
    /// The outline of the texts of `item`.
    pub fn outline(&self, item: &SiteItem) -> &Outline {
        self.outlines.get(&item.path).unwrap_or(&NO_TEXT)
    }

    /// The page of the item at `index` of a collection, between its neighbours, after the pages with its text and those
    /// with its figures.
    pub fn item(&self, node: &CollectionNode<'_>, index: usize, texts: &Texts) -> Result<Vec<Document>> {
        // The largest is made before the others are in memory.
        let item = node.items[index];
        let of_pages = ItemTexts::of(item, texts, self.outline(item));
        let own = self.item_page(node, index, &of_pages)?;
        let mut documents = self.reading_pages(node, index, texts)?;
        documents.extend(self.page_lists(node, index, &of_pages)?);
        documents.push(own);
        Ok(documents)
    }

    fn item_page(&self, node: &CollectionNode<'_>, index: usize, texts: &ItemTexts<'_>) -> Result<Document> {
        let item = node.items[index];
        let root = item.path.to_root();
        let figures = Figures::of(self, item, texts, &root);
        let start = item.description.start.as_ref().and_then(|start| item.pages_of(start).next());
        let start = start.filter(|page| page.recordings.is_empty()).or_else(|| scanned(item).next());
        let [before, after] = node.neighbours(index);
        let neighbour = |item: &SiteItem| self.link(&item.path, &item.description.label, &root);
        let subject = Subject {
            kind: Kind::CreativeWork,
            description: &item.description,
            folder: &item.path,
            manifest: address::manifest(&item.path),
            parent: Some(node.collection),
            picture: item.picture(),
        };
        let mut description = self.described(&item.description, &item.path, &root);
        description.renderings.extend(pdf(item, &root));
        let page = ItemPage {
            structured_data: json_ld(&subject, &self.settings),
            site: self.site(&root),
            canonical: self.settings.base_url.folder_url(&item.path),
            breadcrumbs: self.breadcrumbs(&node.ancestors, &root),
            description,
            manifest: self.settings.base_url.url(&address::manifest(&item.path)),
            manifest_href: format!("{root}{}", address::manifest(&item.path).encoded()),
            viewing_direction: viewing_direction(&item.description).to_owned(),
            paged: item.description.behavior.0.contains(&Behavior::Paged),
            continuous: item.description.behavior.0.contains(&Behavior::Continuous),
            start: start.map(|page| figures.summary(page)),
            long: is_long(item),
            picture: card(item, &root),
            abstract_text: self.abstract_text(&item.description),
            pages: scanned(item).map(|page| figures.figure(page)).collect(),
            text: (!texts.is_empty()).then(|| item_text(item, self.outline(item), &root)),
            citation: self.citation(item),
            open_in: self.open_in(item),
            recordings: recorded(item).map(|page| self.recording(page, item, &root)).collect(),
            page_count: scanned(item).count(),
            contents: self.parts(&item.description.structures, &PageIndex::of(item), 1),
            missing: item.missing.iter().map(|label| self.text(label)).collect(),
            previous: before.map(neighbour),
            next: after.map(neighbour),
        };
        Ok(page_document(&item.path, self.theme.render("item.html", page)?))
    }

    /// The fingerprint of all that [`Pages::item`] depends on. `text` is the hash of the item's texts.
    pub fn item_fingerprint(&self, node: &CollectionNode<'_>, index: usize, text: Option<u64>) -> Fingerprint {
        let item = node.items[index];
        let neighbour = |item: &SiteItem| hashed(&(&item.path, &item.description.label));
        let print = self
            .fingerprint(&node.ancestors)
            .with(Field::Description, &item.description)
            .with(Field::Pages, &(&item.pages, &item.companions, &item.missing))
            .with(Field::Text, &text)
            .with(Field::Annotations, &item.annotations)
            .with(Field::Neighbours, &node.neighbours(index).map(|item| item.map(neighbour)));
        iiif::with_pdf(print, item)
    }

    /// Makes the files of the site as a whole: those of the theme, `404.html`, the sitemaps. Each is published before
    /// the next is made.
    pub fn of_site(&self, nodes: &[CollectionNode<'_>], mut publish: impl FnMut(Document) -> Result<()>) -> Result<()> {
        self.theme_files().try_for_each(&mut publish)?;
        publish(self.not_found()?)?;
        publish(self.web_manifest()?)?;
        self.sitemaps(nodes).each(self.theme, &mut publish)
    }

    /// The paths of [`Pages::of_site`].
    pub fn site_addresses(&self, nodes: &[CollectionNode<'_>]) -> Vec<SitePath> {
        let assets = self.theme.assets().map(|(path, _)| path);
        let own = ["404.html", WEB_MANIFEST]
            .map(str::to_owned)
            .into_iter()
            .chain(assets)
            .map(|path| SitePath::root().join(&path));
        own.chain(self.sitemaps(nodes).addresses()).collect()
    }

    /// The fingerprint of all that [`Pages::of_site`] depends on.
    pub fn site_fingerprint(&self, nodes: &[CollectionNode<'_>]) -> Fingerprint {
        self.fingerprint(&[]).with(Field::Members, &self.sitemaps(nodes).hash())
    }

    fn sitemaps<'s>(&'s self, nodes: &'s [CollectionNode<'s>]) -> Sitemaps<'s> {
        Sitemaps::of(nodes, &self.outlines, &self.listings, self.settings.base_url)
    }

    /// The fingerprint of all that pages within the collections `above` have in common.
    pub(super) fn fingerprint(&self, above: &[&SiteCollection]) -> Fingerprint {
        let above: Vec<u64> = above.iter().map(|above| hashed(&(&above.path, &above.description.label))).collect();
        let Settings { base_url, language, open_in, .. } = &self.settings;
        Fingerprint::default()
            .with(Field::Templates, &self.theme.hash())
            .with(Field::Site, &(self.title(), language, base_url.as_str(), open_in))
            .with(Field::Breadcrumbs, &above)
            .with(Field::Program, env!("CARGO_PKG_VERSION"))
    }

    fn theme_files(&self) -> impl Iterator<Item = Document> {
        self.theme
            .assets()
            .map(|(path, bytes)| Document { path: SitePath::root().join(&path), bytes: bytes.into_owned() })
    }

    /// `404.html`. Hosts serve it at any depth, so its addresses are absolute.
    fn not_found(&self) -> Result<Document> {
        let page = NotFoundPage { site: self.site(self.settings.base_url.as_str()) };
        let html = self.theme.render("404.html", page)?;
        Ok(Document { path: SitePath::root().join("404.html"), bytes: html.into_bytes() })
    }

    /// What phones and browsers know of a site that is kept on a screen.
    fn web_manifest(&self) -> Result<Document> {
        let json = self.theme.render(WEB_MANIFEST, WebManifest { site: self.site("") })?;
        Ok(Document { path: SitePath::root().join(WEB_MANIFEST), bytes: json.into_bytes() })
    }

    pub(super) fn text(&self, map: &LanguageMap) -> Localized {
        text(map, self.settings.language)
    }

    /// What an image shows, where its owner says it.
    pub(super) fn alt(&self, description: &Description) -> Option<Localized> {
        (!description.alt.is_empty()).then(|| self.text(&description.alt))
    }

    fn title(&self) -> &LanguageMap {
        if self.settings.title.is_empty() { &self.site.description.label } else { self.settings.title }
    }

    pub(super) fn site(&self, root: &str) -> Site {
        let lang = &self.theme.words().language;
        Site {
            title: self.text(self.title()),
            dir: if is_rtl(lang) { "rtl" } else { "ltr" },
            locale: self.theme.words().locale().open_graph(),
            lang: lang.clone(),
            root: root.to_owned(),
            base_url: self.settings.base_url.as_str().to_owned(),
            assets: self.theme.asset_paths().clone(),
        }
    }

    pub(super) fn link(&self, path: &SitePath, label: &LanguageMap, root: &str) -> Link {
        Link { href: format!("{root}{}", folder_href(path)), label: self.text(label), format: None, host: None }
    }

    /// Links to the collections `above`, without the root, to which the title of the site leads.
    pub(super) fn breadcrumbs(&self, above: &[&SiteCollection], root: &str) -> Vec<Link> {
        above.iter().skip(1).map(|above| self.link(&above.path, &above.description.label, root)).collect()
    }

    fn recording(&self, page: &SitePage, item: &SiteItem, root: &str) -> Recording {
        let source = |recording: &model::Recording| Link {
            href: format!("{root}{}", recording.path.encoded()),
            label: self.text(if recording.label.is_empty() { &page.label } else { &recording.label }),
            format: Some(iiif::recording_format(recording).to_owned()),
            host: None,
        };
        let captions = page.description.iter().flat_map(|described| &described.captions.0);
        let is_played = |caption: &&model::Caption| caption.published_name().to_lowercase().ends_with(".vtt");
        let caption = |caption: &model::Caption| Caption {
            src: format!("{root}{}", caption.published(&item.path).encoded()),
            lang: caption.language.clone(),
            label: self.text(if caption.label.is_empty() { &page.label } else { &caption.label }),
        };
        let size = page.recordings.iter().find_map(|recording| recording.size);
        let transcript = plain_path(&item.path, &page.token);
        Recording {
            anchor: anchor(&page.token),
            label: self.text(&page.label),
            video: page.recordings.first().is_some_and(|recording| recording.kind == model::RecordingKind::Video),
            width: size.map(|size| size.width),
            height: size.map(|size| size.height),
            duration: duration(page.duration().unwrap_or_default()),
            sources: page.recordings.iter().map(source).collect(),
            sequels: page.sequels.iter().map(source).collect(),
            poster: page.picture().map(|image| picture(image, reading_size(image), root)),
            file: format!("{}_{}", item.id.0, page.token),
            captions: captions.filter(is_played).map(caption).collect(),
            transcript: self.outline(item).has(page).then(|| format!("{root}{}", transcript.encoded())),
        }
    }

    fn citation(&self, item: &SiteItem) -> Citation {
        let Settings { base_url, language, .. } = self.settings;
        let url = base_url.folder_url(&item.path);
        citation(&item.description, language, &self.text(self.title()), &url, &item.id.0)
    }

    /// The viewers of other sites, with the addresses that open the item in them.
    fn open_in(&self, item: &SiteItem) -> Vec<OtherViewer> {
        let manifest = self.settings.base_url.url(&address::manifest(&item.path));
        let other = |viewer: &model::OtherViewer| OtherViewer {
            label: self.text(&viewer.label),
            href: viewer.address(&manifest),
            pattern: viewer.pattern(&manifest),
            is_own: viewer.url.starts_with(self.settings.base_url.as_str()),
        };
        self.settings.open_in.iter().map(other).collect()
    }

    /// The parts of an item that have published pages. Parts below [`MAX_DEPTH`] stand behind the one that they are in.
    fn parts(&self, ranges: &[Range], pages: &PageIndex<'_>, depth: usize) -> Vec<Part> {
        let part = |range: &Range| {
            let parts = self.parts(&range.structures, pages, depth + 1);
            let first = range.pages.iter().find_map(|page| pages.pages_of(page).next());
            let href = first.map(|page| format!("#{}", anchor(&page.token)));
            let href = href.or_else(|| parts.iter().find_map(|part| part.href.clone()));
            let (parts, behind) = if depth < MAX_DEPTH { (parts, vec![]) } else { (vec![], parts) };
            let own = href.is_some().then(|| Part { label: self.text(&range.label), href, parts });
            own.into_iter().chain(behind)
        };
        let is_shown = |range: &&Range| !range.behaviors().contains(&Behavior::NoNav);
        ranges.iter().filter(is_shown).flat_map(part).collect()
    }
}

/// The pages of an item without recordings.
pub(super) fn scanned(item: &SiteItem) -> impl Iterator<Item = &SitePage> {
    item.pages.iter().filter(|page| page.recordings.is_empty())
}

/// The pages of an item with recordings.
fn recorded(item: &SiteItem) -> impl Iterator<Item = &SitePage> {
    item.pages.iter().filter(|page| !page.recordings.is_empty())
}

/// Seconds as `1:02:03` or `2:03`.
fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

pub(super) fn scan(image: &SiteImage, root: &str) -> Scan {
    let SiteImage { id, pyramid, .. } = image;
    let sources: Vec<Picture> = pyramid.published_sizes().into_iter().map(|size| picture(image, size, root)).collect();
    Scan {
        width: pyramid.full.width,
        height: pyramid.full.height,
        info: format!("{root}{}", id.site_path().join(INFO_JSON).encoded()),
        downloads: picture_files(id, &sources),
        sources,
        image: picture(image, reading_size(image), root),
        thumbnail: picture(image, pyramid.thumbnail(), root),
        download: picture(image, pyramid.max_size(), root),
        file: id.0.clone(),
    }
}

pub(super) fn reading_size(image: &SiteImage) -> Size {
    let mut sizes = image.pyramid.published_sizes().into_iter();
    sizes.find(|size| size.width >= READING_WIDTH).unwrap_or(image.pyramid.max_size())
}

/// The picture that other sites show of an item: its card, or else the largest published size that is no larger than that.
pub(super) fn card(item: &SiteItem, root: &str) -> Option<Picture> {
    if let Some(Card { path, size: Size { width, height }, .. }) = Card::of(item) {
        return Some(Picture { src: format!("{root}{}", path.encoded()), width, height });
    }
    let image = item.picture()?;
    let fits = |size: &Size| size.longer_side() <= card::SIDE;
    let size = image.pyramid.published_sizes().into_iter().rfind(fits).unwrap_or(image.pyramid.thumbnail());
    Some(picture(image, size, root))
}

pub(super) fn picture(image: &SiteImage, size: Size, root: &str) -> Picture {
    Picture {
        src: format!("{root}{}", address::published(image, size).encoded()),
        width: size.width,
        height: size.height,
    }
}

/// A page token as an HTML id and URL fragment. Characters other than ASCII letters, digits, `-`, `_` and `.` become
/// `~` and their code points.
pub fn anchor(token: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let encoded: String =
        token.chars().map(|c| if plain(c) { c.to_string() } else { format!("~{:x}", u32::from(c)) }).collect();
    format!("page-{encoded}")
}

fn viewing_direction(description: &Description) -> &'static str {
    use crate::model::ViewingDirection::*;
    match description.viewing_direction.unwrap_or_default() {
        LeftToRight => "left-to-right",
        RightToLeft => "right-to-left",
        TopToBottom => "top-to-bottom",
        BottomToTop => "bottom-to-top",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_safe_and_distinct() {
        assert_eq!(anchor("012v"), "page-012v");
        assert_eq!(anchor("a b"), "page-a~20b");
        assert_ne!(anchor("é"), anchor("e"));
    }

    #[test]
    fn durations_read_as_on_a_clock() {
        assert_eq!([0.4, 63.0, 3723.6].map(duration), ["0:00", "1:03", "1:02:04"]);
    }
}
