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

    /// Refuses files in the way of `files` that are not ours, before anything is fetched.
    ///
    /// # Errors
    /// A file is in the way.
    pub fn check(&self, files: &[File]) -> Result<()> {
        for (name, bytes) in files {
            let path = self.folder.join(name);
            if existing(&path)?.bytes.is_some_and(|there| there != *bytes && !self.is_ours(name, &there)) {
                return Err(occupied(&path));
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use Changed::{Leave, Overwrite, Refuse};

    fn files(texts: &[(&str, &str)]) -> Vec<File> {
        texts.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    fn write(folder: &Path, version: &str, texts: &[(&str, &str)], changed: Changed) -> Result<Added> {
        Placed::read(folder)?.write(version, files(texts), changed)
    }

    #[test]
    fn a_file_of_somebody_else_is_in_the_way_of_all_files() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("b.js"), "theirs").unwrap();
        let texts = [("a.js", "a"), ("b.js", "b")];
        let refused = write(root.path(), "1", &texts, Refuse).unwrap_err();
        assert_eq!((refused.kind(), refused.path()), (ErrorKind::Config, Some(root.path().join("b.js").as_path())));
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1, "all files or none");
        assert!(Placed::read(root.path()).unwrap().check(&files(&texts)).is_err());
        assert_eq!(write(root.path(), "1", &texts, Overwrite).unwrap().written, 2);
        assert_eq!(fs::read_to_string(root.path().join("b.js")).unwrap(), "b");
    }

    #[test]
    fn another_version_replaces_our_files_and_no_others() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("deep/viewer");
        write(&folder, "1", &[("a.js", "a"), ("old/b.js", "b"), ("old/c.js", "c")], Refuse).unwrap();
        fs::write(folder.join("theirs.js"), "theirs").unwrap();
        fs::write(folder.join("old/c.js"), "changed").unwrap();
        let added = write(&folder, "2", &[("a.js", "A")], Refuse).unwrap();
        assert_eq!(added.written, 2, "one is written, one is removed");
        assert_eq!(fs::read_to_string(folder.join("a.js")).unwrap(), "A");
        assert!(
            !folder.join("old/b.js").exists() && folder.join("old/c.js").exists() && folder.join("theirs.js").exists()
        );
    }

    #[test]
    fn a_changed_page_stays_and_a_missing_one_comes_back() {
        let root = tempfile::tempdir().unwrap();
        let texts = [("a.js", "a"), ("start.js", "s"), ("index.html", "i")];
        write(root.path(), "1", &texts, Refuse).unwrap();
        let is_complete =
            || Placed::read(root.path()).unwrap().is_complete("1", ["start.js", "index.html"].into_iter());
        fs::write(root.path().join("start.js"), "changed").unwrap();
        fs::remove_file(root.path().join("index.html")).unwrap();
        assert!(is_complete());
        let added = write(root.path(), "1", &texts[1..], Leave).unwrap();
        assert_eq!((added.written, added.left), (1, vec![root.path().join("start.js")]));
        assert_eq!(write(root.path(), "1", &texts[1..], Leave).unwrap().written, 0);
        fs::remove_file(root.path().join("a.js")).unwrap();
        assert!(!is_complete());
    }

    #[test]
    fn a_folder_that_was_not_written_to_the_end_is_written_again() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "1", &[("a.js", "a"), ("b.js", "b")], Refuse).unwrap();
        let before = Placed::read(root.path()).unwrap();
        let mut next = Record { version: "2".to_owned(), ..Record::ours() };
        next.files.insert("a.js".to_owned(), [Hash::of(b"A").hex()].into());
        let lost = [(root.path().join("a.js"), b"A".to_vec()), (root.path().join("no\0name"), vec![])];
        before.replace(&lost, &[], &next).unwrap_err();
        assert!(!Placed::read(root.path()).unwrap().is_complete("2", std::iter::empty()));
        let added = write(root.path(), "2", &[("a.js", "A")], Refuse).unwrap();
        assert_eq!(added.written, 1, "b.js goes");
        assert!(!root.path().join("b.js").exists());
    }

    #[test]
    fn a_record_that_names_other_places_is_none() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("viewer");
        fs::create_dir(&folder).unwrap();
        fs::write(root.path().join("scan"), "a scan").unwrap();
        let mut record = Record { version: "1".to_owned(), ..Record::ours() };
        record.files.insert("../scan".to_owned(), [Hash::of(b"a scan").hex()].into());
        fs::write(folder.join(mark::FILE), serde_json::to_vec(&record).unwrap()).unwrap();
        write(&folder, "2", &[("a.js", "a")], Refuse).unwrap();
        assert!(root.path().join("scan").exists());
    }
}
