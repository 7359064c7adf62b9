//! Numbers of pixels as settings write them: a [`Limit`] (`4096` or `"full"`), and an [`Extent`] (`300` pixels, or
//! `0.2` of the image's width).

use serde::de::value::Error;
use serde::de::{Error as _, IgnoredAny, Unexpected};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A single value as a settings file or a flag holds it. Flags are texts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Bool(bool),
    Whole(i64),
    Real(f64),
    Text(String),
    Other(IgnoredAny),
}

impl Scalar {
    fn unexpected(&self) -> Unexpected<'_> {
        match self {
            Scalar::Bool(value) => Unexpected::Bool(*value),
            Scalar::Whole(value) => Unexpected::Signed(*value),
            Scalar::Real(value) => Unexpected::Float(*value),
            Scalar::Text(value) => Unexpected::Str(value),
            Scalar::Other(_) => Unexpected::Other("a list or a table"),
        }
    }

    /// The error for a value of a type that is not allowed here.
    fn invalid_type(&self, expected: &str) -> Error {
        Error::invalid_type(self.unexpected(), &expected)
    }

    /// The error for a value of the right type that is out of range.
    fn invalid_value(&self, expected: &str) -> Error {
        Error::invalid_value(self.unexpected(), &expected)
    }
}

/// A longest side in pixels, or no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Scalar", into = "WrittenLimit")]
pub struct Limit(u32);

/// The word for no limit.
const NO_LIMIT: &str = "full";

impl Limit {
    /// No limit: `"full"`.
    pub const NONE: Limit = Limit(u32::MAX);

    /// A limit of `side` pixels.
    pub const fn pixels(side: u32) -> Limit {
        Limit(side)
    }

    /// The longest side allowed; [`u32::MAX`] where there is no limit.
    pub fn side(self) -> u32 {
        self.0
    }

    /// The same limit, or `side` if that is larger.
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

impl TryFrom<Scalar> for Limit {
    type Error = Error;

    fn try_from(value: Scalar) -> Result<Limit, Error> {
        const EXPECTED: &str = "a number of pixels or \"full\"";
        let side = match &value {
            Scalar::Whole(side) => u32::try_from(*side).ok(),
            Scalar::Text(text) if text == NO_LIMIT => Some(u32::MAX),
            Scalar::Text(text) => text.parse().ok(),
            _ => return Err(value.invalid_type(EXPECTED)),
        };
        side.map(Limit).ok_or_else(|| value.invalid_value(EXPECTED))
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenLimit {
    Side(u32),
    Word(&'static str),
}

impl From<Limit> for WrittenLimit {
    fn from(limit: Limit) -> WrittenLimit {
        if limit == Limit::NONE { WrittenLimit::Word(NO_LIMIT) } else { WrittenLimit::Side(limit.0) }
    }
}

/// A part of a whole, in millionths, from 0 to all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Scalar", into = "f64")]
pub struct Fraction(u32);

impl Fraction {
    const MILLION: u32 = 1_000_000;
    /// All of it.
    pub const WHOLE: Fraction = Fraction(Fraction::MILLION);

    /// A fraction of `millionths` / 1,000,000, at most 1.
    pub const fn millionths(millionths: u32) -> Fraction {
        Fraction(millionths)
    }

    /// `None` if `value` is not from 0 to 1.
    fn new(value: f64) -> Option<Fraction> {
        (0.0..=1.0).contains(&value).then(|| Fraction((value * f64::from(Fraction::MILLION)).round() as u32))
    }

    /// From 0 to 1.
    pub fn value(self) -> f32 {
        self.0 as f32 / Fraction::MILLION as f32
    }

    /// This fraction of `length`, rounded.
    fn of(self, length: u32) -> u32 {
        ((u64::from(length) * u64::from(self.0) + 500_000) / u64::from(Fraction::MILLION)) as u32
    }
}

impl TryFrom<Scalar> for Fraction {
    type Error = Error;

    fn try_from(value: Scalar) -> Result<Fraction, Error> {
        const EXPECTED: &str = "a fraction from 0 to 1";
        let fraction = match &value {
            Scalar::Whole(number) => Fraction::new(*number as f64),
            Scalar::Real(number) => Fraction::new(*number),
            _ => return Err(value.invalid_type(EXPECTED)),
        };
        fraction.ok_or_else(|| value.invalid_value(EXPECTED))
    }
}

impl From<Fraction> for f64 {
    fn from(fraction: Fraction) -> f64 {
        f64::from(fraction.0) / f64::from(Fraction::MILLION)
    }
}

/// A length on an image. In settings a whole number is pixels, a number with a point is a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Scalar", untagged)]
pub enum Extent {
    /// A number of pixels.
    Pixels(u32),
    /// A fraction of the image's width.
    OfWidth(Fraction),
}

impl Extent {
    /// In pixels, on an image that is `width` pixels wide.
    pub fn on(self, width: u32) -> u32 {
        match self {
            Extent::Pixels(pixels) => pixels,
            Extent::OfWidth(fraction) => fraction.of(width),
        }
    }

    pub(super) fn is_zero(self) -> bool {
        matches!(self, Extent::Pixels(0) | Extent::OfWidth(Fraction(0)))
    }
}

impl TryFrom<Scalar> for Extent {
    type Error = Error;

    fn try_from(value: Scalar) -> Result<Extent, Error> {
        const EXPECTED: &str = "a number of pixels, or a fraction of the image's width such as 0.2";
        let extent = match &value {
            Scalar::Whole(pixels) => u32::try_from(*pixels).ok().map(Extent::Pixels),
            Scalar::Real(number) => Fraction::new(*number).map(Extent::OfWidth),
            _ => return Err(value.invalid_type(EXPECTED)),
        };
        extent.ok_or_else(|| value.invalid_value(EXPECTED))
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

    #[test]
    fn a_refused_value_is_named_with_what_was_expected() {
        let refused = |text: &str| {
            let value = toml::de::ValueDeserializer::parse(text).unwrap();
            Limit::deserialize(value).unwrap_err().message().to_owned()
        };
        let expected = "expected a number of pixels or \"full\"";
        assert_eq!(refused("-1"), format!("invalid value: integer `-1`, {expected}"));
        assert_eq!(refused("'half'"), format!("invalid value: string \"half\", {expected}"));
        assert_eq!(refused("true"), format!("invalid type: boolean `true`, {expected}"));
        assert_eq!(refused("[1]"), format!("invalid type: a list or a table, {expected}"));
    }
}
