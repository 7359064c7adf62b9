//! The shape of a document before it is parsed: depth, attributes and namespaces. The parser compares each attribute of an
//! element with every other, copies the namespaces of an element into each element within it that declares one, and
//! looks for prefixes one by one. A document of some kilobytes can keep it busy for minutes.

use super::pieces::{Piece, Pieces, Tag};
use crate::error::{Error, ErrorKind, Position, Result};
use crate::input::budget::Budget;
use memchr::memchr_iter;

/// Depth of nested elements. Code that walks the tree may recurse to this depth.
const MAX_DEPTH: usize = 200;

/// Attributes of an element.
const MAX_ATTRIBUTES: usize = 1_000;

/// Memory that the parser takes for a node, and for an attribute.
const NODE: usize = 96;
const ATTRIBUTE: usize = 80;

/// Refuses a document that is nested too deep, or would take more than its budget.
pub fn check(text: &str, budget: &Budget) -> Result<()> {
    let mut scope = Scope::default();
    for piece in Pieces::of(text) {
        match piece {
            Piece::Start(tag) => scope.open(tag, text, budget)?,
            Piece::End(_) => scope.close(),
            Piece::Text(_) | Piece::CData(_) => {}
        }
    }
    let count = |byte| memchr_iter(byte, text.as_bytes()).count();
    // The parser makes room for so many before it begins.
    budget.take(text.len() + count(b'<') * NODE + count(b'=') * ATTRIBUTE)
}

/// The elements that are open.
#[derive(Default)]
struct Scope<'a> {
    /// The prefixes that have a namespace, each once.
    prefixes: Vec<&'a str>,
    /// How many prefixes were there before each element that is open.
    before: Vec<usize>,
}

impl<'a> Scope<'a> {
    fn open(&mut self, tag: Tag<'a>, text: &str, budget: &Budget) -> Result<()> {
        let refuse =
            |why: String| Err(Error::new(ErrorKind::Content, why).with_position(Position::of(text, tag.offset)));
        let at = |error: Error| error.with_position(Position::of(text, tag.offset));
        let before = self.prefixes.len();
        let (mut plain, mut prefixed, mut declared) = (0, 0, 0);
        for (name, _) in tag.attributes() {
            match name.split_once(':') {
                Some(("xmlns", prefix)) => self.declare(prefix, &mut declared, budget).map_err(at)?,
                None if name == "xmlns" => self.declare("", &mut declared, budget).map_err(at)?,
                None => plain += 1,
                Some(_) => prefixed += 1,
            }
            if plain + prefixed + declared > MAX_ATTRIBUTES {
                return refuse(format!("an element has more than {MAX_ATTRIBUTES} attributes"));
            }
        }
        let (attributes, there) = (plain + prefixed, self.prefixes.len());
        let copies = if declared > 0 { there * there } else { 0 };
        budget.work(attributes * attributes / 2 + (1 + prefixed) * there + copies).map_err(at)?;
        budget.take(if declared > 0 { 2 * there } else { 0 }).map_err(at)?;
        if self.before.len() >= MAX_DEPTH {
            return refuse(format!("its elements are nested more than {MAX_DEPTH} deep"));
        }
        match tag.is_empty {
            true => self.prefixes.truncate(before),
            false => self.before.push(before),
        }
        Ok(())
    }

    fn declare(&mut self, prefix: &'a str, declared: &mut usize, budget: &Budget) -> Result<()> {
        *declared += 1;
        budget.work(self.prefixes.len())?;
        if !self.prefixes.contains(&prefix) {
            self.prefixes.push(prefix);
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(before) = self.before.pop() {
            self.prefixes.truncate(before);
        }
    }
}
