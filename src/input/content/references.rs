//! The names by which descriptions refer to pages: token, file name, or the path that a record lists. All are converted
//! to tokens. And the files that the withheld parts of a metadata file name.

use super::folder::Folder;
use super::misnamed::{self, Misnamed};
use super::names::Names;
use super::naming::{file_name, last_segment, without_ending};
use crate::diagnostics::Diagnostic;
use crate::input::location::Location;
use crate::model::address::normalised;
use crate::model::{Description, Page, PageRef, Range, WithheldFile};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The files in `folder` and below that a metadata file withholds.
///
/// A path from that file names one file. Of an address, or of a path that leads to nothing, those files count that agree
/// with most of its end: a finding aid names its digital objects as they are called on some server. Files that agree
/// equally all count. If the record goes by the key of a folder, only files in that folder count.
pub fn resolved(withheld: &[WithheldFile], metadata: &Path, folder: &Folder) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    if withheld.is_empty() {
        return found;
    }
    let mut by_stem: HashMap<String, BTreeSet<PathBuf>> = HashMap::new();
    for file in folder.all_files().into_iter().filter(|file| file != metadata) {
        by_stem.entry(stem(&file_name(&file))).or_default().insert(file);
    }
    let mut folders: HashMap<String, Vec<&Path>> = HashMap::new();
    for folder in folder.all_folders() {
        folders.entry(normalised(&folder.name)).or_default().push(&folder.path);
    }
    let base = metadata.parent().unwrap_or(metadata);
    let mut seen = HashSet::new();
    for WithheldFile { href, keys } in withheld.iter().filter(|file| seen.insert(*file)) {
        let Ok(location) = Location::read(href) else { continue };
        let Some(alike) = by_stem.get(&stem(location.name())) else { continue };
        let path = base.join(location.path());
        if location.is_local && alike.contains(&path) {
            found.insert(path);
            continue;
        }
        let of_record: Vec<&Path> =
            keys.iter().filter_map(|key| folders.get(&normalised(key))).flatten().copied().collect();
        let within = |folder: &Path| {
            let files = alike.range(folder.to_path_buf()..);
            files.take_while(|file| file.starts_with(folder)).collect::<Vec<&PathBuf>>()
        };
        let candidates = match of_record.is_empty() {
            true => alike.iter().collect(),
            false => of_record.into_iter().flat_map(within).collect(),
        };
        found.extend(most_alike(candidates, &location).into_iter().cloned());
    }
    found
}

/// Of files with the stem of `location` those with its name, if there are some, and of these those that agree with most
/// of its path.
fn most_alike<'a>(mut files: Vec<&'a PathBuf>, location: &Location) -> Vec<&'a PathBuf> {
    let has_name = |file: &PathBuf| normalised(&file_name(file)) == normalised(location.name());
    if files.iter().any(|file| has_name(file)) {
        files.retain(|file| has_name(file));
    }
    let wanted = location.path();
    let agreement = |file: &Path| {
        let above = file.ancestors().skip(1).map(file_name);
        let pairs = above.zip(wanted.rsplit('/').skip(1));
        pairs.take_while(|(folder, segment)| normalised(folder) == normalised(segment)).count()
    };
    let most = files.iter().map(|file| agreement(file)).max();
    files.retain(|file| Some(agreement(file)) == most);
    files
}

fn stem(name: &str) -> String {
    normalised(without_ending(name)).to_lowercase()
}

/// The tokens of an item's pages, by the names of the pages. If two pages have the same name, it refers to the first.
#[derive(Default)]
pub struct PageNames {
    tokens: Names<String>,
    /// Names that a list gives to pages of which nobody knows which they are. They refer to nothing, and are no mistake.
    lost: HashSet<String>,
}

impl PageNames {
    pub fn of(pages: &[Page], folder: &Path) -> PageNames {
        let mut names = PageNames::default();
        names.add_pages(pages, folder);
        names
    }

