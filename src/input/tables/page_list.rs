//! Pages as CSV, in the columns that [`read_pages`](super::read_pages) reads: saved as `pages.csv` it is the page list.

use super::guard::guarded;
use crate::model::{ContentFile, FileRole, LanguageMap, NO_LANGUAGE};
use std::collections::BTreeSet;

/// Columns before and behind those of labels.
const BEFORE: [&str; 4] = ["item", "role", "page", "file"];
const BEHIND: [&str; 4] = ["text", "missing", "image-id", "rule"];

/// All files with the ids of their images, in order. A label with several values in one language has no place in a cell: the cell stays empty, and
/// what is said elsewhere holds.
pub fn write_pages(rows: &[(&ContentFile, Vec<&str>)]) -> Vec<u8> {
    let languages = rows.iter().flat_map(|(file, _)| file.label.entries().map(|(language, _)| language));
    let languages: BTreeSet<&str> = languages.chain([NO_LANGUAGE]).collect();
    let header = |language: &&str| match *language {
        NO_LANGUAGE => "label".to_owned(),
        other => format!("label@{other}"),
    };
    let labels = languages.iter().map(header);
    let header = BEFORE.map(str::to_owned).into_iter().chain(labels).chain(BEHIND.map(str::to_owned));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    // Nothing fails that is written into memory.
    let _ = writer.write_record(header);
    for (file, image_ids) in rows {
        // Nor here.
        let _ = writer.write_record(cells(file, image_ids, &languages).map(|cell| guarded(&cell)));
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
    let behind = [file.text.clone(), missing.to_owned(), image_ids.join(" "), file.rule.clone()];
    before.into_iter().chain(labels).chain(behind)
}

fn label(label: &LanguageMap, language: &str) -> String {
    match label.entries().find(|(known, _)| *known == language) {
        Some((_, [value])) if !value.contains('\0') => value.clone(),
        _ => String::new(),
    }
}
