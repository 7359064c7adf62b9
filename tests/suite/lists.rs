//! METS and tables that list pages: which folders they make one item of, and which file each page is.

use crate::draw::page;
use crate::project::Project;
use iiif_build::build::Planned;

/// A METS with one page for each of `pages`, whose files are `GROUP ID href`, and `rest` behind them.
fn mets(pages: &[&[&str]], rest: &str) -> String {
    let file = |written: &&str| {
        let [group, id, href] = written.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{written}") };
        format!(
            "<fileGrp USE='{group}'><file ID='{id}' MIMETYPE='image/png'><FLocat xlink:href='{href}'/></file></fileGrp>"
        )
    };
    let files: String = pages.iter().flat_map(|page| page.iter()).map(file).collect();
    let pointer = |written: &&str| format!("<fptr FILEID='{}'/>", written.split(' ').nth(1).unwrap());
    let division = |(at, page): (usize, &&[&str])| {
        let pointers: String = page.iter().map(pointer).collect();
        format!("<div TYPE='page' ID='P{at}' ORDERLABEL='[{}]'>{pointers}</div>", at + 1)
    };
    let divisions: String = pages.iter().enumerate().map(division).collect();
    format!(
        "<mets xmlns='http://www.loc.gov/METS/' xmlns:xlink='http://www.w3.org/1999/xlink'><fileSec>{files}</fileSec>\
         <structMap TYPE='PHYSICAL'><div TYPE='physSequence'>{divisions}</div></structMap>{rest}</mets>"
    )
}

fn with(files: &[&str]) -> Project {
    files.iter().fold(Project::new(), |project, file| project.file(&format!("content/{file}"), page()))
}

/// The items as `path: label=file …`, with the files that are taken.
fn items(planned: &Planned) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    let mut last = None;
    for file in planned.files.iter().map(|planned| &planned.file).filter(|file| file.page.is_some()) {
        let name = file.path.as_ref().map_or("-".into(), |path| path.file_name().unwrap().to_string_lossy());
        let above = file.path.as_ref().and_then(|path| path.parent()?.file_name()).unwrap_or_default();
        let shown = format!("{}/{name}", above.to_string_lossy());
        match last == file.item {
            true => lines.last_mut().unwrap().push_str(&format!(" {shown}")),
            false => lines.push(format!("{}: {shown}", file.item.as_ref().map_or("", |item| item.as_str()))),
        }
        last.clone_from(&file.item);
    }
    lines
}

fn told(planned: &Planned, code: &str) -> Vec<String> {
    let of_code = planned.diagnostics.iter().filter(|diagnostic| diagnostic.code.name() == code);
    of_code.map(|diagnostic| diagnostic.message.clone()).collect()
}

#[test]
fn a_mets_makes_one_item_of_its_folders_whatever_they_are_called() {
    let kitodo = mets(
        &[&["MAX m1 https://a.org/max/1.png", "THUMBS t1 https://a.org/t/1.png"], &["MAX m2 https://a.org/max/2.png"]],
        "",
    );
    let archivematica = mets(&[&["original a objects/map.png"], &["original b objects/deep/er/map2.png"]], "");
    let workspace = mets(
        &[&["OCR-D-IMG i1 OCR-D-IMG/p_1.png", "OCR-D-BIN b1 OCR-D-BIN/p_1.png"], &["OCR-D-BIN b2 OCR-D-BIN/p_2.png"]],
        "",
    );
    let project = with(&[
        "k/images/k_media/1.png",
        "k/images/k_media/2.png",
        "k/images/k_thumbs/1.png",
        "k/orig_k/1.png",
        "aip/data/objects/map.png",
        "aip/data/objects/deep/er/map2.png",
        "aip/data/thumbnails/x.png",
        "ocrd/OCR-D-IMG/p_1.png",
        "ocrd/OCR-D-BIN/p_1.png",
        "ocrd/OCR-D-BIN/p_2.png",
    ]);
    let project = project
        .file("content/k/meta.xml", kitodo)
        .file("content/k/ocr/alto/1.txt", "Dear")
        .file("content/aip/data/METS.1.xml", archivematica)
        .file("content/ocrd/mets.xml", workspace);
    let planned = project.plan();
    assert!(planned.failures.is_empty(), "{:?}", planned.failures);
    assert_eq!(
        items(&planned),
        [
            "aip: objects/map.png er/map2.png",
            "k: k_media/1.png k_media/2.png",
            "ocrd: OCR-D-IMG/p_1.png OCR-D-BIN/p_2.png"
        ]
    );
    assert_eq!(planned.ignored.iter().filter(|ignored| ignored.code.name() == "not-listed").count(), 4);
    let site = project.built();
    assert_eq!(site.page_labels("k"), ["[1]", "[2]"]);
    assert!(site.has("k/text/1.txt"));
}

