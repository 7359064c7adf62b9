//! The folders of the content as members of collections: each is an item, a collection, or neither.

use super::check::{Subject, check};
use super::companions::Texts;
use super::description::{self, COLLECTION_FILE, ITEM_FILE, MetadataFile};
use super::folder::Folder;
use super::naming::file_name;
use super::pages::{FoundPages, PageFinder};
use super::records::{self, Inherited};
use super::references::PageNames;
use super::{Scan, annotations};
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::{RESERVED, SitePath, check_name, collision_key, normalised};
use crate::model::settings::{ImageSettings, Originals, PdfChoices, PdfSettings};
use crate::model::{
    AnnotationSet, Collection, Description, Doubt, FileRole, Ignored, Item, ItemId, LabelledFile, LanguageMap, Member,
    Page, PagePattern, Range, Record, RecordPage, WithheldAddress,
};
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How deep the contents of an item may be nested. Readers of JSON end at some depth, and a Manifest has two levels for each.
const MAX_RANGE_DEPTH: usize = 40;

/// The address of a folder, and the settings of its members unless they have their own.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub path: &'a SitePath,
    /// How images are published.
    pub images: &'a ImageSettings,
    /// The user's own rule for reading names.
    pub pattern: Option<&'a PagePattern>,
    pub originals: Originals,
    /// How the PDF of an item is made; `None`: none is.
    pub pdf: Option<PdfSettings>,
    pub inherited: Inherited<'a>,
    /// What is said above may hold back everything here, and cannot be read.
    pub doubt: Option<Doubt>,
}

/// Why a folder is withheld that does not say so itself.
const BY_METADATA: &str = "a metadata file withholds it: a table, a finding aid, or rights in METS";

/// A folder that is an item, with its description.
struct DescribedItem<'a> {
    folder: &'a Folder,
    scope: Scope<'a>,
    description: Description,
    /// The files that may be its pages.
    images: &'a [PathBuf],
    /// The pages that a record lists.
    listed: Vec<RecordPage>,
    /// A metadata file of it withholds pages, so that files for the whole item may show them.
    is_partial: bool,
    doubt: Option<Doubt>,
}

