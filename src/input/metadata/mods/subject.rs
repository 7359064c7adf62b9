//! MODS `subject`: topics, places, times, people and works, a heading a value.

use super::name;
use crate::input::metadata::draft::{Draft, Group};
use crate::input::metadata::notes::{Notes, quoted};
use crate::input::metadata::{language, prose};
use crate::input::xml;
use roxmltree::Node;

/// Adds the parts of a heading as one value, joined by ` -- `, as library catalogues do.
pub fn read(subject: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    let mut parts: Vec<String> = vec![];
    for node in subject.children().filter(Node::is_element) {
        let part = match node.tag_name().name() {
            "topic" | "geographic" | "temporal" | "genre" | "occupation" => xml::text(node),
            "name" => name::words(node),
            "titleInfo" | "hierarchicalGeographic" => prose::line(node),
            "cartographics" => {
                cartographics(node, draft);
                continue;
            }
            // Codes of what the words beside them say.
            "geographicCode" => continue,
            other => {
                notes.warn(node, format!("{} of MODS is not taken over", quoted(other)));
                continue;
            }
        };
        if !part.is_empty() {
            parts.push(part);
        }
    }
    draft.add_in(Group::Subject, "Subject", parts.join(" -- "), &language::tag(subject));
}

fn cartographics(node: Node<'_, '_>, draft: &mut Draft) {
    for (element, label) in [("scale", "Scale"), ("projection", "Projection"), ("coordinates", "Coordinates")] {
        xml::children(node, element).for_each(|inner| draft.add(Group::Extent, label, xml::text(inner)));
    }
}
