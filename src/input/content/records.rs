//! The metadata files of archives: XML such as METS, MODS and EAD, tables, and `bag-info.txt`.
//!
//! A file describes its own folder, folders below it, or both. A nearer file overrides a farther one: `item.toml`
//! before a METS beside it, and that before a table or a finding aid above.

use super::bag_info;
use super::flat::{self, FlatFolder, LooseRows, Table};
use super::folder::{self, Folder};
use super::misnamed;
use super::names::Names;
use super::naming::{file_name, last_segment};
use super::references;
use super::trees::hand_down;
use crate::config::Config;
use crate::config::files;
use crate::diagnostics::words::nearest;
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::error::{Error, ErrorKind};
use crate::input::source::ContentSource;
use crate::input::withheld;
use crate::input::{metadata, tables};
use crate::model::address::{check_name, collision_key, normalised};
use crate::model::{Description, Doubt, LanguageMap, Link, Range, Record, RecordPage, Records};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The table of pages of the items below its folder, as `plan --csv` writes it.
pub const PAGES_FILE: &str = "pages.csv";

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
    /// A list of pages leaves out what is withheld, perhaps without a name by which its file is known.
    pub may_hide_pages: bool,
    pub diagnostics: Vec<Diagnostic>,
    pub failures: Vec<Error>,
    /// The headers of the tables among the files.
    pub headers: BTreeSet<String>,
    /// A file that may describe the folder itself cannot be read.
    pub doubt: Option<Doubt>,
    /// The same for all folders below.
    pub doubt_below: Option<Doubt>,
    /// The items that the folder is made of, if they are rows of a table.
    pub flat: Option<FlatFolder>,
}

/// The records in one file that describe items and collections below its folder.
pub struct RecordFile {
    file: PathBuf,
    records: Vec<Record>,
    by_key: Names<usize>,
    loose: LooseRows,
    /// The records by their keys as names of folders, once a folder has no record by its name.
    by_reduced: OnceLock<HashMap<String, BTreeSet<usize>>>,
    /// The keys of records that withhold what they are about.
    withheld: BTreeSet<String>,
    /// Nobody knows whose record has a mistake. It may be that of any folder without a record.
    lost: Option<Doubt>,
    used: Mutex<BTreeSet<usize>>,
    /// The folders that go by each record, by their paths.
    folders: Mutex<BTreeMap<usize, BTreeSet<String>>>,
    /// The names of folders of which it has no record.
    missed: Mutex<BTreeSet<String>>,
    /// The names of folders that may go by several records, and these.
    unclear: Mutex<BTreeMap<String, BTreeSet<usize>>>,
}

/// The records that a folder may go by.
enum Found {
    /// It goes by one.
    One(usize),
    /// Several fit equally well.
    Several(String, BTreeSet<usize>),
    None,
}

/// Characters that stand in ids and shelf marks, and that names of folders have something else for, or cannot have.
const SEPARATORS: [char; 12] = ['/', ':', ' ', '_', '-', '\\', '*', '?', '"', '<', '>', '|'];

