//! YAML 1.2 files, read within limits, so that an error points at its place.

use crate::error::{Error, ErrorKind, Position, Result};
use serde::de::DeserializeOwned;
use serde_saphyr::{DuplicateKeyPolicy, Options};
use std::path::Path;

/// Bytes of a file.
const MAX_BYTES: usize = 64 << 20;

/// What the library adds to a message about a key that is there twice.
const ADVICE_TO_PROGRAMMERS: &str = ", set DuplicateKeyPolicy in Options if acceptable";

/// Parses a YAML file of kind `kind`; an error carries line and column. A file of comments and blanks is an empty table.
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
        let message = error.to_string();
        let Some(at) = error.location().filter(|at| at.line() > 0) else {
            return Error::new(kind, message).with_path(path);
        };
        let place = format!(" at line {}, column {}", at.line(), at.column());
        let message = message.replace(&place, "").replace(ADVICE_TO_PROGRAMMERS, "");
        let (line, column) = (at.line() as usize, at.column() as usize);
        Error::new(kind, message).with_path(path).with_position(Position { line, column })
    })
}

/// The library's budget for hostile files holds; words like `yes` and `on` are texts, as YAML 1.2 has them.
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
