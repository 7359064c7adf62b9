//! What a person did: MARC relator codes and terms, in English words (id.loc.gov/vocabulary/relators, the frequent ones).

const ROLES: [(&str, &str); 58] = [
    ("abr", "Abridger"),
    ("act", "Actor"),
    ("adp", "Adapter"),
    ("ann", "Annotator"),
    ("arc", "Architect"),
    ("arr", "Arranger"),
    ("art", "Artist"),
    ("asn", "Associated name"),
    ("att", "Attributed name"),
    ("auc", "Auctioneer"),
    ("aui", "Author of introduction"),
    ("aut", "Author"),
    ("bkd", "Book designer"),
    ("bnd", "Binder"),
    ("bsl", "Bookseller"),
    ("clb", "Contributor"),
    ("cmp", "Composer"),
    ("cnd", "Conductor"),
    ("col", "Collector"),
    ("com", "Compiler"),
    ("cre", "Creator"),
    ("ctb", "Contributor"),
    ("ctg", "Cartographer"),
    ("dnr", "Donor"),
    ("drt", "Director"),
    ("dst", "Distributor"),
    ("dte", "Dedicatee"),
    ("dto", "Dedicator"),
    ("edt", "Editor"),
    ("egr", "Engraver"),
    ("etr", "Etcher"),
    ("fmo", "Former owner"),
    ("hnr", "Honoree"),
    ("ill", "Illustrator"),
    ("ilu", "Illuminator"),
    ("isb", "Issuing body"),
    ("ive", "Interviewee"),
    ("ivr", "Interviewer"),
    ("lbt", "Librettist"),
    ("ltg", "Lithographer"),
    ("lyr", "Lyricist"),
    ("mus", "Musician"),
    ("nrt", "Narrator"),
    ("oth", "Other"),
    ("own", "Owner"),
    ("pbd", "Publishing director"),
    ("pbl", "Publisher"),
    ("pht", "Photographer"),
    ("prf", "Performer"),
    ("prt", "Printer"),
    ("rcp", "Addressee"),
    ("rsp", "Respondent"),
    ("scr", "Scribe"),
    ("sgn", "Signer"),
    ("spk", "Speaker"),
    ("spn", "Sponsor"),
    ("srv", "Surveyor"),
    ("trl", "Translator"),
];

/// The English name of a relator code (`aut`), of its address, or of a term that is such a name in another case.
pub fn role(code_or_term: &str) -> Option<&'static str> {
    let word = code_or_term.trim().trim_end_matches(['.', ',']);
    let word = match word.rsplit_once('/') {
        Some((address, last)) if address.contains("id.loc.gov") => last,
        _ => word,
    };
    ROLES.iter().find(|(code, name)| *code == word || name.eq_ignore_ascii_case(word)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_terms_and_addresses_are_known() {
        assert_eq!(role("aut"), Some("Author"));
        assert_eq!(role("author"), Some("Author"));
        assert_eq!(role("editor."), Some("Editor"));
        assert_eq!(role("http://id.loc.gov/vocabulary/relators/ill"), Some("Illustrator"));
        assert_eq!(role("Widmungsempfänger"), None);
    }
}
