//! The project that an import writes: folders, images and metadata files.

use super::Imported;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Description;
use crate::model::address::check_name;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const CONFIG: &str = "# Where the site will be published. All ids begin with it; set it before you publish.\n\
    # base-url = \"https://example.org/collections/\"\n";

/// See the [module](self).
pub struct Project {
    root: PathBuf,
    pub imported: Imported,
}

/// An item to write.
#[derive(Default)]
pub struct NewItem {
    pub description: Description,
    /// Path in the item's folder and file of the source.
    pub images: Vec<(String, PathBuf)>,
    /// By name in the item's folder.
    pub pages: BTreeMap<String, Description>,
    /// Copied as they are, for builds to read: path in the item's folder and file of the source.
    pub metadata: Vec<(String, PathBuf)>,
}

impl Project {
    pub fn new(root: &Path) -> Project {
        Project { root: root.to_path_buf(), imported: Imported::default() }
    }

    pub fn leave_out(&mut self, what: impl Into<String>) {
        self.imported.left_out.push(what.into());
    }

    /// Writes an item into the folder `path` below `content/`, `/`-separated; one that cannot be is left out.
    pub fn add_item(&mut self, path: &str, item: NewItem) -> Result<()> {
        let Some(folder) = self.folder(path) else { return Ok(()) };
        if item.images.is_empty() {
            self.leave_out(format!("{path}: it has no images"));
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
            fs::copy(source, &target).map_err(|error| Error::output(&target, error))?;
        }
        write_description(&folder.join("item.toml"), &item.description, &item.pages)?;
        self.imported.items += 1;
        Ok(())
    }

    /// Describes the collection in the folder `path`; where nothing is said of it there is no file.
    pub fn add_collection(&mut self, path: &str, description: &Description) -> Result<()> {
        let Some(folder) = self.folder(path) else { return Ok(()) };
        fs::create_dir_all(&folder).map_err(|error| Error::output(&folder, error))?;
        self.imported.collections += 1;
        write_description(&folder.join("collection.toml"), description, &BTreeMap::new())
    }

    /// Writes what belongs to the project as a whole.
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

    /// A link that shares the bytes, where the file systems have it; else a copy.
    fn add_image(&mut self, source: &Path, target: &Path) -> Result<()> {
        let source = source.canonicalize().map_err(|error| Error::read(ErrorKind::Content, source, error))?;
        if fs::hard_link(&source, target).is_ok() {
            self.imported.linked += 1;
            return Ok(());
        }
        fs::copy(&source, target).map_err(|error| Error::output(target, error))?;
        self.imported.copied += 1;
        Ok(())
    }
}

/// `path`, in a folder that is there.
fn with_parent(path: &Path) -> Result<PathBuf> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| Error::output(folder, error))?;
    Ok(path.to_path_buf())
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

/// What a description says, without what it does not say.
fn table_of(description: &Description) -> serde_json::Result<Map<String, Value>> {
    match serde_json::to_value(description).map(said)? {
        Some(Value::Object(table)) => Ok(table),
        _ => Ok(Map::new()),
    }
}

/// As people write it: without empty values, and texts of no known language as they are.
fn said(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Array(values) if values.is_empty() => None,
        Value::Array(values) => Some(Value::Array(values.into_iter().filter_map(said).collect())),
        Value::Object(mut table) => {
            if let (1, Some(Value::Array(values))) = (table.len(), table.get_mut("none"))
                && values.len() == 1
            {
                return values.pop();
            }
            let table: Map<_, _> = table.into_iter().filter_map(|(key, value)| Some((key, said(value)?))).collect();
            (!table.is_empty()).then_some(Value::Object(table))
        }
        value => Some(value),
    }
}
