//! The two ends of an import: the folders that it reads, and the project that it writes.

use super::Imported;
use crate::config::files;
use crate::error::{Error, ErrorKind, Result};
use crate::input::content::PAGES_FILE;
use crate::input::content::naming::natural_order;
use crate::input::media;
use crate::input::tables::writing::cell;
use crate::model::Description;
use crate::model::address::check_name;
use crate::pixels::decode::Format;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const CONFIG: &str = "# Where the site will be published. All ids begin with it; set it before you publish.\n\
    # base-url = \"https://example.org/collections/\"\n";

/// How many folders may lie in one another.
const MAX_DEPTH: usize = 64;

/// A folder of the source, read once and without hidden entries.
pub struct ImportFolder {
    pub path: PathBuf,
    pub name: String,
    /// In natural order; symbolic links to files are files.
    pub files: Vec<String>,
    /// In natural order; symbolic links to folders are not followed.
    pub folders: Vec<String>,
    /// The entries that are not read, and why: links to folders, pipes and devices, names that are not Unicode.
    pub not_read: Vec<String>,
    depth: usize,
}

impl ImportFolder {
    pub fn read(path: &Path) -> Result<ImportFolder> {
        ImportFolder::read_at(path, 0)
    }

    /// The folder `name` in this one.
    pub fn inner(&self, name: &str) -> Result<ImportFolder> {
        ImportFolder::read_at(&self.path.join(name), self.depth + 1)
    }

    fn read_at(path: &Path, depth: usize) -> Result<ImportFolder> {
        let unreadable = |error| Error::read(ErrorKind::Content, path, error);
        if depth > MAX_DEPTH {
            return Err(Error::new(ErrorKind::Content, "folders are nested too deep").with_path(path));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (path, files, folders, not_read) = (path.to_path_buf(), vec![], vec![], vec![]);
        let mut folder = ImportFolder { path, name, files, folders, not_read, depth };
        for entry in fs::read_dir(&folder.path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            match entry.file_name().into_string() {
                Err(name) => folder.not_read.push(format!("{}: the name is not valid Unicode", name.to_string_lossy())),
                Ok(name) if name.starts_with('.') => {}
                Ok(name) if kind.is_dir() => folder.folders.push(name),
                Ok(_) if kind.is_symlink() && entry.path().is_dir() => {
                    folder.not_read.push(format!("{}: links to folders are not followed", entry.path().display()));
                }
                Ok(name) => match entry.path().metadata().map(|metadata| files::check(&metadata)) {
                    Ok(Err(why)) => folder.not_read.push(format!("{}: {why}", entry.path().display())),
                    _ => folder.files.push(name),
                },
            }
        }
        folder.files.sort_by(|a, b| natural_order(a, b));
        folder.folders.sort_by(|a, b| natural_order(a, b));
        Ok(folder)
    }

    /// The names of its images and recordings.
    pub fn media(&self) -> impl Iterator<Item = &String> {
        self.files.iter().filter(|name| is_media(name))
    }
}

/// Whether a file of this name can be a page.
pub fn is_media(name: &str) -> bool {
    Format::is_image_name(name) || media::kind_of_name(name).is_some()
}

/// The project that an import writes: folders, images and metadata files.
pub struct Project {
    root: PathBuf,
    pub imported: Imported,
}

/// An item to write.
#[derive(Default)]
pub struct NewItem {
    pub description: Description,
    /// The path in the item's folder, and the file of the source.
    pub images: Vec<(String, PathBuf)>,
    /// By the image's path in the item's folder.
    pub pages: BTreeMap<String, Description>,
    /// The order of its images is that of the list, and not that of their names.
    pub is_listed: bool,
    /// Files that are copied as they are, for builds to read. The same pairs as in `images`.
    pub metadata: Vec<(String, PathBuf)>,
}

impl Project {
    pub fn new(root: &Path) -> Project {
        Project { root: root.to_path_buf(), imported: Imported::default() }
    }

    pub fn leave_out(&mut self, what: impl Into<String>) {
        self.imported.left_out.push(what.into());
    }

    /// Writes an item into the folder `path` below `content/`, `/`-separated. An item that cannot be written is left out.
    pub fn add_item(&mut self, path: &str, item: NewItem) -> Result<()> {
        let Some(folder) = self.folder(path) else { return Ok(()) };
        if item.images.is_empty() {
            self.leave_out(format!("{path}: it has neither images nor recordings"));
            return Ok(());
        }
        let mut names = BTreeSet::new();
        if let Some((twice, _)) = item.images.iter().find(|(name, _)| !names.insert(name.to_lowercase())) {
            self.leave_out(format!("{path}: two of its images would have the name {twice:?}"));
            return Ok(());
        }
        if folder.exists() {
            self.leave_out(format!("{path}: there is an item of this name already"));
            return Ok(());
        }
        for (name, source) in &item.images {
            self.add_image(source, &with_parent(&folder.join(name))?)?;
        }
        for (name, source) in &item.metadata {
            let target = with_parent(&folder.join(name))?;
            files::copy(source, &target).map_err(|error| Error::output(&target, error))?;
        }
        write_description(&folder.join("item.toml"), &item.description, &item.pages)?;
        if item.is_listed {
            write_list(&folder.join(PAGES_FILE), path, &item.images)?;
        }
        self.imported.items += 1;
        Ok(())
    }

