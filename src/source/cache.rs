//! The masters that were used last, up to so many bytes.
//!
//! What is in use stays. Who holds nothing waits for room; who holds a file already does not, for he may be what others
//! wait for: a thread that waits for its image to be read may be given another one meanwhile. So the limit is exceeded by no
//! more than what the threads of a build have in their hands, and by one file that is larger than all of it.

use super::bucket::tidy;
use crate::error::{Error, Result};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

thread_local! {
    /// Files that this thread holds.
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// See the [module](self).
pub struct Cache {
    folder: PathBuf,
    limit: u64,
    entries: Mutex<BTreeMap<String, Entry>>,
    /// A file has come, or is held no more.
    changed: Condvar,
}

struct Entry {
    bytes: u64,
    used: SystemTime,
    /// By how many it is held.
    pins: usize,
    /// Whether all of it is there.
    is_whole: bool,
}

/// A file that is held, by one thread.
pub struct Pin<'a> {
    cache: &'a Cache,
    name: String,
    path: PathBuf,
    thread: PhantomData<*const ()>,
}

impl Cache {
    /// Of at most `limit` bytes in `folder`. What is not one of `names` is removed.
    pub fn open(folder: PathBuf, limit: u64, names: &BTreeSet<String>) -> Result<Cache> {
        let unreadable = |error| Error::output(&folder, error);
        fs::create_dir_all(&folder).map_err(unreadable)?;
        tidy(&folder, names)?;
        let mut entries = BTreeMap::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let metadata = entry.metadata().map_err(unreadable)?;
            let used = metadata.modified().map_err(unreadable)?;
            let entry_of = Entry { bytes: metadata.len(), used, pins: 0, is_whole: true };
            entries.insert(entry.file_name().to_string_lossy().into_owned(), entry_of);
        }
        let cache = Cache { folder, limit, entries: Mutex::new(entries), changed: Condvar::new() };
        cache.make_room(&mut cache.lock(), 0);
        Ok(cache)
    }

    /// The file `name` of so many bytes, which `fetch` writes where it is not there.
    pub fn take(&self, name: &str, bytes: u64, fetch: impl FnOnce(&Path) -> Result<()>) -> Result<Pin<'_>> {
        let path = self.folder.join(name);
        if self.hold(name, bytes, &path) {
            if let Err(error) = fetch(&path) {
                self.lock().remove(name);
                self.changed.notify_all();
                return Err(error);
            }
            if let Some(entry) = self.lock().get_mut(name) {
                entry.is_whole = true;
            }
            self.changed.notify_all();
        }
        HELD.set(HELD.get() + 1);
        Ok(Pin { cache: self, name: name.to_owned(), path, thread: PhantomData })
    }

    /// Holds `name`; whether it is still to be fetched.
    fn hold(&self, name: &str, bytes: u64, path: &Path) -> bool {
        let mut entries = self.lock();
        loop {
            match entries.get_mut(name) {
                Some(entry) if entry.is_whole => {
                    entry.used = SystemTime::now();
                    if entry.pins == 0 {
                        // For the next build; nobody looks at it now.
                        drop(File::options().append(true).open(path).and_then(|file| file.set_modified(entry.used)));
                    }
                    entry.pins += 1;
                    return false;
                }
                Some(_) => {}
                None => {
                    let has_room = self.make_room(&mut entries, bytes);
                    if has_room || HELD.get() > 0 || entries.values().all(|entry| entry.pins == 0) {
                        let entry = Entry { bytes, used: SystemTime::now(), pins: 1, is_whole: false };
                        entries.insert(name.to_owned(), entry);
                        return true;
                    }
                }
            }
            entries = self.changed.wait(entries).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Removes what nobody holds, least recently used first, until there is room for so many bytes; whether there is.
    fn make_room(&self, entries: &mut BTreeMap<String, Entry>, bytes: u64) -> bool {
        let mut total = entries.values().map(|entry| entry.bytes).sum::<u64>().saturating_add(bytes);
        if total <= self.limit {
            return true;
        }
        let mut free: Vec<(SystemTime, String)> = entries
            .iter()
            .filter(|(_, entry)| entry.pins == 0)
            .map(|(name, entry)| (entry.used, name.clone()))
            .collect();
        free.sort();
        for (_, name) in free {
            if total <= self.limit {
                break;
            }
            // What cannot be removed still takes its room.
            if fs::remove_file(self.folder.join(&name)).is_ok() {
                total -= entries.remove(&name).map_or(0, |entry| entry.bytes);
            }
        }
        total <= self.limit
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pin<'_> {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        HELD.set(HELD.get() - 1);
        let mut entries = self.cache.lock();
        if let Some(entry) = entries.get_mut(&self.name) {
            entry.pins -= 1;
        }
        self.cache.make_room(&mut entries, 0);
        self.cache.changed.notify_all();
    }
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
                        let total: u64 = cache.lock().values().map(|entry| entry.bytes).sum();
                        assert!(total <= 10);
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
