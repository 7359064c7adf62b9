//! How the names that metadata writes find files, pages and folders. Names are compared in one form of Unicode: macOS
//! writes `é` as two characters. If none fits, upper and lower case do not matter, provided that only one name fits; that
//! is said.

use super::folder::Folder;
use super::naming::{self, file_name, without_ending};
use crate::diagnostics::{Code, Diagnostic};
use crate::input::source::ContentSource;
use crate::model::address::{collision_key, normalised};
use crate::model::{Description, PagePattern, PageRef, Range};
use parking_lot::Mutex;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Values by name. If two have the same name, it is that of the first.
pub struct Names<T> {
    same: HashMap<String, T>,
    /// By [`collision_key`]: the name as it is, and its value; `None`: several values have such a name.
    alike: OnceLock<HashMap<String, Option<(String, T)>>>,
    /// Names that were found only without regard to case, and the real ones.
    guessed: Mutex<BTreeMap<String, String>>,
}

impl<T> Default for Names<T> {
    fn default() -> Names<T> {
        Names { same: HashMap::new(), alike: OnceLock::new(), guessed: Mutex::default() }
    }
}

impl<T: Clone + PartialEq> Names<T> {
    pub fn add(&mut self, name: &str, value: T) {
        self.alike.take();
        self.same.entry(normalised(name)).or_insert(value);
    }

    /// All names.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &str> {
        self.same.keys().map(String::as_str)
    }

    /// The value with this name in any form of Unicode.
    pub fn same(&self, name: &str) -> Option<&T> {
        self.same.get(&normalised(name))
    }

    /// The same; if there is none, the only one whose name differs in case alone.
    pub fn find(&self, name: &str) -> Option<&T> {
        self.same(name).or_else(|| self.alike(name))
    }

    /// The value of the first of `names` that is found.
    pub fn find_any(&self, names: &[&str]) -> Option<&T> {
        let same = names.iter().find_map(|name| self.same(name));
        same.or_else(|| names.iter().find_map(|name| self.alike(name)))
    }

    fn alike(&self, name: &str) -> Option<&T> {
        let (real, value) = self.alike.get_or_init(|| self.folded()).get(&collision_key(name))?.as_ref()?;
        self.guessed.lock().insert(name.to_owned(), real.clone());
        Some(value)
    }

    fn folded(&self) -> HashMap<String, Option<(String, T)>> {
        let mut folded = HashMap::<String, Option<(String, T)>>::with_capacity(self.same.len());
        for (name, value) in &self.same {
            match folded.entry(collision_key(name)) {
                Entry::Vacant(free) => drop(free.insert(Some((name.clone(), value.clone())))),
                Entry::Occupied(mut taken) if taken.get().as_ref().is_none_or(|(_, first)| first != value) => {
                    taken.insert(None);
                }
                Entry::Occupied(_) => {}
            }
        }
        folded
    }

    /// What is to be said about names that were found without regard to case, in the file or folder at `path`.
    pub fn guessed(&self, path: &Path) -> Option<Diagnostic> {
        guessed(&self.guessed.lock(), path)
    }
}

/// What is to be said about `names` that were found without regard to case, and the real ones.
pub fn guessed(names: &BTreeMap<String, String>, path: &Path) -> Option<Diagnostic> {
    let (written, real) = names.iter().next()?;
    let more = if names.len() > 1 { format!(" and {} more", names.len() - 1) } else { String::new() };
    let message =
        format!("metadata names {written:?}{more}; {real:?} is taken for it, which differs in upper and lower case");
    Some(Diagnostic::new(Code::NameCase, message).with_path(path).with_hint("write names as the files have them"))
}

/// The real names of the files in a folder and below.
pub struct RealNames<'a> {
    folder: &'a Folder,
    source: &'a ContentSource,
    /// The names of the images that may be pages.
    images: Names<String>,
    /// The same images by their names without ending, and by their page tokens. `None`: several have that.
    tokens: HashMap<String, Option<String>>,
    /// Paths below the folder, once one is asked for that is not there.
    files: OnceLock<Names<String>>,
}

