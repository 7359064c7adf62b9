//! Images that lie directly in the content folder: the items that are rows of a table beside them; else one item, which
//! has the name of the content folder.

use super::Scan;
use super::description::{self, ITEM_FILE, amendments_of, forms};
use super::flat::FlatFolder;
use super::folder::{Folder, ending};
use super::naming;
use super::records::PAGES_FILE;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind};
use crate::model::LanguageMap;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The content folder without the one item that its own images are.
pub struct Split {
    pub content: Folder,
    pub item: Folder,
}

impl Scan<'_> {
    /// Takes the one item out of the content folder that its own images are. `None`: it has none, or a table may say which
    /// items they are. If nothing else lies there, all of it is the item; else its images, and the files with their names.
    pub(super) fn split(&self, content: &Folder) -> Option<Split> {
        let media: Vec<PathBuf> = content.media_files().filter(|image| !self.watermarks.contains(image)).collect();
        let is_described = description::is_among(&content.files, ITEM_FILE);
        if media.is_empty() || (has_table(content) && !is_described) {
            return None;
        }
        let is_alone = content.inner_members().is_empty();
        let of_item: BTreeSet<String> = forms(ITEM_FILE).chain(amendments_of(ITEM_FILE).map(str::to_owned)).collect();
        let pages: BTreeSet<String> = media.iter().map(|file| naming::page_key(&naming::file_name(file))).collect();
        let is_inner = |file: &&String| {
            let is_of_collection = file.starts_with("collection.");
            of_item.contains(*file) || pages.contains(&naming::page_key(file)) || (is_alone && !is_of_collection)
        };
        let (inner, rest): (Vec<&String>, Vec<&String>) = content.files.iter().partition(is_inner);
        let (inner, rest) = (inner.into_iter().cloned().collect(), rest.into_iter().cloned().collect());
        let (own, others) =
            if is_alone { (content.folders.clone(), vec![]) } else { (vec![], content.folders.clone()) };
        Some(Split { content: content.part("", rest, others), item: content.part(&self.content_name(), inner, own) })
    }

    /// Also of a content folder that is called `.`.
    fn content_name(&self) -> String {
        let content = std::path::absolute(&self.config.content).unwrap_or_else(|_| self.config.content.clone());
        naming::file_name(&content).into_owned()
    }

    /// The items that the images directly in the content folder are by the rows of a table.
    pub(super) fn loose_items(&mut self, content: &Folder, flat: Option<&FlatFolder>) -> Vec<Folder> {
        if let Some(flat) = flat {
            return self.parts(flat, content);
        }
        let images = self.without_watermarks(content.media_files().collect());
        for image in images {
            let loose = Error::new(
                ErrorKind::Content,
                "no row of the table beside it names the image, so that it is of no item",
            );
            let loose = loose.with_code(Code::LooseImage).with_path(image);
            self.fail(loose.with_hint(
                "name it in a column `file` of the table, or put the images of an item in a folder of their own",
            ));
        }
        vec![]
    }

    /// The items of a folder of images whose table has a row for each; a warning names the images without a row.
    pub(super) fn parts(&mut self, flat: &FlatFolder, folder: &Folder) -> Vec<Folder> {
        let unnamed = flat.unnamed.iter().map(|name| folder.path.join(name)).collect();
        let unnamed = self.without_watermarks(unnamed);
        if let Some(first) = unnamed.first() {
            let more = if unnamed.len() > 1 { format!(" and {} more", unnamed.len() - 1) } else { String::new() };
            let message = format!("no row of the table names {:?}{more}: not published", naming::file_name(first));
            let diagnostic = Diagnostic::new(Code::NoRow, message).with_path(&folder.path).with_paths(unnamed);
            self.diagnostics.push(
                diagnostic.with_hint("add a row for it, or its name to the row of its item, with | between names"),
            );
        }
        flat.parts(folder)
    }

    /// The label of a folder that nothing describes.
    pub(super) fn label_of(&self, folder: &Folder) -> LanguageMap {
        let is_content = folder.is_part && folder.path == self.config.content && folder.name == self.content_name();
        match is_content && !self.config.title.is_empty() {
            true => self.config.title.clone(),
            false => LanguageMap::plain(&folder.name),
        }
    }
}

/// Whether there is a table that may describe several items.
fn has_table(folder: &Folder) -> bool {
    let is_table = |file: &String| file != PAGES_FILE && ["csv", "tsv", "xlsx", "ods"].contains(&ending(file).as_str());
    folder.files.iter().any(is_table)
}
