//! What happened to the Manifests and Collections of a site, and when.

use crate::model::address::SitePath;
use serde::Serialize;
use std::fmt;

/// A moment in UTC, to the second; shown as `2030-01-31T12:00:00Z` (RFC 3339, xsd:dateTime).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    pub const EARLIEST: Moment = Moment(0);

    pub fn now() -> Moment {
        Moment(jiff::Timestamp::now().as_second())
    }

    /// Of seconds since 1970; `None`: no calendar has it.
    pub fn from_seconds(seconds: i64) -> Option<Moment> {
        jiff::Timestamp::from_second(seconds).ok().map(|_| Moment(seconds))
    }

    pub fn seconds(self) -> i64 {
        self.0
    }

    /// The day that it is in Greenwich: `2030-01-31`.
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

/// Types of activities (Change Discovery API 1.0, section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Change {
    Create,
    Update,
    Delete,
    /// What follows is all that there is; what was before is not known. About nothing in particular.
    Refresh,
}

/// One entry of a site's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub change: Change,
    /// The document; the root of a [`Change::Refresh`].
    pub path: SitePath,
    pub time: Moment,
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
}
