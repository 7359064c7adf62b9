//! The files of one image on their way: gathered in a staging folder beside its place, moved there when complete.
//!
//! The process that builds owns the folder ([`StagedImage`]); the worker process, which may be able to write nowhere
//! else, fills it ([`ImageWriter`]).

use super::digest::FolderDigest;
use super::removal::{remove_all_but, remove_image};
use super::{NEW, RETIRED, beside, occupied};
use crate::error::{Error, Result};
use crate::storage::fingerprint::{Hash, Hasher, hash_file};
use parking_lot::Mutex;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The destination of one image's files, for many threads. Paths are relative to the image's folder.
pub trait ImageFolder: Sync {
    fn write(&self, path: &str, bytes: &[u8]) -> Result<()>;

    /// A file that is written piece by piece.
    fn create(&self, path: &str) -> Result<Box<dyn Write + Send + '_>>;

    /// Publishes the finished file `of` also as `path`.
    fn alias(&self, of: &str, path: &str) -> Result<()>;
}

/// The staging folder of the image at `target`, beside it.
pub fn staging_folder(target: &Path) -> PathBuf {
    beside(target, NEW)
}

/// The staging folder of one image, for the process that builds: made here, moved to its place here. Dropped without
/// [`StagedImage::commit`], it is removed.
pub struct StagedImage {
    target: PathBuf,
    staging: PathBuf,
    committed: bool,
}

impl StagedImage {
    /// An empty folder for the files of the later folder `target`.
    pub fn new(target: PathBuf) -> Result<StagedImage> {
        let staging = staging_folder(&target);
        let fresh = || {
            remove_image(&staging, &target)?;
            fs::create_dir_all(&staging)
        };
        fresh().map_err(|error| Error::output(&staging, error))?;
        Ok(StagedImage { target, staging, committed: false })
    }

    /// Writes a file that is no part of the image's digest.
    pub fn write_beside(&self, path: &str, bytes: &[u8]) -> Result<()> {
        write(&self.staging, path, bytes).map_err(|error| Error::output(&self.target.join(path), error))
    }

    /// Publishes a file of another folder also as `path`: a hard link where the file system has them, else a copy. On a
    /// web host both are real files. No part of the digest.
    pub fn link(&self, of: &Path, path: &str) -> Result<()> {
        let linked = prepare(&self.staging, path).and_then(|path| link_or_copy(of, &path));
        linked.map_err(|error| Error::output(&self.target.join(path), error))
    }

    /// Moves the complete image to its place, and replaces the image there. Files of others in the old folder stay.
    ///
    /// # Errors
    /// Something that is no folder is in the image's place, and it is not to be replaced by `force`.
    pub fn commit(mut self, force: bool) -> Result<()> {
        let failed = |error| Error::output(&self.target, error);
        match self.target.symlink_metadata() {
            Ok(kind) if !kind.is_dir() && !force => return Err(occupied(&self.target)),
            Ok(kind) if !kind.is_dir() => fs::remove_file(&self.target).map_err(failed)?,
            _ => {}
        }
        exchange(&self.staging, &self.target).map_err(failed)?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for StagedImage {
    fn drop(&mut self) {
        if !self.committed {
            // A failed clean-up of a failed image must not hide why it failed; the next build removes the folder.
            let _ = remove_image(&self.staging, &self.target);
        }
    }
}

/// Writes the files of one image into its staging folder, perhaps in another process than that of its
/// [`StagedImage`], and counts them.
pub struct ImageWriter {
    target: PathBuf,
    staging: PathBuf,
    digest: Mutex<FolderDigest>,
}

impl ImageWriter {
    /// A writer for the image at `target`, whose staging folder exists. Files of a first attempt are removed, except
    /// `kept`.
    pub fn open(target: PathBuf, kept: &str) -> Result<ImageWriter> {
        let staging = staging_folder(&target);
        remove_all_but(&staging, kept).map_err(|error| Error::output(&staging, error))?;
        Ok(ImageWriter { target, staging, digest: Mutex::default() })
    }

    /// The digest of all files that were written.
    pub fn digest(self) -> FolderDigest {
        self.digest.into_inner()
    }
}

impl ImageFolder for ImageWriter {
    fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        write(&self.staging, path, bytes).map_err(|error| Error::output(&self.target.join(path), error))?;
        self.digest.lock().add(path, bytes.len() as u64, Hash::of(bytes));
        Ok(())
    }

    fn create(&self, path: &str) -> Result<Box<dyn Write + Send + '_>> {
        let file = prepare(&self.staging, path).and_then(File::create);
        let file = file.map_err(|error| Error::output(&self.target.join(path), error))?;
        let file = BufWriter::new(file);
        Ok(Box::new(Counted { file, path: path.to_owned(), bytes: 0, hasher: Hasher::new(), image: self }))
    }

    /// Like [`StagedImage::link`], and part of the digest.
    fn alias(&self, of: &str, path: &str) -> Result<()> {
        let linked = || {
            let (of, path) = (self.staging.join(of), prepare(&self.staging, path)?);
            link_or_copy(&of, &path)?;
            Ok((fs::metadata(&path)?.len(), hash_file(&path)?))
        };
        let (bytes, hash) = linked().map_err(|error| Error::output(&self.target.join(path), error))?;
        self.digest.lock().add(path, bytes, hash);
        Ok(())
    }
}

fn write(folder: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    File::create(prepare(folder, path)?)?.write_all(bytes)
}

/// Makes the folders above `path` in `folder` and returns its place. Most tiles have a folder of their own, so making
/// it is tried first.
fn prepare(folder: &Path, path: &str) -> io::Result<PathBuf> {
    let mut place = folder.to_path_buf();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        place.push(segment);
        if segments.peek().is_some() {
            match fs::create_dir(&place) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
    }
    Ok(place)
}

/// An existing file is never written over: it may be a link to `of`. A copy has the permissions of any new file: the
/// worker process is not allowed to set them.
fn link_or_copy(of: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(of, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            io::copy(&mut File::open(of)?, &mut File::create(path)?).map(drop)
        }
        linked => linked,
    }
}

/// Puts the folder `new` in the place of `old`, and removes `old`; files of others in it move into the new folder. Where the
/// system can, both are exchanged at once, without a moment in which there is no folder.
pub fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
            return remove_image(new, old);
        }
    }
    let retired = beside(old, RETIRED);
    remove_image(&retired, old)?;
    match fs::rename(old, &retired) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::rename(new, old)?,
    }
    remove_image(&retired, old)
}

/// A file that becomes part of the digest when it is complete.
struct Counted<'a> {
    file: BufWriter<File>,
    path: String,
    bytes: u64,
    hasher: Hasher,
    image: &'a ImageWriter,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.image.digest.lock().add(&self.path, self.bytes, Hash::from(&self.hasher.finalize()));
    }
}
