//! Reduces the addresses that changed to a few paths that cover them. Pure.
//!
//! A path of CloudFront names one address, or ends in `*` and names all with the same beginning. So the paths are nodes
//! of the tree of common beginnings. The tree is computed from its leaves to its root: for each node the lowest cost of
//! covering it with 1, 2, 3 … paths. The cost is the weight of unchanged addresses that are covered too, and fetched
//! again without need.
//!
//! The tree covers the beginnings of addresses, not folders. The images of an item share a beginning and no folder, and
//! `/iiif/3/*` would empty the caches of all tiles.

use super::pattern::Pattern;

/// The number of paths with a `*` that CloudFront processes at once.
const MAX_PATHS: usize = 15;

/// The cost of covering something with at most so many paths.
type Costs = [u32; MAX_PATHS + 1];

const IMPOSSIBLE: u32 = u32::MAX;

/// Addresses that did not change, with the cost of fetching them again.
pub struct Unchanged {
    addresses: Vec<String>,
    /// The sum of the costs of all addresses before each.
    sums: Vec<u32>,
}

impl Unchanged {
    pub fn new(mut weighed: Vec<(String, u32)>) -> Unchanged {
        weighed.sort_unstable();
        let mut sums = vec![0_u32];
        sums.extend(weighed.iter().scan(0_u32, |sum, (_, weight)| {
            *sum = sum.saturating_add(*weight).min(IMPOSSIBLE - 1);
            Some(*sum)
        }));
        Unchanged { addresses: weighed.into_iter().map(|(address, _)| address).collect(), sums }
    }

    /// The cost of all addresses that begin with `start`.
    fn below(&self, start: &str) -> u32 {
        let from = self.addresses.partition_point(|address| address.as_str() < start);
        let count = self.addresses[from..].partition_point(|address| address.starts_with(start));
        self.sums[from + count] - self.sums[from]
    }
}

/// A node of the tree: a pattern, or the common beginning of several. Its children are chained from the last to the
/// first.
struct Node {
    start: Pattern,
    /// The cost of one path for everything below it.
    alone: u32,
    /// The costs of its siblings up to this one, this one included.
    chained: Costs,
    last_below: Option<usize>,
    before: Option<usize>,
}

/// At most [`MAX_PATHS`] patterns that cover all of `changed`: the cheapest ones, and the fewest of those.
pub fn collapse(mut changed: Vec<Pattern>, unchanged: &Unchanged) -> Vec<Pattern> {
    // An open pattern comes before the single address with the same text.
    changed.sort_unstable_by(|a, b| (&a.start, !a.is_open).cmp(&(&b.start, !b.is_open)));
    changed.dedup_by(|next, first| first.covers(next));
    let mut tree = Tree { nodes: vec![], unchanged };
    let Some(root) = tree.grow(changed) else { return vec![] };
    let costs = tree.costs(root);
    let fewest = (1..=MAX_PATHS).min_by_key(|paths| (costs[*paths], *paths)).unwrap_or(MAX_PATHS);
    tree.chosen(root, fewest)
}

struct Tree<'a> {
    /// The children of a node come before it.
    nodes: Vec<Node>,
    unchanged: &'a Unchanged,
}

