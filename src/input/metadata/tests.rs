use super::*;
use crate::model::{Description, LanguageMap, Link, Range};
use proptest::prelude::*;
use std::fmt::Write as _;

/// A description as text, one line for each value, then the warnings.
pub fn outline(description: &Description, warnings: &[String]) -> String {
    let mut lines = String::new();
    for (language, values) in description.label.entries() {
        writeln!(lines, "{language}: {}", values.join(" | ")).unwrap();
    }
    for (language, values) in description.summary.entries() {
        writeln!(lines, "summary {language}: {}", values.join(" | ")).unwrap();
    }
    for pair in &description.metadata {
        let label: Vec<&String> = pair.label.values().collect();
        for (language, values) in pair.value.entries() {
            writeln!(lines, "{} = {language}: {}", label[0], values.join(" | ")).unwrap();
        }
    }
    if let Some(rights) = &description.rights {
        writeln!(lines, "rights: {rights}").unwrap();
    }
    let links = [
        ("homepage", &description.homepage.0),
        ("seeAlso", &description.see_also.0),
        ("rendering", &description.rendering.0),
    ];
    for (kind, links) in links {
        links.iter().for_each(|link| writeln!(lines, "{kind}: {}", shown(link)).unwrap());
    }
    for provider in &description.provider.0 {
        writeln!(lines, "provider: {} {}", provider.id, first(&provider.label)).unwrap();
    }
    if let Some(date) = &description.nav_date {
        writeln!(lines, "navDate: {}", serde_json::to_value(date).unwrap().as_str().unwrap()).unwrap();
    }
    if let Some(direction) = description.viewing_direction {
        writeln!(lines, "viewingDirection: {}", serde_json::to_value(direction).unwrap().as_str().unwrap()).unwrap();
    }
    ranges(&description.structures, 0, &mut lines);
    warnings.iter().for_each(|warning| writeln!(lines, "! {warning}").unwrap());
    lines
}

fn shown(link: &Link) -> String {
    format!("{} {}", link.file.as_ref().unwrap_or(&link.id), first(&link.label))
}

fn first(map: &LanguageMap) -> String {
    map.values().next().cloned().unwrap_or_default()
}

fn ranges(ranges: &[Range], depth: usize, lines: &mut String) {
    for range in ranges {
        let pages: Vec<&str> = range.pages.iter().map(|page| page.0.as_str()).collect();
        writeln!(lines, "{}- {}: {}", "  ".repeat(depth), first(&range.label), pages.join(" ")).unwrap();
        self::ranges(&range.structures, depth + 1, lines);
    }
}

fn today() -> Day {
    "2030-06-15".parse().unwrap()
}

fn read_text(text: &str) -> Option<Records> {
    read_xml(text.as_bytes(), Path::new("a.xml"), today()).unwrap().map(|(records, _)| records)
}

#[test]
fn files_are_told_by_their_root() {
    assert!(read_text("<alto/>").is_none());
    assert!(read_text("<collection><item/></collection>").is_none());
    assert!(read_text("<record><title/></record>").is_none());
    assert!(read_text("<mods/>").unwrap().own.is_some());
    assert!(
        read_text("<dc xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>a</dc:title></dc>").unwrap().own.is_some()
    );
}

#[test]
fn several_records_are_of_folders_below() {
    let record = |id: &str| format!("<mods><recordInfo><recordIdentifier>{id}</recordIdentifier></recordInfo></mods>");
    let records = read_text(&format!("<modsCollection>{}\n{}</modsCollection>", record("a"), record("b"))).unwrap();
    assert_eq!(records.own, None);
    let keys: Vec<_> = records.below.iter().map(|record| (record.keys.clone(), record.place.as_str())).collect();
    assert_eq!(keys, [(vec!["a".to_owned()], "line 1"), (vec!["b".to_owned()], "line 2")]);
}

fn hrefs(records: &Records) -> Vec<String> {
    records.withheld_files.iter().map(|file| file.href.clone()).collect()
}

