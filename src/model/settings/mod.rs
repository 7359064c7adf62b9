//! `[images]`: how images are published, as the site sets it and as a collection or an item overrides it.
//!
//! [`ImageChoices`] has the keys that are written; [`ImageSettings`] is complete, with every value in its range.

mod coding;
mod length;
mod pdf;
mod site;
mod watermark;

pub use coding::{Coding, Colour, FileFormat, Formats, Huffman, Subsampling};
pub use length::{Extent, Fraction, Limit};
pub use pdf::{PdfChoices, PdfSettings};
pub use site::{ApiChoices, Granularity, OlderApis, Originals, TableSettings};
pub use watermark::{Placement, Position, Watermark, WatermarkChoices};

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

/// The longest side of a WebP in pixels, by its format.
pub const MAX_WEBP_SIDE: u32 = 16_383;

/// How an image is published: complete, with every value in its range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImageSettings {
    /// Side of a square tile in pixels: a multiple of 16 from 64 to 4096, by default 512.
    pub tile_size: u32,
    /// The options of the encoders.
    pub coding: Coding,
    /// The formats of all image files, by default only JPEG.
    pub formats: Formats,
    /// The colour behind transparent pixels, by default white.
    pub background: Colour,
    /// Longest side of `full/max` in pixels, by default 4096; never below `tile_size`.
    pub max_size: Limit,
    /// Longest side of the published image in pixels, by default without limit. A larger master is reduced to it before it is
    /// tiled.
    pub max_resolution: Limit,
    /// Whether compressed data of the master is published as it is.
    pub lossless: Lossless,
    /// Burned into the pixels at full resolution. `None`: there is none.
    pub watermark: Option<Arc<Watermark>>,
}

/// Whether the compressed data of a JPEG or JPEG-tiled TIFF is published as it is, instead of being encoded a second time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Lossless {
    /// If that takes only a few bytes more than encoding again.
    #[default]
    Auto,
    /// Wherever the file allows it, at any quality.
    Always,
    /// All tiles are encoded again.
    Never,
}

impl ImageSettings {
    /// The settings that are out of their range.
    pub fn refused(&self) -> Vec<Refused> {
        let ImageSettings { tile_size, max_size, max_resolution, coding: Coding { quality, .. }, .. } = *self;
        let has_tile_size = TILE_SIZES.contains(&tile_size) && tile_size.is_multiple_of(16);
        let tile_size_range = format!("is {tile_size}; it must be a multiple of 16 from 64 to 4096");
        let quality_range = format!("is {quality}; it must be from 1 to 100");
        let max_size_range = format!("is {max_size}; it must not be below tile-size ({tile_size})");
        let resolution_range = format!("is {max_resolution}; it must not be below {LEAST_RESOLUTION}");
        let checked = [
            ("tile-size", has_tile_size, tile_size_range),
            ("quality", (1..=100).contains(&quality), quality_range),
            ("max-size", !has_tile_size || max_size.side() >= tile_size, max_size_range),
            ("max-resolution", max_resolution.side() >= LEAST_RESOLUTION, resolution_range),
        ];
        let wrong = checked.into_iter().filter(|(_, is_right, _)| !is_right);
        wrong.map(|(key, _, range)| Refused { key, why: format!("{key} {range}") }).collect()
    }
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
    /// Longest side of a file for a whole image in pixels: `max_size`, or less where a format cannot hold that.
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

/// The value that `word` has in a settings file. For flags: both know the same words.
///
/// # Errors
/// A message with the words that are known.
pub fn from_word<T: DeserializeOwned>(word: &str) -> Result<T, String> {
    let word: StrDeserializer<'_, Error> = word.into_deserializer();
    T::deserialize(word).map_err(|error| error.to_string())
}

const TILE_SIZES: RangeInclusive<u32> = 64..=4096;

/// The smallest `max-resolution` in pixels: below it a master would only be a thumbnail.
const LEAST_RESOLUTION: u32 = 64;

/// The table `[images]`, or the flags of `tile`, as they are written. `None`: the key is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ImageChoices {
    /// A multiple of 16 from 64 to 4096.
    pub tile_size: Option<u32>,
    /// 1 to 100.
    pub quality: Option<u8>,
    /// See [`Coding::subsampling`].
    pub subsampling: Option<Subsampling>,
    /// See [`Coding::huffman`].
    pub huffman: Option<Huffman>,
    /// See [`ImageSettings::formats`].
    pub formats: Option<Formats>,
    /// See [`ImageSettings::background`].
    pub background: Option<Colour>,
    /// At least the tile size; see [`ImageSettings::max_size`].
    pub max_size: Option<Limit>,
    /// At least 64; see [`ImageSettings::max_resolution`].
    pub max_resolution: Option<Limit>,
    /// See [`ImageSettings::lossless`].
    pub lossless: Option<Lossless>,
    /// A table, or `false` for none.
    pub watermark: Option<WatermarkChoices>,
}

