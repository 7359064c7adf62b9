//! Days and moments.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::fmt;
use toml::value::{Datetime, Offset, Time};

/// A moment in UTC, to the second; shown as `2030-01-31T12:00:00Z` (RFC 3339, xsd:dateTime).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// The moment 0 of Unix time, 1970-01-01T00:00:00Z.
    pub const EARLIEST: Moment = Moment(0);

    /// The present second.
    pub fn now() -> Moment {
        Moment(jiff::Timestamp::now().as_second())
    }

    /// From seconds since 1970. `None`: the calendar does not reach so far.
    pub fn from_seconds(seconds: i64) -> Option<Moment> {
        jiff::Timestamp::from_second(seconds).ok().map(|_| Moment(seconds))
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// The day in UTC: `2030-01-31`.
    pub fn day(self) -> String {
        self.to_string().chars().take_while(|c| *c != 'T').collect()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        jiff::Timestamp::from_second(self.0).unwrap_or_default().fmt(f)
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A date as it is written: TOML has a type for it, YAML and tables have texts.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenDate {
    Date(Datetime),
    Text(String),
    Year(u16),
    Other(IgnoredAny),
}

impl WrittenDate {
    /// `expected` is the error.
    fn text(self, expected: &str) -> Result<String, String> {
        match self {
            WrittenDate::Date(date) => Ok(date.to_string()),
            WrittenDate::Text(text) => Ok(text),
            WrittenDate::Year(year) => Ok(format!("{year:04}")),
            WrittenDate::Other(_) => Err(expected.to_owned()),
        }
    }
}

/// An xsd:dateTime with time zone (Presentation API 3, `navDate`). Written may also be a year, a month, a day, or a time
/// without a zone: it is the beginning of that, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenDate")]
pub struct NavDate(String);

/// What is expected of a `nav-date`.
const EXPECTED: &str = "expected a year, a month, a day or a moment, such as \"1888\", \"1888-05\", \"1888-05-01\" or \
    \"1888-05-01T12:00:00Z\"";

impl NavDate {
    /// As RFC 3339, such as `1784-12-01T00:00:00Z`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for NavDate {
    type Err = String;

    fn from_str(text: &str) -> Result<NavDate, String> {
        let text = text.trim();
        let begun = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.to_owned(),
        };
        let is_of_calendar = begun.get(..10).is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok());
        let written = begun.parse::<Datetime>().ok().filter(|written| written.date.is_some() && is_of_calendar);
        written.map(NavDate::of).ok_or_else(|| format!("{text:?} is not a date; {EXPECTED}"))
    }
}

impl NavDate {
    /// The moment at which a date begins, in UTC unless it has an offset.
    fn of(mut written: Datetime) -> NavDate {
        let midnight = Time { hour: 0, minute: 0, second: None, nanosecond: None };
        written.time.get_or_insert(midnight).second.get_or_insert(0);
        written.offset.get_or_insert(Offset::Z);
        NavDate(written.to_string())
    }
}

impl TryFrom<WrittenDate> for NavDate {
    type Error = String;

    fn try_from(written: WrittenDate) -> Result<NavDate, String> {
        written.text(EXPECTED)?.parse()
    }
}

/// A day of the calendar: `2030-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "WrittenDate")]
pub struct Day(jiff::civil::Date);

impl Day {
    /// In the time zone of the machine.
    pub fn today() -> Day {
        Day(jiff::ZonedDateTime::now().date())
    }
}

impl std::str::FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Day, String> {
        text.parse().map(Day).map_err(|_| format!("{text:?} is not a day such as 2030-01-31"))
    }
}

impl TryFrom<WrittenDate> for Day {
    type Error = String;

    fn try_from(written: WrittenDate) -> Result<Day, String> {
        written.text("a day such as 2030-01-31")?.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc() {
        let moment = Moment::from_seconds(1_893_499_200).unwrap();
        assert_eq!((moment.to_string().as_str(), moment.day().as_str()), ("2030-01-01T12:00:00Z", "2030-01-01"));
        assert_eq!(Moment::from_seconds(i64::MAX), None);
    }

    #[test]
    fn a_date_for_navigation_is_a_moment() {
        let written = |text: &str| text.parse::<NavDate>().map(|date| date.0);
        for (text, moment) in [
            ("1888", "1888-01-01T00:00:00Z"),
            ("1888-05", "1888-05-01T00:00:00Z"),
            (" 1888-05-09 ", "1888-05-09T00:00:00Z"),
            ("1888-05-09T12:30:00", "1888-05-09T12:30:00Z"),
            ("1888-05-09T12:30:00+02:00", "1888-05-09T12:30:00+02:00"),
        ] {
            assert_eq!(written(text).as_deref(), Ok(moment));
        }
        for text in ["", "188", "ca. 1888", "9.5.1888", "1888-13", "1888-02-30", "12:30:00", "1888/1890", "1888-05-09T"]
        {
            assert!(written(text).unwrap_err().contains("\"1888-05-01\""), "{text}");
        }
    }
}
