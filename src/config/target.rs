//! `[deploy.NAME]`: where a site is put, never with what credentials.

use super::{Access, Destination};
use serde::Deserialize;
use std::fmt;
use std::time::Duration;

/// A place for the site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Target {
    pub url: Destination,
    /// Of a store that is not its service's own.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// Under which name this machine keeps credentials of AWS.
    pub profile: Option<String>,
    /// So long what is named no longer stays.
    #[serde(default)]
    pub grace: Grace,
    /// If more files than this are due to be deleted at once, none is.
    #[serde(default = "default_max_delete")]
    pub max_delete: u64,
    /// Whether the store can write only if nobody else did meanwhile.
    #[serde(default = "yes")]
    pub conditional_writes: bool,
    /// Told what to fetch again after a deploy.
    pub cloudfront: Option<DistributionId>,
    /// How text is put where the store keeps what a host says of a file.
    #[serde(default)]
    pub compress: Compression,
    /// Whether the published site is looked at after a deploy; `None`: where it is likely to be there.
    pub probe: Option<bool>,
}

impl Target {
    /// With all defaults.
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
            probe: None,
        }
    }

    pub fn access(&self) -> Access {
        let Target { endpoint, region, profile, .. } = self;
        Access { endpoint: endpoint.clone(), region: region.clone(), profile: profile.clone() }
    }
}

fn default_max_delete() -> u64 {
    100_000
}

fn yes() -> bool {
    true
}

/// `compress`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Br,
}

/// Of a distribution of CloudFront, such as `E2QWRUHAPOMQZL`.
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

/// `"2d"` or `"12h"`.
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
    fn grace_is_counted_in_days_or_hours() {
        let hours = |text: &str| Grace::try_from(text.to_owned()).map(|grace| grace.0.as_secs() / HOUR);
        assert_eq!((hours("2d"), hours("12h"), hours("0h")), (Ok(48), Ok(12), Ok(0)));
        assert!(["", "2", "d", "-1d", "2 weeks"].into_iter().all(|bad| hours(bad).is_err()));
    }
}
