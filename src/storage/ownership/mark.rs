//! The marker in the folder that `tile` makes: a small file beside `info.json` with the name of this program in it. It is
//! a file of its own, because `info.json` must hold nothing that the Image API does not know.

use super::{FOLDER, PROGRAM};
use std::fs;
use std::path::Path;

/// The name of the marker. Hosts do not serve names that begin with a dot.
pub const FILE: &str = FOLDER;

/// The content of the marker.
pub fn text() -> String {
    format!("{{\"program\":\"{PROGRAM}\",\"holds\":\"image\"}}\n")
}

/// Whether `tile` made the folder.
pub fn is_marked(folder: &Path) -> bool {
    let marker = folder.join(FILE);
    // A link could lead to the marker of another folder.
    marker.symlink_metadata().is_ok_and(|kind| kind.is_file())
        && fs::read(&marker).is_ok_and(|there| there == text().as_bytes())
}
