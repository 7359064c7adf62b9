//! METS: the pages of an object, their order and the parts of the object, with descriptions in other formats. The
//! header describes the file and is not read. Of `amdSec` only rights are read.

mod described;
mod files;
mod maps;
mod pages;
mod sections;
mod structure;

use super::builder::Builder;
use super::warnings::{Warnings, quoted};
use crate::error::Result;
use crate::input::location::Location;
use crate::input::xml;
use crate::model::{LanguageMap, Record, Records};
use described::Descriptions;
use files::Files;
use pages::Pages;
use roxmltree::{Node, NodeId};
use std::collections::{HashMap, HashSet};

/// A METS document and its elements by `ID`.
pub struct Mets<'a, 'input> {
    root: Node<'a, 'input>,
    by_id: HashMap<&'a str, Node<'a, 'input>>,
}

impl<'a, 'input> Mets<'a, 'input> {
    fn of(root: Node<'a, 'input>) -> Mets<'a, 'input> {
        let by_id = root.descendants().filter_map(|node| Some((node.attribute("ID")?, node))).collect();
        Mets { root, by_id }
    }

    /// The elements of this name that an attribute of `node` refers to, each once.
    fn referred(&self, node: Node<'a, 'input>, attribute: &str, name: &str) -> Vec<Node<'a, 'input>> {
        let ids = node.attribute(attribute).unwrap_or_default().split_whitespace();
        let mut found: Vec<Node<'a, 'input>> =
            ids.filter_map(|id| self.by_id.get(id)).filter(|node| xml::is(**node, name)).copied().collect();
        found.sort_by_key(|node| node.id().get());
        found.dedup();
        found
    }

    /// The structural maps of this type, in any case.
    fn maps(&self, kind: &str) -> impl Iterator<Item = Node<'a, 'input>> {
        xml::children(self.root, "structMap").filter(move |map| is_of_type(*map, kind))
    }
}

fn is_of_type(map: Node<'_, '_>, kind: &str) -> bool {
    map.attribute("TYPE").is_some_and(|written| written.trim().eq_ignore_ascii_case(kind))
}

/// Reads a `mets` document.
pub fn read(root: Node<'_, '_>, warnings: &mut Warnings<'_>) -> Result<Records> {
    let mets = Mets::of(root);
    if xml::child(root, "structMap").is_none() {
        return Err(warnings
            .error(
                root,
                "this METS has no \"structMap\"; expected one, for it says which files are pages and in which order",
            )
            .with_hint("export the object again, with its physical structure"));
    }
    let files = Files::read(&mets, warnings);
    let mut descriptions = Descriptions::new(&mets);
    let pages = Pages::read(&mets, &files, &mut descriptions, warnings)?;
    let item = structure::item(&mets);
    let mut builder = describe(&mets, item, &pages, warnings)?;
    sections::rights(&mets, [item, pages.whole()], &mut builder, warnings);
    builder.rendering.extend(pages.renderings());
    let label = fallback_label(root, item);
    if !label.is_empty() {
        builder.give_back_borrowed();
    }
    builder.warn_of_borrowed(root, warnings);
    let (mut description, keys) = builder.finish();
    description.viewing_direction = pages.viewing_direction();
    description.structures = structure::read(&mets, item, &pages, &mut descriptions, warnings)?;
    if description.label.is_empty() {
        description.label = label;
    }
    let place = format!("line {}", warnings.line(root));
    let below = if pages.is_empty() { volumes(item, warnings) } else { vec![] };
    Ok(Records {
        own: Some(Record { keys, place, description, pages: pages.into_records(), ..Record::default() }),
        below,
        ..Records::default()
    })
}

