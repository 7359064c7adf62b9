//! The records of earlier builds. Because of them nothing is made twice. They are the only list of files that may be
//! removed.
//!
//! There is one record per image and one per page of the site, in an SQLite file below `.iiif-build/`, one file for
//! each output folder. A record is written as soon as the files that it is about are in their place. The journal is not
//! flushed to the disk each time. After a killed process its writes are still there; after a power cut they may be
//! lost. Then everything made since the last flush is checked by its digest before it is used.
//!
//! - **Killed process.** Images and documents are whole, `.partial-` names lie beside them, and the records are behind
//!   the tree or equal to it, never ahead. The next build sees that the last one did not end, removes unfinished files,
//!   and makes everything that has no record. `tests/suite/crash/` kills builds.
//! - **Power cut.** A generation of files ends with each flush of the output (`syncfs`, once a minute while images are
//!   made). If the machine went down since the last build, images of later generations are checked by their digest and
//!   all documents are compared, until one whole build has done so. A state file that was copied from another machine
//!   has no such past.
//! - **Portable.** The state holds no absolute path, so that project, output and `.iiif-build/` can be carried to
//!   another machine together, as CI caches do. It names published files, and nothing that is withheld.
//! - **SQLite, not `redb`.** SQLite's journal survives the death of the process without a flush; processes die about a
//!   hundred times as often as power fails. `redb` flushes with each commit or forgets. Archivists can read an SQLite
//!   file with common tools.

mod copy;
mod history;
mod last_build;
mod listed;
mod record;
mod refused;
mod store;
mod withdrawn;

pub use crate::storage::ownership::FOLDER;
pub use copy::{ReadRecords, RecordsCopy};
pub use last_build::{BuildEnd, LastBuild};
pub use listed::RunningList;
pub use record::{
    Adopted, DocumentRecord, Edition, History, Image2LinksRecord, ImageRecord, Made, PreviousBuild, Published, Snapshot,
};
pub use withdrawn::Withdrawn;

use crate::error::{Error, ErrorKind, Result};
use crate::model::Activity;
use crate::storage::lock::Lock;
use crate::storage::output::Directory;
use crate::storage::ownership::resolved;
use parking_lot::Mutex;
use refused::Refused;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use store::{Run, Store};

/// See the [module](self). One build at a time has it open.
pub struct State {
    store: Mutex<Store>,
    path: PathBuf,
    lock: Lock,
    generation: AtomicU32,
    has_begun: AtomicBool,
    /// A record was written or removed.
    has_changed: AtomicBool,
}

