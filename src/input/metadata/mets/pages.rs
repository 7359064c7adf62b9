//! METS `structMap` as pages: which divisions are pages, their order and their labels.

use super::Mets;
use super::described::{Described, Descriptions};
use super::files::{File, Files};
use super::maps;
use crate::error::Result;
use crate::input::location::{FileKind, Location};
use crate::input::metadata::builder::link;
use crate::input::metadata::warnings::{Warnings, quoted};
use crate::input::xml;
use crate::model::{Description, LanguageMap, Link, PageRef, RecordPage, ViewingDirection};
use roxmltree::Node;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// Segments of paths that are compared to find out how much of the end identifies a file elsewhere.
const MAX_SEGMENTS: usize = 8;

/// The pages, and the ids that refer to them.
#[derive(Default)]
pub struct Pages<'a, 'input> {
    records: Vec<RecordPage>,
    /// How a part of the object refers to each page. `None`: the page has no file to refer to.
    references: Vec<Option<PageRef>>,
    /// Pages by the `ID` of their files. `None`: several pages have the file.
    by_file: HashMap<&'a str, Option<usize>>,
    /// Pages by the `ID` of the divisions around them.
    by_division: HashMap<&'a str, Range<usize>>,
    /// The division of the whole object.
    whole: Option<Node<'a, 'input>>,
    map: Option<Node<'a, 'input>>,
    /// Files to download.
    renderings: Vec<Link>,
}

impl<'a, 'input> Pages<'a, 'input> {
    /// Reads the pages of the map that lists them.
    ///
    /// # Errors
    /// A description of a page that cannot be read.
    pub fn read(
        mets: &Mets<'a, 'input>,
        files: &Files<'a, 'input>,
        descriptions: &mut Descriptions<'_, 'a, 'input>,
        warnings: &mut Warnings<'_>,
    ) -> Result<Pages<'a, 'input>> {
        let map = maps::of_pages(mets, files);
        let whole = map.and_then(|map| xml::child(map, "div"));
        let mut pages = Pages { map, whole, ..Pages::default() };
        let mut images: Vec<Option<&Location>> = vec![];
        for div in map.into_iter().flat_map(|map| xml::children(map, "div")) {
            pages.walk(div, files, descriptions, &mut images, warnings)?;
        }
        pages.name(&images);
        Ok(pages)
    }

