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
mod bag_info;
mod captions;
mod check;
mod collisions;
mod companions;
mod copies;
mod description;
mod examples;
mod featured;
mod flat;
mod folder;
mod inventory;
mod listing;
mod loose;
mod matching;
mod members;
mod misnamed;
mod names;
pub mod naming;
mod numbering;
mod order;
mod originals;
mod overlooked;
mod page_forms;
mod pages;
mod records;
mod references;
mod renderings;
mod scans;
mod sidecars;
mod texts;
mod trees;

use crate::config::Config;
use crate::diagnostics::{Accepted, Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::input::withheld;
use crate::model::address::SitePath;
use crate::model::{
    Attachment, AttachmentForm, Catalog, Collection, Description, Doubt, FileRole, Ignored, LanguageMap, Member,
    WithheldAddress, enter_file,
};
use check::Subject;
pub use check::is_inner;
use description::{COLLECTION_FILE, Described, ITEM_FILE, MetadataFile, Watermarks};
use folder::{Folder, LeftOut};
use inventory::FileUse;
pub use inventory::{count, inventory};
use members::Scope;
use misnamed::Misnamed;
use names::RealNames;
pub use records::PAGES_FILE;
use records::{FoundRecords, Inherited, RecordFile};
pub use scans::holds_scans;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The result of SCAN.
pub struct Scanned {
    pub catalog: Catalog,
    /// Everything that cannot be part of the site, and why.
    pub failures: Vec<Error>,
    /// The description of the site as a whole has a mistake, so that nothing can be built.
    pub is_refused: bool,
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
/// The content cannot be read, or the whole site is withheld.
pub fn scan(config: &Config, source: &ContentSource, remembered: &BTreeSet<&str>) -> Result<Scanned> {
    // Once: those who scan the folders below read none.
    let mut scan = Scan { left_out: LeftOut::of(config), ..Scan::new(config, source) };
    let mut whole = Folder::read(&config.content, source, &mut scan.left_out)?;
    if !remembered.is_empty() {
        whole.remember(remembered);
    }
    let Described { file, mistakes, .. } =
        description::read(&config.content, COLLECTION_FILE, config, source, &config.images);
    let is_refused = !mistakes.is_empty();
    scan.left_out.failures.extend(mistakes);
    let MetadataFile { description, images, pattern } = file;
    scan.watermarks.note(&config.images);
    scan.watermarks.note(&images);
    let split = scan.split(&whole);
    let folder = split.as_ref().map_or(&whole, |split| &split.content);
    scan.accepted.below(&config.content, &description.accept);
    scan.note_description(folder, COLLECTION_FILE, None);
    let nothing = BTreeSet::new();
    let above = Inherited { files: &[], withheld: &nothing, is_partial: false, doubt: None, further: None };
    let mut records = scan.records(folder, Subject::Collection, &description, None, Some((above, &[])));
    let own = records::merged(scan.usable(std::mem::take(&mut records.own), Subject::Collection, folder));
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
    let inherited = Inherited {
        files: &records.below,
        withheld: &records.withheld,
        is_partial: records.is_partial || records.may_hide_pages,
        doubt: records.doubt_below,
        further: None,
    };
    let originals = description.originals.unwrap_or(config.originals);
    description.originals = Some(originals);
    let pattern = pattern.as_ref().or(config.page_pattern.as_ref());
    let pdf = members::pdf_below(description.pdf, config.pdf);
    let scope = Scope { path: &SitePath::root(), images: &images, pattern, originals, pdf, inherited, doubt: None };
    let items = scan.loose_items(folder, records.flat.as_ref());
    let inner = split.iter().map(|split| &split.item).chain(&items).chain(flat::others(folder, &items));
    let mut members = scan.members(&inner.collect::<Vec<_>>(), scope);
    scan.sort_members(&mut members, folder, description.order.as_ref(), inherited);
    scan.note_unused(&records.below);
    let failed = scan.failed();
    scan.put_real_names(&mut description, folder);
    let files = scan.attachments(linked(&description), folder, &SitePath::root(), None);
    doubt = doubt.max(scan.doubt_since(failed));
    let root =
        Collection { path: SitePath::root(), folder: config.content.clone(), description, members, files, doubt };
    Ok(Scanned { is_refused, ..scan.finish(root, whole) })
}

/// The folders of all items.
fn item_folders(root: &Collection) -> HashSet<&Path> {
    let (mut found, mut collections) = (HashSet::new(), vec![root]);
    while let Some(collection) = collections.pop() {
        for member in &collection.members {
            match member {
                Member::Collection(inner) => collections.push(inner),
                Member::Item(item) => drop(found.insert(item.folder.as_path())),
            }
        }
    }
    found
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
    /// Folders whose own description has a mistake.
    unreadable: Vec<PathBuf>,
    /// Those of them of whose description nothing can be read.
    broken: BTreeSet<PathBuf>,
    withheld_addresses: Vec<WithheldAddress>,
    left_out: LeftOut,
    /// Files that are used and are not pages.
    uses: HashMap<PathBuf, FileUse>,
    /// The headers of all tables.
    headers: BTreeSet<String>,
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
            broken: BTreeSet::new(),
            withheld_addresses: vec![],
            left_out: LeftOut::default(),
            uses: HashMap::new(),
            headers: BTreeSet::new(),
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
        self.headers.extend(below.headers);
        self.accepted.join(below.accepted);
        self.diagnostics.extend(below.diagnostics);
    }

    fn finish(mut self, mut root: Collection, folder: Folder) -> Scanned {
        let refused = originals::Originals::new(&self, &folder).settle(&mut root);
        self.diagnostics.extend(refused);
        let collisions = collisions::remove(&mut root, self.source);
        let LeftOut { mut ignored, mut failures, .. } = self.left_out;
        let content = self.config.content.clone();
        let Scan { withheld, withheld_addresses, unreadable, uses, accepted, diagnostics, .. } = self;
        failures.extend(collisions);
        ignored.retain(|ignored| !uses.contains_key(&ignored.path));
        ignored.sort_by(|a, b| a.path.cmp(&b.path));
        overlooked::note_pdfs(&mut ignored, &folder, &item_folders(&root));
        overlooked::without_copied(&mut ignored, &folder);
        let held_back: HashSet<&Path> = withheld.iter().map(PathBuf::as_path).collect();
        let is_public = |ignored: &&Ignored| !ignored.path.ancestors().any(|above| held_back.contains(above));
        let overlooked = overlooked::diagnostics(&ignored.iter().filter(is_public).collect::<Vec<_>>(), &folder);
        let featured = featured::unknown(&root, &content);
        let beside = overlooked::beside_content(self.config);
        // A table that cannot be read may have the headers, and a folder that cannot be read the items.
        let is_whole = failures.is_empty();
        let unknown = if is_whole { overlooked::unknown_columns(self.config, &self.headers) } else { vec![] };
        let is_bare = is_whole && withheld.is_empty() && item_folders(&root).is_empty();
        let bare = is_bare.then(|| overlooked::no_content(&content));
        let told = overlooked.into_iter().chain(featured).chain(beside).chain(unknown).chain(bare);
        let diagnostics = diagnostics.into_iter().chain(told);
        let diagnostics = diagnostics.map(|diagnostic| accepted.apply_accept(diagnostic)).collect();
        let catalog = Catalog { root, ignored, withheld, withheld_addresses, unreadable, diagnostics, accepted };
        Scanned { catalog, failures, is_refused: false, folder, uses }
    }

    fn fail(&mut self, error: Error) {
        self.left_out.failures.push(error);
    }

    /// Notes the names in the metadata file `file` of a folder that lead to nothing.
    fn misnamed(&mut self, misnamed: Vec<Misnamed>, folder: &Path, file: &str) {
        self.left_out.failures.extend(misnamed::errors(misnamed, folder, file, self.source));
    }

    /// How many failures there are.
    fn failed(&self) -> usize {
        self.left_out.failures.len()
    }

    /// The doubt about a description if there are more failures than `failed` by now: a part of it cannot be used.
    fn doubt_since(&self, failed: usize) -> Option<Doubt> {
        (self.failed() > failed).then_some(Doubt::Description)
    }

    /// Reads the records in a folder's metadata files. `own` is its description; `item`: its path, if it is an item;
    /// `above`: see [`records::read`].
    fn records(
        &mut self,
        folder: &Folder,
        subject: Subject,
        own: &Description,
        item: Option<&SitePath>,
        above: Option<(Inherited<'_>, &[String])>,
    ) -> FoundRecords {
        let mut found = records::read(folder, subject == Subject::Item, own, self.config, self.source, above);
        if self.broken.contains(&folder.path) {
            // The description would say which of the files are not metadata.
            found.failures.clear();
            found.diagnostics.clear();
        }
        self.diagnostics.append(&mut found.diagnostics);
        self.left_out.failures.append(&mut found.failures);
        self.headers.append(&mut found.headers);
        self.withheld.extend(found.withheld.iter().cloned());
        for file in &found.files {
            self.note_use(file.clone(), FileRole::Metadata, item);
            if !found.with_withheld.contains(file) {
                self.public_metadata.insert(file.clone());
            }
        }
        found
    }

    /// Puts the real names of files into the description of the collection in `folder`.
    fn put_real_names(&mut self, description: &mut Description, folder: &Folder) {
        let names = RealNames::new(folder, self.source, &[], description, None);
        names.put_into(description);
        self.diagnostics.extend(names.guessed());
    }

    /// Notes the records that describe no folder, after all folders below were scanned.
    fn note_unused(&mut self, files: &[RecordFile]) {
        for file in files {
            self.diagnostics.extend([file.unused(), file.guessed(), file.misspelt()].into_iter().flatten());
            self.diagnostics.extend(file.unclear());
        }
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
    fn attachments<'f>(
        &mut self,
        files: impl IntoIterator<Item = LinkedFile<'f>>,
        folder: &Folder,
        target: &SitePath,
        item: Option<&SitePath>,
    ) -> Vec<Attachment> {
        let (mut found, mut misnamed, mut seen) = (vec![], vec![], BTreeSet::new());
        for (file, name, form) in files.into_iter().filter(|(file, ..)| seen.insert(*file)) {
            let source = folder.path.join(file);
            let fault = match enter_file(target, &name) {
                _ if withheld::leads_to_junk(file) => {
                    let why = format!(
                        "its description names {file:?}, which is junk: a file or folder of the system or of a cache"
                    );
                    let refused = Error::new(ErrorKind::Content, why).with_code(Code::Junk).with_path(&folder.path);
                    self.fail(refused.with_hint("copy the file to the item's folder, if it is meant to be published"));
                    continue;
                }
                Ok(target) if self.source.is_file(&source) => {
                    self.note_use(source.clone(), FileRole::Linked, item);
                    found.push(Attachment { source, target, form });
                    continue;
                }
                Ok(_) => format!("its description names the file {file:?}, which is not there"),
                Err(why) => format!("its description names the file {file:?}, which cannot be published: {why}"),
            };
            misnamed.push((file.to_owned(), fault));
        }
        let known: Vec<&str> = folder.files.iter().map(String::as_str).collect();
        let misnamed = Misnamed::all(misnamed, &known);
        self.misnamed(misnamed, &folder.path, if item.is_some() { ITEM_FILE } else { COLLECTION_FILE });
        found
    }

    /// Ignores the watermarks among `images`, and returns the others.
    fn without_watermarks(&mut self, mut images: Vec<PathBuf>) -> Vec<PathBuf> {
        let watermarks = images.extract_if(.., |image| self.watermarks.contains(image));
        let ignored = watermarks.map(|path| Ignored { path, code: Code::Watermark, reason: "a watermark" });
        self.left_out.ignored.extend(ignored);
        images
    }
}

/// A file that a description names, the name under which it is published, and in which form.
type LinkedFile<'f> = (&'f str, String, AttachmentForm);

/// The files that a description names.
fn linked(description: &Description) -> impl Iterator<Item = LinkedFile<'_>> {
    let whole = description.files().map(|file| (file, file.to_owned(), AttachmentForm::Whole));
    let captions = description.all_captions().map(|caption| {
        let form = if caption.is_converted() { AttachmentForm::Captions } else { AttachmentForm::Whole };
        (caption.file.as_str(), caption.published_name(), form)
    });
    whole.chain(captions)
}
