//! Files with annotations: W3C JSON from other programs, or a [`table`] that people write.

mod table;

use super::references::PageNames;
use crate::config::files;
use crate::diagnostics::{Code, syntax};
use crate::error::{Error, ErrorKind, Position};
use crate::input::budget::Budget;
use crate::input::source::ContentSource;
use crate::model::address::check_name;
use crate::model::{AnnotationSet, Part, Supplied, Target, rights};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Reads the annotations in a file: `.csv`, or JSON with an AnnotationPage, a list of annotations, or one annotation.
///
/// # Errors
/// All mistakes of the file.
pub fn read(path: &Path, source: &ContentSource, names: &PageNames) -> Result<AnnotationSet, Vec<Error>> {
    let bytes = source.read(path, files::TEXT).map_err(|error| vec![Error::read(ErrorKind::Content, path, error)])?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    check_name(&name).map_err(|why| {
        let refused = wrong(format!("the name of the annotations cannot be part of an address: {why}"));
        vec![refused.with_code(Code::RefusedName).with_path(path).with_hint("rename the file")]
    })?;
    let is_table = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let read = if is_table { table::read(&bytes, names) } else { from_json(&bytes, names) };
    match read {
        Ok(set) => Ok(AnnotationSet { name, ..set }),
        Err(mistakes) => Err(mistakes.into_iter().map(|mistake| mistake.with_path(path)).collect()),
    }
}

/// After so many mistakes a file is not read further.
const MAX_TOLD: usize = 1000;

/// The values of all, or the mistakes of all.
fn all<T>(read: impl Iterator<Item = Result<T, Vec<Error>>>) -> Result<Vec<T>, Vec<Error>> {
    let (mut values, mut mistakes) = (vec![], vec![]);
    for one in read {
        if mistakes.len() >= MAX_TOLD {
            mistakes.push(wrong("there may be more mistakes; they are told when these are mended"));
            break;
        }
        match one {
            Ok(value) => values.push(value),
            Err(wrong) => mistakes.extend(wrong),
        }
    }
    if mistakes.is_empty() { Ok(values) } else { Err(mistakes) }
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

fn from_json(bytes: &[u8], names: &PageNames) -> Result<AnnotationSet, Vec<Error>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    Budget::new(bytes.len(), TIMES).take_values(bytes).map_err(|error| vec![error])?;
    let json: Value = serde_json::from_slice(bytes).map_err(|error| {
        let position = Position { line: error.line(), column: error.column().max(1) };
        vec![wrong(format!("it is not JSON: {}", syntax::of_json(&error.to_string()))).with_position(position)]
    })?;
    let contexts = json.as_object().map(contexts).unwrap_or_default();
    let list = match json {
        Value::Array(list) => list,
        Value::Object(mut page) if page.get("type").is_some_and(|kind| kind == "AnnotationPage") => {
            match page.remove("items") {
                Some(Value::Array(items)) => items,
                _ => return Err(vec![wrong("the AnnotationPage has no list of `items`")]),
            }
        }
        annotation @ Value::Object(_) => vec![annotation],
        _ => return Err(vec![wrong("it holds no annotations: expected an AnnotationPage, a list, or an Annotation")]),
    };
    let numbered = list.into_iter().enumerate();
    let supplied = |(index, annotation)| {
        supplied(annotation, names, &format!("annotation {}", index + 1)).map_err(|error| vec![error])
    };
    let annotations = all(numbered.map(supplied))?;
    Ok(AnnotationSet { contexts, annotations, ..AnnotationSet::default() })
}

fn supplied(annotation: Value, names: &PageNames, which: &str) -> Result<Supplied, Error> {
    let Value::Object(mut properties) = annotation else {
        return Err(wrong(format!("{which} is no JSON object")));
    };
    properties.remove("@context");
    let target = properties.remove("target").ok_or_else(|| {
        wrong(format!("{which} has no `target`; expected the page that it is on, as in \"target\": \"0001\""))
    })?;
    if let Some(Value::String(rights)) = properties.get_mut("rights") {
        *rights = rights::canonical(rights).map_err(|why| wrong(format!("{which}, `rights`: {why}")))?;
    }
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
