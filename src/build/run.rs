//! The data that the stages of one build share.

use super::image_sink::ImageSink;
use super::plan::PlannedImage;
use crate::config::Config;
use crate::documents::iiif::Service;
use crate::error::{Error, ErrorKind};
use crate::input::source::ContentSource;
use crate::storage::output::Directory;
use crate::storage::state::{PreviousBuild, State};

/// See the [module](self).
pub struct Run<'a> {
    pub config: &'a Config,
    pub source: &'a ContentSource,
    /// The records of earlier builds.
    pub previous: &'a PreviousBuild,
    pub directory: &'a Directory,
    pub state: &'a State,
    /// Takes images away from the directory as they are made.
    pub sink: Option<&'a dyn ImageSink>,
    /// Of all stages but TILE, which has the worker's.
    pub pool: &'a rayon::ThreadPool,
}

impl Run<'_> {
    /// Whether all documents are made again and compared, because the files may not be as they were written.
    pub fn doubts_documents(&self) -> bool {
        self.config.verify || self.previous.doubtful_from.is_some()
    }
}

/// An image as its info.json describes it.
pub fn service_of(image: &PlannedImage) -> Service<'_> {
    Service {
        image: &image.id,
        pyramid: &image.tile_plan.pyramid,
        formats: image.options.settings.formats,
        rights: image.rights.as_deref(),
        item: &image.item_path,
    }
}

pub fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted; what is finished is kept").with_hint("run it again to go on")
}
