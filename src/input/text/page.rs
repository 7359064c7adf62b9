//! PAGE (PRImA Page Content), all versions from 2009 to 2019: `TextRegion`, `TextLine`, `Word`, `TextEquiv`, `Coords`
//! and `ReadingOrder`. Of several `TextEquiv` elements the one with the lowest index is the text.

use super::layout::{self, Bounds, PageSize, Point, ReadingOrder, index};
use super::{Format, Line, PageText, Word, spaced};
use crate::input::{language, xml};
use roxmltree::{Document, Node};
use std::collections::HashMap;

pub fn pages(document: &Document<'_>) -> Vec<PageText> {
    let empty = PageText { format: Format::Page, ..PageText::default() };
    let pages: Vec<PageText> = xml::below(document.root(), "Page").map(|node| page(node, empty.clone())).collect();
    if pages.is_empty() { vec![empty] } else { pages }
}

fn page(node: Node<'_, '_>, empty: PageText) -> PageText {
    let length = |name| xml::attribute(node, name)?.trim().parse().ok();
    let size = length("imageWidth").zip(length("imageHeight"));
    let mut page = PageText {
        image: xml::attribute(node, "imageFilename").filter(|name| !name.is_empty()).map(str::to_owned),
        language: own_language(node),
        is_upside_down: length("orientation").is_some_and(layout::is_upside_down),
        size: size.and_then(|(width, height)| PageSize::new(width, height)),
        ..empty
    };
    let mut block = 0;
    for region in ReadingOrder::of(node).sorted(xml::below(node, "TextRegion")) {
        let lines = region_lines(region, &mut page.bad_boxes);
        let has_lines = !lines.is_empty();
        page.lines.extend(lines.into_iter().map(|line| Line { block, ..line }));
        block += usize::from(has_lines);
    }
    page.with_common_language()
}

fn region_lines(region: Node<'_, '_>, bad_boxes: &mut usize) -> Vec<Line> {
    let mut nodes: Vec<_> = xml::children(region, "TextLine").collect();
    nodes.sort_by_key(|line| index(*line).unwrap_or(i64::MAX));
    let lines: Vec<Line> = nodes.into_iter().filter_map(|node| line(node, bad_boxes)).collect();
    let whole = own_text(region).unwrap_or_default();
    if lines.is_empty() { lines_of_region(region, &whole, bad_boxes) } else { as_in(&whole, lines) }
}

/// The lines of a region without `TextLine`. The region's box is the line's box if there is only one line.
fn lines_of_region(region: Node<'_, '_>, whole: &str, bad_boxes: &mut usize) -> Vec<Line> {
    let texts: Vec<String> = whole.lines().map(spaced).filter(|text| !text.is_empty()).collect();
    let bounds = if texts.len() == 1 { Bounds::of_points(&outline(region, bad_boxes)) } else { None };
    let language = language_of(region);
    texts.into_iter().map(|text| Line { text, bounds, language: language.clone(), ..Line::default() }).collect()
}

/// Sorts the lines as the region's own text has them, if it has exactly the same lines. Some editors append lines that
/// are drawn later, and correct the order in the text only.
fn as_in(whole: &str, mut lines: Vec<Line>) -> Vec<Line> {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    let texts = whole.lines().map(spaced).filter(|text| !text.is_empty()).enumerate().collect::<Vec<_>>();
    let count = texts.len();
    for (place, text) in texts.into_iter().rev() {
        places.entry(text).or_default().push(place);
    }
    let found: Option<Vec<usize>> = lines.iter().map(|line| places.get_mut(&line.text)?.pop()).collect();
    if let Some(found) = found.filter(|found| found.len() == count) {
        let mut placed: Vec<(usize, Line)> = found.into_iter().zip(lines).collect();
        placed.sort_by_key(|(place, _)| *place);
        lines = placed.into_iter().map(|(_, line)| line).collect();
    }
    lines
}