impl Tree<'_> {
    /// Builds the tree over `leaves`, which are sorted, and returns its root.
    fn grow(&mut self, leaves: Vec<Pattern>) -> Option<usize> {
        // Beginnings that the next leaves may share: the length of each, and its children so far.
        let mut open: Vec<(usize, Vec<usize>)> = vec![];
        let mut last: Option<(usize, String)> = None;
        for leaf in leaves {
            if let Some((mut node, before)) = last.take() {
                let shared = shared(&before, &leaf.start);
                while let Some((length, mut below)) = open.pop_if(|(length, _)| *length > shared) {
                    below.push(node);
                    node = self.join(&before[..length], below);
                }
                match open.last_mut() {
                    Some((length, below)) if *length == shared => below.push(node),
                    _ => open.push((shared, vec![node])),
                }
            }
            let text = leaf.start.clone();
            last = Some((self.add(leaf, None), text));
        }
        let (mut node, before) = last?;
        while let Some((length, mut below)) = open.pop() {
            below.push(node);
            node = self.join(&before[..length], below);
        }
        Some(node)
    }

    /// The parent of `below`. If one path for all of them costs nothing, they are dropped.
    fn join(&mut self, start: &str, below: Vec<usize>) -> usize {
        let start = Pattern::below(start);
        if self.unchanged.below(&start.start) == 0 {
            // The same was true for each of them, so they are single nodes, and the last ones.
            self.nodes.truncate(self.nodes.len() - below.len());
            return self.add(start, None);
        }
        let mut chain: Option<usize> = None;
        for node in below {
            let costs = self.costs(node);
            let chained = chain.map_or(costs, |before| both(&self.nodes[before].chained, &costs));
            self.nodes[node].chained = chained;
            self.nodes[node].before = chain.replace(node);
        }
        self.add(start, chain)
    }

    fn add(&mut self, start: Pattern, last_below: Option<usize>) -> usize {
        let alone = if start.is_open { self.unchanged.below(&start.start) } else { 0 };
        self.nodes.push(Node { start, alone, chained: [IMPOSSIBLE; MAX_PATHS + 1], last_below, before: None });
        self.nodes.len() - 1
    }

    /// The costs of a node: by one path for all of it, or by paths for its children.
    fn costs(&self, node: usize) -> Costs {
        let Node { alone, last_below, .. } = &self.nodes[node];
        let mut costs = last_below.map_or([IMPOSSIBLE; MAX_PATHS + 1], |below| self.nodes[below].chained);
        costs[1..].iter_mut().for_each(|cost| *cost = (*cost).min(*alone));
        costs
    }

    /// The `paths` patterns with the lowest cost.
    fn chosen(&self, root: usize, paths: usize) -> Vec<Pattern> {
        let (mut chosen, mut open) = (vec![], vec![(root, paths)]);
        while let Some((node, paths)) = open.pop() {
            let cost = self.costs(node)[paths];
            let Node { start, alone, last_below, .. } = &self.nodes[node];
            if *alone == cost {
                chosen.push(start.clone());
                continue;
            }
            let (mut rest, mut below) = (paths, *last_below);
            while let Some(node) = below {
                let Node { chained, before, .. } = &self.nodes[node];
                let costs = self.costs(node);
                let is_right = |own: &usize| match before {
                    Some(before) => sum(self.nodes[*before].chained[rest - own], costs[*own]) == chained[rest],
                    None => costs[*own] == chained[rest],
                };
                let own = (1..=rest).find(is_right).unwrap_or(rest);
                open.push((node, own));
                (rest, below) = (rest - own, *before);
            }
        }
        chosen.sort_unstable_by(|a, b| a.start.cmp(&b.start));
        chosen
    }
}

/// The lowest costs of both together.
fn both(one: &Costs, other: &Costs) -> Costs {
    std::array::from_fn(|paths| (0..=paths).map(|own| sum(one[paths - own], other[own])).min().unwrap_or(IMPOSSIBLE))
}

fn sum(one: u32, other: u32) -> u32 {
    if one == IMPOSSIBLE || other == IMPOSSIBLE { IMPOSSIBLE } else { one.saturating_add(other).min(IMPOSSIBLE - 1) }
}

