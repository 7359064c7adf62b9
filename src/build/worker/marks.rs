//! The watermarks of the images in hand: what is decoded for one of them serves all.

use super::protocol::MarkTask;
use crate::error::Result;
use crate::pixels::decode::{self, WatermarkImage};
use crate::storage::fingerprint::FileStamp;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// By file. Each is kept for as long as an image bears it, which has counted its memory.
#[derive(Default)]
pub struct Marks(Mutex<BTreeMap<PathBuf, (FileStamp, Weak<WatermarkImage>)>>);

impl Marks {
    /// The mark of a task, which must be the file that it was when its header was read.
    pub fn get(&self, task: &MarkTask) -> Result<Arc<WatermarkImage>> {
        let path = PathBuf::from(&task.file);
        let known =
            self.lock().get(&path).filter(|(stamp, _)| *stamp == task.stamp).and_then(|(_, mark)| mark.upgrade());
        if let Some(mark) = known {
            return Ok(mark);
        }
        // Not under the lock: this very thread may be given another image while it waits for the pool.
        let mark = Arc::new(WatermarkImage::decode(&path, &task.header)?);
        if FileStamp::of(&path).ok() != Some(task.stamp) {
            return Err(decode::changed().with_path(path));
        }
        self.lock().insert(path, (task.stamp, Arc::downgrade(&mark)));
        Ok(mark)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PathBuf, (FileStamp, Weak<WatermarkImage>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
