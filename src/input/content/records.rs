//! What the metadata files of an archive say of folders: METS, MODS, EAD and the like as XML, tables, `bag-info.txt`.
//!
//! A file describes the folder that it lies in, folders below it, or both. What lies nearer to an item says more of it:
//! `item.toml` before a METS beside it, that before a table or a finding aid above.

use super::bag;
use super::folder::Folder;
use crate::config::Config;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::input::{metadata, tables};
use crate::model::{Description, LanguageMap, Link, Record, Records};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Larger files are no metadata that anybody wrote.
const MAX_BYTES: u64 = 256 << 20;

/// The table of pages of the items below its folder, as `plan --csv` writes it.
const PAGES_FILE: &str = "pages.csv";

/// What lies in one folder.
#[derive(Default)]
pub struct Found {
    /// Of the folder itself, what says most first.
    pub own: Vec<Record>,
    pub below: Vec<Level>,
    /// Files that were read.
    pub files: Vec<PathBuf>,
    pub diagnostics: Vec<Diagnostic>,
    pub failures: Vec<Error>,
}

/// The records of one file, of items and collections below its folder.
pub struct Level {
    file: PathBuf,
    records: Vec<Record>,
    by_key: HashMap<String, usize>,
    used: Mutex<BTreeSet<usize>>,
}

impl Level {
    fn new(file: PathBuf, records: Vec<Record>) -> Level {
        let mut by_key = HashMap::new();
        for (index, record) in records.iter().enumerate() {
            for key in &record.keys {
                by_key.entry(key.clone()).or_insert(index);
            }
        }
        Level { file, records, by_key, used: Mutex::default() }
    }

    /// The record of a folder that goes by one of `names`, the best first.
    fn record(&self, names: &[String]) -> Option<Record> {
        let index = *names.iter().find_map(|name| self.by_key.get(name))?;
        self.used().insert(index);
        let record = self.records.get(index)?.clone();
        let file = self.file.file_name().unwrap_or_default().to_string_lossy();
        Some(Record { place: format!("{file}, {}", record.place), ..record })
    }

    /// The same, if somebody wrote the file to list pages.
    pub fn page_list(&self, names: &[String]) -> Option<Record> {
        let is_list = self.records.first().is_some_and(|record| record.is_page_list);
        if is_list { self.record(names) } else { None }
    }

    fn used(&self) -> MutexGuard<'_, BTreeSet<usize>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how many of its records are of nothing that is here.
    pub fn unused(&self) -> Option<Diagnostic> {
        let used = self.used();
        let (first, record) = self.records.iter().enumerate().find(|(index, _)| !used.contains(index))?;
        let count = self.records.len() - used.len();
        let name = record.keys.first().map_or_else(|| format!("the one at index {first}"), |key| format!("{key:?}"));
        let all = self.records.len();
        let message =
            format!("{count} of {all} records are of nothing that is here, such as {name} ({})", record.place);
        Some(Diagnostic::new(Code::UnusedRecord, message).with_path(&self.file))
    }
}

/// The records above a folder.
#[derive(Clone, Copy)]
pub struct Above<'a> {
    pub levels: &'a [Level],
    pub further: Option<&'a Above<'a>>,
}

impl Above<'_> {
    /// Those of the folder that goes by `names`, the nearest first.
    pub fn records(&self, names: &[String]) -> Vec<Record> {
        let own = self.levels.iter().filter_map(|level| level.record(names));
        own.chain(self.further.iter().flat_map(|further| further.records(names))).collect()
    }
}

