//! The files and folders of the content, sorted and without junk; and their roles in an item.
//!
//! A folder such as `master` or `OCR-D-IMG` is a container because of its name ([`page_forms`]), not because it is alone in
//! the folder above. If lone folders were merged into the folder above, the address of an item would change as soon as a
//! second folder appears beside it.

use super::description::{AMENDMENTS, COLLECTION_FILE, ITEM_FILE, forms};
use super::naming::{self, file_name, natural_order, without_ending};
use super::overlooked;
use super::page_forms;
use super::sidecars;
use crate::config::Config;
use crate::config::files::SeenFolders;
use crate::diagnostics::Code;
use crate::error::{Error, ErrorKind, Result};
use crate::input::media;
use crate::input::metadata;
use crate::input::source::{ContentSource, StandIn};
use crate::input::withheld::junk;
use crate::model::Ignored;
use crate::pixels::decode::Format;
use crate::storage::ownership::resolved;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

/// Names, in lower case, of folders with the texts of pages.
const TEXTS: &str = "alto fulltext hocr ocr ocr-d-ocr page page-xml text texts txt";

/// The file that makes a folder a BagIt bag (RFC 8493), and the file with the bag's metadata.
const BAG: &str = "bagit.txt";
pub const BAG_INFO: &str = "bag-info.txt";

/// How deep folders may be nested below `content/`.
const MAX_DEPTH: usize = 100;

/// A folder with everything in it.
#[derive(Clone)]
pub struct Folder {
    pub path: PathBuf,
    pub name: String,
    /// The names of its files, in natural order.
    pub files: Vec<String>,
    /// In natural order of their names.
    pub folders: Vec<Folder>,
    /// Its name only shows how the files of the item above are kept.
    pub is_container: bool,
    /// Its files belong to the item above, as metadata there says, whatever its name.
    is_lent: bool,
    /// It is a part of the folder at its path, which holds other items too.
    pub is_part: bool,
}

/// The entries that are left out while folders are read.
#[derive(Default)]
pub struct LeftOut {
    pub ignored: Vec<Ignored>,
    /// Entries that cannot be read.
    pub failures: Vec<Error>,
    /// Entries that belong to the project and not to its content.
    own: BTreeSet<PathBuf>,
}

impl LeftOut {
    /// Nothing so far. The project's own places are left out silently.
    pub fn of(config: &Config) -> LeftOut {
        let content = resolved(&config.content);
        let below = |place: PathBuf| Some(config.content.join(resolved(&place).strip_prefix(&content).ok()?));
        let own = config.own_places().into_iter().filter_map(below).collect();
        LeftOut { own, ..LeftOut::default() }
    }

    fn ignore(&mut self, path: PathBuf, code: Code, reason: &'static str) {
        self.ignored.push(Ignored { path, code, reason });
    }

    /// Ignores the entry `name` of `folder` if it is junk, and returns whether it is.
    fn is_junk(&mut self, name: &str, folder: &Path) -> bool {
        let reason = junk(name);
        reason.into_iter().for_each(|reason| self.ignore(folder.join(name), Code::Junk, reason));
        reason.is_some()
    }
}

// Reading.
impl Folder {
    /// Reads `path` with everything in it.
    ///
    /// # Errors
    /// The folder itself cannot be read.
    pub fn read(path: &Path, source: &ContentSource, left_out: &mut LeftOut) -> Result<Folder> {
        let mut folder = match source.names() {
            None => Folder::of_directories(path, left_out)?,
            Some(names) => Folder::of_names(path, MAX_DEPTH, names, left_out)?,
        };
        folder.find_containers();
        folder.ignore_other_files(left_out);
        Ok(folder)
    }

