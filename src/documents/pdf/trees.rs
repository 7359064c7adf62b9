//! The trees of a PDF: of its pages (ISO 32000-1, 7.7.3), and of numbers (7.9.7). Each has two levels at most.

use super::objects::Objects;
use pdf_writer::writers::Pages;
use pdf_writer::{Array, Finish, Name, Ref};
use std::io;

/// How many entries a node has.
const NODE: usize = 256;

/// The pages, each below the node that it names as its parent.
pub struct PageTree {
    root: Ref,
    nodes: Vec<(Ref, Vec<Ref>)>,
}

impl PageTree {
    pub fn new(root: Ref) -> PageTree {
        PageTree { root, nodes: vec![] }
    }

    /// Adds a page, and returns its parent.
    pub fn add(&mut self, page: Ref, objects: &mut Objects<'_>) -> Ref {
        match self.nodes.last_mut() {
            Some((node, pages)) if pages.len() < NODE => {
                pages.push(page);
                *node
            }
            _ => {
                let node = objects.reserve();
                self.nodes.push((node, vec![page]));
                node
            }
        }
    }

    pub fn root(&self) -> Ref {
        self.root
    }

    /// All pages in order.
    pub fn pages(&self) -> impl Iterator<Item = Ref> {
        self.nodes.iter().flat_map(|(_, pages)| pages).copied()
    }

    pub fn write(&self, objects: &mut Objects<'_>) -> io::Result<()> {
        for (id, pages) in &self.nodes {
            objects.put(*id, |object| {
                let mut node: Pages<'_> = object.start();
                node.parent(self.root).kids(pages.iter().copied()).count(pages.len() as i32);
            })?;
        }
        objects.put(self.root, |object| {
            let mut root: Pages<'_> = object.start();
            root.kids(self.nodes.iter().map(|(node, _)| *node)).count(self.pages().count() as i32);
        })
    }
}

/// Writes the tree `id` of the numbers from 0 to `count`. `add` adds the value of a number.
pub fn write_numbers(
    id: Ref,
    count: usize,
    add: impl Fn(usize, &mut Array<'_>),
    objects: &mut Objects<'_>,
) -> io::Result<()> {
    let mut nodes = vec![];
    for from in (0..count).step_by(NODE) {
        let (node, to) = (objects.reserve(), (from + NODE).min(count));
        objects.put(node, |object| {
            let mut node = object.dict();
            node.insert(Name(b"Limits")).array().items([from as i32, to as i32 - 1]);
            let mut numbers = node.insert(Name(b"Nums")).array();
            for number in from..to {
                numbers.item(number as i32);
                add(number, &mut numbers);
            }
            numbers.finish();
        })?;
        nodes.push(node);
    }
    objects.put(id, |object| {
        object.dict().insert(Name(b"Kids")).array().items(nodes);
    })
}
