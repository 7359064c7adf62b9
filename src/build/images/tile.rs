//! TILE: the images that are due, as many at once as the memory budget allows.
//!
//! A few driver threads take one image after the other. A driver waits for memory, then hands its image to the worker,
//! whose one pool all images share; so waiting never holds up a thread that computes. An image is recorded as soon
//! as its files are in their place.
//!
//! A decoder that works in sequence (JPEG, PNG) runs beside the encoding of other images. An image whose needs exceed
//! the whole budget is refused before it is opened.

use super::compare::Compared;
use super::drivers;
use super::due::{Due, Queue};
use super::image2_links;
use super::make::{ImageOrder, Maker, MasterFile};
use crate::build::progress::{Outcome, Stage};
use crate::build::run::{Run, interrupted};
use crate::build::stages::{Running, Stages};
use crate::build::worker::Worker;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageId;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::pixels::tiling::MemoryBudget;
use crate::storage::output::FolderDigest;
use crate::storage::state::{ImageRecord, Made};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often the output is flushed to the disk. After a power cut, files that were made since then are checked.
const FLUSH_EVERY: Duration = Duration::from_secs(60);

/// What became of the images that were due.
#[derive(Default)]
pub struct Tiled {
    /// The digests of those that were made.
    pub made: BTreeMap<ImageId, FolderDigest>,
    pub failed: BTreeSet<ImageId>,
    /// Documents name them already, and a later build makes them.
    pub deferred: BTreeSet<ImageId>,
}

/// Runs TILE: makes the images that are due, or defers all of them if they have more pixels than `defer-beyond`.
///
/// # Errors
/// The first failure with `fail-fast`; else only errors that stop all images, such as a disk that cannot be written.
pub fn tile(compared: &Compared<'_>, worker: &Worker, run: &Run<'_>, stages: &mut Stages<'_>) -> Result<Tiled> {
    compared.begin(run)?;
    let pixels = compared.pixels();
    if run.config.defer_beyond.is_some_and(|limit| pixels > limit) {
        return Ok(Tiled { deferred: compared.ids(), ..Tiled::default() });
    }
    stages.run(Stage::Tile, pixels, |stage| tile_all(&compared.due, worker, run, stage))
}

fn tile_all(due: &[Due<'_>], worker: &Worker, run: &Run<'_>, stage: &Running<'_>) -> Result<Tiled> {
    let tiling = Drivers {
        due,
        run,
        maker: Maker {
            source: run.source,
            worker,
            resources: &run.config.resources,
            budget: MemoryBudget::new(run.config.resources.memory),
            force: run.config.force,
        },
        stage,
        queue: Queue::new(due),
        tiled: Mutex::default(),
        fatal: Mutex::default(),
    };
    worker.unconfined().into_iter().for_each(|note| stage.note(note));
    let threads = drivers::threads(run.config.resources.jobs, run.sink.is_some(), due.len());
    drivers::run(threads, || tiling.drive(), |ended| tiling.flush_until(ended));
    match tiling.fatal.into_inner() {
        Some(error) => Err(error),
        None => Ok(tiling.tiled.into_inner()),
    }
}

/// The data that the driver threads share.
struct Drivers<'a> {
    due: &'a [Due<'a>],
    run: &'a Run<'a>,
    maker: Maker<'a>,
    stage: &'a Running<'a>,
    queue: Queue,
    tiled: Mutex<Tiled>,
    /// Why no more images are taken.
    fatal: Mutex<Option<Error>>,
}

impl Drivers<'_> {
    /// Makes one image after the other, until there are no more or an error stops all of them.
    fn drive(&self) {
        while let Some(due) = self.queue.next(self.due, || self.stage.wanted()) {
            if self.stage.is_cancelled() {
                return self.stop(interrupted());
            }
            let made = self.make(due).and_then(|record| self.link(due, record));
            match made {
                // A failed upload or record would fail for all images.
                Ok(record) => match self.upload(due, record).and_then(|record| self.record(due, record)) {
                    Ok(made) => self.report(due, made),
                    Err(error) => return self.stop(error),
                },
                Err(error) if self.run.config.fail_fast || !error.is_of_one_image() => return self.stop(error),
                Err(error) => {
                    self.stage.image(&due.image.id, Outcome::Failed(&error));
                    self.stage.fail(error);
                    self.tiled.lock().failed.insert(due.image.id.clone());
                }
            }
        }
    }

    fn stop(&self, error: Error) {
        self.queue.close();
        self.fatal.lock().get_or_insert(error);
    }

    fn make(&self, due: &Due<'_>) -> Result<ImageRecord> {
        let Due { image, hash, .. } = due;
        let order = ImageOrder::of(image, self.run.config);
        let master = MasterFile { path: &image.master.source, stamp: image.master.stamp, hash };
        let target = self.run.directory.place(&image.id.site_path());
        let made = self.maker.make(&order, master, &target, self.stage)?;
        Ok(order.made(made, self.run.state.generation()))
    }

    /// Makes the links, before the image is recorded: an image with a record lacks nothing.
    fn link(&self, due: &Due<'_>, record: ImageRecord) -> Result<ImageRecord> {
        if let Some(made) = record.made.as_ref().filter(|_| self.run.config.older.image) {
            image2_links::link(due.image, made, self.run)?;
        }
        Ok(record)
    }

    /// Hands the image to the sink, before it is recorded: an image with a record is where it is served.
    fn upload(&self, due: &Due<'_>, record: ImageRecord) -> Result<ImageRecord> {
        if let Some(sink) = self.run.sink {
            sink.upload(&due.image.id, &record)?;
            self.run.directory.strip_image(&due.image.id.site_path(), INFO_JSON)?;
        }
        Ok(record)
    }

    fn record(&self, due: &Due<'_>, record: ImageRecord) -> Result<Made> {
        self.run.state.image(&due.image.id.0, &record)?;
        record.made.ok_or_else(|| Error::new(ErrorKind::Internal, "an image was made of nothing"))
    }

    fn report(&self, due: &Due<'_>, made: Made) {
        let image = due.image;
        self.stage.note(&format!("{}: {}", image.id, image.tile_plan.treatment(&image.master.header)));
        if let Some(damage) = made.damage {
            self.stage.warn_of_damage(&image.master.source, &damage);
        }
        let FolderDigest { files, bytes, .. } = made.digest;
        self.tiled.lock().made.insert(image.id.clone(), made.digest);
        self.stage.image(&image.id, Outcome::Made { why: &due.why, files, bytes });
        self.stage.count(|report| {
            report.images += 1;
            // The info.json comes with them.
            report.files += files + 1;
            report.bytes += bytes;
        });
    }

    /// Flushes now and then until all drivers have `ended`. Files that could not be flushed are checked after a power cut.
    fn flush_until(&self, ended: &Receiver<()>) {
        while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(FLUSH_EVERY) {
            if let Err(error) = self.run.state.flush(self.run.directory) {
                let path = error.path().map(Path::to_path_buf);
                self.stage.found(Diagnostic::new(Code::NotFlushed, error.message()).with_paths(path));
            }
        }
    }
}
