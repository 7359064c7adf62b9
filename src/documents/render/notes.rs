//! The annotations of curators on a page, as notes for readers.

use super::context::{LocalizedHtml, Note};
use super::localized::html_values;
use crate::documents::iiif::html::plain;
use crate::model::geometry::Size;
use crate::model::site::{SiteItem, SitePage};
use crate::model::{LanguageMap, NO_LANGUAGE, Part, Supplied, Target};
use serde_json::Value;

/// The most notes on one page that are shown, and the most texts and tags of one note.
const MOST_NOTES: usize = 500;
const MOST_BODIES: usize = 50;

/// The notes on `page` that have words.
pub(super) fn notes(item: &SiteItem, page: &SitePage, language: &str) -> Vec<Note> {
    let supplied = item.annotations.iter().flat_map(|set| set.on(Some(&page.token)));
    supplied.filter_map(|supplied| note(supplied, page.size(), language)).take(MOST_NOTES).collect()
}

fn note(supplied: &Supplied, page: Option<Size>, language: &str) -> Option<Note> {
    let part = match &supplied.on {
        Target::Page { part, .. } => fragment(part),
        Target::Item | Target::Other(_) => None,
    };
    let mut note = Note { region: part.and_then(|part| region(part, page?)), ..Note::default() };
    let is_tagging = supplied.properties.get("motivation").is_some_and(|motivation| names(motivation, "tagging"));
    let body = supplied.properties.get("body").or_else(|| supplied.properties.get("bodyValue"))?;
    for body in bodies(body).into_iter().take(MOST_BODIES) {
        let (value, own_language, is_tag) = match body {
            Value::String(text) => (text.as_str(), None, is_tagging),
            Value::Object(body) => {
                let Some(value) = body.get("value").and_then(Value::as_str) else { continue };
                let purpose = body.get("purpose");
                let is_tag = purpose.map_or(is_tagging, |purpose| names(purpose, "tagging"));
                (value, body.get("language").and_then(Value::as_str), is_tag)
            }
            _ => continue,
        };
        match is_tag {
            true => note.tags.push(plain(value)),
            false => note.texts.extend(text(value, own_language, language)),
        }
    }
    (!note.texts.is_empty() || !note.tags.is_empty()).then_some(note)
}

/// The alternatives and parts of a body, which can be nested once.
fn bodies(body: &Value) -> Vec<&Value> {
    match body {
        Value::Array(bodies) => bodies.iter().flat_map(|body| body.get("items").map_or(vec![body], items)).collect(),
        one => one.get("items").map_or(vec![one], items),
    }
}

fn items(list: &Value) -> Vec<&Value> {
    list.as_array().map(|items| items.iter().collect()).unwrap_or_default()
}

/// Whether a property, which may be a list, has this value.
fn names(property: &Value, name: &str) -> bool {
    match property {
        Value::Array(values) => values.iter().any(|value| value == name),
        value => value == name,
    }
}

fn text(value: &str, own: Option<&str>, language: &str) -> Option<LocalizedHtml> {
    let map = LanguageMap::plain(value).in_language(own.unwrap_or(NO_LANGUAGE));
    html_values(&map, language).into_iter().next().filter(|text| !text.html.trim().is_empty())
}

/// The media fragment that names a part of the page.
fn fragment(part: &Part) -> Option<&str> {
    match part {
        Part::Whole => None,
        Part::Fragment(fragment) => Some(fragment),
        Part::Specific(written) => match written.get("selector")? {
            Value::Array(selectors) => selectors.iter().find_map(|selector| selector.get("value")?.as_str()),
            selector => selector.get("value")?.as_str(),
        },
    }
}

/// Left, top, width and height, in percent of `page`, of `xywh=1,2,3,4` or `xywh=percent:1,2,3,4`.
fn region(fragment: &str, page: Size) -> Option<String> {
    let (_, value) = fragment.split_once("xywh=")?;
    let value = value.split('&').next().unwrap_or_default();
    let (of, numbers) = match value.strip_prefix("percent:") {
        Some(numbers) => ([100.0, 100.0], numbers),
        None => ([page.width, page.height].map(f64::from), value.strip_prefix("pixel:").unwrap_or(value)),
    };
    let numbers: Vec<f64> = numbers.split(',').map_while(|number| number.trim().parse().ok()).collect();
    let [left, top, width, height] = *numbers else { return None };
    let percents = [left / of[0], top / of[1], width / of[0], height / of[1]].map(|part| part * 100.0);
    let is_on_page = percents.iter().all(|percent| (0.0..=100.0).contains(percent)) && width > 0.0 && height > 0.0;
    is_on_page.then(|| percents.map(|percent| format!("{percent:.3}")).join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn supplied(part: Part, properties: Value) -> Supplied {
        let properties = properties.as_object().cloned().unwrap_or_default();
        Supplied { on: Target::Page { token: "1".into(), part }, properties }
    }

    const PAGE: Option<Size> = Some(Size { width: 100, height: 200 });

    #[test]
    fn a_note_has_its_texts_as_clean_html_its_tags_and_its_region() {
        let body = json!([
            { "type": "TextualBody", "value": "<b onclick='x'>A</b><script>alert(1)</script>", "language": "de" },
            { "type": "TextualBody", "value": "<i>map</i>", "purpose": "tagging" },
            { "type": "Image", "id": "https://example.org/i.jpg" },
        ]);
        let part = Part::Fragment("xywh=10.5,20,30,40".into());
        let note = note(&supplied(part, json!({ "motivation": "commenting", "body": body })), PAGE, "en").unwrap();
        assert_eq!((note.texts[0].html.as_str(), note.texts[0].lang.as_deref()), ("<b>A</b>", Some("de")));
        assert_eq!(note.tags, ["map"]);
        assert_eq!(note.region.as_deref(), Some("10.500,10.000,30.000,20.000"));
    }

    #[test]
    fn a_note_without_words_is_none_and_a_region_that_is_no_rectangle_of_the_page_is_all_of_it() {
        let of = |part, body| note(&supplied(part, json!({ "body": body })), PAGE, "en");
        assert_eq!(of(Part::Whole, json!({ "type": "Image", "id": "x" })), None);
        assert_eq!(of(Part::Whole, json!({ "value": 3 })), None);
        for odd in ["xywh=1,2,3", "xywh=-1,2,3,4", "xywh=1,2,0,4", "xywh=NaN,1,1,1", "t=1", "xywh=1,2,3,1e99"] {
            assert_eq!(of(Part::Fragment(odd.into()), json!("a")).unwrap().region, None, "{odd}");
        }
        let note = of(Part::Fragment("xywh=percent:5,5,50,50".into()), json!("a")).unwrap();
        assert_eq!(note.region.as_deref(), Some("5.000,5.000,50.000,50.000"));
    }
}
