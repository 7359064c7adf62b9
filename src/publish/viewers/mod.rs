//! `add-viewer`: brings Mirador, the Universal Viewer or Clover into the static files of a project, with a page that opens
//! it for any item of the site.
//!
//! Each is one npm package of a version that this program was tried with. Its hash is in [`package`], so that it does not
//! matter where the package comes from. Only the files that a browser needs are unpacked, and the licence.
//!
//! Rejected: carrying the viewers in this program, which would add 4 MB to each copy of it. Rejected: linking to a server
//! that serves npm packages, because a site must not need one.

mod package;
mod page;
mod placed;
mod registry;
mod tarball;

pub use package::Package;
pub use registry::REGISTRY;
pub use tarball::unpacked;

use crate::config::{Config, files};
use crate::documents::render::theme::Theme;
use crate::error::{Error, ErrorKind, Result};
use crate::model::SiteViewer;
use placed::{Changed, Placed};
use std::path::{Path, PathBuf};

/// Where a package comes from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// The address of an npm registry.
    Registry(&'a str),
    /// A file that was downloaded before.
    File(&'a Path),
}

/// The result of [`add`].
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Added {
    /// The folder of the viewer in the project.
    pub folder: PathBuf,
    /// The number of files that were written, or removed because this version has none of the name.
    pub written: usize,
    /// Files that somebody changed and that stay as they are.
    pub left: Vec<PathBuf>,
}

/// Brings `viewer` into the static files of the project. If its version is there already, the package is not read again: only
/// files of our own are brought up to date. With `force` everything is written again, whatever is there.
///
/// # Errors
/// The package cannot be had, or is another than the one that this program knows; a file that is not ours is in the way.
pub fn add(viewer: SiteViewer, source: Source<'_>, config: &Config, force: bool) -> Result<Added> {
    let package = Package::of(viewer);
    let theme = Theme::load(Some(&config.templates), &config.language);
    let theme = theme.map_err(|mut errors| errors.swap_remove(0))?;
    let own = page::files(&package, theme.words())?;
    let folder = config.static_files.join(viewer.folder());
    let placed = Placed::read(&folder)?;
    if !force && placed.is_complete(package.version, own.iter().map(|(name, _)| name.as_str())) {
        return placed.write(package.version, own, Changed::Leave);
    }
    if !force {
        placed.check(&own)?;
    }
    let bytes = match source {
        Source::Registry(registry) => registry::fetch(&package, registry)?,
        Source::File(path) => {
            let read = files::read(path, tarball::MAX_PACKED);
            let bytes = read.map_err(|error| Error::read(ErrorKind::Config, path, error))?;
            let checked = package.check(&bytes, ErrorKind::Config);
            checked.map_err(|error| error.with_path(path))?;
            bytes
        }
    };
    let mut all = tarball::unpacked(&bytes, &package)?;
    all.extend(own);
    placed.write(package.version, all, if force { Changed::Overwrite } else { Changed::Refuse })
}
