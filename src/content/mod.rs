//! SCAN: the folders below `content/` become a catalog of collections and items.
//!
//! - A folder that holds images, sound or video is an item. A folder whose name only says how files are kept (`images`, `master`,
//!   `OCR-D-IMG` …) lends its images to the item above.
//! - A folder of folders is a collection.
//! - `item.toml` and `collection.toml` describe, or the same in YAML; a folder without them is labelled by its name as it is.
//!
//! Names are only read here; what a file holds is the business of PROBE.

mod amendments;
mod annotations;
mod bag;
mod check;
mod collisions;
mod companions;
mod description;
mod folder;
mod listing;
mod marks;
pub mod naming;
mod pages;
mod records;
mod references;
mod texts;
mod withheld;

use crate::address::{SitePath, check_name, collision_key, normalised};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    AnnotationSet, Attachment, Catalog, Collection, Description, Ignored, Item, ItemId, LabelledFile, LanguageMap,
    Member, Record, RecordPage, published_file,
};
use crate::settings::ImageSettings;
use check::{Kind, check};
use description::{COLLECTION_FILE, ITEM_FILE};
use folder::Folder;
use marks::Marks;
use pages::{Found, Sources};
use records::{Above, Level};
use references::PageNames;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// Reads the content folder; the files `remembered`, by their paths below it, count as being there. What cannot be
/// part of the site is left out and answered beside the catalog; a metadata file with a mistake in it is the error.
pub fn scan(config: &Config, remembered: &BTreeSet<&str>) -> Result<(Catalog, Vec<Error>)> {
    let mut scan = Scan {
        config,
        marks: Marks::default(),
        withheld: vec![],
        ignored: vec![],
        used: HashSet::new(),
        warnings: vec![],
        failures: vec![],
    };
    let mut folder = Folder::read(&config.content, &mut scan.ignored, &mut scan.failures)?;
    if !remembered.is_empty() {
        folder.remember(remembered);
    }
    let (mut description, images) = description::read(&config.content, COLLECTION_FILE, config, &config.images)?;
    scan.marks.note(&config.images);
    scan.marks.note(&images);
    scan.report_loose_images(&folder);
    amendments::read(&config.content, COLLECTION_FILE, &mut description)?;
    let here = scan.records(&folder, Kind::Collection, &description);
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
    let members = scan.members(&folder, Place { path: &SitePath::root(), images: &images, above })?;
    scan.warnings.extend(here.below.iter().filter_map(Level::unused));
    let files = scan.attachments(&description, &config.content, &SitePath::root());
    let mut root = Collection { path: SitePath::root(), description, members, files };
    scan.failures.extend(collisions::remove(&mut root));
    let used = std::mem::take(&mut scan.used);
    scan.ignored.retain(|ignored| !used.contains(&ignored.path));
    scan.ignored.sort_by(|a, b| a.path.cmp(&b.path));
    let Scan { ignored, withheld, warnings, failures, .. } = scan;
    Ok((Catalog { root, ignored, withheld, warnings }, failures))
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
    marks: Marks,
    /// Files and folders that are not published, each also ignored.
    withheld: Vec<PathBuf>,
    ignored: Vec<Ignored>,
    /// Files beside images that say something.
    used: HashSet<PathBuf>,
    warnings: Vec<String>,
    failures: Vec<Error>,
}

/// Where members stand, and how their images are published if they say nothing else.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a SitePath,
    images: &'a ImageSettings,
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

