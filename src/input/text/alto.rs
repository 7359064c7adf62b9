//! ALTO 2 to 4 (Library of Congress) and older versions, with any namespace or none: `TextBlock`, `TextLine`, `String`,
//! `SP`, `HYP`, `ReadingOrder`. Blocks in margins and composed blocks are read in document order.

use super::layout::{self, Bounds, PageSize, Point, ReadingOrder};
use super::{Format, Line, PageText, Unit, Word, spaced};
use crate::error::{Error, ErrorKind, Result};
use crate::input::{language, xml};
use roxmltree::{Document, Node};
use std::path::Path;

pub fn pages(document: &Document<'_>, path: &Path) -> Result<Vec<PageText>> {
    let root = document.root();
    let empty = PageText {
        format: Format::Alto,
        image: xml::below(root, "fileName").next().map(xml::text).filter(|name| !name.is_empty()),
        unit: unit(root, path)?,
        ..PageText::default()
    };
    let order = ReadingOrder::of(root);
    let pages: Vec<PageText> = xml::below(root, "Page").map(|node| page(node, &order, empty.clone())).collect();
    Ok(if pages.is_empty() { vec![empty] } else { pages })
}

fn unit(root: Node<'_, '_>, path: &Path) -> Result<Unit> {
    let Some(node) = xml::below(root, "MeasurementUnit").next() else { return Ok(Unit::Pixel) };
    match xml::text(node).as_str() {
        "pixel" => Ok(Unit::Pixel),
        "mm10" => Ok(Unit::Mm10),
        "inch1200" => Ok(Unit::Inch1200),
        other => Err(Error::new(ErrorKind::Content, format!("{other:?} is not a MeasurementUnit of ALTO"))
            .with_path(path)
            .with_position(xml::position(node))
            .with_hint("pixel, mm10 and inch1200 are")),
    }
}

fn page(node: Node<'_, '_>, order: &ReadingOrder<'_>, empty: PageText) -> PageText {
    let size =
        number(node, "WIDTH").zip(number(node, "HEIGHT")).and_then(|(width, height)| PageSize::new(width, height));
    // Counted from 1.
    let image_number = xml::attribute(node, "PHYSICAL_IMG_NR").and_then(|number| number.trim().parse::<u64>().ok());
    let mut page = PageText {
        size,
        number: image_number.and_then(|number| number.checked_sub(1)),
        is_upside_down: number(node, "ROTATION").is_some_and(layout::is_upside_down),
        language: language_of(node),
        ..empty
    };
    let has_spaces = xml::below(node, "SP").next().is_some();
    let mut block = 0;
    for text_block in order.sorted(xml::below(node, "TextBlock")) {
        let before = page.lines.len();
        for text_line in xml::children(text_block, "TextLine") {
            let line = line(text_line, has_spaces, &mut page.bad_boxes);
            page.lines.extend(line.map(|line| Line { block, ..line }));
        }
        block += usize::from(page.lines.len() > before);
    }
    page.with_common_language()
}

fn line(node: Node<'_, '_>, has_spaces: bool, bad_boxes: &mut usize) -> Option<Line> {
    let mut line = contents(node, has_spaces, bad_boxes);
    let outline = outline(node, bad_boxes);
    let own = bounds(node, bad_boxes).or_else(|| Bounds::of_points(&outline));
    line.bounds = own.or_else(|| Bounds::of_all(line.words.iter().filter_map(|word| word.bounds)));
    line.polygon = layout::unless_upright(outline);
    line.language = language_of(node);
    // Some transcription programs write a whole line as one `String`.
    if matches!(&line.words[..], [only] if only.text.contains(' ')) {
        line.words.clear();
    }
    (!line.text.is_empty()).then_some(line)
}

/// The text and words of a line.
fn contents(node: Node<'_, '_>, has_spaces: bool, bad_boxes: &mut usize) -> Line {
    let mut line = Line::default();
    for part in node.children().filter(Node::is_element) {
        let content = xml::attribute(part, "CONTENT").unwrap_or_default();
        match part.tag_name().name() {
            "SP" => line.text.push(' '),
            "HYP" => hyphen(&mut line.text, content),
            "String" => {
                let word = word(part, content, bad_boxes);
                if !has_spaces && !is_attached(line.words.last(), &word) {
                    line.text.push(' ');
                }
                line.text.push_str(content);
                line.divided = divided(part);
                line.words.push(word);
            }
            _ => {}
        }
    }
    line.text = spaced(&line.text);
    line.words.retain(|word| !word.text.is_empty());
    line
}

