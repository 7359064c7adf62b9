//! Where content lies: in a folder of the project, or in a bucket, which `[source]` says how to reach.

use super::{Access, Bucket, Fault, parse_bytes};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Masters that are kept from one build to the next, where nobody says how many bytes of them.
const CACHE_SIZE: u64 = 10 << 30;

/// A bucket that holds content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteContent {
    pub bucket: Bucket,
    pub access: Access,
    /// Bytes of masters that are kept on this machine.
    pub cache_size: u64,
}

/// `[source]`
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SourceChoices {
    endpoint: Option<String>,
    region: Option<String>,
    profile: Option<String>,
    cache_size: Option<String>,
}

impl SourceChoices {
    /// By what path content goes, which of a bucket is its URL, and the bucket where there is one.
    pub(super) fn complete(self, content: &str, root: &Path) -> Result<(PathBuf, Option<RemoteContent>), Fault> {
        let Some(bucket) = Bucket::parse(content) else {
            if self != SourceChoices::default() {
                return Err(("`[source]` is said of a bucket, and `content` names a folder".into(), vec!["source"]));
            }
            return Ok((root.join(content), None));
        };
        let bucket = bucket.map_err(|why| (why, vec!["content"]))?;
        let cache_size = self.cache_size.as_deref().map_or(Ok(CACHE_SIZE), parse_bytes);
        let cache_size = cache_size.map_err(|why| (why, vec!["source", "cache-size"]))?;
        let access = Access { endpoint: self.endpoint, region: self.region, profile: self.profile };
        Ok((PathBuf::from(bucket.url()), Some(RemoteContent { bucket, access, cache_size })))
    }
}
