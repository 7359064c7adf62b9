//! Languages as elements of metadata and OCR programs write them.

use crate::input::xml;
use crate::model::NO_LANGUAGE;
use crate::model::languages::{by_code, by_name, tag_of};
pub use crate::model::languages::{name, tag};
use roxmltree::Node;

/// The tag of the text in an element of metadata: by its own `lang`, else by the nearest `xml:lang`. Its `script`
/// is added. [`NO_LANGUAGE`] if neither is known.
pub fn of_element(node: Node<'_, '_>) -> String {
    let around = node.ancestors().find_map(|outer| {
        let is_lang = |attribute: &roxmltree::Attribute<'_, '_>| {
            attribute.name() == "lang" && attribute.namespace() == Some("http://www.w3.org/XML/1998/namespace")
        };
        outer.attributes().find(is_lang).map(|attribute| attribute.value())
    });
    let Some(tag) = node.attribute("lang").or(around).and_then(tag) else { return NO_LANGUAGE.to_owned() };
    match xml::attribute(node, "script").map(str::trim) {
        Some(script) if script.len() == 4 && script.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            format!("{tag}-{script}")
        }
        _ => tag,
    }
}

/// The tag of a language as OCR programs name it: as for [`tag`], or by a model of Tesseract (`deu_frak`). Of several
/// (`deu+lat`) the first.
pub fn of_ocr(name: &str) -> Option<String> {
    let name = name.trim();
    if let Some(language) = name.contains(' ').then(|| by_name(name)).flatten() {
        return Some(tag_of(language).to_owned());
    }
    let first = name.split(['+', ';', ' ']).next()?;
    of_model(&first.to_lowercase()).or_else(|| tag(first))
}

/// The tag of a model of Tesseract: a code, and a part that distinguishes it from other models of the language.
fn of_model(name: &str) -> Option<String> {
    if matches!(name, "frk" | "oldgerman") {
        return Some("de-Latf".to_owned());
    }
    let (code, variants) = name.split_once('_')?;
    let mut tag = tag_of(by_code(code)?).to_owned();
    for variant in variants.split('_') {
        tag.push_str(match variant {
            "old" | "vert" => "",
            "frak" | "latf" => "-Latf",
            "cyrl" => "-Cyrl",
            "latn" => "-Latn",
            "sim" => "-Hans",
            "tra" => "-Hant",
            _ => return None,
        });
    }
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// What version 0.1 knew of languages in metadata: codes, tag, English name.
    const METADATA: &str = "\
        afr af Afrikaans; akk akk Akkadian; alb/sqi sq Albanian; ang ang Old_English; ara ar Arabic; arc arc \
        Aramaic; arm/hye hy Armenian; aze az Azerbaijani; baq/eus eu Basque; bel be Belarusian; ben bn Bengali; bre \
        br Breton; bul bg Bulgarian; cat ca Catalan; chi/zho zh Chinese; chu cu Church_Slavonic; cop cop Coptic; \
        cze/ces cs Czech; dan da Danish; dut/nld nl Dutch; egy egy Egyptian; eng en English; enm enm Middle_English; \
        est et Estonian; fin fi Finnish; fre/fra fr French; frm frm Middle_French; fro fro Old_French; geo/kat ka \
        Georgian; ger/deu de German; gez gez Geez; gle ga Irish; gmh gmh Middle_High_German; goh goh \
        Old_High_German; grc grc Ancient_Greek; gre/ell el Greek; heb he Hebrew; hin hi Hindi; hrv hr Croatian; hun \
        hu Hungarian; ice/isl is Icelandic; ind id Indonesian; ita it Italian; jav jv Javanese; jpn ja Japanese; kor \
        ko Korean; lat la Latin; lav lv Latvian; lit lt Lithuanian; may/msa ms Malay; nds nds Low_German; nor no \
        Norwegian; ota ota Ottoman_Turkish; per/fas fa Persian; pol pl Polish; por pt Portuguese; pro pro \
        Old_Occitan; rum/ron ro Romanian; rus ru Russian; san sa Sanskrit; slo/slk sk Slovak; slv sl Slovenian; spa \
        es Spanish; srp sr Serbian; swe sv Swedish; syr syr Syriac; tib/bod bo Tibetan; tur tr Turkish; ukr uk \
        Ukrainian; vie vi Vietnamese; wel/cym cy Welsh; yid yi Yiddish";

    /// What version 0.1 knew of languages in OCR files: tag, codes and names.
    const OCR: &str = "\
        ar ara arabic; bg bul bulgarian; ca cat catalan; cs ces cze czech; cy cym wel welsh; da dan danish; de deu \
        ger german germanstandard germannewspelling; de-Latf deu_frak deu_latf frk oldgerman; el ell gre greek; en \
        eng english; eo epo esperanto; es spa spanish spa_old; et est estonian; eu eus baq basque; fa fas per \
        persian; fi fin finnish; fr fra fre french; ga gle irish; grc grc; he heb hebrew; hr hrv croatian; \
        hu hun hungarian; is isl ice icelandic; it ita italian ita_old; ja jpn jpn_vert japanese; ko kor korean; la \
        lat latin; lt lit lithuanian; lv lav latvian; nl nld dut dutch; no nor norwegian; pl pol polish; pt por \
        portuguese; ro ron rum romanian; ru rus russian; sk slk slo slovak; sl slv slovenian; sr srp serbian; sv swe \
        swedish; tr tur turkish; uk ukr ukrainian; yi yid yiddish; zh zho chi chinese";

    #[test]
    fn codes_and_names_of_version_0_1_stay_what_they_were() {
        for row in METADATA.split("; ") {
            let [codes, expected, english] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
            for code in codes.split('/').chain([expected]) {
                assert_eq!(name(code), Some(english.replace('_', " ").as_str()), "{code}");
                assert_eq!(tag(code).as_deref(), Some(expected), "{code}");
                assert_eq!(tag(&code.to_uppercase()).as_deref(), Some(expected), "{code}");
            }
        }
        for row in OCR.split("; ") {
            let (expected, names) = row.split_once(' ').unwrap();
            for name in names.split(' ').chain([expected]) {
                assert_eq!(of_ocr(name).as_deref(), Some(expected), "{name}");
                assert_eq!(of_ocr(&name.to_uppercase()).as_deref().unwrap().to_lowercase(), expected.to_lowercase());
            }
        }
    }

    #[test]
    fn the_language_of_an_element_is_its_own_or_that_of_what_is_around_it() {
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
            ("<a lang='German'/>", "de"),
        ] {
            let document = xml::parse(text, Path::new("a.xml")).unwrap();
            let innermost = document.descendants().next_back().unwrap();
            assert_eq!(of_element(innermost), expected, "{text}");
        }
    }

    #[test]
    fn names_of_ocr_programs_become_tags() {
        for (name, expected) in [
            ("German", Some("de")),
            ("deu_frak", Some("de-Latf")),
            ("dan_frak", Some("da-Latf")),
            ("chi_tra", Some("zh-Hant")),
            ("chi_tra_vert", Some("zh-Hant")),
            ("eng+deu", Some("en")),
            ("German; Latin", Some("de")),
            ("de-AT", Some("de-AT")),
            ("frm", Some("frm")),
            ("Old Church Slavonic", Some("cu")),
            ("ancient greek", Some("grc")),
            ("western frisian", Some("fy")),
            ("Luba-Katanga", Some("lu")),
            ("other", None),
            ("Gibberish", None),
            ("<b>", None),
            ("", None),
        ] {
            assert_eq!(of_ocr(name).as_deref(), expected, "{name}");
        }
    }
}
