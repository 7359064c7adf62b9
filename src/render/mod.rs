//! RENDER: from the site to HTML pages, through the theme's templates.

pub mod context;
mod localized;
mod pages;
pub mod theme;

use crate::address::{BaseUrl, SitePath};
use crate::error::Result;
use crate::iiif::{Document, address};
use crate::model::LanguageMap;
use crate::site::SiteCollection;
use pages::Pages;
use rayon::prelude::*;
use theme::Theme;

/// What pages need to know beside the site itself.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    pub base_url: &'a BaseUrl,
    pub title: &'a LanguageMap,
    pub language: &'a str,
}

/// All pages of the site and the theme's own files. Runs on the current rayon pool.
pub fn render(site: &SiteCollection, theme: &Theme, settings: Settings<'_>) -> Result<Vec<Document>> {
    let pages = Pages { site, theme, settings };
    let collections = site.collections();
    let rendered: Result<Vec<Vec<Document>>> = collections
        .par_iter()
        .map(|(collection, above)| {
            let items: Vec<_> = collection.items().collect();
            let mut documents = vec![pages.collection(collection, above)?];
            let below = [above.as_slice(), &[*collection]].concat();
            for (index, item) in items.iter().enumerate() {
                let before = index.checked_sub(1).map(|before| items[before]);
                documents.push(pages.item(item, &below, before, items.get(index + 1).copied())?);
            }
            Ok(documents)
        })
        .collect();
    let mut documents: Vec<Document> = theme
        .assets()
        .map(|(path, bytes)| Document { path: SitePath::root().join(&path), bytes: bytes.into_owned() })
        .collect();
    documents.extend(rendered?.into_iter().flatten());
    documents.push(pages.not_found()?);
    documents.extend(pages.sitemap(&collections)?);
    Ok(documents)
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
