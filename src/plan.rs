//! PLAN: what a build will do, worked out from names and headers before any tile is cut. Pure.

use crate::config::{ImageSettings, Lossless};
use crate::error::{Error, ErrorKind};
use crate::model::{
    Catalog, Channels, Collection, ImageHeader, ImageId, Item, LanguageMap, Member, SourceFile, StoredForm, StoredJpeg,
};
use crate::pyramid::Pyramid;
use crate::site::{SiteCollection, SiteItem, SiteMember, SitePage};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The headers of the images in each source file that could be read.
pub type Headers = BTreeMap<PathBuf, Vec<ImageHeader>>;

/// See the [module](self).
#[derive(Debug)]
pub struct Plan {
    pub site: SiteCollection,
    /// Every image to tile, in the order of the site.
    pub images: Vec<PlannedImage>,
    /// The ids that files without headers would have given.
    pub unreadable: Vec<ImageId>,
}

/// One image to tile.
#[derive(Debug, Clone)]
pub struct PlannedImage {
    pub id: ImageId,
    pub source: SourceFile,
    pub header: ImageHeader,
    pub label: LanguageMap,
    pub token: String,
    pub cutting: Cutting,
}

/// Plans the images of `catalog`. Files without headers become missing pages. Answers an error for every image whose
/// id is taken once multi-page files are spread out.
pub fn plan(catalog: Catalog, headers: &Headers, settings: ImageSettings) -> (Plan, Vec<Error>) {
    let mut planner =
        Planner { headers, settings, images: vec![], unreadable: vec![], ids: BTreeSet::new(), errors: vec![] };
    let site = planner.collection(catalog.root);
    (Plan { site, images: planner.images, unreadable: planner.unreadable }, planner.errors)
}

struct Planner<'a> {
    headers: &'a Headers,
    settings: ImageSettings,
    images: Vec<PlannedImage>,
    unreadable: Vec<ImageId>,
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
                None => {
                    missing.push(file.label.clone());
                    self.unreadable.push(ImageId(format!("{}_{}", item.id, file.page)));
                }
                Some(headers) => headers.iter().for_each(|header| self.image(&item, file, header, headers.len())),
            }
        }
        let pages: Vec<SitePage> = self.images[first..]
            .iter()
            .map(|image| SitePage {
                image: image.id.clone(),
                token: image.token.clone(),
                label: image.label.clone(),
                pyramid: image.cutting.pyramid.clone(),
            })
            .collect();
        let Item { id, path, description, .. } = item;
        (!pages.is_empty()).then_some(SiteItem { id, path, description, pages, missing })
    }

    fn image(&mut self, item: &Item, file: &SourceFile, header: &ImageHeader, images_in_file: usize) {
        let (mut token, mut label) = (file.page.clone(), file.label.clone());
        if images_in_file > 1 {
            let number = format!("-{}", header.index + 1);
            token += &number;
            label.0.values_mut().flatten().for_each(|value| *value += &number);
        }
        let id = ImageId(format!("{}_{token}", item.id));
        if !self.ids.insert(id.clone()) {
            let taken =
                Error::new(ErrorKind::Content, format!("its image id {:?} is also that of another image", id.0));
            self.errors.push(taken.with_path(&file.path).with_hint("rename the file"));
            return;
        }
        let cutting = cutting(header, self.settings);
        self.images.push(PlannedImage { id, source: file.clone(), header: header.clone(), label, token, cutting });
    }
}

/// How an image is cut.
#[derive(Debug, Clone)]
pub struct Cutting {
    pub pyramid: Pyramid,
    /// Whether the master's own tiles are published.
    pub lossless: bool,
}

impl Cutting {
    /// What is done to the image, in words.
    pub fn treatment(&self, header: &ImageHeader) -> String {
        match header.stored.filter(|_| self.lossless) {
            Some(StoredJpeg { form: StoredForm::Image { .. }, quality, .. }) => {
                format!("{}; full resolution without loss, quality {quality}", header.treatment)
            }
            Some(StoredJpeg { form: StoredForm::Tiles { side, levels }, quality, .. }) => {
                format!("{}; its tiles of {side} in {levels} levels without loss, quality {quality}", header.treatment)
            }
            None => header.treatment.clone(),
        }
    }
}

/// A master's own JPEG data is published unless its quality is this much above the one asked for: then its bytes would
/// be about twice as many.
const QUALITY_TO_SPARE: u8 = 10;

/// Chooses between the master's own tiles, which then give the tile size, and tiles encoded anew.
pub fn cutting(header: &ImageHeader, settings: ImageSettings) -> Cutting {
    let ImageSettings { tile_size, max_size, quality, lossless } = settings;
    let stored = header.stored.filter(|stored| match lossless {
        Lossless::Always => true,
        Lossless::Auto => stored.quality <= quality.saturating_add(QUALITY_TO_SPARE),
        Lossless::Never => false,
    });
    let side = stored.and_then(|stored| match stored.form {
        StoredForm::Image { unit } => {
            (tile_size.is_multiple_of(unit.width) && tile_size.is_multiple_of(unit.height)).then_some(tile_size)
        }
        // Tiles of half the size are four times as many files.
        StoredForm::Tiles { side, .. } => {
            (lossless == Lossless::Always || (tile_size / 2..=tile_size * 2).contains(&side)).then_some(side)
        }
    });
    let pyramid = Pyramid::new(header.size, side.unwrap_or(tile_size), max_size.max(side.unwrap_or(0)));
    Cutting { pyramid, lossless: side.is_some() }
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
    /// For the images, if tiles had `tile_size` pixels a side.
    pub fn estimate(&self, settings: ImageSettings, tile_size: u32) -> Estimate {
        self.images.iter().fold(Estimate::default(), |sum, image| {
            let settings = ImageSettings { tile_size, max_size: settings.max_size.max(tile_size), ..settings };
            let Cutting { pyramid, lossless } = cutting(&image.header, settings);
            let stored = image.header.stored.filter(|_| lossless).map(|stored| stored.quality);
            let per_pixel = bytes_per_pixel(image.header.channels, stored.unwrap_or(settings.quality));
            let bytes = pyramid.published_pixels() as f64 * per_pixel;
            // Each JPEG brings its headers and tables.
            let headers = pyramid.file_count() * 600;
            Estimate { files: sum.files + pyramid.file_count(), bytes: sum.bytes + bytes as u64 + headers }
        })
    }

    /// All pixels of all images at full resolution.
    pub fn pixels(&self) -> u64 {
        self.images.iter().map(|image| image.header.size.area()).sum()
    }
}

/// JPEG bytes a pixel over all levels, measured on the corpus of real scans at qualities 50, 75, 80, 90 and 95.
fn bytes_per_pixel(channels: Channels, quality: u8) -> f64 {
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