impl State {
    /// Opens the state of `output`, as built from the project in `root`, and keeps other builds from it. Also returns
    /// the records of earlier builds, and a warning if the state file cannot be used and everything must be built anew.
    ///
    /// # Errors
    /// Another build of this output is running, or the system refuses to write the state file.
    pub fn open(root: &Path, output: &Path) -> Result<(State, PreviousBuild, Option<String>)> {
        let folder = root.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| Error::output(&folder, error))?;
        let name = name(root, output);
        let lock = take_lock(&folder, &name)?;
        let path = folder.join(format!("{name}.sqlite"));
        let open = || {
            let (store, mut known) = Store::open(&path, &Run::now(&path))?;
            known.history = store.history()?;
            Ok::<_, Refused>((store, known))
        };
        let mut warning = None;
        let (store, known) = match open() {
            Err(why) if !why.is_of_the_system() => {
                let aside = store::put_aside(&path).map_err(|error| Error::output(&path, error))?;
                warning = Some(format!(
                    "{}: {why}; it is put aside as {}, and everything is built anew",
                    path.display(),
                    aside.display()
                ));
                open()
            }
            opened => opened,
        }
        .map_err(|why| why.into_error(&path))?;
        let generation = AtomicU32::new(known.generation.saturating_add(1));
        let (store, has_begun) =
            (Mutex::new(store), AtomicBool::new(known.is_unfinished || known.doubtful_from.is_some()));
        let has_changed = AtomicBool::new(false);
        Ok((State { store, path, lock, generation, has_begun, has_changed }, known, warning))
    }

    /// Notes that a build begins, with the records of the files that it is going to make. A record of these that is not
    /// replaced later is about unfinished files.
    pub fn begin(&self, images: &[(String, ImageRecord)], documents: &[(String, DocumentRecord)]) -> Result<()> {
        self.has_begun.store(true, Ordering::SeqCst);
        self.change(|store| store.begin(self.generation(), images, documents, &Run::now(&self.path)))
    }

    /// Notes that the files of an image are in their place.
    pub fn image(&self, id: &str, record: &ImageRecord) -> Result<()> {
        self.change(|store| store.image(id, record))
    }

    /// Notes that links are in their place, or about to be made, or (`None`) gone.
    pub fn image2_links(&self, records: &[(String, Option<Image2LinksRecord>)]) -> Result<()> {
        self.change(|store| store.image2_links(records))
    }

    /// Notes that documents are in their place, or (`None`) gone.
    pub fn documents(&self, records: &[(String, Option<DocumentRecord>)]) -> Result<()> {
        self.change(|store| store.documents(records))
    }

    /// What was published of the item or collection in `folder`, as [`State::put_snapshots`] got it. `None`: nothing, or its
    /// documents, which are `recorded`, were made again since.
    pub fn snapshot(&self, folder: &str, recorded: &DocumentRecord) -> Result<Option<Vec<u8>>> {
        let found = self.with_store(|store| store.snapshot(folder))?;
        let is_of_them = |of: i64| recorded.documents.is_none() || of.cast_unsigned() == Snapshot::of(recorded);
        Ok(found.filter(|(of, _)| is_of_them(*of)).map(|(_, bytes)| bytes))
    }

    /// Notes what is published of items and collections, by their folders. Those of folders without documents are removed.
    pub fn put_snapshots(&self, snapshots: &mut dyn Iterator<Item = Snapshot>) -> Result<()> {
        self.with_store(|store| store.put_snapshots(snapshots))
    }

    /// Notes that images and all their files are gone.
    pub fn forget_images(&self, ids: &[String]) -> Result<()> {
        self.change(|store| store.forget_images(ids))
    }

    /// At most `most` activities of the history, without the `first` ones.
    pub fn activities(&self, first: u64, most: u64) -> Result<Vec<Activity>> {
        self.with_store(|store| store.activities(first, most))
    }

    /// Adds `activities` to the history, with the new editions of documents, `None` for one that is gone. Closes a gap. All
    /// of it or nothing is written.
    pub fn add_activities(&self, activities: &[Activity], editions: &[(String, Option<Edition>)]) -> Result<()> {
        self.with_store(|store| store.add_activities(activities, editions))
    }

    /// Notes that no history is kept from now on.
    pub fn note_history_gap(&self) -> Result<()> {
        self.with_store(Store::note_gap)
    }

    /// Waits until all files that were made so far have reached the disk.
    pub fn flush(&self, directory: &Directory<'_>) -> Result<()> {
        // Files that are made from now on belong to the next generation: the flush may miss them.
        let generation = self.generation.fetch_add(1, Ordering::SeqCst);
        directory.flush()?;
        self.with_store(|store| store.flushed(generation))
    }

    /// Notes that the build came to its end, and how. `is_whole`: everything that was doubtful has been checked.
    pub fn finish(&self, is_whole: bool, last: &LastBuild) -> Result<()> {
        match self.has_begun.load(Ordering::SeqCst) {
            true => self.with_store(|store| store.finish(is_whole, last)),
            false => self.with_store(|store| store.note_last(last)),
        }
    }

    /// Notes the `end` of a build that published nothing, or not everything.
    pub fn note_end(&self, end: BuildEnd) -> Result<()> {
        self.with_store(|store| store.note_last(&LastBuild::without_result(end)))
    }

    /// Refuses if there are records of a build into `output`.
    pub fn check_unknown(root: &Path, output: &Path) -> Result<()> {
        if !is_known(root, output) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Output, "there are records of a build into this folder already")
            .with_path(output)
            .with_hint("build and deploy with them; or name another folder with --output"))
    }

    /// Makes the state of `output`, of which nothing is known, from a copy.
    ///
    /// # Errors
    /// Something is known of the output, or the system refuses to write.
    pub fn restore(root: &Path, output: &Path, copy: &RecordsCopy) -> Result<()> {
        State::check_unknown(root, output)?;
        let (state, ..) = State::open(root, output)?;
        state.with_store(|store| copy.restore(store, &Run::now(&state.path)))
    }

    /// The generation of the files that are made now.
    pub fn generation(&self) -> u32 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Held by this build and by the worker processes that write for it.
    pub fn lock(&self) -> &Lock {
        &self.lock
    }

    /// Changes records.
    fn change<T>(&self, act: impl FnOnce(&mut Store) -> store::Result<T>) -> Result<T> {
        self.has_changed.store(true, Ordering::SeqCst);
        self.with_store(act)
    }

    fn with_store<T>(&self, act: impl FnOnce(&mut Store) -> store::Result<T>) -> Result<T> {
        act(&mut self.store.lock()).map_err(|why| why.into_error(&self.path))
    }
}

