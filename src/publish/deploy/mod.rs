//! Puts a built site where it is served from: only what changed, in an order that readers do not notice.
//!
//! What is there is known from a state that lies beside the site, never from listing it. Before anything is put, the
//! target's state says only what stays as it is, and names all else as what may be there; afterwards it says all. So a
//! deploy that was killed anywhere leaves a state that is true.

mod damage;
mod deletion;
mod deployed;
mod earlier;
mod encoding;
mod invalidation;
mod inventory;
mod journal;
mod lease;
mod order;
pub mod price;
mod probe;
mod report;
mod session;
mod states;
mod steps;
mod streaming;
mod unit;
mod upload;
mod verify;

pub use order::Phase;
pub use probe::{Probed, is_likely, probe};
pub use report::{Count, Report};
pub use streaming::StreamingDeploy;
pub use verify::{Verified, Verify};

use crate::build::progress::Observer;
use crate::config::{Config, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Moment;
use crate::storage::fingerprint::Hash;
use crate::storage::store::Store;
use deletion::Doomed;
use deployed::{Deployed, Retired};
use earlier::Replacing;
use invalidation::{Changes, Distribution};
use journal::Past;
use lease::{Held, Seen};
use session::Session;
use std::time::Duration;
use steps::{Change, Steps};
use tokio::runtime::Runtime;
use unit::{Unit, Units};
use upload::{Built, Source};
use verify::Inspection;

/// What is asked of a deploy.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Also documents that name this machine.
    pub allow_localhost: bool,
    /// Delete what is no longer named at once, whatever the grace time.
    pub delete_now: bool,
    /// Look at what lies in the target, and put again what is not as it should be.
    pub verify: Option<Verify>,
}

/// Deploys what the last build of `config` left to `target`, whose name is `name`, in `store`.
pub fn deploy(
    config: &Config,
    (name, target): (&str, &Target),
    store: &Store,
    options: Options,
    observer: &dyn Observer,
) -> Result<Report> {
    let past = Past::open(&config.root, name)?;
    let site = inventory::take(config, target.compress, options.allow_localhost, observer)?;
    let distribution = Distribution::of(target, &site.base_url)?;
    run(async {
        let found = Found::read(store, past).await?;
        let source = Source::Built(Built { output: &config.output, compression: target.compress });
        let rules = Rules::of(target, options);
        Deploy { goal: &site.units, source, store, distribution, rules, observer }.run(found).await
    })
}

/// Puts `target` back to what the last deploy replaced. What was built here is not looked at.
pub fn roll_back(
    config: &Config,
    (name, target): (&str, &Target),
    store: &Store,
    options: Options,
    observer: &dyn Observer,
) -> Result<Report> {
    let past = Past::open(&config.root, name)?;
    let distribution = Distribution::of(target, &inventory::base_url(config))?;
    run(async {
        let found = Found::read(store, past).await?;
        let Some(earlier) = found.base.earlier.clone() else {
            return Err(earlier::none("nothing was replaced within the grace time"));
        };
        let Some(before) = states::find(store, earlier.state).await? else {
            return Err(earlier::none("its state is gone"));
        };
        earlier.check(&before.units, &found.base)?;
        let (source, rules) = (Source::Kept(&earlier), Rules::of(target, options));
        Deploy { goal: &before.units, source, store, distribution, rules, observer }.run(found).await
    })
}

fn run<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    runtime()?.block_on(work)
}

fn runtime() -> Result<Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start: {error}")))
}

struct Rules {
    grace: Duration,
    max_delete: u64,
    dry_run: bool,
    verify: Option<Verify>,
}

impl Rules {
    fn of(target: &Target, options: Options) -> Rules {
        let grace = if options.delete_now { Duration::ZERO } else { target.grace.0 };
        Rules { grace, max_delete: target.max_delete, dry_run: options.dry_run, verify: options.verify }
    }
}

/// What a deploy finds.
struct Found {
    seen: Seen,
    past: Past,
    /// What the target says of itself.
    base: Deployed,
}

impl Found {
    /// Refuses while somebody else deploys.
    async fn read(store: &Store, past: Past) -> Result<Found> {
        let seen = Seen::read(store).await?;
        seen.check_free(&past.owners)?;
        let base = states::read(store, seen.state()?).await?;
        Ok(Found { seen, past, base })
    }
}

