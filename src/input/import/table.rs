//! Imports Wax, and any table beside images. A row becomes an item. Its images are the files that the row or its pages
//! name; else those in the folder named by the row's key, or the one image of that name.

use super::project::{ImportFolder, NewItem, Project};
use crate::config::files;
use crate::error::{Error, ErrorKind, Result};
use crate::input::content::naming::natural_order;
use crate::input::tables::read;
use crate::model::settings::TableSettings;
use crate::model::{Description, Record};
use crate::pixels::decode::Format;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Columns for files that Wax made, or for how Wax shows an item.
const WAX_DERIVED: [&str; 5] = ["thumbnail", "full", "manifest", "order", "layout"];

const ENDINGS: [&str; 5] = ["csv", "tsv", "xlsx", "xlsm", "ods"];

/// `_data/NAME.csv` becomes the collection NAME.
pub fn import_wax(root: &Path, project: &mut Project) -> Result<()> {
    let data = ImportFolder::read(&root.join("_data"))?;
    let columns = WAX_DERIVED.map(|name| (name.to_owned(), String::new()));
    let settings = TableSettings { columns: columns.into(), ..TableSettings::default() };
    for file in &data.files {
        let Some(name) = file.strip_suffix(".csv") else {
            project.leave_out(format!("_data/{file}: only CSV is imported from Wax"));
            continue;
        };
        let images = data.path.join("raw_images").join(name);
        if !images.is_dir() {
            project.leave_out(format!("_data/{file}: there is no folder _data/raw_images/{name}"));
            continue;
        }
        project.add_collection(name, &Description::default())?;
        table(&data.path.join(file), &images, name, &settings, project)?;
    }
    Ok(())
}

/// Imports the tables directly in a folder, with images beside them or in folders there.
pub fn import_tables(root: &Path, project: &mut Project) -> Result<()> {
    let source = ImportFolder::read(root)?;
    for file in &source.files {
        let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        if ENDINGS.contains(&ending.as_str()) {
            table(&root.join(file), root, "", &TableSettings::default(), project)?;
        } else if !Format::is_image_name(file) {
            project.leave_out(format!("{file}: neither a table nor an image"));
        }
    }
    Ok(())
}

/// Imports the rows of a table into the collection `path` below `content/`, with the images in the folder `images`.
fn table(file: &Path, images: &Path, path: &str, settings: &TableSettings, project: &mut Project) -> Result<()> {
    let bytes = files::read(file, files::METADATA).map_err(|error| Error::read(ErrorKind::Content, file, error))?;
    let (mut records, warnings) = read(&bytes, file, settings)?;
    if let Some(mistake) = records.mistakes.drain(..).next() {
        return Err(mistake);
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
        } else if Format::is_image_name(name) && path.is_file() {
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
            return Ok(inner.images().map(|name| inner.path.join(name)).collect());
        }
        let is_named = |name: &&String| name.rsplit_once('.').is_some_and(|(stem, _)| stem == key);
        if let Some(name) = beside.images().find(is_named) {
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