    /// The names of listed pages: first those that the list gives to them, for its own references must not lead to another
    /// page whose token looks the same.
    pub fn listed(names: &[(&str, String)], pages: &[Page], folder: &Path) -> PageNames {
        let mut found = PageNames::default();
        names.iter().filter(|(file, _)| file.contains(['/', '.'])).for_each(|(file, token)| found.add(file, token));
        found.add_pages(pages, folder);
        for (file, token) in names {
            found.add(file, token);
            found.add(last_segment(file), token);
        }
        found
    }

    /// Notes that `names` refer to nothing.
    pub fn lose<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        self.lost.extend(names.flat_map(|name| [name, last_segment(name)]).map(str::to_owned));
    }

    /// Adds the tokens of pages, and the paths, names and stems of their files.
    pub fn add_pages(&mut self, pages: &[Page], folder: &Path) {
        for page in pages {
            self.add(&page.token, &page.token);
        }
        let own = pages.iter().filter_map(|page| Some((page, page.file()?)));
        let copies = pages.iter().flat_map(|page| page.copies.iter().map(move |copy| (page, copy.path.as_path())));
        for (page, path) in own.chain(copies) {
            let below = path.strip_prefix(folder).unwrap_or(path);
            let ways = [Some(below.as_os_str()), path.file_name(), path.file_stem()];
            for name in ways.into_iter().flatten() {
                self.add(&name.to_string_lossy(), &page.token);
            }
        }
    }

    /// Adds `name` for the page `token`.
    pub fn add(&mut self, name: &str, token: &str) {
        self.tokens.add(name, token.to_owned());
    }

    /// Adds the name `file` for the page that has the name of its stem.
    pub fn add_file(&mut self, file: &str) {
        let token = self.tokens.same(without_ending(file)).cloned();
        token.iter().for_each(|token| self.add(file, token));
    }

    /// The token of the page with the name `name`, or with its last segment as name.
    pub fn token_of(&self, name: &str) -> Option<&str> {
        self.tokens.find_any(&[name, last_segment(name)]).map(String::as_str)
    }

    /// See [`Names::guessed`].
    pub fn guessed(&self, folder: &Path) -> Option<Diagnostic> {
        self.tokens.guessed(folder)
    }

    /// The name of a page that is like `name` but for its case, or a letter.
    pub fn alike(&self, name: &str) -> Option<&str> {
        misnamed::meant(name, self.tokens.all())
    }

    /// Turns the names in `description` into tokens. A name without a page is removed and returned.
    pub fn resolve(&self, description: &mut Description) -> Vec<Misnamed> {
        let mut unknown = vec![];
        self.resolve_ranges(&mut description.structures, &mut unknown);
        description.start = description.start.take().and_then(|start| self.token(start, &mut unknown));
        description.thumbnail = description.thumbnail.take().and_then(|page| self.token(page, &mut unknown));
        let said = |name: String| {
            let message = format!("its description names the page {name:?}, but the item has none of that name");
            (name, message)
        };
        if unknown.is_empty() {
            return vec![];
        }
        let known: Vec<&str> = self.tokens.all().collect();
        Misnamed::all(unknown.into_iter().map(said), &known)
    }

    fn resolve_ranges(&self, ranges: &mut Vec<Range>, unknown: &mut Vec<String>) {
        for range in &mut *ranges {
            range.pages =
                std::mem::take(&mut range.pages).into_iter().filter_map(|page| self.token(page, unknown)).collect();
            if let Some(further) = &mut range.further {
                further.start = further.start.take().and_then(|start| self.token(start, unknown));
            }
            self.resolve_ranges(&mut range.structures, unknown);
        }
        if !self.lost.is_empty() {
            ranges.retain(|range| !range.pages.is_empty() || !range.structures.is_empty());
        }
    }

    fn token(&self, reference: PageRef, unknown: &mut Vec<String>) -> Option<PageRef> {
        let (name, part) = reference.parts();
        match self.token_of(name) {
            Some(token) => Some(PageRef(part.map_or_else(|| token.to_owned(), |part| format!("{token}#{part}")))),
            None => {
                unknown.extend(Some(name).filter(|name| !self.lost.contains(*name)).map(str::to_owned));
                None
            }
        }
    }
}
