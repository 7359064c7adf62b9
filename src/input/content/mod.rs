//! SCAN: the folders below `content/` become a catalog of collections and items.
//!
//! - A folder that holds images, sound or video is an item. A folder whose name only shows how files are kept
//!   (`images`, `master`, `OCR-D-IMG` …) lends its files to the item above.
//! - A folder of folders is a collection.
//! - `item.toml` and `collection.toml` describe them, or the same keys in YAML. Without a description, the name of a
//!   folder is its label.
//!
//! SCAN reads names only; PROBE reads the files. Folders are scanned in parallel on the current rayon pool, and the
//! results have the order of the folders.

mod annotations;
mod check;
mod collisions;
mod companions;
mod description;
mod folder;
mod inventory;
mod listing;
mod members;
pub mod naming;
mod numbering;
mod pages;
mod records;
mod references;
mod withheld;

use crate::config::Config;
use crate::diagnostics::{Accepted, Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::model::address::SitePath;
use crate::model::{
    Attachment, Catalog, Collection, Description, FileRole, Ignored, LanguageMap, WithheldAddress, published_file,
};
use check::Subject;
use description::{COLLECTION_FILE, MetadataFile, Watermarks};
use folder::{Folder, LeftOut};
use inventory::FileUse;
pub use inventory::inventory;
use members::Scope;
use records::{FoundRecords, Inherited, RecordFile};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// The result of SCAN.
pub struct Scanned {
    pub catalog: Catalog,
    /// Everything that cannot be part of the site, and why.
    pub failures: Vec<Error>,
    folder: Folder,
    uses: HashMap<PathBuf, FileUse>,
}

impl Scanned {
    /// The folders of BagIt bags.
    pub fn bags(&self) -> Vec<PathBuf> {
        self.folder.bags()
    }
}

/// Scans the content of `source`. The files `remembered`, by their paths below the content, count as being there. Items and
/// files that cannot be part of the site are left out, and are [failures](Scanned::failures).
///
/// # Errors
/// A mistake in a metadata file, or a site that is withheld as a whole.
pub fn scan(config: &Config, source: &ContentSource, remembered: &BTreeSet<&str>) -> Result<Scanned> {
    let mut scan = Scan::new(config, source);
    let mut folder = Folder::read(&config.content, source, &mut scan.left_out)?;
    if !remembered.is_empty() {
        folder.remember(remembered);
    }
    let read = description::read(&config.content, COLLECTION_FILE, config, source, &config.images)?;
    let MetadataFile { mut description, images, pattern } = read;
    scan.watermarks.note(&config.images);
    scan.watermarks.note(&images);
    scan.report_loose_images(&folder);
    scan.accepted.below(&config.content, &description.accept);
    description::amend(&config.content, COLLECTION_FILE, source, &mut description)?;
    scan.note_description(&folder, COLLECTION_FILE, None);
    let records = scan.records(&folder, Subject::Collection, &description, None)?;
    let mut description = description.over(records::merged(records.own).description);
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
    let inherited = Inherited { files: &records.below, further: None };
    let pattern = pattern.as_ref().or(config.page_pattern.as_ref());
    let scope = Scope { path: &SitePath::root(), images: &images, pattern, inherited };
    let members = scan.members(&folder.folders.iter().collect::<Vec<_>>(), scope)?;
    scan.note_unused(&records.below);
    let files = scan.attachments(&description, &config.content, &SitePath::root(), None);
    let root = Collection { path: SitePath::root(), description, members, files };
    Ok(scan.finish(root, folder))
}

/// The findings while folders are scanned.
struct Scan<'a> {
    config: &'a Config,
    source: &'a ContentSource,
    watermarks: Watermarks,
    /// Files and folders that are not published. Each of them is ignored too.
    withheld: Vec<PathBuf>,
    withheld_addresses: Vec<WithheldAddress>,
    left_out: LeftOut,
    /// Files that are used and are not pages.
    uses: HashMap<PathBuf, FileUse>,
    accepted: Accepted,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Scan<'a> {
    fn new(config: &'a Config, source: &'a ContentSource) -> Scan<'a> {
        Scan {
            config,
            source,
            watermarks: Watermarks::default(),
            withheld: vec![],
            withheld_addresses: vec![],
            left_out: LeftOut::default(),
            uses: HashMap::new(),
            accepted: Accepted::everywhere(&config.accept),
            diagnostics: vec![],
        }
    }

    /// Adds everything that was found in a folder below.
    fn join(&mut self, below: Scan<'_>) {
        self.withheld.extend(below.withheld);
        self.withheld_addresses.extend(below.withheld_addresses);
        self.left_out.ignored.extend(below.left_out.ignored);
        self.left_out.failures.extend(below.left_out.failures);
        for (file, used) in below.uses {
            self.uses.entry(file).or_insert(used);
        }
        self.accepted.join(below.accepted);
        self.diagnostics.extend(below.diagnostics);
    }

    fn finish(self, mut root: Collection, folder: Folder) -> Scanned {
        let collisions = collisions::remove(&mut root, self.source);
        let LeftOut { mut ignored, mut failures } = self.left_out;
        let Scan { withheld, withheld_addresses, uses, accepted, diagnostics, .. } = self;
        failures.extend(collisions);
        ignored.retain(|ignored| !uses.contains_key(&ignored.path));
        ignored.sort_by(|a, b| a.path.cmp(&b.path));
        let diagnostics = diagnostics.into_iter().map(|diagnostic| accepted.apply_accept(diagnostic)).collect();
        let catalog = Catalog { root, ignored, withheld, withheld_addresses, diagnostics, accepted };
        Scanned { catalog, failures, folder, uses }
    }

    fn fail(&mut self, error: Error) {
        self.left_out.failures.push(error);
    }

    /// Reads the records in a folder's metadata files. `own` is its description; `item`: its path, if it is an item.
    fn records(
        &mut self,
        folder: &Folder,
        subject: Subject,
        own: &Description,
        item: Option<&SitePath>,
    ) -> Result<FoundRecords> {
        let mut found = records::read(folder, subject == Subject::Item, own, self.config, self.source)?;
        self.diagnostics.append(&mut found.diagnostics);
        self.left_out.failures.append(&mut found.failures);
        for file in &found.files {
            self.note_use(file.clone(), FileRole::Metadata, item);
        }
        Ok(found)
    }

    /// Notes the records that describe no folder, after all folders below were scanned.
    fn note_unused(&mut self, files: &[RecordFile]) {
        self.diagnostics.extend(files.iter().filter_map(RecordFile::unused));
    }

    /// Notes a file that is used for `item`, or for a collection.
    fn note_use(&mut self, file: PathBuf, role: FileRole, item: Option<&SitePath>) {
        self.uses.entry(file).or_insert_with(|| FileUse { role, item: item.cloned() });
    }

    /// Notes the metadata file `file` of a folder, and its amendments.
    fn note_description(&mut self, folder: &Folder, file: &str, item: Option<&SitePath>) {
        let names = description::forms(file).chain(description::amendments_of(file).map(str::to_owned));
        for name in names.filter(|name| folder.files.contains(name)) {
            self.note_use(folder.path.join(name), FileRole::Metadata, item);
        }
    }

    /// The files that a description names. Those that are not there are failures.
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
                self.fail(Error::new(ErrorKind::Content, message).with_path(folder));
            }
        }
        found
    }

    /// Ignores the watermarks among `images`, and returns the others.
    fn without_watermarks(&mut self, mut images: Vec<PathBuf>) -> Vec<PathBuf> {
        let watermarks = images.extract_if(.., |image| self.watermarks.contains(image));
        let ignored = watermarks.map(|path| Ignored { path, code: Code::Watermark, reason: "a watermark" });
        self.left_out.ignored.extend(ignored);
        images
    }

    fn report_loose_images(&mut self, content: &Folder) {
        for image in self.without_watermarks(content.media_files().collect()) {
            let loose = Error::new(ErrorKind::Content, "an image directly in the content folder belongs to no item");
            let loose = loose.with_code(Code::LooseImage).with_path(image);
            self.fail(loose.with_hint("put the images of an item in a folder of their own"));
        }
    }
}
