//! METS `dmdSec`: a description in MODS, Dublin Core or MARC, or a pointer to one.

use crate::error::Result;
use crate::input::metadata::draft::{Draft, link};
use crate::input::metadata::notes::{Notes, quoted};
use crate::input::metadata::{dc, marc, mods};
use crate::input::xml;
use roxmltree::Node;

/// Reads a section. What is of another kind, or elsewhere, is told.
pub fn read(section: Node<'_, '_>, notes: &mut Notes<'_>) -> Result<Draft> {
    let mut draft = Draft::default();
    for reference in xml::children(section, "mdRef") {
        elsewhere(reference, &mut draft, notes);
    }
    for wrap in xml::children(section, "mdWrap") {
        match xml::child(wrap, "xmlData") {
            Some(data) => draft.merge(wrapped(wrap, data, notes)?),
            None => notes.warn(wrap, "a description that is not XML (\"binData\") is not taken over"),
        }
    }
    Ok(draft)
}

fn wrapped(wrap: Node<'_, '_>, data: Node<'_, '_>, notes: &mut Notes<'_>) -> Result<Draft> {
    if dc::is_record(data) {
        return Ok(dc::read(data, notes));
    }
    let mut draft = Draft::default();
    for node in data.children().filter(Node::is_element) {
        let inner = match node.tag_name().name() {
            "modsCollection" => xml::child(node, "mods").unwrap_or(node),
            "collection" => xml::child(node, "record").unwrap_or(node),
            _ => node,
        };
        match inner.tag_name().name() {
            "mods" => draft.merge(mods::read(inner, notes)),
            "record" if xml::child(inner, "leader").is_some() => draft.merge(marc::read(inner, notes)?),
            _ if dc::is_record(inner) => draft.merge(dc::read(inner, notes)),
            _ => {
                let kind = ["OTHERMDTYPE", "MDTYPE"].iter().find_map(|name| wrap.attribute(*name)).unwrap_or("no kind");
                notes.warn(
                    wrap,
                    format!("a description of kind {} is not taken over; MODS, Dublin Core and MARC are", quoted(kind)),
                );
            }
        }
    }
    Ok(draft)
}

fn elsewhere(reference: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    let kind = reference.attribute("MDTYPE").unwrap_or("of no kind");
    let address = xml::attribute(reference, "href").unwrap_or_default().trim();
    match link(address, kind, "Dataset") {
        Some(link) => {
            draft.see_also.push(link);
            notes.warn(reference, format!("a description ({kind}) is elsewhere; it is linked, not read"));
        }
        None => notes.warn(reference, format!("a description ({kind}) is elsewhere; it is not read")),
    }
}
