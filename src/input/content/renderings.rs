//! PDFs of items that no metadata names. They are offered as `rendering`: those in a folder that says how the item's files
//! are kept (`pdf/`, `service_edited/`), and those in the item's folder that have the item's name. Other PDFs may be
//! anything, and are not published.

use super::Scan;
use super::folder::Folder;
use super::naming::{self, file_name, is_separator, without_ending};
use super::page_forms;
use crate::diagnostics::{Code, Diagnostic};
use crate::model::address::{check_name, collision_key};
use crate::model::{LanguageMap, Link, MasterRole, Page};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

impl Scan<'_> {
    /// Links to the PDFs of the item in `folder`, unless `is_withheld` says that they are not for the public. `id`: that of
    /// the item.
    pub(super) fn renderings(
        &mut self,
        folder: &Folder,
        id: &str,
        pages: &[Page],
        is_withheld: &dyn Fn(&Path) -> bool,
    ) -> Vec<Link> {
        let mut files = folder.documents();
        if files.is_empty() {
            return vec![];
        }
        let names = names(folder, id, pages);
        let keys: BTreeSet<String> = match pages.len() {
            0 | 1 => BTreeSet::new(),
            _ => pages.iter().filter_map(Page::file).map(|file| naming::page_key(&file_name(file))).collect(),
        };
        files.retain(|file| !is_withheld(file) && !keys.contains(&naming::page_key(&file_name(file))));
        let is_of_item = |file: &PathBuf| file.parent() != Some(folder.path.as_path()) || has_name(file, &names);
        let (mut files, others): (Vec<_>, Vec<_>) = files.into_iter().partition(is_of_item);
        self.diagnostics.extend(not_published(&others));
        files.sort_by_key(|file| self.place(file));
        let mut seen = BTreeSet::new();
        files.retain(|file| seen.insert(collision_key(&file_name(file))));
        let is_only = files.len() == 1;
        files.iter().filter_map(|file| link(file, folder, is_only)).collect()
    }

    /// The place of a PDF among those of one name, by the form that its folder states.
    fn place(&self, file: &Path) -> usize {
        let folder = file.parent().map(file_name).unwrap_or_default();
        let role = page_forms::of_folder(&folder).and_then(|form| form.role);
        let masters = &self.config.masters;
        let place = role.and_then(|role| masters.iter().position(|master| *master == role));
        let last = if role == Some(MasterRole::Thumbnail) { usize::MAX } else { masters.len() };
        place.unwrap_or(last)
    }
}

/// The names that a PDF of the item may have: those of its folder, its id, and what stands before the numbers of its pages.
fn names(folder: &Folder, id: &str, pages: &[Page]) -> BTreeSet<String> {
    let prefix = |page: &Page| {
        let name = naming::page_name(without_ending(&file_name(page.file()?)));
        Some(name.prefix.trim_end_matches(is_separator).to_owned())
    };
    let all = [folder.name.clone(), id.to_owned()].into_iter().chain(pages.iter().filter_map(prefix));
    all.filter(|name| !name.is_empty()).map(|name| collision_key(&name)).collect()
}

/// Whether the stem of a file is one of `names`, or begins with one and a separator.
fn has_name(file: &Path, names: &BTreeSet<String>) -> bool {
    let stem = collision_key(without_ending(&file_name(file)));
    let beginnings = stem.match_indices(is_separator).map(|(at, _)| &stem[..at]);
    beginnings.chain([stem.as_str()]).any(|name| names.contains(name))
}

/// `None`: the site can have no file of this name.
fn link(file: &Path, folder: &Folder, is_only: bool) -> Option<Link> {
    let below = file.strip_prefix(&folder.path).ok()?.iter();
    let path = below.map(|name| name.to_str().filter(|name| check_name(name).is_ok())).collect::<Option<Vec<_>>>()?;
    let label = if is_only { "PDF".to_owned() } else { file_name(file).into_owned() };
    let (label, format) = (LanguageMap::plain(label), Some("application/pdf".to_owned()));
    Some(Link { file: Some(path.join("/")), label, format, is_implied: true, ..Link::default() })
}

fn not_published(files: &[PathBuf]) -> Option<Diagnostic> {
    let first = file_name(files.first()?);
    let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
    let message = format!("{first:?}{more} is not published: it has not the name of the item");
    let diagnostic = Diagnostic::new(Code::NotMedia, message).with_paths(files.iter().cloned());
    Some(diagnostic.with_hint(format!("if it is for readers, say `rendering = {{ file = {first:?} }}` in item.toml")))
}
