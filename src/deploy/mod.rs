//! Puts a built site where it is served from: only what changed, in an order that readers do not notice.
//!
//! What is there is known from a state that lies beside the site, never from listing it. Before anything is put, the
//! target's state says only what stays as it is, and names all else as what may be there; afterwards it says all. So a
//! deploy that was killed anywhere leaves a state that is true.

mod deletion;
mod deployed;
mod encoding;
mod invalidation;
mod inventory;
mod journal;
mod lease;
mod order;
pub mod price;
mod probe;
mod report;
mod store;
mod tls;
mod unit;
mod upload;

pub use order::Phase;
pub use probe::{Probed, is_likely, probe};
pub use report::{Count, Report};
pub use store::{PRIVATE, Store};

use crate::config::{Compression, Config, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::fingerprint::Hash;
use crate::model::Moment;
use crate::progress::{Event, Observer, Stage};
use deployed::{Deployed, Retired};
use invalidation::{Changes, Distribution};
use inventory::Inventory;
use journal::{Journal, Past};
use lease::{Held, Seen, name, overtaken};
use object_store::{ObjectStoreExt, PutPayload};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{failed, key};
use unit::Unit;
use upload::{Upload, in_order};

/// What is asked of a deploy.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Also documents that name this machine.
    pub allow_localhost: bool,
    /// Delete what is no longer named at once, whatever the grace time.
    pub delete_now: bool,
}

/// Deploys what the last build of `config` left to `target`, whose name is `name`, in `store`.
pub fn deploy(
    config: &Config,
    (name, target): (&str, &Target),
    store: &Store,
    options: Options,
    observer: &dyn Observer,
) -> Result<Report> {
    let inventory = inventory::take(config, target.compress, options.allow_localhost, observer)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start: {error}")))?;
    let grace = if options.delete_now { Duration::ZERO } else { target.grace.0 };
    let rules = Rules { grace, max_delete: target.max_delete, dry_run: options.dry_run };
    let journal = journal::path(&config.root, name);
    let distribution = target.cloudfront.clone().map(Distribution::new);
    let output = config.output.clone();
    let compression = target.compress;
    let deploy = Deploy { site: &inventory, store, distribution, compression, output, journal, rules, observer };
    runtime.block_on(deploy.run())
}

struct Rules {
    grace: Duration,
    max_delete: u64,
    dry_run: bool,
}

struct Deploy<'a> {
    site: &'a Inventory,
    store: &'a Store,
    distribution: Option<Distribution>,
    compression: Compression,
    output: PathBuf,
    journal: PathBuf,
    rules: Rules,
    observer: &'a dyn Observer,
}

