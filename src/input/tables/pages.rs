//! The rows of a table of pages as records with keys and pages only.

use super::columns::{self, Columns, PAGE_COLUMNS, Role};
use super::faults::RowFaults;
use super::sheet::{Row, Sheet};
use super::values;
use crate::diagnostics::Code;
use crate::error::{Error, Result};
use crate::input::budget::Budget;
use crate::model::settings::TableSettings;
use crate::model::{Doubt, FileRole, Record, RecordPage, Records};
use std::collections::{HashMap, HashSet};

/// One record for each item, in the order of first appearance. Pages are in the order of their rows. A mistake in a row
/// leaves open what is published of its item: a page that the list leaves out must not appear because of it.
///
/// # Errors
/// All mistakes in the header, or a list that takes more than its budget. It has [`Code::UnreadableList`].
pub fn records(
    sheet: &Sheet,
    settings: &TableSettings,
    warnings: &mut Vec<String>,
    budget: &Budget,
) -> std::result::Result<Records, Vec<Error>> {
    let unreadable = |error: Error| error.with_code(Code::UnreadableList);
    let columns = Columns::of(sheet, PAGE_COLUMNS, settings);
    let columns = columns.map_err(|mistakes| mistakes.into_iter().map(unreadable).collect::<Vec<_>>())?;
    warnings.extend(columns.misspelt(sheet, PAGE_COLUMNS));
    of_rows(sheet, &columns, settings, warnings, budget).map_err(|error| vec![unreadable(error)])
}

fn of_rows(
    sheet: &Sheet,
    columns: &Columns,
    settings: &TableSettings,
    warnings: &mut Vec<String>,
    budget: &Budget,
) -> Result<Records> {
    let missing = || columns::missing(sheet, PAGE_COLUMNS, &Role::Key, "which item a page is of", settings);
    let key_column = columns.first(&Role::Key).ok_or_else(missing)?;
    if let Some(at) = columns.first(&Role::Publish).or(columns.first(&Role::Embargo)) {
        let why =
            "pages are held back in item.toml, by `publish = false` below [pages.\"their file\"]; or remove the row";
        return Err(sheet.refuse(&sheet.header, Some(at), why));
    }
    let mut faults = RowFaults::new(sheet, true);
    let (mut below, mut places): (Vec<Record>, HashMap<&str, usize>) = (vec![], HashMap::new());
    let mut tokens = HashSet::new();
    for (at, row) in sheet.rows.iter().enumerate() {
        let key = row.cell(key_column);
        let list = PageRow { columns, at, row };
        if !list.is_page(&mut faults) && faults.doubts[at].is_none() {
            continue;
        }
        if key.is_empty() {
            faults.lose(at, key_column, "the cell is empty, so that the page is of no item");
            continue;
        }
        let place = *places.entry(key).or_insert_with(|| {
            let keys = vec![key.to_owned()];
            below.push(Record { keys, place: sheet.place(row), is_page_list: true, ..Record::default() });
            below.len() - 1
        });
        budget.take(size_of::<RecordPage>() + row.cells.iter().map(String::len).sum::<usize>())?;
        let page = list.page(&mut faults);
        if page.id.as_ref().is_some_and(|id| !tokens.insert((key, id.clone()))) {
            let why = format!("the item {key:?} has this page already");
            faults.note(at, columns.first(&Role::Page), &why, Doubt::Publication);
        }
        below[place].doubt = below[place].doubt.max(faults.doubts[at]);
        below[place].pages.extend(Some(page).filter(|_| faults.doubts[at].is_none()));
    }
    if faults.lost.is_some() {
        // A lost row may be a page of any of them.
        below.iter_mut().for_each(|record| record.doubt = record.doubt.max(Some(Doubt::Description)));
    }
    let unread = columns.iter().filter(|column| matches!(column.role, Role::Metadata(_)));
    warnings.extend(columns::unused_by_pages(sheet, unread.map(|column| column.at)));
    let mistakes = |error: Error| error.with_code(Code::UnreadableList);
    let lost = faults.lost;
    Ok(Records { below, lost, mistakes: faults.mistakes().into_iter().map(mistakes).collect(), ..Records::default() })
}

/// A row of the list.
struct PageRow<'a> {
    columns: &'a Columns,
    at: usize,
    row: &'a Row,
}

impl PageRow<'_> {
    /// The column of a role and the cell there, unless it is empty.
    fn cell(&self, role: &Role) -> Option<(usize, &str)> {
        self.columns.first(role).map(|at| (at, self.row.cell(at))).filter(|(_, cell)| !cell.is_empty())
    }

    fn refuse(&self, column: Option<usize>, why: &str, faults: &mut RowFaults<'_>) {
        faults.note(self.at, column, why, Doubt::Publication);
    }

    /// Whether the role of the row is that of a page.
    fn is_page(&self, faults: &mut RowFaults<'_>) -> bool {
        let Some((column, word)) = self.cell(&Role::RowKind) else { return true };
        match FileRole::ALL.iter().find(|role| role.name() == word) {
            Some(role) => role.is_page(),
            None => {
                let why = format!("{word:?} is no role; expected page, ignored or nothing");
                self.refuse(Some(column), &why, faults);
                false
            }
        }
    }

    fn path(&self, role: &Role, faults: &mut RowFaults<'_>) -> Option<String> {
        let (at, cell) = self.cell(role)?;
        values::file(cell).map_err(|why| self.refuse(Some(at), &why, faults)).ok()
    }

    fn page(&self, faults: &mut RowFaults<'_>) -> RecordPage {
        let file = self.path(&Role::File, faults);
        let is_missing = self.cell(&Role::Missing).map(|(at, cell)| {
            values::yes_or_no(cell).unwrap_or_else(|why| {
                self.refuse(Some(at), &why, faults);
                false
            })
        });
        match (&file, is_missing == Some(true)) {
            (None, false) if faults.doubts[self.at].is_none() => {
                let why = "the page has no file; write \"yes\" into a column `missing` if it is lost";
                self.refuse(self.columns.first(&Role::File), why, faults);
            }
            (Some(file), true) => {
                let why = format!("the page is said to be missing, but has the file {file:?}");
                self.refuse(self.columns.first(&Role::Missing), &why, faults);
            }
            _ => {}
        }
        let id = self.cell(&Role::Page).map(|(_, cell)| cell.to_owned());
        let text = self.path(&Role::Text, faults);
        RecordPage { file, id, label: values::label(self.row, self.columns), text, ..RecordPage::default() }
    }
}
