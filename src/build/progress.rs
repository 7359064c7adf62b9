//! Reports of a running build: [`Event`]s, to an [`Observer`]. The library never prints; the observer decides what to
//! show.

use crate::diagnostics::Diagnostic;
use crate::error::Error;
use crate::storage::fingerprint::Reason;
use std::time::Duration;

/// The stages of a build, then those of a deploy, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Lists the content folder and reads its metadata.
    Scan,
    /// Reads the headers of images and recordings.
    Probe,
    /// Works out the site and the tiles of each image.
    Plan,
    /// Finds the images that must be made.
    Compare,
    /// Writes down the images that tasks on other machines are to make.
    Freeze,
    /// Makes images.
    Tile,
    /// Links images of an earlier build for Image API 2.
    Link,
    /// Makes the PDFs of items.
    Bind,
    /// Writes JSON.
    Describe,
    /// Writes HTML.
    Render,
    /// Removes files that are no longer wanted, and writes feeds.
    Publish,
    /// A stage of a deploy: checks the files in the target.
    Verify,
    /// A stage of a deploy: uploads and deletes.
    Deploy,
    /// Brings a site back from a target.
    Fetch,
}

impl Stage {
    /// Its name in progress lines and logs.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Scan => "scan",
            Stage::Probe => "probe",
            Stage::Plan => "plan",
            Stage::Compare => "compare",
            Stage::Freeze => "freeze",
            Stage::Tile => "tile",
            Stage::Link => "link",
            Stage::Bind => "bind",
            Stage::Describe => "describe",
            Stage::Render => "render",
            Stage::Publish => "publish",
            Stage::Verify => "verify",
            Stage::Deploy => "deploy",
            Stage::Fetch => "fetch",
        }
    }
}

/// Something that happened in a build.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A stage begins.
    StageStarted {
        /// Which one.
        stage: Stage,
        /// The sum of all [`Event::Advanced`] of the stage: files to probe, images to compare, pixels to tile (at full
        /// resolution), folders to describe or render. 0: unknown.
        total: u64,
    },
    /// A part of a stage is done.
    Advanced {
        /// Which one.
        stage: Stage,
        /// In the unit of the stage's total.
        by: u64,
    },
    /// A stage ended, well or not.
    StageFinished {
        /// Which one.
        stage: Stage,
        /// How long it took.
        elapsed: Duration,
    },
    /// Something is left out; the build continues.
    Failed(&'a Error),
    /// Nothing is left out, but the curator should know. Holds all diagnostics of one stage with the same code and
    /// severity; at least one.
    Found(&'a [Diagnostic]),
    /// A detail for `-v`: one line.
    Note(&'a str),
    /// An image is finished in this build.
    Image {
        /// Its folder in the site, `/`-separated.
        path: &'a str,
        /// The result.
        outcome: Outcome<'a>,
    },
    /// JSON, HTML or the PDF of a folder was made, and at least one file changed.
    Documents {
        /// Which.
        kind: DocumentKind,
        /// The folder in the site, `/`-separated.
        path: &'a str,
        /// Why they were made; at least one reason.
        why: &'a [Reason],
    },
}

/// The result of an image.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// Its files are written.
    Made {
        /// At least one reason.
        why: &'a [Reason],
        /// Number of files, without info.json.
        files: u64,
        /// Their size in bytes.
        bytes: u64,
    },
    /// It is as the last build left it.
    Reused,
    /// Its last good files stay, but no document names them.
    Failed(&'a Error),
}

/// Which documents of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentKind {
    /// info.json, Manifests, Collections.
    Documents,
    /// HTML, and the files that pages need.
    Pages,
    /// The PDF of an item.
    Pdf,
}

impl DocumentKind {
    /// Its name in logs.
    pub fn name(self) -> &'static str {
        match self {
            DocumentKind::Documents => "documents",
            DocumentKind::Pages => "pages",
            DocumentKind::Pdf => "pdf",
        }
    }
}

/// Follows a build. Called from many threads, so it must not take long.
pub trait Observer: Sync {
    /// Called for each event as it happens.
    fn event(&self, event: Event<'_>);

    /// The id of an image that is needed at once: if it is due, it is made next. Called before each image until it
    /// returns `None`.
    fn wanted(&self) -> Option<String> {
        None
    }

    /// Whether the build should end with an error as soon as the images in hand are done. Finished images are kept.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Ignores all events.
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event<'_>) {}
}
