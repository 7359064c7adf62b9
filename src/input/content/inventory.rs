//! Every file of the content folder and its role in the site, so that no file is left out in silence.

use super::Scanned;
use super::naming::natural_order;
use crate::diagnostics::Code;
use crate::error::Error;
use crate::model::address::SitePath;
use crate::model::{Companion, CompanionRole, ContentFile, FileRole, Ignored, Item, LanguageMap, Page};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The use of a file that is not a page.
pub struct FileUse {
    pub role: FileRole,
    pub item: Option<SitePath>,
}

/// All files: the pages in the order of the site, each item's other files behind its pages, then the files of no item.
/// `failures`: those of SCAN and PROBE.
pub fn inventory(scanned: &Scanned, failures: &[Error]) -> Vec<ContentFile> {
    let items = scanned.catalog.items();
    let owners = owners(&items, &scanned.folder.path);
    let mut inventory = Inventory::of(scanned, &items, owners, failures);
    let pages: Vec<Vec<ContentFile>> = items.iter().map(|item| inventory.item(item)).collect();
    let mut others = HashMap::<Option<SitePath>, Vec<ContentFile>>::new();
    for file in inventory.used().into_iter().chain(inventory.left()) {
        others.entry(file.item.clone()).or_default().push(file);
    }
    let used = pages.iter().map(Vec::len).chain(others.values().map(Vec::len)).sum();
    let mut rows = Vec::with_capacity(used);
    for (item, pages) in items.iter().zip(pages) {
        rows.extend(pages);
        rows.extend(in_order(others.remove(&Some(item.path.clone()))));
    }
    rows.extend(in_order(others.remove(&None)));
    rows
}

/// How many files there are, and how many of them are not used, without a row for each.
pub fn count(scanned: &Scanned, failures: &[Error]) -> (usize, usize) {
    let mut inventory = Inventory::of(scanned, &[], HashMap::new(), failures);
    let pages: usize = scanned.catalog.items().iter().map(|item| inventory.item(item).len()).sum();
    let left = inventory.left();
    let ignored = left.iter().filter(|file| file.role == FileRole::Ignored).count();
    (pages + inventory.used().len() + left.len(), ignored)
}

fn in_order(files: Option<Vec<ContentFile>>) -> Vec<ContentFile> {
    let mut files = files.unwrap_or_default();
    files.sort_by(|a, b| {
        (a.code.is_some(), a.role as u8)
            .cmp(&(b.code.is_some(), b.role as u8))
            .then_with(|| natural_order(&a.inner, &b.inner))
    });
    files
}

fn owners<'a>(items: &[&'a Item], content: &Path) -> HashMap<&'a Path, Option<&'a SitePath>> {
    let mut owners = HashMap::new();
    for item in items.iter().filter(|item| item.folder != content) {
        owners.entry(item.folder.as_path()).and_modify(|owner| *owner = None).or_insert(Some(&item.path));
    }
    owners
}

struct Inventory<'a> {
    scanned: &'a Scanned,
    /// The folders of the items.
    folders: HashMap<&'a SitePath, &'a Path>,
    /// The items by their folders. `None`: a folder holds several.
    owners: HashMap<&'a Path, Option<&'a SitePath>>,
    failures: Failures<'a>,
    /// The files of pages and companions.
    seen: HashSet<&'a Path>,
}

impl<'a> Inventory<'a> {
    fn of(
        scanned: &'a Scanned,
        items: &[&'a Item],
        owners: HashMap<&'a Path, Option<&'a SitePath>>,
        failures: &'a [Error],
    ) -> Inventory<'a> {
        let folders = items.iter().map(|item| (&item.path, item.folder.as_path())).collect();
        Inventory { scanned, folders, owners, failures: Failures::of(failures), seen: HashSet::new() }
    }

    fn item(&mut self, item: &'a Item) -> Vec<ContentFile> {
        let mut rows = Vec::with_capacity(item.pages.len());
        for page in &item.pages {
            rows.push(self.page(item, page));
            rows.extend(page.companions.iter().map(|companion| self.companion(item, companion)));
        }
        rows.extend(item.companions.iter().map(|companion| self.companion(item, companion)));
        rows
    }

    fn page(&mut self, item: &Item, page: &'a Page) -> ContentFile {
        let role = match (&page.image, &page.recording) {
            (Some(_), _) => FileRole::Page,
            (None, Some(_)) => FileRole::Recording,
            (None, None) => FileRole::Missing,
        };
        ContentFile {
            page: Some(page.token.clone()),
            master: page.master,
            label: page.label.clone(),
            text: page.text.as_ref().map(|text| below(&text.path, &item.folder)).unwrap_or_default(),
            expected: page.expected.clone(),
            ..self.of_item(item, page.file(), role, page.rule)
        }
    }

