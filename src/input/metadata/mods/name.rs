//! MODS `name`: people and bodies, called by what they did.

use crate::input::metadata::draft::{Draft, Group, Label};
use crate::input::metadata::{language, roles};
use crate::input::xml;
use roxmltree::Node;

/// Adds a name to the pair of its role; one without a role is just a "Name".
pub fn read(name: Node<'_, '_>, draft: &mut Draft) {
    let words = words(name);
    let label = match role(name) {
        Some(role) => role,
        None if name.attribute("usage") == Some("primary") => "Creator".into(),
        None => "Name".into(),
    };
    draft.add_in(Group::Agent, label, words, &language::tag(name));
}

/// The roles, each by its term in the file unless that is a relator's; several are listed in one label.
fn role(name: Node<'_, '_>) -> Option<Label> {
    let mut roles: Vec<(String, bool)> = vec![];
    for role in xml::children(name, "role") {
        let terms: Vec<(Node<'_, '_>, String)> = xml::children(role, "roleTerm")
            .map(|term| (term, xml::text(term)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let known = terms.iter().find_map(|(_, text)| roles::role(text));
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

/// As the file has it for display; else `family, given, terms of address, dates`, other parts in front.
pub fn words(name: Node<'_, '_>) -> String {
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
