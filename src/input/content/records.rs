//! The metadata files of archives: XML such as METS, MODS and EAD, tables, and `bag-info.txt`.
//!
//! A file describes its own folder, folders below it, or both. A nearer file overrides a farther one: `item.toml`
//! before a METS beside it, and that before a table or a finding aid above.

use super::folder::{BAG_INFO, Folder};
use super::references;
use crate::config::Config;
use crate::config::files;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Position, Result};
use crate::input::source::ContentSource;
use crate::input::withheld;
use crate::input::{metadata, tables};
use crate::model::address::{check_name, collision_key, normalised};
use crate::model::{Description, Doubt, LabelValue, LanguageMap, Link, NO_LANGUAGE, Record, Records};
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// The table of pages of the items below its folder, as `plan --csv` writes it.
pub const PAGES_FILE: &str = "pages.csv";

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
    /// Those of them that hold parts which are not for the public.
    pub with_withheld: Vec<PathBuf>,
    /// Files in the folder or below that those parts name.
    pub withheld: BTreeSet<PathBuf>,
    /// Files for all pages may show some that are withheld.
    pub is_partial: bool,
    pub diagnostics: Vec<Diagnostic>,
    pub failures: Vec<Error>,
    /// A file that may describe the folder itself cannot be read.
    pub doubt: Option<Doubt>,
    /// The same for all folders below.
    pub doubt_below: Option<Doubt>,
}

/// The records in one file that describe items and collections below its folder.
pub struct RecordFile {
    file: PathBuf,
    records: Vec<Record>,
    by_key: HashMap<String, usize>,
    /// The keys of records that withhold what they are about.
    withheld: BTreeSet<String>,
    /// Nobody knows whose record has a mistake. It may be that of any folder without a record.
    lost: Option<Doubt>,
    used: Mutex<BTreeSet<usize>>,
}

impl RecordFile {
    fn new(file: PathBuf, records: Vec<Record>, lost: Option<Doubt>) -> RecordFile {
        let (mut by_key, mut withheld) = (HashMap::new(), BTreeSet::new());
        for (index, record) in records.iter().enumerate() {
            if record.description.publish == Some(false) {
                withheld.extend(record.keys.iter().map(|key| collision_key(&normalised(key))));
            }
            for key in &record.keys {
                by_key.entry(key.clone()).or_insert(index);
            }
        }
        RecordFile { file, records, by_key, withheld, lost, used: Mutex::default() }
    }

    /// Whether a record withholds the folder that goes by one of `names` in upper or lower case, even if another record has
    /// the same key.
    pub fn withholds(&self, names: &[String]) -> bool {
        names.iter().any(|name| self.withheld.contains(&collision_key(&normalised(name))))
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

    /// The doubt about the folder that goes by `names`, if the file has no record of it.
    fn doubt(&self, names: &[String]) -> Option<Doubt> {
        self.lost.filter(|_| names.iter().all(|name| !self.by_key.contains_key(name)))
    }

    /// A diagnostic if the folders of some records are not there.
    pub fn unused(&self) -> Option<Diagnostic> {
        let used = self.used.lock();
        let is_withheld = |record: &Record| record.description.publish == Some(false);
        let mut unused = self.records.iter().enumerate().filter(|(index, _)| !used.contains(index));
        let count = unused.clone().filter(|(_, record)| !is_withheld(record)).count();
        let (first, record) = unused.find(|(_, record)| !is_withheld(record))?;
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
    /// The files that these withhold.
    pub withheld: &'a BTreeSet<PathBuf>,
    /// A file there cannot be read.
    pub doubt: Option<Doubt>,
    pub further: Option<&'a Inherited<'a>>,
}

impl Inherited<'_> {
    /// The records of the folder that goes by `names`, the nearest first.
    pub fn records(&self, names: &[String]) -> Vec<Record> {
        let own = self.files.iter().filter_map(|file| file.record(names));
        own.chain(self.further.iter().flat_map(|further| further.records(names))).collect()
    }

    /// Whether a record withholds the folder that goes by `names`.
    pub fn withholds(&self, names: &[String]) -> bool {
        self.files.iter().any(|file| file.withholds(names))
            || self.further.is_some_and(|further| further.withholds(names))
    }

    /// Whether a record withholds this file.
    pub fn withholds_file(&self, path: &Path) -> bool {
        self.withheld.contains(path) || self.further.is_some_and(|further| further.withholds_file(path))
    }

    /// The doubt about the folder that goes by `names`, apart from its records.
    pub fn doubt(&self, names: &[String]) -> Option<Doubt> {
        let lost = self.files.iter().filter_map(|file| file.doubt(names)).max();
        lost.max(self.doubt).max(self.further.and_then(|further| further.doubt(names)))
    }
}

/// A metadata file that cannot be read, and the doubt that this leaves about what it may describe.
struct Unreadable {
    errors: Vec<Error>,
    doubt: Doubt,
}

/// Reads the metadata files in `folder`. A file with a mistake in it is a failure, and the others are read. `is_item`: the
/// folder has images of its own, so that a file with a single record describes it.
///
/// Files that `own`, the folder's own description, names as renderings or annotations are not read.
pub fn read(
    folder: &Folder,
    is_item: bool,
    own: &Description,
    config: &Config,
    source: &ContentSource,
) -> FoundRecords {
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
                found.withheld.extend(references::resolved(&records.withheld_files, &path, folder));
                found.is_partial |= records.withheld_files.iter().any(|file| file.keys.is_empty());
                if let Some(message) = &records.withheld {
                    found.diagnostics.push(Diagnostic::new(Code::Withheld, message.clone()).with_path(&path));
                    found.with_withheld.push(path.clone());
                }
                found.add(records, &path, &inner, is_item);
            }
            Err(Unreadable { errors, doubt }) => {
                if is_item || is_xml(&path) {
                    found.doubt = found.doubt.max(Some(doubt));
                }
                found.doubt_below = found.doubt_below.max(Some(doubt));
                found.failures.extend(errors);
            }
        }
    }
    if let Some(path) = folder.bag_info() {
        match read_bag_info(&path, source) {
            Ok(record) => found.add(Records { own: Some(record), ..Records::default() }, &path, "", is_item),
            Err(error) => {
                found.doubt = found.doubt.max(Some(Doubt::Description));
                found.failures.push(error);
            }
        }
    }
    found
}

