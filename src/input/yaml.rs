//! YAML 1.2 files, read within limits. Errors have line and column.

use crate::config::{Mistake, Read, read_whole};
use crate::diagnostics::syntax;
use crate::error::Position;
use serde::de::{self, DeserializeOwned, MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{DuplicateKeyPolicy, Location, Options, Spanned};
use std::fmt;

/// Bytes of a file.
const MAX_BYTES: usize = 64 << 20;

/// The text that the library adds to its message about a duplicate key.
const ADVICE_TO_PROGRAMMERS: &str = ", set DuplicateKeyPolicy in Options if acceptable";

/// Reads the text of a YAML file. Of wrong keys the position is not known yet: see [`locate`]. A file with nothing but comments and blank lines gives the default value.
///
/// A file is broken that has more than [`MAX_BYTES`] bytes, is not YAML, repeats a key, or expands aliases without bounds.
pub fn read_yaml<T: DeserializeOwned + Default>(text: &str) -> Read<T> {
    if text.len() > MAX_BYTES {
        let why = format!("the file has {} bytes; at most {MAX_BYTES} are read", text.len());
        let mistake = Mistake { why, keys: vec![], position: None };
        return Read { value: T::default(), mistakes: vec![mistake], is_broken: true };
    }
    let text = without_mark(text);
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Read { value: T::default(), mistakes: vec![], is_broken: false };
    }
    read_whole(
        text.len(),
        |pass| {
            serde_saphyr::with_deserializer_from_str_with_options(text, options(), |inner| {
                T::deserialize(pass.over(inner))
            })
        },
        said,
    )
}

/// What an error says, and where.
fn said(error: &serde_saphyr::Error) -> (String, Option<Position>) {
    let error = error.without_snippet();
    let message = error.to_string();
    let message = syntax::of_yaml(&message).map_or(message, str::to_owned);
    let Some(at) = error.location().filter(|at| at.line() > 0) else { return (message, None) };
    let place = format!(" at line {}, column {}", at.line(), at.column());
    let message = message.replace(&place, "").replace(ADVICE_TO_PROGRAMMERS, "");
    (message, Some(position(at)))
}

fn position(at: Location) -> Position {
    Position { line: at.line() as usize, column: at.column() as usize }
}

/// Gives each mistake without a position that of the last of its keys that the file has. Items of lists are numbers.
pub fn locate(text: &str, mistakes: &mut [Mistake]) {
    let Ok(node) = serde_saphyr::from_str_with_options::<Node>(without_mark(text), options()) else { return };
    for mistake in mistakes.iter_mut().filter(|mistake| mistake.position.is_none()) {
        let (mut node, mut found) = (&node, None);
        for key in &mistake.keys {
            let Some((at, inner)) = node.inner(key) else { break };
            (found, node) = (Some(at), inner);
        }
        mistake.position = found.map(position);
    }
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// A YAML value that keeps the positions of its keys and items.
enum Node {
    Table(Vec<(Spanned<String>, Node)>),
    List(Vec<Spanned<Node>>),
    Value,
}

impl Node {
    fn inner(&self, key: &str) -> Option<(Location, &Node)> {
        match self {
            Node::Table(entries) => {
                let (name, inner) = entries.iter().find(|(name, _)| name.value == key)?;
                Some((name.referenced, inner))
            }
            Node::List(items) => {
                let item = items.get(key.parse::<usize>().ok()?)?;
                Some((item.referenced, &item.value))
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

    fn parse(text: &str) -> Read<BTreeMap<String, String>> {
        let mut read = read_yaml(text);
        locate(text, &mut read.mistakes);
        read
    }

    #[test]
    fn texts_stay_as_they_are_written() {
        let read = parse("\u{feff}year: 1954\nanswer: yes\nedition: 1.10\n").value;
        assert_eq!((read["year"].as_str(), read["answer"].as_str(), read["edition"].as_str()), ("1954", "yes", "1.10"));
        assert_eq!(parse("# nothing\n\n").value, BTreeMap::new());
    }

    #[test]
    fn each_mistake_has_line_and_column_and_says_them_once() {
        for (text, lines) in
            [("a: 1\na: 2\n", vec![2]), ("a: [1]\nb: [1, 2]\nc: x\n", vec![1, 2]), ("a: 1\n b: 'x\n", vec![2])]
        {
            let read = parse(text);
            let found: Vec<_> = read.mistakes.iter().filter_map(|mistake| Some(mistake.position?.line)).collect();
            assert_eq!(found, lines, "{read:?}");
            assert!(read.mistakes.iter().all(|mistake| !mistake.why.contains("line")), "{read:?}");
        }
    }

    #[test]
    fn keys_are_found_in_tables_and_lists_and_the_nearest_where_they_are_missing() {
        let text = "a: 1\nlist:\n  - b: x\n    c: 2\n  - d: true\n";
        let at = |keys: &[&str]| {
            let keys = keys.iter().map(|key| (*key).to_owned()).collect();
            let mut mistakes = [Mistake { why: String::new(), keys, position: None }];
            locate(text, &mut mistakes);
            mistakes[0].position.map(|at| (at.line, at.column))
        };
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
        assert!(read_yaml::<BTreeMap<String, serde_json::Value>>(&text).is_broken);
        assert!(parse(&"[".repeat(100_000)).is_broken);
    }
}
