//! iiif-build: a folder of scans in, a static IIIF site out; no image server.
//!
//! Three functions do the work. Each takes complete options, returns what was done, and leaves the terminal alone:
//!
//! - [`build`] builds the whole site of a project: tiles, Manifests, Collections and pages.
//! - [`tile`] cuts one image into a level 0 folder. No project is needed.
//! - [`iiif_documents`] makes a project's IIIF documents in memory. No pixel is decoded, and nothing is written.
//!
#![cfg_attr(feature = "site", doc = "```")]
#![cfg_attr(not(feature = "site"), doc = "```ignore")]
//! # let folder = tempfile::tempdir()?;
//! # let root = folder.path();
//! # std::fs::create_dir_all(root.join("content/letters"))?;
//! # image::RgbImage::new(60, 40).save(root.join("content/letters/0001.png"))?;
//! use iiif_build::{Config, Overrides};
//!
//! let config = Config::load(root, &Overrides::default())?;
//! let report = iiif_build::build(&config)?;
//! assert_eq!((report.images, report.failures.len()), (1, 0));
//! assert!(root.join("public/letters/manifest.json").is_file());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`build_observed`] reports events to an [`Observer`] while they happen. An [`Error`] states who must act, names the
//! path and line, and often gives a hint.
//!
//! Images are decoded in this process unless [`Resources::worker`] names the program `iiif-build`. Hostile images should be
//! decoded in that program's processes: they have no network and can write only where images are staged (Linux).
//!
//! # Features
//!
//! All are on by default. A program that only cuts tiles sets `default-features = false`: it has [`tile`] and compiles no
//! database, web server, cloud client or template engine. A setting that asks for a missing feature is refused.
//!
//! - `site`: whole sites, [`build`] and [`iiif_documents`], and the program `iiif-build`. The other features include it.
//! - `deploy`: uploads of a site to buckets and folders, content in a bucket, and other viewers from the npm registry.
//! - `serve`: the local web server, and builds that follow changes.
//! - `discovery`: the feeds for harvesters.
//! - `image2`: documents and addresses of version 2 of the Image API and the Presentation API.
//!
//! ARCHITECTURE.md in the repository follows one image through the build. The modules of the crate are hidden
//! and may change; only the exports here are meant for other programs.

#![deny(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::todo,
        clippy::print_stdout,
        clippy::print_stderr,
        clippy::exit
    )
)]
#![warn(missing_docs)]
// The modules below are documented for those who change them: `cargo doc --document-private-items`.
#![allow(rustdoc::private_intra_doc_links)]
// A part of the program that is built without another one may hold code that only that one uses.
#![cfg_attr(
    not(all(feature = "deploy", feature = "serve", feature = "discovery", feature = "image2")),
    allow(dead_code)
)]

#[doc(hidden)]
pub mod build;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod diagnostics;
#[doc(hidden)]
pub mod documents;
#[doc(hidden)]
pub mod error;
#[cfg(feature = "site")]
#[doc(hidden)]
pub mod input;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod pixels;
#[cfg(feature = "site")]
#[doc(hidden)]
pub mod publish;
#[doc(hidden)]
pub mod storage;

#[doc(inline)]
pub use build::progress::{DocumentKind, Event, Observer, Outcome, Silent, Stage};
#[doc(inline)]
pub use build::{Refusal, Report, SingleImageOptions, StageTime};
#[doc(inline)]
pub use config::Resources;
#[doc(inline)]
pub use diagnostics::{Code, Diagnostic, Severity};
#[doc(inline)]
pub use error::{Error, ErrorKind, Position, Result};
#[doc(inline)]
pub use model::ImageId;
#[doc(inline)]
pub use model::settings::{
    Coding, Colour, FileFormat, Formats, Huffman, ImageSettings, Limit, Lossless, Subsampling, Watermark,
};
#[doc(inline)]
pub use storage::fingerprint::Reason;
#[cfg(feature = "site")]
#[doc(inline)]
pub use {
    build::IiifDocuments,
    config::{Config, Overrides, Scope},
    documents::iiif::Document,
};

use std::path::Path;

/// Builds the whole site of a project. Files that the last build made from the same sources and settings stay as they
/// are.
///
/// One bad image does not stop the others, unless [`Config::fail_fast`] is set: its error is in [`Report::failures`].
///
/// # Errors
/// An error that stops the whole build. If settings, metadata or templates are at fault, nothing has been written into the output. If
/// the disk is full or the build was interrupted, the same build again goes on where this one ended.
#[cfg(feature = "site")]
pub fn build(config: &Config) -> Result<Report> {
    build::build(config, &Silent)
}

/// The same as [`build`]; `observer` gets the events, and can end the build.
///
/// # Errors
/// Those of [`build`].
#[cfg(feature = "site")]
pub fn build_observed(config: &Config, observer: &dyn Observer) -> Result<Report> {
    build::build(config, observer)
}

/// Cuts the image in the file `source` into tiles, and writes them with its info.json into `folder`. The folder must be new or
/// empty, or the folder of an image, which is replaced.
///
/// ```
/// # let temporary = tempfile::tempdir()?;
/// # let (source, folder) = (temporary.path().join("map.png"), temporary.path().join("map"));
/// # image::RgbImage::new(1200, 800).save(&source)?;
/// use iiif_build::SingleImageOptions;
///
/// let mut options = SingleImageOptions::default();
/// options.id = Some("https://example.org/iiif/3/map".into());
/// options.settings.tile_size = 256;
/// iiif_build::tile(&source, &folder, &options)?;
/// assert!(folder.join("0,0,256,256/256,256/0/default.jpg").is_file());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Settings out of their range, a folder that holds other files, a page that the file does not have, an image or a watermark that cannot be read or that needs more memory
/// than [`Resources::memory`], and a disk that cannot be written.
pub fn tile(source: &Path, folder: &Path, options: &SingleImageOptions) -> Result<Report> {
    build::tile(source, folder, options, &Silent)
}

/// Makes the IIIF documents of a project in memory: info.json, Manifests, Collections, annotations and texts. Only the headers
/// of images are read, and nothing is written.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let root = folder.path();
/// # std::fs::create_dir_all(root.join("content/letters"))?;
/// # image::RgbImage::new(60, 40).save(root.join("content/letters/0001.png"))?;
/// use iiif_build::{Config, Overrides};
///
/// let made = iiif_build::iiif_documents(&Config::load(root, &Overrides::default())?)?;
/// let paths: Vec<&str> = made.documents.iter().map(|document| document.path.as_str()).collect();
/// assert_eq!(paths, ["iiif/3/letters_0001/info.json", "letters/manifest.json", "collection.json"]);
/// assert!(!root.join("public").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Settings or metadata that stop a build before it writes anything. Failures of one file or item only are in
/// [`IiifDocuments::failures`].
#[cfg(feature = "site")]
pub fn iiif_documents(config: &Config) -> Result<IiifDocuments> {
    build::iiif_documents(config, &Silent)
}
