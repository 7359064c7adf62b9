//! Workbooks, XLSX (ECMA-376) and ODS ([`ods`]): the values of cells as text, within limits. Formulas are not computed;
//! the saved value counts.
//!
//! XLSX and ODS are ZIP archives (APPNOTE 6.3.3), and a small archive can hold gigabytes. `calamine` does not limit the
//! unpacked size, and the sizes in the directory of a ZIP file can be false. So an archive is unpacked once only to
//! measure it. It must have only one possible reading: one directory at the end of the file, no ZIP64, only stored and
//! deflated files.

use super::ods;
use super::sheet::{EMPTY_CELL, MAX_CELLS, MAX_COLUMNS, Row, Sheet, refusal};
use crate::error::{Error, Result};
use crate::input::budget::Budget;
use calamine::{Data, DataRef, ExcelDateTime, Reader, Xlsx, open_workbook_from_rs};
use flate2::read::DeflateDecoder;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

/// The format of a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkbookFormat {
    Xlsx,
    Ods,
    /// The format before 2007, which is not supported.
    Xls,
}

/// The format by the first bytes. ODS is a ZIP archive whose first file is `mimetype`.
pub fn format_of(bytes: &[u8]) -> Option<WorkbookFormat> {
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Some(WorkbookFormat::Xls);
    }
    let is_archive = bytes.starts_with(b"PK\x03\x04");
    is_archive.then(|| if bytes.get(30..38) == Some(b"mimetype") { WorkbookFormat::Ods } else { WorkbookFormat::Xlsx })
}

/// The sheets that are not empty, in order.
pub fn sheets(bytes: &[u8], format: WorkbookFormat, budget: &Budget) -> Result<Vec<Sheet>> {
    match format {
        WorkbookFormat::Xls => Err(refusal("workbooks of the old XLS format, and encrypted ones, are not read")
            .with_hint("save it as XLSX or CSV, without a password")),
        WorkbookFormat::Xlsx => check_archive(bytes, budget).and_then(|()| xlsx(bytes, budget)),
        WorkbookFormat::Ods => {
            let text = |name| archive_text(bytes, name, budget);
            if text("META-INF/manifest.xml")?.is_some_and(|manifest| manifest.contains(":encryption-data")) {
                return Err(unreadable("it is encrypted").with_hint("save it without a password"));
            }
            ods::sheets(&text("content.xml")?.ok_or_else(|| unreadable("it has no content.xml"))?, budget)
        }
    }
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    refusal(format!("the workbook cannot be read: {error}"))
}

/// The cells of each row, in the order of the file.
#[derive(Default)]
pub struct Cells {
    rows: BTreeMap<usize, Vec<(usize, Box<str>)>>,
    count: usize,
    filled: usize,
}

impl Cells {
    /// Adds a cell. Its memory is taken before its value is copied.
    pub fn add(&mut self, row: usize, column: usize, value: &str, budget: &Budget) -> Result<()> {
        self.count += 1;
        if self.count > MAX_CELLS || column >= MAX_COLUMNS {
            return Err(refusal(format!("a sheet has more than {MAX_CELLS} cells or {MAX_COLUMNS} columns")));
        }
        let value = value.trim();
        if !value.is_empty() {
            budget.take(CELL + value.len())?;
            self.filled += 1;
            self.rows.entry(row).or_default().push((column, value.into()));
        }
        Ok(())
    }

    /// Rows are cut to the width of the first. A cell beyond it makes its row one cell wider, so that [`Sheet::new`]
    /// finds it.
    pub fn sheet(mut self, name: String, budget: &Budget) -> Result<Option<Sheet>> {
        let first = self.rows.first_entry().map(|first| first.into_mut());
        let width = first.into_iter().flatten().map(|(column, _)| *column + 1).max().unwrap_or(0);
        if width.saturating_mul(self.rows.len()) > MAX_CELLS {
            return Err(refusal(format!("the sheet {name:?} has more than {MAX_CELLS} cells")));
        }
        budget.take((width * self.rows.len()).saturating_sub(self.filled) * EMPTY_CELL)?;
        let rows = self.rows.into_iter().map(|(number, cells)| {
            let mut row = vec![String::new(); width];
            for (column, value) in cells {
                match row.get_mut(column) {
                    Some(cell) => *cell = value.into(),
                    None => row.resize(width + 1, value.into()),
                }
            }
            Row { number: number + 1, line: None, width: row.len(), cells: row }
        });
        Sheet::new(Some(name), rows.collect(), false)
    }
}

