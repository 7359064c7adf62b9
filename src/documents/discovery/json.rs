//! The items as JSON: what their Manifests say of them, under the same names.

use super::thumbnail;
use crate::documents::iiif::json::json_objects;
use crate::documents::iiif::{Descriptive, address, described};
use crate::model::address::BaseUrl;
use crate::model::site::SiteItem;
use std::io::{self, Write};

json_objects! {
    /// The properties of Presentation API 3, and where the item is.
    struct Record<'a> {
        id: &'a str,
        /// In the site; what a table calls `item`.
        path: &'a str,
        manifest: String,
        page: String,
        /// How many canvases it has.
        pages: usize,
        #[serde(flatten)]
        descriptive: Descriptive,
        thumbnail?: Option<String>,
    }
}

/// Writes an array, each item on a line of its own.
pub fn write<'a>(items: impl Iterator<Item = &'a SiteItem>, base: &BaseUrl, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (at, item) in items.enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &record(item, base))?;
    }
    out.write_all(b"\n]\n")
}

fn record<'a>(item: &'a SiteItem, base: &BaseUrl) -> Record<'a> {
    Record {
        id: &item.id.0,
        path: item.path.as_str(),
        manifest: base.url(&address::manifest(&item.path)),
        page: base.folder_url(&item.path),
        pages: item.pages.len(),
        descriptive: described(item, base),
        thumbnail: thumbnail(item, base).map(|(address, _)| address),
    }
}
