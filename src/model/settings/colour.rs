//! A colour as settings write it: `#rrggbb` or `#rgb`.

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

/// An sRGB colour, 8 bit a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    pub rgb: [u8; 3],
}

impl Colour {
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

/// As settings write it.
impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b] = self.rgb;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Colour, D::Error> {
        let text = String::deserialize(deserializer)?;
        Colour::parse(&text)
            .ok_or_else(|| de::Error::custom(format!("{text:?} is not a colour such as \"#ffffff\" or \"#fff\"")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
