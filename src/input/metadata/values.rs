//! Values in the form that Presentation API 3 or readers need: dates, addresses of rights statements, roles of people.
//!
//! Licences are recognised by their address. Words in a METS, such as `CC-BY`, are about the work in general and stay text.

use crate::model::{NavDate, rights};

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
    let is_date = match parts.as_slice() {
        [year, rest @ ..] if rest.len() <= 2 => is_number(year, 4) && rest.iter().all(|part| is_number(part, 2)),
        _ => false,
    };
    if is_date { text.parse().ok() } else { None }
}

/// The URI of the licence or rights statement that an address means. `None`: `text` is not an address of one. Words stay
/// words.
pub fn rights_statement(text: &str) -> Option<String> {
    rights::canonical(text).ok().filter(|_| rights::is_address(text))
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
    fn addresses_are_rights_and_words_stay_words() {
        let canonical = Some("http://creativecommons.org/licenses/by/4.0/".to_owned());
        assert_eq!(rights_statement("https://creativecommons.org/licenses/by/4.0/legalcode"), canonical);
        for given in ["CC-BY", "CC BY 4.0", "http://purl.org/coar/access_right/c_abf2", "http://a.edu/rights.html"] {
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