#[test]
fn folders_with_a_description_or_a_mets_of_their_own_stay_items() {
    let whole = mets(&[&["MAX a tif/1.png"]], "");
    let project = with(&["a/tif/1.png", "a/extra/1.png", "a/second/1.png"])
        .file("content/a/mets.xml", whole)
        .file("content/a/extra/item.toml", "label = \"Extra\"")
        .file("content/a/second/issue.xml", mets(&[&["MAX a 1.png"]], ""));
    assert_eq!(items(&project.plan()), ["a: tif/1.png", "a/extra: extra/1.png", "a/second: second/1.png"]);
}

#[test]
fn a_few_names_that_are_found_below_do_not_make_one_item_of_a_collection() {
    let reel = mets(&[&["MAX a ./1.png"]], "");
    let project = with(&["reel/x/1.png", "reel/x/2.png", "reel/y/3.png", "reel/y/4.png"]);
    let project = project.file("content/reel/reel.xml", reel);
    assert_eq!(items(&project.plan()), ["reel/x: x/1.png x/2.png", "reel/y: y/3.png y/4.png"]);
}

#[test]
fn tables_of_pages_say_where_pages_are_too() {
    let project = with(&["a/x/1.png", "a/y/2.png", "a/y/3.png"]);
    let project = project.file("content/pages.csv", "item,file\na,y/3.png\na,x/1.png\n");
    assert_eq!(items(&project.plan()), ["a: y/3.png x/1.png"]);
}

#[test]
fn a_mets_beside_the_folder_that_it_describes_is_that_folders() {
    let one = |file: &str| mets(&[&[&format!("MAX a {file}")]], "");
    let project = with(&["v1/max/1.png", "v2/max/1.png", "c/t/1.png", "c/u/1.png", "s/w/1.png", "s/w/2.png"])
        .file("content/v1.xml", one("v1/max/1.png"))
        .file("content/v2.mets.xml", one("https://a.org/v2/1.png"))
        .file("content/c/first.xml", one("t/1.png"))
        .file("content/c/second.xml", one("u/1.png"))
        .file("content/s/w.mods", "<mods><titleInfo><title>W</title></titleInfo></mods>");
    let expected = ["c/t: t/1.png", "c/u: u/1.png", "s/w: w/1.png w/2.png", "v1: max/1.png", "v2: max/1.png"];
    assert_eq!(items(&project.plan()), expected);
    let site = project.built();
    assert_eq!(site.page_labels("c/u"), ["[1]"]);
    assert_eq!(site.json("s/w/manifest.json")["label"]["none"][0], "W");
}

#[test]
fn a_mets_that_cannot_be_read_any_more_makes_no_items_of_its_folders() {
    let list = mets(&[&["MAX a max/1.png"]], "");
    let project = with(&["a/max/1.png"]).file("content/a/mets.xml", &list);
    project.built();
    project.write("content/a/mets.xml", list.replace("</mets>", ""));
    project.build_with_failure();
    let site = project.site();
    assert!(site.has("a/manifest.json") && !site.has("a/max/manifest.json"));
}

