//! `[images.watermark]`: an image that is burned into the published images: which file, where, how large and how
//! strong.

use super::length::{Extent, Fraction};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// An image, usually with alpha. Not serialized: a fingerprint holds its bytes instead of its name.
    #[serde(skip)]
    pub file: PathBuf,
    /// Where and how it is burned in.
    pub placement: Placement,
}

/// Where a watermark is placed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// The corner, side or centre, by default the lower right corner.
    pub position: Position,
    /// The width of the watermark. By default a fifth of the image's. A watermark that would not fit is made smaller.
    pub size: Extent,
    /// The opacity of the whole watermark, by default 1; multiplied with its own alpha.
    pub opacity: Fraction,
    /// The distance to the edges of the image and between tiled watermarks, by default 2 % of the image's width.
    pub margin: Extent,
}

impl Default for Placement {
    fn default() -> Placement {
        Placement {
            position: Position::BottomRight,
            size: Extent::OfWidth(Fraction::millionths(200_000)),
            opacity: Fraction::WHOLE,
            margin: Extent::OfWidth(Fraction::millionths(20_000)),
        }
    }
}

/// The position of a watermark on an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
#[allow(missing_docs)]
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
    /// Repeated over the whole image.
    Tiled,
}

/// The key `watermark` as it is written: a table, whose keys override those of the level above, or `false`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatermarkChoices {
    /// No watermark: `false`.
    None,
    /// The keys of the table.
    Keys(WatermarkKeys),
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct WatermarkKeys {
    file: Option<PathBuf>,
    position: Option<Position>,
    size: Option<Extent>,
    opacity: Option<Fraction>,
    margin: Option<Extent>,
}

impl WatermarkChoices {
    /// The watermark of these choices laid over `base`. `folder` holds the file in which the choices are written.
    pub(super) fn over(&self, base: Option<&Watermark>, folder: &Path) -> Result<Option<Watermark>, String> {
        let WatermarkChoices::Keys(keys) = self else { return Ok(None) };
        let placement = base.map_or_else(Placement::default, |base| base.placement);
        let file = keys.file.as_ref().map(|file| folder.join(file)).or_else(|| Some(base?.file.clone()));
        let watermark = Watermark {
            file: file.ok_or("watermark has no `file`: which image is the mark?")?,
            placement: Placement {
                position: keys.position.unwrap_or(placement.position),
                size: keys.size.unwrap_or(placement.size),
                opacity: keys.opacity.unwrap_or(placement.opacity),
                margin: keys.margin.unwrap_or(placement.margin),
            },
        };
        match watermark.placement.size.is_zero() {
            true => Err("watermark has a `size` of 0".into()),
            false => Ok(Some(watermark)),
        }
    }
}

/// Not as an untagged enum: that would lose the position of a wrong key inside the table.
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
    fn a_mark_is_the_same_after_its_way_to_the_worker() {
        let placement =
            Placement { size: Extent::Pixels(1), opacity: Fraction::millionths(123_456), ..Placement::default() };
        let json = serde_json::to_string(&placement).unwrap();
        assert_eq!(serde_json::from_str::<Placement>(&json).unwrap(), placement, "{json}");
        let whole = Placement { size: Extent::OfWidth(Fraction::WHOLE), ..placement };
        assert_eq!(serde_json::from_str::<Placement>(&serde_json::to_string(&whole).unwrap()).unwrap(), whole);
    }
}
