//! Presentation API 2.1: from `collection.v2.json` to every document and picture that it leads to, each beside its like
//! of version 3.

use super::{Files, Size, service};
use crate::site::Site;
use serde_json::Value;
use std::collections::BTreeSet;

pub struct Older<'a> {
    site: &'a Site,
    pub problems: Vec<String>,
    /// Every picture that a document names, with the size that it states.
    pub pictures: Files,
    pub documents: BTreeSet<String>,
    ids: BTreeSet<String>,
}

impl<'a> Older<'a> {
    /// Walks the whole site.
    pub fn of(site: &'a Site) -> Older<'a> {
        let (problems, pictures) = (vec![], Files::new());
        let mut older = Older { site, problems, pictures, documents: BTreeSet::new(), ids: BTreeSet::new() };
        older.collection("collection.v2.json", &[]);
        older
    }

    /// A Collection and all that is below it; `above` are the ids of those that hold it, innermost last.
    fn collection(&mut self, path: &str, above: &[&str]) {
        let Some(document) = self.document(path, "sc:Collection", above) else { return };
        let full = self.site.json(&path.replace(".v2.json", ".json"));
        let named = |key: &str| document[key].as_array().cloned().unwrap_or_default();
        let above = [above, &[document["@id"].as_str().unwrap_or_default()]].concat();
        for (member, kind) in named("collections")
            .into_iter()
            .map(|member| (member, "sc:Collection"))
            .chain(named("manifests").into_iter().map(|member| (member, "sc:Manifest")))
        {
            self.expect(member["@type"] == kind, path, &format!("{} is no {kind}", member["@id"]));
            self.text(path, &member["label"]);
            self.thumbnail(path, &member);
            let Some(inner) = self.path(path, &member["@id"]) else { continue };
            let like = full["items"].as_array().into_iter().flatten().any(|other| {
                other["id"].as_str().map(|id| id.replace(".json", ".v2.json")).as_deref() == member["@id"].as_str()
            });
            self.expect(like, path, &format!("lists {inner}, and its like of version 3 does not"));
            match kind {
                "sc:Collection" => self.collection(&inner, &above),
                _ => self.manifest(&inner, &above),
            }
        }
    }

    fn manifest(&mut self, path: &str, above: &[&str]) {
        let Some(document) = self.document(path, "sc:Manifest", above) else { return };
        let sequences = document["sequences"].as_array().cloned().unwrap_or_default();
        let [sequence] = &sequences[..] else { return self.problem(path, "has not one sequence") };
        self.defined(path, sequence, "sc:Sequence");
        let canvases = sequence["canvases"].as_array().cloned().unwrap_or_default();
        let ids: BTreeSet<String> = canvases.iter().filter_map(|canvas| Some(canvas["@id"].as_str()?.into())).collect();
        let full = self.site.json(&path.replace(".v2.json", ".json"));
        let is_shown = |canvas: &&Value| canvas.get("duration").is_none() || canvas.to_string().contains("\"Image\"");
        let there: Vec<&Value> = full["items"].as_array().unwrap().iter().filter(is_shown).collect();
        self.expect(
            canvases.iter().all(|canvas| there.iter().any(|other| other["id"] == canvas["@id"])),
            path,
            "has a canvas that version 3 has not",
        );
        let start = sequence.get("startCanvas").and_then(Value::as_str);
        self.expect(start.is_none_or(|start| ids.contains(start)), path, "starts where nothing is");
        canvases.iter().for_each(|canvas| self.canvas(path, canvas));
        self.ranges(path, &document["structures"], &ids);
    }

    fn canvas(&mut self, path: &str, canvas: &Value) {
        let at = format!("{path}: canvas {}", canvas["@id"]);
        self.defined(&at, canvas, "sc:Canvas");
        self.text(&at, &canvas["label"]);
        self.thumbnail(&at, canvas);
        self.expect(service::size(canvas).is_ok(), &at, "has no size");
        let id = canvas["@id"].as_str().unwrap_or_default();
        for painting in canvas["images"].as_array().into_iter().flatten() {
            self.defined(&at, painting, "oa:Annotation");
            self.expect(painting["motivation"] == "sc:painting", &at, "is not painted");
            self.on(&at, painting, id);
            let resource = &painting["resource"];
            match resource["@type"] == "oa:Choice" {
                true => {
                    self.image(&at, &resource["default"]);
                    let others = resource["item"].as_array().into_iter().flatten();
                    others.for_each(|image| self.image(&at, image));
                }
                false => self.image(&at, resource),
            }
        }
        for list in canvas["otherContent"].as_array().into_iter().flatten() {
            let Some(path) = self.path(&at, &list["@id"]) else { continue };
            let Some(document) = self.document(&path, "sc:AnnotationList", &[]) else { continue };
            let annotations = document["resources"].as_array().cloned().unwrap_or_default();
            self.expect(!annotations.is_empty(), &path, "has no annotation");
            for annotation in &annotations {
                self.defined(&path, annotation, "oa:Annotation");
                self.on(&path, annotation, id);
                self.expect(!annotation["resource"].is_null(), &path, "has an annotation that says nothing");
            }
        }
    }

    fn on(&mut self, at: &str, annotation: &Value, canvas: &str) {
        let on = annotation["on"].as_str().or(annotation["on"]["full"].as_str()).unwrap_or_default();
        self.expect(on.split('#').next() == Some(canvas), at, "has an annotation on something else");
    }

    fn image(&mut self, at: &str, image: &Value) {
        self.picture(at, image);
        let id = image["service"]["@id"].as_str().unwrap_or_default();
        self.expect(image["@id"] == format!("{id}/full/full/0/default.jpg"), at, "its body is not full/full");
        let expected = serde_json::json!({
            "@context": "http://iiif.io/api/image/2/context.json",
            "@id": id,
            "profile": "http://iiif.io/api/image/2/level0.json",
        });
        self.expect(image["service"] == expected, at, "its service says more, or less, than context, id and profile");
        if let Some(path) = self.path(at, &image["service"]["@id"]) {
            self.expect(self.site.has(&format!("{path}/info.json")), at, "its service is not there");
        }
    }

    /// Each is named by another or at the top, and names what is there.
    fn ranges(&mut self, path: &str, structures: &Value, canvases: &BTreeSet<String>) {
        let ranges: Vec<&Value> = structures.as_array().into_iter().flatten().collect();
        let ids: BTreeSet<&str> = ranges.iter().filter_map(|range| range["@id"].as_str()).collect();
        let names = |key: &'static str| {
            ranges.iter().flat_map(move |range| range[key].as_array().into_iter().flatten().filter_map(Value::as_str))
        };
        let lost = names("ranges").find(|id| !ids.contains(id));
        self.expect(lost.is_none(), path, &format!("has no range {lost:?}"));
        let lost = names("canvases").find(|id| !canvases.contains(id.split('#').next().unwrap()));
        self.expect(lost.is_none(), path, &format!("has no canvas {lost:?} for a range"));
        let tops = ranges.iter().filter(|range| range["viewingHint"] == "top").count();
        self.expect(ranges.is_empty() || tops == 1, path, &format!("has {tops} topmost ranges"));
        let held = names("ranges").collect::<Vec<_>>().len();
        self.expect(held == ranges.len().saturating_sub(1), path, "has a range that is in none, or in two");
        for range in ranges {
            self.defined(path, range, "sc:Range");
            self.text(path, &range["label"]);
            self.thumbnail(path, range);
            let holds = range.get("ranges").or(range.get("canvases")).is_some();
            self.expect(holds, path, "has a range of nothing");
        }
    }

