//! PROBE: the watermarks of images. A watermark that cannot be used is found before anything is written. One of the whole
//! site is a mistake in the settings. One of some items is their fault: they are not published without it.

use crate::build::watermark_file::WatermarkFile;
use crate::build::worker::Worker;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::input::source::ContentSource;
use crate::model::settings::Watermark;
use crate::model::{Catalog, Doubt};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The watermarks that can be used, by their files, and the errors of the others.
type Probed = (BTreeMap<PathBuf, Arc<WatermarkFile>>, Vec<Error>);

/// Reads the watermarks of all items that may have images to make. Items whose watermark cannot be used are in doubt.
///
/// # Errors
/// The watermark in the settings of the site cannot be used.
pub fn probe_all(catalog: &mut Catalog, config: &Config, source: &ContentSource, worker: &Worker) -> Result<Probed> {
    let mut read = BTreeMap::<PathBuf, Option<Arc<WatermarkFile>>>::new();
    let mut failures = vec![];
    let of_site = config.images.watermark.as_ref().map(|watermark| watermark.file.as_path());
    let probe = |file: &Path| worker.watermark_file(&source.local_for_good(file)?, file, config.resources.memory);
    let in_scope = catalog.items().into_iter().filter(|item| config.scope.holds(&item.id.0));
    for Watermark { file, .. } in in_scope.filter_map(|item| item.images.watermark.as_deref()) {
        if read.contains_key(file) {
            continue;
        }
        let watermark = match probe(file) {
            Ok(watermark) => Some(Arc::new(watermark)),
            Err(error) if of_site == Some(file) => return Err(error),
            Err(error) => {
                failures.push(error);
                None
            }
        };
        read.insert(file.clone(), watermark);
    }
    catalog.root.change_items(&mut |item| {
        let watermark = item.images.watermark.as_ref().and_then(|watermark| read.get(&watermark.file));
        if matches!(watermark, Some(None)) {
            item.doubt = Some(Doubt::Publication);
        }
    });
    Ok((read.into_iter().filter_map(|(file, watermark)| Some((file, watermark?))).collect(), failures))
}
