//! METS: the divisions and files that are not public, and all that speaks of nothing else.
//!
//! A division is withheld if a section that it refers to (`ADMID`, `DMDID`) denies access, with all divisions in it and
//! the pages that it is linked to. So is a file, by its own sections and those of the groups around it. A page is
//! withheld with the last of its files. A section that nothing refers to holds for the whole object.

use super::parts::Found;
use super::{Known, rights};
use crate::input::location::{FileKind, Location};
use crate::input::xml;
use crate::model::Day;
use roxmltree::{Node, NodeId};
use std::collections::{HashMap, HashSet};

/// Elements that describe others and are referred to by `ID`.
const SECTIONS: [&str; 6] = ["dmdSec", "amdSec", "techMD", "rightsMD", "sourceMD", "digiprovMD"];

/// Adds the elements that are withheld to `found`. Returns whether the whole object is.
pub fn gather(root: Node<'_, '_>, known: &Known, today: Day, found: &mut Found) -> bool {
    let denials: Vec<Node<'_, '_>> =
        sections(root).filter(|section| is_in_force(*section) && rights::denies(*section, today)).collect();
    if denials.is_empty() && known.is_empty() {
        return false;
    }
    let mut mets = Mets::of(root, &denials);
    mets.withhold_files(known);
    mets.withhold_divisions();
    if mets.is_whole() {
        return true;
    }
    mets.withhold_mentions();
    found.extend(mets.withheld.iter().copied());
    false
}

struct Mets<'a, 'input> {
    root: Node<'a, 'input>,
    /// The ids of sections that deny access.
    denied: HashSet<&'a str>,
    divs: Vec<Node<'a, 'input>>,
    /// Links from divisions to others, by their ids.
    links: HashMap<&'a str, Vec<&'a str>>,
    /// The withheld elements.
    withheld: HashSet<NodeId>,
    /// The ids of withheld divisions and files.
    ids: HashSet<&'a str>,
    /// The ids of files for readers to look at or listen to.
    media: HashSet<&'a str>,
    /// Rights that hold for the whole object deny access.
    is_denied: bool,
}

impl<'a, 'input> Mets<'a, 'input> {
    fn of(root: Node<'a, 'input>, denials: &[Node<'a, 'input>]) -> Mets<'a, 'input> {
        let divs: Vec<Node<'a, 'input>> =
            xml::children(root, "structMap").flat_map(|map| xml::below(map, "div")).collect();
        let mut links: HashMap<&str, Vec<&str>> = HashMap::new();
        for link in xml::below(root, "smLink") {
            if let (Some(from), Some(to)) = (xml::attribute(link, "from"), xml::attribute(link, "to")) {
                links.entry(from).or_default().push(to);
            }
        }
        let known: HashSet<&str> = root.descendants().flat_map(referred).collect();
        let is_loose = |section: &Node<'_, '_>| {
            let mut around = section.ancestors().chain(section.descendants()).filter_map(|node| node.attribute("ID"));
            !around.any(|id| known.contains(id))
        };
        Mets {
            root,
            denied: denials.iter().filter_map(|section| section.attribute("ID")).collect(),
            divs,
            links,
            withheld: HashSet::new(),
            ids: HashSet::new(),
            media: HashSet::new(),
            is_denied: denials.iter().any(is_loose),
        }
    }

    /// Whether a section that the element refers to denies access.
    fn refers_to_denial(&self, node: Node<'a, 'input>) -> bool {
        referred(node).any(|id| self.denied.contains(id))
    }

    fn withhold(&mut self, node: Node<'a, 'input>) {
        self.withheld.insert(node.id());
        self.ids.extend(node.descendants().filter_map(|inner| inner.attribute("ID")));
        // Another page with the same file shows the same.
        self.ids.extend(node.descendants().filter_map(|inner| inner.attribute("FILEID")));
    }

    fn withhold_files(&mut self, known: &Known) {
        for file in xml::children(self.root, "fileSec").flat_map(|section| xml::below(section, "file")) {
            let href = xml::child(file, "FLocat").and_then(|location| xml::attribute(location, "href"));
            if is_media(file, href) {
                self.media.extend(file.attribute("ID"));
            }
            let mut around = file.ancestors().take_while(|above| !xml::is(*above, "mets"));
            if href.is_some_and(|href| known.has_file(href)) || around.any(|node| self.refers_to_denial(node)) {
                self.withhold(file);
            }
        }
    }

