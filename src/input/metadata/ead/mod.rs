//! EAD 2002 and EAD3: the finding aid of an archive. The whole is the description of the folder, each component one of an
//! item or collection below it. The header (`eadheader`, `control`) speaks of the finding aid and not of the archive.

mod component;
mod container;
mod did;
mod digital;

use super::draft::link;
use super::notes::Notes;
use crate::error::Result;
use crate::input::xml;
use crate::model::{Record, Records};
use component::Inherited;
use roxmltree::Node;

/// Components within components; EAD 2002 numbers twelve.
const MAX_LEVELS: usize = 24;

/// Reads an `ead` document.
pub fn read(root: Node<'_, '_>, notes: &mut Notes<'_>) -> Result<Records> {
    let Some(archive) = xml::child(root, "archdesc") else {
        return Err(notes
            .error(root, "this EAD has no \"archdesc\"; expected one, for it describes the archive")
            .with_hint("export the finding aid again, as EAD 2002 or EAD3"));
    };
    let header = ["eadheader", "control"].iter().find_map(|name| xml::child(root, name));
    let (mut own, inherited) = component::read(archive, &Inherited::default(), notes)?;
    if let Some(header) = header {
        about_the_finding_aid(header, &mut own);
    }
    let mut below = vec![];
    components(archive, &inherited, 1, &mut below, notes)?;
    Ok(Records { own: Some(own), below })
}

/// Its identifier is a key; its address is linked; its title stands in where the archive has none.
fn about_the_finding_aid(header: Node<'_, '_>, own: &mut Record) {
    for id in ["eadid", "recordid"].iter().filter_map(|name| xml::child(header, name)) {
        let address = ["url", "instanceurl"].iter().find_map(|name| id.attribute(*name));
        let text = xml::text(id);
        if let Some(link) = link(address.unwrap_or(&text), "Finding aid", "Text") {
            own.description.homepage.0.push(link);
        }
        own.keys.extend(Some(text).filter(|text| !text.is_empty()));
    }
    if own.description.label.is_empty()
        && let Some(title) = xml::below(header, "titleproper").map(xml::text).find(|title| !title.is_empty())
    {
        own.description.label = crate::model::LanguageMap::plain(title);
    }
}

/// The components in `node`, each followed by those within it.
fn components(
    node: Node<'_, '_>,
    above: &Inherited,
    level: usize,
    below: &mut Vec<Record>,
    notes: &mut Notes<'_>,
) -> Result<()> {
    for inner in node.children().filter(Node::is_element) {
        if is_component(inner) {
            if level > MAX_LEVELS {
                return Err(notes.error(inner, format!("components are nested more than {MAX_LEVELS} deep")));
            }
            if super::prose::is_internal(inner) {
                notes.warn(inner, "a component that the archive keeps to itself (audience=\"internal\") is left out");
                continue;
            }
            let (record, inherited) = component::read(inner, above, notes)?;
            below.push(record);
            components(inner, &inherited, level + 1, below, notes)?;
        } else if xml::is(inner, "dsc") {
            components(inner, above, level, below, notes)?;
        }
    }
    Ok(())
}

/// `c`, or `c01` to `c12`.
fn is_component(node: Node<'_, '_>) -> bool {
    let name = node.tag_name().name();
    let is_numbered = |digits: &str| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    name == "c" || name.strip_prefix('c').is_some_and(is_numbered)
}

#[cfg(test)]
mod tests;
