//! The data that stages pass on: descriptions, the files of the content, and the site that is made from them.

pub mod address;
mod annotation;
mod catalog;
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
mod time;

pub use address::{IMAGES, IMAGES_2, ImageId, ItemId};
pub use annotation::{AnnotationSet, Part, Supplied, Target};
pub use catalog::{
    Attachment, Catalog, Collection, Companion, CompanionRole, ContentFile, FileRole, Ignored, Item, Member, Page,
};
pub use description::{
    Behavior, Caption, Description, Detail, Json, LabelValue, LabelledFile, Layer, Link, NavPlace, PageRef, Provider,
    ViewingDirection, published_file,
};
pub use feed::{Activity, Change, Feed, OaiPmh};
pub use header::{Channels, ImageHeader, MemoryNeed, StoredForm, StoredJpeg, chunk_rows_at_once};
pub use language::{LanguageMap, NO_LANGUAGE, is_language_tag};
pub use one_or_many::OneOrMany;
pub use page_pattern::{PagePattern, PatternMatch};
pub use range::Range;
pub use record::{MasterRole, Record, RecordPage, Records};
pub use recording::{Recording, RecordingHeader, RecordingKind};
pub use time::{Day, Moment, NavDate};