impl Scan<'_> {
    /// The collections and items in `folders`, in their order.
    pub(super) fn members(&mut self, folders: &[&Folder], scope: Scope<'_>) -> Vec<Member> {
        let scanned: Vec<_> = folders
            .par_iter()
            .map(|folder| {
                let mut below = Scan { watermarks: self.watermarks.clone(), ..Scan::new(self.config, self.source) };
                (below.member(folder, scope), below)
            })
            .collect();
        let mut members = vec![];
        for (found, below) in scanned {
            members.extend(found);
            self.join(below);
        }
        members
    }

    /// The members that a folder is: a collection, or an item and the items within its folder, or none.
    fn member(&mut self, folder: &Folder, above: Scope<'_>) -> Vec<Member> {
        let has_file = |file: &str| description::is_among(&folder.files, file);
        let images = folder.item_files();
        let path = match address(folder, above.path) {
            Ok(path) => path,
            Err(error) => {
                self.fail(error);
                return vec![];
            }
        };
        let mut doubt = above.doubt;
        if !images.is_empty() && has_file(COLLECTION_FILE) {
            let collection = self.read(folder, COLLECTION_FILE, above.images, &mut doubt);
            if self.is_withheld(&collection.description, None, folder, &path) {
                return vec![];
            }
            self.watermarks.note(&collection.images);
        }
        let has_pages = images.iter().any(|image| !self.watermarks.contains(image));
        let (subject, file) = match has_pages || has_file(ITEM_FILE) {
            true => (Subject::Item, ITEM_FILE),
            false => (Subject::Collection, COLLECTION_FILE),
        };
        let MetadataFile { description: own, images: settings, pattern } =
            self.read(folder, file, above.images, &mut doubt);
        self.watermarks.note(&settings);
        let images = self.without_watermarks(images);
        self.accepted.below(&folder.path, &own.accept);
        let item = (subject == Subject::Item).then_some(&path);
        self.note_description(folder, file, item);
        // What the description cannot say may hold back everything in the folder, and so may a record of a collection.
        let mut doubt_inside = doubt;
        let found = self.records(folder, subject, &own, item);
        let names = names(&path, &folder.name);
        let lists = found.below.iter().filter_map(|file| file.page_list(&names));
        let records: Vec<Record> = found.own.into_iter().chain(lists).chain(above.inherited.records(&names)).collect();
        let record = records::merged(self.usable(records, subject, folder));
        doubt = doubt.max(found.doubt).max(above.inherited.doubt(&names)).max(record.doubt);
        let (own_reason, is_decided) = (own.withheld(self.config.today), own.publish.is_some());
        let mut description = own.over(record.description);
        let all_names: Vec<String> = names.iter().chain(&description.id).cloned().collect();
        let is_withheld_by = |file: &records::RecordFile| file.withholds(&all_names);
        if !is_decided && (found.below.iter().any(is_withheld_by) || above.inherited.withholds(&all_names)) {
            description.publish = Some(false);
        }
        if description.label.is_empty() {
            description.label = LanguageMap::plain(&folder.name);
        }
        if self.is_withheld(&description, own_reason.or(Some(BY_METADATA)), folder, &path) {
            self.note_unused(&found.below);
            return vec![];
        }
        doubt_inside = doubt_inside.max(doubt.filter(|doubt| *doubt == Doubt::Publication));
        let originals = description.originals.unwrap_or(above.originals);
        description.originals = Some(originals);
        let pdf = pdf_below(description.pdf, above.pdf);
        let inherited = Inherited {
            files: &found.below,
            withheld: &found.withheld,
            doubt: found.doubt_below,
            further: Some(&above.inherited),
        };
        let pattern = pattern.as_ref().or(above.pattern);
        let scope = Scope { path: &path, images: &settings, pattern, originals, pdf, inherited, doubt: doubt_inside };
        let members = match subject {
            Subject::Item => {
                let (listed, is_partial) = (record.pages, found.is_partial);
                let item = DescribedItem { folder, scope, description, images: &images, listed, is_partial, doubt };
                self.item_and_inner(item, above)
            }
            _ => self.collection(folder, scope, description, has_file(COLLECTION_FILE), doubt),
        };
        self.note_unused(&found.below);
        members
    }

    /// Reads the metadata file of a folder, and its amendments. A mistake is a failure, and leaves open whether the folder
    /// is published.
    fn read(&mut self, folder: &Folder, file: &str, above: &ImageSettings, doubt: &mut Option<Doubt>) -> MetadataFile {
        let amended = || {
            let mut read = description::read(&folder.path, file, self.config, self.source, above)?;
            description::amend(&folder.path, file, self.source, &mut read.description)?;
            Ok(read)
        };
        amended().unwrap_or_else(|error: Error| {
            self.fail(error);
            self.unreadable.push(folder.path.clone());
            *doubt = Some(Doubt::Publication);
            MetadataFile::none(above)
        })
    }

    /// Whether a description withholds everything in `folder`, which is ignored then. `reason`: a better one than the
    /// description's.
    fn is_withheld(
        &mut self,
        description: &Description,
        reason: Option<&'static str>,
        folder: &Folder,
        path: &SitePath,
    ) -> bool {
        let Some(own) = description.withheld(self.config.today) else { return false };
        let reason = reason.unwrap_or(own);
        self.withheld_folders.push(folder.path.clone());
        self.left_out.ignored.push(Ignored { path: folder.path.clone(), code: Code::Withheld, reason });
        self.withheld.push(folder.path.clone());
        let id = description.id.as_ref().map(|id| WithheldAddress::Folder { path: path.clone(), id: normalised(id) });
        self.withheld_addresses.extend(id);
        true
    }

    /// The records that the `subject` can have. Of the others only what they hold back is used, and each is a failure.
    pub(super) fn usable(&mut self, records: Vec<Record>, subject: Subject, folder: &Folder) -> Vec<Record> {
        let mut usable = vec![];
        for record in records {
            match check(&record.description, subject) {
                Ok(()) => usable.push(record),
                Err(mistake) => {
                    let why = format!("its metadata ({}) is not used: {}", record.place, mistake.why);
                    self.fail(Error::new(ErrorKind::Content, why).with_path(&folder.path));
                    let Description { publish, embargo, .. } = record.description;
                    let description = Description { publish, embargo, ..Description::default() };
                    let doubt = record.doubt.max(Some(Doubt::Description));
                    usable.push(Record { description, doubt, ..record });
                }
            }
        }
        usable
    }

    /// The collection that a folder is. A folder without members is one only if it `is_described`.
    fn collection(
        &mut self,
        folder: &Folder,
        scope: Scope<'_>,
        description: Description,
        is_described: bool,
        doubt: Option<Doubt>,
    ) -> Vec<Member> {
        let path = scope.path.clone();
        let members = self.members(&folder.folders.iter().collect::<Vec<_>>(), scope);
        if members.is_empty() && !is_described {
            return vec![];
        }
        let failed = self.failed();
        let files = self.attachments(&description, &folder.path, &path, None);
        let doubt = doubt.max(self.doubt_since(failed));
        let folder = folder.path.clone();
        vec![Member::Collection(Collection { path, folder, description, members, files, doubt })]
    }

    /// An item, and the items within its folder, which become members beside it.
    fn item_and_inner(&mut self, item: DescribedItem<'_>, above: Scope<'_>) -> Vec<Member> {
        let Scope { images, pattern, originals, pdf, .. } = above;
        let beside = Scope { images, pattern, originals, pdf, ..item.scope };
        let withheld = self.withheld.len();
        let inner = self.members(&item.folder.inner_members(), beside);
        let is_whole = self.withheld.len() == withheld && !item.is_partial;
        let own = self.item(item, is_whole).map(Member::Item);
        own.into_iter().chain(inner).collect()
    }

    /// The item with its pages and files. `None`: it cannot be published, for a reason that is noted. `is_whole`: nothing
    /// within its folder is withheld.
    fn item(&mut self, item: DescribedItem<'_>, is_whole: bool) -> Option<Item> {
        let DescribedItem { folder, scope, mut description, images, listed, mut doubt, .. } = item;
        let path = scope.path;
        let id = match &description.id {
            Some(id) => normalised(id),
            None => path.segments().collect::<Vec<_>>().join("-"),
        };
        let empty = Item {
            id: ItemId(id),
            path: path.clone(),
            folder: folder.path.clone(),
            description: Description::default(),
            images: scope.images.clone(),
            pdf: scope.pdf,
            pages: vec![],
            companions: vec![],
            annotations: vec![],
            files: vec![],
            doubt: Some(Doubt::Publication),
        };
        if self.unreadable.contains(&folder.path) {
            return Some(empty);
        }
        if let Err(why) = check_name(&empty.id.0) {
            let refused =
                Error::new(ErrorKind::Content, format!("the item's id {:?} cannot be used: {why}", empty.id.0));
            self.fail(refused.with_path(&folder.path).with_hint("set `id` in the folder's item.toml"));
            return None;
        }
        let denied = withhold_files(&mut description, images, scope.inherited);
        let finder = PageFinder {
            folder,
            source: self.source,
            images,
            description: &description,
            listed: &listed,
            masters: &self.config.masters,
            pattern: scope.pattern,
            today: self.config.today,
            denied: &denied,
            by_name: OnceCell::new(),
        };
        let found = match finder.find() {
            Ok(found) => found,
            Err(error) => {
                self.fail(error);
                self.unreadable.push(folder.path.clone());
                return Some(empty);
            }
        };
        let FoundPages { mut pages, names, mut companions, mut withheld, ignored, diagnostics, failures } = found;
        Texts::of(folder).join(&mut pages);
        for page in &mut pages {
            page.text.take_if(|text| scope.inherited.withholds_file(text));
        }
        self.diagnostics.extend(diagnostics);
        let failed = self.failed();
        self.left_out.failures.extend(names.resolve(&mut description, &folder.path));
        doubt = doubt.max(self.doubt_since(failed));
        if Range::limit_depth(&mut description.structures, MAX_RANGE_DEPTH) {
            let message =
                format!("its contents are nested deeper than {MAX_RANGE_DEPTH} levels; deeper parts are moved up");
            self.diagnostics.push(Diagnostic::new(Code::Metadata, message).with_path(&folder.path));
        }
        withheld.remove_from_item(&mut description, &mut companions);
        self.withheld.extend_from_slice(withheld.paths());
        let address =
            |token: &String| WithheldAddress::Page { item: path.clone(), id: empty.id.0.clone(), token: token.clone() };
        self.withheld_addresses.extend(withheld.tokens().map(address));
        if withheld.remove_renderings(&mut description, is_whole) {
            let message =
                "what its metadata file offers for the whole item, such as a PDF, is not published: a part is withheld";
            self.diagnostics.push(Diagnostic::new(Code::Withheld, message).with_path(&folder.path));
        }
        self.left_out.failures.extend(failures);
        self.left_out.ignored.extend(ignored);
        if images.is_empty() {
            let none = Error::new(ErrorKind::Content, "the item has neither images nor recordings");
            self.fail(none.with_path(&folder.path));
            return None;
        }
        for text in pages.iter().filter_map(|page| page.text.clone()) {
            self.note_use(text, FileRole::Text, Some(path));
        }
        for set in &description.annotations.0 {
            self.note_use(folder.path.join(&set.file), FileRole::Annotations, Some(path));
        }
        let failed = self.failed();
        let mut annotations = self.annotations(&description, &names, folder);
        self.refuse_taken(&mut annotations, &pages, folder);
        annotations.iter_mut().for_each(|set| withheld.remove_annotations(set, &|name| names.token_of(name)));
        let files = self.attachments(&description, &folder.path, path, Some(path));
        doubt = doubt.max(self.doubt_since(failed));
        Some(Item { description, pages, companions, annotations, files, doubt, ..empty })
    }

    /// Takes out annotations whose address is taken by others or by the text of a page. Each is a failure.
    fn refuse_taken(&mut self, sets: &mut Vec<AnnotationSet>, pages: &[Page], folder: &Folder) {
        let texts = pages.iter().filter(|page| page.text.is_some());
        let mut taken: BTreeSet<String> = texts.map(|page| collision_key(&format!("{}.json", page.token))).collect();
        // The folder of the annotations for older clients.
        taken.insert("v2".to_owned());
        sets.retain(|set| {
            let collection = (!set.label.is_empty()).then(|| collision_key(&format!("{}.json", set.name)));
            let addresses: Vec<String> = [collision_key(&set.name)].into_iter().chain(collection).collect();
            if addresses.iter().any(|address| taken.contains(address)) {
                let why = format!("the annotations {:?} would take the address of others", set.name);
                let refused = Error::new(ErrorKind::Content, why).with_code(Code::IdTaken).with_path(&folder.path);
                self.fail(refused.with_hint("give their file another name"));
                return false;
            }
            taken.extend(addresses);
            true
        });
    }

    /// The annotations in the item's annotation files. A file with a mistake in it, or that is named again, is a
    /// failure.
    fn annotations(&mut self, description: &Description, names: &PageNames, folder: &Folder) -> Vec<AnnotationSet> {
        let (mut sets, mut seen) = (vec![], BTreeSet::new());
        for LabelledFile { file, label } in &description.annotations.0 {
            if !seen.insert(file) {
                let why = format!("`annotations` names {file:?} twice");
                let refused = Error::new(ErrorKind::Content, why).with_path(&folder.path);
                self.fail(refused.with_hint("remove one of them"));
                continue;
            }
            match annotations::read(&folder.path.join(file), self.source, names) {
                Ok(set) => sets.push(AnnotationSet { label: label.clone(), ..set }),
                Err(error) => self.fail(error),
            }
        }
        sets
    }
}

