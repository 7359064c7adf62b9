//! The description of a collection, an item or a page: the keys of `item.toml`.

use super::time::{Day, NavDate};
use super::{LanguageMap, OneOrMany, Range, rights};
use crate::diagnostics::Code;
use crate::model::address::SitePath;
use crate::model::settings::{ImageChoices, Originals, PdfChoices};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A JSON object that is published as it is.
pub type Json = serde_json::Map<String, serde_json::Value>;

/// A description in which a function makes each field from the two fields of that name. A field that is left out does
/// not compile.
macro_rules! laid_over {
    ($upper:expr, $lower:expr, { $($how:ident: $($field:ident)+;)+ }) => {
        Description { $($($field: $how($upper.$field, $lower.$field),)+)+ }
    };
}

/// The description of a collection, an item, a page or a range: the descriptive properties of Presentation API 3,
/// section 3, and keys for how it is published. Only the properties are serialized, for a fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Description {
    /// Empty: the name of the folder; for a page, the label that its file name gives.
    pub label: LanguageMap,
    /// May contain simple HTML.
    pub summary: LanguageMap,
    /// Items and pages: what their image shows, for readers who do not see it. It is on the HTML pages only. Empty: the
    /// label of the page.
    pub alt: LanguageMap,
    /// The pairs of label and value that are shown.
    pub metadata: Vec<LabelValue>,
    /// The URI of a licence or rights statement.
    #[serde(deserialize_with = "rights::deserialize")]
    pub rights: Option<String>,
    /// A pair that must be shown, such as an attribution.
    pub required_statement: Option<LabelValue>,
    /// The organisations or people that made it available.
    pub provider: OneOrMany<Provider>,
    /// Web pages about it.
    pub homepage: OneOrMany<Link>,
    /// Related data for machines.
    pub see_also: OneOrMany<Link>,
    /// The same content in another form for people, such as a PDF or an e-book.
    pub rendering: OneOrMany<Link>,
    /// The date for navigation.
    pub nav_date: Option<NavDate>,
    /// The place for navigation.
    pub nav_place: Option<NavPlace>,
    /// How viewers should present it.
    pub behavior: OneOrMany<Behavior>,
    /// The direction in which the pages are read.
    pub viewing_direction: Option<ViewingDirection>,
    /// Items and ranges: the page to open first.
    pub start: Option<PageRef>,
    /// Items: the page whose image is the thumbnail, by default the first. Pages with sound or video: an image file.
    pub thumbnail: Option<PageRef>,
    /// Collections and Manifests of other sites that this belongs to.
    pub part_of: OneOrMany<Link>,
    /// Services of other sites, copied into the document.
    pub service: OneOrMany<Json>,
    /// Items and collections: services that several resources in the document refer to.
    pub services: OneOrMany<Json>,
    /// Items only: the table of contents, and other orders of the pages.
    pub structures: Vec<Range>,
    /// Items, pages and ranges: an image file that is shown before anything is played or loaded.
    pub placeholder: Option<LabelledFile>,
    /// Items, pages and ranges: an image file that is shown while sound is played.
    pub accompanying: Option<LabelledFile>,
    /// Items and pages: files with annotations, as W3C JSON or CSV. A file with a label becomes an AnnotationCollection.
    pub annotations: OneOrMany<LabelledFile>,
    /// Pages only: recordings that follow on the same canvas, in order.
    pub followed_by: OneOrMany<String>,
    /// Pages only: files with the words of a recording, as WebVTT or SRT.
    pub captions: OneOrMany<Caption>,
    /// Pages only: how many seconds a recording lasts if its file does not state it, or how long an image is shown.
    pub duration: Option<f64>,
    /// Pages only: the width of the canvas, if it is not that of the image or video.
    pub width: Option<u32>,
    /// Pages only: the height of the canvas, if it is not that of the image or video.
    pub height: Option<u32>,
    /// Further IIIF properties, merged into the document (RFC 7396).
    pub extra: Json,
    /// Changes to the document (RFC 6902): for an item, those in the file `manifest.patch.json`.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Vec<serde_json::Value>>,
    /// `false`: it is not published at all.
    #[serde(skip_serializing)]
    pub publish: Option<bool>,
    /// It is not published at all before this day.
    #[serde(skip_serializing)]
    pub embargo: Option<Day>,
    /// Overrides the image settings of the level above.
    #[serde(skip_serializing)]
    pub images: ImageChoices,
    /// Collections and items: whether a PDF is made of the item, or of the items below.
    #[serde(skip_serializing)]
    pub pdf: Option<PdfChoices>,
    /// Collections and items: what becomes of files with withheld parts that it links to.
    #[serde(skip_serializing)]
    pub originals: Option<Originals>,
    /// Collections and items: warnings that are only notes here.
    #[serde(skip_serializing)]
    pub accept: Vec<Code>,
    /// Collections and items: a regular expression for the names of the files below.
    #[serde(skip_serializing)]
    pub page_pattern: Option<String>,
    /// Collections only: the order of the members.
    #[serde(skip_serializing)]
    pub order: Option<MemberOrder>,
    /// Collections only: members, and items and collections below, that its page shows first. Paths of folders within it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub featured: Vec<String>,
    /// Items and pages: overrides the id that is made from the path.
    #[serde(skip_serializing)]
    pub id: Option<String>,
    /// Items only: descriptions of pages, by file name.
    #[serde(skip_serializing)]
    pub pages: BTreeMap<String, Description>,
    /// Pages only: the same page in other light or from another time. Readers choose one.
    #[serde(skip_serializing)]
    pub layers: Vec<Layer>,
    /// Pages only: the page exists, but there is no scan of it.
    #[serde(skip_serializing)]
    pub missing: bool,
    /// Pages only: further images that are painted on the canvas.
    #[serde(skip_serializing)]
    pub details: Vec<Detail>,
}

