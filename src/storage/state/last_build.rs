//! How the last build ended, and what a deploy must know of that build beyond the records of its files.

use super::withdrawn::Withdrawn;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The end of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BuildEnd {
    /// Everything was built.
    Complete,
    /// Some files or items were left out, because they could not be built.
    WithFailures,
    /// Documents name images that a later build is to make: a preview.
    Deferred,
    /// A strict build wrote nothing.
    Refused,
    /// An error ended it.
    Failed,
    /// Somebody ended it.
    Interrupted,
}

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBuild {
    pub end: BuildEnd,
    /// The commit of the project's repository that was checked out.
    pub commit: Option<String>,
    /// The files and folders that could not be built, by their paths below the content folder.
    pub failed: BTreeSet<String>,
    /// Ids of images that lie in the output, and that no document names: their masters cannot be read now.
    pub unnamed: BTreeSet<String>,
    pub withdrawn: Withdrawn,
}

impl LastBuild {
    /// A build that published nothing.
    pub fn without_result(end: BuildEnd) -> LastBuild {
        LastBuild {
            end,
            commit: None,
            failed: BTreeSet::new(),
            unnamed: BTreeSet::new(),
            withdrawn: Withdrawn::default(),
        }
    }

    /// Whether something at `path`, a folder of the site, could not be built. Folders of the site have the names of
    /// those in the content.
    pub fn has_failed(&self, path: &str) -> bool {
        let is_above = |above: &str, below: &str| {
            below.strip_prefix(above).is_some_and(|rest| above.is_empty() || rest.is_empty() || rest.starts_with('/'))
        };
        self.failed.iter().any(|failed| is_above(failed, path) || is_above(path, failed))
    }
}
