//! The JSON of Presentation API 3. Types have the names of the specification; [`super::manifest`], [`super::canvas`]
//! and [`super::collection`] fill them.

use crate::documents::json::json_objects;
use crate::model::{Behavior, Json, LanguageMap, NavDate, ViewingDirection};
use serde::{Serialize, Serializer};

pub const CONTEXT: &str = "http://iiif.io/api/presentation/3/context.json";

/// The context of the navPlace extension.
pub const NAV_PLACE_CONTEXT: &str = "http://iiif.io/api/extension/navplace/context.json";

/// `@context`. That of the Presentation API comes last (section 4.6).
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

json_objects! {
    /// The descriptive and linking properties of a resource, in the order in which they are written.
    #[derive(Default)]
    pub struct Descriptive {
        pub label?: LanguageMap,
        pub summary?: LanguageMap,
        pub metadata?: Vec<Pair>,
        pub required_statement?: Option<Pair>,
        pub rights?: Option<String>,
        pub provider?: Vec<Agent>,
        pub nav_date?: Option<NavDate>,
        pub nav_place?: Option<serde_json::Value>,
        pub behavior?: Vec<Behavior>,
        pub viewing_direction?: Option<ViewingDirection>,
        pub homepage?: Vec<External>,
        pub see_also?: Vec<External>,
        pub rendering?: Vec<External>,
        pub service?: Vec<Json>,
        pub services?: Vec<Json>,
    }

    /// A Collection or a Manifest.
    pub struct Resource<T> {
        pub context as "@context": Context,
        pub id: String,
        pub kind as "type": &'static str,
        #[serde(flatten)]
        pub descriptive: Descriptive,
        pub thumbnail?: Vec<Image>,
        pub placeholder_canvas?: Option<Canvas>,
        pub accompanying_canvas?: Option<Canvas>,
        pub start?: Option<CanvasPart>,
        pub part_of?: Vec<External>,
        pub items: Vec<T>,
        pub structures?: Vec<RangeItem>,
        pub annotations?: Vec<AnnotationPageReference>,
    }

    pub struct Pair {
        pub label: LanguageMap,
        pub value: LanguageMap,
    }

    /// The provider of a resource.
    pub struct Agent {
        pub id: String,
        pub kind as "type": &'static str,
        pub label: LanguageMap,
        pub homepage?: Vec<External>,
        pub logo?: Vec<External>,
        pub see_also?: Vec<External>,
    }

    /// Another document: a file of the site, a resource elsewhere on the web, or the collection that holds this one.
    pub struct External {
        pub id: String,
        pub kind as "type": String,
        pub label?: LanguageMap,
        pub format?: Option<String>,
        pub profile?: Option<String>,
        pub language?: Vec<String>,
    }

    /// A reference to another document of the site.
    pub struct Reference {
        pub id: String,
        pub kind as "type": &'static str,
        pub label: LanguageMap,
        pub thumbnail?: Vec<Image>,
        pub nav_date?: Option<NavDate>,
        pub nav_place?: Option<serde_json::Value>,
    }

    /// Annotations in a document of their own, which has the label: the JSON schema allows none in a reference.
    pub struct AnnotationPageReference {
        pub id: String,
        pub kind as "type": &'static str,
    }

    /// A JPEG of known size. A thumbnail has no service, so that viewers use the file itself.
    pub struct Image {
        pub id: String,
        pub kind as "type": &'static str,
        pub label?: LanguageMap,
        pub format: &'static str,
        pub width: u32,
        pub height: u32,
        pub service?: Vec<ImageService>,
    }

    /// An image service without sizes: embedded sizes make Mirador build a broken address for tiny images.
    pub struct ImageService {
        pub id: String,
        pub kind as "type": &'static str,
        pub profile: &'static str,
    }

    pub struct Canvas {
        pub id: String,
        pub kind as "type": &'static str,
        #[serde(flatten)]
        pub descriptive: Descriptive,
        /// Pixels; sound has neither height nor width.
        pub height?: Option<u32>,
        pub width?: Option<u32>,
        /// Seconds.
        pub duration?: Option<f64>,
        pub thumbnail?: Vec<Image>,
        pub placeholder_canvas?: Option<Box<Canvas>>,
        pub accompanying_canvas?: Option<Box<Canvas>>,
        pub part_of?: Vec<External>,
        /// Empty if nothing is painted on it.
        pub items?: Vec<AnnotationPage>,
        pub annotations?: Vec<Annotations>,
    }

    pub struct AnnotationPage {
        pub id: String,
        pub kind as "type": &'static str,
        pub items: Vec<Annotation>,
    }

    pub struct Annotation {
        pub id: String,
        pub kind as "type": &'static str,
        pub motivation: &'static str,
        pub body: Body,
        pub target: String,
    }

    /// Sound or video.
    pub struct RecordingBody {
        pub id: String,
        pub kind as "type": &'static str,
        pub label?: LanguageMap,
        pub format: &'static str,
        pub height?: Option<u32>,
        pub width?: Option<u32>,
        /// Seconds.
        pub duration: f64,
    }

    /// A file with the words of a recording.
    pub struct Words {
        pub id: String,
        pub kind as "type": &'static str,
        pub label?: LanguageMap,
        pub format?: Option<&'static str>,
        pub language?: Option<String>,
    }

    /// Several bodies. A viewer shows one of them, at the beginning the first.
    pub struct Choice {
        pub kind as "type": &'static str,
        pub items: Vec<Body>,
    }

    /// A part of a Manifest.
    pub struct Range {
        pub id: String,
        pub kind as "type": &'static str,
        #[serde(flatten)]
        pub descriptive: Descriptive,
        pub thumbnail?: Vec<Image>,
        pub placeholder_canvas?: Option<Canvas>,
        pub accompanying_canvas?: Option<Canvas>,
        pub start?: Option<CanvasPart>,
        pub supplementary?: Option<External>,
        pub part_of?: Vec<External>,
        pub items: Vec<RangeItem>,
    }

    /// A moment of a canvas with a duration.
    pub struct PointSelector {
        pub kind as "type": &'static str,
        /// Seconds.
        pub t: f64,
    }
}

impl External {
    /// A document without further properties.
    pub fn new(id: String, kind: &str, label: LanguageMap) -> External {
        External { id, kind: kind.to_owned(), label, format: None, profile: None, language: vec![] }
    }
}

/// Annotations in the document itself, or in a document of their own.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Annotations {
    Here(AnnotationPage),
    There(AnnotationPageReference),
}

/// The content that an annotation puts on a canvas.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Body {
    Image(Image),
    Recording(RecordingBody),
    Words(Words),
    Choice(Choice),
}

impl Body {
    /// The only one of `bodies`, or a choice of several; `None` if there is none.
    pub fn of_any(mut bodies: Vec<Body>) -> Option<Body> {
        match bodies.len() {
            0 | 1 => bodies.pop(),
            _ => Some(Body::Choice(Choice { kind: "Choice", items: bodies })),
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum RangeItem {
    Canvas(CanvasPart),
    Range(Box<AmendedRange>),
}

/// A Range, and the JSON to write instead of it if a curator adds properties to it.
pub struct AmendedRange {
    pub range: Range,
    pub json: Option<serde_json::Value>,
}

impl Serialize for AmendedRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.json {
            Some(json) => json.serialize(serializer),
            None => self.range.serialize(serializer),
        }
    }
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