fn xlsx(bytes: &[u8], budget: &Budget) -> Result<Vec<Sheet>> {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(unreadable)?;
    let mut sheets = vec![];
    for name in workbook.sheet_names() {
        let mut cells = Cells::default();
        // This fails for sheets that are charts.
        let Ok(mut reader) = workbook.worksheet_cells_reader(&name) else { continue };
        while let Some(cell) = reader.next_cell().map_err(unreadable)? {
            let (row, column) = cell.get_position();
            let value = text(cell.get_value()).map_err(|why| in_cell(&name, row as usize, why))?;
            cells.add(row as usize, column as usize, &value, budget)?;
        }
        sheets.extend(cells.sheet(name, budget)?);
    }
    Ok(sheets)
}

fn in_cell(sheet: &str, row: usize, why: String) -> Error {
    refusal(format!("sheet {sheet:?}, row {}: {why}", row + 1))
}

/// A value as people write it; dates in ISO 8601. A text that many cells share is not copied.
fn text<'a>(value: &'a DataRef<'_>) -> std::result::Result<Cow<'a, str>, String> {
    match value {
        DataRef::Error(error) => Err(format!("a formula failed: {error}")),
        DataRef::DateTime(date) => Ok(date_text(date).into()),
        DataRef::SharedString(text) => Ok(Cow::Borrowed(text)),
        DataRef::String(text) => Ok(Cow::Borrowed(text)),
        value => Ok(Data::from(value.clone()).to_string().into()),
    }
}

fn date_text(date: &ExcelDateTime) -> String {
    if date.is_duration() || !(0.0..3_000_000.0).contains(&date.as_f64()) {
        return date.to_string();
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    let day = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { day } else { format!("{day}T{hour:02}:{minute:02}:{second:02}") }
}

/// Memory for a cell with a value, and for a style, beside their texts.
const CELL: usize = 64;
const STYLE: usize = 512;

/// Bytes that all files of an archive may have together when unpacked.
const MAX_UNPACKED: u64 = 256 << 20;

/// Length of the record that ends an archive.
const END_BYTES: usize = 22;

/// Length of a directory entry without name, extra fields and comment.
const ENTRY_BYTES: usize = 46;

/// Length of the header before a file's data, without name and extra fields.
const LOCAL_BYTES: usize = 30;

/// A file in an archive.
struct Entry<'a> {
    name: &'a [u8],
    method: u16,
    data: &'a [u8],
}

/// Unpacks all files of an archive to measure them. Sheets are read cell by cell; all other XML is held in memory.
///
/// # Errors
/// The files have more than [`MAX_UNPACKED`] bytes, or other programs might read the archive differently.
fn check_archive(bytes: &[u8], budget: &Budget) -> Result<()> {
    let mut left = MAX_UNPACKED;
    for entry in entries(bytes)? {
        let mut counted = Counted { inner: entry.unpacked(left + 1)?, tags: 0 };
        let size = io::copy(&mut counted, &mut io::sink());
        let size = size.map_err(|error| refusal(format!("a file in the workbook is damaged: {error}")))?;
        budget.work(size as usize)?;
        if !entry.is_sheet() && (entry.name.ends_with(b".xml") || entry.name.ends_with(b".rels")) {
            let of_a_tag = if entry.name.ends_with(b"/styles.xml") { STYLE } else { CELL };
            budget.take(size as usize + counted.tags * of_a_tag)?;
        }
        left = left.checked_sub(size).ok_or_else(|| {
            refusal(format!("the workbook has more than {MAX_UNPACKED} bytes when it is unpacked"))
                .with_hint("save the table as CSV")
        })?;
    }
    Ok(())
}

/// Counts the tags that are read.
struct Counted<R> {
    inner: R,
    tags: usize,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.tags += memchr::memchr_iter(b'<', &buffer[..read]).count();
        Ok(read)
    }
}

