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
mod originals;
mod pages;
mod records;
mod references;

use crate::config::Config;
use crate::diagnostics::{Accepted, Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::input::withheld;
use crate::model::address::SitePath;
use crate::model::{
    Attachment, AttachmentForm, Catalog, Collection, Description, Doubt, FileRole, Ignored, LanguageMap,
    WithheldAddress, enter_file,
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
/// A mistake in the description of the site as a whole, or a site that is withheld.
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
    let records = scan.records(&folder, Subject::Collection, &description, None);
    let own = records::merged(scan.usable(records.own, Subject::Collection, &folder));
    let mut doubt = records.doubt.max(own.doubt);
    let mut description = description.over(own.description);
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
    let inherited =
        Inherited { files: &records.below, withheld: &records.withheld, doubt: records.doubt_below, further: None };
    let originals = description.originals.unwrap_or(config.originals);
    description.originals = Some(originals);
    let pattern = pattern.as_ref().or(config.page_pattern.as_ref());
    let pdf = members::pdf_below(description.pdf, config.pdf);
    let scope = Scope { path: &SitePath::root(), images: &images, pattern, originals, pdf, inherited, doubt: None };
    let members = scan.members(&folder.folders.iter().collect::<Vec<_>>(), scope);
    scan.note_unused(&records.below);
    let failed = scan.failed();
    let files = scan.attachments(&description, &config.content, &SitePath::root(), None);
    doubt = doubt.max(scan.doubt_since(failed));
    let root =
        Collection { path: SitePath::root(), folder: config.content.clone(), description, members, files, doubt };
    Ok(scan.finish(root, folder))
}

/// The findings while folders are scanned.
struct Scan<'a> {
    config: &'a Config,
    source: &'a ContentSource,
    watermarks: Watermarks,
    /// Files and folders that are not published.
    withheld: Vec<PathBuf>,
    /// The folders among them.
    withheld_folders: Vec<PathBuf>,
    /// Metadata files that were read and hold no part that is not for the public.
    public_metadata: BTreeSet<PathBuf>,
    /// Folders whose own description cannot be read.
    unreadable: Vec<PathBuf>,
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
            withheld_folders: vec![],
            public_metadata: BTreeSet::new(),
            unreadable: vec![],
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
        self.withheld_folders.extend(below.withheld_folders);
        self.public_metadata.extend(below.public_metadata);
        self.unreadable.extend(below.unreadable);
        self.withheld_addresses.extend(below.withheld_addresses);
        self.left_out.ignored.extend(below.left_out.ignored);
        self.left_out.failures.extend(below.left_out.failures);
        for (file, used) in below.uses {
            self.uses.entry(file).or_insert(used);
        }
        self.accepted.join(below.accepted);
        self.diagnostics.extend(below.diagnostics);
    }

    fn finish(mut self, mut root: Collection, folder: Folder) -> Scanned {
        let refused = originals::Originals::new(&self, &folder).settle(&mut root);
        self.diagnostics.extend(refused);
        let collisions = collisions::remove(&mut root, self.source);
        let LeftOut { mut ignored, mut failures } = self.left_out;
        let Scan { withheld, withheld_addresses, unreadable, uses, accepted, diagnostics, .. } = self;
        failures.extend(collisions);
        ignored.retain(|ignored| !uses.contains_key(&ignored.path));
        ignored.sort_by(|a, b| a.path.cmp(&b.path));
        let diagnostics = diagnostics.into_iter().map(|diagnostic| accepted.apply_accept(diagnostic)).collect();
        let catalog = Catalog { root, ignored, withheld, withheld_addresses, unreadable, diagnostics, accepted };
        Scanned { catalog, failures, folder, uses }
    }

    fn fail(&mut self, error: Error) {
        self.left_out.failures.push(error);
    }

    /// How many failures there are.
    fn failed(&self) -> usize {
        self.left_out.failures.len()
    }

    /// The doubt about a description if there are more failures than `failed` by now: a part of it cannot be used.
    fn doubt_since(&self, failed: usize) -> Option<Doubt> {
        (self.failed() > failed).then_some(Doubt::Description)
    }

    /// Reads the records in a folder's metadata files. `own` is its description; `item`: its path, if it is an item.
    fn records(
        &mut self,
        folder: &Folder,
        subject: Subject,
        own: &Description,
        item: Option<&SitePath>,
    ) -> FoundRecords {
        let mut found = records::read(folder, subject == Subject::Item, own, self.config, self.source);
        if self.unreadable.contains(&folder.path) {
            // The description would say which of the files are not metadata.
            found.failures.clear();
            found.diagnostics.clear();
        }
        self.diagnostics.append(&mut found.diagnostics);
        self.left_out.failures.append(&mut found.failures);
        self.withheld.extend(found.withheld.iter().cloned());
        for file in &found.files {
            self.note_use(file.clone(), FileRole::Metadata, item);
            if !found.with_withheld.contains(file) {
                self.public_metadata.insert(file.clone());
            }
        }
        found
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

    /// The files that a description names. Those that are not there, or that the site cannot have, are failures.
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
            let fault = match enter_file(target, file) {
                _ if withheld::leads_to_junk(file) => {
                    let why = format!(
                        "its description names {file:?}, which is junk: a file or folder of the system or of a cache"
                    );
                    let refused = Error::new(ErrorKind::Content, why).with_code(Code::Junk).with_path(folder);
                    self.fail(refused.with_hint("copy the file to the item's folder, if it is meant to be published"));
                    continue;
                }
                Ok(target) if self.source.is_file(&source) => {
                    self.note_use(source.clone(), FileRole::Linked, item);
                    found.push(Attachment { source, target, form: AttachmentForm::Whole });
                    continue;
                }
                Ok(_) => format!("its description names the file {file:?}, which is not there"),
                Err(why) => format!("its description names the file {file:?}, which cannot be published: {why}"),
            };
            self.fail(Error::new(ErrorKind::Content, fault).with_path(folder));
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
