//! Puts a built site into the store that it is served from: only the changed files, in an order in which readers notice
//! nothing.
//!
//! A deploy knows the content of the target from a state that it keeps beside the site, so it never lists the target.
//! Before it puts anything, it writes a state that names only the files that stay as certain, and all others as
//! possible. At the end it writes the complete state. A deploy can be killed at any moment: the state in the target is
//! always true.
//!
//! States are compared because they are small: fifty million tiles are one digest per image. The state stays true
//! through a chain of interrupted deploys of different sites.

mod artifact;
mod built;
mod damage;
mod deletion;
mod deployed;
mod fetch;
mod half_written;
mod invalidation;
mod inventory;
mod journal;
mod ledger;
mod lineage;
mod note;
mod order;
mod pointer;
mod preconditions;
mod probe;
mod publication;
mod publication_log;
mod records;
mod recovery;
mod report;
mod rollback;
mod run;
mod session;
mod shard_upload;
mod shrink;
mod stale;
mod strangers;
mod streaming;
mod unusable;
mod upload;
mod verify;

pub use fetch::{Fetched, fetch};
pub use order::Phase;
pub use preconditions::check_place;
pub use probe::{Probed, is_likely, probe};
pub use publication::{Act, Publication};
pub use report::{Count, FREE_PATHS, PATH_PRICE, Report};
pub use session::NamedTarget;
pub use shard_upload::ShardUpload;
pub use streaming::StreamingDeploy;
pub use verify::{Verified, Verify};

use crate::build::progress::Observer;
use crate::config::{Config, Target};
use crate::error::{Error, Result};
use crate::model::address::BaseUrl;
use crate::storage::lock::Held;
use crate::storage::state::{BuildEnd, LastBuild};
use crate::storage::store::{Store, runtime};
use built::BuiltSite;
use invalidation::Distribution;
use journal::JournalHistory;
use ledger::Ledger;
use pointer::{ReadPointer, find_state};
use preconditions::Preconditions;
use publication::{PublishedSite, random_id};
use publication_log::PublicationLog;
use run::{Deploy, Rules};
use session::{Damage, TargetSnapshot};
use std::time::Duration;
use upload::UploadSource;

/// How a deploy is done.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only count the files that would be put and deleted.
    pub dry_run: bool,
    /// Deploy documents that name this machine (localhost).
    pub allow_localhost: bool,
    /// Delete files that the site no longer uses at once, without the grace period.
    pub delete_now: bool,
    /// Compare the target with the site, and put damaged files again.
    pub verify: Option<Verify>,
    /// Delete the objects that no deploy of this site can account for. Takes effect with `verify`.
    pub delete_strangers: bool,
    /// How long to wait for another deploy to end.
    pub wait: Duration,
    /// Deploy into a target that holds files of others, or the site of another project.
    pub adopt: bool,
    /// Deploy a build that was not made on what is published, although it takes something back.
    pub from_stale: bool,
    /// So many images, and so many items, may go from the target.
    pub allow_shrink: u64,
    /// The person or the job that deploys, for the log of the target.
    pub by: String,
}

impl Options {
    fn rules(&self, target: &Target) -> Rules {
        let grace = if self.delete_now { Duration::ZERO } else { target.grace.0 };
        let &Options { dry_run, verify, delete_strangers, .. } = self;
        Rules { grace, max_delete: target.max_delete, dry_run, verify, delete_strangers }
    }

    /// Only who looks at all that lies in the target can go on without what it notes about itself.
    fn damage(&self) -> Damage {
        if self.verify.is_some() { Damage::IsMended } else { Damage::IsRefused }
    }
}

/// Whether `error` says that another deploy or build is running, so that the same is worth another attempt later.
pub fn is_of_another_run(error: &Error) -> bool {
    Held::is_cause_of(error)
}

