//! How an item is cited: a sentence for people, and BibTeX, RIS and CSL-JSON for programs that manage references.
//!
//! Metadata has no fixed names, so creators, dates and places are found by the usual labels of their rows in a few
//! languages. What is not found is left out. Each format has its own escape: no value can end a field or begin another.
//!
//! The page that is shown and the day of access are not known here. The script of the page adds them.

use super::context::{Citation, Localized};
use super::localized::text;
use crate::documents::iiif::html::plain;
use crate::model::{Description, LanguageMap};
use serde_json::{Value, json};

const CREATOR: [&str; 25] = [
    "author",
    "authors",
    "creator",
    "creators",
    "artist",
    "photographer",
    "composer",
    "engraver",
    "cartographer",
    "verfasser",
    "verfasserin",
    "autor",
    "autorin",
    "urheber",
    "künstler",
    "künstlerin",
    "fotograf",
    "auteur",
    "auteurs",
    "créateur",
    "artiste",
    "autora",
    "creador",
    "autore",
    "creatore",
];
const DATE: [&str; 20] = [
    "date",
    "dates",
    "year",
    "date created",
    "date issued",
    "date of publication",
    "publication date",
    "published date",
    "creation date",
    "datum",
    "jahr",
    "erscheinungsjahr",
    "entstehungszeit",
    "datierung",
    "date de publication",
    "année",
    "fecha",
    "año",
    "data",
    "anno",
];
const PUBLISHER: [&str; 5] = ["publisher", "verlag", "éditeur", "editorial", "editore"];
const PLACE: [&str; 7] =
    ["place", "place of publication", "ort", "erscheinungsort", "lieu de publication", "lieu", "lugar"];
const SHELFMARK: [&str; 9] =
    ["shelfmark", "call number", "reference code", "holding", "signatur", "cote", "signatura", "segnatura", "bestand"];

/// The most letters of one value: more is no name and no title.
const LONGEST: usize = 500;
/// The most values of one kind.
const MOST: usize = 20;

/// What an item says of itself, as it is cited.
struct Work {
    creators: Vec<String>,
    title: Localized,
    date: Option<String>,
    publisher: Option<String>,
    place: Option<String>,
    /// Where the original is, and under which mark.
    holding: Option<String>,
    /// The name of the site.
    site: String,
    url: String,
    key: String,
}

/// The citation of the item with this `description`. `url`: the address of its page. `name`: its id.
pub fn citation(description: &Description, language: &str, site: &Localized, url: &str, name: &str) -> Citation {
    let work = Work::of(description, language, site, url, name);
    Citation {
        creators: work.creators.join("; "),
        title: Localized { others: vec![], ..work.title.clone() },
        date: work.date.clone().unwrap_or_default(),
        holding: work.holding.clone().unwrap_or_default(),
        bibtex: work.bibtex(),
        ris: work.ris(),
        csl_json: work.csl_json(),
        file: name.to_owned(),
    }
}

impl Work {
    fn of(description: &Description, language: &str, site: &Localized, url: &str, name: &str) -> Work {
        let rows = || description.metadata.iter().chain(&description.required_statement);
        let named = |names: &[&str]| -> Vec<String> {
            let of_name = rows().filter(|row| is_named(&row.label, names));
            of_name.flat_map(|row| values(&row.value, language)).take(MOST).collect()
        };
        let joined = |names: &[&str]| Some(named(names).join("; ")).filter(|found| !found.is_empty());
        let provider = || Some(description.provider.0.first()?).map(|provider| text(&provider.label, language).text);
        let year = || description.nav_date.as_ref().and_then(|date| year(date.as_str()));
        let title = text(&description.label, language);
        Work {
            creators: named(&CREATOR),
            title: Localized { text: line(&title.text), ..title },
            date: joined(&DATE).or_else(year),
            publisher: joined(&PUBLISHER),
            place: joined(&PLACE),
            holding: joined(&SHELFMARK).or_else(|| provider().map(|name| line(&name)).filter(|name| !name.is_empty())),
            site: line(&site.text),
            url: url.to_owned(),
            key: key(name),
        }
    }

