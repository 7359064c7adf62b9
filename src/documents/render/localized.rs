//! Values in several languages on a page whose readers prefer one of them.

use super::context::{Localized, LocalizedHtml, Translation, TranslationHtml};
use super::locale::language_name;
use crate::documents::iiif::html::to_html;
use crate::model::{LanguageMap, NO_LANGUAGE};

/// Scripts written from right to left, and languages usually written in one.
const RIGHT_TO_LEFT: [&str; 16] =
    ["ar", "arc", "ckb", "dv", "fa", "he", "khw", "ks", "ps", "sd", "syr", "ug", "ur", "yi", "arab", "hebr"];

pub fn is_rtl(tag: &str) -> bool {
    let tag = tag.to_ascii_lowercase();
    let mut subtags = tag.split('-');
    let language = subtags.next().unwrap_or_default();
    let script = subtags.find(|subtag| subtag.len() == 4);
    RIGHT_TO_LEFT.contains(&script.unwrap_or(language))
}

/// The value of `dir` for a text of a page: what programs read is not always in the language that they state.
pub fn direction(language: Option<&str>) -> &'static str {
    if language.is_some_and(is_rtl) { "rtl" } else { "auto" }
}

fn lang(tag: &str) -> Option<String> {
    (tag != NO_LANGUAGE).then(|| tag.to_owned())
}

fn name(tag: &str) -> String {
    if tag == NO_LANGUAGE { String::new() } else { language_name(tag).to_owned() }
}

/// The values of each language as one text. The text in the reader's `language` comes first.
pub fn text(map: &LanguageMap, language: &str) -> Localized {
    let mut languages = map.preferred(language).map(|(tag, values)| Translation {
        name: name(tag),
        text: values.join("; "),
        lang: lang(tag),
        rtl: is_rtl(tag),
    });
    match languages.next() {
        Some(Translation { text, lang, rtl, .. }) => Localized { text, lang, rtl, others: languages.collect() },
        None => Localized::default(),
    }
}

/// Each value on its own, with the values of the other languages that have the same position.
pub fn html_values(map: &LanguageMap, language: &str) -> Vec<LocalizedHtml> {
    let languages: Vec<_> = map.preferred(language).collect();
    let count = languages.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    (0..count)
        .filter_map(|index| {
            let mut there = languages.iter().filter_map(|(tag, values)| {
                values.get(index).map(|value| TranslationHtml {
                    name: name(tag),
                    html: to_html(value),
                    lang: lang(tag),
                    rtl: is_rtl(tag),
                })
            });
            let TranslationHtml { html, lang, rtl, .. } = there.next()?;
            Some(LocalizedHtml { html, lang, rtl, others: there.collect() })
        })
        .collect()
}

/// All values as one piece of HTML; `None` if there are none.
pub fn html(map: &LanguageMap, language: &str) -> Option<LocalizedHtml> {
    let joined = map.entries().map(|(tag, values)| (tag.to_owned(), vec![values.join(" ")])).collect();
    html_values(&joined, language).into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_language_comes_first_and_knows_its_direction() {
        let map: LanguageMap = toml::from_str::<toml::Table>("v = { en = 'Book', ar = ['كتاب', 'ب'] }").unwrap()["v"]
            .clone()
            .try_into()
            .unwrap();
        let arabic = text(&map, "ar");
        assert_eq!((arabic.text.as_str(), arabic.rtl, arabic.others[0].text.as_str()), ("كتاب; ب", true, "Book"));
        assert_eq!(html_values(&map, "en").len(), 2);
        assert!(!is_rtl("en") && is_rtl("az-Arab") && !is_rtl("ku-Latn"));
    }
}
