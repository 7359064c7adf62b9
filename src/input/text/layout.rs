//! The layout of a page: boxes and outlines in the units of the file, and the reading order of blocks.

use crate::input::xml;
use roxmltree::Node;
use std::collections::HashMap;

/// A position, measured from the top left corner of the page image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// The extent of a page image, in the file's unit. Both lengths are above 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageSize {
    /// Length from left to right.
    pub width: f64,
    /// Length from top to bottom.
    pub height: f64,
}

impl PageSize {
    /// `None`: a length is not finite or not above 0.
    pub fn new(width: f64, height: f64) -> Option<PageSize> {
        let is_length = |length: f64| length.is_finite() && length > 0.0;
        (is_length(width) && is_length(height)).then_some(PageSize { width, height })
    }
}

/// An upright rectangle whose width and height are above 0. It can reach beyond the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Less than `right`.
    pub left: f64,
    /// Less than `bottom`.
    pub top: f64,
    /// The right side.
    pub right: f64,
    /// The bottom side.
    pub bottom: f64,
}

impl Bounds {
    /// `None`: width or height is not above 0, or a side is not a finite number.
    pub fn new(left: f64, top: f64, right: f64, bottom: f64) -> Option<Bounds> {
        let is_sound = [left, top, right, bottom].iter().all(|side| side.is_finite()) && left < right && top < bottom;
        is_sound.then_some(Bounds { left, top, right, bottom })
    }

    /// The smallest rectangle around all points.
    pub fn of_points(points: &[Point]) -> Option<Bounds> {
        let least = |side: fn(&Point) -> f64| points.iter().map(side).fold(f64::INFINITY, f64::min);
        let most = |side: fn(&Point) -> f64| points.iter().map(side).fold(f64::NEG_INFINITY, f64::max);
        Bounds::new(least(|point| point.x), least(|point| point.y), most(|point| point.x), most(|point| point.y))
    }

    /// The smallest rectangle around all others.
    pub fn of_all(all: impl IntoIterator<Item = Bounds>) -> Option<Bounds> {
        all.into_iter().reduce(|one, other| Bounds {
            left: one.left.min(other.left),
            top: one.top.min(other.top),
            right: one.right.max(other.right),
            bottom: one.bottom.max(other.bottom),
        })
    }
}

/// The points of an outline: pairs of numbers with commas or spaces between them, as in all versions of ALTO, PAGE and
/// hOCR. `None`: the text is not such a list.
pub fn points(text: &str) -> Option<Vec<Point>> {
    let numbers = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
    let numbers: Vec<f64> =
        numbers.map(|part| part.parse().ok().filter(|n: &f64| n.is_finite())).collect::<Option<_>>()?;
    let (pairs, rest) = numbers.as_chunks();
    rest.is_empty().then(|| pairs.iter().map(|&[x, y]| Point { x, y }).collect())
}

/// The outline, or nothing if it is an upright rectangle.
pub fn unless_upright(points: Vec<Point>) -> Vec<Point> {
    let Some(bounds) = Bounds::of_points(&points) else { return vec![] };
    let is_corner = |point: &Point| {
        (point.x == bounds.left || point.x == bounds.right) && (point.y == bounds.top || point.y == bounds.bottom)
    };
    if points.len() < 3 || (points.len() <= 5 && points.iter().all(is_corner)) { vec![] } else { points }
}

/// Whether a text that is turned by so many degrees, in whichever direction, stands upside down.
pub fn is_upside_down(degrees: f64) -> bool {
    (degrees.abs() % 360.0 - 180.0).abs() < 45.0
}

/// The ranks of a document's blocks in its reading order, by id. PAGE has nested groups, ordered or not; ALTO has them
/// since 4.3.
pub struct ReadingOrder<'a>(HashMap<&'a str, usize>);

