//! A folder of the source, read once: sorted, without what is hidden.

use crate::error::{Error, ErrorKind, Result};
use crate::input::content::naming::natural_order;
use crate::pixels::decode::Format;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders within folders.
const MAX_DEPTH: usize = 64;

/// See the [module](self).
pub struct Source {
    pub path: PathBuf,
    pub name: String,
    /// In natural order; symbolic links to files are files.
    pub files: Vec<String>,
    /// In natural order; symbolic links to folders are not followed.
    pub folders: Vec<String>,
    /// Links, and names that are not Unicode, in words.
    pub odd: Vec<String>,
    depth: usize,
}

impl Source {
    pub fn read(path: &Path) -> Result<Source> {
        Source::read_at(path, 0)
    }

    /// The folder `name` in this one.
    pub fn inner(&self, name: &str) -> Result<Source> {
        Source::read_at(&self.path.join(name), self.depth + 1)
    }

    fn read_at(path: &Path, depth: usize) -> Result<Source> {
        let unreadable = |error| Error::read(ErrorKind::Content, path, error);
        if depth > MAX_DEPTH {
            return Err(Error::new(ErrorKind::Content, "folders are nested too deep").with_path(path));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (path, files, folders, odd) = (path.to_path_buf(), vec![], vec![], vec![]);
        let mut source = Source { path, name, files, folders, odd, depth };
        for entry in fs::read_dir(&source.path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            match entry.file_name().into_string() {
                Err(name) => source.odd.push(format!("{}: the name is not valid Unicode", name.to_string_lossy())),
                Ok(name) if name.starts_with('.') => {}
                Ok(name) if kind.is_dir() => source.folders.push(name),
                Ok(_) if kind.is_symlink() && entry.path().is_dir() => {
                    source.odd.push(format!("{}: links to folders are not followed", entry.path().display()));
                }
                Ok(name) => source.files.push(name),
            }
        }
        source.files.sort_by(|a, b| natural_order(a, b));
        source.folders.sort_by(|a, b| natural_order(a, b));
        Ok(source)
    }

    pub fn images(&self) -> impl Iterator<Item = &String> {
        self.files.iter().filter(|name| Format::is_image_name(name))
    }
}
