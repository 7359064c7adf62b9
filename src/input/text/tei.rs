//! TEI P5 with a facsimile (chapter 12): a `surface` for each page. The lines of a page are the `line` elements of `sourceDoc`, or
//! the text behind each `lb` whose `facs` names a `zone`, as Transkribus writes it. Text without a zone is no text of a page.

use super::layout::{self, Bounds, PageSize, Point};
use super::{Format, Line, PageText, spaced};
use crate::input::xml;
use roxmltree::{Document, Node};
use std::collections::HashMap;

pub fn pages(document: &Document<'_>) -> Vec<PageText> {
    let root = document.root();
    let written = linked_lines(root);
    let empty = PageText { format: Format::Tei, ..PageText::default() };
    let pages: Vec<PageText> =
        xml::below(root, "surface").map(|surface| page(surface, &written, empty.clone())).collect();
    if pages.is_empty() { vec![empty] } else { pages }
}

/// The texts behind `lb`, up to the next `lb`, `pb` or block, by the id of the zone that each names.
fn linked_lines<'a>(root: Node<'a, '_>) -> HashMap<&'a str, String> {
    let mut lines = HashMap::<&str, String>::new();
    let mut zone = None;
    let texts =
        xml::children(root, "TEI").chain(xml::children(root, "teiCorpus")).flat_map(|tei| xml::below(tei, "text"));
    // A text in a text is read with the outer one.
    let outer = texts.filter(|text| !text.ancestors().skip(1).any(|above| xml::is(above, "text")));
    for node in outer.flat_map(|text| text.descendants()) {
        match node.tag_name().name() {
            "lb" | "l" | "ab" | "p" | "head" | "pb" | "cb" => {
                zone = xml::attribute(node, "facs").and_then(|link| link.trim().strip_prefix('#'));
            }
            _ => {}
        }
        if let (Some(zone), Some(text)) = (zone, node.text().filter(|_| node.is_text())) {
            lines.entry(zone).or_default().push_str(text);
        }
    }
    lines
}

fn page(surface: Node<'_, '_>, written: &HashMap<&str, String>, empty: PageText) -> PageText {
    let graphic = xml::child(surface, "graphic");
    let side = |name: &str| graphic.and_then(|graphic| length(graphic, name));
    let own = Bounds::of_points(&outline(surface));
    let stated = side("width").zip(side("height")).and_then(|(width, height)| PageSize::new(width, height));
    let mut page = PageText {
        image: graphic.and_then(|graphic| xml::attribute(graphic, "url")).map(str::to_owned),
        // A surface that begins at 0,0 has the extent of its image.
        size: stated.or_else(|| own.and_then(|bounds| PageSize::new(bounds.right, bounds.bottom))),
        ..empty
    };
    let (mut block, mut around) = (0, None);
    for node in surface.descendants().filter(|node| xml::is(*node, "zone") || xml::is(*node, "line")) {
        let linked = || node.attribute((XML, "id")).and_then(|id| written.get(id)).map(|text| spaced(text));
        let text = if xml::is(node, "line") { xml::text(node) } else { linked().unwrap_or_default() };
        if text.is_empty() {
            continue;
        }
        let parent = node.parent().map(|parent| parent.id());
        block += usize::from(around.is_some_and(|before| before != parent));
        around = Some(parent);
        let points = outline(node);
        let points = if points.is_empty() { node.parent().map(outline_of_zone).unwrap_or_default() } else { points };
        page.lines.push(Line {
            text,
            bounds: Bounds::of_points(&points),
            polygon: layout::unless_upright(points),
            block,
            ..Line::default()
        });
    }
    page
}

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// A line without a place of its own has that of the zone that holds nothing else.
fn outline_of_zone(node: Node<'_, '_>) -> Vec<Point> {
    let is_alone = xml::is(node, "zone") && xml::children(node, "line").count() == 1;
    if is_alone { outline(node) } else { vec![] }
}

/// `points`, or the corners of the rectangle from `ulx`, `uly` to `lrx`, `lry`. Empty: there is neither.
fn outline(node: Node<'_, '_>) -> Vec<Point> {
    if let Some(points) = xml::attribute(node, "points") {
        return layout::points(points).unwrap_or_default();
    }
    let sides: Option<Vec<f64>> = ["ulx", "uly", "lrx", "lry"].iter().map(|name| length(node, name)).collect();
    match sides.as_deref() {
        Some(&[left, top, right, bottom]) => vec![
            Point { x: left, y: top },
            Point { x: right, y: top },
            Point { x: right, y: bottom },
            Point { x: left, y: bottom },
        ],
        _ => vec![],
    }
}

/// A number, with or without `px` behind it.
fn length(node: Node<'_, '_>, name: &str) -> Option<f64> {
    xml::attribute(node, name)?.trim().trim_end_matches("px").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::text::read_pages;
    use std::path::Path;

    fn read(body: &str) -> Vec<PageText> {
        let text = format!("<TEI xmlns='http://www.tei-c.org/ns/1.0'>{body}</TEI>");
        read_pages(text.as_bytes(), Path::new("a.xml")).unwrap()
    }

    #[test]
    fn lines_of_a_transcription_are_found_by_their_zones() {
        let pages = read(
            "<facsimile><surface ulx='0' uly='0' lrx='100' lry='200'><graphic url='a.jpg' width='100px' height='200px'/>
             <zone points='0,0 90,0 90,90 0,90' xml:id='r'><zone points='1,2 50,2 50,9 1,9' xml:id='l1'/>
             <zone points='1,12 50,13 50,19 1,18' xml:id='l2'/></zone></surface><surface/></facsimile>
             <text><body><pb facs='#f1'/><p facs='#r'><lb facs='#l1'/>Dear <hi>Sir</hi>,\n<lb facs='#l2'/>I am</p><p>no zone</p></body></text>",
        );
        assert_eq!((pages.len(), pages[0].image.as_deref()), (2, Some("a.jpg")));
        assert_eq!(pages[0].plain(), "Dear Sir, I am\n");
        assert_eq!(pages[0].lines[0].bounds, Bounds::new(1.0, 2.0, 50.0, 9.0));
        assert_eq!((pages[0].size, pages[1].lines.len()), (PageSize::new(100.0, 200.0), 0));
    }

    #[test]
    fn lines_of_a_source_document_stand_in_their_zones() {
        let pages = read(
            "<sourceDoc><surface ulx='0' uly='0' lrx='100' lry='200'><zone ulx='1' uly='2' lrx='50' lry='9'><line>Dear</line></zone>
             <zone><line ulx='1' uly='12' lrx='50' lry='19'>Sir</line><line>!</line></zone></surface></sourceDoc>",
        );
        assert_eq!(pages[0].plain(), "Dear\n\nSir !\n");
        let bounds: Vec<_> = pages[0].lines.iter().map(|line| line.bounds).collect();
        assert_eq!(bounds, [Bounds::new(1.0, 2.0, 50.0, 9.0), Bounds::new(1.0, 12.0, 50.0, 19.0), None]);
    }
}