    fn walk<'f>(
        &mut self,
        div: Node<'a, 'input>,
        files: &'f Files<'a, 'input>,
        descriptions: &mut Descriptions<'_, 'a, 'input>,
        images: &mut Vec<Option<&'f Location>>,
        warnings: &mut Warnings<'_>,
    ) -> Result<()> {
        let start = self.records.len();
        let ids = pointed(div);
        let pointed: Vec<&File<'a, 'input>> = ids.iter().filter_map(|id| files.get(id)).collect();
        let versions = of_kind(&pointed, FileKind::is_media);
        let is_leaf = xml::child(div, "div").is_none();
        if !versions.is_empty() || (is_leaf && is_page(div)) {
            warn_of_page(div, &versions, warnings);
            for id in &ids {
                self.by_file
                    .entry(id)
                    .and_modify(|page| *page = page.filter(|page| *page == start))
                    .or_insert(Some(start));
            }
            // The top division is the object, also where it is its only page.
            let own = if Some(div) == self.whole { Described::default() } else { descriptions.of(div, warnings)? };
            images.push(versions.first().map(|image| &image.location));
            self.records.push(page(div, own, &pointed, &versions));
        } else {
            let documents = of_kind(&pointed, |kind| kind == FileKind::Document);
            documents.into_iter().for_each(|file| match download(file) {
                Some(link) => self.renderings.push(link),
                None => {
                    warnings.warn(file.node, format!("{} lies outside the folder; it is not linked", quoted(file.href)))
                }
            });
        }
        for inner in in_order(div) {
            self.walk(inner, files, descriptions, images, warnings)?;
        }
        if let Some(id) = div.attribute("ID") {
            self.by_division.insert(id, start..self.records.len());
        }
        Ok(())
    }

    /// Sets the path or name by which each page's file is found. Files elsewhere get as many segments from the end of
    /// their paths as distinguish them, and all of them if the last does not look like the name of a file: it could be the
    /// token of another page.
    fn name(&mut self, images: &[Option<&Location>]) {
        let elsewhere: HashSet<String> =
            images.iter().flatten().filter(|location| !location.is_local).map(|location| location.path()).collect();
        let distinct = |count: usize| {
            let ends: HashSet<String> = images
                .iter()
                .flatten()
                .filter(|location| !location.is_local)
                .map(|location| location.end(count))
                .collect();
            ends.len() == elsewhere.len()
        };
        let count = (1..MAX_SEGMENTS).find(|count| distinct(*count)).unwrap_or(MAX_SEGMENTS);
        let mut names: HashMap<&str, HashSet<String>> = HashMap::new();
        for (record, location) in self.records.iter_mut().zip(images) {
            if let Some(location) = location {
                let is_name = FileKind::of_name(location.name()).is_media();
                let file = if location.is_local || !is_name { location.path() } else { location.end(count) };
                names.entry(location.name()).or_default().insert(file.clone());
                record.file = Some(file);
            }
        }
        let reference = |(record, location): (&RecordPage, &Option<&Location>)| {
            let name = location.as_ref()?.name();
            let is_unique = names.get(name).is_some_and(|files| files.len() == 1) && FileKind::of_name(name).is_media();
            Some(PageRef(if is_unique { name.to_owned() } else { record.file.clone()? }))
        };
        self.references = self.records.iter().zip(images).map(reference).collect();
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The number of pages.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// How a part of the object refers to a page.
    pub fn reference(&self, page: usize) -> Option<&PageRef> {
        self.references.get(page)?.as_ref()
    }

    /// The page of a file, if the file belongs to one page only.
    pub fn of_file(&self, id: &str) -> Option<usize> {
        self.by_file.get(id).copied().flatten()
    }

    /// The pages in a division.
    pub fn of_division(&self, id: &str) -> Option<Range<usize>> {
        self.by_division.get(id).cloned()
    }

    /// The division of the whole object.
    pub fn whole(&self) -> Option<Node<'a, 'input>> {
        self.whole
    }

    /// The map that lists the pages.
    pub fn map(&self) -> Option<Node<'a, 'input>> {
        self.map
    }

    /// Files to download, such as the whole book as PDF.
    pub fn renderings(&self) -> Vec<Link> {
        self.renderings.clone()
    }

    /// Princeton University Library writes it in the type of the whole, which begins with `RTL`.
    pub fn viewing_direction(&self) -> Option<ViewingDirection> {
        let mut types = [self.map, self.whole].into_iter().flatten().filter_map(|node| node.attribute("TYPE"));
        let is_to_the_left = |kind: &str| {
            let kind = kind.to_ascii_lowercase();
            kind.starts_with("rtl") || kind.contains("right-to-left") || kind.contains("righttoleft")
        };
        types.any(is_to_the_left).then_some(ViewingDirection::RightToLeft)
    }

    pub fn into_records(self) -> Vec<RecordPage> {
        self.records
    }
}

/// The ids of the files that a division itself points to.
pub fn pointed<'a>(div: Node<'a, '_>) -> Vec<&'a str> {
    xml::children(div, "fptr")
        .flat_map(|pointer| pointer.descendants())
        .filter_map(|node| node.attribute("FILEID"))
        .collect()
}

/// Whether the division has the type `page`, with or without a prefix (`np:page` of newspapers).
pub fn is_page(div: Node<'_, '_>) -> bool {
    let kind = div.attribute("TYPE").map(|kind| kind.trim().rsplit(':').next().unwrap_or_default());
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("page"))
}