#[test]
fn pages_of_opaque_lists_are_found_by_id_number_or_order_and_one_line_says_so() {
    let at = |id: &str, query: &str| format!("DEFAULT {id} https://a.org/show.php?{query}");
    let list = |files: &[String]| {
        let pages: Vec<Vec<&str>> = files.iter().map(|file| vec![file.as_str()]).collect();
        mets(&pages.iter().map(Vec::as_slice).collect::<Vec<_>>(), "")
    };
    let ids = list(&[at("B", "id=9"), at("A", "id=7")]);
    let numbers = list(&[at("u", "page=2"), at("v", "page=1")]);
    let order = list(&[at("u", "id=71"), at("v", "id=70")]);
    let named = list(&[at("u", "size=9&amp;img=x%2Fb.png"), at("v", "size=9&amp;img=x%2Fa.png")]);
    let none = list(&[at("u", "id=71")]);
    let logical = "<structMap TYPE='LOGICAL'><div><div ID='L' LABEL='Part'/></div></structMap><structLink><smLink \
        xlink:from='L' xlink:to='P0'/></structLink></mets>";
    let files = ["id/A.png", "id/B.png", "number/p_1_x.png", "number/p_2_x.png", "order/a.png", "order/b.png"];
    let project = with(&files)
        .file("content/named/a.png", page())
        .file("content/named/b.png", page())
        .file("content/none/a.png", page())
        .file("content/none/b.png", page())
        .file("content/id/mets.xml", ids)
        .file("content/number/mets.xml", numbers)
        .file("content/order/mets.xml", order.replace("</mets>", logical))
        .file("content/named/mets.xml", named)
        .file("content/none/mets.xml", none.replace("</mets>", logical));
    let planned = project.plan();
    assert!(planned.failures.is_empty(), "{:?}", planned.failures);
    let expected = [
        "id: id/B.png id/A.png",
        "named: named/b.png named/a.png",
        "none: none/a.png none/b.png",
        "number: number/p_2_x.png number/p_1_x.png",
        "order: order/a.png order/b.png",
    ];
    assert_eq!(items(&planned), expected);
    let told = told(&planned, "guessed-pages");
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[2].ends_with("2 pages are found by their numbers: \"show.php/page=2\" is \"p_2_x.png\""), "{told:?}");
    let site = project.built();
    let first = &site.json("order/manifest.json")["structures"][0]["items"][0]["id"];
    assert!(first.as_str().unwrap().ends_with("order/canvas/a"), "{first}");
    assert_eq!(site.page_labels("none"), ["a", "b"]);
    assert!(site.json("none/manifest.json").get("structures").is_none());
}

#[test]
fn a_page_that_an_opaque_list_withholds_is_not_guessed() {
    let rights = "<amdSec ID='A'><rightsMD><mdWrap><xmlData><RightsDeclarationMD><Context CONTEXTCLASS='GENERAL PUBLIC'>\
        <Permissions DISPLAY='false'/></Context></RightsDeclarationMD></xmlData></mdWrap></rightsMD></amdSec></mets>";
    let list = mets(&[&["MAX a https://a.org/71"], &["MAX b https://a.org/72"]], "");
    let list =
        list.replace("<div TYPE='page' ID='P1'", "<div TYPE='page' ID='P1' ADMID='A'").replace("</mets>", rights);
    let project = with(&["a/x.png", "a/y.png"]).file("content/a/mets.xml", list);
    project.build();
    assert_eq!(project.site().image_ids().len(), 0);
}

#[test]
fn contents_lead_to_the_file_that_the_mets_means() {
    let logical = "<structMap TYPE='LOGICAL'><div><div ID='L1' LABEL='Vol. 1'/><div ID='L2' LABEL='Vol. 2'/></div></structMap>\
        <structLink><smLink xlink:from='L1' xlink:to='P0'/><smLink xlink:from='L2' xlink:to='P1'/></structLink>";
    // The address of the first page is the token of the second.
    let list = mets(&[&["MAX a https://a.org/x/2"], &["MAX b https://a.org/x/3"]], logical);
    let project = with(&["a/data/1.png", "a/data/2.png"]).file("content/a/data/mets.xml", list);
    let site = project.built();
    let canvases = site.canvases("a");
    let parts = site.json("a/manifest.json")["structures"].as_array().unwrap().clone();
    let first = |part: &serde_json::Value| part["items"][0]["id"].clone();
    let leads: Vec<serde_json::Value> = parts.iter().map(first).collect();
    assert_eq!(leads, [canvases[0]["id"].clone(), canvases[1]["id"].clone()]);
}

