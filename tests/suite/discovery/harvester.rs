//! A consumer of the Change Discovery API, written from its specification and not from `src/`: it holds every document
//! to what the text says it MUST be, and processes the stream as section 3.5 describes.

use crate::site::Site;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CONTEXT: &str = "http://iiif.io/api/discovery/1/context.json";

/// What a consumer does with one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub kind: String,
    /// Path in the site; empty of a refresh.
    pub path: String,
    pub time: String,
}

/// Every activity from the oldest to the newest, after all pages were checked forwards and backwards.
pub fn history(site: &Site) -> Vec<Activity> {
    let collection = site.json("activity/all-changes.json");
    let id = format!("{}activity/all-changes.json", site.base_url);
    assert_eq!(collection.as_object().unwrap().keys().next().unwrap(), "@context");
    assert_eq!([&collection["@context"], &collection["type"], &collection["id"]], [CONTEXT, "OrderedCollection", &*id]);
    let (mut pages, mut next) = (vec![], Some(collection["first"].clone()));
    while let Some(reference) = next {
        let page = page(site, &reference);
        assert_eq!(page["partOf"], json!({ "id": id, "type": "OrderedCollection" }));
        let before = pages.last().map(|before: &Value| before["id"].clone());
        assert_eq!(page.get("prev").map(|prev| prev["id"].clone()), before, "pages lead back the way they came");
        let index: usize = pages.iter().map(|page| page["orderedItems"].as_array().unwrap().len()).sum();
        assert_eq!(page["startIndex"], index);
        next = page.get("next").cloned();
        pages.push(page);
    }
    assert_eq!(pages.last().unwrap()["id"], collection["last"]["id"]);
    let items: Vec<&Value> = pages.iter().flat_map(|page| page["orderedItems"].as_array().unwrap()).collect();
    assert_eq!(collection["totalItems"], items.len());
    let activities: Vec<Activity> = items.into_iter().map(|item| activity(site, item)).collect();
    assert!(activities.is_sorted_by_key(|activity| activity.time.clone()), "the most recent come last");
    activities
}

fn page(site: &Site, reference: &Value) -> Value {
    assert_eq!(reference["type"], "OrderedCollectionPage");
    let page = site.json(&site.path_of(reference["id"].as_str().unwrap()).unwrap());
    assert_eq!([&page["@context"], &page["type"]], [CONTEXT, "OrderedCollectionPage"]);
    assert_eq!(page["id"], reference["id"]);
    assert!(!page["orderedItems"].as_array().unwrap().is_empty(), "a page has at least one item");
    page
}

fn activity(site: &Site, item: &Value) -> Activity {
    let kind = item["type"].as_str().unwrap().to_owned();
    let is_refresh = kind == "Refresh";
    assert!(is_refresh || ["Create", "Update", "Delete"].contains(&kind.as_str()), "{item}");
    let time = item[if is_refresh { "startTime" } else { "endTime" }].as_str().unwrap().to_owned();
    let form: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(form, "0000-00-00T00:00:00Z", "xsd:dateTime in UTC");
    let path = match item.get("object") {
        None => String::new(),
        Some(object) => {
            assert_eq!(object.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "type"], "nothing else is said");
            let path = site.path_of(object["id"].as_str().unwrap()).unwrap();
            let kind = if path.ends_with("collection.json") { "Collection" } else { "Manifest" };
            assert_eq!(object["type"], kind);
            path
        }
    };
    assert_eq!(path.is_empty(), is_refresh, "{item}");
    Activity { kind, path, time }
}

/// What a consumer that never was here holds after it has processed the stream from its end, as section 3.5 says. Good
/// for a feed too that a build was adding to when it ended.
pub fn harvested(site: &Site) -> BTreeSet<String> {
    let (mut processed, mut held) = (BTreeSet::new(), BTreeSet::new());
    let mut next = Some(site.json("activity/all-changes.json")["last"].clone());
    while let Some(reference) = next {
        let page = page(site, &reference);
        for activity in page["orderedItems"].as_array().unwrap().iter().rev().map(|item| activity(site, item)) {
            if activity.kind == "Refresh" {
                return held;
            }
            if processed.insert(activity.path.clone()) && activity.kind != "Delete" {
                held.insert(activity.path);
            }
        }
        next = page.get("prev").cloned();
    }
    panic!("a history begins with a refresh");
}

/// The Manifests and Collections that are published.
pub fn published(site: &Site) -> BTreeSet<String> {
    let is_resource = |path: &String| path.ends_with("/manifest.json") || path.ends_with("collection.json");
    site.files("").into_iter().filter(is_resource).collect()
}

/// The stream leads to exactly what is there; answers what was added to it behind the first `seen` activities.
#[track_caller]
pub fn assert_told(site: &Site, seen: usize) -> Vec<(String, String)> {
    assert_eq!(harvested(site), published(site));
    let news = history(site).split_off(seen);
    news.into_iter().map(|activity| (activity.kind, activity.path)).collect()
}
