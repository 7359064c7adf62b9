//! A project's settings: `iiif-build.toml` and what overrides it, merged in one place into a complete [`Config`].
//!
//! Flag > environment > file > default. The binary hands flags and environment over as [`Overrides`].

#[cfg(feature = "site")]
mod bucket;
#[cfg(feature = "site")]
mod examples;
#[cfg(feature = "site")]
mod features;
#[cfg(feature = "site")]
mod file;
#[doc(hidden)]
pub mod files;
pub mod machine;
#[cfg(feature = "site")]
mod mistakes;
#[cfg(feature = "site")]
mod project;
mod resources;
#[cfg(feature = "site")]
mod secrets;
#[cfg(feature = "site")]
mod target;
#[cfg(feature = "site")]
mod toml;
#[cfg(feature = "site")]
mod viewers;

pub use resources::{LOCAL_BASE_URL, Resources, parse_bytes};
#[cfg(feature = "deploy")]
pub(crate) use secrets::without_secrets;
#[cfg(feature = "site")]
pub use {
    bucket::{Access, Bucket, Destination, RemoteContent, Service},
    examples::of_images,
    file::FILE_NAME,
    mistakes::{Mistake, Read, read_whole},
    project::{Config, Overrides, Scope},
    target::{Compression, DistributionId, Grace, Percent, Target},
    toml::{locate, read_toml},
};
