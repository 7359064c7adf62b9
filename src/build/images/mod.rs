//! COMPARE, TILE and LINK: which images are due, and how they are made.

mod compare;
pub mod drivers;
mod due;
pub mod image2_links;
mod make;
mod tile;

pub use compare::{Compared, compare};
pub use due::{Due, SourceHash};
pub use image2_links::link_all as link;
pub use make::{ImageOrder, MadeImage, Maker, MasterFile};
pub use tile::{Tiled, tile};
