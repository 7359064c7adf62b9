//! What a site tells harvesters, if its owner wants it.

use serde::Deserialize;

/// A way to be harvested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Feed {
    /// IIIF Change Discovery API 1.0.
    Activity,
    /// RFC 4287.
    Atom,
    /// An OAI Static Repository.
    OaiPmh,
    /// All metadata as a table and as JSON.
    Dump,
}

impl Feed {
    /// Whether it says when something was published.
    pub fn has_times(self) -> bool {
        self != Feed::Dump
    }
}

/// Who answers for an OAI Static Repository, and who serves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OaiPmh {
    pub admin_email: String,
    /// Where the gateway that serves it is, without a slash at its end; empty: there is none.
    pub gateway: String,
}
