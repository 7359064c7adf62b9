//! The steps of every deploy: it reads the state of the target, takes the lease, writes into the target which files it
//! is about to change, and at the end which files are there.

use super::artifact::{Artifact, Artifacts};
use super::deployed::{self, Deployed, Tombstone};
use super::journal::{Journal, JournalHistory};
use super::pointer::{self, HeldLease, ReadPointer, forget, read_state, write_state};
use super::publication::{Publication, PublishedSite};
use super::records::PackedRecords;
use super::recovery::{Recovered, recover};
use super::rollback;
use super::unusable::Unusable;
use super::{built, inventory};
use crate::config::Target;
use crate::error::Result;
use crate::model::Moment;
use crate::storage::fingerprint::Hash;
use crate::storage::store::Store;
use std::time::{Duration, Instant};

/// A target, and its name in the project's settings.
#[derive(Debug, Clone, Copy)]
pub struct NamedTarget<'a> {
    pub name: &'a str,
    pub target: &'a Target,
}

/// The findings of a deploy: the state of the target, and the journal of the last deploy of this project.
pub struct TargetSnapshot {
    pub pointer: ReadPointer,
    /// The hash of `base`; `None` before the first deploy.
    pub state: Option<Hash>,
    pub base: Deployed,
    /// The target had no usable pointer; `base` was made of the states that lie there, the last of which was written
    /// then.
    pub recovered: Option<Moment>,
    /// Part of what the target noted about itself is lost: what is in `base` is certain, and there may be more.
    is_mended: bool,
    history: JournalHistory,
    /// The owner of the interrupted deploy that this one continues.
    continues: Option<String>,
}

/// What is done about a pointer or a state that cannot be used. A pointer that is not there needs no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    IsRefused,
    /// The target is looked at anew: the caller compares all of it.
    IsMended,
}

impl TargetSnapshot {
    /// # Errors
    /// Another deploy is still running after the time `wait`, or the state of the target cannot be read.
    pub async fn read(
        store: &Store,
        mut history: JournalHistory,
        damage: Damage,
        wait: Duration,
    ) -> Result<TargetSnapshot> {
        let is_accepted = |why: &Unusable| why.can_be_mended() && damage == Damage::IsMended;
        let (pointer, unusable) = read_when_free(store, &history, wait).await?;
        if let Some(why) = unusable.filter(|why| !is_accepted(why)) {
            return Err(why.error(pointer::path()));
        }
        let mut is_mended = unusable.is_some();
        let found = match pointer.state() {
            Some(state) => match read_state(store, state).await? {
                Ok(base) => Recovered { state: Some(state), base, written: None },
                Err(why) if is_accepted(&why) => {
                    is_mended = true;
                    recover(store, true).await?
                }
                Err(why) => return Err(why.error(deployed::path(state))),
            },
            None => recover(store, false).await?,
        };
        let continues = history.continues(&pointer.pointer.unfinished);
        if continues.is_none() {
            history.done.clear();
        }
        let Recovered { state, base, written: recovered } = found;
        is_mended |= recovered.is_some();
        Ok(TargetSnapshot { pointer, state, base, recovered, is_mended, history, continues })
    }

    /// Whether the deploy that this one continues has put the artifact with these bytes.
    pub fn is_done(&self, path: &str, artifact: &Artifact) -> bool {
        self.history.done.contains(&artifact.journal_key(path))
    }

    /// Counts an artifact as put, although another machine did it.
    pub fn trust(&mut self, journal_key: Hash) {
        self.history.done.insert(journal_key);
    }

    /// No longer counts artifacts as done that are only in the journal.
    pub fn distrust_journal(&mut self) {
        self.history.done.clear();
    }

    /// Whether the last deploy was interrupted, or nobody knows.
    pub fn is_unfinished(&self) -> bool {
        self.pointer.pointer.unfinished.is_some() || self.is_mended
    }

    /// The state if it is complete: a rollback can lead to it.
    pub fn complete_state(&self) -> Option<Hash> {
        self.state.filter(|_| !self.is_unfinished())
    }

    /// Whether the interrupted deploy that this one continues is one of this copy of the project.
    pub fn is_continued(&self) -> bool {
        self.continues.is_some()
    }

    /// Ends the lease that an interrupted deploy of this project may have left. Everything is in its place.
    pub async fn release(self, store: &Store) -> Result<()> {
        let Some(state) = self.state.filter(|_| self.pointer.has_lease()) else { return Ok(()) };
        let (site, stale) = (self.pointer.pointer.site.clone(), self.pointer.pointer.stale.clone());
        HeldLease::new(store, self.pointer, site, stale).end(state).await
    }

    /// Whether no deploy has begun here yet.
    pub fn is_first(&self) -> bool {
        self.state.is_none() && !self.is_unfinished()
    }

    /// Whether the last deploy ended with everything in its place.
    pub fn is_complete(&self) -> bool {
        self.complete_state().is_some()
    }

    /// Whether the target holds `site`, complete, by its state.
    pub fn shows(&self, site: &Artifacts) -> bool {
        self.is_complete() && self.base.artifacts == *site
    }

    pub fn site(&self) -> Option<&PublishedSite> {
        self.pointer.pointer.site.as_ref()
    }

