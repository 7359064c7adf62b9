//! Tables that describe many items at once, as CSV, XLSX or ODS. Each row is an item.
//!
//! - The first row that is not blank is the header. The header of a column gives its role, unless
//!   [`TableSettings`] gives another. Any other column is a metadata pair whose label is the header exactly as
//!   written. `label@fr` sets the language of a column's values; `|` separates values.
//! - The **key** of a row finds its item. It stands in the first of these columns that the table has: `item`, `id`,
//!   `objectid`, `pid`, `digital-object-id`, `identifier`, `path`. Without any of them it is the name of the row's
//!   `file` or `filename` without extension. A cell with several files, separated by `|`, lists the pages of its item.
//! - A row whose `parent-id`, `parentid` or `field-member-of` is the key of another row is a **page** of that item, as
//!   in Islandora Workbench and CollectionBuilder. A row that is the parent of a parent is a collection.
//! - A header with the prefix `metadata:` is a metadata pair, even if its name is that of another column. A column
//!   whose header begins with `built:` is not read. A spreadsheet program would compute or change some cells; an
//!   apostrophe before such a cell is not part of the text. [`writing`] writes tables in this form.
//! - Pages can also stand in a sheet named `pages`, or in a file of their own ([`read_pages`]).
//!
//! Headers are compared without regard to case, `_`, `-` and spaces. White space at both ends of a cell is removed.
//! Empty cells are ignored.

pub mod biiif;
mod columns;
mod delimited;
mod faults;
mod items;
mod ods;
mod pages;
mod sheet;
mod values;
mod withheld_rows;
mod workbook;
pub mod writing;

pub use withheld_rows::{WithheldRows, withheld_rows};
pub use writing::write_pages;

use crate::error::Error;
use crate::input::budget::Budget;
use crate::model::settings::TableSettings;
use crate::model::{Doubt, Record, Records};
use sheet::Sheet;
use std::collections::BTreeMap;
use std::path::Path;

/// A table may always take so many times its own size in memory: a cell of a few bytes becomes a property with a label, a
/// language and a value. A workbook is packed.
const TIMES: u64 = 12;
const TIMES_PACKED: u64 = 32;

/// The name of the workbook sheet that lists pages.
const PAGES_SHEET: &str = "pages";

/// Reads a table of items. Workbooks are recognised by their first bytes; all other files are read as CSV. Returns the
/// records and warnings about data that is uncertain or is not used.
///
/// Limits: 256 MiB per file (a workbook: unpacked), 5 million cells, 16,384 columns, 1 MiB per cell of CSV, and the [`Budget`] of the file.
///
/// A row with a mistake leaves its item [in doubt](crate::model::Doubt). All of them are in [`Records::mistakes`]: a key in
/// two rows, a row that is wider or narrower than its header, a value that does not fit its column.
///
/// # Errors
/// The table exceeds a limit or cannot be read, or its header has a mistake, such as no key column. Errors name file,
/// sheet, row and column.
pub fn read(bytes: &[u8], path: &Path, settings: &TableSettings) -> Result<(Records, Vec<String>), Vec<Error>> {
    let mut warnings = vec![];
    let budget = budget(bytes);
    let mut sheets = sheets(bytes, path, &mut warnings, &budget).map_err(|error| vec![error])?;
    let headers = headers(&sheets);
    let is_pages = |sheet: &Sheet| sheet.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(PAGES_SHEET));
    let pages = sheets.iter().position(is_pages).map(|at| sheets.remove(at));
    let left_out = sheets.iter().skip(1).filter_map(|sheet| sheet.name.as_ref());
    warnings.extend(left_out.map(|name| format!("the sheet {name:?} is not read: items stand in the first one")));
    let with_path = |errors: Vec<Error>| errors.into_iter().map(|error| error.with_path(path)).collect::<Vec<_>>();
    let mut records = Records::default();
    if let Some(items) = sheets.first() {
        records = items::records(items, settings, &mut warnings, &budget).map_err(with_path)?;
    }
    if let Some(pages) = pages {
        join(&mut records, pages::records(&pages, settings, &mut warnings, &budget).map_err(with_path)?);
    }
    Ok((Records { headers, ..at(records, path) }, warnings))
}

