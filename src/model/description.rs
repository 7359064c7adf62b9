//! What a curator may say of a collection, an item or a page: the keys of `item.toml`.

use super::LanguageMap;
use crate::settings::ImageChoices;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::collections::BTreeMap;

/// A list that may be written as its single element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        OneOrMany(vec![])
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OneOrMany<T>, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a value or a list of such values")]
        enum Form<T> {
            Many(Vec<T>),
            One(T),
        }
        Ok(OneOrMany(match Form::deserialize(deserializer)? {
            Form::Many(values) => values,
            Form::One(value) => vec![value],
        }))
    }
}

/// What a curator says of a collection, an item or a page: the descriptive properties of Presentation API 3, section 3.
/// Written down (for a fingerprint), it is only that.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Description {
    /// Empty: the folder's name as it is; of a page, what its file name says.
    pub label: LanguageMap,
    /// May hold simple HTML.
    pub summary: LanguageMap,
    pub metadata: Vec<LabelValue>,
    pub rights: Option<String>,
    pub required_statement: Option<LabelValue>,
    pub provider: OneOrMany<Provider>,
    pub homepage: OneOrMany<Link>,
    pub see_also: OneOrMany<Link>,
    /// The same for people in another form: a PDF, an e-book.
    pub rendering: OneOrMany<Link>,
    pub nav_date: Option<NavDate>,
    pub nav_place: Option<NavPlace>,
    pub behavior: OneOrMany<Behavior>,
    pub viewing_direction: Option<ViewingDirection>,
    /// Items only: the page to begin with.
    pub start: Option<PageRef>,
    /// Items only: the table of contents, or other orders of the pages.
    pub structures: Vec<Range>,
    /// Items and pages: an image file to show before anything is played or loaded.
    pub placeholder: Option<String>,
    /// Items and pages: an image file to show while sound is played.
    pub accompanying: Option<String>,
    /// Items and pages: files with annotations, W3C JSON or CSV.
    pub annotations: OneOrMany<String>,
    /// Further IIIF properties, as they are to stand in the document.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// How the images below it are published, where it is not as above.
    #[serde(skip_serializing)]
    pub images: ImageChoices,
    /// Items and pages: instead of what is made from the path.
    #[serde(skip_serializing)]
    pub id: Option<String>,
    /// Items only: pages, by file name.
    #[serde(skip_serializing)]
    pub pages: BTreeMap<String, Description>,
    /// Pages only: the same page in other light or from another time, for readers to choose from.
    #[serde(skip_serializing)]
    pub layers: Vec<Layer>,
    /// Pages only: further images painted on it.
    #[serde(skip_serializing)]
    pub details: Vec<Detail>,
}

/// Another image of the whole page (Presentation API 3, Choice).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    pub file: String,
    pub label: LanguageMap,
}

/// An image painted on a part of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    pub file: String,
    #[serde(default)]
    pub label: LanguageMap,
    /// Left, top, width and height on the canvas, in its pixels.
    pub at: [u32; 4],
}

/// A page of the item, by its token or file name; behind a `#` a part of it as a media fragment (`xywh=…`, `t=…`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageRef(pub String);

impl PageRef {
    /// The page, and the part of it.
    pub fn parts(&self) -> (&str, Option<&str>) {
        match self.0.split_once('#') {
            Some((page, part)) => (page, Some(part)),
            None => (&self.0, None),
        }
    }
}

/// A part of an item, such as a chapter (Presentation API 3, Range).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Range {
    pub label: LanguageMap,
    pub summary: LanguageMap,
    pub metadata: Vec<LabelValue>,
    pub nav_date: Option<NavDate>,
    pub behavior: OneOrMany<Behavior>,
    pub viewing_direction: Option<ViewingDirection>,
    /// Those that belong to no part of it, in order.
    pub pages: Vec<PageRef>,
    /// The parts of it, behind its pages.
    pub structures: Vec<Range>,
}

/// Where it is about or from: a GeoJSON Feature or FeatureCollection, or `[longitude, latitude]` (navPlace extension).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "[longitude, latitude], or a GeoJSON Feature or FeatureCollection")]
pub enum NavPlace {
    Point([f64; 2]),
    GeoJson(serde_json::Map<String, serde_json::Value>),
}

/// A metadata pair; the value may hold simple HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelValue {
    pub label: LanguageMap,
    pub value: LanguageMap,
}

/// An agent that made the resource available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provider {
    pub id: String,
    pub label: LanguageMap,
    #[serde(default)]
    pub homepage: OneOrMany<Link>,
    #[serde(default)]
    pub see_also: OneOrMany<Link>,
    #[serde(default)]
    pub logo: OneOrMany<Link>,
}

/// A resource elsewhere on the web (`id`), or a file of the project that is published with the item (`file`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Link {
    /// An http(s) URI; empty: `file` has one.
    pub id: String,
    /// A `/`-separated path relative to the file that names it.
    pub file: Option<String>,
    pub label: LanguageMap,
    pub format: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub profile: Option<String>,
}

/// An xsd:dateTime with time zone (Presentation API 3, `navDate`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NavDate(String);

impl<'de> Deserialize<'de> for NavDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<NavDate, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a date and time such as 1784-12-01T00:00:00Z")]
        enum Form {
            Date(toml::value::Datetime),
            Text(String),
        }
        let text = match Form::deserialize(deserializer)? {
            Form::Date(date) => date.to_string(),
            Form::Text(text) => text,
        };
        match text.parse::<toml::value::Datetime>() {
            Ok(date) if date.date.is_some() && date.time.is_some() && date.offset.is_some() => Ok(NavDate(text)),
            _ => Err(de::Error::custom(format!(
                "{text:?} is not a date and time with time zone, such as 1784-12-01T00:00:00Z"
            ))),
        }
    }
}

/// Presentation API 3, `behavior`. Which are valid where, and together, is checked where they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Behavior {
    AutoAdvance,
    NoAutoAdvance,
    Repeat,
    NoRepeat,
    Unordered,
    Individuals,
    Continuous,
    Paged,
    MultiPart,
    Together,
    FacingPages,
    NonPaged,
    Sequence,
    ThumbnailNav,
    NoNav,
    Hidden,
}

/// Presentation API 3, `viewingDirection`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ViewingDirection {
    #[default]
    LeftToRight,
    RightToLeft,
    TopToBottom,
    BottomToTop,
}
