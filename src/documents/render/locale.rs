//! How a language writes numbers, counts things and calls itself (after the Unicode CLDR, for the languages that are
//! likely). Any other language is treated as English is, without separators where nobody knows them.

/// The language of the words of a site.
#[derive(Clone, Debug)]
pub struct Locale {
    /// BCP 47 tag, in small letters.
    tag: String,
}

impl Locale {
    pub fn of(tag: &str) -> Locale {
        Locale { tag: tag.to_ascii_lowercase() }
    }

    fn primary(&self) -> &str {
        primary(&self.tag)
    }

    /// The number with its thousands apart.
    pub fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        // Some languages keep four digits together.
        let keeps_four = matches!(self.primary(), "es" | "pl" | "pt" | "it" | "bg" | "hu");
        let Some(separator) = self.separator().filter(|_| digits.len() > if keeps_four { 4 } else { 3 }) else {
            return digits;
        };
        let first = match digits.len() % 3 {
            0 => 3,
            rest => rest,
        };
        let mut grouped = digits[..first].to_owned();
        for at in (first..digits.len()).step_by(3) {
            grouped.push_str(separator);
            grouped.push_str(&digits[at..at + 3]);
        }
        grouped
    }

    fn separator(&self) -> Option<&'static str> {
        match self.primary() {
            _ if ["de-ch", "de-li", "it-ch"].contains(&self.tag.as_str()) => Some("’"),
            _ if self.tag == "de-at" => Some("\u{a0}"),
            "en" | "zh" | "ja" | "ko" | "he" | "ar" | "fa" | "ga" | "cy" | "th" => Some(","),
            "de" | "es" | "it" | "nl" | "pt" | "da" | "tr" | "id" | "el" | "ca" | "ro" | "hr" | "sr" | "sl" | "is" => {
                Some(".")
            }
            "fr" => Some("\u{202f}"),
            "ru" | "uk" | "cs" | "sk" | "pl" | "sv" | "fi" | "nb" | "nn" | "no" | "bg" | "hu" | "et" | "lv" | "lt" => {
                Some("\u{a0}")
            }
            _ => None,
        }
    }

    /// The category that a number of things belongs to: the end of the names of words, as in `items_one`.
    pub fn plural(&self, number: u64) -> &'static str {
        let (ones, tens) = (number % 10, number % 100);
        let is_teen = (11..=19).contains(&tens);
        match self.primary() {
            "fr" | "pt" | "fa" | "hi" if number == 0 => "one",
            "zh" | "ja" | "ko" | "th" | "vi" | "id" => "many",
            "ru" | "uk" | "be" | "sr" | "hr" | "bs" if ones == 1 && tens != 11 => "one",
            "ru" | "uk" | "be" | "sr" | "hr" | "bs" if (2..=4).contains(&ones) && !is_teen => "few",
            "ru" | "uk" | "be" | "sr" | "hr" | "bs" => "many",
            "pl" if number != 1 && (2..=4).contains(&ones) && !is_teen => "few",
            "cs" | "sk" if (2..=4).contains(&number) => "few",
            "sl" if tens == 1 => "one",
            "sl" if tens == 2 => "two",
            "sl" if tens == 3 || tens == 4 => "few",
            "sl" => "many",
            "lt" if ones == 1 && !is_teen => "one",
            "lt" if ones >= 2 && !is_teen => "few",
            "lt" => "many",
            "ro" if number == 0 || (number != 1 && (1..=19).contains(&tens)) => "few",
            "ar" if number == 0 => "zero",
            "ar" if (3..=10).contains(&tens) => "few",
            "ar" | "he" if number == 2 => "two",
            // 100 to 102, 200 to 202 …
            "ar" if number > 99 && tens < 3 => "other",
            "cy" if number == 2 => "two",
            _ if number == 1 => "one",
            _ => "many",
        }
    }

    /// The value of `og:locale`: a language with a territory. `None`: nobody knows the territory.
    pub fn open_graph(&self) -> Option<String> {
        let territory =
            self.tag.split('-').skip(1).find(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic()));
        let territory = territory.map(str::to_ascii_uppercase).or_else(|| {
            let own =
                ["de", "fr", "es", "it", "nl", "pt", "pl", "ru", "fi", "hu", "ro", "tr", "bg", "hr", "is", "lt", "lv"];
            match self.primary() {
                "en" => Some("US".into()),
                "cs" => Some("CZ".into()),
                "da" => Some("DK".into()),
                "sv" => Some("SE".into()),
                "el" => Some("GR".into()),
                "he" => Some("IL".into()),
                "ja" => Some("JP".into()),
                "uk" => Some("UA".into()),
                "nb" | "nn" => Some("NO".into()),
                language if own.contains(&language) => Some(language.to_ascii_uppercase()),
                _ => None,
            }
        })?;
        Some(format!("{}_{territory}", self.primary()))
    }
}

