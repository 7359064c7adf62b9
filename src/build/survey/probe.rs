//! PROBE: the header of every image file, side by side: read, or remembered where the file is as it was; and those of
//! recordings, which cost nothing to read.

use crate::build::plan::{Headers, Probed, ProbedImage};
use crate::build::run::relative;
use crate::build::stages::Running;
use crate::build::worker::Worker;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::input::media;
use crate::input::source::ContentSource;
use crate::model::geometry::Size;
use crate::model::settings::ImageSettings;
use crate::model::{Catalog, Item, Page, RecordingHeader, RecordingKind};
use crate::storage::fingerprint::{Field, Fingerprint};
use crate::storage::state::{ImageRecord, PreviousBuild};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Of what a header says of a file.
const VERSION: u32 = 1;

/// Masters that are fetched at once at least: waiting for a store takes no computing.
const FETCHES: usize = 4;

/// The headers of all files that can be read, and an error for each of the others.
pub fn probe(
    catalog: &Catalog,
    config: &Config,
    known: &PreviousBuild,
    (source, worker): (&ContentSource, &Worker),
    stage: &Running<'_>,
) -> (Headers, Vec<Error>) {
    let remembered = Remembered::new(known, source);
    let items = catalog.items();
    let files: Vec<(&Item, &Path)> =
        items.iter().flat_map(|item| item.image_files().map(move |file| (*item, file))).collect();
    let probe = |(item, file): &(&Item, &Path)| {
        let is_in_scope = config.scope.holds(&item.id.0);
        let found = match remembered.find(file, config, &item.images, is_in_scope) {
            Some(probed) => Ok(probed),
            None => read(file, &item.images, source, worker),
        };
        stage.advance(1);
        (file.to_path_buf(), found)
    };
    let probed = match source.is_remote() {
        true => by_drivers(&files, config.resources.jobs.max(FETCHES), probe),
        false => files.par_iter().map(probe).collect(),
    };
    let (mut headers, mut errors) = (Headers::default(), vec![]);
    for (path, result) in probed {
        match result {
            Ok(found) => drop(headers.images.insert(path, found)),
            Err(error) => errors.push(error),
        }
    }
    for (path, page) in items.iter().flat_map(|item| item.recordings()) {
        match recording(path, page, source) {
            Ok(found) => drop(headers.recordings.insert(path.to_path_buf(), found)),
            Err(error) => errors.push(error),
        }
    }
    (headers, errors)
}

/// What `work` makes of all `files`, in their order, on threads of its own. A thread of rayon that waits for an image to be
/// read is given another one meanwhile, and may wait for room for that one while others wait for the first.
fn by_drivers<T: Sync, R: Send>(files: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(vec![]));
    let drive = || {
        let take = || {
            let place = next.fetch_add(1, Ordering::Relaxed);
            Some((place, files.get(place)?))
        };
        while let Some((place, file)) = take() {
            let result = work(file);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((place, result));
        }
    };
    std::thread::scope(|scope| (0..threads.min(files.len())).for_each(|_| drop(scope.spawn(drive))));
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The header of a recording; what the page's description says wins, and stands in for what the file does not say.
fn recording(path: &Path, page: &Page, source: &ContentSource) -> Result<RecordingHeader> {
    let described = page.description.as_deref();
    let duration = described.and_then(|described| described.duration);
    let size = described.and_then(|described| Some(Size::new(described.width?, described.height?)));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let by_name = || media::kind_of_name(&name).map(|kind| RecordingHeader { kind, duration, size });
    let header = match (source.found_in(path, media::probe), duration.and_then(|_| by_name())) {
        (Ok(header), _) | (Err(_), Some(header)) => header,
        (Err(error), None) => return Err(error),
    };
    let header = RecordingHeader { duration: duration.or(header.duration), size: header.size.or(size), ..header };
    let lacking = match header {
        RecordingHeader { duration: None, .. } => "its header does not say how long it is",
        RecordingHeader { kind: RecordingKind::Video, size: None, .. } => {
            "its header does not say how large its picture is"
        }
        _ => return Ok(header),
    };
    let hint = format!("say `duration`, `width` and `height` below [pages.\"{name}\"] in item.toml");
    Err(Error::new(ErrorKind::Content, lacking).with_path(path).with_hint(hint))
}

fn read(path: &Path, settings: &ImageSettings, source: &ContentSource, worker: &Worker) -> Result<Probed> {
    let stamp = source.stamp(path).map_err(|error| Error::read(ErrorKind::Image, path, error))?;
    let local = source.local(path)?;
    let headers = local.attribute_to(path, worker.probe(&local.path, settings))?;
    let images = headers.into_iter().map(|header| ProbedImage { header, settings: None });
    let images: Vec<_> = images.collect();
    Ok(Probed { stamp: Some(stamp), siblings: images.len(), images })
}

/// What a header depends on beside the file.
pub fn fingerprint(settings: &ImageSettings) -> Fingerprint {
    Fingerprint::default()
        .with(Field::Background, &settings.background)
        .with(Field::MaxResolution, &settings.max_resolution)
        .with(Field::Program, &VERSION)
}

/// Records by the file that they are of.
struct Remembered<'a> {
    files: BTreeMap<&'a str, Vec<&'a ImageRecord>>,
    source: &'a ContentSource,
}

impl<'a> Remembered<'a> {
    fn new(known: &'a PreviousBuild, source: &'a ContentSource) -> Remembered<'a> {
        let mut files = BTreeMap::<&str, Vec<&ImageRecord>>::new();
        for record in known.images.values() {
            files.entry(&record.source).or_default().push(record);
        }
        Remembered { files, source }
    }

    /// What is known of a file that did not change, or that is out of scope: of that, the images that were made.
    fn find(&self, path: &Path, config: &Config, settings: &ImageSettings, is_in_scope: bool) -> Option<Probed> {
        let mut records = self.files.get(relative(path, config).as_str())?.clone();
        records.sort_by_key(|record| record.header.index);
        records.dedup_by_key(|record| record.header.index);
        let stamp = self.source.stamp(path).ok();
        let siblings = records.first()?.siblings;
        let image = |record: &ImageRecord, settings| ProbedImage { header: record.header.clone(), settings };
        let images: Vec<ProbedImage> = if is_in_scope {
            let probed_with = fingerprint(settings);
            let holds =
                |record: &&ImageRecord| record.stamp.is_some() && record.stamp == stamp && record.probed == probed_with;
            records.iter().filter(|record| holds(record)).map(|record| image(record, None)).collect()
        } else {
            let made = records.iter().filter_map(|record| Some((record, record.made.as_ref()?)));
            made.map(|(record, made)| image(record, Some(made.published.settings(settings)))).collect()
        };
        let is_complete = if is_in_scope { images.len() == siblings } else { !images.is_empty() };
        is_complete.then_some(Probed { stamp, siblings, images })
    }
}