    /// Reads each folder once. Links to folders are followed last and in order, so that a folder is read at its own path
    /// if that is in the content too.
    fn of_directories(path: &Path, left_out: &mut LeftOut) -> Result<Folder> {
        let mut found = FoundFolders::default();
        let mut root = Folder::of_directory(path, MAX_DEPTH, left_out, &mut found)?;
        let mut linked = BTreeMap::<PathBuf, Vec<Folder>>::new();
        while let Some((link, depth)) = found.links.pop_first() {
            if found.seen.is_new(&link).is_ok_and(|is_new| !is_new) {
                left_out.ignore(link, Code::LinkAgain, "a link to a folder that is read under another path");
                continue;
            }
            match Folder::of_directory(&link, depth, left_out, &mut found) {
                Ok(folder) => linked.entry(link.parent().unwrap_or(path).to_path_buf()).or_default().push(folder),
                Err(error) => left_out.failures.push(error),
            }
        }
        // A folder comes before those in it.
        for (parent, folders) in linked {
            if let Some(parent) = parent.strip_prefix(path).ok().and_then(|parent| root.below(parent)) {
                parent.folders.extend(folders);
                parent.sort();
            }
        }
        Ok(root)
    }

    /// The folder at a path below this one.
    fn below(&mut self, path: &Path) -> Option<&mut Folder> {
        path.iter().try_fold(self, |folder, name| folder.folders.iter_mut().find(|inner| *inner.name == *name))
    }

