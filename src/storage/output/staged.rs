//! The files of one image on their way: gathered beside its place, moved there when complete.

use super::digest::FolderDigest;
use super::removal::remove_folder;
use super::{NEW, RETIRED, beside};
use crate::error::{Error, Result};
use crate::storage::fingerprint::{Hash, Hasher, hash_file};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where one image's files go, from many threads. Paths are relative to the image's folder.
pub trait ImageFolder: Sync {
    fn write(&self, path: &str, bytes: &[u8]) -> Result<()>;

    /// A file that is written piece by piece.
    fn create(&self, path: &str) -> Result<Box<dyn Write + Send + '_>>;

    /// Publishes the finished file `of` also as `path`.
    fn alias(&self, of: &str, path: &str) -> Result<()>;
}

/// The files of one image, not yet in their place. Dropped without [`StagedImage::commit`], they are gone.
pub struct StagedImage {
    target: PathBuf,
    staging: PathBuf,
    digest: Mutex<FolderDigest>,
    committed: bool,
}

impl StagedImage {
    /// Files for the folder `target`, gathered beside it.
    pub fn new(target: PathBuf) -> Result<StagedImage> {
        let staging = beside(&target, NEW);
        let fresh = || {
            remove_folder(&staging)?;
            fs::create_dir_all(&staging)
        };
        fresh().map_err(|error| Error::output(&staging, error))?;
        Ok(StagedImage { target, staging, digest: Mutex::default(), committed: false })
    }

    /// Moves the complete image to its place, instead of what was there.
    pub fn commit(mut self) -> Result<FolderDigest> {
        exchange(&self.staging, &self.target).map_err(|error| Error::output(&self.target, error))?;
        self.committed = true;
        Ok(*self.digest())
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

    /// A file that lies with the image's own and is no part of their digest.
    pub fn write_beside(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let written = self.prepare(path).and_then(|file| File::create(file)?.write_all(bytes));
        written.map_err(|error| Error::output(&self.target.join(path), error))
    }

    /// A file of another folder also as `path`: a hard link where the file system has them, else a copy. On a web host
    /// both are real files. No part of the digest.
    pub fn link(&self, of: &Path, path: &str) -> Result<()> {
        let linked = self.prepare(path).and_then(|path| link_or_copy(of, &path));
        linked.map_err(|error| Error::output(&self.target.join(path), error))
    }

    fn digest(&self) -> MutexGuard<'_, FolderDigest> {
        self.digest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StagedImage {
    fn drop(&mut self) {
        if !self.committed {
            // A failed clean-up of a failed image must not hide why it failed; the next build removes the folder.
            let _ = remove_folder(&self.staging);
        }
    }
}

impl ImageFolder for StagedImage {
    fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.write_beside(path, bytes)?;
        self.digest().add(path, bytes.len() as u64, Hash::of(bytes));
        Ok(())
    }

    fn create(&self, path: &str) -> Result<Box<dyn Write + Send + '_>> {
        let file = self.prepare(path).and_then(File::create);
        let file = file.map_err(|error| Error::output(&self.target.join(path), error))?;
        let file = BufWriter::new(file);
        Ok(Box::new(Counted { file, path: path.to_owned(), bytes: 0, hasher: Hasher::new(), image: self }))
    }

    /// Like [`StagedImage::link`], and part of the digest.
    fn alias(&self, of: &str, path: &str) -> Result<()> {
        let linked = || {
            let (of, path) = (self.staging.join(of), self.prepare(path)?);
            link_or_copy(&of, &path)?;
            Ok((fs::metadata(&path)?.len(), hash_file(&path)?))
        };
        let (bytes, hash) = linked().map_err(|error| Error::output(&self.target.join(path), error))?;
        self.digest().add(path, bytes, hash);
        Ok(())
    }
}

/// What is there already is never written over: it may be a link to `of`.
fn link_or_copy(of: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(of, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::copy(of, path).map(drop),
        linked => linked,
    }
}

/// Puts `new` where `old` is, and removes that. Where the system can, at once: nobody ever finds nothing there.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
            return remove_folder(new);
        }
    }
    let retired = beside(old, RETIRED);
    remove_folder(&retired)?;
    match fs::rename(old, &retired) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::rename(new, old)?,
    }
    remove_folder(&retired)
}

/// Is part of the digest when nothing more is written.
struct Counted<'a> {
    file: BufWriter<File>,
    path: String,
    bytes: u64,
    hasher: Hasher,
    image: &'a StagedImage,
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
        self.image.digest().add(&self.path, self.bytes, Hash::from(&self.hasher.finalize()));
    }
}
