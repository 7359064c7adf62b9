//! AnnotationPages of the files with annotations that a curator supplies: each file has one for each page, and one for
//! the annotations on no page. The annotations of a file with a label form an AnnotationCollection (Presentation API 3,
//! section 5.8).

use super::address;
use super::presentation::{AnnotationPageReference, CONTEXT, External};
use crate::documents::iiif::Document;
use crate::documents::json::to_json;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::site::SiteItem;
use crate::model::{AnnotationSet, Part, Supplied, Target};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::path::Path;

/// The path of the annotations of `set` on `page`, or on no page.
fn path(item: &SitePath, set: &AnnotationSet, page: Option<&str>) -> SitePath {
    let name = page.map_or_else(|| "item".to_owned(), |page| format!("page-{page}"));
    item.join(&format!("annotations/{}/{name}.json", set.name))
}

/// The path of the AnnotationCollection of `set`, if it has a label.
fn collection_path(item: &SitePath, set: &AnnotationSet) -> Option<SitePath> {
    (!set.label.is_empty()).then(|| item.join(&format!("annotations/{}.json", set.name)))
}

/// The tokens of the pages that `set` has annotations on; `None` for annotations on no page.
fn pages<'a>(item: &'a SiteItem, set: &'a AnnotationSet) -> impl Iterator<Item = Option<&'a str>> {
    let pages = item.pages.iter().map(|page| Some(page.token.as_str())).chain([None]);
    pages.filter(|page| set.on(*page).next().is_some())
}

/// The paths of [`documents`].
pub fn addresses(item: &SiteItem) -> impl Iterator<Item = SitePath> {
    item.annotations.iter().flat_map(|set| {
        let pages = pages(item, set).map(|page| path(&item.path, set, page));
        pages.chain(collection_path(&item.path, set))
    })
}

/// The references of a Canvas to the annotations on its `page`, or of the Manifest to those on no page.
pub fn references(item: &SiteItem, page: Option<&str>, base: &BaseUrl) -> Vec<AnnotationPageReference> {
    let sets = item.annotations.iter().filter(|set| set.on(page).next().is_some());
    let reference = |set: &AnnotationSet| AnnotationPageReference {
        id: base.url(&path(&item.path, set, page)),
        kind: "AnnotationPage",
    };
    sets.map(reference).collect()
}

/// The AnnotationCollection of `file`; `None` if the file has no label.
pub fn collection_reference(item: &SiteItem, file: &str, base: &BaseUrl) -> Option<External> {
    let stem = Path::new(file).file_stem()?;
    let set = item.annotations.iter().find(|set| *set.name == *stem)?;
    let id = base.url(&collection_path(&item.path, set)?);
    Some(External::new(id, "AnnotationCollection", set.label.clone()))
}

/// The AnnotationPages and AnnotationCollections of `item`.
pub fn documents(item: &SiteItem, base: &BaseUrl) -> Vec<Document> {
    item.annotations.iter().flat_map(|set| Pages::of(set, item, base).documents()).collect()
}

/// The annotation pages of one file, in order.
struct Pages<'a> {
    set: &'a AnnotationSet,
    item: &'a SiteItem,
    base: &'a BaseUrl,
    pages: Vec<Option<&'a str>>,
    /// Those of all pages of the item.
    tokens: HashSet<&'a str>,
}