    /// `depth`: how deep folders may be nested here.
    fn of_directory(path: &Path, depth: usize, left_out: &mut LeftOut, found: &mut FoundFolders) -> Result<Folder> {
        let unreadable = |error| Error::read(ErrorKind::Content, path, error);
        let mut folder = Folder::empty(path, depth)?;
        // The links to it are known by this later.
        found.seen.is_new(path).map_err(unreadable)?;
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Ok(name) = entry.file_name().into_string() else {
                let refused = Error::new(ErrorKind::Content, "the name is not valid Unicode").with_path(entry.path());
                let hint = "rename it; it may come from an old system with another character set";
                left_out.failures.push(refused.with_code(Code::RefusedName).with_hint(hint));
                continue;
            };
            if let Some(real) = StandIn::of_name(&name, path) {
                left_out.failures.push(StandIn::Cloud.error(ErrorKind::Content, &real));
                continue;
            }
            if left_out.is_junk(&name, path) || left_out.own.contains(&entry.path()) {
                continue;
            }
            match kind(&entry) {
                EntryKind::File => folder.files.push(name),
                EntryKind::Folder => {
                    let inner = Folder::of_directory(&entry.path(), depth - 1, left_out, found);
                    folder.add(inner, left_out);
                }
                EntryKind::Link => drop(found.links.insert(entry.path(), depth - 1)),
                EntryKind::LinkBack => left_out.ignore(entry.path(), Code::LinkBack, "a link to a folder above it"),
                EntryKind::Dangling => {
                    let error = Error::new(ErrorKind::Content, "the link leads to nothing").with_path(entry.path());
                    let error = error.with_hint("is the disk mounted? Else remove the link");
                    let stand_in = StandIn::of_link(&entry.path());
                    let error = stand_in.map_or(error, |annex| annex.error(ErrorKind::Content, &entry.path()));
                    left_out.failures.push(error);
                }
            }
        }
        folder.sort();
        Ok(folder)
    }

    /// The folder with the files `names`, which are `/`-separated paths below `path`.
    fn of_names(path: &Path, depth: usize, names: Vec<&str>, left_out: &mut LeftOut) -> Result<Folder> {
        let mut folder = Folder::empty(path, depth)?;
        let mut below = BTreeMap::<&str, Vec<&str>>::new();
        for name in names {
            match name.split_once('/') {
                Some((inner, rest)) => below.entry(inner).or_default().push(rest),
                None => folder.files.push(name.to_owned()),
            }
        }
        folder.files.retain(|name| !left_out.is_junk(name, path));
        below.retain(|name, _| !left_out.is_junk(name, path));
        for (name, names) in below {
            folder.add(Folder::of_names(&path.join(name), depth - 1, names, left_out), left_out);
        }
        folder.sort();
        Ok(folder)
    }

    fn empty(path: &Path, depth: usize) -> Result<Folder> {
        if depth == 0 {
            let deep = Error::new(ErrorKind::Content, format!("it lies in more than {MAX_DEPTH} folders"));
            return Err(deep.with_path(path).with_hint("move it further up"));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Folder::new(path.to_path_buf(), name))
    }

    fn new(path: PathBuf, name: String) -> Folder {
        Folder { path, name, files: vec![], folders: vec![], is_container: false, is_lent: false, is_part: false }
    }

    fn add(&mut self, inner: Result<Folder>, left_out: &mut LeftOut) {
        match inner {
            Ok(inner) => self.folders.push(inner),
            Err(error) => left_out.failures.push(error),
        }
    }

    /// Adds `files` that count as being there, by their `/`-separated paths below this folder.
    pub fn remember(&mut self, files: &BTreeSet<&str>) {
        self.add_files(files);
        self.find_containers();
    }

    fn add_files(&mut self, files: &BTreeSet<&str>) {
        let mut below = BTreeMap::<&str, BTreeSet<&str>>::new();
        let there: BTreeSet<String> = self.files.iter().cloned().collect();
        for file in files {
            match file.split_once('/') {
                Some((folder, rest)) => drop(below.entry(folder).or_default().insert(rest)),
                None if there.contains(*file) => {}
                None => self.files.push((*file).to_owned()),
            }
        }
        for folder in &mut self.folders {
            below.remove(folder.name.as_str()).iter().for_each(|files| folder.add_files(files));
        }
        for (name, files) in below {
            let path = self.path.join(name);
            let mut folder = Folder::new(path, name.to_owned());
            folder.add_files(&files);
            self.folders.push(folder);
        }
        self.sort();
    }

    /// Finds the folders, here and below, that only show how files are kept: by names that mean nothing else, and by names
    /// that may mean it where another folder, or the folder above, holds files of the same pages.
    fn find_containers(&mut self) {
        let form = |folder: &Folder| page_forms::of_folder(&folder.name);
        let mut likely = vec![];
        for (at, folder) in self.folders.iter_mut().enumerate() {
            folder.find_containers();
            folder.is_container = form(folder).is_some_and(|form| form.is_certain);
            likely.extend(form(folder).filter(|form| !form.is_certain).map(|_| at));
        }
        if likely.is_empty() {
            return;
        }
        let own: BTreeSet<String> = self.media_names().map(naming::page_key).collect();
        let keys = |folder: &Folder| folder.media_names().flat_map(naming::page_keys).collect::<BTreeSet<String>>();
        let others = self.folders.iter().filter(|folder| form(folder).is_some()).flat_map(keys);
        let mut counts = HashMap::<String, usize>::new();
        own.into_iter().chain(others).for_each(|key| *counts.entry(key).or_default() += 1);
        for at in likely {
            let folder = &mut self.folders[at];
            let is_container = keys(folder).iter().any(|key| counts.get(key).is_some_and(|count| *count > 1));
            folder.is_container = is_container;
        }
    }

    fn sort(&mut self) {
        self.files.sort_by(|a, b| natural_order(a, b));
        self.folders.sort_by(|a, b| natural_order(&a.name, &b.name));
    }

    /// Ignores the files that are neither media nor descriptions. Files that turn out to be used are taken out again.
    fn ignore_other_files(&self, left_out: &mut LeftOut) {
        let descriptions: BTreeSet<String> = [ITEM_FILE, COLLECTION_FILE].into_iter().flat_map(forms).collect();
        let is_known = |name: &str| {
            is_media(name) || descriptions.contains(name) || AMENDMENTS.iter().any(|(amendment, _)| *amendment == name)
        };
        for file in self.files.iter().filter(|file| !is_known(file)) {
            let (code, reason) = match overlooked::reason(file) {
                Some(reason) => (Code::NotRead, reason),
                None => (Code::NotMedia, "neither an image nor a recording"),
            };
            left_out.ignore(self.path.join(file), code, reason);
        }
        self.folders.iter().for_each(|folder| folder.ignore_other_files(left_out));
    }
}

// Asking.
impl Folder {
    fn has(&self, file: &str) -> bool {
        self.files.iter().any(|name| name == file)
    }

