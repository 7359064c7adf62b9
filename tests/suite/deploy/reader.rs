//! What somebody who reads a site would miss: files that a document in it needs and that are not there.
//!
//! Links back (`partOf`, `homepage`, breadcrumbs) are not followed: of two documents that name each other one is first.

use crate::project::BASE_URL;
use percent_encoding::percent_decode_str;
use scraper::{Html, Selector};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

pub type Files = BTreeMap<String, Vec<u8>>;

/// What `path` names and `files` has not.
pub fn lost(path: &str, files: &Files, before: &Files, local: &Path) -> Vec<String> {
    let Some(bytes) = files.get(path) else { return vec![] };
    let named = named(path, bytes, before, local);
    named.into_iter().filter(|name| !files.contains_key(name)).map(|name| format!("{path} names {name}")).collect()
}

/// The files that `path` needs, if these are its bytes. An image of the site in `local` has the files of its folder
/// there, one that was there `before` has those that were.
pub fn named(path: &str, bytes: &[u8], before: &Files, local: &Path) -> Vec<String> {
    let mut named = vec![];
    match path.rsplit('/').next().unwrap() {
        "info.json" => {
            let folder = path.strip_suffix("/info.json").unwrap();
            if std::fs::read(local.join(path)).is_ok_and(|now| now == bytes) {
                gather(&local.join(folder), folder, &mut named);
            } else if before.get(path).is_some_and(|old| old == bytes) {
                named.extend(before.keys().filter(|name| name.starts_with(&format!("{folder}/"))).cloned());
            }
        }
        "manifest.json" | "collection.json" => names_of(&serde_json::from_slice(bytes).unwrap(), true, &mut named),
        name if name.ends_with(".html") && name != "404.html" => {
            links(path, &String::from_utf8_lossy(bytes), &mut named);
        }
        _ => {}
    }
    named
}

fn gather(folder: &Path, path: &str, named: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let below = format!("{path}/{}", entry.file_name().to_str().unwrap());
        match entry.path().is_dir() {
            true => gather(&entry.path(), &below, named),
            false => named.push(below),
        }
    }
}

fn names_of(value: &Value, is_top: bool, named: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| names_of(value, false, named)),
        Value::Object(fields) => {
            let id = fields.get("id").or(fields.get("@id")).and_then(Value::as_str).unwrap_or_default();
            let kind = fields.get("type").or(fields.get("@type")).and_then(Value::as_str).unwrap_or_default();
            if let Some(path) = id.strip_prefix(BASE_URL).filter(|_| !is_top) {
                let path = percent_decode_str(path).decode_utf8().unwrap().into_owned();
                match kind {
                    "ImageService3" | "ImageService2" => named.push(format!("{path}/info.json")),
                    "AnnotationPage" if fields.contains_key("items") => {}
                    "Image" | "Sound" | "Video" | "Text" | "Manifest" | "Collection" | "AnnotationPage" => {
                        named.push(path);
                    }
                    _ => {}
                }
            }
            let forward = fields.iter().filter(|(key, _)| !matches!(key.as_str(), "partOf" | "homepage"));
            forward.for_each(|(_, value)| names_of(value, false, named));
        }
        _ => {}
    }
}

/// Pictures, scripts and styles, and the pages below.
fn links(page: &str, html: &str, named: &mut Vec<String>) {
    let document = Html::parse_document(html);
    let folder = page.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
    let each = |selector: &str, attribute: &str| -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let values = document.select(&selector).filter_map(|element| element.attr(attribute));
        values.filter_map(|value| resolve(folder, value)).collect()
    };
    named.extend(each("[src]", "src").into_iter().chain(each("link[rel=stylesheet]", "href")));
    let below =
        each("a[href]", "href").into_iter().filter(|path| path.starts_with(folder) && path.len() > folder.len());
    named.extend(below.filter(|path| path.ends_with("index.html") && path != page));
}

/// A link within the site as the path of a file.
fn resolve(folder: &str, link: &str) -> Option<String> {
    let link = link.split(['?', '#']).next().unwrap();
    let link = link.strip_prefix(BASE_URL).map_or_else(|| link.to_owned(), |path| format!("/{path}"));
    if link.is_empty() || link.contains(':') || link.starts_with("//") {
        return None;
    }
    let mut segments: Vec<&str> = if link.starts_with('/') { vec![] } else { folder.split('/').collect() };
    for segment in link.split('/') {
        match segment {
            ".." => drop(segments.pop()),
            "." => {}
            segment => segments.push(segment),
        }
    }
    let is_folder = link.ends_with('/') || link.ends_with("..") || link == ".";
    segments.retain(|segment| !segment.is_empty());
    let path = segments.join("/");
    let path = if is_folder { format!("{path}/index.html") } else { path };
    Some(percent_decode_str(path.trim_start_matches('/')).decode_utf8().unwrap().into_owned())
}
