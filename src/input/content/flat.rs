//! Folders of images in which each item is a row of a table, as CollectionBuilder, Wax and many spreadsheets have them: the
//! rows name the images, or the images have the keys of rows as names. Each such item is a part of the folder.
//!
//! Only rows without a folder of their own count. A folder that a record, or its own `item.toml`, describes is one item.

use super::folder::{Folder, is_media};
use super::naming::{self, file_name, last_segment, without_ending};
use crate::model::Record;
use crate::model::address::{collision_key, normalised};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

/// The records of a table that have no folder of their own.
#[derive(Default)]
pub struct LooseRows {
    /// By the names of the files that they list.
    by_file: HashMap<String, Vec<usize>>,
    /// Those that list no file, by key.
    by_key: HashMap<String, usize>,
}

/// A table that may describe the items in a folder.
pub struct Table<'a> {
    /// The folder that it lies in.
    pub base: &'a Path,
    pub records: &'a [Record],
    pub loose: &'a LooseRows,
}

/// The items in a folder of images.
pub struct FlatFolder {
    /// The name of each, and its images in the folder.
    parts: Vec<(String, Vec<String>)>,
    /// Images that no row names.
    pub unnamed: Vec<String>,
}

impl LooseRows {
    /// `folder`: that of the table.
    pub fn of(records: &[Record], folder: &Folder) -> LooseRows {
        let mut loose = LooseRows::default();
        if records.first().is_none_or(|record| record.is_page_list) {
            return loose;
        }
        let folders: HashSet<String> = folder.all_folders().iter().map(|inner| collision_key(&inner.name)).collect();
        let has_folder = |key: &String| folders.contains(&collision_key(last_segment(key)));
        for (row, record) in records.iter().enumerate().filter(|(_, record)| !record.keys.iter().any(has_folder)) {
            for file in record.pages.iter().filter_map(|page| page.file.as_deref()) {
                loose.by_file.entry(normalised(last_segment(file))).or_default().push(row);
            }
            for key in record.keys.iter().filter(|_| record.pages.is_empty()) {
                loose.by_key.entry(normalised(key)).or_insert(row);
            }
        }
        loose
    }
}

/// The items in `folder`, if a table describes them. The nearest table comes first.
pub fn items(folder: &Folder, tables: &[Table<'_>]) -> Option<FlatFolder> {
    let images: Vec<String> = folder.media_files().map(|file| file_name(&file).into_owned()).collect();
    tables.iter().find_map(|table| {
        let rows = rows_by_file(folder, &images, table).or_else(|| rows_by_key(folder, &images, table))?;
        Some(FlatFolder::new(rows, images.clone(), table.records))
    })
}

/// The images of each row.
type Rows = BTreeMap<usize, Vec<String>>;

/// The rows that list images of the folder. Rows of a table above that list names without folders must name most of the
/// images: other folders may have files of the same names.
fn rows_by_file(folder: &Folder, images: &[String], table: &Table<'_>) -> Option<Rows> {
    let real: HashMap<String, &String> = images.iter().map(|image| (normalised(image), image)).collect();
    let is_here = |file: &str| {
        let is_bare = !file.contains('/');
        is_bare || table.base.join(file).parent() == Some(folder.path.as_path())
    };
    let candidates: BTreeSet<usize> =
        real.keys().filter_map(|name| table.loose.by_file.get(name)).flatten().copied().collect();
    let mut rows = Rows::new();
    let mut is_by_path = false;
    for row in candidates {
        let files = table.records.get(row)?.pages.iter().filter_map(|page| page.file.as_deref());
        for file in files.filter(|file| is_here(file)) {
            is_by_path |= file.contains('/');
            let image = real.get(&normalised(last_segment(file)));
            rows.entry(row).or_default().extend(image.map(|image| (*image).clone()));
        }
    }
    let named: HashSet<&String> = rows.values().flatten().collect();
    let is_enough = is_by_path || table.base == folder.path || named.len() * 2 >= images.len();
    (is_enough && !named.is_empty()).then_some(rows)
}

/// The rows whose keys are the names of images, if all images have one.
fn rows_by_key(folder: &Folder, images: &[String], table: &Table<'_>) -> Option<Rows> {
    let is_near = table.base == folder.path || folder.path.parent() == Some(table.base);
    if table.loose.by_key.is_empty() || !is_near {
        return None;
    }
    let mut rows = Rows::new();
    for image in images {
        let row = table.loose.by_key.get(&normalised(without_ending(image)))?;
        rows.entry(*row).or_default().push(image.clone());
    }
    (!rows.is_empty()).then_some(rows)
}

impl FlatFolder {
    fn new(rows: Rows, images: Vec<String>, records: &[Record]) -> FlatFolder {
        let named: HashSet<&String> = rows.values().flatten().collect();
        let unnamed = images.into_iter().filter(|image| !named.contains(image)).collect();
        let part = |(row, images): (usize, Vec<String>)| {
            let key = records.get(row)?.keys.first()?;
            Some((last_segment(key.trim_matches('/')).to_owned(), images))
        };
        FlatFolder { parts: rows.into_iter().filter_map(part).collect(), unnamed }
    }

    /// The parts of `folder`, one for each item: with its images, and with the files that have their names, beside them and
    /// in folders that show how files are kept.
    pub fn parts(&self, folder: &Folder) -> Vec<Folder> {
        let others = by_page(folder.files.iter().filter(|file| !is_media(file)));
        let containers: Vec<(&Folder, HashMap<String, Vec<&String>>)> =
            folder.containers().map(|inner| (inner, by_page(inner.files.iter()))).collect();
        let part = |(name, images): &(String, Vec<String>)| {
            let pages: BTreeSet<String> = images.iter().map(|image| naming::page_key(image)).collect();
            let of_pages = |files: &HashMap<String, Vec<&String>>| -> Vec<String> {
                pages.iter().filter_map(|page| files.get(page)).flatten().map(|file| (*file).clone()).collect()
            };
            let files = images.iter().cloned().chain(of_pages(&others)).collect();
            let inner = containers.iter().map(|(inner, files)| inner.part(&inner.name, of_pages(files), vec![]));
            folder.part(name, files, inner.filter(|inner| !inner.files.is_empty()).collect())
        };
        self.parts.iter().map(part).collect()
    }
}

/// The folders of a flat `folder` that lent no file to one of its `parts`.
pub fn others<'a>(folder: &'a Folder, parts: &[Folder]) -> Vec<&'a Folder> {
    let lending: HashSet<&str> = parts.iter().flat_map(|part| &part.folders).map(|inner| inner.name.as_str()).collect();
    folder.folders.iter().filter(|inner| !lending.contains(inner.name.as_str())).collect()
}

/// Files by the pages that they are of, whatever their names say of their form.
fn by_page<'a>(files: impl Iterator<Item = &'a String>) -> HashMap<String, Vec<&'a String>> {
    let mut pages = HashMap::<String, Vec<&String>>::new();
    for file in files {
        for key in naming::page_keys(file) {
            pages.entry(key).or_default().push(file);
        }
    }
    pages
}
