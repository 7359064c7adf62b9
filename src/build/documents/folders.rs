//! DESCRIBE and RENDER: the JSON and HTML of every folder of the site whose fingerprint changed. Each folder's
//! documents are made and written before the next, so that a large site takes no more memory than a small one.
//!
//! JSON that lacks a text or a patch that cannot be used is made again by the next build, which reports it too.
//!
//! The JSON of an item is made again if its description, its pages (order, labels, sizes), its annotations, the files
//! with its text (size, date), the label of its collection, `base-url`, `[iiif]` or the version of the program changed.
//! That of a collection depends on its description, its members (labels, first pages), the collection above,
//! `base-url`, `[iiif]` and the version. HTML depends on the same, and on all templates, words and browser files, on
//! neighbours and breadcrumbs, and on the title and the language of the site. A further page of a collection is a folder of
//! its own, made again if one of its members changed, or the number of all.

mod cards;
mod item_texts;

use super::occupied::{self, Occupied};
use super::statics::{DueStatics, Statics};
use crate::build::last_good;
use crate::build::progress::{DocumentKind, Stage};
use crate::build::run::Run;
use crate::build::stages::{Running, Stages};
use crate::config::Config;
use crate::documents::iiif::{self, Described, Document, address};
use crate::documents::render::theme::Theme;
use crate::documents::render::{self, ListPage, Pages, Settings};
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::SitePath;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::settings::OlderApis;
use crate::model::site::{CollectionNode, SiteCollection, SiteItem, Standing};
use crate::model::{Feed, ImageId};
use crate::storage::fingerprint::{Field, Fingerprint, Reason, reasons};
use crate::storage::output::{Published, occupied};
use crate::storage::state::{DocumentRecord, Snapshot};
use parking_lot::Mutex;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// Under which the site's own pages are recorded: no folder has such a name.
const SITE: &str = ".site";

/// See the [module](self).
pub struct Documents<'a> {
    run: &'a Run<'a>,
    statics: &'a Statics,
    due_statics: DueStatics<'a>,
    /// Paths of static files of the last build that are there no more.
    gone: BTreeSet<&'a str>,
    changes: ImageChanges<'a>,
    pages: Pages<'a>,
    nodes: &'a [CollectionNode<'a>],
    folders: Vec<Folder>,
    /// Documents and static files that are left out, because somebody else's files are in their places.
    occupied: BTreeMap<SitePath, PathBuf>,
    /// Paths of folders whose JSON lacks something that was asked for.
    lacking: Mutex<BTreeSet<String>>,
    /// Paths of folders whose HTML could not be made with the project's templates.
    unrendered: Mutex<BTreeSet<String>>,
    /// For the pages that those templates cannot make.
    built_in: OnceLock<Option<Theme>>,
}

/// The images of this build.
pub struct ImageChanges<'a> {
    /// Items of which images were made, each with an info.json.
    pub items: BTreeSet<&'a SitePath>,
    /// Images that documents name already, and that a later build makes.
    pub deferred: &'a BTreeSet<ImageId>,
}

/// A folder of the site and the work in it.
struct Folder {
    kind: FolderKind,
    path: SitePath,
    record: DocumentRecord,
    occupied: Vec<Occupied>,
    /// Why its JSON and its HTML are made; empty: they are as they should be.
    why_documents: Vec<Reason>,
    why_pages: Vec<Reason>,
}

#[derive(Clone, Copy)]
enum FolderKind {
    /// The pages of the site as a whole.
    Site,
    /// An index into the nodes.
    Collection(usize),
    /// An index into the nodes, and a further page of that collection.
    ListPage(usize, ListPage),
    /// An index into the nodes, and one into the node's items.
    Item(usize, usize),
}

