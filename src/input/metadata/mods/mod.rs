//! MODS 3: a bibliographic description. Elements about the record, not the work (`recordInfo`, `extension`), are not
//! taken over.

mod access_points;
mod origin;
mod part;

use super::builder::{Builder, Group, Label, link};
use super::warnings::{Warnings, quoted};
use super::{prose, values};
use crate::input::{language, xml};
use roxmltree::Node;

/// Reads a `mods` element.
pub fn read(mods: Node<'_, '_>, warnings: &mut Warnings<'_>) -> Builder {
    let mut builder = Builder::default();
    access_points::titles(mods, &mut builder);
    for node in mods.children().filter(Node::is_element) {
        element(node, &mut builder, warnings);
    }
    builder.nav_date = origin::nav_date(mods);
    for identifier in xml::children(mods, "recordInfo").flat_map(|info| xml::children(info, "recordIdentifier")) {
        builder.add_key(xml::text(identifier));
    }
    builder
}

fn element(node: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    match node.tag_name().name() {
        // Read by `titles`, or about the record.
        "titleInfo" | "recordInfo" | "extension" => {}
        "name" => access_points::name(node, builder),
        "originInfo" => origin::read(node, builder, warnings),
        "subject" => access_points::subject(node, builder, warnings),
        "relatedItem" => related(node, builder, warnings),
        "location" => location(node, builder, warnings),
        "physicalDescription" => physical(node, builder, warnings),
        "language" => languages(node, builder),
        "accessCondition" => access(node, builder),
        "abstract" => builder.summary.add(xml::text(node), &language::of_element(node)),
        "note" => text(node, builder, Group::Note, "Note"),
        "tableOfContents" => text(node, builder, Group::Note, "Contents"),
        "targetAudience" => text(node, builder, Group::Note, "Audience"),
        "genre" => text(node, builder, Group::Genre, "Genre"),
        "typeOfResource" => builder.add(Group::Genre, "Type", xml::text(node)),
        "classification" => builder.add(Group::Subject, "Classification", xml::text(node)),
        "identifier" => text(node, builder, Group::Identifier, "Identifier"),
        "part" => part::read(node, builder),
        _ => warnings.not_taken_over(node, "MODS"),
    }
}

/// Adds a text whose label is its `displayLabel`, or `word` with its `type`.
fn text(node: Node<'_, '_>, builder: &mut Builder, group: Group, word: &str) {
    let label = match node.attribute("displayLabel").map(str::trim).filter(|label| !label.is_empty()) {
        Some(label) => Label::of_file(label.trim_end_matches(':')),
        None => Label::of_sort(word, node.attribute("type")),
    };
    builder.add_in(group, label, xml::text(node), &language::of_element(node));
}

/// Adds languages by name if the file has words or the code is known, else by code.
fn languages(node: Node<'_, '_>, builder: &mut Builder) {
    let terms: Vec<Node<'_, '_>> = xml::children(node, "languageTerm").collect();
    let in_words: Vec<&Node<'_, '_>> = terms.iter().filter(|term| term.attribute("type") != Some("code")).collect();
    for term in &in_words {
        builder.add_in(Group::Language, "Language", xml::text(**term), &language::of_element(**term));
    }
    if in_words.is_empty() {
        terms.iter().for_each(|term| add_language(&xml::text(*term), builder));
    }
    for script in xml::children(node, "scriptTerm") {
        builder.add(Group::Language, "Script", xml::text(script));
    }
}

/// Adds a language by its code.
pub fn add_language(code: &str, builder: &mut Builder) {
    match language::name(code) {
        Some(name) => builder.add_in(Group::Language, "Language", name, "en"),
        None => builder.add(Group::Language, "Language", code.trim()),
    }
}

