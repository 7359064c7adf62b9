//! COMPARE, TILE and LINK: which images are due, and how they are made.

pub mod compare;
pub mod image2_links;
mod memory;
mod queue;
mod single;
pub mod tile;

pub use single::{SingleImage, tile_file};
