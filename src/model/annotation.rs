//! Annotations that a curator supplies.

use super::LanguageMap;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The annotations of one file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AnnotationSet {
    /// The stem of the file name; it is part of the addresses of the annotations.
    pub name: String,
    /// The label of the AnnotationCollection that they form. Empty: they form none.
    pub label: LanguageMap,
    /// The JSON-LD contexts of the extensions that the annotations use.
    pub contexts: Vec<String>,
    /// In the order of the file.
    pub annotations: Vec<Supplied>,
    /// See [`on`](AnnotationSet::on).
    #[serde(skip)]
    pub by_page: ByPage,
}

/// The places of annotations by the token of their page, made when they are first asked for: an item can have thousands of
/// pages and tens of thousands of annotations. The annotations must not change after that.
#[derive(Debug, Clone, Default)]
pub struct ByPage(OnceLock<HashMap<Option<String>, Vec<usize>>>);

/// It follows from the annotations.
impl PartialEq for ByPage {
    fn eq(&self, _: &ByPage) -> bool {
        true
    }
}

/// An annotation (W3C Web Annotation Data Model) without its target, which `on` holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Supplied {
    /// The target.
    pub on: Target,
    /// All other properties, as they were written.
    pub properties: Map<String, Value>,
}

/// The target of an annotation.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
        let by_page = self.by_page.0.get_or_init(|| {
            let mut by_page = HashMap::<_, Vec<usize>>::new();
            for (at, annotation) in self.annotations.iter().enumerate() {
                by_page.entry(annotation.on.page().map(str::to_owned)).or_default().push(at);
            }
            by_page
        });
        let places = by_page.get(&page.map(str::to_owned)).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|at| self.annotations.get(*at))
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
