//! `bag-info.txt` of a BagIt bag (RFC 8493, section 2.2.2): lines of a label, a colon and a value.

use crate::error::{Error, ErrorKind, Position, Result};
use crate::input::source::ContentSource;
use crate::model::{Description, LabelValue, LanguageMap, Record};
use std::path::Path;

/// The declaration that makes a folder a bag, and its metadata.
pub const BAG: &str = "bagit.txt";
pub const INFO: &str = "bag-info.txt";

/// Of the bag's making, not of what is in it.
const TECHNICAL: [&str; 6] =
    ["BagIt-Profile-Identifier", "Bag-Count", "Bag-Group-Identifier", "Bag-Size", "Bag-Software-Agent", "Payload-Oxum"];

/// Reads `bag-info.txt`: `External-Description` is the summary, all else metadata, each label as it is written.
pub fn read(path: &Path, source: &ContentSource) -> Result<Record> {
    let text = source.read_to_string(path).map_err(|error| Error::read(ErrorKind::Content, path, error))?;
    let mut pairs: Vec<(String, Vec<String>)> = vec![];
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let is_continued = line.starts_with([' ', '\t']);
        if line.trim().is_empty() {
            continue;
        }
        if let (true, Some(value)) = (is_continued, pairs.last_mut().and_then(|(_, values)| values.last_mut())) {
            *value = format!("{value} {}", line.trim());
            continue;
        }
        let Some((label, value)) = line.split_once(':') else {
            let wrong = Error::new(ErrorKind::Content, "expected a label, a colon and a value").with_path(path);
            return Err(wrong.with_position(Position { line: index + 1, column: 1 }));
        };
        let (label, value) = (label.trim().to_owned(), value.trim().to_owned());
        match pairs.iter().position(|(other, _)| *other == label) {
            Some(at) => {
                let mut pair = pairs.remove(at);
                pair.1.push(value);
                pairs.push(pair);
            }
            None => pairs.push((label, vec![value])),
        }
    }
    Ok(Record { place: INFO.to_owned(), description: description(pairs), ..Record::default() })
}

fn description(pairs: Vec<(String, Vec<String>)>) -> Description {
    let mut description = Description::default();
    for (label, values) in pairs {
        let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        if TECHNICAL.contains(&label.as_str()) || values.is_empty() {
            continue;
        }
        let value = LanguageMap::from_iter([(crate::model::NO_LANGUAGE.to_owned(), values)]);
        if label == "External-Description" {
            description.summary = value;
        } else {
            let label = LanguageMap::plain(label.replace('-', " ")).in_language("en");
            description.metadata.push(LabelValue { label, value });
        }
    }
    description
}
