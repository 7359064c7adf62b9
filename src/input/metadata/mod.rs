//! Descriptive metadata of archives and libraries: METS (with MODS, Dublin Core or MARC within), MODS, Dublin Core, EAD
//! and MARCXML. The root element gives the format. Values are taken over as they are; elements that are not taken over
//! give a warning.

mod builder;
mod dc;
mod ead;
mod marc;
mod mets;
mod mods;
mod prose;
mod values;
mod warnings;

use crate::error::Result;
use crate::input::withheld::{self, Known, Parts, cuts::blanked};
use crate::input::xml;
use crate::model::{Day, Description, Record, Records};
use builder::Builder;
use roxmltree::Node;
use std::path::Path;
use warnings::{Warnings, quoted};

/// The endings of names of metadata files, in lower case. Which format a file has is known from its bytes.
pub const ENDINGS: [&str; 6] = ["xml", "mets", "mods", "ead", "marcxml", "dc"];

/// Reads a metadata file as the public may see it on the day `today`. Returns the records and warnings, which name lines.
/// `None`: the file is XML of another kind. `path` is used in messages only.
///
/// Limits: 256 MiB per file, 8 million nodes, elements nested at most 200 deep, 200 kinds of warnings.
///
/// # Errors
/// The file is not well-formed XML, exceeds a limit, or lacks an element that its format requires. Most errors name
/// line and column.
pub fn read_xml(bytes: &[u8], path: &Path, today: Day) -> Result<Option<(Records, Vec<String>)>> {
    let text = xml::decode(bytes, path)?;
    if !may_be_metadata(&text) {
        return Ok(None);
    }
    let document = xml::parse(&text, path)?;
    let root = document.root_element();
    let Some(format) = MetadataFormat::of(root) else { return Ok(None) };
    let mut warnings = Warnings::new(document.input_text(), path);
    let parts = withheld::parts(root, &Known::default(), today);
    if parts.is_empty() {
        let records = read_root(root, format, &mut warnings)?;
        return Ok(Some((records, warnings.finish())));
    }
    let (below, withheld_files) = (withheld_records(root, &parts, &warnings), parts.files());
    let withheld = Some(withheld_in_words(&parts, &warnings));
    if parts.is_whole {
        let own = Some(withheld_record(vec![], format!("line {}", warnings.line(root))));
        let records = Records { own, below, withheld_files, withheld, ..Records::default() };
        return Ok(Some((records, warnings.finish())));
    }
    let public = blanked(&text, &parts);
    let identifiers = if format == MetadataFormat::Ead { ead::identifiers(root) } else { vec![] };
    drop(document);
    let document = xml::parse(&public, path)?;
    let mut records = read_root(document.root_element(), format, &mut warnings)?;
    records.below.extend(below);
    if let Some(own) = &mut records.own {
        for id in identifiers {
            if !own.keys.contains(&id) {
                own.keys.push(id);
            }
        }
    }
    Ok(Some((Records { withheld_files, withheld, ..records }, warnings.finish())))
}

fn read_root(root: Node<'_, '_>, format: MetadataFormat, warnings: &mut Warnings<'_>) -> Result<Records> {
    match format {
        MetadataFormat::Mets => mets::read(root, warnings),
        MetadataFormat::Ead => ead::read(root, warnings),
        MetadataFormat::Mods => {
            descriptions(&records(root, "mods"), warnings, |node, warnings| Ok(mods::read(node, warnings)))
        }
        MetadataFormat::Marc => descriptions(&records(root, "record"), warnings, marc::read),
        MetadataFormat::DublinCore => {
            let record = dc::record(root).unwrap_or(root);
            descriptions(&[record], warnings, |node, warnings| Ok(dc::read(node, warnings)))
        }
    }
}

/// Whether a file is METS, well-formed or not. `path` is used in messages only.
pub fn is_mets(bytes: &[u8], path: &Path) -> bool {
    let name = |text: &str| first_element(text).map(|name| name.rsplit(':').next() == Some("mets"));
    xml::decode(bytes, path).is_ok_and(|text| name(&text) == Some(true))
}

/// Whether the text is XML in one of the formats that are read, or may be: it is not well-formed.
pub fn is_metadata(text: &str, path: &Path) -> bool {
    let is_of_format = || match xml::parse(text, path) {
        Ok(document) => MetadataFormat::of(document.root_element()).is_some(),
        Err(_) => true,
    };
    may_be_metadata(text) && is_of_format()
}

/// Records that say of components and single records only that they are withheld.
fn withheld_records(root: Node<'_, '_>, parts: &Parts<'_, '_>, warnings: &Warnings<'_>) -> Vec<Record> {
    let parts = if parts.is_whole { vec![root] } else { parts.elements.clone() };
    let records = parts.iter().flat_map(|part| part.descendants()).filter_map(|node| {
        let keys = withheld::record_keys(node)?;
        (!keys.is_empty()).then(|| withheld_record(keys, format!("line {}", warnings.line(node))))
    });
    records.collect()
}

fn withheld_record(keys: Vec<String>, place: String) -> Record {
    let description = Description { publish: Some(false), ..Description::default() };
    Record { keys, place, description, ..Record::default() }
}

fn withheld_in_words(parts: &Parts<'_, '_>, warnings: &Warnings<'_>) -> String {
    match parts.elements.as_slice() {
        _ if parts.is_whole => "all of it is withheld, as the file says".to_owned(),
        [] => String::new(),
        [only] => {
            format!("{} on line {} is withheld, as the file says", quoted(only.tag_name().name()), warnings.line(*only))
        }
        [first, others @ ..] => format!(
            "{} on line {} and {} other parts are withheld, as the file says",
            quoted(first.tag_name().name()),
            warnings.line(*first),
            others.len()
        ),
    }
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
        let builder = read(*node, warnings)?;
        builder.warn_of_borrowed(*node, warnings);
        let (description, keys) = builder.finish();
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
const NAMES: [&str; 14] = [
    "mets",
    "mods",
    "modsCollection",
    "dc",
    "dublincore",
    "OAI-PMH",
    "oai_dc",
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
            _ if dc::record(root).is_some() => Some(MetadataFormat::DublinCore),
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
