//! One image to one folder, without a project: the drop-in for `vips dzsave --layout iiif3`.

use super::stages::Stages;
use super::tile::{TileTask, tile_one};
use super::{Report, thread_pool};
use crate::config::Resources;
use crate::cutting::Cutting;
use crate::decode;
use crate::error::{Error, ErrorKind, Result};
use crate::iiif::image::{About, INFO_JSON, info_json};
use crate::output::{ImageFolder, StagedImage};
use crate::progress::{Observer, Stage};
use crate::settings::ImageSettings;
use crate::tiling::MemoryBudget;
use std::fs;
use std::path::Path;

/// What to make of an image.
#[derive(Debug, Clone, Copy)]
pub struct SingleImage<'a> {
    pub source: &'a Path,
    /// Becomes the image's folder; replaced if it is one already.
    pub target: &'a Path,
    /// The URI at which the folder will be published.
    pub id: &'a str,
    /// Which image of a multi-page file, from 0.
    pub page: usize,
    pub settings: ImageSettings,
    /// Only tiles and info.json: not the whole-image files that IIIF and its viewers ask for.
    pub tiles_only: bool,
}

/// Cuts one image, its info.json included.
pub fn tile_file(image: &SingleImage<'_>, resources: Resources, observer: &dyn Observer) -> Result<Report> {
    let SingleImage { source, target, id, page, settings, .. } = *image;
    let occupied = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !target.join(INFO_JSON).is_file() {
        return Err(Error::new(ErrorKind::Config, "the folder holds files that are no image service")
            .with_path(target)
            .with_hint("name a new folder"));
    }
    let pool = thread_pool(resources.jobs)?;
    let mut stages = Stages::new(observer);
    let headers = stages.run(Stage::Probe, 1, |_| pool.install(|| decode::probe(source, &settings)))?;
    let header = headers
        .into_iter()
        .nth(page)
        .ok_or_else(|| Error::new(ErrorKind::Config, format!("the file has no page {}", page + 1)).with_path(source))?;
    let cutting = Cutting::new(&header, settings);
    let task = TileTask { source, header: &header, cutting: &cutting, settings, tiles_only: image.tiles_only };
    stages.run(Stage::Tile, header.size.area(), |stage| {
        stage.note(&task.treatment());
        let folder = StagedImage::new(target.to_path_buf())?;
        let about = About { formats: settings.formats, ..About::default() };
        folder.write(INFO_JSON, &info_json(id, &cutting.pyramid, about))?;
        let budget = MemoryBudget::new(resources.memory);
        let tally = tile_one(&task, folder, &budget, &pool, &|pixels| stage.advance(pixels))?;
        stage.count(|report| {
            (report.images, report.files, report.bytes) = (1, tally.files, tally.bytes);
        });
        Ok(())
    })?;
    Ok(stages.finish())
}
