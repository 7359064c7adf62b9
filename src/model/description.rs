//! What a curator may say of a collection, an item or a page: the keys of `item.toml`.

use super::{LanguageMap, OneOrMany, Range};
use crate::diagnostics::Code;
use crate::model::address::SitePath;
use crate::model::settings::ImageChoices;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::collections::BTreeMap;

/// A JSON object that is published as it is.
pub type Json = serde_json::Map<String, serde_json::Value>;

/// What a curator says of a collection, an item, a page or a range: the descriptive properties of Presentation API 3, section 3.
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
    /// Items and ranges: the page to begin with.
    pub start: Option<PageRef>,
    /// Items: the page to show for it; else it is the first. Pages with sound or video: an image file.
    pub thumbnail: Option<PageRef>,
    /// Collections and Manifests of others that it belongs to.
    pub part_of: OneOrMany<Link>,
    /// Services of others, as they are to stand in the document.
    pub service: OneOrMany<Json>,
    /// Items and collections: services that several of its resources refer to.
    pub services: OneOrMany<Json>,
    /// Items only: the table of contents, or other orders of the pages.
    pub structures: Vec<Range>,
    /// Items, pages and ranges: an image file to show before anything is played or loaded.
    pub placeholder: Option<LabelledFile>,
    /// Items, pages and ranges: an image file to show while sound is played.
    pub accompanying: Option<LabelledFile>,
    /// Items and pages: files with annotations, W3C JSON or CSV.
    /// Those with a label are an AnnotationCollection.
    pub annotations: OneOrMany<LabelledFile>,
    /// Pages only: recordings that follow on the same canvas, in order.
    pub followed_by: OneOrMany<String>,
    /// Pages only: files with the words of a recording, WebVTT or SRT.
    pub captions: OneOrMany<Caption>,
    /// Pages only: how many seconds a recording lasts, where its file does not say; or for how long an image is shown.
    pub duration: Option<f64>,
    /// Pages only: of the canvas, where it is to be another than that of what is painted on it.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Further IIIF properties, as they are to stand in the document (RFC 7396).
    pub extra: Json,
    /// Changes to the document (RFC 6902): of an item, those in the file `manifest.patch.json`.
    #[serde(skip_deserializing)]
    pub patch: Option<Vec<serde_json::Value>>,
    /// `false`: nothing of it is published.
    #[serde(skip_serializing)]
    pub publish: Option<bool>,
    /// Nothing of it is published before this day.
    #[serde(skip_serializing)]
    pub embargo: Option<Day>,
    /// How the images below it are published, where it is not as above.
    #[serde(skip_serializing)]
    pub images: ImageChoices,
    /// Collections and items: warnings that need nobody's attention in them.
    #[serde(skip_serializing)]
    pub accept: Vec<Code>,
    /// Collections and items: how the names of files below it are read, a regular expression.
    #[serde(skip_serializing)]
    pub page_pattern: Option<String>,
    /// Items and pages: instead of what is made from the path.
    #[serde(skip_serializing)]
    pub id: Option<String>,
    /// Items only: pages, by file name.
    #[serde(skip_serializing)]
    pub pages: BTreeMap<String, Description>,
    /// Pages only: the same page in other light or from another time, for readers to choose from.
    #[serde(skip_serializing)]
    pub layers: Vec<Layer>,
    /// Pages only: the page is known, but there is no scan of it.
    #[serde(skip_serializing)]
    pub missing: bool,
    /// Pages only: further images painted on it.
    #[serde(skip_serializing)]
    pub details: Vec<Detail>,
}

impl Description {
    /// Why nothing of it is published on `today`, if so.
    pub fn withheld(&self, today: Day) -> Option<&'static str> {
        match self.embargo {
            _ if self.publish == Some(false) => Some("it says `publish = false`"),
            Some(day) if today < day => Some("its embargo has not ended"),
            _ => None,
        }
    }

    /// This where it says something, `lower` where it does not. Metadata of `lower` stands behind its own, without the
    /// pairs that it has itself.
    pub fn over(self, lower: Description) -> Description {
        let text = |own: LanguageMap, lower| if own.is_empty() { lower } else { own };
        let mut metadata = self.metadata;
        let is_new = |pair: &LabelValue| metadata.iter().all(|own| own.label != pair.label);
        let further: Vec<LabelValue> = lower.metadata.into_iter().filter(is_new).collect();
        metadata.extend(further);
        let mut pages = lower.pages;
        for (name, page) in self.pages {
            let below = pages.remove(&name).unwrap_or_default();
            pages.insert(name, page.over(below));
        }
        let mut extra = lower.extra;
        extra.extend(self.extra);
        Description {
            label: text(self.label, lower.label),
            summary: text(self.summary, lower.summary),
            metadata,
            rights: self.rights.or(lower.rights),
            required_statement: self.required_statement.or(lower.required_statement),
            provider: if self.provider.0.is_empty() { lower.provider } else { self.provider },
            homepage: if self.homepage.0.is_empty() { lower.homepage } else { self.homepage },
            see_also: joined(self.see_also, lower.see_also),
            rendering: joined(self.rendering, lower.rendering),
            nav_date: self.nav_date.or(lower.nav_date),
            nav_place: self.nav_place.or(lower.nav_place),
            behavior: if self.behavior.0.is_empty() { lower.behavior } else { self.behavior },
            viewing_direction: self.viewing_direction.or(lower.viewing_direction),
            start: self.start.or(lower.start),
            thumbnail: self.thumbnail.or(lower.thumbnail),
            part_of: joined(self.part_of, lower.part_of),
            service: if self.service.0.is_empty() { lower.service } else { self.service },
            services: if self.services.0.is_empty() { lower.services } else { self.services },
            structures: if self.structures.is_empty() { lower.structures } else { self.structures },
            placeholder: self.placeholder.or(lower.placeholder),
            accompanying: self.accompanying.or(lower.accompanying),
            annotations: OneOrMany(self.annotations.0.into_iter().chain(lower.annotations.0).collect()),
            followed_by: if self.followed_by.0.is_empty() { lower.followed_by } else { self.followed_by },
            captions: if self.captions.0.is_empty() { lower.captions } else { self.captions },
            duration: self.duration.or(lower.duration),
            width: self.width.or(lower.width),
            height: self.height.or(lower.height),
            extra,
            patch: self.patch.or(lower.patch),
            publish: self.publish.or(lower.publish),
            embargo: self.embargo.or(lower.embargo),
            images: self.images,
            accept: self.accept,
            page_pattern: self.page_pattern,
            id: self.id.or(lower.id),
            pages,
            layers: if self.layers.is_empty() { lower.layers } else { self.layers },
            missing: self.missing || lower.missing,
            details: if self.details.is_empty() { lower.details } else { self.details },
        }
    }

    /// Every link in it, those of its providers too.
    pub fn all_links(&self) -> impl Iterator<Item = &Link> {
        let own = self.homepage.0.iter().chain(&self.see_also.0).chain(&self.rendering.0).chain(&self.part_of.0);
        let of_provider = self
            .provider
            .0
            .iter()
            .flat_map(|provider| provider.homepage.0.iter().chain(&provider.see_also.0).chain(&provider.logo.0));
        own.chain(of_provider)
    }

    /// Every file of the project that it has published beside its images, as `/`-separated paths relative to its own.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let ranges = Range::all(&self.structures).filter_map(|range| range.further.as_deref());
        std::iter::once(self).chain(self.pages.values()).chain(ranges).flat_map(|described| {
            let links = described.all_links().filter_map(|link| link.file.as_deref());
            links.chain(described.captions.0.iter().map(|caption| caption.file.as_str()))
        })
    }
}