/// A licence or rights statement by its address is the item's `rights`. All other conditions are pairs.
fn access(node: Node<'_, '_>, builder: &mut Builder) {
    let words = xml::text(node);
    let address = xml::attribute(node, "href").unwrap_or_default();
    if let Some(statement) = values::rights_statement(address).or_else(|| values::rights_statement(&words))
        && builder.rights.is_none()
    {
        builder.rights = Some(statement);
        return;
    }
    let label = match (node.attribute("displayLabel"), node.attribute("type").map(str::trim)) {
        (Some(label), _) => Label::of_file(label.trim()),
        (None, Some("use and reproduction" | "useAndReproduction")) => "Rights".into(),
        (None, Some("restriction on access" | "restrictionOnAccess")) => "Access".into(),
        (None, sort) => Label::of_sort("Access condition", sort),
    };
    builder.add_in(Group::Rights, label, prose::linked(&words, address), &language::of_element(node));
}

fn physical(node: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    for inner in node.children().filter(Node::is_element) {
        match inner.tag_name().name() {
            "extent" => text(inner, builder, Group::Extent, "Extent"),
            "form" => text(inner, builder, Group::Extent, "Form"),
            "note" => text(inner, builder, Group::Extent, "Physical description"),
            "digitalOrigin" => builder.add(Group::Extent, "Digital origin", xml::text(inner)),
            "internetMediaType" => builder.add(Group::Extent, "Media type", xml::text(inner)),
            "reformattingQuality" => builder.add(Group::Extent, "Reformatting quality", xml::text(inner)),
            _ => warnings.not_taken_over(inner, "MODS"),
        }
    }
}

fn location(node: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    for inner in node.children().filter(Node::is_element) {
        match inner.tag_name().name() {
            "physicalLocation" if is_code(inner) => builder.add(Group::Holding, "Institution code", xml::text(inner)),
            "physicalLocation" => text_of_place(inner, builder, "Location"),
            "shelfLocator" => text_of_place(inner, builder, "Shelf mark"),
            "subLocation" => text_of_place(inner, builder, "Sublocation"),
            "holdingSimple" | "copyInformation" => location(inner, builder, warnings),
            "note" => text(inner, builder, Group::Note, "Note"),
            "enumerationAndChronology" => builder.add(Group::Context, "Part", xml::text(inner)),
            "form" => text(inner, builder, Group::Extent, "Form"),
            "url" => url(inner, builder, warnings),
            _ => warnings.not_taken_over(inner, "MODS"),
        }
    }
}

fn is_code(node: Node<'_, '_>) -> bool {
    node.attribute("type") == Some("code") || node.attribute("authority") == Some("marcorg")
}

fn text_of_place(node: Node<'_, '_>, builder: &mut Builder, word: &str) {
    builder.add_in(Group::Holding, word, xml::text(node), &language::of_element(node));
}

/// Adds the addresses of the object as homepages.
fn url(node: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    let address = xml::text(node);
    let label = ["displayLabel", "note"].iter().find_map(|name| node.attribute(*name)).unwrap_or_default();
    match link(&address, label, "Text") {
        _ if address.is_empty() => {}
        Some(link) => builder.homepage.push(link),
        None => warnings.warn(node, format!("{} is no address of the web; it is not linked", quoted(&address))),
    }
}

/// Adds a related item by its title.
fn related(node: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    let (group, label): (Group, Label) = match node.attribute("type") {
        Some("host") => (Group::Context, "Part of".into()),
        Some("series") => (Group::Context, "Series".into()),
        sort => (Group::Note, Label::of_sort("Related", node.attribute("displayLabel").or(sort))),
    };
    let mut words = access_points::title_of_related(node);
    let is_host = node.attribute("type") == Some("host");
    // The number of an issue is its own, though it stands with the title of the newspaper.
    xml::children(node, "part").filter(|_| is_host).for_each(|part| part::read(part, builder));
    if builder.label.contains(&words) {
        return;
    }
    let number = xml::children(node, "part").map(prose::line).find(|part| !part.is_empty() && !is_host);
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
        warnings.warn(node, "a \"relatedItem\" of MODS without title or identifier is not taken over");
    }
    builder.add_in(group, label, shown, &language::of_element(node));
}

#[cfg(test)]
mod tests;
