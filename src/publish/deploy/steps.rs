//! What a deploy does, step by step, while it keeps others out.

use super::deletion::Doomed;
use super::deployed::{Deployed, Retired};
use super::session::Session;
use super::unit::{Unit, Units};
use super::upload::{Upload, in_order};
use super::{Deploy, Report, deletion};
use crate::build::progress::{Event, Stage};
use crate::error::Result;
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
    pub doomed: Doomed<'a>,
}

/// See the [module](self).
pub struct Steps<'a> {
    pub deploy: &'a Deploy<'a>,
    pub session: Session<'a>,
}

impl Steps<'_> {
    /// Says what will be no more as it is, puts all that is due, says what is there, and deletes what nothing names.
    pub async fn take(&mut self, change: &Change<'_>, report: &mut Report) -> Result<()> {
        let Deploy { store, source, observer, .. } = self.deploy;
        self.session.start(&change.copies, change.started).await?;
        let upload = Upload::new(store, *source, *observer);
        let begun = Instant::now();
        observer.event(Event::StageStarted { stage: Stage::Deploy, total: report.files() });
        for group in in_order(&change.to_put).values() {
            upload.group(group, &mut self.session).await?;
        }
        observer.event(Event::StageFinished { stage: Stage::Deploy, elapsed: begun.elapsed() });
        let mut last = self.session.end(change.ended).await?;
        if !change.doomed.is_empty() {
            report.deleted = deletion::delete(store, &change.doomed, &mut self.session.held).await?;
            let is_left = |retired: &&Retired| !change.doomed.retired.contains(retired);
            let retired = change.ended.retired.iter().filter(is_left).cloned().collect();
            last = self.session.end(&Deployed { retired, ..change.ended.clone() }).await?;
        }
        report.refused = self.tell_caches().await.err().map(Arc::new);
        self.session.held.end(last).await?;
        self.session.journal.end()
    }

    /// If that fails, the site is deployed nevertheless, and the next deploy does it.
    async fn tell_caches(&mut self) -> Result<()> {
        if let Some(distribution) = self.deploy.distribution.as_ref().filter(|_| !self.session.held.stale.is_empty()) {
            distribution.invalidate(&self.session.held.stale, self.deploy.observer).await?;
            self.session.held.stale.clear();
        }
        Ok(())
    }
}
