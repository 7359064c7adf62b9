//! What a project withholds, as the files that describe it may name it: pages and other files, and folders with all in
//! them.

use crate::input::location::Location;
use crate::model::address::normalised;
use std::collections::{HashMap, HashSet};

/// The withheld files and folders below the folder of the file that is looked at. Without any it knows nothing, so that
/// only what a file says of itself counts.
#[derive(Default)]
pub struct Known {
    /// The names by which a record may know the withheld folders.
    names: HashSet<String>,
    /// The names of the withheld folders alone.
    folders: HashSet<String>,
    /// The paths of withheld files, by their stems.
    files: HashMap<String, Vec<String>>,
    /// The paths of files that are not withheld.
    public: HashSet<String>,
}

impl Known {
    /// `folders`, `files` and the `public` files are `/`-separated paths below the folder of the file that is looked at.
    pub fn new(
        folders: impl IntoIterator<Item = String>,
        files: impl IntoIterator<Item = String>,
        public: impl IntoIterator<Item = String>,
    ) -> Known {
        let mut known = Known::default();
        for folder in folders.into_iter().map(|folder| normalised(&folder)) {
            known.folders.extend(folder.rsplit('/').next().map(str::to_owned));
            known.names.extend(names(&folder));
        }
        for file in files.into_iter().map(|file| normalised(&file)) {
            known.files.entry(stem(&file).to_owned()).or_default().push(file);
        }
        known.public = public.into_iter().map(|file| normalised(&file)).filter(|file| !known.is_listed(file)).collect();
        known
    }

    fn is_listed(&self, file: &str) -> bool {
        self.files.get(stem(file)).is_some_and(|files| files.iter().any(|listed| listed == file))
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.files.is_empty()
    }

    /// Whether a record with these keys is about a withheld folder.
    pub fn has_record<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> bool {
        keys.into_iter().any(|key| self.names.contains(&normalised(key.trim_matches('/'))))
    }

    /// Whether `href` may be the address of a withheld file: it lies in a withheld folder, or has the name of a withheld
    /// file, whatever its ending. A path at which there is another file is not that of a withheld one.
    pub fn has_file(&self, href: &str) -> bool {
        let Ok(location) = Location::read(href) else { return false };
        let path = normalised(&location.path());
        if location.is_local && self.public.contains(&path) {
            return false;
        }
        let is_in_folder = path.split('/').any(|name| self.folders.contains(name));
        is_in_folder || self.files.contains_key(stem(&path))
    }
}

/// The names by which a record may know the folder at `path`: the path and its ends, and the path as an id.
fn names(path: &str) -> impl Iterator<Item = String> {
    let ends = path.match_indices('/').map(|(at, _)| path[at + 1..].to_owned());
    std::iter::once(path.to_owned()).chain(ends).chain([path.replace('/', "-")])
}

/// The last name of a path without its ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
        Known::new(
            paths(&["fonds/a2"]),
            paths(&["fonds/a1/0002.tif"]),
            paths(&["fonds/a1/0001.tif", "fonds/b/0002.tif"]),
        )
    }

    #[test]
    fn records_are_known_by_the_names_of_folders() {
        assert!(["fonds/a2", "a2", "fonds-a2"].iter().all(|key| known().has_record([*key])));
        assert!(!known().has_record(["a1", "a", "fonds"]));
    }

    #[test]
    fn files_are_known_by_name_unless_another_file_is_there() {
        for withheld in ["fonds/a1/0002.tif", "0002.jpg", "http://example.org/x/0002.tif", "https://a.org/a2/1.jpg"] {
            assert!(known().has_file(withheld), "{withheld}");
        }
        assert!(!known().has_file("fonds/b/0002.tif") && !known().has_file("0001.tif") && !known().has_file("urn:x"));
    }
}
