//! TILE: the images that are due, as many at once as the memory budget allows.
//!
//! A few driver threads take one image after the other. A driver waits for memory, then hands its image to the worker,
//! whose one pool all images share; so waiting never holds up a thread that computes. An image is written down as soon
//! as its files are in their place.

use super::compare::{self, Due};
use super::image2_links;
use super::memory::MemoryEstimate;
use super::queue::Queue;
use crate::build::progress::Outcome;
use crate::build::run::{Run, interrupted, service_of};
use crate::build::stages::Running;
use crate::build::worker::{TileTask, WatermarkTask, Worker};
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageId;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::pixels::tiling::MemoryBudget;
use crate::storage::output::FolderDigest;
use crate::storage::state::{ImageRecord, Made, Published};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often what was made is flushed to the disk: at most so much is checked after a power cut.
const FLUSH_EVERY: Duration = Duration::from_secs(60);

/// Makes the images that are `due`; answers the ids of those that failed. With `fail-fast` the first failure is the
/// error; a disk that cannot be written always is.
pub fn tile(due: &[Due<'_>], run: &Run<'_>, worker: &Worker, stage: &Running<'_>) -> Result<BTreeSet<ImageId>> {
    let drivers = Drivers {
        due,
        run,
        worker,
        stage,
        budget: MemoryBudget::new(run.config.resources.memory),
        queue: Queue::new(due),
        failed: Mutex::default(),
        fatal: Mutex::default(),
    };
    worker.unconfined().into_iter().for_each(|note| stage.note(note));
    let (done, ended) = mpsc::channel();
    std::thread::scope(|scope| {
        let drivers = &drivers;
        scope.spawn(move || drivers.flush_until(&ended));
        // One that is being taken away needs no processor.
        let each = if run.sink.is_some() { 2 } else { 1 };
        for _ in 0..(each * run.config.resources.jobs).min(due.len()) {
            let done: Sender<()> = done.clone();
            scope.spawn(move || {
                drivers.drive();
                drop(done);
            });
        }
        drop(done);
    });
    match drivers.fatal.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(drivers.failed.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

/// What the driver threads share.
struct Drivers<'a> {
    due: &'a [Due<'a>],
    run: &'a Run<'a>,
    worker: &'a Worker,
    stage: &'a Running<'a>,
    budget: MemoryBudget,
    queue: Queue,
    failed: Mutex<BTreeSet<ImageId>>,
    /// Why no more images are taken.
    fatal: Mutex<Option<Error>>,
}

impl Drivers<'_> {
    /// One image after the other, until there are no more or something is in the way of all of them.
    fn drive(&self) {
        while let Some(due) = self.queue.next(self.due, || self.stage.wanted()) {
            if self.stage.is_cancelled() {
                return self.stop(interrupted());
            }
            let made = self.make(due).and_then(|record| self.link(due, record));
            match made {
                // What cannot be kept of one image cannot be of another.
                Ok(record) => match self.carry(due, record).and_then(|record| self.write_down(due, record)) {
                    Ok(made) => self.tell(due, made),
                    Err(error) => return self.stop(error),
                },
                Err(error) if self.run.config.fail_fast || !error.is_of_one_image() => return self.stop(error),
                Err(error) => {
                    self.stage.image(&due.image.id, Outcome::Failed(&error));
                    self.stage.fail(error);
                    lock(&self.failed).insert(due.image.id.clone());
                }
            }
        }
    }

    fn stop(&self, error: Error) {
        self.queue.close();
        lock(&self.fatal).get_or_insert(error);
    }

    fn make(&self, due: &Due<'_>) -> Result<ImageRecord> {
        let image = due.image;
        let path = &image.source;
        let here = self.run.source.here(path)?;
        let hash = due.hash.get(path, self.run.source)?;
        let resources = &self.run.config.resources;
        let mark = image.mark.as_deref();
        let need = MemoryEstimate::of(&image.header, &image.tile_plan, &image.settings, mark, false, resources);
        let need = need.within(path, resources)?;
        let _share = self.budget.take(need.total());
        if self.stage.is_cancelled() {
            return Err(interrupted());
        }
        let stamp = image.stamp.ok_or_else(|| Error::new(ErrorKind::Image, "the file is not there").with_path(path))?;
        let task = TileTask {
            source: here.path.as_path().into(),
            header: image.header.clone(),
            settings: image.settings.clone(),
            watermark: WatermarkTask::of(&image.settings, mark),
            tiles_only: false,
            memory: need.decoder,
            target: self.run.directory.image_folder(&image.id.site_path()).as_path().into(),
            info_json: service_of(image).info_json(&self.run.config.base_url),
            stamp: here.watched(stamp).map_err(|error| Error::read(ErrorKind::Image, path, error))?,
        };
        let tiled = here.told(path, self.worker.tile(task, &|pixels| self.stage.advance(pixels)))?;
        let made = Made {
            from: compare::fingerprint(image),
            digest: tiled.digest,
            damage: tiled.damage,
            generation: self.run.state.generation(),
            published: Published::of(image.tile_plan.pyramid.tile_size, &image.settings),
        };
        Ok(ImageRecord {
            stamp: Some(stamp).filter(|stamp| stamp.is_settled()),
            hash,
            made: Some(made),
            ..due.record.clone()
        })
    }

    /// Before it is written down: an image of which there is a record lacks nothing.
    fn link(&self, due: &Due<'_>, record: ImageRecord) -> Result<ImageRecord> {
        if let Some(made) = record.made.as_ref().filter(|_| self.run.config.older.image) {
            image2_links::link(due.image, made, self.run)?;
        }
        Ok(record)
    }

    /// Before it is written down: an image of which there is a record is where it is to be.
    fn carry(&self, due: &Due<'_>, record: ImageRecord) -> Result<ImageRecord> {
        if let Some(sink) = self.run.sink {
            sink.upload(&due.image.id, &record)?;
            self.run.directory.strip_image(&due.image.id.site_path(), INFO_JSON)?;
        }
        Ok(record)
    }

    fn write_down(&self, due: &Due<'_>, record: ImageRecord) -> Result<Made> {
        self.run.state.image(&due.image.id.0, &record)?;
        record.made.ok_or_else(|| Error::new(ErrorKind::Internal, "an image was made of nothing"))
    }

    fn tell(&self, due: &Due<'_>, made: Made) {
        let image = due.image;
        self.stage.note(&format!("{}: {}", image.id, image.tile_plan.treatment(&image.header)));
        if let Some(damage) = made.damage {
            self.stage.warn_of_damage(&image.source, &damage);
        }
        let FolderDigest { files, bytes, .. } = made.digest;
        self.stage.image(&image.id, Outcome::Made { why: &due.why, files, bytes });
        self.stage.count(|report| {
            report.images += 1;
            report.files += files;
            report.bytes += bytes;
        });
    }

    /// Flushes now and then until all drivers have `ended`. What cannot be flushed is checked after a power cut.
    fn flush_until(&self, ended: &Receiver<()>) {
        while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(FLUSH_EVERY) {
            if let Err(error) = self.run.state.flush(self.run.directory) {
                let path = error.path().map(Path::to_path_buf);
                self.stage.found(Diagnostic::new(Code::NotFlushed, error.message()).with_paths(path));
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
