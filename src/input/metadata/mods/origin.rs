//! MODS `originInfo`: where, when and by whom the object was made or digitised.

use crate::input::metadata::builder::{Builder, Group, Label};
use crate::input::metadata::values;
use crate::input::metadata::warnings::Warnings;
use crate::input::{language, xml};
use crate::model::NavDate;
use roxmltree::Node;

const DATES: [(&str, &str); 7] = [
    ("dateIssued", "Date"),
    ("dateCreated", "Date"),
    ("copyrightDate", "Copyright date"),
    ("dateValid", "Date valid"),
    ("dateModified", "Date modified"),
    ("dateOther", "Other date"),
    ("dateCaptured", "Date digitised"),
];

/// Adds places, publishers, dates and editions. Those of the digital edition have their own labels.
pub fn read(origin: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    let (place, publisher, edition) = match is_of_digitisation(origin) {
        true => ("Place of digitisation", "Digitised by", "Digital edition"),
        false => ("Place", "Publisher", "Edition"),
    };
    for (element, label) in DATES {
        spans(origin, element).into_iter().for_each(|date| builder.add(Group::Date, label, date));
    }
    for node in origin.children().filter(Node::is_element) {
        let tag = language::of_element(node);
        match node.tag_name().name() {
            "place" => places(node, builder, place),
            "publisher" | "agent" => builder.add_in(Group::Publication, publisher, xml::text(node), &tag),
            "edition" => builder.add_in(Group::Publication, edition, xml::text(node), &tag),
            "issuance" => builder.add(Group::Publication, "Issuance", xml::text(node)),
            "frequency" => builder.add(Group::Publication, "Frequency", xml::text(node)),
            "displayDate" => builder.add_in(Group::Date, "Date", xml::text(node), &tag),
            name if DATES.iter().any(|(element, _)| *element == name) => {}
            _ => warnings.not_taken_over(node, "MODS"),
        }
    }
}

/// Whether it is the digital edition, by the rules of DFG and Goobi: by the event, by the name of the edition, or
/// because there is no other date.
fn is_of_digitisation(origin: Node<'_, '_>) -> bool {
    let has = |name: &str| xml::children(origin, name).any(|node| !xml::text(node).is_empty());
    let event = origin.attribute("eventType").unwrap_or_default().to_ascii_lowercase();
    let is_electronic = xml::children(origin, "edition").any(|edition| xml::text(edition) == "[Electronic ed.]");
    matches!(event.as_str(), "digitization" | "digitisation")
        || is_electronic && !has("dateIssued")
        || has("dateCaptured") && !has("dateIssued") && !has("dateCreated")
}

/// Adds places in words if there are words, else by code.
fn places(place: Node<'_, '_>, builder: &mut Builder, label: &str) {
    let terms: Vec<Node<'_, '_>> = xml::children(place, "placeTerm").collect();
    let is_code = |term: &Node<'_, '_>| term.attribute("type") == Some("code");
    for term in terms.iter().filter(|term| !is_code(term)) {
        builder.add_in(Group::Publication, label, xml::text(*term), &language::of_element(*term));
    }
    for term in terms.iter().filter(|term| is_code(term)) {
        builder.add(Group::Publication, Label::of_sort(label, Some("code")), xml::text(*term));
    }
}

/// The dates of one element. A start and the end that follows it are joined; a qualifier is added in brackets.
fn spans(origin: Node<'_, '_>, element: &str) -> Vec<String> {
    let mut dates: Vec<(String, Option<&str>)> = vec![];
    let mut is_open = false;
    for node in xml::children(origin, element) {
        let date = xml::text(node);
        match (node.attribute("point"), dates.last_mut()) {
            _ if date.is_empty() => {}
            (Some("end"), Some((start, _))) if is_open => {
                start.push_str(&date);
                is_open = false;
            }
            (point, _) => {
                is_open = point == Some("start");
                let dash = if is_open { "–" } else { "" };
                dates.push((format!("{date}{dash}"), node.attribute("qualifier")));
            }
        }
    }
    let shown = |(date, qualifier): (String, Option<&str>)| match qualifier {
        Some(qualifier) => format!("{date} ({qualifier})"),
        None => date,
    };
    dates.into_iter().map(shown).collect()
}

/// The first certain date of making: the key date, else any encoded one.
pub fn nav_date(mods: Node<'_, '_>) -> Option<NavDate> {
    let made = |node: &Node<'_, '_>| matches!(node.tag_name().name(), "dateIssued" | "dateCreated");
    let is_certain = |node: &Node<'_, '_>| {
        ["point", "qualifier"].iter().all(|name| node.attribute(*name).is_none())
            && matches!(node.attribute("encoding"), Some("w3cdtf" | "iso8601"))
    };
    let dates: Vec<Node<'_, '_>> = xml::children(mods, "originInfo")
        .filter(|origin| !is_of_digitisation(*origin))
        .flat_map(|origin| origin.children())
        .filter(|node| node.is_element() && made(node))
        .collect();
    let key = dates.iter().find(|node| node.attribute("keyDate") == Some("yes"));
    match key {
        Some(key) => Some(key).filter(|key| is_certain(key)).and_then(|key| values::nav_date(&xml::text(*key))),
        None => dates.iter().filter(|node| is_certain(node)).find_map(|node| values::nav_date(&xml::text(*node))),
    }
}