impl Description {
    /// Why it is not published on the day `today`. `None`: it is published.
    pub fn withheld(&self, today: Day) -> Option<&'static str> {
        match self.embargo {
            _ if self.publish == Some(false) => Some("it says `publish = false`"),
            Some(day) if today < day => Some("its embargo has not ended"),
            _ => None,
        }
    }

    /// This description combined with `lower`: a property that this one lacks is taken from `lower`. Lists of links,
    /// metadata, annotations and pages are joined; `images`, `pdf`, `accept`, `order` and `page-pattern` hold for their own
    /// level only.
    pub fn over(self, lower: Description) -> Description {
        laid_over!(self, lower, {
            first_given: label summary alt rights required_statement provider homepage nav_date nav_place behavior;
            first_given: viewing_direction start thumbnail service services structures placeholder accompanying;
            first_given: followed_by captions duration width height patch publish embargo id layers missing details;
            with_further_pairs: metadata;
            with_further_links: see_also rendering part_of;
            with_all: annotations;
            merged: extra;
            page_by_page: pages;
            own_only: images pdf originals accept page_pattern order featured;
        })
    }

    /// Makes the label a pair, for a page that something else gives a label to.
    pub fn title_to_pair(&mut self) {
        let value = std::mem::take(&mut self.label);
        if !value.is_empty() {
            let label = LanguageMap::plain("Title").in_language("en");
            self.metadata.insert(0, LabelValue { label, value });
        }
    }

    /// Every link of the description and of its providers.
    pub fn all_links(&self) -> impl Iterator<Item = &Link> {
        let own = self.homepage.0.iter().chain(&self.see_also.0).chain(&self.rendering.0).chain(&self.part_of.0);
        let of_provider = self
            .provider
            .0
            .iter()
            .flat_map(|provider| provider.homepage.0.iter().chain(&provider.see_also.0).chain(&provider.logo.0));
        own.chain(of_provider)
    }

    /// The same, to be changed.
    pub fn all_links_mut(&mut self) -> impl Iterator<Item = &mut Link> {
        let Description { homepage, see_also, rendering, part_of, provider, .. } = self;
        let own = homepage.0.iter_mut().chain(&mut see_also.0).chain(&mut rendering.0).chain(&mut part_of.0);
        let of_provider = provider.0.iter_mut().flat_map(|provider| {
            provider.homepage.0.iter_mut().chain(&mut provider.see_also.0).chain(&mut provider.logo.0)
        });
        own.chain(of_provider)
    }

    /// Whether a PDF is offered as another form of it: by its media type, or by the ending of its name.
    pub fn offers_pdf(&self) -> bool {
        let is_named = |name: &str| name.to_ascii_lowercase().ends_with(".pdf");
        self.rendering.0.iter().any(|link| match link.format.as_deref() {
            Some(format) => format.eq_ignore_ascii_case("application/pdf"),
            None => is_named(link.file.as_deref().unwrap_or(&link.id)),
        })
    }

    /// Every file of the project that is published because a link names it: `/`-separated paths relative to the description's
    /// own file.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.with_parts().flat_map(|described| described.all_links().filter_map(|link| link.file.as_deref()))
    }

    /// All captions.
    pub fn all_captions(&self) -> impl Iterator<Item = &Caption> {
        self.with_parts().flat_map(|described| &described.captions.0)
    }

    /// The description itself, and those of pages and ranges in it.
    fn with_parts(&self) -> impl Iterator<Item = &Description> {
        let ranges = Range::all(&self.structures).filter_map(|range| range.further.as_deref());
        std::iter::once(self).chain(self.pages.values()).chain(ranges)
    }

    /// Takes out every link and caption whose file is not to be kept, here, in pages and in ranges.
    pub fn retain_files(&mut self, is_kept: &dyn Fn(&str) -> bool) {
        let retain = |links: &mut Vec<Link>| links.retain(|link| link.file.as_deref().is_none_or(is_kept));
        for links in [&mut self.homepage, &mut self.see_also, &mut self.rendering, &mut self.part_of] {
            retain(&mut links.0);
        }
        for provider in &mut self.provider.0 {
            [&mut provider.homepage, &mut provider.see_also, &mut provider.logo]
                .into_iter()
                .for_each(|links| retain(&mut links.0));
        }
        self.captions.0.retain(|caption| is_kept(&caption.file));
        self.pages.values_mut().for_each(|page| page.retain_files(is_kept));
        self.structures.iter_mut().for_each(|range| range.retain_files(is_kept));
    }
}