/// Notes in `description` that metadata withholds some of the `images`, unless the description says of them whether they
/// are published. Returns these images.
fn withhold_files(description: &mut Description, images: &[PathBuf], inherited: Inherited<'_>) -> BTreeSet<PathBuf> {
    let mut denied = BTreeSet::new();
    for image in images.iter().filter(|image| inherited.withholds_file(image)) {
        let page = description.pages.entry(file_name(image).into_owned()).or_default();
        if *page.publish.get_or_insert(false) {
            continue;
        }
        denied.insert(image.clone());
    }
    denied
}

/// Whether a PDF is made of an item, and how: as its description chooses, else as it is `above`.
pub(super) fn pdf_below(own: Option<PdfChoices>, above: Option<PdfSettings>) -> Option<PdfSettings> {
    own.map_or(above, |own| own.over(above))
}

/// The names by which a record may know the folder at `path`: its path and the ends of the path, the id made from it, and its
/// name.
fn names(path: &SitePath, folder: &str) -> Vec<String> {
    let path = path.as_str();
    let ends = path.match_indices('/').map(|(at, _)| path[at + 1..].to_owned());
    std::iter::once(path.to_owned()).chain(ends).chain([path.replace('/', "-"), folder.to_owned()]).collect()
}

/// The address of a folder below the address `above`. Refused if its name cannot be part of an address.
fn address(folder: &Folder, above: &SitePath) -> Result<SitePath> {
    let name = normalised(&folder.name);
    let is_kept = above.as_str().is_empty() && RESERVED.contains(&collision_key(&name).as_str());
    let entered = match is_kept {
        true => Err(format!("the site keeps the address {name:?} for itself")),
        false => above.enter_folder(&name),
    };
    entered.map_err(|why| {
        let refused = Error::new(ErrorKind::Content, why).with_code(Code::RefusedName);
        refused.with_path(&folder.path).with_hint("rename the folder")
    })
}
