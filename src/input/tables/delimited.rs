//! CSV as spreadsheet programs and catalogues write it (RFC 4180 and its variants): `,`, `;` or tab as the delimiter,
//! line breaks within quotation marks, UTF-8, UTF-16 or Windows-1252.

use super::sheet::{EMPTY_CELL, MAX_CELLS, MAX_COLUMNS, QUOTING, Row, Sheet, refusal};
use crate::config::files;
use crate::error::{Error, Result};
use crate::input::budget::Budget;
use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;
use std::ops::Range;

/// Most bytes of a cell. Spreadsheet programs hold 32,767 characters.
const MAX_CELL: usize = 1 << 20;

/// Memory that a text takes beside its bytes, for it is rounded up.
const HEAP: usize = 32;

/// The table in a file. `None`: all rows are blank.
pub fn sheet(bytes: &[u8], warnings: &mut Vec<String>, budget: &Budget) -> Result<Option<Sheet>> {
    let (text, _) = decode(bytes, warnings)?;
    Sheet::new(None, rows(&text, budget)?, true)
}

/// The encoding is that of the byte order mark, else UTF-8 if the bytes are valid, else Windows-1252, in which all
/// bytes are valid.
fn decode<'a>(bytes: &'a [u8], warnings: &mut Vec<String>) -> Result<(Cow<'a, str>, &'static Encoding)> {
    files::check_size(bytes.len() as u64, files::METADATA).map_err(|why| refusal(why.to_string()))?;
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = match marked {
        Some(encoding) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => {
            warnings.push("the file is not in UTF-8 and is read as Windows-1252: are all letters right?".to_owned());
            WINDOWS_1252
        }
    };
    let (text, encoding, is_damaged) = encoding.decode(bytes);
    if is_damaged {
        return Err(refusal(format!("the file is not in {}, as its first bytes say", encoding.name())));
    }
    if text.contains('\0') {
        return Err(refusal("the file is no text").with_hint("save the table as CSV in UTF-8, or as XLSX"));
    }
    check_cells(&text)?;
    Ok((text, encoding))
}

/// The text of a table, and where its rows are.
pub struct RowRanges<'a> {
    pub text: Cow<'a, str>,
    pub encoding: &'static Encoding,
    /// In the text. A row ends where the next begins.
    pub rows: Vec<Range<usize>>,
}

/// Finds the rows in a file, blank ones too.
pub fn row_ranges(bytes: &[u8]) -> Result<RowRanges<'_>> {
    let (text, encoding) = decode(bytes, &mut vec![])?;
    let mut reader = reader(&text);
    let (mut starts, mut record) = (vec![], StringRecord::new());
    let unreadable = |error| refusal(format!("the table cannot be read: {error}"));
    while reader.read_record(&mut record).map_err(unreadable)? {
        let at = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(text.len());
        // The reader counts the end of the line before to the row.
        let breaks = text.as_bytes().iter().skip(at).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        starts.push(at + breaks);
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let rows = starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect();
    Ok(RowRanges { text, encoding, rows })
}

/// Refuses a cell of more than [`MAX_CELL`] bytes, before the reader makes copies of it.
fn check_cells(text: &str) -> Result<()> {
    let (delimiter, mut start, mut is_quoted) = (delimiter(text), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            _ if !is_quoted && (byte == delimiter || matches!(byte, b'\r' | b'\n')) => start = at + 1,
            _ => {}
        }
        if at + 1 - start > MAX_CELL {
            let line = Lines { text, at: 0, line: 1 }.line_of(start);
            let why = format!("line {line}: a cell has more than {MAX_CELL} bytes");
            return Err(refusal(why).with_hint(QUOTING));
        }
    }
    Ok(())
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(text)).from_reader(text.as_bytes())
}

fn rows(text: &str, budget: &Budget) -> Result<Vec<Row>> {
    let mut reader = reader(text);
    let (mut rows, mut record, mut cells, mut lines) = (vec![], StringRecord::new(), 0, Lines { text, at: 0, line: 1 });
    let mut last = String::new();
    loop {
        let more =
            reader.read_record(&mut record).map_err(|error| refusal(format!("the table cannot be read: {error}")))?;
        if !more {
            return unclosed(text, rows.last(), &last).map_or(Ok(rows), Err);
        }
        cells += record.len();
        if cells > MAX_CELLS || record.len() > MAX_COLUMNS {
            return Err(refusal(format!("the table has more than {MAX_CELLS} cells or {MAX_COLUMNS} columns")));
        }
        last.clear();
        last.extend(record.iter().next_back());
        // Empty cells at the end of a row need no place.
        let filled = record.iter().filter(|cell| !cell.is_empty()).count();
        let there = record.iter().enumerate().filter(|(_, cell)| !cell.is_empty()).last().map_or(0, |(at, _)| at + 1);
        budget.take(size_of::<Row>() + there * EMPTY_CELL + record.as_slice().len() + filled * HEAP)?;
        let mut kept = Vec::with_capacity(there);
        kept.extend(record.iter().take(there).map(|cell| cell.trim().to_owned()));
        rows.push(Row {
            // The reader skips empty lines and does not count them as rows. The line number then helps to find the row.
            number: rows.len() + 1,
            line: record.position().and_then(|at| usize::try_from(at.byte()).ok()).map(|byte| lines.line_of(byte)),
            width: record.len(),
            cells: kept,
            failed: vec![],
        });
    }
}

