//! The door to the files that people put into a project: only regular files are opened, and a file that is read whole is
//! measured while it is read.
//!
//! A name says nothing about the kind of a file. Opening a named pipe waits for ever, a device has no end, and a sparse
//! file of gigabytes takes a few bytes of a disk. So a file is opened without waiting, and the open file is asked for
//! its kind: what a path names can change between two questions. Links are followed.

use crate::error::{Error, ErrorKind, Result};
use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Most bytes of a file with settings, a template, or the words of templates.
pub const SETTINGS: u64 = 4 << 20;

/// Most bytes of a file that describes one item or collection. One that describes 10,000 pages has about 2 MB.
pub const DESCRIPTION: u64 = 16 << 20;

/// Most bytes of a file with annotations, captions or the text of a page.
pub const TEXT: u64 = 64 << 20;

/// Most bytes of a file with the texts of all pages of a book. The hOCR of 600 pages has 50 to 100 MB.
pub const BOOK: u64 = 128 << 20;

/// Most bytes of a metadata file or a table. The METS of one year of a newspaper has about 20 MB.
pub const METADATA: u64 = 256 << 20;

/// Opens a regular file for reading.
///
/// # Errors
/// The message names the kind of anything else: a folder, a named pipe, a socket, a device.
pub fn open(path: &Path) -> io::Result<File> {
    open_measured(path).map(|(file, _)| file)
}

fn open_measured(path: &Path) -> io::Result<(File, Metadata)> {
    // A socket cannot even be opened; the system's message does not say why.
    let file = without_waiting().open(path).map_err(|error| match fs::metadata(path) {
        Ok(there) => check(&there).err().unwrap_or(error),
        Err(_) => error,
    })?;
    let metadata = file.metadata()?;
    check(&metadata)?;
    Ok((file, metadata))
}

/// Refuses what is not a regular file.
///
/// # Errors
/// As [`open`].
pub fn check(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let message = format!("it is {}, not a regular file", kind(metadata.file_type()));
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

/// The bytes of a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`open`]; also a file with more bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, metadata) = open_measured(path)?;
    check_size(metadata.len(), limit)?;
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    // It can grow meanwhile, and files that the system makes up have no length.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    check_size(bytes.len() as u64, limit)?;
    Ok(bytes)
}

/// The first bytes of a regular file of any size: `count`, or all if it has fewer.
///
/// # Errors
/// As [`open`].
pub fn read_head(path: &Path, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    open(path)?.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`read`]; also bytes that are not UTF-8.
pub fn read_to_string(path: &Path, limit: u64) -> io::Result<String> {
    text(read(path, limit)?)
}

/// `bytes` as UTF-8.
///
/// # Errors
/// Bytes that are not UTF-8, with the words of the standard library.
pub fn text(bytes: Vec<u8>) -> io::Result<String> {
    let malformed = |_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    String::from_utf8(bytes).map_err(malformed)
}

/// Refuses a file of more than `limit` bytes.
///
/// # Errors
/// The message states the limit.
pub fn check_size(bytes: u64, limit: u64) -> io::Result<()> {
    if bytes <= limit {
        return Ok(());
    }
    let message = format!("the file has more than {limit} bytes, and no file of its kind may have more");
    Err(io::Error::new(io::ErrorKind::FileTooLarge, message))
}

/// Copies a regular file of any size, with its permissions.
///
/// # Errors
/// As [`open`]; also a target that cannot be written.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let (mut source, metadata) = open_measured(from)?;
    let mut target = File::create(to)?;
    io::copy(&mut source, &mut target)?;
    target.set_permissions(metadata.permissions())
}

#[cfg(unix)]
fn without_waiting() -> OpenOptions {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    // For regular files this changes nothing.
    options.read(true).custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32);
    options
}

#[cfg(not(unix))]
fn without_waiting() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

#[cfg(unix)]
fn kind(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_dir() => "a folder",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        kind if kind.is_char_device() || kind.is_block_device() => "a device",
        _ => "of an unknown kind",
    }
}

#[cfg(not(unix))]
fn kind(kind: FileType) -> &'static str {
    if kind.is_dir() { "a folder" } else { "of an unknown kind" }
}

/// The folders that were read, by what they are and not by their paths. Where links are followed, folders that lead to
/// each other would multiply without end.
#[derive(Default)]
pub struct SeenFolders(HashSet<FolderId>);

/// Device and inode; where the system has none, the path without links.
#[cfg(unix)]
type FolderId = (u64, u64);
#[cfg(not(unix))]
type FolderId = PathBuf;

impl SeenFolders {
    /// Notes the folder at `path`, and returns whether it is a new one.
    ///
    /// # Errors
    /// The folder is not there, or cannot be reached.
    pub fn is_new(&mut self, path: &Path) -> io::Result<bool> {
        Ok(self.0.insert(folder_id(path)?))
    }
}

/// The files below a folder.
#[derive(Default)]
pub struct Walked {
    /// Regular files, in order.
    pub files: Vec<PathBuf>,
    /// Whatever is neither a regular file nor a folder, and why it cannot be read.
    pub others: Vec<(PathBuf, io::Error)>,
    /// Links to folders that are read under another path.
    pub again: Vec<PathBuf>,
}

/// Finds everything below `root` except entries of names that `is_left_out`. Each folder is read once. Links to folders
/// come last and in order, so that a folder is read at its own path if that is below `root` too.
///
/// # Errors
/// A folder that cannot be read; `kind`: who must act then.
pub fn walk(root: &Path, kind: ErrorKind, is_left_out: impl Fn(&OsStr) -> bool) -> Result<Walked> {
    let (mut walked, mut seen) = (Walked::default(), SeenFolders::default());
    let (mut folders, mut links) = (vec![root.to_path_buf()], BTreeSet::new());
    while let Some(folder) = folders.pop().or_else(|| links.pop_first()) {
        let unreadable = |error| Error::read(kind, &folder, error);
        if !seen.is_new(&folder).map_err(unreadable)? {
            walked.again.push(folder);
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let (file_type, path) = (entry.file_type().map_err(unreadable)?, entry.path());
            match () {
                () if is_left_out(&entry.file_name()) => {}
                () if file_type.is_file() => walked.files.push(path),
                () if file_type.is_dir() => folders.push(path),
                () => match fs::metadata(&path)
                    .and_then(|target| if target.is_dir() { Ok(true) } else { check(&target).map(|()| false) })
                {
                    Ok(true) => drop(links.insert(path)),
                    Ok(false) => walked.files.push(path),
                    Err(why) => walked.others.push((path, why)),
                },
            }
        }
    }
    walked.files.sort();
    walked.others.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(walked)
}

#[cfg(unix)]
fn folder_id(path: &Path) -> io::Result<FolderId> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn folder_id(path: &Path) -> io::Result<FolderId> {
    path.canonicalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "1234").unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"1234");
        assert_eq!(read(&path, 3).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        File::options().write(true).open(&path).unwrap().set_len(6 << 30).unwrap();
        assert_eq!(read(&path, SETTINGS).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(read(folder.path(), 4).unwrap_err().to_string().contains("a folder"));
        assert_eq!(read(&folder.path().join("b"), 4).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn whatever_is_no_regular_file_is_refused_with_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, socket, device) = (folder.path().join("p"), folder.path().join("s"), folder.path().join("d"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let _held = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &device).unwrap();
        for (path, kind) in [(pipe, "a named pipe"), (socket, "a socket"), (device, "a device")] {
            let refused = open(&path).unwrap_err().to_string();
            assert!(refused.contains(kind), "{refused}");
        }
    }
}