/// Reads the metadata files in `folder`. A file with a mistake in it is a failure, the others are read. `is_item`: the
/// folder has images of its own, so a file with one record only is of it.
///
/// What `own`, the folder's own description, offers as a rendering or reads as annotations is not looked at.
///
/// # Errors
/// A list that says what is not published ([`Code::UnreadableList`]) and has a mistake in it.
pub fn read(
    folder: &Folder,
    is_item: bool,
    own: &Description,
    config: &Config,
    source: &ContentSource,
) -> Result<Found> {
    let mut found = Found::default();
    let linked = own.rendering.0.iter().filter_map(|link| link.file.as_ref());
    let other: BTreeSet<PathBuf> =
        linked.chain(own.annotations.0.iter().map(|set| &set.file)).map(|file| folder.path.join(file)).collect();
    for (path, inner) in folder.metadata_files(is_item).into_iter().filter(|(path, _)| !other.contains(path)) {
        match read_file(&path, config, source) {
            Ok(None) => {}
            Ok(Some((records, warnings))) => {
                let diagnostic = |warning| Diagnostic::new(Code::Metadata, warning).with_path(&path);
                found.diagnostics.extend(warnings.into_iter().map(diagnostic));
                found.add(records, &path, &inner, is_item);
            }
            Err(error) if error.code() == Code::UnreadableList.name() => return Err(error),
            Err(error) => found.failures.push(error),
        }
    }
    if let Some((path, inner)) = folder.bag() {
        match bag::read(&path, source) {
            Ok(record) => found.add(Records { own: Some(record), below: vec![] }, &path, &inner, is_item),
            Err(error) => found.failures.push(error),
        }
    }
    Ok(found)
}

fn read_file(path: &Path, config: &Config, source: &ContentSource) -> Result<Option<(Records, Vec<String>)>> {
    let unreadable = |error| Error::read(ErrorKind::Content, path, error);
    let bytes = source.stamp(path).map_err(unreadable)?.bytes();
    if bytes > MAX_BYTES {
        return Err(Error::new(ErrorKind::Content, format!("a metadata file of {bytes} bytes")).with_path(path));
    }
    let bytes = source.read(path).map_err(unreadable)?;
    let is_xml = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xml"));
    if is_xml {
        return metadata::read_xml(&bytes, path);
    }
    let is_pages = path.file_name().is_some_and(|name| name == PAGES_FILE);
    match is_pages {
        true => tables::read_pages(&bytes, path, &config.tables).map_err(|error| error.with_code(Code::UnreadableList)),
        false => tables::read(&bytes, path, &config.tables),
    }
    .map(Some)
}

impl Found {
    /// `inner`: the path from the item's folder to that of the file, which its own paths are relative to.
    fn add(&mut self, records: Records, path: &Path, inner: &str, is_item: bool) {
        let Records { own, mut below } = records;
        let mut own = own.or_else(|| if is_item && below.len() == 1 { below.pop() } else { None });
        if let Some(record) = &mut own {
            within(record, inner);
            let is_xml = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xml"));
            if is_item && is_xml {
                let Description { see_also, rendering, .. } = &mut record.description;
                see_also.0.extend(original(path, inner));
                let files = see_also.0.iter_mut().chain(&mut rendering.0).filter(|link| link.file.is_some());
                files.for_each(|link| link.is_implied = true);
            }
        }
        self.own.extend(own);
        if !below.is_empty() {
            self.below.push(Level::new(path.to_path_buf(), below));
        }
        self.files.push(path.to_path_buf());
    }
}

/// Makes the paths in a record relative to the item's folder.
fn within(record: &mut Record, inner: &str) {
    if inner.is_empty() {
        return;
    }
    let files = record.pages.iter_mut().flat_map(|page| [&mut page.file, &mut page.text]).flatten();
    files.for_each(|file| *file = format!("{inner}/{file}"));
}

/// The link to the metadata file itself.
fn original(path: &Path, inner: &str) -> Option<Link> {
    let name = path.file_name()?.to_str()?;
    let file = if inner.is_empty() { name.to_owned() } else { format!("{inner}/{name}") };
    let label = LanguageMap::plain(name);
    Some(Link { file: Some(file), label, format: Some("application/xml".to_owned()), ..Link::default() })
}

/// What `records` say together, the first before the others, and the pages of the first that lists some; of one that was
/// written as a list of pages before those of others.
pub fn merged(mut records: Vec<Record>) -> Record {
    records.sort_by_key(|record| !record.is_page_list);
    let mut all = records.into_iter();
    let mut merged = all.next().unwrap_or_default();
    for record in all {
        merged.description = merged.description.over(record.description);
        if merged.pages.is_empty() {
            merged.pages = record.pages;
        }
    }
    merged
}
