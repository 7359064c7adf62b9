//! What is written about images: IIIF documents, HTML pages, and what harvesters read.

pub mod discovery;
pub mod iiif;
pub mod render;
