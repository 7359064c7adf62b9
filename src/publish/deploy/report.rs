//! What a deploy does, counted before it does it.

use super::deletion::BATCH;
use super::deployed::Deployed;
use super::order::Phase;
use super::unit::{Unit, Units};
use super::upload::in_order;
use super::verify::Verified;
use crate::error::Error;
use std::collections::BTreeMap;
use std::sync::Arc;

/// See the [module](self).
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What is put, by kind.
    pub put: BTreeMap<Phase, Count>,
    /// Files that are written over and can be gone back to: so many copies are made within the target.
    pub copied: u64,
    /// Files whose grace time is over.
    pub due: u64,
    /// Of them, those that were deleted.
    pub deleted: u64,
    /// Files that will be deleted when their time is over.
    pub waiting: u64,
    /// More files are due to be deleted than is allowed: none was.
    pub is_too_many: bool,
    /// What was found in the target, if that was asked.
    pub verified: Option<Verified>,
    /// The paths of the units that are put.
    pub changed: Vec<String>,
    /// Paths that CloudFront is told of.
    pub stale: Vec<String>,
    /// Why it could not be. The next deploy tells it.
    pub refused: Option<Arc<Error>>,
}

/// Files and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub files: u64,
    pub bytes: u64,
}

impl Report {
    /// Of what is due. All that is left over waits.
    pub(super) fn of(due: &[(&String, &Unit)], copies: &Units, ended: &Deployed, site: &Units) -> Report {
        let mut put = BTreeMap::<Phase, Count>::new();
        for ((phase, ..), group) in in_order(due) {
            let count = put.entry(phase).or_default();
            for (path, unit) in group {
                count.files += unit.files(path).len() as u64;
                count.bytes += match unit {
                    Unit::File { bytes, .. } => *bytes,
                    Unit::Image(folder) | Unit::Twin(folder) => folder.bytes,
                };
            }
        }
        let public = ended.retired.iter().filter(|retired| !retired.is_private());
        let waiting = public.map(|retired| retired.leftover(site).len() as u64).sum();
        let copied = copies.iter().map(|(path, unit)| unit.files(path).len() as u64).sum();
        let changed = due.iter().map(|(path, _)| (*path).clone()).collect();
        Report { put, copied, waiting, changed, ..Report::default() }
    }

    pub fn files(&self) -> u64 {
        self.put.values().map(|count| count.files).sum()
    }

    pub fn bytes(&self) -> u64 {
        self.put.values().map(|count| count.bytes).sum()
    }

    /// Writing requests, without deletions of old states: the files, copies of what they replace, two or three states, a pointer to each and the last
    /// word, deletions in batches. Large files need more.
    pub fn requests(&self) -> u64 {
        let deletions = if self.is_too_many { 0 } else { self.due };
        match (self.files(), deletions) {
            (0, 0) => 0,
            (files, 0) => files + self.copied + 5,
            (files, due) => files + self.copied + 7 + due.div_ceil(BATCH as u64),
        }
    }
}
