//! The nouns that stages hand to each other: what a curator described and which files there are.

use crate::address::SitePath;
use crate::geometry::Size;
use crate::settings::{ImageChoices, ImageSettings};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Values by BCP 47 language tag, `none` where the language is not known (Presentation API 3, section 4). A copy shares
/// them: a label goes from stage to stage in several places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LanguageMap(Arc<BTreeMap<String, Vec<String>>>);

/// The key of values whose language is not known.
pub const NO_LANGUAGE: &str = "none";

impl LanguageMap {
    /// One value of no known language.
    pub fn plain(value: impl Into<String>) -> LanguageMap {
        LanguageMap::of_no_language(vec![value.into()])
    }

    fn of_no_language(values: Vec<String>) -> LanguageMap {
        LanguageMap::from_iter([(NO_LANGUAGE.to_owned(), values)])
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Language tags with their values, by tag.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(language, values)| (language.as_str(), values.as_slice()))
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &String> {
        self.0.values().flatten()
    }

    /// The same with each value changed.
    pub fn map(&self, change: impl Fn(&str) -> String) -> LanguageMap {
        let changed = |values: &[String]| values.iter().map(|value| change(value)).collect();
        self.entries().map(|(language, values)| (language.to_owned(), changed(values))).collect()
    }

    /// The same with values of no known language said to be in `language`.
    pub fn in_language(mut self, language: &str) -> LanguageMap {
        if self.0.contains_key(NO_LANGUAGE) {
            let languages = Arc::make_mut(&mut self.0);
            let values = languages.remove(NO_LANGUAGE).unwrap_or_default();
            languages.entry(language.to_owned()).or_default().extend(values);
        }
        self
    }

    /// The languages, the reader's `language` first, then those of no known language, then the rest by tag.
    pub fn preferred<'a>(&'a self, language: &'a str) -> impl Iterator<Item = (&'a str, &'a [String])> {
        let rank = move |key: &str| (key != language, key != NO_LANGUAGE);
        let mut entries: Vec<_> = self.entries().collect();
        entries.sort_by_key(|(key, _)| rank(key));
        entries.into_iter()
    }
}

impl FromIterator<(String, Vec<String>)> for LanguageMap {
    fn from_iter<I: IntoIterator<Item = (String, Vec<String>)>>(entries: I) -> LanguageMap {
        LanguageMap(Arc::new(entries.into_iter().collect()))
    }
}

impl Serialize for LanguageMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(serializer)
    }
}

