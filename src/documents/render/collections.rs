//! The pages of collections: cards for the members, in each order, and the ways from one page to the others.

use super::card::{Facts, short, shortened};
use super::context::{CollectionPage, Jump, Lead, Link, ListView, Localized, Member, MemberKind, OrderLink, PageLink};
use super::listing::{Group, ListPage, Listing, Order};
use super::localized::text;
use super::pages::{card, picture, reading_size};
use super::schema_org::{Kind, Subject, json_ld, summary};
use super::{Pages, folder_href, page_document};
use crate::documents::iiif::{Document, address};
use crate::error::Result;
use crate::model::address::SitePath;
use crate::model::site::{CollectionNode, SiteCollection, SiteImage, SiteItem, SiteMember};
use crate::model::{Description, LanguageMap};
use crate::storage::fingerprint::{Field, Fingerprint, hashed};
use std::collections::BTreeSet;

/// The most letters of a title on a card, and of a summary in the head of a page.
const MAX_TITLE: usize = 300;
const MAX_ABSTRACT: usize = 300;

/// How many pages before and after the current one are in the list of pages.
const NEAR: usize = 2;

/// The listing of a collection that has only its first page.
static NO_LISTING: Listing = Listing::new();

impl Pages<'_> {
    fn listing(&self, collection: &SiteCollection) -> &Listing {
        self.listings.get(&collection.path).unwrap_or(&NO_LISTING)
    }

    /// A page with members of a collection.
    pub fn collection(&self, node: &CollectionNode<'_>, page: ListPage) -> Result<Document> {
        let collection = node.collection;
        let folder = page.folder(&collection.path);
        let root = folder.to_root();
        let first = page == ListPage::FIRST;
        let home = node.above().is_empty();
        let own = self.link(&collection.path, &collection.description.label, &root);
        let image = collection.members.iter().find_map(SiteMember::picture);
        let featured = self.featured(collection);
        let lead = self.lead(collection, &featured).filter(|_| home && first);
        // The one that leads the page has no card as well.
        let is_card = |member: &&ShownMember<'_>| first && lead.is_none_or(|lead| *member.path() != lead.path);
        let context = CollectionPage {
            feed: self.settings.feed.as_ref().filter(|_| home && first).map(|feed| format!("{root}{}", feed.encoded())),
            structured_data: first.then(|| self.collection_data(node, image)),
            site: self.site(&root),
            canonical: self.settings.base_url.folder_url(&folder),
            // The home page is the title of the site.
            breadcrumbs: self
                .breadcrumbs(node.above(), &root)
                .into_iter()
                .chain((!first && !home).then_some(own))
                .collect(),
            description: self.described(&collection.description, &collection.path, &root),
            abstract_text: self.abstract_text(&collection.description),
            manifest: self.settings.base_url.url(&address::collection(&collection.path)),
            manifest_href: format!("{root}{}", address::collection(&collection.path).encoded()),
            picture: below(collection).find_map(|item| card(item, &root)),
            lead: lead.map(|item| self.leading(item, &root)),
            featured: featured.iter().filter(is_card).map(|member| self.member(*member, None, &root)).collect(),
            members: self.members_on(collection, page, &root),
            list: self.list_view(collection, page, &root),
            items: contents(collection).0,
            collections: contents(collection).1,
            first,
            home,
        };
        Ok(page_document(&folder, self.theme.render("collection.html", context)?))
    }

    /// The fingerprint of all that [`Pages::collection`] depends on.
    pub fn collection_fingerprint(&self, node: &CollectionNode<'_>, page: ListPage) -> Fingerprint {
        let collection = node.collection;
        let listing = self.listing(collection);
        let members: Vec<u64> =
            members_of(collection, listing, page).map(|(_, member)| shown(ShownMember::of(member))).collect();
        let groups = listing.groups(page.order);
        let orders: Vec<Order> = listing.orders().collect();
        let print = self.fingerprint(node.above());
        if page != ListPage::FIRST {
            let ways = (listing.count(), groups, orders);
            return print.with(Field::Description, &collection.description).with(Field::Members, &(members, ways));
        }
        let featured = self.featured(collection);
        let leading = self.lead(collection, &featured).map(|item| (item.picture(), &item.description.label));
        let featured: Vec<u64> = featured.into_iter().map(shown).collect();
        let feed = self.settings.feed.as_ref().filter(|_| node.above().is_empty());
        let more = (listing.count(), orders, contents(collection), feed, leading, featured);
        print.with(Field::Description, &collection.description).with(Field::Members, &(members, more))
    }

    fn collection_data(&self, node: &CollectionNode<'_>, image: Option<&SiteImage>) -> String {
        let collection = node.collection;
        let subject = Subject {
            kind: Kind::Collection,
            description: &collection.description,
            folder: &collection.path,
            manifest: address::collection(&collection.path),
            parent: node.parent(),
            picture: image,
        };
        json_ld(&subject, &self.settings)
    }

    /// A summary as one line of plain text.
    pub(super) fn abstract_text(&self, description: &Description) -> Option<String> {
        summary(&description.summary, self.settings.language).map(|text| shortened(&text, MAX_ABSTRACT))
    }

    /// The cards of a page.
    fn members_on(&self, collection: &SiteCollection, page: ListPage, root: &str) -> Vec<Member> {
        let listing = self.listing(collection);
        let anchor = |place: usize| anchor_at(listing, page, place);
        let members = members_of(collection, listing, page);
        members.map(|(place, member)| self.member(ShownMember::of(member), anchor(place), root)).collect()
    }

    fn member(&self, shown: ShownMember<'_>, anchor: Option<String>, root: &str) -> Member {
        let description = shown.description();
        let facts = Facts::of(description);
        let value = |map: Option<&LanguageMap>| map.map(|map| self.short(map)).filter(|value| !value.text.is_empty());
        let (items, collections) = shown.contents();
        let image = shown.picture();
        Member {
            kind: shown.kind(),
            label: Localized {
                others: vec![],
                ..limited(self.text(&description.label), |text| shortened(text, MAX_TITLE))
            },
            href: format!("{root}{}", folder_href(shown.path())),
            thumbnail: image.map(|image| picture(image, image.pyramid.thumbnail(), root)),
            alt: self.alt(description),
            count: shown.count(),
            items,
            collections,
            creator: value(facts.creator),
            date: value(facts.date).map(|date| self.dated_text(date)),
            shelfmark: value(facts.shelfmark),
            anchor,
        }
    }

    /// A value as it fits on a card.
    fn short(&self, map: &LanguageMap) -> Localized {
        Localized { others: vec![], ..limited(text(map, self.settings.language), short) }
    }

    fn dated_text(&self, date: Localized) -> Localized {
        match self.theme.words().date(&date.text) {
            Some(text) => Localized { text, ..Localized::default() },
            None => date,
        }
    }

    fn list_view(&self, collection: &SiteCollection, page: ListPage, root: &str) -> ListView {
        let listing = self.listing(collection);
        let count = listing.page_count();
        let on_page = listing.range(page);
        let href = |page: ListPage| {
            let href = format!("{root}{}", folder_href(&page.folder(&collection.path)));
            if href.is_empty() { "./".to_owned() } else { href }
        };
        let at = |number: usize| href(ListPage { number, ..page });
        let orders = listing.orders().map(|order| OrderLink {
            order: name(order).to_owned(),
            href: href(ListPage { order, number: 1 }),
            current: order == page.order,
        });
        let orders: Vec<OrderLink> = orders.collect();
        let jump = |(group, place): &(Group, usize)| {
            let target = listing.page_of(page.order, *place);
            let folder = if target == page { String::new() } else { href(target) };
            let anchor = anchor_at(listing, target, *place).unwrap_or_default();
            Jump { href: format!("{folder}#{anchor}"), ..jump(group) }
        };
        ListView {
            order: name(page.order).to_owned(),
            first: if on_page.is_empty() { 0 } else { on_page.start + 1 },
            last: on_page.end,
            total: listing.count(),
            number: page.number,
            count,
            previous: (page.number > 1).then(|| at(page.number - 1)),
            next: (page.number < count).then(|| at(page.number + 1)),
            pages: page_links(page.number, count, at),
            orders: if orders.len() > 1 { orders } else { vec![] },
            jumps: listing.groups(page.order).iter().map(jump).collect(),
            decades: listing.decades(page).iter().filter(|(group, _)| *group != Group::Undated).map(jump).collect(),
        }
    }

    /// What a collection names as featured: members, or items and collections below, by their paths in it.
    fn featured<'s>(&self, collection: &'s SiteCollection) -> Vec<ShownMember<'s>> {
        let names = &collection.description.featured;
        names.iter().filter_map(|name| ShownMember::below(collection, name)).collect()
    }

    /// The item whose picture leads the home page: a featured one; else the first that no card shows.
    fn lead<'s>(&self, collection: &'s SiteCollection, featured: &[ShownMember<'s>]) -> Option<&'s SiteItem> {
        let has_picture = |item: &&SiteItem| item.picture().is_some();
        if !featured.is_empty() {
            return featured.iter().find_map(|member| member.items().find(has_picture));
        }
        let shown: BTreeSet<&str> =
            collection.members.iter().filter_map(SiteMember::picture).map(|image| image.id.0.as_str()).collect();
        let is_new = |item: &&SiteItem| item.picture().is_some_and(|image| !shown.contains(image.id.0.as_str()));
        below(collection).find(is_new)
    }

    fn leading(&self, item: &SiteItem, root: &str) -> Lead {
        let item_link = |item: &SiteItem| -> Link { self.link(&item.path, &item.description.label, root) };
        let sources = |image: &SiteImage| {
            image.pyramid.published_sizes().into_iter().map(|size| picture(image, size, root)).collect()
        };
        Lead {
            sources: item.picture().map(sources).unwrap_or_default(),
            image: item.picture().map(|image| picture(image, reading_size(image), root)).unwrap_or_default(),
            alt: self.alt(&item.description),
            item: item_link(item),
        }
    }
}

