//! The results of a build.

use crate::build::progress::Stage;
use crate::diagnostics::Diagnostic;
use crate::error::Error;
use crate::model::ImageId;
use std::collections::BTreeSet;
use std::time::Duration;

/// Counts, times and failures of a build.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// The stages that ran, in their order.
    pub stages: Vec<StageTime>,
    /// Number of images made.
    pub images: u64,
    /// Number of images that are as the last build left them.
    pub reused: u64,
    /// Number of recordings in the site.
    pub recordings: u64,
    /// Images that documents name already, and that a later build makes.
    pub deferred: BTreeSet<ImageId>,
    /// Number of images of an earlier build that were linked for clients of Image API 2.
    pub linked: u64,
    /// Number of files of the images made, each with its info.json.
    pub files: u64,
    /// Size of those files in bytes.
    pub bytes: u64,
    /// Number of documents and static files written.
    pub written: u64,
    /// Number of documents and static files that were made or read anew, and whose bytes did not change.
    pub unchanged: u64,
    /// Number of documents, static files and images removed because they are not part of the site any more.
    pub removed: u64,
    /// Warnings and notes. A warning that the project accepts is a note.
    pub diagnostics: Vec<Diagnostic>,
    /// Files and items that were left out, with the reasons.
    pub failures: Vec<Error>,
    /// Why nothing was written. `None`: the site was built.
    pub refused: Option<Refusal>,
}

/// Why a build wrote nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Mistakes in templates or in the description of the site as a whole. They are in [`Report::failures`].
    Site,
    /// Mistakes in metadata, while nothing is published yet and the build does not keep going ([`Config::keep_going`]).
    ///
    /// [`Config::keep_going`]: crate::config::Config::keep_going
    Metadata,
    /// The build is strict ([`Config::strict`]), and there are warnings or failures.
    ///
    /// [`Config::strict`]: crate::config::Config::strict
    Strict,
}

impl Report {
    /// Those of the diagnostics that are warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.is_warning())
    }
}

/// How long a stage took.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct StageTime {
    /// Which one.
    pub stage: Stage,
    /// From its beginning to its end.
    pub elapsed: Duration,
}