/// A file: its name alone, or its name and a label.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenFile")]
pub struct LabelledFile {
    /// A `/`-separated path relative to the file that names it.
    pub file: String,
    /// Empty: the name alone was given.
    pub label: LanguageMap,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected a file name, or a table such as { file = \"notes.json\", label = \"Notes\" }"
)]
enum WrittenFile {
    Name(String),
    Labelled { file: String, label: LanguageMap },
}

impl From<WrittenFile> for LabelledFile {
    fn from(written: WrittenFile) -> LabelledFile {
        match written {
            WrittenFile::Name(file) => LabelledFile { file, label: LanguageMap::default() },
            WrittenFile::Labelled { file, label } => LabelledFile { file, label },
        }
    }
}

/// `own`, or `lower` if `own` has no value.
fn first_given<T: Default + PartialEq>(own: T, lower: T) -> T {
    if own == T::default() { lower } else { own }
}

fn own_only<T>(own: T, _lower: T) -> T {
    own
}

/// The pairs of `own`, then those of `lower` whose label `own` does not have.
fn with_further_pairs(mut own: Vec<LabelValue>, lower: Vec<LabelValue>) -> Vec<LabelValue> {
    let is_new = |pair: &LabelValue| own.iter().all(|known| known.label != pair.label);
    let further: Vec<LabelValue> = lower.into_iter().filter(is_new).collect();
    own.extend(further);
    own
}

/// The links of `own`, then those of `lower` that lead elsewhere.
fn with_further_links(mut own: OneOrMany<Link>, lower: OneOrMany<Link>) -> OneOrMany<Link> {
    for link in lower.0 {
        if own.0.iter().all(|known| (&known.id, &known.file) != (&link.id, &link.file)) {
            own.0.push(link);
        }
    }
    own
}

fn with_all<T>(mut own: OneOrMany<T>, lower: OneOrMany<T>) -> OneOrMany<T> {
    own.0.extend(lower.0);
    own
}

/// All properties of both; `own` wins.
fn merged(own: Json, mut lower: Json) -> Json {
    lower.extend(own);
    lower
}

fn page_by_page(
    own: BTreeMap<String, Description>,
    lower: BTreeMap<String, Description>,
) -> BTreeMap<String, Description> {
    let mut pages = lower;
    for (name, page) in own {
        let below = pages.remove(&name).unwrap_or_default();
        pages.insert(name, page.over(below));
    }
    pages
}

/// The order of a collection's members.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"name\", \"table\", \"finding-aid\", or a list of folders such as [\"letters\", \"maps\"]"
)]
pub enum MemberOrder {
    /// By a rule.
    By(OrderBy),
    /// The names of folders, in order. Other members follow.
    Listed(Vec<String>),
}

/// What orders the members of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderBy {
    /// The names of their folders.
    Name,
    /// The rows of a table.
    Table,
    /// The components of a finding aid.
    FindingAid,
}

/// The words of a recording, in a file with times.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table with `file`")]
pub struct Caption {
    /// A `/`-separated path relative to the file that names it.
    pub file: String,
    /// The label of the captions.
    pub label: LanguageMap,
    /// BCP 47.
    pub language: Option<String>,
}

impl Caption {
    /// Whether it is published as WebVTT in UTF-8, whatever it is: WebVTT or SubRip by its name.
    pub fn is_converted(&self) -> bool {
        self.stem_of_converted().is_some()
    }

