//! The rows of a table of items as records: items with their pages, and collections.

use super::columns::{self, Columns, ITEM_COLUMNS, Role};
use super::faults::RowFaults;
use super::sheet::Sheet;
use super::values;
use crate::diagnostics::Code;
use crate::error::{Error, Result};
use crate::input::budget::Budget;
use crate::model::settings::TableSettings;
use crate::model::{Day, Description, Doubt, LanguageMap, Record, RecordPage, Records};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The records of a sheet, in the order of its rows. Rows that are pages go into the records of their items. A row with
/// a mistake is a record that is in doubt, without the cells that cannot be read.
///
/// # Errors
/// All mistakes in the header, or a table that takes more than its budget. The code is [`Code::UnreadableList`] if the table
/// has a column that withholds items.
pub fn records(
    sheet: &Sheet,
    settings: &TableSettings,
    warnings: &mut Vec<String>,
    budget: &Budget,
) -> std::result::Result<Records, Vec<Error>> {
    let columns = Columns::of(sheet, ITEM_COLUMNS, settings)?;
    warnings.extend(columns.misspelt(sheet, ITEM_COLUMNS));
    let withholds = columns.iter().any(|column| column.role.withholds());
    let table = Table { sheet, columns: &columns, settings, budget };
    let records = table.records(withholds, warnings);
    records.map_err(|error| vec![if withholds { error.with_code(Code::UnreadableList) } else { error }])
}

/// Joins the records of rows with the same key. Nobody knows which of the rows is right, so nothing of them is used; but
/// what one of them withholds is withheld.
fn without_repetitions(records: Vec<Record>) -> Vec<Record> {
    let (mut joined, mut places) = (Vec::<Record>::new(), HashMap::new());
    for record in records {
        let place = *places.entry(record.keys[0].clone()).or_insert(joined.len());
        match joined.get_mut(place) {
            None => joined.push(record),
            Some(first) => {
                let publish = [&first.description, &record.description].map(|said| said.publish);
                let embargo = first.description.embargo.max(record.description.embargo);
                let publish = if publish.contains(&Some(false)) { Some(false) } else { None };
                first.description = Description { publish, embargo, ..Description::default() };
                first.pages.clear();
            }
        }
    }
    joined
}

struct Table<'a> {
    sheet: &'a Sheet,
    columns: &'a Columns,
    settings: &'a TableSettings,
    budget: &'a Budget,
}

/// Parents and children of rows, by their index in the sheet.
struct Hierarchy {
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    /// Whether one of a row's children has children.
    is_collection: Vec<bool>,
}

impl Hierarchy {
    /// A row is a page if neither it nor any of its siblings has children. If one of the siblings has, all of them are
    /// items of a collection.
    fn is_page(&self, row: usize) -> bool {
        let parent = self.parents.get(row).copied().flatten();
        parent.is_some_and(|parent| !self.is_collection[parent])
    }
}

/// Warnings that are reported once for all rows, with the place of the first.
#[derive(Default)]
struct RowWarnings {
    remote: Vec<String>,
    absent: Vec<String>,
    unlisted: Vec<String>,
    unread: BTreeSet<usize>,
}

impl RowWarnings {
    fn into_messages(self, sheet: &Sheet) -> Vec<String> {
        let message = |rows: Vec<String>, what: &str| {
            rows.first().map(|first| format!("{} ({}, the first: {first})", what, counted(rows.len(), "row")))
        };
        let all = [
            message(self.remote, "files that are elsewhere on the web are not fetched"),
            message(self.absent, "pages without a file are shown as missing"),
            message(self.unlisted, "the file of an item whose pages have rows of their own is left out"),
            columns::unused_by_pages(sheet, self.unread),
        ];
        all.into_iter().flatten().collect()
    }
}

