//! TILE: all images of a plan, as many at once as the memory budget allows.
//!
//! A few driver threads take one image after the other. A driver waits for memory, then hands its image to the worker,
//! whose one pool all images share; so waiting never holds up a thread that computes.

use super::memory::Need;
use super::stages::Running;
use super::worker::{TileTask, Worker};
use crate::config::Config;
use crate::error::Result;
use crate::model::ImageId;
use crate::output::Directory;
use crate::plan::PlannedImage;
use crate::tiling::MemoryBudget;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Tiles `images`; answers the ids of those that failed. With `fail-fast` the first failure is the error.
pub fn tile(
    images: &[PlannedImage],
    config: &Config,
    worker: &Worker,
    directory: &Directory,
    stage: &Running<'_>,
) -> Result<BTreeSet<ImageId>> {
    let budget = MemoryBudget::new(config.resources.memory);
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(BTreeSet::new());
    let fatal = Mutex::new(None);
    let cut_one = |image: &PlannedImage| {
        let path = &image.source.path;
        let need = Need::of(&image.header, &image.cutting, image.settings, false, &config.resources);
        let need = need.within(path, &config.resources)?;
        let _share = budget.take(need.total());
        let task = TileTask {
            source: path.as_path().into(),
            header: image.header.clone(),
            settings: image.settings,
            tiles_only: false,
            memory: need.decoder,
            target: directory.image_folder(&image.id.site_path()).as_path().into(),
            info_json: None,
        };
        worker.tile(task, &|pixels| stage.advance(pixels))
    };
    let drive = || {
        while let Some(image) = images.get(next.fetch_add(1, Ordering::Relaxed)) {
            match cut_one(image) {
                Ok(tally) => {
                    stage.note(&format!("{}: {}", image.id, image.cutting.treatment(&image.header)));
                    stage.count(|report| {
                        report.images += 1;
                        report.files += tally.files;
                        report.bytes += tally.bytes;
                    });
                }
                Err(error) if config.fail_fast => {
                    next.store(images.len(), Ordering::Relaxed);
                    lock(&fatal).get_or_insert(error);
                }
                Err(error) => {
                    stage.fail(error);
                    lock(&failed).insert(image.id.clone());
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..config.resources.jobs {
            scope.spawn(drive);
        }
    });
    match fatal.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(failed.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