/// A key as a name of a folder may have it: `MS 12/3`, `ms_12-3` and `MS 12-3` are the same.
fn reduced(key: &str) -> String {
    let plain = collision_key(&normalised(key));
    plain.split(SEPARATORS).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The most records that a message names.
const MOST_NAMED: usize = 3;

/// The most pairs of names that are compared.
const MOST_COMPARED: usize = 50_000;

impl RecordFile {
    fn new(file: PathBuf, records: Vec<Record>, lost: Option<Doubt>, loose: LooseRows) -> RecordFile {
        let (mut by_key, mut withheld) = (Names::default(), BTreeSet::new());
        for (index, record) in records.iter().enumerate() {
            if record.description.publish == Some(false) {
                withheld.extend(record.keys.iter().map(|key| collision_key(&normalised(key))));
            }
            for key in &record.keys {
                by_key.add(key, index);
            }
        }
        RecordFile {
            file,
            records,
            by_key,
            loose,
            by_reduced: OnceLock::new(),
            withheld,
            lost,
            used: Mutex::default(),
            folders: Mutex::default(),
            missed: Mutex::default(),
            unclear: Mutex::default(),
        }
    }

    /// The record of the folder that goes by one of `names`: the one with such a key, else the only one whose key is that name
    /// but for characters that names of folders cannot have.
    fn find(&self, names: &[String]) -> Found {
        let exact: Vec<&str> = names.iter().map(String::as_str).collect();
        if let Some(index) = self.by_key.find_any(&exact) {
            return Found::One(*index);
        }
        let by_reduced = self.by_reduced.get_or_init(|| {
            let mut found = HashMap::<String, BTreeSet<usize>>::new();
            for (index, record) in self.records.iter().enumerate() {
                for key in record.keys.iter().map(|key| reduced(key)).filter(|key| !key.is_empty()) {
                    found.entry(key).or_default().insert(index);
                }
            }
            found
        });
        let alike = names.iter().find_map(|name| Some((name, by_reduced.get(&reduced(name))?)));
        match alike {
            None => Found::None,
            Some((_, records)) if records.len() == 1 => records.first().map_or(Found::None, |index| Found::One(*index)),
            Some((name, records)) => Found::Several(name.clone(), records.clone()),
        }
    }

    /// Whether a record withholds the folder that goes by one of `names` in upper or lower case, even if another record has
    /// the same key.
    /// Where several records may be that of the folder, one that withholds is enough.
    pub fn withholds(&self, names: &[String]) -> bool {
        let withholds =
            |index: &usize| self.records.get(*index).is_some_and(|record| record.description.publish == Some(false));
        !self.withheld.is_empty()
            && (names.iter().any(|name| self.withheld.contains(&collision_key(&normalised(name))))
                || match self.find(names) {
                    Found::One(index) => withholds(&index),
                    Found::Several(_, records) => records.iter().any(withholds),
                    Found::None => false,
                })
    }

    /// The record of the folder that goes by one of `names`. An earlier name holds before a later one.
    fn record(&self, names: &[String]) -> Option<Record> {
        let index = match self.find(names) {
            Found::One(index) => index,
            Found::Several(name, records) => {
                self.unclear.lock().insert(name, records);
                return None;
            }
            Found::None => {
                self.missed.lock().extend(names.iter().find(|name| !name.contains('/')).cloned());
                return None;
            }
        };
        self.used.lock().insert(index);
        if let Some(folder) = names.first() {
            self.folders.lock().entry(index).or_default().insert(folder.clone());
        }
        let record = self.records.get(index)?.clone();
        let file = self.file.file_name().unwrap_or_default().to_string_lossy();
        Some(Record { place: format!("{file}, {}", record.place), ..record })
    }

    /// The place of that record in the file.
    pub fn place(&self, names: &[String]) -> Option<usize> {
        match self.find(names) {
            Found::One(index) => Some(index),
            Found::Several(..) | Found::None => None,
        }
    }

    /// The same, where upper and lower case matter. A list of pages has no places of items.
    pub fn same_place(&self, names: &[String]) -> Option<usize> {
        let is_list = self.records.first().is_some_and(|record| record.is_page_list);
        names.iter().filter(|_| !is_list).find_map(|name| self.by_key.same(name)).copied()
    }

    /// Whether it is known of each record what it is about.
    pub fn is_whole(&self) -> bool {
        self.lost.is_none()
    }

    /// Whether it is XML, such as a finding aid, and no table.
    pub fn is_xml(&self) -> bool {
        is_xml(&self.file)
    }

    /// The same, if the file is a list of pages.
    pub fn page_list(&self, names: &[String]) -> Option<Record> {
        let is_list = self.records.first().is_some_and(|record| record.is_page_list);
        if is_list { self.record(names) } else { None }
    }

    /// The doubt about the folder that goes by `names`, if the file has no record of it.
    fn doubt(&self, names: &[String]) -> Option<Doubt> {
        self.lost.filter(|_| self.place(names).is_none())
    }

    /// The file as a table of the items in a folder of images.
    fn table(&self) -> Option<Table<'_>> {
        let base = self.file.parent()?;
        (!self.is_xml()).then_some(Table { base, records: &self.records, loose: &self.loose })
    }

    /// A diagnostic about keys that were found without regard to case.
    pub fn guessed(&self) -> Option<Diagnostic> {
        self.by_key.guessed(&self.file)
    }

    /// A warning about folders that may go by several records, and about records that several folders go by.
    pub fn unclear(&self) -> Vec<Diagnostic> {
        let key = |index: &usize| self.records.get(*index).and_then(|record| record.keys.first()).cloned();
        let listed =
            |names: Vec<String>| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(" and ");
        let warning =
            |message: String, hint: &str| Diagnostic::new(Code::NoRow, message).with_path(&self.file).with_hint(hint);
        let unclear = self.unclear.lock();
        let several_records = unclear.iter().map(|(name, records)| {
            let keys = listed(records.iter().filter_map(key).take(MOST_NAMED).collect());
            let message = format!("the folder {name:?} may go by several records, {keys}: none of them is used");
            warning(
                message,
                "name the folder in `id` of its item.toml, or change one of the keys, so that only one fits",
            )
        });
        let folders = self.folders.lock();
        let shared = folders.iter().filter(|(_, folders)| folders.len() > 1);
        let several_folders = shared.filter_map(|(index, folders)| {
            let key = key(index)?;
            let is_exact = |folder: &String| last_segment(folder) == key || *folder == key;
            // The same name in two places is the same record: that is how tables describe copies.
            let is_guessed = folders.iter().any(|folder| !is_exact(folder) && reduced(folder) == reduced(&key));
            let names = listed(folders.iter().take(MOST_NAMED).cloned().collect());
            let message = format!("the folders {names} all go by the record {key:?}, and get its description");
            is_guessed
                .then(|| warning(message, "give each folder a record of its own, or rename the folder that is another"))
        });
        several_records.chain(several_folders).collect()
    }

    /// A warning about folders whose names are nearly those of records: what these say, and withhold, has no effect on them.
    pub fn misspelt(&self) -> Option<Diagnostic> {
        let (used, missed) = (self.used.lock(), self.missed.lock());
        let unused = self.records.iter().enumerate().filter(|(index, _)| !used.contains(index));
        let keys: Vec<&str> = unused.flat_map(|(_, record)| record.keys.iter().map(String::as_str)).collect();
        if missed.len().saturating_mul(keys.len()) > MOST_COMPARED {
            return None;
        }
        let near = |name: &String| Some((name.clone(), nearest(name, keys.iter().copied())?));
        let mut found = missed.iter().filter_map(near);
        let (name, key) = found.next()?;
        let more = found.count();
        let more = if more > 0 { format!(", and {more} more are like that") } else { String::new() };
        let message = format!("the folder {name:?} goes by no record; did you mean {key:?}?{more}");
        let hint = "rename the folder to the id of its record: until then, what the record says or withholds has no effect on it";
        Some(Diagnostic::new(Code::NoRow, message).with_path(&self.file).with_hint(hint))
    }

    /// A diagnostic if the folders of some records are not there. Of a finding aid seldom all is digitised: it is a note if any
    /// of its parts is here.
    pub fn unused(&self) -> Option<Diagnostic> {
        let used = self.used.lock();
        let is_withheld = |record: &Record| record.description.publish == Some(false);
        let unused = self.records.iter().enumerate().filter(|(index, _)| !used.contains(index));
        let unused = unused.filter(|(_, record)| !is_withheld(record));
        let count = unused.clone().count();
        let missed = self.missed.lock();
        let name = |(index, record): (usize, &Record)| {
            let Some(key) = record.keys.first() else { return format!("the one at index {index} ({})", record.place) };
            let near = misnamed::meant(key, missed.iter().map(String::as_str));
            let near = near.map(|folder| format!(", is it of the folder {folder:?}?")).unwrap_or_default();
            format!("{key:?} ({}{near})", record.place)
        };
        let names: Vec<String> = unused.take(MOST_NAMED).map(name).collect();
        if names.is_empty() {
            return None;
        }
        let names = names.join(", ");
        let all = self.records.len();
        let keyless = self.records.iter().filter(|record| record.keys.is_empty()).count();
        let keyless = match keyless {
            0 => String::new(),
            count => format!("; {count} have no id, reference code or digital object by which a folder could be known"),
        };
        let such_as = if count <= MOST_NAMED { ":" } else { ", such as" };
        let message = format!("{count} of {all} records are of nothing that is here{such_as} {names}{keyless}");
        let mut diagnostic = Diagnostic::new(Code::UnusedRecord, message).with_path(&self.file);
        if is_xml(&self.file) && !used.is_empty() {
            diagnostic.severity = Severity::Note;
        }
        Some(diagnostic)
    }
}

