//! The documents about images: IIIF documents, HTML pages, feeds for harvesters.

pub mod discovery;
pub mod iiif;
pub mod render;