impl Scan<'_> {
    /// The collections and items in a folder, in natural order.
    fn members(&mut self, folder: &Folder, place: Place<'_>) -> Result<Vec<Member>> {
        let mut members = vec![];
        for inner in &folder.folders {
            members.extend(self.member(inner, place)?);
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
            let (collection, settings) = description::read(&folder.path, COLLECTION_FILE, self.config, above.images)?;
            if self.is_withheld(&collection, folder) {
                return Ok(vec![]);
            }
            self.marks.note(&settings);
        }
        let has_pages = images.iter().any(|image| !self.marks.contains(image));
        let (kind, file) = match has_pages || has_file(ITEM_FILE) {
            true => (Kind::Item, ITEM_FILE),
            false => (Kind::Collection, COLLECTION_FILE),
        };
        let (mut own, settings) = description::read(&folder.path, file, self.config, above.images)?;
        self.marks.note(&settings);
        let images = self.without_marks(images);
        amendments::read(&folder.path, file, &mut own)?;
        let here = self.records(folder, kind, &own);
        let mut records = above.above.records(&names(&path, &folder.name));
        records.splice(0..0, here.own);
        let Record { description, pages: listed, .. } = records::merged(self.usable(records, kind, folder));
        let description = Scan::described(own, description, folder);
        let inner = Above { levels: &here.below, further: Some(&above.above) };
        let place = Place { path: &path, images: &settings, above: inner };
        let members = match kind {
            Kind::Item => self.item_and_inner(folder, Described { place, description, listed }, &images, above),
            _ => self.collection(folder, place, description, has_file(COLLECTION_FILE)),
        };
        self.warnings.extend(here.below.iter().filter_map(Level::unused));
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
        let members = self.members(folder, place)?;
        if members.is_empty() && !is_described {
            return Ok(vec![]);
        }
        let files = self.attachments(&description, &folder.path, &path);
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
        let beside = Place { images: above.images, ..described.place };
        let (mut inner, withheld) = (vec![], self.withheld.len());
        for folder in folder.beyond_own_images() {
            inner.extend(self.member(folder, beside)?);
        }
        let is_whole = self.withheld.len() == withheld;
        let own = self.item(folder, described, images, is_whole)?.map(Member::Item);
        Ok(own.into_iter().chain(inner).collect())
    }

    /// `is_whole`: nothing of what lies within its folder is withheld.
    fn item(
        &mut self,
        folder: &Folder,
        described: Described<'_>,
        images: &[PathBuf],
        is_whole: bool,
    ) -> Result<Option<Item>> {
        let Described { place: Place { path, images: settings, .. }, mut description, listed } = described;
        let id = match &description.id {
            Some(id) => normalised(id),
            None => path.segments().collect::<Vec<_>>().join("-"),
        };
        if let Err(why) = check_name(&id) {
            let refused = Error::new(ErrorKind::Content, format!("the item's id {id:?} cannot be used: {why}"));
            self.failures.push(refused.with_path(&folder.path).with_hint("set `id` in the folder's item.toml"));
            return Ok(None);
        }
        let masters = &self.config.masters;
        let found =
            Sources { folder, images, description: &description, listed: &listed, masters, today: self.config.today }
                .find()?;
        let Found { pages, names, mut companions, withheld, ignored, warnings, failures } = found;
        self.warnings.extend(warnings);
        self.failures.extend(names.resolve(&mut description, &folder.path));
        self.withhold(&withheld, is_whole, &mut description, &mut companions, folder);
        self.failures.extend(failures);
        self.ignored.extend(ignored);
        if images.is_empty() {
            self.failures.push(
                Error::new(ErrorKind::Content, "the item has neither images nor recordings").with_path(&folder.path),
            );
            return Ok(None);
        }
        self.used.extend(pages.iter().filter_map(|page| page.text.clone()));
        self.used.extend(description.annotations.0.iter().map(|set| folder.path.join(&set.file)));
        let mut annotations = self.annotations(&description, &names, folder);
        annotations.iter_mut().for_each(|set| withheld.leave_annotations(set, &names));
        let files = self.attachments(&description, &folder.path, path);
        Ok(Some(Item {
            id: ItemId(id),
            path: path.clone(),
            description,
            images: settings.clone(),
            pages,
            companions,
            annotations,
            files,
        }))
    }

    /// Those that are no watermarks.
    fn without_marks(&mut self, mut images: Vec<PathBuf>) -> Vec<PathBuf> {
        let marks = images.extract_if(.., |image| self.marks.contains(image));
        self.ignored.extend(marks.map(|path| Ignored { path, reason: "a watermark" }));
        images
    }

    /// Whether nothing of what is in `folder` is published; it is listed as ignored then.
    fn is_withheld(&mut self, description: &Description, folder: &Folder) -> bool {
        let why = description.withheld(self.config.today);
        self.ignored.extend(why.map(|reason| Ignored { path: folder.path.clone(), reason }));
        self.withheld.extend(why.map(|_| folder.path.clone()));
        why.is_some()
    }

    /// What the metadata files in a folder say, without those that its description `own` has another use for.
    fn records(&mut self, folder: &Folder, kind: Kind, own: &Description) -> records::Found {
        let mut found = records::read(folder, kind == Kind::Item, own, self.config);
        self.warnings.append(&mut found.warnings);
        self.failures.append(&mut found.failures);
        self.used.extend(found.files.iter().cloned());
        found
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

    /// What is in the item's annotation files; one with a mistake in it is a failure.
    fn annotations(&mut self, description: &Description, names: &PageNames, folder: &Folder) -> Vec<AnnotationSet> {
        let read = |LabelledFile { file, label }: &LabelledFile| {
            let set = annotations::read(&folder.path.join(file), names)?;
            Ok(AnnotationSet { label: label.clone(), ..set })
        };
        let (read, failed): (Vec<_>, Vec<_>) = description.annotations.0.iter().map(read).partition(Result::is_ok);
        self.failures.extend(failed.into_iter().filter_map(Result::err));
        read.into_iter().flatten().collect()
    }

    /// The files that a description names; those that are not there are failures.
    fn attachments(&mut self, description: &Description, folder: &Path, target: &SitePath) -> Vec<Attachment> {
        let mut found = vec![];
        for file in description.files() {
            let source = folder.join(file);
            if source.is_file() {
                self.used.insert(source.clone());
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
            self.failures.push(loose.with_path(image).with_hint("put the images of an item in a folder of their own"));
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
    let refused =
        |why: String| Err(Error::new(ErrorKind::Content, why).with_path(&folder.path).with_hint("rename the folder"));
    if let Err(why) = check_name(&name) {
        return refused(format!("the folder's name cannot be part of an address: {why}"));
    }
    if above.as_str().is_empty() && RESERVED.contains(&collision_key(&name).as_str()) {
        return refused(format!("the site keeps the address {name:?} for itself"));
    }
    Ok(above.join(&name))
}
