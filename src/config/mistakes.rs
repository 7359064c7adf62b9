//! Reads a file of keys and values so that all of its mistakes are found, not only the first.
//!
//! serde ends at the first mistake. So the file is read again without the part that has it, until the rest can be read.
//! [`Pass`] is one such reading: a deserializer around that of TOML or YAML, which knows the keys that lead to what is read,
//! leaves out the parts that had a mistake before, and notes where the next one is.

use crate::diagnostics::words::{expected, in_plain_words, nearest};
use crate::error::{Error, ErrorKind, Position};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// Most mistakes of a file that are told.
const MAX_TOLD: usize = 100;

/// Most bytes that are read again because of mistakes. A large file is read fewer times.
const MAX_REREAD: usize = 32 << 20;

/// What the parser of TOML says of a value that should be one of some words, and is no text.
const NO_WORD: &str = "wanted string or table";

/// A mistake in a file of keys and values.
#[derive(Debug)]
pub struct Mistake {
    /// A message without the place.
    pub why: String,
    /// The keys that lead to it, outermost first; in a list the key is the index.
    pub keys: Vec<String>,
    /// Where it is in the file. `None`: not known yet.
    pub position: Option<Position>,
}

impl Mistake {
    /// A mistake at `key`.
    pub fn at(key: &str, why: impl Into<String>) -> Mistake {
        Mistake { why: why.into(), keys: vec![key.to_owned()], position: None }
    }

    /// The same within `key`.
    pub fn within(mut self, key: &str) -> Mistake {
        self.keys.insert(0, key.to_owned());
        self
    }

    /// Whether it is `known` already, under other keys.
    fn is_again(&self, known: &Mistake) -> bool {
        self.position.is_some() && (self.position, &self.why) == (known.position, &known.why)
    }

    /// The error about the file `path`.
    pub fn error(self, kind: ErrorKind, path: &Path) -> Error {
        let error = Error::new(kind, self.why).with_path(path);
        match self.position {
            Some(position) => error.with_position(position),
            None => error,
        }
    }
}

/// What can be read of a file, and its mistakes.
#[derive(Debug, Default)]
pub struct Read<T> {
    /// Without the parts that have a mistake. The default value where nothing can be read.
    pub value: T,
    /// In the order in which they were found.
    pub mistakes: Vec<Mistake>,
    /// The file is not of its format, so that nobody knows what belongs to what.
    pub is_broken: bool,
}

/// Reads a file of `length` bytes by `read`, again and again without the parts that have a mistake. `message` gives what an
/// error says, and where.
pub fn read_whole<T: Default, E>(
    length: usize,
    mut read: impl FnMut(&mut Pass) -> Result<T, E>,
    message: impl Fn(&E) -> (String, Option<Position>),
) -> Read<T> {
    let mut pass = Pass::default();
    let mut mistakes = vec![];
    for _ in 0..(MAX_REREAD / length.max(1)).clamp(1, MAX_TOLD) {
        pass.keys.clear();
        match read(&mut pass) {
            Ok(value) => return Read { value, mistakes, is_broken: false },
            Err(error) => {
                let (why, position) = message(&error);
                let Failed { keys, is_key, choices } = pass.failed.take().unwrap_or_default();
                // The parsers know where a value is, and of a key only the table that it is in.
                let position = position.filter(|_| !is_key);
                let (is_everything, follows) = (keys.is_empty(), pass.follows(&why, &keys));
                pass.left_out.insert(keys.clone());
                let why = match choices {
                    [_, ..] if why == NO_WORD => expected(choices, '"'),
                    _ => in_plain_words(&why),
                };
                let mistake = Mistake { why, keys, position };
                if !follows && !mistakes.iter().any(|known| mistake.is_again(known)) {
                    mistakes.push(mistake);
                }
                if is_everything {
                    return Read { value: T::default(), mistakes, is_broken: true };
                }
            }
        }
    }
    mistakes.extend(mistakes.last().map(|last| last.position).map(|position| Mistake {
        why: "there may be more mistakes; they are told when these are mended".to_owned(),
        keys: vec![],
        position,
    }));
    Read { value: T::default(), mistakes, is_broken: true }
}

/// See the [module](self).
#[derive(Default)]
pub struct Pass {
    /// The words of which one is expected, if the value that is being read is one of some words.
    choices: &'static [&'static str],
    left_out: BTreeSet<Vec<String>>,
    /// The keys that lead to what is being read.
    keys: Vec<String>,
    failed: Option<Failed>,
}

