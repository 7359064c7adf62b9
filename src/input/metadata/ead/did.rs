//! EAD `did`: what it is called, from when it is, how much there is of it, and where it lies.

use super::component::{self, Inherited, pair};
use super::{container, digital};
use crate::input::metadata::draft::{Draft, Group, Label};
use crate::input::metadata::notes::{Notes, quoted};
use crate::input::metadata::{dates, language, mods, prose, roles};
use crate::input::xml;
use crate::model::RecordPage;
use roxmltree::Node;
use std::collections::HashSet;

/// Reads the elements of `did`.
pub fn read(
    did: Node<'_, '_>,
    draft: &mut Draft,
    own: &mut Inherited,
    pages: &mut Vec<RecordPage>,
    notes: &mut Notes<'_>,
) {
    for node in did.children().filter(Node::is_element) {
        let name = node.tag_name().name();
        let tag = language::tag(node);
        if prose::is_internal(node) {
            notes.warn(
                node,
                format!("{} is left out: the archive keeps it to itself (audience=\"internal\")", quoted(name)),
            );
            continue;
        }
        match name {
            // Dates and containers are read together; a heading says what all such have.
            "head" | "unitdate" | "unitdatestructured" | "container" => {}
            "unittitle" if !draft.label.has(&tag) => draft.label.add(prose::line(node), &tag),
            "unittitle" => draft.add_in(Group::Title, "Title", prose::line(node), &tag),
            "unitid" => {
                draft.add_key(xml::text(node));
                draft.add(Group::Identifier, Label::of_sort("Reference code", node.attribute("type")), xml::text(node));
            }
            "origination" => origination(node, draft),
            "repository" => {
                own.repository =
                    pair("Repository", vec![prose::line(node)].into_iter().filter(|text| !text.is_empty()).collect())
            }
            "abstract" => draft.summary.add(prose::line(node), &tag),
            "langmaterial" => languages(node, draft),
            "physdesc" | "physdescset" | "physdescstructured" => extents(node, draft),
            "physloc" => draft.add(Group::Holding, "Location", prose::line(node)),
            "materialspec" => draft.add(Group::Extent, "Material", prose::line(node)),
            "dao" | "daogrp" | "daoset" => digital::read(node, draft, pages, notes),
            _ => component::note(node, draft, notes),
        }
    }
    container::read(did, draft);
    unit_dates(did, draft, own);
}

/// As the archive writes them, else as it normalises them. A component with no title is called by its dates, else by its
/// reference code.
fn unit_dates(did: Node<'_, '_>, draft: &mut Draft, own: &mut Inherited) {
    let is_date = |node: &Node<'_, '_>| xml::is(*node, "unitdate") || xml::is(*node, "unitdatestructured");
    let nodes: Vec<Node<'_, '_>> =
        did.descendants().filter(is_date).filter(|node| !prose::is_internal(*node)).collect();
    let mut values: Vec<String> = vec![];
    let mut known = HashSet::new();
    for node in &nodes {
        let text = Some(prose::line(*node)).filter(|text| !text.is_empty());
        let text = text.or_else(|| node.attribute("normal").map(|normal| normal.trim().to_owned())).unwrap_or_default();
        if !text.is_empty() && known.insert(text.clone()) {
            values.push(text);
        }
    }
    if let [single] = nodes.as_slice() {
        let normal = single
            .attribute("normal")
            .or_else(|| xml::child(*single, "datesingle").and_then(|date| date.attribute("standarddate")));
        draft.nav_date = normal.and_then(dates::nav_date);
    }
    if draft.label.is_empty() {
        let id = xml::child(did, "unitid").map(xml::text).unwrap_or_default();
        draft.label.add(values.first().cloned().unwrap_or(id), language::NONE);
    }
    own.dates = pair("Date", values);
}

/// Who made it, each by what the archive says that he did.
fn origination(node: Node<'_, '_>, draft: &mut Draft) {
    let names: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    let names = if names.is_empty() { vec![node] } else { names };
    for name in names {
        let role = ["relator", "role"].iter().find_map(|attribute| name.attribute(*attribute)).and_then(roles::role);
        draft.add_in(Group::Agent, role.unwrap_or("Creator"), prose::line(name), &language::tag(name));
    }
}

/// In words where there are words, else by the codes.
fn languages(node: Node<'_, '_>, draft: &mut Draft) {
    let codes: Vec<&str> = xml::below(node, "language").filter_map(|language| language.attribute("langcode")).collect();
    match prose::line(node) {
        words if words.is_empty() => codes.into_iter().for_each(|code| mods::add_language(code, draft)),
        words => draft.add(Group::Language, "Language", words),
    }
}

/// Each extent, if there is nothing but them and the signs between; else the whole text.
fn extents(node: Node<'_, '_>, draft: &mut Draft) {
    let is_loose =
        |inner: Node<'_, '_>| inner.is_text() && inner.text().unwrap_or_default().contains(char::is_alphanumeric);
    let inner: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    let is_one = xml::is(node, "physdescstructured") || inner.is_empty() || node.children().any(is_loose);
    match is_one {
        true => draft.add(Group::Extent, "Extent", prose::line(node)),
        false => inner.into_iter().for_each(|part| match xml::is(part, "physdescstructured") {
            true => extents(part, draft),
            false => draft.add(Group::Extent, "Extent", prose::line(part)),
        }),
    }
}
