//! The rows of a table of items as records: items with their pages, and collections.

use super::columns::{self, Columns, ITEM_COLUMNS, Role};
use super::sheet::{Row, Sheet};
use super::values;
use crate::diagnostics::Code;
use crate::error::Result;
use crate::input::budget::Budget;
use crate::model::settings::TableSettings;
use crate::model::{LanguageMap, Record, RecordPage};
use std::collections::{BTreeSet, HashMap};

/// The records of a sheet, in the order of its rows. Rows that are pages go into the records of their items.
///
/// # Errors
/// A row with an error. The code is [`Code::UnreadableList`] if the table has a column that withholds items.
pub fn records(
    sheet: &Sheet,
    settings: &TableSettings,
    warnings: &mut Vec<String>,
    budget: &Budget,
) -> Result<Vec<Record>> {
    let columns = Columns::of(sheet, ITEM_COLUMNS, settings)?;
    let withholds = columns.iter().any(|column| matches!(column.role, Role::Publish | Role::Embargo));
    let records = of_columns(sheet, &columns, settings, warnings, budget);
    records.map_err(|error| if withholds { error.with_code(Code::UnreadableList) } else { error })
}

fn of_columns(
    sheet: &Sheet,
    columns: &Columns,
    settings: &TableSettings,
    warnings: &mut Vec<String>,
    budget: &Budget,
) -> Result<Vec<Record>> {
    let table = Table { sheet, columns, settings, budget };
    let keys = table.keys()?;
    let hierarchy = table.hierarchy(&keys, warnings)?;
    let mut row_warnings = RowWarnings::default();
    let mut records = vec![];
    for (at, row) in sheet.rows.iter().enumerate() {
        if !hierarchy.is_page(at) {
            let pages = hierarchy.children[at].iter().filter(|child| hierarchy.is_page(**child));
            let pages =
                pages.map(|child| table.page(&sheet.rows[*child], &mut row_warnings)).collect::<Result<Vec<_>>>()?;
            records.push(table.record(row, &keys[at], pages, &mut row_warnings)?);
        }
    }
    warnings.extend(row_warnings.into_messages(sheet));
    Ok(records)
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
    /// The key of each row.
    fn keys(&self) -> Result<Vec<String>> {
        let missing = || columns::missing(self.sheet, ITEM_COLUMNS, &Role::Key, "which item a row is about");
        let key = self.columns.first(&Role::Key);
        let column = key.or_else(|| self.columns.first(&Role::File)).ok_or_else(missing)?;
        let (mut keys, mut places) = (vec![], HashMap::new());
        for row in &self.sheet.rows {
            let cell = row.cell(column);
            let key = if key.is_some() { cell } else { stem(cell) };
            if key.is_empty() {
                return Err(self.sheet.refuse(
                    row,
                    Some(column),
                    "the cell is empty, so that the row is about no item",
                ));
            }
            if let Some(first) = places.insert(key, row) {
                let why = format!("{key:?} stands in {} already; each item has one row", self.sheet.place(first));
                return Err(self.sheet.refuse(row, Some(column), &why));
            }
            keys.push(key.to_owned());
        }
        Ok(keys)
    }

    fn hierarchy(&self, keys: &[String], warnings: &mut Vec<String>) -> Result<Hierarchy> {
        let places: HashMap<&str, usize> = keys.iter().enumerate().map(|(at, key)| (key.as_str(), at)).collect();
        let mut hierarchy = Hierarchy {
            parents: vec![None; keys.len()],
            children: vec![vec![]; keys.len()],
            is_collection: vec![false; keys.len()],
        };
        let mut unknown_parents = vec![];
        let Some(column) = self.columns.first(&Role::Parent) else { return Ok(hierarchy) };
        for (at, row) in self.sheet.rows.iter().enumerate() {
            match row.cell(column) {
                "" => {}
                parent => match places.get(parent) {
                    Some(place) if *place == at => {
                        return Err(self.sheet.refuse(
                            row,
                            Some(column),
                            "the row names itself as what it is a part of",
                        ));
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
        Ok(hierarchy)
    }

    fn record(&self, row: &Row, key: &str, pages: Vec<RecordPage>, row_warnings: &mut RowWarnings) -> Result<Record> {
        let place = self.sheet.place(row);
        let file = self.file(row)?;
        let mut keys = vec![key.to_owned()];
        let pages = match file {
            None => pages,
            Some(_) if !pages.is_empty() => {
                row_warnings.unlisted.push(place.clone());
                pages
            }
            Some(file) if values::is_remote(&file) => {
                row_warnings.remote.push(place.clone());
                pages
            }
            Some(file) => {
                keys.extend(Some(stem(&file).to_owned()).filter(|stem| stem != key));
                vec![RecordPage { file: Some(file), ..RecordPage::default() }]
            }
        };
        let description = values::description(self.sheet, row, self.columns, &self.settings.separator, self.budget)?;
        Ok(Record { keys, place, description, pages, ..Record::default() })
    }

    fn page(&self, row: &Row, row_warnings: &mut RowWarnings) -> Result<RecordPage> {
        let is_read = |role: &Role| matches!(role, Role::Key | Role::Parent | Role::File | Role::Label | Role::LeftOut);
        let unread = self.columns.iter().filter(|column| !is_read(&column.role) && !row.cell(column.at).is_empty());
        row_warnings.unread.extend(unread.map(|column| column.at));
        let file = match self.file(row)? {
            Some(file) if values::is_remote(&file) => {
                row_warnings.remote.push(self.sheet.place(row));
                None
            }
            None => {
                row_warnings.absent.push(self.sheet.place(row));
                None
            }
            file => file,
        };
        let label: LanguageMap = values::label(row, self.columns);
        Ok(RecordPage { file, label, ..RecordPage::default() })
    }

    /// The file of a row: a path or a web address.
    fn file(&self, row: &Row) -> Result<Option<String>> {
        match self.columns.first(&Role::File).map(|at| (at, row.cell(at))) {
            None | Some((_, "")) => Ok(None),
            Some((_, cell)) if values::is_remote(cell) => Ok(Some(cell.to_owned())),
            Some((at, cell)) => match values::file(cell) {
                Ok(file) => Ok(Some(file)),
                Err(why) => Err(self.sheet.refuse(row, Some(at), &why)),
            },
        }
    }
}

/// A file's name without folders and extension.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
