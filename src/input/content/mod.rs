//! SCAN: the folders below `content/` become a catalog of collections and items.
//!
//! - A folder that holds images, sound or video is an item. A folder whose name only says how files are kept (`images`, `master`,
//!   `OCR-D-IMG` …) lends its images to the item above.
//! - A folder of folders is a collection.
//! - `item.toml` and `collection.toml` describe, or the same in YAML; a folder without them is labelled by its name as it is.
//!
//! Names are only read here; what a file holds is the business of PROBE. Folders are scanned side by side on the current
//! rayon pool, and answered in their order.

mod amendments;
mod annotations;
mod bag;
mod check;
mod collisions;
mod companions;
mod description;
mod folder;
mod inventory;
mod item;
mod listing;
mod marks;
pub mod naming;
mod numbering;
mod pages;
mod records;
mod references;
mod texts;
mod withheld;

use crate::config::Config;
use crate::diagnostics::{Accepted, Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::model::address::{SitePath, check_name, collision_key, normalised};
use crate::model::settings::ImageSettings;
use crate::model::{
    Attachment, Catalog, Collection, Description, FileRole, Ignored, LanguageMap, Member, PagePattern, Record,
    RecordPage, published_file,
};
use check::{Kind, check};
use description::{COLLECTION_FILE, ITEM_FILE, MetadataFile};
use folder::Folder;
use inventory::Use;
pub use inventory::inventory;
use marks::Marks;
use rayon::prelude::*;
use records::{Above, Level};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// What SCAN found.
pub struct Scanned {
    pub catalog: Catalog,
    /// What cannot be part of the site, and why.
    pub failures: Vec<Error>,
    folder: Folder,
    uses: HashMap<PathBuf, Use>,
}

impl Scanned {
    /// The folders of BagIt bags.
    pub fn bags(&self) -> Vec<PathBuf> {
        self.folder.bags()
    }
}

/// Reads the content from `source`; the files `remembered`, by their paths below it, count as being there. What cannot be
/// part of the site is left out and answered beside the catalog; a metadata file with a mistake in it is the error.
pub fn scan(config: &Config, source: &ContentSource, remembered: &BTreeSet<&str>) -> Result<Scanned> {
    let mut scan = Scan::new(config, source);
    let mut folder = Folder::read(&config.content, source, &mut scan.ignored, &mut scan.failures)?;
    if !remembered.is_empty() {
        folder.remember(remembered);
    }
    let read = description::read(&config.content, COLLECTION_FILE, config, source, &config.images)?;
    let MetadataFile { mut description, images, pattern } = read;
    scan.marks.note(&config.images);
    scan.marks.note(&images);
    scan.report_loose_images(&folder);
    scan.accepted.below(&config.content, &description.accept);
    amendments::read(&config.content, COLLECTION_FILE, source, &mut description)?;
    scan.note_description(&folder, COLLECTION_FILE, None);
    let here = scan.records(&folder, Kind::Collection, &description, None)?;
    let mut description = description.over(records::merged(here.own).description);
    if let Some(why) = description.withheld(config.today) {
        let refused = Error::new(ErrorKind::Content, format!("the whole site is withheld: {why}"));
        return Err(refused.with_path(&config.content).with_hint("say it of collections and items instead"));
    }
    if description.label.is_empty() {
        description.label = config.title.clone().in_language(&config.language);
    }
    if description.label.is_empty() {
        description.label = LanguageMap::plain("Collection").in_language("en");
    }
    let above = Above { levels: &here.below, further: None };
    let pattern = pattern.as_ref().or(config.page_pattern.as_ref());
    let members = scan.members(
        &folder.folders.iter().collect::<Vec<_>>(),
        Place { path: &SitePath::root(), images: &images, pattern, above },
    )?;
    scan.diagnostics.extend(here.below.iter().filter_map(Level::unused));
    let files = scan.attachments(&description, &config.content, &SitePath::root(), None);
    let mut root = Collection { path: SitePath::root(), description, members, files };
    scan.failures.extend(collisions::remove(&mut root, source));
    let Scan { mut ignored, withheld, uses, accepted, diagnostics, failures, .. } = scan;
    ignored.retain(|ignored| !uses.contains_key(&ignored.path));
    ignored.sort_by(|a, b| a.path.cmp(&b.path));
    let diagnostics = diagnostics.into_iter().map(|diagnostic| accepted.apply_accept(diagnostic)).collect();
    Ok(Scanned { catalog: Catalog { root, ignored, withheld, diagnostics, accepted }, failures, folder, uses })
}

/// Addresses in the site's root that are not a collection's or an item's.
const RESERVED: [&str; 14] = [
    "404.html",
    "activity",
    "assets",
    "atom.xml",
    "collection.json",
    "collection.v2.json",
    "dump",
    "iiif",
    "index.html",
    "oai-pmh.xml",
    "parts",
    "robots.txt",
    "search",
    "sitemap.xml",
];

struct Scan<'a> {
    config: &'a Config,
    source: &'a ContentSource,
    marks: Marks,
    /// Files and folders that are not published, each also ignored.
    withheld: Vec<PathBuf>,
    ignored: Vec<Ignored>,
    /// Files beside images that say something.
    uses: HashMap<PathBuf, Use>,
    accepted: Accepted,
    diagnostics: Vec<Diagnostic>,
    failures: Vec<Error>,
}