/// A file: its name, or that and what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LabelledFile {
    /// A `/`-separated path relative to the file that names it.
    pub file: String,
    pub label: LanguageMap,
}

impl<'de> Deserialize<'de> for LabelledFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LabelledFile, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a file name, or { file = \"…\", label = … }")]
        enum Form {
            Name(String),
            Labelled(Labelled),
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Labelled {
            file: String,
            label: LanguageMap,
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Name(file) => LabelledFile { file, label: LanguageMap::default() },
            Form::Labelled(Labelled { file, label }) => LabelledFile { file, label },
        })
    }
}

/// The links of `own`, then those of `lower` that lead elsewhere.
fn joined(own: OneOrMany<Link>, lower: OneOrMany<Link>) -> OneOrMany<Link> {
    let mut links = own.0;
    for link in lower.0 {
        if links.iter().all(|other| (&other.id, &other.file) != (&link.id, &link.file)) {
            links.push(link);
        }
    }
    OneOrMany(links)
}

/// The words of a recording, in a file with times.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table with `file`")]
pub struct Caption {
    /// A `/`-separated path relative to the file that names it.
    pub file: String,
    pub label: LanguageMap,
    /// BCP 47.
    pub language: Option<String>,
}

/// Another image, or recording, of the whole page (Presentation API 3, Choice).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `file` and `label`")]
pub struct Layer {
    pub file: String,
    pub label: LanguageMap,
}

/// An image painted on a part of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `file` and `at`")]
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

/// Where it is about or from: a GeoJSON Feature or FeatureCollection, or `[longitude, latitude]` (navPlace extension).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "[longitude, latitude], or a GeoJSON Feature or FeatureCollection")]
pub enum NavPlace {
    Point([f64; 2]),
    GeoJson(Json),
}

/// A metadata pair; the value may hold simple HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `label` and `value`")]
pub struct LabelValue {
    pub label: LanguageMap,
    pub value: LanguageMap,
}

/// An agent that made the resource available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table with `id` and `label`")]
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
#[serde(deny_unknown_fields, default, expecting = "a table with `id`, an address, or `file`")]
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
    /// BCP 47.
    pub language: OneOrMany<String>,
    /// A file that nobody asked for: the item's METS or the like, or what that names.
    #[serde(skip)]
    pub is_implied: bool,
}

/// Where files that an item or a collection links to are published, within its folder.
const FILES: &str = "files";

/// Where a file of the project is published with the item or collection in `folder`.
pub fn published_file(folder: &SitePath, file: &str) -> SitePath {
    folder.join(FILES).join(file)
}

impl Link {
    /// Where its file is published with the item or collection in `folder`; `None`: it is elsewhere on the web.
    pub fn published(&self, folder: &SitePath) -> Option<SitePath> {
        self.file.as_ref().map(|file| published_file(folder, file))
    }
}

/// An xsd:dateTime with time zone (Presentation API 3, `navDate`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NavDate(String);

impl NavDate {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

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

/// A day of the calendar: `2030-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(jiff::civil::Date);

impl Day {
    /// In the time zone of the machine.
    pub fn today() -> Day {
        Day(jiff::ZonedDateTime::now().date())
    }
}

impl std::str::FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Day, String> {
        text.parse().map(Day).map_err(|_| format!("{text:?} is not a day such as 2030-01-31"))
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a day such as 2030-01-31")]
        enum Form {
            Date(toml::value::Datetime),
            Text(String),
        }
        let text = match Form::deserialize(deserializer)? {
            Form::Date(date) => date.to_string(),
            Form::Text(text) => text,
        };
        text.parse().map_err(de::Error::custom)
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
