//! RENDER: makes the HTML pages of the site with the templates of the theme.

mod card;
mod citation;
mod collections;
pub mod context;
mod described;
mod downloads;
mod listing;
mod locale;
mod localized;
mod notes;
mod page_list;
mod pages;
mod reading;
mod schema_org;
mod sitemap;
#[cfg(test)]
mod test_members;
pub mod theme;
mod words;

pub use listing::{ListPage, Listing, Listings, listings, most_folders};
pub use page_list::item_addresses;
pub use pages::Pages;
pub use words::Words;

use crate::documents::iiif::{Document, address};
use crate::model::LanguageMap;
use crate::model::OtherViewer;
use crate::model::address::{BaseUrl, SitePath};

/// The settings on which all pages depend.
#[derive(Clone)]
pub struct Settings<'a> {
    pub base_url: &'a BaseUrl,
    /// The name of the site; empty: that of its root collection.
    pub title: &'a LanguageMap,
    /// The language of the readers, BCP 47.
    pub language: &'a str,
    /// The path of the Atom feed, if there is one.
    pub feed: Option<SitePath>,
    /// Viewers of other sites that item pages lead to.
    pub open_in: &'a [OtherViewer],
}

/// The address of the page of a folder, relative to the root of the site.
fn folder_href(path: &SitePath) -> String {
    match path.as_str() {
        "" => String::new(),
        _ => format!("{}/", path.encoded()),
    }
}

fn page_document(folder: &SitePath, html: String) -> Document {
    Document { path: address::page(folder), bytes: html.into_bytes() }
}
