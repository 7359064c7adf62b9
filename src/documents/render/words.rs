//! The words of the interface: those of the theme in the language of the site, if it has them, and what a project writes
//! in their place.
//!
//! `words.toml` holds all words in English, and `words.LANGUAGE.toml` the same in another language. A project can have
//! both: its `words.toml` replaces single words of any site, and its `words.LANGUAGE.toml` those of a site in that
//! language, which may be one that the theme does not know.

use super::locale::{Locale, primary};
use crate::config::{Mistake, Read, locate, read_toml};
use crate::diagnostics::words::nearest;
use crate::error::{Error, ErrorKind};
use crate::model::NO_LANGUAGE;
use toml::{Table, Value};

/// The language of `words.toml` in the theme.
const ENGLISH: &str = "en";

/// The ends of words that depend on a number; a language that has no others can do without them.
const PLURALS: [&str; 4] = ["_zero", "_two", "_few", "_other"];

/// A file of words: its name, and its text.
pub type WordsFile = (String, String);

/// Whether a template of this name is a file of words.
pub fn is_words_file(name: &str) -> bool {
    name == "words.toml" || language_of(name).is_some()
}

fn language_of(name: &str) -> Option<&str> {
    let tag = name.strip_prefix("words.")?.strip_suffix(".toml")?;
    (!tag.is_empty()).then_some(tag)
}

/// The words of a site, and the language that they are in.
#[derive(Clone, Debug, Default)]
pub struct Words {
    pub table: Table,
    /// BCP 47 tag.
    pub language: String,
}

impl Words {
    /// The words of the theme for a site in `language`.
    ///
    /// # Errors
    /// A file cannot be read. That is a mistake of this program.
    pub fn built_in(files: &[WordsFile], language: &str) -> Result<Words, Error> {
        let mut words = Words { table: Table::new(), language: ENGLISH.to_owned() };
        let english = files.iter().filter(|(name, _)| language_of(name).is_none());
        let suited = files.iter().filter(|(name, _)| suits(name, language));
        for (name, text) in english.chain(suited) {
            let Read { value, mistakes, .. } = read_toml::<Table>(text);
            if let Some(mistake) = mistakes.into_iter().next() {
                return Err(Error::new(ErrorKind::Internal, format!("built-in words {name}: {}", mistake.why)));
            }
            words.table.extend(value);
            if language_of(name).is_some() {
                words.language = language.to_owned();
            }
        }
        if primary(language).eq_ignore_ascii_case(ENGLISH) {
            words.language = language.to_owned();
        }
        Ok(words)
    }

    /// Replaces words by those of a project's file, and returns the file's mistakes. `templates`: those of the project, which
    /// may have further words.
    pub fn replace(&mut self, (name, text): &WordsFile, templates: &[(String, String)], language: &str) -> Vec<Error> {
        let (own, mistakes) = own_words(text, &self.table, templates);
        let is_general = language_of(name).is_none();
        if is_general || suits(name, language) {
            let has_all = self.table.keys().all(|key| own.contains_key(key));
            if language != NO_LANGUAGE && (!is_general || has_all) {
                self.language = language.to_owned();
            }
            self.table.extend(own);
        }
        mistakes
    }

    pub fn locale(&self) -> Locale {
        Locale::of(&self.language)
    }

    /// The word `key`; empty if there is none.
    pub fn get(&self, key: &str) -> &str {
        self.table.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// A date as people write it, if `text` is one as machines do: `16 May 2018` for `2018-05-16T09:16:39Z`.
    pub fn date(&self, text: &str) -> Option<String> {
        let (year, month, day) = calendar_day(text.trim())?;
        let month = self.get(&format!("month_{month}"));
        Some(self.get("date").replace("{day}", &day.to_string()).replace("{month}", month).replace("{year}", year))
    }

    /// So many of a thing, such as `1,200 items`. `thing` is the beginning of the names of its words: `items` for
    /// `items_one` and `items_many`.
    pub fn counted(&self, number: u64, thing: &str) -> String {
        let locale = self.locale();
        let of_category = self.get(&format!("{thing}_{}", locale.plural(number)));
        let of_many = self.get(&format!("{thing}_many"));
        let word = if of_category.is_empty() { of_many } else { of_category };
        match (word.contains("{count}"), of_many.contains("{count}")) {
            (true, _) => word.replace("{count}", &locale.number(number)),
            // Languages that place the number themselves can have words that say it without a figure.
            (false, true) => word.to_owned(),
            (false, false) => format!("{} {word}", locale.number(number)),
        }
    }
}

/// The ISO 8601 date, or moment, that a text is: its year, month and day.
fn calendar_day(text: &str) -> Option<(&str, usize, usize)> {
    let (day, rest) = (text.get(..10)?, text.get(10..)?);
    let is_moment =
        rest.starts_with('T') && rest.len() >= 6 && rest[1..].bytes().all(|byte| b"0123456789:.+-Z".contains(&byte));
    if !rest.is_empty() && !is_moment {
        return None;
    }
    let [year, month, day] = day.split('-').collect::<Vec<_>>()[..] else { return None };
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<usize>().ok()).flatten();
    let (month, day) = (number(month)?, number(day)?);
    let is_day = year.len() == 4 && number(year).is_some() && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_day.then_some((year, month, day))
}

