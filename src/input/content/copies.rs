//! Files of an item that hold the same page by their names: masters of several kinds, other formats, copies for access,
//! thumbnails. They become one page, and PROBE decides which of them is published. Pages whose numbers are equal and
//! whose names are not get their whole names as tokens.

use super::folder::ending;
use super::naming::{self, PageFile, natural_order};
use super::page_forms;
use super::pages::{FoundPages, PageFinder, check_token};
use crate::input::withheld;
use crate::model::address::{collision_key, normalised};
use crate::model::{LanguageMap, MasterRole, Page, PageCopy};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Endings of files, those of better formats first. A recording is published as it is, so that those come first which
/// every browser plays and which are small.
const FORMATS: &str = "tif tiff png jp2 j2k j2c jpx jpf jph jhc jpc jxl jpg jpeg jpe webp gif \
    mp4 m4v m4a mp3 webm weba ogg oga ogv opus aac flac wav wave";

/// The rule of a token that has the ending of its file.
const BY_ENDING: &str = "number and ending, for two files share the name";

/// The rule of a token that is a whole name because its number is that of another page too.
const BY_NAME: &str = "whole name, for other names have the same number";

impl PageFinder<'_> {
    /// Joins the files that hold the same page. If one of them is withheld, the page is.
    pub(super) fn joined(&self, files: Vec<PageFile>) -> Vec<PageFile> {
        let mut pages = vec![];
        for files in by_page(files) {
            for files in apart(files) {
                pages.extend(self.joined_page(files));
            }
        }
        pages
    }

    /// One page of its files, as it is described for one of them.
    fn joined_page(&self, mut files: Vec<PageFile>) -> Option<PageFile> {
        if files.len() < 2 {
            return files.pop();
        }
        self.sort_by_rank(&mut files);
        let copies = self.copies(&files);
        let withheld = files.iter().position(|file| withheld::reason(&file.page, self.today).is_some());
        let described = withheld.or_else(|| files.iter().position(|file| file.page.description.is_some()));
        let best = files.first()?.page.clone();
        let mut joined = files.swap_remove(described.unwrap_or_default());
        joined.page = Page { image: best.image, recording: best.recording, master: best.master, copies, ..joined.page };
        Some(joined)
    }

    /// Those first that are better by their names.
    pub(super) fn sort_by_rank(&self, files: &mut [PageFile]) {
        files.sort_by_cached_key(|file| (self.rank(&file.page), !file.form.is_empty(), format_rank(&file.path)));
    }

    /// The place of the form of a file among those that `masters` lists. Forms that it does not list are equal, but
    /// thumbnails come last. Of recordings those for readers come first.
    fn rank(&self, page: &Page) -> usize {
        let place = page.master.and_then(|role| self.masters.iter().position(|master| *master == role));
        match (page.master, place) {
            (Some(MasterRole::Access), _) if page.recording.is_some() => 0,
            (_, Some(place)) => place + 1,
            (Some(MasterRole::Thumbnail), None) => usize::MAX,
            (_, None) => self.masters.len() + 1,
        }
    }

    fn copies(&self, files: &[PageFile]) -> Vec<PageCopy> {
        let mut endings = HashMap::<String, usize>::new();
        files.iter().for_each(|file| *endings.entry(ending(&file.file_name())).or_default() += 1);
        let copy = |file: &PageFile| {
            let ending = ending(&file.file_name());
            let token = match endings.get(&ending) {
                Some(1) => format!("{}.{ending}", file.page.token),
                _ if !file.form.is_empty() => normalised(file.stem()),
                _ => format!("{}_{}", file.folder_name(), file.page.token),
            };
            PageCopy { path: file.path.clone(), role: file.page.master, rank: self.rank(&file.page), token }
        };
        files.iter().map(copy).collect()
    }

    /// The form of a page that the folders between the item's folder and the file state, the nearest first.
    pub(super) fn role_of_folder(&self, path: &Path) -> Option<MasterRole> {
        let below = path.strip_prefix(&self.folder.path).ok()?.parent()?;
        below.iter().rev().find_map(|name| page_forms::of_folder(&name.to_string_lossy())?.role)
    }

    /// Gives pages whose tokens are equal, and whose names are not, the whole name as token; so that a series has tokens of
    /// one kind, all pages whose names begin like those of such a page.
    pub(super) fn tell_apart(&self, files: &mut Vec<PageFile>, found: &mut FoundPages) {
        tell_some_apart(files, |_, _| true);
        files.retain(|file| match check_token(&file.page.token, &file.path, &file.file_name()) {
            Ok(()) => true,
            Err(error) => {
                found.failures.push(error);
                false
            }
        });
    }

    /// Files that share their page with others, where a list names the pages: those of which it names several get tokens
    /// with their endings. If it names one, that keeps its token when a copy in another format or folder appears. `listed`:
    /// the places of the files that it names.
    pub(super) fn tell_listed_apart(&self, files: &mut [PageFile], listed: &HashSet<usize>) {
        let is_page = |at: usize, file: &PageFile| kind(file) != Kind::Missing && listed.contains(&at);
        let mut pages = HashMap::<String, usize>::new();
        for (_, file) in files.iter().enumerate().filter(|(at, file)| is_page(*at, file)) {
            *pages.entry(file.key.clone()).or_default() += 1;
        }
        let of_several = |file: &&mut PageFile| pages.get(&file.key).is_some_and(|files| *files > 1);
        files.iter_mut().filter(of_several).for_each(PageFile::rename_by_ending);
        tell_some_apart(files, is_page);
    }
}