/// A value that a setting cannot have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The key to change.
    pub key: &'static str,
    /// A message that names the key.
    pub why: String,
}

impl ImageChoices {
    /// The settings of these choices laid over `base`. `folder` holds the file in which the choices are written. A
    /// `max-size` that comes from `base` is raised to the tile size.
    ///
    /// # Errors
    /// All keys whose values are out of their range.
    pub fn over(&self, base: ImageSettings, folder: &Path) -> Result<ImageSettings, Vec<Refused>> {
        let mut refused = vec![];
        let watermark = match &self.watermark {
            None => base.watermark,
            Some(choices) => {
                let watermark = choices.over(base.watermark.as_deref(), folder);
                let watermark = watermark.map_err(|why| refused.push(Refused { key: "watermark", why }));
                watermark.ok().flatten().map(Arc::new)
            }
        };
        let tile_size = self.tile_size.unwrap_or(base.tile_size);
        let settings = ImageSettings {
            tile_size,
            coding: Coding {
                quality: self.quality.unwrap_or(base.coding.quality),
                subsampling: self.subsampling.unwrap_or(base.coding.subsampling),
                huffman: self.huffman.unwrap_or(base.coding.huffman),
            },
            formats: self.formats.unwrap_or(base.formats),
            background: self.background.unwrap_or(base.background),
            max_size: self.max_size.unwrap_or(base.max_size.at_least(tile_size)),
            max_resolution: self.max_resolution.unwrap_or(base.max_resolution),
            lossless: self.lossless.unwrap_or(base.lossless),
            watermark,
        };
        refused.extend(settings.refused());
        if refused.is_empty() { Ok(settings) } else { Err(refused) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(choices: &ImageChoices, base: ImageSettings) -> Result<ImageSettings, Vec<Refused>> {
        choices.over(base, Path::new(""))
    }

    #[test]
    fn what_is_not_said_stays_as_it_was() {
        let site = ImageChoices { quality: Some(60), tile_size: Some(256), ..ImageChoices::default() };
        let site = over(&site, ImageSettings::default()).unwrap();
        let below = ImageChoices { formats: Some(Formats { webp: true }), ..ImageChoices::default() };
        let below = over(&below, site).unwrap();
        assert_eq!((below.coding.quality, below.tile_size, below.formats.webp), (60, 256, true));
    }

    #[test]
    fn a_limit_from_above_gives_way_to_larger_tiles_and_one_said_here_does_not() {
        let site = ImageChoices { max_size: Some(Limit::pixels(600)), ..ImageChoices::default() };
        let site = over(&site, ImageSettings::default()).unwrap();
        let larger = ImageChoices { tile_size: Some(1024), ..ImageChoices::default() };
        assert_eq!(over(&larger, site.clone()).unwrap().max_size, Limit::pixels(1024));
        let both = ImageChoices { max_size: Some(Limit::pixels(600)), ..larger };
        assert_eq!(over(&both, site).unwrap_err()[0].key, "max-size");
    }
}