/// Where members stand, and how their images are published if they say nothing else.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a SitePath,
    images: &'a ImageSettings,
    /// How names are read, where somebody has a rule of his own.
    pattern: Option<&'a PagePattern>,
    /// What metadata files above say.
    above: Above<'a>,
}

/// An item's folder and what is said of it.
struct Described<'a> {
    place: Place<'a>,
    description: Description,
    /// Its pages, where a record lists them.
    listed: Vec<RecordPage>,
}

impl<'a> Scan<'a> {
    fn new(config: &'a Config, source: &'a ContentSource) -> Scan<'a> {
        Scan {
            config,
            source,
            marks: Marks::default(),
            withheld: vec![],
            ignored: vec![],
            uses: HashMap::new(),
            accepted: Accepted::everywhere(&config.accept),
            diagnostics: vec![],
            failures: vec![],
        }
    }

    /// Takes over what was found in a folder below.
    fn join(&mut self, below: Scan<'_>) {
        self.withheld.extend(below.withheld);
        self.ignored.extend(below.ignored);
        for (file, used) in below.uses {
            self.uses.entry(file).or_insert(used);
        }
        self.accepted.join(below.accepted);
        self.diagnostics.extend(below.diagnostics);
        self.failures.extend(below.failures);
    }

    /// The collections and items in `folders`, in their order.
    fn members(&mut self, folders: &[&Folder], place: Place<'_>) -> Result<Vec<Member>> {
        let scanned: Vec<_> = folders
            .par_iter()
            .map(|folder| {
                let mut below = Scan { marks: self.marks.clone(), ..Scan::new(self.config, self.source) };
                (below.member(folder, place), below)
            })
            .collect();
        let mut members = vec![];
        for (found, below) in scanned {
            members.extend(found?);
            self.join(below);
        }
        Ok(members)
    }

    /// What a folder is: an item (and the items that lie within it), a collection, or nothing.
    fn member(&mut self, folder: &Folder, above: Place<'_>) -> Result<Vec<Member>> {
        let has_file = |file: &str| description::is_among(&folder.files, file);
        let images = folder.own_images();
        let path = match address(folder, above.path) {
            Ok(path) => path,
            Err(error) => {
                self.failures.push(error);
                return Ok(vec![]);
            }
        };
        if !images.is_empty() && has_file(COLLECTION_FILE) {
            let collection = description::read(&folder.path, COLLECTION_FILE, self.config, self.source, above.images)?;
            if self.is_withheld(&collection.description, folder) {
                return Ok(vec![]);
            }
            self.marks.note(&collection.images);
        }
        let has_pages = images.iter().any(|image| !self.marks.contains(image));
        let (kind, file) = match has_pages || has_file(ITEM_FILE) {
            true => (Kind::Item, ITEM_FILE),
            false => (Kind::Collection, COLLECTION_FILE),
        };
        let read = description::read(&folder.path, file, self.config, self.source, above.images)?;
        let MetadataFile { description: mut own, images: settings, pattern } = read;
        self.marks.note(&settings);
        let images = self.without_marks(images);
        self.accepted.below(&folder.path, &own.accept);
        amendments::read(&folder.path, file, self.source, &mut own)?;
        let item = (kind == Kind::Item).then_some(&path);
        self.note_description(folder, file, item);
        let here = self.records(folder, kind, &own, item)?;
        let names = names(&path, &folder.name);
        let lists = here.below.iter().filter_map(|level| level.page_list(&names));
        let records: Vec<Record> = here.own.into_iter().chain(lists).chain(above.above.records(&names)).collect();
        let Record { description, pages: listed, .. } = records::merged(self.usable(records, kind, folder));
        let description = Scan::described(own, description, folder);
        let inner = Above { levels: &here.below, further: Some(&above.above) };
        let pattern = pattern.as_ref().or(above.pattern);
        let place = Place { path: &path, images: &settings, pattern, above: inner };
        let members = match kind {
            Kind::Item => self.item_and_inner(folder, Described { place, description, listed }, &images, above),
            _ => self.collection(folder, place, description, has_file(COLLECTION_FILE)),
        };
        self.diagnostics.extend(here.below.iter().filter_map(Level::unused));
        members
    }

    fn collection(
        &mut self,
        folder: &Folder,
        place: Place<'_>,
        description: Description,
        is_described: bool,
    ) -> Result<Vec<Member>> {
        if self.is_withheld(&description, folder) {
            return Ok(vec![]);
        }
        let path = place.path.clone();
        let members = self.members(&folder.folders.iter().collect::<Vec<_>>(), place)?;
        if members.is_empty() && !is_described {
            return Ok(vec![]);
        }
        let files = self.attachments(&description, &folder.path, &path, None);
        Ok(vec![Member::Collection(Collection { path, description, members, files })])
    }

    /// An item, and those within its folder, which stand beside it. Who withholds it means the folder.
    fn item_and_inner(
        &mut self,
        folder: &Folder,
        described: Described<'_>,
        images: &[PathBuf],
        above: Place<'_>,
    ) -> Result<Vec<Member>> {
        if self.is_withheld(&described.description, folder) {
            return Ok(vec![]);
        }
        let beside = Place { images: above.images, pattern: above.pattern, ..described.place };
        let withheld = self.withheld.len();
        let inner = self.members(&folder.beyond_own_images(), beside)?;
        let is_whole = self.withheld.len() == withheld;
        let own = self.item(folder, described, images, is_whole)?.map(Member::Item);
        Ok(own.into_iter().chain(inner).collect())
    }

    /// Those that are no watermarks.
    fn without_marks(&mut self, mut images: Vec<PathBuf>) -> Vec<PathBuf> {
        let marks = images.extract_if(.., |image| self.marks.contains(image));
        self.ignored.extend(marks.map(|path| Ignored { path, code: Code::Watermark, reason: "a watermark" }));
        images
    }

    /// Whether nothing of what is in `folder` is published; it is listed as ignored then.
    fn is_withheld(&mut self, description: &Description, folder: &Folder) -> bool {
        let why = description.withheld(self.config.today);
        self.ignored.extend(why.map(|reason| Ignored { path: folder.path.clone(), code: Code::Withheld, reason }));
        self.withheld.extend(why.map(|_| folder.path.clone()));
        why.is_some()
    }

    /// What the metadata files in a folder say, without those that its description `own` has another use for.
    fn records(
        &mut self,
        folder: &Folder,
        kind: Kind,
        own: &Description,
        item: Option<&SitePath>,
    ) -> Result<records::Found> {
        let mut found = records::read(folder, kind == Kind::Item, own, self.config, self.source)?;
        self.diagnostics.append(&mut found.diagnostics);
        self.failures.append(&mut found.failures);
        for file in &found.files {
            self.note_use(file.clone(), FileRole::Metadata, item);
        }
        Ok(found)
    }

    /// A file says something, of `item` or of a collection.
    fn note_use(&mut self, file: PathBuf, role: FileRole, item: Option<&SitePath>) {
        self.uses.entry(file).or_insert_with(|| Use { role, item: item.cloned() });
    }

    /// Notes `file` of a folder in whatever form, and what amends it.
    fn note_description(&mut self, folder: &Folder, file: &str, item: Option<&SitePath>) {
        let names = description::forms(file).chain(amendments::beside(file).map(str::to_owned));
        for name in names.filter(|name| folder.files.contains(name)) {
            self.note_use(folder.path.join(name), FileRole::Metadata, item);
        }
    }

    /// Those of `records` that say nothing that cannot be of a `kind`; the others are failures.
    fn usable(&mut self, records: Vec<Record>, kind: Kind, folder: &Folder) -> Vec<Record> {
        let refused = |record: &Record| {
            let mistake = check(&record.description, kind).err()?;
            let why = format!("its metadata ({}) is not used: {}", record.place, mistake.why);
            Some(Error::new(ErrorKind::Content, why).with_path(&folder.path))
        };
        let (usable, wrong): (Vec<_>, Vec<_>) = records.into_iter().partition(|record| refused(record).is_none());
        self.failures.extend(wrong.iter().filter_map(refused));
        usable
    }

    /// What a folder's own description says, before what records do; its name is its label at last.
    fn described(own: Description, record: Description, folder: &Folder) -> Description {
        let mut description = own.over(record);
        if description.label.is_empty() {
            description.label = LanguageMap::plain(&folder.name);
        }
        description
    }

    /// The files that a description names; those that are not there are failures.
    fn attachments(
        &mut self,
        description: &Description,
        folder: &Path,
        target: &SitePath,
        item: Option<&SitePath>,
    ) -> Vec<Attachment> {
        let mut found = vec![];
        for file in description.files() {
            let source = folder.join(file);
            if self.source.is_file(&source) {
                self.note_use(source.clone(), FileRole::Linked, item);
                found.push(Attachment { source, target: published_file(target, file) });
            } else {
                let message = format!("its description names the file {file:?}, which is not there");
                self.failures.push(Error::new(ErrorKind::Content, message).with_path(folder));
            }
        }
        found
    }

    fn report_loose_images(&mut self, content: &Folder) {
        for image in self.without_marks(content.images().collect()) {
            let loose = Error::new(ErrorKind::Content, "an image directly in the content folder belongs to no item");
            let loose = loose.with_code(Code::LooseImage).with_path(image);
            self.failures.push(loose.with_hint("put the images of an item in a folder of their own"));
        }
    }
}

/// What a record may call the folder at `path`: its path and the ends of that, the id made from it, its name.
fn names(path: &SitePath, folder: &str) -> Vec<String> {
    let path = path.as_str();
    let ends = path.match_indices('/').map(|(at, _)| path[at + 1..].to_owned());
    std::iter::once(path.to_owned()).chain(ends).chain([path.replace('/', "-"), folder.to_owned()]).collect()
}

/// The address of a folder within that of the one above; refused if its name cannot be part of one.
fn address(folder: &Folder, above: &SitePath) -> Result<SitePath> {
    let name = normalised(&folder.name);
    let refused = |why: String| {
        let refused = Error::new(ErrorKind::Content, why).with_code(Code::RefusedName);
        Err(refused.with_path(&folder.path).with_hint("rename the folder"))
    };
    if let Err(why) = check_name(&name) {
        return refused(format!("the folder's name cannot be part of an address: {why}"));
    }
    if above.as_str().is_empty() && RESERVED.contains(&collision_key(&name).as_str()) {
        return refused(format!("the site keeps the address {name:?} for itself"));
    }
    Ok(above.join(&name))
}