struct Deploy<'a> {
    /// What is to be there.
    goal: &'a Units,
    source: Source<'a>,
    store: &'a Store,
    /// What readers ask instead of it.
    distribution: Option<Distribution>,
    rules: Rules,
    observer: &'a dyn Observer,
}

impl Deploy<'_> {
    async fn run(&self, Found { seen, past, mut base }: Found) -> Result<Report> {
        let (there, now) = (seen.state()?, Moment::now().seconds());
        let unfinished = seen.pointer.unfinished.clone();
        let replaced = there.filter(|_| unfinished.is_none() && base.units != *self.goal);
        let own = past.goes_on_from(&unfinished);
        let is_done = |unit: &(&String, &Unit)| own.is_some() && past.done.contains(&unit.1.mark(unit.0));
        let done: Vec<_> = self.goal.iter().filter(is_done).collect();
        base.units.extend(done.iter().map(|(path, unit)| ((*path).clone(), (*unit).clone())));

        let verified = self.verify(&mut base, there).await?;
        let due: Vec<_> = self.goal.iter().filter(|(path, unit)| base.units.get(*path) != Some(unit)).collect();
        let replacing = Replacing { base: &base, replaced, due: &due, now, grace: self.rules.grace };
        let (earlier, copies) = match self.source {
            Source::Built(_) => replacing.earlier(self.store).await?,
            // What it goes back to stays until it is there.
            Source::Kept(earlier) => (Some(earlier.clone()), Units::new()),
        };
        let started = base.started(self.goal, &due, earlier, now);
        let mut ended = started.ended(self.goal);
        let to_put: Vec<_> = due.into_iter().filter(|(path, _)| self.source.has(path)).collect();
        if let Source::Kept(_) = self.source {
            ended.give_up();
        }
        let mut report = Report { verified, ..Report::of(&to_put, &copies, &ended, self.goal) };
        let doomed = self.doomed(&ended, now, &mut report);
        let broken = report.verified.as_ref().map(|verified| &verified.broken);
        let changes =
            Changes { site: self.goal, before: there.map(|_| &base), due: &to_put, doomed: &doomed.retired, broken };
        let paths = |front: &Distribution| changes.paths(&front.base_url, &seen.pointer.stale);
        report.stale = self.distribution.as_ref().map(paths).unwrap_or_default();
        let is_at_rest = unfinished.is_none() && there.is_some() && base.units == *self.goal && report.stale.is_empty();
        if self.rules.dry_run || (is_at_rest && doomed.is_empty()) {
            return Ok(report);
        }
        let still_there = done.iter().filter(|(path, unit)| base.units.get(*path) == Some(unit));
        let marks: Vec<Hash> = still_there.map(|(path, unit)| unit.mark(path)).collect();
        let held = Held::new(self.store, seen, report.stale.clone());
        let journal = past.followed_by(&held.owner, own.as_deref(), &marks)?;
        let mut steps = Steps { deploy: self, session: Session { store: self.store, held, journal, last: there } };
        let change = Change { copies, started: &started, to_put, ended: &ended, doomed };
        let done = steps.take(&change, &mut report).await;
        if done.is_err() {
            steps.session.leave().await;
        }
        done.map(|()| report)
    }

    /// Takes from `base` what is not there as it says.
    async fn verify(&self, base: &mut Deployed, state: Option<Hash>) -> Result<Option<Verified>> {
        let (Some(how), Source::Built(built)) = (self.rules.verify, self.source) else { return Ok(None) };
        let &Deploy { goal: site, store, observer, .. } = self;
        let verified = Inspection { store, site, base, state, built, observer }.run(how).await?;
        base.units.retain(|path, _| !verified.broken.contains_key(path));
        let retired = |path: &String| Retired::private(path.clone());
        base.retired.extend(verified.leftover.iter().map(retired));
        Ok(Some(verified))
    }

    /// What is to be deleted now; none of it if it is more than allowed.
    fn doomed<'d>(&'d self, ended: &'d Deployed, now: i64, report: &mut Report) -> Doomed<'d> {
        let doomed = Doomed::of(ended, self.goal, self.rules.grace, now);
        report.due = doomed.public();
        report.waiting -= report.due;
        report.is_too_many = report.due > self.rules.max_delete;
        if report.is_too_many { doomed.none() } else { doomed }
    }
}
