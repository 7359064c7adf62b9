//! The parts of an item, from `structures` in `item.toml` and from the logical structure of a METS (Presentation API 3,
//! Range).

use super::description::{Behavior, Description, PageRef};
use super::language::LanguageMap;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A part of an item, such as a chapter, or another order of its pages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Range {
    /// Empty only for a range that is not shown (`no-nav`).
    pub label: LanguageMap,
    /// The pages that belong to the range and to none of its parts, in order.
    pub pages: Vec<PageRef>,
    /// The parts of the range, which follow its pages.
    pub structures: Vec<Range>,
    /// An image file that is shown for the range.
    pub thumbnail: Option<String>,
    /// The annotation file of the item that holds the texts of the range (an AnnotationCollection).
    pub supplementary: Option<String>,
    /// Further keys, which are those of an item. Boxed: most ranges have only a label and pages, and an archive has millions.
    pub further: Option<Box<Description>>,
}

impl Range {
    /// A range with this description.
    pub fn described(label: LanguageMap, description: Description) -> Range {
        let description = Description { label: LanguageMap::default(), ..description };
        let further = (description != Description::default()).then(|| Box::new(description));
        Range { label, further, ..Range::default() }
    }

    /// Lets parts that are nested deeper than `most` stand behind the part that they are in. Returns whether there are any.
    pub fn limit_depth(ranges: &mut Vec<Range>, most: usize) -> bool {
        if most > 1 {
            return ranges
                .iter_mut()
                .fold(false, |any, range| Range::limit_depth(&mut range.structures, most - 1) | any);
        }
        let is_deep = ranges.iter().any(|range| !range.structures.is_empty());
        let mut open: Vec<Range> = std::mem::take(ranges).into_iter().rev().collect();
        while let Some(mut range) = open.pop() {
            open.extend(std::mem::take(&mut range.structures).into_iter().rev());
            ranges.push(range);
        }
        is_deep
    }

    /// Whether the range has neither pages nor parts.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty() && self.structures.is_empty()
    }

    /// How viewers should present the range.
    pub fn behaviors(&self) -> &[Behavior] {
        self.further.as_ref().map_or(&[], |further| &further.behavior.0)
    }

    /// All ranges with their parts, outer ones first.
    pub fn all(ranges: &[Range]) -> Box<dyn Iterator<Item = &Range> + '_> {
        Box::new(ranges.iter().flat_map(|range| std::iter::once(range).chain(Range::all(&range.structures))))
    }

    /// Calls `change` for each page that ranges refer to, in all depths.
    pub fn change_pages(ranges: &mut [Range], change: &mut dyn FnMut(&mut PageRef)) {
        for range in ranges {
            range.pages.iter_mut().for_each(&mut *change);
            Range::change_pages(&mut range.structures, change);
        }
    }

    /// See [`Description::retain_files`].
    pub(super) fn retain_files(&mut self, is_kept: &dyn Fn(&str) -> bool) {
        self.further.iter_mut().for_each(|further| further.retain_files(is_kept));
        self.structures.iter_mut().for_each(|range| range.retain_files(is_kept));
    }

    /// The image files that the range names, with their keys.
    pub fn images(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let further = self.further.as_deref();
        let beside = further.into_iter().flat_map(|further| {
            let accompanying = further.accompanying.iter().map(|named| ("accompanying", named.file.as_str()));
            further.placeholder.iter().map(|named| ("placeholder", named.file.as_str())).chain(accompanying)
        });
        self.thumbnail.iter().map(|file| ("thumbnail", file.as_str())).chain(beside)
    }
}

/// The keys of a range that a [`Description`] does not have or uses otherwise. All other keys are those of a description.
const OWN: [&str; 5] = ["label", "pages", "structures", "supplementary", "thumbnail"];

/// As it is read. The keys of `further` come first: those that a range has too are empty there, and the later ones count.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    further: Option<&'a Description>,
    label: &'a LanguageMap,
    pages: &'a [PageRef],
    structures: &'a [Range],
    thumbnail: &'a Option<String>,
    supplementary: &'a Option<String>,
}

/// As a hash takes it, which needs to know the number of keys.
#[derive(Serialize)]
struct Hashed<'a> {
    label: &'a LanguageMap,
    pages: &'a [PageRef],
    structures: &'a [Range],
    thumbnail: &'a Option<String>,
    supplementary: &'a Option<String>,
    further: Option<&'a Description>,
}

