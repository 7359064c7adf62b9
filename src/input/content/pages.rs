//! The pages of an item: its files, their order, and which files are masters of the same page.

use super::copies;
use super::description::ITEM_FILE;
use super::folder::Folder;
use super::misnamed::Misnamed;
use super::names::{Names, RealNames};
use super::naming::{self, PageFile, PageName, file_name, last_segment, without_ending};
use super::numbering;
use super::page_forms::{self, Suffix};
use super::records::Inherited;
use super::references::PageNames;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::media;
use crate::input::withheld::Withheld;
use crate::model::address::{check_name, collision_key, normalised};
use crate::model::{Companion, Day, Description, Ignored, LanguageMap, MasterRole, Page, PagePattern, RecordPage};
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that decides which pages an item has.
pub struct PageFinder<'a> {
    pub folder: &'a Folder,
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
    /// The real names of the item's files.
    pub names: &'a RealNames<'a>,
    /// The list leaves out pages that are withheld, so that a file which it does not name may be one of them.
    pub may_hide_pages: bool,
    pub inherited: Inherited<'a>,
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
        found
    }

    /// The files that may be pages, and the pages that are missing.
    fn page_files(&self, failures: &mut Vec<Error>) -> Vec<PageFile> {
        let beside = self.companion_names();
        let images: Vec<&PathBuf> =
            self.images.iter().filter(|image| !beside.contains(file_name(image).as_ref())).collect();
        let stems = Stems::of(&images);
        let there = images.iter().map(|image| self.page_file(image, &stems));
        let mut files = Vec::with_capacity(images.len());
        for file in there.chain(self.missing().map(|name| self.missing_page(name, &stems))) {
            match file {
                Ok(file) => files.push(file),
                Err(error) => failures.push(error),
            }
        }
        files
    }

    /// The descriptions of pages without an image.
    fn undescribed(&self) -> Vec<Misnamed> {
        if self.description.pages.is_empty() {
            return vec![];
        }
        let mut names = Names::default();
        self.images.iter().for_each(|image| names.add(&file_name(image), ()));
        let listed = self.listed.iter().filter_map(|page| page.file.as_deref()).map(last_segment);
        listed.chain(self.missing()).for_each(|name| names.add(name, ()));
        let unknown = self.description.pages.keys().filter(|described| names.find(described).is_none());
        let said = |described: &String| {
            (described.clone(), format!("`pages` describes {described:?}, but the item has no such image"))
        };
        let known: Vec<&str> = names.all().collect();
        let hint = "name one page by the whole name of its file, as in [pages.\"0001.tif\"], or by its number if only one file has it";
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

    fn missing_page(&self, name: &str, stems: &Stems) -> Result<PageFile> {
        let path = self.folder.path.join(name);
        if self.image(name).is_some() {
            return Err(self.wrong(format!("`pages` says that {name:?} is missing, but the file is there")));
        }
        let mut file = self.page_file(&path, stems)?;
        (file.page.image, file.page.recording) = (None, None);
        file.page.expected = Some(name.to_owned());
        Ok(file)
    }

    /// Names the page in a file.
    fn page_file(&self, path: &Path, stems: &Stems) -> Result<PageFile> {
        let name = file_name(path);
        let described = self.description.pages.get(name.as_ref());
        let parsed = self.page_name_beside(&normalised(without_ending(&name)), stems);
        let key = parsed.key();
        let PageName { token, prefix, role, form, label: named, rule } = parsed;
        let master = role.or_else(|| self.role_of_folder(path));
        let own_id = described.and_then(|page| page.id.as_ref());
        let (token, rule) = match own_id {
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
        Ok(PageFile { page, path: path.to_path_buf(), prefix, form, key, has_own_id: own_id.is_some() })
    }

    /// Reads a stem by the user's pattern if it matches, else by the usual rules.
    pub(super) fn page_name(&self, stem: &str) -> PageName {
        self.page_name_beside(stem, &Stems::default())
    }

    fn page_name_beside(&self, stem: &str, stems: &Stems) -> PageName {
        let by_pattern = self.pattern.and_then(|pattern| naming::page_name_by(pattern, stem));
        by_pattern.unwrap_or_else(|| naming::page_name_beside(stem, &|suffix| stems.have(suffix)))
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

    /// The pages in the order of their tokens; see [`copies`].
    pub(super) fn in_natural_order(&self, files: Vec<PageFile>, found: &mut FoundPages) {
        let mut files = self.joined(files);
        copies::in_natural_order(&mut files);
        found.diagnostics.extend(numbering::diagnostics(&files, &self.folder.path));
        self.tell_apart(&mut files, found);
        copies::in_natural_order(&mut files);
        found.pages.extend(files.into_iter().map(|file| file.page));
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

/// The stems of an item's images in lower case.
#[derive(Default)]
struct Stems {
    stems: HashSet<String>,
    /// The words for forms behind the rest of a stem: those that are certain, and all behind the number of a page.
    words: HashMap<String, BTreeSet<String>>,
}

impl Stems {
    fn of(images: &[&PathBuf]) -> Stems {
        let mut stems = Stems::default();
        for image in images {
            let name = file_name(image);
            let stem = collision_key(without_ending(&name));
            let is_form = |suffix: &Suffix<'_>| suffix.form.is_certain || naming::ends_in_number(suffix.rest);
            if let Some(suffix) = page_forms::suffix(&stem).filter(is_form) {
                stems.words.entry(suffix.rest.to_owned()).or_default().insert(suffix.word.to_owned());
            }
            stems.stems.insert(stem);
        }
        stems
    }

    /// Whether another image than that with this suffix is of its page: it has the same stem without a suffix, or with
    /// another one.
    fn have(&self, suffix: &Suffix<'_>) -> bool {
        let rest = collision_key(suffix.rest);
        let own = suffix.word.to_lowercase();
        self.stems.contains(&rest) || self.words.get(&rest).is_some_and(|words| words.iter().any(|word| *word != own))
    }
}
