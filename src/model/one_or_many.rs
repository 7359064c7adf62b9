//! Lists in metadata files that may be written as their single element.

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, IntoDeserializer, MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::marker::PhantomData;

/// A list that may be written as its single element. No element is a list itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        OneOrMany(vec![])
    }
}

/// Not as an untagged enum: its errors would not tell what is wrong with an element, nor where.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OneOrMany<T>, D::Error> {
        deserializer.deserialize_any(Visitor(PhantomData))
    }
}

struct Visitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<T> {
    fn one<E: de::Error>(value: impl IntoDeserializer<'de, E>) -> Result<OneOrMany<T>, E> {
        T::deserialize(value.into_deserializer()).map(|value| OneOrMany(vec![value]))
    }
}

impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Visitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a list of such values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<OneOrMany<T>, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMany)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OneOrMany<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| OneOrMany(vec![value]))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<OneOrMany<T>, E> {
        Visitor::one(value)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<OneOrMany<T>, E> {
        Visitor::one(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<OneOrMany<T>, E> {
        Visitor::one(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<OneOrMany<T>, E> {
        Visitor::one(value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<OneOrMany<T>, E> {
        Visitor::one(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Behavior, Description, Link};
    use std::collections::BTreeMap;

    #[test]
    fn one_is_a_list_of_one() {
        let read: BTreeMap<String, OneOrMany<String>> = toml::from_str("a = 'x'\nb = ['x', 'y']\n").unwrap();
        assert_eq!((&read["a"].0[..], read["b"].0.len()), (&["x".to_owned()][..], 2));
        let read: BTreeMap<String, OneOrMany<Link>> = toml::from_str("a = { id = 'x' }\nb = [{ id = 'y' }]\n").unwrap();
        assert_eq!((read["a"].0[0].id.as_str(), read["b"].0[0].id.as_str()), ("x", "y"));
        let read: BTreeMap<String, OneOrMany<Behavior>> = toml::from_str("a = 'paged'\n").unwrap();
        assert_eq!(read["a"].0, [Behavior::Paged]);
    }

    #[test]
    fn what_is_wrong_with_an_element_is_said_at_its_place() {
        for (text, start, expected) in [
            ("label = 'a'\nbehavior = 'pagged'", 23, "pagged"),
            ("behavior = ['paged', 'pagged']", 21, "pagged"),
            ("homepage = { idd = 'x' }", 13, "idd"),
            ("homepage = 'x'", 11, "a table with `id`"),
        ] {
            let error = toml::from_str::<Description>(text).unwrap_err();
            assert!(error.message().contains(expected), "{text}: {error}");
            assert_eq!(error.span().map(|span| span.start), Some(start), "{text}: {error}");
        }
    }
}
