//! The pages of an item: its files, their order, and which files are masters of the same page.

use super::description::ITEM_FILE;
use super::folder::Folder;
use super::misnamed::Misnamed;
use super::naming::{self, PageFile, PageName, file_name, last_segment, without_ending};
use super::numbering;
use super::references::PageNames;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::media;
use crate::input::source::ContentSource;
use crate::input::withheld::{self, Withheld};
use crate::model::address::{check_name, normalised};
use crate::model::{Companion, Day, Description, Ignored, LanguageMap, MasterRole, Page, PagePattern, RecordPage};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that decides which pages an item has.
pub struct PageFinder<'a> {
    pub folder: &'a Folder,
    pub source: &'a ContentSource,
    /// The files of the item that may be pages.
    pub images: &'a [PathBuf],
    pub description: &'a Description,
    /// The pages that its record lists. Empty: the files are the pages.
    pub listed: &'a [RecordPage],
    /// The order in which one of several masters of a page is chosen.
    pub masters: &'a [MasterRole],
    /// The user's own rule for reading names.
    pub pattern: Option<&'a PagePattern>,
    pub today: Day,
    /// The files that metadata withholds.
    pub denied: &'a BTreeSet<PathBuf>,
    /// See [`image`](PageFinder::image).
    pub by_name: OnceCell<HashMap<String, usize>>,
}

/// See [`PageFinder::find`].
#[derive(Default)]
pub struct FoundPages {
    pub pages: Vec<Page>,
    /// The names by which descriptions refer to the pages.
    pub names: PageNames,
    /// Images of the item as a whole.
    pub companions: Vec<Companion>,
    /// Pages that are not published.
    pub withheld: Withheld,
    /// Images that are not pages.
    pub ignored: Vec<Ignored>,
    pub diagnostics: Vec<Diagnostic>,
    /// Pages that cannot be published.
    pub failures: Vec<Error>,
    /// Descriptions of pages that the item does not have. Nobody knows whether they are meant to withhold others.
    pub undescribed: Vec<Misnamed>,
    /// Names of images and recordings beside the pages, that are not there.
    pub misnamed: Vec<Misnamed>,
}