impl Serialize for Range {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Range { label, pages, structures, thumbnail, supplementary, further } = self;
        let further = further.as_deref();
        match serializer.is_human_readable() {
            true => Written { further, label, pages, structures, thumbnail, supplementary }.serialize(serializer),
            false => Hashed { label, pages, structures, thumbnail, supplementary, further }.serialize(serializer),
        }
    }
}

/// Not by `flatten`, which loses the position of an error in the file.
impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Range, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Range;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a part of the item: a table with `label` and `pages`")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Range, A::Error> {
                let mut range = Range::default();
                let others = Others { map, range: &mut range, seen: false };
                range.further = others.read()?.map(Box::new);
                Ok(range)
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// A map without the [`OWN`] keys; the values of these go into `range`.
struct Others<'a, A> {
    map: A,
    range: &'a mut Range,
    seen: bool,
}

impl<'de, A: MapAccess<'de>> Others<'_, A> {
    /// `None`: the map has no other keys.
    fn read(mut self) -> Result<Option<Description>, A::Error> {
        let description = Description::deserialize(MapAccessDeserializer::new(&mut self))?;
        Ok(self.seen.then_some(description))
    }

    fn own(&mut self, key: &'static str) -> Result<(), A::Error> {
        let Others { map, range, .. } = self;
        match key {
            "label" => range.label = map.next_value()?,
            "pages" => range.pages = map.next_value()?,
            "structures" => range.structures = map.next_value()?,
            "supplementary" => range.supplementary = map.next_value()?,
            _ => range.thumbnail = map.next_value()?,
        }
        Ok(())
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for &mut Others<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, mut seed: K) -> Result<Option<K::Value>, A::Error> {
        loop {
            match self.map.next_key_seed(KeySeed(seed))? {
                None => return Ok(None),
                Some(Key::Other(key)) => {
                    self.seen = true;
                    return Ok(Some(key));
                }
                Some(Key::Own(key, unused)) => {
                    self.own(key)?;
                    seed = unused;
                }
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Reads a key that is not one of the [`OWN`] with the inner seed.
struct KeySeed<K>(K);

enum Key<K, V> {
    Own(&'static str, K),
    Other(V),
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for KeySeed<K> {
    type Value = Key<K, K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let key = String::deserialize(deserializer)?;
        match OWN.iter().find(|own| **own == key) {
            Some(own) => Ok(Key::Own(own, self.0)),
            None => self.0.deserialize(key.into_deserializer()).map(Key::Other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_says_what_an_item_says_and_lists_its_pages() {
        let text = "label = 'A'\nrights = 'http://x'\npages = ['1']\n[[structures]]\nlabel = 'B'\npages = ['2']\n";
        let range: Range = toml::from_str(text).unwrap();
        assert_eq!(range.label, LanguageMap::plain("A"));
        assert_eq!(range.pages, [PageRef("1".into())]);
        assert_eq!(range.further.unwrap().rights.as_deref(), Some("http://x"));
        assert!(range.structures[0].further.is_none());
        assert_eq!(range.structures[0].pages, [PageRef("2".into())]);
    }

    #[test]
    fn a_range_that_was_written_is_read_as_it_was() {
        let text =
            "label = 'A'\nrights = 'http://x'\npages = ['1']\nthumbnail = 't.png'\n[[structures]]\nlabel = 'B'\n";
        let range: Range = toml::from_str(text).unwrap();
        assert_eq!(serde_json::from_str::<Range>(&serde_json::to_string(&range).unwrap()).unwrap(), range);
    }

    #[test]
    fn what_is_too_deep_stands_behind_what_it_is_in() {
        let named = |name: &str, structures| Range { label: LanguageMap::plain(name), structures, ..Range::default() };
        let deep =
            || vec![named("a", vec![named("b", vec![named("c", vec![]), named("d", vec![])]), named("e", vec![])])];
        let mut ranges = deep();
        assert!(!Range::limit_depth(&mut ranges, 3));
        assert_eq!(ranges, deep());
        assert!(Range::limit_depth(&mut ranges, 2));
        let inner: Vec<_> =
            ranges[0].structures.iter().map(|range| range.label.values().next().unwrap().as_str()).collect();
        assert_eq!(inner, ["b", "c", "d", "e"]);
    }

    #[test]
    fn an_unknown_key_is_an_error_at_its_place() {
        let error = toml::from_str::<Range>("label = 'A'\npagse = ['1']\n").unwrap_err();
        assert_eq!(error.span().unwrap().start, 12, "{error}");
        assert!(error.message().contains("pagse"), "{error}");
    }
}
