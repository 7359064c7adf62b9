//! Languages as libraries write them (ISO 639-2) and as the web does (BCP 47): one table of the frequent ones.

use crate::input::xml;
use crate::model::{NO_LANGUAGE, is_language_tag};
use roxmltree::Node;

/// The key of texts whose language is not known.
pub const NONE: &str = NO_LANGUAGE;

/// ISO 639-2 (bibliographic, and terminologic where it differs), BCP 47, English name.
const LANGUAGES: [(&str, &str, &str, &str); 72] = [
    ("afr", "", "af", "Afrikaans"),
    ("akk", "", "akk", "Akkadian"),
    ("alb", "sqi", "sq", "Albanian"),
    ("ang", "", "ang", "Old English"),
    ("ara", "", "ar", "Arabic"),
    ("arc", "", "arc", "Aramaic"),
    ("arm", "hye", "hy", "Armenian"),
    ("aze", "", "az", "Azerbaijani"),
    ("baq", "eus", "eu", "Basque"),
    ("bel", "", "be", "Belarusian"),
    ("ben", "", "bn", "Bengali"),
    ("bre", "", "br", "Breton"),
    ("bul", "", "bg", "Bulgarian"),
    ("cat", "", "ca", "Catalan"),
    ("chi", "zho", "zh", "Chinese"),
    ("chu", "", "cu", "Church Slavonic"),
    ("cop", "", "cop", "Coptic"),
    ("cze", "ces", "cs", "Czech"),
    ("dan", "", "da", "Danish"),
    ("dut", "nld", "nl", "Dutch"),
    ("egy", "", "egy", "Egyptian"),
    ("eng", "", "en", "English"),
    ("enm", "", "enm", "Middle English"),
    ("est", "", "et", "Estonian"),
    ("fin", "", "fi", "Finnish"),
    ("fre", "fra", "fr", "French"),
    ("frm", "", "frm", "Middle French"),
    ("fro", "", "fro", "Old French"),
    ("geo", "kat", "ka", "Georgian"),
    ("ger", "deu", "de", "German"),
    ("gez", "", "gez", "Geez"),
    ("gle", "", "ga", "Irish"),
    ("gmh", "", "gmh", "Middle High German"),
    ("goh", "", "goh", "Old High German"),
    ("grc", "", "grc", "Ancient Greek"),
    ("gre", "ell", "el", "Greek"),
    ("heb", "", "he", "Hebrew"),
    ("hin", "", "hi", "Hindi"),
    ("hrv", "", "hr", "Croatian"),
    ("hun", "", "hu", "Hungarian"),
    ("ice", "isl", "is", "Icelandic"),
    ("ind", "", "id", "Indonesian"),
    ("ita", "", "it", "Italian"),
    ("jav", "", "jv", "Javanese"),
    ("jpn", "", "ja", "Japanese"),
    ("kor", "", "ko", "Korean"),
    ("lat", "", "la", "Latin"),
    ("lav", "", "lv", "Latvian"),
    ("lit", "", "lt", "Lithuanian"),
    ("may", "msa", "ms", "Malay"),
    ("nds", "", "nds", "Low German"),
    ("nor", "", "no", "Norwegian"),
    ("ota", "", "ota", "Ottoman Turkish"),
    ("per", "fas", "fa", "Persian"),
    ("pol", "", "pl", "Polish"),
    ("por", "", "pt", "Portuguese"),
    ("pro", "", "pro", "Old Occitan"),
    ("rum", "ron", "ro", "Romanian"),
    ("rus", "", "ru", "Russian"),
    ("san", "", "sa", "Sanskrit"),
    ("slo", "slk", "sk", "Slovak"),
    ("slv", "", "sl", "Slovenian"),
    ("spa", "", "es", "Spanish"),
    ("srp", "", "sr", "Serbian"),
    ("swe", "", "sv", "Swedish"),
    ("syr", "", "syr", "Syriac"),
    ("tib", "bod", "bo", "Tibetan"),
    ("tur", "", "tr", "Turkish"),
    ("ukr", "", "uk", "Ukrainian"),
    ("vie", "", "vi", "Vietnamese"),
    ("wel", "cym", "cy", "Welsh"),
    ("yid", "", "yi", "Yiddish"),
];

type Row = &'static (&'static str, &'static str, &'static str, &'static str);

fn find(code: &str) -> Option<Row> {
    let is_it = |written: &str| !written.is_empty() && written.eq_ignore_ascii_case(code);
    LANGUAGES.iter().find(|(library, native, web, _)| is_it(library) || is_it(native) || is_it(web))
}

/// The English name of a language by its code; `None` if the table does not have it.
pub fn name(code: &str) -> Option<&'static str> {
    find(code.trim()).map(|(_, _, _, name)| *name)
}

/// The BCP 47 tag of the text in `node`: by its `xml:lang`, or that of an element around it, else by its own `lang`, and
/// its `script`; [`NONE`] if it says none, or nothing that is a tag.
pub fn tag(node: Node<'_, '_>) -> String {
    let around = node.ancestors().find_map(|outer| {
        let is_lang = |attribute: &roxmltree::Attribute<'_, '_>| {
            attribute.name() == "lang" && attribute.namespace() == Some("http://www.w3.org/XML/1998/namespace")
        };
        outer.attributes().find(is_lang).map(|attribute| attribute.value())
    });
    let Some(written) = node.attribute("lang").or(around).map(str::trim) else { return NONE.into() };
    let web = match find(written) {
        Some((_, _, web, _)) => web,
        None if is_language_tag(written) && !matches!(written, "und" | "zxx" | "mul" | "mis" | "none") => written,
        None => return NONE.into(),
    };
    match xml::attribute(node, "script").map(str::trim) {
        Some(script) if script.len() == 4 && script.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            format!("{web}-{script}")
        }
        _ => web.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn tags_are_those_of_the_web() {
        for (text, expected) in [
            ("<a/>", "none"),
            ("<a lang='rus' script='Cyrl'/>", "ru-Cyrl"),
            ("<a lang='ger'/>", "de"),
            ("<a lang='deu'/>", "de"),
            ("<a xml:lang='zh-Hant'/>", "zh-Hant"),
            ("<a xml:lang='de'><b/></a>", "de"),
            ("<a lang='und'/>", "none"),
            ("<a lang='auf Deutsch'/>", "none"),
            ("<a lang='sit'/>", "sit"),
        ] {
            let document = xml::parse(text, Path::new("a.xml")).unwrap();
            let innermost = document.descendants().next_back().unwrap();
            assert_eq!(tag(innermost), expected, "{text}");
        }
    }

    #[test]
    fn names_are_english() {
        assert_eq!(name("fre"), Some("French"));
        assert_eq!(name("sit"), None);
    }
}
