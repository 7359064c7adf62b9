//! PROBE: reads the header of every image file, side by side.

use super::stages::Running;
use super::worker::Worker;
use crate::error::Error;
use crate::model::Catalog;
use crate::plan::Headers;
use rayon::prelude::*;

/// The headers of all files that can be read, and an error for each of the others.
pub fn probe(catalog: &Catalog, worker: &Worker, stage: &Running<'_>) -> (Headers, Vec<Error>) {
    let items = catalog.items();
    let files: Vec<_> = items.iter().flat_map(|item| item.files.iter().map(|file| (file, &item.images))).collect();
    let probed: Vec<_> = files
        .par_iter()
        .map(|(file, settings)| {
            let headers = worker.probe(&file.path, settings);
            stage.advance(1);
            (file.path.clone(), headers)
        })
        .collect();
    let (mut headers, mut errors) = (Headers::new(), vec![]);
    for (path, result) in probed {
        match result {
            Ok(found) => drop(headers.insert(path, found)),
            Err(error) => errors.push(error),
        }
    }
    (headers, errors)
}
