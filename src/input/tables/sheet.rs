//! A sheet: a header and rows of cells, all as wide as the header, that know where they stand.

use super::guard::unguarded;
use crate::error::{Error, ErrorKind, Result};

/// Cells of one file; a catalogue of 100,000 items with 40 columns has 4 million.
pub const MAX_CELLS: usize = 5_000_000;

/// Columns of a sheet, as in spreadsheet programs.
pub const MAX_COLUMNS: usize = 16_384;

/// See the [module](self).
#[derive(Debug)]
pub struct Sheet {
    /// `None`: the file is one table, as CSV is.
    pub name: Option<String>,
    pub header: Row,
    /// Blank ones are left out.
    pub rows: Vec<Row>,
}

/// Cells without white space at their ends, and as they were before somebody [guarded](super::guard) them.
#[derive(Debug)]
pub struct Row {
    /// As spreadsheet programs count, from 1.
    pub number: usize,
    /// Where it begins in a text file, from 1: another number than the row's where cells hold line breaks.
    pub line: Option<usize>,
    pub cells: Vec<String>,
}

impl Row {
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    fn unguarded(self) -> Row {
        Row { cells: self.cells.iter().map(|cell| unguarded(cell).to_owned()).collect(), ..self }
    }

    fn is_blank(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }
}

impl Sheet {
    /// `None`: all rows are blank. `is_ragged`: rows hold as many cells as somebody typed, so that all shorter than the
    /// header are wrong; else cells at a row's end may be missing where they are empty.
    pub fn new(name: Option<String>, rows: Vec<Row>, is_ragged: bool) -> Result<Option<Sheet>> {
        let mut rows = rows.into_iter().filter(|row| !row.is_blank()).map(Row::unguarded);
        let Some(mut header) = rows.next() else { return Ok(None) };
        while header.cells.last().is_some_and(String::is_empty) && !is_ragged {
            header.cells.pop();
        }
        let mut sheet = Sheet { name, header, rows: rows.collect() };
        let width = sheet.header.cells.len();
        for row in &sheet.rows {
            let beyond = row.cells.iter().skip(width).any(|cell| !cell.is_empty());
            if beyond || (is_ragged && row.cells.len() < width) {
                let why = format!("the row has {} cells, but the header {width}", row.cells.len());
                return Err(sheet.refuse(row, None, &why).with_hint(if is_ragged {
                    QUOTING
                } else {
                    "give each column a header"
                }));
            }
        }
        sheet.rows.iter_mut().for_each(|row| row.cells.resize(width, String::new()));
        Ok(Some(sheet))
    }

    /// Where a row is, in words.
    pub fn place(&self, row: &Row) -> String {
        let sheet = self.name.as_ref().map(|name| format!("sheet {name:?}, ")).unwrap_or_default();
        let line = row.line.filter(|line| *line != row.number).map(|line| format!(", line {line}"));
        format!("{sheet}row {}{}", row.number, line.unwrap_or_default())
    }

    /// An error about a row, or a cell of it.
    pub fn refuse(&self, row: &Row, column: Option<usize>, why: &str) -> Error {
        let column = column.map(|at| format!(", column {}", self.column_name(at))).unwrap_or_default();
        refusal(format!("{}{column}: {why}", self.place(row)))
    }

    /// A column by letter and header.
    pub fn column_name(&self, column: usize) -> String {
        match self.header.cell(column) {
            "" => letters(column),
            header => format!("{header:?} ({})", letters(column)),
        }
    }
}

/// How a text stands in a cell of a CSV.
pub const QUOTING: &str =
    "a text that holds a quotation mark, a line break or the separator of columns stands in quotation marks";

pub fn refusal(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Content, why)
}

/// A column as spreadsheet programs name it: A … Z, AA …
fn letters(column: usize) -> String {
    let mut name = vec![];
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        name.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    name.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters_as_in_spreadsheets() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