/// Adds the hyphen at the end of a line, unless the word before ends with it.
fn hyphen(text: &mut String, content: &str) {
    let hyphen = if content.is_empty() { "-" } else { content };
    if !text.ends_with(hyphen) {
        text.push_str(hyphen);
    }
}

fn word(node: Node<'_, '_>, content: &str, bad_boxes: &mut usize) -> Word {
    let confidence = xml::attribute(node, "WC").and_then(|value| value.trim().parse().ok());
    Word {
        text: spaced(content),
        bounds: bounds(node, bad_boxes).or_else(|| Bounds::of_points(&outline(node, bad_boxes))),
        confidence: confidence.filter(|value| (0.0..=1.0).contains(value)),
    }
}

/// Whether no space stands between `word` and the word before it, in a file without `SP`: one of the two has no letter
/// or digit, and their boxes touch.
fn is_attached(before: Option<&Word>, word: &Word) -> bool {
    let Some(before) = before else { return true };
    let is_mark = |word: &Word| !word.text.chars().any(char::is_alphanumeric);
    let touches = |(before, own): (Bounds, Bounds)| own.left <= before.right;
    (is_mark(before) || is_mark(word)) && before.bounds.zip(word.bounds).is_some_and(touches)
}

/// The whole word, from its first part.
fn divided(string: Node<'_, '_>) -> Option<String> {
    let is_first_part = xml::attribute(string, "SUBS_TYPE") == Some("HypPart1");
    let whole = xml::attribute(string, "SUBS_CONTENT").filter(|whole| is_first_part && !whole.trim().is_empty());
    whole.map(|whole| whole.trim().to_owned())
}

fn number(node: Node<'_, '_>, name: &str) -> Option<f64> {
    xml::attribute(node, name)?.trim().parse().ok()
}

/// The box, if all of HPOS, VPOS, WIDTH and HEIGHT are there. Boxes that are not valid are counted.
fn bounds(node: Node<'_, '_>, bad_boxes: &mut usize) -> Option<Bounds> {
    let is_there = ["HPOS", "VPOS", "WIDTH", "HEIGHT"].iter().all(|name| xml::attribute(node, name).is_some());
    if !is_there {
        return None;
    }
    let number = |name| number(node, name).unwrap_or(f64::NAN);
    let (left, top) = (number("HPOS"), number("VPOS"));
    let bounds = Bounds::new(left, top, left + number("WIDTH"), top + number("HEIGHT"));
    *bad_boxes += usize::from(bounds.is_none());
    bounds
}

/// The polygon of an element's `Shape`, or nothing. Polygons that cannot be read are counted.
fn outline(node: Node<'_, '_>, bad_boxes: &mut usize) -> Vec<Point> {
    let polygon = xml::child(node, "Shape").and_then(|shape| xml::child(shape, "Polygon"));
    let Some(text) = polygon.and_then(|polygon| xml::attribute(polygon, "POINTS")) else { return vec![] };
    let points = layout::points(text);
    *bad_boxes += usize::from(points.is_none());
    points.unwrap_or_default()
}

