//! A document of the site in memory.

use crate::model::address::SitePath;

/// A file of the site that is not an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub path: SitePath,
    pub bytes: Vec<u8>,
}
