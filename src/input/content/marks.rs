//! Watermarks that lie among the images: they are no pages.

use crate::model::settings::ImageSettings;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// The files that settings read so far name as marks.
#[derive(Clone, Default)]
pub struct Marks(BTreeSet<PathBuf>);

impl Marks {
    pub fn note(&mut self, settings: &ImageSettings) {
        self.0.extend(settings.watermark.as_ref().map(|watermark| plain(&watermark.file)));
    }

    pub fn contains(&self, file: &Path) -> bool {
        self.0.contains(file)
    }
}

/// The path without its `..`, as folders are read.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir if plain.file_name().is_some() => drop(plain.pop()),
            component => plain.push(component),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_plain_without_its_detours() {
        assert_eq!(plain(Path::new("content/a/../b/./mark.png")), Path::new("content/b/mark.png"));
        assert_eq!(plain(Path::new("../mark.png")), Path::new("../mark.png"));
    }
}