impl Deploy<'_> {
    async fn run(&self) -> Result<Report> {
        let past = Past::read(&self.journal);
        let seen = Seen::read(self.store).await?;
        seen.check_free(&past.owners)?;
        let site = &self.site.units;
        let (there, unfinished) = (seen.state()?, seen.pointer.unfinished.clone());
        let mut base = self.read(there).await?;
        // What an interrupted deploy from here put is there for sure, unless somebody else deployed since.
        let own = unfinished.as_ref().filter(|owner| past.owners.contains(owner));
        let is_done = |unit: &(&String, &Unit)| own.is_some() && past.done.contains(&unit.1.mark(unit.0));
        let done: Vec<(&String, &Unit)> = site.iter().filter(is_done).collect();
        base.units.extend(done.iter().map(|(path, unit)| ((*path).clone(), (*unit).clone())));

        let due: Vec<_> = site.iter().filter(|(path, unit)| base.units.get(*path) != Some(unit)).collect();
        let now = Moment::now().seconds();
        let started = base.started(site, &due, now);
        let ended = started.ended(site);
        let mut report = Report::of(&due, &ended, site);
        let doomed = self.doomed(&ended, now, &mut report);
        report.stale = self.stale(&Changes { site, before: there.map(|_| &base), due: &due, doomed: &doomed }, &seen);
        let is_at_rest = unfinished.is_none() && there.is_some() && base.units == *site && report.stale.is_empty();
        if self.rules.dry_run || (is_at_rest && doomed.is_empty()) {
            return Ok(report);
        }
        let mut held = Held::new(self.store, seen, report.stale.clone());
        let marks: Vec<Hash> = done.iter().map(|(path, unit)| unit.mark(path)).collect();
        let journal = Journal::begin(self.journal.clone(), &held.owner, own.map(String::as_str), &marks)?;
        let mut steps = Steps { deploy: self, held: &mut held, journal, last: there };
        let done = steps.take(&started, &due, &ended, &doomed, &mut report).await;
        if done.is_err() {
            // Where it cannot be said, others must wait until the lease runs out.
            drop(held.leave().await);
        }
        done.map(|()| report)
    }

    /// What is to be deleted now; none of it if it is more than allowed.
    fn doomed<'d>(&self, ended: &'d Deployed, now: i64, report: &mut Report) -> Vec<&'d Retired> {
        let doomed: Vec<&Retired> = ended.retired.iter().filter(|one| one.is_due(self.rules.grace, now)).collect();
        let files = doomed.iter().map(|one| one.leftover(&self.site.units).len() as u64).sum();
        report.due = files;
        report.waiting -= files;
        report.is_too_many = files > self.rules.max_delete;
        if report.is_too_many { vec![] } else { doomed }
    }

    /// What CloudFront is to be told, and what it has not been told yet.
    fn stale(&self, changes: &Changes<'_>, seen: &Seen) -> Vec<String> {
        let paths = |_| changes.paths(&self.site.base_url, &seen.pointer.stale);
        self.distribution.as_ref().map(paths).unwrap_or_default()
    }

    async fn read(&self, state: Option<Hash>) -> Result<Deployed> {
        let Some(hash) = state else { return Ok(Deployed::default()) };
        let lost = |why: &str| {
            Error::new(ErrorKind::Network, format!("the target's state cannot be used: {why}"))
                .with_path(state_path(hash))
                .with_hint("if nobody else deploys there, delete pointer.json beside it: all is then uploaded again")
        };
        let Some(found) = self.store.get(&state_path(hash)).await? else {
            // Whoever deploys removes a state when the pointer names another.
            let is_still_named = Seen::read(self.store).await?.state()? == state;
            return Err(if is_still_named { lost("it is not there") } else { overtaken() });
        };
        let bytes = found.bytes().await.map_err(|error| failed(&error))?;
        Deployed::unpack(&bytes, hash).map_err(lost)
    }

    async fn write(&self, state: &Deployed) -> Result<Hash> {
        let (bytes, hash) = state.pack().map_err(|error| Error::new(ErrorKind::Internal, format!("state: {error}")))?;
        let put = self.store.objects.put(&key(&state_path(hash))?, PutPayload::from(bytes)).await;
        put.map(|_| hash).map_err(|error| failed(&error))
    }

    /// A state that nothing names; if it stays, it costs its bytes.
    async fn forget(&self, state: Hash) {
        if let Ok(key) = key(&state_path(state)) {
            drop(self.store.objects.delete(&key).await);
        }
    }
}

/// What a deploy does while it keeps others out.
struct Steps<'a, 'b> {
    deploy: &'a Deploy<'a>,
    held: &'a mut Held<'b>,
    journal: Journal,
    /// The state that the pointer names.
    last: Option<Hash>,
}

impl Steps<'_, '_> {
    /// Says what will be no more as it is, puts all that is due, says what is there, and deletes what nothing names.
    async fn take(
        &mut self,
        started: &Deployed,
        due: &[(&String, &Unit)],
        ended: &Deployed,
        doomed: &[&Retired],
        report: &mut Report,
    ) -> Result<()> {
        let Deploy { site, store, output, compression, observer, .. } = self.deploy;
        self.point_to(started).await?;
        let upload = Upload { store, output, compression: *compression, observer: *observer };
        let begun = Instant::now();
        observer.event(Event::StageStarted { stage: Stage::Deploy, total: report.files() });
        for group in in_order(due).values() {
            upload.group(group, self.held, &mut self.journal).await?;
        }
        observer.event(Event::StageFinished { stage: Stage::Deploy, elapsed: begun.elapsed() });
        let mut last = self.point_to(ended).await?;
        if !doomed.is_empty() {
            report.deleted = deletion::delete(store, doomed, &site.units, self.held).await?;
            let retired = ended.retired.iter().filter(|retired| !doomed.contains(retired)).cloned().collect();
            last = self.point_to(&Deployed { retired, ..ended.clone() }).await?;
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
        let hash = self.deploy.write(state).await?;
        self.held.put(hash).await?;
        if let Some(before) = self.last.replace(hash).filter(|before| *before != hash) {
            self.deploy.forget(before).await;
        }
        Ok(hash)
    }
}

fn state_path(hash: Hash) -> String {
    format!("{PRIVATE}/state-{}", name(hash))
}
