//! Languages as libraries and OCR programs write them: their tags of BCP 47 and their English names.
//!
//! The crate `isolang` has ISO 639-1 and ISO 639-3. The tables here add codes that are in ISO 639-2 only, withdrawn
//! codes, other English names, and the names of OCR models.

use crate::input::xml;
use crate::model::{NO_LANGUAGE, is_language_tag};
use isolang::Language;
use roxmltree::Node;

/// Codes of single languages that ISO 639-3 lacks, with the code that it has: the bibliographic codes of ISO 639-2,
/// then codes that were withdrawn.
const OTHER_CODES: &str = "\
    alb sqi; arm hye; baq eus; bur mya; chi zho; cze ces; dut nld; fre fra; geo kat; ger deu; gre ell; ice isl; mac \
    mkd; mao mri; may msa; per fas; rum ron; slo slk; tib bod; wel cym; mol ron; scc srp; scr hrv; in ind; iw heb; ji \
    yid";

/// Collective codes of ISO 639-2, which ISO 639-3 does not have. They are tags of BCP 47 as they are.
const GROUPS: &str = "\
    afa Afro-Asiatic languages; alg Algonquian languages; apa Apache languages; art Artificial languages; ath \
    Athapascan languages; aus Australian languages; bad Banda languages; bai Bamileke languages; bat Baltic languages; \
    ber Berber languages; bih Bihari languages; bnt Bantu languages; btk Batak languages; cai Central American Indian \
    languages; cau Caucasian languages; cel Celtic languages; cmc Chamic languages; cpe English-based creoles and \
    pidgins; cpf French-based creoles and pidgins; cpp Portuguese-based creoles and pidgins; crp Creoles and pidgins; \
    cus Cushitic languages; day Land Dayak languages; dra Dravidian languages; fiu Finno-Ugrian languages; gem \
    Germanic languages; him Himachali languages; ijo Ijo languages; inc Indic languages; ine Indo-European languages; \
    ira Iranian languages; iro Iroquoian languages; kar Karen languages; khi Khoisan languages; kro Kru languages; map \
    Austronesian languages; mkh Mon-Khmer languages; mno Manobo languages; mun Munda languages; myn Mayan languages; \
    nah Nahuatl languages; nai North American Indian languages; nic Niger-Kordofanian languages; nub Nubian languages; \
    oto Otomian languages; paa Papuan languages; phi Philippine languages; pra Prakrit languages; roa Romance \
    languages; sai South American Indian languages; sal Salishan languages; sem Semitic languages; sgn Sign languages; \
    sio Siouan languages; sit Sino-Tibetan languages; sla Slavic languages; smi Sami languages; son Songhai languages; \
    ssa Nilo-Saharan languages; tai Tai languages; tup Tupi languages; tut Altaic languages; wak Wakashan languages; \
    wen Sorbian languages; ypk Yupik languages; znd Zande languages";

/// English names that are usual where ISO 639-3 has another.
const USUAL_NAMES: [(&str, &str); 4] =
    [("arc", "Aramaic"), ("chu", "Church Slavonic"), ("ell", "Greek"), ("pro", "Old Occitan")];

/// Other English names, most of them those of PAGE 2019, by ISO 639-3.
const OTHER_NAMES: [(&str, &str); 23] = [
    ("abk", "Abkhaz"),
    ("chu", "Old Church Slavonic"),
    ("deu", "Germannewspelling"),
    ("deu", "Germanstandard"),
    ("div", "Divehi"),
    ("ful", "Fula"),
    ("gla", "Gaelic"),
    ("grn", "Guaraní"),
    ("iii", "Nuosu"),
    ("khm", "Cambodian"),
    ("kir", "Kyrgyz"),
    ("kua", "Kwanyama"),
    ("lim", "Limburgish"),
    ("mri", "Māori"),
    ("nya", "Chichewa"),
    ("oji", "Ojibwe"),
    ("pan", "Punjabi"),
    ("pli", "Pāli"),
    ("pus", "Pashto"),
    ("run", "Kirundi"),
    ("slv", "Slovene"),
    ("ton", "Tonga"),
    ("yue", "Cantonese"),
];

