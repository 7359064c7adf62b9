//! EAD `did`, the identification of a component (title, dates, extent, containers), and `dao`, its digital objects.

use super::{Inherited, note, pair};
use crate::input::language;
use crate::input::location::{FileKind, Location};
use crate::input::metadata::builder::{Builder, Group, Label, link};
use crate::input::metadata::warnings::{Warnings, quoted};
use crate::input::metadata::{mods, prose, values};
use crate::input::xml;
use crate::model::{LanguageMap, Link, NO_LANGUAGE, RecordPage};
use roxmltree::Node;
use std::collections::HashSet;

/// Reads the elements of `did`.
pub fn read(
    did: Node<'_, '_>,
    builder: &mut Builder,
    own: &mut Inherited,
    pages: &mut Vec<RecordPage>,
    warnings: &mut Warnings<'_>,
) {
    for node in did.children().filter(Node::is_element) {
        let name = node.tag_name().name();
        let tag = language::of_element(node);
        match name {
            // Dates and containers are read together. A heading is the same for all components.
            "head" | "unitdate" | "unitdatestructured" | "container" => {}
            "unittitle" if !builder.label.has(&tag) => builder.label.add(prose::line(node), &tag),
            "unittitle" => builder.add_in(Group::Title, "Title", prose::line(node), &tag),
            "unitid" => {
                builder.add_key(xml::text(node));
                builder.add(
                    Group::Identifier,
                    Label::of_sort("Reference code", node.attribute("type")),
                    xml::text(node),
                );
            }
            "origination" => origination(node, builder),
            "repository" => {
                own.repository =
                    pair("Repository", vec![prose::line(node)].into_iter().filter(|text| !text.is_empty()).collect())
            }
            "abstract" => builder.summary.add(prose::line(node), &tag),
            "langmaterial" => languages(node, builder),
            "physdesc" | "physdescset" | "physdescstructured" => extents(node, builder),
            "physloc" => builder.add(Group::Holding, "Location", prose::line(node)),
            "materialspec" => builder.add(Group::Extent, "Material", prose::line(node)),
            "dao" | "daogrp" | "daoset" => digital_objects(node, builder, pages, warnings),
            _ => note(node, builder, warnings),
        }
    }
    containers(did, builder);
    unit_dates(did, builder, own);
}

/// Dates as the archive writes them, else in their normal form. A component without title is called by its dates, else
/// by its reference code.
fn unit_dates(did: Node<'_, '_>, builder: &mut Builder, own: &mut Inherited) {
    let is_date = |node: &Node<'_, '_>| xml::is(*node, "unitdate") || xml::is(*node, "unitdatestructured");
    let nodes: Vec<Node<'_, '_>> = did.descendants().filter(is_date).collect();
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
        builder.nav_date = normal.and_then(values::nav_date);
    }
    if builder.label.is_empty() {
        let id = xml::child(did, "unitid").map(xml::text).unwrap_or_default();
        builder.label.add(values.first().cloned().unwrap_or(id), NO_LANGUAGE);
    }
    own.dates = pair("Date", values);
}

/// The creators, each with the role that the archive gives.
fn origination(node: Node<'_, '_>, builder: &mut Builder) {
    let names: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    let names = if names.is_empty() { vec![node] } else { names };
    for name in names {
        let role = ["relator", "role"].iter().find_map(|attribute| name.attribute(*attribute)).and_then(values::role);
        builder.add_in(Group::Agent, role.unwrap_or("Creator"), prose::line(name), &language::of_element(name));
    }
}

/// Languages in words, or by their codes if there are no words.
fn languages(node: Node<'_, '_>, builder: &mut Builder) {
    let codes: Vec<&str> = xml::below(node, "language").filter_map(|language| language.attribute("langcode")).collect();
    match prose::line(node) {
        words if words.is_empty() => codes.into_iter().for_each(|code| mods::add_language(code, builder)),
        words => builder.add(Group::Language, "Language", words),
    }
}

