//! The published tree: the only code that writes into it.
//!
//! An image is written into a temporary folder beside its place, and moved there when it is complete: readers never see
//! half an image, and an image that fails keeps its last good files. A document is written to a temporary name in its
//! folder and renamed. A document whose bytes did not change is not touched.
//!
//! One rename per image, not one per tile. Links inside the output folder are followed, because its owner made them.

mod digest;
mod linked;
mod placed;
mod removal;
mod staged;

pub use digest::FolderDigest;
pub use linked::Linked;
pub use placed::{Attempts, place_image};
pub use staged::{ImageFolder, ImageWriter, StagedImage, staging_folder};

use crate::config::files;
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::{PARTIAL, SitePath};
use crate::storage::fingerprint::hash_file;
use removal::{remove_all_but, remove_image, strip_image};
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
pub struct Directory<'a> {
    root: PathBuf,
    /// Called before each change. An error of it is that of the change.
    before_change: Box<dyn Fn() -> Result<()> + Send + Sync + 'a>,
}

impl<'a> Directory<'a> {
    /// Opens the site in the folder `root`, which is made if it is not there. `before_change` is called before each change
    /// of its files.
    pub fn open(root: &Path, before_change: impl Fn() -> Result<()> + Send + Sync + 'a) -> Result<Directory<'a>> {
        fs::create_dir_all(root).map_err(|error| Error::output(root, error))?;
        Ok(Directory { root: root.to_path_buf(), before_change: Box::new(before_change) })
    }

    fn locate(&self, path: &SitePath) -> PathBuf {
        path.below(&self.root)
    }

    /// The place of a file, or of an image's folder for [`StagedImage::new`].
    pub fn place(&self, path: &SitePath) -> PathBuf {
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
        let failed = |error| Error::output(&target, error);
        let partial = self.partial(&target, |file| {
            let mut buffered = BufWriter::new(file);
            write(&mut buffered)?;
            buffered.flush()
        });
        let partial = partial.map_err(failed)?;
        let is_there =
            target.metadata().is_ok_and(|there| partial.as_file().metadata().is_ok_and(|now| now.len() == there.len()));
        let is_same = || Ok(hash_file(&target)? == hash_file(partial.path())?);
        if is_there && is_same().map_err(failed)? {
            return Ok(Published::Unchanged);
        }
        (self.before_change)()?;
        partial.persist(&target).map_err(|error| failed(error.error))?;
        Ok(Published::Written)
    }

    /// Opens a published file, and returns its size in bytes.
    pub fn open_file(&self, path: &SitePath) -> io::Result<(File, u64)> {
        let file = files::open(&self.locate(path))?;
        let bytes = file.metadata()?.len();
        Ok((file, bytes))
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
        (self.before_change)()?;
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

    /// Removes the unfinished files that a killed build left directly in `folder`, and folders of images for which
    /// `is_image` is true of the name. A folder that it was about to replace gets its name back. Other files whose names
    /// begin in the same way stay.
    pub fn sweep(&self, folder: &SitePath, is_image: impl Fn(&str) -> bool) -> Result<()> {
        let folder = self.locate(folder);
        let Ok(entries) = fs::read_dir(&folder) else { return Ok(()) };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(role) = name.to_str().and_then(|name| name.strip_prefix(PARTIAL)) else { continue };
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let image = [NEW, RETIRED, VANISHING].iter().find_map(|prefix| role.strip_prefix(prefix));
            let swept = match image.filter(|image| is_folder && is_image(image)).map(|image| folder.join(image)) {
                Some(place) if role.starts_with(RETIRED) && !place.exists() => fs::rename(&path, place),
                Some(place) => remove_image(&path, &place),
                None if !is_folder && is_random(role) => fs::remove_file(&path),
                None => Ok(()),
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

    /// Removes a file if it is there, and the folders that this leaves empty. A folder in its place is not ours, and stays.
    pub fn remove(&self, path: &SitePath) -> Result<()> {
        (self.before_change)()?;
        let target = self.locate(path);
        let is_folder = target.symlink_metadata().is_ok_and(|kind| kind.is_dir());
        self.removed(&target, if is_folder { Ok(()) } else { fs::remove_file(&target) })
    }

    /// Removes an image's folder, and the folders that this leaves empty. It is renamed first, so that readers never
    /// see a part of the image. Files of others in it stay, and so does a file in the place of the folder.
    pub fn remove_image(&self, path: &SitePath) -> Result<()> {
        (self.before_change)()?;
        let target = self.locate(path);
        let vanishing = beside(&target, VANISHING);
        let vanish = || match target.symlink_metadata() {
            Ok(kind) if kind.is_dir() => {
                remove_image(&vanishing, &target)?;
                fs::rename(&target, &vanishing)?;
                remove_image(&vanishing, &target)
            }
            // A link that the owner of the output made: the image is behind it.
            Ok(kind) if kind.is_symlink() && target.is_dir() => strip_image(&target),
            Ok(_) => Ok(()),
            Err(_) => remove_image(&vanishing, &target),
        };
        self.removed(&target, vanish())
    }

    /// Somebody else's file or folder that keeps a file or an image from its place. `is_ours`: whether a file with this path
    /// is ours.
    pub fn occupant(&self, path: &SitePath, is_ours: impl Fn(&str) -> bool) -> Option<PathBuf> {
        let mut place = self.root.clone();
        let mut segments = path.segments().peekable();
        let mut below = SitePath::root();
        while let Some(segment) = segments.next() {
            place.push(segment);
            below = below.join(segment);
            let kind = place.symlink_metadata().ok()?;
            let is_folder = kind.is_dir() || (kind.is_symlink() && place.is_dir());
            match segments.peek() {
                Some(_) if is_folder => {}
                _ if !is_folder => return Some(place).filter(|_| !is_ours(below.as_str())),
                _ => {}
            }
        }
        let inside = digest::files_below(&place).ok()?.into_iter();
        inside
            .map(|(file, place)| (below.join(&file), place))
            .find(|(file, _)| !is_ours(file.as_str()))
            .map(|found| found.1)
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

/// Makes a file readable for others, such as a web server. Temporary files are private.
#[cfg(unix)]
pub fn share(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub fn share(_: &File) -> io::Result<()> {
    Ok(())
}

/// Whether it is the rest of a name of a temporary file: six random letters and digits.
fn is_random(role: &str) -> bool {
    role.len() == 6 && role.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Somebody else's file or folder in the place of one of ours. Only that one cannot be written.
pub fn occupied(place: &Path) -> Error {
    let why = "a file or folder that iiif-build did not write is in the place of one of the site, and would be lost";
    Error::new(ErrorKind::Config, why).with_path(place).with_hint("move it away; --force overwrites files and images")
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
        let site = Directory::open(root.path(), || Ok(())).unwrap();
        let path = SitePath::root().join("iiif/3/a");
        let image = StagedImage::new(site.place(&path)).unwrap();
        image.write_beside("info.json", b"{}").unwrap();
        let writer = |kept| ImageWriter::open(site.place(&path), kept).unwrap();
        writer("info.json").write("full/max/0/first-attempt.jpg", b"bad").unwrap();
        let files = writer("info.json");
        files.write("full/max/0/default.jpg", b"good").unwrap();
        files.alias("full/max/0/default.jpg", "full/1,1/0/default.jpg").unwrap();
        let digest = files.digest();
        image.commit(false).unwrap();
        assert_eq!((digest.files, digest.bytes), (2, 8));
        assert_eq!(site.digest(&path, "info.json").unwrap(), digest, "the digest is that of the files");

        let failed = StagedImage::new(site.place(&path)).unwrap();
        writer("info.json").write("full/max/0/default.jpg", b"half").unwrap();
        drop(failed);
        let folder = root.path().join("iiif/3");
        assert_eq!(fs::read(folder.join("a/full/max/0/default.jpg")).unwrap(), b"good");
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "no partial folder stays");
    }

    #[test]
    fn a_sweep_returns_what_was_about_to_be_replaced() {
        let root = tempfile::tempdir().unwrap();
        let site = Directory::open(root.path(), || Ok(())).unwrap();
        for name in [".partial-old-a", ".partial-old-b", "b", ".partial-new-a", ".partial-gone-c"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        fs::write(root.path().join(".partial-abc123"), "a document").unwrap();
        fs::write(root.path().join(".partial-notes.txt"), "somebody else's").unwrap();
        fs::create_dir(root.path().join(".partial-new-other")).unwrap();
        site.sweep(&SitePath::root(), |image| ["a", "b", "c"].contains(&image)).unwrap();
        let mut left: Vec<_> = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".partial-new-other", ".partial-notes.txt", "a", "b"]);
    }

    #[test]
    fn an_unchanged_document_is_not_touched() {
        let root = tempfile::tempdir().unwrap();
        let site = Directory::open(root.path(), || Ok(())).unwrap();
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
