//! PLAN: the work of a build, derived from names and headers before any tile is cut. It reads and writes no file.

use super::watermark_file::WatermarkFile;
use crate::error::{Error, ErrorKind};
use crate::model::address::SitePath;
use crate::model::settings::{Coding, ImageSettings, OlderApis};
use crate::model::site::{SiteCollection, SiteCompanion, SiteImage, SiteItem, SiteMember, SitePage};
use crate::model::{
    Attachment, AttachmentForm, Catalog, Channels, Collection, Companion, CompanionRole, ImageHeader, ImageId, Item,
    ItemId, LanguageMap, Member, Page, Recording, RecordingHeader, published_file,
};
use crate::pixels::tile_plan::TilePlan;
use crate::storage::fingerprint::FileStamp;
use crate::storage::state::Published;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The results of PROBE for the files that could be read.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Headers {
    /// The masters in each image file, in the file's order.
    pub masters: BTreeMap<PathBuf, Vec<Arc<Master>>>,
    /// Files with sound or video.
    pub recordings: BTreeMap<PathBuf, RecordingHeader>,
    /// By the path that the settings name.
    pub watermarks: BTreeMap<PathBuf, Arc<WatermarkFile>>,
}

/// One master image as PROBE saw it. All stages after PROBE share it. What is copied of it is written down
/// (`ImageRecord`) or sent to the worker process (`TileTask`).
#[derive(Debug)]
#[non_exhaustive]
pub struct Master {
    /// Its file: a path in the content folder, or a URL in the content bucket.
    pub source: PathBuf,
    /// The file when its header was read; `None`: the file is not there, and the header comes from the last build.
    pub stamp: Option<FileStamp>,
    /// How many images the file holds; at least 1.
    pub siblings: usize,
    /// Format, size and memory needs of this image of the file.
    pub header: ImageHeader,
    /// How the last build published it, if it is out of scope: it stays so, even if the settings have changed.
    pub published: Option<Published>,
}

/// How an image is made from its master.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImageOptions {
    /// The settings of its item; for an image out of scope, those that it is published with.
    pub settings: ImageSettings,
    /// The file of the watermark in `settings`.
    pub watermark: Option<Arc<WatermarkFile>>,
}

/// See the [module](self).
#[derive(Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The tree of collections and items, with the address of every image and file.
    pub site: SiteCollection,
    /// Every image to tile, in the order of the site, each once.
    pub images: Vec<PlannedImage>,
    /// Files that descriptions link to; they are copied.
    pub files: Vec<Attachment>,
}

/// One image to tile.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PlannedImage {
    /// Unique in the site; part of its addresses.
    pub id: ImageId,
    /// The parts that it is made of.
    pub master: Arc<Master>,
    /// How it is made.
    pub options: ImageOptions,
    /// Levels and tiles that follow from the header and the settings.
    pub tile_plan: TilePlan,
    /// The rule that named its page, in words.
    pub rule: &'static str,
    /// Its item.
    pub item: ItemId,
    /// The folder of its item in the site.
    pub item_path: SitePath,
    /// The URI of its item's rights statement.
    pub rights: Option<String>,
    /// The label of its page; `-2` is added for the second image of a file.
    pub label: LanguageMap,
    /// The part of its id that names the page in the item.
    pub token: String,
}

/// Plans the images of `catalog`. Files without headers become missing pages. Returns an error for every image whose id
/// is taken once multi-page files are spread out.
pub fn plan(catalog: Catalog, headers: &Headers) -> (Plan, Vec<Error>) {
    let mut planner = Planner { headers, images: vec![], files: vec![], ids: BTreeMap::new(), errors: vec![] };
    let site = planner.collection(catalog.root);
    (Plan { site, images: planner.images, files: planner.files }, planner.errors)
}

struct Planner<'a> {
    headers: &'a Headers,
    images: Vec<PlannedImage>,
    files: Vec<Attachment>,
    /// With the place of the image.
    ids: BTreeMap<ImageId, usize>,
    errors: Vec<Error>,
}

