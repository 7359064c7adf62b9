//! Descriptive metadata of archives and libraries: METS (with MODS, Dublin Core or MARC within), MODS, Dublin Core, EAD
//! and MARCXML. The root element gives the format. Values are taken over as they are; elements that are not taken over
//! give a warning.

mod builder;
mod dc;
mod ead;
mod location;
mod marc;
mod mets;
mod mods;
mod prose;
mod values;
mod warnings;

use crate::error::Result;
use crate::input::xml;
use crate::model::{Record, Records};
use builder::Builder;
use roxmltree::Node;
use std::path::Path;
use warnings::Warnings;

/// Reads a metadata file. Returns the records and warnings, which name lines. `None`: the file is XML of another kind.
/// `path` is used in messages only.
///
/// Limits: 256 MiB per file, 8 million nodes, elements nested at most 200 deep, 200 kinds of warnings.
///
/// # Errors
/// The file is not well-formed XML, exceeds a limit, or lacks an element that its format requires. Most errors name
/// line and column.
pub fn read_xml(bytes: &[u8], path: &Path) -> Result<Option<(Records, Vec<String>)>> {
    let text = xml::decode(bytes, path)?;
    if !may_be_metadata(&text) {
        return Ok(None);
    }
    let document = xml::parse(&text, path)?;
    let element = document.root_element();
    let mut warnings = Warnings::new(document.input_text(), path);
    let records = match MetadataFormat::of(element) {
        None => return Ok(None),
        Some(MetadataFormat::Mets) => mets::read(element, &mut warnings)?,
        Some(MetadataFormat::Ead) => ead::read(element, &mut warnings)?,
        Some(MetadataFormat::Mods) => {
            descriptions(&records(element, "mods"), &mut warnings, |node, warnings| Ok(mods::read(node, warnings)))?
        }
        Some(MetadataFormat::Marc) => descriptions(&records(element, "record"), &mut warnings, marc::read)?,
        Some(MetadataFormat::DublinCore) => {
            descriptions(&[element], &mut warnings, |node, warnings| Ok(dc::read(node, warnings)))?
        }
    };
    Ok(Some((records, warnings.finish())))
}

/// A single description belongs to the folder. Several belong to folders below, which their identifiers find.
fn descriptions<'a, 'input>(
    nodes: &[Node<'a, 'input>],
    warnings: &mut Warnings<'_>,
    read: impl Fn(Node<'a, 'input>, &mut Warnings<'_>) -> Result<Builder>,
) -> Result<Records> {
    let mut records = vec![];
    for node in nodes {
        let place = format!("line {}", warnings.line(*node));
        let (description, keys) = read(*node, warnings)?.finish();
        records.push(Record { keys, place, description, ..Record::default() });
    }
    match records.len() {
        1 => Ok(Records { own: records.pop(), ..Records::default() }),
        _ => Ok(Records { below: records, ..Records::default() }),
    }
}

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MetadataFormat {
    Mets,
    Mods,
    DublinCore,
    Ead,
    Marc,
}

/// Names of their root elements.
const NAMES: [&str; 11] = [
    "mets",
    "mods",
    "modsCollection",
    "dc",
    "qualifieddc",
    "simpledc",
    "metadata",
    "ead",
    "record",
    "collection",
    "rdf",
];

impl MetadataFormat {
    /// By the name of the root element. For names that other formats use too, the children decide. `None`: another
    /// format.
    fn of(root: Node<'_, '_>) -> Option<MetadataFormat> {
        match root.tag_name().name() {
            "mets" => Some(MetadataFormat::Mets),
            "mods" | "modsCollection" => Some(MetadataFormat::Mods),
            "ead" => Some(MetadataFormat::Ead),
            "record" if is_marc(root) => Some(MetadataFormat::Marc),
            "collection" if xml::children(root, "record").any(is_marc) => Some(MetadataFormat::Marc),
            _ if dc::is_record(root) => Some(MetadataFormat::DublinCore),
            _ => None,
        }
    }
}

fn is_marc(record: Node<'_, '_>) -> bool {
    ["leader", "controlfield", "datafield"].iter().any(|name| xml::child(record, name).is_some())
}

/// The records in the root, or the root itself if it is one.
fn records<'a, 'input>(root: Node<'a, 'input>, name: &str) -> Vec<Node<'a, 'input>> {
    match xml::is(root, name) {
        true => vec![root],
        false => xml::children(root, name).collect(),
    }
}

/// Whether the root element has a name of one of the formats, so that files of other kinds need not be parsed. Also
/// true if there is no element: the parser then explains why.
fn may_be_metadata(text: &str) -> bool {
    let Some(name) = first_element(text) else { return true };
    let name = name.rsplit(':').next().unwrap_or(name);
    NAMES.contains(&name)
}

/// The name of the first element, with its prefix.
fn first_element(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.split_once('<')?.1;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if let Some(instruction) = rest.strip_prefix('?') {
            rest = instruction.split_once("?>")?.1;
        } else if rest.starts_with('!') {
            // A document type. The declarations in its brackets begin with `!` too.
            rest = rest.get(1..)?;
        } else {
            return rest.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next();
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
use tests::outline;
