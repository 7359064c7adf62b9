//! The places that a build reads, and the changes that matter to it.

use crate::input::withheld::junk;
use crate::storage::ownership::resolved;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Folders in which version control keeps its own files.
const VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".jj", ".svn"];

/// The files and folders that a build reads. They need not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Single files.
    pub files: Vec<PathBuf>,
    /// Folders with all their content.
    pub folders: Vec<PathBuf>,
    /// Files and folders that the build itself writes.
    pub excluded: Vec<PathBuf>,
}

impl Sources {
    pub(super) fn absolute(self) -> Sources {
        self.map(|path| std::path::absolute(&path).unwrap_or(path))
    }

    /// Adds the targets of links, because some systems report changes there.
    pub(super) fn with_real(&self) -> Sources {
        let mut both = self.clone().map(|path| resolved(&path));
        both.files.extend_from_slice(&self.files);
        both.folders.extend_from_slice(&self.folders);
        both.excluded.extend_from_slice(&self.excluded);
        both
    }

    fn map(self, change: impl Fn(PathBuf) -> PathBuf) -> Sources {
        let change = |paths: Vec<PathBuf>| paths.into_iter().map(&change).collect();
        Sources { files: change(self.files), folders: change(self.folders), excluded: change(self.excluded) }
    }

    /// Whether a change of this path can change the result of a build.
    pub(super) fn concern(&self, path: &Path) -> bool {
        let is_within = |folder: &PathBuf| path.strip_prefix(folder).is_ok_and(|rest| !is_junk(rest));
        (self.files.iter().any(|file| file == path) || self.folders.iter().any(is_within)) && !self.exclude(path)
    }

    fn exclude(&self, path: &Path) -> bool {
        let is_excluded = |path: &Path| self.excluded.iter().any(|excluded| path.starts_with(excluded));
        is_excluded(path) || is_excluded(&resolved(path))
    }

    /// The folders at or below a path: they are created and removed with it.
    pub(super) fn below<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a PathBuf> {
        self.folders.iter().filter(move |folder| folder.starts_with(path))
    }

    /// The folder in which each place would appear: the nearest existing one above it.
    pub(super) fn parents(&self) -> Vec<&Path> {
        let places = self.files.iter().chain(&self.folders);
        let mut parents: Vec<&Path> =
            places.filter_map(|place| place.ancestors().skip(1).find(|above| above.is_dir())).collect();
        parents.sort_unstable();
        parents.dedup();
        parents
    }
}

/// Whether a path below one of the folders is no input: a file of editors, file managers or version control.
fn is_junk(path: &Path) -> bool {
    let is_version_control = |part: &OsStr| VERSION_CONTROL.iter().any(|name| part == *name);
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    path.iter().any(is_version_control) || junk(name).is_some() || is_editors(name)
}

/// Names that editors give to temporary files.
fn is_editors(name: &str) -> bool {
    let lower = name.to_lowercase();
    let is_probe_of_vim = name == "4913";
    let is_kept_by_emacs = name.len() > 1 && name.starts_with('#') && name.ends_with('#');
    is_probe_of_vim
        || is_kept_by_emacs
        || [".swx", ".swo", ".kate-swp"].iter().any(|end| lower.ends_with(end))
        || ["___jb_tmp___", "___jb_old___"].iter().any(|end| lower.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(root: &Path) -> Sources {
        Sources {
            files: vec![root.join("iiif-build.toml")],
            folders: ["content", "static"].map(|name| root.join(name)).into(),
            excluded: ["public", "static/out", ".iiif-build"].map(|name| root.join(name)).into(),
        }
        .with_real()
    }

    #[test]
    fn only_what_is_built_concerns_a_build() {
        let root = Path::new("/nowhere/project");
        let sources = sources(root);
        for path in ["iiif-build.toml", "content", "content/a/1.jpg", "static/.well-known/x", "content/a.tmp/1.jpg"] {
            assert!(sources.concern(&root.join(path)), "{path}");
        }
        for path in [
            "README.md",
            "public",
            "public/index.html",
            ".iiif-build/state",
            "static/out/x",
            "content/a/.item.toml.swp",
            "content/a/item.toml~",
            "content/a/4913",
            "content/a/.#item.toml",
            "content/a/#item.toml#",
            "content/.git/index",
            "content/a/item.toml___jb_tmp___",
        ] {
            assert!(!sources.concern(&root.join(path)), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_into_the_output_concerns_no_build() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["content", "public"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        std::os::unix::fs::symlink(folder.path().join("public"), folder.path().join("content/link")).unwrap();
        let sources = sources(folder.path());
        assert!(!sources.concern(&folder.path().join("content/link/index.html")));
        assert!(sources.concern(&folder.path().join("content/other/index.html")));
    }

    #[test]
    fn a_place_that_does_not_exist_is_awaited_in_the_nearest_folder_above() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        assert_eq!(sources(&root).parents(), [root.as_path()]);
        assert_eq!(sources(&root.join("a/b")).parents(), [root.as_path()]);
    }
}
