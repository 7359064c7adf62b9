//! Pages in the order in which a record lists them.

use super::naming;
use super::pages::{Candidate, Found, Sources, check, file_name, last_segment};
use super::references::PageNames;
use crate::address::normalised;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Ignored, LanguageMap, Page, RecordPage};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Sources<'_> {
    /// In the order of the list; what it names and is not there is a page without an image, what it does not name is none.
    pub(super) fn as_listed(&self, candidates: Vec<Candidate>, found: &mut Found) {
        let mut listed_names = vec![];
        let mut there = Listing::new(candidates, &self.folder.path);
        let mut absent = vec![];
        for listed in self.listed {
            let page = listed.file.as_deref().and_then(|file| there.take(file));
            if page.is_none() {
                absent.extend(listed.file.as_deref());
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
        if let [first, rest @ ..] = absent.as_slice() {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            let message = format!("its metadata lists {first:?}{more}, which is not there");
            let error = Error::new(ErrorKind::Content, message).with_path(&self.folder.path);
            found.failures.push(error.with_hint("the pages are shown as missing"));
        }
        found.ignored.extend(there.rest());
    }

    /// A file below the item's folder; `None`: it is not there.
    fn inner_file(&self, file: &str) -> Option<PathBuf> {
        let is_inner = file.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
        let path = self.folder.path.join(file);
        (is_inner && path.is_file()).then_some(path)
    }

    fn listed_page(&self, listed: &RecordPage, page: Option<Page>, index: usize) -> Result<Page> {
        let mut page = page.unwrap_or_else(|| {
            let stem = listed
                .file
                .as_deref()
                .map(|file| last_segment(file).rsplit_once('.').map_or(last_segment(file), |(stem, _)| stem));
            let token = stem
                .map_or_else(|| format!("missing-{}", index + 1), |stem| naming::page_name(&normalised(stem)).token);
            let described = listed.file.as_deref().and_then(|file| self.description.pages.get(last_segment(file)));
            let own_label = described.map(|page| page.label.clone()).filter(|label| !label.is_empty());
            let label = own_label.unwrap_or_else(|| LanguageMap::plain(naming::page_label(&token)));
            Page { token, label, description: described.cloned().map(Arc::new), ..Page::default() }
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

/// Pages by the ways in which a list may name their files.
struct Listing {
    pages: Vec<Option<Page>>,
    /// By path below the folder, by name, by stem; the first of each.
    names: BTreeMap<String, usize>,
}

impl Listing {
    fn new(candidates: Vec<Candidate>, folder: &Path) -> Listing {
        let pages: Vec<Option<Page>> = candidates.into_iter().map(|candidate| Some(candidate.page)).collect();
        let mut names = BTreeMap::new();
        let path_of =
            |page: &Option<Page>| page.as_ref().and_then(Page::file).map(Path::to_path_buf).unwrap_or_default();
        let relative = |path: &Path| path.strip_prefix(folder).map(|path| path.to_string_lossy().replace('\\', "/"));
        let ways: [&dyn Fn(&Path) -> String; 3] =
            [&|path| relative(path).unwrap_or_default(), &|path| file_name(path).into_owned(), &|path| {
                path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
            }];
        for way in ways {
            for (index, page) in pages.iter().enumerate() {
                names.entry(way(&path_of(page))).or_insert(index);
            }
        }
        Listing { pages, names }
    }

    /// The page in `file`: at that path, else of that name, else of that stem. None twice.
    fn take(&mut self, file: &str) -> Option<Page> {
        let name = last_segment(file);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let index = [file, name, stem].into_iter().find_map(|way| self.names.get(way))?;
        self.pages.get_mut(*index)?.take()
    }

    fn rest(self) -> impl Iterator<Item = Ignored> {
        let paths = self.pages.into_iter().flatten().filter_map(|page| page.file().map(Path::to_path_buf));
        paths.map(|path| Ignored { path, reason: "the item's metadata lists other files as its pages" })
    }
}
