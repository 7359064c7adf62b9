//! MODS `titleInfo`, `name` and `subject`: the access points of a record.

use crate::input::language;
use crate::input::metadata::builder::{Borrowed, Builder, Group, Label};
use crate::input::metadata::warnings::Warnings;
use crate::input::metadata::{prose, values};
use crate::input::xml;
use crate::model::NO_LANGUAGE;
use roxmltree::Node;

/// The label is the title without `type`, in each language. If there is none, it is a title with a type, else the title
/// of the series or host. Other titles are pairs.
pub fn titles(mods: Node<'_, '_>, builder: &mut Builder) {
    let mut titles: Vec<(Node<'_, '_>, String)> = xml::children(mods, "titleInfo")
        .map(|info| (info, title_words(info)))
        .filter(|(_, words)| !words.is_empty())
        .collect();
    titles.sort_by_key(|(info, _)| (sort(*info).is_some(), info.attribute("usage") != Some("primary")));
    for (info, words) in titles {
        let language = language::of_element(info);
        let is_main = match sort(info) {
            None => !builder.label.has(&language) && (language != NO_LANGUAGE || builder.label.is_empty()),
            Some(_) => builder.label.is_empty(),
        };
        match is_main {
            true => builder.label.add(words, &language),
            false => builder.add_in(Group::Title, title_label(info), words, &language),
        }
    }
    if builder.label.is_empty() {
        take_from_related(mods, builder);
    }
}

fn take_from_related(mods: Node<'_, '_>, builder: &mut Builder) {
    let of_type = |kind: &'static str| {
        xml::children(mods, "relatedItem").filter(move |item| item.attribute("type") == Some(kind))
    };
    for (kind, item) in of_type("series").map(|item| ("series", item)).chain(of_type("host").map(|item| ("host", item)))
    {
        let words = title_of_related(item);
        if !words.is_empty() {
            builder.borrowed = Some(Borrowed { kind, from: item.id() });
            builder.label.add(words, &language::of_element(item));
            return;
        }
    }
}

/// The first title of a related item that is not empty.
pub fn title_of_related(item: Node<'_, '_>) -> String {
    xml::children(item, "titleInfo").map(title_words).find(|words| !words.is_empty()).unwrap_or_default()
}

/// `alternative`, `translated`, `uniform` or `abbreviated`.
fn sort<'a>(info: Node<'a, '_>) -> Option<&'a str> {
    info.attribute("type").map(str::trim).filter(|sort| !sort.is_empty())
}

fn title_label(info: Node<'_, '_>) -> Label {
    match (info.attribute("displayLabel").map(str::trim), sort(info)) {
        (Some(label), _) if !label.is_empty() => Label::of_file(label.trim_end_matches(':')),
        (_, Some("alternative")) => "Alternative title".into(),
        (_, Some("translated")) => "Translated title".into(),
        (_, Some("uniform")) => "Uniform title".into(),
        (_, Some("abbreviated")) => "Abbreviated title".into(),
        (_, sort) => Label::of_sort("Title", sort),
    }
}

/// `nonSort title : subTitle. partNumber, partName`, in the order of the file.
fn title_words(info: Node<'_, '_>) -> String {
    let mut words = String::new();
    let mut is_in_part = false;
    for node in info.children().filter(Node::is_element) {
        let text = xml::text(node);
        let name = node.tag_name().name();
        let is_part = matches!(name, "partNumber" | "partName");
        if text.is_empty() {
            continue;
        }
        let between = match name {
            _ if words.is_empty() => "",
            "title" if words.ends_with(['\'', '’', '-']) => "",
            "title" => " ",
            // Some files write `subtitle`.
            "subTitle" | "subtitle" => " : ",
            _ if is_part && is_in_part => ", ",
            _ if is_part && words.ends_with('.') => " ",
            _ if is_part => ". ",
            _ => " ",
        };
        is_in_part = is_part;
        words.push_str(between);
        words.push_str(&text);
    }
    words
}

/// Adds a name to the pair of its role. A name without role is a "Name".
pub fn name(name: Node<'_, '_>, builder: &mut Builder) {
    let words = name_words(name);
    let label = match role(name) {
        Some(role) => role,
        None if name.attribute("usage") == Some("primary") => "Creator".into(),
        None => "Name".into(),
    };
    builder.add_in(Group::Agent, label, words, &language::of_element(name));
}

/// The roles in one label: each as an English relator, or else as the file has it.
fn role(name: Node<'_, '_>) -> Option<Label> {
    let mut roles: Vec<(String, bool)> = vec![];
    for role in xml::children(name, "role") {
        let terms: Vec<(Node<'_, '_>, String)> = xml::children(role, "roleTerm")
            .map(|term| (term, xml::text(term)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let known = terms.iter().find_map(|(_, text)| values::role(text));
        let written = terms.iter().find(|(term, _)| term.attribute("type") != Some("code")).or(terms.first());
        match (known, written) {
            (Some(known), _) => roles.push((known.to_owned(), true)),
            (None, Some((_, text))) => roles.push((text.clone(), false)),
            (None, None) => {}
        }
    }
    roles.dedup();
    let are_ours = roles.iter().all(|(_, is_ours)| *is_ours);
    let label = roles.into_iter().map(|(role, _)| role).collect::<Vec<_>>().join(", ");
    match (label.is_empty(), are_ours) {
        (true, _) => None,
        (false, true) => Some(label.as_str().into()),
        (false, false) => Some(Label::of_file(label)),
    }
}

/// The form for display, else `family, given, terms of address, dates`. Other parts come first.
fn name_words(name: Node<'_, '_>) -> String {
    if let Some(display) = xml::child(name, "displayForm").map(xml::text).filter(|text| !text.is_empty()) {
        return display;
    }
    let parts = |kind: Option<&str>| -> String {
        let texts = xml::children(name, "namePart").filter(|part| part.attribute("type") == kind).map(xml::text);
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let all = [None, Some("family"), Some("given"), Some("termsOfAddress"), Some("date")].map(parts);
    all.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Adds the parts of a heading as one value, joined by ` -- ` as in library catalogues.
pub fn subject(subject: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    let mut parts: Vec<String> = vec![];
    for node in subject.children().filter(Node::is_element) {
        let part = match node.tag_name().name() {
            "topic" | "geographic" | "temporal" | "genre" | "occupation" => xml::text(node),
            "name" => name_words(node),
            "titleInfo" | "hierarchicalGeographic" => prose::line(node),
            "cartographics" => {
                cartographics(node, builder);
                continue;
            }
            // A code for a name that stands beside it.
            "geographicCode" => continue,
            _ => {
                warnings.not_taken_over(node, "MODS");
                continue;
            }
        };
        if !part.is_empty() {
            parts.push(part);
        }
    }
    builder.add_in(Group::Subject, "Subject", parts.join(" -- "), &language::of_element(subject));
}

fn cartographics(node: Node<'_, '_>, builder: &mut Builder) {
    for (element, label) in [("scale", "Scale"), ("projection", "Projection"), ("coordinates", "Coordinates")] {
        xml::children(node, element).for_each(|inner| builder.add(Group::Extent, label, xml::text(inner)));
    }
}
