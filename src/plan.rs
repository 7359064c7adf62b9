//! PLAN: what a build will do, worked out from names and headers before any tile is cut. Pure.

use crate::address::SitePath;
use crate::cutting::Cutting;
use crate::error::{Error, ErrorKind};
use crate::fingerprint::FileStamp;
use crate::model::{
    Catalog, Channels, Collection, ImageHeader, ImageId, Item, ItemId, LanguageMap, Member, SourceFile,
};
use crate::settings::{Coding, ImageSettings};
use crate::site::{SiteCollection, SiteItem, SiteMember, SitePage};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What each source file that could be read holds.
pub type Headers = BTreeMap<PathBuf, Probed>;

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

/// See the [module](self).
#[derive(Debug)]
pub struct Plan {
    pub site: SiteCollection,
    /// Every image to tile, in the order of the site.
    pub images: Vec<PlannedImage>,
}

/// One image to tile.
#[derive(Debug, Clone)]
pub struct PlannedImage {
    pub id: ImageId,
    pub source: SourceFile,
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
    pub cutting: Cutting,
    /// How it is published.
    pub settings: ImageSettings,
}

/// Plans the images of `catalog`. Files without headers become missing pages. Answers an error for every image whose
/// id is taken once multi-page files are spread out.
pub fn plan(catalog: Catalog, headers: &Headers) -> (Plan, Vec<Error>) {
    let mut planner = Planner { headers, images: vec![], ids: BTreeSet::new(), errors: vec![] };
    let site = planner.collection(catalog.root);
    (Plan { site, images: planner.images }, planner.errors)
}

struct Planner<'a> {
    headers: &'a Headers,
    images: Vec<PlannedImage>,
    ids: BTreeSet<ImageId>,
    errors: Vec<Error>,
}

impl Planner<'_> {
    fn collection(&mut self, collection: Collection) -> SiteCollection {
        let members = collection.members.into_iter().filter_map(|member| match member {
            Member::Collection(inner) => Some(SiteMember::Collection(self.collection(inner))),
            Member::Item(item) => self.item(item).map(SiteMember::Item),
        });
        let members = members.collect();
        SiteCollection { path: collection.path, description: collection.description, members }
    }

    /// `None` for an item of which no page can be shown.
    fn item(&mut self, item: Item) -> Option<SiteItem> {
        let first = self.images.len();
        let mut missing = vec![];
        for file in &item.files {
            match self.headers.get(&file.path) {
                None => missing.push(file.label.clone()),
                Some(probed) => probed.images.iter().for_each(|image| self.image(&item, file, image, probed)),
            }
        }
        let pages: Vec<SitePage> = self.images[first..]
            .iter()
            .map(|image| SitePage {
                image: image.id.clone(),
                token: image.token.clone(),
                label: image.label.clone(),
                pyramid: image.cutting.pyramid.clone(),
                formats: image.settings.formats,
            })
            .collect();
        let Item { id, path, description, .. } = item;
        (!pages.is_empty()).then_some(SiteItem { id, path, description, pages, missing })
    }

    fn image(&mut self, item: &Item, file: &SourceFile, image: &ProbedImage, probed: &Probed) {
        let header = &image.header;
        let (mut token, mut label) = (file.page.clone(), file.label.clone());
        let siblings = probed.siblings;
        if siblings > 1 {
            let number = format!("-{}", header.index + 1);
            token += &number;
            label = label.map(|value| format!("{value}{number}"));
        }
        let id = ImageId(format!("{}_{token}", item.id));
        if !self.ids.insert(id.clone()) {
            let taken =
                Error::new(ErrorKind::Content, format!("its image id {:?} is also that of another image", id.0));
            self.errors.push(taken.with_path(&file.path).with_hint("rename the file"));
            return;
        }
        let settings = image.settings.unwrap_or(item.images);
        let cutting = Cutting::new(header, settings);
        let (source, header) = (file.clone(), header.clone());
        self.images.push(PlannedImage {
            id,
            source,
            stamp: probed.stamp,
            siblings,
            header,
            item: item.id.clone(),
            item_path: item.path.clone(),
            rights: item.description.rights.clone(),
            label,
            token,
            cutting,
            settings,
        });
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
    /// For the images, if their tiles had `tile_size` pixels a side; else as their settings say.
    pub fn estimate(&self, tile_size: Option<u32>) -> Estimate {
        self.images.iter().fold(Estimate::default(), |sum, image| {
            let settings = tile_size.map_or(image.settings, |side| image.settings.with_tile_size(side));
            let Cutting { pyramid, stored } = Cutting::new(&image.header, settings);
            let mut coding = settings.coding;
            coding.quality = stored.map_or(coding.quality, |stored| stored.quality);
            let settings = ImageSettings { coding, ..settings };
            let bytes = pyramid.published_pixels() as f64 * bytes_per_pixel(image.header.channels, settings);
            let files = pyramid.file_count(settings.formats.count());
            // Each JPEG brings its headers and tables.
            Estimate { files: sum.files + files, bytes: sum.bytes + bytes as u64 + pyramid.file_count(1) * 600 }
        })
    }
}

/// Bytes a pixel over all levels in all formats.
fn bytes_per_pixel(channels: Channels, settings: ImageSettings) -> f64 {
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
