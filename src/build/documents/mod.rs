//! BIND, DESCRIBE and RENDER, and the feeds for harvesters that PUBLISH writes.

mod bind;
#[cfg(feature = "discovery")]
pub mod discovery;
#[cfg(not(feature = "discovery"))]
#[path = "no_discovery.rs"]
pub mod discovery;
mod folders;
#[cfg(feature = "discovery")]
mod history;
mod in_memory;
mod occupied;
mod settled;
mod statics;
mod trial;

pub use bind::{Bound, bind};
pub use folders::{Documents, ImageChanges};
pub use in_memory::{IiifDocuments, iiif_documents};
pub use settled::addresses;
pub use statics::Statics;
pub use trial::try_templates;
