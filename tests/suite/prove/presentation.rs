//! Presentation API 3: Collections, Manifests, Canvases and what they name.

use super::{Files, Size, service};
use crate::site::Site;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub struct Presentation<'a> {
    site: &'a Site,
    pub problems: Vec<String>,
    /// Image services by path, with the size of the canvas that each is painted on.
    pub services: BTreeMap<String, Size>,
    /// Every picture that a document names, with the size that it states.
    pub pictures: Files,
    /// The documents reached.
    pub documents: BTreeSet<String>,
    /// Ids of the things that the documents define.
    ids: BTreeSet<String>,
}

impl<'a> Presentation<'a> {
    pub fn new(site: &'a Site) -> Presentation<'a> {
        Presentation {
            site,
            problems: vec![],
            services: BTreeMap::new(),
            pictures: Files::new(),
            documents: BTreeSet::new(),
            ids: BTreeSet::new(),
        }
    }

    /// A Collection and all that is below it; `above` are the ids of those that hold it, innermost last.
    pub fn collection(&mut self, path: &str, above: &[&str]) {
        let Some(document) = self.document(path, "Collection", above) else { return };
        let members = self.list(path, &document["items"]);
        if members.iter().any(|member| member.get("thumbnail").is_some()) {
            self.thumbnail(path, &document);
        }
        for member in members {
            let at = format!("{path}: {}", member["id"]);
            self.label(&at, &member["label"]);
            let Some(inner) = self.path(&member["id"]).filter(|inner| self.site.has(inner)) else {
                self.problem(&at, "is named but not there");
                continue;
            };
            if self.site.json(&inner).get("thumbnail").is_some() {
                self.thumbnail(&at, &member);
            }
            let above = [above, &[document["id"].as_str().unwrap_or_default()]].concat();
            match member["type"].as_str() {
                Some("Collection") => self.collection(&inner, &above),
                Some("Manifest") => self.manifest(&inner, &above),
                _ => self.problem(&at, "is neither Collection nor Manifest"),
            }
        }
    }

    fn manifest(&mut self, path: &str, above: &[&str]) {
        let Some(document) = self.document(path, "Manifest", above) else { return };
        let canvases = self.list(path, &document["items"]);
        self.expect(!canvases.is_empty(), path, "has no canvas");
        let companions = document.get("placeholderCanvas").or(document.get("accompanyingCanvas"));
        if companions.is_some() || canvases.iter().any(|canvas| canvas.get("thumbnail").is_some()) {
            self.thumbnail(path, &document);
        }
        for canvas in canvases {
            self.canvas(path, &canvas);
        }
        for page in document["annotations"].as_array().into_iter().flatten() {
            self.annotations(path, page);
        }
        for other in ["placeholderCanvas", "accompanyingCanvas"] {
            if let Some(other) = document.get(other) {
                self.painted_canvas(path, other);
            }
        }
        for range in document["structures"].as_array().into_iter().flatten() {
            self.range(path, range);
        }
    }

    fn range(&mut self, at: &str, range: &Value) {
        self.expect(range["type"] == "Range", at, "has no range among its structures");
        self.own_thumbnail(at, range);
        for other in ["placeholderCanvas", "accompanyingCanvas"] {
            if let Some(other) = range.get(other) {
                self.painted_canvas(at, other);
            }
        }
        for inner in range["items"].as_array().into_iter().flatten().filter(|inner| inner["type"] == "Range") {
            self.range(at, inner);
        }
    }

    /// That of a range or a recording is of an image that may be shown nowhere else.
    fn own_thumbnail(&mut self, at: &str, resource: &Value) {
        for thumbnail in resource["thumbnail"].as_array().into_iter().flatten() {
            let Some(file) = self.picture(at, thumbnail) else { continue };
            let service = file.split('/').take(3).collect::<Vec<_>>().join("/");
            if let Ok(size) = service::size(&self.site.json(&format!("{service}/info.json"))) {
                self.services.insert(service, size);
            }
        }
    }

    fn canvas(&mut self, manifest: &str, canvas: &Value) {
        let at = format!("{manifest}: canvas {}", canvas["id"]);
        self.label(&at, &canvas["label"]);
        self.painted_canvas(&at, canvas);
        for page in canvas["annotations"].as_array().into_iter().flatten() {
            self.annotations(&at, page);
        }
        let canvas_body = &canvas["items"][0]["items"][0]["body"];
        let first = whole(canvas_body);
        if canvas.get("items").is_none() || first["type"] == "TextualBody" {
            return;
        }
        if first["type"] == "Sound" || first["type"] == "Video" {
            self.own_thumbnail(&at, canvas);
            return self.expect(canvas["duration"].as_f64() > Some(0.0), &at, "has no duration");
        }
        let (Some(path), Ok(size)) = (self.path(&first["service"][0]["id"]), service::size(canvas)) else {
            return self.problem(&at, "has no size");
        };
        let region = canvas_body["selector"]["value"].as_str().and_then(|value| value.strip_prefix("xywh="));
        let is_in_proportion = |image: &Size| {
            if let Some(region) = region {
                return region.ends_with(&format!(",{},{}", size.0, size.1));
            }
            let [image, canvas] = [*image, size].map(|(width, height)| f64::from(width) / f64::from(height));
            let is_turned = canvas_body.get("styleClass").is_some() && (1.0 / image / canvas - 1.0).abs() < 0.01;
            is_turned || (image / canvas - 1.0).abs() < 0.01
        };
        self.expect(self.services.get(&path).is_some_and(is_in_proportion), &at, "is not in proportion to its image");
        if let Some(thumbnail) = self.thumbnail(&at, canvas) {
            self.expect(thumbnail.starts_with(&format!("{path}/full/")), &at, "its thumbnail is of another image");
        }
    }

    /// A canvas and those that are shown instead of it; one without `items` is that of a page without a scan.
    fn painted_canvas(&mut self, at: &str, canvas: &Value) {
        self.defined(at, canvas, "Canvas");
        for other in ["placeholderCanvas", "accompanyingCanvas"] {
            if let Some(other) = canvas.get(other) {
                self.painted_canvas(at, other);
            }
        }
        if canvas.get("items").is_none() {
            return;
        }
        let [page] = &self.list(at, &canvas["items"])[..] else { return self.problem(at, "has not one page") };
        self.defined(at, page, "AnnotationPage");
        let paintings = self.list(at, &page["items"]);
        self.expect(!paintings.is_empty(), at, "has no annotation");
        for painting in &paintings {
            self.painting(at, painting, canvas);
        }
    }

    fn painting(&mut self, at: &str, painting: &Value, canvas: &Value) {
        self.defined(at, painting, "Annotation");
        self.expect(painting["motivation"] == "painting", at, "is not painted");
        let target = painting["target"].as_str().unwrap_or_default().split('#').next();
        self.expect(target == canvas["id"].as_str(), at, "its annotation targets something else");
        let body = &painting["body"];
        match body["type"] == "Choice" {
            true => self.list(at, &body["items"]).iter().for_each(|image| self.painted(at, image)),
            false => self.painted(at, body),
        }
    }

    /// An image with its service; a recording that is there; or a text.
    fn painted(&mut self, at: &str, body: &Value) {
        let body = whole(body);
        match body["type"].as_str() {
            Some("Image") => self.image(at, body),
            Some("Sound" | "Video") => self.recording(at, body),
            Some("TextualBody") => {}
            _ => self.problem(at, "paints what nobody knows"),
        }
    }

    fn recording(&mut self, at: &str, body: &Value) {
        let is_video = body["type"] == "Video";
        self.expect(service::size(body).is_ok() == is_video, at, "its recording has no size, or a needless one");
        self.expect(body["duration"].as_f64() > Some(0.0), at, "its recording has no duration");
        self.file(at, body);
    }

    /// A file of the site.
    fn file(&mut self, at: &str, body: &Value) {
        self.expect(body["format"].is_string(), at, "a file has no format");
        if let Some(path) = self.path(&body["id"]) {
            self.expect(self.site.has(&path), at, &format!("names {path}, which is not there"));
        }
    }

    fn image(&mut self, at: &str, body: &Value) {
        self.picture(at, body);
        let [service] = &self.list(at, &body["service"])[..] else { return self.problem(at, "has not one service") };
        let id = service["id"].as_str().unwrap_or_default();
        let bare = json!({ "id": id, "type": "ImageService3", "profile": "level0" });
        self.expect(*service == bare, at, "its service says more, or less, than id, type and profile");
        self.expect(body["id"] == format!("{id}/full/max/0/default.jpg"), at, "its body is not full/max");
        let Some(path) = self.path(&service["id"]) else { return };
        self.expect(path.starts_with("iiif/3/"), at, "its service is not below iiif/3/");
        let info = format!("{path}/info.json");
        if !self.site.has(&info) {
            return self.problem(at, "its service is not there");
        }
        match service::size(&self.site.json(&info)) {
            Ok(size) => {
                let is_new = self.services.insert(path, size).is_none();
                self.expect(is_new, at, "its service is that of another canvas too");
            }
            Err(problem) => self.problem(at, &problem),
        }
    }

    /// Captions; or a reference to annotations that are a document of the site.
    fn annotations(&mut self, at: &str, reference: &Value) {
        if reference["items"][0]["motivation"] == "supplementing" {
            let body = &reference["items"][0]["body"];
            let bodies = body["items"].as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
            return bodies.iter().for_each(|body| self.file(at, body));
        }
        let Some(path) = self.path(&reference["id"]) else { return };
        if !self.site.has(&path) {
            return self.problem(at, &format!("names {path}, which is not there"));
        }
        let page = self.site.json(&path);
        for collection in page["partOf"].as_array().into_iter().flatten() {
            let whole = self.path(&collection["id"]).filter(|path| self.site.has(path));
            let whole = whole.map(|path| self.site.json(&path)).unwrap_or_default();
            self.expect(whole["type"] == "AnnotationCollection", &path, "is part of what is not there");
        }
        self.expect(
            page["id"] == reference["id"] && page["type"] == "AnnotationPage",
            &path,
            "is no such AnnotationPage",
        );
        let items = self.list(&path, &page["items"]);
        self.expect(!items.is_empty(), &path, "has no annotation");
        self.context(&path, &page);
        self.only_absolute_ids(&path, &page);
    }

    /// The Presentation API's own context, behind those of extensions.
    fn context(&mut self, path: &str, document: &Value) {
        let context = &document["@context"];
        let last = context.as_array().and_then(|all| all.last()).unwrap_or(context);
        self.expect(last == "http://iiif.io/api/presentation/3/context.json", path, "@context");
    }

    /// Files that the document links to are there.
    fn links(&mut self, path: &str, value: &Value) {
        let links = ["rendering", "seeAlso", "logo"].iter().flat_map(|key| value[key].as_array().into_iter().flatten());
        for link in links {
            let file = link["id"].as_str().and_then(|id| self.site.path_of(id).ok());
            let is_there = file.as_ref().is_none_or(|file| self.site.has(file));
            self.expect(is_there, path, &format!("links to {file:?}, which is not there"));
        }
        for provider in value["provider"].as_array().into_iter().flatten() {
            self.links(path, provider);
        }
    }

    /// Reads a document and checks what all have in common.
    fn document(&mut self, path: &str, kind: &str, above: &[&str]) -> Option<Value> {
        if !self.site.has(path) {
            self.problem(path, "is missing");
            return None;
        }
        let is_new = self.documents.insert(path.to_owned());
        self.expect(is_new, path, "is named twice");
        let document = self.site.json(path);
        self.context(path, &document);
        self.links(path, &document);
        self.defined(path, &document, kind);
        let published = self.path(&document["id"]);
        self.expect(published.as_deref() == Some(path), path, "is published somewhere else than its id");
        self.label(path, &document["label"]);
        let is_part = match above {
            [] => document.get("partOf").is_none(),
            _ => above.iter().any(|id| document["partOf"][0]["id"] == *id),
        };
        self.expect(is_part, path, "is not part of a collection that names it");
        self.only_absolute_ids(path, &document);
        Some(document)
    }

    fn only_absolute_ids(&mut self, at: &str, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.only_absolute_ids(at, value)),
            Value::Object(values) => values.iter().for_each(|(key, value)| {
                let is_absolute =
                    value.as_str().is_some_and(|id| id.starts_with("http://") || id.starts_with("https://"));
                self.expect(key != "id" || is_absolute, at, &format!("id {value} is not absolute"));
                self.only_absolute_ids(at, value);
            }),
            _ => {}
        }
    }

    /// Something with an id of its own, which nothing else has.
    fn defined(&mut self, at: &str, thing: &Value, kind: &str) {
        self.expect(thing["type"] == kind, at, &format!("is not a {kind}"));
        let id = thing["id"].as_str().unwrap_or_default().to_owned();
        let is_below = self.site.path_of(&id).is_ok();
        self.expect(is_below, at, &format!("id {id:?} is not below the base URL"));
        let is_new = self.ids.insert(id);
        self.expect(is_new, at, "has the id of something else");
    }

    fn label(&mut self, at: &str, label: &Value) {
        let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
        let is_list =
            |values: &Value| values.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_text));
        let is_map = label.as_object().is_some_and(|map| !map.is_empty() && map.values().all(is_list));
        self.expect(is_map, at, &format!("label is {label}"));
    }

    /// A thumbnail without a service, at least 200 pixels wide where the image has such a file.
    fn thumbnail(&mut self, at: &str, thing: &Value) -> Option<String> {
        let [thumbnail] = &self.list(at, &thing["thumbnail"])[..] else {
            self.problem(at, "has not one thumbnail");
            return None;
        };
        self.expect(thumbnail.get("service").is_none(), at, "its thumbnail has a service");
        let path = self.picture(at, thumbnail)?;
        let service = path.split('/').take(3).collect::<Vec<_>>().join("/");
        let published = service::files(self.site, &service).ok()?;
        let wide = published.iter().any(|(path, size)| path.contains("/full/") && size.0 >= 200);
        let width = thumbnail["width"].as_u64().unwrap_or_default();
        self.expect(!wide || width >= 200, at, &format!("its thumbnail is {width} pixels wide"));
        Some(path)
    }

    fn picture(&mut self, at: &str, picture: &Value) -> Option<String> {
        self.expect(
            picture["type"] == "Image" && picture["format"] == "image/jpeg",
            at,
            "names something that is no JPEG",
        );
        let path = self.path(&picture["id"])?;
        match service::size(picture) {
            Ok(size) => drop(self.pictures.insert(path.clone(), size)),
            Err(problem) => self.problem(at, &problem),
        }
        Some(path)
    }

    fn path(&mut self, id: &Value) -> Option<String> {
        match self.site.path_of(id.as_str().unwrap_or_default()) {
            Ok(path) => Some(path),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    fn list(&mut self, at: &str, value: &Value) -> Vec<Value> {
        self.expect(value.is_array(), at, "lacks a list");
        value.as_array().cloned().unwrap_or_default()
    }

    fn expect(&mut self, holds: bool, at: &str, otherwise: &str) {
        if !holds {
            self.problem(at, otherwise);
        }
    }

    fn problem(&mut self, at: &str, what: &str) {
        self.problems.push(format!("{at}: {what}"));
    }
}

/// What a body shows: the first of a choice, the whole of which it is a part.
fn whole(body: &Value) -> &Value {
    let first = body["items"].get(0).unwrap_or(body);
    first.get("source").filter(|source| source.is_object()).unwrap_or(first)
}
