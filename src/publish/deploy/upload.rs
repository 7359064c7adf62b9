//! Puts files, many at a time.

use super::artifact::{Artifact, Selection};
use super::built::{BuiltSite, MAX_IN_MEMORY, attributes, encoded};
use super::deployed::RollbackPoint;
use super::pointer::RENEWED_AFTER;
use super::rollback;
use super::session::Session;
use crate::build::progress::{Event, Observer, Stage};
use crate::config::Compression;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::store::{MAX_REQUESTS, Store, failed, key};
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, PutOptions, PutPayload, WriteMultipart};
use std::cell::RefCell;
use std::path::Path;
use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The memory for all files that are being put, in units of [`PIECE`].
const PIECES: u64 = 256;
const PIECE: u64 = 1 << 20;

/// The largest number of parts of one object in S3.
const MAX_PARTS: u64 = 10_000;

/// The origin of the bytes of a site.
#[derive(Clone, Copy)]
pub enum UploadSource<'a> {
    Output(BuiltSite<'a>),
    /// Copies in the target itself. Artifacts without a copy are still in their place.
    RollbackPoint(&'a RollbackPoint),
}

impl UploadSource<'_> {
    /// Whether the artifact at `path` must be put.
    pub fn has(&self, path: &str) -> bool {
        match self {
            UploadSource::Output(_) => true,
            UploadSource::RollbackPoint(point) => point.copied.contains_key(path),
        }
    }
}

/// Puts files of a site.
pub struct Upload<'a> {
    store: &'a Store,
    source: UploadSource<'a>,
    observer: &'a dyn Observer,
    memory: Semaphore,
}

/// One file of a group of artifacts.
struct Part {
    /// The place of its artifact in the group.
    artifact: usize,
    /// The number of files of that artifact.
    siblings: usize,
    path: String,
}

impl<'a> Upload<'a> {
    pub fn new(store: &'a Store, source: UploadSource<'a>, observer: &'a dyn Observer) -> Upload<'a> {
        Upload { store, source, observer, memory: Semaphore::new(PIECES as usize) }
    }

    /// Puts all files of `group`. An artifact is added to the journal as soon as all of its files are there.
    pub async fn group(&self, group: &Selection<'_>, session: &mut Session<'_>) -> Result<()> {
        let parts = group.iter().enumerate().flat_map(|(index, (path, artifact))| {
            let files = artifact.files(path);
            let siblings = files.len();
            files.into_iter().map(move |path| Part { artifact: index, siblings, path })
        });
        let Session { lease, journal, .. } = session;
        let progress = RefCell::new((journal, vec![0usize; group.len()]));
        let put = |part: Part| {
            let progress = &progress;
            async move {
                self.file(&part.path).await?;
                // At once, because another file may fail.
                let (journal, counts) = &mut *progress.borrow_mut();
                counts[part.artifact] += 1;
                let (path, artifact) = group[part.artifact];
                let is_complete = counts[part.artifact] == part.siblings;
                if is_complete { journal.done(artifact.journal_key(path)) } else { Ok(()) }
            }
        };
        let mut puts = stream::iter(parts).map(put).buffer_unordered(MAX_REQUESTS);
        loop {
            // A slow upload must not lose the lease.
            match timeout(RENEWED_AFTER, puts.next()).await {
                Ok(None) => break,
                Ok(Some(done)) => done?,
                Err(_) => {
                    lease.keep().await?;
                    continue;
                }
            }
            self.observer.event(Event::Advanced { stage: Stage::Deploy, by: 1 });
            if self.observer.is_cancelled() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted; the next deploy goes on from here"));
            }
            lease.keep().await?;
        }
        Ok(())
    }

    /// Puts all files of one artifact.
    pub async fn artifact(&self, path: &str, artifact: &Artifact) -> Result<()> {
        let puts = stream::iter(artifact.files(path)).map(|file| async move { self.file(&file).await });
        puts.buffer_unordered(MAX_REQUESTS).try_collect().await
    }

    async fn file(&self, path: &str) -> Result<()> {
        match &self.source {
            UploadSource::Output(built) => self.built(path, built).await,
            UploadSource::RollbackPoint(point) => rollback::restore(point, path, self.store).await,
        }
    }

    async fn built(&self, path: &str, built: &BuiltSite<'_>) -> Result<()> {
        let file = built.file(path);
        let unreadable = |error| Error::read(ErrorKind::Output, &file, error);
        let len = tokio::fs::metadata(&file).await.map_err(unreadable)?.len();
        let part = (MAX_IN_MEMORY / 2).max(len.div_ceil(MAX_PARTS));
        // One part of a large file is being read while two are being sent.
        let in_memory = if len > MAX_IN_MEMORY { 3 * part } else { len };
        let pieces = u32::try_from(in_memory.div_ceil(PIECE).min(PIECES)).unwrap_or(1);
        let _memory = self.memory.acquire_many(pieces).await;
        if len > MAX_IN_MEMORY {
            return self.large(path, &file, part).await;
        }
        let bytes = tokio::fs::read(&file).await.map_err(unreadable)?;
        let encoding = built.encoding(path, len, self.store);
        let bytes = encoded(bytes, encoding).await.map_err(unreadable)?;
        let options = PutOptions::from(attributes(self.store, path, encoding));
        let put = self.store.objects.put_opts(&key(path)?, PutPayload::from(bytes), options).await;
        put.map(drop).map_err(|error| failed(&error))
    }

    /// Puts `source` in parts of `part` bytes.
    async fn large(&self, path: &str, source: &Path, part: u64) -> Result<()> {
        let unreadable = |error| Error::read(ErrorKind::Output, source, error);
        let mut file = tokio::fs::File::open(source).await.map_err(unreadable)?;
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
            // Parts that are left behind cost money until they are removed.
            drop(parts.abort().await);
            return Err(error);
        }
        parts.finish().await.map(drop).map_err(|error| failed(&error))
    }
}
