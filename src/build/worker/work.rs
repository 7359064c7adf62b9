//! The work itself, in whichever process.

use super::marks::Marks;
use super::protocol::{Answer, Task, TileTask, Tiled};
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageHeader;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::pixels::decode::{self, PixelSource, WatermarkImage};
use crate::pixels::tile_plan::TilePlan;
use crate::pixels::tiling::{self, TileOptions};
use crate::storage::fingerprint::FileStamp;
use crate::storage::output::StagedImage;
use std::path::{Path, PathBuf};

/// Does a task on the current pool of threads.
pub fn perform(task: &Task, marks: &Marks, advanced: &(dyn Fn(u64) + Sync)) -> Result<Answer> {
    match task {
        Task::Probe { path, settings } => decode::probe(&PathBuf::from(path), settings).map(Answer::Probed),
        Task::Mark { path, memory } => check_mark(&PathBuf::from(path), *memory).map(Answer::Mark),
        Task::Tile(task) => tile(task, marks, advanced).map(Answer::Tiled),
    }
}

/// The header of a watermark, once all of it was decoded within so many bytes.
pub fn check_mark(path: &Path, memory: u64) -> Result<ImageHeader> {
    let header = decode::probe_watermark(path)?;
    if decode::watermark_memory(&header, header.size, rayon::current_num_threads()) > memory {
        return Err(Error::image("it does not fit into the memory budget").with_path(path));
    }
    WatermarkImage::decode(path, &header).map(|_| header)
}

/// Cuts one image. If its own JPEG data cannot be published, perhaps because it is damaged, it is encoded anew: decoders
/// mend more than can be cut.
pub fn tile(task: &TileTask, marks: &Marks, advanced: &(dyn Fn(u64) + Sync)) -> Result<Tiled> {
    let TileTask { header, settings, .. } = task;
    let source = PathBuf::from(&task.source);
    let tile_plan = TilePlan::new(header, settings);
    let cut = TileOptions::new(&tile_plan.pyramid, settings, task.tiles_only);
    let published = |stored: bool| {
        let folder = StagedImage::new(PathBuf::from(&task.target))?;
        folder.write_beside(INFO_JSON, &task.info_json)?;
        let damage = if stored {
            tiling::tile_passthrough(decode::open_passthrough(&source, header)?.as_ref(), cut, &folder, advanced)?;
            None
        } else {
            let mut pixels = open(task, &source, marks)?;
            tiling::tile(pixels.as_mut(), cut, &folder, advanced)?;
            pixels.damage()
        };
        if FileStamp::of(&source).ok() != Some(task.stamp) {
            return Err(decode::changed());
        }
        Ok(Tiled { digest: folder.commit()?, damage })
    };
    let done = match tile_plan.stored.map(|_| published(true)) {
        Some(Err(error)) if error.kind() == ErrorKind::Image => published(false),
        Some(done) => done,
        None => published(false),
    };
    done.map_err(|error| error.with_path(source))
}

/// The pixels of an image, with its watermark.
fn open(task: &TileTask, source: &Path, marks: &Marks) -> Result<Box<dyn PixelSource>> {
    let mark = task.settings.watermark.as_deref().zip(task.mark.as_ref());
    let mark = mark.map(|(watermark, mark)| Ok((marks.get(mark)?, &watermark.placement))).transpose()?;
    let pixels = decode::open(source, &task.header, &task.settings, task.memory)?;
    Ok(match mark {
        Some((mark, placement)) => decode::burn(pixels, mark, placement),
        None => pixels,
    })
}
