//! RENDER: from the site to HTML pages, through the theme's templates.

pub mod context;
mod localized;
mod pages;
mod rights;
mod schema_org;
mod sitemap;
pub mod theme;

pub use pages::Pages;

use crate::documents::iiif::{Document, address};
use crate::model::LanguageMap;
use crate::model::address::{BaseUrl, SitePath};

/// What pages need to know beside the site itself.
#[derive(Clone)]
pub struct Settings<'a> {
    pub base_url: &'a BaseUrl,
    pub title: &'a LanguageMap,
    pub language: &'a str,
    /// Where the site's news are, if there are any.
    pub feed: Option<SitePath>,
}

/// The address of a folder's page, seen from the site's root.
fn folder_href(path: &SitePath) -> String {
    match path.as_str() {
        "" => String::new(),
        _ => format!("{}/", path.encoded()),
    }
}

fn page_document(folder: &SitePath, html: String) -> Document {
    Document { path: address::page(folder), bytes: html.into_bytes() }
}
