//! COMPARE: which images have to be made, and why. The others stay as the last build left them.
//!
//! A master is read only if its size, date or time of change differ
//! ([`FileStamp`](crate::storage::fingerprint::FileStamp)). Tiles are read only with `--verify`, and after a power cut.

use super::due::{Due, SourceHash, fingerprint, unmade};
use super::image2_links;
use crate::build::image_sink::{ImageSink, PendingImage};
use crate::build::plan::PlannedImage;
use crate::build::progress::{Outcome, Stage};
use crate::build::run::Run;
use crate::build::stages::Stages;
use crate::documents::iiif::address;
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageId;
use crate::model::address::SitePath;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::storage::fingerprint::{Field, Reason, reasons};
use crate::storage::output::occupied;
use crate::storage::state::{DocumentRecord, ImageRecord, Made};
use parking_lot::Mutex;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// See the [module](self).
#[derive(Default)]
pub struct Compared<'a> {
    pub due: Vec<Due<'a>>,
    /// Images that need not be made, but lack their links for Image API 2.
    pub unlinked: Vec<&'a PlannedImage>,
    /// Images that are out of scope and were never made, and images whose place somebody else's files occupy.
    pub left_out: BTreeSet<ImageId>,
    /// New records of images that need not be made: their masters have other stamps, paths or headers now.
    seen_again: Vec<(String, ImageRecord)>,
}

impl Compared<'_> {
    /// Announces and records what is going to be made.
    pub fn begin(&self, run: &Run<'_>) -> Result<()> {
        self.announce(run)?;
        self.note(run)
    }

    /// Records the files that are going to be made: images and their links, and with each its info.json and the card of its
    /// item, which are documents of the item.
    pub fn note(&self, run: &Run<'_>) -> Result<()> {
        let due = self.due.iter().map(|due| (due.image.id.0.clone(), unmade(due.image, run.config)));
        let images: Vec<_> = self.seen_again.iter().cloned().chain(due).collect();
        let described = |item: &SitePath| run.previous.documents.get_key_value(item.as_str());
        let items = self.items().into_iter().filter_map(described);
        let items: Vec<_> = items
            .map(|(item, record)| (item.clone(), DocumentRecord { documents: None, pages: None, ..record.clone() }))
            .collect();
        if !images.is_empty() || !self.unlinked.is_empty() {
            run.state.begin(&images, &items)?;
        }
        let due = self.due.iter().map(|due| due.image).filter(|_| run.config.older.image);
        image2_links::note(due.chain(self.unlinked.iter().copied()), run)?;
        if self.due.is_empty() && self.unlinked.is_empty() { Ok(()) } else { run.list.extend() }
    }

    /// Announces to the sink the images that are going to be made. Refused where the sink lacks images that are out of
    /// scope: their pages would go.
    fn announce(&self, run: &Run<'_>) -> Result<()> {
        let Some(sink) = run.sink else { return Ok(()) };
        let was_made = |id: &&ImageId| run.previous.images.get(&id.0).is_some_and(|record| record.made.is_some());
        if let Some(lost) = self.left_out.iter().find(was_made) {
            let refused =
                Error::new(ErrorKind::Config, format!("the store lacks images that are out of scope: {lost}"));
            return Err(refused.with_hint("build without --only or --documents"));
        }
        if self.due.is_empty() {
            return Ok(());
        }
        let pending = self.due.iter().map(|Due { image, .. }| PendingImage {
            id: image.id.clone(),
            size: image.master.header.size,
            published: image.published(),
        });
        sink.begin(&pending.collect::<Vec<_>>(), &run.previous.images)
    }

    pub fn ids(&self) -> BTreeSet<ImageId> {
        self.due.iter().map(|due| due.image.id.clone()).collect()
    }

    /// The items that have images or links that are due.
    pub fn items(&self) -> BTreeSet<&SitePath> {
        let due = self.due.iter().map(|due| due.image);
        due.chain(self.unlinked.iter().copied()).map(|image| &image.item.path).collect()
    }

    /// All pixels to be made, counted at full resolution.
    pub fn pixels(&self) -> u64 {
        self.due.iter().map(|due| due.image.master.header.size.area()).sum()
    }
}

enum Decision<'a> {
    Kept {
        /// Its new record, if its master has another stamp, path or header now.
        record: Option<Box<ImageRecord>>,
        lacks_image2_links: bool,
    },
    Due(Due<'a>),
    LeftOut,
    /// Somebody else's file or folder is in the place of the image.
    Occupied(Error),
}

/// Runs COMPARE: compares each image with its record.
pub fn compare<'a>(images: &'a [PlannedImage], run: &Run<'_>, stages: &mut Stages<'_>) -> Result<Compared<'a>> {
    stages.run(Stage::Compare, images.len() as u64, |stage| {
        let occupied_items = occupied_items(images, run);
        occupied_items.values().for_each(|place| stage.fail(occupied(place)));
        let comparison = Comparison { run, hashes: Mutex::default(), occupied_items };
        let decide = |image| {
            let decision = comparison.decide(image);
            stage.advance(1);
            decision
        };
        let decisions: Vec<Decision<'_>> = run.pool.install(|| images.par_iter().map(decide).collect());
        let mut compared = Compared::default();
        for (image, decision) in images.iter().zip(decisions) {
            match decision {
                Decision::Kept { record, lacks_image2_links } => {
                    compared.unlinked.extend(lacks_image2_links.then_some(image));
                    compared.seen_again.extend(record.map(|record| (image.id.0.clone(), *record)));
                    stage.count(|report| report.reused += 1);
                    stage.image(&image.id, Outcome::Reused);
                }
                Decision::Due(due) => compared.due.push(due),
                Decision::LeftOut => drop(compared.left_out.insert(image.id.clone())),
                Decision::Occupied(error) => {
                    compared.left_out.insert(image.id.clone());
                    stage.image(&image.id, Outcome::Failed(&error));
                    stage.fail(error);
                }
            }
        }
        Ok(compared)
    })
}

