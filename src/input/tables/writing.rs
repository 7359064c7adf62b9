//! Tables as CSV: headers and cells in the form that [`read`](super::read) and [`read_pages`](super::read_pages) read,
//! and the list of pages (`pages.csv`).
//!
//! In `pages.csv` an apostrophe guards cells that a spreadsheet program would change: formulas, and numbers too,
//! because page `0007` would come back as `7`, which is another id. In other tables it guards formulas only.

use super::columns::{ITEM_COLUMNS, METADATA, NOTE, normalised};
use super::sheet::escaped;
use crate::model::{ContentFile, FileRole, LanguageMap, NO_LANGUAGE};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Spreadsheet programs read a cell that begins with one of these as a formula, and a cell with an apostrophe before it
/// as text.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The header of a known column.
pub fn column(name: &str, language: &str) -> String {
    if language == NO_LANGUAGE { name.to_owned() } else { format!("{name}@{language}") }
}

/// The header of a column that is not read.
pub fn note_column(name: &str) -> String {
    format!("{NOTE}{name}")
}

/// The header of a metadata pair, with the prefix `metadata:` if it could be mistaken for another column.
pub fn metadata_column(label: &str, language: &str) -> String {
    let name = normalised(label);
    let is_known = ITEM_COLUMNS.iter().any(|(_, names)| names.contains(&name.as_str()));
    let is_marked = label.starts_with(METADATA) || label.starts_with(NOTE);
    let label = visible(label);
    match label.contains('@') || is_known || is_marked || is_like_formula(&label) || label.starts_with('\'') {
        true => format!("{METADATA}{label}@{language}"),
        false => column(&label, language),
    }
}

/// A cell that no spreadsheet program computes and that [`unescaped`](super::sheet::unescaped) turns into `text` again.
/// Numbers and dates stay as they are.
pub fn cell(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    if text.starts_with('\'') || is_like_formula(&text) { Cow::Owned(format!("'{text}")) } else { text }
}

fn is_like_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').trim_start_matches(' ').starts_with(FORMULA)
}

/// Replaces NUL, which a text file must not have.
fn visible(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// Columns before and after those of labels.
const BEFORE: [&str; 4] = ["item", "role", "page", "file"];
const AFTER: [&str; 4] = ["text", "missing", "image-id", "rule"];

/// All files with the ids of their images, in order. A cell cannot hold a label with several values in one language: it
/// stays empty.
pub fn write_pages(rows: &[(&ContentFile, Vec<&str>)]) -> Vec<u8> {
    let languages = rows.iter().flat_map(|(file, _)| file.label.entries().map(|(language, _)| language));
    let languages: BTreeSet<&str> = languages.chain([NO_LANGUAGE]).collect();
    let header = |language: &&str| match *language {
        NO_LANGUAGE => "label".to_owned(),
        other => format!("label@{other}"),
    };
    let labels = languages.iter().map(header);
    let header = BEFORE.map(str::to_owned).into_iter().chain(labels).chain(AFTER.map(str::to_owned));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    // Writing to memory cannot fail.
    let _ = writer.write_record(header);
    for (file, image_ids) in rows {
        // Neither can this.
        let _ = writer.write_record(cells(file, image_ids, &languages).map(|cell| escaped(&cell)));
    }
    // A byte order mark tells Excel that the file is UTF-8.
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    bytes.extend(writer.into_inner().unwrap_or_default());
    bytes
}

fn cells<'a>(
    file: &'a ContentFile,
    image_ids: &'a [&str],
    languages: &'a BTreeSet<&str>,
) -> impl Iterator<Item = String> + 'a {
    let item = file.item.as_ref().map_or("", |item| item.as_str());
    let page = file.page.as_deref().unwrap_or_default();
    let (role, expected) = (file.role, file.expected.as_deref());
    let is_lost = role == FileRole::Missing && expected.is_none();
    let before = [item, role.name(), page, expected.unwrap_or(&file.inner)].map(str::to_owned);
    let labels = languages.iter().map(|language| label(&file.label, language));
    let missing = if is_lost { "yes" } else { "" };
    let after = [file.text.clone(), missing.to_owned(), image_ids.join(" "), file.rule.to_string()];
    before.into_iter().chain(labels).chain(after)
}

fn label(label: &LanguageMap, language: &str) -> String {
    match label.entries().find(|(known, _)| *known == language) {
        Some((_, [value])) if !value.contains('\0') => value.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_each_comes_back() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''=1", "'tis", "a=1", "", " =1", "\t=1", "'"] {
            let written = cell(text);
            assert!(!written.trim_start().starts_with(FORMULA), "{written:?}");
            assert_eq!(crate::input::tables::sheet::unescaped(&written), text);
        }
    }

    #[test]
    fn a_label_that_means_something_is_said_to_be_one() {
        assert_eq!(metadata_column("Shelf mark", NO_LANGUAGE), "Shelf mark");
        assert_eq!(metadata_column("Sujet", "fr"), "Sujet@fr");
        assert_eq!(metadata_column("Title", NO_LANGUAGE), "metadata:Title@none");
        assert_eq!(metadata_column("ask@us", "en"), "metadata:ask@us@en");
        assert_eq!(metadata_column("=cmd", "en"), "metadata:=cmd@en");
    }
}
