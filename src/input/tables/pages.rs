//! The rows of a table of pages as records with keys and pages only.

use super::columns::{self, Columns, PAGE_COLUMNS, Role};
use super::sheet::{Row, Sheet};
use super::values;
use crate::diagnostics::Code;
use crate::error::Result;
use crate::input::budget::Budget;
use crate::model::settings::TableSettings;
use crate::model::{FileRole, Record, RecordPage};
use std::collections::{HashMap, HashSet};

/// One record for each item, in the order of first appearance. Pages are in the order of their rows.
///
/// # Errors
/// All errors have [`Code::UnreadableList`]: a page that the list leaves out must not appear because of an error in
/// another row.
pub fn records(
    sheet: &Sheet,
    settings: &TableSettings,
    warnings: &mut Vec<String>,
    budget: &Budget,
) -> Result<Vec<Record>> {
    of_rows(sheet, settings, warnings, budget).map_err(|error| error.with_code(Code::UnreadableList))
}

fn of_rows(
    sheet: &Sheet,
    settings: &TableSettings,
    warnings: &mut Vec<String>,
    budget: &Budget,
) -> Result<Vec<Record>> {
    let columns = Columns::of(sheet, PAGE_COLUMNS, settings)?;
    let missing = || columns::missing(sheet, PAGE_COLUMNS, &Role::Key, "which item a page is of");
    let key_column = columns.first(&Role::Key).ok_or_else(missing)?;
    let (mut records, mut places): (Vec<Record>, HashMap<&str, usize>) = (vec![], HashMap::new());
    let mut tokens = HashSet::new();
    for row in &sheet.rows {
        if !is_page(sheet, row, &columns)? {
            continue;
        }
        let key = row.cell(key_column);
        if key.is_empty() {
            return Err(sheet.refuse(row, Some(key_column), "the cell is empty, so that the page is of no item"));
        }
        budget.take(size_of::<RecordPage>() + row.cells.iter().map(String::len).sum::<usize>())?;
        let page = page(sheet, row, &columns)?;
        if page.id.as_ref().is_some_and(|id| !tokens.insert((key, id.clone()))) {
            let why = format!("the item {key:?} has this page already");
            return Err(sheet.refuse(row, columns.first(&Role::Page), &why));
        }
        let at = *places.entry(key).or_insert_with(|| {
            let keys = vec![key.to_owned()];
            records.push(Record { keys, place: sheet.place(row), is_page_list: true, ..Record::default() });
            records.len() - 1
        });
        records[at].pages.push(page);
    }
    if let Some(at) = columns.first(&Role::Publish).or(columns.first(&Role::Embargo)) {
        let why =
            "pages are held back in item.toml, by `publish = false` below [pages.\"their file\"]; or remove the row";
        return Err(sheet.refuse(&sheet.header, Some(at), why));
    }
    let unread = columns.iter().filter(|column| matches!(column.role, Role::Metadata(_)));
    warnings.extend(columns::unused_by_pages(sheet, unread.map(|column| column.at)));
    Ok(records)
}

/// Whether the role of the row is that of a page.
fn is_page(sheet: &Sheet, row: &Row, columns: &Columns) -> Result<bool> {
    let Some(column) = columns.first(&Role::RowKind) else { return Ok(true) };
    let word = row.cell(column);
    match FileRole::ALL.iter().find(|role| role.name() == word) {
        Some(role) => Ok(role.is_page()),
        None if word.is_empty() => Ok(true),
        None => {
            Err(sheet.refuse(row, Some(column), &format!("{word:?} is no role; expected page, ignored or nothing")))
        }
    }
}

fn page(sheet: &Sheet, row: &Row, columns: &Columns) -> Result<RecordPage> {
    let cell = |role: &Role| columns.first(role).map(|at| (at, row.cell(at))).filter(|(_, cell)| !cell.is_empty());
    let path = |role: &Role| match cell(role).map(|(at, cell)| (at, values::file(cell))) {
        None => Ok(None),
        Some((_, Ok(file))) => Ok(Some(file)),
        Some((at, Err(why))) => Err(sheet.refuse(row, Some(at), &why)),
    };
    let file = path(&Role::File)?;
    let is_missing = match cell(&Role::Missing) {
        None => false,
        Some((at, cell)) => values::yes_or_no(cell).map_err(|why| sheet.refuse(row, Some(at), &why))?,
    };
    match (&file, is_missing) {
        (None, false) => {
            let why = "the page has no file; write \"yes\" into a column `missing` if it is lost";
            return Err(sheet.refuse(row, columns.first(&Role::File), why));
        }
        (Some(file), true) => {
            let why = format!("the page is said to be missing, but has the file {file:?}");
            return Err(sheet.refuse(row, columns.first(&Role::Missing), &why));
        }
        _ => {}
    }
    let id = cell(&Role::Page).map(|(_, cell)| cell.to_owned());
    Ok(RecordPage { file, id, label: values::label(row, columns), text: path(&Role::Text)? })
}
