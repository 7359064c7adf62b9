//! Files with annotations: W3C JSON from other programs, or a table that people write.

use super::references::PageNames;
use crate::config::files;
use crate::diagnostics::Code;
use crate::error::{Error, ErrorKind, Position, Result};
use crate::input::budget::Budget;
use crate::input::source::ContentSource;
use crate::model::address::check_name;
use crate::model::{AnnotationSet, Part, Supplied, Target};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::path::Path;

/// Reads the annotations in a file: `.csv`, or JSON with an AnnotationPage, a list of annotations, or one annotation.
pub fn read(path: &Path, source: &ContentSource, names: &PageNames) -> Result<AnnotationSet> {
    let bytes = source.read(path, files::TEXT).map_err(|error| Error::read(ErrorKind::Content, path, error))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    check_name(&name).map_err(|why| {
        let refused = wrong(format!("the name of the annotations cannot be part of an address: {why}"));
        refused.with_code(Code::RefusedName).with_path(path).with_hint("rename the file")
    })?;
    let is_table = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let read = if is_table { from_table(&bytes, names) } else { from_json(&bytes, names) };
    let set = read.map_err(|error| error.with_path(path))?;
    Ok(AnnotationSet { name, ..set })
}

/// The contexts of the file, except those of Presentation API 3 and W3C annotations, which all documents have.
fn contexts(page: &Map<String, Value>) -> Vec<String> {
    let known = ["http://iiif.io/api/presentation/", "http://www.w3.org/ns/anno.jsonld"];
    let given: Vec<&str> = match page.get("@context") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    given
        .into_iter()
        .filter(|context| !known.iter().any(|known| context.starts_with(known)))
        .map(str::to_owned)
        .collect()
}

/// Annotations may always take so many times their own size in memory.
const TIMES: u64 = 24;

/// The specification of the fragments of pages.
const MEDIA_FRAGMENTS: &str = "http://www.w3.org/TR/media-frags/";

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Content, message)
}

fn from_json(bytes: &[u8], names: &PageNames) -> Result<AnnotationSet> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    Budget::new(bytes.len(), TIMES).take_values(bytes)?;
    let json: Value = serde_json::from_slice(bytes).map_err(|error| {
        let position = Position { line: error.line(), column: error.column() };
        wrong(format!("it is not JSON: {error}")).with_position(position)
    })?;
    let contexts = json.as_object().map(contexts).unwrap_or_default();
    let list = match json {
        Value::Array(list) => list,
        Value::Object(mut page) if page.get("type").is_some_and(|kind| kind == "AnnotationPage") => {
            match page.remove("items") {
                Some(Value::Array(items)) => items,
                _ => return Err(wrong("the AnnotationPage has no list of `items`")),
            }
        }
        annotation @ Value::Object(_) => vec![annotation],
        _ => return Err(wrong("it holds no annotations: expected an AnnotationPage, a list, or an Annotation")),
    };
    let numbered = list.into_iter().enumerate();
    let supplied = |(index, annotation)| supplied(annotation, names, &format!("annotation {}", index + 1));
    let annotations = numbered.map(supplied).collect::<Result<_>>()?;
    Ok(AnnotationSet { contexts, annotations, ..AnnotationSet::default() })
}

fn supplied(annotation: Value, names: &PageNames, which: &str) -> Result<Supplied> {
    let Value::Object(mut properties) = annotation else {
        return Err(wrong(format!("{which} is no JSON object")));
    };
    properties.remove("@context");
    let target = properties.remove("target").ok_or_else(|| wrong(format!("{which} has no `target`")))?;
    properties.get_mut("body").into_iter().for_each(|body| linked(body, names));
    Ok(Supplied { on: on(target, names), properties })
}

/// Replaces the name of a page that a body leads to by its token.
fn linked(body: &mut Value, names: &PageNames) {
    let bodies = match body {
        Value::Array(bodies) => bodies.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    for source in bodies.iter_mut().filter_map(|body| body.get_mut("source")) {
        let is_canvas = source.get("type").is_some_and(|kind| kind == "Canvas");
        let token = source.get("id").and_then(Value::as_str).and_then(|name| names.token_of(name));
        if let (true, Some(token)) = (is_canvas, token) {
            source["id"] = token.into();
        }
    }
}

/// A name of a page becomes that page; all other targets stay as they are.
fn on(target: Value, names: &PageNames) -> Target {
    match &target {
        Value::String(name) => match name.split_once('#') {
            Some((page, part)) => named(page, names, Part::Fragment(part.to_owned())),
            None => named(name, names, Part::Whole),
        },
        Value::Object(specific) => specific.get("source").and_then(|source| {
            let source = source.as_str().or_else(|| source.get("id")?.as_str())?;
            match source.split_once('#') {
                Some((page, part)) if names.token_of(source).is_none() => {
                    let selector = json!({ "type": "FragmentSelector", "conformsTo": MEDIA_FRAGMENTS, "value": part });
                    let mut specific = specific.clone();
                    specific.entry("selector").or_insert(selector);
                    named(page, names, Part::Specific(specific))
                }
                _ => named(source, names, Part::Specific(specific.clone())),
            }
        }),
        _ => None,
    }
    .unwrap_or(Target::Other(target))
}

fn named(name: &str, names: &PageNames, part: Part) -> Option<Target> {
    let token = names.token_of(name)?.to_owned();
    Some(Target::Page { token, part })
}

/// One row of a table of annotations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// The page's token or file name; empty: the item.
    #[serde(default)]
    page: String,
    /// Left, top, width and height, in pixels of the canvas.
    #[serde(default)]
    xywh: String,
    /// Points `x,y x,y x,y …`, in pixels of the canvas.
    #[serde(default)]
    polygon: String,
    /// Seconds: a moment, or `from,to`.
    #[serde(default)]
    t: String,
    /// `commenting` if empty.
    #[serde(default)]
    motivation: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    language: String,
    /// `text/plain` if empty.
    #[serde(default)]
    format: String,
    /// The address, or the page of the item, that it leads to.
    #[serde(default)]
    link: String,
}