    fn paths(&self, is_wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = PathBuf> {
        self.files.iter().filter(move |file| is_wanted(file)).map(|file| self.path.join(file))
    }

    /// All files in it and below, in order.
    pub fn all_files(&self) -> Vec<PathBuf> {
        self.paths(|_| true).chain(self.folders.iter().flat_map(Folder::all_files)).collect()
    }

    /// This folder and all below.
    pub fn all_folders(&self) -> Vec<&Folder> {
        std::iter::once(self).chain(self.folders.iter().flat_map(Folder::all_folders)).collect()
    }

    /// The folders of bags, this one or below.
    pub fn bags(&self) -> Vec<PathBuf> {
        let own = self.has(BAG).then(|| self.path.clone());
        own.into_iter().chain(self.folders.iter().flat_map(Folder::bags)).collect()
    }

    /// The metadata of a bag, if this folder is one.
    pub fn bag_info(&self) -> Option<PathBuf> {
        (self.has(BAG) && self.has(BAG_INFO)).then(|| self.path.join(BAG_INFO))
    }

    /// The names without endings, in lower case, of the images and recordings in the folder at `path` and in those directly in
    /// it. `path` begins with that of this folder.
    pub fn stems(&self, path: &Path, is_wanted: &dyn Fn(&str) -> bool) -> HashSet<String> {
        let inner = path.strip_prefix(&self.path).unwrap_or(path);
        let at = inner.iter().try_fold(self, |folder, name| folder.folders.iter().find(|inner| *inner.name == *name));
        let folders = at.into_iter().flat_map(|at| std::iter::once(at).chain(&at.folders));
        let names = folders.flat_map(|folder| folder.files.iter()).filter(|name| is_wanted(name));
        names.map(|name| without_ending(name).to_lowercase()).collect()
    }

    /// The files with images, sound or video directly in this folder.
    pub fn media_files(&self) -> impl Iterator<Item = PathBuf> {
        self.media_names().map(|name| self.path.join(name))
    }

    /// A part of this folder.
    pub fn part(&self, name: &str, files: Vec<String>, folders: Vec<Folder>) -> Folder {
        let (path, name, is_container) = (self.path.clone(), name.to_owned(), self.is_container);
        let mut part =
            Folder { files, folders, is_container, is_lent: self.is_lent, is_part: true, ..Folder::new(path, name) };
        part.sort();
        part
    }

    /// The paths of everything that is its own: itself, or its files if it is a part.
    pub fn own_paths(&self) -> Vec<PathBuf> {
        if self.is_part { self.all_files() } else { vec![self.path.clone()] }
    }

    fn media_names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str).filter(|name| is_media(name))
    }

    /// The files in this folder that may describe it or folders below, each with the path from this folder to its own:
    /// tables, and XML that is not about an image beside it. Those of an item may lie in its containers too.
    pub fn metadata_files(&self, is_item: bool) -> Vec<(PathBuf, String)> {
        let mut found = vec![];
        self.gather_metadata("", is_item, &mut found);
        found
    }

    /// Whether a file is about an image in this folder, by its name.
    pub fn is_beside_image(&self, file: &Path) -> bool {
        file.parent() == Some(&self.path) && sidecars::is_beside(&file_name(file), &self.image_stems())
    }

    fn image_stems(&self) -> BTreeSet<&str> {
        self.files.iter().filter(|file| Format::is_image_name(file)).map(|file| without_ending(file)).collect()
    }

    fn gather_metadata(&self, inner: &str, is_item: bool, found: &mut Vec<(PathBuf, String)>) {
        let images = self.image_stems();
        // What describes the only page describes the item.
        let is_single = is_item && inner.is_empty() && images.len() == 1 && self.item_files().len() == 1;
        let may_describe = |file: &str| match ending(file).as_str() {
            _ if is_xml(file) => is_single || !sidecars::is_beside(file, &images),
            "csv" | "tsv" | "xlsx" | "ods" => true,
            _ => false,
        };
        found.extend(self.paths(may_describe).map(|file| (file, inner.to_owned())));
        for folder in self.folders.iter().filter(|folder| is_item && folder.is_container) {
            let inner = if inner.is_empty() { folder.name.clone() } else { format!("{inner}/{}", folder.name) };
            folder.gather_metadata(&inner, is_item, found);
        }
    }

    /// This folder with all folders below lent to it, except those that are `separate`.
    pub fn as_one_item(&self, is_separate: &dyn Fn(&Folder) -> bool) -> Folder {
        let lent = |folder: &Folder| match is_separate(folder) {
            true => folder.clone(),
            false => Folder { is_lent: true, ..folder.as_one_item(is_separate) },
        };
        Folder {
            path: self.path.clone(),
            name: self.name.clone(),
            files: self.files.clone(),
            folders: self.folders.iter().map(lent).collect(),
            ..*self
        }
    }

    /// Whether it or a folder below holds images, sound or video.
    pub fn has_media(&self) -> bool {
        self.files.iter().any(|file| is_media(file)) || self.folders.iter().any(Folder::has_media)
    }

    fn is_called(&self, mut names: impl Iterator<Item = &'static str>) -> bool {
        let own = self.name.to_lowercase();
        names.any(|name| name == own)
    }

    fn is_lending(&self) -> bool {
        self.is_container || self.is_lent
    }

    /// The media files of the item that this folder is: its own and those of its containers.
    pub fn item_files(&self) -> Vec<PathBuf> {
        self.media_files().chain(self.containers().flat_map(Folder::item_files)).collect()
    }

    /// The folders in it that lend their files to the item.
    pub fn containers(&self) -> impl Iterator<Item = &Folder> {
        self.folders.iter().filter(|folder| folder.is_lending())
    }

    /// The PDFs of the item that this folder is, beside its images and in folders of their own.
    pub fn documents(&self) -> Vec<PathBuf> {
        let own = self.paths(|name| ending(name) == "pdf");
        own.chain(self.containers().flat_map(Folder::documents)).collect()
    }

    /// The files that may hold the text of the item's pages, or describe them: beside its images, and in folders for texts.
    pub fn texts(&self) -> Vec<PathBuf> {
        self.beside_pages(&|file| {
            is_xml(file) || ["hocr", "html", "htm", "xhtml", "txt"].contains(&ending(file).as_str())
        })
    }

    /// The files that may hold the captions of the item's recordings, in the same places.
    pub fn captions(&self) -> Vec<PathBuf> {
        self.beside_pages(&|file| ["vtt", "srt"].contains(&ending(file).as_str()))
    }

    fn beside_pages(&self, is_wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
        let is_inner = |folder: &&Folder| folder.is_lending() || folder.is_called(TEXTS.split(' '));
        let inner = self.folders.iter().filter(is_inner).flat_map(|folder| folder.beside_pages(is_wanted));
        self.paths(is_wanted).chain(inner).collect()
    }

    /// The folders in this item's folder, and in its containers, that are not containers of it.
    pub fn inner_members(&self) -> Vec<&Folder> {
        let members = self.folders.iter();
        members.flat_map(|folder| if folder.is_lending() { folder.inner_members() } else { vec![folder] }).collect()
    }
}

