//! An example for each key of a description, for those who wrote it in another way.

use crate::config::{Mistake, of_images};
use crate::diagnostics::words::nearest;

/// Keys with a value each, as TOML has it.
const EXAMPLES: [(&str, &str); 38] = [
    ("label", r#""Letter to Anna""#),
    ("summary", r#""A letter of four pages""#),
    ("metadata", r#"[{ label = "Author", value = "Immanuel Kant" }]"#),
    ("value", r#""Immanuel Kant""#),
    ("rights", r#""http://creativecommons.org/licenses/by/4.0/""#),
    ("required-statement", r#"{ label = "Attribution", value = "City Archive" }"#),
    ("provider", r#"{ id = "https://example.org/", label = "City Archive" }"#),
    ("homepage", r#"{ id = "https://example.org/letter", label = "The letter in the catalogue" }"#),
    ("see-also", r#"{ file = "record.xml", label = "The record" }"#),
    ("rendering", r#"{ file = "letter.pdf", label = "PDF" }"#),
    ("part-of", r#"{ id = "https://example.org/collection.json", label = "Letters" }"#),
    ("nav-date", r#""1888-05-01""#),
    ("nav-place", "[24.94, 60.17]"),
    ("behavior", r#"["paged"]"#),
    ("viewing-direction", r#""right-to-left""#),
    ("start", r#""0003""#),
    ("thumbnail", r#""0003""#),
    ("structures", r#"[{ label = "Chapter 1", pages = ["0001", "0002"] }]"#),
    ("annotations", r#"["notes.csv"]"#),
    ("placeholder", r#""cover.jpg""#),
    ("accompanying", r#""sleeve.jpg""#),
    ("captions", r#"[{ file = "interview.vtt", language = "en" }]"#),
    ("duration", "62.5"),
    ("width", "1200"),
    ("height", "800"),
    ("missing", "true"),
    ("publish", "false"),
    ("embargo", r#""2030-01-31""#),
    ("originals", r#""cut""#),
    ("accept", r#"["page-gap"]"#),
    ("page-pattern", r"'(?<page>\d+)'"),
    ("id", r#""letter-1""#),
    ("images", "{ quality = 80 }"),
    ("layers", r#"[{ file = "0001-uv.tif", label = "Ultraviolet" }]"#),
    ("details", r#"[{ file = "seal.tif", at = [100, 200, 300, 300] }]"#),
    ("at", "[100, 200, 300, 300]"),
    ("language", r#""en""#),
    ("followed-by", r#"["side-b.mp3"]"#),
];

/// For those who say the language of an item as a whole.
const OF_TEXTS: &str = "each text states its language, as in label = { de = \"Brief an Anna\" }; `language` in iiif-build.toml is \
    that of all texts without one";

/// What a mistake says of a table where a list is expected, as with `[metadata]` instead of `[[metadata]]`.
const A_TABLE: &str = "this is a table of keys and values; expected a list";

/// A sentence with an example of the key that has the mistake, or that was meant.
pub fn of(mistake: &Mistake, is_yaml: bool) -> Option<String> {
    if let Some(example) = of_images(mistake) {
        return Some(if is_yaml { example.replace(" = ", ": ") } else { example });
    }
    if mistake.keys == ["language"] && mistake.why.starts_with("there is no key") {
        return Some(OF_TEXTS.to_owned());
    }
    let key = mistake.keys.iter().rev().find(|key| key.parse::<usize>().is_err())?;
    let meant = nearest(key, EXAMPLES.iter().map(|(key, _)| *key))?;
    let (key, value) = EXAMPLES.iter().find(|(key, _)| *key == meant)?;
    if !is_yaml && value.starts_with("[{") && mistake.why.starts_with(A_TABLE) {
        let entry = value.trim_start_matches("[{").trim_end_matches("}]").trim();
        return Some(format!("write [[{key}]] with two pairs of brackets, once for each entry, and below it: {entry}"));
    }
    Some(match is_yaml {
        true => format!("for example: {key}: {}", value.replace(" = ", ": ")),
        false => format!("for example: {key} = {value}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Read, read_toml};
    use crate::input::content::check::{Subject, check};
    use crate::input::yaml::read_yaml;
    use crate::model::Description;

    #[test]
    fn all_examples_are_right() {
        let inner = ["value", "at", "language"];
        for (key, _) in EXAMPLES.iter().filter(|(key, _)| !inner.contains(key)) {
            let mistake = Mistake::at(key, "");
            let line = |is_yaml| of(&mistake, is_yaml).unwrap().replace("for example: ", "");
            for read in [read_toml::<Description>(&line(false)), read_yaml::<Description>(&line(true))] {
                let Read { value, mistakes, .. } = read;
                assert!(mistakes.is_empty(), "{mistakes:?}");
                let is_right = [Subject::Item, Subject::Page]
                    .iter()
                    .any(|subject| check(&value, *subject).iter().all(|mistake| mistake.why.contains("together")));
                assert!(is_right, "{key}: {:?}", check(&value, Subject::Item));
            }
        }
    }
}
