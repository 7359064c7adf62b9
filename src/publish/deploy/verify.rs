//! Looks at what really lies in the target: all names and lengths by listing it, bytes and what hosts say of them by
//! reading a sample or everything. Bytes are held against those of the built site: what a store calls a checksum depends
//! on how something was put.

use super::deployed::{Deployed, is_private};
use super::earlier::Earlier;
use super::lease;
use super::states;
use super::unit::{Unit, Units};
use super::upload::{Built, IN_FLIGHT, encoded, is_said_rightly};
use crate::build::progress::{Event, Observer, Stage};
use crate::config::Compression;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::store::{PRIVATE, Store, failed};
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, TryStreamExt};
use object_store::{ObjectMeta, ObjectStore};
use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;
use std::{fs, io};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Of how many files the bytes are read for a sample.
const SAMPLE: usize = 1000;

/// So many names are told, of more only how many they are.
const TOLD: usize = 5;

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    Sample,
    Full,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// Objects that lie there, those that no reader sees among them.
    pub listed: u64,
    /// Files whose bytes were read, and how many bytes these were.
    pub read: u64,
    pub bytes: u64,
    /// What is not as it should be, by its path below the site's root: how many of its files.
    pub broken: BTreeMap<String, u64>,
    /// Objects that no deploy put there, which are left alone: the first of them, and how many they are.
    pub strange: Vec<String>,
    pub all_strange: u64,
    /// Objects that an interrupted deploy left, that nothing names and no reader sees.
    pub leftover: Vec<String>,
}

/// Looks for those units of `site` that `base`, the target's own `state`, says to be there.
pub struct Inspection<'a> {
    pub store: &'a Store,
    pub site: &'a Units,
    pub base: &'a Deployed,
    pub state: Option<Hash>,
    pub built: Built<'a>,
    pub observer: &'a dyn Observer,
}

/// Units by their paths.
type Borrowed<'a> = Vec<(&'a str, &'a Unit)>;

