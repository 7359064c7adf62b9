//! COMPARE, TILE and LINK: which images are due, and how they are made.

mod compare;
mod due;
pub mod image2_links;
mod tile;

pub use compare::compare;
pub use image2_links::link_all as link;
pub use tile::{Tiled, tile};
