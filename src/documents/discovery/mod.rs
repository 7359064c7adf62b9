//! What harvesters are told of a site: its history, its news, its metadata. Pure: values in, bytes out.
//!
//! | feed | document | specification |
//! |---|---|---|
//! | [`activity`] | `activity/all-changes.json`, `activity/page-0.json` … | IIIF Change Discovery API 1.0, level 2 |
//! | [`atom`] | `atom.xml` | RFC 4287 |
//! | [`oai`] | `oai-pmh.xml` | OAI Static Repository, 2004-04-23 |
//! | [`dump`] | `dump/items.csv`, `dump/items.json` | [`crate::input::tables`]; JSON |
//!
//! What may be as large as the site is written piece by piece.

pub mod activity;
pub mod atom;
mod dublin_core;
pub mod dump;
mod markup;
pub mod oai;

use crate::documents::iiif::address;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::geometry::Size;
use crate::model::site::{SiteCollection, SiteImage, SiteItem};
use crate::model::{Feed, LanguageMap, Moment, NO_LANGUAGE};

/// The site around what is told.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    pub base: &'a BaseUrl,
    pub root: &'a SiteCollection,
    pub title: &'a LanguageMap,
    /// Of its readers.
    pub language: &'a str,
}

/// An item, and when it was published.
#[derive(Clone, Copy)]
pub struct Dated<'a> {
    pub item: &'a SiteItem,
    pub created: Moment,
    pub updated: Moment,
}

/// Where a feed's documents are when the site has a history of `length` activities.
pub fn addresses(feed: Feed, length: u64) -> Vec<SitePath> {
    match feed {
        Feed::Activity => activity::addresses(length),
        Feed::Atom => vec![atom::address()],
        Feed::OaiPmh => vec![oai::address()],
        Feed::Dump => dump::addresses().into(),
    }
}

impl<'a> Site<'a> {
    /// What the site is called.
    fn name(&self) -> Text {
        let title = if self.title.is_empty() { &self.root.description.label } else { self.title };
        self.text(title)
    }

    /// A text in the readers' language, or what comes nearest.
    fn text(&self, map: &LanguageMap) -> Text {
        let (language, values) = map.preferred(self.language).next().unwrap_or((NO_LANGUAGE, &[]));
        Text { text: values.join("; "), language: language.to_owned() }
    }
}

/// A text that knows its language.
struct Text {
    text: String,
    /// BCP 47, or `none`.
    language: String,
}

/// The picture to show in lists: where it is, and its size.
fn thumbnail(item: &SiteItem, base: &BaseUrl) -> Option<(String, Size)> {
    let published = |image: &SiteImage| {
        let size = image.pyramid.thumbnail();
        (base.url(&address::published(image, size)), size)
    };
    item.picture().map(published)
}