/// A member that has a card.
#[derive(Clone, Copy)]
enum ShownMember<'a> {
    Collection(&'a SiteCollection),
    Item(&'a SiteItem),
}

impl<'a> ShownMember<'a> {
    fn of(member: &'a SiteMember) -> ShownMember<'a> {
        match member {
            SiteMember::Collection(collection) => ShownMember::Collection(collection),
            SiteMember::Item(item) => ShownMember::Item(item),
        }
    }

    /// What `name` names in `collection`: a path below it.
    fn below(collection: &'a SiteCollection, name: &str) -> Option<ShownMember<'a>> {
        let path = collection.path.join(name.trim_matches('/'));
        let mut within = collection;
        loop {
            let leads = |member: &&SiteMember| {
                let own = member.path().as_str();
                path.as_str().strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            match within.members.iter().find(leads)? {
                member if *member.path() == path => return Some(ShownMember::of(member)),
                SiteMember::Collection(inner) => within = inner,
                SiteMember::Item(_) => return None,
            }
        }
    }

    fn kind(self) -> MemberKind {
        match self {
            ShownMember::Collection(_) => MemberKind::Collection,
            ShownMember::Item(_) => MemberKind::Item,
        }
    }

    fn description(self) -> &'a Description {
        match self {
            ShownMember::Collection(collection) => &collection.description,
            ShownMember::Item(item) => &item.description,
        }
    }

    fn path(self) -> &'a SitePath {
        match self {
            ShownMember::Collection(collection) => &collection.path,
            ShownMember::Item(item) => &item.path,
        }
    }

    fn picture(self) -> Option<&'a SiteImage> {
        match self {
            ShownMember::Collection(collection) => collection.members.iter().find_map(SiteMember::picture),
            ShownMember::Item(item) => item.picture(),
        }
    }

    /// Pages of an item, members of a collection.
    fn count(self) -> usize {
        match self {
            ShownMember::Collection(collection) => collection.members.len(),
            ShownMember::Item(item) => item.pages.len(),
        }
    }

    /// The numbers of items and of collections in a collection.
    fn contents(self) -> (usize, usize) {
        match self {
            ShownMember::Collection(collection) => contents(collection),
            ShownMember::Item(_) => (0, 0),
        }
    }

    fn items(self) -> Box<dyn Iterator<Item = &'a SiteItem> + 'a> {
        match self {
            ShownMember::Collection(collection) => below(collection),
            ShownMember::Item(item) => Box::new(std::iter::once(item)),
        }
    }
}

/// The hash of what a card shows.
fn shown(member: ShownMember<'_>) -> u64 {
    let Facts { creator, date, shelfmark } = Facts::of(member.description());
    let Description { label, alt, .. } = member.description();
    hashed(&(
        member.path(),
        label,
        alt,
        member.picture(),
        member.count(),
        member.contents(),
        (creator, date, shelfmark),
    ))
}

/// The items in a collection and below.
fn below<'a>(collection: &'a SiteCollection) -> Box<dyn Iterator<Item = &'a SiteItem> + 'a> {
    Box::new(collection.members.iter().flat_map(|member| ShownMember::of(member).items()))
}

