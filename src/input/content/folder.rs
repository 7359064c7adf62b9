//! A folder's files and folders, sorted, junk set aside.

use super::amendments::AMENDMENTS;
use super::bag;
use super::description::{COLLECTION_FILE, ITEM_FILE, forms};
use super::naming::{junk, natural_order};
use crate::diagnostics::Code;
use crate::error::{Error, ErrorKind, Result};
use crate::input::media;
use crate::input::source::ContentSource;
use crate::model::Ignored;
use crate::pixels::decode::Format;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

/// Names of folders that say how files are kept, not what they are, in lower case.
const CONTAINERS: [&str; 18] = [
    "data",
    "image",
    "images",
    "img",
    "imgs",
    "jp2",
    "jpeg",
    "jpg",
    "masters",
    "ocr-d-img",
    "gt-page",
    "pages",
    "png",
    "scan",
    "scans",
    "tif",
    "tiff",
    "tiffs",
];

/// Names of folders that hold the text of pages, in lower case.
const TEXTS: [&str; 10] = ["alto", "fulltext", "hocr", "ocr", "ocr-d-ocr", "page", "page-xml", "text", "texts", "txt"];

/// Folders of the masters of one item, the best first: the first that holds images lends them, the others do not.
const MASTERS: [&str; 3] = ["service", "master_edited", "master"];

/// Of folders in one another below `content/`. Nobody's archive is so deep; a path could have thousands.
const MAX_DEPTH: usize = 100;

/// See the [module](self).
pub struct Folder {
    pub path: PathBuf,
    pub name: String,
    pub files: Vec<String>,
    pub folders: Vec<Folder>,
}

impl Folder {
    /// Reads `path` with all that is in it. Entries that cannot be read are `failures`, and left out.
    pub fn read(
        path: &Path,
        source: &ContentSource,
        ignored: &mut Vec<Ignored>,
        failures: &mut Vec<Error>,
    ) -> Result<Folder> {
        let folder = match source.names() {
            None => Folder::read_inner(path, MAX_DEPTH, ignored, failures)?,
            Some(names) => Folder::of_names(path, MAX_DEPTH, names, ignored, failures)?,
        };
        folder.ignore_other_files(ignored);
        Ok(folder)
    }