    fn withhold_divisions(&mut self) {
        let tops: Vec<Node<'a, 'input>> =
            xml::children(self.root, "structMap").flat_map(|map| xml::children(map, "div")).collect();
        let wholes: HashSet<&str> = tops.iter().filter_map(|div| div.attribute("ID")).collect();
        self.is_denied |= tops.iter().any(|top| self.refers_to_denial(*top));
        let mut linked: HashSet<&str> = HashSet::new();
        for div in self.divs.clone() {
            let mut inner = xml::children(div, "fptr").flat_map(|pointer| pointer.descendants());
            if self.refers_to_denial(div) || inner.any(|pointer| self.refers_to_denial(pointer)) {
                let inner = xml::below(div, "div").filter_map(|inner| self.links.get(inner.attribute("ID")?));
                let targets: Vec<&str> = inner.flatten().copied().collect();
                // A link to the whole object stands beside those to the pages.
                let (whole, parts): (Vec<&str>, Vec<&str>) = targets.into_iter().partition(|to| wholes.contains(to));
                self.is_denied |= parts.is_empty() && !whole.is_empty();
                linked.extend(parts);
                self.withhold(div);
            }
        }
        let is_linked = |div: &Node<'_, '_>| div.attribute("ID").is_some_and(|id| linked.contains(id));
        self.divs.clone().into_iter().filter(is_linked).for_each(|div| self.withhold(div));
        // A page whose last picture is withheld is no page.
        for div in self.divs.clone().into_iter().filter(|div| xml::child(*div, "div").is_none()) {
            let (gone, left): (Vec<&str>, Vec<&str>) = pointers(div).partition(|id| self.ids.contains(id));
            if !gone.is_empty() && !left.iter().any(|id| self.media.contains(id)) {
                self.withhold(div);
            }
        }
    }

    /// Whether nothing is left of the object: its own rights deny access, or all its pages are withheld.
    fn is_whole(&self) -> bool {
        let mut pages = self.divs.iter().filter(|div| pointers(**div).any(|id| self.media.contains(id))).peekable();
        self.is_denied || (pages.peek().is_some() && pages.all(|page| self.is_gone(*page)))
    }

    /// Whether a division is withheld, or lies in one that is.
    fn is_gone(&self, node: Node<'_, '_>) -> bool {
        node.ancestors().any(|above| self.withheld.contains(&above.id()))
    }

    /// Withholds what speaks only of what is withheld: parts of the object without a page that is left, files, pointers,
    /// links and sections.
    fn withhold_mentions(&mut self) {
        // From the inside out: a part goes with the last of the parts in it.
        for div in self.divs.clone().into_iter().rev() {
            if !self.is_gone(div) && self.is_emptied(div) {
                self.withhold(div);
            }
        }
        let is_mention = |node: &Node<'_, '_>| {
            let names = |name: &str| xml::attribute(*node, name).is_some_and(|id| self.ids.contains(id));
            match node.tag_name().name() {
                "file" => node.attribute("ID").is_some_and(|id| self.ids.contains(id)),
                "fptr" | "area" => names("FILEID"),
                "smLink" => names("from") || names("to"),
                _ => false,
            }
        };
        let mentions: Vec<Node<'a, 'input>> = self.root.descendants().filter(is_mention).collect();
        mentions.into_iter().for_each(|node| self.withhold(node));
        self.withhold_sections();
    }

    /// Whether a part had pages or parts, and all of them are withheld.
    fn is_emptied(&self, div: Node<'a, 'input>) -> bool {
        let inner: Vec<Node<'a, 'input>> = xml::children(div, "div").collect();
        let links = div.attribute("ID").and_then(|id| self.links.get(id)).into_iter().flatten();
        let mut targets = links.copied().chain(pointers(div)).peekable();
        let has_any = targets.peek().is_some() || !inner.is_empty();
        has_any
            && targets.all(|id| self.ids.contains(id))
            && inner.iter().all(|part| self.withheld.contains(&part.id()))
    }

    /// Withholds the sections to which only withheld elements refer.
    fn withhold_sections(&mut self) {
        let (mut kept, mut gone): (HashSet<&str>, HashSet<&str>) = (HashSet::new(), HashSet::new());
        for node in self.root.descendants().filter(Node::is_element) {
            let ids = referred(node);
            if self.is_gone(node) { gone.extend(ids) } else { kept.extend(ids) }
        }
        let is_lost = |section: &Node<'_, '_>| {
            let mut within = section.descendants().filter_map(|node| node.attribute("ID")).peekable();
            let own = section.attribute("ID");
            own.is_some_and(|id| gone.contains(id)) && within.all(|id| !kept.contains(id))
        };
        let lost: Vec<Node<'a, 'input>> = sections(self.root).filter(is_lost).collect();
        self.withheld.extend(lost.iter().map(Node::id));
    }
}

fn sections<'a, 'input>(root: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    root.descendants().filter(|node| node.is_element() && SECTIONS.contains(&node.tag_name().name()))
}

/// Archivematica keeps earlier versions of sections.
fn is_in_force(section: Node<'_, '_>) -> bool {
    let status = section.attribute("STATUS").unwrap_or_default().to_lowercase();
    !status.contains("superseded") && !status.contains("deleted")
}

/// The ids of sections that an element refers to.
fn referred<'a>(node: Node<'a, '_>) -> impl Iterator<Item = &'a str> {
    ["ADMID", "DMDID"].into_iter().filter_map(move |name| node.attribute(name)).flat_map(str::split_whitespace)
}

/// The ids of the files that a division itself points to.
fn pointers<'a>(div: Node<'a, '_>) -> impl Iterator<Item = &'a str> {
    xml::children(div, "fptr").flat_map(|pointer| pointer.descendants()).filter_map(|node| node.attribute("FILEID"))
}

fn is_media(file: Node<'_, '_>, href: Option<&str>) -> bool {
    let name = href.and_then(|href| Location::read(href).ok());
    let name = name.as_ref().map_or("", Location::name);
    matches!(FileKind::of(file.attribute("MIMETYPE"), name), FileKind::Image | FileKind::Sound | FileKind::Video)
}
