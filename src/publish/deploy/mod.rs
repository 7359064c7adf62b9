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
mod order;
mod pointer;
mod probe;
mod records;
mod recovery;
mod report;
mod rollback;
mod run;
mod session;
mod streaming;
mod unusable;
mod upload;
mod verify;

pub use fetch::{Fetched, fetch};
pub use order::Phase;
pub use probe::{Probed, is_likely, probe};
pub use report::{Count, FREE_PATHS, PATH_PRICE, Report};
pub use session::NamedTarget;
pub use streaming::StreamingDeploy;
pub use verify::{Verified, Verify};

use crate::build::progress::Observer;
use crate::config::{Config, Target};
use crate::error::Result;
use crate::storage::store::{Store, runtime};
use built::BuiltSite;
use invalidation::Distribution;
use journal::JournalHistory;
use pointer::find_state;
use run::{Deploy, Rules};
use session::{Damage, TargetSnapshot};
use std::time::Duration;
use upload::UploadSource;

/// How a deploy is done.
#[derive(Debug, Clone, Copy, Default)]
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
}

impl Options {
    fn rules(self, target: &Target) -> Rules {
        let grace = if self.delete_now { Duration::ZERO } else { target.grace.0 };
        let Options { dry_run, verify, delete_strangers, .. } = self;
        Rules { grace, max_delete: target.max_delete, dry_run, verify, delete_strangers }
    }

    /// Only who looks at all that lies in the target can go on without what it notes about itself.
    fn damage(self) -> Damage {
        if self.verify.is_some() { Damage::IsMended } else { Damage::IsRefused }
    }
}

/// Deploys the output of the last build of `config`. `store` is the store of `target`.
///
/// # Errors
/// The output is not a complete site or names this machine; another deploy is running; the store refuses; the observer
/// cancels. After an interruption the next deploy continues. A refusal by CloudFront is no error: see
/// [`Report::refused`].
pub fn deploy(
    config: &Config,
    NamedTarget { name, target }: NamedTarget<'_>,
    store: &Store,
    options: Options,
    observer: &dyn Observer,
) -> Result<Report> {
    let history = JournalHistory::open(&config.root, name)?;
    let site = inventory::take(config, target.compress, options.allow_localhost, observer)?;
    let distribution = Distribution::of(target, &site.base_url)?;
    runtime()?.block_on(async {
        let snapshot = TargetSnapshot::read(store, history, options.damage()).await?;
        let source = UploadSource::Output(BuiltSite { output: &config.output, compression: target.compress });
        let rules = options.rules(target);
        let records = Some(&site.records);
        Deploy { goal: &site.artifacts, records, source, store, distribution, rules, observer }.run(snapshot).await
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
        let snapshot = TargetSnapshot::read(store, history, Damage::IsRefused).await?;
        let Some(point) = snapshot.base.rollback_point.clone() else {
            return Err(rollback::impossible("nothing was replaced within the grace time"));
        };
        let Some(before) = find_state(store, point.state).await? else {
            return Err(rollback::impossible("its state is gone"));
        };
        rollback::check(&point, &before.artifacts, &snapshot.base)?;
        let (source, rules) = (UploadSource::RollbackPoint(&point), options.rules(target));
        // The records of that build were overwritten by those of the next.
        let records = None;
        Deploy { goal: &before.artifacts, records, source, store, distribution, rules, observer }.run(snapshot).await
    })
}
