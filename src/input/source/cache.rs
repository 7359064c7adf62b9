//! The masters that were used last, up to a number of bytes.
//!
//! A file in use stays. A thread that holds no file waits for room. A thread that holds one does not wait, because
//! others can be waiting for its file. So it must not wait for work that may ask for a file (Rayon gives a waiting
//! thread other work). Only one file that is larger than the whole limit can exceed it.

use super::HeldCopy;
use crate::error::{Error, Result};
use parking_lot::{Condvar, Mutex};
use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

thread_local! {
    /// Files that this thread holds.
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// See the [module](self).
pub struct Cache {
    folder: PathBuf,
    limit: u64,
    contents: Mutex<Contents>,
    /// A file has arrived, or is no longer held.
    changed: Condvar,
}

#[derive(Default)]
struct Contents {
    entries: HashMap<String, Entry>,
    /// Files that no thread holds, least recently used first.
    free: BTreeSet<(SystemTime, String)>,
    /// Bytes of all entries.
    total: u64,
}

struct Entry {
    bytes: u64,
    used: SystemTime,
    /// How many threads hold it.
    pins: usize,
    /// Whether it is fetched completely.
    is_whole: bool,
}

/// A file that one thread holds.
pub struct Pin<'a> {
    cache: &'a Cache,
    name: String,
    path: PathBuf,
    thread: PhantomData<*const ()>,
}

impl Cache {
    /// Opens the cache in `folder`, of at most `limit` bytes. Files there that are not among `names` are removed.
    pub fn open(folder: PathBuf, limit: u64, names: &BTreeSet<String>) -> Result<Cache> {
        let unreadable = |error| Error::output(&folder, error);
        fs::create_dir_all(&folder).map_err(unreadable)?;
        tidy(&folder, names)?;
        let mut contents = Contents::default();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let metadata = entry.metadata().map_err(unreadable)?;
            let (bytes, used) = (metadata.len(), metadata.modified().map_err(unreadable)?);
            let name = entry.file_name().to_string_lossy().into_owned();
            contents.free.insert((used, name.clone()));
            contents.insert(name, Entry { bytes, used, pins: 0, is_whole: true });
        }
        contents.make_room(0, limit, &folder);
        Ok(Cache { folder, limit, contents: Mutex::new(contents), changed: Condvar::new() })
    }

    /// Holds the file `name` of `bytes` bytes. `fetch` writes it if it is not there.
    pub fn take(&self, name: &str, bytes: u64, fetch: impl FnOnce(&Path) -> Result<()>) -> Result<Pin<'_>> {
        let path = self.folder.join(name);
        if self.hold(name, bytes, &path) {
            let fetched = fetch(&path);
            let mut contents = self.contents.lock();
            match (&fetched, contents.entries.get_mut(name)) {
                (Ok(()), Some(entry)) => entry.is_whole = true,
                _ => contents.remove(name),
            }
            self.changed.notify_all();
            fetched?;
        }
        HELD.set(HELD.get() + 1);
        Ok(Pin { cache: self, name: name.to_owned(), path, thread: PhantomData })
    }

    /// Holds `name`, and returns whether it must be fetched.
    fn hold(&self, name: &str, bytes: u64, path: &Path) -> bool {
        let mut contents = self.contents.lock();
        loop {
            match contents.entries.get_mut(name) {
                Some(entry) if entry.is_whole => {
                    if entry.pins == 0 {
                        let free = (entry.used, name.to_owned());
                        entry.used = SystemTime::now();
                        // The next build reads this time.
                        drop(File::options().append(true).open(path).and_then(|file| file.set_modified(entry.used)));
                        entry.pins = 1;
                        contents.free.remove(&free);
                    } else {
                        entry.pins += 1;
                    }
                    return false;
                }
                Some(_) => {}
                None => {
                    let has_room = contents.make_room(bytes, self.limit, &self.folder);
                    if has_room || HELD.get() > 0 || contents.entries.len() == contents.free.len() {
                        let entry = Entry { bytes, used: SystemTime::now(), pins: 1, is_whole: false };
                        contents.insert(name.to_owned(), entry);
                        return true;
                    }
                }
            }
            self.changed.wait(&mut contents);
        }
    }

    fn release(&self, name: &str) {
        let mut contents = self.contents.lock();
        if let Some(entry) = contents.entries.get_mut(name) {
            entry.pins -= 1;
            let free = (entry.pins == 0).then(|| (entry.used, name.to_owned()));
            contents.free.extend(free);
        }
        contents.make_room(0, self.limit, &self.folder);
        self.changed.notify_all();
    }
}

