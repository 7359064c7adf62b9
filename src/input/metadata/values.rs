//! Values in the form that Presentation API 3 or readers need: dates, addresses of rights statements, roles of people.
//!
//! Licences are recognised only by their exact address. `CC-BY` in a METS names no version and stays text.

use crate::model::NavDate;
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

/// The beginning of a year, month or day written as `1784`, `1784-12` or `1784-12-01` (W3C-DTF, ISO 8601), or of a
/// period whose two ends are equal. `None` for anything else: only certain dates place an item on a timeline.
pub fn nav_date(text: &str) -> Option<NavDate> {
    let text = match text.trim().split_once('/') {
        Some((start, end)) if start == end => start,
        Some(_) => return None,
        None => text.trim(),
    };
    let parts: Vec<&str> = text.split('-').collect();
    let is_number = |part: &&str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let date = match parts.as_slice() {
        [year] if is_number(year, 4) => format!("{year}-01-01"),
        [year, month] if is_number(year, 4) && is_number(month, 2) => format!("{text}-01"),
        [year, month, day] if is_number(year, 4) && is_number(month, 2) && is_number(day, 2) => text.to_owned(),
        _ => return None,
    };
    date.parse::<Date>().ok()?;
    let date_time = format!("{date}T00:00:00Z");
    let deserializer: StrDeserializer<'_, Error> = date_time.as_str().into_deserializer();
    NavDate::deserialize(deserializer).ok()
}

const LICENCES: [&str; 6] = ["by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd"];

const STATEMENTS: [&str; 12] =
    ["InC", "InC-OW-EU", "InC-EDU", "InC-NC", "InC-RUU", "NoC-CR", "NoC-NC", "NoC-OKLR", "NoC-US", "CNE", "UND", "NKC"];

/// The address of a Creative Commons licence or of a RightsStatements.org statement, in the form that Presentation API
/// 3 requires (`http`, `/` at the end). `None`: `address` is not one. Words such as `CC-BY` give no version, so they
/// stay words.
pub fn rights_statement(address: &str) -> Option<String> {
    let address = address.trim();
    let rest = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"))?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let segments: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
    match segments.as_slice() {
        ["creativecommons.org", "licenses", code, version, place @ ..]
            if LICENCES.contains(code) && is_version(version) && is_jurisdiction(place) => {}
        ["creativecommons.org", "publicdomain", "mark" | "zero", version] if is_version(version) => {}
        ["rightsstatements.org", "vocab", code, version] if STATEMENTS.contains(code) && is_version(version) => {}
        _ => return None,
    }
    Some(format!("http://{}/", segments.join("/")))
}

