//! Images that tasks on several machines make at the same time, some of them twice. Each attempt has a folder of its own in the
//! output, from which a finished image is moved to its place. Whoever comes second finds the same files there.

use super::digest::{self, FolderDigest};
use super::removal::remove_folder;
use super::staged::exchange;
use crate::error::{Error, Result};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of all attempts.
pub struct Attempts(pub PathBuf);

impl Attempts {
    /// Makes the folder of the attempt `name`. It is removed when it is dropped.
    pub fn begin(&self, name: &str) -> Result<Attempt> {
        let folder = self.0.join(name);
        fs::create_dir_all(&folder).map_err(|error| Error::output(&folder, error))?;
        Ok(Attempt(folder))
    }

    /// Removes what attempts left that were killed. One that still runs fails, and changes nothing.
    pub fn clear(&self) -> Result<()> {
        remove_folder(&self.0).map_err(|error| Error::output(&self.0, error))
    }
}

/// The folder of one attempt.
pub struct Attempt(PathBuf);

impl AsRef<Path> for Attempt {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // What is left, `finish` removes.
        let _ = remove_folder(&self.0);
    }
}

/// Moves the image in the folder `made`, which has this digest, to its place `target`. If the same image is there already, it
/// stays, and `made` is removed. `beside`: a file that is no part of the digest, and the same in both if they are the same.
pub fn place_image(made: &Path, target: &Path, digest: &FolderDigest, beside: &str) -> Result<()> {
    let place = || {
        target.parent().map_or(Ok(()), fs::create_dir_all)?;
        if is_there(made, target, digest, beside) {
            return remove_folder(made);
        }
        match exchange(made, target) {
            // Another attempt was faster.
            Err(_) if is_there(made, target, digest, beside) => remove_folder(made),
            placed => placed,
        }
    };
    place().map_err(|error: io::Error| Error::output(target, error))
}

fn is_there(made: &Path, target: &Path, digest: &FolderDigest, beside: &str) -> bool {
    let own = |folder: &Path| fs::read(folder.join(beside));
    let is_same = |there: Vec<u8>| own(made).map_or(true, |own| own == there);
    digest::of_folder(target, beside).is_ok_and(|there| there == *digest) && own(target).is_ok_and(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(folder: &Path, bytes: &str) -> FolderDigest {
        fs::create_dir_all(folder.join("full/max/0")).unwrap();
        fs::write(folder.join("full/max/0/default.jpg"), bytes).unwrap();
        fs::write(folder.join("info.json"), "{}").unwrap();
        digest::of_folder(folder, "info.json").unwrap()
    }

    #[test]
    fn the_second_attempt_finds_the_image_of_the_first() {
        let output = tempfile::tempdir().unwrap();
        let (attempts, target) = (Attempts(output.path().join("attempts")), output.path().join("iiif/3/a"));
        for bytes in ["old", "new", "new"] {
            let attempt = attempts.begin("one").unwrap();
            let made = attempt.as_ref().join("a");
            let digest = image(&made, bytes);
            place_image(&made, &target, &digest, "info.json").unwrap();
            assert_eq!(fs::read_to_string(target.join("full/max/0/default.jpg")).unwrap(), bytes);
            assert!(!made.exists());
        }
        std::mem::forget(attempts.begin("killed").unwrap());
        assert!(attempts.0.join("killed").is_dir());
        attempts.clear().unwrap();
        assert!(!attempts.0.exists());
    }

    #[test]
    fn many_attempts_at_once_leave_one_image() {
        let output = tempfile::tempdir().unwrap();
        let (attempts, target) = (Attempts(output.path().join("attempts")), output.path().join("iiif/3/a"));
        std::thread::scope(|scope| {
            for name in 0..8 {
                let (attempts, target) = (&attempts, &target);
                scope.spawn(move || {
                    let attempt = attempts.begin(&name.to_string()).unwrap();
                    let made = attempt.as_ref().join("a");
                    let digest = image(&made, "the same");
                    place_image(&made, target, &digest, "info.json").unwrap();
                });
            }
        });
        let names: Vec<_> = fs::read_dir(output.path().join("iiif/3")).unwrap().flatten().collect();
        assert_eq!(names.len(), 1);
        assert_eq!(fs::read_to_string(target.join("full/max/0/default.jpg")).unwrap(), "the same");
    }
}