#[test]
fn what_is_withheld_is_known_by_its_keys_and_files_only() {
    let text = "<ead><archdesc><did><unittitle>F</unittitle></did><dsc audience='internal'><c id='s'><did><unitid>S 1</unitid>\
        <unittitle>Secret</unittitle></did><c id='f'><did><dao href='f/1.tif'/></did></c></c></dsc></archdesc></ead>";
    let records = read_text(text).unwrap();
    let keys: Vec<String> = records.below.iter().map(|record| record.keys.join(" ")).collect();
    assert_eq!(keys, ["s S 1", "f 1.tif 1"]);
    assert!(records.below.iter().all(|record| record.description.publish == Some(false)));
    assert_eq!(hrefs(&records), ["f/1.tif"]);
    assert!(!format!("{records:?}").contains("Secret"));
    assert_eq!(
        read_text("<mods><accessCondition>closed</accessCondition></mods>").unwrap().own.unwrap().description.publish,
        Some(false)
    );
}

/// Two pages, a chapter on each, and rights of which `ADMID` and so on are put into the places.
fn restricted(file: &str, page: &str, chapter: &str) -> Records {
    read_text(&format!(
        "<mets xmlns:xlink='x'><dmdSec ID='d'><mdWrap><xmlData><mods><titleInfo><title>Book</title></titleInfo></mods></xmlData></mdWrap></dmdSec>\
        <amdSec ID='a'><rightsMD ID='r'><mdWrap><xmlData><RightsDeclarationMD><Context CONTEXTCLASS='GENERAL PUBLIC'>\
        <Permissions DISPLAY='false'/></Context></RightsDeclarationMD></xmlData></mdWrap></rightsMD></amdSec>\
        <fileSec><fileGrp USE='MAX'><file ID='f1'><FLocat xlink:href='1.tif'/></file><file ID='f2' {file}><FLocat xlink:href='2.tif'/></file>\
        </fileGrp></fileSec><structMap TYPE='PHYSICAL'><div ID='w'><div ID='p1' TYPE='page'><fptr FILEID='f1'/></div>\
        <div ID='p2' TYPE='page' {page}><fptr FILEID='f2'/></div></div></structMap><structMap TYPE='LOGICAL'><div ID='b' DMDID='d'>\
        <div ID='l1' LABEL='One'/><div ID='l2' LABEL='Two' {chapter}/></div></structMap>\
        <structLink><smLink from='b' to='w'/><smLink from='l1' to='p1'/><smLink from='l2' to='p2'/></structLink></mets>"
    ))
    .unwrap()
}

#[test]
fn rights_in_mets_withhold_a_page_its_files_and_its_chapter() {
    for (file, page, chapter) in [("ADMID='r'", "", ""), ("", "ADMID='a'", ""), ("", "", "ADMID='r'")] {
        let records = restricted(file, page, chapter);
        let withheld = hrefs(&records);
        let own = records.own.unwrap();
        assert_eq!(own.description.publish, None);
        let files: Vec<_> = own.pages.iter().map(|page| page.file.as_deref().unwrap()).collect();
        assert_eq!((files, withheld), (vec!["1.tif"], vec!["2.tif".to_owned()]));
        let parts: Vec<String> = own.description.structures.iter().map(|range| first(&range.label)).collect();
        assert_eq!(parts, ["One"]);
    }
    assert_eq!(
        restricted("", "", "").own.unwrap().description.publish,
        Some(false),
        "rights of nothing are of the whole"
    );
}

#[test]
fn what_is_no_xml_is_refused_with_its_place() {
    let error = read_xml(b"<mods>\n<titleInfo></mods>", Path::new("a.xml"), today()).unwrap_err();
    assert!(error.to_string().starts_with("a.xml:2:"), "{error}");
}

