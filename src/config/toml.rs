//! Reads TOML so that an error points at its line and column.

use crate::error::{Error, ErrorKind, Position, Result, in_plain_words};
use serde::de::DeserializeOwned;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Parses the `text` of the TOML file `path`.
///
/// # Errors
/// An error of `kind` with line and column; for a misspelt key it lists the keys that exist.
pub fn parse_toml<T: DeserializeOwned>(text: &str, path: &Path, kind: ErrorKind) -> Result<T> {
    let text = without_mark(text);
    toml::from_str(text).map_err(|error| {
        let refused = Error::new(kind, in_plain_words(error.message())).with_path(path);
        match error.span() {
            Some(span) => refused.with_position(Position::of(text, span.start)),
            None => refused,
        }
    })
}

/// Gives an error the position of the key that the path `keys` leads to, or of the last part of the path that the file has. In
/// a list the key is the index.
pub fn at_key(error: Error, text: &str, keys: &[&str]) -> Error {
    match position(without_mark(text), keys) {
        Some(position) => error.with_position(position),
        None => error,
    }
}

fn position(text: &str, keys: &[&str]) -> Option<Position> {
    let mut value = DeValue::Table(DeTable::parse(text).ok()?.into_inner());
    let mut found = None;
    for key in keys {
        let (start, inner) = match value {
            DeValue::Table(table) => {
                let Some((name, value)) = table.into_iter().find(|(name, _)| name.get_ref() == key) else { break };
                (name.span().start, value.into_inner())
            }
            DeValue::Array(list) => {
                let Some(value) = key.parse().ok().and_then(|index: usize| list.into_iter().nth(index)) else { break };
                (value.span().start, value.into_inner())
            }
            _ => break,
        };
        found = Some(start);
        value = inner;
    }
    found.map(|start| Position::of(text, start))
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_tables_and_the_nearest_where_they_are_missing() {
        let text = "\u{feff}a = 1\n[images]\n  quality = 0\n[[list]]\n[[list]]\nb = 1\n";
        let at = |keys: &[&str]| {
            let error = at_key(Error::image("x"), text, keys);
            error.position().map(|Position { line, column }| (line, column))
        };
        assert_eq!(at(&["images", "quality"]), Some((3, 3)));
        assert_eq!(at(&["images", "tile-size"]), Some((2, 2)));
        assert_eq!(at(&["a"]), Some((1, 1)));
        assert_eq!(at(&["list", "1", "b"]), Some((6, 1)));
        assert_eq!(at(&["b"]), None);
    }
}
