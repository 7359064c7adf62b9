//! The history of the Manifests and Collections of the site (IIIF Change Discovery API 1.0, level 2): the oldest
//! activity first, in pages of [`PAGE`]. A page that is followed by another never changes again.

use crate::documents::iiif::Document;
use crate::documents::json::{json_objects, to_json};
use crate::model::address::{BaseUrl, SitePath};
use crate::model::{Activity, Change, Moment};

/// The number of activities on a page.
pub const PAGE: u64 = 500;

const CONTEXT: &str = "http://iiif.io/api/discovery/1/context.json";
const COLLECTION: &str = "OrderedCollection";
const COLLECTION_PAGE: &str = "OrderedCollectionPage";

json_objects! {
    struct OrderedCollection {
        context as "@context": &'static str,
        id: String,
        kind as "type": &'static str,
        total_items: u64,
        first: Reference,
        last: Reference,
    }

    struct OrderedCollectionPage {
        context as "@context": &'static str,
        id: String,
        kind as "type": &'static str,
        start_index: u64,
        part_of: Reference,
        prev?: Option<Reference>,
        next?: Option<Reference>,
        ordered_items: Vec<Entry>,
    }

    struct Reference {
        id: String,
        kind as "type": &'static str,
    }

    /// A refresh has a start time, all other activities an end time (section 2.1.5).
    struct Entry {
        change as "type": Change,
        object?: Option<Reference>,
        start_time?: Option<Moment>,
        end_time?: Option<Moment>,
    }
}

/// The paths of the pages of a history of `length` activities, then that of the collection of the pages.
pub fn addresses(length: u64) -> Vec<SitePath> {
    (0..pages(length)).map(page_path).chain([collection_path()]).collect()
}

/// The number of pages of a history of `length` activities.
pub fn pages(length: u64) -> u64 {
    length.div_ceil(PAGE)
}

/// The page `number`, counted from 0, with its `activities` of a history of `length`.
pub fn page(number: u64, activities: &[Activity], length: u64, base: &BaseUrl) -> Document {
    let reference = |number: u64| Reference { id: base.url(&page_path(number)), kind: COLLECTION_PAGE };
    let page = OrderedCollectionPage {
        context: CONTEXT,
        id: base.url(&page_path(number)),
        kind: COLLECTION_PAGE,
        start_index: number * PAGE,
        part_of: Reference { id: base.url(&collection_path()), kind: COLLECTION },
        prev: number.checked_sub(1).map(reference),
        next: Some(number + 1).filter(|next| *next < pages(length)).map(reference),
        ordered_items: activities.iter().map(|activity| entry(activity, base)).collect(),
    };
    Document { path: page_path(number), bytes: to_json(&page) }
}

/// The collection of the pages of a history of `length` activities.
pub fn collection(length: u64, base: &BaseUrl) -> Document {
    let reference = |number: u64| Reference { id: base.url(&page_path(number)), kind: COLLECTION_PAGE };
    let collection = OrderedCollection {
        context: CONTEXT,
        id: base.url(&collection_path()),
        kind: COLLECTION,
        total_items: length,
        first: reference(0),
        last: reference(pages(length).saturating_sub(1)),
    };
    Document { path: collection_path(), bytes: to_json(&collection) }
}

fn entry(activity: &Activity, base: &BaseUrl) -> Entry {
    let Activity { change, path, time } = activity;
    if *change == Change::Refresh {
        return Entry { change: *change, object: None, start_time: Some(*time), end_time: None };
    }
    let is_collection = path.segments().last() == Some("collection.json");
    let kind = if is_collection { "Collection" } else { "Manifest" };
    let object = Some(Reference { id: base.url(path), kind });
    Entry { change: *change, object, start_time: None, end_time: Some(*time) }
}

fn collection_path() -> SitePath {
    SitePath::root().join("activity/all-changes.json")
}

fn page_path(number: u64) -> SitePath {
    SitePath::root().join(&format!("activity/page-{number}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_and_linked_without_gaps() {
        assert_eq!([0, 1, PAGE, PAGE + 1].map(pages), [0, 1, 1, 2]);
        let base = BaseUrl::parse("https://example.org/").unwrap();
        let json = |number, length| -> serde_json::Value {
            serde_json::from_slice(&page(number, &[], length, &base).bytes).unwrap()
        };
        assert_eq!(json(0, PAGE).get("next"), None, "no page follows yet");
        assert_eq!(json(0, PAGE + 1), json(0, 9 * PAGE), "a page that another one follows is final");
        assert_eq!(json(1, PAGE + 1)["prev"]["id"], "https://example.org/activity/page-0.json");
        assert_eq!(json(1, PAGE + 1)["startIndex"], PAGE);
        assert_eq!(addresses(PAGE + 1).len(), 3);
    }
}
