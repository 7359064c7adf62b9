use super::*;
use std::path::Path;

fn read_text(text: &str) -> Result<(Records, Vec<String>)> {
    let document = xml::parse(text, Path::new("a.xml")).unwrap();
    let mut warnings = Warnings::new(text, Path::new("a.xml"));
    let records = read(document.root_element(), &mut warnings)?;
    Ok((records, warnings.finish()))
}

/// A file section of groups `USE: id=href id=href`.
fn files(groups: &[&str]) -> String {
    let group = |group: &&str| {
        let (usage, files) = group.split_once(": ").unwrap();
        let file = |file: &str| {
            let (id, href) = file.split_once('=').unwrap();
            format!("<file ID='{id}'><FLocat href='{href}'/></file>")
        };
        format!("<fileGrp USE='{usage}'>{}</fileGrp>", files.split(' ').map(file).collect::<String>())
    };
    format!("<fileSec>{}</fileSec>", groups.iter().map(group).collect::<String>())
}

fn page(id: &str, attributes: &str, files: &str) -> String {
    let pointers: String = files.split(' ').map(|file| format!("<fptr FILEID='{file}'/>")).collect();
    format!("<div ID='{id}' TYPE='page' {attributes}>{pointers}</div>")
}

fn physical(pages: &[String]) -> String {
    format!("<structMap TYPE='PHYSICAL'><div ID='root' TYPE='physSequence'>{}</div></structMap>", pages.concat())
}

fn links(links: &[(&str, &str)]) -> String {
    let link = |(from, to): &(&str, &str)| format!("<smLink from='{from}' to='{to}'/>");
    format!("<structLink>{}</structLink>", links.iter().map(link).collect::<String>())
}

/// Pages as `file [label] text`, then what [`crate::input::metadata::outline`] says.
fn shown(inner: &str) -> String {
    let (records, warnings) = read_text(&format!("<mets>{inner}</mets>")).unwrap();
    let own = records.own.unwrap();
    let pages = own.pages.iter().map(|page| {
        let label = page.label.values().next().map(|label| format!(" [{label}]")).unwrap_or_default();
        let text = page.text.as_ref().map(|text| format!(" {text}")).unwrap_or_default();
        format!("{}{label}{text}\n", page.file.as_deref().unwrap_or("-"))
    });
    pages.collect::<String>() + &crate::input::metadata::outline(&own.description, &warnings)
}

#[test]
fn pages_are_in_order_with_the_best_image_and_text() {
    let text = [
        files(&[
            "THUMBS: t1=t/1.jpg t2=t/2.jpg",
            "DEFAULT: d1=d/1.jpg d2=d/2.jpg",
            "MAX: m1=http://a.org/1.tif",
            "FULLTEXT: x1=x/1.xml",
        ]),
        physical(&[
            page("p2", "ORDER='2' ORDERLABEL=' - ' LABEL='Plate'", "t2 d2"),
            page("p1", "ORDER='1' ORDERLABEL='iv' LABEL='x'", "t1 m1 d1 x1"),
        ]),
    ];
    assert_eq!(shown(&text.concat()), "d/1.jpg [iv] x/1.xml\nd/2.jpg [Plate]\n");
}

#[test]
fn files_elsewhere_are_known_by_as_much_of_their_path_as_tells_them_apart() {
    let pages = physical(&[page("p1", "", "a"), page("p2", "", "b")]);
    let unique = files(&["MASTER: a=file:///mnt/v1/1.tif b=file:///mnt/v1/2.tif"]);
    assert_eq!(shown(&format!("{unique}{pages}")), "1.tif\n2.tif\n");
    let volumes = files(&["MASTER: a=http://a.org/v1/1.tif b=http://a.org/v2/1.tif"]);
    assert_eq!(shown(&format!("{volumes}{pages}")), "v1/1.tif\nv2/1.tif\n");
}

#[test]
fn a_page_without_image_is_missing_and_a_book_to_download_is_a_rendering() {
    let whole = "<structMap TYPE='physical'><div><fptr FILEID='book'/><div TYPE='page' LABEL='2'/><div TYPE='page'>\
        <fptr FILEID='a'/></div></div></structMap>";
    let groups = files(&["DOWNLOAD: book=book.pdf", "IMAGE: a=1.tif"]);
    let expected = "- [2]\n1.tif\nrendering: book.pdf book.pdf\n! line 1: a page has no image\n";
    assert_eq!(shown(&format!("{groups}{whole}")), expected);
}

