//! EAD `container`: in which box and folder it lies.

use crate::input::metadata::draft::{Draft, Group};
use crate::input::metadata::prose;
use crate::input::xml;
use roxmltree::Node;

/// Containers within containers; EAD 2002 has three in practice.
const MAX_PARTS: usize = 8;

/// Adds containers as `box 1, folder 6-7`; where a type comes again, another such place begins.
pub fn read(did: Node<'_, '_>, draft: &mut Draft) {
    let mut place: Vec<(&str, String)> = vec![];
    for node in xml::children(did, "container").filter(|node| !prose::is_internal(*node)) {
        let sort = ["type", "localtype"].iter().find_map(|name| node.attribute(*name)).unwrap_or_default().trim();
        if place.len() == MAX_PARTS || place.iter().any(|(known, _)| *known == sort) {
            add(&mut place, draft);
        }
        let text = prose::line(node);
        if !text.is_empty() {
            place.push((sort, format!("{sort} {text}").trim().to_owned()));
        }
    }
    add(&mut place, draft);
}

fn add(place: &mut Vec<(&str, String)>, draft: &mut Draft) {
    let shown = place.drain(..).map(|(_, part)| part).collect::<Vec<_>>().join(", ");
    draft.add(Group::Holding, "Container", shown);
}
