//! All that is said of the items, for whoever wants to go on working with it: as a table that [`crate::input::tables`] reads
//! again, and as JSON with nothing left out.

use crate::model::address::SitePath;

pub use super::json::write as write_json;
pub use super::table::Table;

const ROWS: &str = "dump/items.csv";
const RECORDS: &str = "dump/items.json";

/// The table, then the JSON.
pub fn addresses() -> [SitePath; 2] {
    [ROWS, RECORDS].map(|path| SitePath::root().join(path))
}