/// The record files in the folders above a folder.
#[derive(Clone, Copy)]
pub struct Inherited<'a> {
    /// The files in the folder directly above.
    pub files: &'a [RecordFile],
    /// The files that these withhold.
    pub withheld: &'a BTreeSet<PathBuf>,
    /// See [`FoundRecords`]; also if it may hide pages.
    pub is_partial: bool,
    /// A file there cannot be read.
    pub doubt: Option<Doubt>,
    pub further: Option<&'a Inherited<'a>>,
}

impl<'a> Inherited<'a> {
    /// All files, the nearest first.
    pub fn all_files(&self) -> Vec<&'a RecordFile> {
        let further = self.further.map(Inherited::all_files).unwrap_or_default();
        self.files.iter().chain(further).collect()
    }

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

    /// Whether a metadata file above withholds pages of an item.
    pub fn is_partial(&self) -> bool {
        self.is_partial || self.further.is_some_and(Inherited::is_partial)
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

/// A metadata file that was read.
pub struct ReadFile {
    pub path: PathBuf,
    /// The path from the folder to the file's own. Paths in the file are relative to that.
    pub inner: String,
    pub records: Records,
    loose: LooseRows,
}

impl ReadFile {
    fn new(path: PathBuf, inner: String, records: Records) -> ReadFile {
        ReadFile { path, inner, records, loose: LooseRows::default() }
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
/// Files that `own`, the folder's own description, names as renderings or annotations are not read. `above`: the records
/// above the folder, and its names there; a folder that its own metadata file describes as one item has none.
pub fn read(
    folder: &Folder,
    is_item: bool,
    own: &Description,
    config: &Config,
    source: &ContentSource,
    above: Option<(Inherited<'_>, &[String])>,
) -> FoundRecords {
    let mut found = FoundRecords::default();
    let linked = own.rendering.0.iter().filter_map(|link| link.file.as_ref());
    let linked: BTreeSet<String> =
        linked.chain(own.annotations.0.iter().map(|set| &set.file)).map(|file| collision_key(file)).collect();
    let is_linked = |path: &Path, inner: &str| {
        let name = file_name(path);
        linked.contains(&collision_key(&if inner.is_empty() { name.into_owned() } else { format!("{inner}/{name}") }))
    };
    let mut read = vec![];
    for (path, inner) in folder.metadata_files(is_item) {
        if is_linked(&path, &inner) {
            continue;
        }
        match read_file(&path, config, source) {
            Ok(None) => {}
            Ok(Some((records, warnings))) => {
                let diagnostic = |warning| Diagnostic::new(Code::Metadata, warning).with_path(&path);
                found.diagnostics.extend(warnings.into_iter().map(diagnostic));
                found.headers.extend(records.headers.iter().cloned());
                found.withheld.extend(references::resolved(&records.withheld_files, &path, folder));
                found.is_partial |= records.withheld_files.iter().any(|file| file.keys.is_empty());
                found.may_hide_pages |=
                    records.withheld.is_some() && records.own.as_ref().is_some_and(|own| !own.pages.is_empty());
                if let Some(message) = &records.withheld {
                    found.diagnostics.push(Diagnostic::new(Code::Withheld, message.clone()).with_path(&path));
                    found.with_withheld.push(path.clone());
                }
                let loose = if is_xml(&path) { LooseRows::default() } else { LooseRows::of(&records.below, folder) };
                read.push(ReadFile { path, inner, records, loose });
            }
            // As what lies beside an image, it is looked into again.
            Err(_) if is_xml(&path) && folder.is_beside_image(&path) => {}
            Err(Unreadable { errors, doubt }) => {
                if is_item || is_xml(&path) {
                    found.doubt = found.doubt.max(Some(doubt));
                }
                found.doubt_below = found.doubt_below.max(Some(doubt));
                found.failures.extend(errors);
            }
        }
    }
    found.flat = above.and_then(|(above, names)| flat_folder(folder, is_item, &read, above, names));
    let is_item = is_item && found.flat.is_none();
    if !is_item {
        hand_down(&mut read, folder, config);
    }
    read.into_iter().for_each(|file| found.add(file, is_item));
    if let Some(path) = folder.bag_info() {
        match bag_info::read(&path, source) {
            Ok(record) => {
                let records = Records { own: Some(record), ..Records::default() };
                found.add(ReadFile::new(path, String::new(), records), is_item);
            }
            Err(error) => {
                found.doubt = found.doubt.max(Some(Doubt::Description));
                found.failures.push(error);
            }
        }
    }
    found
}

/// The items in `folder`, if they are rows of a table in it or above. A table with one row beside images describes the item
/// that the folder is; so does a record of the folder itself.
fn flat_folder(
    folder: &Folder,
    is_item: bool,
    own: &[ReadFile],
    above: Inherited<'_>,
    names: &[String],
) -> Option<FlatFolder> {
    folder.media_files().next()?;
    let further = above.all_files();
    if further.iter().any(|file| file.same_place(names).is_some()) {
        return None;
    }
    let own = own.iter().filter(|file| file.inner.is_empty() && !(is_item && file.records.below.len() == 1));
    let own = own.map(|file| Table { base: &folder.path, records: &file.records.below, loose: &file.loose });
    let tables: Vec<Table<'_>> = own.chain(further.iter().filter_map(|file| file.table())).collect();
    flat::items(folder, &tables)
}

fn is_xml(path: &Path) -> bool {
    folder::is_xml(&file_name(path))
}

/// The lists of pages in METS and in tables of pages of a folder, for the item that it would be; `names` are the folder's. The
/// error says that a METS holds one, and cannot be read.
pub fn page_lists(
    folder: &Folder,
    names: &[String],
    config: &Config,
    source: &ContentSource,
) -> std::result::Result<Vec<Vec<RecordPage>>, ()> {
    let mut read = vec![];
    for (path, inner) in folder.metadata_files(true) {
        let points_to_files = match source.read(&path, files::METADATA) {
            Ok(bytes) if is_xml(&path) && metadata::is_mets(&bytes, &path) => {
                bytes.windows(4).any(|word| word == b"fptr")
            }
            _ if file_name(&path) == PAGES_FILE => false,
            _ => continue,
        };
        match read_file(&path, config, source) {
            Ok(Some((records, _))) => read.push(ReadFile::new(path, inner, records)),
            Err(_) if points_to_files => return Err(()),
            _ => {}
        }
    }
    hand_down(&mut read, folder, config);
    let lists = read.into_iter().flat_map(|ReadFile { path, inner, records, loose }| {
        let below = RecordFile::new(path, records.below, None, loose).page_list(names);
        records.own.into_iter().chain(below).map(move |mut record| {
            within(&mut record, &inner);
            record.pages
        })
    });
    Ok(lists.collect())
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
    fn add(&mut self, file: ReadFile, is_item: bool) {
        let ReadFile { path, inner, records, loose } = file;
        let Records { own, mut below, mistakes, lost, .. } = records;
        self.failures.extend(mistakes);
        let mut own = own.or_else(|| if is_item && below.len() == 1 { below.pop() } else { None });
        if is_item {
            self.doubt = self.doubt.max(lost);
        }
        if let Some(record) = &mut own {
            within(record, &inner);
            if is_item && is_xml(&path) {
                record.description.see_also.0.extend(original(&path, &inner));
                let files = links(&mut record.description).filter(|link| link.file.is_some());
                files.for_each(|link| link.is_implied = true);
            }
        }
        self.own.extend(own);
        if !below.is_empty() || lost.is_some() {
            self.below.push(RecordFile::new(path.clone(), below, lost, loose));
        }
        self.files.push(path);
    }
}

/// Makes the paths in a record relative to the item's folder.
fn within(record: &mut Record, inner: &str) {
    if inner.is_empty() {
        return;
    }
    change_paths(record, &mut |file| *file = format!("{inner}/{file}"));
}

/// Calls `change` for each path in a record.
pub fn change_paths(record: &mut Record, change: &mut dyn FnMut(&mut String)) {
    for page in &mut record.pages {
        [&mut page.file, &mut page.text].into_iter().flatten().chain(&mut page.versions).for_each(&mut *change);
        let with_files = |description: &&mut Arc<Description>| description.files().next().is_some();
        if let Some(description) = page.description.as_mut().filter(with_files) {
            links(Arc::make_mut(description)).filter_map(|link| link.file.as_mut()).for_each(&mut *change);
        }
    }
    links(&mut record.description).filter_map(|link| link.file.as_mut()).for_each(&mut *change);
    Range::change_pages(&mut record.description.structures, &mut |page| {
        // Pages are named by path only where their names are not enough.
        if page.0.contains('/') {
            change(&mut page.0);
        }
    });
}

/// The links that metadata files make to files.
fn links(description: &mut Description) -> impl Iterator<Item = &mut Link> {
    description.see_also.0.iter_mut().chain(&mut description.rendering.0)
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