    /// BibTeX, for LaTeX. Its own fields of a digital copy (`urldate`) are those of biblatex, which BibTeX skips.
    fn bibtex(&self) -> String {
        let creators: Vec<String> = self.creators.iter().map(|name| name_in_bibtex(name)).collect();
        let braced = |value: &str| format!("{{{}}}", latex(value));
        let fields = [
            ("author", Some(creators.join(" and ")).filter(|names| !names.is_empty())),
            // A second pair of braces keeps the capital letters.
            ("title", Some(braced(&self.title.text))),
            // BibTeX knows only the year, and only biblatex the day.
            ("date", self.date.as_deref().and_then(day).filter(|day| day.len() > 4)),
            ("year", self.date.as_deref().map(|date| day(date).map_or_else(|| latex(date), |day| day[..4].to_owned()))),
            ("publisher", self.publisher.as_deref().map(latex)),
            ("address", self.place.as_deref().map(latex)),
            ("note", self.holding.as_deref().map(latex)),
            ("howpublished", Some(latex(&self.site))),
            ("url", Some(self.url.replace(['{', '}', '\\'], ""))),
        ];
        let lines = fields.into_iter().filter_map(|(name, value)| Some(format!("  {name} = {{{}}},\n", value?)));
        format!("@misc{{{},\n{}}}\n", self.key, lines.collect::<String>())
    }

    /// RIS: a field is one line, which begins with its name. The script ends lines as the format asks, with CR and LF.
    fn ris(&self) -> String {
        let one = |name: &'static str, value: Option<&String>| value.map(|value| (name, value.clone()));
        let year = self.date.as_deref().and_then(year);
        let fields = [
            one("TI", Some(&self.title.text)),
            one("PY", year.as_ref()),
            one("DA", self.date.as_ref()),
            one("PB", self.publisher.as_ref()),
            one("CY", self.place.as_ref()),
            one("AV", self.holding.as_ref()),
            one("DB", Some(&self.site)),
            one("UR", Some(&self.url)),
        ];
        let creators = self.creators.iter().map(|name| ("AU", name.clone()));
        let lines = creators.chain(fields.into_iter().flatten()).map(|(name, value)| format!("{name}  - {value}\n"));
        format!("TY  - GEN\n{}ER  - \n", lines.collect::<String>())
    }

    fn csl_json(&self) -> String {
        let creators: Vec<Value> = self.creators.iter().map(|name| json!({ "literal": name })).collect();
        let issued = self.date.as_ref().map(|date| match day(date) {
            Some(day) => json!({ "date-parts": [day.split('-').filter_map(|part| part.parse::<u32>().ok()).collect::<Vec<_>>()] }),
            None => json!({ "literal": date }),
        });
        let fields = [
            ("id", Some(json!(self.key))),
            ("type", Some(json!("document"))),
            ("title", Some(json!(self.title.text))),
            ("author", Some(json!(creators)).filter(|_| !creators.is_empty())),
            ("issued", issued),
            ("publisher", self.publisher.as_ref().map(|value| json!(value))),
            ("publisher-place", self.place.as_ref().map(|value| json!(value))),
            ("archive", self.holding.as_ref().map(|value| json!(value))),
            ("source", Some(json!(self.site))),
            ("language", self.title.lang.as_ref().map(|value| json!(value))),
            ("URL", Some(json!(self.url))),
        ];
        let work: serde_json::Map<String, Value> =
            fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        // Only a map with keys that are no strings can fail, and there is none.
        serde_json::to_string_pretty(&[work]).unwrap_or_default()
    }
}

fn is_named(label: &LanguageMap, names: &[&str]) -> bool {
    label.values().any(|value| names.contains(&value.trim().to_lowercase().as_str()))
}

/// In the reader's language, without markup, each on one line.
fn values(map: &LanguageMap, language: &str) -> Vec<String> {
    let Some((_, values)) = map.preferred(language).next() else { return vec![] };
    values.iter().map(|value| line(&plain(value))).filter(|value| !value.is_empty()).collect()
}

