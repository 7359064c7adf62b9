//! What the last build published, so that the next one removes what is stale and nothing else.
//!
//! A small file below `.iiif-build/`, outside the site. Only paths written down here are ever removed: a file that
//! somebody else put into the output folder stays.

use crate::address::SitePath;
use crate::error::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

const VERSION: u32 = 1;

/// Everything published: documents one by one, images by their folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    pub documents: BTreeSet<SitePath>,
    pub images: BTreeSet<SitePath>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    /// The output folder this speaks of; of another one we know nothing.
    output: PathBuf,
    documents: BTreeSet<String>,
    images: BTreeSet<String>,
}

/// The state file of a project.
pub struct State {
    path: PathBuf,
    output: PathBuf,
}

impl State {
    /// Of the project in `root` as built into `output`.
    pub fn new(root: &Path, output: &Path) -> State {
        let output = fs::canonicalize(output).unwrap_or_else(|_| output.to_path_buf());
        State { path: root.join(".iiif-build").join("published.json"), output }
    }

    /// What the last build into this output published; nothing where that is not known.
    pub fn read(&self) -> Published {
        let record = fs::read(&self.path).ok().and_then(|bytes| serde_json::from_slice::<Record>(&bytes).ok());
        match record.filter(|record| record.version == VERSION && record.output == self.output) {
            Some(record) => Published { documents: paths(record.documents), images: paths(record.images) },
            None => Published::default(),
        }
    }

    pub fn write(&self, published: &Published) -> Result<()> {
        let names = |paths: &BTreeSet<SitePath>| paths.iter().map(|path| path.as_str().to_owned()).collect();
        let record = Record {
            version: VERSION,
            output: self.output.clone(),
            documents: names(&published.documents),
            images: names(&published.images),
        };
        let json = serde_json::to_vec_pretty(&record)
            .map_err(|error| Error::new(ErrorKind::Internal, format!("state: {error}")))?;
        let written = || {
            let folder = self.path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let mut partial = tempfile::NamedTempFile::new_in(folder)?;
            partial.write_all(&json)?;
            partial.persist(&self.path)?;
            Ok(())
        };
        written().map_err(|error| Error::output(&self.path, error))
    }
}

/// Only names that stay within the output folder: the file may have been edited.
fn paths(names: BTreeSet<String>) -> BTreeSet<SitePath> {
    let is_inside = |name: &String| name.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
    names.into_iter().filter(is_inside).map(|name| SitePath::root().join(&name)).collect()
}
