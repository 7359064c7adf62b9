//! Warnings about a file while it is read, each kind once with its line, and errors with their position.

use crate::error::{Error, ErrorKind, Position};
use roxmltree::Node;
use std::collections::HashMap;
use std::path::Path;

/// Kinds of warnings that are kept. A file with more of them gets one more warning about that.
const MAX_KINDS: usize = 200;

/// Characters of a file's text that a message quotes.
const QUOTED: usize = 60;

/// Collects warnings while a file is read.
pub struct Warnings<'a> {
    path: &'a Path,
    /// Byte offsets of the starts of all lines but the first. Counting lines for each element would take too long.
    line_starts: Vec<usize>,
    kinds: Vec<Warning>,
    by_message: HashMap<String, usize>,
    has_more: bool,
}

struct Warning {
    line: usize,
    message: String,
    count: usize,
}

impl<'a> Warnings<'a> {
    /// For the file with this text.
    pub fn new(text: &str, path: &'a Path) -> Warnings<'a> {
        let line_starts = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Warnings { path, line_starts, kinds: vec![], by_message: HashMap::new(), has_more: false }
    }

    /// The line on which an element starts, counted from 1.
    pub fn line(&self, node: Node<'_, '_>) -> usize {
        self.line_starts.partition_point(|start| *start <= node.range().start) + 1
    }

    /// Adds a warning about `node`. Equal warnings are reported once, with their number.
    pub fn warn(&mut self, node: Node<'_, '_>, message: impl Into<String>) {
        let (line, message) = (self.line(node), message.into());
        match self.by_message.get(&message) {
            Some(known) => self.kinds[*known].count += 1,
            None if self.kinds.len() == MAX_KINDS => self.has_more = true,
            None => {
                self.by_message.insert(message.clone(), self.kinds.len());
                self.kinds.push(Warning { line, message, count: 1 });
            }
        }
    }

    /// Adds a warning that an element of `format` is not taken over.
    pub fn not_taken_over(&mut self, node: Node<'_, '_>, format: &str) {
        self.warn(node, format!("{} of {format} is not taken over", quoted(node.tag_name().name())));
    }

    /// An error at the position of `node`.
    pub fn error(&self, node: Node<'_, '_>, message: impl Into<String>) -> Error {
        let line = self.line(node);
        let line_start = line.checked_sub(2).and_then(|before| self.line_starts.get(before)).copied().unwrap_or(0);
        let text = node.document().input_text();
        let column = text.get(line_start..node.range().start).map_or(1, |before| before.chars().count() + 1);
        Error::new(ErrorKind::Content, message).with_path(self.path).with_position(Position { line, column })
    }

    /// The warnings in the order of lines, as `line 12: …`.
    pub fn finish(mut self) -> Vec<String> {
        self.kinds.sort_by_key(|kind| kind.line);
        let shown = |kind: Warning| match kind.count {
            1 => format!("line {}: {}", kind.line, kind.message),
            count => format!("line {}: {} (and {} more like this)", kind.line, kind.message, count - 1),
        };
        let mut warnings: Vec<String> = self.kinds.into_iter().map(shown).collect();
        if self.has_more {
            warnings.push(format!("there are more warnings than the {MAX_KINDS} told here"));
        }
        warnings
    }
}

/// A text of the file for a message, in quotation marks and shortened if it is long.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("\"{}…\"", text[..end].escape_debug()),
        None => format!("\"{}\"", text.escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::xml;

    #[test]
    fn what_is_said_of_many_elements_is_told_once() {
        let text = "<a>\n  <b/>\n  <b/><c/></a>";
        let document = xml::parse(text, Path::new("a.xml")).unwrap();
        let mut warnings = Warnings::new(text, Path::new("a.xml"));
        xml::below(document.root(), "b").for_each(|node| warnings.warn(node, "no b"));
        let c = xml::below(document.root(), "c").next().unwrap();
        assert_eq!(warnings.error(c, "no c").to_string(), "a.xml:3:7: no c");
        assert_eq!(warnings.finish(), ["line 2: no b (and 1 more like this)"]);
    }

    #[test]
    fn a_message_repeats_little_of_the_file() {
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
        assert_eq!(quoted(&"é".repeat(1000)).chars().count(), QUOTED + 3);
    }
}