    fn document(&mut self, path: &str, kind: &str, above: &[&str]) -> Option<Value> {
        if !self.site.has(path) {
            self.problem(path, "is missing");
            return None;
        }
        let document = self.site.json(path);
        let is_new = self.documents.insert(path.to_owned());
        self.expect(is_new, path, "is named twice");
        self.expect(document["@context"] == "http://iiif.io/api/presentation/2/context.json", path, "@context");
        self.defined(path, &document, kind);
        self.expect(self.site.path_of(document["@id"].as_str()?).as_deref() == Ok(path), path, "is not at its id");
        let within = document["within"].as_str();
        let is_within = within.map_or(above.is_empty(), |within| above.contains(&within));
        self.expect(is_within, path, "is not within what names it");
        if kind != "sc:AnnotationList" {
            self.text(path, &document["label"]);
            self.thumbnail(path, &document);
        }
        Some(document)
    }

    fn thumbnail(&mut self, at: &str, thing: &Value) {
        if let Some(thumbnail) = thing.get("thumbnail") {
            self.picture(at, thumbnail);
        }
    }

    fn picture(&mut self, at: &str, picture: &Value) {
        let is_jpeg = picture["@type"] == "dctypes:Image" && picture["format"] == "image/jpeg";
        self.expect(is_jpeg, at, "names something that is no JPEG");
        let Some(path) = self.path(at, &picture["@id"]) else { return };
        let size: Result<Size, String> = service::size(picture);
        match size {
            Ok(size) => drop(self.pictures.insert(path, size)),
            Err(problem) => self.problem(at, &problem),
        }
    }

    /// A value, or values in languages.
    fn text(&mut self, at: &str, text: &Value) {
        let is_text = |value: &Value| {
            let plain = value.as_str().or(value["@value"].as_str().filter(|_| value["@language"].is_string()));
            plain.is_some_and(|text| !text.trim().is_empty())
        };
        let values = text.as_array().map_or(std::slice::from_ref(text), Vec::as_slice);
        self.expect(!values.is_empty() && values.iter().all(is_text), at, &format!("label is {text}"));
    }

    fn defined(&mut self, at: &str, thing: &Value, kind: &str) {
        self.expect(thing["@type"] == kind, at, &format!("is not a {kind}"));
        let is_new = self.ids.insert(thing["@id"].as_str().unwrap_or_default().to_owned());
        self.expect(is_new, at, &format!("{} is the id of something else", thing["@id"]));
        self.path(at, &thing["@id"]);
    }

    fn path(&mut self, at: &str, id: &Value) -> Option<String> {
        let id = id.as_str().unwrap_or_default();
        let path = self.site.path_of(id.split('#').next().unwrap_or(id));
        path.map_err(|problem| self.problem(at, &problem)).ok()
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
