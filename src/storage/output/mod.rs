//! The published tree: the only code that writes into it.
//!
//! An image is written into a temporary folder beside its place, and moved there when it is complete: readers never see
//! half an image, and an image that fails keeps its last good files. A document is written to a temporary name in its
//! folder and renamed. A document whose bytes did not change is not touched.
//!
//! One rename per image, not one per tile. Links inside the output folder are followed, because its owner made them.

mod digest;
mod linked;
mod removal;
mod staged;

pub use digest::FolderDigest;
pub use linked::Linked;
pub use staged::{ImageFolder, ImageWriter, StagedImage, staging_folder};

use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::model::address::{PARTIAL, SitePath};
use crate::storage::fingerprint::hash_file;
use removal::{remove_all_but, remove_folder};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Follows [`PARTIAL`] for a new folder until it is in its place.
const NEW: &str = "new-";

/// Follows [`PARTIAL`] for the folder that a new one replaces, until the new one is in its place.
const RETIRED: &str = "old-";

/// Follows [`PARTIAL`] for a folder that is being removed.
const VANISHING: &str = "gone-";

/// Whether publishing a document changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// The document was written.
    Written,
    /// The document was there with the same bytes.
    Unchanged,
}

/// A site in a folder of the file system.
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Opens the site in the folder `root`, which is made if it is not there.
    pub fn open(root: &Path) -> Result<Directory> {
        fs::create_dir_all(root).map_err(|error| Error::output(root, error))?;
        Ok(Directory { root: root.to_path_buf() })
    }

    fn locate(&self, path: &SitePath) -> PathBuf {
        path.segments().fold(self.root.clone(), |folder, segment| folder.join(segment))
    }

    /// The folder of an image, for [`StagedImage::new`].
    pub fn image_folder(&self, path: &SitePath) -> PathBuf {
        self.locate(path)
    }

    /// Writes a document, unless it is there with the same bytes.
    pub fn publish(&self, path: &SitePath, bytes: &[u8]) -> Result<Published> {
        let target = self.locate(path);
        if fs::read(&target).is_ok_and(|there| there == bytes) {
            return Ok(Published::Unchanged);
        }
        self.put(&target, |file| file.write_all(bytes))?;
        Ok(Published::Written)
    }

    /// Copies a file of any size, unless it is there with the same bytes.
    pub fn copy(&self, path: &SitePath, source: &Path) -> Result<Published> {
        let target = self.locate(path);
        let unreadable = |error| Error::read(ErrorKind::Config, source, error);
        let is_there = target.metadata().is_ok_and(|there| source.metadata().is_ok_and(|now| now.len() == there.len()));
        if is_there && hash_file(&target).ok() == Some(hash_file(source).map_err(unreadable)?) {
            return Ok(Published::Unchanged);
        }
        let mut from = files::open(source).map_err(unreadable)?;
        self.put(&target, |file| io::copy(&mut from, file).map(drop))?;
        Ok(Published::Written)
    }

    /// Publishes a document of any size, which `write` makes piece by piece, unless it is there with the same bytes.
    pub fn stream(&self, path: &SitePath, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Published> {
        let target = self.locate(path);
        let written = || -> io::Result<Published> {
            let partial = self.partial(&target, |file| {
                let mut buffered = BufWriter::new(file);
                write(&mut buffered)?;
                buffered.flush()
            })?;
            let is_there = target
                .metadata()
                .is_ok_and(|there| partial.as_file().metadata().is_ok_and(|now| now.len() == there.len()));
            if is_there && hash_file(&target)? == hash_file(partial.path())? {
                return Ok(Published::Unchanged);
            }
            partial.persist(&target)?;
            Ok(Published::Written)
        };
        written().map_err(|error| Error::output(&target, error))
    }

    /// The bytes of a document. `None`: it is not there.
    pub fn read(&self, path: &SitePath) -> Result<Option<Vec<u8>>> {
        let target = self.locate(path);
        match fs::read(&target) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::read(ErrorKind::Output, &target, error)),
        }
    }

    /// Writes a file to a temporary name in its folder and renames it.
    fn put(&self, target: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
        let written = || -> io::Result<()> {
            self.partial(target, write)?.persist(target)?;
            Ok(())
        };
        written().map_err(|error| Error::output(target, error))
    }

    /// A complete file beside its place `target`.
    fn partial(&self, target: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<NamedTempFile> {
        let folder = target.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        let mut partial = tempfile::Builder::new().prefix(PARTIAL).tempfile_in(folder)?;
        write(partial.as_file_mut())?;
        share(partial.as_file())?;
        Ok(partial)
    }

    /// Whether a file or folder is there.
    pub fn has(&self, path: &SitePath) -> bool {
        self.locate(path).exists()
    }

    /// The digest of an image's folder without the file `beside`.
    pub fn digest(&self, path: &SitePath, beside: &str) -> Result<FolderDigest> {
        let folder = self.locate(path);
        digest::of_folder(&folder, beside).map_err(|error| Error::read(ErrorKind::Output, &folder, error))
    }

    /// Removes the unfinished files that a killed build left directly in `folder`. A folder that it was about to replace gets
    /// its name back.
    pub fn sweep(&self, folder: &SitePath) -> Result<()> {
        let folder = self.locate(folder);
        let Ok(entries) = fs::read_dir(&folder) else { return Ok(()) };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(role) = name.to_str().and_then(|name| name.strip_prefix(PARTIAL)) else { continue };
            let path = entry.path();
            let replaced = role.strip_prefix(RETIRED).map(|name| folder.join(name)).filter(|place| !place.exists());
            let swept = match replaced {
                Some(place) => fs::rename(&path, place),
                None if entry.file_type().is_ok_and(|kind| kind.is_dir()) => remove_folder(&path),
                None => fs::remove_file(&path),
            };
            swept.map_err(|error| Error::output(&path, error))?;
        }
        Ok(())
    }

    /// Waits until all that was written has reached the disk.
    pub fn flush(&self) -> Result<()> {
        #[cfg(target_os = "linux")]
        File::open(&self.root)
            .and_then(|root| Ok(rustix::fs::syncfs(root)?))
            .map_err(|error| Error::output(&self.root, error))?;
        Ok(())
    }

    /// Removes a file if it is there, and the folders that this leaves empty.
    pub fn remove(&self, path: &SitePath) -> Result<()> {
        let target = self.locate(path);
        self.removed(&target, fs::remove_file(&target))
    }

    /// Removes an image's folder, and the folders that this leaves empty. It is renamed first, so that readers never
    /// see a part of the image.
    pub fn remove_image(&self, path: &SitePath) -> Result<()> {
        let target = self.locate(path);
        let vanishing = beside(&target, VANISHING);
        let vanish = || {
            remove_folder(&vanishing)?;
            fs::rename(&target, &vanishing)?;
            remove_folder(&vanishing)
        };
        self.removed(&target, vanish())
    }

    /// Removes all files of an image except the file `beside`.
    pub fn strip_image(&self, path: &SitePath, beside: &str) -> Result<()> {
        let folder = self.locate(path);
        remove_all_but(&folder, beside).map_err(|error| Error::output(&folder, error))
    }

    fn removed(&self, target: &Path, done: io::Result<()>) -> Result<()> {
        match done {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::output(target, error)),
            _ => {}
        }
        let mut folder = target.parent();
        while let Some(empty) = folder.filter(|folder| **folder != *self.root && fs::remove_dir(folder).is_ok()) {
            folder = empty.parent();
        }
        Ok(())
    }
}