/// An error for a quotation mark that is never closed. All rows behind it become one cell, so the last cell ends where
/// the file ends.
fn unclosed(text: &str, row: Option<&Row>, cell: &str) -> Option<Error> {
    let is_odd = text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
    let row = row.filter(|_| is_odd)?;
    let cell = cell.trim();
    if !cell.contains(['\n', '\r']) && !text.trim_end().ends_with(&format!("\"{cell}")) {
        return None;
    }
    let beginning: String = cell.chars().take(40).collect();
    let why = format!("row {}: the quotation mark before {beginning:?} is closed nowhere", row.number);
    Some(refusal(why).with_hint(QUOTING))
}

/// Counts lines while records are read. The reader's own count is one too low where lines end in CR LF.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the record that begins at `byte`, after any line breaks there. `byte` must not go down from call to
    /// call.
    fn line_of(&mut self, byte: usize) -> usize {
        let bytes = self.text.as_bytes();
        let breaks = bytes.iter().skip(byte).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = bytes.get(self.at..byte + breaks).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at += passed.len();
        self.line
    }
}

/// The delimiter: of `,`, `;` and tab the one that the header row has most often outside quotation marks.
fn delimiter(text: &str) -> u8 {
    let (mut is_quoted, mut counts) = (false, [(b',', 0), (b';', 0), (b'\t', 0)]);
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\r' | b'\n' if !is_quoted => break,
            _ if !is_quoted => counts.iter_mut().filter(|(one, _)| *one == byte).for_each(|(_, count)| *count += 1),
            _ => {}
        }
    }
    // The first wins a tie.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> Budget {
        Budget::new(0, 1)
    }

    fn cells(bytes: &[u8]) -> (Vec<Vec<String>>, Vec<String>) {
        let mut warnings = vec![];
        let sheet = sheet(bytes, &mut warnings, &budget()).unwrap().unwrap();
        let rows = std::iter::once(sheet.header).chain(sheet.rows).map(|row| row.cells).collect();
        (rows, warnings)
    }

    #[test]
    fn each_usual_encoding_gives_the_same_cells() {
        let text = "id;name\r\n1;Müller\r\n";
        let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        let expected = [["id", "name"], ["1", "Müller"]];
        for bytes in
            [text.into(), format!("\u{feff}{text}").into_bytes(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)]
        {
            let (rows, warnings) = cells(&bytes);
            assert_eq!(rows, expected);
            assert!(warnings.is_empty());
        }
        let (rows, warnings) = cells(b"id;name\n1;M\xfcller\n");
        assert_eq!(rows[1][1], "Müller");
        assert!(warnings[0].contains("Windows-1252"));
        assert!(sheet(b"PK\0\0", &mut vec![], &budget()).is_err());
    }

    #[test]
    fn the_header_tells_what_stands_between_cells() {
        for (text, expected) in
            [("a,b;c,d\n", b','), ("a;\"b,c,d,e\";f\n", b';'), ("a\tb\n1,2,3", b'\t'), ("alone\n", b',')]
        {
            assert_eq!(delimiter(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_row_of_another_width_is_refused_with_row_and_line() {
        let refused = |text: &str| {
            let sheet = sheet(text.as_bytes(), &mut vec![], &budget()).unwrap().unwrap();
            let (row, (why, _)) = sheet.uneven.first_key_value().unwrap();
            sheet.refuse(&sheet.rows[*row], None, why).to_string()
        };
        assert!(refused("id,a\r\n1\r\n").starts_with("row 2: the row has 1 cells"));
        assert!(refused("id,a\n1,\"x\ny\"\n2\n").starts_with("row 3, line 4: the row has 1 cells, but the header 2"));
        assert!(refused("id,a\n1,2,3\n").starts_with("row 2: the row has 3 cells"));
        assert_eq!(cells(b"\nid,a\n\n1,2,,\n,\n").0, [["id", "a"], ["1", "2"]]);
    }
}
