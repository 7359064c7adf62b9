//! PLAN: what a build will do, worked out from names and headers before any tile is cut. Pure.

use crate::error::{Error, ErrorKind};
use crate::model::address::SitePath;
use crate::model::settings::{Coding, ImageSettings, OlderApis};
use crate::model::site::{SiteCollection, SiteCompanion, SiteImage, SiteItem, SiteMember, SitePage};
use crate::model::{
    Attachment, Catalog, Channels, Collection, Companion, CompanionRole, ImageHeader, ImageId, Item, ItemId,
    LanguageMap, Member, Page, Recording, RecordingHeader, published_file,
};
use crate::pixels::tile_plan::TilePlan;
use crate::storage::fingerprint::{FileStamp, Hash};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What each source file that could be read holds.
#[derive(Debug, Default)]
pub struct Headers {
    pub images: BTreeMap<PathBuf, Probed>,
    pub recordings: BTreeMap<PathBuf, RecordingHeader>,
    /// Watermarks.
    pub marks: BTreeMap<PathBuf, Arc<MarkFile>>,
}

/// A source file as it was seen.
#[derive(Debug, Clone)]
pub struct Probed {
    /// `None` where the file itself is not there, only what is remembered of it.
    pub stamp: Option<FileStamp>,
    /// How many images the file holds.
    pub siblings: usize,
    pub images: Vec<ProbedImage>,
}

/// An image in a source file.
#[derive(Debug, Clone)]
pub struct ProbedImage {
    pub header: ImageHeader,
    /// How it was published, where it stays as it is whatever the settings say.
    pub settings: Option<ImageSettings>,
}

/// The file of a watermark as it was seen.
#[derive(Debug, Clone)]
pub struct MarkFile {
    /// As it lies on this machine.
    pub file: PathBuf,
    pub stamp: FileStamp,
    pub hash: Hash,
    pub header: ImageHeader,
}

/// See the [module](self).
#[derive(Debug)]
pub struct Plan {
    pub site: SiteCollection,
    /// Every image to tile, in the order of the site.
    pub images: Vec<PlannedImage>,
    /// Files that descriptions link to.
    pub files: Vec<Attachment>,
}

/// One image to tile.
#[derive(Debug, Clone)]
pub struct PlannedImage {
    pub id: ImageId,
    /// The file that it is in.
    pub source: PathBuf,
    /// The rule that named it, in words.
    pub rule: &'static str,
    /// The file when its header was read.
    pub stamp: Option<FileStamp>,
    /// How many images the file holds.
    pub siblings: usize,
    pub header: ImageHeader,
    pub item: ItemId,
    /// The folder of its item.
    pub item_path: SitePath,
    pub rights: Option<String>,
    pub label: LanguageMap,
    pub token: String,
    pub tile_plan: TilePlan,
    /// How it is published.
    pub settings: ImageSettings,
    /// Of the watermark in its settings.
    pub mark: Option<Arc<MarkFile>>,
}

/// Plans the images of `catalog`. Files without headers become missing pages. Answers an error for every image whose
/// id is taken once multi-page files are spread out.
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

    /// `None` for an item of which no page can be shown.
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
        let original =
            |page: &SitePage| Some(Attachment { source: page.text.clone()?, target: page.published_text(&path)? });
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
            self.files.push(Attachment { source: source.to_path_buf(), target: path.clone() });
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
        let Some(probed) = self.headers.images.get(path) else { return vec![] };
        probed.images.iter().filter_map(|image| self.image(item, path, page, image, probed)).collect()
    }

    fn image(
        &mut self,
        item: &Item,
        path: &Path,
        page: &Page,
        image: &ProbedImage,
        probed: &Probed,
    ) -> Option<(SiteImage, String, LanguageMap)> {
        let header = &image.header;
        let (mut token, mut label) = (page.token.clone(), page.label.clone());
        let siblings = probed.siblings;
        if siblings > 1 {
            let number = format!("-{}", header.index + 1);
            token += &number;
            label = label.map(|value| format!("{value}{number}"));
        }
        let id = ImageId(format!("{}_{token}", item.id));
        if let Some(place) = self.ids.get(&id).copied() {
            let same = &self.images[place];
            if same.source == path && same.header.index == header.index {
                let pyramid = same.tile_plan.pyramid.clone();
                return Some((SiteImage { id, pyramid, formats: same.settings.formats }, token, label));
            }
            let taken =
                Error::new(ErrorKind::Content, format!("its image id {:?} is also that of another image", id.0));
            self.errors.push(taken.with_path(path).with_hint("rename the file"));
            return None;
        }
        let settings = image.settings.clone().unwrap_or_else(|| item.images.clone());
        let mark = settings.watermark.as_ref().and_then(|watermark| self.headers.marks.get(&watermark.file)).cloned();
        let tile_plan = TilePlan::new(header, &settings);
        let published = SiteImage { id: id.clone(), pyramid: tile_plan.pyramid.clone(), formats: settings.formats };
        self.ids.insert(id.clone(), self.images.len());
        self.images.push(PlannedImage {
            id,
            source: path.to_path_buf(),
            rule: page.rule,
            stamp: probed.stamp,
            siblings,
            header: header.clone(),
            item: item.id.clone(),
            item_path: item.path.clone(),
            rights: item.description.rights.clone(),
            label: label.clone(),
            token: token.clone(),
            tile_plan,
            settings,
            mark,
        });
        Some((published, token, label))
    }
}

/// Files and bytes that a plan will write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Exact.
    pub files: u64,
    /// From what scans of books, manuscripts and maps come to; a page may have half or twice as much.
    pub bytes: u64,
}

impl Plan {
    /// For the images, if their tiles had `tile_size` pixels a side; else as their settings say. `older`: what is
    /// published for older clients adds files; their bytes are there already.
    pub fn estimate(&self, tile_size: Option<u32>, older: OlderApis) -> Estimate {
        self.images.iter().fold(Estimate::default(), |sum, image| {
            let mut settings = image.settings.with_tile_size(tile_size.unwrap_or(image.settings.tile_size));
            let TilePlan { pyramid, stored, .. } = TilePlan::new(&image.header, &settings);
            settings.coding.quality = stored.map_or(settings.coding.quality, |stored| stored.quality);
            let bytes = pyramid.published_pixels() as f64 * bytes_per_pixel(image.header.channels, &settings);
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
