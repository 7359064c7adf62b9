//! BIND: the PDF of each item that asks for one, made from the published images and texts, before any document names it.
//!
//! A PDF is made again if the digest of one of its images changed, or the order and labels of its pages, the files with
//! their texts (size, date), the description, the settings of the PDF, or the form in which they are made. It has a record
//! of its own. While images of an item are only planned (a preview), and where images are taken to a store as they are
//! made, an item has no PDF, and no document names one.
//!
//! A page whose image failed is left out, as in the Manifest. A PDF of which a picture cannot be read is a failure: the
//! last one stays if it shows the same pages and texts, else it goes.

use super::statics::Statics;
use super::{occupied, occupied::Occupied};
use crate::build::images::Tiled;
use crate::build::progress::{DocumentKind, Stage};
use crate::build::run::{Run, interrupted};
use crate::build::stages::{Running, Stages};
use crate::diagnostics::{Code, Diagnostic};
use crate::documents::pdf::{self, Failure, Material, Picture, Sheet};
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::SitePath;
use crate::model::site::{SiteCollection, SiteItem, SitePage};
use crate::storage::fingerprint::{Field, Fingerprint, Reason, reasons};
use crate::storage::output::{self, FolderDigest, Published};
use crate::storage::state::DocumentRecord;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io;

/// The folder under which PDFs are recorded: no folder of the site has such a name.
const FOLDER: &str = ".pdf";

/// The PDFs of a site.
#[derive(Default)]
pub struct Bound {
    /// The keys of all records, with the paths of the files.
    there: BTreeSet<(String, SitePath)>,
    /// The records that changed; `None`: of PDFs that could not be made.
    pub records: Vec<(String, Option<DocumentRecord>)>,
}

impl Bound {
    /// The paths of all PDFs.
    pub fn paths(&self) -> impl Iterator<Item = &SitePath> {
        self.there.iter().map(|(_, path)| path)
    }

    /// The keys of their records.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        self.there.iter().map(|(key, _)| key.clone())
    }
}

/// Runs BIND. Returns the site, in which only items that have a PDF say so.
///
/// # Errors
/// The output cannot be written, or the build is interrupted.
pub fn bind(
    site: SiteCollection,
    statics: &Statics,
    tiled: &Tiled,
    run: &Run<'_>,
    stages: &mut Stages<'_>,
) -> Result<(SiteCollection, Bound)> {
    let binder = Binder { tiled, run };
    let nodes = site.nodes();
    let items: Vec<_> = nodes.iter().flat_map(|node| &node.items).filter(|item| item.pdf.is_some()).copied().collect();
    if items.is_empty() {
        return Ok((site, Bound::default()));
    }
    let mut named = BTreeSet::new();
    let mut bound = Bound::default();
    let (own, others): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| is_static(item, statics));
    // A file of the project that has the path is published instead.
    named.extend(own.into_iter().map(|item| item.path.clone()));
    let bindings = binder.bindings(&others, stages);
    let (due, kept): (Vec<_>, Vec<_>) = bindings.into_iter().partition(|binding| !binding.why.is_empty());
    let made = binder.make_all(&due, stages)?;
    for (binding, record) in due.iter().zip(made) {
        bound.records.push((binding.key.clone(), record.clone()));
        if record.is_some() {
            bound.there.insert((binding.key.clone(), binding.path.clone()));
            named.insert(binding.item.path.clone());
        }
    }
    for Binding { item, key, path, .. } in kept {
        bound.there.insert((key, path));
        named.insert(item.path.clone());
    }
    drop(nodes);
    Ok((site.with_pdfs_of(&named), bound))
}

fn is_static(item: &SiteItem, statics: &Statics) -> bool {
    item.pdf_path().is_some_and(|path| statics.has(&path))
}