impl<'a> RealNames<'a> {
    /// `images`: the files of the item that may be its pages.
    pub fn new(
        folder: &'a Folder,
        source: &'a ContentSource,
        images: &[PathBuf],
        description: &Description,
        pattern: Option<&PagePattern>,
    ) -> RealNames<'a> {
        let (images_by_name, tokens) = (Names::default(), HashMap::new());
        let mut names = RealNames { folder, source, images: images_by_name, tokens, files: OnceLock::new() };
        let names_images = *description != Description { label: description.label.clone(), ..Description::default() };
        for image in images.iter().filter(|_| names_images) {
            let name = file_name(image);
            names.images.add(&name, name.to_string());
        }
        let names_pages = !description.pages.is_empty();
        for image in images.iter().filter(|_| names_pages) {
            names.add_tokens(&file_name(image), pattern);
        }
        names
    }

    fn add_tokens(&mut self, file: &str, pattern: Option<&PagePattern>) {
        let stem = without_ending(file);
        let page = pattern.and_then(|pattern| naming::page_name_by(pattern, stem));
        let token = page.unwrap_or_else(|| naming::page_name(stem)).token;
        for key in BTreeSet::from([normalised(stem), normalised(&token)]) {
            let known = self.tokens.entry(key).or_insert_with(|| Some(file.to_owned()));
            // A description that may be of another page could withhold the wrong one.
            if known.as_deref() != Some(file) {
                *known = None;
            }
        }
    }

    /// The image that a description of a page is about: the one with this name, else the only one with this token or with this
    /// name without its ending.
    fn page(&self, name: &str) -> Option<&String> {
        self.images.find(name).or_else(|| self.tokens.get(&normalised(name))?.as_ref())
    }

    /// The real path of a file below the folder, `/`-separated. `None`: it is not there.
    pub fn file(&self, path: &str) -> Option<String> {
        if self.source.is_file(&self.folder.path.join(path)) {
            return Some(path.to_owned());
        }
        self.files.get_or_init(|| self.all_files()).find(path).cloned()
    }

    fn all_files(&self) -> Names<String> {
        let mut names = Names::default();
        for file in self.folder.all_files() {
            let below = file.strip_prefix(&self.folder.path).unwrap_or(&file).iter();
            let path = below.map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/");
            names.add(&path, path.clone());
        }
        names
    }

    /// Puts the real names of files into a description. Names of nothing stay.
    pub fn put_into(&self, description: &mut Description) {
        for (name, mut page) in std::mem::take(&mut description.pages) {
            self.put_into(&mut page);
            page.thumbnail.iter_mut().for_each(|PageRef(name)| self.set_image(name));
            let real = if page.missing { self.images.find(&name) } else { self.page(&name) };
            let name = real.cloned().unwrap_or(name);
            let below = description.pages.remove(&name).unwrap_or_default();
            description.pages.insert(name, page.over(below));
        }
        let Description { layers, details, placeholder, accompanying, followed_by, .. } = description;
        layers.iter_mut().for_each(|layer| self.set_image(&mut layer.file));
        details.iter_mut().for_each(|detail| self.set_image(&mut detail.file));
        placeholder.iter_mut().chain(accompanying).for_each(|named| self.set_image(&mut named.file));
        followed_by.0.iter_mut().for_each(|file| self.set_image(file));
        description.annotations.0.iter_mut().for_each(|named| self.set_file(&mut named.file));
        description.captions.0.iter_mut().for_each(|caption| self.set_file(&mut caption.file));
        description.all_links_mut().filter_map(|link| link.file.as_mut()).for_each(|file| self.set_file(file));
        self.put_into_ranges(&mut description.structures);
    }

    fn put_into_ranges(&self, ranges: &mut [Range]) {
        for range in ranges {
            range.thumbnail.iter_mut().for_each(|file| self.set_image(file));
            range.supplementary.iter_mut().for_each(|file| self.set_file(file));
            range.further.iter_mut().for_each(|further| self.put_into(further));
            self.put_into_ranges(&mut range.structures);
        }
    }

    fn set_image(&self, name: &mut String) {
        if let Some(real) = self.images.find(name).filter(|real| *real != name) {
            name.clone_from(real);
        }
    }

    fn set_file(&self, path: &mut String) {
        if let Some(real) = self.file(path).filter(|real| real != path) {
            *path = real;
        }
    }

    /// What is to be said about names that were found without regard to case.
    pub fn guessed(&self) -> Option<Diagnostic> {
        let mut names = self.images.guessed.lock().clone();
        names.extend(self.files.get().map(|files| files.guessed.lock().clone()).unwrap_or_default());
        guessed(&names, &self.folder.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_form_and_without_case_if_one_fits() {
        let mut names = Names::default();
        for (name, value) in [("e\u{301}.tif", 1), ("A.tif", 2), ("B.tif", 3), ("b.TIF", 4)] {
            names.add(name, value);
        }
        assert_eq!((names.find("\u{e9}.tif"), names.find("a.TIF"), names.find("B.TIF")), (Some(&1), Some(&2), None));
        assert_eq!(names.find("b.TIF"), Some(&4));
        let said = names.guessed(Path::new("x")).unwrap();
        assert!(said.message.contains("\"a.TIF\"") && said.message.contains("\"A.tif\""), "{said:?}");
    }
}