impl Table<'_> {
    fn records(&self, withholds: bool, warnings: &mut Vec<String>) -> Result<Records> {
        let mut faults = RowFaults::new(self.sheet, withholds);
        let keys = self.keys(&mut faults)?;
        let hierarchy = self.hierarchy(&keys, &mut faults, warnings);
        let mut row_warnings = RowWarnings::default();
        let mut below = vec![];
        for (at, key) in keys.iter().enumerate() {
            let Some(key) = key.as_deref().filter(|_| !hierarchy.is_page(at)) else { continue };
            let rows = hierarchy.children[at].iter().copied().filter(|child| hierarchy.is_page(*child));
            let rows: Vec<usize> = rows.collect();
            let (pages, withheld) = self.pages(&rows, &mut faults, &mut row_warnings);
            let is_gone = pages.is_empty() && !rows.is_empty();
            let mut record = self.record(at, key, pages, &mut faults, &mut row_warnings)?;
            if is_gone {
                record.description.publish = Some(false);
            }
            record.description.pages = withheld;
            record.doubt = rows.iter().chain([&at]).filter_map(|row| faults.doubts[*row]).max();
            below.push(record);
        }
        warnings.extend(row_warnings.into_messages(self.sheet));
        let (below, lost) = (without_repetitions(below), faults.lost);
        Ok(Records { below, lost, mistakes: faults.mistakes(), ..Records::default() })
    }

    /// The key of each row. `None`: it has none that can be read.
    fn keys(&self, faults: &mut RowFaults<'_>) -> Result<Vec<Option<String>>> {
        let missing =
            || columns::missing(self.sheet, ITEM_COLUMNS, &Role::Key, "which item a row is about", self.settings);
        let key = self.columns.first(&Role::Key);
        let column = key.or_else(|| self.columns.first(&Role::File)).ok_or_else(missing)?;
        let (mut keys, mut places) = (vec![], HashMap::new());
        for (at, row) in self.sheet.rows.iter().enumerate() {
            let cell = row.cell(column);
            let first = || values::split(cell, &self.settings.separator).next().unwrap_or_default();
            let key = if key.is_some() { cell } else { stem(first()) };
            if key.is_empty() {
                faults.lose(at, column, "the cell is empty, so that the row is about no item");
                keys.push(None);
                continue;
            }
            if let Some(first) = places.insert(key, at) {
                let place = self.sheet.place(&self.sheet.rows[first]);
                let why = format!("{key:?} stands in {place} already; each item has one row");
                // One of them may be the row of an item that has none now.
                faults.lose(at, column, &why);
                faults.doubt(first, faults.unknown());
            }
            keys.push(Some(key.to_owned()));
        }
        Ok(keys)
    }

    fn hierarchy(&self, keys: &[Option<String>], faults: &mut RowFaults<'_>, warnings: &mut Vec<String>) -> Hierarchy {
        let places: HashMap<&str, usize> =
            keys.iter().enumerate().filter_map(|(at, key)| Some((key.as_deref()?, at))).collect();
        let mut hierarchy = Hierarchy {
            parents: vec![None; keys.len()],
            children: vec![vec![]; keys.len()],
            is_collection: vec![false; keys.len()],
        };
        let mut unknown_parents = vec![];
        let Some(column) = self.columns.first(&Role::Parent) else { return hierarchy };
        for (at, row) in self.sheet.rows.iter().enumerate() {
            match row.cell(column) {
                "" => {}
                parent => match places.get(parent) {
                    Some(place) if *place == at => {
                        let why = "the row names itself as what it is a part of";
                        faults.note(at, Some(column), why, Doubt::Description);
                    }
                    Some(place) => {
                        hierarchy.parents[at] = Some(*place);
                        hierarchy.children[*place].push(at);
                    }
                    None => unknown_parents.push(format!("{}, {parent:?}", self.sheet.place(row))),
                },
            }
        }
        for at in 0..keys.len() {
            if let Some(parent) = hierarchy.parents[at].filter(|_| !hierarchy.children[at].is_empty()) {
                hierarchy.is_collection[parent] = true;
            }
        }
        if let Some(first) = unknown_parents.first() {
            let (count, column) = (counted(unknown_parents.len(), "row"), self.sheet.column_name(column));
            warnings.push(format!(
                "{column} names what is no row of this table ({count}, the first: {first}); such rows are items"
            ));
        }
        hierarchy
    }

    fn record(
        &self,
        at: usize,
        key: &str,
        pages: Vec<RecordPage>,
        faults: &mut RowFaults<'_>,
        row_warnings: &mut RowWarnings,
    ) -> Result<Record> {
        let row = &self.sheet.rows[at];
        let place = self.sheet.place(row);
        let mut keys = vec![key.to_owned()];
        if self.sheet.uneven.contains_key(&at) {
            return Ok(Record { keys, place, pages, ..Record::default() });
        }
        let (remote, files): (Vec<_>, Vec<_>) =
            self.files(at, faults).into_iter().partition(|file| values::is_remote(file));
        let has_files = !files.is_empty() || !remote.is_empty();
        if has_files && !pages.is_empty() {
            row_warnings.unlisted.push(place.clone());
        } else if !remote.is_empty() {
            row_warnings.remote.push(place.clone());
        }
        if let [file] = files.as_slice() {
            keys.extend(Some(stem(file).to_owned()).filter(|stem| pages.is_empty() && stem != key));
        }
        let pages = if pages.is_empty() { files.into_iter().map(page_of).collect() } else { pages };
        let mut refuse = |column: Option<usize>, why: &str| faults.of_cell(at, column, why, self.columns);
        let separator = &self.settings.separator;
        let description = values::description(row, self.columns, separator, self.budget, &mut refuse)?;
        Ok(Record { keys, place, description, pages, ..Record::default() })
    }

    /// The pages of a row that is a part of an item: one for each of its files.
    fn pages_of_row(&self, at: usize, faults: &mut RowFaults<'_>, row_warnings: &mut RowWarnings) -> Vec<RecordPage> {
        let row = &self.sheet.rows[at];
        let is_read = |role: &Role| {
            matches!(
                role,
                Role::Key | Role::Parent | Role::File | Role::Label | Role::LeftOut | Role::Publish | Role::Embargo
            )
        };
        let unread = self.columns.iter().filter(|column| !is_read(&column.role) && !row.cell(column.at).is_empty());
        row_warnings.unread.extend(unread.map(|column| column.at));
        let files = self.files(at, faults);
        let label: LanguageMap = values::label(row, self.columns);
        if files.is_empty() {
            row_warnings.absent.push(self.sheet.place(row));
            return vec![RecordPage { label, ..RecordPage::default() }];
        }
        if files.iter().any(|file| values::is_remote(file)) {
            row_warnings.remote.push(self.sheet.place(row));
        }
        let here = |file: String| Some(file).filter(|file| !values::is_remote(file));
        let page = |file| RecordPage { file: here(file), label: label.clone(), ..RecordPage::default() };
        files.into_iter().map(page).collect()
    }

    /// What a row says of whether its page is published. `None`: nothing that withholds it.
    fn withholding(&self, at: usize, faults: &mut RowFaults<'_>) -> Option<Description> {
        let row = &self.sheet.rows[at];
        let column = |role: &Role| self.columns.first(role).filter(|column| !row.cell(*column).is_empty());
        let mut refuse = |column: usize, why: &str| faults.note(at, Some(column), why, Doubt::Publication);
        let publish = column(&Role::Publish)
            .and_then(|column| values::yes_or_no(row.cell(column)).map_err(|why| refuse(column, &why)).ok());
        let embargo = column(&Role::Embargo)
            .and_then(|column| row.cell(column).parse::<Day>().map_err(|why| refuse(column, &why)).ok());
        let withholds = publish == Some(false) || embargo.is_some();
        withholds.then(|| Description { publish, embargo, ..Description::default() })
    }

    /// The pages in `rows`, and descriptions of those that are withheld, by their files. A withheld page without a file here
    /// is left out.
    fn pages(
        &self,
        rows: &[usize],
        faults: &mut RowFaults<'_>,
        row_warnings: &mut RowWarnings,
    ) -> (Vec<RecordPage>, BTreeMap<String, Description>) {
        let (mut pages, mut withheld) = (vec![], BTreeMap::new());
        for row in rows {
            let withholding = self.withholding(*row, faults);
            for page in self.pages_of_row(*row, faults, row_warnings) {
                match (&withholding, &page.file) {
                    (Some(_), None) => continue,
                    (Some(description), Some(file)) => {
                        let name = file.rsplit('/').next().unwrap_or(file).to_owned();
                        withheld.insert(name, description.clone());
                    }
                    (None, _) => {}
                }
                pages.push(page);
            }
        }
        (pages, withheld)
    }

    /// The files of a row, in the order of the cell: paths or web addresses.
    fn files(&self, row: usize, faults: &mut RowFaults<'_>) -> Vec<String> {
        let Some(at) = self.columns.first(&Role::File) else { return vec![] };
        // Without the row's file, other files of the folder would become pages.
        let mut file = |name: &str| match values::is_remote(name) {
            true => Some(name.to_owned()),
            false => values::file(name).map_err(|why| faults.note(row, Some(at), &why, Doubt::Publication)).ok(),
        };
        let cell = self.sheet.rows[row].cell(at);
        values::split(cell, &self.settings.separator).filter_map(&mut file).collect()
    }
}

fn page_of(file: String) -> RecordPage {
    RecordPage { file: Some(file), ..RecordPage::default() }
}

/// A file's name without folders and extension.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
