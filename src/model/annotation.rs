//! Annotations that a curator supplies.

use super::LanguageMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The annotations of one file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AnnotationSet {
    /// The stem of the file name; it is part of the addresses of the annotations.
    pub name: String,
    /// The label of the AnnotationCollection that they form. Empty: they form none.
    pub label: LanguageMap,
    /// The JSON-LD contexts of the extensions that the annotations use.
    pub contexts: Vec<String>,
    /// In the order of the file.
    pub annotations: Vec<Supplied>,
}

/// An annotation (W3C Web Annotation Data Model) without its target, which `on` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Supplied {
    /// The target.
    pub on: Target,
    /// All other properties, as they were written.
    pub properties: Map<String, Value>,
}

/// The target of an annotation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Target {
    /// The item.
    Item,
    /// A page, by its token.
    Page {
        /// The page token.
        token: String,
        /// The whole page, or the part of it.
        part: Part,
    },
    /// Another resource, as it was written.
    Other(Value),
}

/// A page or a part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// The whole page.
    Whole,
    /// A media fragment: `xywh=…`, `t=…`.
    Fragment(String),
    /// A W3C SpecificResource whose source is the page, as it was written.
    Specific(Map<String, Value>),
}

impl AnnotationSet {
    /// The annotations on the page with this token; `None`: those on no page.
    pub fn on(&self, page: Option<&str>) -> impl Iterator<Item = &Supplied> {
        self.annotations.iter().filter(move |annotation| annotation.on.page() == page)
    }
}

impl Target {
    /// The token of the page. `None`: the target is no page.
    pub fn page(&self) -> Option<&str> {
        match self {
            Target::Page { token, .. } => Some(token),
            Target::Item | Target::Other(_) => None,
        }
    }
}
