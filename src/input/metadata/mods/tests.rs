use super::*;
use std::path::Path;

/// The description of a record, one line for each value, then the warnings.
fn shown(inner: &str) -> String {
    let text = format!("<mods xmlns:xlink='http://www.w3.org/1999/xlink'>{inner}</mods>");
    let document = xml::parse(&text, Path::new("a.xml")).unwrap();
    let mut warnings = Warnings::new(&text, Path::new("a.xml"));
    let builder = read(document.root_element(), &mut warnings);
    builder.warn_of_borrowed(document.root_element(), &mut warnings);
    let (description, _) = builder.finish();
    crate::input::metadata::outline(&description, &warnings.finish())
}

#[test]
fn a_title_is_put_together_from_its_parts() {
    let title = "<titleInfo><nonSort>L'</nonSort><title>été</title><subTitle>roman</subTitle>\
        <partNumber>2</partNumber><partName>Nuit</partName></titleInfo>";
    assert_eq!(shown(title), "none: L'été : roman. 2, Nuit\n");
    assert_eq!(shown("<titleInfo><nonSort>The </nonSort><title>End</title></titleInfo>"), "none: The End\n");
}

#[test]
fn languages_of_the_title_are_languages_of_the_label_and_other_titles_are_pairs() {
    let titles = "<titleInfo type='uniform'><title>U</title></titleInfo>\
        <titleInfo lang='rus' script='Cyrl'><title>Б</title></titleInfo>\
        <titleInfo lang='rus' script='Latn'><title>B</title></titleInfo>\
        <titleInfo displayLabel='Also:' type='alternative'><title>A</title></titleInfo>";
    assert_eq!(shown(titles), "ru-Cyrl: Б\nru-Latn: B\nUniform title = none: U\nAlso = none: A\n");
}

#[test]
fn a_record_without_title_takes_that_of_its_series() {
    let record = "<titleInfo><title/></titleInfo><relatedItem type='series'><titleInfo><title>Mimili</title>\
        <subtitle>eine Erzählung</subtitle></titleInfo></relatedItem>";
    let warning = "! line 1: the record has no title of its own; that of its series is taken\n";
    assert_eq!(shown(record), format!("none: Mimili : eine Erzählung\n{warning}"));
}

#[test]
fn names_are_called_by_their_roles() {
    let name = |inner: &str| shown(&format!("<name>{inner}</name>"));
    let parts = "<namePart type='given'>Immanuel</namePart><namePart type='family'>Kant</namePart>";
    let role = |term: &str| format!("<role><roleTerm>{term}</roleTerm></role>");
    assert_eq!(name(parts), "Name = none: Kant, Immanuel\n");
    assert_eq!(name(&format!("{parts}{}", role("aut"))), "Author = none: Kant, Immanuel\n");
    assert_eq!(name(&format!("{parts}{}{}", role("aut"), role("Drucker"))), "Author, Drucker = none: Kant, Immanuel\n");
    assert_eq!(name(&format!("{parts}<displayForm>I. Kant</displayForm>")), "Name = none: I. Kant\n");
    assert_eq!(name("<namePart type='family'/>"), "");
}

#[test]
fn dates_are_spans_and_only_certain_ones_are_nav_dates() {
    let origin = |inner: &str| shown(&format!("<originInfo>{inner}</originInfo>"));
    assert_eq!(
        origin("<dateIssued encoding='w3cdtf' keyDate='yes'>1784</dateIssued>"),
        "Date = none: 1784\nnavDate: 1784-01-01T00:00:00Z\n"
    );
    assert_eq!(
        origin(
            "<dateIssued>12th cent.?</dateIssued>\
            <dateIssued encoding='w3cdtf' keyDate='yes' point='start' qualifier='questionable'>1100</dateIssued>\
            <dateIssued encoding='w3cdtf' point='end' qualifier='questionable'>1199</dateIssued>"
        ),
        "Date = none: 12th cent.? | 1100–1199 (questionable)\n"
    );
    let digital = "<edition>[Electronic ed.]</edition><dateCaptured>2012</dateCaptured><publisher>W</publisher>";
    assert_eq!(
        origin(digital),
        "Date digitised = none: 2012\nDigital edition = none: [Electronic ed.]\nDigitised by = none: W\n"
    );
}

#[test]
fn rights_are_addresses_and_all_else_words() {
    let access =
        |attributes: &str, text: &str| shown(&format!("<accessCondition {attributes}>{text}</accessCondition>"));
    assert_eq!(
        access("type='use and reproduction' xlink:href='https://creativecommons.org/publicdomain/mark/1.0/'", "PDM"),
        "rights: http://creativecommons.org/publicdomain/mark/1.0/\n"
    );
    assert_eq!(access("type='dz'", "CC-BY"), "Access condition (dz) = none: CC-BY\n");
    assert_eq!(
        access("type='useAndReproduction' xlink:href='http://a.org/b'", "Use"),
        "Rights = none: <a href=\"http://a.org/b\">Use</a>\n"
    );
}

#[test]
fn what_is_not_taken_over_is_told() {
    assert_eq!(shown("<recordInfo/><novelty>x</novelty>"), "! line 1: \"novelty\" of MODS is not taken over\n");
}

#[test]
fn languages_have_names() {
    let language = "<language><languageTerm type='code' authority='iso639-2b'>ger</languageTerm></language>\
        <language><languageTerm type='code'>sit</languageTerm></language>\
        <language><languageTerm type='code'>x01</languageTerm></language>";
    assert_eq!(shown(language), "Language = en: German | Sino-Tibetan languages\nLanguage = none: x01\n");
}

#[test]
fn headings_are_joined() {
    let subject =
        "<subject><geographic>Ukraine</geographic><topic>History</topic></subject><subject><topic/></subject>";
    assert_eq!(shown(subject), "Subject = none: Ukraine -- History\n");
}

#[test]
fn volumes_issues_and_pages_have_their_own_labels() {
    let detail = |sort: &str, inner: &str| format!("<detail type='{sort}'>{inner}</detail>");
    let details = [
        detail("volume", "<number>13</number><caption>Vol. 13</caption>"),
        detail("edition", "<caption>Evening</caption>"),
        detail("chapter", "<number>2</number><title>Snow</title>"),
        detail("plate", "<caption>Pl.</caption><number>4</number>"),
    ];
    let expected = "Volume = none: 13\nEdition = none: Evening\nChapter = none: 2 : Snow\nPart (plate) = none: Pl. 4\n";
    assert_eq!(shown(&format!("<part>{}</part>", details.concat())), expected);
    let pages = |inner: &str| shown(&format!("<part><extent unit='pages'>{inner}</extent></part>"));
    assert_eq!(pages("<start>3</start><end>9</end>"), "Pages = none: 3–9\n");
    assert_eq!(pages("<start>3</start><end>3</end>"), "Page = none: 3\n");
    assert_eq!(shown("<part>xii</part>"), "Part = none: xii\n");
    let host = "<relatedItem type='host'><titleInfo><title>Star</title></titleInfo><part><detail type='issue'><number>7</number>\
        </detail></part></relatedItem><titleInfo><title>T</title></titleInfo>";
    assert_eq!(shown(host), "none: T\nIssue = none: 7\nPart of = none: Star\n");
}
