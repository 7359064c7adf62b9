//! YAML 1.2 files, read within limits. Errors have line and column.

use crate::error::{Error, ErrorKind, Position, Result, in_plain_words};
use serde::de::{self, DeserializeOwned, MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{DuplicateKeyPolicy, Location, Options, Spanned};
use std::fmt;
use std::path::Path;

/// Bytes of a file.
const MAX_BYTES: usize = 64 << 20;

/// The text that the library adds to its message about a duplicate key.
const ADVICE_TO_PROGRAMMERS: &str = ", set DuplicateKeyPolicy in Options if acceptable";

/// Parses a YAML file. A file with nothing but comments and blank lines gives the default value.
///
/// # Errors
/// An error of kind `kind`, with line and column: the file has more than [`MAX_BYTES`] bytes, is not YAML, repeats a
/// key, expands aliases without bounds, or does not fit `T`.
pub fn parse_yaml<T: DeserializeOwned + Default>(text: &str, path: &Path, kind: ErrorKind) -> Result<T> {
    if text.len() > MAX_BYTES {
        let why = format!("the file has {} bytes; at most {MAX_BYTES} are read", text.len());
        return Err(Error::new(kind, why).with_path(path));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(T::default());
    }
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        let error = error.without_snippet();
        let message = in_plain_words(&error.to_string());
        let Some(at) = error.location().filter(|at| at.line() > 0) else {
            return Error::new(kind, message).with_path(path);
        };
        let place = format!(" at line {}, column {}", at.line(), at.column());
        let message = message.replace(&place, "").replace(ADVICE_TO_PROGRAMMERS, "");
        let (line, column) = (at.line() as usize, at.column() as usize);
        Error::new(kind, message).with_path(path).with_position(Position { line, column })
    })
}

/// Gives an error the position of the key that the path `keys` leads to, or of the last key on the path that the file
/// has. Items of lists are numbers.
pub fn at_key(error: Error, text: &str, keys: &[&str]) -> Error {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Ok(mut node) = serde_saphyr::from_str_with_options::<Node>(text, options()) else { return error };
    let mut found = None;
    for key in keys {
        let Some((at, inner)) = node.inner(key) else { break };
        (found, node) = (Some(at), inner);
    }
    match found {
        Some(at) => error.with_position(Position { line: at.line() as usize, column: at.column() as usize }),
        None => error,
    }
}

/// A YAML value that keeps the positions of its keys and items.
enum Node {
    Table(Vec<(Spanned<String>, Node)>),
    List(Vec<Spanned<Node>>),
    Value,
}

impl Node {
    fn inner(self, key: &str) -> Option<(Location, Node)> {
        match self {
            Node::Table(entries) => {
                let (name, inner) = entries.into_iter().find(|(name, _)| name.value == key)?;
                Some((name.referenced, inner))
            }
            Node::List(items) => {
                let item = items.into_iter().nth(key.parse().ok()?)?;
                Some((item.referenced, item.value))
            }
            Node::Value => None,
        }
    }
}

/// Visitor methods for scalars, which have no keys and no items.
macro_rules! scalars {
    ($($visit:ident: $scalar:ty),*) => {
        $(fn $visit<E>(self, _: $scalar) -> std::result::Result<Node, E> {
            Ok(Node::Value)
        })*
    };
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Node, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Node, A::Error> {
                let mut entries = vec![];
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Table(entries))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Node, A::Error> {
                let mut items = vec![];
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }

            scalars!(visit_str: &str, visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

            fn visit_unit<E>(self) -> std::result::Result<Node, E> {
                Ok(Node::Value)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The limits of the library stay on. Words such as `yes` and `on` are texts, as YAML 1.2 defines.
fn options() -> Options {
    serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 10_000 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn parse(text: &str) -> Result<BTreeMap<String, String>> {
        parse_yaml(text, Path::new("a.yml"), ErrorKind::Content)
    }

    #[test]
    fn texts_stay_as_they_are_written() {
        let read = parse("\u{feff}year: 1954\nanswer: yes\nedition: 1.10\n").unwrap();
        assert_eq!((read["year"].as_str(), read["answer"].as_str(), read["edition"].as_str()), ("1954", "yes", "1.10"));
        assert_eq!(parse("# nothing\n\n").unwrap(), BTreeMap::new());
    }

    #[test]
    fn an_error_has_line_and_column_and_says_them_once() {
        for (text, line) in [("a: 1\na: 2\n", 2), ("a: 1\nb: [1, 2]\n", 2), ("a: 1\n b: 'x\n", 2)] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.position().map(|at| at.line), Some(line), "{error}");
            assert!(!error.message().contains("line"), "{error}");
        }
    }

    #[test]
    fn keys_are_found_in_tables_and_lists_and_the_nearest_where_they_are_missing() {
        let text = "a: 1\nlist:\n  - b: x\n    c: 2\n  - d: true\n";
        let at = |keys: &[&str]| at_key(Error::image("x"), text, keys).position().map(|at| (at.line, at.column));
        assert_eq!(at(&["list", "0", "c"]), Some((4, 5)));
        assert_eq!(at(&["list", "1", "d"]), Some((5, 5)));
        assert_eq!(at(&["list", "1", "e"]).map(|at| at.0), Some(5));
        assert_eq!(at(&["f"]), None);
    }

    #[test]
    fn a_file_that_would_grow_without_bounds_is_refused() {
        let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (name, above) in ('b'..='j').zip('a'..) {
            text += &format!("{name}: &{name} [{}]\n", vec![format!("*{above}"); 9].join(", "));
        }
        let read: Result<BTreeMap<String, serde_json::Value>> =
            parse_yaml(&text, Path::new("a.yml"), ErrorKind::Content);
        assert!(read.is_err());
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
