//! PROBE: the watermarks of images. A watermark that cannot be used is a mistake in the settings, and is found before
//! anything is written.

use crate::build::plan::WatermarkFile;
use crate::build::worker::Worker;
use crate::config::{Config, Resources};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::model::Catalog;
use crate::model::settings::Watermark;
use crate::storage::fingerprint::{FileStamp, hash_file};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The watermarks of all items that may have images to make, by their files.
pub fn probe_all(
    catalog: &Catalog,
    config: &Config,
    source: &ContentSource,
    worker: &Worker,
) -> Result<BTreeMap<PathBuf, Arc<WatermarkFile>>> {
    let mut watermarks = BTreeMap::new();
    let in_scope = catalog.items().into_iter().filter(|item| config.scope.holds(&item.id.0));
    for Watermark { file, .. } in in_scope.filter_map(|item| item.images.watermark.as_deref()) {
        if !watermarks.contains_key(file) {
            watermarks.insert(file.clone(), Arc::new(probe(file, source, worker, &config.resources)?));
        }
    }
    Ok(watermarks)
}

/// A watermark as it is now. It can be decoded.
pub fn probe(file: &Path, source: &ContentSource, worker: &Worker, resources: &Resources) -> Result<WatermarkFile> {
    let here = source.local_for_good(file)?;
    let unreadable = |error| Error::read(ErrorKind::Config, file, error);
    // A device or a pipe has no end.
    if !std::fs::metadata(&here).map_err(unreadable)?.is_file() {
        return Err(Error::new(ErrorKind::Config, "a watermark is a file with an image").with_path(file));
    }
    let stamp = FileStamp::of(&here).map_err(unreadable)?;
    let hash = hash_file(&here).map_err(unreadable)?;
    match worker.watermark(&here, resources.memory) {
        Ok(header) => Ok(WatermarkFile { file: here, stamp, hash, header }),
        Err(error) if error.kind() != ErrorKind::Image => Err(error),
        Err(error) => {
            let refused = Error::new(ErrorKind::Config, format!("it cannot be a watermark: {}", error.message()));
            Err(refused.with_path(file).with_hint(error.hint().unwrap_or("a PNG with transparency serves best")))
        }
    }
}
