//! A project's settings: `iiif-build.toml` and what overrides it, merged in one place into a complete [`Config`].
//!
//! Flag > environment > file > default. The binary hands flags and environment over as [`Overrides`].

mod bucket;
mod file;
pub(crate) mod machine;
mod project;
mod resources;
mod target;
mod toml;

pub use bucket::{Access, Bucket, Destination, RemoteContent, Service};
pub use file::FILE_NAME;
pub use project::{Config, Overrides, Scope};
pub use resources::{LOCAL_BASE_URL, Resources, parse_bytes};
pub use target::{Compression, DistributionId, Grace, Target};
pub use toml::{at_key, parse_toml};