/// The records of the builds of `output`, and a lock that keeps builds out. They are only read: an unusable file stays
/// as it is. `None`: nothing is known.
///
/// # Errors
/// A build is running, or the file cannot be used.
pub fn read(root: &Path, output: &Path) -> Result<Option<ReadRecords>> {
    if !is_known(root, output) {
        return Ok(None);
    }
    let (folder, name) = (root.join(FOLDER), name(root, output));
    let lock = take_lock(&folder, &name)?;
    let path = folder.join(format!("{name}.sqlite"));
    // A database can be converted, and its journal played back, only by writing. So a copy is read.
    let copy = || -> std::io::Result<_> {
        let copy = tempfile::tempdir()?;
        for (from, to) in [(path.clone(), STATE_COPY), (folder.join(format!("{name}.sqlite-wal")), STATE_COPY_JOURNAL)]
        {
            match fs::copy(from, copy.path().join(to)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(copy)
    };
    let copy = copy().map_err(|error| Error::read(ErrorKind::Output, &path, error))?;
    let (store, known) =
        Store::open(&copy.path().join(STATE_COPY), &Run::now(&path)).map_err(|why| why.into_error(&path))?;
    Ok(Some(ReadRecords { lock, known, store, path, _folder: copy }))
}

const STATE_COPY: &str = "state.sqlite";
const STATE_COPY_JOURNAL: &str = "state.sqlite-wal";

fn take_lock(folder: &Path, name: &str) -> Result<Lock> {
    Lock::take(
        &folder.join(format!("{name}.lock")),
        "another build of this output is running",
        "wait until it has ended, or choose another folder with --output",
    )
}

/// Whether anything is known of a build of the project in `root` into `output`.
pub fn is_known(root: &Path, output: &Path) -> bool {
    root.join(FOLDER).join(format!("{}.sqlite", name(root, output))).is_file()
}

/// The name of the state file of an output folder, from its path. The path is relative to the project if the folder is in
/// it, so that a project can be moved.
fn name(root: &Path, output: &Path) -> String {
    let (root, output) = (resolved(root), resolved(output));
    let relative = output.strip_prefix(&root).unwrap_or(&output).to_string_lossy().into_owned();
    percent_encoding::utf8_percent_encode(&relative, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::SitePath;
    use crate::model::{Change, Moment};
    use crate::storage::fingerprint::{Field, Fingerprint, Hash};

    fn record() -> DocumentRecord {
        let print = Fingerprint::default().with(Field::Description, "a");
        DocumentRecord { documents: Some(print.clone()), pages: Some(print), files: vec!["a/manifest.json".into()] }
    }

    fn open(root: &Path) -> (State, PreviousBuild, Option<String>) {
        let output = root.join("public");
        fs::create_dir_all(&output).unwrap();
        State::open(root, &output).unwrap()
    }

    #[test]
    fn what_was_written_is_known_again() {
        let root = tempfile::tempdir().unwrap();
        let (state, known, _) = open(root.path());
        assert!(known.documents.is_empty() && !known.is_unfinished);
        state.begin(&[], &[("a".into(), DocumentRecord::default())]).unwrap();
        drop(state);
        let (state, known, _) = open(root.path());
        assert!(known.is_unfinished);
        assert_eq!(known.documents["a"], DocumentRecord::default());
        state.documents(&[("a".into(), Some(record()))]).unwrap();
        state.finish(true, &LastBuild::without_result(BuildEnd::Complete)).unwrap();
        drop(state);
        let (_, known, warning) = open(root.path());
        assert_eq!((known.documents["a"].clone(), known.is_unfinished, warning), (record(), false, None));
    }

    #[test]
    fn a_damaged_file_is_replaced_with_a_word() {
        let root = tempfile::tempdir().unwrap();
        drop(open(root.path()));
        let file = root.path().join(".iiif-build/public.sqlite");
        fs::write(&file, "no database, but long enough to be taken for one".repeat(99)).unwrap();
        let (_, known, warning) = open(root.path());
        assert!(known.documents.is_empty());
        assert!(warning.is_some_and(|text| text.contains("built anew")));
    }

    #[test]
    fn what_happened_is_known_in_order_and_what_a_history_names_stays_in_the_site() {
        let root = tempfile::tempdir().unwrap();
        let (state, known, _) = open(root.path());
        assert_eq!((known.history.length, known.history.began), (0, None));
        let [early, late] = [1, 2].map(|second| Moment::from_seconds(second).unwrap());
        let path = SitePath::root().join("a/manifest.json");
        let activity = |change, time| Activity { change, path: path.clone(), time };
        let edition = |hash, updated| Edition { hash: Hash([hash; 16]), created: early, updated };
        let key = path.as_str().to_owned();
        state.add_activities(&[activity(Change::Create, early)], &[(key.clone(), Some(edition(1, early)))]).unwrap();
        state.add_activities(&[activity(Change::Update, late)], &[(key.clone(), Some(edition(2, late)))]).unwrap();
        assert_eq!(state.activities(1, 9).unwrap(), [activity(Change::Update, late)]);
        state.note_history_gap().unwrap();
        drop(state);
        let (state, known, _) = open(root.path());
        let history = known.history;
        assert_eq!((history.length, history.began, history.ended), (2, Some(early), Some(late)));
        assert_eq!((history.editions[&key], history.has_gap), (edition(2, late), true));
        state.add_activities(&[], &[("../../etc/passwd".into(), Some(edition(1, early)))]).unwrap();
        drop(state);
        let (_, known, warning) = open(root.path());
        assert!(known.history.editions.is_empty() && warning.is_some_and(|text| text.contains("damaged")));
    }

    #[test]
    fn a_second_build_is_kept_out() {
        let root = tempfile::tempdir().unwrap();
        let held = open(root.path());
        let error = State::open(root.path(), &root.path().join("public")).err().unwrap();
        assert!(error.message().contains("another build"), "{error}");
        drop(held);
        open(root.path());
    }
}
