//! XML of any encoding, parsed within limits. Nothing outside the document is read. Documents that declare entities are
//! refused, because entities can expand without bounds.

use crate::error::{Error, ErrorKind, Position, Result};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use roxmltree::{Document, Node, ParsingOptions};
use std::borrow::Cow;
use std::path::Path;

/// Bytes of a document. The METS of one year of a newspaper has about 20 MB.
const MAX_BYTES: usize = 256 << 20;

/// Nodes of a document: elements, texts and the like.
const MAX_NODES: u32 = 8_000_000;

/// Depth of nested elements. Code that walks the tree may recurse to this depth.
const MAX_DEPTH: usize = 200;

/// Attributes of an element. The parser compares each with every other.
const MAX_ATTRIBUTES: usize = 1_000;

/// The text of an XML document. Its encoding is that of its byte order mark, else UTF-16 if the first bytes are those of
/// `<`, else the one that its declaration names, else UTF-8.
///
/// # Errors
/// The file has more than [`MAX_BYTES`] bytes, or bytes that its encoding does not have.
pub fn decode<'a>(bytes: &'a [u8], path: &Path) -> Result<Cow<'a, str>> {
    let refuse = |why: String| Err(Error::new(ErrorKind::Content, why).with_path(path));
    if bytes.len() > MAX_BYTES {
        return refuse(format!("the file has {} bytes; at most {MAX_BYTES} are read", bytes.len()));
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
    if let Some(offset) = crowded_element(text) {
        return Err(refuse(format!("an element has more than {MAX_ATTRIBUTES} attributes"))
            .with_position(Position::of(text, offset)));
    }
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        let position = match error {
            // These errors carry no position; it is the end of the text.
            roxmltree::Error::UnexpectedEndOfStream | roxmltree::Error::UnclosedRootNode => {
                Position::of(text, text.trim_end().len())
            }
            _ => Position { line: at.row as usize, column: at.col as usize },
        };
        refuse(format!("it is not well-formed XML: {error}")).with_position(position)
    })?;
    if depth(&document) > MAX_DEPTH {
        return Err(refuse(format!("its elements are nested more than {MAX_DEPTH} deep")));
    }
    Ok(document)
}

/// Where the first element with more than [`MAX_ATTRIBUTES`] attributes begins. Text in a comment that looks like such
/// an element counts too.
fn crowded_element(text: &str) -> Option<usize> {
    let has_many = |tag: &str| {
        let mut quote = None;
        let outside = tag.bytes().filter(|byte| match (quote, byte) {
            (Some(open), byte) => {
                quote = Some(open).filter(|open| open != byte);
                false
            }
            (None, b'"' | b'\'') => {
                quote = Some(*byte);
                false
            }
            (None, _) => true,
        });
        outside.take_while(|byte| *byte != b'>').filter(|byte| *byte == b'=').nth(MAX_ATTRIBUTES).is_some()
    };
    let mut start = 0;
    for tag in text.split('<') {
        if has_many(tag) {
            return Some(start);
        }
        start += tag.len() + 1;
    }
    None
}

fn depth(document: &Document<'_>) -> usize {
    let (mut node, mut depth, mut deepest) = (document.root(), 0, 0);
    loop {
        if let Some(child) = node.first_child() {
            node = child;
            depth += 1;
            deepest = deepest.max(depth);
            continue;
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) => (node, depth) = (parent, depth - 1),
                None => return deepest,
            }
        }
    }
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
        assert!(refused(&"<a>".repeat(1_000_000)).contains("well-formed"));
        assert!(refused("<a>\n<b></a>").contains("a.xml:2"));
        let attributes: String = (0..2000).map(|at| format!(" a{at}='>'")).collect();
        assert!(refused(&format!("<a>\n<b{attributes}/></a>")).starts_with("a.xml:2:2: an element has more than"));
    }
}
