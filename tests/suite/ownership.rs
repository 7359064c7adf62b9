//! Nothing that iiif-build did not write is overwritten, moved or deleted: whatever a user names as a place to write into,
//! every file that was there stays, and the message says what would have been lost.

mod build;
mod folders;
pub mod lost;
mod mixed;
mod named;
mod tile;

use crate::cli;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Every file and link below a folder, with its bytes or its target; folders end with `/`.
pub fn all(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.map(|entry| entry.unwrap()) {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            found.extend(all(&path));
            found.insert(path.join(""), vec![]);
        } else if kind.is_file() {
            found.insert(path.clone(), fs::read(&path).unwrap());
        } else {
            let target = fs::read_link(&path).map(|target| target.to_string_lossy().into_owned().into_bytes());
            found.insert(path, target.unwrap_or_default());
        }
    }
    found
}

/// Runs a command and returns its exit code and what it said.
pub fn end(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

pub fn run(arguments: &[&str]) -> (Option<i32>, String) {
    end(&mut cli::command(arguments))
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
