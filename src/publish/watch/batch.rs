//! Groups changes that belong together, and decides when they are ripe. Pure: the time is an argument.
//!
//! A save is many events, and a copy may take minutes. Changes that are complete (closed, or moved into place, which
//! only Linux reports) are ripe after 25 ms of silence. Others are gathered for 100 ms, and for at most 500 ms. A file
//! that is being written waits until it is closed. It holds back changes in its folder, but not elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The silence after which complete files are ripe.
const SILENCE: Duration = Duration::from_millis(25);

/// How long changes are gathered if it is unknown whether they are complete.
const GATHER: Duration = Duration::from_millis(100);

/// The longest that a change waits for others.
const CAP: Duration = Duration::from_millis(500);

/// The longest that a change waits for a file in the same folder that is being written.
const CAP_BESIDE_OPEN: Duration = Duration::from_secs(10);

/// How long an open file waits for the next write.
const STALLED: Duration = Duration::from_secs(5);

/// A change of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is being written, and a [`Change::Complete`] will follow.
    Open,
    /// Closed after writing, or moved into place as a whole.
    Complete,
    /// Removed, or changed in a way whose end is not reported.
    Unsettled,
    /// Times, owners or permissions changed; the bytes may be the same.
    Touched,
}

/// See the [module](self).
#[derive(Default)]
pub struct Batch {
    /// Files that are being written, with the time of the last write.
    open: BTreeMap<PathBuf, Instant>,
    complete: BTreeSet<PathBuf>,
    unsettled: BTreeSet<PathBuf>,
    /// The times of the first and the last event about a path that is not open.
    span: Option<(Instant, Instant)>,
}

impl Batch {
    /// Whether the path has changed already.
    pub fn holds(&self, path: &Path) -> bool {
        self.open.contains_key(path) || self.complete.contains(path) || self.unsettled.contains(path)
    }

    pub fn note(&mut self, path: PathBuf, change: Change, at: Instant) {
        let change = match change {
            Change::Touched if self.open.contains_key(&path) => Change::Open,
            Change::Touched if self.unsettled.contains(&path) => Change::Unsettled,
            Change::Touched => Change::Complete,
            known => known,
        };
        self.open.remove(&path);
        self.complete.remove(&path);
        self.unsettled.remove(&path);
        match change {
            Change::Open => {
                self.open.insert(path, at);
                if self.complete.is_empty() && self.unsettled.is_empty() {
                    self.span = None;
                }
                return;
            }
            Change::Unsettled => self.unsettled.insert(path),
            Change::Complete | Change::Touched => self.complete.insert(path),
        };
        self.span = Some((self.span.map_or(at, |(first, _)| first), at));
    }

    /// The time at which the changes are ripe if nothing else happens; `None`: there are none.
    pub fn ripe_at(&self) -> Option<Instant> {
        let Some((first, last)) = self.span else {
            return self.open.values().min().map(|written| *written + STALLED);
        };
        let ripe = match (self.open.is_empty(), self.unsettled.is_empty()) {
            (true, true) => last + SILENCE,
            (true, false) => (first + GATHER).max(last + SILENCE),
            (false, _) if self.all_beside_open() => return Some(first + CAP_BESIDE_OPEN),
            (false, _) => first + CAP,
        };
        Some(ripe.min(first + CAP))
    }

    /// Whether each change is in the folder of an open file, or is that folder itself.
    fn all_beside_open(&self) -> bool {
        let folders: BTreeSet<&Path> = self.open.keys().filter_map(|path| path.parent()).collect();
        let is_beside =
            |path: &PathBuf| folders.contains(path.as_path()) || path.parent().is_some_and(|of| folders.contains(of));
        self.complete.iter().chain(&self.unsettled).all(is_beside)
    }

    /// Takes the ripe changes. Files that are being written stay.
    pub fn take(&mut self, now: Instant) -> Vec<PathBuf> {
        self.span = None;
        let mut ripe = std::mem::take(&mut self.complete);
        ripe.append(&mut self.unsettled);
        let open = std::mem::take(&mut self.open).into_iter();
        let (stalled, open): (BTreeMap<_, _>, _) = open.partition(|(_, written)| *written + STALLED <= now);
        self.open = open;
        ripe.extend(stalled.into_keys());
        ripe.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Change::{Complete, Open, Touched, Unsettled};

    /// Events as (milliseconds, path, change); the time at which they are ripe, and the paths that are then taken.
    fn ripe(events: &[(u64, &str, Change)]) -> (u64, Vec<String>) {
        let start = Instant::now();
        let mut batch = Batch::default();
        for (at, path, change) in events {
            batch.note(PathBuf::from(path), *change, start + Duration::from_millis(*at));
        }
        let at = batch.ripe_at().unwrap();
        let taken = batch.take(at).iter().map(|path| path.display().to_string()).collect();
        ((at - start).as_millis() as u64, taken)
    }

    #[test]
    fn a_save_is_ripe_after_a_short_silence() {
        assert_eq!(ripe(&[(0, "a", Open), (3, "a", Complete)]), (28, vec!["a".into()]));
        assert_eq!(ripe(&[(0, "a", Open), (3, "a", Complete), (4, "a", Touched)]).0, 29);
    }

    #[test]
    fn what_vanishes_may_come_back_and_is_waited_for() {
        assert_eq!(ripe(&[(0, "a", Unsettled)]).0, 100);
        assert_eq!(ripe(&[(0, "a", Unsettled), (5, "a", Open), (9, "a", Complete)]).0, 34);
        assert_eq!(ripe(&[(0, "a", Unsettled), (90, "b", Unsettled)]).0, 115);
    }

    #[test]
    fn changes_that_never_end_are_ripe_at_the_cap() {
        let events: Vec<_> = (0..60).map(|n| (n * 10, "a", Complete)).collect();
        assert_eq!(ripe(&events).0, 500);
        let events: Vec<_> = (0..60).map(|n| (n * 10, "a", Unsettled)).collect();
        assert_eq!(ripe(&events).0, 500);
    }

    #[test]
    fn a_file_that_is_being_written_waits_until_it_is_closed() {
        assert_eq!(ripe(&[(0, "a", Open), (60_000, "a", Open), (60_001, "a", Complete)]).0, 60_026);
        assert_eq!(ripe(&[(0, "a", Open), (10, "a", Touched)]), (5_010, vec!["a".into()]), "its writer hangs");
    }

    #[test]
    fn a_file_that_is_being_written_holds_back_its_folder_only() {
        let copied = [(0, "item", Unsettled), (1, "item/1", Open), (900, "item/1", Complete), (901, "item/2", Open)];
        assert_eq!(ripe(&copied).0, 10_000);
        let elsewhere = [(0, "item/1", Open), (10, "b", Open), (20, "b", Complete)];
        assert_eq!(ripe(&elsewhere), (520, vec!["b".into()]));
    }

    #[test]
    fn what_is_taken_is_gone() {
        let mut batch = Batch::default();
        let now = Instant::now();
        batch.note("a".into(), Complete, now);
        batch.note("b".into(), Open, now);
        assert_eq!(batch.take(now), [PathBuf::from("a")]);
        assert!(batch.holds(Path::new("b")) && !batch.holds(Path::new("a")));
        batch.note("b".into(), Complete, now);
        assert_eq!(batch.take(now), [PathBuf::from("b")]);
        assert_eq!(batch.ripe_at(), None);
    }
}