/// The language of a BCP 47 tag, without script and territory.
pub fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// What a language calls itself; its tag, if nobody here knows.
pub fn language_name(tag: &str) -> &str {
    match primary(tag).to_ascii_lowercase().as_str() {
        "ar" => "العربية",
        "bg" => "Български",
        "ca" => "Català",
        "cs" => "Čeština",
        "cy" => "Cymraeg",
        "da" => "Dansk",
        "de" => "Deutsch",
        "el" => "Ελληνικά",
        "en" => "English",
        "es" => "Español",
        "et" => "Eesti",
        "eu" => "Euskara",
        "fa" => "فارسی",
        "fi" => "Suomi",
        "fr" => "Français",
        "ga" => "Gaeilge",
        "gl" => "Galego",
        "grc" => "Ἑλληνική",
        "he" => "עברית",
        "hi" => "हिन्दी",
        "hr" => "Hrvatski",
        "hu" => "Magyar",
        "is" => "Íslenska",
        "it" => "Italiano",
        "ja" => "日本語",
        "ko" => "한국어",
        "la" => "Latina",
        "lt" => "Lietuvių",
        "lv" => "Latviešu",
        "nb" | "no" => "Norsk bokmål",
        "nl" => "Nederlands",
        "nn" => "Norsk nynorsk",
        "pl" => "Polski",
        "pt" => "Português",
        "ro" => "Română",
        "ru" => "Русский",
        "sk" => "Slovenčina",
        "sl" => "Slovenščina",
        "sr" => "Српски",
        "sv" => "Svenska",
        "tr" => "Türkçe",
        "uk" => "Українська",
        "yi" => "ייִדיש",
        "zh" => "中文",
        _ => tag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_does() {
        for (tag, number, written) in [
            ("en", 999, "999"),
            ("en", 1200, "1,200"),
            ("en-GB", 1_234_567, "1,234,567"),
            ("de", 10_000, "10.000"),
            ("de-CH", 1200, "1’200"),
            ("fr", 1200, "1\u{202f}200"),
            ("es", 1200, "1200"),
            ("es", 12_000, "12.000"),
            ("xx", 1200, "1200"),
        ] {
            assert_eq!(Locale::of(tag).number(number), written, "{tag}");
        }
    }

    #[test]
    fn things_are_counted_as_the_language_does() {
        for (tag, categories) in [
            ("en", ["many", "one", "many", "many", "many", "many"]),
            ("fr", ["one", "one", "many", "many", "many", "many"]),
            ("ja", ["many", "many", "many", "many", "many", "many"]),
            ("ru", ["many", "one", "few", "many", "many", "one"]),
            ("pl", ["many", "one", "few", "many", "many", "many"]),
            ("ar", ["zero", "one", "two", "few", "many", "many"]),
            ("he", ["many", "one", "two", "many", "many", "many"]),
        ] {
            assert_eq!([0, 1, 2, 5, 11, 21].map(|number| Locale::of(tag).plural(number)), categories, "{tag}");
        }
        assert_eq!(
            [100, 103, 111, 1202].map(|number| Locale::of("ar").plural(number)),
            ["other", "few", "many", "other"]
        );
    }

    #[test]
    fn a_locale_for_cards_has_a_territory() {
        let known = ["en", "en-GB", "de", "zh-Hant-TW", "tlh"].map(|tag| Locale::of(tag).open_graph());
        assert_eq!(
            known,
            [Some("en_US"), Some("en_GB"), Some("de_DE"), Some("zh_TW"), None].map(|tag| tag.map(str::to_owned))
        );
    }
}
