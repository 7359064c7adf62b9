//! Files that a user names, such as a report. One that is there already is written over only if this program wrote it.

use super::paths::{is_within, resolved};
use crate::error::{Error, ErrorKind, Result};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file to write, and the files that must stay as they are.
#[derive(Debug, Clone, Copy)]
pub struct NamedFile<'a> {
    /// As the user named it.
    pub path: &'a Path,
    /// What the file is, with an article, for messages: `a report`.
    pub noun: &'a str,
    /// The first bytes of the files of this kind that this program writes. `None`: none of them is written over.
    pub mark: Option<&'a str>,
    /// Whether the user said `--force`. `None`: the subcommand has no such flag.
    pub force: Option<bool>,
    /// Folders of files that would be published. Nothing is written into them.
    pub published: &'a [&'a Path],
    /// Folders of sources. Files in them are never written over, not even by force.
    pub sources: &'a [&'a Path],
}

impl NamedFile<'_> {
    /// Opens the file, empty.
    ///
    /// # Errors
    /// Something is there that this program did not write; the file would be published.
    pub fn create(&self) -> Result<File> {
        let place = resolved(self.path);
        if self.published.iter().any(|folder| is_within(&place, &resolved(folder))) {
            let why = format!("{} names files that are not published, and would be published here", self.noun);
            return Err(self.refused(&why, "name a file outside of the site"));
        }
        let kind = match place.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .open(&place)
                    .map_err(|error| self.failed(error));
            }
            kind => kind.map_err(|error| self.failed(error))?,
        };
        if !kind.is_file() {
            return Err(self.refused(&format!("{} goes into a file, and this is none", self.noun), ANOTHER));
        }
        let mut file = OpenOptions::new().read(true).write(true).open(&place).map_err(|error| self.failed(error))?;
        let is_source = self.sources.iter().any(|folder| is_within(&place, &resolved(folder)));
        if kind.len() > 0 && (is_source || self.force != Some(true)) && !self.is_ours(&mut file)? {
            let why = match self.mark {
                Some(_) => {
                    format!("there is a file already that is not {} of this program; it would be lost", self.noun)
                }
                None => "there is a file already, and it would be lost".to_owned(),
            };
            return Err(self.refused(&why, if is_source || self.force.is_none() { ANOTHER } else { ANOTHER_OR_FORCE }));
        }
        file.set_len(0).and_then(|()| io::Seek::rewind(&mut file)).map_err(|error| self.failed(error))?;
        Ok(file)
    }

    fn is_ours(&self, file: &mut File) -> Result<bool> {
        let Some(mark) = self.mark else { return Ok(false) };
        let mut head = vec![];
        file.take(mark.len() as u64).read_to_end(&mut head).map_err(|error| self.failed(error))?;
        Ok(head == mark.as_bytes())
    }

    fn refused(&self, why: &str, hint: &str) -> Error {
        Error::new(ErrorKind::Config, why).with_path(self.path).with_hint(hint)
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::output(self.path, error)
    }
}

const ANOTHER: &str = "name another file";
const ANOTHER_OR_FORCE: &str = "name another file, move this one away, or write over it with --force";

/// A file that may be in the way of one that is going to be written.
#[derive(Debug, PartialEq, Eq)]
pub struct Existing {
    /// Where the file is: links are followed.
    pub place: PathBuf,
    /// `None`: nothing is there.
    pub bytes: Option<Vec<u8>>,
}

/// Reads the file at `path`, to compare it with what will be written there.
///
/// # Errors
/// It is no file, or it cannot be read.
pub fn existing(path: &Path) -> Result<Existing> {
    let place = resolved(path);
    match place.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Existing { place, bytes: None }),
        // The parent is a file.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(not_a_file(path)),
        Err(error) => Err(Error::read(ErrorKind::Output, path, error)),
        Ok(kind) if !kind.is_file() => Err(not_a_file(path)),
        Ok(_) => {
            let bytes = std::fs::read(&place).map_err(|error| Error::read(ErrorKind::Output, path, error))?;
            Ok(Existing { place, bytes: Some(bytes) })
        }
    }
}

fn not_a_file(path: &Path) -> Error {
    Error::new(ErrorKind::Config, "a file goes here, and something else is in its place")
        .with_path(path)
        .with_hint("move it away")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn named<'a>(path: &'a Path, force: bool) -> NamedFile<'a> {
        NamedFile {
            path,
            noun: "a report",
            mark: Some("{\"program\""),
            force: Some(force),
            published: &[],
            sources: &[],
        }
    }

    #[test]
    fn only_our_own_file_is_written_over() {
        let root = tempfile::tempdir().unwrap();
        let [new, ours, theirs, empty] = ["new", "ours", "theirs", "empty"].map(|name| root.path().join(name));
        fs::write(&ours, "{\"program\" and more").unwrap();
        fs::write(&theirs, "a scan").unwrap();
        fs::write(&empty, "").unwrap();
        for path in [&new, &ours, &empty] {
            named(path, false).create().unwrap();
            assert_eq!(fs::read(path).unwrap(), b"");
        }
        let refused = named(&theirs, false).create().unwrap_err();
        assert_eq!((refused.kind(), fs::read(&theirs).unwrap()), (ErrorKind::Config, b"a scan".to_vec()));
        let of_sources = NamedFile { sources: &[root.path()], ..named(&theirs, true) };
        assert!(of_sources.create().is_err(), "not even by force");
        named(&theirs, true).create().unwrap();
        assert!(named(root.path(), true).create().is_err(), "a folder");
        let published = NamedFile { published: &[root.path()], ..named(&new, true) };
        assert!(published.create().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_one_that_leads_nowhere_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let [scan, link, lost] = ["scan", "link", "lost"].map(|name| root.path().join(name));
        fs::write(&scan, "a scan").unwrap();
        std::os::unix::fs::symlink(&scan, &link).unwrap();
        std::os::unix::fs::symlink(root.path().join("nothing"), &lost).unwrap();
        assert!(named(&link, false).create().is_err() && named(&lost, true).create().is_err());
        assert!(!root.path().join("nothing").exists());
        assert!(named(Path::new("/dev/null"), true).create().is_err(), "a device");
    }
}
