//! The XML of ABBYY FineReader, versions 6 to 10, as the Internet Archive hands it out (`_abbyy`): `page`, `block`, `par`, `line`,
//! `formatting` and, with a box for each character, `charParams`. A space ends a word.

use super::layout::{Bounds, PageSize};
use super::{Book, Format, Line, PageText, Word, sections, spaced};
use crate::error::Result;
use crate::input::{language, xml};
use roxmltree::Node;
use std::path::Path;

pub fn book(text: &str, path: &Path) -> Result<Book> {
    let mut book = sections::read(text, "page", path, page)?;
    book.pages.iter_mut().for_each(|page| page.format = Format::Abbyy);
    Ok(book)
}

fn page(node: Node<'_, '_>) -> PageText {
    let size = number(node, "width").zip(number(node, "height"));
    let mut page =
        PageText { size: size.and_then(|(width, height)| PageSize::new(width, height)), ..PageText::default() };
    let mut block = 0;
    for paragraph in xml::below(node, "par") {
        let before = page.lines.len();
        for text_line in xml::children(paragraph, "line") {
            let line = line(text_line, &mut page.bad_boxes);
            page.lines.extend(line.map(|line| Line { block, ..line }));
        }
        block += usize::from(page.lines.len() > before);
    }
    page.with_common_language()
}

fn line(node: Node<'_, '_>, bad_boxes: &mut usize) -> Option<Line> {
    let mut words = Words::default();
    for formatting in xml::children(node, "formatting") {
        match xml::child(formatting, "charParams") {
            Some(_) => xml::children(formatting, "charParams").for_each(|sign| words.add(sign, bad_boxes)),
            None => words.plain.push_str(&written(formatting)),
        }
    }
    words.end();
    let Words { done, plain, .. } = words;
    let text = match done.is_empty() {
        true => spaced(&plain),
        false => done.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
    };
    let bounds = bounds(node, bad_boxes).or_else(|| Bounds::of_all(done.iter().filter_map(|word| word.bounds)));
    let languages = xml::children(node, "formatting").find_map(|part| xml::attribute(part, "lang"));
    let language = languages.and_then(language::of_ocr);
    (!text.is_empty()).then(|| Line { text, bounds, words: done, language, ..Line::default() })
}

/// The words of a line, from its characters.
#[derive(Default)]
struct Words {
    done: Vec<Word>,
    /// The word that has begun.
    current: Word,
    /// Text without characters of its own.
    plain: String,
}

impl Words {
    fn add(&mut self, sign: Node<'_, '_>, bad_boxes: &mut usize) {
        let text = written(sign);
        if text.chars().all(char::is_whitespace) {
            return self.end();
        }
        self.current.text.push_str(text.trim());
        let own = bounds(sign, bad_boxes);
        self.current.bounds = Bounds::of_all(self.current.bounds.into_iter().chain(own));
    }

    fn end(&mut self) {
        let word = std::mem::take(&mut self.current);
        if !word.text.is_empty() {
            self.done.push(word);
        }
    }
}

/// The text in an element with its spaces.
fn written(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

fn number(node: Node<'_, '_>, name: &str) -> Option<f64> {
    xml::attribute(node, name)?.trim().parse().ok()
}

/// The box, if all sides are there. Boxes that are not valid are counted.
fn bounds(node: Node<'_, '_>, bad_boxes: &mut usize) -> Option<Bounds> {
    xml::attribute(node, "l")?;
    let side = |name| number(node, name).unwrap_or(f64::NAN);
    let bounds = Bounds::new(side("l"), side("t"), side("r"), side("b"));
    *bad_boxes += usize::from(bounds.is_none());
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::text::read_book;

    #[test]
    fn characters_make_words_and_paragraphs() {
        let sign = |c, l: u32| format!("<charParams l='{l}' t='5' r='{}' b='9'>{c}</charParams>", l + 4);
        let line = |signs: &str| {
            format!("<line l='1' t='5' r='90' b='9'><formatting lang='GermanStandard'>{signs}</formatting></line>")
        };
        let par = |lines: &str| format!("<par>{lines}</par>");
        let signs = [sign("D", 1), sign("u", 6), sign(" ", 10), sign("&amp;", 20)].concat();
        let text = format!(
            "<document xmlns='http://www.abbyy.com/FineReader_xml/FineReader6-schema-v1.xml'><page width='100' height='50'>
             <block blockType='Text'><text>{}{}</text></block></page><page width='100' height='50'/></document>",
            par(&format!("{}{}", line(&signs), line("plain text"))),
            par(&line(&sign("x", 3))),
        );
        let book = read_book(text.as_bytes(), Path::new("a.xml")).unwrap();
        let page = &book.pages[0];
        assert_eq!((book.pages.len(), page.format, page.size), (2, Format::Abbyy, PageSize::new(100.0, 50.0)));
        assert_eq!((page.plain().as_str(), page.language.as_deref()), ("Du & plain text\n\nx\n", Some("de")));
        assert_eq!(page.lines[0].words[0].bounds, Bounds::new(1.0, 5.0, 10.0, 9.0));
    }
}
