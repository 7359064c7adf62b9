//! The pages of an item: which files there are, in which order, and which of them belong together.

use super::description::ITEM_FILE;
use super::folder::Folder;
use super::naming::{self, PageName};
use super::numbering;
use super::references::PageNames;
use super::texts::Texts;
use super::withheld::Withheld;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::media;
use crate::input::source::ContentSource;
use crate::model::address::{check_name, normalised};
use crate::model::{Companion, Day, Description, Ignored, LanguageMap, MasterRole, Page, PagePattern, RecordPage};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What says which pages an item has.
pub struct Sources<'a> {
    pub folder: &'a Folder,
    pub source: &'a ContentSource,
    pub images: &'a [PathBuf],
    pub description: &'a Description,
    /// Pages as its record lists them; empty: the files say which there are.
    pub listed: &'a [RecordPage],
    /// Of several masters of one page, the first of these is taken.
    pub masters: &'a [MasterRole],
    /// How names are read, where somebody has a rule of his own.
    pub pattern: Option<&'a PagePattern>,
    pub today: Day,
}

/// Why a file is not published.
const OTHER_IS_WITHHELD: &str = "another master of the same page is not published";
const WITHHELD_FILE: &str = "its own description withholds it";

/// See [`Sources::find`].
#[derive(Default)]
pub struct Found {
    pub pages: Vec<Page>,
    /// What the pages go by.
    pub names: PageNames,
    /// Images of the item as a whole.
    pub companions: Vec<Companion>,
    /// Pages that are not published.
    pub withheld: Withheld,
    /// Images that are no page.
    pub ignored: Vec<Ignored>,
    /// What somebody should know.
    pub diagnostics: Vec<Diagnostic>,
    /// Pages that cannot be.
    pub failures: Vec<Error>,
}

/// A page with what its file's name says beside.
pub(super) struct Candidate {
    pub page: Page,
    /// Where its file is, or would be.
    pub path: PathBuf,
    pub prefix: String,
}

impl Candidate {
    pub fn file_name(&self) -> Cow<'_, str> {
        file_name(&self.path)
    }

    pub fn stem(&self) -> &str {
        self.path.file_stem().and_then(OsStr::to_str).unwrap_or_default()
    }
}

