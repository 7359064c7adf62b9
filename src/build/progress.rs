//! What a build tells while it runs ([`Event`], [`Observer`]). The library never prints; who listens decides how it
//! looks.

use crate::diagnostics::Diagnostic;
use crate::error::Error;
use crate::storage::fingerprint::Reason;
use std::time::Duration;

/// The stages of a build, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Scan,
    Probe,
    Plan,
    Compare,
    Tile,
    Link,
    Describe,
    Render,
    Publish,
    /// Of a deploy: what lies in the target.
    Verify,
    Deploy,
}

impl Stage {
    /// As it stands in progress lines and logs.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Scan => "scan",
            Stage::Probe => "probe",
            Stage::Plan => "plan",
            Stage::Compare => "compare",
            Stage::Tile => "tile",
            Stage::Link => "link",
            Stage::Describe => "describe",
            Stage::Render => "render",
            Stage::Publish => "publish",
            Stage::Verify => "verify",
            Stage::Deploy => "deploy",
        }
    }
}

/// Something that happened in a build.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// `total` counts what [`Event::Advanced`] advances by: files to probe, pixels to tile, documents to write.
    StageStarted {
        stage: Stage,
        total: u64,
    },
    Advanced {
        stage: Stage,
        by: u64,
    },
    StageFinished {
        stage: Stage,
        elapsed: Duration,
    },
    /// The build goes on without this.
    Failed(&'a Error),
    /// All is built, but somebody should know: what one stage found, of a kind together.
    Found(&'a [Diagnostic]),
    /// A detail for `-v`.
    Note(&'a str),
    /// An image is done with.
    Image {
        /// Its folder in the site.
        path: &'a str,
        outcome: Outcome<'a>,
    },
    /// JSON or HTML of a folder was made; its files are written where their bytes changed.
    Documents {
        kind: DocumentKind,
        /// The folder in the site.
        path: &'a str,
        why: &'a [Reason],
    },
}

/// What came of an image.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    Made {
        why: &'a [Reason],
        files: u64,
        bytes: u64,
    },
    /// It is as the last build left it.
    Reused,
    /// Its last good files stay, but nothing names them.
    Failed(&'a Error),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// info.json, Manifests, Collections.
    Documents,
    /// HTML, and what goes with it.
    Pages,
}

impl DocumentKind {
    pub fn name(self) -> &'static str {
        match self {
            DocumentKind::Documents => "documents",
            DocumentKind::Pages => "pages",
        }
    }
}

/// Listens to a build. Called from many threads.
pub trait Observer: Sync {
    fn event(&self, event: Event<'_>);

    /// The id of an image that somebody waits for: if it is due, it is made next.
    fn wanted(&self) -> Option<String> {
        None
    }

    /// Whether the build should end as soon as the images in hand are done.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Listens to nothing.
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event<'_>) {}
}
