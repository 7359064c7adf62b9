//! DESCRIBE and RENDER, and the feeds for harvesters that PUBLISH writes.

pub mod discovery;
mod folders;
mod history;
mod in_memory;
mod statics;
mod texts;

pub use folders::{Documents, ImageChanges};
pub use in_memory::{IiifDocuments, iiif_documents};
pub use statics::Statics;
