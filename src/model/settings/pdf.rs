//! `pdf`: whether a PDF is made of an item, as the site sets it and as a collection or an item overrides it.

use super::length::Limit;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;

/// How the PDF of an item is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PdfSettings {
    /// Longest side of its pictures in pixels, by default without limit: they are `full/max`. A picture is the largest
    /// published file within the limit, or the smallest of all if none is.
    pub max_size: Limit,
}

impl Default for PdfSettings {
    fn default() -> PdfSettings {
        PdfSettings { max_size: Limit::NONE }
    }
}

/// The key `pdf` as it is written: `true`, `false`, or a table, which also means `true`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PdfChoices {
    /// No PDF: `false`.
    None,
    /// A PDF. `true` has no keys.
    Keys(PdfKeys),
}

/// The keys of the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PdfKeys {
    max_size: Option<Limit>,
}

impl PdfChoices {
    /// The settings of these choices laid over `base`. `None`: no PDF.
    pub fn over(self, base: Option<PdfSettings>) -> Option<PdfSettings> {
        let PdfChoices::Keys(keys) = self else { return None };
        let base = base.unwrap_or_default();
        Some(PdfSettings { max_size: keys.max_size.unwrap_or(base.max_size) })
    }
}

/// Not as an untagged enum: that would lose the position of a wrong key inside the table.
impl<'de> Deserialize<'de> for PdfChoices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PdfChoices, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = PdfChoices;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, or a table such as { max-size = 2000 }")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<PdfChoices, E> {
                Ok(if value { PdfChoices::Keys(PdfKeys::default()) } else { PdfChoices::None })
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<PdfChoices, A::Error> {
                PdfKeys::deserialize(MapAccessDeserializer::new(map)).map(PdfChoices::Keys)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(text: &str) -> Result<PdfChoices, String> {
        PdfChoices::deserialize(toml::de::ValueDeserializer::parse(text).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_stays_as_it_is_above() {
        let site = choices("{ max-size = 2000 }").unwrap().over(None);
        assert_eq!(site, Some(PdfSettings { max_size: Limit::pixels(2000) }));
        assert_eq!(choices("true").unwrap().over(site), site);
        assert_eq!(choices("false").unwrap().over(site), None);
        assert_eq!(choices("{}").unwrap().over(None), Some(PdfSettings::default()));
        assert_eq!(choices("{ max-size = 'full' }").unwrap().over(site), Some(PdfSettings::default()));
    }

    #[test]
    fn what_it_cannot_be_is_told_with_what_it_can_be() {
        assert!(choices("'yes'").unwrap_err().contains("true, false, or a table"));
        assert!(choices("{ max-sise = 2000 }").unwrap_err().contains("max-size"));
        assert!(choices("{ max-size = 'large' }").unwrap_err().contains("a number of pixels"));
    }
}
