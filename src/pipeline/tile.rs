//! TILE: all images of a plan, as many at once as the memory budget allows.
//!
//! A few driver threads take one image after the other. A driver waits for memory, then runs its image on the one
//! pool that all images share; so waiting never holds up a thread that computes.

use super::stages::Running;
use crate::config::Config;
use crate::cutting::Cutting;
use crate::decode;
use crate::error::{Error, Result};
use crate::model::{ImageHeader, ImageId};
use crate::output::{Directory, StagedImage, Tally};
use crate::plan::PlannedImage;
use crate::settings::ImageSettings;
use crate::tiling::{self, Cut, MemoryBudget};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Tiles `images`; answers the ids of those that failed. With `fail-fast` the first failure is the error.
pub fn tile(
    images: &[PlannedImage],
    config: &Config,
    pool: &rayon::ThreadPool,
    directory: &Directory,
    stage: &Running<'_>,
) -> Result<BTreeSet<ImageId>> {
    let budget = MemoryBudget::new(config.resources.memory);
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(BTreeSet::new());
    let fatal = Mutex::new(None);
    let drive = || {
        while let Some(image) = images.get(next.fetch_add(1, Ordering::Relaxed)) {
            let task = TileTask {
                source: &image.source.path,
                header: &image.header,
                cutting: &image.cutting,
                settings: image.settings,
                tiles_only: false,
            };
            let staged = directory.stage_image(&image.id.site_path());
            match staged.and_then(|folder| tile_one(&task, folder, &budget, pool, &|pixels| stage.advance(pixels))) {
                Ok(tally) => {
                    stage.note(&format!("{}: {}", image.id, task.treatment()));
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

/// One image and how to cut it.
#[derive(Clone, Copy)]
pub struct TileTask<'a> {
    pub source: &'a Path,
    pub header: &'a ImageHeader,
    pub cutting: &'a Cutting,
    pub settings: ImageSettings,
    /// Without the whole-image files that viewers ask for beside tiles.
    pub tiles_only: bool,
}

impl TileTask<'_> {
    /// What is done to the image, in words.
    pub fn treatment(&self) -> String {
        self.cutting.treatment(self.header)
    }
}

/// Cuts one image into `folder` on `pool` once `budget` has room for it. Refused before the file is opened if the
/// whole budget is too small.
pub fn tile_one(
    task: &TileTask<'_>,
    folder: StagedImage,
    budget: &MemoryBudget,
    pool: &rayon::ThreadPool,
    advanced: &(dyn Fn(u64) + Sync),
) -> Result<Tally> {
    let TileTask { source, header, cutting, settings, tiles_only } = *task;
    let cut = Cut { pyramid: &cutting.pyramid, formats: settings.formats, coding: settings.coding, tiles_only };
    let stored = cutting.stored.map_or(0, |stored| stored.memory);
    let tiling = tiling::memory_needed(&cut, header.channels, pool.current_num_threads()).saturating_add(stored);
    let needed = header.decoder_memory.saturating_add(tiling);
    // By the whole budget, not by what is free just now: each run then decodes in the same way.
    let decoder = budget.total().saturating_sub(tiling).clamp(header.decoder_memory, header.ample_memory);
    let _share = budget.take(decoder.saturating_add(tiling)).ok_or_else(|| {
        let mebibytes = |bytes: u64| bytes.div_ceil(1 << 20);
        let (needed, total) = (mebibytes(needed), mebibytes(budget.total()));
        Error::image(format!("it needs {needed} MiB of memory, the budget is {total} MiB"))
            .with_path(source)
            .with_hint(format!("--memory {needed}M allows it"))
    })?;
    let tiled = pool.install(|| match cutting.stored {
        Some(_) => tiling::tile_stored(decode::open_stored(source, header)?.as_ref(), cut, &folder, advanced),
        None => tiling::tile(decode::open(source, header, &settings, decoder)?.as_mut(), cut, &folder, advanced),
    });
    tiled.map_err(|error| error.with_path(source))?;
    folder.commit()
}