impl<'a> Inspection<'a> {
    pub async fn run(&self, how: Verify) -> Result<Verified> {
        let begun = Instant::now();
        self.observer.event(Event::StageStarted { stage: Stage::Verify, total: 0 });
        let (mut theirs, mut others) = (Owners::default(), Owners::default());
        let (there, known) = self.units();
        there.iter().for_each(|(path, unit)| theirs.add(path, unit));
        known.iter().for_each(|(path, unit)| others.add(path, unit));

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
                (Some(owner), _) if self.is_away(owner, &path) => *found.entry(owner).or_default() += 1,
                (Some(owner), _) if self.is_as_long(&path, &object).await? => {
                    *found.entry(owner).or_default() += 1;
                    match how {
                        Verify::Sample => sample.offer(owner, path),
                        Verify::Full => reads.push(self.compare(owner, path)),
                    }
                }
                (Some(_), _) | (None, Some(_)) => {}
                (None, None) if is_private(&path) => verified.leftover.push(path),
                (None, None) => verified.note_strange(path),
            }
            while reads.len() >= IN_FLIGHT {
                verified.note(reads.next().await)?;
            }
        }
        for (owner, path) in sample.chosen() {
            reads.push(self.compare(owner, path));
            while reads.len() >= IN_FLIGHT {
                verified.note(reads.next().await)?;
            }
        }
        while let Some(read) = reads.next().await {
            verified.note(Some(read))?;
        }
        for (path, unit) in &there {
            let all = unit.files(path).len() as u64;
            let missing = all.saturating_sub(found.get(*path).copied().unwrap_or_default());
            if missing > 0 {
                *verified.broken.entry((*path).to_owned()).or_default() += missing;
            }
        }
        self.observer.event(Event::StageFinished { stage: Stage::Verify, elapsed: begun.elapsed() });
        Ok(verified)
    }

    /// What is to stay as it is, and all else that may be there.
    fn units(&self) -> (Borrowed<'a>, Vec<(String, Unit)>) {
        let stays = |(path, unit): &(&String, &Unit)| self.site.get(*path) == Some(unit);
        let (there, going): (Vec<_>, Vec<_>) = self.base.units.iter().partition(stays);
        let own = |path: String| (path, Unit::File { hash: Hash([0; 16]), bytes: 0 });
        let earlier = self.base.earlier.iter().flat_map(Earlier::retired);
        let retired = self.base.retired.iter().cloned().chain(earlier).map(|retired| (retired.path, retired.unit));
        let private = [lease::path(), format!("{PRIVATE}/lock")].into_iter().chain(self.state.map(states::path));
        let going = going.into_iter().map(|(path, unit)| (path.clone(), unit.clone()));
        let known = going.chain(retired).chain(private.map(own)).collect();
        (there.into_iter().map(|(path, unit)| (path.as_str(), unit)).collect(), known)
    }

    /// Whether a file went to the store when it was made: [`damaged_images`](super::damage::damaged_images) looks at it.
    fn is_away(&self, owner: &str, path: &str) -> bool {
        let is_image = self.site.get(owner).is_some_and(|unit| matches!(unit, Unit::Image(_)));
        is_image && !self.built.file(path).exists()
    }

    async fn is_as_long(&self, path: &str, object: &ObjectMeta) -> Result<bool> {
        let len = self.local_len(path)?;
        let Some(encoded) = self.encoded(path, len).await? else { return Ok(len == object.size) };
        Ok(encoded.len() as u64 == object.size)
    }

    fn local_len(&self, path: &str) -> Result<u64> {
        let place = self.built.file(path);
        Ok(fs::metadata(&place).map_err(|error| Error::read(ErrorKind::Output, &place, error))?.len())
    }

    /// The bytes of a file that is put compressed.
    async fn encoded(&self, path: &str, len: u64) -> Result<Option<Vec<u8>>> {
        let encoding = self.built.encoding(path, len, self.store);
        if encoding == Compression::None {
            return Ok(None);
        }
        let place = self.built.file(path);
        let unreadable = |error| Error::read(ErrorKind::Output, &place, error);
        let bytes = tokio::fs::read(&place).await.map_err(unreadable)?;
        encoded(bytes, encoding).await.map(Some).map_err(unreadable)
    }

    /// Whether an object has the bytes of the file at `path` and what a host says of it.
    async fn compare(&self, owner: &'a str, path: String) -> Result<(&'a str, Option<u64>)> {
        let Some(found) = self.store.get(&path).await? else { return Ok((owner, None)) };
        let len = self.local_len(&path)?;
        if !is_said_rightly(&found, self.store, &path, self.built.encoding(&path, len, self.store)) {
            return Ok((owner, None));
        }
        let place = self.built.file(&path);
        let unreadable = |error| Error::read(ErrorKind::Output, &place, error);
        let mut local: Box<dyn AsyncRead + Send + Unpin> = match self.encoded(&path, len).await? {
            Some(encoded) => Box::new(io::Cursor::new(encoded)),
            None => Box::new(tokio::fs::File::open(&place).await.map_err(unreadable)?),
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
        if self.strange.len() < TOLD {
            self.strange.push(path);
        }
    }
}

/// Whose file an object is. Lists come folder by folder: of the folder at hand the names of all files are held.
#[derive(Default)]
pub struct Owners<'a> {
    units: BTreeMap<&'a str, Vec<&'a Unit>>,
    at_hand: Option<(&'a str, HashSet<String>)>,
}

impl<'a> Owners<'a> {
    pub fn add(&mut self, path: &'a str, unit: &'a Unit) {
        self.units.entry(path).or_default().push(unit);
    }

    /// The path of the unit that has `file`.
    pub fn owner(&mut self, file: &str) -> Option<&'a str> {
        let ends = file.match_indices('/').map(|(end, _)| end).chain([file.len()]);
        for end in ends {
            let Some((path, units)) = self.units.get_key_value(&file[..end]) else { continue };
            if self.at_hand.as_ref().is_none_or(|(at_hand, _)| at_hand != path) {
                self.at_hand = Some((path, units.iter().flat_map(|unit| unit.files(path)).collect()));
            }
            if self.at_hand.as_ref().is_some_and(|(_, files)| files.contains(file)) {
                return Some(path);
            }
        }
        None
    }
}

/// Some of many, each as likely as the other.
#[derive(Default)]
struct Sample<'a> {
    dice: RandomState,
    lowest: BinaryHeap<(u64, &'a str, String)>,
}

impl<'a> Sample<'a> {
    fn offer(&mut self, owner: &'a str, path: String) {
        self.lowest.push((self.dice.hash_one(&path), owner, path));
        if self.lowest.len() > SAMPLE {
            self.lowest.pop();
        }
    }

    fn chosen(self) -> impl Iterator<Item = (&'a str, String)> {
        self.lowest.into_iter().map(|(_, owner, path)| (owner, path))
    }
}
