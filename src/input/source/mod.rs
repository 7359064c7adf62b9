//! The files of the content: in a folder, or in a bucket whose files are fetched when they are needed.
//!
//! A file is named by its path below `Config::content`. In a bucket this path is a URL, which cannot be opened: ask for
//! a [local copy](ContentSource::local) to read the bytes. So messages, records and the order of pages need no second
//! kind of name. Metadata that was fetched stays on this machine; a cache holds the masters that were used last. The
//! bucket's list states whether a file changed: nothing is fetched to find that out.
//!
//! Rejected: a copy of the bucket's tree under its own names, because the names can be anything and deletions would
//! have to be repeated here. Rejected: reading ranges in decoders, because they live in another process, which has no
//! credentials.
//!
//! [`RemoteFiles`] is the seam to the network. Only its implementation in `bucket` and `cache` knows object stores:
//! without those two modules and the call of `of_remote` this file compiles.

#[cfg(feature = "deploy")]
mod bucket;
#[cfg(feature = "deploy")]
mod cache;
mod stand_in;

pub use stand_in::StandIn;

use crate::config::Config;
use crate::config::files;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::{FileStamp, Hash};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// See the [module](self).
pub enum ContentSource {
    Folder,
    Bucket(Box<dyn RemoteFiles>),
}

/// Files below a URL. All methods except the first two return `None` for a file that is not there.
pub trait RemoteFiles: Send + Sync {
    /// The `/`-separated paths of all files below the URL.
    fn names(&self) -> Vec<&str>;

    /// Whether `path` lies below the URL, whether there is such a file or not.
    fn holds(&self, path: &Path) -> bool;

    /// The stamp that identifies a version of a file without fetching it.
    fn stamp(&self, path: &Path) -> Option<FileStamp>;

    /// The store's own name for the bytes of a file; `None` too where the store has none.
    fn version(&self, path: &Path) -> Option<Hash>;

    /// A copy that stays while it is held.
    fn fetch(&self, path: &Path) -> Option<Result<Box<dyn HeldCopy + '_>>>;

    /// A copy that stays for good, for small files.
    fn fetch_for_good(&self, path: &Path) -> Option<Result<PathBuf>>;

    /// The local file for notes about a file. Another version of the file has another.
    fn note(&self, path: &Path) -> Option<PathBuf>;
}

/// A copy of a remote file on this machine, which stays while this value is there.
pub trait HeldCopy {
    fn path(&self) -> &Path;
}

/// A file on this machine, which stays while this value is there.
pub struct LocalFile<'a> {
    pub path: PathBuf,
    copy: Option<Box<dyn HeldCopy + 'a>>,
}

impl LocalFile<'_> {
    /// An error about the local copy is about the file `original` instead.
    pub fn attribute_to<T>(&self, original: &Path, result: Result<T>) -> Result<T> {
        result.map_err(|error| error.not_of_copy(&self.path, original))
    }

    /// The stamp that must not change while the file is read: that of the copy, else the stamp `seen` before.
    pub fn watched(&self, seen: FileStamp) -> io::Result<FileStamp> {
        if self.copy.is_some() { FileStamp::of(&self.path) } else { Ok(seen) }
    }
}

impl ContentSource {
    /// Opens the content that `config` names. A bucket is listed, and its new metadata fetched.
    ///
    /// # Errors
    /// A bucket that cannot be listed.
    pub fn open(config: &Config) -> Result<ContentSource> {
        match &config.remote {
            None => Ok(ContentSource::Folder),
            #[cfg(feature = "deploy")]
            Some(remote) => ContentSource::of_remote(remote, config),
            #[cfg(not(feature = "deploy"))]
            Some(_) => {
                let why = "this program was built without the feature `deploy`, and the content is in a bucket";
                Err(Error::new(ErrorKind::Config, why).with_path(&config.content))
            }
        }
    }

    pub fn is_remote(&self) -> bool {
        matches!(self, ContentSource::Bucket(_))
    }