/// The text of a file in an archive.
fn archive_text(bytes: &[u8], name: &str, budget: &Budget) -> Result<Option<String>> {
    let Some(entry) = entries(bytes)?.into_iter().find(|entry| entry.name == name.as_bytes()) else { return Ok(None) };
    let mut text = String::new();
    // Measured first, so that no more room is made than it needs.
    let size = io::copy(&mut entry.unpacked(MAX_UNPACKED + 1)?, &mut io::sink());
    let size = size.map_err(|error| refusal(format!("{name} in the workbook is damaged: {error}")))?;
    budget.work(size as usize)?;
    budget.take(size as usize)?;
    text.reserve_exact(size as usize);
    match entry.unpacked(size)?.read_to_string(&mut text) {
        Ok(_) => Ok(Some(text)),
        Err(error) => Err(refusal(format!("{name} in the workbook is damaged: {error}"))),
    }
}

impl<'a> Entry<'a> {
    fn is_sheet(&self) -> bool {
        self.name.starts_with(b"xl/worksheets/")
    }

    /// At most `limit` bytes.
    fn unpacked(&self, limit: u64) -> Result<Box<dyn Read + 'a>> {
        match self.method {
            0 => Ok(Box::new(self.data.take(limit))),
            8 => Ok(Box::new(DeflateDecoder::new(self.data).take(limit))),
            method => Err(refusal(format!("the workbook is packed by method {method}, which is not read"))
                .with_hint("an encrypted workbook must be saved without its password")),
        }
    }
}

fn entries(bytes: &[u8]) -> Result<Vec<Entry<'_>>> {
    read_entries(bytes).ok_or_else(|| {
        refusal("the workbook is damaged, or a ZIP archive of an unusual kind")
            .with_hint("open it and save it again as XLSX, ODS or CSV")
    })
}

fn read_entries(bytes: &[u8]) -> Option<Vec<Entry<'_>>> {
    let end_at = bytes.len().checked_sub(END_BYTES)?;
    let end = signed(bytes, end_at, b"PK\x05\x06")?;
    let (count, size, start) = (u16_at(end, 10)?, u32_at(end, 12)? as usize, u32_at(end, 16)? as usize);
    let is_plain = u16_at(end, 20)? == 0 && u16_at(end, 8)? == count && start.checked_add(size)? == end_at;
    if !is_plain {
        return None;
    }
    let (mut entries, mut at) = (vec![], start);
    for _ in 0..count {
        let head = signed(bytes, at, b"PK\x01\x02")?;
        let lengths = [28, 30, 32].map(|field| u16_at(head, field).map(usize::from));
        let [name, extra, comment] = [lengths[0]?, lengths[1]?, lengths[2]?];
        let data = data(bytes, u32_at(head, 42)? as usize, u32_at(head, 20)? as usize)?;
        entries.push(Entry { name: head.get(ENTRY_BYTES..ENTRY_BYTES + name)?, method: u16_at(head, 10)?, data });
        at = at.checked_add(ENTRY_BYTES + name + extra + comment)?;
    }
    (at == end_at).then_some(entries)
}

/// The packed bytes of the file whose local header is at `at`.
fn data(bytes: &[u8], at: usize, packed: usize) -> Option<&[u8]> {
    let local = signed(bytes, at, b"PK\x03\x04")?;
    let start = LOCAL_BYTES + usize::from(u16_at(local, 26)?) + usize::from(u16_at(local, 28)?);
    local.get(start..start.checked_add(packed)?)
}

/// The bytes from `at` on, if they begin with `signature`.
fn signed<'a>(bytes: &'a [u8], at: usize, signature: &[u8; 4]) -> Option<&'a [u8]> {
    bytes.get(at..).filter(|rest| rest.starts_with(signature))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_workbook_is_refused() {
        for bytes in [b"PK\x03\x04".as_slice(), b"PK\x03\x04 and then nothing of use at all", b"\xd0\xcf\x11\xe0"] {
            assert!(sheets(bytes, format_of(bytes).unwrap(), &Budget::new(bytes.len(), 1)).is_err());
        }
    }
}