/// The numbers of items and of collections in a collection and below.
fn contents(collection: &SiteCollection) -> (usize, usize) {
    collection.members.iter().fold((0, 0), |(items, collections), member| match member {
        SiteMember::Item(_) => (items + 1, collections),
        SiteMember::Collection(inner) => {
            let (more, below) = contents(inner);
            (items + more, collections + 1 + below)
        }
    })
}

/// The members on a page with their places in its order.
fn members_of<'a>(
    collection: &'a SiteCollection,
    listing: &'a Listing,
    page: ListPage,
) -> impl Iterator<Item = (usize, &'a SiteMember)> {
    let at = move |place| Some((place, collection.members.get(listing.member(page.order, place))?));
    listing.range(page).filter_map(at)
}

fn limited(value: Localized, limit: impl Fn(&str) -> String) -> Localized {
    Localized { text: limit(&value.text), ..value }
}

fn name(order: Order) -> &'static str {
    match order {
        Order::Own => "own",
        Order::Title => "title",
        Order::Date => "date",
    }
}

/// The id in HTML of the member at `place` on `page`, if it is the first of a group. That of a century is the first of a
/// decade as well, and has one id.
fn anchor_at(listing: &Listing, page: ListPage, place: usize) -> Option<String> {
    let mut all = listing.groups(page.order).iter().chain(listing.decades(page));
    all.find(|(_, first)| *first == place).map(|(group, _)| anchor(group))
}

