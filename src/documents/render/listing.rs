//! The orders in which the members of a collection are shown, and the pages that hold them.
//!
//! A collection has its own order. One with more than a screenful of members is also listed by title, and by date if its
//! members have dates. Each order is cut into pages of [`MEMBERS_A_PAGE`], at addresses of their own: they need no script,
//! and a reader can bookmark them.

use super::card::{Year, year};
use super::localized::text;
use crate::documents::text::fold;
use crate::model::address::{BY, BY_DATE, BY_TITLE, PAGE, SitePath};
use crate::model::site::{CollectionNode, SiteCollection, SiteMember};
use serde::Serialize;
use std::collections::BTreeMap;

/// The most members of a page.
pub const MEMBERS_A_PAGE: usize = 60;

/// The least members of a collection that is also listed in other orders: more than a reader sees at once.
const SORTED_FROM: usize = 13;

/// The most places to jump to. More would be a list of their own.
const MAX_GROUPS: usize = 60;

/// The most letters by which titles are compared.
const MAX_KEY: usize = 200;

/// The most decades to jump to; members from more have centuries.
const MAX_DECADES: usize = 30;

/// An order of the members of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// That of the collection.
    Own,
    Title,
    Date,
}

/// A page with members of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ListPage {
    pub order: Order,
    /// From 1.
    pub number: usize,
}

impl ListPage {
    /// The page that a collection is known by.
    pub const FIRST: ListPage = ListPage { order: Order::Own, number: 1 };

    /// Its folder in the site.
    pub fn folder(self, collection: &SitePath) -> SitePath {
        let of_order = match self.order {
            Order::Own => collection.clone(),
            Order::Title => collection.join(BY).join(BY_TITLE),
            Order::Date => collection.join(BY).join(BY_DATE),
        };
        if self.number == 1 { of_order } else { of_order.join(PAGE).join(&self.number.to_string()) }
    }
}

/// Members of a sorted list that begin alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Group {
    /// Titles that begin with neither a letter nor a digit.
    Others,
    Digits,
    Letter(String),
    /// By its first year.
    Decade(Year),
    /// By its first year.
    Century(Year),
    Undated,
}

/// Members in an order that is not their own.
#[derive(Clone, Debug)]
struct Sorted {
    /// Their places in the collection.
    places: Vec<usize>,
    /// Each with its first place in this order; none if there are too many to jump to.
    groups: Vec<(Group, usize)>,
    /// The same members by decade, where `groups` are centuries.
    decades: Vec<(Group, usize)>,
}

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub struct Listing {
    count: usize,
    title: Option<Sorted>,
    date: Option<Sorted>,
}

/// The listings of the collections of a site, by their folders.
pub type Listings = BTreeMap<SitePath, Listing>;

