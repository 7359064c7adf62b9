//! The build: a list of stages, each a function from values to values.
//!
//! SCAN → PROBE → PLAN → COMPARE → TILE → LINK → BIND → DESCRIBE → RENDER → PUBLISH. Threads exist only inside a stage. Files
//! that the last build made from the same sources and settings stay as they are.
//!
//! A strict build is refused before it writes anything, not afterwards: an archive's CI must not publish a site that it
//! then rejects.

#[cfg(feature = "site")]
mod claim;
#[cfg(feature = "site")]
mod documents;
#[cfg(feature = "site")]
mod image_sink;
#[cfg(feature = "site")]
mod images;
#[cfg(feature = "site")]
mod last_good;
mod memory;
#[cfg(feature = "site")]
mod pipeline;
#[cfg(feature = "site")]
pub mod plan;
pub mod progress;
#[cfg(feature = "site")]
mod publish;
mod report;
#[cfg(feature = "site")]
mod run;
#[cfg(feature = "site")]
pub mod shards;
mod single;
mod stages;
#[cfg(feature = "site")]
mod survey;
#[cfg(feature = "site")]
mod texts;
mod threads;
mod watermark_file;
mod worker;

pub use report::{Refusal, Report, StageTime};
pub use single::{SingleImageOptions, tile};
pub use worker::serve as serve_worker;
#[cfg(feature = "site")]
pub use {
    documents::{IiifDocuments, iiif_documents},
    image_sink::{ImageSink, PendingImage},
    pipeline::{build, build_from, build_with, finish, freeze},
    survey::{Planned, PlannedFile, plan, plan_and_list},
};