/// `path` with symbolic links resolved, as far as it exists.
pub fn resolved(path: &Path) -> PathBuf {
    let existing = path.ancestors().find_map(|above| {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        Some((above.canonicalize().ok()?, above))
    });
    let Some((real, above)) = existing else { return path.to_path_buf() };
    // Joining with nothing would add a slash.
    match path.strip_prefix(above).unwrap_or(path) {
        rest if rest.as_os_str().is_empty() || above == path => real,
        rest => real.join(rest),
    }
}

/// Makes a file readable for a web server. Temporary files are private.
#[cfg(unix)]
fn share(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_: &File) -> io::Result<()> {
    Ok(())
}

/// The partial name of `target`, in its own folder so that a rename suffices.
fn beside(target: &Path, role: &str) -> PathBuf {
    let mut name = OsStr::new(PARTIAL).to_owned();
    name.push(role);
    name.push(target.file_name().unwrap_or_default());
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_image_leaves_the_last_good_one() {
        let root = tempfile::tempdir().unwrap();
        let site = Directory::open(root.path()).unwrap();
        let path = SitePath::root().join("iiif/3/a");
        let image = StagedImage::new(site.image_folder(&path)).unwrap();
        image.write_beside("info.json", b"{}").unwrap();
        let writer = |kept| ImageWriter::open(site.image_folder(&path), kept).unwrap();
        writer("info.json").write("full/max/0/first-attempt.jpg", b"bad").unwrap();
        let files = writer("info.json");
        files.write("full/max/0/default.jpg", b"good").unwrap();
        files.alias("full/max/0/default.jpg", "full/1,1/0/default.jpg").unwrap();
        let digest = files.digest();
        image.commit().unwrap();
        assert_eq!((digest.files, digest.bytes), (2, 8));
        assert_eq!(site.digest(&path, "info.json").unwrap(), digest, "the digest is that of the files");

        let failed = StagedImage::new(site.image_folder(&path)).unwrap();
        writer("info.json").write("full/max/0/default.jpg", b"half").unwrap();
        drop(failed);
        let folder = root.path().join("iiif/3");
        assert_eq!(fs::read(folder.join("a/full/max/0/default.jpg")).unwrap(), b"good");
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "no partial folder stays");
    }

    #[test]
    fn a_sweep_returns_what_was_about_to_be_replaced() {
        let root = tempfile::tempdir().unwrap();
        let site = Directory::open(root.path()).unwrap();
        for name in [".partial-old-a", ".partial-old-b", "b", ".partial-new-a", ".partial-gone-c"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        site.sweep(&SitePath::root()).unwrap();
        let mut left: Vec<_> = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["a", "b"]);
    }

    #[test]
    fn an_unchanged_document_is_not_touched() {
        let root = tempfile::tempdir().unwrap();
        let site = Directory::open(root.path()).unwrap();
        let path = SitePath::root().join("a/manifest.json");
        assert_eq!(site.publish(&path, b"1").unwrap(), Published::Written);
        assert_eq!(site.publish(&path, b"1").unwrap(), Published::Unchanged);
        assert_eq!(site.publish(&path, b"2").unwrap(), Published::Written);
        assert_eq!(site.stream(&path, |out| out.write_all(b"2")).unwrap(), Published::Unchanged);
        assert_eq!(site.stream(&path, |out| out.write_all(b"3")).unwrap(), Published::Written);
        assert_eq!(site.read(&path).unwrap().unwrap(), b"3");
        site.remove(&path).unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "empty folders go too");
    }
}