impl Planner<'_> {
    fn collection(&mut self, collection: Collection) -> SiteCollection {
        let members = collection.members.into_iter().filter_map(|member| match member {
            Member::Collection(inner) => Some(SiteMember::Collection(self.collection(inner))),
            Member::Item(item) => self.item(item).map(SiteMember::Item),
        });
        let members = members.collect();
        self.files.extend(collection.files);
        SiteCollection { path: collection.path, description: collection.description, members }
    }

    /// `None` for an item without a page that can be shown.
    fn item(&mut self, mut item: Item) -> Option<SiteItem> {
        let mut missing = vec![];
        let mut pages = vec![];
        for page in std::mem::take(&mut item.pages) {
            let found = self.pages(&item, &page);
            if found.is_empty() {
                missing.push(page.label);
            }
            pages.extend(found);
        }
        if pages.iter().all(|page| page.image.is_none() && page.recordings.is_empty()) {
            return None;
        }
        let companions = self.companions(&item, &item.companions);
        let Item { id, path, description, annotations, files, .. } = item;
        self.files.extend(files);
        let original = |page: &SitePage| {
            let (source, target) = (page.text.clone()?, page.published_text(&path)?);
            Some(Attachment { source, target, form: AttachmentForm::PageText })
        };
        self.files.extend(pages.iter().filter_map(original));
        Some(SiteItem { id, path, description, pages, companions, annotations, missing })
    }

    /// The canvases of a page: one for each image of its file; none if that cannot be read.
    fn pages(&mut self, item: &Item, page: &Page) -> Vec<SitePage> {
        let companions = self.companions(item, &page.companions);
        let layers = page.companions.iter().filter_map(|companion| match &companion.role {
            CompanionRole::Recording { label } => Some((companion.path.as_path(), label.clone())),
            _ => None,
        });
        let own = page.recording.iter().map(|path| (path.as_path(), page.image_label.clone()));
        let recordings = self.recordings(item, own.chain(layers));
        let sequels = page.companions.iter().filter(|companion| companion.role == CompanionRole::Sequel);
        let sequels =
            self.recordings(item, sequels.map(|companion| (companion.path.as_path(), LanguageMap::default())));
        if page.recording.is_some() && recordings.is_empty() {
            return vec![];
        }
        let empty = SitePage {
            token: page.token.clone(),
            label: page.label.clone(),
            description: page.description.clone(),
            image: None,
            recordings,
            sequels,
            image_label: page.image_label.clone(),
            is_of_several: false,
            companions,
            text: page.text.clone(),
        };
        let Some(path) = &page.image else { return vec![empty] };
        let images = self.images(item, path, page);
        let is_of_several = images.len() > 1;
        let mut pages: Vec<SitePage> = images
            .into_iter()
            .map(|(image, token, label)| SitePage {
                token,
                label,
                image: Some(image),
                is_of_several,
                companions: vec![],
                text: empty.text.clone().filter(|_| !is_of_several),
                ..empty.clone()
            })
            .collect();
        if let Some(first) = pages.first_mut() {
            first.companions = empty.companions;
        }
        pages
    }

    /// Recordings with their labels, as far as they could be read; they are published as they are.
    fn recordings<'b>(
        &mut self,
        item: &Item,
        sources: impl Iterator<Item = (&'b Path, LanguageMap)>,
    ) -> Vec<Recording> {
        let mut found = vec![];
        for (source, label) in sources {
            let header = self.headers.recordings.get(source);
            let Some((header, duration)) = header.and_then(|header| Some((header, header.duration?))) else { continue };
            let name = source.file_name().unwrap_or_default().to_string_lossy();
            let path = published_file(&item.path, &name);
            let form = AttachmentForm::Whole;
            self.files.push(Attachment { source: source.to_path_buf(), target: path.clone(), form });
            let RecordingHeader { kind, size, .. } = *header;
            found.push(Recording { path, kind, duration, size, label });
        }
        found
    }

    fn companions(&mut self, item: &Item, companions: &[Companion]) -> Vec<SiteCompanion> {
        let mut found = vec![];
        for Companion { path, token, role } in companions.iter().filter(|companion| !companion.is_recording()) {
            let label = LanguageMap::plain(token);
            let named = Page { token: token.clone(), label, rule: "named in the metadata", ..Page::default() };
            let images = self.images(item, path, &named);
            found.extend(images.into_iter().take(1).map(|(image, ..)| SiteCompanion { image, role: role.clone() }));
        }
        found
    }

    /// The images of a file, each with its token and label.
    fn images(&mut self, item: &Item, path: &Path, page: &Page) -> Vec<(SiteImage, String, LanguageMap)> {
        let masters = self.headers.masters.get(path).into_iter().flatten();
        masters.filter_map(|master| self.image(item, page, master)).collect()
    }

    fn image(&mut self, item: &Item, page: &Page, master: &Arc<Master>) -> Option<(SiteImage, String, LanguageMap)> {
        let (mut token, mut label) = (page.token.clone(), page.label.clone());
        if master.siblings > 1 {
            let number = format!("-{}", master.header.index + 1);
            token += &number;
            label = label.map(|value| format!("{value}{number}"));
        }
        let id = ImageId(format!("{}_{token}", item.id));
        if let Some(place) = self.ids.get(&id).copied() {
            let same = &self.images[place];
            if same.master.source == master.source && same.master.header.index == master.header.index {
                return Some((same.on_site(), token, label));
            }
            let taken =
                Error::new(ErrorKind::Content, format!("its image id {:?} is also that of another image", id.0));
            self.errors.push(taken.with_path(&master.source).with_hint("rename the file"));
            return None;
        }
        let options = self.options(item, master);
        let planned = PlannedImage {
            id: id.clone(),
            master: master.clone(),
            tile_plan: TilePlan::new(&master.header, &options.settings),
            options,
            rule: page.rule,
            item: item.id.clone(),
            item_path: item.path.clone(),
            rights: item.description.rights.clone(),
            label: label.clone(),
            token: token.clone(),
        };
        let image = planned.on_site();
        self.ids.insert(id, self.images.len());
        self.images.push(planned);
        Some((image, token, label))
    }

    fn options(&self, item: &Item, master: &Master) -> ImageOptions {
        let settings = match &master.published {
            Some(published) => published.settings(&item.images),
            None => item.images.clone(),
        };
        let file = settings.watermark.as_ref().map(|watermark| &watermark.file);
        let watermark = file.and_then(|file| self.headers.watermarks.get(file)).cloned();
        ImageOptions { settings, watermark }
    }
}

