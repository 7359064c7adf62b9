//! The JSON of Presentation API 2.1: types spelled the specification's way.

use crate::model::{LanguageMap, NO_LANGUAGE, NavDate, ViewingDirection};
use serde::{Serialize, Serializer};
use serde_json::Value;

pub const CONTEXT: &str = "http://iiif.io/api/presentation/2/context.json";

/// What may be one or many; one is written without a list, for not all clients expect one.
pub struct Several<T>(pub Vec<T>);

impl<T> Default for Several<T> {
    fn default() -> Self {
        Several(vec![])
    }
}

impl<T> Several<T> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> FromIterator<T> for Several<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Several<T> {
        Several(values.into_iter().collect())
    }
}

impl<T: Serialize> Serialize for Several<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

/// A value of a property, in a language if that is known (section 4.3).
#[derive(Serialize)]
#[serde(untagged)]
pub enum Text {
    Plain(String),
    Tagged {
        #[serde(rename = "@value")]
        value: String,
        #[serde(rename = "@language")]
        language: String,
    },
}

impl Several<Text> {
    pub fn of(map: &LanguageMap) -> Several<Text> {
        let text = |language: &str, value: &String| match language == NO_LANGUAGE {
            true => Text::Plain(value.clone()),
            false => Text::Tagged { value: value.clone(), language: language.to_owned() },
        };
        map.entries().flat_map(|(language, values)| values.iter().map(move |value| text(language, value))).collect()
    }
}

/// What curators say, as far as version 2 has words for it (section 3).
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptive {
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub label: Several<Text>,
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub description: Several<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<Pair>,
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub attribution: Several<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub logo: Several<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nav_date: Option<NavDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewing_direction: Option<ViewingDirection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewing_hint: Option<&'static str>,
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub related: Several<Linked>,
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub see_also: Several<Linked>,
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub rendering: Several<Linked>,
}

#[derive(Serialize)]
pub struct Pair {
    pub label: Several<Text>,
    pub value: Several<Text>,
}

/// Another document.
#[derive(Serialize)]
pub struct Linked {
    #[serde(rename = "@id")]
    pub id: String,
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub label: Several<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

#[derive(Serialize)]
pub struct Manifest {
    #[serde(rename = "@context")]
    pub context: &'static str,
    #[serde(rename = "@id")]
    pub id: String,
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(flatten)]
    pub descriptive: Descriptive,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Image>,
    pub within: String,
    pub sequences: [Sequence; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub structures: Vec<Range>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sequence {
    #[serde(rename = "@id")]
    pub id: String,
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_canvas: Option<String>,
    pub canvases: Vec<Canvas>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Canvas {
    #[serde(rename = "@id")]
    pub id: String,
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(flatten)]
    pub descriptive: Descriptive,
    pub height: u32,
    pub width: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Image>,
    /// Empty: nothing is painted on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Annotation<Painted>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_content: Vec<Reference>,
}

/// Content and the canvas that it is on.
#[derive(Serialize)]
pub struct Annotation<T> {
    #[serde(rename = "@id")]
    pub id: String,
    #[serde(rename = "@type")]
    pub kind: &'static str,
    pub motivation: Several<&'static str>,
    pub resource: T,
    /// A canvas or a part of one.
    pub on: Value,
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum Painted {
    Image(Image),
    Choice {
        #[serde(rename = "@type")]
        kind: &'static str,
        default: Image,
        /// Those to choose from beside it.
        item: Vec<Image>,
    },
}

/// A JPEG of known size; without a service as a thumbnail.
#[derive(Serialize)]
pub struct Image {
    #[serde(rename = "@id")]
    pub id: String,
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub label: Several<Text>,
    pub format: &'static str,
    pub height: u32,
    pub width: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
}

#[derive(Serialize)]
pub struct Service {
    #[serde(rename = "@context")]
    pub context: &'static str,
    #[serde(rename = "@id")]
    pub id: String,
    pub profile: &'static str,
}

#[derive(Serialize)]
pub struct AnnotationList<T> {
    #[serde(rename = "@context")]
    pub context: &'static str,
    #[serde(rename = "@id")]
    pub id: String,
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub label: Several<Text>,
    pub resources: Vec<Annotation<T>>,
}

/// A part of a Manifest. All are in one list and name those within them by their ids.
#[derive(Serialize)]
pub struct Range {
    #[serde(rename = "@id")]
    pub id: String,
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(flatten)]
    pub descriptive: Descriptive,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Image>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<String>,
    /// May end in a media fragment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub canvases: Vec<String>,
}

#[derive(Serialize)]
pub struct Collection {
    #[serde(rename = "@context")]
    pub context: &'static str,
    #[serde(rename = "@id")]
    pub id: String,
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(flatten)]
    pub descriptive: Descriptive,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<Reference>,
    /// Said also of none: a collection lists something.
    pub manifests: Vec<Reference>,
}

/// A reference to another document of the site.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    #[serde(rename = "@id")]
    pub id: String,
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub label: Several<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nav_date: Option<NavDate>,
}
