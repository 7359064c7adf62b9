//! What content is read from: a folder, or a bucket of which each file is fetched when it is needed.
//!
//! A file goes by its path below `Config::content`. Of a bucket that is a URL, which nobody opens: who wants the bytes asks
//! for the file [here](Source::here). Metadata that was fetched once stays; of masters a cache holds those that were used
//! last. What is known of a file is what the store's list says of it: nothing is fetched to see whether it changed.

mod bucket;
mod cache;
mod fetch;

use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::{FileStamp, Hash};
use crate::storage::store;
use bucket::Bucket;
use cache::Pin;
use object_store::ObjectStore;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// See the [module](self).
pub enum Source {
    Folder,
    Bucket(Box<Bucket>),
}

/// A file that lies on this machine for as long as this is held.
pub struct Here<'a> {
    pub path: PathBuf,
    pin: Option<Pin<'a>>,
}

impl Here<'_> {
    /// What happened to this file, told of the one that it is.
    pub fn told<T>(&self, of: &Path, result: Result<T>) -> Result<T> {
        result.map_err(|error| error.not_of_copy(&self.path, of))
    }

    /// What must not change while the file is read, if it was `seen` when it was looked at.
    pub fn watched(&self, seen: FileStamp) -> io::Result<FileStamp> {
        if self.pin.is_some() { FileStamp::of(&self.path) } else { Ok(seen) }
    }
}

impl Source {
    /// Of the content that `config` names. A bucket is listed, and its metadata fetched as far as it is new.
    ///
    /// # Errors
    /// A bucket that cannot be listed.
    pub fn open(config: &Config) -> Result<Source> {
        match &config.remote {
            None => Ok(Source::Folder),
            Some(remote) => Source::within(store::objects(&remote.bucket, &remote.access)?, config),
        }
    }

    /// The same where the bucket of `config` is `objects`.
    pub fn within(objects: Arc<dyn ObjectStore>, config: &Config) -> Result<Source> {
        Ok(Source::Bucket(Box::new(Bucket::open(objects, config)?)))
    }

    pub fn is_remote(&self) -> bool {
        matches!(self, Source::Bucket(_))
    }

    /// The `/`-separated paths of all files below the content; `None`: a folder, which says so itself.
    pub fn names(&self) -> Option<impl Iterator<Item = &str>> {
        match self {
            Source::Folder => None,
            Source::Bucket(bucket) => Some(bucket.names()),
        }
    }

    pub fn is_file(&self, path: &Path) -> bool {
        match self.object(path) {
            Some((_, object)) => object.is_some(),
            None => path.is_file(),
        }
    }

    /// By what a file is known again without reading it.
    pub fn stamp(&self, path: &Path) -> io::Result<FileStamp> {
        match self.object(path) {
            Some((_, object)) => object.map(bucket::stamp).ok_or(io::ErrorKind::NotFound.into()),
            None => FileStamp::of(path),
        }
    }

    /// What a store calls the bytes of a file; `None`: nobody does.
    pub fn version(&self, path: &Path) -> Option<Hash> {
        let (_, object) = self.object(path)?;
        Some(Hash::of(object?.e_tag.as_ref()?.as_bytes()))
    }

    /// The file as one of this machine, fetched if need be; its bytes are those of its [stamp](Source::stamp).
    ///
    /// # Errors
    /// About `path`: it is not there, or not as it was listed, or the store does not give it.
    pub fn here(&self, path: &Path) -> Result<Here<'_>> {
        match self.object(path) {
            None => Ok(Here { path: path.to_path_buf(), pin: None }),
            Some((_, None)) => Err(absent().with_path(path)),
            Some((bucket, Some(object))) => {
                let pin = bucket.pinned(object).map_err(|error| error.with_path(path))?;
                Ok(Here { path: pin.path().to_path_buf(), pin: Some(pin) })
            }
        }
    }

    /// The same for a small file that stays for good.
    pub fn kept(&self, path: &Path) -> Result<PathBuf> {
        match self.object(path) {
            None => Ok(path.to_path_buf()),
            Some((_, None)) => Err(absent().with_path(path)),
            Some((bucket, Some(object))) => bucket.kept(object).map_err(|error| error.with_path(path)),
        }
    }

    /// What `find` finds in a file. Of a bucket's it is remembered, so that the file is fetched for it once.
    pub fn found_in<T>(&self, path: &Path, find: impl FnOnce(&Path) -> Result<T>) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
    {
        let note = self.object(path).and_then(|(bucket, object)| Some(bucket.note(object?)));
        let known = note.as_ref().and_then(|note| serde_json::from_slice(&fs::read(note).ok()?).ok());
        if let Some(known) = known {
            return Ok(known);
        }
        let here = self.here(path)?;
        let found = here.told(path, find(&here.path))?;
        if let Some((note, bytes)) = note.zip(serde_json::to_vec(&found).ok()) {
            fs::write(&note, bytes).map_err(|error| Error::output(&note, error))?;
        }
        Ok(found)
    }

    /// The bytes of a small file, such as metadata.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.object(path) {
            None => fs::read(path),
            Some((_, None)) => Err(io::ErrorKind::NotFound.into()),
            Some((bucket, Some(object))) => {
                fs::read(bucket.kept(object).map_err(|error| io::Error::other(error.message().to_owned()))?)
            }
        }
    }

    pub fn read_to_string(&self, path: &Path) -> io::Result<String> {
        let malformed = |_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
        String::from_utf8(self.read(path)?).map_err(malformed)
    }

    /// What the bucket has at `path`; `None`: it is none of a bucket.
    fn object(&self, path: &Path) -> Option<(&Bucket, Option<&object_store::ObjectMeta>)> {
        match self {
            Source::Folder => None,
            Source::Bucket(bucket) => Some((&**bucket, bucket.find(path)?)),
        }
    }
}

fn absent() -> Error {
    Error::new(ErrorKind::Content, "there is no such file")
}
