//! The metadata files of archives: XML such as METS, MODS and EAD, tables, and `bag-info.txt`.
//!
//! A file describes its own folder, folders below it, or both. A nearer file overrides a farther one: `item.toml`
//! before a METS beside it, and that before a table or a finding aid above.

use super::folder::{BAG_INFO, Folder};
use crate::config::Config;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Position, Result};
use crate::files;
use crate::input::source::ContentSource;
use crate::input::{metadata, tables};
use crate::model::{Description, LabelValue, LanguageMap, Link, NO_LANGUAGE, Record, Records};
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// The table of pages of the items below its folder, as `plan --csv` writes it.
const PAGES_FILE: &str = "pages.csv";

/// Labels of `bag-info.txt` that describe the bag and not its contents.
const TECHNICAL: [&str; 6] =
    ["BagIt-Profile-Identifier", "Bag-Count", "Bag-Group-Identifier", "Bag-Size", "Bag-Software-Agent", "Payload-Oxum"];

/// The records in one folder's metadata files.
#[derive(Default)]
pub struct FoundRecords {
    /// Records of the folder itself. The first holds before the others.
    pub own: Vec<Record>,
    pub below: Vec<RecordFile>,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    pub diagnostics: Vec<Diagnostic>,
    pub failures: Vec<Error>,
}

/// The records in one file that describe items and collections below its folder.
pub struct RecordFile {
    file: PathBuf,
    records: Vec<Record>,
    by_key: HashMap<String, usize>,
    used: Mutex<BTreeSet<usize>>,
}

impl RecordFile {
    fn new(file: PathBuf, records: Vec<Record>) -> RecordFile {
        let mut by_key = HashMap::new();
        for (index, record) in records.iter().enumerate() {
            for key in &record.keys {
                by_key.entry(key.clone()).or_insert(index);
            }
        }
        RecordFile { file, records, by_key, used: Mutex::default() }
    }

    /// The record of the folder that goes by one of `names`. An earlier name holds before a later one.
    fn record(&self, names: &[String]) -> Option<Record> {
        let index = *names.iter().find_map(|name| self.by_key.get(name))?;
        self.used.lock().insert(index);
        let record = self.records.get(index)?.clone();
        let file = self.file.file_name().unwrap_or_default().to_string_lossy();
        Some(Record { place: format!("{file}, {}", record.place), ..record })
    }

    /// The same, if the file is a list of pages.
    pub fn page_list(&self, names: &[String]) -> Option<Record> {
        let is_list = self.records.first().is_some_and(|record| record.is_page_list);
        if is_list { self.record(names) } else { None }
    }

    /// A diagnostic if the folders of some records are not there.
    pub fn unused(&self) -> Option<Diagnostic> {
        let used = self.used.lock();
        let (first, record) = self.records.iter().enumerate().find(|(index, _)| !used.contains(index))?;
        let count = self.records.len() - used.len();
        let name = record.keys.first().map_or_else(|| format!("the one at index {first}"), |key| format!("{key:?}"));
        let all = self.records.len();
        let message =
            format!("{count} of {all} records are of nothing that is here, such as {name} ({})", record.place);
        Some(Diagnostic::new(Code::UnusedRecord, message).with_path(&self.file))
    }
}

/// The record files in the folders above a folder.
#[derive(Clone, Copy)]
pub struct Inherited<'a> {
    /// The files in the folder directly above.
    pub files: &'a [RecordFile],
    pub further: Option<&'a Inherited<'a>>,
}

impl Inherited<'_> {
    /// The records of the folder that goes by `names`, the nearest first.
    pub fn records(&self, names: &[String]) -> Vec<Record> {
        let own = self.files.iter().filter_map(|file| file.record(names));
        own.chain(self.further.iter().flat_map(|further| further.records(names))).collect()
    }
}

/// Reads the metadata files in `folder`. A file with a mistake in it is a failure, and the others are read. `is_item`: the
/// folder has images of its own, so that a file with a single record describes it.
///
/// Files that `own`, the folder's own description, names as renderings or annotations are not read.
///
/// # Errors
/// A mistake in a list that decides what is published ([`Code::UnreadableList`]).
pub fn read(
    folder: &Folder,
    is_item: bool,
    own: &Description,
    config: &Config,
    source: &ContentSource,
) -> Result<FoundRecords> {
    let mut found = FoundRecords::default();
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
    if let Some(path) = folder.bag_info() {
        match read_bag_info(&path, source) {
            Ok(record) => found.add(Records { own: Some(record), below: vec![] }, &path, "", is_item),
            Err(error) => found.failures.push(error),
        }
    }
    Ok(found)
}

fn read_file(path: &Path, config: &Config, source: &ContentSource) -> Result<Option<(Records, Vec<String>)>> {
    let bytes = source.read(path, files::METADATA).map_err(|error| Error::read(ErrorKind::Content, path, error))?;
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

impl FoundRecords {
    /// `inner`: the path from the item's folder to the file's folder. Paths in the file are relative to that.
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
            self.below.push(RecordFile::new(path.to_path_buf(), below));
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

/// Merges `records`; the first holds before the others. The pages are those of the first record that lists some, and a list
/// of pages holds before other records.
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

/// Reads the `bag-info.txt` of a BagIt bag (RFC 8493, section 2.2.2): lines of a label, a colon and a value.
/// `External-Description` is the summary; all other lines are metadata under the label as it is written.
fn read_bag_info(path: &Path, source: &ContentSource) -> Result<Record> {
    let text = source.read_to_string(path, files::DESCRIPTION);
    let text = text.map_err(|error| Error::read(ErrorKind::Content, path, error))?;
    let mut pairs = BagPairs::default();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let is_continued = line.starts_with([' ', '\t']);
        if line.trim().is_empty() {
            continue;
        }
        if let (true, Some(value)) = (is_continued, pairs.last_value()) {
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        let Some((label, value)) = line.split_once(':') else {
            let wrong = Error::new(ErrorKind::Content, "expected a label, a colon and a value").with_path(path);
            return Err(wrong.with_position(Position { line: index + 1, column: 1 }));
        };
        pairs.add(label.trim(), value.trim());
    }
    Ok(Record { place: BAG_INFO.to_owned(), description: bag_description(pairs), ..Record::default() })
}

/// Labels and their values, in the order in which each label came last.
#[derive(Default)]
struct BagPairs {
    /// `None`: the label came again.
    pairs: Vec<Option<(String, Vec<String>)>>,
    by_label: HashMap<String, usize>,
}

impl BagPairs {
    fn add(&mut self, label: &str, value: &str) {
        let before = self.by_label.insert(label.to_owned(), self.pairs.len());
        let pair = before.and_then(|at| self.pairs.get_mut(at)?.take());
        let (label, mut values) = pair.unwrap_or_else(|| (label.to_owned(), vec![]));
        values.push(value.to_owned());
        self.pairs.push(Some((label, values)));
    }

    /// The value of the line before.
    fn last_value(&mut self) -> Option<&mut String> {
        self.pairs.last_mut()?.as_mut()?.1.last_mut()
    }
}

fn bag_description(pairs: BagPairs) -> Description {
    let mut description = Description::default();
    for (label, values) in pairs.pairs.into_iter().flatten() {
        let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        if TECHNICAL.contains(&label.as_str()) || values.is_empty() {
            continue;
        }
        let value = LanguageMap::from_iter([(NO_LANGUAGE.to_owned(), values)]);
        if label == "External-Description" {
            description.summary = value;
        } else {
            let label = LanguageMap::plain(label.replace('-', " ")).in_language("en");
            description.metadata.push(LabelValue { label, value });
        }
    }
    description
}