/// The child divisions, by `ORDER` if all of them have one.
pub fn in_order<'a, 'input>(div: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
    let order = |div: &Node<'_, '_>| div.attribute("ORDER").and_then(|order| order.trim().parse::<u64>().ok());
    let mut inner: Vec<Node<'a, 'input>> = xml::children(div, "div").collect();
    if inner.iter().all(|div| order(div).is_some()) {
        inner.sort_by_key(order);
    }
    inner
}

/// The files of the kinds that are wanted, the best first.
fn of_kind<'f, 'a, 'input>(
    files: &[&'f File<'a, 'input>],
    is_wanted: impl Fn(FileKind) -> bool,
) -> Vec<&'f File<'a, 'input>> {
    let mut found: Vec<&File<'_, '_>> = files.iter().filter(|file| is_wanted(file.kind)).copied().collect();
    found.sort_by_key(|file| file.rank);
    found
}

/// `own`: what the METS says of the page alone. `files`: all that the page points to, `versions` the images among them.
fn page(div: Node<'_, '_>, own: Described, files: &[&File<'_, '_>], versions: &[&File<'_, '_>]) -> RecordPage {
    let Described { mut description, page_number } = own;
    let written = label(div, versions.first().copied());
    let is_elsewhere = versions.first().is_some_and(|file| !file.location.is_local);
    let labels = [written, page_number.map(LanguageMap::plain).unwrap_or_default(), description.label.clone()];
    let documents = of_kind(files, |kind| kind == FileKind::Document).into_iter().filter_map(download);
    let (documents, text): (Vec<Link>, _) = (documents.collect(), of_kind(files, |kind| kind == FileKind::Text));
    if !documents.is_empty() || !description.label.is_empty() {
        let description = Arc::make_mut(&mut description);
        description.rendering.0.extend(documents);
        description.label = LanguageMap::default();
    }
    RecordPage {
        label: labels.into_iter().find(|label| !label.is_empty()).unwrap_or_default(),
        versions: versions.iter().skip(1).map(|file| file.location.path()).collect(),
        file_ids: versions.iter().filter(|_| is_elsewhere).map(|file| file.id.to_owned()).collect(),
        text: text.first().map(|file| file.location.path()),
        description: Some(description).filter(|description| **description != Description::default()),
        ..RecordPage::default()
    }
}

/// A link to a file that readers download. `None`: it is neither in the folder nor on the web.
fn download(file: &File<'_, '_>) -> Option<Link> {
    let name = file.location.name();
    let format = file.node.attribute("MIMETYPE").map(str::to_owned);
    if file.location.is_local {
        let file = Some(file.location.path());
        return Some(Link { file, label: LanguageMap::plain(name), format, ..Link::default() });
    }
    link(file.href, name, "Text").map(|link| Link { format, ..link })
}

fn warn_of_page(div: Node<'_, '_>, versions: &[&File<'_, '_>], warnings: &mut Warnings<'_>) {
    match versions {
        [] => warnings.warn(div, "a page has no image"),
        [first, second, ..] if (first.kind, first.rank) == (second.kind, second.rank) => {
            warnings.warn(div, "a page has several images for the same use; the first is taken");
        }
        _ => {}
    }
}

/// `ORDERLABEL`, else `LABEL`. A dash (DFG: not counted) and the name of the file are no labels.
fn label(div: Node<'_, '_>, image: Option<&File<'_, '_>>) -> LanguageMap {
    let name = image.map_or("", |image| image.location.name());
    let is_one = |label: &&str| !label.trim_matches(['-', '–', '—', ' ']).is_empty() && *label != name;
    let labels = ["ORDERLABEL", "LABEL"].iter().filter_map(|attribute| div.attribute(*attribute)).map(str::trim);
    labels.into_iter().find(is_one).map(LanguageMap::plain).unwrap_or_default()
}
