//! Puts files, many at a time, phase by phase.

use super::earlier::Earlier;
use super::encoding;
use super::lease::RENEWED_AFTER;
use super::order::{Phase, Place, place};
use super::session::Session;
use super::unit::Unit;
use crate::build::progress::{Event, Observer, Stage};
use crate::config::Compression;
use crate::error::{Error, ErrorKind, Result};
use crate::publish::headers::headers;
use crate::storage::store::{MOST, Store, failed, key};
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{Attribute, Attributes, GetResult, ObjectStore, PutOptions, PutPayload, WriteMultipart};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Requests that wait for their turn at once; a store gets no more than it takes.
pub const IN_FLIGHT: usize = MOST;

/// In units of [`PIECE`]: what is held in memory of all files under way.
const PIECES: u64 = 256;
const PIECE: u64 = 1 << 20;

/// Larger files go in parts, which need not be held in memory all at once.
pub const LARGE: u64 = 16 << 20;

/// S3 takes no more parts of one object.
const MAX_PARTS: u64 = 10_000;

/// Units of one place in the order.
pub type Group<'a> = Vec<(&'a String, &'a Unit)>;

/// What is due, in order.
pub fn in_order<'a>(due: &[(&'a String, &'a Unit)]) -> BTreeMap<Place, Group<'a>> {
    let mut groups = BTreeMap::<Place, Group<'a>>::new();
    for (path, unit) in due {
        let place = match unit {
            Unit::File { .. } => place(path),
            Unit::Image(_) | Unit::Twin(_) => (Phase::Images, std::cmp::Reverse(0), false),
        };
        groups.entry(place).or_default().push((path, unit));
    }
    groups
}

/// What was built, and how text of it is put.
#[derive(Clone, Copy)]
pub struct Built<'a> {
    pub output: &'a Path,
    pub compression: Compression,
}

impl Built<'_> {
    /// Where the file at `path` of the site lies.
    pub fn file(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.output.to_path_buf(), |folder, name| folder.join(name))
    }

    /// How the file of so many bytes is put into `store`.
    pub fn encoding(&self, path: &str, bytes: u64, store: &Store) -> Compression {
        let asked = if store.has_attributes { self.compression } else { Compression::None };
        encoding::encoding(path, bytes, asked)
    }
}

/// Where the bytes of a site come from.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// The folder that was built.
    Built(Built<'a>),
    /// Copies in the target. What was not copied lies there as it was.
    Kept(&'a Earlier),
}

impl Source<'_> {
    /// Whether the unit at `path` must be put.
    pub fn has(&self, path: &str) -> bool {
        match self {
            Source::Built(_) => true,
            Source::Kept(earlier) => earlier.kept.contains_key(path),
        }
    }
}

/// Puts files of a site.
pub struct Upload<'a> {
    store: &'a Store,
    source: Source<'a>,
    observer: &'a dyn Observer,
    memory: Semaphore,
}

impl<'a> Upload<'a> {
    pub fn new(store: &'a Store, source: Source<'a>, observer: &'a dyn Observer) -> Upload<'a> {
        Upload { store, source, observer, memory: Semaphore::new(PIECES as usize) }
    }

    /// Puts all files of `group`; each unit is in the journal as soon as all of its files are there.
    pub async fn group(&self, group: &Group<'_>, session: &mut Session<'_>) -> Result<()> {
        let files = group.iter().enumerate().flat_map(|(index, (path, unit))| {
            let files = unit.files(path);
            let all = files.len();
            files.into_iter().map(move |file| (index, all, file))
        });
        let Session { held, journal, .. } = session;
        let progress = RefCell::new((journal, vec![0usize; group.len()]));
        let put = |(index, all, file): (usize, usize, String)| {
            let progress = &progress;
            async move {
                self.file(&file).await?;
                // At once, whatever becomes of others meanwhile.
                let (journal, counts) = &mut *progress.borrow_mut();
                counts[index] += 1;
                let (path, unit) = group[index];
                if counts[index] == all { journal.done(unit.mark(path)) } else { Ok(()) }
            }
        };
        let mut puts = stream::iter(files).map(put).buffer_unordered(IN_FLIGHT);
        loop {
            // What takes long must not cost the lease.
            match timeout(RENEWED_AFTER, puts.next()).await {
                Ok(None) => break,
                Ok(Some(done)) => done?,
                Err(_) => {
                    held.keep().await?;
                    continue;
                }
            }
            self.observer.event(Event::Advanced { stage: Stage::Deploy, by: 1 });
            if self.observer.is_cancelled() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted; the next deploy goes on from here"));
            }
            held.keep().await?;
        }
        Ok(())
    }