impl<'a> Documents<'a> {
    /// Compares every folder of `site` with its record.
    pub fn compare(
        site: &'a SiteCollection,
        nodes: &'a [CollectionNode<'a>],
        theme: &'a Theme,
        statics: &'a Statics,
        changes: ImageChanges<'a>,
        run: &'a Run<'a>,
    ) -> Documents<'a> {
        let Config { base_url, title, language, open_in, .. } = run.config;
        let feed = run.config.discovery.contains(&Feed::Atom).then(address::atom);
        let settings = Settings { base_url, title, language, feed, open_in };
        let listings = Arc::new(render::listings(nodes, language));
        let pages = Pages { site, theme, settings, outlines: Arc::default(), listings };
        let ((due_statics, occupied), gone) = (statics.due(run), statics.gone(run.previous));
        let (folders, lacking, unrendered) = (vec![], Mutex::default(), Mutex::default());
        let occupied = occupied.into_iter().collect();
        let mut documents = Documents {
            run,
            statics,
            due_statics,
            gone,
            changes,
            pages,
            nodes,
            folders,
            occupied,
            lacking,
            unrendered,
            built_in: OnceLock::new(),
        };
        documents.pages.outlines = Arc::new(run.pool.install(|| documents.outlines()));
        let below = |node: usize| {
            let items = (0..nodes[node].items.len()).map(move |item| FolderKind::Item(node, item));
            let pages = documents.pages.listings.get(&nodes[node].collection.path);
            let pages = pages.into_iter().flat_map(|listing| listing.further_pages());
            let pages = pages.map(move |page| FolderKind::ListPage(node, page));
            std::iter::once(FolderKind::Collection(node)).chain(pages).chain(items)
        };
        let kinds: Vec<FolderKind> =
            std::iter::once(FolderKind::Site).chain((0..nodes.len()).flat_map(below)).collect();
        documents.folders = run.pool.install(|| kinds.par_iter().map(|kind| documents.folder(*kind)).collect());
        let occupied = documents.folders.iter_mut().flat_map(|folder| std::mem::take(&mut folder.occupied));
        documents.occupied.extend(occupied);
        documents
    }

    fn folder(&self, kind: FolderKind) -> Folder {
        let (path, mut record) = self.expected(kind);
        let before = self.run.previous.documents.get(path.as_str());
        let occupied = self.take_occupied(&mut record, before);
        let anyway = self.anyway(&record);
        let why = |now: &Option<Fingerprint>, then: Option<&Option<Fingerprint>>| {
            let Some(now) = now else { return vec![] };
            let changed = match then {
                Some(None) => vec![Reason::Unfinished],
                // An info.json came with them, perhaps written with other settings.
                Some(_) if self.changes.items.contains(&path) => vec![Reason::Changed(Field::Pages)],
                then => reasons(now, then.and_then(Option::as_ref)),
            };
            if changed.is_empty() || anyway == Some(Reason::Forced) { anyway.into_iter().collect() } else { changed }
        };
        let why_documents = why(&record.documents, before.map(|before| &before.documents));
        let why_pages = why(&record.pages, before.map(|before| &before.pages));
        Folder { kind, path, record, occupied, why_documents, why_pages }
    }

    /// The reason to make documents although their input is the same.
    pub fn anyway(&self, record: &DocumentRecord) -> Option<Reason> {
        match () {
            () if self.run.config.force => Some(Reason::Forced),
            () if self.run.doubts_documents() => Some(Reason::Damaged),
            () if !self.is_there(record) => Some(Reason::Missing),
            () => None,
        }
    }

    fn is_there(&self, record: &DocumentRecord) -> bool {
        record
            .files
            .iter()
            .map(|file| SitePath::root().join(file))
            .all(|file| self.run.directory.has(&file) && !self.gone.contains(file.as_str()))
    }

    fn settings(&self) -> iiif::Settings<'a> {
        let Config { base_url, text_granularity, older, .. } = self.run.config;
        iiif::Settings { base: base_url, granularity: *text_granularity, older: *older }
    }

    /// The record of a folder when its documents are as they should be.
    fn expected(&self, kind: FolderKind) -> (SitePath, DocumentRecord) {
        let older = self.run.config.older;
        let (path, documents, pages, files) = match kind {
            FolderKind::Site => {
                let files = self.pages.site_addresses(self.nodes);
                (SitePath::root().join(SITE), None, self.pages.site_fingerprint(self.nodes), files)
            }
            FolderKind::Collection(node) => {
                let node = &self.nodes[node];
                let path = node.collection.path.clone();
                let mut files = iiif::collection_addresses(node.collection, older);
                files.push(address::page(&path));
                let documents = iiif::collection_fingerprint(node, self.settings());
                (path, Some(documents), self.pages.collection_fingerprint(node, ListPage::FIRST), files)
            }
            FolderKind::ListPage(node, page) => {
                let node = &self.nodes[node];
                let path = page.folder(&node.collection.path);
                let files = vec![address::page(&path)];
                (path, None, self.pages.collection_fingerprint(node, page), files)
            }
            FolderKind::Item(node, index) => {
                let node = &self.nodes[node];
                let item = node.items[index];
                let documents = self.item_fingerprint(item, node);
                let pages = self.pages.item_fingerprint(node, index, documents.of(Field::Text));
                (item.path.clone(), Some(documents), pages, self.item_addresses(item, self.pages.outline(item)))
            }
        };
        let files = files.iter().map(|file| file.as_str().to_owned()).collect();
        (path, DocumentRecord { documents, pages: Some(pages), files })
    }

    /// The records, with their keys, of folders in which something is made, and of static files that may be copied.
    pub fn due(&self) -> impl Iterator<Item = (&str, &DocumentRecord)> {
        let is_due = |folder: &&Folder| !folder.why_documents.is_empty() || !folder.why_pages.is_empty();
        let folders = self.folders.iter().filter(is_due).map(|folder| (folder.path.as_str(), &folder.record));
        folders.chain(self.due_statics.records())
    }

    /// Records the documents that are going to be made.
    pub fn note(&self) -> Result<()> {
        self.run.begin_documents(self.due())
    }

    /// Takes from `record` the files whose places somebody else's files occupy, and returns them. A static file at a
    /// document's path is looked at by itself. `before`: the record of the last build.
    pub fn take_occupied(&self, record: &mut DocumentRecord, before: Option<&DocumentRecord>) -> Vec<Occupied> {
        let mut occupied = occupied::take(record, before, self.run);
        occupied.retain(|(path, _)| !self.statics.has(path));
        occupied
    }

    /// All folders, by their path.
    pub fn all(&self) -> impl Iterator<Item = (&SitePath, &DocumentRecord)> {
        self.folders.iter().map(|folder| (&folder.path, &folder.record))
    }

    /// The Manifests and Collections of version 3, and whether each may differ from that of the last build.
    pub fn resources(&self) -> impl Iterator<Item = (SitePath, bool)> {
        self.folders.iter().flat_map(|folder| {
            let paths = match folder.kind {
                FolderKind::Site | FolderKind::ListPage(..) => vec![],
                FolderKind::Collection(node) => {
                    iiif::collection_addresses(self.nodes[node].collection, OlderApis::default())
                }
                FolderKind::Item(..) => vec![address::manifest(&folder.path)],
            };
            paths.into_iter().map(|path| {
                let is_static = self.due_statics.has(&path);
                (path, is_static || !folder.why_documents.is_empty())
            })
        })
    }

    /// Every item in the order of the site, and the fingerprint of its Manifest's input.
    pub fn items(&self) -> impl Iterator<Item = (&'a SiteItem, Option<&Fingerprint>)> {
        self.folders.iter().filter_map(|folder| match folder.kind {
            FolderKind::Item(node, index) => Some((self.nodes[node].items[index], folder.record.documents.as_ref())),
            FolderKind::Site | FolderKind::Collection(_) | FolderKind::ListPage(..) => None,
        })
    }

    /// Runs DESCRIBE: copies linked files, then makes the JSON of items, then that of collections from the inside out,
    /// so that no document names another that is not there.
    pub fn describe(&self, stages: &mut Stages<'_>) -> Result<()> {
        let due = self.folders.iter().filter(|folder| !folder.why_documents.is_empty()).count();
        stages.run(Stage::Describe, due as u64, |stage| self.run.pool.install(|| self.describe_all(stage)))
    }

    fn describe_all(&self, stage: &Running<'_>) -> Result<()> {
        self.occupied.values().for_each(|place| stage.fail(occupied(place)));
        self.lacking.lock().extend(self.due_statics.publish(self.run, stage)?);
        let due = self.folders.iter().filter(|folder| !folder.why_documents.is_empty());
        let (items, collections): (Vec<_>, Vec<_>) =
            due.partition(|folder| matches!(folder.kind, FolderKind::Item(..)));
        let describe = |folder: &&Folder| {
            let (documents, failures) = self.described(folder, stage);
            let is_whole = failures.is_empty();
            if !is_whole {
                self.lacking.lock().insert(folder.path.as_str().to_owned());
                self.remove_lacking(folder, &documents)?;
            }
            failures.into_iter().for_each(|failure| stage.fail(failure));
            let documents = match !is_whole && self.is_last_good(folder) {
                true => self.of_texts(folder, documents),
                false => documents,
            };
            self.write(&documents, DocumentKind::Documents, folder, stage)
        };
        items.par_iter().try_for_each(describe)?;
        collections.iter().rev().try_for_each(describe)
    }

    /// Removes what an earlier build made of a text that cannot be read any more: its annotations, and its words.
    fn remove_lacking(&self, folder: &Folder, documents: &[Document]) -> Result<()> {
        let pages = self.html_addresses(folder);
        let made: BTreeSet<&SitePath> = documents.iter().map(|document| &document.path).chain(&pages).collect();
        let files = folder.record.files.iter().map(|file| SitePath::root().join(file));
        let mut lacking = files.filter(|file| !made.contains(file) && !self.statics.has(file));
        lacking.try_for_each(|file| self.run.directory.remove(&file))
    }

    /// Whether a folder is made from what the last good build published, whose documents are better than new ones that lack
    /// something.
    fn is_last_good(&self, folder: &Folder) -> bool {
        match folder.kind {
            FolderKind::Item(node, index) => self.nodes[node].items[index].standing == Standing::LastGood,
            FolderKind::Site | FolderKind::Collection(_) | FolderKind::ListPage(..) => false,
        }
    }

    /// The JSON of a folder, and errors for missing parts.
    fn described(&self, folder: &Folder, stage: &Running<'_>) -> (Vec<Document>, Vec<Error>) {
        let (Described { documents, refused }, mut failures) = match folder.kind {
            FolderKind::Site | FolderKind::ListPage(..) => (Described::default(), vec![]),
            FolderKind::Collection(node) => (iiif::collection_documents(&self.nodes[node], self.settings()), vec![]),
            FolderKind::Item(node, index) => {
                let node = &self.nodes[node];
                let item = node.items[index];
                let outline = self.pages.outline(item);
                let (texts, failures) = self.run.texts.read_outlined(item, outline, Some(stage));
                (iiif::item_documents(item, &texts, node.collection, self.settings()), failures)
            }
        };
        failures.extend(refused.map(|why| patch_refused(why, &folder.path, self.run.config)));
        (documents, failures)
    }

    /// The records of documents that were made. JSON that lacks something is made again by the next build, which then
    /// reports it too.
    pub fn made(&self) -> Vec<(String, DocumentRecord)> {
        let (lacking, unrendered) = (self.lacking.lock(), self.unrendered.lock());
        let made = |(path, record): (&str, &DocumentRecord)| {
            let documents = record.documents.clone().filter(|_| !lacking.contains(path));
            let pages = record.pages.clone().filter(|_| !unrendered.contains(path));
            (path.to_owned(), DocumentRecord { documents, pages, ..record.clone() })
        };
        self.due().map(made).collect()
    }

    /// What is published of the items and collections whose documents were made.
    pub fn snapshots(&self) -> impl Iterator<Item = Snapshot> {
        let lacking = self.lacking.lock().clone();
        let is_good = move |folder: &&Folder| {
            let is_due = !folder.why_documents.is_empty() || !folder.why_pages.is_empty();
            is_due && !lacking.contains(folder.path.as_str())
        };
        self.folders.iter().filter(is_good).filter_map(|folder| {
            let bytes = match folder.kind {
                FolderKind::Site | FolderKind::ListPage(..) => None,
                FolderKind::Collection(node) => last_good::of_collection(self.nodes[node].collection),
                FolderKind::Item(node, index) => last_good::of_item(self.nodes[node].items[index], self.run.config),
            };
            Some(Snapshot { folder: folder.path.as_str().to_owned(), of: Snapshot::of(&folder.record), bytes: bytes? })
        })
    }

    /// Runs RENDER: makes HTML.
    pub fn render(&self, stages: &mut Stages<'_>) -> Result<()> {
        let due: Vec<&Folder> = self.folders.iter().filter(|folder| !folder.why_pages.is_empty()).collect();
        stages.run(Stage::Render, due.len() as u64, |stage| {
            self.run.pool.install(|| due.par_iter().try_for_each(|folder| self.render_or_fail(folder, stage)))
        })
    }

    /// Makes the HTML of a folder. A template that fails for this folder costs its page only. The last page stays. If there is
    /// none, the built-in template makes one, because other pages lead there.
    fn render_or_fail(&self, folder: &Folder, stage: &Running<'_>) -> Result<()> {
        match self.render_folder(&self.pages, folder, stage) {
            Err(error) if error.kind() == ErrorKind::Template => {
                self.unrendered.lock().insert(folder.path.as_str().to_owned());
                stage.fail(error.with_context(&format!("the page of {:?} cannot be made", folder.path.as_str())));
                match self.built_in().filter(|_| !self.is_there(&folder.record)) {
                    Some(theme) => self.render_folder(&Pages { theme, ..self.pages.clone() }, folder, stage),
                    None => {
                        stage.advance(1);
                        Ok(())
                    }
                }
            }
            rendered => rendered,
        }
    }

    fn built_in(&self) -> Option<&Theme> {
        self.built_in.get_or_init(|| Theme::load(None, &self.run.config.language).ok()).as_ref()
    }

    fn render_folder(&self, pages: &Pages<'_>, folder: &Folder, stage: &Running<'_>) -> Result<()> {
        let documents = match folder.kind {
            FolderKind::Site => return self.render_site(pages, folder, stage),
            FolderKind::Collection(node) => vec![pages.collection(&self.nodes[node], ListPage::FIRST)?],
            FolderKind::ListPage(node, page) => vec![pages.collection(&self.nodes[node], page)?],
            FolderKind::Item(node, index) => self.render_item(pages, &self.nodes[node], index, stage)?,
        };
        self.write(&documents, DocumentKind::Pages, folder, stage)
    }

    /// One document after the other: together they may be as large as the site has pages.
    fn render_site(&self, pages: &Pages<'_>, folder: &Folder, stage: &Running<'_>) -> Result<()> {
        let mut is_changed = false;
        pages.of_site(self.nodes, |document| {
            is_changed |= self.put(&document, stage)?;
            Ok(())
        })?;
        self.report(is_changed, DocumentKind::Pages, folder, stage);
        Ok(())
    }

    /// Whether it is the info.json of an image that is not made yet.
    fn is_deferred(&self, path: &SitePath) -> bool {
        let mut segments = path.as_str().rsplit('/');
        segments.next() == Some(INFO_JSON)
            && segments.next().is_some_and(|id| self.changes.deferred.contains(&ImageId(id.to_owned())))
    }

    fn write(&self, documents: &[Document], kind: DocumentKind, folder: &Folder, stage: &Running<'_>) -> Result<()> {
        let mut is_changed = false;
        for document in documents {
            is_changed |= self.put(document, stage)?;
        }
        self.report(is_changed, kind, folder, stage);
        Ok(())
    }

    /// The outermost collection.
    pub fn root(&self) -> &'a SiteCollection {
        self.pages.site
    }

    /// Publishes a document of any size, unless a static file has its path; returns whether that changed it.
    pub fn stream(
        &self,
        path: &SitePath,
        stage: &Running<'_>,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<bool> {
        if self.statics.has(path) || self.occupied.contains_key(path) {
            return Ok(false);
        }
        let outcome = self.run.directory.stream(path, write)?;
        stage.published(outcome);
        Ok(outcome == Published::Written)
    }

    /// Publishes a document, unless a static file has its path; returns whether that changed it.
    pub fn put(&self, document: &Document, stage: &Running<'_>) -> Result<bool> {
        let is_left_out = self.statics.has(&document.path) || self.occupied.contains_key(&document.path);
        if is_left_out || self.is_deferred(&document.path) {
            return Ok(false);
        }
        let outcome = self.run.directory.publish(&document.path, &document.bytes)?;
        stage.published(outcome);
        Ok(outcome == Published::Written)
    }

    fn report(&self, is_changed: bool, kind: DocumentKind, folder: &Folder, stage: &Running<'_>) {
        if is_changed {
            let why = if kind == DocumentKind::Documents { &folder.why_documents } else { &folder.why_pages };
            stage.documents(kind, &folder.path, why);
        }
        stage.advance(1);
    }
}

/// The failure of a curator's patch in a folder of the site; the documents there are made without it.
pub fn patch_refused(why: String, folder: &SitePath, config: &Config) -> Error {
    let message = format!("its patch cannot be applied, so it is left out: {why}");
    Error::new(ErrorKind::Content, message).with_path(config.content.join(folder.as_str()))
}
