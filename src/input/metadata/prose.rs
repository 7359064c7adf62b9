//! Text with markup (paragraphs, lists and emphasis of EAD) as plain text, or as the simple HTML that Presentation API
//! 3, section 4.2 allows.

use super::builder;
use crate::input::xml;
use roxmltree::Node;

/// Elements that are blocks of their own.
const BLOCKS: [&str; 13] = [
    "p",
    "head",
    "list",
    "item",
    "address",
    "addressline",
    "chronitem",
    "defitem",
    "blockquote",
    "table",
    "row",
    "note",
    "bibref",
];

/// Elements that are not text for readers.
const SILENT: [&str; 2] = ["head", "indexentry"];

/// All text in an element on one line. A space is added around elements within it, unless they only mark letters.
pub fn line(node: Node<'_, '_>) -> String {
    let mut text = String::new();
    gather_line(node, &mut text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn gather_line(node: Node<'_, '_>, text: &mut String) {
    for child in node.children() {
        if let Some(piece) = child.text().filter(|_| child.is_text()) {
            text.push_str(piece);
        } else if child.is_element() {
            let marks_letters = ["emph", "expan", "abbr", "foreign"].contains(&child.tag_name().name());
            if !marks_letters {
                text.push(' ');
            }
            gather_line(child, text);
        }
    }
}

/// A note without its heading: plain text if it is a single paragraph without links and emphasis, else HTML.
pub fn note(node: Node<'_, '_>) -> String {
    let mut blocks = vec![String::new()];
    let mut is_marked_up = false;
    gather_blocks(node, &mut blocks, &mut is_marked_up);
    let blocks: Vec<String> =
        blocks.iter().map(|block| block.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let blocks: Vec<&String> = blocks.iter().filter(|block| !block.is_empty()).collect();
    match blocks.as_slice() {
        [] => String::new(),
        [single] if !is_marked_up => unescape(single),
        [single] => format!("<span>{single}</span>"),
        several => several.iter().map(|block| format!("<p>{block}</p>")).collect(),
    }
}

/// Adds the escaped text of each block.
fn gather_blocks(node: Node<'_, '_>, blocks: &mut Vec<String>, is_marked_up: &mut bool) {
    for child in node.children() {
        if child.is_text() {
            push(blocks, &escape(child.text().unwrap_or_default()));
        }
        let name = child.tag_name().name();
        if !child.is_element() || SILENT.contains(&name) {
            continue;
        }
        let tag = emphasis(child);
        let address = ["href", "url"].iter().find_map(|name| xml::attribute(child, name)).and_then(web_address);
        if BLOCKS.contains(&name) {
            blocks.push(String::new());
            gather_blocks(child, blocks, is_marked_up);
            blocks.push(String::new());
        } else if let Some(address) = address {
            *is_marked_up = true;
            push(blocks, &format!("<a href=\"{}\">{}</a>", escape(&address), escape(&line(child))));
        } else if let Some(tag) = tag {
            *is_marked_up = true;
            push(blocks, &format!("<{tag}>{}</{tag}>", escape(&line(child))));
        } else if name == "lb" {
            push(blocks, " ");
        } else {
            gather_blocks(child, blocks, is_marked_up);
        }
    }
}

fn push(blocks: &mut [String], text: &str) {
    if let Some(last) = blocks.last_mut() {
        last.push_str(text);
    }
}

fn emphasis(node: Node<'_, '_>) -> Option<&'static str> {
    match (node.tag_name().name(), node.attribute("render")) {
        ("title", _) => Some("i"),
        ("emph", Some("bold")) => Some("b"),
        ("emph", Some("super")) => Some("sup"),
        ("emph", Some("sub")) => Some("sub"),
        ("emph", _) => Some("i"),
        _ => None,
    }
}

fn web_address(address: &str) -> Option<String> {
    builder::link(address.trim(), "", "Text").map(|link| link.id)
}

/// `text` as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn unescape(html: &str) -> String {
    html.replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
}

/// A link with these words; the words alone if `address` is not a web address.
pub fn linked(words: &str, address: &str) -> String {
    match web_address(address) {
        Some(address) if words.is_empty() => format!("<a href=\"{}\">{}</a>", escape(&address), escape(&address)),
        Some(address) => format!("<a href=\"{}\">{}</a>", escape(&address), escape(words)),
        None => words.to_owned(),
    }
}

/// A link if the whole text is a web address; else the text.
pub fn linked_if_address(text: &str) -> String {
    match web_address(text) {
        Some(_) => linked("", text),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn with<T>(text: &str, read: impl Fn(Node<'_, '_>) -> T) -> T {
        read(xml::parse(text, Path::new("a.xml")).unwrap().root_element())
    }

    #[test]
    fn words_do_not_run_together() {
        assert_eq!(with("<t>Records<unitdate>1925</unitdate></t>", line), "Records 1925");
        assert_eq!(with("<t><title>No 1</title> from\n <d>2019</d></t>", line), "No 1 from 2019");
        assert_eq!(with("<t>H<emph>2</emph>O</t>", line), "H2O");
    }

    #[test]
    fn notes_are_plain_or_simple_html() {
        assert_eq!(with("<n><head>Scope</head><p>Müller &amp; Söhne</p></n>", note), "Müller & Söhne");
        assert_eq!(with("<n><p>a &lt; b</p><p>c</p></n>", note), "<p>a &lt; b</p><p>c</p>");
        assert_eq!(with("<n><p>In <title>Faust</title>.</p></n>", note), "<span>In <i>Faust</i>.</span>");
        assert_eq!(
            with(
                "<n><p>See <extref href='http://a.org/?b&amp;c'>there</extref><ref href='javascript:a'>x</ref></p></n>",
                note
            ),
            "<span>See <a href=\"http://a.org/?b&amp;c\">there</a>x</span>"
        );
        assert_eq!(with("<n><p/><p> </p></n>", note), "");
    }
}
