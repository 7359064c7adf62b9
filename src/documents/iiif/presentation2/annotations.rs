//! AnnotationLists (section 5.5): the text of each page, and the annotations that curators supply. They have a folder
//! of their own, because a page may be named `0007.v2`.

use super::super::text::{Links, passages};
use super::super::{Document, address};
use super::is_canvas;
use super::types::{Annotation, AnnotationList, CONTEXT, Reference, Several};
use crate::documents::json::{json_objects, to_json};
use crate::documents::text::{self, Outline, PageWords, Texts, text_label};
use crate::model::address::{BaseUrl, SitePath};
use crate::model::settings::Granularity;
use crate::model::site::{SiteItem, SitePage};
use crate::model::{AnnotationSet, LanguageMap, Part, Supplied, Target};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The paths of [`documents`].
pub fn addresses(item: &SiteItem, outline: &Outline) -> Vec<SitePath> {
    let with_words = item.pages.iter().filter(|page| outline.has(page) && is_canvas(page));
    let texts = with_words.map(|page| text_path(item, page));
    texts.chain(with_annotations(item).map(|(set, page)| set_path(item, set, page))).collect()
}

/// The AnnotationLists of `item`.
pub fn documents(item: &SiteItem, texts: &Texts, granularity: Granularity, base: &BaseUrl) -> Vec<Document> {
    let with_words = text::pages(item, texts).filter(|(page, _)| is_canvas(page));
    let of_texts = with_words.map(|(page, words): (&SitePage, &PageWords)| {
        let path = text_path(item, page);
        let (id, canvas) = (base.url(&path), address::canvas(base, &item.path, &page.token));
        let resources = passages(&words.text, granularity).into_iter().map(|passage| Annotation {
            id: format!("{id}#{}", passage.name),
            kind: "oa:Annotation",
            motivation: Several(vec!["sc:painting"]),
            on: passage.target(&canvas).into(),
            resource: Chars {
                kind: "cnt:ContentAsText",
                format: "text/plain",
                chars: passage.value,
                language: passage.language,
            },
        });
        let resources = resources.collect();
        list(path, id, LanguageMap::default(), resources)
    });
    let of_sets = with_annotations(item).map(|(set, page)| {
        let path = set_path(item, set, page);
        let id = base.url(&path);
        let canvas = address::canvas(base, &item.path, &page.token);
        let resources = annotations(set, page, &id, &canvas).collect();
        list(path, id, set.label.clone(), resources)
    });
    of_texts.chain(of_sets).collect()
}

/// The references of the canvas of `page`; `links` has annotations if it has a text.
pub fn references(page: &SitePage, item: &SiteItem, links: &Links, base: &BaseUrl) -> Vec<Reference> {
    let reference = |path: SitePath, label: &LanguageMap| Reference {
        id: base.url(&path),
        kind: "sc:AnnotationList",
        label: Several::of(label),
        thumbnail: None,
        nav_date: None,
    };
    let text = links.annotations.iter().map(|_| reference(text_path(item, page), &text_label()));
    let sets = item.annotations.iter().filter(|set| says_something(set, page));
    text.chain(sets.map(|set| reference(set_path(item, set, page), &set.label))).collect()
}

json_objects! {
    /// The text of a resource (Open Annotation, embedded textual body).
    struct Chars<'a> {
        kind as "@type": &'static str,
        format: &'static str,
        chars: &'a str,
        language?: Option<&'a str>,
    }
}

fn list<T: Serialize>(path: SitePath, id: String, label: LanguageMap, resources: Vec<Annotation<T>>) -> Document {
    let label = Several::of(&label);
    let bytes = to_json(&AnnotationList { context: CONTEXT, id, kind: "sc:AnnotationList", label, resources });
    Document { path, bytes }
}

fn with_annotations(item: &SiteItem) -> impl Iterator<Item = (&AnnotationSet, &SitePage)> {
    let sets = item.annotations.iter();
    let both = sets.flat_map(|set| item.pages.iter().map(move |page| (set, page)));
    both.filter(|(set, page)| is_canvas(page) && says_something(set, page))
}

/// Whether a set has annotations on a page that version 2 can express.
fn says_something(set: &AnnotationSet, page: &SitePage) -> bool {
    annotations(set, page, "", "").next().is_some()
}

