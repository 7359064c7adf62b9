//! A sheet: a header and rows that are as wide as the header, with their positions in the file. Also how cells are
//! escaped so that spreadsheet programs neither change nor compute them.
//!
//! A formula in a file name must not run when the list is opened. Page `0007` must not come back as `7`, nor `1-2` as a
//! date.

use crate::error::{Error, ErrorKind, Result};
use std::collections::BTreeMap;

/// Cells of one file. A catalogue of 100,000 items with 40 columns has 4 million.
pub const MAX_CELLS: usize = 5_000_000;

/// Bytes in a header. It stands in each row's properties, and is compared with the names that are known.
const MAX_HEADER: usize = 10_000;

/// Memory for a cell, beside its text.
pub const EMPTY_CELL: usize = size_of::<String>();

/// Columns of a sheet. Spreadsheet programs have the same limit.
pub const MAX_COLUMNS: usize = 16_384;

/// See the [module](self).
#[derive(Debug)]
pub struct Sheet {
    /// `None`: the file is a single table, such as CSV.
    pub name: Option<String>,
    pub header: Row,
    /// Without blank rows.
    pub rows: Vec<Row>,
    /// Rows that are wider or narrower than the header, by index, with the reason and a hint. Their cells stand in the wrong
    /// columns.
    pub uneven: BTreeMap<usize, (String, &'static str)>,
}

/// Cells without white space at their ends and without the apostrophe that [escapes](escaped) them.
#[derive(Debug)]
pub struct Row {
    /// The row number that spreadsheet programs show, from 1.
    pub number: usize,
    /// The line of a text file on which the row begins, from 1. It differs from `number` where cells hold line breaks.
    pub line: Option<usize>,
    /// How many cells are written, of which empty ones at the end may be missing in `cells`.
    pub width: usize,
    pub cells: Vec<String>,
    /// Cells that cannot be read, by column, and why. They are empty.
    pub failed: Vec<(usize, String)>,
}

impl Row {
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    fn unescaped(self) -> Row {
        Row { cells: self.cells.iter().map(|cell| unescaped(cell).to_owned()).collect(), ..self }
    }

    fn is_blank(&self) -> bool {
        self.cells.iter().all(String::is_empty) && self.failed.is_empty()
    }
}

impl Sheet {
    /// `None`: all rows are blank. With `is_strict`, as for CSV, each row must have as many cells as the header;
    /// without, as for workbooks, empty cells at the end of a row may be missing. Other rows are [uneven](Sheet::uneven).
    pub fn new(name: Option<String>, rows: Vec<Row>, is_strict: bool) -> Result<Option<Sheet>> {
        let mut rows = rows.into_iter().filter(|row| !row.is_blank()).map(Row::unescaped);
        let Some(mut header) = rows.next() else { return Ok(None) };
        if header.cells.iter().any(|cell| cell.len() > MAX_HEADER) {
            let why = format!("a column of the table has a header of more than {MAX_HEADER} bytes");
            return Err(refusal(why).with_hint("is it a table, with headers in its first row?"));
        }
        match is_strict {
            true => header.cells.resize(header.width, String::new()),
            false => {
                header.cells.truncate(header.cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1))
            }
        }
        let mut sheet = Sheet { name, header, rows: rows.collect(), uneven: BTreeMap::new() };
        if let Some((at, why)) = sheet.header.failed.first() {
            return Err(sheet.refuse(&sheet.header, Some(*at), why));
        }
        let width = sheet.header.cells.len();
        let hint = if is_strict { QUOTING } else { "give each column a header" };
        for (at, row) in sheet.rows.iter().enumerate() {
            let beyond = row.cells.iter().skip(width).any(|cell| !cell.is_empty());
            if beyond || (is_strict && row.width < width) {
                let why = format!("the row has {} cells, but the header {width}", row.width);
                sheet.uneven.insert(at, (why, hint));
            }
        }
        Ok(Some(sheet))
    }

    /// The position of a row in words.
    pub fn place(&self, row: &Row) -> String {
        let sheet = self.name.as_ref().map(|name| format!("sheet {name:?}, ")).unwrap_or_default();
        let line = row.line.filter(|line| *line != row.number).map(|line| format!(", line {line}"));
        format!("{sheet}row {}{}", row.number, line.unwrap_or_default())
    }

    /// An error about a row, or about one cell of it.
    pub fn refuse(&self, row: &Row, column: Option<usize>, why: &str) -> Error {
        let column = column.map(|at| format!(", column {}", self.column_name(at))).unwrap_or_default();
        refusal(format!("{}{column}: {why}", self.place(row)))
    }

    /// The letter and header of a column.
    pub fn column_name(&self, column: usize) -> String {
        match self.header.cell(column) {
            "" => letters(column),
            header => format!("{header:?} ({})", letters(column)),
        }
    }
}

/// How a text must be written in a cell of a CSV.
pub const QUOTING: &str =
    "a text that holds a quotation mark, a line break or the separator of columns stands in quotation marks";

pub fn refusal(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Content, why)
}

/// The letters of a column in spreadsheet programs: A … Z, AA …
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

/// Digits of a number that spreadsheet programs do not round.
const MAX_DIGITS: usize = 15;

/// The cell to write for `text`: with an apostrophe before it if a spreadsheet program would change or compute it.
pub fn escaped(text: &str) -> String {
    if needs_escape(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text of a cell that [`escaped`] wrote. Any other cell stays as it is.
pub fn unescaped(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| needs_escape(text)).unwrap_or(cell)
}

fn needs_escape(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\''])
        || text.trim() != text
        || (is_like_number(text) && !is_plain_number(text))
}

/// Whether a spreadsheet program can take the text for a number, a date or a time.
fn is_like_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.chars().all(|c| c.is_ascii_digit() || ".,-/: eE+%".contains(c))
}

fn is_plain_number(text: &str) -> bool {
    let is_short = text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    is_short && (text == "0" || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_have_letters_as_in_spreadsheets() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }

    #[test]
    fn what_a_spreadsheet_would_change_is_escaped_and_nothing_else() {
        for text in ["=1+1", "@SUM(A1)", "+x", "-x", "'x", " x", "\tx", "0007", "1-2", "1/2", "1E5", "1234567890123456"]
        {
            assert_eq!(escaped(text), format!("'{text}"));
        }
        for text in ["", "0", "7", "1784", "7r", "0007_recto", "Titel", "fol. 1", "日本", "x=1"] {
            assert_eq!(escaped(text), text);
        }
        assert_eq!(unescaped("'68 was a year"), "'68 was a year", "an apostrophe of somebody's own stays");
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[-'=+@0-9 .eé]{0,6}") {
            let cell = escaped(&text);
            prop_assert_eq!(unescaped(&cell), text);
        }
    }
}