/// The PDF of an item.
struct Binding<'a> {
    item: &'a SiteItem,
    path: SitePath,
    key: String,
    sheets: Vec<Sheet<'a>>,
    record: DocumentRecord,
    before: Option<&'a DocumentRecord>,
    /// Why it is made; empty: it is as it should be.
    why: Vec<Reason>,
}

struct Binder<'a> {
    tiled: &'a Tiled,
    run: &'a Run<'a>,
}

impl<'a> Binder<'a> {
    /// The PDFs of `items`. Those that cannot be made now are left out.
    fn bindings(&self, items: &[&'a SiteItem], stages: &Stages<'_>) -> Vec<Binding<'a>> {
        if self.run.sink.is_some() {
            let message = format!(
                "{} items get no PDF: it is made from image files, and this build hands them to the store as they are made",
                items.len()
            );
            let hint = "build into a folder, then deploy it";
            stages.found(vec![Diagnostic::new(Code::NoPdf, message).with_hint(hint)]);
            return vec![];
        }
        let is_deferred = |item: &SiteItem| item.images().any(|image| self.tiled.deferred.contains(&image.id));
        let found: Vec<_> = self.run.pool.install(|| {
            let there = items.par_iter().filter(|item| !is_deferred(item));
            there.filter_map(|item| self.binding(item)).collect()
        });
        let mut bindings = vec![];
        for (binding, occupied) in found {
            match occupied.into_iter().next() {
                None => bindings.push(binding),
                Some((_, place)) => stages.fail_all(vec![output::occupied(&place)]),
            }
        }
        bindings
    }

    fn binding(&self, item: &'a SiteItem) -> Option<(Binding<'a>, Vec<Occupied>)> {
        let (path, sheets) = (item.pdf_path()?, pdf::sheets(item));
        if sheets.is_empty() {
            return None;
        }
        let key = format!("{FOLDER}/{}", item.path.as_str());
        let before = self.run.previous.documents.get(&key);
        let print = self.fingerprint(item, &sheets);
        let files = vec![path.as_str().to_owned()];
        let mut record = DocumentRecord { documents: Some(print), pages: None, files };
        let why = self.why(&record, before, &path);
        let occupied = occupied::take(&mut record, before, self.run);
        Some((Binding { item, path, key, sheets, record, before, why }, occupied))
    }

    /// The fingerprint of all that the PDF depends on.
    fn fingerprint(&self, item: &SiteItem, sheets: &[Sheet<'_>]) -> Fingerprint {
        let SiteItem { description, withheld, .. } = item;
        let (label, rights, statement) = (&description.label, &description.rights, &description.required_statement);
        let provider: Vec<_> = description.provider.0.iter().map(|provider| &provider.label).collect();
        let shown = (label, rights, statement, provider, &description.structures);
        let pages: Vec<_> = sheets.iter().map(|sheet| self.page(sheet)).collect();
        Fingerprint::default()
            .with(Field::Description, &(shown, &description.viewing_direction, &description.behavior))
            .with(Field::Pages, &pages)
            .with(Field::Text, &self.run.texts.stamps(item))
            .with(Field::Site, &self.run.config.language)
            .with(Field::Withheld, withheld)
            .with(Field::Pdf, &pdf::VERSION)
    }

    /// What the PDF shows of a page, and the digest of its image.
    fn page<'s>(&self, sheet: &'s Sheet<'_>) -> impl serde::Serialize + use<'s, '_> {
        let SitePage { token, label, text, .. } = sheet.page;
        let share = text.as_ref().map(|text| &text.share);
        let made = self.tiled.made.get(&sheet.image.id).copied();
        let known = || self.run.previous.images.get(&sheet.image.id.0)?.made.as_ref().map(|made| made.digest);
        let digest: Option<FolderDigest> = made.or_else(known);
        (token, label, sheet.alt(), share, &sheet.image.pyramid.full, sheet.picture.as_str(), digest)
    }