/// On one line and without marks that turn the direction of what follows.
fn line(value: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let spaced: String = value.chars().take(LONGEST).map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `1784`, `1784-12` or `1784-12-01`, if that is all the text says.
fn day(date: &str) -> Option<String> {
    let parts: Vec<&str> = date.split('-').collect();
    let is_number = |part: &&str, digits: usize| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_day = match parts.as_slice() {
        [year] => is_number(year, 4),
        [year, month] => is_number(year, 4) && is_number(month, 2),
        [year, month, day] => is_number(year, 4) && is_number(month, 2) && is_number(day, 2),
        _ => false,
    };
    is_day.then(|| date.to_owned())
}

/// The first number of four digits.
fn year(date: &str) -> Option<String> {
    date.split(|c: char| !c.is_ascii_digit()).find(|number| number.len() == 4).map(str::to_owned)
}

/// A name that BibTeX cannot take for several. Commas stay: they divide a family name from the others.
fn name_in_bibtex(name: &str) -> String {
    let is_one = !name.to_lowercase().contains(" and ") && name.matches(',').count() < 2;
    if is_one { latex(name) } else { format!("{{{}}}", latex(name)) }
}

/// Text for LaTeX.
fn latex(value: &str) -> String {
    let escaped = |c: char| match c {
        '\\' => "\\textbackslash{}".to_owned(),
        '~' => "\\textasciitilde{}".to_owned(),
        '^' => "\\textasciicircum{}".to_owned(),
        '{' | '}' | '%' | '&' | '#' | '$' | '_' => format!("\\{c}"),
        _ => c.to_string(),
    };
    value.chars().map(escaped).collect()
}

/// A key of ASCII letters, digits and hyphens.
fn key(name: &str) -> String {
    let kept: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let key = kept.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    if key.is_empty() { "item".to_owned() } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cited(description: &str) -> Citation {
        let description: Description = toml::from_str(description).unwrap();
        let site = Localized { text: "Our scans".into(), ..Localized::default() };
        citation(&description, "en", &site, "https://example.org/a/", "books-a")
    }

    #[test]
    fn creators_dates_and_places_are_found_by_the_usual_labels() {
        let cited = cited(
            "label = { en = 'A Book', de = 'Ein Buch' }\nmetadata = [\n\
             { label = { de = 'Verfasser' }, value = ['Kant, <b>Immanuel</b>', 'Hume, David'] },\n\
             { label = 'Date', value = '1784-12-01' }, { label = 'Publisher', value = 'Haude' },\n\
             { label = 'Place', value = 'Berlin' }, { label = 'Shelfmark', value = 'Ms. 7' },\n\
             { label = 'Size', value = '20 cm' }]",
        );
        assert_eq!((cited.creators.as_str(), cited.date.as_str()), ("Kant, Immanuel; Hume, David", "1784-12-01"));
        assert_eq!(
            cited.bibtex,
            "@misc{books-a,\n  author = {Kant, Immanuel and Hume, David},\n  title = {{A Book}},\n  date = {1784-12-01},\n  year = {1784},\n  \
             publisher = {Haude},\n  address = {Berlin},\n  note = {Ms. 7},\n  howpublished = {Our scans},\n  \
             url = {https://example.org/a/},\n}\n"
        );
        assert!(cited.ris.contains("AU  - Kant, Immanuel\nAU  - Hume, David\nTI  - A Book\nPY  - 1784\n"));
        let csl: Value = serde_json::from_str(&cited.csl_json).unwrap();
        assert_eq!(csl[0]["issued"]["date-parts"], json!([[1784, 12, 1]]));
        assert_eq!((&csl[0]["archive"], &csl[0]["language"]), (&json!("Ms. 7"), &json!("en")));
    }

    #[test]
    fn a_date_in_words_stays_as_it_is_and_a_date_for_navigation_gives_a_year() {
        let in_words = cited("label = 'A'\nmetadata = [{ label = 'Date', value = 'about 1350' }]");
        assert!(in_words.bibtex.contains("  year = {about 1350},\n") && in_words.ris.contains("PY  - 1350\n"));
        assert!(in_words.csl_json.contains("\"literal\": \"about 1350\""));
        assert_eq!(cited("label = 'A'\nnav-date = '1784-12-01T00:00:00Z'").date, "1784");
    }

    #[test]
    fn no_value_ends_its_field_or_begins_another() {
        let cited = cited(
            "label = \"A\\nER  - \\r\\nTY  - HACK } , evil = {\\\\input{x} 5 % & _ \\u202e\"\n\
             metadata = [{ label = 'Author', value = 'Smith and Sons' }]",
        );
        assert_eq!(cited.ris.lines().count(), 6, "{}", cited.ris);
        assert_eq!(cited.ris.matches("\nER  - ").count(), 1, "{}", cited.ris);
        assert!(cited.bibtex.contains("author = {{Smith and Sons}}"), "{}", cited.bibtex);
        assert!(
            cited.bibtex.contains("\\} , evil = \\{\\textbackslash{}input\\{x\\} 5 \\% \\& \\_}}"),
            "{}",
            cited.bibtex
        );
        assert!(!cited.bibtex.contains('\u{202e}'));
        assert!(serde_json::from_str::<Value>(&cited.csl_json).is_ok());
    }

    #[test]
    fn a_key_has_only_letters_that_every_program_takes() {
        assert_eq!([key("books-a b_1"), key("見本"), key("a.b")], ["books-a-b-1", "item", "a-b"]);
    }
}
