//! Pages in the order in which a record lists them.

use super::naming;
use super::pages::{Candidate, Found, Sources, check, file_name, last_segment};
use super::references::PageNames;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::normalised;
use crate::model::{Day, Ignored, LanguageMap, Page, RecordPage};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Sources<'_> {
    /// In the order of the list; what it names and is not there is a page without an image, what it does not name is none.
    pub(super) fn as_listed(&self, candidates: Vec<Candidate>, found: &mut Found) {
        let mut listed_names = vec![];
        let mut there = Listing::new(candidates, &self.folder.path);
        let (mut absent, mut overruled) = (vec![], vec![]);
        for listed in self.listed {
            let page = listed.file.as_deref().and_then(|file| there.take(file));
            if page.is_none() {
                absent.extend(listed.file.as_deref());
            }
            if page.as_ref().is_some_and(|page| is_overruled(listed, page)) {
                overruled.extend(listed.file.as_deref());
            }
            match self.listed_page(listed, page, found.pages.len()) {
                Ok(page) => {
                    listed_names.extend(listed.file.iter().map(|file| (file.as_str(), page.token.clone())));
                    found.pages.push(page);
                }
                Err(error) => found.failures.push(error),
            }
        }
        found.names = PageNames::of(&found.pages, &self.folder.path);
        for (file, token) in listed_names {
            found.names.add(file, &token);
            found.names.add(last_segment(file), &token);
        }
        if let Some(first) = overruled.first() {
            let message = format!(
                "item.toml gives {} pages another label or id than the list of pages does, such as {first:?}; item.toml holds",
                overruled.len()
            );
            found.diagnostics.push(Diagnostic::new(Code::Overruled, message).with_path(&self.folder.path));
        }
        if let [first, rest @ ..] = absent.as_slice() {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            let message = format!("its metadata lists {first:?}{more}, which is not there");
            let error = Error::new(ErrorKind::Content, message).with_path(&self.folder.path);
            found.failures.push(error.with_code(Code::AbsentPage).with_hint("the pages are shown as missing"));
        }
        let (withheld, others) = there.rest(self.today);
        // A reference to a page that is held back is no mistake, whether it is listed or not.
        found.names.add_pages(&withheld, &self.folder.path);
        for page in &withheld {
            found.withheld.tokens.insert(page.token.clone());
            found.withheld.paths.extend(page.file().map(Path::to_path_buf));
        }
        let ignored = |page: Page, code, reason| Some(Ignored { path: page.file()?.to_path_buf(), code, reason });
        let held_back = |page: Page| {
            let reason = page.description.as_ref()?.withheld(self.today)?;
            ignored(page, Code::Withheld, reason)
        };
        found.ignored.extend(withheld.into_iter().filter_map(held_back));
        let reason = "the item's metadata lists other files as its pages";
        found.ignored.extend(others.into_iter().filter_map(|page| ignored(page, Code::NotListed, reason)));
    }

    /// A file below the item's folder; `None`: it is not there.
    fn inner_file(&self, file: &str) -> Option<PathBuf> {
        let is_inner = file.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
        let path = self.folder.path.join(file);
        (is_inner && self.source.is_file(&path)).then_some(path)
    }

    fn listed_page(&self, listed: &RecordPage, page: Option<Page>, index: usize) -> Result<Page> {
        let mut page = page.unwrap_or_else(|| {
            let stem = listed
                .file
                .as_deref()
                .map(|file| last_segment(file).rsplit_once('.').map_or(last_segment(file), |(stem, _)| stem));
            let token =
                stem.map_or_else(|| format!("missing-{}", index + 1), |stem| self.page_name(&normalised(stem)).token);
            let described = listed.file.as_deref().and_then(|file| self.description.pages.get(last_segment(file)));
            let own_label = described.map(|page| page.label.clone()).filter(|label| !label.is_empty());
            let label = own_label.unwrap_or_else(|| LanguageMap::plain(naming::page_label(&token)));
            let description = described.cloned().map(Arc::new);
            Page { token, label, description, expected: listed.file.clone(), ..Page::default() }
        });
        let described = page.description.as_deref();
        if let Some(id) = listed.id.as_ref().filter(|_| described.is_none_or(|described| described.id.is_none())) {
            page.token = normalised(id);
            check(&page.token, page.file().unwrap_or(&self.folder.path), id)?;
        }
        if !listed.label.is_empty() && described.is_none_or(|described| described.label.is_empty()) {
            page.label = listed.label.clone();
        }
        page.text = listed.text.as_deref().and_then(|text| self.inner_file(text));
        page.rule = "listed in the metadata";
        Ok(page)
    }
}

/// Whether a page's own description contradicts the list.
fn is_overruled(listed: &RecordPage, page: &Page) -> bool {
    let Some(described) = page.description.as_deref() else { return false };
    let (id, label) = (described.id.as_ref().zip(listed.id.as_ref()), &described.label);
    let is_other_label = !label.is_empty() && !listed.label.is_empty() && *label != listed.label;
    is_other_label || id.is_some_and(|(described, listed)| normalised(described) != normalised(listed))
}

/// Pages by the ways in which a list may name their files.
struct Listing {
    pages: Vec<Option<Page>>,
    /// By path below the folder, by name, by stem; the first of each.
    names: BTreeMap<String, usize>,
}

impl Listing {
    fn new(candidates: Vec<Candidate>, folder: &Path) -> Listing {
        let mut names = BTreeMap::new();
        let relative = |path: &Path| path.strip_prefix(folder).map(|path| path.to_string_lossy().replace('\\', "/"));
        let ways: [&dyn Fn(&Path) -> String; 3] =
            [&|path| relative(path).unwrap_or_default(), &|path| file_name(path).into_owned(), &|path| {
                path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
            }];
        for way in ways {
            for (index, candidate) in candidates.iter().enumerate() {
                names.entry(way(&candidate.path)).or_insert(index);
            }
        }
        let pages = candidates.into_iter().map(|candidate| Some(candidate.page)).collect();
        Listing { pages, names }
    }

    /// The page in `file`: at that path, else of that name, else of that stem. None twice.
    fn take(&mut self, file: &str) -> Option<Page> {
        let name = last_segment(file);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let index = [file, name, stem].into_iter().find_map(|way| self.names.get(way))?;
        self.pages.get_mut(*index)?.take()
    }

    /// What no list names: pages that are withheld, and the others.
    fn rest(self, today: Day) -> (Vec<Page>, Vec<Page>) {
        let is_withheld = |page: &Page| page.description.as_ref().is_some_and(|page| page.withheld(today).is_some());
        self.pages.into_iter().flatten().partition(is_withheld)
    }
}