/// Each extent, if only punctuation stands between them; else the whole text.
fn extents(node: Node<'_, '_>, builder: &mut Builder) {
    let is_loose =
        |inner: Node<'_, '_>| inner.is_text() && inner.text().unwrap_or_default().contains(char::is_alphanumeric);
    let inner: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    let is_one = xml::is(node, "physdescstructured") || inner.is_empty() || node.children().any(is_loose);
    match is_one {
        true => builder.add(Group::Extent, "Extent", prose::line(node)),
        false => inner.into_iter().for_each(|part| match xml::is(part, "physdescstructured") {
            true => extents(part, builder),
            false => builder.add(Group::Extent, "Extent", prose::line(part)),
        }),
    }
}

/// Nested containers. EAD 2002 has three in practice.
const MAX_PARTS: usize = 8;

/// Adds containers as `box 1, folder 6-7`. A type that occurs again begins the next group.
fn containers(did: Node<'_, '_>, builder: &mut Builder) {
    let mut place: Vec<(&str, String)> = vec![];
    for node in xml::children(did, "container") {
        let sort = ["type", "localtype"].iter().find_map(|name| node.attribute(*name)).unwrap_or_default().trim();
        if place.len() == MAX_PARTS || place.iter().any(|(known, _)| *known == sort) {
            add_container(&mut place, builder);
        }
        let text = prose::line(node);
        if !text.is_empty() {
            place.push((sort, format!("{sort} {text}").trim().to_owned()));
        }
    }
    add_container(&mut place, builder);
}

fn add_container(place: &mut Vec<(&str, String)>, builder: &mut Builder) {
    let shown = place.drain(..).map(|(_, part)| part).collect::<Vec<_>>().join(", ");
    builder.add(Group::Holding, "Container", shown);
}

/// Reads a `dao`, or a group of them. Images, sound and video are the component's pages; other files are linked.
pub fn digital_objects(
    node: Node<'_, '_>,
    builder: &mut Builder,
    pages: &mut Vec<RecordPage>,
    warnings: &mut Warnings<'_>,
) {
    let label = digital_label(node);
    for object in node.descendants().filter(|inner| xml::is(*inner, "dao") || xml::is(*inner, "daoloc")) {
        let Some(href) = xml::attribute(object, "href").map(str::trim).filter(|href| !href.is_empty()) else {
            continue;
        };
        let role = xml::attribute(object, "role").or(xml::attribute(object, "linkrole")).unwrap_or_default();
        if role.contains("thumbnail") {
            continue;
        }
        digital_object(object, href, &label, builder, pages, warnings);
    }
}

fn digital_label(node: Node<'_, '_>) -> String {
    let described = ["daodesc", "descriptivenote"].iter().filter_map(|name| xml::child(node, name)).map(prose::line);
    let titled = ["title", "linktitle"].iter().filter_map(|name| xml::attribute(node, name)).map(str::to_owned);
    titled.chain(described).find(|label| !label.is_empty()).unwrap_or_else(|| "Digital object".into())
}

fn digital_object(
    node: Node<'_, '_>,
    href: &str,
    label: &str,
    builder: &mut Builder,
    pages: &mut Vec<RecordPage>,
    warnings: &mut Warnings<'_>,
) {
    let location = Location::read(href);
    if let Ok(location) = &location {
        let name = location.name();
        builder.add_key(name);
        builder.add_key(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    }
    let web = link(href, label, "Text");
    match (location, web) {
        (Ok(location), _) if is_page(&location) => {
            let file = if location.is_local { location.path() } else { location.name().to_owned() };
            pages.push(RecordPage { file: Some(file), ..RecordPage::default() });
        }
        (_, Some(link)) if link.id.ends_with("manifest.json") || link.id.ends_with("/manifest") => {
            builder.see_also.push(Link { kind: Some("Manifest".into()), ..link });
        }
        (_, Some(link)) => builder.homepage.push(link),
        (Ok(location), None) if location.is_local => builder.rendering.push(Link {
            file: Some(location.path()),
            label: LanguageMap::plain(label),
            ..Link::default()
        }),
        (Ok(_), None) => warnings.warn(node, format!("{} lies outside the folder; it is not linked", quoted(href))),
        (Err(why), None) => warnings.warn(node, format!("{} is not linked: {why}", quoted(href))),
    }
}

fn is_page(location: &Location) -> bool {
    matches!(FileKind::of_name(location.name()), FileKind::Image | FileKind::Sound | FileKind::Video)
}