/// The id in HTML of the first member of a group. Letters other than those of ASCII become their code points.
fn anchor(group: &Group) -> String {
    match group {
        Group::Others => "at-others".into(),
        Group::Digits => "at-digits".into(),
        Group::Undated => "at-undated".into(),
        Group::Decade(year) | Group::Century(year) => format!("at-{year}"),
        Group::Letter(letter) => {
            let codes: Vec<String> = letter
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("{:x}", u32::from(c)) })
                .collect();
            format!("at-letter-{}", codes.join("-"))
        }
    }
}

/// A group without its address.
fn jump(group: &Group) -> Jump {
    let (kind, label, until) = match group {
        Group::Others => ("others", String::new(), String::new()),
        Group::Digits => ("digits", String::new(), String::new()),
        Group::Undated => ("undated", String::new(), String::new()),
        Group::Letter(letter) => ("letter", letter.clone(), String::new()),
        Group::Decade(year) => ("decade", year.to_string(), String::new()),
        Group::Century(year) => ("century", year.to_string(), (year + 99).to_string()),
    };
    Jump { kind: kind.to_owned(), label, until, href: String::new() }
}

/// The first page, the last one, and those near the current one; none if there is only one.
fn page_links(current: usize, count: usize, href: impl Fn(usize) -> String) -> Vec<PageLink> {
    let is_shown = |number: &usize| {
        let gap_of_one = [2, count.saturating_sub(1)].contains(number) && number.abs_diff(current) == NEAR + 1;
        *number == 1 || *number == count || number.abs_diff(current) <= NEAR || gap_of_one
    };
    let mut before = 0;
    let link = |number: usize| {
        let gap = number > before + 1;
        before = number;
        PageLink { number, href: href(number), current: number == current, gap }
    };
    if count < 2 { vec![] } else { (1..=count).filter(is_shown).map(link).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_far_away_are_left_out_of_the_list() {
        let shown = |current, count| {
            let links = page_links(current, count, |number| number.to_string());
            let text: Vec<String> =
                links.iter().map(|link| format!("{}{}", if link.gap { "… " } else { "" }, link.number)).collect();
            text.join(" ")
        };
        assert_eq!(shown(1, 1), "");
        assert_eq!(shown(1, 3), "1 2 3");
        assert_eq!(shown(1, 20), "1 2 3 … 20");
        assert_eq!(shown(4, 20), "1 2 3 4 5 6 … 20");
        assert_eq!(shown(5, 20), "1 2 3 4 5 6 7 … 20");
        assert_eq!(shown(10, 20), "1 … 8 9 10 11 12 … 20");
        assert_eq!(shown(20, 20), "1 … 18 19 20");
    }

    #[test]
    fn ids_of_groups_are_safe_and_distinct() {
        let groups = [Group::Letter("A".into()), Group::Letter("Ä".into()), Group::Decade(1780), Group::Undated];
        let ids: BTreeSet<String> = groups.iter().map(anchor).collect();
        assert_eq!(ids.len(), groups.len());
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')), "{ids:?}");
    }
}