/// The description of the object: by the sections that its divisions refer to, else by the sections that no division
/// refers to and that are not of a part by their id.
fn describe<'a>(
    mets: &Mets<'a, '_>,
    item: Option<Node<'a, '_>>,
    pages: &Pages<'a, '_>,
    warnings: &mut Warnings<'_>,
) -> Result<Builder> {
    let mut sections = vec![];
    let mut known: HashSet<NodeId> = HashSet::new();
    for div in wholes(mets, item, pages) {
        for id in div.attribute("DMDID").unwrap_or_default().split_whitespace() {
            if !mets.by_id.contains_key(id) {
                warnings.warn(div, format!("there is no description {} (\"DMDID\")", quoted(id)));
            }
        }
        let referred = mets.referred(div, "DMDID", "dmdSec").into_iter();
        sections.extend(referred.filter(|section| known.insert(section.id())));
    }
    if sections.is_empty() {
        let divs = xml::children(mets.root, "structMap").flat_map(|map| xml::below(map, "div"));
        let used: HashSet<&str> =
            divs.flat_map(|div| div.attribute("DMDID").unwrap_or_default().split_whitespace()).collect();
        let is_of_part =
            |section: &Node<'_, '_>| section.attribute("ID").is_some_and(|id| used.contains(id) || is_part_by_id(id));
        sections.extend(xml::children(mets.root, "dmdSec").filter(|section| !is_of_part(section)));
    }
    let mut builder = Builder::default();
    builder.add_key(mets.root.attribute("OBJID").unwrap_or_default().trim());
    for section in sections {
        builder.merge(sections::description(section, warnings)?);
    }
    Ok(builder)
}

/// Whether a section is of a page or a target of the scanner: the profile of American newspapers (NDNP) names sections after
/// what they describe, `pageModsBib1`, `targetModsBib1`.
fn is_part_by_id(id: &str) -> bool {
    ["page", "target"].iter().any(|part| id.strip_prefix(part).is_some_and(|rest| rest.starts_with("Mods")))
}

/// Divisions that stand for the whole object, the best described first: that of the item, that of the pages, those at
/// the top of other maps, and the folder `objects` (Archivematica).
fn wholes<'a, 'input>(
    mets: &Mets<'a, 'input>,
    item: Option<Node<'a, 'input>>,
    pages: &Pages<'a, 'input>,
) -> Vec<Node<'a, 'input>> {
    let has_item = item.is_some();
    let maps = xml::children(mets.root, "structMap").filter(|map| !has_item || !is_of_type(*map, "logical"));
    let tops: Vec<Node<'a, 'input>> = maps.flat_map(|map| xml::children(map, "div")).collect();
    let is_objects =
        |div: &Node<'_, '_>| div.attribute("TYPE") == Some("Directory") && div.attribute("LABEL") == Some("objects");
    let folders = tops.iter().flat_map(|top| xml::children(*top, "div")).filter(is_objects);
    [item, pages.whole()].into_iter().flatten().chain(tops.iter().copied()).chain(folders).collect()
}

/// The label in the METS itself, for an object without description.
fn fallback_label(root: Node<'_, '_>, item: Option<Node<'_, '_>>) -> LanguageMap {
    let labels = [Some(root), item].into_iter().flatten().filter_map(|node| node.attribute("LABEL"));
    labels.map(str::trim).find(|label| !label.is_empty()).map(LanguageMap::plain).unwrap_or_default()
}

/// Volumes with METS files of their own, to which `mptr` points. Their keys are the names of these files.
fn volumes(item: Option<Node<'_, '_>>, warnings: &Warnings<'_>) -> Vec<Record> {
    let mut volumes = vec![];
    for div in item.into_iter().flat_map(|item| xml::children(item, "div")) {
        let Some(pointer) = xml::child(div, "mptr").and_then(|pointer| xml::attribute(pointer, "href")) else {
            continue;
        };
        let Ok(location) = Location::read(pointer) else { continue };
        let name = location.name();
        let mut record = Record { place: format!("line {}", warnings.line(div)), ..Record::default() };
        record.keys = vec![name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()];
        record.description.label = fallback_label(div, None);
        volumes.push(record);
    }
    volumes
}

#[cfg(test)]
mod tests;
