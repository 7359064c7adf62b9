//! Imports Wax, and any table beside images. A row becomes an item. Its images are the files that the row or its pages
//! name; else those in the folder named by the row's key, or the one image of that name.

use super::project::{ImportFolder, NewItem, Project, is_media};
use crate::config::{Read, files};
use crate::error::{Error, ErrorKind, Result};
use crate::input::content::is_inner;
use crate::input::content::naming::natural_order;
use crate::input::tables::read;
use crate::input::yaml::read_yaml;
use crate::model::settings::TableSettings;
use crate::model::{Description, Record};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// Columns for files that Wax made, or for how Wax shows an item.
const WAX_DERIVED: [&str; 5] = ["thumbnail", "full", "manifest", "order", "layout"];

const ENDINGS: [&str; 5] = ["csv", "tsv", "xlsx", "xlsm", "ods"];

/// The settings of a site of Wax.
const WAX_CONFIG: &str = "_config.yml";

/// `_config.yml`, as far as it says where collections are.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WaxConfig {
    collections: BTreeMap<String, WaxCollection>,
}

/// Other programs than Wax have collections there too, without these keys.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WaxCollection {
    metadata: WaxSource,
    images: WaxSource,
}

/// A path below `_data/`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WaxSource {
    source: Option<String>,
}

/// Imports the collections that `_config.yml` names with their tables and images. Where it names none, `_data/NAME.csv` is the
/// collection NAME with the images in `_data/raw_images/NAME/`.
pub fn import_wax(root: &Path, project: &mut Project) -> Result<()> {
    let data = ImportFolder::read(&root.join("_data"))?;
    let columns = WAX_DERIVED.map(|name| (name.to_owned(), String::new()));
    let settings = TableSettings { columns: columns.into(), ..TableSettings::default() };
    for (name, WaxCollection { metadata, images }) in wax_collections(root, &data, project)? {
        let (Some(metadata), Some(images)) = (metadata.source, images.source) else {
            project.leave_out(format!("{WAX_CONFIG}: the collection {name} has no source of metadata or of images"));
            continue;
        };
        let (table_file, folder) = (data.path.join(&metadata), data.path.join(&images));
        if !is_inner(&metadata) || !is_inner(&images) || !metadata.to_lowercase().ends_with(".csv") {
            project.leave_out(format!("_data/{metadata}: only CSV below _data is imported from Wax"));
        } else if !table_file.is_file() || !folder.is_dir() {
            let absent = if folder.is_dir() { &metadata } else { &images };
            project.leave_out(format!("_data/{metadata}: there is no _data/{absent}"));
        } else {
            project.add_collection(&name, &Description::default())?;
            table(&table_file, &folder, &name, &settings, project)?;
        }
    }
    Ok(())
}

fn wax_collections(root: &Path, data: &ImportFolder, project: &mut Project) -> Result<BTreeMap<String, WaxCollection>> {
    let path = root.join(WAX_CONFIG);
    let text = match files::read_to_string(&path, files::DESCRIPTION) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::read(ErrorKind::Content, &path, error)),
    };
    let Read { value: WaxConfig { mut collections }, mistakes, .. } = read_yaml(&text);
    let mistakes = mistakes.into_iter().map(|mistake| mistake.error(ErrorKind::Content, &path));
    project.imported.mistakes.extend(mistakes);
    collections.retain(|_, collection| collection.metadata.source.is_some() || collection.images.source.is_some());
    if collections.is_empty() {
        let by_name = |file: &String| {
            let name = file.strip_suffix(".csv")?.to_owned();
            let [metadata, images] =
                [file.clone(), format!("raw_images/{name}")].map(|source| WaxSource { source: Some(source) });
            Some((name, WaxCollection { metadata, images }))
        };
        collections = data.files.iter().filter_map(by_name).collect();
    }
    Ok(collections)
}

/// Imports the tables directly in a folder, with images beside them or in folders there.
pub fn import_tables(root: &Path, project: &mut Project) -> Result<()> {
    let source = ImportFolder::read(root)?;
    for file in &source.files {
        let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        if ENDINGS.contains(&ending.as_str()) {
            table(&root.join(file), root, "", &TableSettings::default(), project)?;
        } else if !is_media(file) {
            project.leave_out(format!("{file}: neither a table nor an image"));
        }
    }
    Ok(())
}

