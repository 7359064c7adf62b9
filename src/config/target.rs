//! `[deploy.NAME]`: a place that a site is deployed to. Credentials are never settings.

use super::bucket::{Access, Destination};
use crate::model::address::BaseUrl;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::time::Duration;

/// A place that the site can be deployed to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Target {
    /// A bucket or a folder.
    pub url: Destination,
    /// The URL of the store, if it is not the service's own.
    pub endpoint: Option<String>,
    /// The region, for S3.
    pub region: Option<String>,
    /// The name under which this machine keeps credentials of AWS.
    pub profile: Option<String>,
    /// How long files that the new version no longer uses are kept, by default one day.
    #[serde(default)]
    pub grace: Grace,
    /// How many files may be deleted at once, by default 100,000. If more are due, none is deleted.
    #[serde(default = "default_max_delete")]
    pub max_delete: u64,
    /// Whether the store has conditional writes: a file is written only if it did not change meanwhile. By default yes.
    #[serde(default = "yes")]
    pub conditional_writes: bool,
    /// The CloudFront distribution whose cached files are invalidated after a deploy.
    pub cloudfront: Option<DistributionId>,
    /// How text is compressed in a store that keeps headers with its files, by default not at all.
    #[serde(default)]
    pub compress: Compression,
    /// The URL at which the site is published from here, if it is not the project's.
    #[serde(default, deserialize_with = "base_url")]
    pub base_url: Option<BaseUrl>,
    /// How much of its images, and of its items, a deploy may take from the target unasked, in percent, by default 5.
    #[serde(default)]
    pub max_shrink: Percent,
    /// Whether the published site is checked over HTTP after a deploy. `None`, the default: if it is likely to be there.
    pub probe: Option<bool>,
}

impl Target {
    /// A target with the defaults.
    pub fn of(url: Destination) -> Target {
        Target {
            url,
            endpoint: None,
            region: None,
            profile: None,
            grace: Grace::default(),
            max_delete: default_max_delete(),
            conditional_writes: true,
            cloudfront: None,
            compress: Compression::None,
            base_url: None,
            max_shrink: Percent::default(),
            probe: None,
        }
    }

    /// How the bucket is reached.
    pub fn access(&self) -> Access {
        let Target { endpoint, region, profile, .. } = self;
        Access { endpoint: endpoint.clone(), region: region.clone(), profile: profile.clone() }
    }
}

fn default_max_delete() -> u64 {
    100_000
}

fn base_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<BaseUrl>, D::Error> {
    let text = String::deserialize(from)?;
    let refused = |why| D::Error::custom(format!("base-url {text:?} cannot be used: {why}"));
    BaseUrl::parse(&text).map(Some).map_err(refused)
}

/// A part of the whole, from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct Percent(pub u8);

impl Default for Percent {
    fn default() -> Percent {
        Percent(5)
    }
}

impl TryFrom<i64> for Percent {
    type Error = String;

    fn try_from(number: i64) -> Result<Percent, String> {
        let percent = u8::try_from(number).ok().filter(|percent| *percent <= 100);
        percent.map(Percent).ok_or_else(|| format!("{number} is not a number of percent from 0 to 100"))
    }
}

fn yes() -> bool {
    true
}

/// How text is compressed: the key `compress`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Compression {
    /// As it is.
    #[default]
    None,
    /// For all clients.
    Gzip,
    /// Brotli: smaller files, for clients over HTTPS.
    Br,
}

/// The id of a CloudFront distribution, such as `E2QWRUHAPOMQZL`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DistributionId(String);

impl TryFrom<String> for DistributionId {
    type Error = String;

    fn try_from(id: String) -> Result<DistributionId, String> {
        let is_one = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        if !(8..=32).contains(&id.len()) || !id.chars().all(is_one) {
            let hint = "it is the ID in the console's list, such as \"E2QWRUHAPOMQZL\", not the host name";
            return Err(format!("{id:?} is not the id of a distribution: {hint}"));
        }
        Ok(DistributionId(id))
    }
}

impl fmt::Display for DistributionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A time in days or hours: `"2d"` or `"12h"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Grace(pub Duration);

const HOUR: u64 = 3600;

impl Default for Grace {
    fn default() -> Grace {
        Grace(Duration::from_secs(24 * HOUR))
    }
}

impl TryFrom<String> for Grace {
    type Error = String;

    fn try_from(text: String) -> Result<Grace, String> {
        let unit = |ending: char, seconds: u64| text.strip_suffix(ending).map(|count| (count, seconds));
        let (count, seconds) = unit('d', 24 * HOUR).or_else(|| unit('h', HOUR)).unwrap_or_default();
        let count = count.parse::<u32>().map_err(|_| format!("{text:?} is not a time such as \"2d\" or \"12h\""))?;
        Ok(Grace(Duration::from_secs(u64::from(count) * seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_named_by_its_id() {
        let id = |text: &str| DistributionId::try_from(text.to_owned()).map(|id| id.to_string());
        assert_eq!(id("E2QWRUHAPOMQZL"), Ok("E2QWRUHAPOMQZL".to_owned()));
        for bad in ["", "d111111abcdef8.cloudfront.net", "E2QWRUHAPOMQZL/../x", "e2qwruhapomqzl"] {
            assert!(id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn percents_are_whole_and_at_most_a_hundred() {
        assert_eq!(Percent::try_from(7), Ok(Percent(7)));
        assert!([-1, 101, 300].into_iter().all(|number| Percent::try_from(number).is_err()));
    }

    #[test]
    fn grace_is_counted_in_days_or_hours() {
        let hours = |text: &str| Grace::try_from(text.to_owned()).map(|grace| grace.0.as_secs() / HOUR);
        assert_eq!((hours("2d"), hours("12h"), hours("0h")), (Ok(48), Ok(12), Ok(0)));
        assert!(["", "2", "d", "-1d", "2 weeks"].into_iter().all(|bad| hours(bad).is_err()));
    }
}
