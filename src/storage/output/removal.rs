//! Removes folders with everything in them.
//!
//! Each file of an image has a folder of its own. On a file system that discards freed blocks at once, the removal of
//! each folder waits for the disk. So folders are removed side by side, by threads that only wait.

use parking_lot::Mutex;
use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;
use std::thread;

/// How many removals wait at once. They take almost no processor time.
const AT_ONCE: usize = 8;

/// The stack of a removing thread in bytes.
const STACK: usize = 256 << 10;

/// Removes a folder, if it is there. Links are removed and not followed.
pub fn remove_folder(folder: &Path) -> io::Result<()> {
    match remove_inside(folder, None).and_then(|()| fs::remove_dir_all(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Removes everything in a folder except the file `kept`.
pub fn remove_all_but(folder: &Path, kept: &str) -> io::Result<()> {
    remove_inside(folder, Some(kept))
}

fn remove_inside(folder: &Path, kept: Option<&str>) -> io::Result<()> {
    if !folder.symlink_metadata()?.is_dir() {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.retain(|entry| kept.is_none_or(|kept| entry.file_name() != kept));
    let helpers = AT_ONCE.min(entries.len()).saturating_sub(1);
    let left = Mutex::new(entries);
    let next = || left.lock().pop();
    let work = || std::iter::from_fn(next).try_for_each(|entry| remove(&entry));
    thread::scope(|scope| {
        // This thread does the work of those that could not be started. The caller finds files that could not be removed.
        let start = |_| drop(thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work));
        (0..helpers).for_each(start);
        work()
    })
}

fn remove(entry: &DirEntry) -> io::Result<()> {
    if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_in_a_folder_goes_with_it() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("image");
        for number in 0..50 {
            fs::create_dir_all(folder.join(format!("{number}/1/2"))).unwrap();
            fs::write(folder.join(format!("{number}/1/2/default.jpg")), "a tile").unwrap();
            fs::write(folder.join(format!("{number}.json")), "a file").unwrap();
        }
        remove_all_but(&folder, "7.json").unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        remove_folder(&folder).unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        remove_folder(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_stays() {
        let root = tempfile::tempdir().unwrap();
        let [folder, kept] = ["image", "kept"].map(|name| root.path().join(name));
        [&folder, &kept].iter().for_each(|folder| fs::create_dir(folder).unwrap());
        fs::write(kept.join("file"), "kept").unwrap();
        let link = |at: &Path| std::os::unix::fs::symlink(&kept, at).unwrap();
        link(&folder.join("inside"));
        remove_folder(&folder).unwrap();
        link(&folder);
        remove_folder(&folder).unwrap();
        assert!(!folder.exists() && kept.join("file").exists());
    }
}