fn from_table(bytes: &[u8], names: &PageNames) -> Result<AnnotationSet> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let mut found = vec![];
    for row in reader.deserialize::<Row>() {
        let row = row.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line) as usize;
            wrong(format!("the row cannot be read: {error}")).with_position(Position { line, column: 1 })
        })?;
        let line = found.len() + 2;
        let at = |error: Error| error.with_position(Position { line, column: 1 });
        found.push(row.annotation(names).map_err(at)?);
    }
    Ok(AnnotationSet { annotations: found, ..AnnotationSet::default() })
}

impl Row {
    fn annotation(self, names: &PageNames) -> Result<Supplied> {
        let part = self.part()?;
        let on = match self.page.as_str() {
            "" => Target::Item,
            page => named(page, names, part).ok_or_else(|| wrong(format!("the item has no page {page:?}")))?,
        };
        let motivation = match self.motivation.as_str() {
            "" if !self.link.is_empty() && self.text.is_empty() => "linking",
            "" => "commenting",
            motivation => motivation,
        };
        let mut bodies = vec![];
        if !self.text.is_empty() {
            let format = if self.format.is_empty() { "text/plain" } else { &self.format };
            let mut body = json!({ "type": "TextualBody", "value": self.text, "format": format });
            if !self.language.is_empty() {
                body["language"] = self.language.clone().into();
            }
            bodies.push(body);
        }
        match self.link.as_str() {
            "" => {}
            link if link.starts_with("https://") || link.starts_with("http://") => {
                bodies.push(json!({ "id": link, "type": "Text" }))
            }
            link if names.token_of(link).is_some() => {
                let canvas = json!({ "id": names.token_of(link), "type": "Canvas" });
                bodies.push(json!({ "type": "SpecificResource", "source": canvas }))
            }
            link => {
                return Err(wrong(format!("the link {link:?} is neither an http(s) address nor a page of the item")));
            }
        }
        let body = match bodies.len() {
            0 => return Err(wrong("the row has neither `text` nor `link`")),
            1 => bodies.remove(0),
            _ => Value::Array(bodies),
        };
        let properties = Map::from_iter([
            ("type".to_owned(), "Annotation".into()),
            ("motivation".to_owned(), motivation.into()),
            ("body".to_owned(), body),
        ]);
        Ok(Supplied { on, properties })
    }

    fn part(&self) -> Result<Part> {
        let is_number = |text: &str| text.trim().parse::<f64>().is_ok_and(|number| number.is_finite() && number >= 0.0);
        let given = [&self.xywh, &self.polygon, &self.t].into_iter().filter(|part| !part.is_empty()).count();
        if given > 1 {
            return Err(wrong("the row has more than one of `xywh`, `polygon` and `t`"));
        }
        if !self.xywh.is_empty() {
            let numbers = self.xywh.split(',').filter(|number| is_number(number)).count();
            return match numbers == 4 && self.xywh.split(',').count() == 4 {
                true => Ok(Part::Fragment(format!("xywh={}", self.xywh.replace(' ', "")))),
                false => Err(wrong(format!("`xywh` is {:?}; expected four numbers such as 10,20,300,400", self.xywh))),
            };
        }
        if !self.polygon.is_empty() {
            let is_point = |point: &str| point.split_once(',').is_some_and(|(x, y)| is_number(x) && is_number(y));
            if self.polygon.split_whitespace().count() < 3 || !self.polygon.split_whitespace().all(is_point) {
                let expected = "expected three or more points such as 10,20 30,40 50,60";
                return Err(wrong(format!("`polygon` is {:?}; {expected}", self.polygon)));
            }
            let points = self.polygon.split_whitespace().collect::<Vec<_>>().join(" ");
            let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><polygon points=\"{points}\"/></svg>");
            let selector = json!({ "type": "SvgSelector", "value": svg });
            return Ok(Part::Specific(Map::from_iter([("selector".to_owned(), selector)])));
        }
        if !self.t.is_empty() {
            return match self.t.split(',').all(is_number) && self.t.split(',').count() <= 2 {
                true => Ok(Part::Fragment(format!("t={}", self.t.replace(' ', "")))),
                false => Err(wrong(format!("`t` is {:?}; expected seconds such as 12.5 or 10,20", self.t))),
            };
        }
        Ok(Part::Whole)
    }
}