/// The innermost key or value that could not be read.
#[derive(Default)]
struct Failed {
    /// The keys that lead to it.
    keys: Vec<String>,
    is_key: bool,
    choices: &'static [&'static str],
}

impl Pass {
    /// A deserializer around `inner`.
    pub fn over<D>(&mut self, inner: D) -> Over<'_, D> {
        Over { inner, pass: self }
    }

    fn is_left_out(&self) -> bool {
        self.left_out.contains(&self.keys)
    }

    /// Whether a mistake is only that a key is missing which was left out for another mistake: its value was wrong, or it was
    /// misspelt.
    fn follows(&self, why: &str, keys: &[String]) -> bool {
        let Some(key) = why.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) else {
            return false;
        };
        let beside = self.left_out.iter().filter_map(|left_out| left_out.split_last());
        let mut beside = beside.filter(|(_, above)| *above == keys);
        beside.any(|(left_out, _)| nearest(left_out, [key]).is_some())
    }

    /// Notes that what is being read has a mistake, unless it is that of an inner value. Types of the libraries, such as
    /// dates, have keys of their own.
    fn note<T, E>(&mut self, read: Result<T, E>, is_key: bool) -> Result<T, E> {
        if read.is_err() && self.failed.is_none() {
            let keys = self.keys.iter().take_while(|key| !key.starts_with("$__"));
            self.failed = Some(Failed { keys: keys.cloned().collect(), is_key, choices: self.choices });
        }
        read
    }
}

/// A deserializer, visitor or seed of another library, in a pass.
pub struct Over<'a, T> {
    inner: T,
    pass: &'a mut Pass,
}

macro_rules! deserialize {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($argument,)* Over { inner: visitor, pass: self.pass })
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Over<'_, D> {
    type Error = D::Error;

    deserialize! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit()
        deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(length: usize) deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_map() deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.pass.choices = variants;
        self.inner.deserialize_enum(name, variants, Over { inner: visitor, pass: self.pass })
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident: $scalar:ty)*) => {
        $(fn $method<E: serde::de::Error>(self, value: $scalar) -> Result<V::Value, E> {
            self.inner.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Over<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    visit! {
        visit_bool: bool visit_i8: i8 visit_i16: i16 visit_i32: i32 visit_i64: i64 visit_i128: i128 visit_u8: u8
        visit_u16: u16 visit_u32: u32 visit_u64: u64 visit_u128: u128 visit_f32: f32 visit_f64: f64 visit_char: char
        visit_str: &str visit_borrowed_str: &'de str visit_string: String visit_bytes: &[u8]
        visit_borrowed_bytes: &'de [u8] visit_byte_buf: Vec<u8>
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Over { inner: deserializer, pass: self.pass })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Over { inner: deserializer, pass: self.pass })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(List { inner: list, pass: self.pass, index: 0 })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Over { inner: map, pass: self.pass })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(data)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Over<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let Over { inner, pass } = self;
        pass.choices = &[];
        let read = inner.deserialize(Over { inner: deserializer, pass: &mut *pass });
        pass.note(read, false)
    }
}

impl<'de, M: MapAccess<'de>> MapAccess<'de> for Over<'_, M> {
    type Error = M::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, M::Error> {
        while let Some(key) = self.inner.next_key::<String>()? {
            self.pass.keys.push(key.clone());
            if !self.pass.is_left_out() {
                let read = seed.deserialize(key.into_deserializer());
                return self.pass.note(read, true).map(Some);
            }
            self.inner.next_value::<IgnoredAny>()?;
            self.pass.keys.pop();
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, M::Error> {
        let value = self.inner.next_value_seed(Over { inner: seed, pass: &mut *self.pass });
        self.pass.keys.pop();
        value
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

struct List<'a, A> {
    inner: A,
    pass: &'a mut Pass,
    index: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for List<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        loop {
            self.pass.keys.push(self.index.to_string());
            self.index += 1;
            if self.pass.is_left_out() {
                self.pass.keys.pop();
                match self.inner.next_element::<IgnoredAny>()? {
                    Some(_) => continue,
                    None => return Ok(None),
                }
            }
            let value = self.inner.next_element_seed(Over { inner: seed, pass: &mut *self.pass });
            self.pass.keys.pop();
            return value;
        }
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}