#[test]
fn the_first_element_is_found_behind_all_that_may_precede_it() {
    for text in [
        "<mets>",
        "\u{feff}<?xml version='1.0'?><!-- <alto> --><METS:mets a='b'>",
        "<!DOCTYPE mets [ <!ELEMENT alto (#PCDATA)> ]>\n<mets/>",
    ] {
        assert_eq!(first_element(text).map(|name| name.rsplit(':').next().unwrap()), Some("mets"), "{text}");
    }
    assert!(!may_be_metadata("<alto><mets/></alto>"));
    assert!(may_be_metadata("no XML"));
}

const SAMPLES: [&str; 6] = [
    "<mets OBJID='x'><dmdSec ID='d'><mdWrap><xmlData><mods><titleInfo><title>T</title></titleInfo></mods></xmlData></mdWrap>\
    </dmdSec><fileSec><fileGrp USE='MAX'><file ID='f' MIMETYPE='image/tiff'><FLocat href='a/1.tif'/></file></fileGrp></fileSec>\
    <structMap TYPE='PHYSICAL'><div ID='r'><div ID='p' ORDER='1' TYPE='page' ORDERLABEL='ii'><fptr FILEID='f'/></div></div>\
    </structMap><structMap TYPE='LOGICAL'><div ID='w' DMDID='d'><div ID='l' TYPE='chapter'/></div></structMap>\
    <structLink><smLink from='l' to='p'/></structLink></mets>",
    "<mods xml:lang='de'><name><namePart>K</namePart><role><roleTerm>aut</roleTerm></role></name><originInfo>\
    <dateIssued encoding='w3cdtf' point='start'>1784</dateIssued></originInfo><location><url>http://a.b</url></location></mods>",
    "<ead><archdesc><did><unittitle>A<unitdate normal='1900'>1900</unitdate></unittitle></did><dsc><c01><did>\
    <unitid>1</unitid><dao href='a.tif'/></did><scopecontent><p>x <emph>y</emph></p></scopecontent></c01></dsc></archdesc></ead>",
    "<record><leader>00380nam a22001577a 4500</leader><controlfield tag='008'>890814s1784    gw ||||0ger d</controlfield>\
    <datafield tag='245' ind1='1'><subfield code='a'>Title /</subfield></datafield><datafield tag='880'><subfield code='6'>24\
    </subfield></datafield></record>",
    "<ead><archdesc><did><physloc audience='internal'>x</physloc></did><dsc><c audience='internal' id='a'><did><dao href='a.tif'/>\
    </did></c><c id='b'/></dsc></archdesc></ead>",
    "<mets><amdSec ID='a'><rightsMD ID='r'><rightsGranted><restriction>Disallow</restriction></rightsGranted></rightsMD></amdSec>\
    <fileSec><file ID='f' ADMID='r'><FLocat href='1.tif'/></file><file ID='g'><FLocat href='2.tif'/></file></fileSec><structMap>\
    <div ID='w'><div ID='p'><fptr FILEID='f'/></div><div ID='q'><fptr FILEID='g'/></div></div></structMap></mets>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_damage_makes_it_panic(sample in 0usize..6, cut in 0usize..900, length in 0usize..12, put in "[<>/='a-f é&0-9]{0,6}") {
        let mut bytes = SAMPLES[sample].as_bytes().to_vec();
        let start = cut.min(bytes.len());
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, put.bytes());
        // Whatever it answers.
        let _ = read_xml(&bytes, Path::new("a.xml"), today());
    }

    #[test]
    fn no_value_makes_it_panic(sample in 0usize..6, which in 0usize..60, value in "\\PC{0,12}") {
        // Every text and attribute in turn, so that the document stays well-formed.
        let sample = SAMPLES[sample];
        let ends: Vec<usize> = sample.match_indices(['\'', '>']).map(|(at, _)| at + 1).collect();
        let at = ends[which % ends.len()];
        let end = at + sample[at..].find(['\'', '<', '=', '>']).unwrap_or(0);
        let value = prose::escape(&value).replace('\'', "&apos;");
        // Whatever it answers.
        let _ = read_xml(format!("{}{value}{}", &sample[..at], &sample[end..]).as_bytes(), Path::new("a.xml"), today());
    }
}
