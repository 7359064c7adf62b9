//! One image to one folder, without a project: the drop-in for `vips dzsave --layout iiif3`.

use super::memory::MemoryEstimate;
use crate::build::progress::{Observer, Stage};
use crate::build::report::Report;
use crate::build::stages::Stages;
use crate::build::worker::{Placement, TileTask, Tiled, WatermarkTask, Worker};
use crate::config::{LOCAL_BASE_URL, Resources};
use crate::documents::info_json::{InfoProperties, info_json};
use crate::error::{Error, ErrorKind, Result};
use crate::model::settings::ImageSettings;
use crate::pixels::tile_plan::TilePlan;
use crate::storage::fingerprint::FileStamp;
use crate::storage::ownership::{is_within, mark, resolved};
use std::fs;
use std::path::Path;

/// How one image is tiled without a project.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SingleImageOptions {
    /// The URI at which the folder will be published, without a slash at its end. `None`: [`LOCAL_BASE_URL`] and the
    /// folder's name.
    pub id: Option<String>,
    /// Which image of a multi-page file, from 0.
    pub page: usize,
    /// Tile size, formats, quality, watermark.
    pub settings: ImageSettings,
    /// Write only tiles and info.json, and not the whole-image files that viewers ask for.
    pub tiles_only: bool,
    /// Write into a folder that holds other files. Those that have no address of the image stay.
    pub force: bool,
    /// Threads, and memory for pixels.
    pub resources: Resources,
}

/// Cuts the image in `source` into tiles and writes them, with its info.json, into the folder `target`. The folder must be
/// new or empty, or one that this function made: then the image in it is replaced. Such a folder has a small file
/// `.iiif-build` as its marker.
///
/// # Errors
/// Settings out of their range, a target that is a file or holds other files or the image itself, a page that the file does not have, a watermark or an image that cannot be read, an
/// image that needs more memory than [`Resources::memory`], and a disk that cannot be written.
pub fn tile(source: &Path, target: &Path, options: &SingleImageOptions, observer: &dyn Observer) -> Result<Report> {
    let &SingleImageOptions { ref id, page, ref settings, tiles_only, force, ref resources } = options;
    if let Some(refused) = settings.refused().into_iter().next() {
        return Err(Error::new(ErrorKind::Config, refused.why));
    }
    let name = target.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let id = id.clone().unwrap_or_else(|| format!("{LOCAL_BASE_URL}{name}"));
    check_target(source, target, force)?;
    let target = &resolved(target);
    let worker = Worker::new(resources, None)?;
    let mut stages = Stages::new(observer);
    let stamp = FileStamp::of(source).map_err(|error| Error::read(ErrorKind::Image, source, error))?;
    let headers = stages.run(Stage::Probe, 1, |_| worker.probe(source, settings))?;
    let header = headers
        .into_iter()
        .nth(page)
        .ok_or_else(|| Error::new(ErrorKind::Config, format!("the file has no page {}", page + 1)).with_path(source))?;
    let tile_plan = TilePlan::new(&header, settings);
    let watermark = settings.watermark.as_ref();
    let probe = |file: &Path| worker.watermark_file(file, file, resources.memory);
    let watermark = watermark.map(|watermark| probe(&watermark.file)).transpose()?;
    stages.run(Stage::Tile, header.size.area(), |stage| {
        stage.note(&tile_plan.treatment(&header));
        worker.unconfined().into_iter().for_each(|note| stage.note(note));
        let need = MemoryEstimate::of(&header, &tile_plan, settings, watermark.as_ref(), tiles_only, resources);
        let about = InfoProperties { formats: settings.formats, ..InfoProperties::default() };
        let info_json = info_json(&id, &tile_plan.pyramid, about);
        let task = TileTask {
            source: source.into(),
            memory: need.within(source, resources)?.decoder,
            watermark: WatermarkTask::of(settings, watermark.as_ref()),
            settings: settings.clone(),
            tiles_only,
            target: target.as_path().into(),
            stamp,
            info_json,
            header,
        };
        let described = task.info_json.len() as u64;
        let placement = Placement { force: false, is_marked: true };
        let Tiled { digest, damage } = worker.tile(task, placement, &|pixels| stage.advance(pixels))?;
        if let Some(damage) = damage {
            stage.warn_of_damage(source, &damage);
        }
        stage.count(|report| {
            (report.images, report.files, report.bytes) = (1, digest.files + 1, digest.bytes + described);
        });
        Ok(())
    })?;
    Ok(stages.finish())
}

/// Refuses a target in which something of the user's would be lost.
fn check_target(source: &Path, target: &Path, force: bool) -> Result<()> {
    let refused =
        |why: &str, hint: &str| Err(Error::new(ErrorKind::Config, why).with_path(target).with_hint(hint.to_owned()));
    let place = resolved(target);
    if is_within(&resolved(source), &place) {
        return refused("the image itself is here, and would be lost", "name a new folder");
    }
    match place.symlink_metadata() {
        Ok(kind) if !kind.is_dir() => {
            return refused("a file is here, and a folder is to be made", "name a new folder");
        }
        _ => {}
    }
    let is_empty = fs::read_dir(&place).map_or(true, |mut entries| entries.next().is_none());
    if is_empty || force || mark::is_marked(&place) {
        return Ok(());
    }
    let hint = "name a new folder; --force writes into this one, and leaves files without an address of the image";
    refused("the folder holds files that `iiif-build tile` did not write, and they could be lost", hint)
}
