//! What the stages of one build share.

use super::image_sink::ImageSink;
use super::plan::PlannedImage;
use crate::config::Config;
use crate::documents::iiif::Service;
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::storage::output::Directory;
use crate::storage::state::{PreviousBuild, State};
use std::path::Path;

/// What the stages of one build share.
pub struct Run<'a> {
    pub config: &'a Config,
    pub source: &'a ContentSource,
    /// What earlier builds left.
    pub known: &'a PreviousBuild,
    pub directory: &'a Directory,
    pub state: &'a State,
    /// Where images do not stay in the directory.
    pub sink: Option<&'a dyn ImageSink>,
}

impl Run<'_> {
    /// Whether documents are not believed to be as they were written until they are made again and compared.
    pub fn doubts_documents(&self) -> bool {
        self.config.verify || self.known.doubtful_from.is_some()
    }
}

/// SCAN goes as deep as folders lie in one another, and a thread that waits for one of them scans another meanwhile. Of
/// the stack only what is used takes memory.
pub const SCAN_STACK: usize = 64 << 20;

/// For decoding and tiling.
pub const STACK: usize = 2 << 20;

pub fn thread_pool(jobs: usize, stack: usize) -> Result<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).stack_size(stack).build();
    pool.map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start threads: {error}")))
}

/// An image as its info.json speaks of it.
pub fn service_of(image: &PlannedImage) -> Service<'_> {
    Service {
        image: &image.id,
        pyramid: &image.tile_plan.pyramid,
        formats: image.settings.formats,
        rights: image.rights.as_deref(),
        item: &image.item_path,
    }
}

pub fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted; what is finished is kept").with_hint("run it again to go on")
}

/// A file's name below the content folder, as records have it.
pub fn relative(path: &Path, config: &Config) -> String {
    let names = path.strip_prefix(&config.content).unwrap_or(path).iter();
    names.map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/")
}
