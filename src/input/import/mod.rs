//! Makes projects from the files of other programs: biiif's folders, Wax's tables and images, a table beside images,
//! and folders with METS. The result is a project as people would write it by hand.
//!
//! The source is only read. Images become hard links where the file systems allow it, else copies. Metadata becomes
//! `item.toml` and `collection.toml`. Everything that has no place in the project is listed in [`Imported::left_out`].

mod biiif;
mod mets;
mod project;
mod table;

use crate::error::{Error, ErrorKind, Result};
use crate::storage::ownership::{check_new_folder, is_within, resolved};
use project::Project;
use std::fs;
use std::path::Path;

/// The program that a source was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Folders with `info.yml`; those of canvases begin with `_`.
    Biiif,
    /// Tables and folders of images below `_data/`, where `_config.yml` says.
    Wax,
    /// A CSV, XLSX or ODS file with images beside it.
    Table,
    /// Folders with a METS file and images.
    Mets,
}

/// The result of an import.
#[derive(Debug, Default)]
pub struct Imported {
    pub items: usize,
    pub collections: usize,
    /// Images that share their bytes with the source.
    pub linked: usize,
    /// Images that were copied.
    pub copied: usize,
    /// Everything that has no place in the project, and why.
    pub left_out: Vec<String>,
    /// The mistakes in the metadata of the source. If there are any, nothing was made.
    pub mistakes: Vec<Error>,
}

/// Writes a project into `target` from the folder `source` of another program.
///
/// # Errors
/// A `target` that is no empty folder, or that lies in `source` or around it; a source without anything to import.
pub fn import(peer: Peer, source: &Path, target: &Path) -> Result<Imported> {
    let source = source.canonicalize().map_err(|error| Error::read(ErrorKind::Config, source, error))?;
    let place = resolved(target);
    if is_within(&place, &source) || is_within(&source, &place) {
        let why =
            "the project and the folder that it is made from would lie in one another, and that folder is only read";
        return Err(Error::new(ErrorKind::Config, why).with_path(target).with_hint("name a new folder elsewhere"));
    }
    check_new_folder(target)?;
    fs::create_dir_all(&place).map_err(|error| Error::output(target, error))?;
    let target = place;
    let mut project = Project::new(&target);
    match peer {
        Peer::Biiif => biiif::import(&source, &mut project)?,
        Peer::Wax => table::import_wax(&source, &mut project)?,
        Peer::Table => table::import_tables(&source, &mut project)?,
        Peer::Mets => mets::import(&source, &mut project)?,
    }
    if !project.imported.mistakes.is_empty() {
        return project.give_up();
    }
    if project.imported.items == 0 {
        let error = Error::new(ErrorKind::Content, "there is nothing to import").with_path(source);
        let why = project.imported.left_out.first().cloned();
        return Err(error.with_hint(why.unwrap_or_else(|| peer.expected().to_owned())));
    }
    project.finish()
}

impl Peer {
    fn expected(self) -> &'static str {
        match self {
            Peer::Biiif => "expected folders of images, or folders whose own folders begin with `_` and hold images",
            Peer::Wax => {
                "expected collections with sources of metadata and images in _config.yml, or _data/NAME.csv and images in _data/raw_images/NAME/"
            }
            Peer::Table => "expected a CSV, XLSX or ODS file and images beside it",
            Peer::Mets => "expected folders with a METS file and images",
        }
    }
}
