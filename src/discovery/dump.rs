//! All that is said of the items, for whoever wants to go on working with it: as a table that [`crate::tables`] reads
//! again, and as JSON with nothing left out.

use super::{json, table};
use crate::address::{BaseUrl, SitePath};
use crate::site::SiteItem;
use std::io::{self, Write};

pub use table::Table;

const ROWS: &str = "dump/items.csv";
const RECORDS: &str = "dump/items.json";

/// The table, then the JSON.
pub fn addresses() -> [SitePath; 2] {
    [ROWS, RECORDS].map(|path| SitePath::root().join(path))
}

/// Writes an array, each item on a line of its own.
pub fn write_json<'a>(
    items: impl Iterator<Item = &'a SiteItem>,
    base: &BaseUrl,
    out: &mut dyn Write,
) -> io::Result<()> {
    json::write(items, base, out)
}