#[test]
fn parts_are_on_the_pages_that_they_link_to() {
    let logical = "<structMap TYPE='LOGICAL'><div ID='w' DMDID='d' TYPE='monograph'>\
        <div ID='c1' TYPE='Chapter' LABEL='One'><div ID='c11' TYPE='title_page'/></div><div ID='c2' TYPE='TableOfContents'/>\
        <div ID='c3' LABEL='Nowhere'/></div></structMap>";
    let text = [
        "<dmdSec ID='d'><mdWrap><xmlData><mods><titleInfo><title>T</title></titleInfo></mods></xmlData></mdWrap></dmdSec>",
        &files(&["IMAGE: a=i/1.tif b=i/2.tif c=i/3.tif"]),
        &physical(&[page("p1", "", "a"), page("p2", "", "b"), page("p3", "", "c")]),
        logical,
        &links(&[
            ("w", "root"),
            ("c1", "root"),
            ("c1", "p1"),
            ("c1", "p2"),
            ("c11", "p1"),
            ("c2", "root"),
            ("c2", "nothing"),
        ]),
    ];
    let expected = "i/1.tif\ni/2.tif\ni/3.tif\nnone: T\n- One: 2.tif\n  - title page: 1.tif\n\
        - Table Of Contents: 1.tif 2.tif 3.tif\n! line 1: the part \"Nowhere\" is on no page and left out\n";
    assert_eq!(shown(&text.concat()), expected);
}

#[test]
fn parts_may_point_to_files_themselves_and_name_pages_by_path_where_names_repeat() {
    let logical = "<structMap TYPE='Logical'><div LABEL=''><div LABEL='Vol. 1'><div ORDER='1'><fptr FILEID='a'/></div>\
        <div LABEL='Text'><fptr FILEID='b'/></div></div></div></structMap>";
    let text =
        [files(&["IMAGE: a=x/1.tif b=y/1.tif"]), physical(&[page("p1", "", "a"), page("p2", "", "b")]), logical.into()];
    assert_eq!(shown(&text.concat()), "x/1.tif\ny/1.tif\n- Vol. 1: x/1.tif\n  - Text: y/1.tif\n");
}

#[test]
fn a_tree_of_folders_gives_way_to_a_list_of_pages() {
    let folders = "<structMap TYPE='physical'><div TYPE='Directory' LABEL='objects'><div TYPE='Item' LABEL='2.tif'>\
        <fptr FILEID='b'/></div><div TYPE='Item' LABEL='1.tif'><fptr FILEID='a'/></div></div></structMap>";
    let list = format!("<structMap TYPE='logical'><div>{}</div></structMap>", page("p1", "LABEL='Page 1'", "a"));
    let files = files(&["original: a=1.tif b=2.tif"]);
    assert_eq!(shown(&format!("{files}{folders}{list}")), "1.tif [Page 1]\n");
    assert_eq!(shown(&format!("{files}{folders}")), "2.tif\n1.tif\n");
}

#[test]
fn books_that_begin_at_the_right_are_read_so() {
    let map =
        "<structMap TYPE='Physical'><div TYPE='RTLBoundManuscript'><div><fptr FILEID='a'/></div></div></structMap>";
    assert_eq!(shown(&format!("{}{map}", files(&["IMAGE: a=1.tif"]))), "1.tif\nviewingDirection: right-to-left\n");
}

#[test]
fn volumes_with_files_of_their_own_are_records_below() {
    let text = "<mets><structMap TYPE='LOGICAL'><div LABEL='Work'><div LABEL='Volume 1'><mptr href='b1_0001.xml'/></div></div>\
        </structMap></mets>";
    let (records, _) = read_text(text).unwrap();
    assert_eq!(records.own.unwrap().description.label, LanguageMap::plain("Work"));
    let [volume] = records.below.as_slice() else { panic!() };
    assert_eq!(
        (volume.keys.as_slice(), &volume.description.label),
        (["b1_0001".to_owned()].as_slice(), &LanguageMap::plain("Volume 1"))
    );
}