    /// The `/`-separated paths of all files below the content. `None` for a folder: read its directories instead.
    pub fn names(&self) -> Option<Vec<&str>> {
        match self {
            ContentSource::Folder => None,
            ContentSource::Bucket(bucket) => Some(bucket.names()),
        }
    }

    pub fn is_file(&self, path: &Path) -> bool {
        match self.remote(path) {
            None => path.is_file(),
            Some(bucket) => bucket.stamp(path).is_some(),
        }
    }

    /// The stamp that identifies a version of a file without reading it.
    pub fn stamp(&self, path: &Path) -> io::Result<FileStamp> {
        match self.remote(path) {
            None => FileStamp::of(path),
            Some(bucket) => bucket.stamp(path).ok_or(io::ErrorKind::NotFound.into()),
        }
    }

    /// The store's own name for the bytes of a file; `None` where there is none.
    pub fn version(&self, path: &Path) -> Option<Hash> {
        self.remote(path)?.version(path)
    }

    /// The file on this machine, fetched if necessary. Its bytes are those of its [stamp](ContentSource::stamp).
    ///
    /// # Errors
    /// The error names `path`: it is not there, it is not as it was listed, or the store does not give it.
    pub fn local(&self, path: &Path) -> Result<LocalFile<'_>> {
        let Some(bucket) = self.remote(path) else { return Ok(LocalFile { path: path.to_path_buf(), copy: None }) };
        let copy = bucket.fetch(path).ok_or_else(absent).flatten().map_err(|error| error.with_path(path))?;
        Ok(LocalFile { path: copy.path().to_path_buf(), copy: Some(copy) })
    }

    /// The same for a small file; its copy stays for good.
    ///
    /// # Errors
    /// As [`local`](ContentSource::local).
    pub fn local_for_good(&self, path: &Path) -> Result<PathBuf> {
        let Some(bucket) = self.remote(path) else { return Ok(path.to_path_buf()) };
        bucket.fetch_for_good(path).ok_or_else(absent).flatten().map_err(|error| error.with_path(path))
    }

    /// The result of `find` for a file. For a file in a bucket it is remembered, so that the file is fetched for it
    /// once.
    pub fn found_in<T>(&self, path: &Path, find: impl FnOnce(&Path) -> Result<T>) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
    {
        let note = self.remote(path).and_then(|bucket| bucket.note(path));
        let known = note.as_ref().and_then(|note| serde_json::from_slice(&fs::read(note).ok()?).ok());
        if let Some(known) = known {
            return Ok(known);
        }
        let local = self.local(path)?;
        let found = local.attribute_to(path, find(&local.path))?;
        if let Some((note, bytes)) = note.zip(serde_json::to_vec(&found).ok()) {
            fs::write(&note, bytes).map_err(|error| Error::output(&note, error))?;
        }
        Ok(found)
    }

    /// The bytes of a file that is read whole, such as metadata. A larger one than `limit` is not even fetched.
    pub fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let bytes = match self.remote(path) {
            None => files::read(path, limit)?,
            Some(bucket) => {
                files::check_size(bucket.stamp(path).ok_or(io::ErrorKind::NotFound)?.bytes(), limit)?;
                let copy = bucket.fetch_for_good(path).ok_or(io::ErrorKind::NotFound)?;
                files::read(&copy.map_err(|error| io::Error::other(error.message().to_owned()))?, limit)?
            }
        };
        StandIn::of(&bytes).map_or(Ok(bytes), |pointer| Err(pointer.into()))
    }

    /// The same as text.
    pub fn read_to_string(&self, path: &Path, limit: u64) -> io::Result<String> {
        files::text(self.read(path, limit)?)
    }

    /// The bucket that `path` lies in.
    fn remote(&self, path: &Path) -> Option<&dyn RemoteFiles> {
        match self {
            ContentSource::Folder => None,
            ContentSource::Bucket(bucket) => bucket.holds(path).then_some(&**bucket),
        }
    }
}

fn absent() -> Error {
    Error::new(ErrorKind::Content, "there is no such file")
}
