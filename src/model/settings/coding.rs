//! How pixels become files: the formats, the options of their encoders, and the background colour.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The options of the encoders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coding {
    /// The quality of JPEG and WebP, 1 to 100, by default 80.
    pub quality: u8,
    /// The colour resolution of JPEGs, by default [`Subsampling::Auto`].
    pub subsampling: Subsampling,
    /// The entropy coding of JPEGs, by default [`Huffman::Fast`].
    pub huffman: Huffman,
}

impl Default for Coding {
    fn default() -> Coding {
        Coding { quality: 80, subsampling: Subsampling::Auto, huffman: Huffman::Fast }
    }
}

/// Colour resolution of JPEGs. WebP is always 4:2:0, by its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Huffman {
    /// The tables of the JPEG standard.
    Fast,
    /// Tables made for each file.
    Optimised,
    /// Tables made for each file, and several scans from coarse to fine.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FileFormat {
    /// `jpg`
    #[serde(rename = "jpg")]
    Jpeg,
    /// `webp`
    #[serde(rename = "webp")]
    WebP,
}

impl FileFormat {
    /// Its value of the IIIF format parameter, which is also the ending of file names.
    pub fn ending(self) -> &'static str {
        match self {
            FileFormat::Jpeg => "jpg",
            FileFormat::WebP => "webp",
        }
    }
}

/// The formats of published images: JPEG, which level 0 requires, and those beside it. In settings a list such as
/// `["jpg", "webp"]`, in any order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<FileFormat>", into = "Vec<FileFormat>")]
pub struct Formats {
    /// Whether WebP files are published beside JPEG files.
    pub webp: bool,
}

impl Formats {
    /// JPEG first.
    pub fn iter(self) -> impl Iterator<Item = FileFormat> {
        [FileFormat::Jpeg].into_iter().chain(self.extra())
    }

    /// The format beside JPEG.
    pub fn extra(self) -> Option<FileFormat> {
        self.webp.then_some(FileFormat::WebP)
    }

    /// The number of formats.
    pub fn count(self) -> u64 {
        self.iter().count() as u64
    }
}

impl TryFrom<Vec<FileFormat>> for Formats {
    type Error = &'static str;

    /// Refuses a list without JPEG.
    fn try_from(list: Vec<FileFormat>) -> Result<Formats, &'static str> {
        match list.contains(&FileFormat::Jpeg) {
            true => Ok(Formats { webp: list.contains(&FileFormat::WebP) }),
            false => Err("\"jpg\" must be among the formats: every IIIF client may ask for it"),
        }
    }
}

impl From<Formats> for Vec<FileFormat> {
    fn from(formats: Formats) -> Vec<FileFormat> {
        formats.iter().collect()
    }
}

/// An sRGB colour, 8 bits a channel. In settings `#rrggbb` or `#rgb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour {
    /// Red, green and blue.
    pub rgb: [u8; 3],
}

impl Colour {
    /// `#ffffff`
    pub const WHITE: Colour = Colour { rgb: [255; 3] };

    /// Whether all channels are the same.
    pub fn is_grey(self) -> bool {
        self.rgb[0] == self.rgb[1] && self.rgb[1] == self.rgb[2]
    }

    fn parse(text: &str) -> Option<Colour> {
        let hex = text.strip_prefix('#')?;
        let digits: Option<Vec<u8>> = hex.chars().map(|c| Some(c.to_digit(16)? as u8)).collect();
        match *digits? {
            [r, g, b] => Some(Colour { rgb: [r * 17, g * 17, b * 17] }),
            [r, s, g, h, b, c] => Some(Colour { rgb: [r * 16 + s, g * 16 + h, b * 16 + c] }),
            _ => None,
        }
    }
}

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Colour, String> {
        Colour::parse(&text).ok_or_else(|| format!("{text:?} is not a colour such as \"#ffffff\" or \"#fff\""))
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> String {
        colour.to_string()
    }
}

/// As settings write it: `#rrggbb`.
impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.rgb;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
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

    #[test]
    fn colours_are_read_and_written_in_hex() {
        assert_eq!(Colour::parse("#fff"), Some(Colour::WHITE));
        assert_eq!(Colour::parse("#F0e1d2"), Some(Colour { rgb: [0xf0, 0xe1, 0xd2] }));
        assert_eq!(Colour::parse("#F0e1d2").map(|colour| colour.to_string()).as_deref(), Some("#f0e1d2"));
        assert!(!Colour { rgb: [1, 1, 2] }.is_grey());
        for text in ["", "#", "fff", "#ffff", "#ggg", "#ééé", "white", "#+12"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }
}
