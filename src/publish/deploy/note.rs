//! What this copy of the project remembers of a target: the publication that it saw there last, or made.

use crate::error::{Error, Result};
use crate::storage::state::FOLDER;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The id of the site in the target.
    pub site: String,
    /// The id of the publication.
    pub publication: String,
}

fn path(root: &Path, target: &str) -> PathBuf {
    let name = percent_encoding::utf8_percent_encode(target, percent_encoding::NON_ALPHANUMERIC);
    root.join(FOLDER).join(format!("deploy-{name}.json"))
}

impl Note {
    /// `None`: nothing is remembered of `target`.
    pub fn read(root: &Path, target: &str) -> Option<Note> {
        serde_json::from_slice(&fs::read(path(root, target)).ok()?).ok()
    }

    pub fn write(&self, root: &Path, target: &str) -> Result<()> {
        if Note::read(root, target).as_ref() == Some(self) {
            return Ok(());
        }
        let path = path(root, target);
        let write = || -> io::Result<()> {
            let mut file = NamedTempFile::new_in(path.parent().unwrap_or(&path))?;
            file.write_all(&serde_json::to_vec(self)?)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|error| Error::output(&path, error))
    }
}