impl<'a> Pages<'a> {
    fn of(set: &'a AnnotationSet, item: &'a SiteItem, base: &'a BaseUrl) -> Pages<'a> {
        let tokens = item.pages.iter().map(|page| page.token.as_str()).collect();
        Pages { set, item, base, pages: pages(item, set).collect(), tokens }
    }

    /// One for each page, then the AnnotationCollection if there is one.
    fn documents(&self) -> Vec<Document> {
        let collection = collection_path(&self.item.path, self.set);
        let mut documents: Vec<Document> =
            (0..self.pages.len()).map(|index| self.page(index, collection.as_ref())).collect();
        documents.extend(collection.map(|path| {
            let context = std::iter::once(("@context".to_owned(), self.context()));
            let json: Map<String, Value> = context.chain(self.collection(&path)).collect();
            Document { bytes: to_json(&json), path }
        }));
        documents
    }

    /// The id of the AnnotationPage at `index`, if there is one.
    fn id(&self, index: usize) -> Option<String> {
        self.pages.get(index).map(|page| self.base.url(&path(&self.item.path, self.set, *page)))
    }

    fn context(&self) -> Value {
        let all = self.set.contexts.iter().map(String::as_str).chain([CONTEXT]).map(Value::from).collect::<Vec<_>>();
        if self.set.contexts.is_empty() { CONTEXT.into() } else { all.into() }
    }

    fn page(&self, index: usize, collection: Option<&SitePath>) -> Document {
        let page = self.pages.get(index).copied().flatten();
        let path = path(&self.item.path, self.set, page);
        let id = self.base.url(&path);
        let numbered = self.set.on(page).enumerate();
        let annotation =
            |(index, supplied): (usize, &Supplied)| self.annotation(supplied, format!("{id}#{}", index + 1));
        let items: Vec<Value> = numbered.map(annotation).collect();
        let mut json = Map::new();
        json.insert("@context".into(), self.context());
        json.insert("id".into(), id.clone().into());
        json.insert("type".into(), "AnnotationPage".into());
        if let Some(collection) = collection {
            json.insert("partOf".into(), vec![Value::Object(self.collection(collection))].into());
            let beside = [("prev", index.checked_sub(1)), ("next", Some(index + 1))];
            let beside = beside.into_iter().filter_map(|(key, index)| Some((key.to_owned(), self.id(index?)?.into())));
            json.extend(beside);
        }
        json.insert("items".into(), items.into());
        Document { path, bytes: to_json(&json) }
    }

    fn collection(&self, path: &SitePath) -> Map<String, Value> {
        let total: usize = self.pages.iter().map(|page| self.set.on(*page).count()).sum();
        let last = self.pages.len().checked_sub(1).and_then(|last| self.id(last));
        let properties = [
            ("id", self.base.url(path).into()),
            ("type", "AnnotationCollection".into()),
            ("label", json!(self.set.label)),
            ("total", total.into()),
            ("first", self.id(0).into()),
            ("last", last.into()),
        ];
        properties.map(|(key, value)| (key.to_owned(), value)).into_iter().collect()
    }

    fn annotation(&self, supplied: &Supplied, id: String) -> Value {
        let mut properties = Map::new();
        if !supplied.properties.contains_key("id") {
            properties.insert("id".into(), id.into());
        }
        if !supplied.properties.contains_key("type") {
            properties.insert("type".into(), "Annotation".into());
        }
        properties.extend(supplied.properties.clone());
        properties.get_mut("body").into_iter().for_each(|body| self.linked(body));
        properties.insert("target".into(), target(&supplied.on, self.item, self.base));
        Value::Object(properties)
    }

    /// Replaces page tokens in the sources of a body by the ids of their canvases.
    fn linked(&self, body: &mut Value) {
        let bodies = match body {
            Value::Array(bodies) => bodies.as_mut_slice(),
            one => std::slice::from_mut(one),
        };
        for source in bodies.iter_mut().filter_map(|body| body.get_mut("source")?.as_object_mut()) {
            let is_canvas = source.get("type").is_some_and(|kind| kind == "Canvas");
            let named = source.get("id").and_then(Value::as_str).filter(|_| is_canvas);
            if let Some(token) = named.and_then(|named| self.tokens.get(named)) {
                *source = canvas(token, std::mem::take(source), self.item, self.base);
            }
        }
    }
}

/// The canvas of the page `token` with its further `properties`, and with its Manifest, so that a client which has only
/// the annotation can find the page.
fn canvas(token: &str, properties: Map<String, Value>, item: &SiteItem, base: &BaseUrl) -> Map<String, Value> {
    let manifest = json!([{ "id": base.url(&address::manifest(&item.path)), "type": "Manifest" }]);
    let mut canvas = Map::from_iter([("id".to_owned(), address::canvas(base, &item.path, token).into())]);
    canvas.insert("type".into(), "Canvas".into());
    canvas.insert("partOf".into(), manifest);
    canvas.extend(properties.into_iter().filter(|(key, _)| !matches!(key.as_str(), "id" | "type")));
    canvas
}

fn target(on: &Target, item: &SiteItem, base: &BaseUrl) -> Value {
    let (token, part) = match on {
        Target::Item => return json!({ "id": base.url(&address::manifest(&item.path)), "type": "Manifest" }),
        Target::Other(target) => return target.clone(),
        Target::Page { token, part } => (token, part),
    };
    let id = address::canvas(base, &item.path, token);
    match part {
        Part::Whole => id.into(),
        Part::Fragment(fragment) => format!("{id}#{fragment}").into(),
        Part::Specific(written) => {
            let properties = written.get("source").and_then(Value::as_object).cloned().unwrap_or_default();
            let mut specific = Map::from_iter([("type".to_owned(), "SpecificResource".into())]);
            specific.insert("source".into(), canvas(token, properties, item, base).into());
            specific.extend(written.clone().into_iter().filter(|(key, _)| key != "source"));
            Value::Object(specific)
        }
    }
}
