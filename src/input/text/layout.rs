//! The layout of a page: boxes and outlines, in the units of the file and with its mistakes, and the reading order of blocks.

use crate::input::xml;
use roxmltree::Node;
use std::collections::HashMap;

/// A position from the top left corner of the page image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// The extent of a page image, in the file's unit. Both sides are above 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageSize {
    pub width: f64,
    pub height: f64,
}

impl PageSize {
    pub fn new(width: f64, height: f64) -> Option<PageSize> {
        let is_length = |length: f64| length.is_finite() && length > 0.0;
        (is_length(width) && is_length(height)).then_some(PageSize { width, height })
    }
}

/// An upright rectangle that has an extent. It may reach beyond the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Bounds {
    /// `None`: it has no extent, or sides that are no numbers.
    pub fn new(left: f64, top: f64, right: f64, bottom: f64) -> Option<Bounds> {
        let is_sound = [left, top, right, bottom].iter().all(|side| side.is_finite()) && left < right && top < bottom;
        is_sound.then_some(Bounds { left, top, right, bottom })
    }

    /// The smallest that holds all points.
    pub fn of_points(points: &[Point]) -> Option<Bounds> {
        let least = |side: fn(&Point) -> f64| points.iter().map(side).fold(f64::INFINITY, f64::min);
        let most = |side: fn(&Point) -> f64| points.iter().map(side).fold(f64::NEG_INFINITY, f64::max);
        Bounds::new(least(|point| point.x), least(|point| point.y), most(|point| point.x), most(|point| point.y))
    }

    /// The smallest that holds all of them.
    pub fn of_all(all: impl IntoIterator<Item = Bounds>) -> Option<Bounds> {
        all.into_iter().reduce(|one, other| Bounds {
            left: one.left.min(other.left),
            top: one.top.min(other.top),
            right: one.right.max(other.right),
            bottom: one.bottom.max(other.bottom),
        })
    }
}

/// The points of an outline: numbers in pairs, with commas or spaces between them, as all versions of ALTO and PAGE and
/// hOCR write them. `None`: they are no such numbers.
pub fn points(text: &str) -> Option<Vec<Point>> {
    let numbers = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
    let numbers: Vec<f64> =
        numbers.map(|part| part.parse().ok().filter(|n: &f64| n.is_finite())).collect::<Option<_>>()?;
    let (pairs, rest) = numbers.as_chunks();
    rest.is_empty().then(|| pairs.iter().map(|&[x, y]| Point { x, y }).collect())
}

/// The outline, where it says more than its bounds; else nothing.
pub fn unless_upright(points: Vec<Point>) -> Vec<Point> {
    let Some(bounds) = Bounds::of_points(&points) else { return vec![] };
    let is_corner = |point: &Point| {
        (point.x == bounds.left || point.x == bounds.right) && (point.y == bounds.top || point.y == bounds.bottom)
    };
    if points.len() < 3 || (points.len() <= 5 && points.iter().all(is_corner)) { vec![] } else { points }
}

/// The places of a document's blocks in its reading order, by their ids.
pub struct ReadingOrder<'a>(HashMap<&'a str, usize>);

impl<'a> ReadingOrder<'a> {
    /// What the document below `root` says.
    pub fn of(root: Node<'a, '_>) -> ReadingOrder<'a> {
        let mut ranks = HashMap::new();
        if let Some(order) = xml::below(root, "ReadingOrder").next() {
            rank(order, &mut ranks);
        }
        ReadingOrder(ranks)
    }

    /// `blocks` in this order. One that it does not name follows the one it lies in; one that lies in none, all others.
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

/// Counts the references below `group`: by their `index` where the group is ordered, else as they stand.
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

/// The place of an element among its siblings, as PAGE says it.
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
