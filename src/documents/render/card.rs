//! What a card says of a member beside its title: who made it, when, and where it is kept.
//!
//! IIIF metadata has no fixed names, so pairs are known by the labels that archives usually give them.

use crate::documents::iiif::html::plain;
use crate::model::{Description, LanguageMap};

/// A year of the Common Era.
pub type Year = i32;

const CREATOR: [&str; 24] = [
    "creator",
    "author",
    "artist",
    "photographer",
    "composer",
    "cartographer",
    "engraver",
    "printmaker",
    "painter",
    "writer",
    "verfasser",
    "verfasserin",
    "urheber",
    "urheberin",
    "künstler",
    "künstlerin",
    "fotograf",
    "fotografin",
    "autor",
    "autora",
    "auteur",
    "autrice",
    "artiste",
    "photographe",
];

const DATE: [&str; 18] = [
    "date",
    "dates",
    "date created",
    "date issued",
    "date of creation",
    "date of publication",
    "publication date",
    "published date",
    "year",
    "datum",
    "datierung",
    "jahr",
    "erscheinungsjahr",
    "entstehungszeit",
    "date de publication",
    "année",
    "fecha",
    "año",
];

const SHELFMARK: [&str; 8] =
    ["shelfmark", "call number", "reference code", "signatur", "cote", "signatura", "shelf mark", "classmark"];

/// The most letters of a value on a card.
const MAX_LETTERS: usize = 120;

/// The values of a description that a card shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    pub creator: Option<&'a LanguageMap>,
    pub date: Option<&'a LanguageMap>,
    pub shelfmark: Option<&'a LanguageMap>,
}

impl<'a> Facts<'a> {
    pub fn of(description: &'a Description) -> Facts<'a> {
        let mut facts = Facts::default();
        for pair in &description.metadata {
            for label in pair.label.values() {
                let label = label.trim().trim_end_matches(':').to_lowercase();
                let fact = match label.as_str() {
                    label if CREATOR.contains(&label) => &mut facts.creator,
                    label if DATE.contains(&label) => &mut facts.date,
                    label if SHELFMARK.contains(&label) => &mut facts.shelfmark,
                    _ => continue,
                };
                fact.get_or_insert(&pair.value);
            }
        }
        facts
    }
}

/// The year by which something is sorted, and what makes it precise. It is that of `nav-date`, else the first year in the
/// date that the metadata state.
pub fn year(description: &Description) -> Option<(Year, String)> {
    let exact = description.nav_date.as_ref().map(|date| date.as_str());
    if let Some(date) = exact.and_then(|date| Some((date.get(..4)?.parse().ok()?, date.to_owned()))) {
        return Some(date);
    }
    let written = Facts::of(description).date?.values().next()?;
    let (year, at) = first_year(written)?;
    let rest = &written[at..];
    let is_exact = rest.get(4..5) == Some("-") && rest.get(5..7).is_some_and(|month| month.parse::<u8>().is_ok());
    Some((year, if is_exact { rest.chars().take(10).collect() } else { String::new() }))
}

/// The first number of four digits that can be a year, and where it stands.
fn first_year(text: &str) -> Option<(Year, usize)> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_alone =
        |at: &usize| (*at == 0 || !is_digit(at - 1)) && (0..4).all(|offset| is_digit(at + offset)) && !is_digit(at + 4);
    let year = |at: usize| Some((text.get(at..at + 4)?.parse().ok()?, at));
    (0..bytes.len()).filter(is_alone).filter_map(year).find(|(year, _)| (1000..=2200).contains(year))
}

/// A value as it fits on a card: without markup, and not too long.
pub fn short(text: &str) -> String {
    shortened(&plain(text), MAX_LETTERS)
}

/// The beginning of a text, which ends with a whole word where it can.
pub fn shortened(text: &str, letters: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(letters) else { return text.to_owned() };
    let begun = &text[..end];
    let whole = begun.rfind(char::is_whitespace).filter(|at| *at > end / 2).unwrap_or(end);
    format!("{} …", begun[..whole].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_the_first_in_the_text() {
        for (text, year) in [
            ("1784", Some(1784)),
            ("ca. 1450-1475", Some(1450)),
            ("[1612?]", Some(1612)),
            ("12 May 1888", Some(1888)),
            ("12345", None),
            ("fol. 0012", None),
            ("xvth century", None),
            ("é1500é", Some(1500)),
        ] {
            assert_eq!(first_year(text).map(|(year, _)| year), year, "{text}");
        }
    }

    #[test]
    fn a_long_text_ends_with_a_whole_word() {
        assert_eq!(shortened("one two three", 9), "one two …");
        assert_eq!(shortened("short", 9), "short");
        assert_eq!(shortened("ééééé", 3), "ééé …");
    }
}
