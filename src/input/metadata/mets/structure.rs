//! METS logical `structMap` as ranges: chapters and other parts, with their pages.

use super::Mets;
use super::described::Descriptions;
use super::pages::{self, Pages, in_order, pointed};
use crate::error::Result;
use crate::input::metadata::warnings::{Warnings, quoted};
use crate::input::xml;
use crate::model::{Description, LanguageMap, Range};
use roxmltree::Node;
use std::collections::{BTreeSet, HashMap};

/// The division of the object itself in the logical map: the first one with a description, below newspapers, years and
/// other wholes that have METS files of their own (`mptr`).
pub fn item<'a, 'input>(mets: &Mets<'a, 'input>) -> Option<Node<'a, 'input>> {
    let mut item = mets.maps("logical").find_map(|map| xml::child(map, "div"))?;
    loop {
        let mut inner = xml::children(item, "div");
        let is_frame = item.attribute("DMDID").is_none() || xml::child(item, "mptr").is_some();
        match (inner.next(), inner.next()) {
            (Some(only), None) if is_frame && xml::below(only, "div").any(|div| div.attribute("DMDID").is_some()) => {
                item = only;
            }
            _ => return Some(item),
        }
    }
}

/// The parts of the item. A page of a part is not listed again in the part around it.
pub fn read<'a, 'input>(
    mets: &Mets<'a, 'input>,
    item: Option<Node<'a, 'input>>,
    pages: &Pages<'a, 'input>,
    descriptions: &mut Descriptions<'_, 'a, 'input>,
    warnings: &mut Warnings<'_>,
) -> Result<Vec<Range>> {
    let Some(item) = item.filter(|_| !pages.is_empty()) else { return Ok(vec![]) };
    let mut links: HashMap<&str, Vec<&str>> = HashMap::new();
    for link in xml::children(mets.root, "structLink").flat_map(|links| xml::children(links, "smLink")) {
        if let (Some(from), Some(to)) = (xml::attribute(link, "from"), xml::attribute(link, "to")) {
            links.entry(from).or_default().push(to);
        }
    }
    for group in xml::children(mets.root, "structLink").flat_map(|links| xml::children(links, "smLinkGrp")) {
        warnings.warn(group, "links in groups (\"smLinkGrp\") are not taken over");
    }
    let is_list_of_pages = pages.map().is_some_and(|map| item.ancestors().any(|outer| outer == map));
    let mut parts = Parts { pages, links, descriptions };
    let mut ranges = vec![];
    for div in in_order(item).into_iter().filter(|div| !is_page(*div) || !is_list_of_pages) {
        ranges.extend(parts.read(div, warnings)?.map(|(range, _)| range));
    }
    Ok(ranges)
}

struct Parts<'p, 'm, 'a, 'input> {
    pages: &'p Pages<'a, 'input>,
    links: HashMap<&'a str, Vec<&'a str>>,
    descriptions: &'p mut Descriptions<'m, 'a, 'input>,
}

impl<'a, 'input> Parts<'_, '_, 'a, 'input> {
    /// Reads a part, with all pages of it and of the parts within it. `None`: it has no pages.
    fn read(&mut self, div: Node<'a, 'input>, warnings: &mut Warnings<'_>) -> Result<Option<(Range, BTreeSet<usize>)>> {
        let mut own = self.own_pages(div, warnings)?;
        let (mut structures, mut inner_pages) = (vec![], BTreeSet::new());
        for inner in in_order(div) {
            if is_page(inner) {
                own.extend(self.own_pages(inner, warnings)?);
            } else if let Some((range, mut pages)) = self.read(inner, warnings)? {
                structures.push(range);
                self.descriptions.count(pages.len().min(inner_pages.len()), div, warnings)?;
                if pages.len() > inner_pages.len() {
                    std::mem::swap(&mut pages, &mut inner_pages);
                }
                inner_pages.extend(pages);
            }
        }
        self.descriptions.count(own.len(), div, warnings)?;
        let mut range = self.described(div, warnings)?;
        range.pages = own.difference(&inner_pages).filter_map(|page| self.pages.reference(*page)).cloned().collect();
        if range.pages.is_empty() && structures.is_empty() {
            let name = range.label.values().next().cloned().unwrap_or_default();
            warnings.warn(div, format!("the part {} is on no page and left out", quoted(&name)));
            return Ok(None);
        }
        range.structures = structures;
        inner_pages.extend(own);
        Ok(Some((range, inner_pages)))
    }

    /// The pages that the part links to, or whose files it points to. A link to the whole object is ignored beside
    /// links to pages.
    fn own_pages(&mut self, div: Node<'a, 'input>, warnings: &Warnings<'_>) -> Result<BTreeSet<usize>> {
        let targets = div.attribute("ID").and_then(|id| self.links.get(id));
        let targets: BTreeSet<&str> = targets.into_iter().flatten().copied().collect();
        let mut linked: Vec<std::ops::Range<usize>> =
            targets.into_iter().filter_map(|id| self.pages.of_division(id)).collect();
        let is_whole = |range: &std::ops::Range<usize>| range.len() == self.pages.len();
        if !linked.iter().all(is_whole) {
            linked.retain(|range| !is_whole(range));
        }
        self.descriptions.count(linked.iter().map(ExactSizeIterator::len).sum(), div, warnings)?;
        let mut own: BTreeSet<usize> = pointed(div).into_iter().filter_map(|id| self.pages.of_file(id)).collect();
        own.extend(linked.into_iter().flatten());
        Ok(own)
    }

    /// The label and the description of a part.
    fn described(&mut self, div: Node<'a, 'input>, warnings: &mut Warnings<'_>) -> Result<Range> {
        let description = Description::clone(&self.descriptions.of(div, warnings)?.description);
        let label = label(div, description.label.clone());
        Ok(Range::described(label, description))
    }
}

/// Whether a division is a page of the part around it: its type is `page`, or it has files and no name.
fn is_page(div: Node<'_, '_>) -> bool {
    let is_leaf = xml::child(div, "div").is_none() && xml::child(div, "fptr").is_some();
    let is_nameless = div.attribute("LABEL").unwrap_or_default().trim().is_empty() && div.attribute("DMDID").is_none();
    is_leaf && (pages::is_page(div) || is_nameless)
}

/// `LABEL`, else the title in its description, else `ORDERLABEL`, else its type in words.
fn label(div: Node<'_, '_>, title: LanguageMap) -> LanguageMap {
    let written =
        |name: &str| div.attribute(name).map(str::trim).filter(|text| !text.is_empty()).map(LanguageMap::plain);
    let kind = || div.attribute("TYPE").map(in_words).filter(|words| !words.is_empty()).map(LanguageMap::plain);
    written("LABEL")
        .or(Some(title).filter(|title| !title.is_empty()))
        .or_else(|| written("ORDERLABEL"))
        .or_else(kind)
        .unwrap_or_else(|| LanguageMap::plain(quoted(div.attribute("ID").unwrap_or_default())))
}

/// `title_page` and `TitlePage` become `title page` and `Title Page`.
fn in_words(kind: &str) -> String {
    let mut words = String::new();
    for letter in kind.trim().chars() {
        match letter {
            '_' => words.push(' '),
            letter => {
                if letter.is_uppercase() && words.ends_with(char::is_lowercase) {
                    words.push(' ');
                }
                words.push(letter);
            }
        }
    }
    words
}