struct Comparison<'a> {
    run: &'a Run<'a>,
    /// The hashes of files with several images, by path.
    hashes: Mutex<BTreeMap<PathBuf, Arc<SourceHash>>>,
    occupied_items: BTreeMap<&'a SitePath, PathBuf>,
}

/// Somebody else's file or folder in the place of an image or of its links, of which no record says that they are ours.
fn occupant(image: &PlannedImage, run: &Run<'_>) -> Option<PathBuf> {
    let Run { previous, config, .. } = *run;
    let is_unknown = !previous.images.contains_key(&image.id.0);
    let lacks_links = config.older.image && !previous.image2_links.contains_key(&image.id.0);
    let places = [(is_unknown, image.id.site_path()), (lacks_links, image.id.image2_path())];
    places.into_iter().filter(|(is_new, _)| *is_new).find_map(|(_, path)| run.image_occupant(&path))
}

/// New items of which somebody else's file is in the place of the Manifest or the page: they are left out as a whole.
fn occupied_items<'a>(images: &'a [PlannedImage], run: &Run<'_>) -> BTreeMap<&'a SitePath, PathBuf> {
    let items: BTreeSet<&SitePath> = images.iter().map(|image| &image.item.path).collect();
    let new = items.into_iter().filter(|item| !run.previous.documents.contains_key(item.as_str()));
    let occupant =
        |item: &SitePath| [address::manifest(item), address::page(item)].iter().find_map(|path| run.occupant(path));
    new.filter_map(|item| Some((item, occupant(item)?))).collect()
}

impl Comparison<'_> {
    fn decide<'a>(&self, image: &'a PlannedImage) -> Decision<'a> {
        let record = self.run.previous.images.get(&image.id.0);
        let made = record.filter(|record| self.is_there(image, record)).and_then(|record| record.made.as_ref());
        if self.occupied_items.contains_key(&image.item.path) {
            return Decision::LeftOut;
        }
        if let Some(place) = occupant(image, self.run) {
            return Decision::Occupied(occupied(&place));
        }
        if !self.run.config.scope.holds(&image.item.id.0) {
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
            _ => Decision::Due(Due { image, why, hash }),
        }
    }

    fn kept<'a>(&self, image: &PlannedImage, record: Option<Box<ImageRecord>>) -> Decision<'a> {
        Decision::Kept { record, lacks_image2_links: image2_links::is_due(image, self.run) }
    }

    fn hash_of(&self, image: &PlannedImage) -> Arc<SourceHash> {
        if image.master.siblings == 1 {
            return Arc::default();
        }
        self.hashes.lock().entry(image.master.source.clone()).or_default().clone()
    }

    /// How an image that was made differs from what a new one would be.
    fn changes(&self, image: &PlannedImage, record: &ImageRecord, made: &Made, hash: &SourceHash) -> Vec<Reason> {
        let mut why = reasons(&fingerprint(image), Some(&made.from));
        if !self.is_as_it_was(image, record, hash) {
            why.push(Reason::Changed(Field::Source));
        }
        let is_doubtful = self.run.previous.doubtful_from.is_some_and(|from| made.generation >= from);
        if why.is_empty() && (self.run.config.verify || is_doubtful) && !self.is_intact(image, made) {
            why.push(Reason::Damaged);
        }
        why
    }

    /// Whether the master has the bytes that it had. One that cannot be read counts as changed; TILE reports the
    /// reason.
    fn is_as_it_was(&self, image: &PlannedImage, record: &ImageRecord, hash: &SourceHash) -> bool {
        let master = &image.master;
        let is_same_file = record.source == self.run.config.relative(&master.source);
        (is_same_file && record.stamp.is_some() && record.stamp == master.stamp)
            || hash.get(&master.source, self.run.source).is_ok_and(|hash| hash == record.hash)
    }

    fn is_there(&self, image: &PlannedImage, record: &ImageRecord) -> bool {
        let is_away = |sink: &dyn ImageSink| sink.has(&image.id, record);
        self.run.directory.has(&image.id.site_path().join(INFO_JSON)) && self.run.sink.is_none_or(is_away)
    }

    /// Whether the image's folder holds the files that were written into it. A sink checks the images that it took away
    /// itself.
    fn is_intact(&self, image: &PlannedImage, made: &Made) -> bool {
        self.run.sink.is_some()
            || self.run.directory.digest(&image.id.site_path(), INFO_JSON).is_ok_and(|digest| digest == made.digest)
    }

    /// The new record of an image that need not be made, if its master has another stamp, path or header now.
    fn seen_again(&self, image: &PlannedImage, record: &ImageRecord) -> Option<Box<ImageRecord>> {
        let ImageRecord { source, siblings, stamp, header, probed, .. } = unmade(image, self.run.config);
        let seen = ImageRecord { source, siblings, stamp, header, probed, ..record.clone() };
        (seen != *record).then(|| Box::new(seen))
    }
}
