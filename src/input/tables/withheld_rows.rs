//! The rows of a table that are not for the public: what they describe is withheld.

use super::columns::{Columns, ITEM_COLUMNS, PAGE_COLUMNS, Role};
use super::delimited::RowRanges;
use super::sheet::{Row, Sheet};
use super::{PAGES_SHEET, TIMES, delimited, items, sheets, values, workbook};
use crate::error::Result;
use crate::input::budget::Budget;
use crate::input::withheld::{Known, cuts};
use crate::model::Day;
use crate::model::settings::TableSettings;
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

/// What of a table is withheld.
#[derive(Debug, PartialEq, Eq)]
pub enum WithheldRows {
    /// Nothing.
    None,
    /// These bytes of a CSV.
    Rows(Vec<Range<usize>>),
    /// Something that cannot be cut out, and what it is.
    Uncut(&'static str),
}

/// Finds the rows that are withheld on the day `today`. `has_pages`: the file lists pages.
///
/// # Errors
/// The table cannot be read.
pub fn withheld_rows(
    bytes: &[u8],
    path: &Path,
    settings: &TableSettings,
    known: &Known,
    today: Day,
    has_pages: bool,
) -> Result<WithheldRows> {
    let is_workbook = workbook::format_of(bytes).is_some();
    let budget = Budget::new(bytes.len(), TIMES);
    let mut numbers = vec![];
    for sheet in &sheets(bytes, path, &mut vec![], &budget)? {
        let is_pages = sheet.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(PAGES_SHEET));
        let names = if has_pages || is_pages { PAGE_COLUMNS } else { ITEM_COLUMNS };
        let columns = match Columns::of(sheet, names, settings) {
            Ok(columns) => columns,
            Err(mut mistakes) if !is_workbook => return Err(mistakes.swap_remove(0)),
            // A sheet for the archive's own use.
            Err(_) => continue,
        };
        if holds_hidden_column(sheet, settings) {
            return Ok(WithheldRows::Uncut("it has a column that [tables.columns] leaves out"));
        }
        numbers.extend(numbers_of(sheet, &columns, &settings.separator, known, today));
    }
    match (numbers.is_empty(), is_workbook) {
        (true, true) if !known.is_empty() => Ok(WithheldRows::Uncut("a workbook may tell of it in any of its sheets")),
        (true, _) => Ok(WithheldRows::None),
        (false, true) => Ok(WithheldRows::Uncut("rows cannot be cut out of a workbook")),
        (false, false) => rows_in_bytes(bytes, &numbers),
    }
}

/// Whether the settings leave a column out that has values.
fn holds_hidden_column(sheet: &Sheet, settings: &TableSettings) -> bool {
    let is_hidden = |header: &str| settings.columns.get(header).is_some_and(|meaning| meaning.trim().is_empty());
    let mut hidden = sheet.header.cells.iter().enumerate().filter(|(_, header)| is_hidden(header));
    hidden.any(|(at, _)| sheet.rows.iter().any(|row| !row.cell(at).is_empty()))
}

/// The numbers of the rows that are withheld, by themselves or with the row that they are a part of.
fn numbers_of(sheet: &Sheet, columns: &Columns, separator: &str, known: &Known, today: Day) -> Vec<usize> {
    let cell = |row: &'_ Row, role: &Role| columns.first(role).map(|at| row.cell(at).to_owned()).unwrap_or_default();
    let is_withheld = |row: &Row| {
        let (files, key) = (cell(row, &Role::File), cell(row, &Role::Key));
        let mut files = values::split(&files, separator);
        values::yes_or_no(&cell(row, &Role::Publish)) == Ok(false)
            || cell(row, &Role::Embargo).parse::<Day>().is_ok_and(|end| today < end)
            || known.has_record(Some(key.as_str()).filter(|key| !key.is_empty()))
            || files.any(|file| known.has_record([items::stem(file)]) || known.has_file(file))
    };
    let mut withheld: HashSet<usize> = HashSet::new();
    let mut keys: HashSet<String> = HashSet::new();
    // A row may stand before the one that it is a part of.
    loop {
        let before = withheld.len();
        for row in &sheet.rows {
            let parent = cell(row, &Role::Parent);
            let is_part = !parent.is_empty() && (keys.contains(&parent) || known.has_record([parent.as_str()]));
            if !withheld.contains(&row.number) && (is_part || is_withheld(row)) {
                withheld.insert(row.number);
                keys.extend(Some(cell(row, &Role::Key)).filter(|key| !key.is_empty()));
            }
        }
        if withheld.len() == before {
            break;
        }
    }
    let mut numbers: Vec<usize> = withheld.into_iter().collect();
    numbers.sort_unstable();
    numbers
}

fn rows_in_bytes(bytes: &[u8], numbers: &[usize]) -> Result<WithheldRows> {
    let RowRanges { text, encoding, rows } = delimited::row_ranges(bytes)?;
    let ranges: Option<Vec<Range<usize>>> = numbers.iter().map(|number| rows.get(number - 1).cloned()).collect();
    let ranges = ranges.and_then(|ranges| cuts::in_bytes(bytes, &text, encoding, &ranges));
    Ok(ranges.map_or(WithheldRows::Uncut("its encoding does not tell where its rows are"), WithheldRows::Rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> String {
        let known = Known::new(["a2".to_owned()], ["a1/0002.tif".to_owned()], []);
        let (settings, today) = (TableSettings::default(), "2030-01-01".parse().unwrap());
        match withheld_rows(text.as_bytes(), Path::new("a.csv"), &settings, &known, today, false).unwrap() {
            WithheldRows::Rows(ranges) => String::from_utf8(cuts::without(text.as_bytes(), &ranges).unwrap()).unwrap(),
            WithheldRows::None => text.to_owned(),
            WithheldRows::Uncut(why) => why.to_owned(),
        }
    }

    #[test]
    fn rows_go_by_their_cells_their_item_their_file_and_their_parent() {
        assert_eq!(
            left("id,publish,embargo\r\na,yes,\r\nb,no,\r\nc,,2030-01-02\r\nd,,2030-01-01\r\n"),
            "id,publish,embargo\r\na,yes,\r\nd,,2030-01-01\r\n"
        );
        assert_eq!(left("id,note\na1,\"x\n\ny\"\n\na2,\"s\ns\"\n"), "id,note\na1,\"x\n\ny\"\n\n");
        assert_eq!(
            left("id,parentid,file\np2,a2,1.tif\na2,,\nq,p2,\na1,,\nr,a1,x/0002.jpg"),
            "id,parentid,file\na1,,\n"
        );
        assert_eq!(left("id\na3"), "id\na3");
    }
}
