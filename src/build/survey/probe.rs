//! PROBE: reads the header of every image file, side by side, or takes it from the last build if the file did not
//! change. A header is read again if `background`, `max-resolution` or the version of PROBE changed. Headers of
//! recordings are read anew each time, which costs little but for those that state no length; in a bucket they are remembered.

use crate::build::plan::{Headers, Master};
use crate::build::stages::Running;
use crate::build::worker::Worker;
use crate::config::Config;
use crate::diagnostics::Code;
use crate::error::{Error, ErrorKind, Result};
use crate::input::media;
use crate::input::source::{ContentSource, LocalFile, StandIn};
use crate::model::geometry::Size;
use crate::model::settings::ImageSettings;
use crate::model::{Catalog, HeaderWords, ImageHeader, Item, Page, RecordingHeader, RecordingKind};
use crate::storage::fingerprint::{Field, FileStamp, Fingerprint};
use crate::storage::state::{ImageRecord, PreviousBuild, Published};
use parking_lot::Mutex;
use rayon::prelude::*;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Version of the values that are read from image headers. Another one reads all headers anew.
const VERSION: u32 = 2;

/// The same for headers of recordings.
const RECORDINGS: u32 = 2;

/// The lowest number of masters that are fetched at once, because waiting for a store takes no computing.
const FETCHES: usize = 4;

/// How many files of an item the worker is asked for at once, where no file must be fetched first.
const AT_ONCE: usize = 64;

/// The source of headers, and the worker that reads them.
pub struct Prober<'a> {
    pub config: &'a Config,
    pub source: &'a ContentSource,
    pub worker: &'a Worker,
    pub previous: &'a PreviousBuild,
}

impl Prober<'_> {
    /// The headers of all files that can be read, and an error for each of the others. Runs on the current rayon pool.
    pub fn probe(&self, catalog: &Catalog, stage: &Running<'_>) -> (Headers, Vec<Error>) {
        let remembered = Remembered::new(self.previous, self.source);
        let items = catalog.items();
        let files: Vec<(&Item, &Path)> =
            items.iter().flat_map(|item| item.image_files().map(move |file| (*item, file))).collect();
        let probe = |group: &&[(&Item, &Path)]| {
            let found = self.probe_group(group, &remembered);
            stage.advance(group.len() as u64);
            found
        };
        let at_once = if self.source.is_remote() { 1 } else { AT_ONCE };
        let groups = files.chunk_by(|(one, _), (next, _)| std::ptr::eq(*one, *next));
        let groups: Vec<&[(&Item, &Path)]> = groups.flat_map(|of_item| of_item.chunks(at_once)).collect();
        let probed: Vec<Vec<_>> = match self.source.is_remote() {
            true => by_drivers(&groups, self.config.resources.jobs.max(FETCHES), probe),
            false => groups.par_iter().map(probe).collect(),
        };
        let (mut headers, mut errors) = (Headers::default(), vec![]);
        let probed = groups.iter().zip(probed).flat_map(|(group, found)| group.iter().zip(found));
        for ((_, path), result) in probed {
            let path = path.to_path_buf();
            match result {
                Ok(masters) => drop(headers.masters.insert(path, masters)),
                Err(error) => errors.push(error),
            }
        }
        for (path, page) in items.iter().flat_map(|item| item.recordings()) {
            match recording(path, page, self.source) {
                Ok(found) => drop(headers.recordings.insert(path.to_path_buf(), found)),
                Err(error) => errors.push(error),
            }
        }
        (headers, errors)
    }

    /// The headers of all images in each of some files of one item, as the last build saw them or read now.
    fn probe_group(&self, group: &[(&Item, &Path)], remembered: &Remembered<'_>) -> Vec<Result<Vec<Arc<Master>>>> {
        let Some((item, _)) = group.first() else { return vec![] };
        let is_in_scope = self.config.scope.holds(&item.id.0);
        let known = |(_, file): &(_, &Path)| remembered.find(file, self.config, &item.images, is_in_scope);
        let known: Vec<_> = group.iter().map(known).collect();
        let unknown = group.iter().zip(&known).filter(|(_, known)| known.is_none());
        let unknown: Vec<&Path> = unknown.map(|((_, file), _)| *file).collect();
        let mut read = self.read(&unknown, &item.images, &remembered.words).into_iter();
        known.into_iter().filter_map(|known| known.map(Ok).or_else(|| read.next())).collect()
    }

    /// Reads the headers of all images in each of some files.
    fn read(&self, paths: &[&Path], settings: &ImageSettings, words: &HeaderWords) -> Vec<Result<Vec<Arc<Master>>>> {
        let find = |path: &&Path| {
            let stamp = self.source.stamp(path).map_err(|error| Error::read(ErrorKind::Image, path, error))?;
            Ok((stamp, self.source.local(path)?))
        };
        let found: Vec<Result<_>> = paths.iter().map(find).collect();
        let here: Vec<&Path> = found.iter().flatten().map(|(_, here)| here.path.as_path()).collect();
        let mut headers = self.worker.probe_all(&here, settings).into_iter();
        let read = |(path, found): (&&Path, Result<_>)| {
            let (stamp, here): (FileStamp, LocalFile<'_>) = found?;
            let unread = || Err(Error::new(ErrorKind::Internal, "the headers of a file were not asked for"));
            let headers = here.attribute_to(path, headers.next().unwrap_or_else(unread)).map_err(|error| {
                let stand_in = StandIn::at(&here.path);
                stand_in.map_or(error, |stand_in| stand_in.error(ErrorKind::Image, path))
            })?;
            let siblings = headers.len();
            let master = |mut header: ImageHeader| {
                words.share(&mut header);
                Arc::new(Master { source: path.to_path_buf(), stamp: Some(stamp), siblings, header, published: None })
            };
            let mut masters: Vec<_> = headers.into_iter().map(master).collect();
            // The list takes over the room of the headers, which are many times larger.
            masters.shrink_to_fit();
            Ok(masters)
        };
        paths.iter().zip(found).map(read).collect()
    }
}

