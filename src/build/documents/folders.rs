//! DESCRIBE and RENDER: the JSON and HTML of every folder of the site whose fingerprint changed. One folder's at a time
//! is made and written, so that a large site takes no more memory than a small one.

use super::statics::{STATIC, Statics};
use super::texts;
use crate::build::progress::DocumentKind;
use crate::build::run::Run;
use crate::build::stages::Running;
use crate::config::Config;
use crate::documents::iiif::{self, Described, Document, address};
use crate::documents::render::theme::Theme;
use crate::documents::render::{Pages, Settings};
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::SitePath;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::settings::OlderApis;
use crate::model::site::{CollectionNode, SiteCollection, SiteItem};
use crate::model::{Feed, ImageId};
use crate::storage::fingerprint::{Field, Fingerprint, Reason, reasons};
use crate::storage::output::Published;
use crate::storage::state::DocumentRecord;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// Under which the site's own pages are recorded: no folder has such a name.
const SITE: &str = ".site";

/// See the [module](self).
pub struct Documents<'a> {
    run: &'a Run<'a>,
    statics: &'a Statics,
    /// What is recorded of the static files, where some may have changed.
    statics_due: Option<DocumentRecord>,
    /// Where the last build put static files that are no more.
    gone: BTreeSet<&'a str>,
    changes: ImageChanges<'a>,
    pages: Pages<'a>,
    nodes: &'a [CollectionNode<'a>],
    folders: Vec<Folder>,
    /// Folders whose JSON lacks something that was asked for.
    lacking: Mutex<BTreeSet<String>>,
}

/// What became of images in this build.
pub struct ImageChanges<'a> {
    /// Items of which images were made, each with an info.json.
    pub items: BTreeSet<&'a SitePath>,
    /// Images that are named already, and made by a later build.
    pub deferred: &'a BTreeSet<ImageId>,
}

/// A folder of the site and what is to be done in it.
struct Folder {
    place: Place,
    path: SitePath,
    record: DocumentRecord,
    /// Why its JSON and its HTML are made; empty: they are as they should be.
    why_documents: Vec<Reason>,
    why_pages: Vec<Reason>,
}

#[derive(Clone, Copy)]
enum Place {
    Site,
    /// An index into the nodes.
    Collection(usize),
    /// And one into its items.
    Item(usize, usize),
}

