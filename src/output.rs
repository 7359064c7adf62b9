//! The published tree: the only code that writes into it.
//!
//! An image is written into a folder of its own beside the site's, and moved into place when it is complete: nobody
//! ever sees half an image, and one that fails leaves its last good files. A document is written to a temporary name
//! in its folder and renamed; one whose bytes did not change is not touched.

use crate::address::SitePath;
use crate::error::{Error, Result};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Begins the names of files and folders that are not complete.
const PARTIAL: &str = ".partial-";

/// Where one image's files go, from many threads. Paths are relative to the image's folder.
pub trait ImageFolder: Sync {
    fn write(&self, path: &str, bytes: &[u8]) -> Result<()>;

    /// A file that is written piece by piece.
    fn create(&self, path: &str) -> Result<Box<dyn Write + Send + '_>>;

    /// Publishes the finished file `of` also as `path`.
    fn alias(&self, of: &str, path: &str) -> Result<()>;
}

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

    /// Removes a file or an image's folder, and the folders that this leaves empty. Nothing there is fine.
    pub fn remove(&self, path: &SitePath) -> Result<()> {
        let target = self.locate(path);
        let removed = if target.is_dir() { fs::remove_dir_all(&target) } else { fs::remove_file(&target) };
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

/// The files of one image, not yet in their place. Dropped without [`StagedImage::commit`], they are gone.
pub struct StagedImage {
    target: PathBuf,
    staging: PathBuf,
    files: AtomicU64,
    bytes: AtomicU64,
    committed: bool,
}

/// How much an image's folder holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    pub files: u64,
    pub bytes: u64,
}

impl StagedImage {
    /// Files for the folder `target`, gathered beside it.
    pub fn new(target: PathBuf) -> Result<StagedImage> {
        let staging = beside(&target, "new-");
        let fresh = || {
            remove_folder(&staging)?;
            fs::create_dir_all(&staging)
        };
        fresh().map_err(|error| Error::output(&staging, error))?;
        Ok(StagedImage { target, staging, files: AtomicU64::new(0), bytes: AtomicU64::new(0), committed: false })
    }

    /// Moves the complete image to its place, instead of what was there.
    pub fn commit(mut self) -> Result<Tally> {
        let retired = beside(&self.target, "old-");
        let swap = || {
            remove_folder(&retired)?;
            match fs::rename(&self.target, &retired) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => fs::rename(&self.staging, &self.target)?,
            }
            remove_folder(&retired)
        };
        swap().map_err(|error| Error::output(&self.target, error))?;
        self.committed = true;
        Ok(Tally { files: self.files.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) })
    }

    /// Makes the folders above `path` and answers its place. Most tiles have a folder of their own, so making it is
    /// tried first.
    fn prepare(&self, path: &str) -> io::Result<PathBuf> {
        let mut folder = self.staging.clone();
        let mut segments = path.split('/').peekable();
        while let Some(segment) = segments.next() {
            folder.push(segment);
            if segments.peek().is_some() {
                match fs::create_dir(&folder) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(folder)
    }

    fn count(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Drop for StagedImage {
    fn drop(&mut self) {
        if !self.committed {
            // A failed clean-up of a failed image must not hide why it failed; the next build removes the folder.
            let _ = fs::remove_dir_all(&self.staging);
        }
    }
}

impl ImageFolder for StagedImage {
    fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let written = self.prepare(path).and_then(|file| File::create(file)?.write_all(bytes));
        written.map_err(|error| Error::output(&self.target.join(path), error))?;
        self.files.fetch_add(1, Ordering::Relaxed);
        self.count(bytes.len() as u64);
        Ok(())
    }

    fn create(&self, path: &str) -> Result<Box<dyn Write + Send + '_>> {
        let file = self.prepare(path).and_then(File::create);
        let file = file.map_err(|error| Error::output(&self.target.join(path), error))?;
        self.files.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Counted { file: BufWriter::new(file), image: self }))
    }

    /// A hard link where the file system has them, else a copy: on a web host both are real files.
    fn alias(&self, of: &str, path: &str) -> Result<()> {
        let linked = || {
            let (of, path) = (self.staging.join(of), self.prepare(path)?);
            fs::hard_link(&of, &path).or_else(|_| fs::copy(&of, &path).map(drop))?;
            fs::metadata(path)
        };
        let metadata = linked().map_err(|error| Error::output(&self.target.join(path), error))?;
        self.files.fetch_add(1, Ordering::Relaxed);
        self.count(metadata.len());
        Ok(())
    }
}

struct Counted<'a> {
    file: BufWriter<File>,
    image: &'a StagedImage,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.image.count(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The partial name of `target`, in its own folder so that a rename suffices.
fn beside(target: &Path, role: &str) -> PathBuf {
    let mut name = OsStr::new(PARTIAL).to_owned();
    name.push(role);
    name.push(target.file_name().unwrap_or_default());
    target.with_file_name(name)
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
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
        assert_eq!(image.commit().unwrap(), Tally { files: 2, bytes: 8 });

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
