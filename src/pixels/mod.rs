//! Pixels: masters are decoded band by band, cut into tiles and encoded as JPEG or WebP.
//!
//! `libjpeg` and `openjpeg` call two C libraries and are the only places with `unsafe`.

pub mod codecs;
pub mod decode;
pub mod encode;
mod libjpeg;
mod openjpeg;
mod splice;
pub mod tile_plan;
pub mod tiling;
