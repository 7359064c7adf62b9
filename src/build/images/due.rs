//! The images that are due: the reasons, their records, and the order in which they are made.
//!
//! An image is made again if the bytes of its master, its page, `tile-size`, `quality`, `subsampling`, `huffman`,
//! `formats`, `background`, `max-size`, `max-resolution`, the bytes or the placement of its watermark, the use of its
//! own JPEG data, or the version of the tiler changed.

use crate::build::plan::PlannedImage;
use crate::build::survey::probe;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::model::settings::ImageSettings;
use crate::storage::fingerprint::{Field, FileStamp, Fingerprint, Hash, Reason, hash_file};
use crate::storage::state::ImageRecord;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Version of the tiler's output. Another one makes all tiles anew.
const VERSION: u32 = 1;

/// An image to make.
pub struct Due<'a> {
    pub image: &'a PlannedImage,
    pub why: Vec<Reason>,
    /// Shared by all images in the file.
    pub hash: Arc<SourceHash>,
}

/// The hash of a master's file, computed once, at its first use.
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

/// The input of tiles, beside the bytes of the master.
pub fn fingerprint(image: &PlannedImage) -> Fingerprint {
    let ImageSettings { tile_size, coding, formats, background, max_size, max_resolution, lossless: _, ref watermark } =
        image.options.settings;
    let fingerprint = Fingerprint::default()
        .with(Field::Page, &image.master.header.index)
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
    match watermark.as_deref().zip(image.options.watermark.as_deref()) {
        Some((watermark, file)) => fingerprint.with(Field::Watermark, &(file.hash, watermark.placement)),
        None => fingerprint,
    }
}

/// The record of an image that is about to be made.
pub fn unmade(image: &PlannedImage, config: &Config) -> ImageRecord {
    let master = &image.master;
    ImageRecord {
        source: config.relative(&master.source),
        siblings: master.siblings,
        stamp: master.stamp.filter(FileStamp::is_settled),
        hash: Hash::default(),
        header: master.header.clone(),
        probed: probe::fingerprint(&image.options.settings),
        made: None,
    }
}

/// Returns images one by one, each once: those that a request waits for come first.
pub struct Queue(Mutex<Places>);

struct Places {
    /// All images before it are taken.
    next: usize,
    taken: Vec<bool>,
    /// The place of each image, by its id.
    by_id: BTreeMap<String, usize>,
}

impl Queue {
    pub fn new(due: &[Due<'_>]) -> Queue {
        let by_id = due.iter().enumerate().map(|(place, due)| (due.image.id.0.clone(), place)).collect();
        Queue(Mutex::new(Places { next: 0, taken: vec![false; due.len()], by_id }))
    }

    /// An image that is `wanted`, else the next of `due`.
    pub fn next<'a, 'b>(&self, due: &'a [Due<'b>], wanted: impl Fn() -> Option<String>) -> Option<&'a Due<'b>> {
        let mut places = self.0.lock();
        while let Some(id) = wanted() {
            if let Some(place) = places.by_id.get(&id).copied().filter(|place| !places.taken[*place]) {
                places.taken[place] = true;
                return due.get(place);
            }
        }
        while places.taken.get(places.next).copied()? {
            places.next += 1;
        }
        let place = places.next;
        places.taken[place] = true;
        due.get(place)
    }

    /// Returns no more images.
    pub fn close(&self) {
        self.0.lock().taken.fill(true);
    }
}
