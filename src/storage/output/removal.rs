//! Removes folders with everything in them.
//!
//! Each file of an image has a folder of its own. On a file system that discards freed blocks at once, the removal of
//! each folder waits for the disk. So folders are removed side by side, by threads that only wait.

use super::digest::files_below;
use crate::model::pyramid::addresses::is_image_file;
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

/// Removes a former folder of an image, if it is there. Files in it that are no files of an image are somebody else's: they
/// move to the same places in the folder `place`.
pub fn remove_image(former: &Path, place: &Path) -> io::Result<()> {
    for (path, file) in files_below(former)?.iter().filter(|(path, _)| !is_image_file(path)) {
        let kept = place.join(path);
        // A marker of ours has been written anew.
        if kept.symlink_metadata().is_err() {
            kept.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::rename(file, kept)?;
        }
    }
    remove_folder(former)
}

/// Removes the files of an image from its folder, and the folders that this leaves empty.
pub fn strip_image(folder: &Path) -> io::Result<()> {
    for (path, file) in files_below(folder)?.iter().filter(|(path, _)| is_image_file(path)) {
        fs::remove_file(file)?;
        let above = Path::new(path).ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
        // A folder with files of others is not empty.
        above.map(|above| folder.join(above)).take_while(|above| fs::remove_dir(above).is_ok()).for_each(drop);
    }
    Ok(())
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

    #[test]
    fn files_of_others_in_an_image_stay_where_they_were() {
        let root = tempfile::tempdir().unwrap();
        let [former, place] = ["former", "place"].map(|name| root.path().join(name));
        for path in ["info.json", "full/max/0/default.jpg", "full/max/0/notes.txt", "mine/a.txt"] {
            fs::create_dir_all(former.join(path).parent().unwrap()).unwrap();
            fs::write(former.join(path), path).unwrap();
        }
        remove_image(&former, &place).unwrap();
        assert!(!former.exists() && !place.join("info.json").exists());
        for path in ["full/max/0/notes.txt", "mine/a.txt"] {
            assert_eq!(fs::read(place.join(path)).unwrap(), path.as_bytes());
        }
        remove_image(&former, &place).unwrap();
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
