//! What a build tells while it runs ([`Event`], [`Observer`]). The library never prints; who listens decides how it
//! looks.

use crate::error::Error;
use std::time::Duration;

/// The stages of a build, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Scan,
    Probe,
    Plan,
    Tile,
    Describe,
    Render,
    Publish,
}

impl Stage {
    /// As it stands in progress lines and logs.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Scan => "scan",
            Stage::Probe => "probe",
            Stage::Plan => "plan",
            Stage::Tile => "tile",
            Stage::Describe => "describe",
            Stage::Render => "render",
            Stage::Publish => "publish",
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
    /// A detail for `-v`.
    Note(&'a str),
}

/// Listens to a build. Called from many threads.
pub trait Observer: Sync {
    fn event(&self, event: Event<'_>);
}

/// Listens to nothing.
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event<'_>) {}
}
