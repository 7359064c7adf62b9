//! `[images.watermark]`: a mark that is burned into images: which file, where, how large and how strong.

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};
use std::fmt;
use std::path::{Path, PathBuf};

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Watermark {
    /// An image, as a rule with alpha. Not written down: its bytes tell one mark from another, not its name.
    #[serde(skip)]
    pub file: PathBuf,
    pub placement: Placement,
}

/// Where a mark stands, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Placement {
    pub position: Position,
    /// Its width. A mark that would not fit is made smaller.
    pub size: Extent,
    /// Of the mark as a whole, beside its own alpha.
    pub opacity: Fraction,
    /// To the edges of the image, and between tiled marks.
    pub margin: Extent,
}

impl Default for Placement {
    fn default() -> Placement {
        Placement {
            position: Position::BottomRight,
            size: Extent::OfWidth(Fraction(200_000)),
            opacity: Fraction::WHOLE,
            margin: Extent::OfWidth(Fraction(20_000)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    TopLeft,
    Top,
    TopRight,
    Left,
    Centre,
    Right,
    BottomLeft,
    Bottom,
    BottomRight,
    /// Again and again over the whole image.
    Tiled,
}

/// A part of a whole, in millionths, from 0 to all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction(u32);

impl Fraction {
    const MILLION: u32 = 1_000_000;
    const WHOLE: Fraction = Fraction(Fraction::MILLION);

    fn new(value: f64) -> Option<Fraction> {
        (0.0..=1.0).contains(&value).then(|| Fraction((value * f64::from(Fraction::MILLION)).round() as u32))
    }

    pub fn value(self) -> f32 {
        self.0 as f32 / Fraction::MILLION as f32
    }

    /// So much of `length`, rounded.
    fn of(self, length: u32) -> u32 {
        ((u64::from(length) * u64::from(self.0) + 500_000) / u64::from(Fraction::MILLION)) as u32
    }
}

/// A length on an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Pixels(u32),
    /// Of the image's width.
    OfWidth(Fraction),
}

impl Extent {
    /// In pixels, on an image of `width`.
    pub fn on(self, width: u32) -> u32 {
        match self {
            Extent::Pixels(pixels) => pixels,
            Extent::OfWidth(fraction) => fraction.of(width),
        }
    }

    fn is_nothing(self) -> bool {
        matches!(self, Extent::Pixels(0) | Extent::OfWidth(Fraction(0)))
    }
}

/// What a settings file says of the mark: keys, each over what is said above; or `false` for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatermarkChoices {
    None,
    Keys(WatermarkKeys),
}

#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct WatermarkKeys {
    file: Option<PathBuf>,
    position: Option<Position>,
    size: Option<Extent>,
    opacity: Option<Fraction>,
    margin: Option<Extent>,
}

impl WatermarkChoices {
    /// The mark that holds where these choices are laid over that of `base`; `folder` is where their file stands.
    pub(super) fn over(&self, base: Option<&Watermark>, folder: &Path) -> Result<Option<Watermark>, String> {
        let WatermarkChoices::Keys(keys) = self else { return Ok(None) };
        let placement = base.map_or_else(Placement::default, |base| base.placement);
        let file = keys.file.as_ref().map(|file| folder.join(file)).or_else(|| Some(base?.file.clone()));
        let mark = Watermark {
            file: file.ok_or("watermark has no `file`: which image is the mark?")?,
            placement: Placement {
                position: keys.position.unwrap_or(placement.position),
                size: keys.size.unwrap_or(placement.size),
                opacity: keys.opacity.unwrap_or(placement.opacity),
                margin: keys.margin.unwrap_or(placement.margin),
            },
        };
        match mark.placement.size.is_nothing() {
            true => Err("watermark has a `size` of 0".into()),
            false => Ok(Some(mark)),
        }
    }
}

impl<'de> Deserialize<'de> for WatermarkChoices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WatermarkChoices, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = WatermarkChoices;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with the `file` of the mark, or false")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<WatermarkChoices, E> {
                match value {
                    false => Ok(WatermarkChoices::None),
                    true => Err(E::invalid_value(de::Unexpected::Bool(true), &self)),
                }
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<WatermarkChoices, A::Error> {
                WatermarkKeys::deserialize(MapAccessDeserializer::new(map)).map(WatermarkChoices::Keys)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / f64::from(Fraction::MILLION))
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fraction, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Fraction;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a fraction from 0 to 1")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Fraction, E> {
                Fraction::new(value).ok_or_else(|| E::invalid_value(de::Unexpected::Float(value), &self))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Fraction, E> {
                self.visit_f64(value as f64)
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Fraction, E> {
                self.visit_f64(value as f64)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Pixels are a whole number, a fraction has a point.
impl Serialize for Extent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Extent::Pixels(pixels) => pixels.serialize(serializer),
            Extent::OfWidth(fraction) => fraction.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Extent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Extent, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Extent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of pixels, or a fraction of the image's width such as 0.2")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Extent, E> {
                let fraction = Fraction::new(value).map(Extent::OfWidth);
                fraction.ok_or_else(|| E::invalid_value(de::Unexpected::Float(value), &self))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Extent, E> {
                let pixels = u32::try_from(value).map(Extent::Pixels);
                pixels.map_err(|_| E::invalid_value(de::Unexpected::Signed(value), &self))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Extent, E> {
                let pixels = u32::try_from(value).map(Extent::Pixels);
                pixels.map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(text: &str) -> WatermarkChoices {
        WatermarkChoices::deserialize(toml::de::ValueDeserializer::parse(text).unwrap()).unwrap()
    }

    #[test]
    fn keys_are_laid_over_those_above_and_files_stand_where_they_are_named() {
        let site = choices("{ file = 'mark.png', opacity = 0.5 }").over(None, Path::new("project")).unwrap().unwrap();
        assert_eq!(site.file, Path::new("project/mark.png"));
        let below = choices("{ position = 'tiled', size = 40, margin = 0 }");
        let below = below.over(Some(&site), Path::new("project/content/a")).unwrap().unwrap();
        assert_eq!(below.file, site.file);
        let Placement { position, size, opacity, margin } = below.placement;
        assert_eq!((position, size, margin), (Position::Tiled, Extent::Pixels(40), Extent::Pixels(0)));
        assert_eq!(opacity, site.placement.opacity);
        assert_eq!(choices("false").over(Some(&site), Path::new("")).unwrap(), None);
        assert!(choices("{ opacity = 1 }").over(None, Path::new("")).unwrap_err().contains("`file`"));
        assert!(choices("{ size = 0 }").over(Some(&site), Path::new("")).unwrap_err().contains("`size`"));
    }

    #[test]
    fn a_length_is_of_pixels_or_of_the_width() {
        assert_eq!(Extent::Pixels(30).on(1000), 30);
        assert_eq!(Extent::OfWidth(Fraction::new(0.2).unwrap()).on(1003), 201);
        assert_eq!(Fraction::new(1.0).unwrap().of(u32::MAX), u32::MAX);
    }

    #[test]
    fn a_mark_is_the_same_after_its_way_to_the_worker() {
        let placement =
            Placement { size: Extent::Pixels(1), opacity: Fraction::new(0.123_456).unwrap(), ..Placement::default() };
        let json = serde_json::to_string(&placement).unwrap();
        assert_eq!(serde_json::from_str::<Placement>(&json).unwrap(), placement, "{json}");
        let whole = Placement { size: Extent::OfWidth(Fraction::WHOLE), ..placement };
        assert_eq!(serde_json::from_str::<Placement>(&serde_json::to_string(&whole).unwrap()).unwrap(), whole);
    }
}
