//! What a deploy does, step by step, while it keeps others out.

use super::deployed::{Deployed, Retired};
use super::journal::Journal;
use super::lease::Held;
use super::unit::{Unit, Units};
use super::upload::{Upload, in_order};
use super::{Deploy, Report, deletion, states};
use crate::error::Result;
use crate::fingerprint::Hash;
use crate::progress::{Event, Stage};
use std::sync::Arc;
use std::time::Instant;

/// What one deploy changes.
pub struct Change<'a> {
    /// What is written over, and can be gone back to.
    pub copies: Units,
    /// What is said to be there while it is being changed.
    pub started: &'a Deployed,
    pub to_put: Vec<(&'a String, &'a Unit)>,
    /// What is said to be there when all is.
    pub ended: &'a Deployed,
    pub doomed: Vec<&'a Retired>,
}

/// See the [module](self).
pub struct Steps<'a, 'b> {
    pub deploy: &'a Deploy<'a>,
    pub held: &'a mut Held<'b>,
    pub journal: Journal,
    /// The state that the pointer names.
    pub last: Option<Hash>,
}

impl Steps<'_, '_> {
    /// Says what will be no more as it is, puts all that is due, says what is there, and deletes what nothing names.
    pub async fn take(&mut self, change: &Change<'_>, report: &mut Report) -> Result<()> {
        let Deploy { goal, store, source, observer, .. } = self.deploy;
        if let Some(earlier) = &change.started.earlier {
            earlier.copy(&change.copies, store).await?;
        }
        self.point_to(change.started).await?;
        let upload = Upload::new(store, source, *observer);
        let begun = Instant::now();
        observer.event(Event::StageStarted { stage: Stage::Deploy, total: report.files() });
        for group in in_order(&change.to_put).values() {
            upload.group(group, self.held, &mut self.journal).await?;
        }
        observer.event(Event::StageFinished { stage: Stage::Deploy, elapsed: begun.elapsed() });
        let mut last = self.point_to(change.ended).await?;
        if !change.doomed.is_empty() {
            report.deleted = deletion::delete(store, &change.doomed, goal, self.held).await?;
            let is_left = |retired: &&Retired| !change.doomed.contains(retired);
            let retired = change.ended.retired.iter().filter(is_left).cloned().collect();
            last = self.point_to(&Deployed { retired, ..change.ended.clone() }).await?;
        }
        report.refused = self.tell_caches().await.err().map(Arc::new);
        self.held.end(last).await?;
        self.journal.end()
    }

    /// If that fails, the site is deployed nevertheless, and the next deploy does it.
    async fn tell_caches(&mut self) -> Result<()> {
        if let Some(distribution) = self.deploy.distribution.as_ref().filter(|_| !self.held.stale.is_empty()) {
            distribution.invalidate(&self.held.stale, self.deploy.observer).await?;
            self.held.stale.clear();
        }
        Ok(())
    }

    /// Names `state` as what is there, instead of the last one.
    async fn point_to(&mut self, state: &Deployed) -> Result<Hash> {
        let hash = states::write(self.deploy.store, state).await?;
        self.held.put(hash).await?;
        if let Some(before) = self.last.replace(hash).filter(|before| *before != hash) {
            if state.earlier.as_ref().is_none_or(|earlier| earlier.state != before) {
                states::forget(self.deploy.store, before).await;
            }
        }
        Ok(hash)
    }
}