#[test]
fn the_item_is_found_below_the_whole_that_it_is_part_of() {
    let section = |id: &str, title: &str| {
        format!(
            "<dmdSec ID='{id}'><mdWrap><xmlData><mods><titleInfo><title>{title}</title></titleInfo></mods></xmlData></mdWrap></dmdSec>"
        )
    };
    let logical = "<structMap TYPE='LOGICAL'><div TYPE='Newspaper' DMDID='n'><mptr href='n.xml'/><div TYPE='year'>\
        <div TYPE='issue' DMDID='i'/></div></div></structMap>";
    assert_eq!(shown(&format!("{}{}{logical}", section("n", "Paper"), section("i", "Issue 1"))), "none: Issue 1\n");
}

#[test]
fn owners_are_providers_and_licences_rights() {
    let text = "<amdSec ID='a'><rightsMD><mdWrap><xmlData><rights xmlns='http://dfg-viewer.de/'><owner>SLUB</owner>\
        <ownerSiteURL>https://slub.de</ownerSiteURL><ownerContact>mailto:a@slub.de</ownerContact>\
        <license>http://creativecommons.org/licenses/by/4.0/</license></rights></xmlData></mdWrap></rightsMD>\
        <digiprovMD><mdWrap><xmlData><links xmlns='http://dfg-viewer.de/'><reference>http://a.org/1</reference>\
        <presentation>1</presentation></links></xmlData></mdWrap></digiprovMD></amdSec>\
        <structMap TYPE='LOGICAL'><div ADMID='a'/></structMap>";
    let expected = "Contact = none: a@slub.de\nrights: http://creativecommons.org/licenses/by/4.0/\n\
        homepage: http://a.org/1 Catalogue\nprovider: https://slub.de SLUB\n";
    assert_eq!(shown(text), expected);
}

#[test]
fn descriptions_elsewhere_or_of_other_kinds_are_told() {
    let text = "<dmdSec ID='a'><mdRef MDTYPE='MARC' href='http://a.org/1'/></dmdSec><dmdSec ID='b'><mdWrap MDTYPE='EAD'>\
        <xmlData><ead/></xmlData></mdWrap></dmdSec><structMap TYPE='LOGICAL'><div DMDID='a b'/></structMap>";
    let expected = "seeAlso: http://a.org/1 MARC\n! line 1: a description (MARC) is elsewhere; it is linked, not read\n\
        ! line 1: a description of kind \"EAD\" is not taken over; MODS, Dublin Core and MARC are\n";
    assert_eq!(shown(text), expected);
}

#[test]
fn no_order_of_pages_is_an_error() {
    let error = read_text("<mets>\n</mets>").unwrap_err();
    assert!(error.to_string().starts_with("a.xml:1:1: this METS has no \"structMap\""), "{error}");
}

#[test]
fn links_do_not_multiply_without_bounds() {
    let pages: Vec<String> = (0..2000).map(|page| self::page(&format!("p{page}"), "", &format!("f{page}"))).collect();
    let names: Vec<String> = (0..2000).map(|page| format!("f{page}={page}.tif")).collect();
    let parts: String = (0..2000).map(|part| format!("<div ID='l{part}' LABEL='a'/>")).collect();
    let links: String = (0..2000).map(|part| format!("<smLink from='l{part}' to='root'/>")).collect();
    let text = format!(
        "<mets>{}{}<structMap TYPE='LOGICAL'><div>{parts}</div></structMap><structLink>{links}</structLink></mets>",
        files(&[&format!("IMAGE: {}", names.join(" "))]),
        physical(&pages)
    );
    assert!(read_text(&text).unwrap_err().to_string().contains("list more than"));
}

#[test]
fn a_description_that_nothing_refers_to_is_that_of_the_object_and_a_missing_one_is_told() {
    let section = "<dmdSec ID='d'><mdWrap><xmlData><mods><titleInfo><title>T</title></titleInfo></mods></xmlData></mdWrap></dmdSec>";
    let map = |attribute: &str| format!("{section}<structMap TYPE='LOGICAL'><div {attribute}/></structMap>");
    assert_eq!(shown(&map("")), "none: T\n");
    assert_eq!(shown(&map("DMDID='x'")), "none: T\n! line 1: there is no description \"x\" (\"DMDID\")\n");
}
