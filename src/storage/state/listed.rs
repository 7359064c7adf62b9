//! Writes the list of all records into the output that they are about ([`SiteList`]).
//!
//! The records are noted first, then the list, then files are made. At the end of a build the list gets a digest of the
//! records: of the bytes of all images, and of everything that documents were made from but the times of files. Another
//! state of the same site has another digest, although it has the same files.

use super::record::{DocumentRecord, Image2LinksRecord, ImageRecord};
use super::refused::Refused;
use super::store::{self, DOCUMENTS, IMAGES, IMAGES_2, Store};
use super::{Adopted, PreviousBuild, State};
use crate::error::{Error, Result};
use crate::storage::fingerprint::{Hash, Hasher};
use crate::storage::ownership::{self, Entry, Head, Known, SiteList, Written, write_lines};
use parking_lot::Mutex;
use serde::Serialize;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering;

impl PreviousBuild {
    /// What the records say about the output.
    pub fn known(&self) -> Known {
        Known {
            has_records: !self.images.is_empty() || !self.documents.is_empty(),
            lists: self.lists.clone(),
            is_doubtful: self.doubtful_from.is_some(),
        }
    }
}

impl State {
    /// Notes records of files that only the list in the output names.
    pub fn adopt(&self, adopted: &Adopted) -> Result<()> {
        self.begin(&adopted.images, &adopted.documents)?;
        self.image2_links(&adopted.links)
    }

    /// Notes that all files must be checked, until a whole build has done so.
    pub fn doubt(&self) -> Result<()> {
        self.with_store(Store::doubt)
    }

    /// Whether a record was written or removed since the state was opened.
    fn has_changed(&self) -> bool {
        self.has_changed.load(Ordering::SeqCst)
    }

    /// Writes the list of all records into `output`, unless it is there. `is_complete`: the files are as the records say.
    fn publish_list(&self, output: &Path, head: &Head, is_complete: bool) -> Result<()> {
        let path = output.join(ownership::FILE);
        let before = SiteList::hash(output)?;
        let publish = |store: &mut Store| -> store::Result<()> {
            let mut hasher = Hasher::new();
            write_list(store, head, is_complete, &mut hasher)?;
            let hash = Hash::from(&hasher.finalize());
            if before == Some(hash) {
                return Ok(());
            }
            let list = Written::new(output, |out| write_list(store, head, is_complete, out))?;
            store.note_list(hash, before)?;
            Ok(list.publish()?)
        };
        publish(&mut self.store.lock()).map_err(|why| match why {
            Refused::List(error) => Error::output(&path, error),
            why => why.into_error(&self.path),
        })
    }
}

/// The list in the output while a build runs.
pub struct RunningList<'a> {
    state: &'a State,
    output: &'a Path,
    head: Head,
    /// The list in the output is that of this build, which is not complete.
    is_open: Mutex<bool>,
}

impl<'a> RunningList<'a> {
    /// The list of `state` in `output`, of the site that `head` names.
    pub fn new(state: &'a State, output: &'a Path, head: Head) -> RunningList<'a> {
        RunningList { state, output, head, is_open: Mutex::new(false) }
    }

    /// Notes that files change from now on. Called before each change; only the first one writes.
    pub fn open(&self) -> Result<()> {
        let mut is_open = self.is_open.lock();
        if !*is_open {
            self.state.publish_list(self.output, &self.head, false)?;
            *is_open = true;
        }
        Ok(())
    }

    /// Lists new files, whose records have been noted, before they are made.
    pub fn extend(&self) -> Result<()> {
        let mut is_open = self.is_open.lock();
        self.state.publish_list(self.output, &self.head, false)?;
        *is_open = true;
        Ok(())
    }

    /// Notes that all files are as the records say.
    pub fn close(&self) -> Result<()> {
        let is_open = std::mem::replace(&mut *self.is_open.lock(), false);
        if is_open || self.state.has_changed() || !self.output.join(ownership::FILE).is_file() {
            self.state.publish_list(self.output, &self.head, true)?;
        }
        Ok(())
    }
}

fn write_list(store: &Store, head: &Head, is_complete: bool, out: &mut dyn Write) -> store::Result<()> {
    let mut digest = Hasher::new();
    write_lines(out, head, |add| {
        store.each(IMAGES, |id, record: ImageRecord| {
            hash(&mut digest, &(&id, record.made.map(|made| (made.digest, made.published))));
            Ok(add(Entry::Image(id.into()))?)
        })?;
        store.each(IMAGES_2, |id, record: Image2LinksRecord| {
            hash(&mut digest, &(&id, record.of));
            Ok(add(Entry::Image2(id.into()))?)
        })?;
        store.each(DOCUMENTS, |key, record: DocumentRecord| {
            // Of the site's own pages, static files and feeds only the paths are the same in each copy of a project.
            let prints =
                [&record.documents, &record.pages].map(|print| print.as_ref().filter(|_| !key.starts_with('.')));
            hash(&mut digest, &(&key, prints.map(|print| print.map(|print| print.without_times())), &record.files));
            record.files.into_iter().try_for_each(|file| Ok(add(Entry::File(file.into()))?))
        })?;
        match is_complete {
            true => Ok(add(Entry::Records(Hash::from(&digest.finalize()).hex().into()))?),
            false => Ok(()),
        }
    })
}

fn hash(digest: &mut Hasher, value: &impl Serialize) {
    // A hasher accepts everything, and nothing that is hashed here is of unknown length.
    let done = postcard::to_io(value, digest);
    debug_assert!(done.is_ok(), "a record cannot be hashed");
}
