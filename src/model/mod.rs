//! The data that stages pass on: descriptions, the files of the content, and the site that is made from them.

pub mod address;
#[cfg(feature = "site")]
mod annotation;
#[cfg(feature = "site")]
mod catalog;
#[cfg(feature = "site")]
mod description;
#[cfg(feature = "site")]
mod feed;
pub mod geometry;
mod header;
#[cfg(feature = "site")]
mod language;
#[cfg(feature = "site")]
pub mod languages;
#[cfg(feature = "site")]
mod one_or_many;
#[cfg(feature = "site")]
mod open_in;
mod orientation;
#[cfg(feature = "site")]
mod page_pattern;
pub mod pyramid;
#[cfg(feature = "site")]
mod range;
#[cfg(feature = "site")]
mod record;
#[cfg(feature = "site")]
mod recording;
#[cfg(feature = "site")]
pub mod rights;
pub mod settings;
#[cfg(feature = "site")]
pub mod site;
#[cfg(feature = "site")]
mod site_viewer;
#[cfg(feature = "site")]
mod text_file;
#[cfg(feature = "site")]
mod time;

pub use address::{IMAGES, IMAGES_2, ImageId, ItemId};
pub use header::{Channels, HeaderWords, ImageHeader, MemoryNeed, StoredForm, StoredJpeg, chunk_rows_at_once};
pub use orientation::Orientation;
#[cfg(feature = "site")]
pub use {
    annotation::{AnnotationSet, Part, Supplied, Target},
    catalog::{
        Attachment, AttachmentForm, Catalog, Collection, Companion, CompanionRole, ContentFile, Cuts, FileRole,
        Ignored, Item, Member, Page, PageCopy, WithheldAddress,
    },
    description::{
        Behavior, Caption, Description, Detail, Json, LabelValue, LabelledFile, Layer, Link, MemberOrder, NavPlace,
        OrderBy, PageRef, Provider, ViewingDirection, enter_file, published_file,
    },
    feed::{Activity, Change, Feed, OaiPmh},
    language::{LanguageMap, NO_LANGUAGE, check_language_tag, is_language_tag},
    one_or_many::OneOrMany,
    open_in::OtherViewer,
    page_pattern::{PagePattern, PatternMatch},
    range::Range,
    record::{Doubt, MasterRole, Record, RecordPage, Records, WithheldFile},
    recording::{Recording, RecordingHeader, RecordingKind},
    site_viewer::SiteViewer,
    text_file::{TextFile, TextPart, TextPlace, TextShare},
    time::{Day, Moment, NavDate},
};
