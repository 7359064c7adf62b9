//! Reading order: `ReadingOrder` of PAGE (nested groups, ordered or not) and of ALTO 4.3. Without one, and for what it
//! does not name, the order of the document holds.

use crate::input::xml;
use roxmltree::Node;
use std::collections::HashMap;

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