/// The ending of a name in lower case, without its dot; empty if there is none.
pub fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default()
}

/// Whether a file of this name may be XML. Its bytes decide which.
pub fn is_xml(name: &str) -> bool {
    metadata::ENDINGS.contains(&ending(name).as_str())
}

/// Whether a file of this name can be a page.
pub fn is_media(name: &str) -> bool {
    Format::is_image_name(name) || media::kind_of_name(name).is_some()
}

/// The folders that are found while directories are read.
#[derive(Default)]
struct FoundFolders {
    seen: SeenFolders,
    /// Links to folders, each with the depth to which folders may be nested there.
    links: BTreeMap<PathBuf, usize>,
}

enum EntryKind {
    File,
    Folder,
    /// A link to a folder.
    Link,
    /// A link to a folder above it, so that reading it would never end.
    LinkBack,
    /// A link whose target is not there, perhaps on a disk that is not mounted.
    Dangling,
}

/// The kind comes from the directory itself: a system call for each file would be slow. Only links are followed.
fn kind(entry: &DirEntry) -> EntryKind {
    match entry.file_type() {
        Ok(kind) if kind.is_dir() => EntryKind::Folder,
        Ok(kind) if kind.is_symlink() => kind_of_target(&entry.path()),
        _ => EntryKind::File,
    }
}

fn kind_of_target(link: &Path) -> EntryKind {
    match link.is_dir() {
        true if leads_back(link) => EntryKind::LinkBack,
        true => EntryKind::Link,
        false if link.exists() => EntryKind::File,
        false => EntryKind::Dangling,
    }
}

fn leads_back(link: &Path) -> bool {
    let resolved = |path: &Path| path.canonicalize().ok();
    resolved(link).zip(link.parent().and_then(resolved)).is_some_and(|(to, from)| from.starts_with(to))
}
