//! The folders of the content as members of collections: each is an item, a collection, or neither.

use super::check::{Subject, check};
use super::companions::Texts;
use super::description::{self, COLLECTION_FILE, ITEM_FILE, MetadataFile};
use super::folder::Folder;
use super::pages::{FoundPages, PageFinder};
use super::records::{self, Inherited};
use super::references::PageNames;
use super::{Scan, annotations};
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::{SitePath, check_name, collision_key, normalised};
use crate::model::settings::ImageSettings;
use crate::model::{
    AnnotationSet, Collection, Description, FileRole, Ignored, Item, ItemId, LabelledFile, LanguageMap, Member, Page,
    PagePattern, Record, RecordPage, WithheldAddress,
};
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Addresses in the site's root that no collection or item can have.
const RESERVED: &str = "404.html activity assets atom.xml collection.json collection.v2.json dump iiif index.html \
    oai-pmh.xml parts robots.txt search sitemap.xml";

/// The address of a folder, and the settings of its members unless they have their own.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub path: &'a SitePath,
    /// How images are published.
    pub images: &'a ImageSettings,
    /// The user's own rule for reading names.
    pub pattern: Option<&'a PagePattern>,
    pub inherited: Inherited<'a>,
}

/// A folder that is an item, with its description.
struct DescribedItem<'a> {
    folder: &'a Folder,
    scope: Scope<'a>,
    description: Description,
    /// The files that may be its pages.
    images: &'a [PathBuf],
    /// The pages that a record lists.
    listed: Vec<RecordPage>,
}