/// The listings of all `nodes`, for readers of `language`.
pub fn listings(nodes: &[CollectionNode<'_>], language: &str) -> Listings {
    nodes.iter().map(|node| (node.collection.path.clone(), Listing::of(node.collection, language))).collect()
}

/// The folders of all further pages that a collection with these members can have, whatever its members are called.
pub fn most_folders(collection: &SiteCollection) -> impl Iterator<Item = SitePath> {
    let pages = page_count(collection.members.len());
    let is_sorted = collection.members.len() >= SORTED_FROM;
    let orders =
        [Order::Own, Order::Title, Order::Date].into_iter().filter(move |order| is_sorted || *order == Order::Own);
    let all = orders.flat_map(move |order| (1..=pages).map(move |number| ListPage { order, number }));
    all.filter(|page| *page != ListPage::FIRST).map(|page| page.folder(&collection.path))
}

fn page_count(members: usize) -> usize {
    members.div_ceil(MEMBERS_A_PAGE).max(1)
}

impl Listing {
    /// That of a collection without members.
    pub const fn new() -> Listing {
        Listing { count: 0, title: None, date: None }
    }

    pub fn of(collection: &SiteCollection, language: &str) -> Listing {
        let members = &collection.members;
        let is_sorted = members.len() >= SORTED_FROM;
        Listing {
            count: members.len(),
            title: is_sorted.then(|| by_title(members, language)),
            date: if is_sorted { by_date(members) } else { None },
        }
    }

    /// The number of members.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The number of pages of each order.
    pub fn page_count(&self) -> usize {
        page_count(self.count)
    }

    /// The orders that readers can choose, the collection's own first.
    pub fn orders(&self) -> impl Iterator<Item = Order> + use<> {
        let sorted = [(Order::Title, self.title.is_some()), (Order::Date, self.date.is_some())];
        std::iter::once(Order::Own).chain(sorted.into_iter().filter(|(_, is_there)| *is_there).map(|(order, _)| order))
    }

    /// All pages but the first.
    pub fn further_pages(&self) -> impl Iterator<Item = ListPage> + use<> {
        let pages = self.page_count();
        let all = self.orders().flat_map(move |order| (1..=pages).map(move |number| ListPage { order, number }));
        all.filter(|page| *page != ListPage::FIRST)
    }

    /// The places, in the order of `page`, of the members on it.
    pub fn range(&self, page: ListPage) -> std::ops::Range<usize> {
        let first = (page.number - 1) * MEMBERS_A_PAGE;
        first.min(self.count)..(first + MEMBERS_A_PAGE).min(self.count)
    }

    /// The place in the collection of the member at `place` in `order`.
    pub fn member(&self, order: Order, place: usize) -> usize {
        self.sorted(order).and_then(|sorted| sorted.places.get(place)).copied().unwrap_or(place)
    }

    /// The page on which the member at `place` in `order` is.
    pub fn page_of(&self, order: Order, place: usize) -> ListPage {
        ListPage { order, number: place / MEMBERS_A_PAGE + 1 }
    }

    /// Where readers can jump to in `order`: each group with the place of its first member.
    pub fn groups(&self, order: Order) -> &[(Group, usize)] {
        self.sorted(order).map_or(&[], |sorted| &sorted.groups)
    }

    /// The decades of the centuries on `page`, each with the place of its first member; none where
    /// [`groups`](Self::groups) are decades themselves.
    pub fn decades(&self, page: ListPage) -> &[(Group, usize)] {
        let Some(sorted) = self.sorted(page.order) else { return &[] };
        let on_page = self.range(page);
        let begins_before = |end: usize| move |(_, place): &(Group, usize)| *place < end;
        // The century in which the page begins is the last one that begins before its second member.
        let first = sorted.groups.partition_point(begins_before(on_page.start + 1)).saturating_sub(1);
        let after = sorted.groups.partition_point(begins_before(on_page.end));
        let place_of = |group: usize| sorted.groups.get(group).map_or(self.count, |(_, place)| *place);
        let index_of = |place: usize| sorted.decades.partition_point(begins_before(place));
        &sorted.decades[index_of(place_of(first))..index_of(place_of(after))]
    }

    fn sorted(&self, order: Order) -> Option<&Sorted> {
        match order {
            Order::Own => None,
            Order::Title => self.title.as_ref(),
            Order::Date => self.date.as_ref(),
        }
    }
}

fn by_title(members: &[SiteMember], language: &str) -> Sorted {
    let key =
        |(place, member): (usize, &SiteMember)| (title_key(&text(&member.description().label, language).text), place);
    let mut keys: Vec<(String, usize)> = members.iter().enumerate().map(key).collect();
    keys.sort();
    let groups = keys.iter().map(|(key, _)| group_of_title(key));
    let groups = few(runs(groups));
    Sorted { places: keys.into_iter().map(|(_, place)| place).collect(), groups, decades: vec![] }
}

/// `None`: the members do not differ in their dates.
fn by_date(members: &[SiteMember]) -> Option<Sorted> {
    let key = |(place, member): (usize, &SiteMember)| (year(member.description()), place);
    let mut keys: Vec<_> = members.iter().enumerate().map(key).collect();
    keys.sort_by(|(a, x), (b, y)| (a.is_none(), a, x).cmp(&(b.is_none(), b, y)));
    let year_of = |key: &Option<(Year, String)>| key.as_ref().map(|(year, _)| *year);
    if keys.iter().all(|(key, _)| year_of(key) == year_of(&keys[0].0)) {
        return None;
    }
    let by = |group: fn(Year) -> Group| runs(keys.iter().map(|(key, _)| year_of(key).map_or(Group::Undated, group)));
    let decades = by(|year| Group::Decade(year - year % 10));
    let (groups, decades) = match decades.len() {
        0..=MAX_DECADES => (few(decades), vec![]),
        _ => (few(by(|year| Group::Century(year - year % 100))), decades),
    };
    let decades = if groups.is_empty() { vec![] } else { decades };
    Some(Sorted { places: keys.into_iter().map(|(_, place)| place).collect(), groups, decades })
}

/// The groups of neighbours that are alike, each with the first place.
fn runs(groups: impl Iterator<Item = Group>) -> Vec<(Group, usize)> {
    let mut found: Vec<(Group, usize)> = vec![];
    for (place, group) in groups.enumerate() {
        if found.last().is_none_or(|(last, _)| *last != group) {
            found.push((group, place));
        }
    }
    found
}

/// None, if there are too many groups to jump to, or only one.
fn few(groups: Vec<(Group, usize)>) -> Vec<(Group, usize)> {
    if (2..=MAX_GROUPS).contains(&groups.len()) { groups } else { vec![] }
}

fn group_of_title(key: &str) -> Group {
    match key.chars().next() {
        Some(c) if c.is_numeric() => Group::Digits,
        Some(c) if c.is_alphabetic() => Group::Letter(c.to_uppercase().collect()),
        _ => Group::Others,
    }
}

/// Titles are sorted by this: letters as a search takes them, numbers by their value, one space for all else.
fn title_key(title: &str) -> String {
    let mut key = String::new();
    let mut number = String::new();
    let title: String = title.chars().take(MAX_KEY).collect();
    for c in fold(&title).chars().chain([' ']) {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        if !number.is_empty() {
            let digits = number.trim_start_matches('0');
            // The length stands first: of two numbers the one with more digits is greater.
            key.push_str(&format!("{:03}{digits}", digits.len()));
            number.clear();
        }
        match c {
            c if c.is_alphanumeric() => key.push(c),
            _ if !key.is_empty() && !key.ends_with(' ') => key.push(' '),
            _ => {}
        }
    }
    key.truncate(key.trim_end().len());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::render::test_members::{collection, dated, titled};

    fn order(listing: &Listing, order: Order) -> Vec<usize> {
        (0..listing.count()).map(|place| listing.member(order, place)).collect()
    }

    #[test]
    fn titles_are_sorted_as_a_reader_expects() {
        let mut titles = ["Über", "zebra", "Letter 10", "letter 9", "1784", "„Uhr“", "Æneid", "***", "Łódź", "Ågren"];
        titles.sort_by_key(|title| title_key(title));
        assert_eq!(
            titles,
            ["***", "1784", "Æneid", "Ågren", "letter 9", "Letter 10", "Łódź", "Über", "„Uhr“", "zebra"]
        );
    }

    #[test]
    fn a_large_collection_has_pages_in_each_order_that_makes_sense() {
        let listing = Listing::of(&collection((0..130).map(|n| titled(&format!("Title {}", 130 - n)))), "en");
        assert_eq!(listing.page_count(), 3);
        assert_eq!(listing.orders().collect::<Vec<_>>(), [Order::Own, Order::Title]);
        assert_eq!(listing.further_pages().count(), 5);
        assert_eq!(listing.range(ListPage { order: Order::Own, number: 3 }), 120..130);
        assert_eq!(listing.member(Order::Title, 0), 129);
        let folder = ListPage { order: Order::Title, number: 2 }.folder(&SitePath::root().join("a"));
        assert_eq!(folder.as_str(), "a/by/title/page/2");
    }

    #[test]
    fn a_small_collection_is_one_page() {
        let listing = Listing::of(&collection((0..12).map(|n| titled(&n.to_string()))), "en");
        assert_eq!((listing.page_count(), listing.further_pages().count()), (1, 0));
        assert_eq!(Listing::of(&collection(std::iter::empty()), "en").page_count(), 1);
    }

    #[test]
    fn members_without_a_date_stand_behind_the_others() {
        let years = [Some(1850), None, Some(1784), Some(1789), None];
        let members = (0..15).map(|n| dated(years[n % 5]));
        let listing = Listing::of(&collection(members), "en");
        let sorted = order(&listing, Order::Date);
        assert_eq!(sorted[..4], [2, 7, 12, 3]);
        assert_eq!(sorted[9..], [1, 4, 6, 9, 11, 14]);
        let groups: Vec<_> = listing.groups(Order::Date).to_vec();
        assert_eq!(groups, [(Group::Decade(1780), 0), (Group::Decade(1850), 6), (Group::Undated, 9)]);
    }

    #[test]
    fn of_many_centuries_those_on_a_page_have_decades() {
        let listing = Listing::of(&collection((0..450).map(|n| dated(Some(1480 + n)))), "en");
        assert_eq!(listing.groups(Order::Date)[1], (Group::Century(1500), 20));
        let decades = |number| {
            let all = listing.decades(ListPage { order: Order::Date, number }).iter();
            all.map(|(group, place)| if let Group::Decade(year) = group { (*year, *place) } else { (0, *place) })
                .collect::<Vec<_>>()
        };
        assert_eq!(decades(1)[..3], [(1480, 0), (1490, 10), (1500, 20)], "1480 to 1539: two centuries");
        assert_eq!((decades(1).len(), decades(1)[11]), (12, (1590, 110)));
        assert_eq!((decades(2).len(), decades(2)[0]), (10, (1500, 20)), "the page begins within a century");
        assert_eq!(decades(8).last(), Some(&(1920, 440)));
        assert_eq!(listing.decades(ListPage { order: Order::Title, number: 1 }), []);
    }

    #[test]
    fn no_address_is_missing_from_those_that_are_kept_free() {
        for count in [0, 12, 13, 60, 61, 200] {
            let whole = collection((0..count).map(|n| dated(Some(1700 + n))));
            let most: Vec<_> = most_folders(&whole).collect();
            let all = Listing::of(&whole, "en").further_pages().map(|page| page.folder(&whole.path));
            all.for_each(|folder| assert!(most.contains(&folder), "{folder}"));
        }
    }

    proptest::proptest! {
        #[test]
        fn every_member_is_on_one_page_of_each_order(titles in proptest::collection::vec(".{0,6}", 0..150)) {
            let whole = collection(titles.iter().map(|title| titled(title)));
            let listing = Listing::of(&whole, "en");
            for order in listing.orders() {
                let pages = (1..=listing.page_count()).map(|number| ListPage { order, number });
                let mut shown: Vec<usize> =
                    pages.flat_map(|page| listing.range(page)).map(|place| listing.member(order, place)).collect();
                shown.sort();
                proptest::prop_assert_eq!(shown, (0..titles.len()).collect::<Vec<_>>());
            }
        }
    }
}
