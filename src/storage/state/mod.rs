//! What earlier builds made, and of what: the reason why nothing is done twice, and the only list of what may be
//! removed.
//!
//! One record per image and one per page of the site, in an SQLite file below `.iiif-build/`, one for each output
//! folder. Records are written as soon as what they speak of is in its place. The journal is not flushed to the disk
//! each time: what a killed process wrote is still there. After a power cut it may not be; then everything made since
//! the last flush is checked by its digest before it is believed.

mod history;
mod lock;
mod record;
mod refused;
mod store;

pub use history::{Edition, History};
pub use lock::Lock;
pub use record::{DocumentRecord, Image2LinksRecord, ImageRecord, Made, Published};

use crate::error::{Error, Result};
use crate::storage::output::{Directory, resolved};
use refused::Refused;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Run, Store};

/// Where a project keeps its state.
pub const FOLDER: &str = ".iiif-build";

/// Everything that is known of an output folder.
#[derive(Debug, Default)]
pub struct PreviousBuild {
    /// By image id.
    pub images: BTreeMap<String, ImageRecord>,
    /// By image id.
    pub image2_links: BTreeMap<String, Image2LinksRecord>,
    /// By the path of the folder whose documents they are.
    pub documents: BTreeMap<String, DocumentRecord>,
    /// Empty where nobody wants to be told.
    pub history: History,
    /// The last build did not come to its end.
    pub is_unfinished: bool,
    /// Of what was made last. Whatever is made between two flushes is of one generation.
    pub generation: u32,
    /// The machine went down since: images made from this generation on, and any document, may not have reached the
    /// disk.
    pub doubtful_from: Option<u32>,
    /// Nobody made sure that it has, but by now that costs little.
    pub is_flush_due: bool,
}

/// See the [module](self). Opened by one build at a time.
pub struct State {
    store: Mutex<Store>,
    path: PathBuf,
    lock: Lock,
    generation: AtomicU32,
    has_begun: AtomicBool,
}

impl State {
    /// Opens what is known of `output`, as built from the project in `root`, and keeps other builds from it. Answers a
    /// warning too if it cannot be used and all is built anew.
    pub fn open(root: &Path, output: &Path) -> Result<(State, PreviousBuild, Option<String>)> {
        let folder = root.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| Error::output(&folder, error))?;
        let name = name(root, output);
        let lock = Lock::take(
            &folder.join(format!("{name}.lock")),
            "another build of this output is running",
            "wait until it has ended, or choose another folder with --output",
        )?;
        let path = folder.join(format!("{name}.sqlite"));
        let open = || Store::open(&path, &Run::now(&path));
        let mut warning = None;
        let (store, known) = match open() {
            Err(why) if !why.is_of_the_system() => {
                let aside = store::put_aside(&path).map_err(|error| Error::output(&path, error))?;
                warning = Some(format!(
                    "{}: {why}; it is put aside as {}, everything is built anew, and files that nobody asks for any more stay",
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
        Ok((State { store, path, lock, generation, has_begun }, known, warning))
    }

    /// Notes that a build begins, and what it is going to make: what is here and has not been made by the end of it
    /// was not finished.
    pub fn begin(&self, images: &[(String, ImageRecord)], documents: &[(String, DocumentRecord)]) -> Result<()> {
        self.has_begun.store(true, Ordering::SeqCst);
        self.told(self.store().begin(self.generation(), images, documents, &Run::now(&self.path)))
    }

    /// An image's files are in their place.
    pub fn image(&self, id: &str, record: &ImageRecord) -> Result<()> {
        self.told(self.store().image(id, record))
    }

    /// Twins are in their place, or about to be made; `None`: they are gone.
    pub fn image2_links(&self, records: &[(String, Option<Image2LinksRecord>)]) -> Result<()> {
        self.told(self.store().image2_links(records))
    }

    /// Documents are in their place; `None`: they are gone.
    pub fn documents(&self, records: &[(String, Option<DocumentRecord>)]) -> Result<()> {
        self.told(self.store().documents(records))
    }

    /// Images and all their files are gone.
    pub fn forget_images(&self, ids: &[String]) -> Result<()> {
        self.told(self.store().forget_images(ids))
    }

    /// Waits until all that was made so far has reached the disk.
    pub fn flush(&self, directory: &Directory) -> Result<()> {
        // What is made from now on belongs to the next generation: the flush may miss it.
        let generation = self.generation.fetch_add(1, Ordering::SeqCst);
        directory.flush()?;
        self.told(self.store().flushed(generation))
    }

    /// The build came to its end; `is_whole`: everything that was doubtful has been checked.
    pub fn finish(&self, is_whole: bool) -> Result<()> {
        if self.has_begun.load(Ordering::SeqCst) { self.told(self.store().finish(is_whole)) } else { Ok(()) }
    }

    /// Of what is made now.
    pub fn generation(&self) -> u32 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Held by this build and by whoever else still writes for it.
    pub fn lock(&self) -> &Lock {
        &self.lock
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told<T>(&self, done: std::result::Result<T, Refused>) -> Result<T> {
        done.map_err(|why| why.into_error(&self.path))
    }
}

/// What was published into `output` by the last build from `root`, if anything is known of it.
pub fn is_known(root: &Path, output: &Path) -> bool {
    root.join(FOLDER).join(format!("{}.sqlite", name(root, output))).is_file()
}

/// The output folder as the name of a file: relative to the project where it lies in it, so that a project can move.
fn name(root: &Path, output: &Path) -> String {
    let (root, output) = (resolved(root), resolved(output));
    let relative = output.strip_prefix(&root).unwrap_or(&output).to_string_lossy().into_owned();
    percent_encoding::utf8_percent_encode(&relative, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::SitePath;
    use crate::model::{Activity, Change, Moment};
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
        state.finish(true).unwrap();
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
        state.happened(&[activity(Change::Create, early)], &[(key.clone(), Some(edition(1, early)))]).unwrap();
        state.happened(&[activity(Change::Update, late)], &[(key.clone(), Some(edition(2, late)))]).unwrap();
        assert_eq!(state.activities(1, 9).unwrap(), [activity(Change::Update, late)]);
        state.leave_history().unwrap();
        drop(state);
        let (state, known, _) = open(root.path());
        let history = known.history;
        assert_eq!((history.length, history.began, history.ended), (2, Some(early), Some(late)));
        assert_eq!((history.editions[&key], history.has_gap), (edition(2, late), true));
        state.happened(&[], &[("../../etc/passwd".into(), Some(edition(1, early)))]).unwrap();
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
