//! The files of an image's folder, and one digest of them all.

use crate::model::pyramid::addresses::is_image_file;
use crate::storage::fingerprint::{Hash, hash_file};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The number of files, their bytes, and a digest of their paths and contents. It does not depend on the order in which the
/// files were added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderDigest {
    /// The number of files.
    pub files: u64,
    /// The size of all files together.
    pub bytes: u64,
    /// The sum of the hashes of all files, each of path and content.
    pub sum: u128,
}

impl FolderDigest {
    /// Adds the file at `path` in the folder, whose content has this hash.
    pub fn add(&mut self, path: &str, bytes: u64, hash: Hash) {
        let whole = Hash::of(&[path.as_bytes(), &[0], &hash.0].concat());
        self.files += 1;
        self.bytes += bytes;
        self.sum = self.sum.wrapping_add(u128::from_le_bytes(whole.0));
    }
}

/// The digest of all image files below `folder` except `beside`; that of no files if there is no such folder. Files of
/// others do not count.
pub fn of_folder(folder: &Path, beside: &str) -> io::Result<FolderDigest> {
    let mut digest = FolderDigest::default();
    let is_counted = |path: &str| path != beside && is_image_file(path);
    for (path, file) in files_below(folder)?.iter().filter(|(path, _)| is_counted(path)) {
        digest.add(path, fs::metadata(file)?.len(), hash_file(file)?);
    }
    Ok(digest)
}

/// All files below `folder` with their `/`-separated paths; no files if there is no such folder.
pub fn files_below(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = vec![];
    let mut open = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type()?.is_dir() {
                true => open.push((entry.path(), format!("{name}/"))),
                false => files.push((name, entry.path())),
            }
        }
    }
    Ok(files)
}
