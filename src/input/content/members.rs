//! The folders of the content as members of collections: each is an item, a collection, or neither.

use super::check::{Subject, check};
use super::description::{self, COLLECTION_FILE, Described, ITEM_FILE, MetadataFile};
use super::flat::{self, FlatFolder};
use super::folder::Folder;
use super::names::RealNames;
use super::naming::file_name;
use super::pages::{FoundPages, PageFinder};
use super::records::{self, Inherited};
use super::references::PageNames;
use super::sidecars::Sidecars;
use super::texts::{Book, Texts, share_books};
use super::{Scan, annotations, linked, trees};
use crate::config::files;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::input::text;
use crate::model::address::{RESERVED, SitePath, check_name, collision_key, normalised};
use crate::model::settings::{ImageSettings, Originals, PdfChoices, PdfSettings};
use crate::model::{
    AnnotationSet, Collection, Description, Doubt, FileRole, Ignored, Item, ItemId, LabelledFile, Member, Page,
    PagePattern, Range, Record, RecordPage, WithheldAddress,
};
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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
    /// See [`PageFinder::may_hide_pages`].
    may_hide_pages: bool,
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
        let path = match address(folder, above.path) {
            Ok(path) => path,
            Err(error) => {
                self.fail(error);
                return vec![];
            }
        };
        let names = names(&path, &folder.name);
        let tree = trees::as_one_item(folder, &names, &above.inherited, self.config, self.source);
        let folder = tree.as_ref().unwrap_or(folder);
        let has_file = |file: &str| description::is_among(&folder.files, file);
        let images = folder.item_files();
        let (mut doubt, mut collection) = (above.doubt, None);
        if !images.is_empty() && has_file(COLLECTION_FILE) {
            let read = self.read(folder, COLLECTION_FILE, above.images, &mut doubt);
            if self.is_withheld(&read.description, None, folder, &path) {
                return vec![];
            }
            self.watermarks.note(&read.images);
            collection = Some(read);
        }
        let has_pages = images.iter().any(|image| !self.watermarks.contains(image));
        let (subject, file) = match has_pages || has_file(ITEM_FILE) {
            true => (Subject::Item, ITEM_FILE),
            false => (Subject::Collection, COLLECTION_FILE),
        };
        // The metadata file beside a part of a folder is that of another part, or of all.
        let mut read = match folder.is_part && !has_file(file) {
            true => MetadataFile::none(above.images),
            false => self.read(folder, file, above.images, &mut doubt),
        };
        self.watermarks.note(&read.images);
        let images = self.without_watermarks(images);
        let item = (subject == Subject::Item).then_some(&path);
        let is_open = !folder.is_part && !has_file(ITEM_FILE);
        let found =
            self.records(folder, subject, &read.description, item, is_open.then_some((above.inherited, &names)));
        let (subject, file) = match &found.flat {
            None => (subject, file),
            Some(_) => (Subject::Collection, COLLECTION_FILE),
        };
        if let Some(collection) = collection.filter(|_| found.flat.is_some()) {
            read = collection;
        }
        let MetadataFile { description: own, images: settings, pattern } = read;
        self.accepted.below(&folder.path, &own.accept);
        self.note_description(folder, file, item.filter(|_| found.flat.is_none()));
        // What the description cannot say may hold back everything in the folder, and so may a record of a collection.
        let mut doubt_inside = doubt;
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
            description.label = self.label_of(folder);
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
            is_partial: found.is_partial || found.may_hide_pages,
            doubt: found.doubt_below,
            further: Some(&above.inherited),
        };
        let pattern = pattern.as_ref().or(above.pattern);
        let scope = Scope { path: &path, images: &settings, pattern, originals, pdf, inherited, doubt: doubt_inside };
        let members = match subject {
            Subject::Item => {
                let is_partial = found.is_partial || above.inherited.is_partial();
                let (listed, may_hide_pages) = (record.pages, found.may_hide_pages || is_partial);
                let images = &images;
                let item =
                    DescribedItem { folder, scope, description, images, listed, is_partial, may_hide_pages, doubt };
                self.item_and_inner(item, above)
            }
            _ => self.collection(folder, found.flat, scope, description, doubt),
        };
        self.note_unused(&found.below);
        members
    }

    /// Reads the metadata file of a folder, and its amendments. Mistakes are failures, and leave open whether the folder is
    /// published, unless the file says clearly that it is not.
    fn read(&mut self, folder: &Folder, file: &str, above: &ImageSettings, doubt: &mut Option<Doubt>) -> MetadataFile {
        let Described { file, mistakes, is_broken } =
            description::read(&folder.path, file, self.config, self.source, above);
        if !mistakes.is_empty() {
            self.left_out.failures.extend(mistakes);
            self.unreadable.push(folder.path.clone());
            self.broken.extend(is_broken.then(|| folder.path.clone()));
            *doubt = Some(Doubt::Publication);
        }
        file
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
        self.withheld_folders.extend(Some(folder.path.clone()).filter(|_| !folder.is_part));
        let ignored = |path| Ignored { path, code: Code::Withheld, reason };
        self.left_out.ignored.extend(folder.own_paths().into_iter().map(ignored));
        self.withheld.extend(folder.own_paths());
        let id = description.id.as_ref().map(|id| WithheldAddress::Folder { path: path.clone(), id: normalised(id) });
        self.withheld_addresses.extend(id);
        true
    }

    /// The records that the `subject` can have. Of the others only what they hold back is used, and each is a failure.
    pub(super) fn usable(&mut self, records: Vec<Record>, subject: Subject, folder: &Folder) -> Vec<Record> {
        let mut usable = vec![];
        for record in records {
            let mistakes = check(&record.description, subject);
            if mistakes.is_empty() {
                usable.push(record);
                continue;
            }
            for mistake in mistakes {
                let why = format!("its metadata ({}) is not used: {}", record.place, mistake.why);
                self.fail(Error::new(ErrorKind::Content, why).with_path(&folder.path));
            }
            let Description { publish, embargo, .. } = record.description;
            let description = Description { publish, embargo, ..Description::default() };
            let doubt = record.doubt.max(Some(Doubt::Description));
            usable.push(Record { description, doubt, ..record });
        }
        usable
    }

    /// The collection that a folder is: of its folders, or of the items that it holds as a `flat` one. A folder without
    /// members is one only if it has a description.
    fn collection(
        &mut self,
        folder: &Folder,
        flat: Option<FlatFolder>,
        scope: Scope<'_>,
        mut description: Description,
        doubt: Option<Doubt>,
    ) -> Vec<Member> {
        let path = scope.path.clone();
        let is_described = description::is_among(&folder.files, COLLECTION_FILE);
        let parts = flat.as_ref().map(|flat| self.parts(flat, folder)).unwrap_or_default();
        let inner: Vec<&Folder> = parts.iter().chain(flat::others(folder, &parts)).collect();
        let mut members = self.members(&inner, scope);
        self.sort_members(&mut members, folder, description.order.as_ref(), scope.inherited);
        if members.is_empty() && !is_described {
            return vec![];
        }
        let failed = self.failed();
        self.put_real_names(&mut description, folder);
        let files = self.attachments(linked(&description), folder, &path, None);
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
        let DescribedItem { folder, scope, mut description, images, listed, may_hide_pages, mut doubt, .. } = item;
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
        if self.broken.contains(&folder.path) {
            return Some(empty);
        }
        if let Err(why) = check_name(&empty.id.0) {
            let refused =
                Error::new(ErrorKind::Content, format!("the item's id {:?} cannot be used: {why}", empty.id.0));
            self.fail(refused.with_path(&folder.path).with_hint("set `id` in the folder's item.toml"));
            return None;
        }
        let sidecars = Sidecars::sort(folder, images, self.source, self.config.today);
        doubt = doubt.max(sidecars.doubt);
        self.diagnostics.extend(sidecars.diagnostics(&folder.path));
        sidecars.metadata.into_iter().for_each(|file| self.note_use(file, FileRole::Metadata, Some(path)));
        self.left_out.failures.extend(sidecars.failures);
        describe_pages(&mut description, sidecars.described, !listed.is_empty());
        let real_names = RealNames::new(folder, self.source, images, &description, scope.pattern);
        real_names.put_into(&mut description);
        let denied = withhold_files(&mut description, images, scope.inherited);
        let failed = self.failed();
        let captions: Vec<PathBuf> =
            folder.captions().into_iter().filter(|file| !scope.inherited.withholds_file(file)).collect();
        self.captions(&mut description, images, &captions, folder);
        doubt = doubt.max(self.doubt_since(failed));
        let finder = PageFinder {
            folder,
            images,
            description: &description,
            listed: &listed,
            masters: &self.config.masters,
            pattern: scope.pattern,
            today: self.config.today,
            denied: &denied,
            names: &real_names,
            may_hide_pages,
            inherited: scope.inherited,
            by_name: OnceCell::new(),
        };
        let mut found = finder.find();
        self.diagnostics.append(&mut found.diagnostics);
        self.left_out.failures.append(&mut found.failures);
        self.left_out.ignored.append(&mut found.ignored);
        let FoundPages { mut pages, names, mut companions, mut withheld, undescribed, misnamed, .. } = found;
        let texts = Texts::of(sidecars.texts);
        let is_in_order = withheld.paths().is_empty();
        texts.join(&mut pages, is_in_order);
        if pages.iter().any(|page| page.text.is_none() && page.image.is_some()) {
            let books = self.books(&texts.unclaimed(&pages, withheld.paths()), scope.inherited);
            share_books(&books, &mut pages, is_in_order);
        }
        for page in &mut pages {
            page.text.take_if(|text| scope.inherited.withholds_file(&text.path));
        }
        if !undescribed.is_empty() {
            self.misnamed(undescribed, &folder.path, ITEM_FILE);
            self.unreadable.push(folder.path.clone());
        }
        let failed = self.failed();
        self.transcripts(&mut pages);
        let unknown = names.resolve(&mut description);
        self.misnamed(misnamed.into_iter().chain(unknown).collect(), &folder.path, ITEM_FILE);
        doubt = doubt.max(self.doubt_since(failed));
        if Range::limit_depth(&mut description.structures, MAX_RANGE_DEPTH) {
            let message =
                format!("its contents are nested deeper than {MAX_RANGE_DEPTH} levels; deeper parts are moved up");
            self.diagnostics.push(Diagnostic::new(Code::Metadata, message).with_path(&folder.path));
        }
        if description.rendering.0.is_empty() {
            let is_withheld = |file: &Path| scope.inherited.withholds_file(file);
            description.rendering.0 = self.renderings(folder, &empty.id.0, &pages, &is_withheld);
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
        if images.is_empty() {
            let none = Error::new(ErrorKind::Content, "the item has neither images nor recordings");
            self.fail(none.with_path(&folder.path));
            return None;
        }
        for text in pages.iter().filter_map(|page| page.text.as_ref()) {
            self.note_use(text.path.clone(), FileRole::Text, Some(path));
        }
        for set in &description.annotations.0 {
            self.note_use(folder.path.join(&set.file), FileRole::Annotations, Some(path));
        }
        let failed = self.failed();
        let mut annotations = self.annotations(&description, &names, folder);
        self.refuse_taken(&mut annotations, &pages, folder);
        annotations.iter_mut().for_each(|set| withheld.remove_annotations(set, &|name| names.token_of(name)));
        let of_pages = pages.iter().filter_map(|page| page.description.as_deref()).flat_map(linked);
        let files = self.attachments(linked(&description).chain(of_pages), folder, path, Some(path));
        if self.unreadable.contains(&folder.path) {
            // All other mistakes are told by now.
            return Some(empty);
        }
        doubt = doubt.max(self.doubt_since(failed));
        self.diagnostics.extend([real_names.guessed(), names.guessed(&folder.path)].into_iter().flatten());
        Some(Item { description, pages, companions, annotations, files, doubt, ..empty })
    }

    /// Those of `files` that may have the texts of many pages, by how they begin. What cannot be read is none.
    fn books(&self, files: &[&Path], inherited: Inherited<'_>) -> Vec<Book> {
        let is_free = |file: &&&Path| !self.uses.contains_key(**file) && !inherited.withholds_file(file);
        let book = |file: &&Path| {
            let here = self.source.local(file).ok()?;
            let format = text::book_format(&files::read_head(&here.path, text::HEAD).ok()?)?;
            Some(Book { path: file.to_path_buf(), format })
        };
        files.iter().filter(is_free).filter_map(book).collect()
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
                Err(mistakes) => self.left_out.failures.extend(mistakes),
            }
        }
        sets
    }
}

/// Adds what files beside images say of pages, by the names of the images. A list of pages gives them their labels.
fn describe_pages(description: &mut Description, described: BTreeMap<String, Description>, is_listed: bool) {
    for (file, mut page) in described {
        if is_listed {
            page.title_to_pair();
        }
        let written = description.pages.remove(&file).unwrap_or_default();
        description.pages.insert(file, written.over(page));
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
pub(super) fn names(path: &SitePath, folder: &str) -> Vec<String> {
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
