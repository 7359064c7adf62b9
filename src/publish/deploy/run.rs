//! One deploy, from the state that it finds to the state that it leaves.

use super::artifact::{Artifacts, Selection};
use super::deletion::{self, Deletions};
use super::deployed::{Deployed, Tombstone};
use super::half_written::HalfWritten;
use super::invalidation::{Changes, Distribution};
use super::ledger::{Before, Ledger};
use super::order::by_priority;
use super::publication::Publication;
use super::records::{self, PackedRecords};
use super::report::Report;
use super::rollback::{Backup, Replacement};
use super::session::{Session, TargetSnapshot};
use super::upload::{Upload, UploadSource};
use super::verify::{Inspection, Verified, Verify};
use crate::build::progress::{Event, Observer, Stage};
use crate::error::Result;
use crate::model::Moment;
use crate::storage::fingerprint::Hash;
use crate::storage::store::Store;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Limits that the target's settings and the command line set.
pub struct Rules {
    pub grace: Duration,
    /// In files.
    pub max_delete: u64,
    pub dry_run: bool,
    pub verify: Option<Verify>,
    pub delete_strangers: bool,
}

/// See the [module](self).
pub struct Deploy<'a> {
    /// The site that the target will have.
    pub goal: &'a Artifacts,
    /// The copy of the build's records that belongs to it.
    pub records: Option<&'a PackedRecords>,
    pub source: UploadSource<'a>,
    pub store: &'a Store,
    /// The CDN before the store.
    pub distribution: Option<Distribution>,
    pub rules: Rules,
    pub ledger: Ledger<'a>,
    pub observer: &'a dyn Observer,
}

/// The changes that one deploy makes.
struct Change<'a> {
    /// Artifacts to copy before they are overwritten.
    copies: Artifacts,
    /// The state of the target during the deploy.
    started: &'a Deployed,
    to_put: Selection<'a>,
    /// The state of the target afterwards.
    ended: &'a Deployed,
    deletions: Deletions<'a>,
    before: Before,
    publication: Publication,
}

/// What a look at the target itself found.
struct Found {
    verified: Option<Verified>,
    half_written: HalfWritten,
}