impl Contents {
    fn insert(&mut self, name: String, entry: Entry) {
        self.total = self.total.saturating_add(entry.bytes);
        self.entries.insert(name, entry);
    }

    fn remove(&mut self, name: &str) {
        self.total = self.total.saturating_sub(self.entries.remove(name).map_or(0, |entry| entry.bytes));
    }

    /// Removes files that no thread holds until there is room for `bytes` more. Returns whether there is.
    fn make_room(&mut self, bytes: u64, limit: u64, folder: &Path) -> bool {
        let mut stuck = vec![];
        while self.total.saturating_add(bytes) > limit {
            let Some((used, name)) = self.free.pop_first() else { break };
            match fs::remove_file(folder.join(&name)) {
                // A file that cannot be removed still takes room.
                Err(error) if error.kind() != io::ErrorKind::NotFound => stuck.push((used, name)),
                _ => self.remove(&name),
            }
        }
        self.free.extend(stuck);
        self.total.saturating_add(bytes) <= limit
    }
}

impl HeldCopy for Pin<'_> {
    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        HELD.set(HELD.get() - 1);
        self.cache.release(&self.name);
    }
}

/// Removes all files of `folder` except `names`: those of deleted objects, and those that were being written.
pub fn tidy(folder: &Path, names: &BTreeSet<String>) -> Result<()> {
    let unreadable = |error| Error::output(folder, error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !names.contains(&*entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path()).map_err(unreadable)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn take<'a>(cache: &'a Cache, name: &str, bytes: u64) -> (Pin<'a>, bool) {
        let is_fetched = Cell::new(false);
        let write = |path: &Path| {
            is_fetched.set(true);
            fs::write(path, vec![0; bytes as usize]).map_err(|error| Error::output(path, error))
        };
        let pin = cache.take(name, bytes, write).unwrap();
        (pin, is_fetched.get())
    }

    fn there(folder: &Path) -> BTreeSet<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn what_was_not_used_for_the_longest_time_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path().into(), 10, &names(&[])).unwrap();
        for name in ["a", "b", "a", "c"] {
            drop(take(&cache, name, 4));
        }
        assert_eq!(there(folder.path()), names(&["a", "c"]));
        assert!(!take(&cache, "a", 4).1 && take(&cache, "b", 4).1);
    }

    #[test]
    fn what_is_held_stays_and_a_file_larger_than_all_is_fetched_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path().into(), 10, &names(&[])).unwrap();
        let held = take(&cache, "a", 8);
        let large = take(&cache, "large", 20);
        assert_eq!(there(folder.path()), names(&["a", "large"]));
        drop((held, large));
        assert_eq!(there(folder.path()).len(), 0);
    }

    #[test]
    fn others_wait_for_room() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path().into(), 10, &names(&[])).unwrap();
        std::thread::scope(|scope| {
            for round in 0..8 {
                let cache = &cache;
                scope.spawn(move || {
                    for turn in 0..20 {
                        let (pin, _) = take(cache, &format!("{}", (round + turn) % 5), 6);
                        assert_eq!(fs::metadata(pin.path()).unwrap().len(), 6);
                        assert!(cache.contents.lock().total <= 10);
                    }
                });
            }
        });
    }

    #[test]
    fn a_file_that_cannot_be_fetched_is_asked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path().into(), 10, &names(&[])).unwrap();
        assert!(cache.take("a", 4, |_| Err(Error::image("gone"))).is_err());
        assert!(take(&cache, "a", 4).1);
    }

    #[test]
    fn the_next_build_finds_what_is_still_of_the_bucket() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path().into(), 10, &names(&[])).unwrap();
        drop((take(&cache, "a", 4), take(&cache, "b", 4)));
        fs::write(folder.path().join(".partial-x"), "x").unwrap();
        let cache = Cache::open(folder.path().into(), 10, &names(&["b"])).unwrap();
        assert_eq!(there(folder.path()), names(&["b"]));
        assert!(!take(&cache, "b", 4).1);
    }
}
