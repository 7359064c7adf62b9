//! The documents about images: IIIF documents, PDFs, HTML pages, feeds for harvesters.

#[cfg(feature = "site")]
pub mod card;
#[cfg(feature = "discovery")]
pub mod discovery;
#[cfg(feature = "site")]
mod document;
#[cfg(feature = "site")]
pub mod iiif;
pub mod info_json;
mod json;
#[cfg(feature = "site")]
pub mod pdf;
#[cfg(feature = "site")]
pub mod render;
#[cfg(feature = "site")]
pub mod text;
