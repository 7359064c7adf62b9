//! The data that the stages of one build share.

use super::image_sink::ImageSink;
use super::plan::PlannedImage;
use crate::config::Config;
use crate::documents::iiif::Service;
use crate::error::{Error, ErrorKind};
use crate::input::source::ContentSource;
use crate::model::address::SitePath;
use crate::storage::output::Directory;
use crate::storage::state::{PreviousBuild, RunningList, State};
use std::path::PathBuf;

/// See the [module](self).
pub struct Run<'a> {
    pub config: &'a Config,
    pub source: &'a ContentSource,
    /// The records of earlier builds.
    pub previous: &'a PreviousBuild,
    pub directory: &'a Directory<'a>,
    pub state: &'a State,
    /// The list in the output of everything that is ours.
    pub list: &'a RunningList<'a>,
    /// Takes images away from the directory as they are made.
    pub sink: Option<&'a dyn ImageSink>,
    /// Of all stages but TILE, which has the worker's.
    pub pool: &'a rayon::ThreadPool,
}

impl Run<'_> {
    /// Somebody else's file that keeps a document, or a file of an image's folder, from its place. By force a file in the very
    /// place is overwritten.
    pub fn occupant(&self, path: &SitePath) -> Option<PathBuf> {
        let place = self.directory.occupant(path, |file| self.previous.has_file(file))?;
        (!self.config.force || place != self.directory.place(path)).then_some(place)
    }

    /// The same for an image's folder. By force a folder in its place is taken over.
    pub fn image_occupant(&self, path: &SitePath) -> Option<PathBuf> {
        let place = self.directory.occupant(path, |file| self.previous.has_file(file))?;
        (!self.config.force || !place.starts_with(self.directory.place(path))).then_some(place)
    }

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
