//! How pixels become files: the formats, and what their encoders are told.

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

/// What encoders are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Coding {
    /// Of JPEG and WebP, 1 to 100.
    pub quality: u8,
    pub subsampling: Subsampling,
    pub huffman: Huffman,
}

impl Default for Coding {
    fn default() -> Coding {
        Coding { quality: 80, subsampling: Subsampling::Auto, huffman: Huffman::Fast }
    }
}

/// Colour resolution of JPEGs. WebP is always 4:2:0, by its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
pub enum Subsampling {
    /// 4:4:4 from quality 90 on, 4:2:0 below, as libvips does.
    #[serde(rename = "auto")]
    Auto,
    /// Full.
    #[serde(rename = "4:4:4")]
    Full,
    /// Half in both directions.
    #[serde(rename = "4:2:0")]
    Half,
}

/// From this quality on `auto` keeps full colour.
const FULL_COLOUR_QUALITY: u8 = 90;

/// The entropy coding of JPEGs: the same pixels in fewer bytes for more work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Huffman {
    /// The tables of the JPEG standard.
    Fast,
    /// Tables made for each file.
    Optimised,
    /// Those, and several scans from coarse to fine.
    Progressive,
}

impl Coding {
    /// Whether JPEGs have colour at half resolution both ways.
    pub fn is_subsampled(&self) -> bool {
        match self.subsampling {
            Subsampling::Auto => self.quality < FULL_COLOUR_QUALITY,
            Subsampling::Full => false,
            Subsampling::Half => true,
        }
    }
}

/// A format of published images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
pub enum FileFormat {
    #[serde(rename = "jpg")]
    Jpeg,
    #[serde(rename = "webp")]
    WebP,
}

impl FileFormat {
    /// Its value of the IIIF format parameter: what a file name ends with.
    pub fn ending(self) -> &'static str {
        match self {
            FileFormat::Jpeg => "jpg",
            FileFormat::WebP => "webp",
        }
    }
}

/// The formats of published images: JPEG, which level 0 asks for, and those beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Formats {
    pub webp: bool,
}

impl Formats {
    /// JPEG first.
    pub fn iter(self) -> impl Iterator<Item = FileFormat> {
        [FileFormat::Jpeg].into_iter().chain(self.extra())
    }

    /// Those beside JPEG.
    pub fn extra(self) -> Option<FileFormat> {
        self.webp.then_some(FileFormat::WebP)
    }

    pub fn count(self) -> u64 {
        self.iter().count() as u64
    }

    /// Refuses a list without JPEG.
    pub fn of(list: &[FileFormat]) -> Result<Formats, &'static str> {
        match list.contains(&FileFormat::Jpeg) {
            true => Ok(Formats { webp: list.contains(&FileFormat::WebP) }),
            false => Err("\"jpg\" must be among the formats: every IIIF client may ask for it"),
        }
    }
}

/// A list such as `["jpg", "webp"]`, in any order.
impl<'de> Deserialize<'de> for Formats {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Formats, D::Error> {
        Formats::of(&Vec::<FileFormat>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl Serialize for Formats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_keeps_full_colour_from_quality_90_on() {
        let coding = |quality, subsampling| Coding { quality, subsampling, ..Coding::default() };
        assert!(coding(89, Subsampling::Auto).is_subsampled());
        assert!(!coding(90, Subsampling::Auto).is_subsampled());
        assert!(coding(95, Subsampling::Half).is_subsampled());
        assert!(!coding(10, Subsampling::Full).is_subsampled());
    }
}
