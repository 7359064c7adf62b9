//! How headers and cells of a CSV are written so that they are read as what they are: the other side of
//! [`super::columns`] and [`super::guard`].

use super::columns::{ITEM_COLUMNS, METADATA, NOTE, normalised};
use crate::model::NO_LANGUAGE;
use std::borrow::Cow;

/// Spreadsheet programs take a cell that begins with one of these for a formula, and an apostrophe before it for the
/// word of somebody who means the text.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The header of a known column.
pub fn column(name: &str, language: &str) -> String {
    if language == NO_LANGUAGE { name.to_owned() } else { format!("{name}@{language}") }
}

/// The header of a column that is left out when the table is read.
pub fn note_column(name: &str) -> String {
    format!("{NOTE}{name}")
}

/// The header of a metadata pair, said to be one where it could be taken for something else.
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

/// A cell that no spreadsheet program computes, and that [`unguarded`](super::guard::unguarded) reads as `text`. Numbers
/// and dates stay as programs expect them.
pub fn cell(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    if text.starts_with('\'') || is_like_formula(&text) { Cow::Owned(format!("'{text}")) } else { text }
}

fn is_like_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').trim_start_matches(' ').starts_with(FORMULA)
}

/// No file of text holds NUL.
fn visible(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_each_comes_back() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''=1", "'tis", "a=1", "", " =1", "\t=1", "'"] {
            let written = cell(text);
            assert!(!written.trim_start().starts_with(FORMULA), "{written:?}");
            assert_eq!(super::super::guard::unguarded(&written), text);
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
