//! Whether a folder that is no project yet holds scans.

use super::folder::is_media;
use crate::input::withheld::junk;
use std::fs;
use std::path::Path;

/// The most entries that are looked at.
const MOST: usize = 20_000;

/// Whether a file in `folder`, or in a folder below it, can be a page. Links are not followed, and the search ends after
/// 20,000 entries.
pub fn holds_scans(folder: &Path) -> bool {
    let mut left = MOST;
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            match junk(&name) {
                Some(_) => {}
                None if kind.is_dir() => open.push(entry.path()),
                None if kind.is_file() && is_media(&name) => return true,
                None => {}
            }
            left -= 1;
            if left == 0 {
                return false;
            }
        }
    }
    false
}
