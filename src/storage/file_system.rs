//! What a file system can do, found by trying it.

use crate::error::{Error, Result};
use std::fs;
use std::path::Path;

/// See the [module](self).
#[derive(Debug, Clone, Copy)]
pub struct FileSystem {
    /// Whether a file can have two names. Without that, the images of Image API 2 are copies.
    pub has_hard_links: bool,
    /// Whether `A` and `a` are one file.
    pub ignores_case: bool,
    /// Whether `é` as one character and `é` as two are one file.
    pub normalises: bool,
    /// Bytes that this process can still write. `None`: the system does not report it.
    pub free_bytes: Option<u64>,
    /// Files that can still be made. `None`: the system does not report it, or has no such limit.
    pub free_files: Option<u64>,
}

impl FileSystem {
    /// That of the existing folder `folder`. Makes a folder in it for the time of the trial.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn at(folder: &Path) -> Result<FileSystem> {
        let trial = folder.join(format!(".iiif-build-trial-{}", std::process::id()));
        fs::create_dir(&trial).map_err(|error| Error::output(folder, error))?;
        let tried = FileSystem::tried(&trial);
        let removed = fs::remove_dir_all(&trial);
        let mut found = tried.map_err(|error| Error::output(folder, error))?;
        removed.map_err(|error| Error::output(&trial, error))?;
        (found.free_bytes, found.free_files) = free(folder);
        Ok(found)
    }

    fn tried(trial: &Path) -> std::io::Result<FileSystem> {
        let (lower, composed) = (trial.join("case"), trial.join("\u{e9}"));
        fs::write(&lower, "")?;
        fs::write(&composed, "")?;
        Ok(FileSystem {
            has_hard_links: fs::hard_link(&lower, trial.join("link")).is_ok(),
            ignores_case: trial.join("CASE").exists(),
            normalises: trial.join("e\u{301}").exists(),
            free_bytes: None,
            free_files: None,
        })
    }
}

#[cfg(unix)]
fn free(folder: &Path) -> (Option<u64>, Option<u64>) {
    let Ok(found) = rustix::fs::statvfs(folder) else { return (None, None) };
    // Some file systems make room for files as they come, and report none.
    let files = Some(found.f_favail).filter(|_| found.f_files > 0);
    (Some(found.f_bavail.saturating_mul(found.f_frsize)), files)
}

#[cfg(not(unix))]
fn free(_: &Path) -> (Option<u64>, Option<u64>) {
    (None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let found = FileSystem::at(folder.path()).unwrap();
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
        assert!(!cfg!(target_os = "linux") || (found.has_hard_links && found.free_bytes.is_some()));
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        assert!(FileSystem::at(Path::new("/no/such/folder")).is_err());
    }
}