fn annotations<'a>(
    set: &'a AnnotationSet,
    page: &'a SitePage,
    list: &'a str,
    canvas: &'a str,
) -> impl Iterator<Item = Annotation<Several<Value>>> + 'a {
    let numbered = set.on(Some(&page.token)).enumerate();
    numbered.filter_map(move |(index, supplied)| annotation(supplied, format!("{list}#{}", index + 1), canvas))
}

fn text_path(item: &SiteItem, page: &SitePage) -> SitePath {
    item.path.join(&format!("annotations/v2/{}.json", page.token))
}

fn set_path(item: &SiteItem, set: &AnnotationSet, page: &SitePage) -> SitePath {
    item.path.join(&format!("annotations/v2/{}/page-{}.json", set.name, page.token))
}

/// The W3C Web Annotation of a curator on `canvas` as an Open Annotation (sections 3.6 and 6); `None` where version 2
/// has no equivalent for one of its parts.
pub fn annotation(supplied: &Supplied, id: String, canvas: &str) -> Option<Annotation<Several<Value>>> {
    let motivation = Several(each(supplied.properties.get("motivation")).filter_map(motivation).collect());
    let resource = Several(each(supplied.properties.get("body")).filter_map(resource).collect());
    let on = on(&supplied.on, canvas)?;
    let is_complete = !motivation.0.is_empty() && !resource.0.is_empty();
    is_complete.then_some(Annotation { id, kind: "oa:Annotation", motivation, resource, on })
}

/// The elements of a list, or the value itself.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.into_iter().flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice))
}

fn motivation(name: &Value) -> Option<&'static str> {
    Some(match name.as_str()? {
        "supplementing" | "painting" => "sc:painting",
        "bookmarking" => "oa:bookmarking",
        "classifying" => "oa:classifying",
        "commenting" => "oa:commenting",
        "describing" => "oa:describing",
        "editing" => "oa:editing",
        "highlighting" => "oa:highlighting",
        "identifying" => "oa:identifying",
        "linking" => "oa:linking",
        "moderating" => "oa:moderating",
        "questioning" => "oa:questioning",
        "replying" => "oa:replying",
        "tagging" => "oa:tagging",
        _ => return None,
    })
}

/// A text, or something elsewhere on the web.
fn resource(body: &Value) -> Option<Value> {
    if let Some(id) = body.as_str() {
        return Some(json!({ "@id": id }));
    }
    let kind = match body.get("type")?.as_str()? {
        "TextualBody" if body.get("purpose").is_some_and(|purpose| purpose == "tagging") => "oa:Tag",
        "TextualBody" => "cnt:ContentAsText",
        "Image" => "dctypes:Image",
        "Sound" => "dctypes:Sound",
        "Video" => "dctypes:MovingImage",
        "Text" => "dctypes:Text",
        "Dataset" => "dctypes:Dataset",
        _ => return None,
    };
    let (key, content) = match body["type"] == "TextualBody" {
        true => ("chars", body.get("value")?),
        false => ("@id", body.get("id")?),
    };
    let mut resource = Map::new();
    resource.insert("@type".into(), kind.into());
    resource.insert(key.into(), content.clone());
    resource.extend(["format", "language"].iter().filter_map(|key| Some(((*key).to_owned(), body.get(key)?.clone()))));
    Some(resource.into())
}

/// The canvas, or the part of it that a fragment or an outline selects.
fn on(target: &Target, canvas: &str) -> Option<Value> {
    let Target::Page { part, .. } = target else { return None };
    match part {
        Part::Whole => Some(canvas.into()),
        Part::Fragment(fragment) => on_fragment(fragment, canvas),
        Part::Specific(written) => each(written.get("selector")).find_map(|selector| {
            let value = selector.get("value")?.as_str()?;
            match selector.get("type")?.as_str()? {
                "FragmentSelector" => on_fragment(value, canvas),
                "SvgSelector" => Some(json!({
                    "@type": "oa:SpecificResource",
                    "full": canvas,
                    "selector": { "@type": ["oa:SvgSelector", "cnt:ContentAsText"], "chars": value },
                })),
                _ => None,
            }
        }),
    }
}

/// Only regions: a canvas of version 2 has no duration.
fn on_fragment(fragment: &str, canvas: &str) -> Option<Value> {
    fragment.starts_with("xywh=").then(|| format!("{canvas}#{fragment}").into())
}