impl PlannedImage {
    /// How it will be published, as the state records it.
    pub(super) fn published(&self) -> Published {
        Published::of(self.tile_plan.pyramid.tile_size, &self.options.settings)
    }

    fn on_site(&self) -> SiteImage {
        let (pyramid, formats) = (self.tile_plan.pyramid.clone(), self.options.settings.formats);
        SiteImage { id: self.id.clone(), pyramid, formats }
    }
}

/// How much a plan will write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// Number of files; exact.
    pub files: u64,
    /// Total size in bytes, estimated from scans of books, manuscripts and maps. A single page can have half or twice as much.
    pub bytes: u64,
}

impl Plan {
    /// Estimates the image files. `tile_size`: side of a tile in pixels; `None`: as in the settings of each image.
    /// `older`: links for older clients add files but no bytes.
    pub fn estimate(&self, tile_size: Option<u32>, older: OlderApis) -> Estimate {
        self.images.iter().fold(Estimate::default(), |sum, image| {
            let (header, settings) = (&image.master.header, &image.options.settings);
            let mut settings = settings.with_tile_size(tile_size.unwrap_or(settings.tile_size));
            let TilePlan { pyramid, stored, .. } = TilePlan::new(header, &settings);
            settings.coding.quality = stored.map_or(settings.coding.quality, |stored| stored.quality);
            let bytes = pyramid.published_pixels() as f64 * bytes_per_pixel(header.channels, &settings);
            let links = if older.image { pyramid.older_file_count() } else { 0 };
            let files = pyramid.file_count(settings.formats.count()) + links;
            // Each JPEG brings its headers and tables.
            Estimate { files: sum.files + files, bytes: sum.bytes + bytes as u64 + pyramid.file_count(1) * 600 }
        })
    }
}

/// Bytes a pixel over all levels in all formats.
fn bytes_per_pixel(channels: Channels, settings: &ImageSettings) -> f64 {
    let jpeg = jpeg_bytes_per_pixel(channels, settings.coding);
    if settings.formats.webp { jpeg * 1.7 } else { jpeg }
}

/// JPEG bytes a pixel over all levels, measured on the corpus of real scans at qualities 50, 75, 80, 90 and 95.
fn jpeg_bytes_per_pixel(channels: Channels, coding: Coding) -> f64 {
    let quality = coding.quality;
    let measured = [(50.0, 0.09), (75.0, 0.15), (80.0, 0.18), (90.0, 0.38), (95.0, 0.60), (100.0, 1.5)];
    let quality = f64::from(quality);
    let above = measured.iter().position(|(at, _)| *at >= quality).unwrap_or(measured.len() - 1).max(1);
    let ((low, from), (high, to)) = (measured[above - 1], measured[above]);
    let colour = from + (to - from) * ((quality - low) / (high - low)).clamp(0.0, 1.0);
    match channels {
        Channels::Rgb => colour,
        Channels::Grey => colour * 0.8,
    }
}
