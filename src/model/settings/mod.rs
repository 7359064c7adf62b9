//! `[images]`: how images are published, as the site sets it and as a collection or an item overrules it.
//!
//! [`ImageChoices`] is what somebody wrote, [`ImageSettings`] what then holds, complete and within its ranges.

mod choices;
mod coding;
mod colour;
mod extent;
mod limit;
mod older;
mod tables;
mod text;
mod watermark;

pub use choices::{ImageChoices, Refused};
pub use coding::{Coding, FileFormat, Formats, Huffman, Subsampling};
pub use colour::Colour;
pub use extent::{Extent, Fraction};
pub use limit::Limit;
pub use older::{ApiChoices, OlderApis};
pub use tables::TableSettings;
pub use text::Granularity;
pub use watermark::{Placement, Position, Watermark, WatermarkChoices};

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use std::sync::Arc;

/// The longest side of a WebP in pixels, by its format.
pub const MAX_WEBP_SIDE: u32 = 16_383;

/// How an image is published.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ImageSettings {
    /// Side of a square tile in pixels, a multiple of 16.
    pub tile_size: u32,
    pub coding: Coding,
    pub formats: Formats,
    /// What transparent pixels are laid on.
    pub background: Colour,
    /// Longest side of `full/max`; never below `tile_size`.
    pub max_size: Limit,
    /// Longest side of what is published at all: a larger master is reduced to it before it is cut.
    pub max_resolution: Limit,
    pub lossless: Lossless,
    /// Burned into the pixels at full resolution.
    pub watermark: Option<Arc<Watermark>>,
}

/// Whether tiles are taken from a JPEG or JPEG-tiled TIFF as they are, instead of being encoded a second time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lossless {
    /// Where that costs few bytes more than encoding anew would give.
    #[default]
    Auto,
    /// Wherever the file allows it, whatever its quality.
    Always,
    Never,
}

impl Default for ImageSettings {
    fn default() -> ImageSettings {
        ImageSettings {
            tile_size: 512,
            coding: Coding::default(),
            formats: Formats::default(),
            background: Colour::WHITE,
            max_size: Limit::pixels(4096),
            max_resolution: Limit::NONE,
            lossless: Lossless::Auto,
            watermark: None,
        }
    }
}

impl ImageSettings {
    /// Longest side of a file for a whole image in pixels: `max_size`, and what all formats can hold.
    pub fn whole_limit(&self) -> u32 {
        match self.formats.webp {
            true => self.max_size.side().min(MAX_WEBP_SIDE),
            false => self.max_size.side(),
        }
    }

    /// The same with tiles of another size.
    pub fn with_tile_size(&self, tile_size: u32) -> ImageSettings {
        ImageSettings { tile_size, max_size: self.max_size.at_least(tile_size), ..self.clone() }
    }
}

/// The value that `word` names in a settings file, for flags: both know the same words.
pub fn from_word<T: DeserializeOwned>(word: &str) -> Result<T, String> {
    let word: StrDeserializer<'_, Error> = word.into_deserializer();
    T::deserialize(word).map_err(|error| error.to_string())
}
