//! Dates that place an item on a timeline: only what an encoding calls a date and nobody calls uncertain.
//! (W3C-DTF and ISO 8601 in; `navDate` of Presentation API 3 out.)

use crate::model::NavDate;
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

/// The beginning of a year, month or day written as `1784`, `1784-12` or `1784-12-01`, or of a span whose two ends are
/// the same; anything else has none.
pub fn nav_date(text: &str) -> Option<NavDate> {
    let text = match text.trim().split_once('/') {
        Some((start, end)) if start == end => start,
        Some(_) => return None,
        None => text.trim(),
    };
    let parts: Vec<&str> = text.split('-').collect();
    let is_number = |part: &&str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let date = match parts.as_slice() {
        [year] if is_number(year, 4) => format!("{year}-01-01"),
        [year, month] if is_number(year, 4) && is_number(month, 2) => format!("{text}-01"),
        [year, month, day] if is_number(year, 4) && is_number(month, 2) && is_number(day, 2) => text.to_owned(),
        _ => return None,
    };
    date.parse::<Date>().ok()?;
    let date_time = format!("{date}T00:00:00Z");
    let deserializer: StrDeserializer<'_, Error> = date_time.as_str().into_deserializer();
    NavDate::deserialize(deserializer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        nav_date(text).map(|date| serde_json::to_value(date).unwrap().as_str().unwrap().to_owned())
    }

    #[test]
    fn years_months_and_days_are_certain() {
        assert_eq!(shown("1784").unwrap(), "1784-01-01T00:00:00Z");
        assert_eq!(shown("1784-12").unwrap(), "1784-12-01T00:00:00Z");
        assert_eq!(shown("1784-12-24").unwrap(), "1784-12-24T00:00:00Z");
        assert_eq!(shown("1975/1975").unwrap(), "1975-01-01T00:00:00Z");
    }

    #[test]
    fn all_else_is_not() {
        for text in ["", "1816/1931", "1784?", "178u", "[1784]", "ca. 1784", "1784-13", "1784-02-30", "080814", "17-1"]
        {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