    fn companion(&mut self, item: &Item, companion: &'a Companion) -> ContentFile {
        let role = match companion.role {
            CompanionRole::Layer { .. } | CompanionRole::Recording { .. } => FileRole::Layer,
            CompanionRole::Sequel => FileRole::Sequel,
            CompanionRole::Detail { .. } => FileRole::Detail,
            CompanionRole::Placeholder => FileRole::Placeholder,
            CompanionRole::Accompanying => FileRole::Accompanying,
            CompanionRole::Picture { .. } => FileRole::Thumbnail,
        };
        let file = self.of_item(item, Some(&companion.path), role, "named in the metadata");
        ContentFile { page: Some(companion.token.clone()), ..file }
    }

    /// A failure of its file takes the place of the rule.
    fn of_item(&mut self, item: &Item, path: Option<&'a Path>, role: FileRole, rule: &'static str) -> ContentFile {
        self.seen.extend(path);
        let failure = path.and_then(|path| self.failures.exactly(path));
        let rule = failure.map_or(Cow::Borrowed(rule), |failure| failure.message().to_owned().into());
        self.file(path, Some(&item.path), role, rule)
    }

    /// Files that are used and are not pages.
    fn used(&self) -> Vec<ContentFile> {
        let row = |(path, FileUse { role, item }): (&PathBuf, &FileUse)| {
            let rule = match role {
                FileRole::Text => "text of a page",
                FileRole::Metadata => "read as metadata",
                FileRole::Annotations => "named as annotations",
                _ => "linked by a description",
            };
            let item = item.as_ref().filter(|item| self.folders.contains_key(item));
            self.file(Some(path), item, *role, rule.into())
        };
        self.scanned.uses.iter().map(row).collect()
    }

    /// All other files, and why they are not used.
    fn left(&self) -> Vec<ContentFile> {
        let Scanned { catalog, folder, uses, .. } = self.scanned;
        let ignored: HashMap<&Path, &Ignored> =
            catalog.ignored.iter().map(|ignored| (ignored.path.as_path(), ignored)).collect();
        let files = folder.all_files();
        let there: HashSet<&Path> = files.iter().map(PathBuf::as_path).collect();
        let left = files.iter().filter(|path| !self.seen.contains(path.as_path()) && !uses.contains_key(*path));
        let left = left.map(|path| (path, path.ancestors().find_map(|above| ignored.get(above).copied())));
        // Entries that SCAN did not look into: hidden folders, links that lead back.
        let aside = catalog.ignored.iter().filter(|ignored| !there.contains(ignored.path.as_path()));
        let aside = aside.filter(|ignored| ignored.code != Code::Withheld);
        let aside = aside.map(|ignored| (&ignored.path, Some(ignored)));
        left.chain(aside).map(|(path, ignored)| self.unused(path, ignored)).collect()
    }

    fn unused(&self, path: &Path, ignored: Option<&Ignored>) -> ContentFile {
        let owner = path.ancestors().find_map(|above| self.owners.get(above).copied()).flatten();
        let file = |role, rule: &str| self.file(Some(path), owner, role, rule.to_owned().into());
        match (ignored, self.failures.above(path)) {
            (Some(Ignored { code, reason, .. }), _) => {
                ContentFile { code: Some(*code), ..file(FileRole::Ignored, reason) }
            }
            (None, Some(failure)) => file(FileRole::Refused, failure.message()),
            (None, None) => file(FileRole::Ignored, "nothing asks for it"),
        }
    }

    fn file(
        &self,
        path: Option<&Path>,
        item: Option<&SitePath>,
        role: FileRole,
        rule: Cow<'static, str>,
    ) -> ContentFile {
        let folder = item.and_then(|item| self.folders.get(item).copied()).unwrap_or(&self.scanned.folder.path);
        ContentFile {
            path: path.map(Path::to_path_buf),
            inner: path.map(|path| below(path, folder)).unwrap_or_default(),
            role,
            item: item.cloned(),
            page: None,
            master: None,
            label: LanguageMap::default(),
            text: String::new(),
            expected: None,
            rule,
            code: None,
        }
    }
}

/// `path` below `folder`, `/`-separated.
fn below(path: &Path, folder: &Path) -> String {
    let names = path.strip_prefix(folder).unwrap_or(path).iter();
    names.map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Errors by the file or folder that they are about.
struct Failures<'a>(HashMap<&'a Path, &'a Error>);

impl<'a> Failures<'a> {
    fn of(failures: &'a [Error]) -> Failures<'a> {
        Failures(failures.iter().filter_map(|error| Some((error.path()?, error))).collect())
    }

    fn exactly(&self, path: &Path) -> Option<&'a Error> {
        self.0.get(path).copied()
    }

    fn above(&self, path: &Path) -> Option<&'a Error> {
        path.ancestors().find_map(|above| self.exactly(above))
    }
}