impl<'a> ReadingOrder<'a> {
    /// The reading order in the document below `root`.
    pub fn of(root: Node<'a, '_>) -> ReadingOrder<'a> {
        let mut ranks = HashMap::new();
        if let Some(order) = xml::below(root, "ReadingOrder").next() {
            rank(order, &mut ranks);
        }
        ReadingOrder(ranks)
    }

    /// Sorts `blocks`. A block that the reading order does not name has the rank of the block around it; without one it
    /// comes last. Equal ranks keep document order.
    pub fn sorted<'input>(&self, blocks: impl Iterator<Item = Node<'a, 'input>>) -> Vec<Node<'a, 'input>>
    where
        'input: 'a,
    {
        let rank = |block: &Node<'a, 'input>| block.ancestors().find_map(|node| self.0.get(identifier(node)?).copied());
        let mut blocks: Vec<_> = blocks.collect();
        blocks.sort_by_cached_key(|block| rank(block).unwrap_or(usize::MAX));
        blocks
    }
}

/// Ranks the references below `group`: by `index` in ordered groups, else in document order.
fn rank<'a>(group: Node<'a, '_>, ranks: &mut HashMap<&'a str, usize>) {
    let mut members: Vec<_> = group.children().filter(Node::is_element).collect();
    if group.tag_name().name().starts_with("Ordered") {
        members.sort_by_key(|member| index(*member).unwrap_or(i64::MAX));
    }
    for member in members {
        if let Some(named) = xml::attribute(member, "regionRef").or_else(|| xml::attribute(member, "REF")) {
            let next = ranks.len();
            ranks.entry(named).or_insert(next);
        }
        rank(member, ranks);
    }
}

/// The rank of an element among its siblings in PAGE.
pub fn index(node: Node<'_, '_>) -> Option<i64> {
    xml::attribute(node, "index")?.trim().parse().ok()
}

/// `id` of PAGE, `ID` of ALTO.
fn identifier<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.attribute("id").or_else(|| node.attribute("ID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_however_they_are_written() {
        let expected = Some(vec![Point { x: 1.0, y: 2.5 }, Point { x: -3.0, y: 4.0 }]);
        for text in ["1,2.5 -3,4", "1 2.5 -3 4", "1,2.5,-3,4", " 1, 2.5\n-3 ,4 "] {
            assert_eq!(points(text), expected, "{text}");
        }
        for bad in ["1,2 3", "1,x", "NaN,2", "1,inf"] {
            assert_eq!(points(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_outline_is_kept_if_it_is_no_rectangle() {
        assert_eq!(unless_upright(points("9,4 1,4 1,2 9,2").unwrap()), vec![]);
        assert_eq!(unless_upright(points("1,1 9,2 9,4 1,3").unwrap()).len(), 4);
        assert_eq!(unless_upright(points("1,1 9,2").unwrap()), vec![]);
    }

    #[test]
    fn bounds_have_an_extent() {
        assert_eq!(Bounds::of_points(&[]), None);
        assert_eq!(Bounds::new(1.0, 1.0, 1.0, 2.0), None);
        assert_eq!(Bounds::new(f64::NAN, 1.0, 2.0, 2.0), None);
    }

    fn ordered(order: &str, blocks: &str) -> String {
        let text = format!("<Page>{order}{blocks}</Page>");
        let document = roxmltree::Document::parse(&text).unwrap();
        let blocks = ReadingOrder::of(document.root()).sorted(xml::below(document.root(), "b"));
        blocks.iter().filter_map(|block| identifier(*block)).collect()
    }

    #[test]
    fn groups_are_followed_into_one_another() {
        let order = "<ReadingOrder><OrderedGroup>
            <UnorderedGroupIndexed index='2'><RegionRef regionRef='d'/><RegionRef regionRef='c'/></UnorderedGroupIndexed>
            <RegionRefIndexed index='10' regionRef='a'/><RegionRefIndexed index='1' regionRef='b'/>
            </OrderedGroup></ReadingOrder>";
        assert_eq!(ordered(order, "<b id='z'/><b id='a'/><b id='b'/><b id='c'/><b id='d'/>"), "bdcaz");
    }

    #[test]
    fn a_block_that_is_not_named_follows_the_one_it_lies_in() {
        let order =
            "<ReadingOrder><OrderedGroup><ElementRef REF='t'/><ElementRef REF='a'/></OrderedGroup></ReadingOrder>";
        assert_eq!(ordered(order, "<b ID='a'/><x ID='t'><b ID='u'/><b ID='v'/></x>"), "uva");
        assert_eq!(ordered("", "<b ID='2'/><b ID='1'/>"), "21");
    }
}
