//! An item in simple Dublin Core. Only metadata whose label has a known meaning is included; the rest is in the
//! Manifest, to which an identifier leads.

use crate::documents::iiif::address;
use crate::documents::iiif::html::plain;
use crate::model::address::BaseUrl;
use crate::model::site::SiteItem;
use crate::model::{LabelValue, LanguageMap, NO_LANGUAGE};

/// For each element the labels that mean it, in lower case, separated by `|`: in English, German, French, Spanish,
/// Italian, Dutch and Portuguese, and those that [`crate::input::metadata`] gives. Words are left out that mean
/// something else in another of these languages (`data`), or that have two meanings (`source`, `éditeur`, `place`).
const ELEMENTS: [(&str, &str); 11] = [
    ("dc:title", "title|alternative title|uniform title|translated title|titel|titre|título|titolo"),
    (
        "dc:creator",
        "creator|author|artist|photographer|composer|autor|verfasser|verfasserin|urheber|künstler|fotograf\
         |créateur|auteur|creador|autora|creatore|autore|criador",
    ),
    (
        "dc:contributor",
        "contributor|illustrator|translator|mitwirkende|beiträger|übersetzer|contributeur|contribuidor\
         |colaborador|traducteur|illustrateur|traductor|traduttore|vertaler",
    ),
    ("dc:publisher", "publisher|verlag|uitgever|editore|editorial|editora"),
    (
        "dc:date",
        "date|date issued|date created|date of publication|publication date|copyright date|datum\
         |erscheinungsjahr|erscheinungsdatum|entstehungszeit|date de publication|fecha|fecha de publicación\
         |data di pubblicazione|data de publicação",
    ),
    (
        "dc:subject",
        "subject|subjects|keyword|keywords|schlagwort|schlagwörter|thema|sujet|sujets|mots-clés|materia\
         |materias|soggetto|soggetti|onderwerp|onderwerpen|assunto|assuntos",
    ),
    ("dc:language", "language|languages|sprache|sprachen|langue|langues|idioma|idiomas|lingua|taal"),
    ("dc:type", "type|genre|gattung|tipo|género|genere|gênero"),
    ("dc:format", "format|extent|umfang|formato|omvang"),
    (
        "dc:identifier",
        "identifier|shelf mark|shelfmark|call number|signatur|cote|signatura|segnatura|signatuur|cota|doi\
         |isbn|issn|urn|handle",
    ),
    ("dc:rights", "rights|license|licence|rechte|lizenz|droits|derechos|diritti|rechten|direitos"),
];

/// One statement.
pub struct Term {
    /// With the prefix `dc`.
    pub element: &'static str,
    pub text: String,
    /// BCP 47, or `none`.
    pub language: String,
}

/// The statements about an item, its title first.
pub fn terms(item: &SiteItem, base: &BaseUrl) -> Vec<Term> {
    let description = &item.description;
    let mut terms = Vec::new();
    add(&mut terms, "dc:title", &description.label);
    add(&mut terms, "dc:description", &description.summary);
    for LabelValue { label, value } in &description.metadata {
        if let Some(element) = element(label) {
            add(&mut terms, element, value);
        }
    }
    // The agent that makes a resource available is the provider of IIIF and the publisher of Dublin Core.
    description.provider.0.iter().for_each(|provider| add(&mut terms, "dc:publisher", &provider.label));
    let plain = |element, text| Term { element, text, language: NO_LANGUAGE.to_owned() };
    terms.extend(description.rights.iter().map(|rights| plain("dc:rights", rights.clone())));
    let addresses = [base.folder_url(&item.path), base.url(&address::manifest(&item.path))];
    terms.extend(addresses.map(|address| plain("dc:identifier", address)));
    terms
}

/// The element that a label means in one of its languages.
fn element(label: &LanguageMap) -> Option<&'static str> {
    label.values().find_map(|label| {
        let name = label.trim().trim_end_matches(':').trim_end().to_lowercase();
        ELEMENTS.iter().find(|(_, names)| names.split('|').any(|known| known == name)).map(|(element, _)| *element)
    })
}

fn add(terms: &mut Vec<Term>, element: &'static str, map: &LanguageMap) {
    for (language, values) in map.entries() {
        let texts = values.iter().map(|value| plain(value)).filter(|text| !text.is_empty());
        terms.extend(texts.map(|text| Term { element, text, language: language.to_owned() }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_label_means_one_element_or_none() {
        let names: Vec<&str> = ELEMENTS.iter().flat_map(|(_, names)| names.split('|')).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(names.iter().all(|name| name.to_lowercase() == *name));
        let of = |label: &str| element(&LanguageMap::plain(label));
        assert_eq!(
            ["Author:", " SPRACHE ", "Data", "Editor"].map(of),
            [Some("dc:creator"), Some("dc:language"), None, None]
        );
    }
}
