//! Whether the output is the one that the records are about, before anything is written into it.
//!
//! A CI restores the project's `.iiif-build/` from one day or branch and the output from another; records are deleted or
//! damaged; somebody names the output of another project. The list in the output ([`SiteList`]) shows each of these.

use super::plan::Plan;
use super::run::Run;
use super::stages::Stages;
use crate::config::Config;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::lock::Lock;
use crate::storage::ownership::{self, Claim, SiteList};
use crate::storage::state::{Adopted, PreviousBuild};
use std::collections::BTreeSet;

/// What a build has to do before it writes into an output.
pub struct OutputClaim {
    claim: Claim,
    adopted: Adopted,
    /// The hash of the list in the output.
    seen: Option<Hash>,
}

/// Compares the output with the records. The list in the output completes them, so that everything in it can be removed.
///
/// # Errors
/// The output holds the site of another project, or files of which nothing is known.
pub fn of_output(config: &Config, plan: &Plan, previous: &mut PreviousBuild) -> Result<OutputClaim> {
    let planned: BTreeSet<&str> = plan.images.iter().map(|image| image.id.0.as_str()).collect();
    let is_own = |id: &String| previous.images.contains_key(id) || planned.contains(id.as_str());
    let seen = SiteList::hash(&config.output)?;
    let claim = Claim::of(config, &previous.known(), seen, |list| list.images.iter().any(is_own))?;
    let adopted = match &claim {
        Claim::Mixed(Some(list)) | Claim::Lost(list) => previous.adopt(list),
        Claim::Ours | Claim::Mixed(None) | Claim::Unlisted => Adopted::default(),
    };
    if let Claim::Mixed(_) = claim {
        // Every file is compared with its record.
        previous.doubtful_from = Some(0);
    }
    Ok(OutputClaim { claim, adopted, seen })
}

impl OutputClaim {
    /// Keeps builds of other projects from the output.
    ///
    /// # Errors
    /// One of them is running, or has written into the output since it was looked at.
    pub fn lock(&self, config: &Config) -> Result<Lock> {
        let lock = ownership::lock(&config.output)?;
        if SiteList::hash(&config.output)? == self.seen {
            return Ok(lock);
        }
        Err(Error::new(ErrorKind::Output, "another build has written into this output just now")
            .with_path(&config.output)
            .with_hint("give each project a folder of its own with --output"))
    }

    /// Records the result, so that it outlives this build, and reports it.
    pub fn note(&self, run: &Run<'_>, stages: &mut Stages<'_>) -> Result<()> {
        let found = match self.claim {
            Claim::Ours => return Ok(()),
            Claim::Mixed(_) => {
                run.state.doubt()?;
                let text = "the output is not the one that the records in .iiif-build/ are about: all files are compared, and \
                            those that differ are made anew";
                Diagnostic::new(Code::MixedOutput, text)
                    .with_hint("keep and restore both folders together, as docs/ci.md describes")
            }
            Claim::Lost(_) => {
                let text = "the records of the last build are lost: everything is made anew, and what this project does not \
                            publish any more is removed, as the list in the output names it";
                Diagnostic::new(Code::StateLost, text)
            }
            Claim::Unlisted => {
                let text = "nothing is known of the files in the output: those that this project does not make stay as they are";
                Diagnostic::new(Code::StateLost, text).with_hint("look through them before you publish the folder")
            }
        };
        run.state.adopt(&self.adopted)?;
        stages.found(vec![found.with_path(&run.config.output)]);
        Ok(())
    }
}
