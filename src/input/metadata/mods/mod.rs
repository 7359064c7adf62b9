//! MODS 3: a bibliographic description. What its elements are called here, and in which order they come, is below; what
//! speaks of the record and not of the work (`recordInfo`, `extension`) is left to the library.

mod name;
mod origin;
mod subject;
mod title;

use super::draft::{Draft, Group, Label, link};
use super::notes::{Notes, quoted};
use super::{language, prose, rights};
use crate::input::xml;
use roxmltree::Node;

/// Reads a `mods` element.
pub fn read(mods: Node<'_, '_>, notes: &mut Notes<'_>) -> Draft {
    let mut draft = Draft::default();
    title::read(mods, &mut draft, notes);
    for node in mods.children().filter(Node::is_element) {
        element(node, &mut draft, notes);
    }
    draft.nav_date = origin::nav_date(mods);
    for identifier in xml::children(mods, "recordInfo").flat_map(|info| xml::children(info, "recordIdentifier")) {
        draft.add_key(xml::text(identifier));
    }
    draft
}

fn element(node: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    match node.tag_name().name() {
        // Read by `title`, or about the record.
        "titleInfo" | "recordInfo" | "extension" => {}
        "name" => name::read(node, draft),
        "originInfo" => origin::read(node, draft, notes),
        "subject" => subject::read(node, draft, notes),
        "relatedItem" => related(node, draft, notes),
        "location" => location(node, draft, notes),
        "physicalDescription" => physical(node, draft, notes),
        "language" => languages(node, draft),
        "accessCondition" => access(node, draft),
        "abstract" => draft.summary.add(xml::text(node), &language::tag(node)),
        "note" => text(node, draft, Group::Note, "Note"),
        "tableOfContents" => text(node, draft, Group::Note, "Contents"),
        "targetAudience" => text(node, draft, Group::Note, "Audience"),
        "genre" => text(node, draft, Group::Genre, "Genre"),
        "typeOfResource" => draft.add(Group::Genre, "Type", xml::text(node)),
        "classification" => draft.add(Group::Subject, "Classification", xml::text(node)),
        "identifier" => text(node, draft, Group::Identifier, "Identifier"),
        "part" => draft.add(Group::Context, "Part", prose::line(node)),
        other => notes.warn(node, format!("{} of MODS is not taken over", quoted(other))),
    }
}

/// A text that may have a label of its own (`displayLabel`) and be of a sort (`type`).
fn text(node: Node<'_, '_>, draft: &mut Draft, group: Group, word: &str) {
    let label = match node.attribute("displayLabel").map(str::trim).filter(|label| !label.is_empty()) {
        Some(label) => Label::of_file(label.trim_end_matches(':')),
        None => Label::of_sort(word, node.attribute("type")),
    };
    draft.add_in(group, label, xml::text(node), &language::tag(node));
}

/// The language by its name where the file has it in words or our table has the code, else by the code.
fn languages(node: Node<'_, '_>, draft: &mut Draft) {
    let terms: Vec<Node<'_, '_>> = xml::children(node, "languageTerm").collect();
    let in_words: Vec<&Node<'_, '_>> = terms.iter().filter(|term| term.attribute("type") != Some("code")).collect();
    for term in &in_words {
        draft.add_in(Group::Language, "Language", xml::text(**term), &language::tag(**term));
    }
    if in_words.is_empty() {
        terms.iter().for_each(|term| add_language(&xml::text(*term), draft));
    }
    for script in xml::children(node, "scriptTerm") {
        draft.add(Group::Language, "Script", xml::text(script));
    }
}

/// A language given by its code.
pub fn add_language(code: &str, draft: &mut Draft) {
    match language::name(code) {
        Some(name) => draft.add_in(Group::Language, "Language", name, "en"),
        None => draft.add(Group::Language, "Language", code.trim()),
    }
}