    fn why(&self, record: &DocumentRecord, before: Option<&DocumentRecord>, path: &SitePath) -> Vec<Reason> {
        if self.run.config.force {
            return vec![Reason::Forced];
        }
        let changed = match (&record.documents, before.map(|before| &before.documents)) {
            (_, Some(None)) => vec![Reason::Unfinished],
            (Some(now), then) => reasons(now, then.and_then(Option::as_ref)),
            (None, _) => vec![],
        };
        let anyway = match () {
            () if !self.run.directory.has(path) => Some(Reason::Missing),
            () if self.run.doubts_documents() => Some(Reason::Damaged),
            () => None,
        };
        if changed.is_empty() { anyway.into_iter().collect() } else { changed }
    }

    /// Makes all PDFs that are due, each recorded before it is written. Returns the record of each; `None`: it is not there.
    fn make_all(&self, due: &[Binding<'_>], stages: &mut Stages<'_>) -> Result<Vec<Option<DocumentRecord>>> {
        if due.is_empty() {
            return Ok(vec![]);
        }
        self.run.begin_documents(due.iter().map(|binding| (binding.key.as_str(), &binding.record)))?;
        stages.run(Stage::Bind, due.len() as u64, |stage| {
            self.run.pool.install(|| due.par_iter().map(|binding| self.make(binding, stage)).collect())
        })
    }

    fn make(&self, binding: &Binding<'_>, stage: &Running<'_>) -> Result<Option<DocumentRecord>> {
        if stage.is_cancelled() {
            return Err(interrupted());
        }
        self.make_room(&binding.path)?;
        let Binding { item, path, sheets, record, .. } = binding;
        let (language, mut unreadable) = (&self.run.config.language, None);
        // A text that cannot be read is a failure of DESCRIBE.
        let texts = &self.run.texts.read(item, None).0;
        let material = Material { picture: &|path| self.picture(path), texts };
        let written = self.run.directory.stream(path, |out| {
            pdf::write(item, sheets, language, material, out).map_err(|failure| match failure {
                Failure::Output(error) => error,
                Failure::Picture(picture, error) => {
                    unreadable = Some((picture, error));
                    io::Error::other("a picture cannot be read")
                }
            })
        });
        stage.advance(1);
        if let Some((picture, error)) = unreadable {
            let place = self.run.directory.place(&picture);
            let error = Error::read(ErrorKind::Output, &place, error);
            stage.fail(error.with_context(&format!("the PDF of {:?} cannot be made", item.path.as_str())));
            return Ok(self.last_good(binding).cloned());
        }
        let outcome = written?;
        stage.published(outcome);
        if outcome == Published::Written {
            stage.documents(DocumentKind::Pdf, &item.path, &binding.why);
        }
        Ok(Some(record.clone()))
    }

    fn picture(&self, path: &SitePath) -> io::Result<Picture> {
        let (file, length) = self.run.directory.open_file(path)?;
        Ok(Picture { path: path.clone(), bytes: Box::new(file), length })
    }

    /// The record of the PDF of the last build, if that is there and shows the same pages and texts.
    fn last_good<'b>(&self, binding: &Binding<'b>) -> Option<&'b DocumentRecord> {
        let before = binding.before.filter(|_| self.run.directory.has(&binding.path))?;
        let (now, then) = (binding.record.documents.as_ref()?, before.documents.as_ref()?);
        let is_harmless = |field: &Field| matches!(field, Field::Description | Field::Site | Field::Pdf);
        now.changes(then).iter().all(is_harmless).then_some(before)
    }

    /// Removes files of an earlier build that are in the place of a folder above `path`.
    fn make_room(&self, path: &SitePath) -> Result<()> {
        let above = path.as_str().match_indices('/').map(|(end, _)| SitePath::root().join(&path.as_str()[..end]));
        let is_ours = |folder: &SitePath| self.run.previous.has_file(folder.as_str());
        above.filter(is_ours).try_for_each(|file| self.run.directory.remove(&file))
    }
}
