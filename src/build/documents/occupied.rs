//! Documents whose places somebody else's files occupy: they are left out, reported, and not recorded as ours.

use crate::build::run::Run;
use crate::model::address::SitePath;
use crate::storage::state::DocumentRecord;
use std::path::PathBuf;

/// A document that is left out, and the file that is in its place.
pub type Occupied = (SitePath, PathBuf);

/// Takes from `record` the files whose places are occupied, and returns them. `before`: the record of the last build.
pub fn take(record: &mut DocumentRecord, before: Option<&DocumentRecord>, run: &Run<'_>) -> Vec<Occupied> {
    let mut occupied = vec![];
    record.files.retain(|file| {
        let is_recorded = before.is_some_and(|before| before.files.contains(file));
        let path = SitePath::root().join(file);
        let place = if is_recorded { None } else { run.occupant(&path) };
        let is_free = place.is_none();
        occupied.extend(place.map(|place| (path, place)));
        is_free
    });
    occupied
}