fn line(node: Node<'_, '_>, bad_boxes: &mut usize) -> Option<Line> {
    let words: Vec<Word> = xml::children(node, "Word").filter_map(|node| word(node, bad_boxes)).collect();
    let text_of_words = || words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    let text = own_text(node).map(|text| spaced(&text)).filter(|text| !text.is_empty()).unwrap_or_else(text_of_words);
    let outline = outline(node, bad_boxes);
    let bounds_of_words = || Bounds::of_all(words.iter().filter_map(|word| word.bounds));
    let line = Line {
        bounds: Bounds::of_points(&outline).or_else(bounds_of_words),
        polygon: layout::unless_upright(outline),
        language: language_of(node),
        text,
        words,
        ..Line::default()
    };
    (!line.text.is_empty()).then_some(line)
}

fn word(node: Node<'_, '_>, bad_boxes: &mut usize) -> Option<Word> {
    let of_glyphs = || xml::children(node, "Glyph").filter_map(own_text).collect::<String>();
    let text = spaced(&own_text(node).unwrap_or_else(of_glyphs));
    let confidence = equivalent(node).and_then(|node| xml::attribute(node, "conf")?.trim().parse().ok());
    let word = Word {
        bounds: Bounds::of_points(&outline(node, bad_boxes)),
        confidence: confidence.filter(|value| (0.0..=1.0).contains(value)),
        text,
    };
    (!word.text.is_empty()).then_some(word)
}

/// The `TextEquiv` with the lowest index.
fn equivalent<'a, 'input>(node: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
    xml::children(node, "TextEquiv").min_by_key(|node| index(*node).unwrap_or(0))
}

/// The text of the element itself, with its line ends.
fn own_text(node: Node<'_, '_>) -> Option<String> {
    let equivalent = equivalent(node)?;
    let text = xml::child(equivalent, "Unicode").or_else(|| xml::child(equivalent, "PlainText"))?;
    Some(text.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect())
}

/// The outline from `Coords`: an attribute since 2013, `Point` elements before. Empty without `Coords`. Outlines
/// without extent are counted.
fn outline(node: Node<'_, '_>, bad_boxes: &mut usize) -> Vec<Point> {
    let Some(coords) = xml::child(node, "Coords") else { return vec![] };
    let points = match xml::attribute(coords, "points") {
        Some(text) => layout::points(text),
        None => xml::children(coords, "Point").map(point).collect(),
    };
    let points = points.filter(|points| Bounds::of_points(points).is_some());
    *bad_boxes += usize::from(points.is_none());
    points.unwrap_or_default()
}

fn point(node: Node<'_, '_>) -> Option<Point> {
    let number = |name| xml::attribute(node, name)?.trim().parse().ok().filter(|number: &f64| number.is_finite());
    number("x").zip(number("y")).map(|(x, y)| Point { x, y })
}

fn language_of(node: Node<'_, '_>) -> Option<String> {
    node.ancestors().find_map(own_language)
}

