//! The parts of an XML file that are not public.
//!
//! - EAD 2002 and EAD3: every element with `audience="internal"`, with all in it. `external` within `internal` does not
//!   make a part public: the element around it is withheld as a whole.
//! - MODS: elements with `shareable="no"`, and notes whose `type` calls them private.
//! - MARC 21: fields 541, 542, 561 and 583 whose first indicator is 0 (private), and the nonpublic notes (subfield x) of
//!   fields for holdings.
//! - METS: see [`mets`]. A record of MODS, Dublin Core or MARC whose rights deny access: see [`rights`].
//!
//! Beside these, parts that speak of what the project withholds in other ways ([`Known`]).

use super::{Known, mets, rights};
use crate::input::location::Location;
use crate::input::xml;
use crate::model::{Day, WithheldFile};
use roxmltree::{Node, NodeId};
use std::collections::HashSet;

/// The parts of a document that are not public.
#[derive(Default)]
pub struct Parts<'a, 'input> {
    /// In the order of the document; none lies within another.
    pub elements: Vec<Node<'a, 'input>>,
    /// Nothing of it is public.
    pub is_whole: bool,
}

impl Parts<'_, '_> {
    /// Whether anything is withheld.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty() && !self.is_whole
    }

    /// The files that its withheld parts refer to. A reference without an ending counts in a digital object only: elsewhere
    /// it is the address of a page of the web.
    pub fn files(&self) -> Vec<WithheldFile> {
        let mut files = vec![];
        for node in self.elements.iter().flat_map(|element| element.descendants()).filter(Node::is_element) {
            let Some(href) = href(node).filter(|href| is_object(node) || last_name(href).contains('.')) else {
                continue;
            };
            let keys = node.ancestors().find(|above| is_component(*above)).map(ids).unwrap_or_default();
            files.push(WithheldFile { href: href.to_owned(), keys });
        }
        files
    }
}

fn last_name(href: &str) -> &str {
    href.rsplit('/').next().unwrap_or(href)
}

/// The parts of the document with the element `root` that are not public on the day `today`.
pub fn parts<'a, 'input>(root: Node<'a, 'input>, known: &Known, today: Day) -> Parts<'a, 'input> {
    let mut found = HashSet::new();
    let mut is_whole = is_private(root);
    match root.tag_name().name() {
        "mets" => is_whole |= mets::gather(root, known, today, &mut found),
        "ead" => {
            is_whole |= xml::child(root, "archdesc").is_some_and(is_private);
            root.descendants().filter(|node| speaks_of(*node, known)).for_each(|node| {
                found.insert(node.id());
            });
        }
        "mods" | "record" => is_whole |= rights::denies(root, today),
        _ => {
            let records = root.children().filter(|node| xml::is(*node, "mods") || xml::is(*node, "record"));
            let is_withheld = |node: &Node<'_, '_>| {
                let keys = record_keys(*node).unwrap_or_default();
                rights::denies(*node, today) || known.has_record(keys.iter().map(String::as_str))
            };
            found.extend(records.filter(is_withheld).map(|node| node.id()));
            is_whole |= found.is_empty() && !has_records(root) && rights::denies(root, today);
        }
    }
    Parts { elements: outermost(root, |node| found.contains(&node.id()) || is_private(node)), is_whole }
}

fn has_records(root: Node<'_, '_>) -> bool {
    root.children().any(|node| xml::is(node, "mods") || xml::is(node, "record"))
}

/// The elements below `root` that are `wanted` and lie in no other such element.
fn outermost<'a, 'input>(root: Node<'a, 'input>, wanted: impl Fn(Node<'a, 'input>) -> bool) -> Vec<Node<'a, 'input>> {
    let mut found: Vec<Node<'a, 'input>> = vec![];
    for node in root.descendants().skip(1).filter(Node::is_element) {
        let is_within = found.last().is_some_and(|last| node.range().start < last.range().end);
        if !is_within && wanted(node) {
            found.push(node);
        }
    }
    found
}

/// Types of notes that are not for the public, in lower case and without spaces and hyphens.
const PRIVATE_NOTES: [&str; 6] = ["internal", "private", "nonpublic", "staffonly", "staff", "confidential"];

/// MARC fields whose first indicator tells whether they are private.
const WITH_PRIVACY: [&str; 4] = ["541", "542", "561", "583"];