/// Codes for several languages, or for an unknown one.
const NO_SINGLE_LANGUAGE: [&str; 5] = ["und", "zxx", "mul", "mis", NO_LANGUAGE];

/// The English name of a language or group of languages by its code in ISO 639, in any case.
pub fn name(code: &str) -> Option<&'static str> {
    let code = code.trim().to_ascii_lowercase();
    match by_code(&code) {
        Some(language) => {
            let usual = USUAL_NAMES.iter().find(|(code, _)| *code == language.to_639_3());
            Some(usual.map_or(language.to_name(), |(_, name)| name))
        }
        None => look_up(GROUPS, &code),
    }
}

/// The tag of a language by its code in ISO 639, a tag of BCP 47, or its English name. `None`: it is none of them, or
/// it stands for no single language.
pub fn tag(written: &str) -> Option<String> {
    let written = written.trim();
    let lower = written.to_ascii_lowercase();
    if NO_SINGLE_LANGUAGE.contains(&lower.as_str()) {
        return None;
    }
    if let Some(language) = by_code(&lower) {
        return Some(tag_of(language).to_owned());
    }
    // BCP 47 has no languages of other lengths.
    let is_tag = is_language_tag(written) && matches!(written.split('-').next().map(str::len), Some(2 | 3));
    if is_tag { Some(written.to_owned()) } else { by_name(written).map(|language| tag_of(language).to_owned()) }
}

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

/// The value of a code in a table written as `code value; code value`.
fn look_up(table: &'static str, code: &str) -> Option<&'static str> {
    table.split("; ").find_map(|row| row.split_once(' ').filter(|(known, _)| *known == code)).map(|(_, value)| value)
}

/// `code` is in lower case.
fn by_code(code: &str) -> Option<Language> {
    let code = look_up(OTHER_CODES, code).unwrap_or(code);
    Language::from_639_3(code).or_else(|| Language::from_639_1(code))
}

fn by_name(name: &str) -> Option<Language> {
    let name = capitalised(name);
    let other = USUAL_NAMES.iter().chain(&OTHER_NAMES).find(|(_, other)| *other == name);
    other.map_or_else(|| Language::from_name(&name), |(code, _)| Language::from_639_3(code))
}

/// Each word with a capital, as `isolang` compares names.
fn capitalised(name: &str) -> String {
    let mut is_first = true;
    let capitalise = |letter: char| {
        let is_capital = std::mem::replace(&mut is_first, matches!(letter, ' ' | '-'));
        if is_capital { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
    };
    name.chars().map(capitalise).collect()
}

/// ISO 639-1, else ISO 639-3, as BCP 47 asks for.
fn tag_of(language: Language) -> &'static str {
    language.to_639_1().unwrap_or(language.to_639_3())
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
    fn every_code_of_the_tables_is_known() {
        let codes = OTHER_CODES.split("; ").filter_map(|row| row.split_once(' ')).map(|(_, code)| code);
        for code in codes.chain(USUAL_NAMES.iter().chain(&OTHER_NAMES).map(|(code, _)| *code)) {
            assert!(Language::from_639_3(code).is_some(), "{code}");
        }
        for (code, _) in GROUPS.split("; ").filter_map(|row| row.split_once(' ')) {
            assert!(by_code(code).is_none() && tag(code).as_deref() == Some(code), "{code}");
        }
    }

    #[test]
    fn names_are_english() {
        assert_eq!(name(" fre "), Some("French"));
        assert_eq!(name("epo"), Some("Esperanto"));
        assert_eq!(name("sit"), Some("Sino-Tibetan languages"));
        assert_eq!(name("xyz"), None);
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