    /// Puts all files of one unit.
    pub async fn unit(&self, path: &str, unit: &Unit) -> Result<()> {
        let puts = stream::iter(unit.files(path)).map(|file| async move { self.file(&file).await });
        puts.buffer_unordered(IN_FLIGHT).try_collect().await
    }

    async fn file(&self, path: &str) -> Result<()> {
        match &self.source {
            Source::Built(built) => self.built(path, built).await,
            Source::Kept(earlier) => earlier.restore(path, self.store).await,
        }
    }

    async fn built(&self, path: &str, built: &Built<'_>) -> Result<()> {
        let place = built.file(path);
        let unreadable = |error| Error::read(ErrorKind::Output, &place, error);
        let len = tokio::fs::metadata(&place).await.map_err(unreadable)?.len();
        let part = (LARGE / 2).max(len.div_ceil(MAX_PARTS));
        // Of a large file a part is being read and two are under way.
        let held = if len > LARGE { 3 * part } else { len };
        let pieces = u32::try_from(held.div_ceil(PIECE).min(PIECES)).unwrap_or(1);
        let _held = self.memory.acquire_many(pieces).await;
        if len > LARGE {
            return self.large(path, &place, part).await;
        }
        let bytes = tokio::fs::read(&place).await.map_err(unreadable)?;
        let encoding = built.encoding(path, len, self.store);
        let bytes = encoded(bytes, encoding).await.map_err(unreadable)?;
        let options = PutOptions::from(attributes(self.store, path, encoding));
        let put = self.store.objects.put_opts(&key(path)?, PutPayload::from(bytes), options).await;
        put.map(drop).map_err(|error| failed(&error))
    }

    async fn large(&self, path: &str, place: &PathBuf, part: u64) -> Result<()> {
        let unreadable = |error| Error::read(ErrorKind::Output, place, error);
        let mut file = tokio::fs::File::open(place).await.map_err(unreadable)?;
        let part = usize::try_from(part).unwrap_or(usize::MAX);
        let attributes = attributes(self.store, path, Compression::None);
        let begun = self.store.objects.put_multipart_opts(&key(path)?, attributes.into()).await;
        let mut parts = WriteMultipart::new_with_chunk_size(begun.map_err(|error| failed(&error))?, part);
        let mut buffer = vec![0; 1 << 20];
        let mut read = async |parts: &mut WriteMultipart| loop {
            parts.wait_for_capacity(2).await.map_err(|error| failed(&error))?;
            match file.read(&mut buffer).await.map_err(unreadable)? {
                0 => return Ok(()),
                read => parts.write(&buffer[..read]),
            }
        };
        if let Err(error) = read(&mut parts).await {
            // Parts that nobody puts together cost until they are removed.
            drop(parts.abort().await);
            return Err(error);
        }
        parts.finish().await.map(drop).map_err(|error| failed(&error))
    }
}

/// Whether hosts say of `found`, the object at `path`, what they should.
pub fn is_said_rightly(found: &GetResult, store: &Store, path: &str, encoding: Compression) -> bool {
    attributes(store, path, encoding).iter().all(|(attribute, value)| found.attributes.get(attribute) == Some(value))
}

/// What a host is to say of the file at `path`.
fn attributes(store: &Store, path: &str, encoding: Compression) -> Attributes {
    if !store.has_attributes {
        return Attributes::new();
    }
    let headers = headers(path);
    let content_type = (Attribute::ContentType, headers.content_type);
    let mut attributes = Attributes::from_iter([content_type, (Attribute::CacheControl, headers.cache_control)]);
    if let Some(name) = encoding::name(encoding) {
        attributes.insert(Attribute::ContentEncoding, name.into());
    }
    attributes
}

/// The bytes as they are put. It takes its time: beside what is being sent.
pub async fn encoded(bytes: Vec<u8>, encoding: Compression) -> io::Result<Vec<u8>> {
    if encoding == Compression::None {
        return Ok(bytes);
    }
    let encoded = tokio::task::spawn_blocking(move || encoding::encoded(bytes, encoding)).await;
    encoded.unwrap_or_else(|error| Err(error.into()))
}
