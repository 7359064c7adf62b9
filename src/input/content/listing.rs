//! Pages in the order in which a record lists them.
//!
//! The list wins over the folder: a METS that lists nine files makes nine pages, even if binarised copies lie beside
//! them. `plan` names the files that are left out.

use super::check::{Subject, check, is_inner};
use super::matching::{self, Matched, Matches, Way};
use super::names;
use super::naming::{self, PageFile, file_name, last_segment, without_ending};
use super::pages::{FoundPages, PageFinder, check_token};
use super::references::PageNames;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::withheld;
use crate::model::address::normalised;
use crate::model::{Ignored, LanguageMap, Page, RecordPage, TextFile};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const GUESSED: &str =
    "if this is right, say `accept = [\"guessed-pages\"]` in item.toml; else list the pages in pages.csv";

impl PageFinder<'_> {
    /// Makes the pages in the order of the list. A listed file that is not there becomes a page without an image. A file
    /// that is listed again becomes another page with the same image. A file that is not listed is not a page. If nothing
    /// shows which files the list is about, they are the pages.
    pub(super) fn as_listed(&self, mut page_files: Vec<PageFile>, found: &mut FoundPages) {
        self.sort_by_rank(&mut page_files);
        let paths: Vec<String> = page_files.iter().map(|file| self.below_folder(&file.path)).collect();
        let may_hide_pages = self.may_hide_pages || !self.denied.is_empty();
        let Some(matches) = matching::pages(self.listed, &paths, may_hide_pages) else {
            found.diagnostics.push(self.unmatched_list(&paths));
            self.in_natural_order(page_files, found);
            found.names = PageNames::of(&found.pages, &self.folder.path);
            found.names.lose(self.listed.iter().filter_map(|page| page.file.as_deref()));
            return;
        };
        found.diagnostics.extend(self.guessed(&matches, &paths));
        let taken: HashSet<usize> = matches.files.iter().flatten().map(|file| file.index()).collect();
        self.tell_listed_apart(&mut page_files, &taken);
        self.listed_pages(&page_files, &matches, found);
        let others = page_files.into_iter().enumerate().filter(|(index, _)| !taken.contains(index));
        self.leave_out(others.map(|(_, file)| file.page).collect(), found);
    }

    fn listed_pages(&self, page_files: &[PageFile], matches: &Matches, found: &mut FoundPages) {
        let (mut absent, mut overruled, mut repeated, mut names) = (vec![], vec![], vec![], vec![]);
        let (mut all_absent, mut tokens) = (HashSet::new(), TakenTokens::default());
        for (index, (listed, matched)) in self.listed.iter().zip(&matches.files).enumerate() {
            let file = listed.file.as_deref();
            let page = matched.and_then(|matched| page_files.get(matched.index())).map(|file| file.page.clone());
            let is_first = match matched {
                Some(matched) => matches!(matched, Matched::First(_)),
                None => file.is_none() || all_absent.insert(file),
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
        found.names = PageNames::listed(&names, &found.pages, &self.folder.path);
        found.diagnostics.extend(self.overruled(&overruled));
        found.diagnostics.extend(self.repeated(&repeated));
        found.failures.extend(self.absent(&absent));
    }

    /// The path of a file below the item's folder, `/`-separated.
    fn below_folder(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.folder.path).unwrap_or(path);
        below.to_string_lossy().replace('\\', "/")
    }

    /// One diagnostic for all pages that are not found by name.
    fn guessed(&self, matches: &Matches, paths: &[String]) -> Option<Diagnostic> {
        let example = || {
            let pages = self.listed.iter().zip(&matches.files);
            let mut pairs = pages.filter_map(|(page, found)| Some((page.file.as_deref()?, found.as_ref()?.index())));
            pairs.next().and_then(|(page, file)| Some(format!("{page:?} is {:?}", paths.get(file)?)))
        };
        let by = match matches.way {
            Way::Names => {
                let (listed, file) = matches.other_case.as_ref()?;
                let real = paths.get(*file)?.clone();
                return names::guessed(&BTreeMap::from([(listed.clone(), real)]), &self.folder.path);
            }
            Way::Ids => "by the ids that it gives to files",
            Way::Numbers => "by their numbers",
            Way::Order => "in their order, for there are as many",
        };
        let message = format!(
            "its metadata names no file that is here; {} pages are found {by}: {}",
            matches.count(),
            example().unwrap_or_default()
        );
        Some(Diagnostic::new(Code::GuessedPages, message).with_path(&self.folder.path).with_hint(GUESSED))
    }

    fn unmatched_list(&self, paths: &[String]) -> Diagnostic {
        let pages = self.listed.iter().filter_map(|page| page.file.as_deref());
        let message = format!(
            "its metadata lists {} pages, such as {:?}, and names none of the {} files that are here, such as {:?}; the \
             files are the pages, without the labels and contents of the metadata",
            self.listed.len(),
            pages.clone().next().unwrap_or_default(),
            paths.len(),
            paths.first().map(String::as_str).unwrap_or_default()
        );
        Diagnostic::new(Code::GuessedPages, message).with_path(&self.folder.path).with_hint(GUESSED)
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
        Some(error.with_code(Code::AbsentPage).with_hint(
            "put the files there under these names, or correct the list; until then the pages are shown as missing",
        ))
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
        let real = Some(file).filter(|file| is_inner(file)).and_then(|file| self.names.file(file))?;
        Some(self.folder.path.join(real))
    }

    /// The page as the list has it. `page` is that of its file; `None` makes a page without an image. `index` is its place.
    fn listed_page(&self, listed: &RecordPage, page: Option<Page>, index: usize) -> Result<Page> {
        let mut page = page.unwrap_or_else(|| self.absent_page(listed, index));
        let described = page.description.as_deref();
        let id = listed.id.as_deref().filter(|_| described.is_none_or(|described| described.id.is_none()));
        if let Some(id) = id {
            page.token = normalised(id);
        }
        let file = page.file().unwrap_or(&self.folder.path);
        check_token(&page.token, file, id.unwrap_or(&file_name(file)))?;
        if !listed.label.is_empty() && described.is_none_or(|described| described.label.is_empty()) {
            page.label = listed.label.clone();
        }
        if let Some(own) = listed.description.as_deref().filter(|own| check(own, Subject::Page).is_empty()) {
            let mut own = own.clone();
            own.retain_files(&|file| self.inner_file(file).is_some_and(|path| !self.inherited.withholds_file(&path)));
            page.description = Some(Arc::new(page.description.as_deref().cloned().unwrap_or_default().over(own)));
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
