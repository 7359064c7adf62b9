//! Folders whose metadata says where the pages are. A METS or a table that lists files of the folders below makes one item of
//! all of them, whatever they are called: `images/PPN_media/` (Kitodo), `objects/` (Archivematica), `OCR-D-IMG-BIN/`. The rules
//! for names of folders are for what no metadata lists.
//!
//! An XML file that is called like a folder beside it (`b1.xml`, `b1.mets.xml` and `b1/`) describes that folder.

use super::description::{COLLECTION_FILE, ITEM_FILE, is_among};
use super::folder::{Folder, is_xml};
use super::matching::{self, Matches, Way};
use super::naming::{file_name, last_segment, without_ending};
use super::records::{self, Inherited, ReadFile};
use crate::config::{Config, files};
use crate::input::metadata;
use crate::input::source::ContentSource;
use crate::model::address::normalised;
use crate::model::{Record, RecordPage, Records};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The folder as one item with all folders below, if a list of its metadata, or of a table above it, says so. `names` are
/// those by which a table knows the folder. Folders below that have a description or a METS of their own stay by themselves.
///
/// A METS that cannot be read may say so too: what it listed must not become items of its own.
pub fn as_one_item(
    folder: &Folder,
    names: &[String],
    above: &Inherited<'_>,
    config: &Config,
    source: &ContentSource,
) -> Option<Folder> {
    let is_collection = is_among(&folder.files, COLLECTION_FILE) && folder.item_files().is_empty();
    if is_collection || !folder.inner_members().into_iter().any(Folder::has_media) {
        return None;
    }
    let lists = match records::page_lists(folder, names, config, source) {
        Ok(own) => own.into_iter().chain(above.records(names).into_iter().map(|record| record.pages)),
        Err(()) => return Some(folder.as_one_item(&|inner| is_separate(inner, source))),
    };
    let lists: Vec<Vec<RecordPage>> = lists.filter(|pages| !pages.is_empty()).collect();
    if lists.is_empty() {
        return None;
    }
    let tree = folder.as_one_item(&|inner| is_separate(inner, source));
    let (own, all) = (paths(folder, &folder.path), paths(&tree, &folder.path));
    lists.iter().any(|list| is_of_tree(list, &own, &all)).then_some(tree)
}

/// The media files of the item that a folder is, as paths below `base`.
fn paths(folder: &Folder, base: &Path) -> Vec<String> {
    let below = |path: PathBuf| path.strip_prefix(base).unwrap_or(&path).to_string_lossy().replace('\\', "/");
    folder.item_files().into_iter().map(below).collect()
}

/// Whether a list is about files that the item has only with the folders below. A path that leads to one is enough. Names
/// alone count if the folder itself has none of the listed files, and if the list is about most of the files.
fn is_of_tree(list: &[RecordPage], own: &[String], all: &[String]) -> bool {
    let own_files: HashSet<&str> = own.iter().map(String::as_str).collect();
    let listed: HashSet<String> =
        list.iter().flat_map(|page| page.file.iter().chain(&page.versions)).map(|file| normalised(file)).collect();
    let is_further = |path: &String| !own_files.contains(path.as_str());
    if all.iter().any(|path| is_further(path) && listed.contains(&normalised(path))) {
        return true;
    }
    let is_found = |matches: Option<Matches>| matches.filter(|found| found.count() > 0);
    if is_found(matching::pages(list, own, true)).is_some() {
        return false;
    }
    let stems: HashSet<&str> = all.iter().map(|path| without_ending(last_segment(path))).collect();
    is_found(matching::pages(list, all, false))
        .is_some_and(|found| found.way != Way::Names || found.count() * 2 >= stems.len())
}

/// Whether a folder has a description of its own: a file that says so, or a METS above its media. The METS in `data/` or
/// `images/` is that of the folder around it.
fn is_separate(folder: &Folder, source: &ContentSource) -> bool {
    let is_mets = |path: &Path| source.read(path, files::METADATA).is_ok_and(|bytes| metadata::is_mets(&bytes, path));
    [ITEM_FILE, COLLECTION_FILE].iter().any(|file| is_among(&folder.files, file))
        || (folder.has_media()
            && !folder.is_container
            && folder.metadata_files(false).iter().any(|(path, _)| is_xml(&file_name(path)) && is_mets(path)))
}

/// Makes records of the folder those of folders in it, where they are theirs: the file is called like one, a key of a list of
/// pages names it, or all files of the list lie there and the list is one of several, or that of the site as a whole, which is
/// no item.
pub fn hand_down(read: &mut [ReadFile], folder: &Folder, config: &Config) {
    let is_list = |records: &Records| records.own.as_ref().is_some_and(|own| !own.pages.is_empty());
    let lists = read.iter().filter(|file| is_list(&file.records)).count();
    let is_one_of_several = lists > 1 || folder.path == config.content;
    for ReadFile { records, path, .. } in read.iter_mut().filter(|file| file.inner.is_empty()) {
        hand_down_own(records, path, folder, is_one_of_several);
    }
}

fn hand_down_own(records: &mut Records, path: &Path, folder: &Folder, is_one_of_several: bool) {
    let Some(own) = &records.own else { return };
    let Some(name) = heir(own, path, folder, is_one_of_several) else { return };
    let Some(mut own) = records.own.take() else { return };
    let prefix = format!("{name}/");
    // What lies elsewhere is no file of that folder.
    own.description.retain_files(&|file| file.starts_with(&prefix));
    records::change_paths(&mut own, &mut |file| {
        if let Some(rest) = file.strip_prefix(&prefix) {
            *file = rest.to_owned();
        }
    });
    own.keys.insert(0, name);
    records.below.push(own);
}

/// The name of the folder below that a record describes.
fn heir(record: &Record, path: &Path, folder: &Folder, is_one_of_several: bool) -> Option<String> {
    let has_folder = |name: &str| folder.folders.iter().find(|inner| normalised(&inner.name) == normalised(name));
    let file = file_name(path);
    let stem = without_ending(&file);
    let plain =
        ["mets", "METS", "mods", "MODS"].iter().find_map(|word| stem.strip_suffix(word)?.strip_suffix(['.', '_', '-']));
    let keys = record.keys.iter().map(String::as_str).filter(|_| !record.pages.is_empty());
    let named = [Some(stem), plain].into_iter().flatten().chain(keys).find_map(has_folder);
    let common = || {
        let first = |page: &RecordPage| page.file.as_deref().and_then(|file| Some(file.split_once('/')?.0.to_owned()));
        let mut folders = record.pages.iter().map(first);
        let common = folders.next()??;
        folders.all(|folder| folder.as_ref() == Some(&common)).then(|| has_folder(&common)).flatten()
    };
    named.or_else(|| common().filter(|_| is_one_of_several)).map(|folder| folder.name.clone())
}