/// Gives those of `files` their whole names that [`PageFinder::tell_apart`] would, if only those with `is_page` were pages.
fn tell_some_apart(files: &mut [PageFile], is_page: impl Fn(usize, &PageFile) -> bool) {
    let mut first = HashMap::<String, String>::new();
    let mut shared = HashSet::<String>::new();
    for (_, file) in files.iter().enumerate().filter(|(at, file)| !file.has_own_id && is_page(*at, file)) {
        let prefix = collision_key(&file.prefix);
        let other = first.entry(collision_key(&file.page.token)).or_insert_with(|| prefix.clone());
        if *other != prefix {
            shared.extend([other.clone(), prefix]);
        }
    }
    let is_shared = |file: &PageFile| !file.has_own_id && shared.contains(&collision_key(&file.prefix));
    for file in files.iter_mut().filter(|file| !file.prefix.is_empty() && is_shared(file)) {
        let token = format!("{}{}", file.prefix, file.page.token);
        file.rename(token, BY_NAME);
    }
}

impl PageFile {
    /// Changes the token, and the label that was made from it.
    fn rename(&mut self, token: String, rule: &'static str) {
        let page = &mut self.page;
        if page.label == LanguageMap::plain(naming::page_label(&page.token)) {
            page.label = LanguageMap::plain(naming::page_label(&token));
        }
        (page.token, page.rule) = (token, rule);
    }

    fn rename_by_ending(&mut self) {
        let token = format!("{}.{}", self.page.token, ending(&self.file_name()));
        if !self.has_own_id {
            self.rename(token, BY_ENDING);
        }
    }

    fn folder_name(&self) -> String {
        let name = self.path.parent().map(naming::file_name).unwrap_or_default();
        normalised(&name)
    }

    /// Whether its own description gives it an id or a label.
    fn is_described(&self) -> bool {
        self.page.description.as_ref().is_some_and(|described| described.id.is_some() || !described.label.is_empty())
    }
}

/// The files by the pages that they hold by their names, in order of the first of each.
fn by_page(files: Vec<PageFile>) -> Vec<Vec<PageFile>> {
    let (mut pages, mut places) = (Vec::<Vec<PageFile>>::new(), HashMap::new());
    for file in files {
        let place = *places.entry(file.key.clone()).or_insert(pages.len());
        match pages.get_mut(place) {
            Some(page) => page.push(file),
            None => pages.push(vec![file]),
        }
    }
    pages
}

/// The kind of a page, by its file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Image,
    Recording,
    Missing,
}

fn kind(file: &PageFile) -> Kind {
    match (&file.page.image, &file.page.recording) {
        (Some(_), _) => Kind::Image,
        (None, Some(_)) => Kind::Recording,
        (None, None) => Kind::Missing,
    }
}

/// Takes files apart that cannot be copies of each other although they have one page by their names: a picture and a
/// recording; two of one form and format in one folder; those that the item's description gives labels or ids of
/// their own.
fn apart(mut files: Vec<PageFile>) -> Vec<Vec<PageFile>> {
    if files.len() < 2 {
        return vec![files];
    }
    let variant = |file: &PageFile| {
        let folder = file.path.parent().map(Path::to_path_buf);
        (kind(file), folder, ending(&file.file_name()), file.form.clone())
    };
    let mut counts = HashMap::<_, usize>::new();
    files.iter().for_each(|file| *counts.entry(variant(file)).or_default() += 1);
    let is_own = |file: &PageFile| file.page.master.is_none() && file.is_described();
    let are_several_own = files.iter().filter(|file| is_own(file)).count() > 1;
    let mut pages = vec![];
    for mut twin in files.extract_if(.., |file| counts.get(&variant(file)).is_some_and(|count| *count > 1)) {
        if !twin.has_own_id {
            let stem = normalised(twin.stem());
            twin.rename(stem, BY_NAME);
            twin.prefix.clear();
        }
        pages.push(vec![twin]);
    }
    if are_several_own {
        pages.extend(files.extract_if(.., |file| is_own(file)).map(|mut own| {
            own.rename_by_ending();
            vec![own]
        }));
    }
    let has = |files: &[PageFile], wanted| files.iter().any(|file| kind(file) == wanted);
    let is_mixed = has(&files, Kind::Image) && has(&files, Kind::Recording);
    for of_kind in [Kind::Image, Kind::Recording, Kind::Missing] {
        let mut files: Vec<PageFile> = files.extract_if(.., |file| kind(file) == of_kind).collect();
        if is_mixed {
            files.iter_mut().for_each(PageFile::rename_by_ending);
        }
        pages.extend(Some(files).filter(|files| !files.is_empty()));
    }
    pages
}

fn format_rank(path: &Path) -> usize {
    let ending = ending(&naming::file_name(path));
    FORMATS.split(' ').position(|known| known == ending).unwrap_or(usize::MAX)
}

/// The order of pages without a list: that of their tokens.
pub(super) fn in_natural_order(files: &mut [PageFile]) {
    files.sort_by(|a, b| {
        natural_order(&a.page.token, &b.page.token).then_with(|| natural_order(&a.file_name(), &b.file_name()))
    });
}
