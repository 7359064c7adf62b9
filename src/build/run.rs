//! The data that the stages of one build share.

use super::image_sink::ImageSink;
use super::plan::PlannedImage;
use super::texts::TextFiles;
use crate::config::Config;
use crate::documents::iiif::Service;
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::model::address::SitePath;
use crate::storage::output::Directory;
use crate::storage::state::{DocumentRecord, PreviousBuild, RunningList, State};
use std::path::PathBuf;

/// See the [module](self).
pub struct Run<'a> {
    pub config: &'a Config,
    pub source: &'a ContentSource,
    pub texts: TextFiles<'a>,
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
    /// Notes documents that are about to be made, by the keys of their records: in the records, and files that are new in the
    /// list in the output too.
    pub fn begin_documents<'d>(&self, due: impl Iterator<Item = (&'d str, &'d DocumentRecord)>) -> Result<()> {
        let before = |key: &str| self.previous.documents.get(key);
        let records: Vec<_> = due.map(|(key, record)| (key.to_owned(), record.unfinished(before(key)))).collect();
        if !records.is_empty() {
            self.state.begin(&[], &records)?;
        }
        let is_new = |(key, record): &(String, DocumentRecord)| {
            before(key).is_none_or(|before| record.files.len() > before.files.len())
        };
        if records.iter().any(is_new) { self.list.extend() } else { Ok(()) }
    }

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
        rights: image.item.rights.as_deref(),
        item: &image.item.path,
    }
}

pub fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted; what is finished is kept").with_hint("run it again to go on")
}
