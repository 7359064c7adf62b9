//! Lengths on an image as settings write them: `300` pixels, or `0.2` of its width.

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};
use std::fmt;

/// A part of a whole, in millionths, from 0 to all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction(u32);

impl Fraction {
    const MILLION: u32 = 1_000_000;
    pub const WHOLE: Fraction = Fraction(Fraction::MILLION);

    pub const fn millionths(millionths: u32) -> Fraction {
        Fraction(millionths)
    }

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

    pub(super) fn is_nothing(self) -> bool {
        matches!(self, Extent::Pixels(0) | Extent::OfWidth(Fraction(0)))
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

    #[test]
    fn a_length_is_of_pixels_or_of_the_width() {
        assert_eq!(Extent::Pixels(30).on(1000), 30);
        assert_eq!(Extent::OfWidth(Fraction::new(0.2).unwrap()).on(1003), 201);
        assert_eq!(Fraction::new(1.0).unwrap().of(u32::MAX), u32::MAX);
    }
}
