//! METS `structMap` as pages: which divisions are pages, their order and their labels.

use super::Mets;
use super::files::{File, Files};
use crate::input::location::{FileKind, Location};
use crate::input::metadata::builder::link;
use crate::input::metadata::warnings::{Warnings, quoted};
use crate::input::xml;
use crate::model::{LanguageMap, Link, PageRef, RecordPage, ViewingDirection};
use roxmltree::Node;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

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
    pub fn read(mets: &Mets<'a, 'input>, files: &Files<'a, 'input>, warnings: &mut Warnings<'_>) -> Pages<'a, 'input> {
        let map = map(mets);
        let whole = map.and_then(|map| xml::child(map, "div"));
        let mut pages = Pages { map, whole, ..Pages::default() };
        let mut images: Vec<Option<&Location>> = vec![];
        for div in map.into_iter().flat_map(|map| xml::children(map, "div")) {
            pages.walk(div, files, &mut images, warnings);
        }
        pages.name(&images);
        pages
    }

    fn walk<'f>(
        &mut self,
        div: Node<'a, 'input>,
        files: &'f Files<'a, 'input>,
        images: &mut Vec<Option<&'f Location>>,
        warnings: &mut Warnings<'_>,
    ) {
        let start = self.records.len();
        let ids = pointed(div);
        let pointed: Vec<&File<'a, 'input>> = ids.iter().filter_map(|id| files.get(id)).collect();
        let image = best(&pointed, |kind| matches!(kind, FileKind::Image | FileKind::Sound | FileKind::Video));
        let is_leaf = xml::child(div, "div").is_none();
        if image.is_some() || (is_leaf && is_page(div)) {
            warn_of_page(div, image, &pointed, warnings);
            for id in &ids {
                self.by_file
                    .entry(id)
                    .and_modify(|page| *page = page.filter(|page| *page == start))
                    .or_insert(Some(start));
            }
            let text = best(&pointed, |kind| kind == FileKind::Text).map(|file| file.location.path());
            images.push(image.map(|image| &image.location));
            self.records.push(RecordPage { label: label(div, image), text, ..RecordPage::default() });
        } else {
            pointed
                .iter()
                .filter(|file| file.kind == FileKind::Document)
                .for_each(|file| self.download(file, warnings));
        }
        for inner in in_order(div) {
            self.walk(inner, files, images, warnings);
        }
        if let Some(id) = div.attribute("ID") {
            self.by_division.insert(id, start..self.records.len());
        }
    }

    fn download(&mut self, file: &File<'_, '_>, warnings: &mut Warnings<'_>) {
        let name = file.location.name();
        let format = file.node.attribute("MIMETYPE").map(str::to_owned);
        if file.location.is_local {
            let file = Some(file.location.path());
            self.renderings.push(Link { file, label: LanguageMap::plain(name), format, ..Link::default() });
        } else if let Some(link) = link(file.href, name, "Text") {
            self.renderings.push(Link { format, ..link });
        } else {
            warnings.warn(file.node, format!("{} lies outside the folder; it is not linked", quoted(file.href)));
        }
    }

    /// Sets the path or name by which each page's file is found. Files elsewhere get as many segments from the end of
    /// their paths as distinguish them.
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
                let file = if location.is_local { location.path() } else { location.end(count) };
                names.entry(location.name()).or_default().insert(file.clone());
                record.file = Some(file);
            }
        }
        let reference = |(record, location): (&RecordPage, &Option<&Location>)| {
            let name = location.as_ref()?.name();
            let is_unique = names.get(name).is_some_and(|files| files.len() == 1);
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

/// The physical map, unless it is only a tree of folders (Archivematica) and another map has pages; else any map with
/// files.
fn map<'a, 'input>(mets: &Mets<'a, 'input>) -> Option<Node<'a, 'input>> {
    let is_folder =
        |map: &Node<'_, '_>| xml::child(*map, "div").is_some_and(|div| div.attribute("TYPE") == Some("Directory"));
    let has_pages =
        |map: &Node<'_, '_>| xml::below(*map, "div").any(|div| is_page(div) && xml::child(div, "fptr").is_some());
    let has_files = |map: &Node<'_, '_>| xml::below(*map, "fptr").next().is_some();
    let all = || xml::children(mets.root, "structMap");
    let physical = || mets.maps("physical");
    physical()
        .find(|map| !is_folder(map))
        .or_else(|| all().find(has_pages))
        .or_else(|| physical().next())
        .or_else(|| all().find(has_files))
}

/// The ids of the files that a division itself points to.
pub fn pointed<'a>(div: Node<'a, '_>) -> Vec<&'a str> {
    xml::children(div, "fptr")
        .flat_map(|pointer| pointer.descendants())
        .filter_map(|node| node.attribute("FILEID"))
        .collect()
}

/// Whether the division has the type `page`.
pub fn is_page(div: Node<'_, '_>) -> bool {
    div.attribute("TYPE").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("page"))
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

fn best<'f, 'a, 'input>(
    files: &[&'f File<'a, 'input>],
    is_wanted: impl Fn(FileKind) -> bool,
) -> Option<&'f File<'a, 'input>> {
    files.iter().filter(|file| is_wanted(file.kind)).min_by_key(|file| file.rank).copied()
}

fn warn_of_page(div: Node<'_, '_>, image: Option<&File<'_, '_>>, files: &[&File<'_, '_>], warnings: &mut Warnings<'_>) {
    match image {
        None => warnings.warn(div, "a page has no image"),
        Some(image) => {
            let equals = |file: &&&File<'_, '_>| (file.kind, file.rank) == (image.kind, image.rank);
            if files.iter().filter(equals).count() > 1 {
                warnings.warn(div, "a page has several images for the same use; the first is taken");
            }
            if !image.location.is_local {
                warnings.warn(div, "images are said to lie elsewhere; they are looked for by name in the folder");
            }
        }
    }
    if div.attribute("DMDID").is_some() {
        warnings.warn(div, "what is said of single pages (\"DMDID\") is not taken over");
    }
}

/// `ORDERLABEL`, else `LABEL`. A dash (DFG: not counted) and the name of the file are no labels.
fn label(div: Node<'_, '_>, image: Option<&File<'_, '_>>) -> LanguageMap {
    let name = image.map_or("", |image| image.location.name());
    let is_one = |label: &&str| !label.trim_matches(['-', '–', '—', ' ']).is_empty() && *label != name;
    let labels = ["ORDERLABEL", "LABEL"].iter().filter_map(|attribute| div.attribute(*attribute)).map(str::trim);
    labels.into_iter().find(is_one).map(LanguageMap::plain).unwrap_or_default()
}
