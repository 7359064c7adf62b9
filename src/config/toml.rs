//! Reads TOML so that each mistake points at its line and column.

use super::mistakes::{Mistake, Read, read_whole};
use crate::diagnostics::syntax;
use crate::error::Position;
use serde::de::DeserializeOwned;
use toml::Deserializer;
use toml::de::{DeTable, DeValue};

/// Reads the `text` of a TOML file. Of wrong keys the position is not known yet: see [`locate`].
pub fn read_toml<T: DeserializeOwned + Default>(text: &str) -> Read<T> {
    let text = without_mark(text);
    if let Ok(value) = toml::from_str(text) {
        return Read { value, ..Read::default() };
    }
    let (table, broken) = DeTable::parse_recoverable(text);
    let position = |error: &toml::de::Error| error.span().map(|span| Position::of(text, span.start));
    let mut read = read_whole(
        text.len(),
        |pass| T::deserialize(pass.over(Deserializer::from(table.clone()))),
        |error| (error.message().to_owned(), position(error)),
    );
    if let Some(first) = broken.first() {
        // What follows from a mistake in the form of the file is no mistake of its own.
        let why = syntax::of_toml(first.message(), text, first.span().map_or(0, |span| span.start));
        let mistake = Mistake { why, keys: vec![], position: position(first) };
        read = Read { value: T::default(), mistakes: vec![mistake], is_broken: true };
    }
    read
}

/// Gives each mistake without a position that of the last of its keys that the file has.
pub fn locate(text: &str, mistakes: &mut [Mistake]) {
    if mistakes.iter().all(|mistake| mistake.position.is_some()) {
        return;
    }
    let text = without_mark(text);
    let Ok(table) = DeTable::parse(text) else { return };
    for mistake in mistakes.iter_mut().filter(|mistake| mistake.position.is_none()) {
        mistake.position = position(table.get_ref(), &mistake.keys).map(|at| Position::of(text, at));
    }
}

fn position(table: &DeTable<'_>, keys: &[String]) -> Option<usize> {
    let (first, rest) = keys.split_first()?;
    let (name, mut value) = table.iter().find(|(name, _)| name.get_ref() == first)?;
    let mut found = name.span().start;
    for key in rest {
        match value.get_ref() {
            DeValue::Table(table) => {
                let Some((name, inner)) = table.iter().find(|(name, _)| name.get_ref() == key) else { break };
                (found, value) = (name.span().start, inner);
            }
            DeValue::Array(list) => {
                let Some(inner) = key.parse().ok().and_then(|index: usize| list.get(index)) else { break };
                (found, value) = (inner.span().start, inner);
            }
            _ => break,
        }
    }
    Some(found)
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Description;

    #[test]
    fn keys_are_found_in_tables_and_the_nearest_where_they_are_missing() {
        let text = "\u{feff}a = 1\n[images]\n  quality = 0\n[[list]]\n[[list]]\nb = 1\n";
        let at = |keys: &[&str]| {
            let keys = keys.iter().map(|key| (*key).to_owned()).collect();
            let mut mistakes = [Mistake { why: String::new(), keys, position: None }];
            locate(text, &mut mistakes);
            mistakes[0].position.map(|Position { line, column }| (line, column))
        };
        assert_eq!(at(&["images", "quality"]), Some((3, 3)));
        assert_eq!(at(&["images", "tile-size"]), Some((2, 2)));
        assert_eq!(at(&["a"]), Some((1, 1)));
        assert_eq!(at(&["list", "1", "b"]), Some((6, 1)));
        assert_eq!(at(&["b"]), None);
    }

    #[test]
    fn all_mistakes_of_a_file_are_found_and_the_rest_is_read() {
        let text = "lable = 'A'\nsummary = 5\nbehavior = ['paged', 'pagged']\npublish = false\nnav-date = '1.5.1888'\n\
            [[metadata]]\nlabel = 'a'\nvalue = 'b'\n[[metadata]]\nlabel = 1\nvalue = 'b'\n\
            [pages.'1.tif']\nlabel = 'x'\nlayers = [{ fil = 'y', label = 'z' }]\n[[structures]]\nlabel = 'A'\npagse = ['1']\n";
        let mut read = read_toml::<Description>(text);
        locate(text, &mut read.mistakes);
        let mut lines: Vec<usize> =
            read.mistakes.iter().map(|mistake| mistake.position.map_or(0, |at| at.line)).collect();
        lines.sort_unstable();
        assert_eq!(lines, [1, 2, 3, 5, 10, 14, 17], "{:#?}", read.mistakes);
        assert_eq!((read.value.publish, read.value.behavior.0.len(), read.value.metadata.len()), (Some(false), 1, 1));
        assert!(!read.is_broken);
    }

    #[test]
    fn a_file_that_is_no_toml_is_one_mistake_with_its_place() {
        for (text, line) in [("label = 'A\nsummary = 'B'\n", 1), ("label = 'A'\n[pages.'1.tif'\npublish = false\n", 2)]
        {
            let read = read_toml::<Description>(text);
            let lines: Vec<_> = read.mistakes.iter().map(|mistake| mistake.position.map(|at| at.line)).collect();
            assert_eq!(
                (lines, read.is_broken, read.value.publish),
                (vec![Some(line)], true, None),
                "{:?}",
                read.mistakes
            );
        }
    }
}
