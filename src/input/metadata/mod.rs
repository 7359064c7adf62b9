//! Descriptions that archives have already: METS (with MODS, Dublin Core or MARC within), MODS, Dublin Core, EAD, MARCXML.
//! A file is told by its root element; what it says is taken over as it is, and what cannot be is a warning.

mod dates;
mod dc;
mod draft;
mod ead;
mod language;
mod location;
mod marc;
mod mets;
mod mods;
mod notes;
mod prose;
mod rights;
mod roles;
mod root;

use crate::error::Result;
use crate::input::xml;
use crate::model::{Record, Records};
use draft::Draft;
use notes::Notes;
use root::Form;
use roxmltree::Node;
use std::path::Path;

/// Reads a metadata file; `None`: it is XML of another kind. The warnings name lines; `path` is for messages.
///
/// Fails if the file is no well-formed XML or lacks what its form cannot do without; the error names line and column.
pub fn read_xml(bytes: &[u8], path: &Path) -> Result<Option<(Records, Vec<String>)>> {
    let text = xml::decode(bytes, path)?;
    if !root::may_be_metadata(&text) {
        return Ok(None);
    }
    let document = xml::parse(&text, path)?;
    let element = document.root_element();
    let mut notes = Notes::new(document.input_text(), path);
    let records = match Form::of(element) {
        None => return Ok(None),
        Some(Form::Mets) => mets::read(element, &mut notes)?,
        Some(Form::Ead) => ead::read(element, &mut notes)?,
        Some(Form::Mods) => {
            descriptions(&root::records(element, "mods"), &mut notes, |node, notes| Ok(mods::read(node, notes)))?
        }
        Some(Form::Marc) => descriptions(&root::records(element, "record"), &mut notes, marc::read)?,
        Some(Form::DublinCore) => descriptions(&[element], &mut notes, |node, notes| Ok(dc::read(node, notes)))?,
    };
    Ok(Some((records, notes.finish())))
}

/// A single description is that of the folder; several are of folders below, each known by its identifiers.
fn descriptions<'a, 'input>(
    nodes: &[Node<'a, 'input>],
    notes: &mut Notes<'_>,
    read: impl Fn(Node<'a, 'input>, &mut Notes<'_>) -> Result<Draft>,
) -> Result<Records> {
    let mut records = vec![];
    for node in nodes {
        let place = format!("line {}", notes.line(*node));
        let (description, keys) = read(*node, notes)?.finish();
        records.push(Record { keys, place, description, ..Record::default() });
    }
    match records.len() {
        1 => Ok(Records { own: records.pop(), below: vec![] }),
        _ => Ok(Records { own: None, below: records }),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
use tests::outline;