impl Sources<'_> {
    /// The pages in order: that of the list where there is one, else the natural order of their tokens.
    pub fn find(&self) -> Result<Found> {
        self.check_described()?;
        let beside = self.companion_names();
        let images: Vec<&PathBuf> =
            self.images.iter().filter(|image| !beside.contains(file_name(image).as_ref())).collect();
        let is_twin = self.twins(&images);
        let mut found = Found { companions: self.companions("", self.description)?, ..Found::default() };
        let mut candidates = Vec::with_capacity(images.len());
        let there = images.iter().map(|image| self.candidate(image, is_twin(image)));
        for candidate in there.chain(self.missing().map(|name| self.missing_page(name))) {
            match candidate {
                Ok(candidate) => candidates.push(candidate),
                Err(error) => found.failures.push(error),
            }
        }
        found.diagnostics.extend(self.unmatched());
        if self.listed.is_empty() {
            self.in_natural_order(candidates, &mut found);
            found.names = PageNames::of(&found.pages, &self.folder.path);
            self.missing().for_each(|name| found.names.add_file(name));
        } else {
            self.as_listed(candidates, &mut found);
        }
        self.withhold(&mut found);
        found.ignored.extend(self.folder.other_masters().into_iter().map(other_master));
        Texts::of(self.folder).join(&mut found.pages);
        Ok(found)
    }

    /// Whether an image shares its stem with another that may be a page. Where one of them is listed by its name, the
    /// others are none, and a page keeps its token when a copy of it in another format appears.
    fn twins<'a>(&self, images: &[&'a PathBuf]) -> impl Fn(&'a PathBuf) -> bool {
        let listed: HashSet<&str> =
            self.listed.iter().filter_map(|page| page.file.as_deref()).map(last_segment).collect();
        let is_listed = |image: &PathBuf| listed.contains(file_name(image).as_ref());
        let mut sharing: HashMap<_, (usize, usize)> = HashMap::with_capacity(images.len());
        for image in images {
            let (all, by_name) = sharing.entry(image.file_stem()).or_default();
            *all += 1;
            *by_name += usize::from(is_listed(image));
        }
        move |image| sharing.get(&image.file_stem()).is_some_and(|(all, by_name)| *all > 1 && *by_name != 1)
    }

    /// Refuses a description of a page that the item has no image for.
    fn check_described(&self) -> Result<()> {
        if self.description.pages.is_empty() {
            return Ok(());
        }
        let mut names: BTreeSet<_> = self.images.iter().map(|image| file_name(image)).collect();
        names.extend(self.listed.iter().filter_map(|page| page.file.as_deref()).map(|file| last_segment(file).into()));
        names.extend(self.missing().map(Cow::from));
        match self.description.pages.keys().find(|described| !names.contains(described.as_str())) {
            None => Ok(()),
            Some(described) => {
                Err(self.wrong(format!("`pages` describes {described:?}, but the item has no such image")))
            }
        }
    }

    pub(super) fn wrong(&self, message: String) -> Error {
        Error::new(ErrorKind::Content, message).with_path(self.folder.path.join(ITEM_FILE))
    }

    /// Names of pages of which the description says that there is no scan.
    fn missing(&self) -> impl Iterator<Item = &str> {
        self.description.pages.iter().filter(|(_, page)| page.missing).map(|(name, _)| name.as_str())
    }

    fn missing_page(&self, name: &str) -> Result<Candidate> {
        let path = self.folder.path.join(name);
        if self.images.iter().any(|image| file_name(image) == name) {
            return Err(self.wrong(format!("`pages` says that {name:?} is missing, but the file is there")));
        }
        let mut candidate = self.candidate(&path, false)?;
        (candidate.page.image, candidate.page.recording) = (None, None);
        candidate.page.expected = Some(name.to_owned());
        Ok(candidate)
    }

    /// Names the page in a file. `twin`: another file of the item has the same stem, so the ending tells them apart.
    fn candidate(&self, path: &Path, twin: bool) -> Result<Candidate> {
        let name = file_name(path);
        let stem = if twin { &name } else { name.rsplit_once('.').map_or(name.as_ref(), |(stem, _)| stem) };
        let described = self.description.pages.get(name.as_ref());
        let parsed = if twin { self.with_ending(&normalised(stem)) } else { self.page_name(&normalised(stem)) };
        let PageName { token, prefix, role: master, label: named, rule } = parsed;
        let (token, rule) = match described.and_then(|page| page.id.as_ref()) {
            Some(id) => (normalised(id), "id in item.toml"),
            None => (token, rule),
        };
        check(&token, path, &name)?;
        let label = match described.map(|page| page.label.clone()).filter(|label| !label.is_empty()) {
            Some(label) => label,
            None => LanguageMap::plain(named.unwrap_or_else(|| naming::page_label(&token))),
        };
        let companions = described.map_or(Ok(vec![]), |page| self.companions(&name, page))?;
        let description = described.cloned().map(Arc::new);
        let image_label = described.and_then(|page| page.layers.iter().find(|layer| layer.file == name));
        let image_label = image_label.map(|layer| layer.label.clone()).unwrap_or_default();
        let (image, recording) = match media::kind_of_name(&name) {
            None => (Some(path.to_path_buf()), None),
            Some(_) => {
                check(&normalised(&name), path, &name)?;
                (None, Some(path.to_path_buf()))
            }
        };
        let page = Page {
            token,
            label,
            rule,
            master,
            description,
            image,
            recording,
            image_label,
            companions,
            ..Page::default()
        };
        Ok(Candidate { page, path: path.to_path_buf(), prefix })
    }

    /// By the user's pattern where there is one and the name matches it.
    pub(super) fn page_name(&self, stem: &str) -> PageName {
        let by_pattern = self.pattern.and_then(|pattern| naming::page_name_by(pattern, stem));
        by_pattern.unwrap_or_else(|| naming::page_name(stem))
    }

    fn with_ending(&self, name: &str) -> PageName {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let PageName { token, label, .. } = self.page_name(stem);
        let token = format!("{token}.{ending}");
        let rule = "number and ending, for two files share the name";
        PageName { token, prefix: String::new(), role: None, label, rule }
    }

    /// Files whose names do not match the user's pattern.
    fn unmatched(&self) -> Option<Diagnostic> {
        let pattern = self.pattern?;
        let matches = |path: &&PathBuf| {
            let stem = path.file_stem().map(OsStr::to_string_lossy).unwrap_or_default();
            pattern.read(&normalised(&stem)).is_some()
        };
        let others: Vec<&PathBuf> = self.images.iter().filter(|path| !matches(path)).collect();
        let first = file_name(others.first()?);
        let more = if others.len() > 1 { format!(" and {} more", others.len() - 1) } else { String::new() };
        let message = format!("{first:?}{more}: not named as `page-pattern` says, and read by the usual rules");
        let diagnostic = Diagnostic::new(Code::PatternMiss, message).with_path(&self.folder.path);
        Some(diagnostic.with_paths(others.into_iter().cloned()))
    }

    /// Of several masters of one page the one whose role comes first stays, where their names tell their roles.
    fn in_natural_order(&self, mut candidates: Vec<Candidate>, found: &mut Found) {
        let rank = |candidate: &Candidate| match candidate.page.master {
            Some(role) => self.masters.iter().position(|master| *master == role).unwrap_or(self.masters.len()),
            None => self.masters.len(),
        };
        candidates.sort_by(|a, b| {
            naming::natural_order(&a.page.token, &b.page.token)
                .then_with(|| rank(a).cmp(&rank(b)))
                .then_with(|| naming::natural_order(&name_of(&a.page), &name_of(&b.page)))
        });
        found.diagnostics.extend(numbering::diagnostics(&candidates, &self.folder.path));
        let (mut last, mut others): (Option<Candidate>, Vec<PathBuf>) = (None, vec![]);
        for candidate in candidates {
            let is_other_master = |best: &Candidate| {
                let is_same_page = best.page.token == candidate.page.token && best.prefix == candidate.prefix;
                is_same_page && best.page.master != candidate.page.master
            };
            if last.as_ref().is_some_and(is_other_master) {
                // Who withholds one master of a page means the page.
                if self.withheld(&candidate.page).is_some() {
                    found.withheld.tokens.insert(candidate.page.token);
                }
                others.push(candidate.path);
                continue;
            }
            found.pages.extend(last.replace(candidate).map(|done| done.page));
        }
        found.pages.extend(last.map(|done| done.page));
        if !others.is_empty() {
            let message = format!("{} files are other masters of pages that are published", others.len());
            let diagnostic = Diagnostic::new(Code::OtherMaster, message).with_path(&self.folder.path);
            found.diagnostics.push(diagnostic.with_paths(others.iter().cloned()));
            found.ignored.extend(others.into_iter().map(other_master));
        }
    }

    /// Takes out the pages that are not published, and other images that are not. References to them are no mistake.
    fn withhold(&self, found: &mut Found) {
        let Found { pages, companions, names, withheld, ignored, .. } = found;
        // Those of other masters of a page, listed or not.
        let mut tokens = std::mem::take(&mut withheld.tokens);
        tokens.extend(pages.iter().filter(|page| self.withheld(page).is_some()).map(|page| page.token.clone()));
        let (code, mut gone) = (Code::Withheld, vec![]);
        pages.retain(|page| {
            let of_other_master = tokens.get(&page.token).map(|_| OTHER_IS_WITHHELD);
            let Some(reason) = self.withheld(page).or(of_other_master) else { return true };
            withheld.files.extend(page.file().map(|file| file_name(file).into_owned()));
            let files = page.file().into_iter().chain(page.companions.iter().map(|beside| beside.path.as_path()));
            gone.extend(files.map(|file| Ignored { path: file.to_path_buf(), code, reason }));
            false
        });
        // And those that stand beside other pages, and are none of their own.
        for (file, page) in self.description.pages.iter().filter(|(_, page)| page.withheld(self.today).is_some()) {
            let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
            let token = page.id.as_deref().map_or_else(|| self.page_name(&normalised(stem)).token, normalised);
            [token.as_str(), file, stem].iter().for_each(|name| names.add(name, &token));
            withheld.files.insert(file.clone());
            tokens.insert(token);
        }
        withheld.tokens = tokens;
        for page in pages.iter() {
            withheld.tokens.remove(&page.token);
        }
        let beside = pages.iter_mut().flat_map(|page| page.companions.extract_if(.., |beside| withheld.has(beside)));
        let of_item = companions.extract_if(.., |beside| withheld.has(beside));
        gone.extend(beside.chain(of_item).map(|beside| Ignored { path: beside.path, code, reason: WITHHELD_FILE }));
        withheld.paths.extend(gone.iter().map(|gone| gone.path.clone()));
        ignored.extend(gone);
    }

    fn withheld(&self, page: &Page) -> Option<&'static str> {
        page.description.as_ref()?.withheld(self.today)
    }
}

pub(super) fn check(token: &str, path: &Path, name: &str) -> Result<()> {
    check_name(token).map_err(|why| {
        Error::new(ErrorKind::Content, format!("the page name {token:?} cannot be part of an address: {why}"))
            .with_code(Code::RefusedName)
            .with_path(path)
            .with_hint(format!("rename the file, or set `id` below [pages.\"{name}\"] in item.toml"))
    })
}

pub(super) fn file_name(path: &Path) -> Cow<'_, str> {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default()
}

fn name_of(page: &Page) -> Cow<'_, str> {
    page.file().map(file_name).unwrap_or_default()
}

pub(super) fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn other_master(path: PathBuf) -> Ignored {
    Ignored { path, code: Code::OtherMaster, reason: "another master of the same page is published" }
}
