//! The folder of a viewer in a project, and its record: a hidden file, which is never published, with the version and the
//! hash of each file that was written. A file whose hash is in the record is ours; any other was made or changed by
//! somebody.

use super::Added;
use super::tarball::{File, is_plain};
use crate::config::files;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::ownership::named_file::{Existing, existing};
use crate::storage::ownership::{PROGRAM, mark};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What becomes of files that are not ours, or that somebody changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    Refuse,
    Leave,
    Overwrite,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Placed {
    folder: PathBuf,
    record: Record,
}

#[derive(Debug, Default, Clone, Serialize, Deserialize)]
struct Record {
    program: String,
    /// What the folder holds: `viewer`.
    holds: String,
    /// Empty while the folder is written.
    version: String,
    /// The hashes that each file can have: several while the folder is written.
    files: BTreeMap<String, BTreeSet<String>>,
}

const HOLDS: &str = "viewer";

impl Placed {
    /// Reads the record in `folder`, if there is one.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(folder: &Path) -> Result<Placed> {
        let path = folder.join(mark::FILE);
        let record = match files::read(&path, files::SETTINGS) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Record::default()
            }
            Err(error) => return Err(Error::read(ErrorKind::Config, &path, error)),
        };
        let is_ours =
            record.program == PROGRAM && record.holds == HOLDS && record.files.keys().all(|name| is_plain(name));
        Ok(Placed { folder: folder.to_path_buf(), record: if is_ours { record } else { Record::default() } })
    }

    /// Whether the folder holds this version, with all files but perhaps those of `own`.
    pub fn is_complete<'a>(&self, version: &str, own: impl Iterator<Item = &'a str>) -> bool {
        let own: BTreeSet<&str> = own.collect();
        let mut others = self.record.files.keys().filter(|name| !own.contains(name.as_str()));
        self.record.version == version && others.all(|name| self.folder.join(name).is_file())
    }

    /// Writes `files`. If the version is another one, files of the earlier version that this one does not have are removed.
    /// All files are written or none.
    ///
    /// # Errors
    /// A file is in the way that is not ours, unless `changed` allows it; the disk cannot be written.
    pub fn write(self, version: &str, files: Vec<File>, changed: Changed) -> Result<Added> {
        let mut next = Record { version: version.to_owned(), ..Record::ours() };
        if self.record.version == version {
            next.files.clone_from(&self.record.files);
        }
        let mut added = Added { folder: self.folder.clone(), ..Added::default() };
        let mut due = vec![];
        for (name, bytes) in files {
            let path = self.folder.join(&name);
            let Existing { place, bytes: there } = existing(&path)?;
            match there {
                Some(there) if there == bytes => {}
                Some(there) if changed != Changed::Overwrite && !self.is_ours(&name, &there) => {
                    if changed == Changed::Refuse {
                        return Err(occupied(&path));
                    }
                    added.left.push(path);
                    continue;
                }
                _ => due.push((place, bytes.clone())),
            }
            next.files.insert(name, [Hash::of(&bytes).hex()].into());
        }
        let stale = self.stale(&next)?;
        added.written = due.len() + stale.len();
        if added.written > 0 || next.files != self.record.files {
            self.replace(&due, &stale, &next)?;
        }
        Ok(added)
    }

    fn replace(&self, due: &[(PathBuf, Vec<u8>)], stale: &[PathBuf], next: &Record) -> Result<()> {
        let mut both = Record { files: self.record.files.clone(), ..Record::ours() };
        for (name, hashes) in &next.files {
            both.files.entry(name.clone()).or_default().extend(hashes.iter().cloned());
        }
        self.note(&both)?;
        for (place, bytes) in due {
            write(place, bytes)?;
        }
        for path in stale {
            fs::remove_file(path).map_err(|error| Error::output(path, error))?;
        }
        self.note(next)
    }

    /// Files of ours that `next` does not have.
    fn stale(&self, next: &Record) -> Result<Vec<PathBuf>> {
        let mut stale = vec![];
        for name in self.record.files.keys().filter(|name| !next.files.contains_key(*name)) {
            let path = self.folder.join(name);
            let is_ours = path.is_file() && existing(&path)?.bytes.is_some_and(|there| self.is_ours(name, &there));
            stale.extend(is_ours.then_some(path));
        }
        Ok(stale)
    }

    fn is_ours(&self, name: &str, bytes: &[u8]) -> bool {
        self.record.files.get(name).is_some_and(|hashes| hashes.contains(&Hash::of(bytes).hex()))
    }

    fn note(&self, record: &Record) -> Result<()> {
        let path = self.folder.join(mark::FILE);
        let text = serde_json::to_string_pretty(record).map_err(|error| Error::output(&path, error.into()))?;
        write(&existing(&path)?.place, format!("{text}\n").as_bytes())
    }
}

impl Record {
    fn ours() -> Record {
        Record { program: PROGRAM.to_owned(), holds: HOLDS.to_owned(), ..Record::default() }
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes));
    written.map_err(|error| Error::output(path, error))
}

fn occupied(path: &Path) -> Error {
    Error::new(ErrorKind::Config, "a file of the viewer goes here, and this one is not known to be ours")
        .with_path(path)
        .with_hint("move it away, or write over it with --force")
}
