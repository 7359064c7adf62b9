//! COMPARE: which images have to be made, and why; the others are as the last build left them.

use super::image2_links;
use crate::build::image_sink::{ImageSink, PendingImage};
use crate::build::plan::PlannedImage;
use crate::build::progress::Outcome;
use crate::build::run::{Run, relative};
use crate::build::stages::Running;
use crate::build::survey::probe;
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::model::ImageId;
use crate::model::address::SitePath;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::settings::ImageSettings;
use crate::storage::fingerprint::{Field, FileStamp, Fingerprint, Hash, Reason, hash_file, reasons};
use crate::storage::state::{DocumentRecord, ImageRecord, Made, Published};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Of what tiles are made of an image and its settings: another one makes all tiles anew.
const VERSION: u32 = 1;

/// See the [module](self).
#[derive(Default)]
pub struct Compared<'a> {
    pub due: Vec<Due<'a>>,
    /// Those that need not be made, but lack their twin.
    pub unlinked: Vec<&'a PlannedImage>,
    /// Out of scope, and never made.
    pub left_out: BTreeSet<ImageId>,
    /// Records of images that need not be made, of which the file system says something new.
    seen_again: Vec<(String, ImageRecord)>,
}

/// An image to make.
pub struct Due<'a> {
    pub image: &'a PlannedImage,
    pub why: Vec<Reason>,
    /// Its record, as far as it is known before it is made.
    pub record: ImageRecord,
    /// Of the source's bytes, shared by the images in it and worked out once.
    pub hash: Arc<SourceHash>,
}

/// The hash of a file, when somebody asks for it.
#[derive(Default)]
pub struct SourceHash(OnceLock<std::result::Result<Hash, String>>);

impl SourceHash {
    pub fn get(&self, path: &Path, source: &ContentSource) -> Result<Hash> {
        let here = || source.local(path).map_err(|error| error.message().to_owned());
        let read = || here().and_then(|here| hash_file(&here.path).map_err(|error| error.to_string()));
        let hash = self.0.get_or_init(read);
        hash.clone().map_err(|why| Error::new(ErrorKind::Image, format!("cannot read: {why}")).with_path(path))
    }
}

impl Compared<'_> {
    /// Writes down what is going to be made: images and image2_links, and with each its info.json, which is a document of its
    /// item.
    pub fn note(&self, items: &BTreeSet<&SitePath>, run: &Run<'_>) -> Result<()> {
        let due = self.due.iter().map(|due| (due.image.id.0.clone(), due.record.clone()));
        let images: Vec<_> = self.seen_again.iter().cloned().chain(due).collect();
        let described = |item: &SitePath| run.known.documents.get_key_value(item.as_str());
        let items = items.iter().filter_map(|item| described(item));
        let items: Vec<_> =
            items.map(|(item, record)| (item.clone(), DocumentRecord { documents: None, ..record.clone() })).collect();
        if !images.is_empty() || !self.unlinked.is_empty() {
            run.state.begin(&images, &items)?;
        }
        let due = self.due.iter().map(|due| due.image).filter(|_| run.config.older.image);
        image2_links::note(due.chain(self.unlinked.iter().copied()), run)
    }

    /// Says what is going to be made to whoever takes it away. Refused where he lacks images that are out of scope: their
    /// pages would go.
    pub fn announce(&self, run: &Run<'_>) -> Result<()> {
        let Some(sink) = run.sink else { return Ok(()) };
        let was_made = |id: &&ImageId| run.known.images.get(&id.0).is_some_and(|record| record.made.is_some());
        if let Some(lost) = self.left_out.iter().find(was_made) {
            let refused =
                Error::new(ErrorKind::Config, format!("the store lacks images that are out of scope: {lost}"));
            return Err(refused.with_hint("build without --only or --documents"));
        }
        if self.due.is_empty() {
            return Ok(());
        }
        let coming = self.due.iter().map(|Due { image, .. }| PendingImage {
            id: image.id.clone(),
            size: image.header.size,
            published: Published::of(image.tile_plan.pyramid.tile_size, &image.settings),
        });
        sink.begin(&coming.collect::<Vec<_>>(), &run.known.images)
    }

    pub fn ids(&self) -> BTreeSet<ImageId> {
        self.due.iter().map(|due| due.image.id.clone()).collect()
    }

    /// The items of which images or image2_links are due.
    pub fn items(&self) -> BTreeSet<&SitePath> {
        let due = self.due.iter().map(|due| due.image);
        due.chain(self.unlinked.iter().copied()).map(|image| &image.item_path).collect()
    }

    /// All pixels to be made, at full resolution.
    pub fn pixels(&self) -> u64 {
        self.due.iter().map(|due| due.image.header.size.area()).sum()
    }
}

enum Decision<'a> {
    Kept {
        /// Where the file system says something new of its source.
        record: Option<ImageRecord>,
        lacks_image2_links: bool,
    },
    Due(Due<'a>),
    LeftOut,
}

/// Compares each image with its record. Runs on the current rayon pool.
pub fn compare<'a>(images: &'a [PlannedImage], run: &Run<'_>, stage: &Running<'_>) -> Compared<'a> {
    let comparison = Comparison { run, hashes: Mutex::default() };
    let diagnostics: Vec<Decision<'_>> = images
        .par_iter()
        .map(|image| {
            let diagnostic = comparison.find(image);
            stage.advance(1);
            diagnostic
        })
        .collect();
    let mut compared = Compared::default();
    for (image, diagnostic) in images.iter().zip(diagnostics) {
        match diagnostic {
            Decision::Kept { record, lacks_image2_links } => {
                compared.unlinked.extend(lacks_image2_links.then_some(image));
                compared.seen_again.extend(record.map(|record| (image.id.0.clone(), record)));
                stage.count(|report| report.reused += 1);
                stage.image(&image.id, Outcome::Reused);
            }
            Decision::Due(due) => compared.due.push(due),
            Decision::LeftOut => drop(compared.left_out.insert(image.id.clone())),
        }
    }
    compared
}

