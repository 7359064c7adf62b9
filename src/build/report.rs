//! What a build did.

use crate::build::progress::Stage;
use crate::diagnostics::Diagnostic;
use crate::error::Error;
use crate::model::ImageId;
use std::collections::BTreeSet;
use std::time::Duration;

/// Counts, times and failures of a build.
#[derive(Debug, Default)]
pub struct Report {
    pub stages: Vec<StageTime>,
    /// Images tiled, and the files and bytes that came of it.
    pub images: u64,
    /// Images that the last build made of the same.
    pub reused: u64,
    /// Images that documents name already, and that a later build makes.
    pub deferred: BTreeSet<ImageId>,
    /// Images of an earlier build that were linked for clients of Image API 2.
    pub linked: u64,
    pub files: u64,
    pub bytes: u64,
    /// Documents written, made but found unchanged, and removed because nothing asks for them any more.
    pub written: u64,
    pub unchanged: u64,
    pub removed: u64,
    /// What somebody should know.
    pub diagnostics: Vec<Diagnostic>,
    /// What was left out, and why.
    pub failures: Vec<Error>,
    /// Nothing was written, for there are warnings or failures, and they were not to be tolerated ([`Config::strict`]).
    ///
    /// [`Config::strict`]: crate::config::Config::strict
    pub refused: bool,
}

impl Report {
    /// Findings that are not accepted.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.is_warning())
    }
}

#[derive(Debug, Clone, Copy)]
pub struct StageTime {
    pub stage: Stage,
    pub elapsed: Duration,
}
