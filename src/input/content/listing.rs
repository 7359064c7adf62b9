//! Pages in the order in which a record lists them.
//!
//! The list wins over the folder: a METS that lists nine files makes nine pages, even if binarised copies lie beside
//! them. `plan` names the files that are left out.

use super::check::is_inner;
use super::naming::{self, PageFile, file_name, last_segment, without_ending};
use super::pages::{FoundPages, PageFinder, check_token};
use super::references::PageNames;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::withheld;
use crate::model::address::normalised;
use crate::model::{Ignored, LanguageMap, Page, RecordPage, TextFile};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl PageFinder<'_> {
    /// Makes the pages in the order of the list. A listed file that is not there becomes a page without an image. A file
    /// that is listed again becomes another page with the same image. A file that is not listed is not a page.
    pub(super) fn as_listed(&self, page_files: Vec<PageFile>, found: &mut FoundPages) {
        let mut files = ItemFiles::new(page_files, &self.folder.path);
        let (mut absent, mut overruled, mut repeated, mut names) = (vec![], vec![], vec![], vec![]);
        let (mut all_absent, mut tokens) = (HashSet::new(), TakenTokens::default());
        for (index, listed) in self.listed.iter().enumerate() {
            let file = listed.file.as_deref();
            let (page, is_first) = match file.map(|file| files.take(file)) {
                Some(Taken::First(page)) => (Some(page), true),
                Some(Taken::Again(page)) => (Some(page), false),
                Some(Taken::Absent) => (None, all_absent.insert(file)),
                None => (None, true),
            };
            if page.is_none() && is_first {
                absent.extend(file);
            }
            if page.as_ref().is_some_and(|page| is_overruled(listed, page)) {
                overruled.extend(file);
            }
            let mut page = match self.listed_page(listed, page, found.pages.len()) {
                Ok(page) => page,
                Err(error) => {
                    found.failures.push(error);
                    continue;
                }
            };
            if !is_first && tokens.taken.contains(&page.token) {
                page.token = tokens.another(&page.token);
                repeated.push(Repeated { file: file.unwrap_or_default(), number: index + 1, id: page.token.clone() });
            }
            tokens.taken.insert(page.token.clone());
            names.extend(file.map(|file| (file, page.token.clone())));
            found.pages.push(page);
        }
        found.names = PageNames::of(&found.pages, &self.folder.path);
        for (file, token) in names {
            found.names.add(file, &token);
            found.names.add(last_segment(file), &token);
        }
        found.diagnostics.extend(self.overruled(&overruled));
        found.diagnostics.extend(self.repeated(&repeated));
        found.failures.extend(self.absent(&absent));
        self.leave_out(files.not_taken(), found);
    }

    fn overruled(&self, files: &[&str]) -> Option<Diagnostic> {
        let message = format!(
            "item.toml gives {} pages another label or id than the list of pages does, such as {:?}; item.toml holds",
            files.len(),
            files.first()?
        );
        Some(Diagnostic::new(Code::Overruled, message).with_path(&self.folder.path))
    }

    fn repeated(&self, pages: &[Repeated<'_>]) -> Option<Diagnostic> {
        let Repeated { file, number, id } = pages.first()?;
        let more = and_more(pages.len());
        let message = format!("its metadata lists {file:?} again, as page {number} with the id {id:?}{more}");
        let diagnostic = Diagnostic::new(Code::Duplicate, message).with_path(&self.folder.path);
        Some(diagnostic.with_hint(
            "if one image is meant to be two pages, give each its own id in the column `page` of pages.csv, or say \
             `accept = [\"duplicate\"]` in item.toml; else remove it from the list",
        ))
    }

    fn absent(&self, files: &[&str]) -> Option<Error> {
        let message = format!("its metadata lists {:?}{}, which is not there", files.first()?, and_more(files.len()));
        let error = Error::new(ErrorKind::Content, message).with_path(&self.folder.path);
        Some(error.with_code(Code::AbsentPage).with_hint("the pages are shown as missing"))
    }

    /// Notes the pages that are not listed: they are withheld by their own description, or ignored.
    fn leave_out(&self, pages: Vec<Page>, found: &mut FoundPages) {
        let reason = |page: &Page| withheld::reason(page, self.today);
        let (withheld, others): (Vec<_>, Vec<_>) = pages.into_iter().partition(|page| reason(page).is_some());
        // A reference to a withheld page is not a mistake, whether the page is listed or not.
        found.names.add_pages(&withheld, &self.folder.path);
        let tokens: HashSet<&str> = found.pages.iter().map(|page| page.token.as_str()).collect();
        for page in &withheld {
            // Where metadata withholds a file and lists another of the same page, such as a copy for access, that is public.
            let is_denied = page.file().is_some_and(|file| self.denied.contains(file));
            match is_denied && tokens.contains(page.token.as_str()) {
                true => found.withheld.add_copy(page),
                false => found.withheld.add_page(page),
            }
        }
        let ignored = |page: &Page, code, reason| Some(Ignored { path: page.file()?.to_path_buf(), code, reason });
        let of_withheld = |page: &Page| ignored(page, Code::Withheld, reason(page)?);
        found.ignored.extend(withheld.iter().filter_map(of_withheld));
        let reason = "the item's metadata lists other files as its pages";
        found.ignored.extend(others.iter().filter_map(|page| ignored(page, Code::NotListed, reason)));
    }

    /// The file at a path below the item's folder, if it is there.
    fn inner_file(&self, file: &str) -> Option<PathBuf> {
        let path = self.folder.path.join(file);
        (is_inner(file) && self.source.is_file(&path)).then_some(path)
    }

    /// The page as the list has it. `page` is that of its file; `None` makes a page without an image. `index` is its place.
    fn listed_page(&self, listed: &RecordPage, page: Option<Page>, index: usize) -> Result<Page> {
        let mut page = page.unwrap_or_else(|| self.absent_page(listed, index));
        let described = page.description.as_deref();
        if let Some(id) = listed.id.as_ref().filter(|_| described.is_none_or(|described| described.id.is_none())) {
            page.token = normalised(id);
            check_token(&page.token, page.file().unwrap_or(&self.folder.path), id)?;
        }
        if !listed.label.is_empty() && described.is_none_or(|described| described.label.is_empty()) {
            page.label = listed.label.clone();
        }
        page.text = listed.text.as_deref().and_then(|text| self.inner_file(text)).map(TextFile::whole);
        page.rule = "listed in the metadata";
        Ok(page)
    }

    fn absent_page(&self, listed: &RecordPage, index: usize) -> Page {
        let name = listed.file.as_deref().map(last_segment);
        let token = match name {
            Some(name) => self.page_name(&normalised(without_ending(name))).token,
            None => format!("missing-{}", index + 1),
        };
        let described = name.and_then(|name| self.description.pages.get(name));
        let own_label = described.map(|page| page.label.clone()).filter(|label| !label.is_empty());
        let label = own_label.unwrap_or_else(|| LanguageMap::plain(naming::page_label(&token)));
        let description = described.cloned().map(Arc::new);
        Page { token, label, description, expected: listed.file.clone(), ..Page::default() }
    }
}

