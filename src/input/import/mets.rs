//! Imports folders with METS. Each becomes an item of the same name with copies of its images, the METS file and the
//! texts beside it, which builds read.

use super::project::{ImportFolder, NewItem, Project, is_media};
use crate::config::files;
use crate::error::{Error, ErrorKind, Result};
use std::io::Read;
use std::path::Path;

/// Endings of metadata and of the texts of pages.
const TEXTS: [&str; 5] = ["xml", "hocr", "html", "htm", "txt"];

/// The root element begins within so many bytes.
const HEAD: u64 = 4096;

pub fn import(root: &Path, project: &mut Project) -> Result<()> {
    let root = ImportFolder::read(root)?;
    let name = root.name.clone();
    let path = if has_mets(&root)? { name.as_str() } else { "" };
    folder(&root, path, project)
}

fn has_mets(folder: &ImportFolder) -> Result<bool> {
    Ok(!mets_files(folder)?.is_empty())
}

fn mets_files(folder: &ImportFolder) -> Result<Vec<&String>> {
    let mut found = vec![];
    for name in folder.files.iter().filter(|name| name.to_lowercase().ends_with(".xml")) {
        if is_mets(&folder.path.join(name))? {
            found.push(name);
        }
    }
    Ok(found)
}

fn folder(source: &ImportFolder, path: &str, project: &mut Project) -> Result<()> {
    source.not_read.iter().for_each(|entry| project.leave_out(entry.as_str()));
    let mets = mets_files(source)?;
    if mets.is_empty() {
        for name in &source.files {
            project.leave_out(format!("{}: there is no METS beside it", source.path.join(name).display()));
        }
        for name in &source.folders {
            let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            folder(&source.inner(name)?, &path, project)?;
        }
        return Ok(());
    }
    let mut item = NewItem::default();
    gather(source, "", &mut item, project)?;
    project.add_item(path, item)
}

/// Adds the images and texts of an item's folder and the folders below, at the same paths, because METS names them so.
fn gather(source: &ImportFolder, below: &str, item: &mut NewItem, project: &mut Project) -> Result<()> {
    for name in &source.files {
        let (there, file) = (format!("{below}{name}"), source.path.join(name));
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            _ if is_media(name) => item.images.push((there, file)),
            ending if TEXTS.contains(&ending) => item.metadata.push((there, file)),
            _ => project.leave_out(format!("{}: neither an image nor XML or text", file.display())),
        }
    }
    for name in &source.folders {
        gather(&source.inner(name)?, &format!("{below}{name}/"), item, project)?;
    }
    Ok(())
}

/// Whether the first element is `mets`, with any prefix.
fn is_mets(path: &Path) -> Result<bool> {
    let unreadable = |error| Error::read(ErrorKind::Content, path, error);
    let mut head = vec![];
    files::open(path).map_err(unreadable)?.take(HEAD).read_to_end(&mut head).map_err(unreadable)?;
    let head = String::from_utf8_lossy(&head);
    let root = head.split('<').skip(1).find(|tag| !tag.starts_with(['?', '!']));
    let name = root.and_then(|tag| tag.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next());
    Ok(name.is_some_and(|name| name.rsplit(':').next() == Some("mets")))
}
