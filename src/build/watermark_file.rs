//! The file of a watermark.

use crate::model::ImageHeader;
use crate::storage::fingerprint::{FileStamp, Hash};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The file of a watermark as PROBE saw it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WatermarkFile {
    /// A path on this machine, also where the content is in a bucket.
    pub file: PathBuf,
    /// The file when its header was read.
    pub stamp: FileStamp,
    /// The hash of its bytes.
    pub hash: Hash,
    /// Format, size and memory needs.
    pub header: ImageHeader,
}
