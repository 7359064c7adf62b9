//! How tables of items and pages are to be read.

use serde::Deserialize;
use std::collections::BTreeMap;

/// `[tables]` of the configuration: how tables are to be read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TableSettings {
    /// By header, exactly as written: what the column says, by the name of a known column (`label`, `item`, `file` …);
    /// any other text is the label of a metadata pair, an empty one leaves the column out.
    pub columns: BTreeMap<String, String>,
    /// Between the values of a cell; empty: a cell is one value.
    pub separator: String,
}

impl Default for TableSettings {
    fn default() -> TableSettings {
        TableSettings { columns: BTreeMap::new(), separator: "|".to_owned() }
    }
}
