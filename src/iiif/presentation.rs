//! The JSON of Presentation API 3: types spelled the specification's way, filled by [`super::manifest`] and
//! [`super::collection`].

use super::html::markup;
use crate::model::{Behavior, Description, LabelValue, LanguageMap, Link, NavDate, Provider, ViewingDirection};
use serde::Serialize;

pub const CONTEXT: &str = "http://iiif.io/api/presentation/3/context.json";

/// A Collection or a Manifest: what their documents have in common, and their members.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource<T> {
    #[serde(rename = "@context")]
    pub context: &'static str,
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(flatten)]
    pub descriptive: Descriptive,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thumbnail: Vec<Image>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub part_of: Vec<Reference>,
    pub items: Vec<T>,
}

/// The descriptive properties that a curator gives.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptive {
    pub label: LanguageMap,
    #[serde(skip_serializing_if = "LanguageMap::is_empty")]
    pub summary: LanguageMap,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<Pair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_statement: Option<Pair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provider: Vec<Agent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nav_date: Option<NavDate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub behavior: Vec<Behavior>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewing_direction: Option<ViewingDirection>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub homepage: Vec<External>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub see_also: Vec<External>,
}

#[derive(Serialize)]
pub struct Pair {
    pub label: LanguageMap,
    pub value: LanguageMap,
}

/// The provider of a resource.
#[derive(Serialize)]
pub struct Agent {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub label: LanguageMap,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub homepage: Vec<External>,
}

/// A document elsewhere.
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
}

/// A reference to another document of the site.
#[derive(Serialize)]
pub struct Reference {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub label: LanguageMap,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thumbnail: Vec<Image>,
}

/// A JPEG of known size. Without a service as a thumbnail; viewers then use it as it is.
#[derive(Serialize)]
pub struct Image {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
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
pub struct Canvas {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub label: LanguageMap,
    pub height: u32,
    pub width: u32,
    pub thumbnail: Vec<Image>,
    pub items: [AnnotationPage; 1],
}

#[derive(Serialize)]
pub struct AnnotationPage {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub items: [Annotation; 1],
}

#[derive(Serialize)]
pub struct Annotation {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub motivation: &'static str,
    pub body: Image,
    pub target: String,
}

impl From<&Description> for Descriptive {
    fn from(description: &Description) -> Descriptive {
        Descriptive {
            label: description.label.clone(),
            summary: with_markup(&description.summary),
            metadata: description.metadata.iter().map(Pair::from).collect(),
            required_statement: description.required_statement.as_ref().map(Pair::from),
            rights: description.rights.clone(),
            provider: description.provider.0.iter().map(Agent::from).collect(),
            nav_date: description.nav_date.clone(),
            behavior: description.behavior.0.clone(),
            viewing_direction: description.viewing_direction,
            homepage: description.homepage.0.iter().map(External::homepage).collect(),
            see_also: description.see_also.0.iter().map(External::dataset).collect(),
        }
    }
}

impl From<&LabelValue> for Pair {
    fn from(pair: &LabelValue) -> Pair {
        Pair { label: pair.label.clone(), value: with_markup(&pair.value) }
    }
}

impl From<&Provider> for Agent {
    fn from(provider: &Provider) -> Agent {
        Agent {
            id: provider.id.clone(),
            kind: "Agent",
            label: provider.label.clone(),
            homepage: provider.homepage.0.iter().map(External::homepage).collect(),
        }
    }
}

impl External {
    /// A page for people; `label` is required, so the address stands in for one.
    fn homepage(link: &Link) -> External {
        let label = if link.label.is_empty() { LanguageMap::plain(&link.id) } else { link.label.clone() };
        let format = link.format.clone().or_else(|| Some("text/html".to_owned()));
        External { label, format, ..External::new(link, "Text") }
    }

    /// A description for machines.
    fn dataset(link: &Link) -> External {
        External::new(link, "Dataset")
    }

    fn new(link: &Link, kind: &str) -> External {
        External {
            id: link.id.clone(),
            kind: link.kind.clone().unwrap_or_else(|| kind.to_owned()),
            label: link.label.clone(),
            format: link.format.clone(),
            profile: link.profile.clone(),
        }
    }
}

fn with_markup(map: &LanguageMap) -> LanguageMap {
    map.map(|value| markup(value).unwrap_or_else(|| value.to_owned()))
}
