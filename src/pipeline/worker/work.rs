//! The work itself, in whichever process.

use super::protocol::{Answer, Task, TileTask};
use crate::cutting::Cutting;
use crate::decode;
use crate::error::{ErrorKind, Result};
use crate::iiif::image::INFO_JSON;
use crate::output::{ImageFolder, StagedImage, Tally};
use crate::tiling::{self, Cut};
use std::path::PathBuf;

/// Does a task on the current pool of threads.
pub fn perform(task: &Task, advanced: &(dyn Fn(u64) + Sync)) -> Result<Answer> {
    match task {
        Task::Probe { path, settings } => decode::probe(&PathBuf::from(path), settings).map(Answer::Probed),
        Task::Tile(task) => tile(task, advanced).map(Answer::Tiled),
    }
}

/// Cuts one image. If its own JPEG data cannot be published, perhaps because it is damaged, it is encoded anew: decoders
/// mend more than can be cut.
pub fn tile(task: &TileTask, advanced: &(dyn Fn(u64) + Sync)) -> Result<Tally> {
    let TileTask { header, settings, .. } = task;
    let source = PathBuf::from(&task.source);
    let cutting = Cutting::new(header, *settings);
    let cut = Cut::new(&cutting.pyramid, settings, task.tiles_only);
    let published = |stored: bool| {
        let folder = StagedImage::new(PathBuf::from(&task.target))?;
        if let Some(info_json) = &task.info_json {
            folder.write(INFO_JSON, info_json)?;
        }
        if stored {
            tiling::tile_stored(decode::open_stored(&source, header)?.as_ref(), cut, &folder, advanced)?;
        } else {
            let mut pixels = decode::open(&source, header, settings, task.memory)?;
            tiling::tile(pixels.as_mut(), cut, &folder, advanced)?;
        }
        folder.commit()
    };
    let done = match cutting.stored.map(|_| published(true)) {
        Some(Err(error)) if error.kind() == ErrorKind::Image => published(false),
        Some(done) => done,
        None => published(false),
    };
    done.map_err(|error| error.with_path(source))
}