impl Scan<'_> {
    /// The collections and items in `folders`, in their order.
    pub(super) fn members(&mut self, folders: &[&Folder], scope: Scope<'_>) -> Result<Vec<Member>> {
        let scanned: Vec<_> = folders
            .par_iter()
            .map(|folder| {
                let mut below = Scan { watermarks: self.watermarks.clone(), ..Scan::new(self.config, self.source) };
                (below.member(folder, scope), below)
            })
            .collect();
        let mut members = vec![];
        for (found, below) in scanned {
            members.extend(found?);
            self.join(below);
        }
        Ok(members)
    }

    /// The members that a folder is: a collection, or an item and the items within its folder, or none.
    fn member(&mut self, folder: &Folder, above: Scope<'_>) -> Result<Vec<Member>> {
        let has_file = |file: &str| description::is_among(&folder.files, file);
        let images = folder.item_files();
        let path = match address(folder, above.path) {
            Ok(path) => path,
            Err(error) => {
                self.fail(error);
                return Ok(vec![]);
            }
        };
        if !images.is_empty() && has_file(COLLECTION_FILE) {
            let collection = description::read(&folder.path, COLLECTION_FILE, self.config, self.source, above.images)?;
            if self.is_withheld(&collection.description, folder, &path) {
                return Ok(vec![]);
            }
            self.watermarks.note(&collection.images);
        }
        let has_pages = images.iter().any(|image| !self.watermarks.contains(image));
        let (subject, file) = match has_pages || has_file(ITEM_FILE) {
            true => (Subject::Item, ITEM_FILE),
            false => (Subject::Collection, COLLECTION_FILE),
        };
        let read = description::read(&folder.path, file, self.config, self.source, above.images)?;
        let MetadataFile { description: mut own, images: settings, pattern } = read;
        self.watermarks.note(&settings);
        let images = self.without_watermarks(images);
        self.accepted.below(&folder.path, &own.accept);
        description::amend(&folder.path, file, self.source, &mut own)?;
        let item = (subject == Subject::Item).then_some(&path);
        self.note_description(folder, file, item);
        let found = self.records(folder, subject, &own, item)?;
        let names = names(&path, &folder.name);
        let lists = found.below.iter().filter_map(|file| file.page_list(&names));
        let records: Vec<Record> = found.own.into_iter().chain(lists).chain(above.inherited.records(&names)).collect();
        let Record { description, pages: listed, .. } = records::merged(self.usable(records, subject, folder));
        let mut description = own.over(description);
        if description.label.is_empty() {
            description.label = LanguageMap::plain(&folder.name);
        }
        if self.is_withheld(&description, folder, &path) {
            self.note_unused(&found.below);
            return Ok(vec![]);
        }
        let inherited = Inherited { files: &found.below, further: Some(&above.inherited) };
        let pattern = pattern.as_ref().or(above.pattern);
        let scope = Scope { path: &path, images: &settings, pattern, inherited };
        let members = match subject {
            Subject::Item => {
                self.item_and_inner(DescribedItem { folder, scope, description, images: &images, listed }, above)
            }
            _ => self.collection(folder, scope, description, has_file(COLLECTION_FILE)),
        };
        self.note_unused(&found.below);
        members
    }

    /// Whether a description withholds everything in `folder`, which is ignored then.
    fn is_withheld(&mut self, description: &Description, folder: &Folder, path: &SitePath) -> bool {
        let Some(reason) = description.withheld(self.config.today) else { return false };
        self.left_out.ignored.push(Ignored { path: folder.path.clone(), code: Code::Withheld, reason });
        self.withheld.push(folder.path.clone());
        let id = description.id.as_ref().map(|id| WithheldAddress::Folder { path: path.clone(), id: normalised(id) });
        self.withheld_addresses.extend(id);
        true
    }

    /// The records that the `subject` can have. The others are failures.
    fn usable(&mut self, records: Vec<Record>, subject: Subject, folder: &Folder) -> Vec<Record> {
        let mut usable = vec![];
        for record in records {
            match check(&record.description, subject) {
                Ok(()) => usable.push(record),
                Err(mistake) => {
                    let why = format!("its metadata ({}) is not used: {}", record.place, mistake.why);
                    self.fail(Error::new(ErrorKind::Content, why).with_path(&folder.path));
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
    ) -> Result<Vec<Member>> {
        let path = scope.path.clone();
        let members = self.members(&folder.folders.iter().collect::<Vec<_>>(), scope)?;
        if members.is_empty() && !is_described {
            return Ok(vec![]);
        }
        let files = self.attachments(&description, &folder.path, &path, None);
        Ok(vec![Member::Collection(Collection { path, description, members, files })])
    }

    /// An item, and the items within its folder, which become members beside it.
    fn item_and_inner(&mut self, item: DescribedItem<'_>, above: Scope<'_>) -> Result<Vec<Member>> {
        let beside = Scope { images: above.images, pattern: above.pattern, ..item.scope };
        let withheld = self.withheld.len();
        let inner = self.members(&item.folder.inner_members(), beside)?;
        let is_whole = self.withheld.len() == withheld;
        let own = self.item(item, is_whole)?.map(Member::Item);
        Ok(own.into_iter().chain(inner).collect())
    }

    /// The item with its pages and files. `None`: it cannot be published, for a reason that is noted. `is_whole`: nothing
    /// within its folder is withheld.
    fn item(&mut self, item: DescribedItem<'_>, is_whole: bool) -> Result<Option<Item>> {
        let DescribedItem { folder, scope, mut description, images, listed } = item;
        let path = scope.path;
        let id = match &description.id {
            Some(id) => normalised(id),
            None => path.segments().collect::<Vec<_>>().join("-"),
        };
        if let Err(why) = check_name(&id) {
            let refused = Error::new(ErrorKind::Content, format!("the item's id {id:?} cannot be used: {why}"));
            self.fail(refused.with_path(&folder.path).with_hint("set `id` in the folder's item.toml"));
            return Ok(None);
        }
        let finder = PageFinder {
            folder,
            source: self.source,
            images,
            description: &description,
            listed: &listed,
            masters: &self.config.masters,
            pattern: scope.pattern,
            today: self.config.today,
            by_name: OnceCell::new(),
        };
        let FoundPages { mut pages, names, mut companions, mut withheld, ignored, diagnostics, failures } =
            finder.find()?;
        Texts::of(folder).join(&mut pages);
        self.diagnostics.extend(diagnostics);
        self.left_out.failures.extend(names.resolve(&mut description, &folder.path));
        withheld.remove_from_item(&mut description, &mut companions);
        self.withheld.extend_from_slice(withheld.paths());
        let address =
            |token: &String| WithheldAddress::Page { item: path.clone(), id: id.clone(), token: token.clone() };
        self.withheld_addresses.extend(withheld.tokens().map(address));
        if withheld.remove_originals(&mut description, is_whole) {
            let message = "its metadata file is not published, for some of what it lists is not";
            self.diagnostics.push(Diagnostic::new(Code::Withheld, message).with_path(&folder.path));
        }
        self.left_out.failures.extend(failures);
        self.left_out.ignored.extend(ignored);
        if images.is_empty() {
            let empty = Error::new(ErrorKind::Content, "the item has neither images nor recordings");
            self.fail(empty.with_path(&folder.path));
            return Ok(None);
        }
        for text in pages.iter().filter_map(|page| page.text.clone()) {
            self.note_use(text, FileRole::Text, Some(path));
        }
        for set in &description.annotations.0 {
            self.note_use(folder.path.join(&set.file), FileRole::Annotations, Some(path));
        }
        let mut annotations = self.annotations(&description, &names, folder);
        self.refuse_taken(&mut annotations, &pages, folder);
        annotations.iter_mut().for_each(|set| withheld.remove_annotations(set, &|name| names.token_of(name)));
        let files = self.attachments(&description, &folder.path, path, Some(path));
        Ok(Some(Item {
            id: ItemId(id),
            path: path.clone(),
            folder: folder.path.clone(),
            description,
            images: scope.images.clone(),
            pages,
            companions,
            annotations,
            files,
        }))
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
    let refused = |why: String| {
        let refused = Error::new(ErrorKind::Content, why).with_code(Code::RefusedName);
        Err(refused.with_path(&folder.path).with_hint("rename the folder"))
    };
    if let Err(why) = check_name(&name) {
        return refused(format!("the folder's name cannot be part of an address: {why}"));
    }
    if above.as_str().is_empty() && RESERVED.split(' ').any(|reserved| reserved == collision_key(&name)) {
        return refused(format!("the site keeps the address {name:?} for itself"));
    }
    Ok(above.join(&name))
}
