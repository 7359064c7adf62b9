//! What PROBE learns of an image.

use crate::model::geometry::Size;
use serde::{Deserialize, Serialize};

/// One image in a source file, as its header tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageHeader {
    /// The format that the bytes show, such as `TIFF`.
    pub format: String,
    /// Which image of the file, from 0: the index of a TIFF directory.
    pub index: usize,
    /// Its size after orientation and `max-resolution` are applied: what is published.
    pub size: Size,
    /// The channels of its tiles.
    pub channels: Channels,
    /// What is done to its pixels, in words: `RGB 8 bit, ICC "Adobe RGB (1998)" to sRGB`.
    pub treatment: String,
    /// What its decoder holds at most beside the rows it hands out, in bytes.
    pub decoder_memory: u64,
    /// As much is of use to the decoder: more makes nothing faster. At least `decoder_memory`.
    pub ample_memory: u64,
    /// Tiles that it holds already, or that can be cut out of it without decoding.
    pub stored: Option<StoredJpeg>,
}

/// Compressed data in a master that can be published as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredJpeg {
    pub form: StoredForm,
    /// The quality setting of libjpeg whose tables come nearest, 1 to 100.
    pub quality: u8,
    /// What the pass holds at most beside pixels, in bytes.
    pub memory: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredForm {
    /// One baseline JPEG; tiles can begin at multiples of this size.
    Image { unit: Size },
    /// Square tiles of `side` pixels, of this many levels from full resolution on.
    Tiles { side: u32, levels: usize },
}

/// Channels of a published image, 8 bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channels {
    Grey,
    Rgb,
}

impl Channels {
    /// Bytes a pixel.
    pub fn count(self) -> usize {
        match self {
            Channels::Grey => 1,
            Channels::Rgb => 3,
        }
    }
}