    /// What was published last.
    pub fn published(&self) -> Option<&Publication> {
        self.pointer.pointer.published.as_ref()
    }

    /// The artifacts that readers see. After an interrupted deploy these are also the ones that it was replacing, and
    /// perhaps some that it was about to put.
    pub fn live(&self) -> Artifacts {
        let mut live = self.base.artifacts.clone();
        if self.is_unfinished() {
            let since = self.published().map_or(i64::MIN, |last| last.time);
            let replaced = |one: &&Tombstone| !one.is_private() && one.since >= since;
            for one in self.base.tombstones.iter().filter(replaced) {
                live.entry(one.path.clone()).or_insert_with(|| one.artifact.clone());
            }
        }
        live
    }

    /// The address that the published documents name; `None` before the first deploy.
    pub async fn base_url(&self, store: &Store) -> Result<Option<String>> {
        if let Some(site) = self.site() {
            return Ok(Some(site.base_url.clone()));
        }
        // An older version of the program does not note it.
        if self.state.is_none() || !self.base.artifacts.contains_key(inventory::ROOT) {
            return Ok(None);
        }
        let Some(root) = store.get(inventory::ROOT).await? else { return Ok(None) };
        let bytes = built::decoded(root).await?;
        Ok(inventory::described(&bytes).map(|root| root.base_url.as_str().to_owned()))
    }

    /// Begins a deploy of `site`. `stale`: paths that CloudFront must invalidate. `done`: journal keys of artifacts that are in
    /// the target.
    pub fn session<'a>(
        self,
        store: &'a Store,
        site: Option<PublishedSite>,
        stale: Vec<String>,
        done: &[Hash],
    ) -> Result<Session<'a>> {
        let lease = HeldLease::new(store, self.pointer, site, stale);
        let journal = self.history.followed_by(&lease.owner, self.continues.as_deref(), done)?;
        Ok(Session { store, lease, journal, last: self.state })
    }
}

/// Reads the pointer when no other deploy is running.
async fn read_when_free(
    store: &Store,
    history: &JournalHistory,
    wait: Duration,
) -> Result<(ReadPointer, Option<Unusable>)> {
    let begun = Instant::now();
    loop {
        let (pointer, unusable) = ReadPointer::read_or_doubt(store).await?;
        // Who holds the lock of a folder knows that the deploy that wrote the lease has ended.
        let free = if store.folder.is_some() { Ok(()) } else { pointer.check_free(&history.owners) };
        let left = wait.saturating_sub(begun.elapsed());
        match free {
            Ok(()) => return Ok((pointer, unusable)),
            Err(error) if left.is_zero() => return Err(error),
            Err(_) => tokio::time::sleep(POLLED_AFTER.min(left)).await,
        }
    }
}

/// The time between two looks at the lease of another deploy.
const POLLED_AFTER: Duration = Duration::from_secs(5);

/// A deploy that is running.
pub struct Session<'a> {
    store: &'a Store,
    pub lease: HeldLease<'a>,
    pub journal: Journal,
    /// The state that the pointer names.
    last: Option<Hash>,
}

impl Session<'_> {
    /// Copies `copies`, which will be overwritten, and writes the state `started`: the files that stay, and those that
    /// may be there from now on.
    pub async fn start(&mut self, copies: &Artifacts, started: &Deployed) -> Result<()> {
        if let Some(point) = started.rollback_point.as_ref().filter(|_| !copies.is_empty()) {
            // Others must not overwrite the files in the meantime.
            self.lease.claim().await?;
            rollback::copy_all(point, copies, self.store, &mut self.lease).await?;
        }
        let state = write_state(self.store, started).await?;
        self.lease.put(state).await?;
        self.replace(state, started).await;
        Ok(())
    }

    /// Puts the copy of the build's records, unless it is there. The next pointers name it.
    pub async fn put_records(&mut self, records: Option<&PackedRecords>) -> Result<()> {
        let hash = records.map(|records| records.hash);
        if let Some(records) = records.filter(|_| hash != self.lease.records) {
            records.put(self.store).await?;
        }
        self.lease.records = hash;
        Ok(())
    }

    /// Writes the state `ended`: everything is there, and nothing more is put. This is what `publication` published.
    pub async fn end(&mut self, ended: &Deployed, publication: &mut Publication) -> Result<Hash> {
        let state = write_state(self.store, ended).await?;
        publication.after = state.hex();
        self.lease.published = Some(publication.clone());
        self.lease.put_whole(state).await?;
        self.replace(state, ended).await;
        Ok(state)
    }

    /// Forgets the previous state, now that the pointer names `hash`, unless it is the rollback point.
    async fn replace(&mut self, hash: Hash, state: &Deployed) {
        let is_rollback_point = |before: Hash| state.rollback_point.as_ref().is_some_and(|point| point.state == before);
        let previous = self.last.replace(hash);
        if let Some(before) = previous.filter(|before| *before != hash && !is_rollback_point(*before)) {
            forget(self.store, &deployed::path(before)).await;
        }
    }

    /// Ends the lease although not everything was put. If that fails, others must wait until the lease runs out.
    pub async fn leave(&mut self) {
        drop(self.lease.leave().await);
    }
}
