//! Deletes files that the site no longer uses, when their grace period is over, and at once those that were withdrawn. They are deleted in the reverse order
//! of putting, so that no document outlives the files that it names.

use super::artifact::{Artifact, Artifacts, Selection};
use super::deployed::{Deployed, RollbackPoint, Tombstone, is_private};
use super::order::by_priority;
use super::session::Session;
use crate::build::progress::Observer;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::state::Withdrawn;
use crate::storage::store::{Store, failed, key};
use futures_util::{StreamExt, stream};
use object_store::ObjectStore;
use object_store::path::Path as Key;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// The number of deletions in one request to S3.
pub const BATCH: usize = 1000;

/// How long a request to delete is repeated, and the pauses in between.
const REPEATED_FOR: Duration = Duration::from_secs(180);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// The files to delete: those whose grace period is over or that were withdrawn, and that nothing else needs.
pub struct Deletions<'a> {
    pub tombstones: Vec<&'a Tombstone>,
    /// Files of artifacts whose grace period is not over, and copies that a rollback needs.
    spared: HashSet<String>,
    site: &'a Artifacts,
    withdrawn: &'a Withdrawn,
}

impl<'a> Deletions<'a> {
    /// Lists the files to delete by `ended`, the state of the target with `site`. `now` is in seconds since 1970.
    pub fn of(
        ended: &'a Deployed,
        site: &'a Artifacts,
        withdrawn: &'a Withdrawn,
        grace: Duration,
        now: i64,
    ) -> Deletions<'a> {
        let (tombstones, waiting): (Vec<&Tombstone>, Vec<&Tombstone>) =
            ended.tombstones.iter().partition(|one| withdrawn.holds(&one.path) || one.is_due(grace, now));
        let mut spared = HashSet::new();
        if !tombstones.is_empty() {
            let copies = ended.rollback_point.iter().flat_map(RollbackPoint::tombstones);
            spared.extend(waiting.iter().flat_map(|one| one.artifact.files(&one.path)));
            spared.extend(copies.flat_map(|one| one.artifact.files(&one.path)));
        }
        Deletions { tombstones, spared, site, withdrawn }
    }

    /// Only the files that were withdrawn, and those that readers cannot see.
    pub fn urgent(mut self) -> Deletions<'a> {
        self.tombstones.retain(|one| one.is_private() || self.withdrawn.holds(&one.path));
        self
    }

    pub fn is_empty(&self) -> bool {
        self.tombstones.is_empty()
    }

    /// The number of files that readers can see.
    pub fn public_files(&self) -> u64 {
        self.count(|one| !one.is_private())
    }

    /// The number of files that were withdrawn.
    pub fn withdrawn_files(&self) -> u64 {
        self.count(|one| self.withdrawn.holds(&one.path))
    }

    fn count(&self, is_counted: impl Fn(&Tombstone) -> bool) -> u64 {
        let counted = self.tombstones.iter().filter(|one| is_counted(one));
        counted.map(|one| self.files(&one.path, &one.artifact).count() as u64).sum()
    }

    fn files(&self, path: &str, artifact: &Artifact) -> impl Iterator<Item = String> {
        artifact.leftover(path, self.site).into_iter().filter(|file| !self.spared.contains(file))
    }
}

/// Deletes the files; one that is already gone counts as deleted. Returns the number of files that readers could see.
pub async fn delete(
    store: &Store,
    deletions: &Deletions<'_>,
    session: &mut Session<'_>,
    observer: &dyn Observer,
) -> Result<u64> {
    let mut deleted = 0;
    let artifacts: Selection<'_> = deletions.tombstones.iter().map(|one| (&one.path, &one.artifact)).collect();
    for group in by_priority(&artifacts).values().rev() {
        let mut files = group.iter().flat_map(|(path, artifact)| deletions.files(path, artifact)).peekable();
        while files.peek().is_some() {
            let batch: Vec<String> = files.by_ref().take(BATCH).collect();
            deleted += batch.iter().filter(|file| !is_private(file)).count() as u64;
            let batch: Vec<Key> = batch.iter().map(|file| key(file)).collect::<Result<_>>()?;
            delete_batch(store, &batch).await.map_err(|error| failed(&error))?;
            session.lease.keep().await?;
            if observer.is_cancelled() {
                let why = "interrupted; the site is whole, and the next deploy deletes what is left";
                return Err(Error::new(ErrorKind::Interrupted, why));
            }
        }
    }
    Ok(deleted)
}

/// Deletes files in one request. It is repeated while the connection is lost and the time for attempts is not over:
/// `object_store` repeats no POST whose answer did not come, but what is deleted twice is deleted.
async fn delete_batch(store: &Store, batch: &[Key]) -> object_store::Result<()> {
    let (end, mut pause) = (Instant::now() + REPEATED_FOR, FIRST_PAUSE);
    loop {
        let files: Vec<_> = batch.iter().cloned().map(Ok).collect();
        let mut answers = store.objects.delete_stream(stream::iter(files).boxed());
        let mut is_lost = false;
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(object_store::Error::Generic { .. }) if Instant::now() < end => is_lost = true,
                Err(error) => return Err(error),
            }
        }
        if !is_lost {
            return Ok(());
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::deploy::artifact::fixtures::image;
    use crate::storage::fingerprint::Hash;

    const IMAGE: &str = "iiif/3/a_1";

    fn tombstone(width: u32, since: i64) -> Tombstone {
        Tombstone { path: IMAGE.into(), artifact: image(width, 900), since }
    }

    fn deleted(ended: &Deployed) -> Vec<String> {
        let site = Artifacts::new();
        let withdrawn = Withdrawn::default();
        let deletions = Deletions::of(ended, &site, &withdrawn, Duration::from_secs(50), 101);
        deletions.tombstones.iter().flat_map(|one| deletions.files(&one.path, &one.artifact)).collect()
    }

    #[test]
    fn an_artifact_that_still_waits_keeps_the_files_that_it_shares_with_one_that_is_deleted() {
        let ended = Deployed { tombstones: vec![tombstone(900, 0), tombstone(901, 100)], ..Deployed::default() };
        let (gone, waiting) = (deleted(&ended), image(901, 900).files(IMAGE));
        assert!(!gone.is_empty() && gone.len() < image(900, 900).files(IMAGE).len());
        assert!(gone.iter().all(|file| !waiting.contains(file)), "{gone:?}");
    }

    #[test]
    fn copies_that_a_rollback_needs_stay_although_they_were_taken_for_leftovers() {
        let mut point = RollbackPoint::of(Hash([1; 16]), 100);
        point.copied.insert(IMAGE.into(), image(900, 900));
        let copies = point.tombstones();
        let copies: Vec<_> = copies.iter().flat_map(|one| one.artifact.files(&one.path)).collect();
        let leftover = copies.iter().map(|file| Tombstone::due(file.clone())).collect();
        let ended = Deployed { tombstones: leftover, rollback_point: Some(point), ..Deployed::default() };
        assert_eq!(deleted(&ended), Vec::<String>::new());
    }
}
