//! What an `[images]` table or the flags of `tile` say, and laying it over what holds without.

use super::{Coding, Colour, Formats, Huffman, ImageSettings, Limit, Lossless, Subsampling, WatermarkChoices};
use serde::Deserialize;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

const TILE_SIZES: RangeInclusive<u32> = 64..=4096;

/// Below this a master would be no more than a thumbnail.
const LEAST_RESOLUTION: u32 = 64;

/// `None` where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ImageChoices {
    pub tile_size: Option<u32>,
    pub quality: Option<u8>,
    pub subsampling: Option<Subsampling>,
    pub huffman: Option<Huffman>,
    pub formats: Option<Formats>,
    pub background: Option<Colour>,
    pub max_size: Option<Limit>,
    pub max_resolution: Option<Limit>,
    pub lossless: Option<Lossless>,
    pub watermark: Option<WatermarkChoices>,
}

/// A setting that cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The key to change.
    pub key: &'static str,
    /// What is wrong, in words that name the key.
    pub why: String,
}

impl ImageChoices {
    /// What holds where these choices, which stand in a file in `folder`, are laid over `base`. A `max-size` that `base`
    /// brings gives way to larger tiles.
    pub fn over(&self, base: ImageSettings, folder: &Path) -> Result<ImageSettings, Refused> {
        let watermark = match &self.watermark {
            None => base.watermark,
            Some(choices) => {
                let mark = choices.over(base.watermark.as_deref(), folder);
                mark.map_err(|why| Refused { key: "watermark", why })?.map(Arc::new)
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
        check(&settings).map(|()| settings)
    }
}

/// Says which setting is out of its range.
fn check(settings: &ImageSettings) -> Result<(), Refused> {
    let ImageSettings { tile_size, max_size, max_resolution, coding: Coding { quality, .. }, .. } = *settings;
    let (key, range) = if !TILE_SIZES.contains(&tile_size) || !tile_size.is_multiple_of(16) {
        ("tile-size", format!("is {tile_size}; it must be a multiple of 16 from 64 to 4096"))
    } else if !(1..=100).contains(&quality) {
        ("quality", format!("is {quality}; it must be from 1 to 100"))
    } else if max_size.side() < tile_size {
        ("max-size", format!("is {max_size}; it must not be below tile-size ({tile_size})"))
    } else if max_resolution.side() < LEAST_RESOLUTION {
        ("max-resolution", format!("is {max_resolution}; it must not be below {LEAST_RESOLUTION}"))
    } else {
        return Ok(());
    };
    Err(Refused { key, why: format!("{key} {range}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(choices: &ImageChoices, base: ImageSettings) -> Result<ImageSettings, Refused> {
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
        assert_eq!(over(&both, site).unwrap_err().key, "max-size");
    }
}
