//! Languages by their codes and English names, and the tags of BCP 47 that they have.
//!
//! The crate `isolang` has ISO 639-1 and ISO 639-3. The tables here add codes that are in ISO 639-2 only, withdrawn
//! codes, and other English names.

use super::language::{NO_LANGUAGE, is_language_tag};
use isolang::Language;

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

/// The value of a code in a table written as `code value; code value`.
fn look_up(table: &'static str, code: &str) -> Option<&'static str> {
    table.split("; ").find_map(|row| row.split_once(' ').filter(|(known, _)| *known == code)).map(|(_, value)| value)
}

/// `code` is in lower case.
pub fn by_code(code: &str) -> Option<Language> {
    let code = look_up(OTHER_CODES, code).unwrap_or(code);
    Language::from_639_3(code).or_else(|| Language::from_639_1(code))
}

pub fn by_name(name: &str) -> Option<Language> {
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
pub fn tag_of(language: Language) -> &'static str {
    language.to_639_1().unwrap_or(language.to_639_3())
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