/// The language of an element, or of the nearest one around it that has one. ALTO 2.0 calls the attribute `language`.
fn language_of(node: Node<'_, '_>) -> Option<String> {
    let named = |node| xml::attribute(node, "LANG").or_else(|| xml::attribute(node, "language"));
    node.ancestors().find_map(named).and_then(language::of_ocr)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(description: &str, page: &str) -> PageText {
        let text = format!("<alto><Description>{description}</Description><Layout>{page}</Layout></alto>");
        crate::input::text::read(text.as_bytes(), Path::new("a.xml")).unwrap()
    }

    fn of_lines(lines: &str) -> PageText {
        read(
            "",
            &format!("<Page WIDTH='100' HEIGHT='200'><PrintSpace><TextBlock>{lines}</TextBlock></PrintSpace></Page>"),
        )
    }

    #[test]
    fn words_lines_and_blocks_are_read() {
        let page = read(
            "<MeasurementUnit>mm10</MeasurementUnit><sourceImageInformation><fileName>a.tif</fileName></sourceImageInformation>",
            "<Page WIDTH='100.5' HEIGHT='200' LANG='deu'><TopMargin><TextBlock ID='t'><TextLine><String CONTENT='12'/>
             </TextLine></TextBlock></TopMargin><PrintSpace><ComposedBlock><TextBlock/><TextBlock LANG='lat'>
             <TextLine HPOS='1' VPOS='2' WIDTH='30' HEIGHT='4'><String CONTENT='Dear' HPOS='1' VPOS='2' WIDTH='10' HEIGHT='4'
             WC='0.75'/><SP/><String CONTENT='Sir' HPOS='20' VPOS='2' WIDTH='11' HEIGHT='4'/><String CONTENT='!'/></TextLine>
             </TextBlock></ComposedBlock></PrintSpace></Page>",
        );
        assert_eq!(
            (page.unit, page.size, page.image.as_deref()),
            (Unit::Mm10, PageSize::new(100.5, 200.0), Some("a.tif"))
        );
        assert_eq!((page.plain().as_str(), page.language.as_deref()), ("12\n\nDear Sir!\n", Some("de")));
        let line = &page.lines[1];
        assert_eq!((line.block, line.language.as_deref()), (1, Some("la")));
        assert_eq!(line.bounds, Bounds::new(1.0, 2.0, 31.0, 6.0));
        assert_eq!((line.words.len(), line.words[0].confidence), (3, Some(0.75)));
    }

    #[test]
    fn divided_words_are_joined_as_the_file_says() {
        let page = of_lines(
            "<TextLine><String CONTENT='weißer'/><SP/><String CONTENT='Zuk' SUBS_TYPE='HypPart1' SUBS_CONTENT='Zucker'/>
             <HYP CONTENT='\u{ad}'/></TextLine><TextLine><String CONTENT='ker,' SUBS_TYPE='HypPart2' SUBS_CONTENT='Zucker'/>
             <SP/><String CONTENT='fer-'/><HYP CONTENT='-'/></TextLine><TextLine><String CONTENT='ner'/></TextLine>",
        );
        assert_eq!(page.lines[0].text, "weißer Zuk\u{ad}");
        assert_eq!(page.plain(), "weißer Zucker, ferner\n");
    }

    #[test]
    fn without_spaces_in_the_file_marks_stay_with_their_words() {
        let string =
            |text, left, width| format!("<String CONTENT='{text}' HPOS='{left}' VPOS='0' WIDTH='{width}' HEIGHT='9'/>");
        let strings = [string("(", 0, 3), string("S", 3, 5), string(".", 8, 2), string("5", 14, 4), string("—", 30, 9)];
        assert_eq!(of_lines(&format!("<TextLine>{}</TextLine>", strings.concat())).lines[0].text, "(S. 5 —");
    }

    #[test]
    fn a_whole_line_in_one_string_is_no_word() {
        let page = of_lines(
            "<TextLine><Shape><Polygon POINTS='1,1 9,2 9,5 1,4'/></Shape><String CONTENT='two words'/></TextLine>",
        );
        assert_eq!((page.lines[0].words.len(), page.lines[0].polygon.len()), (0, 4));
        assert_eq!(page.lines[0].bounds, Bounds::new(1.0, 1.0, 9.0, 5.0));
    }

    #[test]
    fn boxes_that_are_none_are_counted() {
        let page = of_lines(
            "<TextLine HPOS='1' VPOS='1' WIDTH='9' HEIGHT='-4'><String CONTENT='a' HPOS='NaN' VPOS='1' WIDTH='1' HEIGHT='1'/>
             <String CONTENT='b' HPOS='1' VPOS='1' WIDTH='1' HEIGHT='1'/><String CONTENT=''/></TextLine><TextLine/>",
        );
        assert_eq!((page.bad_boxes, page.lines.len()), (2, 1));
        assert_eq!(page.lines[0].bounds, Bounds::new(1.0, 1.0, 2.0, 2.0));
    }

    #[test]
    fn the_reading_order_of_alto_4_3_is_followed() {
        let block = |id| format!("<TextBlock ID='{id}'><TextLine><String CONTENT='{id}'/></TextLine></TextBlock>");
        let order =
            "<ReadingOrder><OrderedGroup><ElementRef REF='b'/><ElementRef REF='a'/></OrderedGroup></ReadingOrder>";
        let page = read("", &format!("{order}<Page>{}{}</Page>", block("a"), block("b")));
        assert_eq!(page.paragraphs(), ["b", "a"]);
    }

    #[test]
    fn what_cannot_be_understood_is_refused_with_its_line() {
        let refused =
            |text: &str| crate::input::text::read(text.as_bytes(), Path::new("a.xml")).unwrap_err().to_string();
        let unit = "<alto>\n<Description><MeasurementUnit>furlong</MeasurementUnit></Description></alto>";
        assert!(refused(unit).starts_with("a.xml:2:14: \"furlong\" is not a MeasurementUnit"), "{}", refused(unit));
        assert!(refused("<alto>\n<Layout>\n<Page></Layout></alto>").starts_with("a.xml:3:"));
        assert!(refused("<alto><Page/><Page/></alto>").contains("2 pages"));
    }
}
