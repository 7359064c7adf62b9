//! What is alike to a reader: letters without case and accents, old letters and ligatures as they are spelled today.
//!
//! `site/src/fold.json` has the rules, which `docs/text.md` describes. The script of the page searches by the same table.

use serde::Deserialize;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

const TABLE: &str = include_str!("../../../site/src/fold.json");

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::read(TABLE).unwrap_or_default());

/// The table as it is written.
#[derive(Deserialize)]
struct Table {
    /// Hexadecimal code points, alone or as `first-last`.
    remove: Vec<String>,
    replace: HashMap<char, String>,
}

#[derive(Default)]
struct Rules {
    remove: Vec<RangeInclusive<char>>,
    replace: HashMap<char, String>,
}

impl Rules {
    /// `None`: this is no such table.
    fn read(json: &str) -> Option<Rules> {
        let table: Table = serde_json::from_str(json).ok()?;
        let code_point = |hex: &str| char::from_u32(u32::from_str_radix(hex, 16).ok()?);
        let range = |range: &String| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            Some(code_point(first)?..=code_point(last)?)
        };
        Some(Rules { remove: table.remove.iter().map(range).collect::<Option<_>>()?, replace: table.replace })
    }

    fn push(&self, c: char, folded: &mut String) {
        if c.is_ascii_alphanumeric() || c == ' ' {
            return folded.push(c);
        }
        match self.replace.get(&c) {
            Some(letters) => folded.push_str(letters),
            None if self.remove.iter().any(|range| range.contains(&c)) => {}
            None => folded.push(c),
        }
    }
}

/// `Was iſt Aufklärung?` becomes `was ist aufklarung?`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    text.nfkd().flat_map(char::to_lowercase).for_each(|c| RULES.push(c, &mut folded));
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_table_are_folded_as_the_script_folds_them() {
        #[derive(Deserialize)]
        struct Examples {
            examples: Vec<[String; 2]>,
        }
        assert!(Rules::read(TABLE).is_some());
        let Examples { examples } = serde_json::from_str(TABLE).unwrap();
        assert!(examples.len() > 10);
        for [text, folded] in examples {
            assert_eq!(fold(&text), folded, "{text}");
        }
    }
}