fn own_language(node: Node<'_, '_>) -> Option<String> {
    let named = xml::attribute(node, "primaryLanguage").or_else(|| xml::attribute(node, "language"));
    named.and_then(language::of_ocr)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn read(page: &str) -> PageText {
        let text =
            format!("<PcGts><Page imageFilename='a.tif' imageWidth='100' imageHeight='200'>{page}</Page></PcGts>");
        crate::input::text::read(text.as_bytes(), Path::new("a.xml")).unwrap()
    }

    fn equivalent(text: &str) -> String {
        format!("<TextEquiv><Unicode>{text}</Unicode></TextEquiv>")
    }

    fn region(id: &str, lines: &[&str]) -> String {
        let line = |text: &&str| format!("<TextLine>{}</TextLine>", equivalent(text));
        format!("<TextRegion id='{id}'>{}</TextRegion>", lines.iter().map(line).collect::<String>())
    }

    #[test]
    fn regions_are_read_in_reading_order() {
        let order = "<ReadingOrder><OrderedGroup id='o'><OrderedGroupIndexed index='1'><RegionRefIndexed index='0' \
            regionRef='c'/></OrderedGroupIndexed><RegionRefIndexed index='0' regionRef='b'/></OrderedGroup></ReadingOrder>";
        let regions = [region("a", &["left"]), region("b", &["first", "line"]), region("c", &["se¬", "cond"])];
        let page = read(&format!("{order}{}<ImageRegion id='i'/>", regions.concat()));
        assert_eq!(page.plain(), "first line\n\nsecond\n\nleft\n");
        assert_eq!(page.lines.iter().map(|line| line.block).collect::<Vec<_>>(), [0, 0, 1, 1, 2]);
        assert_eq!((page.size, page.image.as_deref()), (PageSize::new(100.0, 200.0), Some("a.tif")));
    }

    #[test]
    fn lines_stand_as_their_region_says_or_their_index() {
        let drawn = "<TextRegion><TextLine><TextEquiv><Unicode>b</Unicode></TextEquiv></TextLine><TextLine><TextEquiv>\
            <Unicode>a</Unicode></TextEquiv></TextLine>";
        assert_eq!(read(&format!("{drawn}{}</TextRegion>", equivalent("a\nb"))).paragraphs(), ["a b"]);
        assert_eq!(read(&format!("{drawn}{}</TextRegion>", equivalent("a\nc"))).paragraphs(), ["b a"]);
        let indexed =
            drawn.replacen("<TextLine>", "<TextLine index='1'>", 1).replacen("<TextLine>", "<TextLine index='0'>", 1);
        assert_eq!(read(&format!("{indexed}</TextRegion>")).paragraphs(), ["a b"]);
    }

    #[test]
    fn of_several_texts_the_lowest_index_counts() {
        let page = read(
            "<TextRegion primaryLanguage='German'><TextLine><Coords points='1,1 9,1 9,5 1,4'/>
             <Word><Coords><Point x='1' y='1'/><Point x='4' y='5'/></Coords><TextEquiv index='1' conf='0.5'><Unicode>no</Unicode>
             </TextEquiv><TextEquiv index='0' conf='0.25'><Unicode>yes</Unicode></TextEquiv></Word>
             <Word><Glyph><TextEquiv><Unicode>i</Unicode></TextEquiv></Glyph><Glyph><TextEquiv><PlainText>t</PlainText>
             </TextEquiv></Glyph></Word></TextLine></TextRegion>",
        );
        let line = &page.lines[0];
        assert_eq!((line.text.as_str(), line.polygon.len(), line.language.as_deref()), ("yes it", 4, Some("de")));
        assert_eq!((line.words[0].confidence, line.words[0].bounds), (Some(0.25), Bounds::new(1.0, 1.0, 4.0, 5.0)));
    }

    #[test]
    fn a_region_without_lines_has_its_own_text() {
        let coords = "<Coords points='1,1 9,1 9,5 1,5'/>";
        let one = read(&format!("<TextRegion>{coords}{}</TextRegion>", equivalent("only\n")));
        assert_eq!((one.lines[0].text.as_str(), one.lines[0].bounds.is_some()), ("only", true));
        let two = read(&format!("<TextRegion>{coords}{}</TextRegion>", equivalent("one\ntwo")));
        assert_eq!((two.lines.len(), two.lines[0].bounds), (2, None));
    }

    #[test]
    fn boxes_that_are_none_are_counted() {
        for bad in ["points='1,1 1,1'", "points='1,x'", "points=''", ""] {
            let page =
                read(&format!("<TextRegion><TextLine><Coords {bad}/>{}</TextLine></TextRegion>", equivalent("a")));
            assert_eq!((page.bad_boxes, page.lines.len(), page.lines[0].bounds), (1, 1, None), "{bad}");
        }
    }
}
