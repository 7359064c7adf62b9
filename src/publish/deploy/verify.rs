//! Compares the objects in the target with the built site: names and lengths of all by listing, bytes and headers of a
//! sample or of all by reading. Checksums of stores are not used: they depend on how an object was put.

use super::artifact::{Artifact, Artifacts, Selection};
use super::built::{BuiltSite, encoded, has_expected_headers};
use super::deployed::{self, Deployed, RollbackPoint};
use super::{pointer, publication_log, strangers};
use crate::build::progress::{Event, Observer, Stage};
use crate::config::Compression;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::store::{MAX_REQUESTS, PRIVATE, Store, failed};
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, TryStreamExt};
use object_store::{ObjectMeta, ObjectStore};
use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;
use std::{fs, io};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The number of files whose bytes are read for a sample.
const SAMPLE_SIZE: usize = 1000;

/// The number of unknown objects that are reported by name.
const MAX_NAMED: usize = 5;

/// How many files are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// A thousand, chosen at random.
    Sample,
    /// All.
    Full,
}

/// The result of a comparison.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Verified {
    /// The number of objects in the target, with those that readers cannot see.
    pub listed: u64,
    /// The number of files whose bytes were read.
    pub read: u64,
    /// The number of bytes that were read.
    pub bytes: u64,
    /// Damaged files and image folders by their paths below the site's root, with the number of damaged files in each.
    pub broken: BTreeMap<String, u64>,
    /// The first objects that no deploy put there. They are left alone.
    pub strange: Vec<String>,
    /// The number of all such objects.
    pub all_strange: u64,
    /// Objects that an interrupted deploy left behind, and that readers cannot see.
    pub leftover: Vec<String>,
}

/// Looks for the artifacts of `site` that are in the target according to `base`, its `state`.
pub struct Inspection<'a> {
    pub store: &'a Store,
    pub site: &'a Artifacts,
    pub base: &'a Deployed,
    pub state: Option<Hash>,
    pub built: BuiltSite<'a>,
    pub observer: &'a dyn Observer,
}

impl<'a> Inspection<'a> {
    pub async fn run(&self, how: Verify) -> Result<Verified> {
        let begun = Instant::now();
        self.observer.event(Event::StageStarted { stage: Stage::Verify, total: 0 });
        let (mut theirs, mut others) = (Owners::default(), Owners::default());
        let (there, known) = self.artifacts();
        there.iter().for_each(|(path, artifact)| theirs.add(path, artifact));
        known.iter().for_each(|(path, artifact)| others.add(path, artifact));

        let mut verified = Verified::default();
        let mut found = BTreeMap::<&str, u64>::new();
        let mut sample = Sample::default();
        let mut reads = FuturesUnordered::new();
        let mut list = self.store.objects.list(None);
        while let Some(object) = list.try_next().await.map_err(|error| failed(&error))? {
            verified.listed += 1;
            self.step(1)?;
            let path = object.location.to_string();
            match (theirs.owner(&path), others.owner(&path)) {
                (Some(owner), _) if self.is_in_store_only(owner, &path) => *found.entry(owner).or_default() += 1,
                (Some(owner), _) if self.is_as_long(&path, &object).await? => {
                    *found.entry(owner).or_default() += 1;
                    match how {
                        Verify::Sample => sample.offer(owner, path),
                        Verify::Full => reads.push(self.compare(owner, path)),
                    }
                }
                (Some(_), _) | (None, Some(_)) => {}
                (None, None) if strangers::is_ours(&path) => verified.leftover.push(path),
                (None, None) => verified.note_strange(path),
            }
            while reads.len() >= MAX_REQUESTS {
                verified.note(reads.next().await)?;
            }
        }
        for (owner, path) in sample.chosen() {
            reads.push(self.compare(owner, path));
            while reads.len() >= MAX_REQUESTS {
                verified.note(reads.next().await)?;
            }
        }
        while let Some(read) = reads.next().await {
            verified.note(Some(read))?;
        }
        for (path, artifact) in &there {
            let all = artifact.files(path).len() as u64;
            let missing = all.saturating_sub(found.get(path.as_str()).copied().unwrap_or_default());
            if missing > 0 {
                *verified.broken.entry((*path).clone()).or_default() += missing;
            }
        }
        self.observer.event(Event::StageFinished { stage: Stage::Verify, elapsed: begun.elapsed() });
        Ok(verified)
    }

    /// The artifacts that stay, and everything else that may be in the target.
    fn artifacts(&self) -> (Selection<'a>, Vec<(String, Artifact)>) {
        let stays = |(path, artifact): &(&String, &Artifact)| self.site.get(*path) == Some(artifact);
        let (there, going): (Selection<'a>, Selection<'a>) = self.base.artifacts.iter().partition(stays);
        let own = |path: String| (path, Artifact::File { hash: Hash([0; 16]), bytes: 0 });
        let copies = self.base.rollback_point.iter().flat_map(RollbackPoint::tombstones);
        let tombstones = self.base.tombstones.iter().cloned().chain(copies).map(|one| (one.path, one.artifact));
        let private = [pointer::path(), publication_log::path(), format!("{PRIVATE}/lock")]
            .into_iter()
            .chain(self.state.map(deployed::path));
        let going = going.into_iter().map(|(path, artifact)| (path.clone(), artifact.clone()));
        (there, going.chain(tombstones).chain(private.map(own)).collect())
    }

