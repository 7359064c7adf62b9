//! Imports folders of biiif. A folder with folders that begin with `_` is a manifest, and those are its canvases. A
//! folder of files alone is a manifest too, with a canvas for each image or recording. All other folders are collections.
//! `info.yml` describes each of them; `index.json` is what biiif made of it.

use super::project::{ImportFolder, NewItem, Project, is_media};
use crate::config::files;
use crate::error::{Error, ErrorKind, Result};
use crate::input::tables::biiif::{INFO_FILE, read};
use crate::model::Description;
use crate::pixels::decode::Format;

pub fn import(root: &std::path::Path, project: &mut Project) -> Result<()> {
    let root = ImportFolder::read(root)?;
    let path = if is_manifest(&root) { root.name.clone() } else { String::new() };
    folder(&root, &path, project)
}

fn is_manifest(folder: &ImportFolder) -> bool {
    let has_canvases = folder.folders.iter().any(|name| name.starts_with('_'));
    has_canvases || (folder.folders.is_empty() && folder.media().any(|name| !is_thumbnail(name)))
}

/// Imports a folder into `path` below `content/`.
fn folder(source: &ImportFolder, path: &str, project: &mut Project) -> Result<()> {
    source.not_read.iter().for_each(|entry| project.leave_out(entry.as_str()));
    if is_manifest(source) {
        return manifest(source, path, project);
    }
    let description = describe(source, project)?;
    project.add_collection(path, &description)?;
    leave_out_files(source, project, |_| false);
    for name in &source.folders {
        let inner = source.inner(name)?;
        let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        folder(&inner, &path, project)?;
    }
    Ok(())
}

fn manifest(source: &ImportFolder, path: &str, project: &mut Project) -> Result<()> {
    let mut item = NewItem { description: describe(source, project)?, ..NewItem::default() };
    let (canvases, others): (Vec<_>, Vec<_>) = source.folders.iter().partition(|name| name.starts_with('_'));
    for name in others {
        project.leave_out(format!("{}: a folder beside canvases", source.path.join(name).display()));
    }
    if canvases.is_empty() {
        let images = source.media().filter(|name| !is_thumbnail(name));
        item.images = images.map(|name| (name.clone(), source.path.join(name))).collect();
    }
    leave_out_files(source, project, |name| canvases.is_empty() && is_media(name));
    for name in canvases {
        canvas(&source.inner(name)?, &mut item, project)?;
    }
    project.add_item(path, item)
}

/// A canvas becomes a page for each of its images, named after the canvas's folder.
fn canvas(source: &ImportFolder, item: &mut NewItem, project: &mut Project) -> Result<()> {
    let description = describe(source, project)?;
    let images: Vec<&String> = source.media().filter(|name| !is_thumbnail(name)).collect();
    let canvas = source.name.trim_start_matches('_');
    for (at, image) in images.iter().enumerate() {
        let (stem, ending) = image.rsplit_once('.').unwrap_or((image, ""));
        let name = match images.len() {
            1 => format!("{canvas}.{ending}"),
            _ => format!("{canvas}-{stem}.{ending}"),
        };
        item.images.push((name.clone(), source.path.join(image)));
        if at == 0 {
            item.pages.insert(name, description.clone());
        }
    }
    if images.is_empty() {
        project.leave_out(format!("{}: a canvas without an image or a recording", source.path.display()));
    }
    source
        .not_read
        .iter()
        .chain(&source.folders)
        .for_each(|name| project.leave_out(format!("{}: {name}", source.path.display())));
    leave_out_files(source, project, is_media);
    Ok(())
}

fn describe(source: &ImportFolder, project: &mut Project) -> Result<Description> {
    let path = source.path.join(INFO_FILE);
    if !source.files.iter().any(|name| name == INFO_FILE) {
        return Ok(Description::default());
    }
    let text = files::read_to_string(&path, files::DESCRIPTION);
    let text = text.map_err(|error| Error::read(ErrorKind::Content, &path, error))?;
    match read(&text, &path) {
        Ok((description, warnings)) => {
            warnings.into_iter().for_each(|warning| project.leave_out(warning));
            Ok(description)
        }
        Err(mistakes) => {
            project.imported.mistakes.extend(mistakes);
            Ok(Description::default())
        }
    }
}

/// Notes the files of a folder that have no place.
fn leave_out_files(source: &ImportFolder, project: &mut Project, has_place: impl Fn(&str) -> bool) {
    for name in source.files.iter().filter(|name| *name != INFO_FILE && (is_thumbnail(name) || !has_place(name))) {
        let why = match name.as_str() {
            name if is_thumbnail(name) => "thumbnails are made by the build",
            "manifests.yml" => "manifests elsewhere cannot be part of a collection",
            // What biiif wrote, and what a build makes anew.
            "index.json" => continue,
            name if name.to_lowercase().ends_with(".pdf") => {
                "a PDF is no page; put it beside the images, and say `rendering = { file = \"…\" }` in item.toml"
            }
            _ => "neither an image nor a recording of a canvas",
        };
        project.leave_out(format!("{}: {why}", source.path.join(name).display()));
    }
}

/// Whether it is `thumb.jpg`, with any ending.
fn is_thumbnail(name: &str) -> bool {
    name.starts_with("thumb.") && Format::is_image_name(name)
}