/// Whether a file has the words of a site in `language`: it is of the same language, and of no other territory.
fn suits(name: &str, language: &str) -> bool {
    language_of(name)
        .is_some_and(|tag| tag.eq_ignore_ascii_case(language) || tag.eq_ignore_ascii_case(primary(language)))
}

fn own_words(text: &str, known: &Table, templates: &[(String, String)]) -> (Table, Vec<Error>) {
    let Read { value, mut mistakes, .. } = read_toml::<Table>(text);
    let is_of_template = |key: &str| templates.iter().any(|(_, text)| text.contains(&format!("words.{key}")));
    let wrong = value.iter().filter(|(key, _)| !is_of_template(key));
    mistakes.extend(wrong.filter_map(|(key, word)| wrong_word(key, word, known)));
    locate(text, &mut mistakes);
    let error = |mistake: Mistake| {
        let error = Error::new(ErrorKind::Template, mistake.why);
        mistake.position.into_iter().fold(error, Error::with_position)
    };
    (value, mistakes.into_iter().map(error).collect())
}

fn wrong_word(key: &str, word: &Value, known: &Table) -> Option<Mistake> {
    let plural = PLURALS.iter().find_map(|end| key.strip_suffix(end)).map(|thing| format!("{thing}_many"));
    match known.get(key).or_else(|| known.get(&plural?)) {
        Some(theirs) if theirs.same_type(word) => None,
        Some(theirs) => {
            Some(Mistake::at(key, format!("the word `{key}` must be a text in quotation marks, such as {theirs}")))
        }
        None => {
            let meant = nearest(key, known.keys().map(String::as_str))?;
            Some(Mistake::at(key, format!("there is no word `{key}`; did you mean `{meant}`?")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> WordsFile {
        (name.to_owned(), text.to_owned())
    }

    fn english_and_german() -> Vec<WordsFile> {
        vec![
            file("words.de.toml", "items_one = 'Objekt'\nitems_many = 'Objekte'\nfit = 'Einpassen'"),
            file("words.toml", "items_one = 'item'\nitems_many = 'items'\nfit = 'Fit'"),
        ]
    }

    #[test]
    fn a_site_has_the_words_of_its_language_or_those_of_english() {
        for (language, words, fit) in [
            ("de", "de", "Einpassen"),
            ("de-AT", "de-AT", "Einpassen"),
            ("en-GB", "en-GB", "Fit"),
            ("none", "en", "Fit"),
            ("hu", "en", "Fit"),
        ] {
            let built_in = Words::built_in(&english_and_german(), language).unwrap();
            assert_eq!((built_in.language.as_str(), built_in.get("fit")), (words, fit), "{language}");
        }
    }

    #[test]
    fn a_date_for_machines_is_written_for_people() {
        let text = "month_5 = 'Mai'\ndate = '{day}. {month} {year}'".to_owned();
        let words = Words::built_in(&[("words.toml".to_owned(), text)], "none").unwrap();
        for (text, date) in [
            ("2018-05-16T09:16:39Z", Some("16. Mai 2018")),
            ("2018-05-06", Some("6. Mai 2018")),
            ("2018-05", None),
            ("2018-13-01", None),
            ("2018-05-16/2019", None),
            ("2018-05-16 or so", None),
            ("é018-05-16", None),
        ] {
            assert_eq!(words.date(text).as_deref(), date, "{text}");
        }
    }

    #[test]
    fn a_project_can_speak_a_language_that_the_theme_does_not_know() {
        let mut words = Words::built_in(&english_and_german(), "pl").unwrap();
        assert!(words.replace(&file("words.toml", "fit = 'Dopasuj'"), &[], "pl").is_empty());
        assert_eq!(words.language, "en", "one word does not make a language");
        let polish = "items_one = 'obiekt'\nitems_few = 'obiekty'\nitems_many = 'obiektów'";
        assert!(words.replace(&file("words.pl.toml", polish), &[], "pl").is_empty());
        assert_eq!(words.language, "pl");
        assert_eq!([1, 3, 5].map(|count| words.counted(count, "items")), ["1 obiekt", "3 obiekty", "5 obiektów"]);
        assert!(words.replace(&file("words.cs.toml", "fit = 'Přizpůsobit'"), &[], "pl").is_empty());
        assert_eq!(words.get("fit"), "Dopasuj");
    }

    #[test]
    fn a_language_can_say_a_number_without_a_figure() {
        let hebrew = "items_one = 'פריט אחד'\nitems_two = 'שני פריטים'\nitems_many = '{count} פריטים'";
        let words = Words::built_in(&[file("words.he.toml", hebrew)], "he").unwrap();
        let counted = [1, 2, 1200].map(|count| words.counted(count, "items"));
        assert_eq!(counted, ["פריט אחד", "שני פריטים", "1,200 פריטים"]);
    }
}
