//! Pixels: masters are decoded band by band, cut into tiles and encoded.
//!
//! `libjpeg` and `openjpeg` are the doors to two C libraries, and the only places with `unsafe`.

pub mod decode;
pub mod encode;
mod libjpeg;
mod openjpeg;
mod splice;
pub mod tile_plan;
pub mod tiling;
