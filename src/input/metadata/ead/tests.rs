use super::*;
use std::path::Path;

fn read_text(text: &str) -> Result<(Records, Vec<String>)> {
    let document = xml::parse(text, Path::new("a.xml")).unwrap();
    let mut warnings = Warnings::new(text, Path::new("a.xml"));
    let records = read(document.root_element(), &mut warnings)?;
    Ok((records, warnings.finish()))
}

fn own(did: &str, beside: &str) -> String {
    let text = format!("<ead><archdesc><did>{did}</did>{beside}</archdesc></ead>");
    let (records, warnings) = read_text(&text).unwrap();
    crate::input::metadata::outline(&records.own.unwrap().description, &warnings)
}

#[test]
fn dates_repository_and_restrictions_are_inherited_and_titles_listed_from_the_top() {
    let text = "<ead xmlns='urn:isbn:1-931666-22-9'><archdesc><did><unittitle>Papers</unittitle>\
        <unitdate>1816-1931</unitdate><repository>NYU</repository></did>\
        <accessrestrict><head>Access</head><p>Open.</p></accessrestrict>\
        <dsc><c01 id='s'><did><unittitle>Speeches</unittitle></did>\
        <c02 id='aspace_f1'><did><unitid>F 1</unitid><unittitle>Poem</unittitle><unitdate normal='1839/1839'>1839</unitdate>\
        <container type='Box'>1</container><container type='Folder'>4</container></did></c02></c01></dsc></archdesc></ead>";
    let (records, warnings) = read_text(text).unwrap();
    let [series, file] = records.below.as_slice() else { panic!() };
    assert_eq!(
        crate::input::metadata::outline(&series.description, &[]),
        "none: Speeches\nDate = none: 1816-1931\nPart of = none: Papers\nRepository = none: NYU\nAccess = none: Open.\n"
    );
    assert_eq!(
        crate::input::metadata::outline(&file.description, &warnings),
        "none: Poem\nDate = none: 1839\nPart of = none: Papers | Speeches\nContainer = none: Box 1, Folder 4\n\
        Repository = none: NYU\nReference code = none: F 1\nAccess = none: Open.\nnavDate: 1839-01-01T00:00:00Z\n"
    );
    assert_eq!(file.keys, ["aspace_f1", "f1", "F 1"]);
    assert_eq!(series.place, "line 1");
}

#[test]
fn extents_languages_and_creators() {
    let did = "<physdesc><extent>1 m.</extent>, <extent>1 GB</extent></physdesc><physdesc>19 linear feet </physdesc>\
        <langmaterial><language langcode='eng'/></langmaterial>\
        <origination><persname role='aut'>A</persname></origination><origination>B</origination>";
    let expected =
        "Author = none: A\nCreator = none: B\nLanguage = en: English\nExtent = none: 1 m. | 1 GB | 19 linear feet\n";
    assert_eq!(own(did, ""), expected);
}

#[test]
fn what_it_is_about_is_the_summary() {
    let about = "<scopecontent><p>About.</p></scopecontent>";
    assert_eq!(own("", about), "summary none: About.\n");
    assert_eq!(own("<abstract>Short.</abstract>", about), "summary none: Short.\nScope and content = none: About.\n");
}

#[test]
fn what_is_unknown_is_told() {
    assert_eq!(own("", "<news>x</news>"), "! line 1: \"news\" of EAD is not taken over\n");
}

#[test]
fn digital_objects_are_pages_or_links() {
    let objects = "<dao href='a/1.tif'/><dao href='http://a.org/x/2.jpg'/>\
        <daogrp title='Film'><daoloc href='http://a.org/view/3'/></daogrp><dao href='a/b.pdf'/><dao href='urn:x'/>";
    let text = format!("<ead><archdesc><did/>{objects}</archdesc></ead>");
    let (records, warnings) = read_text(&text).unwrap();
    let own = records.own.unwrap();
    let files: Vec<_> = own.pages.iter().map(|page| page.file.as_deref().unwrap()).collect();
    assert_eq!(files, ["a/1.tif", "2.jpg"]);
    assert_eq!(own.keys, ["1.tif", "1", "2.jpg", "2", "3", "b.pdf", "b"]);
    assert_eq!(
        crate::input::metadata::outline(&own.description, &warnings),
        "homepage: http://a.org/view/3 Film\nrendering: a/b.pdf Digital object\n\
        ! line 1: \"urn:x\" is not linked: it is not the address of a file\n"
    );
}

#[test]
fn a_finding_aid_without_an_archive_is_refused() {
    let error = read_text("<ead><eadheader/></ead>").unwrap_err();
    assert!(error.to_string().contains("a.xml:1:1: this EAD has no \"archdesc\""), "{error}");
}

#[test]
fn components_are_not_nested_without_end() {
    let deep = format!("<ead><archdesc>{}{}</archdesc></ead>", "<c>".repeat(50), "</c>".repeat(50));
    assert!(read_text(&deep).unwrap_err().to_string().contains("nested"));
}

#[test]
fn the_elements_of_ead3_are_read() {
    let did = "<unitdatestructured><datesingle standarddate='1900-05-01'>1 May 1900</datesingle></unitdatestructured>\
        <physdescstructured><quantity>3</quantity><unittype>boxes</unittype></physdescstructured>\
        <origination><persname relator='pht'><part>Weegee</part></persname></origination>";
    let beside = "<controlaccess><subject><part>Crime</part><part>History</part></subject></controlaccess>";
    let expected = "none: 1 May 1900\nPhotographer = none: Weegee\nDate = none: 1 May 1900\n\
        Subject = none: Crime History\nExtent = none: 3 boxes\nnavDate: 1900-05-01T00:00:00Z\n";
    assert_eq!(own(did, beside), expected);
}