/// Whether a page's own description contradicts the list.
fn is_overruled(listed: &RecordPage, page: &Page) -> bool {
    let Some(described) = page.description.as_deref() else { return false };
    let (id, label) = (described.id.as_ref().zip(listed.id.as_ref()), &described.label);
    let is_other_label = !label.is_empty() && !listed.label.is_empty() && *label != listed.label;
    is_other_label || id.is_some_and(|(described, listed)| normalised(described) != normalised(listed))
}

/// A file that the list names again.
struct Repeated<'a> {
    file: &'a str,
    /// The page's place in the list, from 1.
    number: usize,
    id: String,
}

/// The tokens of the pages so far.
#[derive(Default)]
struct TakenTokens {
    taken: HashSet<String>,
    /// The last number that was given to each.
    numbers: HashMap<String, u64>,
}

impl TakenTokens {
    /// A token like `token` that is free: `0007_2`, `0007_3` …
    fn another(&mut self, token: &str) -> String {
        let last = self.numbers.entry(token.to_owned()).or_insert(1);
        loop {
            *last += 1;
            let numbered = format!("{token}_{last}");
            if !self.taken.contains(&numbered) {
                return numbered;
            }
        }
    }
}

fn and_more(count: usize) -> String {
    if count > 1 { format!(" and {} more", count - 1) } else { String::new() }
}

/// The files of the item, by the ways in which a list may name them.
struct ItemFiles {
    files: Vec<ItemFile>,
    /// By path below the folder, by name, by stem; the first of each.
    names: HashMap<String, usize>,
}

struct ItemFile {
    page: Page,
    /// Its path below the item's folder, `/`-separated.
    path: String,
    /// How the list named it first.
    listed_as: Option<String>,
}

/// The result of looking for a name of the list.
enum Taken {
    First(Page),
    /// The page of a file that is listed already.
    Again(Page),
    Absent,
}

impl ItemFiles {
    fn new(page_files: Vec<PageFile>, folder: &Path) -> ItemFiles {
        let mut names = HashMap::new();
        let relative = |path: &Path| path.strip_prefix(folder).map(|path| path.to_string_lossy().replace('\\', "/"));
        let ways: [&dyn Fn(&Path) -> String; 3] =
            [&|path| relative(path).unwrap_or_default(), &|path| file_name(path).into_owned(), &|path| {
                path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
            }];
        for way in ways {
            for (index, file) in page_files.iter().enumerate() {
                names.entry(way(&file.path)).or_insert(index);
            }
        }
        let file = |file: PageFile| ItemFile {
            path: relative(&file.path).unwrap_or_default(),
            page: file.page,
            listed_as: None,
        };
        ItemFiles { files: page_files.into_iter().map(file).collect(), names }
    }

    /// The page in `file`: at that path, else of that name, else of that stem. A name that only resembles that of a file
    /// which is listed already (`0007.jpg` where only `0007.tif` is there) names no file.
    fn take(&mut self, file: &str) -> Taken {
        let name = last_segment(file);
        let index = [file, name, without_ending(name)].into_iter().find_map(|way| self.names.get(way));
        let Some(found) = index.and_then(|index| self.files.get_mut(*index)) else { return Taken::Absent };
        match &found.listed_as {
            None => {
                found.listed_as = Some(file.to_owned());
                Taken::First(found.page.clone())
            }
            Some(first) if first == file || found.path == file || last_segment(&found.path) == file => {
                Taken::Again(found.page.clone())
            }
            Some(_) => Taken::Absent,
        }
    }

    fn not_taken(self) -> Vec<Page> {
        self.files.into_iter().filter(|file| file.listed_as.is_none()).map(|file| file.page).collect()
    }
}