#[test]
fn the_list_is_in_the_map_that_has_pages_whatever_the_file_and_the_map_are_called() {
    let list = mets(&[&["MAX a 2.png"], &["MAX b 1.png"]], "");
    let empty_before =
        list.replace("<structMap", "<structMap TYPE='physical'><div TYPE='book'/></structMap><structMap");
    let elsewhere = list.replace("TYPE='PHYSICAL'", "TYPE='Sequence'");
    let empty_behind = elsewhere.replace("</mets>", "<structMap TYPE='Physical'><div LABEL=''/></structMap></mets>");
    let shorter =
        "<structMap TYPE='physical'><div><div TYPE='page'><fptr FILEID='b'/></div></div></structMap><structMap";
    let cases = [
        ("a/x.mets", empty_before),
        ("b/mets.xml", empty_behind),
        ("c/c.METS", elsewhere),
        ("d/m.xml", list.replacen("<structMap", shorter, 1)),
    ];
    let mut project = Project::new();
    for (file, list) in cases {
        let folder = file.split('/').next().unwrap();
        project =
            project.file(&format!("content/{folder}/1.png"), page()).file(&format!("content/{folder}/2.png"), page());
        project = project.file(&format!("content/{file}"), list);
    }
    let expected = ["a: a/2.png a/1.png", "b: b/2.png b/1.png", "c: c/2.png c/1.png", "d: d/2.png d/1.png"];
    assert_eq!(items(&project.plan()), expected);
}

/// An issue with a page, its PDF, and what MODS says of both.
const ISSUE: &str = "<mets xmlns:xlink='x' LABEL='The Star, 2 May'><dmdSec ID='issueMods'><mdWrap><xmlData><mods>\
    <relatedItem type='host'><titleInfo><title>The Star</title></titleInfo><part><detail type='volume'><number>13</number>\
    </detail><detail type='issue'><number>7</number><caption>No. 7</caption></detail></part></relatedItem></mods></xmlData>\
    </mdWrap></dmdSec><dmdSec ID='pageMods1'><mdWrap><xmlData><mods><part><detail type='page number'><number>iv</number>\
    </detail></part><note>torn</note></mods></xmlData></mdWrap></dmdSec><dmdSec ID='targetMods1'><mdWrap><xmlData><mods>\
    <titleInfo><title>Target</title></titleInfo></mods></xmlData></mdWrap></dmdSec><fileSec><fileGrp><file ID='s' USE='service'>\
    <FLocat xlink:href='./0007.png'/></file><file ID='d'><FLocat xlink:href='./0007.pdf'/></file><file ID='e'>\
    <FLocat xlink:href='./0007-large.pdf'/></file></fileGrp></fileSec><structMap><div TYPE='np:issue' DMDID='issueMods'>\
    <div TYPE='np:page' DMDID='pageMods1'><fptr FILEID='s'/><fptr FILEID='d'/><fptr FILEID='e'/></div></div></structMap></mets>";

#[test]
fn what_a_mets_says_of_a_page_is_on_its_canvas_and_an_issue_has_its_numbers() {
    let project = with(&["a/0007.png"]).file("content/a/issue.xml", ISSUE).file("content/a/0007.pdf", "%PDF");
    let site = project.built();
    let manifest = site.json("a/manifest.json");
    assert_eq!(manifest["label"]["none"][0], "The Star, 2 May");
    let pair = |pairs: &serde_json::Value, label: &str| {
        let pairs = pairs.as_array().cloned().unwrap_or_default();
        let found = pairs.into_iter().find(|pair| pair["label"]["en"][0] == label);
        found.map(|pair| pair["value"]["none"][0].as_str().unwrap().to_owned())
    };
    assert_eq!(pair(&manifest["metadata"], "Volume").as_deref(), Some("13"));
    assert_eq!(pair(&manifest["metadata"], "Issue").as_deref(), Some("7"));
    assert_eq!(pair(&manifest["metadata"], "Part of").as_deref(), Some("The Star"));
    let canvas = &site.canvases("a")[0];
    assert_eq!(canvas["label"]["none"][0], "iv");
    assert_eq!(pair(&canvas["metadata"], "Note").as_deref(), Some("torn"));
    let renderings = canvas["rendering"].as_array().unwrap();
    assert!(renderings.len() == 1 && renderings[0]["id"].as_str().unwrap().ends_with("a/files/0007.pdf"));
    assert!(site.has("a/files/0007.pdf"));
}