impl Deploy<'_> {
    pub async fn run(&self, mut snapshot: TargetSnapshot) -> Result<Report> {
        let (state, now) = (snapshot.state, Moment::now().seconds());
        let before = Before::of(&snapshot, self.goal);
        let replaced = snapshot.complete_state().filter(|_| !before.is_same);
        let done: Selection<'_> = self.goal.iter().filter(|(path, one)| snapshot.is_done(path, one)).collect();
        snapshot.base.artifacts.extend(done.iter().map(|(path, artifact)| ((*path).clone(), (*artifact).clone())));

        let Found { verified, half_written } = self.look(&mut snapshot).await?;
        let base = &snapshot.base;
        let due: Selection<'_> =
            self.goal.iter().filter(|(path, artifact)| base.artifacts.get(*path) != Some(artifact)).collect();
        let backup = self.backup(base, replaced, &due, now).await?;
        let mut started = base.started(self.goal, &due, backup.point, now);
        let mut ended = started.ended(self.goal);
        let (records, old_records) = (self.records.map(|records| records.hash), snapshot.pointer.records());
        records::note(records, old_records, &mut started, &mut ended);
        let to_put: Selection<'_> = due.into_iter().filter(|(path, _)| self.source.has(path)).collect();
        if let UploadSource::RollbackPoint(_) = self.source {
            ended.drop_rollback_point();
        }
        let mut report = Report {
            verified,
            recovered: snapshot.recovered,
            half_written: half_written.ours.len() as u64,
            deletes_strangers: self.rules.delete_strangers,
            ..Report::of(&to_put, &backup.copies, &ended, self.goal)
        };
        let deletions = self.deletions(&ended, now, &mut report);
        let changes = Changes {
            site: self.goal,
            before: state.map(|_| base),
            due: &to_put,
            deleted: &deletions.tombstones,
            broken: report.verified.as_ref().map(|verified| &verified.broken),
        };
        report.stale = changes.stale_paths(self.distribution.as_ref(), &snapshot.pointer.pointer.stale);
        let is_unchanged = state.is_some() && !snapshot.is_unfinished() && base.artifacts == *self.goal;
        let is_unchanged = is_unchanged && records == old_records;
        let has_nothing_to_do = is_unchanged && report.stale.is_empty() && deletions.is_empty();
        if self.rules.dry_run {
            return Ok(report);
        }
        half_written.remove()?;
        if has_nothing_to_do {
            before.published.as_ref().map_or(Ok(()), |published| self.ledger.remember([published]))?;
            return snapshot.release(self.store).await.map(|()| report);
        }
        let publication = self.ledger.publication(&before, self.goal, &report);
        // An inspection may have found some of them broken.
        let still_there = done.iter().filter(|(path, artifact)| base.artifacts.get(*path) == Some(artifact));
        let keys: Vec<Hash> = still_there.map(|(path, artifact)| artifact.journal_key(path)).collect();
        let mut session = snapshot.session(self.store, self.ledger.site.clone(), report.stale.clone(), &keys)?;
        let copies = backup.copies;
        let change = Change { copies, started: &started, to_put, ended: &ended, deletions, before, publication };
        let done = self.carry_out(change, &mut session, &mut report).await;
        if done.is_err() {
            session.leave().await;
        }
        done.map(|()| report)
    }

    /// Puts, deletes and invalidates. The state in the target is true at each moment.
    async fn carry_out(&self, mut change: Change<'_>, session: &mut Session<'_>, report: &mut Report) -> Result<()> {
        session.start(&change.copies, change.started).await?;
        let upload = Upload::new(self.store, self.source, self.observer);
        let begun = Instant::now();
        self.observer.event(Event::StageStarted { stage: Stage::Deploy, total: report.files() });
        for group in by_priority(&change.to_put).values() {
            upload.group(group, session).await?;
        }
        session.put_records(self.records).await?;
        let publication = &mut change.publication;
        self.ledger.remember(change.before.published.iter().chain([&*publication]))?;
        let mut last = session.end(change.ended, publication).await?;
        if !change.deletions.is_empty() {
            report.deleted = deletion::delete(self.store, &change.deletions, session, self.observer).await?;
            let is_left = |tombstone: &&Tombstone| !change.deletions.tombstones.contains(tombstone);
            let tombstones = change.ended.tombstones.iter().filter(is_left).cloned().collect();
            publication.deleted += report.deleted;
            last = session.end(&Deployed { tombstones, ..change.ended.clone() }, publication).await?;
        }
        self.observer.event(Event::StageFinished { stage: Stage::Deploy, elapsed: begun.elapsed() });
        report.keeps_versions = session.lease.keeps_versions();
        self.ledger.remember([&*publication])?;
        self.ledger.write_log(self.store, &change.before, publication.clone(), self.goal).await?;
        report.refused = self.invalidate(session).await.err().map(Arc::new);
        session.lease.end(last).await?;
        session.journal.end()
    }

    /// If this fails, the site is deployed nevertheless, and the next deploy invalidates the same paths.
    async fn invalidate(&self, session: &mut Session<'_>) -> Result<()> {
        if let Some(distribution) = self.distribution.as_ref().filter(|_| !session.lease.stale.is_empty()) {
            distribution.invalidate(&session.lease.stale, self.observer).await?;
            session.lease.stale.clear();
        }
        Ok(())
    }

    /// The files to keep for a rollback.
    async fn backup(&self, base: &Deployed, replaced: Option<Hash>, due: &Selection<'_>, now: i64) -> Result<Backup> {
        match self.source {
            UploadSource::Output(_) => {
                let (grace, takes_down) = (self.rules.grace, self.takes_down(base));
                Replacement { base, replaced, due, now, grace, takes_down }.backup(self.store).await
            }
            // The rollback point stays until the site is back.
            UploadSource::RollbackPoint(point) => Ok(Backup { point: Some(point.clone()), copies: Artifacts::new() }),
        }
    }

    /// Looks at the target itself, as far as the rules ask for it.
    async fn look(&self, snapshot: &mut TargetSnapshot) -> Result<Found> {
        let mut verified = self.verify(snapshot).await?;
        let half_written = self.half_written(snapshot)?;
        if let Some(verified) = &mut verified {
            half_written.strange.iter().for_each(|path| verified.note_strange(path.clone(), false));
        }
        Ok(Found { verified, half_written })
    }

    /// Removes from the state of `snapshot` the artifacts that are not in the target as recorded.
    async fn verify(&self, snapshot: &mut TargetSnapshot) -> Result<Option<Verified>> {
        let (Some(how), UploadSource::Output(built)) = (self.rules.verify, self.source) else { return Ok(None) };
        let &Deploy { goal: site, store, observer, .. } = self;
        let (base, state, records) = (&mut snapshot.base, snapshot.state, snapshot.pointer.records());
        let verified = Inspection { store, site, base, state, records, built, observer }.run(how).await?;
        base.artifacts.retain(|path, _| !verified.broken.contains_key(path));
        let strangers = if self.rules.delete_strangers { &verified.public_strangers[..] } else { &[] };
        let tombstone = |path: &String| Tombstone::due(path.clone());
        base.tombstones.extend(verified.leftover.iter().chain(strangers).map(tombstone));
        Ok(Some(verified))
    }

    /// Half-written files in a folder: they are looked for if the last deploy did not come to its end.
    fn half_written(&self, snapshot: &TargetSnapshot) -> Result<HalfWritten> {
        let is_due = snapshot.is_unfinished() || self.rules.verify.is_some();
        match self.store.folder.as_ref().filter(|_| is_due) {
            Some(folder) => HalfWritten::find(&folder.path, self.goal, &snapshot.base),
            None => Ok(HalfWritten::default()),
        }
    }

    /// Whether something that was withdrawn is still in the target.
    fn takes_down(&self, base: &Deployed) -> bool {
        let withdrawn = &self.ledger.last.withdrawn;
        let tombstones = base.tombstones.iter().map(|one| &one.path);
        base.artifacts.keys().chain(tombstones).any(|path| !self.goal.contains_key(path) && withdrawn.holds(path))
    }

    /// The files to delete now; none but those that were withdrawn if they are more than the target allows.
    fn deletions<'d>(&'d self, ended: &'d Deployed, now: i64, report: &mut Report) -> Deletions<'d> {
        let deletions = Deletions::of(ended, self.goal, &self.ledger.last.withdrawn, self.rules.grace, now);
        (report.due, report.withdrawn) = (deletions.public_files(), deletions.withdrawn_files());
        report.waiting -= report.due;
        report.is_too_many = report.due - report.withdrawn > self.rules.max_delete;
        if report.is_too_many { deletions.urgent() } else { deletions }
    }
}
