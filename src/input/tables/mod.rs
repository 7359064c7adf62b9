//! Tables that describe many items at once: CSV, XLSX and ODS; one row an item.
//!
//! - The first row that is not blank is the header. Which column says what is told by the header's name
//!   ([`TableSettings`] may say otherwise); a column that is not known is a metadata pair, its header the label exactly
//!   as written. `label@fr` gives the language of a column's values, `|` separates values.
//! - The **key** of a row, by which its item is found: `item`, else `id`, `objectid`, `pid`, `digital-object-id`,
//!   `identifier` or `path`, the first of them that the table has; else the name of its `file` or `filename` without
//!   the ending.
//! - A row whose `parent-id`, `parentid` or `field-member-of` is the key of another row is a **page** of that item, as
//!   Islandora Workbench and CollectionBuilder write them; a row that is parent of a parent is a collection.
//! - `metadata:` before a header says that the column is a metadata pair whatever its name; a column whose header begins
//!   with `built:` is left out. So [`writing`] writes them. An apostrophe before what a spreadsheet program would compute
//!   or change is none of the text ([`writing`]).
//! - Pages may also stand in a sheet named `pages`, or in a file of their own ([`read_pages`]).
//!
//! Names of columns are compared without regard to case, `_`, `-` and spaces. Cells lose white space at both ends, and
//! nothing else; empty cells say nothing. Nothing is read but the bytes that are handed over.

pub mod biiif;
mod columns;
mod delimited;
mod items;
mod pages;
mod sheet;
mod values;
mod workbook;
pub mod writing;

pub use writing::write_pages;

use crate::error::Result;
use crate::model::settings::TableSettings;
use crate::model::{Record, Records};
use sheet::Sheet;
use std::collections::BTreeMap;
use std::path::Path;

/// The sheet of a workbook that lists pages.
const PAGES_SHEET: &str = "pages";

/// Reads a table of items. Workbooks are known by their first bytes, all else is CSV. Beside the records stand warnings:
/// what was read with doubts, or has no place in a record.
///
/// # Errors
/// A table without a key column, a key that two rows share, a row wider or narrower than its header, a value that its
/// column cannot hold. They name file, sheet, row and column.
pub fn read(bytes: &[u8], path: &Path, settings: &TableSettings) -> Result<(Records, Vec<String>)> {
    let mut warnings = vec![];
    let mut sheets = sheets(bytes, path, &mut warnings)?;
    let is_pages = |sheet: &Sheet| sheet.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(PAGES_SHEET));
    let pages = sheets.iter().position(is_pages).map(|at| sheets.remove(at));
    let left_out = sheets.iter().skip(1).filter_map(|sheet| sheet.name.as_ref());
    warnings.extend(left_out.map(|name| format!("the sheet {name:?} is not read: items stand in the first one")));
    let with_path = |error: crate::error::Error| error.with_path(path);
    let mut records = Records::default();
    if let Some(items) = sheets.first() {
        records.below = items::records(items, settings, &mut warnings).map_err(with_path)?;
    }
    if let Some(pages) = pages {
        let pages = pages::records(&pages, settings, &mut warnings).map_err(with_path)?;
        join(&mut records, Records { own: None, below: pages }).map_err(with_path)?;
    }
    Ok((records, warnings))
}

/// Reads a table of pages, in order: the columns `item` (or another key), `page` or `id`, `file`, `label`, `text` and
/// `missing`; where there is a column `role`, only the rows that are pages by it. Answers records that hold nothing but keys and pages.
///
/// # Errors
/// As [`read`]; also a page that has neither a file nor a mark in `missing`, or both.
pub fn read_pages(bytes: &[u8], path: &Path, settings: &TableSettings) -> Result<(Records, Vec<String>)> {
    let mut warnings = vec![];
    let sheets = sheets(bytes, path, &mut warnings)?;
    let below = match sheets.first() {
        Some(sheet) => pages::records(sheet, settings, &mut warnings).map_err(|error| error.with_path(path))?,
        None => vec![],
    };
    Ok((Records { own: None, below }, warnings))
}

/// Gives the records of items their `pages`, as [`read_pages`] answers them. An item that only `pages` knows is added.
///
/// # Errors
/// An item whose pages are listed already.
pub fn join(records: &mut Records, pages: Records) -> Result<()> {
    let mut places = BTreeMap::new();
    for (at, record) in records.below.iter().enumerate() {
        record.keys.first().map(|key| places.insert(key.clone(), at));
    }
    for listed in pages.below {
        let place = listed.keys.first().and_then(|key| places.get(key)).copied();
        match place.and_then(|at| records.below.get_mut(at)) {
            None => records.below.push(listed),
            Some(record) => give_pages(record, listed)?,
        }
    }
    Ok(())
}

fn give_pages(record: &mut Record, listed: Record) -> Result<()> {
    // A file that stands in the item's own row is only the item's single page where no others are listed.
    if record.pages.len() > 1 {
        let key = listed.keys.first().map(String::as_str).unwrap_or_default();
        let why = format!("{}: the pages of {key:?} are listed already, below {}", listed.place, record.place);
        return Err(sheet::refusal(why).with_hint("list the pages of an item in one place"));
    }
    record.pages = listed.pages;
    Ok(())
}

fn sheets(bytes: &[u8], path: &Path, warnings: &mut Vec<String>) -> Result<Vec<Sheet>> {
    let sheets = match workbook::kind(bytes) {
        Some(kind) => workbook::sheets(bytes, kind),
        None => delimited::sheet(bytes, warnings).map(|sheet| sheet.into_iter().collect()),
    };
    sheets.map_err(|error| error.with_path(path))
}