/// Deploys the output of the last build of `config`. `store` is the store of `target`.
///
/// # Errors
/// The output is not a complete site or names this machine; the target is not this site's, or would lose more than it
/// may ([`Options`] says how to go on); another deploy is running; the store refuses; the observer
/// cancels. After an interruption the next deploy continues. A refusal by CloudFront is no error: see
/// [`Report::refused`].
pub fn deploy(
    config: &Config,
    NamedTarget { name, target }: NamedTarget<'_>,
    store: &Store,
    options: Options,
    observer: &dyn Observer,
) -> Result<Report> {
    let named = NamedTarget { name, target };
    check_place(config, target)?;
    let history = JournalHistory::open(&config.root, name)?;
    let site = inventory::take(config, target.compress, options.allow_localhost, observer)?;
    let distribution = Distribution::of(target, &site.base_url)?;
    runtime()?.block_on(async {
        let snapshot = TargetSnapshot::read(store, history, options.damage(), options.wait).await?;
        let passed =
            Preconditions { config, named, options: &options, store, snapshot: &snapshot }.check(&site).await?;
        let ledger = Ledger {
            config,
            named,
            site: Some(identity(snapshot.site(), &site.base_url, site.title, options.adopt)),
            act: Act::Deploy,
            by: &options.by,
            commit: site.last.commit.clone().map(|commit| (commit, passed.committed)),
            last: &site.last,
        };
        let source = UploadSource::Output(BuiltSite { output: &config.output, compression: target.compress });
        let (rules, records) = (options.rules(target), Some(&site.records));
        let deploy = Deploy { goal: &site.artifacts, records, source, store, distribution, rules, ledger, observer };
        let report = deploy.run(snapshot).await?;
        Ok(Report { warnings: passed.warnings, written_over: passed.written_over, ..report })
    })
}

/// The site that a target shows after a deploy, and was `before`. A target that is adopted gets a new id, so that copies
/// of the other project do not take it for theirs.
fn identity(before: Option<&PublishedSite>, base_url: &BaseUrl, title: String, adopt: bool) -> PublishedSite {
    let id = before.filter(|_| !adopt).map_or_else(random_id, |site| site.id.clone());
    PublishedSite { id, base_url: base_url.as_str().to_owned(), title }
}

/// The publications of a target, the oldest first. Nothing is written.
///
/// # Errors
/// The target cannot be read.
pub fn publications(store: &Store) -> Result<Vec<Publication>> {
    runtime()?.block_on(async {
        let mut log = PublicationLog::read(store).await?;
        log.catch_up(ReadPointer::read(store).await?.pointer.published.as_ref());
        Ok(log.publications)
    })
}

/// Puts `target` back to the state before the last deploy. The output of `config` is not read.
///
/// # Errors
/// Those of [`deploy`]. Also if there is nothing to go back to, because the grace period is over or files are gone.
pub fn roll_back(
    config: &Config,
    NamedTarget { name, target }: NamedTarget<'_>,
    store: &Store,
    options: Options,
    observer: &dyn Observer,
) -> Result<Report> {
    let history = JournalHistory::open(&config.root, name)?;
    let distribution = Distribution::of(target, &inventory::base_url(config))?;
    runtime()?.block_on(async {
        let snapshot = TargetSnapshot::read(store, history, Damage::IsRefused, options.wait).await?;
        let Some(point) = snapshot.base.rollback_point.clone() else {
            return Err(rollback::impossible("nothing was replaced within the grace time"));
        };
        let Some(before) = find_state(store, point.state).await? else {
            return Err(rollback::impossible("its state is gone"));
        };
        rollback::check(&point, &before.artifacts, &snapshot.base)?;
        let last = LastBuild::without_result(BuildEnd::Complete);
        let published = snapshot.published();
        let ledger = Ledger {
            config,
            named: NamedTarget { name, target },
            site: snapshot.site().cloned(),
            act: Act::Rollback,
            by: &options.by,
            // A build of a later commit knows of the rollback.
            commit: published.and_then(|last| Some((last.commit.clone()?, last.committed))),
            last: &last,
        };
        let (source, rules) = (UploadSource::RollbackPoint(&point), options.rules(target));
        let goal = &before.artifacts;
        // The records of that build were replaced by those of the next.
        let records = None;
        Deploy { goal, records, source, store, distribution, rules, ledger, observer }.run(snapshot).await
    })
}