fn is_version(text: &str) -> bool {
    matches!(text.as_bytes(), [major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit())
}

/// Licences before version 4 have versions for single countries: `de`, `scotland`.
fn is_jurisdiction(segments: &[&str]) -> bool {
    match segments {
        [] => true,
        [place] => place.bytes().all(|byte| byte.is_ascii_lowercase()) && !matches!(*place, "legalcode" | "deed"),
        _ => false,
    }
}

const ROLES: [(&str, &str); 58] = [
    ("abr", "Abridger"),
    ("act", "Actor"),
    ("adp", "Adapter"),
    ("ann", "Annotator"),
    ("arc", "Architect"),
    ("arr", "Arranger"),
    ("art", "Artist"),
    ("asn", "Associated name"),
    ("att", "Attributed name"),
    ("auc", "Auctioneer"),
    ("aui", "Author of introduction"),
    ("aut", "Author"),
    ("bkd", "Book designer"),
    ("bnd", "Binder"),
    ("bsl", "Bookseller"),
    ("clb", "Contributor"),
    ("cmp", "Composer"),
    ("cnd", "Conductor"),
    ("col", "Collector"),
    ("com", "Compiler"),
    ("cre", "Creator"),
    ("ctb", "Contributor"),
    ("ctg", "Cartographer"),
    ("dnr", "Donor"),
    ("drt", "Director"),
    ("dst", "Distributor"),
    ("dte", "Dedicatee"),
    ("dto", "Dedicator"),
    ("edt", "Editor"),
    ("egr", "Engraver"),
    ("etr", "Etcher"),
    ("fmo", "Former owner"),
    ("hnr", "Honoree"),
    ("ill", "Illustrator"),
    ("ilu", "Illuminator"),
    ("isb", "Issuing body"),
    ("ive", "Interviewee"),
    ("ivr", "Interviewer"),
    ("lbt", "Librettist"),
    ("ltg", "Lithographer"),
    ("lyr", "Lyricist"),
    ("mus", "Musician"),
    ("nrt", "Narrator"),
    ("oth", "Other"),
    ("own", "Owner"),
    ("pbd", "Publishing director"),
    ("pbl", "Publisher"),
    ("pht", "Photographer"),
    ("prf", "Performer"),
    ("prt", "Printer"),
    ("rcp", "Addressee"),
    ("rsp", "Respondent"),
    ("scr", "Scribe"),
    ("sgn", "Signer"),
    ("spk", "Speaker"),
    ("spn", "Sponsor"),
    ("srv", "Surveyor"),
    ("trl", "Translator"),
];

/// The English name of a MARC relator (id.loc.gov/vocabulary/relators), by its code (`aut`), its address, or its name
/// in any case.
pub fn role(code_or_term: &str) -> Option<&'static str> {
    let word = code_or_term.trim().trim_end_matches(['.', ',']);
    let word = match word.rsplit_once('/') {
        Some((address, last)) if address.contains("id.loc.gov") => last,
        _ => word,
    };
    ROLES.iter().find(|(code, name)| *code == word || name.eq_ignore_ascii_case(word)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        nav_date(text).map(|date| serde_json::to_value(date).unwrap().as_str().unwrap().to_owned())
    }

    #[test]
    fn years_months_and_days_are_certain() {
        assert_eq!(shown("1784").unwrap(), "1784-01-01T00:00:00Z");
        assert_eq!(shown("1784-12").unwrap(), "1784-12-01T00:00:00Z");
        assert_eq!(shown("1784-12-24").unwrap(), "1784-12-24T00:00:00Z");
        assert_eq!(shown("1975/1975").unwrap(), "1975-01-01T00:00:00Z");
    }

    #[test]
    fn all_else_is_not() {
        for text in ["", "1816/1931", "1784?", "178u", "[1784]", "ca. 1784", "1784-13", "1784-02-30", "080814", "17-1"]
        {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn exact_addresses_are_taken() {
        for (given, expected) in [
            ("https://creativecommons.org/publicdomain/mark/1.0/", "http://creativecommons.org/publicdomain/mark/1.0/"),
            ("http://creativecommons.org/licenses/by-sa/3.0/de", "http://creativecommons.org/licenses/by-sa/3.0/de/"),
            ("http://rightsstatements.org/vocab/InC/1.0/", "http://rightsstatements.org/vocab/InC/1.0/"),
        ] {
            assert_eq!(rights_statement(given).as_deref(), Some(expected));
        }
    }

    #[test]
    fn words_and_other_pages_are_not() {
        for given in [
            "CC-BY",
            "http://creativecommons.org/licenses/",
            "http://creativecommons.org/licenses/by/4.0/legalcode",
            "http://purl.org/coar/access_right/c_abf2",
            "http://www.princeton.edu/~rbsc/research/rights.html",
            "http://creativecommons.org.example.org/licenses/by/4.0/",
        ] {
            assert_eq!(rights_statement(given), None, "{given}");
        }
    }

    #[test]
    fn codes_terms_and_addresses_are_known() {
        assert_eq!(role("aut"), Some("Author"));
        assert_eq!(role("author"), Some("Author"));
        assert_eq!(role("editor."), Some("Editor"));
        assert_eq!(role("http://id.loc.gov/vocabulary/relators/ill"), Some("Illustrator"));
        assert_eq!(role("Widmungsempfänger"), None);
    }
}
