//! A limit to a side in pixels, or none: `4096` or `"full"`.

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};
use std::fmt;

/// A longest side in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit(u32);

const NO_LIMIT: &str = "full";

impl Limit {
    pub const NONE: Limit = Limit(u32::MAX);

    pub const fn pixels(side: u32) -> Limit {
        Limit(side)
    }

    /// The longest side allowed; [`u32::MAX`] where there is no limit.
    pub fn side(self) -> u32 {
        self.0
    }

    /// Raised to `side` where it is below.
    pub fn at_least(self, side: u32) -> Limit {
        Limit(self.0.max(side))
    }
}

/// As settings write it.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Limit::NONE { f.write_str(NO_LIMIT) } else { self.0.fmt(f) }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Limit::NONE => serializer.serialize_str(NO_LIMIT),
            Limit(side) => serializer.serialize_u32(side),
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Limit, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Limit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a number of pixels or {NO_LIMIT:?}")
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Limit, E> {
                let pixels = u32::try_from(value).map_err(|_| E::invalid_value(de::Unexpected::Signed(value), &self));
                pixels.map(Limit)
            }

            /// As the worker process is told.
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Limit, E> {
                let pixels = u32::try_from(value).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self));
                pixels.map(Limit)
            }

            /// Flags are texts whatever they say.
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Limit, E> {
                match value.parse() {
                    _ if value == NO_LIMIT => Ok(Limit::NONE),
                    Ok(pixels) => Ok(Limit(pixels)),
                    Err(_) => Err(E::invalid_value(de::Unexpected::Str(value), &self)),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
