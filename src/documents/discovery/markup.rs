//! Writes XML that is well-formed for any text.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::borrow::Cow;
use std::io::{self, Write};

/// Names with values.
pub type Attributes<'a> = &'a [(&'a str, &'a str)];

/// A writer of one XML document, indented by one space a level.
pub struct Markup<W: Write>(Writer<W>);

impl<W: Write> Markup<W> {
    /// Begins a document.
    pub fn new(out: W) -> io::Result<Markup<W>> {
        let mut writer = Writer::new_with_indent(out, b' ', 1);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(Markup(writer))
    }

    /// Opens an element.
    pub fn start(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.0.write_event(Event::Start(tag(name, attributes)))
    }

    /// Closes the element `name`.
    pub fn end(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// Writes an element without content.
    pub fn empty(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.0.write_event(Event::Empty(tag(name, attributes)))
    }

    /// Writes an element with text in it.
    pub fn text(&mut self, name: &str, attributes: Attributes<'_>, text: &str) -> io::Result<()> {
        self.start(name, attributes)?;
        self.0.write_event(Event::Text(BytesText::new(&allowed(text))))?;
        self.end(name)
    }

    /// Ends the document with a newline.
    pub fn finish(self) -> io::Result<()> {
        self.0.into_inner().write_all(b"\n")
    }
}

fn tag<'a>(name: &'a str, attributes: Attributes<'_>) -> BytesStart<'a> {
    let mut tag = BytesStart::new(name);
    for (key, value) in attributes {
        tag.push_attribute((*key, allowed(value).as_ref()));
    }
    tag
}

/// The text with U+FFFD in place of characters that XML 1.0 does not allow in any form (section 2.2, Char).
fn allowed(text: &str) -> Cow<'_, str> {
    let is_allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(is_allowed) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_allowed(c) { c } else { '\u{fffd}' }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_comes_back_and_what_is_forbidden_is_seen_to_be_missing() {
        let hostile = "]]> <script>&amp; \"'\u{0}\u{b}\u{fffe}\u{202e}𝄞\n";
        let mut bytes = vec![];
        let mut markup = Markup::new(&mut bytes).unwrap();
        markup.start("a", &[("b", hostile)]).unwrap();
        markup.text("c", &[], hostile).unwrap();
        markup.end("a").unwrap();
        markup.finish().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        let inner = document.root_element().first_element_child().unwrap();
        assert_eq!(inner.text(), Some("]]> <script>&amp; \"'\u{fffd}\u{fffd}\u{fffd}\u{202e}𝄞\n"));
    }
}