#[test]
fn the_title_of_a_target_is_not_that_of_the_reel() {
    let reel = "<mets LABEL='Reel 12'><dmdSec ID='targetModsBib1'><mdWrap><xmlData><mods><titleInfo><title>Target</title>\
        </titleInfo></mods></xmlData></mdWrap></dmdSec><structMap><div TYPE='np:reel'><div TYPE='np:target'/></div></structMap></mets>";
    let project = with(&["reel/a/1.png"]).file("content/reel/reel.xml", reel);
    assert_eq!(project.built().json("reel/collection.json")["label"]["none"][0], "Reel 12");
}

#[test]
fn dublin_core_is_read_in_any_wrapper() {
    let dc = "<dc:title xmlns:dc='http://purl.org/dc/elements/1.1/'>Letters</dc:title><dc:date \
        xmlns:dc='http://purl.org/dc/elements/1.1/'>1912</dc:date>";
    let wrapped = [
        format!("<t:dublincore xmlns:t='http://purl.org/dc/terms/'>{dc}</t:dublincore>"),
        format!("<simpledc>{dc}</simpledc>"),
        format!("<record><header/><metadata><oai_dc:dc xmlns:oai_dc='o'>{dc}</oai_dc:dc></metadata></record>"),
        dc.to_owned(),
    ];
    for record in wrapped {
        let section = format!("<dmdSec ID='d'><mdWrap><xmlData>{record}</xmlData></mdWrap></dmdSec><fileSec");
        let list = mets(&[&["MAX a 1.png"]], "").replacen("<fileSec", &section, 1);
        let site = with(&["a/1.png"]).file("content/a/mets.xml", list).built();
        let manifest = site.json("a/manifest.json");
        assert_eq!(manifest["label"]["none"][0], "Letters", "{record}");
        assert_eq!(manifest["metadata"].as_array().unwrap().len(), 1, "{record}");
    }
}

#[test]
fn xml_beside_an_image_describes_the_page_or_is_one_note() {
    let mods = |title: &str| format!("<mods><titleInfo><title>{title}</title></titleInfo><note>torn</note></mods>");
    let project = with(&["a/1.png", "a/2.png", "a/3.png", "b/1.png", "b/2.png", "c/1.png", "d/1.png", "d/2.png"])
        .file("content/a/1.xml", "<mix xmlns='http://www.loc.gov/mix/v20'/>")
        .file("content/a/2.xml", "<m:mix xmlns:m='http://www.loc.gov/mix/v20'/>")
        .file("content/a/2.txt", "Dear")
        .file("content/a/3.jpylyzer.xml", "<jpylyzer/>")
        .file("content/b/1.xml", mods("One"))
        .file("content/b/2_mods.xml", mods("Two"))
        .file("content/c/1.tif.xml", "<TEI><teiHeader/></TEI>")
        .file("content/e/1.png", page())
        .file("content/e/1.xml", mods("Whole"))
        .file("content/d/1.mods", mods("One").replace("<note>", "<accessCondition>closed</accessCondition><note>"))
        .file("content/d/2.dc", "<dc xmlns:d='http://purl.org/dc/elements/1.1/'><d:title>Two</d:title></dc>");
    let planned = project.plan();
    assert!(planned.failures.is_empty(), "{:?}", planned.failures);
    let notes = told(&planned, "sidecar");
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert!(notes.iter().any(|note| note.starts_with("2 files beside images are MIX, such as \"1.xml\"")), "{notes:?}");
    let site = project.built();
    assert_eq!(site.page_labels("b"), ["One", "Two"]);
    assert_eq!(site.canvases("b")[0]["metadata"][0]["value"]["none"][0], "torn");
    assert!(site.has("a/text/2.txt") && !site.has("a/text/1.xml") && !site.has("a/text/2.xml"));
    assert_eq!(site.page_labels("d"), ["Two"]);
    assert_eq!(site.json("e/manifest.json")["label"]["none"][0], "Whole");
    assert_eq!(site.page_labels("e"), ["1"]);
}
