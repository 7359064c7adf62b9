//! The nouns that stages hand to each other: what a curator described and which files there are.

mod activity;
pub mod address;
mod annotation;
mod catalog;
mod content_file;
mod description;
mod feed;
pub mod geometry;
mod header;
mod language;
mod one_or_many;
mod page_pattern;
pub mod pyramid;
mod range;
mod record;
mod recording;
pub mod settings;
pub mod site;

pub use activity::{Activity, Change, Moment};
pub use annotation::{AnnotationSet, Part, Supplied, Target};
pub use catalog::{Attachment, Catalog, Collection, Companion, CompanionRole, Ignored, Item, Member, Page};
pub use content_file::{ContentFile, FileRole};
pub use description::{
    Behavior, Caption, Day, Description, Detail, Json, LabelValue, LabelledFile, Layer, Link, NavDate, NavPlace,
    PageRef, Provider, ViewingDirection, published_file,
};
pub use feed::{Feed, OaiPmh};
pub use header::{Channels, ImageHeader, MemoryNeed, StoredForm, StoredJpeg, chunk_rows_at_once};
pub use language::{LanguageMap, NO_LANGUAGE, is_language_tag};
pub use one_or_many::OneOrMany;
pub use page_pattern::{PagePattern, PatternMatch};
pub use range::Range;
pub use record::{MasterRole, Record, RecordPage, Records};
pub use recording::{Recording, RecordingHeader, RecordingKind};

use crate::model::address::SitePath;
use serde::Serialize;
use std::fmt;

/// Names an item in the whole site; part of its images' ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub String);

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names an image in the whole site: the segment after `iiif/3/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ImageId(pub String);

/// Where all images are in the site.
pub const IMAGES: &str = "iiif/3";

/// Where they are once more for clients of Image API 2: each has a twin of links.
pub const IMAGES_2: &str = "iiif/2";

impl ImageId {
    /// The image's folder in the site.
    pub fn site_path(&self) -> SitePath {
        SitePath::root().join(IMAGES).join(&self.0)
    }

    /// The folder of the image's twin.
    pub fn image2_path(&self) -> SitePath {
        SitePath::root().join(IMAGES_2).join(&self.0)
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
