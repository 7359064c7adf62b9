//! All metadata of the items for others to work with: as a table that [`crate::input::tables`] reads again, and as JSON
//! with nothing left out.
//!
//! If the table is put into another content folder with images of the same names, it describes them in the same way. It
//! does not hold the languages of labels, and a value that holds the separator is read back as several values.

use super::thumbnail;
use crate::documents::iiif::{Descriptive, address, described};
use crate::documents::json::json_objects;
use crate::input::tables::writing::{cell, column, metadata_column, note_column};
use crate::model::address::{BaseUrl, SitePath};
use crate::model::site::SiteItem;
use crate::model::{LabelValue, LanguageMap, NO_LANGUAGE};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};

const ROWS: &str = "dump/items.csv";
const RECORDS: &str = "dump/items.json";

/// The path of the table, then that of the JSON.
pub fn addresses() -> [SitePath; 2] {
    [ROWS, RECORDS].map(|path| SitePath::root().join(path))
}

json_objects! {
    /// The properties of Presentation API 3, and the addresses of the item.
    struct Record<'a> {
        id: &'a str,
        /// Its path in the site; the table calls it `item`.
        path: &'a str,
        manifest: String,
        page: String,
        /// The number of its canvases.
        pages: usize,
        #[serde(flatten)]
        descriptive: Descriptive,
        thumbnail?: Option<String>,
    }
}

/// Writes a JSON array with one item a line.
pub fn write_json<'a>(
    items: impl Iterator<Item = &'a SiteItem>,
    base: &BaseUrl,
    out: &mut dyn Write,
) -> io::Result<()> {
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

/// The most columns of metadata. Each costs a cell in each row, so only those are kept that most items have.
const MOST_COLUMNS: usize = 1_000;

/// A label of metadata, and the language of values.
type Pair<'a> = (&'a str, &'a str);

/// The columns of the table of some items.
pub struct Table<'a> {
    /// Languages.
    label: BTreeSet<&'a str>,
    summary: BTreeSet<&'a str>,
    /// In the order in which items have them.
    metadata: Vec<Pair<'a>>,
    /// The number of columns that are left out because there are too many.
    pub left_out: usize,
    base: &'a BaseUrl,
    /// Between the values of a cell.
    separator: &'a str,
}

impl<'a> Table<'a> {
    pub fn of(items: impl Iterator<Item = &'a SiteItem>, base: &'a BaseUrl, separator: &'a str) -> Table<'a> {
        let (mut label, mut summary) = (BTreeSet::new(), BTreeSet::new());
        let mut uses: HashMap<Pair<'_>, (usize, usize)> = HashMap::new();
        for item in items {
            label.extend(item.description.label.entries().map(|(language, _)| language));
            summary.extend(item.description.summary.entries().map(|(language, _)| language));
            for (pair, _) in pairs(item) {
                let place = uses.len();
                uses.entry(pair).or_insert((0, place)).0 += 1;
            }
        }
        let mut columns: Vec<(Pair<'_>, (usize, usize))> = uses.into_iter().collect();
        columns.sort_unstable_by_key(|(_, (count, place))| (std::cmp::Reverse(*count), *place));
        let left_out = columns.len().saturating_sub(MOST_COLUMNS);
        columns.truncate(MOST_COLUMNS);
        columns.sort_unstable_by_key(|(_, (_, place))| *place);
        let metadata = columns.into_iter().map(|(pair, _)| pair).collect();
        let separator = if separator.is_empty() { "|" } else { separator };
        Table { label, summary, metadata, left_out, base, separator }
    }

    /// Writes the header, and a row for each of the same items.
    pub fn write(&self, items: impl Iterator<Item = &'a SiteItem>, out: &mut dyn Write) -> io::Result<()> {
        let mut rows = csv::Writer::from_writer(out);
        rows.write_record(self.header())?;
        for item in items {
            rows.write_record(self.row(item).iter().map(|text| cell(text).into_owned()))?;
        }
        rows.flush()
    }

    fn header(&self) -> Vec<String> {
        let mut header = vec![column("item", NO_LANGUAGE)];
        header.extend(self.label.iter().map(|language| column("label", language)));
        header.extend(self.summary.iter().map(|language| column("summary", language)));
        header.extend(["rights", "nav-date"].map(|name| column(name, NO_LANGUAGE)));
        header.extend(["id", "manifest", "page", "pages"].map(note_column));
        header.extend(self.metadata.iter().map(|(label, language)| metadata_column(label, language)));
        header
    }

    fn row(&self, item: &SiteItem) -> Vec<String> {
        let description = &item.description;
        let mut row = vec![item.path.as_str().to_owned()];
        row.extend(self.label.iter().map(|language| self.joined(&description.label, language)));
        row.extend(self.summary.iter().map(|language| self.joined(&description.summary, language)));
        row.push(description.rights.clone().unwrap_or_default());
        row.push(description.nav_date.as_ref().map(|date| date.as_str().to_owned()).unwrap_or_default());
        row.push(item.id.0.clone());
        row.push(self.base.url(&address::manifest(&item.path)));
        row.push(self.base.folder_url(&item.path));
        row.push(item.pages.len().to_string());
        let mut said: BTreeMap<Pair<'_>, Vec<&str>> = BTreeMap::new();
        for (pair, values) in pairs(item) {
            said.entry(pair).or_default().extend(values.iter().map(String::as_str));
        }
        let values = |pair: &Pair<'_>| said.get(pair).map(|values| values.join(self.separator)).unwrap_or_default();
        row.extend(self.metadata.iter().map(values));
        row
    }

    fn joined(&self, map: &LanguageMap, language: &str) -> String {
        let values = map.entries().find(|(tag, _)| *tag == language).map(|(_, values)| values);
        values.unwrap_or_default().join(self.separator)
    }
}

/// The metadata of an item by label and language. A pair without a label has no column.
fn pairs(item: &SiteItem) -> impl Iterator<Item = (Pair<'_>, &[String])> {
    item.description.metadata.iter().flat_map(|LabelValue { label, value }| {
        let label = label.values().map(|label| label.trim()).find(|label| !label.is_empty());
        let of = move |label| value.entries().map(move |(language, values)| ((label, language), values));
        label.into_iter().flat_map(of)
    })
}