/// `"text"`, `["a", "b"]` or `{ en = "text", fr = ["a", "b"] }`.
impl<'de> Deserialize<'de> for LanguageMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LanguageMap, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = LanguageMap;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a list of texts, or a table of texts by language such as { en = \"…\" }")
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<LanguageMap, E> {
                Ok(LanguageMap::plain(value))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<LanguageMap, A::Error> {
                let mut values = vec![];
                while let Some(value) = seq.next_element::<String>()? {
                    values.push(value);
                }
                Ok(LanguageMap::of_no_language(values))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<LanguageMap, A::Error> {
                let mut languages = BTreeMap::new();
                while let Some(language) = map.next_key::<String>()? {
                    if !is_language_tag(&language) {
                        return Err(de::Error::custom(format!(
                            "{language:?} is not a language tag; expected one such as \"en\", \"zh-Hant\" or \"none\""
                        )));
                    }
                    let OneOrMany(values) = map.next_value()?;
                    languages.insert(language, values);
                }
                Ok(languages.into_iter().collect())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Whether `tag` has the form of a BCP 47 language tag: alphanumeric subtags of 1 to 8 characters, the first letters.
pub fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    subtags
        .next()
        .is_some_and(|first| (2..=8).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && subtags
            .all(|subtag| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

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

/// What a curator says of a collection or item: the descriptive properties of Presentation API 3, section 3. Written
/// down (for a fingerprint), it is only that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Description {
    /// Empty: the folder's name as it is.
    pub label: LanguageMap,
    /// May hold simple HTML.
    pub summary: LanguageMap,
    pub metadata: Vec<LabelValue>,
    pub rights: Option<String>,
    pub required_statement: Option<LabelValue>,
    pub provider: OneOrMany<Provider>,
    pub homepage: OneOrMany<Link>,
    pub see_also: OneOrMany<Link>,
    pub nav_date: Option<NavDate>,
    pub behavior: OneOrMany<Behavior>,
    pub viewing_direction: Option<ViewingDirection>,
    /// How the images below it are published, where it is not as above.
    #[serde(skip_serializing)]
    pub images: ImageChoices,
    /// Items only: instead of the id made from the path.
    #[serde(skip_serializing)]
    pub id: Option<String>,
    /// Items only: what a page is called, by file name.
    #[serde(skip_serializing)]
    pub pages: BTreeMap<String, PageDescription>,
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
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub id: String,
    pub label: LanguageMap,
    #[serde(default)]
    pub homepage: OneOrMany<Link>,
}

/// A resource elsewhere on the web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub id: String,
    #[serde(default)]
    pub label: LanguageMap,
    pub format: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub profile: Option<String>,
}

/// What a page is called where its file name does not say it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PageDescription {
    pub label: LanguageMap,
    /// Instead of the page token made from the file name.
    pub id: Option<String>,
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

/// Presentation API 3, `behavior`, as far as it is valid on Manifests and Collections.
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

/// Names an item in the whole site; part of its images' ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub String);

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names an image in the whole site: the segment after `iiif/3/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ImageId(pub String);

/// Where all images are in the site.
pub const IMAGES: &str = "iiif/3";

impl ImageId {
    /// The image's folder in the site.
    pub fn site_path(&self) -> SitePath {
        SitePath::root().join(IMAGES).join(&self.0)
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What SCAN found below `content/`.
#[derive(Debug)]
pub struct Catalog {
    pub root: Collection,
    /// Files that are not part of the site, with the reason.
    pub ignored: Vec<Ignored>,
}

impl Catalog {
    /// All items, in the order of the collections.
    pub fn items(&self) -> Vec<&Item> {
        fn gather<'a>(collection: &'a Collection, items: &mut Vec<&'a Item>) {
            for member in &collection.members {
                match member {
                    Member::Item(item) => items.push(item),
                    Member::Collection(inner) => gather(inner, items),
                }
            }
        }
        let mut items = vec![];
        gather(&self.root, &mut items);
        items
    }
}

/// A folder of items and collections.
#[derive(Debug)]
pub struct Collection {
    /// Its folder in the site; the root's is empty.
    pub path: SitePath,
    pub description: Description,
    /// In natural order of their folder names.
    pub members: Vec<Member>,
}

#[derive(Debug)]
pub enum Member {
    Collection(Collection),
    Item(Item),
}

/// A digitised thing: its description and its image files in page order.
#[derive(Debug)]
pub struct Item {
    pub id: ItemId,
    /// Its folder in the site.
    pub path: SitePath,
    pub description: Description,
    /// How its images are published.
    pub images: ImageSettings,
    pub files: Vec<SourceFile>,
}

/// An image file that gives one page, or several if it is a multi-page TIFF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    pub path: PathBuf,
    /// The page token: what of the file name tells this page from the others.
    pub page: String,
    pub label: LanguageMap,
    /// The rule that named it, in words.
    pub rule: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub path: PathBuf,
    pub reason: &'static str,
}

/// One image in a source file, as its header tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageHeader {
    /// The format that the bytes show, such as `TIFF`.
    pub format: String,
    /// Which image of the file, from 0: the index of a TIFF directory.
    pub index: usize,
    /// Its size after orientation and `max-resolution` are applied: what is published.
    pub size: Size,
    /// The channels of its tiles.
    pub channels: Channels,
    /// What is done to its pixels, in words: `RGB 8 bit, ICC "Adobe RGB (1998)" to sRGB`.
    pub treatment: String,
    /// What its decoder holds at most beside the rows it hands out, in bytes.
    pub decoder_memory: u64,
    /// As much is of use to the decoder: more makes nothing faster. At least `decoder_memory`.
    pub ample_memory: u64,
    /// Tiles that it holds already, or that can be cut out of it without decoding.
    pub stored: Option<StoredJpeg>,
}

/// Compressed data in a master that can be published as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredJpeg {
    pub form: StoredForm,
    /// The quality setting of libjpeg whose tables come nearest, 1 to 100.
    pub quality: u8,
    /// What the pass holds at most beside pixels, in bytes.
    pub memory: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredForm {
    /// One baseline JPEG; tiles can begin at multiples of this size.
    Image { unit: Size },
    /// Square tiles of `side` pixels, of this many levels from full resolution on.
    Tiles { side: u32, levels: usize },
}

/// Channels of a published image, 8 bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channels {
    Grey,
    Rgb,
}

impl Channels {
    /// Bytes a pixel.
    pub fn count(self) -> usize {
        match self {
            Channels::Grey => 1,
            Channels::Rgb => 3,
        }
    }
}
