//! The JSON of Presentation API 2.1, in types with the names of the specification, and the conversion of the
//! descriptive properties of version 3 to version 2 (sections 3.1 to 3.4).

use super::super::presentation;
use crate::documents::json::{MayBeEmpty, json_objects};
use crate::model::{Behavior, LanguageMap, NO_LANGUAGE, NavDate, ViewingDirection};
use serde::{Serialize, Serializer};
use serde_json::Value;

pub const CONTEXT: &str = "http://iiif.io/api/presentation/2/context.json";

/// One or many values. A single one is written without a list, because not all clients expect a list.
pub struct Several<T>(pub Vec<T>);

impl<T> Default for Several<T> {
    fn default() -> Self {
        Several(vec![])
    }
}

impl<T> MayBeEmpty for Several<T> {
    fn is_empty(&self) -> bool {
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

/// A text, with its language if that is known (section 4.3).
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

json_objects! {
    /// The descriptive and linking properties of a resource (section 3).
    #[derive(Default)]
    pub struct Descriptive {
        pub label?: Several<Text>,
        pub description?: Several<Text>,
        pub metadata?: Vec<Pair>,
        pub attribution?: Several<Text>,
        pub license?: Option<String>,
        pub logo?: Several<String>,
        pub nav_date?: Option<NavDate>,
        pub viewing_direction?: Option<ViewingDirection>,
        pub viewing_hint?: Option<&'static str>,
        pub related?: Several<Linked>,
        pub see_also?: Several<Linked>,
        pub rendering?: Several<Linked>,
    }

    pub struct Pair {
        pub label: Several<Text>,
        pub value: Several<Text>,
    }

    /// Another document.
    pub struct Linked {
        pub id as "@id": String,
        pub label?: Several<Text>,
        pub format?: Option<String>,
        pub profile?: Option<String>,
    }

    pub struct Manifest {
        pub context as "@context": &'static str,
        pub id as "@id": String,
        pub kind as "@type": &'static str,
        #[serde(flatten)]
        pub descriptive: Descriptive,
        pub thumbnail?: Option<Image>,
        pub within: String,
        pub sequences: [Sequence; 1],
        pub structures?: Vec<Range>,
    }

    pub struct Sequence {
        pub id as "@id": String,
        pub kind as "@type": &'static str,
        pub start_canvas?: Option<String>,
        pub canvases: Vec<Canvas>,
    }

    pub struct Canvas {
        pub id as "@id": String,
        pub kind as "@type": &'static str,
        #[serde(flatten)]
        pub descriptive: Descriptive,
        pub height: u32,
        pub width: u32,
        pub thumbnail?: Option<Image>,
        /// Empty if nothing is painted on it.
        pub images?: Vec<Annotation<Painted>>,
        pub other_content?: Vec<Reference>,
    }

    /// Content and the canvas that it is on.
    pub struct Annotation<T> {
        pub id as "@id": String,
        pub kind as "@type": &'static str,
        pub motivation: Several<&'static str>,
        pub resource: T,
        /// A canvas or a part of one.
        pub on: Value,
    }

    /// A JPEG of known size. A thumbnail has no service.
    pub struct Image {
        pub id as "@id": String,
        pub kind as "@type": &'static str,
        pub label?: Several<Text>,
        pub format: &'static str,
        pub height: u32,
        pub width: u32,
        pub service?: Option<Service>,
    }

    pub struct Service {
        pub context as "@context": &'static str,
        pub id as "@id": String,
        pub profile: &'static str,
    }

    pub struct AnnotationList<T> {
        pub context as "@context": &'static str,
        pub id as "@id": String,
        pub kind as "@type": &'static str,
        pub label?: Several<Text>,
        pub resources: Vec<Annotation<T>>,
    }

    /// A part of a Manifest. All are in one list and name those within them by their ids.
    pub struct Range {
        pub id as "@id": String,
        pub kind as "@type": &'static str,
        #[serde(flatten)]
        pub descriptive: Descriptive,
        pub thumbnail?: Option<Image>,
        pub ranges?: Vec<String>,
        /// May end in a media fragment.
        pub canvases?: Vec<String>,
    }

    pub struct Collection {
        pub context as "@context": &'static str,
        pub id as "@id": String,
        pub kind as "@type": &'static str,
        #[serde(flatten)]
        pub descriptive: Descriptive,
        pub thumbnail?: Option<Image>,
        pub within?: Option<String>,
        pub collections?: Vec<Reference>,
        /// Written also if empty: clients expect a list of members.
        pub manifests: Vec<Reference>,
    }

    /// A reference to another document of the site.
    pub struct Reference {
        pub id as "@id": String,
        pub kind as "@type": &'static str,
        pub label?: Several<Text>,
        pub thumbnail?: Option<Image>,
        pub nav_date?: Option<NavDate>,
    }
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

/// The type of a resource, on which the valid values of `viewingHint` depend.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Collection,
    Manifest,
    Range,
    Canvas,
}

/// The properties of version 3 in version 2: of a required statement its value without the label, of providers their
/// logos, of behaviors the first that has a `viewingHint`.
pub fn in_version_2(full: presentation::Descriptive, kind: Kind) -> Descriptive {
    let logos = full.provider.iter().flat_map(|provider| &provider.logo);
    Descriptive {
        label: Several::of(&full.label),
        description: Several::of(&full.summary),
        metadata: pairs(&full.metadata),
        attribution: full.required_statement.map(|statement| Several::of(&statement.value)).unwrap_or_default(),
        license: full.rights,
        logo: logos.map(|logo| logo.id.clone()).collect(),
        nav_date: full.nav_date,
        viewing_direction: full.viewing_direction.filter(|_| matches!(kind, Kind::Manifest | Kind::Range)),
        viewing_hint: viewing_hint(&full.behavior, kind),
        related: linked(full.homepage),
        see_also: linked(full.see_also),
        rendering: linked(full.rendering),
    }
}

fn pairs(metadata: &[presentation::Pair]) -> Vec<Pair> {
    let pair = |pair: &presentation::Pair| Pair { label: Several::of(&pair.label), value: Several::of(&pair.value) };
    metadata.iter().map(pair).collect()
}

fn linked(links: Vec<presentation::External>) -> Several<Linked> {
    let link = |link: presentation::External| Linked {
        id: link.id,
        label: Several::of(&link.label),
        format: link.format,
        profile: link.profile,
    };
    links.into_iter().map(link).collect()
}

/// The `viewingHint` of the first behavior that has one.
fn viewing_hint(behaviors: &[Behavior], kind: Kind) -> Option<&'static str> {
    let hint = |behavior: &Behavior| match (behavior, kind) {
        (Behavior::Individuals, Kind::Manifest | Kind::Range) => Some("individuals"),
        (Behavior::Paged, Kind::Manifest | Kind::Range) => Some("paged"),
        (Behavior::Continuous, Kind::Manifest | Kind::Range) => Some("continuous"),
        (Behavior::MultiPart, Kind::Collection) => Some("multi-part"),
        (Behavior::NonPaged, Kind::Canvas) => Some("non-paged"),
        (Behavior::FacingPages, Kind::Canvas) => Some("facing-pages"),
        _ => None,
    };
    behaviors.iter().find_map(hint)
}
