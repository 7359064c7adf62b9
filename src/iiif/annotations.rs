//! AnnotationPages of what a curator supplies: one for each file and page, and one for what is on no page.

use super::address;
use super::presentation::{AnnotationPageReference, CONTEXT};
use crate::address::{BaseUrl, SitePath};
use crate::iiif::Document;
use crate::model::{AnnotationSet, LanguageMap, Part, Supplied, Target};
use crate::site::SiteItem;
use serde_json::{Map, Value, json};

/// Where the annotations of `set` on `page` are; `None`: those on no page.
fn path(item: &SitePath, set: &AnnotationSet, page: Option<&str>) -> SitePath {
    let name = page.map_or_else(|| "item".to_owned(), |page| format!("page-{page}"));
    item.join(&format!("annotations/{}/{name}.json", set.name))
}

/// What annotations there are, as pairs of a file and a page of the item.
fn all(item: &SiteItem) -> impl Iterator<Item = (&AnnotationSet, Option<&str>)> {
    let pages = || item.pages.iter().map(|page| Some(page.token.as_str())).chain([None]);
    let sets = item.annotations.iter().flat_map(move |set| pages().map(move |page| (set, page)));
    sets.filter(|(set, page)| set.on(*page).next().is_some())
}

pub fn addresses(item: &SiteItem) -> impl Iterator<Item = SitePath> {
    all(item).map(|(set, page)| path(&item.path, set, page))
}

/// The references to annotations on `page`, for its Canvas, or on no page, for the Manifest.
pub fn references(item: &SiteItem, page: Option<&str>, base: &BaseUrl) -> Vec<AnnotationPageReference> {
    let sets = item.annotations.iter().filter(|set| set.on(page).next().is_some());
    let reference = |set: &AnnotationSet| AnnotationPageReference {
        id: base.url(&path(&item.path, set, page)),
        kind: "AnnotationPage",
        label: LanguageMap::default(),
    };
    sets.map(reference).collect()
}

pub fn documents(item: &SiteItem, base: &BaseUrl) -> Vec<Document> {
    let document = |(set, page): (&AnnotationSet, Option<&str>)| {
        let path = path(&item.path, set, page);
        let id = base.url(&path);
        let numbered = set.on(page).enumerate();
        let items: Vec<Value> =
            numbered.map(|(index, supplied)| annotation(supplied, format!("{id}#{}", index + 1), item, base)).collect();
        let page = json!({ "@context": CONTEXT, "id": id, "type": "AnnotationPage", "items": items });
        Document { path, bytes: super::to_json(&page) }
    };
    all(item).map(document).collect()
}

fn annotation(supplied: &Supplied, id: String, item: &SiteItem, base: &BaseUrl) -> Value {
    let mut properties = Map::new();
    if !supplied.properties.contains_key("id") {
        properties.insert("id".into(), id.into());
    }
    if !supplied.properties.contains_key("type") {
        properties.insert("type".into(), "Annotation".into());
    }
    properties.extend(supplied.properties.clone());
    properties.insert("target".into(), target(&supplied.on, item, base));
    Value::Object(properties)
}

fn target(on: &Target, item: &SiteItem, base: &BaseUrl) -> Value {
    let (token, part) = match on {
        Target::Item => return json!({ "id": base.url(&address::manifest(&item.path)), "type": "Manifest" }),
        Target::Other(target) => return target.clone(),
        Target::Page { token, part } => (token, part),
    };
    let canvas = address::canvas(base, &item.path, token);
    match part {
        Part::Whole => canvas.into(),
        Part::Fragment(fragment) => format!("{canvas}#{fragment}").into(),
        Part::Selector(selector) => json!({
            "type": "SpecificResource",
            "source": { "id": canvas, "type": "Canvas" },
            "selector": selector,
        }),
    }
}
