//! The changes and the costs of a deploy, counted before it begins.
//!
//! Prices are Amazon's list prices for us-east-1: a writing request to S3 Standard, and a path of an invalidation.
//! Deletions are free. Storage and traffic are billed by the month and not counted here.
//!
//! <https://aws.amazon.com/s3/pricing/>,
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PayingForInvalidation.html>

use super::artifact::{Artifacts, Selection};
use super::deletion::BATCH;
use super::deployed::Deployed;
use super::order::{Phase, by_priority};
use super::verify::Verified;
use crate::error::Error;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The price of a writing request, in millionths of a dollar.
const REQUEST_PRICE: u64 = 5;

/// Invalidation paths that are free each month, for all distributions of an account together.
pub const FREE_PATHS: u64 = 1000;

/// The price of each further path.
pub const PATH_PRICE: &str = "$0.005";

/// See the [module](self).
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// The files that are put, by kind.
    pub put: BTreeMap<Phase, Count>,
    /// Files that are overwritten and that a rollback needs: they are copied within the target.
    pub copied: u64,
    /// Files that the site no longer uses and whose grace period is over.
    pub due: u64,
    /// The number of them that were deleted.
    pub deleted: u64,
    /// Files among those due that were withdrawn on purpose: they are deleted at once, whatever the grace period.
    pub withdrawn: u64,
    /// Files that will be deleted when their grace period is over.
    pub waiting: u64,
    /// More files are due to be deleted than the target allows. None was deleted but those that were withdrawn.
    pub is_too_many: bool,
    /// The result of [`Options::verify`](super::Options::verify).
    pub verified: Option<Verified>,
    /// The paths of the files and image folders that are put, below the site's root.
    pub changed: Vec<String>,
    /// The paths that CloudFront must invalidate.
    pub stale: Vec<String>,
    /// Things that are most likely wrong, in words.
    pub warnings: Vec<String>,
    /// Files that no deploy put there, and that a first deploy writes over.
    pub written_over: Vec<String>,
    /// Why CloudFront did not accept them. The next deploy sends them again.
    pub refused: Option<Arc<Error>>,
}

/// A number of files, and the sum of their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub files: u64,
    pub bytes: u64,
}

impl Report {
    /// Counts the artifacts `due`. All files that the site no longer uses are counted as waiting.
    pub(super) fn of(due: &Selection<'_>, copies: &Artifacts, ended: &Deployed, site: &Artifacts) -> Report {
        let mut put = BTreeMap::<Phase, Count>::new();
        for ((phase, ..), group) in by_priority(due) {
            let count = put.entry(phase).or_default();
            for (path, artifact) in group {
                count.files += artifact.files(path).len() as u64;
                count.bytes += artifact.bytes();
            }
        }
        let public = ended.tombstones.iter().filter(|tombstone| !tombstone.is_private());
        let waiting = public.map(|tombstone| tombstone.leftover(site).len() as u64).sum();
        let copied = copies.iter().map(|(path, artifact)| artifact.files(path).len() as u64).sum();
        let changed = due.iter().map(|(path, _)| (*path).clone()).collect();
        Report { put, copied, waiting, changed, ..Report::default() }
    }

    /// The number of files that are put.
    pub fn files(&self) -> u64 {
        self.put.values().map(|count| count.files).sum()
    }

    /// The bytes of the files that are put.
    pub fn bytes(&self) -> u64 {
        self.put.values().map(|count| count.bytes).sum()
    }

    /// The number of writing requests: the files, copies of files that they replace, two or three states with a pointer
    /// to each, the last pointer, and deletions in batches. Large files need more; deletions of old states are not
    /// counted.
    pub fn requests(&self) -> u64 {
        let deletions = if self.is_too_many { self.withdrawn } else { self.due };
        match (self.files(), deletions) {
            (0, 0) => 0,
            (files, 0) => files + self.copied + 5,
            (files, due) => files + self.copied + 7 + due.div_ceil(BATCH as u64),
        }
    }
    /// The price of the writing requests, in words.
    pub fn price(&self) -> String {
        price_of(self.requests())
    }
}

fn price_of(requests: u64) -> String {
    let cents = requests.saturating_mul(REQUEST_PRICE).div_ceil(10_000);
    match cents {
        0 => "nothing".to_owned(),
        1 => "at most $0.01".to_owned(),
        _ => format!("about ${}.{:02}", cents / 100, cents % 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_requests_cost_five_dollars() {
        assert_eq!([0, 1, 2001, 1_000_000].map(price_of), ["nothing", "at most $0.01", "about $0.02", "about $5.00"]);
    }
}