    /// Whether a file is in the store only: [`damaged_images`](super::damage::damaged_images) compares it.
    fn is_in_store_only(&self, owner: &str, path: &str) -> bool {
        let is_image = self.site.get(owner).is_some_and(|artifact| matches!(artifact, Artifact::Image(_)));
        is_image && !self.built.file(path).exists()
    }

    async fn is_as_long(&self, path: &str, object: &ObjectMeta) -> Result<bool> {
        let len = self.local_len(path)?;
        let Some(encoded) = self.encoded(path, len).await? else { return Ok(len == object.size) };
        Ok(encoded.len() as u64 == object.size)
    }

    fn local_len(&self, path: &str) -> Result<u64> {
        let file = self.built.file(path);
        Ok(fs::metadata(&file).map_err(|error| Error::read(ErrorKind::Output, &file, error))?.len())
    }

    /// The bytes of a file that is put compressed; `None`: it is put as it is.
    async fn encoded(&self, path: &str, len: u64) -> Result<Option<Vec<u8>>> {
        let encoding = self.built.encoding(path, len, self.store);
        if encoding == Compression::None {
            return Ok(None);
        }
        let file = self.built.file(path);
        let unreadable = |error| Error::read(ErrorKind::Output, &file, error);
        let bytes = tokio::fs::read(&file).await.map_err(unreadable)?;
        encoded(bytes, encoding).await.map(Some).map_err(unreadable)
    }

    /// Compares the bytes and headers of an object with the file at `path`. Returns the number of bytes; `None`: it is
    /// damaged.
    async fn compare(&self, owner: &'a str, path: String) -> Result<(&'a str, Option<u64>)> {
        let Some(found) = self.store.get(&path).await? else { return Ok((owner, None)) };
        let len = self.local_len(&path)?;
        if !has_expected_headers(&found, self.store, &path, self.built.encoding(&path, len, self.store)) {
            return Ok((owner, None));
        }
        let file = self.built.file(&path);
        let unreadable = |error| Error::read(ErrorKind::Output, &file, error);
        let mut local: Box<dyn AsyncRead + Send + Unpin> = match self.encoded(&path, len).await? {
            Some(encoded) => Box::new(io::Cursor::new(encoded)),
            None => Box::new(tokio::fs::File::open(&file).await.map_err(unreadable)?),
        };
        let (mut remote, mut bytes, mut buffer) = (found.into_stream(), 0, vec![]);
        while let Some(part) = remote.try_next().await.map_err(|error| failed(&error))? {
            buffer.resize(part.len(), 0);
            match local.read_exact(&mut buffer).await {
                Ok(_) if buffer == part => bytes += part.len() as u64,
                Ok(_) => return Ok((owner, None)),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok((owner, None)),
                Err(error) => return Err(unreadable(error)),
            }
        }
        Ok((owner, Some(bytes)))
    }

    fn step(&self, by: u64) -> Result<()> {
        self.observer.event(Event::Advanced { stage: Stage::Verify, by });
        match self.observer.is_cancelled() {
            true => Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was changed")),
            false => Ok(()),
        }
    }
}

impl Verified {
    /// Whether nothing is damaged.
    pub fn is_well(&self) -> bool {
        self.broken.is_empty()
    }

    fn note(&mut self, read: Option<Result<(&str, Option<u64>)>>) -> Result<()> {
        let Some((owner, bytes)) = read.transpose()? else { return Ok(()) };
        self.read += 1;
        match bytes {
            Some(bytes) => self.bytes += bytes,
            None => *self.broken.entry(owner.to_owned()).or_default() += 1,
        }
        Ok(())
    }

    fn note_strange(&mut self, path: String) {
        self.all_strange += 1;
        if self.strange.len() < MAX_NAMED {
            self.strange.push(path);
        }
    }
}

/// Finds the artifact that a file belongs to. Lists come folder by folder, so only the names of the last folder are
/// held.
#[derive(Default)]
pub struct Owners<'a> {
    artifacts: BTreeMap<&'a str, Vec<&'a Artifact>>,
    last: Option<(&'a str, HashSet<String>)>,
}

impl<'a> Owners<'a> {
    pub fn add(&mut self, path: &'a str, artifact: &'a Artifact) {
        self.artifacts.entry(path).or_default().push(artifact);
    }

    /// The path of the artifact that has `file`.
    pub fn owner(&mut self, file: &str) -> Option<&'a str> {
        let ends = file.match_indices('/').map(|(end, _)| end).chain([file.len()]);
        for end in ends {
            let Some((path, artifacts)) = self.artifacts.get_key_value(&file[..end]) else { continue };
            if self.last.as_ref().is_none_or(|(last, _)| last != path) {
                self.last = Some((path, artifacts.iter().flat_map(|artifact| artifact.files(path)).collect()));
            }
            if self.last.as_ref().is_some_and(|(_, files)| files.contains(file)) {
                return Some(path);
            }
        }
        None
    }
}

/// A random sample: each file is as likely as any other.
#[derive(Default)]
struct Sample<'a> {
    hasher: RandomState,
    lowest: BinaryHeap<(u64, &'a str, String)>,
}

impl<'a> Sample<'a> {
    fn offer(&mut self, owner: &'a str, path: String) {
        self.lowest.push((self.hasher.hash_one(&path), owner, path));
        if self.lowest.len() > SAMPLE_SIZE {
            self.lowest.pop();
        }
    }

    fn chosen(self) -> impl Iterator<Item = (&'a str, String)> {
        self.lowest.into_iter().map(|(_, owner, path)| (owner, path))
    }
}
