//! Annotations that a curator supplies.

use super::LanguageMap;
use serde::Serialize;
use serde_json::{Map, Value};

/// The annotations of one file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AnnotationSet {
    /// The file's stem: part of the addresses of its annotations.
    pub name: String,
    /// What they are together, one AnnotationCollection; empty: nothing of their own.
    pub label: LanguageMap,
    /// Contexts of the extensions that they make use of.
    pub contexts: Vec<String>,
    pub annotations: Vec<Supplied>,
}

/// An annotation (W3C Web Annotation Data Model), its target apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Supplied {
    pub on: Target,
    /// All its other properties, as they were written.
    pub properties: Map<String, Value>,
}

/// What an annotation is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Target {
    /// The item.
    Item,
    /// A page, by its token.
    Page { token: String, part: Part },
    /// Something else, as it was written.
    Other(Value),
}

/// Which part of a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Part {
    Whole,
    /// A media fragment: `xywh=…`, `t=…`.
    Fragment(String),
    /// A W3C SpecificResource, as it was written: its source is the page.
    Specific(Map<String, Value>),
}

impl AnnotationSet {
    /// Those on the page `token`, or those on no page.
    pub fn on(&self, page: Option<&str>) -> impl Iterator<Item = &Supplied> {
        self.annotations.iter().filter(move |annotation| annotation.on.page() == page)
    }
}

impl Target {
    /// The token of the page.
    pub fn page(&self) -> Option<&str> {
        match self {
            Target::Page { token, .. } => Some(token),
            Target::Item | Target::Other(_) => None,
        }
    }
}
