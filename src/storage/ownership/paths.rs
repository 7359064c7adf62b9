//! Where a path leads, whether or not anything is there yet.

use crate::error::{Error, ErrorKind, Result};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// `path` with symbolic links and `..` resolved. What does not exist yet is taken by its name: `missing/../content` is
/// `content`.
pub fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    // The part that exists is resolved by the system: behind a link, `..` is the folder above what it leads to.
    let (mut real, rest) = existing_part(&absolute);
    for name in rest {
        match name.to_str() {
            Some("..") => drop(real.pop()),
            Some(".") => {}
            _ => real.push(name),
        }
        // `..` may have led back to what exists.
        if let Ok(again) = real.canonicalize() {
            real = again;
        }
    }
    real
}

/// The longest beginning of a path that exists, as the system resolves it, and the names that follow.
fn existing_part(path: &Path) -> (PathBuf, Vec<OsString>) {
    let mut real = PathBuf::new();
    let mut components = path.components();
    while let Some(component) = components.next() {
        let longer = match component {
            Component::ParentDir => real.parent().map_or_else(|| real.clone(), Path::to_path_buf),
            Component::CurDir => real.clone(),
            Component::Prefix(_) | Component::RootDir => real.join(component),
            Component::Normal(name) => real.join(name),
        };
        real = match longer.canonicalize() {
            Ok(there) => there,
            // The prefix of a Windows path alone is no folder.
            Err(_) if matches!(component, Component::Prefix(_) | Component::RootDir) => longer,
            Err(_) => {
                let rest = std::iter::once(component).chain(components).map(|name| name.as_os_str().to_owned());
                return (real, rest.collect());
            }
        };
    }
    (real, vec![])
}

/// Whether `path` is `folder` or lies below it. Both are [`resolved`]. Folders are compared as the file system knows
/// them, so that another spelling of a name or a second mount makes no difference.
pub fn is_within(path: &Path, folder: &Path) -> bool {
    path.starts_with(folder) || path.ancestors().any(|above| is_same(above, folder) || is_spelled_alike(above, folder))
}

#[cfg(unix)]
fn is_same(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |path: &Path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    identity(a).is_some_and(|a| identity(b) == Some(a))
}

#[cfg(not(unix))]
fn is_same(a: &Path, b: &Path) -> bool {
    // The system resolves a path that exists to one spelling.
    fs::metadata(a).is_ok() && a == b
}

/// Folders that do not exist yet, on systems whose file systems usually ignore case.
fn is_spelled_alike(a: &Path, b: &Path) -> bool {
    let folded = |path: &Path| path.to_string_lossy().to_lowercase();
    cfg!(any(windows, target_os = "macos")) && folded(a) == folded(b)
}

/// Refuses a folder for a new project in which there is something.
pub fn check_new_folder(folder: &Path) -> Result<()> {
    let refused = |why: &str| {
        let error = Error::new(ErrorKind::Config, why).with_path(folder);
        Err(error.with_hint("name a new folder, or an empty one"))
    };
    let place = resolved(folder);
    match place.symlink_metadata() {
        Ok(kind) if !kind.is_dir() => return refused("a folder is to be made, and something else is here"),
        _ => {}
    }
    match fs::read_dir(&place).map(|mut entries| entries.next().is_none()) {
        Ok(false) => refused("the folder is not empty, and its files could be lost"),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::read(ErrorKind::Config, folder, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_exist_is_taken_by_its_name() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("content/a")).unwrap();
        for (path, place) in [
            ("missing/../content", "content"),
            ("missing/deeper/../../content/a", "content/a"),
            ("content/a/..", "content"),
            ("./content/./missing/..", "content"),
            ("new/deep", "new/deep"),
            ("a/b/../c", "a/c"),
        ] {
            assert_eq!(resolved(&root.join(path)), root.join(place), "{path}");
        }
        assert!(is_within(&root.join("content/a"), &root.join("content")));
        assert!(!is_within(&root.join("content"), &root.join("content/a")));
        assert!(!is_within(&root.join("contents"), &root.join("content")));
    }

    #[cfg(unix)]
    #[test]
    fn behind_a_link_the_folder_above_is_that_of_its_target() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("content/a")).unwrap();
        std::os::unix::fs::symlink(root.join("content/a"), root.join("link")).unwrap();
        assert_eq!(resolved(&root.join("link/..")), root.join("content"));
        assert_eq!(resolved(&root.join("missing/../link/../b")), root.join("content/b"));
        assert_eq!(resolved(&root.join("link/new")), root.join("content/a/new"));
    }
}
