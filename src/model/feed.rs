//! Feeds for harvesters, and the activities that they list.

use super::address::SitePath;
use super::time::Moment;
use serde::{Deserialize, Serialize};

/// A feed for harvesters.
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
    /// Whether the feed holds times of publication.
    pub fn has_times(self) -> bool {
        self != Feed::Dump
    }
}

/// The contact of an OAI Static Repository, and the gateway that serves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OaiPmh {
    /// An e-mail address; empty only without the feed `oai-pmh`.
    pub admin_email: String,
    /// The URL of the gateway, without a slash at its end. Empty: there is none.
    pub gateway: String,
}

/// Types of activities (Change Discovery API 1.0, section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Change {
    /// The document is new.
    Create,
    /// The document has changed.
    Update,
    /// The document is no longer published.
    Delete,
    /// The activities that follow name all documents; earlier ones are not known. It is not about one document.
    Refresh,
}

/// An entry in the history of a site's Manifests and Collections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// The type of the activity.
    pub change: Change,
    /// The document; the root of a [`Change::Refresh`].
    pub path: SitePath,
    /// The time of the build that published it.
    pub time: Moment,
}
