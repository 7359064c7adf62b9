//! From a W3C Web Annotation, as a curator supplies it, to an Open Annotation (sections 3.6 and 6).

use super::types::{Annotation, Several};
use crate::model::{Part, Supplied, Target};
use serde_json::{Map, Value, json};

/// The annotation on `canvas`; `None` where one of its parts has no like in version 2.
pub fn annotation(supplied: &Supplied, id: String, canvas: &str) -> Option<Annotation<Several<Value>>> {
    let motivation = Several(each(supplied.properties.get("motivation")).filter_map(motivation).collect());
    let resource = Several(each(supplied.properties.get("body")).filter_map(resource).collect());
    let on = on(&supplied.on, canvas)?;
    let says = !motivation.0.is_empty() && !resource.0.is_empty();
    says.then_some(Annotation { id, kind: "oa:Annotation", motivation, resource, on })
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

/// A canvas, or the part of it that a fragment or an outline tells.
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

/// Regions only: a canvas has no time.
fn on_fragment(fragment: &str, canvas: &str) -> Option<Value> {
    fragment.starts_with("xywh=").then(|| format!("{canvas}#{fragment}").into())
}
