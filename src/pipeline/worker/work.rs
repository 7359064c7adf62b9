//! The work itself, in whichever process.

use super::protocol::{Answer, Task, TileTask, Tiled};
use crate::cutting::Cutting;
use crate::decode;
use crate::error::{ErrorKind, Result};
use crate::fingerprint::FileStamp;
use crate::iiif::image::INFO_JSON;
use crate::output::StagedImage;
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
pub fn tile(task: &TileTask, advanced: &(dyn Fn(u64) + Sync)) -> Result<Tiled> {
    let TileTask { header, settings, .. } = task;
    let source = PathBuf::from(&task.source);
    let cutting = Cutting::new(header, *settings);
    let cut = Cut::new(&cutting.pyramid, settings, task.tiles_only);
    let published = |stored: bool| {
        let folder = StagedImage::new(PathBuf::from(&task.target))?;
        folder.write_beside(INFO_JSON, &task.info_json)?;
        let damage = if stored {
            tiling::tile_stored(decode::open_stored(&source, header)?.as_ref(), cut, &folder, advanced)?;
            None
        } else {
            let mut pixels = decode::open(&source, header, settings, task.memory)?;
            tiling::tile(pixels.as_mut(), cut, &folder, advanced)?;
            pixels.damage()
        };
        if FileStamp::of(&source).ok() != Some(task.stamp) {
            return Err(decode::changed());
        }
        Ok(Tiled { tally: folder.commit()?, damage })
    };
    let done = match cutting.stored.map(|_| published(true)) {
        Some(Err(error)) if error.kind() == ErrorKind::Image => published(false),
        Some(done) => done,
        None => published(false),
    };
    done.map_err(|error| error.with_path(source))
}
