//! Whether a build was made on what the target shows now, or on something older: then a deploy would take back what
//! somebody else published, or show again what somebody withdrew.
//!
//! A build is up to date if this copy of the project made or saw the last publication, or if its commit comes after the
//! one that was published. If neither is known, as in a copy without records and without Git, its files decide: it is
//! stale if it puts a version that the target had before, or removes an item.

use super::artifact::Artifacts;
use super::lineage::Lineage;
use super::publication::{Publication, image_id, is_manifest};
use super::publication_log::PublicationLog;
use crate::error::{Error, ErrorKind};
use crate::storage::state::Withdrawn;

/// How many files are named.
const MAX_NAMED: usize = 5;

/// A build, and the target that it was built for.
pub struct Comparison<'a> {
    /// What was published last.
    pub published: &'a Publication,
    pub lineage: Lineage,
    pub log: &'a PublicationLog,
    pub live: &'a Artifacts,
    pub goal: &'a Artifacts,
    /// What this build withholds.
    pub withdrawn: &'a Withdrawn,
    /// Somebody said that items or images go.
    pub may_remove: bool,
}

impl Comparison<'_> {
    /// The refusal, if the build is stale.
    pub fn refusal(&self) -> Option<Error> {
        let taken_back = match self.lineage {
            Lineage::Descends => return None,
            Lineage::Differs | Lineage::Unknown => self.taken_back(),
        };
        if self.lineage == Lineage::Unknown && taken_back.is_empty() {
            return None;
        }
        let count = taken_back.len();
        let named = taken_back.iter().take(MAX_NAMED).map(|path| (*path).as_str()).collect::<Vec<_>>().join(", ");
        let what = match count {
            0 => String::new(),
            1..=MAX_NAMED => format!("; it would take back {named}"),
            _ => format!("; it would take back {count} changes, such as {named}"),
        };
        let published = self.published.in_words();
        let message = format!("this build was not made on what is published there since {published}{what}");
        Some(Error::new(ErrorKind::Output, message).with_hint(
            "bring your copy of the project up to date (`git pull`), build, and deploy again; --from-stale publishes \
             this build all the same",
        ))
    }

    /// The paths of what the deploy would take back: earlier versions, withdrawn content and removed items.
    fn taken_back(&self) -> Vec<&String> {
        let Comparison { log, live, goal, withdrawn, may_remove, .. } = *self;
        let had_before = log.had_before();
        let restored =
            goal.iter().filter(|(path, artifact)| live.get(*path) != Some(*artifact) && had_before(path, artifact));
        let removed = live.iter().filter(|(path, artifact)| {
            let is_counted = is_manifest(path) || image_id(path, artifact).is_some();
            !may_remove && is_counted && !goal.contains_key(*path) && !withdrawn.holds(path)
        });
        restored.chain(removed).map(|(path, _)| path).collect()
    }
}
