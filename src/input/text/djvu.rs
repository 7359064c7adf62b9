//! DjVuXML, as DjVuLibre writes it and the Internet Archive and HathiTrust hand it out: an `OBJECT` for each page, with
//! `HIDDENTEXT`, `PARAGRAPH`, `LINE` and `WORD` (the DTD `DjVuXML-s`). `coords` are left, bottom, right and top, in pixels from
//! the top left corner, and may have a baseline behind them.

use super::layout::{Bounds, PageSize};
use super::{Book, Format, Line, PageText, Word, sections, spaced};
use crate::error::Result;
use crate::input::xml;
use roxmltree::{Node, NodeId};
use std::path::Path;

pub fn book(text: &str, path: &Path) -> Result<Book> {
    let mut book = sections::read(text, "OBJECT", path, page)?;
    book.pages.iter_mut().for_each(|page| page.format = Format::Djvu);
    Ok(book)
}

fn page(object: Node<'_, '_>) -> PageText {
    let length = |name| xml::attribute(object, name)?.trim().parse().ok();
    let size = length("width").zip(length("height"));
    let mut page = PageText {
        image: xml::children(object, "PARAM").find_map(page_name).map(str::to_owned),
        size: size.and_then(|(width, height)| PageSize::new(width, height)),
        ..PageText::default()
    };
    let (mut block, mut paragraph) = (0, None);
    for node in object.descendants().filter(|node| is_line(*node)) {
        let Some(line) = line(node, &mut page.bad_boxes) else { continue };
        let own = paragraph_of(node);
        block += usize::from(paragraph.is_some_and(|before| before != own));
        paragraph = Some(own);
        page.lines.push(Line { block, ..line });
    }
    page
}

/// The file of the page, in `<PARAM name="PAGE" value="book_0001.djvu"/>`.
fn page_name<'a>(param: Node<'a, '_>) -> Option<&'a str> {
    let is_page = xml::attribute(param, "name") == Some("PAGE");
    xml::attribute(param, "value").filter(|value| is_page && !value.trim().is_empty())
}

/// A `LINE`, or any other element that words stand in.
fn is_line(node: Node<'_, '_>) -> bool {
    xml::is(node, "LINE") || xml::child(node, "WORD").is_some()
}

/// The paragraph of a line, or else the element around it.
fn paragraph_of(line: Node<'_, '_>) -> NodeId {
    let paragraph = line.ancestors().find(|above| xml::is(*above, "PARAGRAPH"));
    paragraph.or(line.parent()).unwrap_or(line).id()
}

fn line(node: Node<'_, '_>, bad_boxes: &mut usize) -> Option<Line> {
    let words: Vec<Word> = xml::children(node, "WORD").filter_map(|word| self::word(word, bad_boxes)).collect();
    let text = match words.is_empty() {
        true => xml::text(node),
        false => words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
    };
    let own = bounds(node, bad_boxes);
    let bounds = own.or_else(|| Bounds::of_all(words.iter().filter_map(|word| word.bounds)));
    (!text.is_empty()).then(|| Line { text, bounds, words, ..Line::default() })
}

fn word(node: Node<'_, '_>, bad_boxes: &mut usize) -> Option<Word> {
    let characters: String = xml::children(node, "CHARACTER").map(xml::text).collect();
    let text = if characters.is_empty() { xml::text(node) } else { spaced(&characters) };
    let bounds = bounds(node, bad_boxes);
    let percent = xml::attribute(node, "x-confidence").and_then(|percent| percent.trim().parse::<f32>().ok());
    let confidence = percent.filter(|percent| (0.0..=100.0).contains(percent)).map(|percent| percent / 100.0);
    (!text.is_empty()).then_some(Word { text, bounds, confidence })
}

/// Some programs write top before bottom. Boxes that are not valid are counted.
fn bounds(node: Node<'_, '_>, bad_boxes: &mut usize) -> Option<Bounds> {
    let numbers: Vec<f64> =
        xml::attribute(node, "coords")?.split(',').map_while(|number| number.trim().parse().ok()).collect();
    let bounds = match numbers[..] {
        [left, one, right, other, ..] => Bounds::new(left, one.min(other), right, one.max(other)),
        _ => None,
    };
    *bad_boxes += usize::from(bounds.is_none());
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::text::read_book;

    fn read(objects: &str) -> Book {
        let text = format!("<?xml version='1.0'?><!DOCTYPE DjVuXML><DjVuXML><HEAD/><BODY>{objects}</BODY></DjVuXML>");
        read_book(text.as_bytes(), Path::new("a.xml")).unwrap()
    }

    #[test]
    fn paragraphs_lines_and_words_have_their_places() {
        let book = read(
            "<OBJECT data='x.djvu' width='2000' height='3000'><PARAM name='DPI' value='300'/><PARAM name='PAGE' value='b_1.djvu'/>
             <HIDDENTEXT><PAGECOLUMN><REGION><PARAGRAPH>
             <LINE><WORD coords='10,60,90,20,55' x-confidence='50'>Dear</WORD> <WORD coords='100,20,200,60'>Sir</WORD></LINE>
             <LINE><WORD coords='10,100,90,70'><CHARACTER coords='1,2,3,1'>I</CHARACTER>
             <CHARACTER>n</CHARACTER></WORD></LINE></PARAGRAPH>
             <PARAGRAPH><WORD coords='a'>out</WORD></PARAGRAPH></REGION></PAGECOLUMN></HIDDENTEXT></OBJECT>",
        );
        let page = &book.pages[0];
        assert_eq!((page.format, page.image.as_deref()), (Format::Djvu, Some("b_1.djvu")));
        assert_eq!(page.size, PageSize::new(2000.0, 3000.0));
        assert_eq!(page.plain(), "Dear Sir In\n\nout\n");
        assert_eq!(page.lines[0].bounds, Bounds::new(10.0, 20.0, 200.0, 60.0));
        assert_eq!((page.lines[0].words[0].confidence, page.bad_boxes), (Some(0.5), 1));
    }

    #[test]
    fn each_object_is_a_page() {
        let object =
            |word| format!("<OBJECT width='9' height='9'><LINE><WORD coords='1,2,3,1'>{word}</WORD></LINE></OBJECT>");
        let book = read(&format!("{}<OBJECT/>{}", object("one"), object("three")));
        assert_eq!(book.pages.iter().map(PageText::plain).collect::<Vec<_>>(), ["one\n", "", "three\n"]);
        assert!(book.damage.is_none());
        assert_eq!(read("").pages.len(), 1);
    }
}
