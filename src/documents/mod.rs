//! The documents about images: IIIF documents, HTML pages, feeds for harvesters.

pub mod discovery;
pub mod iiif;
pub mod info_json;
mod json;
pub mod render;