/// Whether the element itself says that it is not public.
fn is_private(node: Node<'_, '_>) -> bool {
    let says = |name: &str, word: &str| {
        node.attributes().any(|found| found.name() == name && found.value().trim().eq_ignore_ascii_case(word))
    };
    let squeezed = |text: &str| text.to_lowercase().replace([' ', '-', '_'], "");
    match node.tag_name().name() {
        _ if says("audience", "internal") || says("shareable", "no") => true,
        "note" => node.attribute("type").is_some_and(|sort| PRIVATE_NOTES.contains(&squeezed(sort).as_str())),
        "datafield" => node.attribute("tag").is_some_and(|tag| WITH_PRIVACY.contains(&tag)) && says("ind1", "0"),
        "subfield" => says("code", "x") && node.parent_element().is_some_and(is_of_holdings),
        _ => false,
    }
}

/// Whether subfield x of a MARC field is a nonpublic note.
fn is_of_holdings(field: Node<'_, '_>) -> bool {
    let tag = field.attribute("tag").and_then(|tag| tag.parse::<u16>().ok());
    tag.is_some_and(|tag| matches!(tag, 583 | 852 | 856 | 863..=868 | 876..=878))
}

/// Whether an element of EAD is about something that the project withholds: a component by its keys or by all its
/// digital objects, a digital object by its file.
fn speaks_of(node: Node<'_, '_>, known: &Known) -> bool {
    if known.is_empty() || !node.is_element() {
        return false;
    }
    if is_object(node) {
        return href(node).is_some_and(|href| known.has_file(href));
    }
    if !is_component(node) {
        return false;
    }
    let mut objects = own(node).filter(|inner| is_object(*inner)).filter_map(href).peekable();
    let is_of_withheld_files = objects.peek().is_some() && objects.all(|href| known.has_file(href));
    is_of_withheld_files || known.has_record(ead_keys(node).iter().map(String::as_str))
}

fn is_object(node: Node<'_, '_>) -> bool {
    xml::is(node, "dao") || xml::is(node, "daoloc")
}

/// The elements of a component that are not of a component within it.
fn own<'a, 'input>(component: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    let is_own = move |node: &Node<'a, 'input>| node.ancestors().find(|above| is_component(*above)) == Some(component);
    component.descendants().skip(1).filter(is_own)
}

/// `c`, or `c01` to `c12`.
pub fn is_component(node: Node<'_, '_>) -> bool {
    let name = node.tag_name().name();
    let is_numbered = |digits: &str| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    node.is_element() && (name == "c" || name.strip_prefix('c').is_some_and(is_numbered))
}

/// The keys by which the folder of a component can be found: its id, its reference codes, and the names of its digital
/// objects with and without ending.
fn ead_keys(component: Node<'_, '_>) -> Vec<String> {
    let mut keys = ids(component);
    for object in own(component).filter(|inner| is_object(*inner)) {
        if let Some(location) = href(object).and_then(|href| Location::read(href).ok()) {
            let name = location.name();
            keys.extend([name, name.rsplit_once('.').map_or(name, |(stem, _)| stem)].map(str::to_owned));
        }
    }
    keys
}

/// The id and the reference codes of a component.
fn ids(component: Node<'_, '_>) -> Vec<String> {
    let id = component.attribute("id").map(str::trim).unwrap_or_default();
    let codes = xml::children(component, "did").flat_map(|did| xml::children(did, "unitid")).take(MOST_CODES);
    let ids = [id, id.strip_prefix("aspace_").unwrap_or(id)].into_iter().map(str::to_owned).chain(codes.map(xml::text));
    let mut ids: Vec<String> = ids.filter(|id| !id.is_empty()).collect();
    ids.dedup();
    ids
}

/// Reference codes of a component. Archives have one or two.
const MOST_CODES: usize = 16;

/// The keys of an element that is a record of its own: a component of EAD, or one of several records of MODS or MARC. `None`:
/// it is not.
pub fn record_keys(node: Node<'_, '_>) -> Option<Vec<String>> {
    let is_below_root = node.parent_element().is_some_and(|parent| parent == node.document().root_element());
    match node.tag_name().name() {
        _ if is_component(node) => Some(ead_keys(node)),
        "mods" if is_below_root => {
            let about = xml::children(node, "recordInfo");
            Some(about.flat_map(|about| xml::children(about, "recordIdentifier")).map(xml::text).collect())
        }
        "record" if is_below_root => {
            let numbers = xml::children(node, "controlfield").filter(|field| field.attribute("tag") == Some("001"));
            Some(numbers.map(xml::text).collect())
        }
        _ => None,
    }
}

fn href<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    xml::attribute(node, "href").map(str::trim).filter(|href| !href.is_empty())
}

/// The ids of elements, for a set that many rules add to.
pub(super) type Found = HashSet<NodeId>;