    /// The name under which it is published.
    pub fn published_name(&self) -> String {
        self.stem_of_converted().map_or_else(|| self.file.clone(), |stem| format!("{stem}.vtt"))
    }

    /// The path at which it is published with the item in `folder`.
    pub fn published(&self, folder: &SitePath) -> SitePath {
        published_file(folder, &self.published_name())
    }

    fn stem_of_converted(&self) -> Option<&str> {
        let (stem, ending) = self.file.rsplit_once('.')?;
        ["vtt", "srt"].iter().any(|known| ending.eq_ignore_ascii_case(known)).then_some(stem)
    }
}

/// Another image, or recording, of the whole page (Presentation API 3, Choice).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `file` and `label`")]
pub struct Layer {
    /// A `/`-separated path relative to the file that names it.
    pub file: String,
    /// The label that readers choose by.
    pub label: LanguageMap,
}

/// An image that is painted on a part of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `file` and `at`")]
pub struct Detail {
    /// A `/`-separated path relative to the file that names it.
    pub file: String,
    /// The label of the image.
    #[serde(default)]
    pub label: LanguageMap,
    /// Left, top, width and height in pixels of the canvas.
    pub at: [u32; 4],
}

/// A page of the item, by its token or file name. A media fragment may follow (`#xywh=…`, `#t=…`): a part of the page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageRef(pub String);

impl PageRef {
    /// The page and the media fragment.
    pub fn parts(&self) -> (&str, Option<&str>) {
        match self.0.split_once('#') {
            Some((page, part)) => (page, Some(part)),
            None => (&self.0, None),
        }
    }
}

/// The place that a resource is about or comes from: a GeoJSON Feature or FeatureCollection, or `[longitude, latitude]`
/// (navPlace extension).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected [longitude, latitude] such as [24.94, 60.17], or a GeoJSON Feature or FeatureCollection"
)]
pub enum NavPlace {
    /// Longitude and latitude.
    Point([f64; 2]),
    /// A Feature or FeatureCollection.
    GeoJson(Json),
}

/// A metadata pair. The value may contain simple HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `label` and `value`")]
pub struct LabelValue {
    /// The label of the pair.
    pub label: LanguageMap,
    /// The value of the pair.
    pub value: LanguageMap,
}

/// An organisation or person that made the resource available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table with `id` and `label`")]
pub struct Provider {
    /// The URI of the provider.
    pub id: String,
    /// The name of the provider.
    pub label: LanguageMap,
    /// Its web pages.
    #[serde(default)]
    pub homepage: OneOrMany<Link>,
    /// Data about it for machines.
    #[serde(default)]
    pub see_also: OneOrMany<Link>,
    /// Image files or image services.
    #[serde(default)]
    pub logo: OneOrMany<Link>,
}

/// A resource elsewhere on the web (`id`), or a file of the project that is published with the item (`file`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table with `id`, an address, or `file`")]
pub struct Link {
    /// An http(s) URI. Empty: `file` is set.
    pub id: String,
    /// A `/`-separated path relative to the file that names it.
    pub file: Option<String>,
    /// The label of the link.
    pub label: LanguageMap,
    /// The media type.
    pub format: Option<String>,
    /// The IIIF type of the resource, such as `Text`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The URI of the profile.
    pub profile: Option<String>,
    /// BCP 47.
    pub language: OneOrMany<String>,
    /// No description contains this link: it leads to the item's metadata file, such as its METS, or to a file that
    /// this names.
    #[serde(skip)]
    pub is_implied: bool,
}

/// The folder, within that of an item or a collection, for the files that it links to.
const FILES: &str = "files";

/// The path at which a file of the project is published with the item or collection in `folder`. The door of such files is
/// [`enter_file`].
pub fn published_file(folder: &SitePath, file: &str) -> SitePath {
    folder.join(FILES).join(file)
}

/// The same, for a file that is not known yet.
///
/// # Errors
/// The reason why the site cannot have such a file.
pub fn enter_file(folder: &SitePath, file: &str) -> Result<SitePath, String> {
    folder.join(FILES).enter(file)
}

impl Link {
    /// The path at which the file is published with the item or collection in `folder`. `None`: the link leads elsewhere on
    /// the web.
    pub fn published(&self, folder: &SitePath) -> Option<SitePath> {
        self.file.as_ref().map(|file| published_file(folder, file))
    }
}

/// Presentation API 3, `behavior`. The reader of a description checks which are allowed where, and together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
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
#[allow(missing_docs)]
pub enum ViewingDirection {
    #[default]
    LeftToRight,
    RightToLeft,
    TopToBottom,
    BottomToTop,
}
