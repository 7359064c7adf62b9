//! Images that the tasks of a plan put straight into the store. They take no lease, because many tasks run at the same time:
//! before they begin, the plan has noted in the target which images may change ([`StreamingDeploy`](super::StreamingDeploy)).
//! Until `finish` publishes them, no document names a new one.

use super::built::BuiltSite;
use super::streaming::recorded;
use super::upload::{Upload, UploadSource};
use crate::build::progress::Observer;
use crate::build::shards::{Delivery, ImageOrder, MadeImage};
use crate::config::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::store::{Store, runtime};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// See the [module](self).
pub struct ShardUpload<'a> {
    upload: Upload<'a>,
    runtime: Runtime,
    folder: &'a Path,
}

impl<'a> ShardUpload<'a> {
    /// A folder on this machine for images until they are put.
    pub fn folder() -> Result<TempDir> {
        tempfile::tempdir().map_err(|error| Error::output(&std::env::temp_dir(), error))
    }

    /// Puts images from `folder` into `store`, which is that of `target`.
    pub fn new(
        store: &'a Store,
        target: &Target,
        folder: &'a Path,
        observer: &'a dyn Observer,
    ) -> Result<ShardUpload<'a>> {
        let source = UploadSource::Output(BuiltSite { output: folder, compression: target.compress });
        Ok(ShardUpload { upload: Upload::new(store, source, observer), runtime: runtime()?, folder })
    }
}

impl Delivery for ShardUpload<'_> {
    fn begin(&self, _: &str) -> Result<Box<dyn AsRef<Path> + Sync>> {
        Ok(Box::new(PathBuf::from(self.folder)))
    }

    /// An attempt writes an image down when its last file is there.
    fn has(&self, _: &MadeImage) -> bool {
        true
    }

    fn deliver(&self, folder: &Path, order: &ImageOrder, made: &MadeImage) -> Result<()> {
        let record = order.made(made.clone(), 0);
        let Some((path, artifact)) = recorded(&order.id, &record) else {
            return Err(Error::new(ErrorKind::Internal, "an image was made of nothing"));
        };
        self.runtime.block_on(self.upload.artifact(&path, &artifact))?;
        let place = order.id.site_path().below(folder);
        fs::remove_dir_all(&place).map_err(|error| Error::output(&place, error))
    }

    fn is_remote(&self) -> bool {
        true
    }
}