impl<'a> Documents<'a> {
    /// Compares every folder of `site` with its record. Runs on the current rayon pool.
    pub fn compare(
        site: &'a SiteCollection,
        nodes: &'a [CollectionNode<'a>],
        theme: &'a Theme,
        statics: &'a Statics,
        changes: ImageChanges<'a>,
        run: &'a Run<'a>,
    ) -> Documents<'a> {
        let Config { base_url, title, language, .. } = run.config;
        let feed = run.config.discovery.contains(&Feed::Atom).then(address::atom);
        let settings = Settings { base_url, title, language, feed };
        let pages = Pages { site, theme, settings };
        let (statics_due, gone) = (statics.due(run), statics.gone(run.known));
        let (folders, lacking) = (vec![], Mutex::default());
        let mut documents = Documents { run, statics, statics_due, gone, changes, pages, nodes, folders, lacking };
        let below = |node: usize| {
            let items = (0..nodes[node].items.len()).map(move |item| Place::Item(node, item));
            std::iter::once(Place::Collection(node)).chain(items)
        };
        let places: Vec<Place> = std::iter::once(Place::Site).chain((0..nodes.len()).flat_map(below)).collect();
        documents.folders = places.par_iter().map(|place| documents.folder(*place)).collect();
        documents
    }

    fn folder(&self, place: Place) -> Folder {
        let (path, record) = self.expected(place);
        let before = self.run.known.documents.get(path.as_str());
        let anyway = self.anyway(&record);
        let why = |now: &Option<Fingerprint>, then: Option<&Option<Fingerprint>>| {
            let Some(now) = now else { return vec![] };
            let changed = match then {
                Some(None) => vec![Reason::Unfinished],
                // An info.json came with them, perhaps in words of other settings.
                Some(_) if self.changes.items.contains(&path) => vec![Reason::Changed(Field::Pages)],
                then => reasons(now, then.and_then(Option::as_ref)),
            };
            if changed.is_empty() || anyway == Some(Reason::Forced) { anyway.into_iter().collect() } else { changed }
        };
        let why_documents = why(&record.documents, before.map(|before| &before.documents));
        let why_pages = why(&record.pages, before.map(|before| &before.pages));
        Folder { place, path, record, why_documents, why_pages }
    }

    /// Why documents are made whatever they were made from.
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

    /// What is recorded of a folder when its documents are as they should be.
    fn expected(&self, place: Place) -> (SitePath, DocumentRecord) {
        let older = self.run.config.older;
        let (path, documents, pages, files) = match place {
            Place::Site => {
                let files = self.pages.site_addresses(self.nodes);
                (SitePath::root().join(SITE), None, self.pages.site_fingerprint(self.nodes), files)
            }
            Place::Collection(node) => {
                let node = &self.nodes[node];
                let path = node.collection.path.clone();
                let mut files = iiif::collection_addresses(node.collection, older);
                files.push(address::page(&path));
                let documents = iiif::collection_fingerprint(node, self.settings());
                (path, Some(documents), self.pages.collection_fingerprint(node), files)
            }
            Place::Item(node, index) => {
                let node = &self.nodes[node];
                let path = node.items[index].path.clone();
                let stamps = texts::stamps(node.items[index], self.run.source);
                let documents = iiif::item_fingerprint(node.items[index], &stamps, node.collection, self.settings());
                let mut files = iiif::item_addresses(node.items[index], older);
                files.push(address::page(&path));
                (path, Some(documents), self.pages.item_fingerprint(node, index), files)
            }
        };
        let files = files.iter().map(|file| file.as_str().to_owned()).collect();
        (path, DocumentRecord { documents, pages: Some(pages), files })
    }

    /// The folders in which something is made, and [`STATIC`] if files are copied.
    pub fn due(&self) -> impl Iterator<Item = (&str, &DocumentRecord)> {
        let is_due = |folder: &&Folder| !folder.why_documents.is_empty() || !folder.why_pages.is_empty();
        let folders = self.folders.iter().filter(is_due).map(|folder| (folder.path.as_str(), &folder.record));
        folders.chain(self.statics_due.iter().map(|record| (STATIC, record)))
    }

    /// Writes down what is going to be made.
    pub fn note(&self) -> Result<()> {
        let before = &self.run.known.documents;
        let unfinished =
            |(path, record): (&str, &DocumentRecord)| (path.to_owned(), record.unfinished(before.get(path)));
        let records: Vec<_> = self.due().map(unfinished).collect();
        if records.is_empty() { Ok(()) } else { self.run.state.begin(&[], &records) }
    }

    /// All folders, by their path.
    pub fn all(&self) -> impl Iterator<Item = (&SitePath, &DocumentRecord)> {
        self.folders.iter().map(|folder| (&folder.path, &folder.record))
    }

    /// The Manifests and Collections of version 3 that there are, and whether each may be another than the last build left.
    pub fn resources(&self) -> impl Iterator<Item = (SitePath, bool)> {
        self.folders.iter().flat_map(|folder| {
            let paths = match folder.place {
                Place::Site => vec![],
                Place::Collection(node) => {
                    iiif::collection_addresses(self.nodes[node].collection, OlderApis::default())
                }
                Place::Item(..) => vec![address::manifest(&folder.path)],
            };
            paths.into_iter().map(|path| {
                let is_own = self.statics_due.is_some() && self.statics.has(&path);
                (path, is_own || !folder.why_documents.is_empty())
            })
        })
    }

    /// Every item in the order of the site, and what its Manifest is made from.
    pub fn items(&self) -> impl Iterator<Item = (&'a SiteItem, Option<&Fingerprint>)> {
        self.folders.iter().filter_map(|folder| match folder.place {
            Place::Item(node, index) => Some((self.nodes[node].items[index], folder.record.documents.as_ref())),
            Place::Site | Place::Collection(_) => None,
        })
    }

    /// How many folders [`Documents::describe`] and [`Documents::render`] have to do.
    pub fn counts(&self) -> [u64; 2] {
        let due = |why: fn(&Folder) -> &[Reason]| self.folders.iter().filter(|folder| !why(folder).is_empty()).count();
        [due(|folder| &folder.why_documents) as u64, due(|folder| &folder.why_pages) as u64]
    }

    /// Copies what documents link to, then makes JSON: of items, then of collections from the inside out, so that none
    /// names what is not there.
    pub fn describe(&self, stage: &Running<'_>) -> Result<()> {
        if self.statics_due.is_some() {
            self.statics.publish(self.run, stage)?;
        }
        let due = self.folders.iter().filter(|folder| !folder.why_documents.is_empty());
        let (items, collections): (Vec<_>, Vec<_>) = due.partition(|folder| matches!(folder.place, Place::Item(..)));
        let describe = |folder: &&Folder| {
            let (documents, failures) = self.described(folder, stage);
            if !failures.is_empty() {
                self.lacking.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.path.as_str().to_owned());
            }
            failures.into_iter().for_each(|failure| stage.fail(failure));
            self.write(&documents, DocumentKind::Documents, folder, stage)
        };
        items.par_iter().try_for_each(describe)?;
        collections.iter().rev().try_for_each(describe)
    }

    /// The JSON of a folder, and what of it could not be made as it was asked for.
    fn described(&self, folder: &Folder, stage: &Running<'_>) -> (Vec<Document>, Vec<Error>) {
        let (Described { documents, refused }, mut failures) = match folder.place {
            Place::Site => (Described::default(), vec![]),
            Place::Collection(node) => (iiif::collection_documents(&self.nodes[node], self.settings()), vec![]),
            Place::Item(node, index) => {
                let node = &self.nodes[node];
                let item = node.items[index];
                let (texts, failures) = texts::read(item, self.run.source, stage);
                (iiif::item_documents(item, &texts, node.collection, self.settings()), failures)
            }
        };
        failures.extend(refused.map(|why| {
            let message = format!("its patch cannot be applied, and is left out: {why}");
            Error::new(ErrorKind::Content, message).with_path(self.run.config.content.join(folder.path.as_str()))
        }));
        (documents, failures)
    }

    /// What is recorded of the folders in which something was made. Where something is lacking, the JSON is made again by
    /// the next build, which then says so too.
    pub fn made(&self) -> Vec<(String, DocumentRecord)> {
        let lacking = self.lacking.lock().unwrap_or_else(PoisonError::into_inner);
        let made = |(path, record): (&str, &DocumentRecord)| {
            let documents = record.documents.clone().filter(|_| !lacking.contains(path));
            (path.to_owned(), DocumentRecord { documents, ..record.clone() })
        };
        self.due().map(made).collect()
    }

    /// Makes HTML.
    pub fn render(&self, stage: &Running<'_>) -> Result<()> {
        let due: Vec<&Folder> = self.folders.iter().filter(|folder| !folder.why_pages.is_empty()).collect();
        due.par_iter().try_for_each(|folder| match folder.place {
            Place::Site => self.render_site(folder, stage),
            Place::Collection(node) => {
                self.write(&[self.pages.collection(&self.nodes[node])?], DocumentKind::Pages, folder, stage)
            }
            Place::Item(node, index) => {
                self.write(&[self.pages.item(&self.nodes[node], index)?], DocumentKind::Pages, folder, stage)
            }
        })
    }

    /// One document after the other: together they may be as large as the site has pages.
    fn render_site(&self, folder: &Folder, stage: &Running<'_>) -> Result<()> {
        let mut is_changed = false;
        self.pages.of_site(self.nodes, |document| {
            is_changed |= self.put(&document, stage)?;
            Ok(())
        })?;
        self.tell(is_changed, DocumentKind::Pages, folder, stage);
        Ok(())
    }

    /// Whether it is the info.json of an image that is not there.
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
        self.tell(is_changed, kind, folder, stage);
        Ok(())
    }

    /// The collection of all.
    pub fn root(&self) -> &'a SiteCollection {
        self.pages.site
    }

    /// Publishes a document of any size that is ours to publish; answers whether that changed it.
    pub fn stream(
        &self,
        path: &SitePath,
        stage: &Running<'_>,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<bool> {
        if self.statics.has(path) {
            return Ok(false);
        }
        let outcome = self.run.directory.stream(path, write)?;
        stage.published(outcome);
        Ok(outcome == Published::Written)
    }

    /// Publishes a document that is ours to publish; answers whether that changed it.
    pub fn put(&self, document: &Document, stage: &Running<'_>) -> Result<bool> {
        if self.statics.has(&document.path) || self.is_deferred(&document.path) {
            return Ok(false);
        }
        let outcome = self.run.directory.publish(&document.path, &document.bytes)?;
        stage.published(outcome);
        Ok(outcome == Published::Written)
    }

    fn tell(&self, is_changed: bool, kind: DocumentKind, folder: &Folder, stage: &Running<'_>) {
        if is_changed {
            let why = if kind == DocumentKind::Documents { &folder.why_documents } else { &folder.why_pages };
            stage.documents(kind, &folder.path, why);
        }
        stage.advance(1);
    }
}
