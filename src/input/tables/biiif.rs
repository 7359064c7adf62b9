//! biiif's `info.yml`, which describes a collection, a manifest or a canvas.
//!
//! biiif knows `label`, `description` and `attribution` of Presentation API 2, and copies other properties of
//! Presentation API 3 as they are. `metadata` is an ordered table of texts.

use crate::config::{Mistake, Read};
use crate::error::{Error, ErrorKind};
use crate::input::yaml::{locate, read_yaml};
use crate::model::{
    Behavior, Description, LabelValue, LanguageMap, Link, NavDate, OneOrMany, Provider, ViewingDirection, rights,
};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;
use std::path::Path;

/// The name of the file.
pub const INFO_FILE: &str = "info.yml";

/// All keys of the file. They are `String`, not `LanguageMap`, so that numbers and dates stay as they are written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Info {
    label: Option<String>,
    description: Option<String>,
    summary: Option<String>,
    attribution: Option<String>,
    rights: Option<String>,
    license: Option<String>,
    metadata: Pairs,
    behavior: OneOrMany<Behavior>,
    viewing_direction: Option<ViewingDirection>,
    nav_date: Option<NavDate>,
    homepage: OneOrMany<Link>,
    see_also: OneOrMany<Link>,
    rendering: OneOrMany<Link>,
    provider: OneOrMany<Provider>,
    logo: Option<serde_json::Value>,
    thumbnail: Option<serde_json::Value>,
}

/// A table of texts, in the order of the file. Labels without a text are left out.
#[derive(Debug, Default)]
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Pairs, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("labels with a text each")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Pairs, A::Error> {
                let mut pairs = vec![];
                while let Some((label, value)) = map.next_entry::<String, Option<String>>()? {
                    pairs.extend(value.filter(|value| !value.is_empty()).map(|value| (label, value)));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

/// Reads an `info.yml`. Returns the description and warnings about keys that are left out.
///
/// # Errors
/// All mistakes: the file is not YAML, has keys that biiif does not know, or values of the wrong type. Most errors have
/// line and column.
pub fn read(text: &str, path: &Path) -> Result<(Description, Vec<String>), Vec<Error>> {
    let Read { value: info, mut mistakes, .. } = read_yaml::<Info>(text);
    if info.description.is_some() && info.summary.is_some() {
        let why = "both `description` and `summary` are given, which are one thing";
        mistakes.push(Mistake::at("summary", why));
    }
    locate(text, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(mistakes.into_iter().map(|mistake| mistake.error(ErrorKind::Content, path)).collect());
    }
    let mut warnings = vec![];
    for (key, _) in [("logo", &info.logo), ("thumbnail", &info.thumbnail)].iter().filter(|(_, value)| value.is_some()) {
        warnings.push(format!("{}: `{key}` is left out", path.display()));
    }
    let plain = |text: Option<String>| text.map(LanguageMap::plain).unwrap_or_default();
    let pair = |label: LanguageMap, value: String| LabelValue { label, value: LanguageMap::plain(value) };
    let mut metadata: Vec<LabelValue> =
        info.metadata.0.into_iter().map(|(label, value)| pair(LanguageMap::plain(label), value)).collect();
    let rights = rights(info.rights.or(info.license), &mut metadata);
    let description = Description {
        label: plain(info.label),
        summary: plain(info.summary.or(info.description)),
        metadata,
        rights,
        required_statement: info
            .attribution
            .map(|value| pair(LanguageMap::plain("Attribution").in_language("en"), value)),
        provider: info.provider,
        homepage: info.homepage,
        see_also: info.see_also,
        rendering: info.rendering,
        nav_date: info.nav_date,
        behavior: info.behavior,
        viewing_direction: info.viewing_direction,
        ..Description::default()
    };
    Ok((description, warnings))
}

/// Rights in words become metadata, because the property `rights` must be a URI.
fn rights(rights: Option<String>, metadata: &mut Vec<LabelValue>) -> Option<String> {
    let rights = rights?;
    if let Ok(canonical) = rights::canonical(&rights) {
        return Some(canonical);
    }
    let label = LanguageMap::plain("Rights").in_language("en");
    metadata.push(LabelValue { label, value: LanguageMap::plain(rights) });
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const GANDALF: &str = "label: The Two Towers\ndescription: A part of it\nattribution: J. R. R. Tolkien\nrights: All reserved\n\
        metadata:\n    Published Date: 11 November 1954\n    Author: J. R. R. Tolkien\n    Genre:\n    Year: 1954\nbehavior: paged\n\
        viewingDirection: right-to-left\n";

    #[test]
    fn each_key_has_its_place_and_metadata_its_order() {
        let (read, warnings) = super::read(GANDALF, Path::new(INFO_FILE)).unwrap();
        let labels: Vec<&str> = read.metadata.iter().flat_map(|pair| pair.label.values()).map(String::as_str).collect();
        assert_eq!(labels, ["Published Date", "Author", "Year", "Rights"]);
        assert_eq!(read.metadata[2].value, LanguageMap::plain("1954"));
        assert_eq!(read.summary, LanguageMap::plain("A part of it"));
        assert_eq!(read.required_statement.unwrap().value, LanguageMap::plain("J. R. R. Tolkien"));
        assert_eq!(
            (read.behavior.0, read.viewing_direction),
            (vec![Behavior::Paged], Some(ViewingDirection::RightToLeft))
        );
        assert!(warnings.is_empty() && read.rights.is_none());
    }

    #[test]
    fn a_key_that_is_not_known_is_refused_with_its_line() {
        let errors = super::read("label: A\nlabels: B\nmetadata: 5\n", Path::new(INFO_FILE)).unwrap_err();
        assert_eq!(errors.len(), 2, "{errors:?}");
        let error = &errors[0];
        assert_eq!(error.position().map(|at| at.line), Some(2), "{error}");
        assert!(error.message().contains("labels"), "{error}");
    }
}
