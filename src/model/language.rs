//! Texts by language, as in the IIIF specifications.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Values by BCP 47 language tag; the tag is `none` if the language is not known (Presentation API 3, section 4). Clones
/// share the values, because a label goes from stage to stage in several places. A sorted list instead of a map: most texts
/// are in one language, and a map of one entry would take ten times the memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LanguageMap(Arc<[(Cow<'static, str>, Vec<String>)]>);

/// The key of values whose language is not known.
pub const NO_LANGUAGE: &str = "none";

impl LanguageMap {
    /// One value without a known language.
    pub fn plain(value: impl Into<String>) -> LanguageMap {
        LanguageMap::of_no_language(vec![value.into()])
    }

    fn of_no_language(values: Vec<String>) -> LanguageMap {
        LanguageMap::from_iter([(NO_LANGUAGE.to_owned(), values)])
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Language tags with their values, by tag.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(language, values)| (&**language, values.as_slice()))
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &String> {
        self.0.iter().flat_map(|(_, values)| values)
    }

    /// A copy with each value changed.
    pub fn map(&self, change: impl Fn(&str) -> String) -> LanguageMap {
        let changed = |values: &[String]| values.iter().map(|value| change(value)).collect();
        self.entries().map(|(language, values)| (language.to_owned(), changed(values))).collect()
    }

    /// A copy in which the values of no known language are in `language`.
    pub fn in_language(self, language: &str) -> LanguageMap {
        if self.entries().all(|(tag, _)| tag != NO_LANGUAGE) {
            return self;
        }
        let owned = |(tag, values): (&str, &[String])| (tag.to_owned(), values.to_vec());
        let mut languages: BTreeMap<String, Vec<String>> = self.entries().map(owned).collect();
        let values = languages.remove(NO_LANGUAGE).unwrap_or_default();
        languages.entry(language.to_owned()).or_default().extend(values);
        languages.into_iter().collect()
    }

    /// The entries: those in the reader's `language` first, then those of no known language, then the rest by tag.
    pub fn preferred<'a>(&'a self, language: &'a str) -> impl Iterator<Item = (&'a str, &'a [String])> {
        let rank = move |key: &str| (key != language, key != NO_LANGUAGE);
        let mut entries: Vec<_> = self.entries().collect();
        entries.sort_by_key(|(key, _)| rank(key));
        entries.into_iter()
    }
}

impl FromIterator<(String, Vec<String>)> for LanguageMap {
    fn from_iter<I: IntoIterator<Item = (String, Vec<String>)>>(entries: I) -> LanguageMap {
        // Most maps have values without a language: their key takes no room.
        let key = |tag: String| if tag == NO_LANGUAGE { Cow::Borrowed(NO_LANGUAGE) } else { Cow::Owned(tag) };
        let entries: BTreeMap<_, _> = entries.into_iter().collect();
        LanguageMap(entries.into_iter().map(|(tag, values)| (key(tag), values)).collect())
    }
}

impl Serialize for LanguageMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries())
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
                    check_language_tag(&language).map_err(de::Error::custom)?;
                    let super::OneOrMany(values) = map.next_value()?;
                    languages.insert(language, values);
                }
                Ok(languages.into_iter().collect())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Whether `tag` has the form of a BCP 47 language tag: alphanumeric subtags of 1 to 8 characters, the first two or three
/// letters. Longer first subtags are reserved, and no language has one. `none` is allowed too.
pub fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    tag == NO_LANGUAGE
        || subtags
            .next()
            .is_some_and(|first| matches!(first.len(), 2 | 3) && first.bytes().all(|byte| byte.is_ascii_alphabetic()))
            && subtags.all(|subtag| {
                (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
}

/// Refuses what is not a language tag as a person writes it, and names the right one for the name of a language or for a code
/// that BCP 47 has a shorter one for: `German`, `ger` and `deu` are `de`.
///
/// # Errors
/// The message.
pub fn check_language_tag(tag: &str) -> Result<(), String> {
    match (right_tag(tag), is_language_tag(tag)) {
        (None, true) => Ok(()),
        (Some((language, right)), _) => {
            Err(format!("{tag:?} is not a language tag; the tag of {language} is {right:?}"))
        }
        (None, false) => {
            Err(format!("{tag:?} is not a language tag; expected one such as \"en\", \"zh-Hant\" or \"none\""))
        }
    }
}

/// The name of the language that `tag` stands for, and the tag that it has instead. `None`: it has no other, or none is known.
fn right_tag(tag: &str) -> Option<(&'static str, String)> {
    let (first, rest) = tag.split_once(['-', '_']).map_or((tag, None), |(first, rest)| (first, Some(rest)));
    let language = super::languages::tag(first)?;
    let is_right = language.eq_ignore_ascii_case(first) && !tag.contains('_');
    let right = rest.map_or(language.clone(), |rest| format!("{language}-{}", rest.replace('_', "-")));
    let name = super::languages::name(&language)?;
    (!is_right && is_language_tag(&right)).then_some((name, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_tag_is_refused_with_the_right_one() {
        for (written, right) in [
            ("german", "German is \"de\""),
            ("Middle High German", "is \"gmh\""),
            ("ger", "German is \"de\""),
            ("deu", "German is \"de\""),
            ("deu-Latf", "\"de-Latf\""),
            ("de_AT", "\"de-AT\""),
            ("deutsch!", "such as"),
            ("klartext", "such as"),
            ("", "such as"),
        ] {
            let why = check_language_tag(written).unwrap_err();
            assert!(why.contains(right), "{written}: {why}");
        }
        for good in ["de", "DE", "de-AT", "zh-Hant", "grc", "gmh", "none", "sit", "qaa", "de-Latf-DE-1996"] {
            assert_eq!(check_language_tag(good), Ok(()), "{good}");
        }
    }
}