fn is_xml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xml"))
}

type Read = std::result::Result<Option<(Records, Vec<String>)>, Unreadable>;

/// Nobody knows what a file withholds that cannot be opened.
fn read_file(path: &Path, config: &Config, source: &ContentSource) -> Read {
    let bytes = source.read(path, files::METADATA).map_err(|error| {
        let errors = vec![Error::read(ErrorKind::Content, path, error)];
        Unreadable { errors, doubt: Doubt::Publication }
    })?;
    if is_xml(path) {
        let doubt = || withheld::doubt_about_xml(&bytes);
        let read = metadata::read_xml(&bytes, path, config.today);
        return read.map_err(|error| Unreadable { errors: vec![error], doubt: doubt() });
    }
    let is_pages = path.file_name().is_some_and(|name| name == PAGES_FILE);
    let read = match is_pages {
        true => tables::read_pages(&bytes, path, &config.tables)
            .map_err(|errors| errors.into_iter().map(|error| error.with_code(Code::UnreadableList)).collect()),
        false => tables::read(&bytes, path, &config.tables),
    };
    let doubt = || if is_pages { Doubt::Publication } else { withheld::doubt_about_table(&bytes) };
    read.map(Some).map_err(|errors: Vec<Error>| Unreadable { errors, doubt: doubt() })
}

impl FoundRecords {
    /// `inner`: the path from the item's folder to the file's folder. Paths in the file are relative to that.
    fn add(&mut self, records: Records, path: &Path, inner: &str, is_item: bool) {
        let Records { own, mut below, mistakes, lost, .. } = records;
        self.failures.extend(mistakes);
        let mut own = own.or_else(|| if is_item && below.len() == 1 { below.pop() } else { None });
        if is_item {
            self.doubt = self.doubt.max(lost);
        }
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
        if !below.is_empty() || lost.is_some() {
            self.below.push(RecordFile::new(path.to_path_buf(), below, lost));
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
    // A name that no address can have must not cost the whole record.
    check_name(name).ok()?;
    let file = if inner.is_empty() { name.to_owned() } else { format!("{inner}/{name}") };
    let label = LanguageMap::plain(name);
    Some(Link { file: Some(file), label, format: Some("application/xml".to_owned()), ..Link::default() })
}

/// Merges `records`; the first holds before the others. The pages are those of the first record that lists some, and a list
/// of pages holds before other records. What one of them withholds is withheld, whatever the others say.
pub fn merged(mut records: Vec<Record>) -> Record {
    records.sort_by_key(|record| !record.is_page_list);
    let is_withheld = records.iter().any(|record| record.description.publish == Some(false));
    let embargo = records.iter().filter_map(|record| record.description.embargo).max();
    let mut all = records.into_iter();
    let mut merged = all.next().unwrap_or_default();
    for record in all {
        merged.description = merged.description.over(record.description);
        merged.doubt = merged.doubt.max(record.doubt);
        if merged.pages.is_empty() {
            merged.pages = record.pages;
        }
    }
    merged.description.embargo = embargo;
    if is_withheld {
        merged.description.publish = Some(false);
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
