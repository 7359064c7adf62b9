//! What a metadata file is, by its root element.

use super::dc;
use crate::input::xml;
use roxmltree::Node;

/// The forms that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Mets,
    Mods,
    DublinCore,
    Ead,
    Marc,
}

/// Names of root elements that may be one of them.
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

impl Form {
    /// By the name, and for names that others use too by what is within; `None`: something else.
    pub fn of(root: Node<'_, '_>) -> Option<Form> {
        match root.tag_name().name() {
            "mets" => Some(Form::Mets),
            "mods" | "modsCollection" => Some(Form::Mods),
            "ead" => Some(Form::Ead),
            "record" if is_marc(root) => Some(Form::Marc),
            "collection" if xml::children(root, "record").any(is_marc) => Some(Form::Marc),
            _ if dc::is_record(root) => Some(Form::DublinCore),
            _ => None,
        }
    }
}

fn is_marc(record: Node<'_, '_>) -> bool {
    ["leader", "controlfield", "datafield"].iter().any(|name| xml::child(record, name).is_some())
}

/// The records in the root, or the root as the only one.
pub fn records<'a, 'input>(root: Node<'a, 'input>, name: &str) -> Vec<Node<'a, 'input>> {
    match xml::is(root, name) {
        true => vec![root],
        false => xml::children(root, name).collect(),
    }
}

/// Whether the first element has a name of one of the forms, so that files of other kinds need not be parsed. Also if there
/// is no element to be found: then parsing says why.
pub fn may_be_metadata(text: &str) -> bool {
    let Some(name) = first_element(text) else { return true };
    let name = name.rsplit(':').next().unwrap_or(name);
    NAMES.contains(&name)
}

/// The name of the first element, prefix and all.
fn first_element(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.split_once('<')?.1;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if let Some(instruction) = rest.strip_prefix('?') {
            rest = instruction.split_once("?>")?.1;
        } else if rest.starts_with('!') {
            // A document type; what may stand in its brackets begins with "!" too.
            rest = rest.get(1..)?;
        } else {
            return rest.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_is_found_behind_all_that_may_precede_it() {
        for text in [
            "<mets>",
            "\u{feff}<?xml version='1.0'?><!-- <alto> --><METS:mets a='b'>",
            "<!DOCTYPE mets [ <!ELEMENT alto (#PCDATA)> ]>\n<mets/>",
        ] {
            assert_eq!(first_element(text).map(|name| name.rsplit(':').next().unwrap()), Some("mets"), "{text}");
        }
        assert!(!may_be_metadata("<alto><mets/></alto>"));
        assert!(may_be_metadata("no XML"));
    }
}
