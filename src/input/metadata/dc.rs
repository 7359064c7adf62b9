//! Dublin Core: the fifteen elements (`oai_dc`) and the DCMI terms, simple or qualified.

use super::builder::{Builder, Group, Label};
use super::warnings::{Warnings, quoted};
use super::{mods, prose, values};
use crate::input::{language, xml};
use crate::model::NO_LANGUAGE;
use roxmltree::Node;

const ELEMENTS: &str = "http://purl.org/dc/elements/1.1/";
const TERMS: &str = "http://purl.org/dc/terms/";

/// Elements that become pairs.
const LABELS: [(&str, Group, &str); 33] = [
    ("alternative", Group::Title, "Alternative title"),
    ("creator", Group::Agent, "Creator"),
    ("contributor", Group::Agent, "Contributor"),
    ("date", Group::Date, "Date"),
    ("created", Group::Date, "Date created"),
    ("issued", Group::Date, "Date issued"),
    ("available", Group::Date, "Date available"),
    ("modified", Group::Date, "Date modified"),
    ("dateCopyrighted", Group::Date, "Copyright date"),
    ("publisher", Group::Publication, "Publisher"),
    ("relation", Group::Context, "Relation"),
    ("isPartOf", Group::Context, "Part of"),
    ("hasPart", Group::Context, "Has part"),
    ("isVersionOf", Group::Context, "Version of"),
    ("isReferencedBy", Group::Context, "Referenced by"),
    ("references", Group::Context, "References"),
    ("source", Group::Holding, "Source"),
    ("provenance", Group::Holding, "Provenance"),
    ("identifier", Group::Identifier, "Identifier"),
    ("bibliographicCitation", Group::Identifier, "Citation"),
    ("subject", Group::Subject, "Subject"),
    ("coverage", Group::Subject, "Coverage"),
    ("spatial", Group::Subject, "Place covered"),
    ("temporal", Group::Subject, "Time covered"),
    ("type", Group::Genre, "Type"),
    ("format", Group::Extent, "Format"),
    ("extent", Group::Extent, "Extent"),
    ("medium", Group::Extent, "Medium"),
    ("accessRights", Group::Rights, "Access"),
    ("rightsHolder", Group::Rights, "Rights holder"),
    ("tableOfContents", Group::Note, "Contents"),
    ("audience", Group::Note, "Audience"),
    ("instructionalMethod", Group::Note, "Instructional method"),
];

/// Whether `node` is an element of Dublin Core.
pub fn is_element(node: Node<'_, '_>) -> bool {
    matches!(node.tag_name().namespace(), Some(ELEMENTS | TERMS))
}

/// Elements around a record that are looked into: `simpledc`, `oai_dc:dc`, the answer of an OAI server …
const MAX_WRAPPERS: usize = 5;

/// The element that holds the values: `node`, or the first element in it that does, whatever the elements around it are
/// called. `dcterms:dublincore` (Archivematica) is in a namespace of Dublin Core, and no value.
pub fn record<'a, 'input>(node: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
    within(node, MAX_WRAPPERS)
}

fn within<'a, 'input>(node: Node<'a, 'input>, depth: usize) -> Option<Node<'a, 'input>> {
    let is_value = |child: Node<'_, '_>| is_element(child) && !child.children().any(is_element);
    if node.children().any(is_value) {
        return Some(node);
    }
    let depth = depth.checked_sub(1)?;
    node.children().filter(Node::is_element).find_map(|inner| within(inner, depth))
}

/// Reads the elements in `record`.
pub fn read(record: Node<'_, '_>, warnings: &mut Warnings<'_>) -> Builder {
    let mut builder = Builder::default();
    for node in record.children().filter(Node::is_element) {
        match is_element(node) {
            true => element(node, &mut builder, warnings),
            false => {
                warnings.warn(
                    node,
                    format!("{} is no element of Dublin Core; it is not taken over", quoted(node.tag_name().name())),
                );
            }
        }
    }
    builder
}

fn element(node: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    let (text, tag) = (xml::text(node), language::of_element(node));
    let name = node.tag_name().name();
    match name {
        "title" if !builder.label.has(&tag) && (tag != NO_LANGUAGE || builder.label.is_empty()) => {
            builder.label.add(text, &tag);
        }
        "title" => builder.add_in(Group::Title, "Title", text, &tag),
        "description" | "abstract" => builder.summary.add(text, &tag),
        "language" => mods::add_language(&text, builder),
        "rights" | "license" => match values::rights_statement(&text) {
            Some(statement) if builder.rights.is_none() => builder.rights = Some(statement),
            _ => builder.add_in(Group::Rights, "Rights", prose::linked_if_address(&text), &tag),
        },
        _ => match LABELS.iter().find(|(element, _, _)| *element == name) {
            Some((element, group, label)) => {
                if matches!(*element, "date" | "created" | "issued") && builder.nav_date.is_none() {
                    builder.nav_date = values::nav_date(&text);
                }
                if *element == "identifier" {
                    builder.add_key(&text);
                }
                builder.add_in(*group, *label, text, &tag);
            }
            None => builder.add_in(Group::Note, Label::of_file(name), text, &tag),
        },
    }
    if node.children().any(|inner| inner.is_element()) {
        warnings.warn(node, format!("{} holds elements; only their text is taken over", quoted(name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn shown(inner: &str) -> String {
        let text = format!(
            "<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' xmlns:dc='{ELEMENTS}' \
            xmlns:dcterms='{TERMS}'>{inner}</oai_dc:dc>"
        );
        let document = xml::parse(&text, Path::new("a.xml")).unwrap();
        let mut warnings = Warnings::new(&text, Path::new("a.xml"));
        let (description, _) = read(document.root_element(), &mut warnings).finish();
        crate::input::metadata::outline(&description, &warnings.finish())
    }

    #[test]
    fn elements_are_values() {
        let record = "<dc:title>Map</dc:title><dc:title xml:lang='fr'>Carte</dc:title><dc:title>Second</dc:title>\
            <dc:creator>A</dc:creator><dc:creator>B</dc:creator><dc:language>fre</dc:language>\
            <dcterms:issued>1784-12</dcterms:issued><dc:description>Of Berlin</dc:description>";
        let expected = "fr: Carte\nnone: Map\nsummary none: Of Berlin\nTitle = none: Second\nCreator = none: A | B\n\
            Date issued = none: 1784-12\nLanguage = en: French\nnavDate: 1784-12-01T00:00:00Z\n";
        assert_eq!(shown(record), expected);
    }

    #[test]
    fn rights_are_addresses_or_words() {
        assert_eq!(
            shown("<dc:rights>http://rightsstatements.org/vocab/InC/1.0/</dc:rights><dc:rights>Ask us</dc:rights>"),
            "Rights = none: Ask us\nrights: http://rightsstatements.org/vocab/InC/1.0/\n"
        );
    }

    #[test]
    fn other_elements_are_told() {
        assert_eq!(shown("<b/>"), "! line 1: \"b\" is no element of Dublin Core; it is not taken over\n");
    }
}
