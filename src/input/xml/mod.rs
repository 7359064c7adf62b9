//! XML of any encoding, parsed within limits. Nothing outside the document is read. Documents that declare entities are
//! refused, because entities can expand without bounds.

mod pieces;
mod shape;

pub use pieces::{Piece, Pieces, Tag};

use crate::config::files;
use crate::error::{Error, ErrorKind, Position, Result};
use crate::input::budget::Budget;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use roxmltree::{Document, Node, ParsingOptions};
use std::borrow::Cow;
use std::path::Path;

/// Nodes of a document: elements, texts and the like.
const MAX_NODES: u32 = 8_000_000;

/// A document may always take so many times its own size in memory.
const TIMES: u64 = 8;

/// The text of an XML document. Its encoding is that of its byte order mark, else UTF-16 if the first bytes are those of
/// `<`, else the one that its declaration names, else UTF-8.
///
/// # Errors
/// The file has more than [`files::METADATA`] bytes, or bytes that its encoding does not have.
pub fn decode<'a>(bytes: &'a [u8], path: &Path) -> Result<Cow<'a, str>> {
    let refuse = |why: String| Err(Error::new(ErrorKind::Content, why).with_path(path));
    if let Err(why) = files::check_size(bytes.len() as u64, files::METADATA) {
        return refuse(why.to_string());
    }
    let (text, encoding, is_damaged) = encoding(bytes).decode(bytes);
    if is_damaged {
        return refuse(format!("the file is not in {}, as it says or as is usual", encoding.name()));
    }
    Ok(text)
}

/// The encoding in which [`decode`] reads a file.
pub fn encoding(bytes: &[u8]) -> &'static Encoding {
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if bytes.starts_with(b"<\0") => UTF_16LE,
        None if bytes.starts_with(b"\0<") => UTF_16BE,
        // Programs that convert UTF-16 to UTF-8 often leave the declaration as it was.
        None => declared_encoding(bytes).map_or(UTF_8, Encoding::output_encoding),
    }
}

/// The encoding that `<?xml … encoding="…"?>` names.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    let declaration = head.strip_prefix(b"<?xml")?;
    let declaration = &declaration[..declaration.windows(2).position(|pair| pair == b"?>")?];
    let declaration = std::str::from_utf8(declaration).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Encoding::for_label(value[1..].split(quote).next()?.as_bytes())
}

/// Parses a document.
///
/// # Errors
/// The document is not well-formed, declares entities, or exceeds a limit of this module. Most errors name line and
/// column.
pub fn parse<'a>(text: &'a str, path: &Path) -> Result<Document<'a>> {
    let refuse = |why: String| Error::new(ErrorKind::Content, why).with_path(path);
    if text.contains("<!ENTITY") {
        return Err(refuse("the file declares XML entities, which are not read".into())
            .with_hint("save it with the entities' texts in their places"));
    }
    shape::check(text, &Budget::new(text.len(), TIMES)).map_err(|error| error.with_path(path))?;
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        let position = match error {
            // These errors carry no position; it is the end of the text.
            roxmltree::Error::UnexpectedEndOfStream | roxmltree::Error::UnclosedRootNode => {
                Position::of(text, text.trim_end().len())
            }
            _ => Position { line: at.row as usize, column: at.col as usize },
        };
        refuse(format!("it is not well-formed XML: {error}")).with_position(position)
    })
}

/// Line and column of an element.
pub fn position(node: Node<'_, '_>) -> Position {
    let at = node.document().text_pos_at(node.range().start);
    Position { line: at.row as usize, column: at.col as usize }
}

/// All text in an element, with each run of white space as one space.
pub fn text(node: Node<'_, '_>) -> String {
    let all: String = node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect();
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The elements in `node` of this name, in any namespace.
pub fn children<'a, 'input>(node: Node<'a, 'input>, name: &str) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| is(*child, name))
}

/// The first of [`children`].
pub fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    children(node, name).next()
}

/// The elements below `node` of this name, in any namespace, in document order.
pub fn below<'a, 'input>(node: Node<'a, 'input>, name: &str) -> impl Iterator<Item = Node<'a, 'input>> {
    node.descendants().filter(move |inner| is(*inner, name))
}

/// Whether `node` is an element of this name, in any namespace.
pub fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// An attribute, in any namespace.
pub fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|attribute| attribute.name() == name).map(|attribute| attribute.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse(text, Path::new("a.xml")).unwrap_err().to_string()
    }

    #[test]
    fn any_encoding_that_is_declared_is_read() {
        let latin = b"<?xml version=\"1.0\" encoding='ISO-8859-1'?><a>M\xfcller</a>";
        let text = decode(latin, Path::new("a.xml")).unwrap();
        assert_eq!(super::text(parse(&text, Path::new("a.xml")).unwrap().root()), "Müller");
        let utf16: Vec<u8> = "\u{feff}<a>Müller</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16, Path::new("a.xml")).unwrap(), "<a>Müller</a>");
        let without_mark: Vec<u8> = "<a>Müller</a>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&without_mark, Path::new("a.xml")).unwrap(), "<a>Müller</a>");
        let converted = "<?xml version='1.0' encoding='UTF-16'?><a>Müller</a>";
        assert_eq!(decode(converted.as_bytes(), Path::new("a.xml")).unwrap(), converted);
        assert!(decode(b"<a>M\xfcller</a>", Path::new("a.xml")).unwrap_err().to_string().contains("UTF-8"));
    }

    #[test]
    fn nothing_grows_without_bounds() {
        assert!(refused("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>").contains("entities"));
        assert!(parse("<!DOCTYPE ead PUBLIC 'x' 'ead.dtd'><ead/>", Path::new("a.xml")).is_ok());
        assert!(refused(&format!("{}{}", "<a>".repeat(300), "</a>".repeat(300))).contains("nested"));
        assert!(refused(&"<a>".repeat(1_000_000)).contains("nested"));
        assert!(refused("<a>").contains("well-formed"));
        assert!(refused("<a>\n<b></a>").contains("a.xml:2"));
        let attributes: String = (0..2000).map(|at| format!(" a{at}='>'")).collect();
        assert!(refused(&format!("<a>\n<b{attributes}/></a>")).starts_with("a.xml:2:1: an element has more than"));
    }
}
