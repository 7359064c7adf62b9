//! The published tree: the only code that writes into it.
//!
//! An image is written into a folder of its own beside the site's, and moved into place when it is complete: nobody
//! ever sees half an image, and one that fails leaves its last good files. A document is written to a temporary name
//! in its folder and renamed; one whose bytes did not change is not touched.

mod removal;
mod staged;
mod tally;

pub use staged::{ImageFolder, StagedImage};
pub use tally::Tally;

use crate::address::SitePath;
use crate::error::{Error, ErrorKind, Result};
use removal::remove_folder;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Begins the names of files and folders that are not complete.
const PARTIAL: &str = ".partial-";

/// Whether publishing a document changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    Written,
    Unchanged,
}

/// A site in a folder of the file system.
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Makes the folder if it is not there.
    pub fn open(root: &Path) -> Result<Directory> {
        fs::create_dir_all(root).map_err(|error| Error::output(root, error))?;
        Ok(Directory { root: root.to_path_buf() })
    }

    fn locate(&self, path: &SitePath) -> PathBuf {
        path.segments().fold(self.root.clone(), |folder, segment| folder.join(segment))
    }

    /// Where the folder of an image is, for [`StagedImage::new`].
    pub fn image_folder(&self, path: &SitePath) -> PathBuf {
        self.locate(path)
    }

    /// Writes a document unless it is there with these very bytes.
    pub fn publish(&self, path: &SitePath, bytes: &[u8]) -> Result<Published> {
        let target = self.locate(path);
        if fs::read(&target).is_ok_and(|there| there == bytes) {
            return Ok(Published::Unchanged);
        }
        let written = || -> io::Result<()> {
            let folder = target.parent().unwrap_or(&self.root);
            fs::create_dir_all(folder)?;
            let mut partial = tempfile::Builder::new().prefix(PARTIAL).tempfile_in(folder)?;
            partial.write_all(bytes)?;
            share(partial.as_file())?;
            partial.persist(&target)?;
            Ok(())
        };
        written().map_err(|error| Error::output(&target, error))?;
        Ok(Published::Written)
    }

    pub fn has(&self, path: &SitePath) -> bool {
        self.locate(path).exists()
    }

    /// What an image's folder holds, without the file `beside`.
    pub fn tally(&self, path: &SitePath, beside: &str) -> Result<Tally> {
        let folder = self.locate(path);
        tally::of_folder(&folder, beside).map_err(|error| Error::read(ErrorKind::Output, &folder, error))
    }

    /// Removes what a build that was killed left unfinished directly in `folder`.
    pub fn sweep(&self, folder: &SitePath) -> Result<()> {
        let folder = self.locate(folder);
        let Ok(entries) = fs::read_dir(&folder) else { return Ok(()) };
        for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PARTIAL)) {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let removed = if is_folder { remove_folder(&entry.path()) } else { fs::remove_file(entry.path()) };
            removed.map_err(|error| Error::output(&entry.path(), error))?;
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

    /// Removes a file or an image's folder, and the folders that this leaves empty. Nothing there is fine. A folder
    /// goes as a whole: nobody ever sees a part of it.
    pub fn remove(&self, path: &SitePath) -> Result<()> {
        let target = self.locate(path);
        let removed = if target.is_dir() {
            let retired = beside(&target, "old-");
            remove_folder(&retired).and_then(|()| fs::rename(&target, &retired)).and_then(|()| remove_folder(&retired))
        } else {
            fs::remove_file(&target)
        };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::output(&target, error)),
            _ => {}
        }
        let mut folder = target.parent();
        while let Some(empty) = folder.filter(|folder| **folder != *self.root && fs::remove_dir(folder).is_ok()) {
            folder = empty.parent();
        }
        Ok(())
    }
}

/// Temporary files are private; what is published must be readable by a web server.
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
        image.write("full/max/0/default.jpg", b"good").unwrap();
        image.alias("full/max/0/default.jpg", "full/1,1/0/default.jpg").unwrap();
        let tally = image.commit().unwrap();
        assert_eq!((tally.files, tally.bytes), (2, 8));
        assert_eq!(site.tally(&path, "info.json").unwrap(), tally, "the digest is that of the files");

        let failed = StagedImage::new(site.image_folder(&path)).unwrap();
        failed.write("full/max/0/default.jpg", b"half").unwrap();
        drop(failed);
        let folder = root.path().join("iiif/3");
        assert_eq!(fs::read(folder.join("a/full/max/0/default.jpg")).unwrap(), b"good");
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "no partial folder stays");
    }

    #[test]
    fn an_unchanged_document_is_not_touched() {
        let root = tempfile::tempdir().unwrap();
        let site = Directory::open(root.path()).unwrap();
        let path = SitePath::root().join("a/manifest.json");
        assert_eq!(site.publish(&path, b"1").unwrap(), Published::Written);
        assert_eq!(site.publish(&path, b"1").unwrap(), Published::Unchanged);
        assert_eq!(site.publish(&path, b"2").unwrap(), Published::Written);
        site.remove(&path).unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "empty folders go too");
    }
}