/// A licence or statement by its address is the item's `rights`; all else are words for people.
fn access(node: Node<'_, '_>, draft: &mut Draft) {
    let words = xml::text(node);
    let address = xml::attribute(node, "href").unwrap_or_default();
    if let Some(statement) = rights::statement(address).or_else(|| rights::statement(&words))
        && draft.rights.is_none()
    {
        draft.rights = Some(statement);
        return;
    }
    let label = match (node.attribute("displayLabel"), node.attribute("type").map(str::trim)) {
        (Some(label), _) => Label::of_file(label.trim()),
        (None, Some("use and reproduction" | "useAndReproduction")) => "Rights".into(),
        (None, Some("restriction on access" | "restrictionOnAccess")) => "Access".into(),
        (None, sort) => Label::of_sort("Access condition", sort),
    };
    draft.add_in(Group::Rights, label, prose::linked(&words, address), &language::tag(node));
}

fn physical(node: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    for inner in node.children().filter(Node::is_element) {
        match inner.tag_name().name() {
            "extent" => text(inner, draft, Group::Extent, "Extent"),
            "form" => text(inner, draft, Group::Extent, "Form"),
            "note" => text(inner, draft, Group::Extent, "Physical description"),
            "digitalOrigin" => draft.add(Group::Extent, "Digital origin", xml::text(inner)),
            "internetMediaType" => draft.add(Group::Extent, "Media type", xml::text(inner)),
            "reformattingQuality" => draft.add(Group::Extent, "Reformatting quality", xml::text(inner)),
            other => notes.warn(inner, format!("{} of MODS is not taken over", quoted(other))),
        }
    }
}

fn location(node: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    for inner in node.children().filter(Node::is_element) {
        match inner.tag_name().name() {
            "physicalLocation" if is_code(inner) => draft.add(Group::Holding, "Institution code", xml::text(inner)),
            "physicalLocation" => text_of_place(inner, draft, "Location"),
            "shelfLocator" => text_of_place(inner, draft, "Shelf mark"),
            "subLocation" => text_of_place(inner, draft, "Sublocation"),
            "holdingSimple" | "copyInformation" => location(inner, draft, notes),
            "note" => text(inner, draft, Group::Note, "Note"),
            "enumerationAndChronology" => draft.add(Group::Context, "Part", xml::text(inner)),
            "form" => text(inner, draft, Group::Extent, "Form"),
            "url" => url(inner, draft, notes),
            other => notes.warn(inner, format!("{} of MODS is not taken over", quoted(other))),
        }
    }
}

fn is_code(node: Node<'_, '_>) -> bool {
    node.attribute("type") == Some("code") || node.attribute("authority") == Some("marcorg")
}

fn text_of_place(node: Node<'_, '_>, draft: &mut Draft, word: &str) {
    draft.add_in(Group::Holding, word, xml::text(node), &language::tag(node));
}

/// Addresses of the object are pages of it; raw objects and previews are files that this site has itself.
fn url(node: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    let address = xml::text(node);
    let label = ["displayLabel", "note"].iter().find_map(|name| node.attribute(*name)).unwrap_or_default();
    match link(&address, label, "Text") {
        _ if address.is_empty() => {}
        Some(link) => draft.homepage.push(link),
        None => notes.warn(node, format!("{} is no address of the web; it is not linked", quoted(&address))),
    }
}

/// What it is part of, or belongs together with, by title.
fn related(node: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    let (group, label): (Group, Label) = match node.attribute("type") {
        Some("host") => (Group::Context, "Part of".into()),
        Some("series") => (Group::Context, "Series".into()),
        sort => (Group::Note, Label::of_sort("Related", node.attribute("displayLabel").or(sort))),
    };
    let mut words = title::of_related(node);
    if draft.label.contains(&words) {
        return;
    }
    let number = xml::children(node, "part").map(prose::line).find(|part| !part.is_empty());
    if let (false, Some(number)) = (words.is_empty(), number) {
        words = format!("{words} ; {number}");
    }
    let address = xml::below(node, "url").map(xml::text).find(|address| !address.is_empty()).unwrap_or_default();
    let identifiers = xml::below(node, "recordIdentifier").chain(xml::children(node, "identifier")).map(xml::text);
    if words.is_empty() {
        words = identifiers.collect::<Vec<_>>().join(", ");
    }
    let shown = prose::linked(&words, &address);
    if shown.is_empty() && !prose::line(node).is_empty() {
        notes.warn(node, "a \"relatedItem\" of MODS without title or identifier is not taken over");
    }
    draft.add_in(group, label, shown, &language::tag(node));
}

#[cfg(test)]
mod tests;
