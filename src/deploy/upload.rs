//! Puts files, many at a time, phase by phase.

use super::earlier::Earlier;
use super::journal::Journal;
use super::lease::Held;
use super::order::{Phase, Place, place};
use super::unit::Unit;
use crate::error::{Error, ErrorKind, Result};
use crate::headers::headers;
use crate::progress::{Event, Observer, Stage};
use crate::store::{Store, failed, key};
use futures_util::{StreamExt, stream};
use object_store::{Attribute, Attributes, ObjectStore, PutOptions, PutPayload, WriteMultipart};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt;

/// Requests under way at once.
pub const IN_FLIGHT: usize = 32;

/// Larger files go in parts, which need not be held in memory all at once.
const LARGE: u64 = 16 << 20;

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

/// Where the bytes of a site come from.
pub enum Source<'a> {
    /// The folder that was built.
    Built(&'a Path),
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
    pub store: &'a Store,
    pub source: &'a Source<'a>,
    pub observer: &'a dyn Observer,
}

impl Upload<'_> {
    /// Puts all files of `group`; each unit is in the journal as soon as all of its files are there.
    pub async fn group(&self, group: &Group<'_>, held: &mut Held<'_>, journal: &mut Journal) -> Result<()> {
        let files = group.iter().enumerate().flat_map(|(index, (path, unit))| {
            let files = unit.files(path);
            let all = files.len();
            files.into_iter().map(move |file| (index, all, file))
        });
        let put =
            |(index, all, file): (usize, usize, String)| async move { self.file(&file).await.map(|()| (index, all)) };
        let mut puts = stream::iter(files).map(put).buffer_unordered(IN_FLIGHT);
        let mut counts = vec![0usize; group.len()];
        while let Some(done) = puts.next().await {
            let (index, all) = done?;
            counts[index] += 1;
            if counts[index] == all {
                let (path, unit) = group[index];
                journal.done(unit.mark(path))?;
            }
            self.observer.event(Event::Advanced { stage: Stage::Deploy, by: 1 });
            if self.observer.is_cancelled() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted; the next deploy goes on from here"));
            }
            held.keep().await?;
        }
        Ok(())
    }

    async fn file(&self, path: &str) -> Result<()> {
        match self.source {
            Source::Built(output) => self.built(path, output).await,
            Source::Kept(earlier) => earlier.restore(path, self.store).await,
        }
    }

    async fn built(&self, path: &str, output: &Path) -> Result<()> {
        let place = built_file(output, path);
        let unreadable = |error| Error::read(ErrorKind::Output, &place, error);
        let len = tokio::fs::metadata(&place).await.map_err(unreadable)?.len();
        if len > LARGE {
            return self.large(path, &place, len).await;
        }
        let bytes = tokio::fs::read(&place).await.map_err(unreadable)?;
        let options = PutOptions::from(attributes(self.store, path));
        let put = self.store.objects.put_opts(&key(path)?, PutPayload::from(bytes), options).await;
        put.map(drop).map_err(|error| failed(&error))
    }

    async fn large(&self, path: &str, place: &PathBuf, len: u64) -> Result<()> {
        let unreadable = |error| Error::read(ErrorKind::Output, place, error);
        let mut file = tokio::fs::File::open(place).await.map_err(unreadable)?;
        let part = usize::try_from((LARGE / 2).max(len.div_ceil(MAX_PARTS))).unwrap_or(usize::MAX);
        let begun = self.store.objects.put_multipart_opts(&key(path)?, attributes(self.store, path).into()).await;
        let mut parts = WriteMultipart::new_with_chunk_size(begun.map_err(|error| failed(&error))?, part);
        let mut buffer = vec![0; 1 << 20];
        loop {
            parts.wait_for_capacity(2).await.map_err(|error| failed(&error))?;
            match file.read(&mut buffer).await.map_err(unreadable)? {
                0 => break,
                read => parts.write(&buffer[..read]),
            }
        }
        parts.finish().await.map(drop).map_err(|error| failed(&error))
    }
}

/// What a host is to say of the file at `path`.
pub fn attributes(store: &Store, path: &str) -> Attributes {
    if !store.has_attributes {
        return Attributes::new();
    }
    let headers = headers(path);
    let content_type = (Attribute::ContentType, headers.content_type);
    Attributes::from_iter([content_type, (Attribute::CacheControl, headers.cache_control)])
}

/// Where the file at `path` of a site lies that was built in `output`.
pub fn built_file(output: &Path, path: &str) -> PathBuf {
    path.split('/').fold(output.to_path_buf(), |folder, name| folder.join(name))
}
