//! PROBE: the watermarks of images. A watermark that cannot be used is a mistake in the settings, and is found before
//! anything is written.

use crate::build::watermark_file::WatermarkFile;
use crate::build::worker::Worker;
use crate::config::Config;
use crate::error::Result;
use crate::input::source::ContentSource;
use crate::model::Catalog;
use crate::model::settings::Watermark;
use std::collections::BTreeMap;
use std::path::PathBuf;
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
            let here = source.local_for_good(file)?;
            let watermark = worker.watermark_file(&here, file, config.resources.memory)?;
            watermarks.insert(file.clone(), Arc::new(watermark));
        }
    }
    Ok(watermarks)
}
