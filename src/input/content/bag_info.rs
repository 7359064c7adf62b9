//! The `bag-info.txt` of a BagIt bag as a record.

use super::folder::BAG_INFO;
use crate::config::files;
use crate::error::{Error, ErrorKind, Position, Result};
use crate::input::source::ContentSource;
use crate::model::{Description, LabelValue, LanguageMap, NO_LANGUAGE, Record};
use std::collections::HashMap;
use std::path::Path;

/// Labels of `bag-info.txt` that describe the bag and not its contents.
const TECHNICAL: [&str; 6] =
    ["BagIt-Profile-Identifier", "Bag-Count", "Bag-Group-Identifier", "Bag-Size", "Bag-Software-Agent", "Payload-Oxum"];

/// Reads the `bag-info.txt` of a BagIt bag (RFC 8493, section 2.2.2): lines of a label, a colon and a value.
/// `External-Description` is the summary; all other lines are metadata under the label as it is written.
pub fn read(path: &Path, source: &ContentSource) -> Result<Record> {
    let text = source.read_to_string(path, files::DESCRIPTION);
    let text = text.map_err(|error| Error::read(ErrorKind::Content, path, error))?;
    let mut pairs = BagPairs::default();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let is_continued = line.starts_with([' ', '\t']);
        if line.trim().is_empty() {
            continue;
        }
        if let (true, Some(value)) = (is_continued, pairs.last_value()) {
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        let Some((label, value)) = line.split_once(':') else {
            let wrong = Error::new(ErrorKind::Content, "expected a label, a colon and a value").with_path(path);
            return Err(wrong.with_position(Position { line: index + 1, column: 1 }));
        };
        pairs.add(label.trim(), value.trim());
    }
    Ok(Record { place: BAG_INFO.to_owned(), description: bag_description(pairs), ..Record::default() })
}

/// Labels and their values, in the order in which each label came last.
#[derive(Default)]
struct BagPairs {
    /// `None`: the label came again.
    pairs: Vec<Option<(String, Vec<String>)>>,
    by_label: HashMap<String, usize>,
}

impl BagPairs {
    fn add(&mut self, label: &str, value: &str) {
        let before = self.by_label.insert(label.to_owned(), self.pairs.len());
        let pair = before.and_then(|at| self.pairs.get_mut(at)?.take());
        let (label, mut values) = pair.unwrap_or_else(|| (label.to_owned(), vec![]));
        values.push(value.to_owned());
        self.pairs.push(Some((label, values)));
    }

    /// The value of the line before.
    fn last_value(&mut self) -> Option<&mut String> {
        self.pairs.last_mut()?.as_mut()?.1.last_mut()
    }
}

fn bag_description(pairs: BagPairs) -> Description {
    let mut description = Description::default();
    for (label, values) in pairs.pairs.into_iter().flatten() {
        let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        if TECHNICAL.contains(&label.as_str()) || values.is_empty() {
            continue;
        }
        let value = LanguageMap::from_iter([(NO_LANGUAGE.to_owned(), values)]);
        if label == "External-Description" {
            description.summary = value;
        } else {
            let label = LanguageMap::plain(label.replace('-', " ")).in_language("en");
            description.metadata.push(LabelValue { label, value });
        }
    }
    description
}