/// Runs `work` on all `files`, on its own threads; returns the results in the order of the files. A rayon thread that
/// waits for the worker would begin another file meanwhile, and could wait for room in the cache that only the first
/// one can free.
fn by_drivers<T: Sync, R: Send>(files: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(vec![]));
    let drive = || {
        let take = || {
            let place = next.fetch_add(1, Ordering::Relaxed);
            Some((place, files.get(place)?))
        };
        while let Some((place, file)) = take() {
            let result = work(file);
            done.lock().push((place, result));
        }
    };
    std::thread::scope(|scope| (0..threads.min(files.len())).for_each(|_| drop(scope.spawn(drive))));
    let mut done = done.into_inner();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The header of a recording. The page's description overrides it, and adds values that the file does not have.
fn recording(path: &Path, page: &Page, source: &ContentSource) -> Result<RecordingHeader> {
    let described = page.description.as_deref();
    let duration = described.and_then(|described| described.duration);
    let size = described.and_then(|described| Some(Size::new(described.width?, described.height?)));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let by_name = || media::kind_of_name(&name).map(|kind| RecordingHeader { kind, duration, size });
    let read = source
        .found_in(path, |file| {
            let stand_in = StandIn::at(file).map(|stand_in| stand_in.error(ErrorKind::Content, path));
            stand_in
                .map_or_else(|| media::probe(file), Err)
                .map(|header| RememberedRecording { version: RECORDINGS, header })
        })
        .map(|found| found.header);
    let header = match (read, duration.and_then(|_| by_name())) {
        (Err(error), _) if error.code() == Code::NotFetched.name() => return Err(error),
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

/// The header of a recording as it is remembered. One of another version does not parse, so the file is read again.
#[derive(Serialize, Deserialize)]
struct RememberedRecording {
    #[serde(deserialize_with = "this_version")]
    version: u32,
    header: RecordingHeader,
}

fn this_version<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<u32, D::Error> {
    let version = u32::deserialize(from)?;
    if version == RECORDINGS { Ok(version) } else { Err(D::Error::custom("another version")) }
}

/// The settings that an image's header depends on, beside the file.
pub fn fingerprint(settings: &ImageSettings) -> Fingerprint {
    Fingerprint::default()
        .with(Field::Background, &settings.background)
        .with(Field::MaxResolution, &settings.max_resolution)
        .with(Field::Program, &VERSION)
}

/// Records by their file.
struct Remembered<'a> {
    files: BTreeMap<&'a str, Vec<&'a ImageRecord>>,
    source: &'a ContentSource,
    /// The words of headers that are read now.
    words: HeaderWords,
}

impl<'a> Remembered<'a> {
    fn new(previous: &'a PreviousBuild, source: &'a ContentSource) -> Remembered<'a> {
        let mut files = BTreeMap::<&str, Vec<&ImageRecord>>::new();
        for record in previous.images.values() {
            files.entry(&record.source).or_default().push(record);
        }
        Remembered { files, source, words: HeaderWords::default() }
    }

    /// The masters in a file that did not change, or that is out of scope: then only those of which images were made.
    fn find(
        &self,
        path: &Path,
        config: &Config,
        settings: &ImageSettings,
        is_in_scope: bool,
    ) -> Option<Vec<Arc<Master>>> {
        let mut records = self.files.get(config.relative(path).as_str())?.clone();
        records.sort_by_key(|record| record.header.index);
        records.dedup_by_key(|record| record.header.index);
        let stamp = self.source.stamp(path).ok();
        let siblings = records.first()?.siblings;
        let master = |record: &ImageRecord, published: Option<Published>| {
            let (source, header) = (path.to_path_buf(), record.header.clone());
            Arc::new(Master { source, stamp, siblings, header, published })
        };
        let masters: Vec<Arc<Master>> = if is_in_scope {
            let probed_with = fingerprint(settings);
            let holds =
                |record: &&ImageRecord| record.stamp.is_some() && record.stamp == stamp && record.probed == probed_with;
            records.iter().filter(|record| holds(record)).map(|record| master(record, None)).collect()
        } else {
            let made = records.iter().filter_map(|record| Some((record, record.made.as_ref()?)));
            made.map(|(record, made)| master(record, Some(made.published))).collect()
        };
        let is_complete = if is_in_scope { masters.len() == siblings } else { !masters.is_empty() };
        is_complete.then_some(masters)
    }
}