/// Imports the rows of a table into the collection `path` below `content/`, with the images in the folder `images`.
fn table(file: &Path, images: &Path, path: &str, settings: &TableSettings, project: &mut Project) -> Result<()> {
    let bytes = files::read(file, files::METADATA).map_err(|error| Error::read(ErrorKind::Content, file, error))?;
    let (records, warnings) = match read(&bytes, file, settings) {
        Ok(read) => read,
        Err(mistakes) => {
            project.imported.mistakes.extend(mistakes);
            return Ok(());
        }
    };
    if !records.mistakes.is_empty() {
        project.imported.mistakes.extend(records.mistakes);
        return Ok(());
    }
    let shown = file.file_name().unwrap_or_default().to_string_lossy();
    warnings.into_iter().for_each(|warning| project.leave_out(format!("{shown}: {warning}")));
    for record in records.below {
        let Some(key) = record.keys.first().map(|key| key.trim_matches('/')) else { continue };
        let place = format!("{shown}, {}", record.place);
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") };
        let Images { there, missing, repeated } = images_of(&record, images)?;
        missing.iter().for_each(|name| project.leave_out(format!("{place}: there is no image {name:?}")));
        for name in repeated {
            project.leave_out(format!("{place}: a further page with the image {name:?}; list it in pages.csv"));
        }
        let is_listed = !is_in_order(&there);
        project.add_item(&path, NewItem { is_listed, ..item(record, there) })?;
    }
    Ok(())
}

/// The images of a record.
#[derive(Default)]
struct Images {
    /// Each with its description, in the order of the record.
    there: Vec<(PathBuf, Description)>,
    /// The names of images that are not there.
    missing: Vec<String>,
    /// The names of images that the record lists again.
    repeated: Vec<String>,
}

fn images_of(record: &Record, folder: &Path) -> Result<Images> {
    let (mut images, mut seen) = (Images::default(), HashSet::new());
    for page in &record.pages {
        let Some(name) = &page.file else {
            let label = page.label.values().next();
            images.missing.push(label.or(page.id.as_ref()).cloned().unwrap_or_else(|| "of a page".into()));
            continue;
        };
        let path = folder.join(name);
        if seen.contains(&path) {
            images.repeated.push(name.clone());
        } else if is_media(name) && path.is_file() {
            let description = Description { label: page.label.clone(), id: page.id.clone(), ..Description::default() };
            seen.insert(path.clone());
            images.there.push((path, description));
        } else {
            images.missing.push(name.clone());
        }
    }
    if record.pages.is_empty() {
        images.there = by_key(record, folder)?.into_iter().map(|path| (path, Description::default())).collect();
    }
    Ok(images)
}

/// The images in the folder named by a key of the record, else the image of that name.
fn by_key(record: &Record, folder: &Path) -> Result<Vec<PathBuf>> {
    let beside = ImportFolder::read(folder)?;
    for key in &record.keys {
        if beside.folders.contains(key) {
            let inner = beside.inner(key)?;
            return Ok(inner.media().map(|name| inner.path.join(name)).collect());
        }
        let is_named = |name: &&String| name.rsplit_once('.').is_some_and(|(stem, _)| stem == key);
        if let Some(name) = beside.media().find(is_named) {
            return Ok(vec![beside.path.join(name)]);
        }
    }
    Ok(vec![])
}

fn item(record: Record, there: Vec<(PathBuf, Description)>) -> NewItem {
    let mut item = NewItem { description: record.description, ..NewItem::default() };
    for (path, page) in there {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        item.pages.insert(name.clone(), page);
        item.images.push((name, path));
    }
    item
}

fn is_in_order(there: &[(PathBuf, Description)]) -> bool {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    there.windows(2).all(|pair| match pair {
        [(first, _), (second, _)] => natural_order(&name(first), &name(second)).is_le(),
        _ => true,
    })
}