/// The length of the common beginning.
fn shared(one: &str, other: &str) -> usize {
    let same = one.char_indices().zip(other.chars()).take_while(|((_, a), b)| a == b);
    same.last().map_or(0, |((at, last), _)| at + last.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paths(changed: &[&str], unchanged: &[&str]) -> Vec<String> {
        let changed = changed.iter().map(|address| Pattern::parse(address)).collect();
        let unchanged = Unchanged::new(unchanged.iter().map(|address| ((*address).to_owned(), 1)).collect());
        collapse(changed, &unchanged).iter().map(Pattern::encoded).collect()
    }

    #[test]
    fn a_few_addresses_are_named_as_they_are() {
        let around = ["/a/notes.pdf", "/iiif/3/a_1/", "/b/manifest.json", "/robots.txt"];
        assert_eq!(paths(&["/collection.json", "/a/manifest.json"], &around), ["/a/manifest.json", "/collection.json"]);
        assert_eq!(paths(&[], &around), Vec::<String>::new());
    }

    #[test]
    fn where_all_below_changed_one_path_says_so() {
        assert_eq!(paths(&["/a/manifest.json", "/a/index.html", "/a/"], &["/b/", "/index.html"]), ["/a/*"]);
        assert_eq!(paths(&["/a/manifest.json", "/b/"], &[]), ["/*"]);
    }

    #[test]
    fn the_images_of_an_item_are_named_by_what_their_ids_begin_with() {
        let images: Vec<String> = (1..=300).map(|page| format!("/iiif/3/books-kant_{page:04}/*")).collect();
        let images: Vec<&str> = images.iter().map(String::as_str).collect();
        let around = ["/iiif/3/books-hegel_0001/", "/iiif/3/books-locke_0001/", "/iiif/3/books-kantian_0001/"];
        assert_eq!(paths(&images, &around), ["/iiif/3/books-kant_0*"]);
    }

    #[test]
    fn of_too_many_those_are_named_together_that_have_least_between_them() {
        let items: Vec<String> = (0..20).map(|item| format!("/i{item:02}/manifest.json")).collect();
        let images: Vec<String> = (0..20).map(|item| format!("/iiif/3/i{item:02}_1/")).collect();
        let pages: Vec<String> = (0..20).map(|item| format!("/i{item:02}/index.html")).collect();
        let around: Vec<&str> = images.iter().chain(&pages).map(String::as_str).collect();
        let found = paths(&items.iter().map(String::as_str).collect::<Vec<_>>(), &around);
        assert_eq!((found.len(), found[10].as_str()), (11, "/i1*"), "{found:?}");
        assert!(found[..10].iter().all(|path| path.ends_with("/manifest.json")), "{found:?}");
    }

    #[test]
    fn an_address_within_another_is_named_once() {
        assert_eq!(paths(&["/iiif/3/a_1/info.json", "/iiif/3/a_1/*"], &["/iiif/3/b/"]), ["/iiif/3/a_1/*"]);
    }

    #[test]
    fn a_large_site_is_quickly_done() {
        let infos: Vec<String> = (0..100_000).map(|image| format!("/iiif/3/i{image:06}_1/info.json")).collect();
        let images = (0..100_000).map(|image| (format!("/iiif/3/i{image:06}_1/"), 20)).collect();
        let started = std::time::Instant::now();
        let changed = infos.iter().map(|address| Pattern::parse(address)).collect();
        let found = collapse(changed, &Unchanged::new(images));
        assert!(found.len() <= MAX_PATHS && infos.iter().all(|info| found.iter().any(|one| one.matches(info))));
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    }

    fn cost(found: &[Pattern], unchanged: &[String]) -> usize {
        unchanged.iter().filter(|address| found.iter().any(|pattern| pattern.matches(address))).count()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn every_changed_address_is_covered_by_no_more_paths_than_allowed_and_no_simpler_choice_is_cheaper(
            all in prop::collection::btree_map("/[ab]{1,3}(/[abé]{0,2}){0,2}", any::<bool>(), 1..60)
        ) {
            let (changed, unchanged): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, is_changed)| *is_changed);
            let names = |some: Vec<(String, bool)>| some.into_iter().map(|(name, _)| name).collect::<Vec<String>>();
            let (changed, unchanged) = (names(changed), names(unchanged));
            let weighed = Unchanged::new(unchanged.iter().map(|name| (name.clone(), 1)).collect());
            let found = collapse(changed.iter().map(|address| Pattern::parse(address)).collect(), &weighed);
            prop_assert!(found.len() <= MAX_PATHS);
            for address in &changed {
                prop_assert!(found.iter().any(|pattern| pattern.matches(address)), "{address}: {found:?}");
            }
            // A few files that are named one by one cost nothing; one folder for all of them is never cheaper.
            let needless = cost(&found, &unchanged);
            if changed.len() <= MAX_PATHS {
                prop_assert_eq!(needless, 0);
            }
            let first = |address: &String| Pattern::below(&address[..2]);
            let simple: Vec<Pattern> = changed.iter().map(first).collect();
            prop_assert!(needless <= cost(&simple, &unchanged), "{found:?}");
        }
    }
}
