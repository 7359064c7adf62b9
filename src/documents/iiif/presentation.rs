//! The JSON of Presentation API 3: types spelled the specification's way, filled by [`super::manifest`],
//! [`super::canvas`] and [`super::collection`].

use super::descriptive::Descriptive;
use crate::model::{LanguageMap, NavDate};
use serde::Serialize;

pub const CONTEXT: &str = "http://iiif.io/api/presentation/3/context.json";

/// The context of the navPlace extension.
pub const NAV_PLACE_CONTEXT: &str = "http://iiif.io/api/extension/navplace/context.json";

/// `@context`: the Presentation API's comes last (section 4.6).
#[derive(Serialize)]
#[serde(untagged)]
pub enum Context {
    One(&'static str),
    Many(Vec<&'static str>),
}

impl Context {
    pub fn with_extensions(mut extensions: Vec<&'static str>) -> Context {
        if extensions.is_empty() {
            return Context::One(CONTEXT);
        }
        extensions.push(CONTEXT);
        Context::Many(extensions)
    }
}

/// A Collection or a Manifest: what their documents have in common, and their members.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource<T> {
    #[serde(rename = "@context")]
    pub context: Context,
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(flatten)]
    pub descriptive: Descriptive,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thumbnail: Vec<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder_canvas: Option<Canvas>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accompanying_canvas: Option<Canvas>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<CanvasPart>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub part_of: Vec<External>,
    pub items: Vec<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub structures: Vec<RangeItem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<AnnotationPageReference>,
}

#[derive(Serialize)]
pub struct Pair {
    pub label: LanguageMap,
    pub value: LanguageMap,
}

/// The provider of a resource.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub label: LanguageMap,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub homepage: Vec<External>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logo: Vec<External>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub see_also: Vec<External>,
}

/// Another document: elsewhere, a file beside this one, or the one around it.
#[derive(Serialize)]
pub struct External {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "LanguageMap::is_empty")]
    pub label: LanguageMap,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub language: Vec<String>,
}

impl External {
    /// Of which no more is known.
    pub fn new(id: String, kind: &str, label: LanguageMap) -> External {
        External { id, kind: kind.to_owned(), label, format: None, profile: None, language: vec![] }
    }
}

/// A reference to another document of the site.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub label: LanguageMap,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thumbnail: Vec<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nav_date: Option<NavDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nav_place: Option<serde_json::Value>,
}

/// Annotations in a document of their own. Its label stands there: the JSON schema lets a reference have none.
#[derive(Serialize)]
pub struct AnnotationPageReference {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// A JPEG of known size. Without a service as a thumbnail; viewers then use it as it is.
#[derive(Serialize)]
pub struct Image {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "LanguageMap::is_empty")]
    pub label: LanguageMap,
    pub format: &'static str,
    pub width: u32,
    pub height: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<ImageService>,
}

/// An image service, bare: embedded sizes make Mirador build a broken address for tiny images.
#[derive(Serialize)]
pub struct ImageService {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub profile: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Canvas {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(flatten)]
    pub descriptive: Descriptive,
    /// Both, or neither for sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thumbnail: Vec<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder_canvas: Option<Box<Canvas>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accompanying_canvas: Option<Box<Canvas>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub part_of: Vec<External>,
    /// Empty: nothing is painted on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<AnnotationPage>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotations>,
}

/// Annotations here or in a document of their own.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Annotations {
    Here(AnnotationPage),
    There(AnnotationPageReference),
}

#[derive(Serialize)]
pub struct AnnotationPage {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub items: Vec<Annotation>,
}

#[derive(Serialize)]
pub struct Annotation {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub motivation: &'static str,
    pub body: Body,
    pub target: String,
}

/// What an annotation paints.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Body {
    Image(Image),
    Recording(RecordingBody),
    Words(Words),
    Choice(Choice),
}

/// Sound or video.
#[derive(Serialize)]
pub struct RecordingBody {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "LanguageMap::is_empty")]
    pub label: LanguageMap,
    pub format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Seconds.
    pub duration: f64,
}

/// A file with the words of a recording.
#[derive(Serialize)]
pub struct Words {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "LanguageMap::is_empty")]
    pub label: LanguageMap,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Body {
    /// What there is of `bodies`: one is itself, of several one may be chosen; `None` of none.
    pub fn of_any(mut bodies: Vec<Body>) -> Option<Body> {
        match bodies.len() {
            0 | 1 => bodies.pop(),
            _ => Some(Body::Choice(Choice { kind: "Choice", items: bodies })),
        }
    }
}

/// Of these a reader sees one; the first unless he chooses.
#[derive(Serialize)]
pub struct Choice {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub items: Vec<Body>,
}

/// A part of a Manifest.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Range {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(flatten)]
    pub descriptive: Descriptive,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thumbnail: Vec<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder_canvas: Option<Canvas>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accompanying_canvas: Option<Canvas>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<CanvasPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplementary: Option<External>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub part_of: Vec<External>,
    pub items: Vec<RangeItem>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum RangeItem {
    Canvas(CanvasPart),
    Range(Box<Range>),
    /// A Range, and the same with what a curator adds to it.
    Amended {
        #[serde(skip)]
        range: Box<Range>,
        #[serde(flatten)]
        json: serde_json::Value,
    },
}

/// A canvas of the Manifest, or a part of one.
#[derive(Serialize)]
#[serde(untagged)]
pub enum CanvasPart {
    /// The id may end in a media fragment.
    Canvas {
        id: String,
        #[serde(rename = "type")]
        kind: &'static str,
    },
    Point {
        id: String,
        #[serde(rename = "type")]
        kind: &'static str,
        source: String,
        selector: PointSelector,
    },
}

/// A moment of a canvas with a duration.
#[derive(Serialize)]
pub struct PointSelector {
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Seconds.
    pub t: f64,
}
