//! Feeds for harvesters: the history of a site, its news, its metadata. Pure: values in, bytes out.
//!
//! | feed | document | specification |
//! |---|---|---|
//! | [`activity`] | `activity/all-changes.json`, `activity/page-0.json` … | IIIF Change Discovery API 1.0, level 2 |
//! | [`atom`] | `atom.xml` | RFC 4287 |
//! | [`oai`] | `oai-pmh.xml` | OAI Static Repository, 2004-04-23 |
//! | [`dump`] | `dump/items.csv`, `dump/items.json` | [`crate::input::tables`]; JSON |
//!
//! Documents that may be as large as the site are written piece by piece.

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

/// The site that a feed is about.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    pub base: &'a BaseUrl,
    pub root: &'a SiteCollection,
    /// The name of the site; empty: that of its root collection.
    pub title: &'a LanguageMap,
    /// The language of the readers, BCP 47.
    pub language: &'a str,
}

/// An item with the times when its Manifest was first published and last changed.
#[derive(Clone, Copy)]
pub struct Dated<'a> {
    pub item: &'a SiteItem,
    pub created: Moment,
    pub updated: Moment,
}

/// The paths of a feed's documents when the site has a history of `length` activities.
pub fn addresses(feed: Feed, length: u64) -> Vec<SitePath> {
    match feed {
        Feed::Activity => activity::addresses(length),
        Feed::Atom => vec![address::atom()],
        Feed::OaiPmh => vec![oai::address()],
        Feed::Dump => dump::addresses().into(),
    }
}

impl<'a> Site<'a> {
    /// The name of the site.
    fn name(&self) -> Text {
        let title = if self.title.is_empty() { &self.root.description.label } else { self.title };
        self.text(title)
    }

    /// The text in the language of the readers, or in the nearest one to it.
    fn text(&self, map: &LanguageMap) -> Text {
        let (language, values) = map.preferred(self.language).next().unwrap_or((NO_LANGUAGE, &[]));
        Text { text: values.join("; "), language: language.to_owned() }
    }
}

/// A text with its language.
struct Text {
    text: String,
    /// BCP 47, or `none`.
    language: String,
}

/// The address and the size of the picture that lists show for an item.
fn thumbnail(item: &SiteItem, base: &BaseUrl) -> Option<(String, Size)> {
    let published = |image: &SiteImage| {
        let size = image.pyramid.thumbnail();
        (base.url(&address::published(image, size)), size)
    };
    item.picture().map(published)
}