impl PageFinder<'_> {
    /// Finds the pages. Their order is that of the list; without a list, the natural order of their tokens.
    pub fn find(&self) -> FoundPages {
        let (undescribed, misnamed) = (self.undescribed(), self.absent_companions());
        let mut found = FoundPages { undescribed, misnamed, ..FoundPages::default() };
        match self.companions("", self.description) {
            Ok(companions) => found.companions = companions,
            Err(error) => found.failures.push(error),
        }
        let files = self.page_files(&mut found.failures);
        found.diagnostics.extend(self.unmatched());
        if self.listed.is_empty() {
            self.in_natural_order(files, &mut found);
            found.names = PageNames::of(&found.pages, &self.folder.path);
            self.missing().for_each(|name| found.names.add_file(name));
        } else {
            self.as_listed(files, &mut found);
        }
        self.withhold(&mut found);
        found.ignored.extend(self.folder.other_masters().into_iter().map(other_master));
        found
    }

    /// The files that may be pages, and the pages that are missing.
    fn page_files(&self, failures: &mut Vec<Error>) -> Vec<PageFile> {
        let beside = self.companion_names();
        let images: Vec<&PathBuf> =
            self.images.iter().filter(|image| !beside.contains(file_name(image).as_ref())).collect();
        let shares_stem = self.sharing_stems(&images);
        let there = images.iter().map(|image| self.page_file(image, shares_stem(image)));
        let mut files = Vec::with_capacity(images.len());
        for file in there.chain(self.missing().map(|name| self.missing_page(name))) {
            match file {
                Ok(file) => files.push(file),
                Err(error) => failures.push(error),
            }
        }
        files
    }

    /// Returns whether an image has the same stem as another that may be a page. If the list names exactly one of
    /// those, the others are not pages: a page keeps its token when a copy of it in another format appears.
    fn sharing_stems<'a>(&self, images: &[&'a PathBuf]) -> impl Fn(&'a PathBuf) -> bool {
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

    /// The descriptions of pages without an image.
    fn undescribed(&self) -> Vec<Misnamed> {
        if self.description.pages.is_empty() {
            return vec![];
        }
        let mut names: BTreeSet<_> = self.images.iter().map(|image| file_name(image)).collect();
        names.extend(self.listed.iter().filter_map(|page| page.file.as_deref()).map(|file| last_segment(file).into()));
        names.extend(self.missing().map(Cow::from));
        let unknown = self.description.pages.keys().filter(|described| !names.contains(described.as_str()));
        let said = |described: &String| {
            (described.clone(), format!("`pages` describes {described:?}, but the item has no such image"))
        };
        let known: Vec<&str> = names.iter().map(Cow::as_ref).collect();
        let hint = "a page is called by the whole name of its file, as in [pages.\"0001.tif\"]";
        Misnamed::all(unknown.map(said), &known).into_iter().map(|misnamed| misnamed.or_hint(hint)).collect()
    }

    /// The first of the item's images with this name.
    pub(super) fn image(&self, name: &str) -> Option<&PathBuf> {
        let by_name = self.by_name.get_or_init(|| {
            // The first of a name stays.
            let named = self.images.iter().enumerate().rev();
            named.map(|(at, image)| (file_name(image).into_owned(), at)).collect()
        });
        self.images.get(*by_name.get(name)?)
    }

    pub(super) fn wrong(&self, message: String) -> Error {
        Error::new(ErrorKind::Content, message).with_path(self.folder.path.join(ITEM_FILE))
    }

    /// The names of pages that the description lists as missing.
    fn missing(&self) -> impl Iterator<Item = &str> {
        self.description.pages.iter().filter(|(_, page)| page.missing).map(|(name, _)| name.as_str())
    }

    fn missing_page(&self, name: &str) -> Result<PageFile> {
        let path = self.folder.path.join(name);
        if self.image(name).is_some() {
            return Err(self.wrong(format!("`pages` says that {name:?} is missing, but the file is there")));
        }
        let mut file = self.page_file(&path, false)?;
        (file.page.image, file.page.recording) = (None, None);
        file.page.expected = Some(name.to_owned());
        Ok(file)
    }

    /// Names the page in a file. If it `shares_stem` with another file of the item, its token has the ending too.
    fn page_file(&self, path: &Path, shares_stem: bool) -> Result<PageFile> {
        let name = file_name(path);
        let described = self.description.pages.get(name.as_ref());
        let parsed = match shares_stem {
            true => self.with_ending(&normalised(&name)),
            false => self.page_name(&normalised(without_ending(&name))),
        };
        let PageName { token, prefix, role: master, label: named, rule } = parsed;
        let (token, rule) = match described.and_then(|page| page.id.as_ref()) {
            Some(id) => (normalised(id), "id in item.toml"),
            None => (token, rule),
        };
        check_token(&token, path, &name)?;
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
                check_token(&normalised(&name), path, &name)?;
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
        Ok(PageFile { page, path: path.to_path_buf(), prefix })
    }

    /// Reads a stem by the user's pattern if it matches, else by the usual rules.
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

    /// A diagnostic about files whose names do not match the user's pattern.
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

    /// If one page has several masters by their names, the one whose role comes first is published.
    fn in_natural_order(&self, mut files: Vec<PageFile>, found: &mut FoundPages) {
        let rank = |file: &PageFile| match file.page.master {
            Some(role) => self.masters.iter().position(|master| *master == role).unwrap_or(self.masters.len()),
            None => self.masters.len(),
        };
        files.sort_by(|a, b| {
            naming::natural_order(&a.page.token, &b.page.token)
                .then_with(|| rank(a).cmp(&rank(b)))
                .then_with(|| naming::natural_order(&name_of(&a.page), &name_of(&b.page)))
        });
        found.diagnostics.extend(numbering::diagnostics(&files, &self.folder.path));
        let (mut best, mut others): (Option<PageFile>, Vec<PathBuf>) = (None, vec![]);
        for file in files {
            let is_other_master = |best: &PageFile| {
                let is_same_page = best.page.token == file.page.token && best.prefix == file.prefix;
                is_same_page && best.page.master != file.page.master
            };
            if best.as_ref().is_some_and(is_other_master) {
                // A description that withholds one master of a page withholds the page.
                if withheld::reason(&file.page, self.today).is_some() {
                    found.withheld.add_token(file.page.token);
                }
                others.push(file.path);
                continue;
            }
            found.pages.extend(best.replace(file).map(|done| done.page));
        }
        found.pages.extend(best.map(|done| done.page));
        if !others.is_empty() {
            let message = format!("{} files are other masters of pages that are published", others.len());
            let diagnostic = Diagnostic::new(Code::OtherMaster, message).with_path(&self.folder.path);
            found.diagnostics.push(diagnostic.with_paths(others.iter().cloned()));
            found.ignored.extend(others.into_iter().map(other_master));
        }
    }

    /// Takes out the pages and companions that are not published. References to them are not mistakes.
    fn withhold(&self, found: &mut FoundPages) {
        let FoundPages { pages, companions, names, withheld, ignored, undescribed, .. } = found;
        let unknown: HashSet<&str> = undescribed.iter().map(|misnamed| misnamed.name.as_str()).collect();
        ignored.extend(withheld.take_pages(pages, self.today));
        // A withheld file may stand beside another page instead of being one.
        let described = self.description.pages.iter().filter(|(file, _)| !unknown.contains(file.as_str()));
        for (file, page) in described.filter(|(_, page)| page.withheld(self.today).is_some()) {
            let stem = without_ending(file);
            let token = page.id.as_deref().map_or_else(|| self.page_name(&normalised(stem)).token, normalised);
            [token.as_str(), file, stem].iter().for_each(|name| names.add(name, &token));
            withheld.add_file(file.clone(), token);
            withheld.add_path(self.image(file).cloned().unwrap_or_else(|| self.folder.path.join(file)));
        }
        ignored.extend(withheld.take_companions(pages, companions));
    }
}

/// Refuses a token that cannot be part of an address. `name` is that of the page's file.
pub(super) fn check_token(token: &str, path: &Path, name: &str) -> Result<()> {
    check_name(token).map_err(|why| {
        Error::new(ErrorKind::Content, format!("the page name {token:?} cannot be part of an address: {why}"))
            .with_code(Code::RefusedName)
            .with_path(path)
            .with_hint(format!("rename the file, or set `id` below [pages.\"{name}\"] in item.toml"))
    })
}

fn name_of(page: &Page) -> Cow<'_, str> {
    page.file().map(file_name).unwrap_or_default()
}

fn other_master(path: PathBuf) -> Ignored {
    Ignored { path, code: Code::OtherMaster, reason: "another master of the same page is published" }
}
