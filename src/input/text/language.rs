//! Languages as OCR programs name them (ISO 639-2 codes, English names, Tesseract's models), as tags of BCP 47.

use super::Line;
use crate::model::is_language_tag;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Tag, and other names of the language.
const NAMES: [(&str, &[&str]); 43] = [
    ("ar", &["ara", "arabic"]),
    ("bg", &["bul", "bulgarian"]),
    ("ca", &["cat", "catalan"]),
    ("cs", &["ces", "cze", "czech"]),
    ("cy", &["cym", "wel", "welsh"]),
    ("da", &["dan", "danish"]),
    ("de", &["deu", "ger", "german", "germanstandard", "germannewspelling"]),
    ("de-Latf", &["deu_frak", "deu_latf", "frk", "oldgerman"]),
    ("el", &["ell", "gre", "greek"]),
    ("en", &["eng", "english"]),
    ("eo", &["epo", "esperanto"]),
    ("es", &["spa", "spanish", "spa_old"]),
    ("et", &["est", "estonian"]),
    ("eu", &["eus", "baq", "basque"]),
    ("fa", &["fas", "per", "persian"]),
    ("fi", &["fin", "finnish"]),
    ("fr", &["fra", "fre", "french"]),
    ("ga", &["gle", "irish"]),
    ("grc", &["ancient greek"]),
    ("he", &["heb", "hebrew"]),
    ("hr", &["hrv", "croatian"]),
    ("hu", &["hun", "hungarian"]),
    ("is", &["isl", "ice", "icelandic"]),
    ("it", &["ita", "italian", "ita_old"]),
    ("ja", &["jpn", "jpn_vert", "japanese"]),
    ("ko", &["kor", "korean"]),
    ("la", &["lat", "latin"]),
    ("lt", &["lit", "lithuanian"]),
    ("lv", &["lav", "latvian"]),
    ("nl", &["nld", "dut", "dutch"]),
    ("no", &["nor", "norwegian"]),
    ("pl", &["pol", "polish"]),
    ("pt", &["por", "portuguese"]),
    ("ro", &["ron", "rum", "romanian"]),
    ("ru", &["rus", "russian"]),
    ("sk", &["slk", "slo", "slovak"]),
    ("sl", &["slv", "slovenian"]),
    ("sr", &["srp", "serbian"]),
    ("sv", &["swe", "swedish"]),
    ("tr", &["tur", "turkish"]),
    ("uk", &["ukr", "ukrainian"]),
    ("yi", &["yid", "yiddish"]),
    ("zh", &["zho", "chi", "chinese"]),
];

/// The tag of a language; of several (`deu+lat`) the first. `None`: it is neither known nor a short tag itself.
pub fn tag(name: &str) -> Option<String> {
    let name = name.split(['+', ';', ' ']).next()?.trim();
    match name {
        "chi_sim" => return Some("zh-Hans".to_owned()),
        "chi_tra" => return Some("zh-Hant".to_owned()),
        _ => {}
    }
    let lower = name.to_lowercase();
    let known = NAMES.iter().find(|(_, names)| names.contains(&lower.as_str())).map(|(tag, _)| (*tag).to_owned());
    let is_short = || matches!(name.split('-').next().map(str::len), Some(2 | 3));
    known.or_else(|| (is_language_tag(name) && is_short()).then(|| name.to_owned()))
}

/// The language that most lines have, of equals the first.
pub fn of_most(lines: &[Line]) -> Option<String> {
    commonest(lines.iter().filter_map(|line| line.language.as_deref()))
}

/// What occurs most, of equals the first.
pub fn commonest<'a>(all: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut counts = BTreeMap::new();
    for (place, one) in all.enumerate() {
        counts.entry(one).or_insert((0_usize, Reverse(place))).0 += 1;
    }
    counts.into_iter().max_by_key(|(_, count_and_place)| *count_and_place).map(|(one, _)| one.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_tags() {
        for (name, expected) in [
            ("German", Some("de")),
            ("deu_frak", Some("de-Latf")),
            ("chi_tra", Some("zh-Hant")),
            ("eng+deu", Some("en")),
            ("de-AT", Some("de-AT")),
            ("frm", Some("frm")),
            ("Klingon", None),
            ("<b>", None),
            ("", None),
        ] {
            assert_eq!(tag(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn of_equals_the_first_wins() {
        assert_eq!(commonest(["la", "de", "de", "la"].into_iter()).as_deref(), Some("la"));
        assert_eq!(commonest([].into_iter()), None);
    }
}