/// What the tiles of `image` are made from, beside the bytes of its source.
pub fn fingerprint(image: &PlannedImage) -> Fingerprint {
    let ImageSettings { tile_size, coding, formats, background, max_size, max_resolution, lossless: _, ref watermark } =
        image.settings;
    let fingerprint = Fingerprint::default()
        .with(Field::Page, &image.header.index)
        .with(Field::TileSize, &tile_size)
        .with(Field::Quality, &coding.quality)
        .with(Field::Subsampling, &coding.is_subsampled())
        .with(Field::Huffman, &coding.huffman)
        .with(Field::Formats, &formats)
        .with(Field::Background, &background)
        .with(Field::MaxSize, &max_size.side())
        .with(Field::MaxResolution, &max_resolution.side())
        // The setting itself makes no difference to most images.
        .with(Field::Lossless, &image.tile_plan.stored.is_some())
        .with(Field::Program, &VERSION);
    match watermark.as_deref().zip(image.mark.as_deref()) {
        Some((watermark, mark)) => fingerprint.with(Field::Watermark, &(mark.hash, watermark.placement)),
        None => fingerprint,
    }
}

struct Comparison<'a> {
    run: &'a Run<'a>,
    /// Of files with several images.
    hashes: Mutex<BTreeMap<PathBuf, Arc<SourceHash>>>,
}

impl Comparison<'_> {
    fn find<'a>(&self, image: &'a PlannedImage) -> Decision<'a> {
        let record = self.run.known.images.get(&image.id.0);
        let made = record.filter(|record| self.is_there(image, record)).and_then(|record| record.made.as_ref());
        if !self.run.config.scope.holds(&image.item.0) {
            return if made.is_some() { self.kept(image, None) } else { Decision::LeftOut };
        }
        let hash = self.hash_of(image);
        let why = match (record, made) {
            (None, _) => vec![Reason::New],
            (Some(record), None) if record.made.is_none() => vec![Reason::Unfinished],
            (Some(_), None) => vec![Reason::Missing],
            _ if self.run.config.force => vec![Reason::Forced],
            (Some(record), Some(made)) => self.changes(image, record, made, &hash),
        };
        match record {
            Some(record) if why.is_empty() => self.kept(image, self.seen_again(image, record)),
            _ => Decision::Due(Due { image, why, record: self.unmade(image), hash }),
        }
    }

    fn kept<'a>(&self, image: &PlannedImage, record: Option<ImageRecord>) -> Decision<'a> {
        Decision::Kept { record, lacks_image2_links: image2_links::is_due(image, self.run) }
    }

    fn hash_of(&self, image: &PlannedImage) -> Arc<SourceHash> {
        if image.siblings == 1 {
            return Arc::default();
        }
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        hashes.entry(image.source.clone()).or_default().clone()
    }

    /// In what an image that was made differs from what it would be now.
    fn changes(&self, image: &PlannedImage, record: &ImageRecord, made: &Made, hash: &SourceHash) -> Vec<Reason> {
        let mut why = reasons(&fingerprint(image), Some(&made.from));
        if !self.is_as_it_was(image, record, hash) {
            why.push(Reason::Changed(Field::Source));
        }
        let is_doubtful = self.run.known.doubtful_from.is_some_and(|from| made.generation >= from);
        if why.is_empty() && (self.run.config.verify || is_doubtful) && !self.is_intact(image, made) {
            why.push(Reason::Damaged);
        }
        why
    }

    /// Whether the source has the bytes that it had. One that cannot be read has not; TILE says why.
    fn is_as_it_was(&self, image: &PlannedImage, record: &ImageRecord, hash: &SourceHash) -> bool {
        let is_same_file = record.source == relative(&image.source, self.run.config);
        (is_same_file && record.stamp.is_some() && record.stamp == image.stamp)
            || hash.get(&image.source, self.run.source).is_ok_and(|hash| hash == record.hash)
    }

    fn is_there(&self, image: &PlannedImage, record: &ImageRecord) -> bool {
        let is_away = |sink: &dyn ImageSink| sink.has(&image.id, record);
        self.run.directory.has(&image.id.site_path().join(INFO_JSON)) && self.run.sink.is_none_or(is_away)
    }

    /// Whether the image's folder holds what was written into it. What was taken away is looked at where it is.
    fn is_intact(&self, image: &PlannedImage, made: &Made) -> bool {
        self.run.sink.is_some()
            || self.run.directory.digest(&image.id.site_path(), INFO_JSON).is_ok_and(|digest| digest == made.digest)
    }

    /// The record of an image that need not be made, where the file system says something new of its source.
    fn seen_again(&self, image: &PlannedImage, record: &ImageRecord) -> Option<ImageRecord> {
        let ImageRecord { source, siblings, stamp, header, probed, .. } = self.unmade(image);
        let seen = ImageRecord { source, siblings, stamp, header, probed, ..record.clone() };
        (seen != *record).then_some(seen)
    }

    fn unmade(&self, image: &PlannedImage) -> ImageRecord {
        ImageRecord {
            source: relative(&image.source, self.run.config),
            siblings: image.siblings,
            stamp: image.stamp.filter(FileStamp::is_settled),
            hash: Hash::default(),
            header: image.header.clone(),
            probed: probe::fingerprint(&image.settings),
            made: None,
        }
    }
}