    /// `depth`: how many folders may lie in one another here.
    fn read_inner(path: &Path, depth: usize, ignored: &mut Vec<Ignored>, failures: &mut Vec<Error>) -> Result<Folder> {
        let unreadable = |error| Error::read(ErrorKind::Content, path, error);
        let mut folder = Folder::empty(path, depth)?;
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Ok(name) = entry.file_name().into_string() else {
                let refused = Error::new(ErrorKind::Content, "the name is not valid Unicode").with_path(entry.path());
                let refused = refused.with_code(Code::RefusedName);
                failures
                    .push(refused.with_hint("rename it; it may come from an old system with another character set"));
                continue;
            };
            if let Some(reason) = junk(&name) {
                ignored.push(Ignored { path: entry.path(), code: Code::Junk, reason });
                continue;
            }
            match kind(&entry) {
                Kind::File => folder.files.push(name),
                Kind::Dangling => {
                    let error = Error::new(ErrorKind::Content, "the link leads to nothing").with_path(entry.path());
                    failures.push(error.with_hint("is the disk mounted? Else remove the link"));
                }
                Kind::LinkBack => {
                    let reason = "a link to a folder above it";
                    ignored.push(Ignored { path: entry.path(), code: Code::LinkBack, reason });
                }
                Kind::Folder => match Folder::read_inner(&entry.path(), depth - 1, ignored, failures) {
                    Ok(inner) => folder.folders.push(inner),
                    Err(error) => failures.push(error),
                },
            }
        }
        folder.sort();
        Ok(folder)
    }

    /// Of files by their `/`-separated paths below `path`, which are all that there is.
    fn of_names(
        path: &Path,
        depth: usize,
        names: Vec<&str>,
        ignored: &mut Vec<Ignored>,
        failures: &mut Vec<Error>,
    ) -> Result<Folder> {
        let mut folder = Folder::empty(path, depth)?;
        let mut below = BTreeMap::<&str, Vec<&str>>::new();
        for name in names {
            match name.split_once('/') {
                Some((inner, rest)) => below.entry(inner).or_default().push(rest),
                None => folder.files.push(name.to_owned()),
            }
        }
        let mut is_kept = |name: &str| {
            let reason = junk(name);
            ignored.extend(reason.map(|reason| Ignored { path: path.join(name), code: Code::Junk, reason }));
            reason.is_none()
        };
        folder.files.retain(|name| is_kept(name));
        below.retain(|name, _| is_kept(name));
        for (name, names) in below {
            match Folder::of_names(&path.join(name), depth - 1, names, ignored, failures) {
                Ok(inner) => folder.folders.push(inner),
                Err(error) => failures.push(error),
            }
        }
        folder.sort();
        Ok(folder)
    }

    /// `depth`: how many folders may lie in one another here.
    fn empty(path: &Path, depth: usize) -> Result<Folder> {
        if depth == 0 {
            let deep = Error::new(ErrorKind::Content, format!("it lies in more than {MAX_DEPTH} folders"));
            return Err(deep.with_path(path).with_hint("move it further up"));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Folder { path: path.to_path_buf(), name, files: vec![], folders: vec![] })
    }

    /// Adds files that count as being here though they are not, by their `/`-separated paths below this folder.
    pub fn remember(&mut self, files: &BTreeSet<&str>) {
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
            below.remove(folder.name.as_str()).iter().for_each(|files| folder.remember(files));
        }
        for (name, files) in below {
            let path = self.path.join(name);
            let mut folder = Folder { path, name: name.to_owned(), files: vec![], folders: vec![] };
            folder.remember(&files);
            self.folders.push(folder);
        }
        self.sort();
    }

    fn sort(&mut self) {
        self.files.sort_by(|a, b| natural_order(a, b));
        self.folders.sort_by(|a, b| natural_order(&a.name, &b.name));
    }

    /// Says which files are neither images nor metadata.
    fn ignore_other_files(&self, ignored: &mut Vec<Ignored>) {
        let amended = AMENDMENTS.iter().map(|(file, _)| (*file).to_owned());
        let metadata: Vec<String> = [ITEM_FILE, COLLECTION_FILE].into_iter().flat_map(forms).chain(amended).collect();
        let is_known = |name: &String| is_page(name) || metadata.contains(name);
        for file in self.files.iter().filter(|file| !is_known(file)) {
            let reason = "neither an image nor a recording";
            ignored.push(Ignored { path: self.path.join(file), code: Code::NotMedia, reason });
        }
        self.folders.iter().for_each(|folder| folder.ignore_other_files(ignored));
    }

    /// All files in it and below, in order.
    pub fn all_files(&self) -> Vec<PathBuf> {
        let mut all = vec![];
        self.gather_all(&mut all);
        all
    }

    fn gather_all(&self, all: &mut Vec<PathBuf>) {
        all.extend(self.files.iter().map(|file| self.path.join(file)));
        self.folders.iter().for_each(|folder| folder.gather_all(all));
    }

    /// The folders of bags, this one or below.
    pub fn bags(&self) -> Vec<PathBuf> {
        let own = self.files.iter().any(|file| file == bag::BAG).then(|| self.path.clone());
        own.into_iter().chain(self.folders.iter().flat_map(Folder::bags)).collect()
    }

    /// The files with images, sound or video directly in this folder.
    pub fn images(&self) -> impl Iterator<Item = PathBuf> {
        self.files.iter().filter(|file| is_page(file)).map(|file| self.path.join(file))
    }

    /// Files in this folder that may describe it or what lies below, each with the path to its folder from this one:
    /// XML that is not the text of an image beside it, and tables. Those of an item also in its containers.
    pub fn metadata_files(&self, is_item: bool) -> Vec<(PathBuf, String)> {
        let mut found = vec![];
        self.gather_metadata("", is_item, &mut found);
        found
    }

    fn gather_metadata(&self, inner: &str, is_item: bool, found: &mut Vec<(PathBuf, String)>) {
        let stem = |file: &str| file.rsplit_once('.').map_or_else(|| file.to_owned(), |(stem, _)| stem.to_owned());
        let images: BTreeSet<String> =
            self.files.iter().filter(|file| Format::is_image_name(file)).map(|file| stem(file)).collect();
        let may_describe = |file: &&String| match file.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()) {
            Some(ending) if ending == "xml" => !images.contains(&stem(file)),
            Some(ending) => ["csv", "tsv", "xlsx", "ods"].contains(&ending.as_str()),
            None => false,
        };
        let files = self.files.iter().filter(may_describe);
        found.extend(files.map(|file| (self.path.join(file), inner.to_owned())));
        for folder in self.folders.iter().filter(|folder| is_item && folder.is_container()) {
            let inner = if inner.is_empty() { folder.name.clone() } else { format!("{inner}/{}", folder.name) };
            folder.gather_metadata(&inner, is_item, found);
        }
    }

    /// The metadata of a bag, where this folder is one.
    pub fn bag(&self) -> Option<(PathBuf, String)> {
        let has = |name: &str| self.files.iter().any(|file| file == name);
        (has(bag::BAG) && has(bag::INFO)).then(|| (self.path.join(bag::INFO), String::new()))
    }

    fn is_container(&self) -> bool {
        CONTAINERS.contains(&self.name.to_lowercase().as_str()) || self.is_master()
    }

    /// The images of the item that this folder is: its own and those of the containers in it.
    pub fn own_images(&self) -> Vec<PathBuf> {
        let mut images = vec![];
        self.gather_images(&mut images);
        images
    }

    fn gather_images(&self, images: &mut Vec<PathBuf>) {
        images.extend(self.images());
        let masters = self.masters();
        let is_lending = |folder: &&Folder| match folder.is_master() {
            true => masters.is_some_and(|best| best.name == folder.name),
            false => folder.is_container(),
        };
        self.folders.iter().filter(is_lending).for_each(|folder| folder.gather_images(images));
    }

    fn is_master(&self) -> bool {
        MASTERS.contains(&self.name.to_lowercase().as_str())
    }

    /// Of the folders of masters in it the best that holds images.
    fn masters(&self) -> Option<&Folder> {
        MASTERS.iter().find_map(|name| {
            self.folders.iter().find(|folder| folder.name.to_lowercase() == *name && !folder.own_images().is_empty())
        })
    }

    /// Images of masters that a better folder stands for.
    pub fn other_masters(&self) -> Vec<PathBuf> {
        let best = self.masters().map(|best| &best.name);
        let others = self.folders.iter().filter(|folder| folder.is_master() && best != Some(&folder.name));
        others.flat_map(Folder::own_images).collect()
    }

    /// Files of the item that may hold the text of its pages: beside its images, and in folders for texts.
    pub fn texts(&self) -> Vec<PathBuf> {
        let is_text = |file: &&String| {
            let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
            ending.is_some_and(|ending| ["xml", "hocr", "html", "htm", "xhtml", "txt"].contains(&ending.as_str()))
        };
        let own = self.files.iter().filter(is_text).map(|file| self.path.join(file));
        let is_inner = |folder: &&Folder| folder.is_container() || TEXTS.contains(&folder.name.to_lowercase().as_str());
        own.chain(self.folders.iter().filter(is_inner).flat_map(Folder::texts)).collect()
    }

    /// The folders in this item's folder that are not its own containers.
    pub fn beyond_own_images(&self) -> Vec<&Folder> {
        let mut beyond = vec![];
        self.gather_beyond(&mut beyond);
        beyond
    }

    fn gather_beyond<'a>(&'a self, beyond: &mut Vec<&'a Folder>) {
        for folder in &self.folders {
            if folder.is_container() { folder.gather_beyond(beyond) } else { beyond.push(folder) }
        }
    }
}

/// Whether a file of this name can be a page.
fn is_page(name: &str) -> bool {
    Format::is_image_name(name) || media::kind_of_name(name).is_some()
}

/// What an entry is to SCAN.
enum Kind {
    File,
    Folder,
    LinkBack,
    /// A link to what is not there: perhaps a disk that is not mounted.
    Dangling,
}

/// Asks the directory itself: reading what each file is would cost a system call a file. Only links are followed.
fn kind(entry: &DirEntry) -> Kind {
    match entry.file_type() {
        Ok(kind) if kind.is_dir() => Kind::Folder,
        Ok(kind) if kind.is_symlink() => linked(&entry.path()),
        _ => Kind::File,
    }
}

fn linked(link: &Path) -> Kind {
    match link.is_dir() {
        true if leads_back(link) => Kind::LinkBack,
        true => Kind::Folder,
        false if link.exists() => Kind::File,
        false => Kind::Dangling,
    }
}

/// Whether a link leads to a folder above it, so that reading it would never end.
fn leads_back(link: &Path) -> bool {
    let resolved = |path: &Path| path.canonicalize().ok();
    resolved(link).zip(link.parent().and_then(resolved)).is_some_and(|(to, from)| from.starts_with(to))
}