fn headers(sheets: &[Sheet]) -> Vec<String> {
    sheets.iter().flat_map(|sheet| sheet.header.cells.iter().cloned()).collect()
}

/// The records, with the path of their file in all mistakes.
fn at(records: Records, path: &Path) -> Records {
    let mistakes = records.mistakes.into_iter().map(|mistake| mistake.with_path(path)).collect();
    Records { mistakes, ..records }
}

/// Reads a table of pages, in order. Its columns are `item` (or another key), `page` or `id`, `file`, `label`, `text`
/// and `missing`. If there is a column `role`, only rows whose role is a page are read. Returns records with keys and
/// pages only, and warnings. Mistakes are as those of [`read`]; also a page that has neither a file nor a mark in
/// `missing`, or both.
///
/// # Errors
/// As [`read`].
pub fn read_pages(bytes: &[u8], path: &Path, settings: &TableSettings) -> Result<(Records, Vec<String>), Vec<Error>> {
    let mut warnings = vec![];
    let budget = budget(bytes);
    let sheets = sheets(bytes, path, &mut warnings, &budget).map_err(|error| vec![error])?;
    let with_path = |errors: Vec<Error>| errors.into_iter().map(|error| error.with_path(path)).collect::<Vec<_>>();
    let records = match sheets.first() {
        Some(sheet) => pages::records(sheet, settings, &mut warnings, &budget).map_err(with_path)?,
        None => Records::default(),
    };
    Ok((Records { headers: headers(&sheets), ..at(records, path) }, warnings))
}

/// Adds the pages that [`read_pages`] returned to the records of their items. Items that only `pages` has are added. An
/// item whose pages are listed already is a mistake.
pub fn join(records: &mut Records, pages: Records) {
    let mut places = BTreeMap::new();
    for (at, record) in records.below.iter().enumerate() {
        record.keys.first().map(|key| places.insert(key.clone(), at));
    }
    for listed in pages.below {
        let place = listed.keys.first().and_then(|key| places.get(key)).copied();
        match place.and_then(|at| records.below.get_mut(at)) {
            None => records.below.push(listed),
            Some(record) => records.mistakes.extend(give_pages(record, listed)),
        }
    }
    records.mistakes.extend(pages.mistakes);
    records.lost = records.lost.max(pages.lost);
}

/// Returns the mistake if the record has pages already.
fn give_pages(record: &mut Record, listed: Record) -> Option<Error> {
    record.doubt = record.doubt.max(listed.doubt);
    // The file in the item's own row is its only page unless other pages are listed.
    if record.pages.len() > 1 {
        let key = listed.keys.first().map(String::as_str).unwrap_or_default();
        let why = format!("{}: the pages of {key:?} are listed already, below {}", listed.place, record.place);
        record.doubt = Some(Doubt::Publication);
        return Some(sheet::refusal(why).with_hint("list the pages of an item in one place"));
    }
    record.pages = listed.pages;
    None
}

fn budget(bytes: &[u8]) -> Budget {
    Budget::new(bytes.len(), if workbook::format_of(bytes).is_some() { TIMES_PACKED } else { TIMES })
}

fn sheets(bytes: &[u8], path: &Path, warnings: &mut Vec<String>, budget: &Budget) -> Result<Vec<Sheet>, Error> {
    let sheets = match workbook::format_of(bytes) {
        Some(format) => workbook::sheets(bytes, format, budget),
        None => delimited::sheet(bytes, warnings, budget).map(|sheet| sheet.into_iter().collect()),
    };
    sheets.map_err(|error| error.with_path(path))
}