    /// Describes the collection in the folder `path`. An empty description makes no file.
    pub fn add_collection(&mut self, path: &str, description: &Description) -> Result<()> {
        let Some(folder) = self.folder(path) else { return Ok(()) };
        fs::create_dir_all(&folder).map_err(|error| Error::output(&folder, error))?;
        self.imported.collections += 1;
        write_description(&folder.join("collection.toml"), description, &BTreeMap::new())
    }

    /// Removes everything that was written, which is all below `content/`: the project's folder was new or empty.
    pub fn give_up(self) -> Result<Imported> {
        let content = self.root.join("content");
        match fs::remove_dir_all(&content) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::output(&content, error)),
            _ => Ok(self.imported),
        }
    }

    /// Writes the settings of the project.
    pub fn finish(self) -> Result<Imported> {
        for (name, text) in [("iiif-build.toml", CONFIG), (".gitignore", "public/\n.iiif-build/\n")] {
            let path = self.root.join(name);
            fs::write(&path, text).map_err(|error| Error::output(&path, error))?;
        }
        Ok(self.imported)
    }

    /// A folder below `content/`; `None`, and left out, where a name in `path` cannot be part of an address.
    fn folder(&mut self, path: &str) -> Option<PathBuf> {
        let mut folder = self.root.join("content");
        for name in path.split('/').filter(|_| !path.is_empty()) {
            if let Err(why) = check_name(name) {
                self.leave_out(format!("{path}: {name:?} cannot be part of an address: {why}"));
                return None;
            }
            folder.push(name);
        }
        Some(folder)
    }

    /// Makes a hard link, or a copy where the file systems allow no link.
    fn add_image(&mut self, source: &Path, target: &Path) -> Result<()> {
        let source = source.canonicalize().map_err(|error| Error::read(ErrorKind::Content, source, error))?;
        if fs::hard_link(&source, target).is_ok() {
            self.imported.linked += 1;
            return Ok(());
        }
        files::copy(&source, target).map_err(|error| Error::output(target, error))?;
        self.imported.copied += 1;
        Ok(())
    }
}

/// `path`, after its folder was made.
fn with_parent(path: &Path) -> Result<PathBuf> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| Error::output(folder, error))?;
    Ok(path.to_path_buf())
}

/// Writes the list of pages of the item with the address `item`.
fn write_list(path: &Path, item: &str, images: &[(String, PathBuf)]) -> Result<()> {
    let mut table = csv::Writer::from_writer(vec![]);
    let internal = |error: String| Error::new(ErrorKind::Internal, error).with_path(path);
    let rows = images.iter().map(|(name, _)| [cell(item), cell(name)]);
    let all = std::iter::once(["item", "file"].map(Cow::Borrowed)).chain(rows);
    all.map(|row| row.map(Cow::into_owned))
        .try_for_each(|row| table.write_record(row))
        .map_err(|error| internal(error.to_string()))?;
    let bytes = table.into_inner().map_err(|error| internal(error.to_string()))?;
    fs::write(path, bytes).map_err(|error| Error::output(path, error))
}

fn write_description(path: &Path, description: &Description, pages: &BTreeMap<String, Description>) -> Result<()> {
    let internal = |error: String| Error::new(ErrorKind::Internal, error).with_path(path);
    let mut table = table_of(description).map_err(|error| internal(error.to_string()))?;
    let mut described = Map::new();
    for (name, page) in pages {
        let mut page_table = table_of(page).map_err(|error| internal(error.to_string()))?;
        if let Some(id) = &page.id {
            page_table.insert("id".into(), id.as_str().into());
        }
        if !page_table.is_empty() {
            described.insert(name.clone(), page_table.into());
        }
    }
    if !described.is_empty() {
        table.insert("pages".into(), described.into());
    }
    if table.is_empty() {
        return Ok(());
    }
    let text = toml::to_string(&table).map_err(|error| internal(error.to_string()))?;
    fs::write(path, text).map_err(|error| Error::output(path, error))
}

/// The keys of a description that have a value.
fn table_of(description: &Description) -> serde_json::Result<Map<String, Value>> {
    match serde_json::to_value(description).map(as_written)? {
        Some(Value::Object(table)) => Ok(table),
        _ => Ok(Map::new()),
    }
}

/// The value as people write it: without empty parts, and a text without a language as a plain string.
fn as_written(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Array(values) if values.is_empty() => None,
        Value::Array(values) => Some(Value::Array(values.into_iter().filter_map(as_written).collect())),
        Value::Object(mut table) => {
            if let (1, Some(Value::Array(values))) = (table.len(), table.get_mut("none"))
                && values.len() == 1
            {
                return values.pop();
            }
            let table: Map<_, _> =
                table.into_iter().filter_map(|(key, value)| Some((key, as_written(value)?))).collect();
            (!table.is_empty()).then_some(Value::Object(table))
        }
        value => Some(value),
    }
}
