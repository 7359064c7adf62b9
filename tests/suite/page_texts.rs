//! The texts of pages as their files lie in folders: one for each page, or one for all pages of a book; of images that are
//! stored turned; of empty pages; and damaged ones.

use crate::draw::{colour, grey, jpeg_with_orientation, page};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use crate::tiff;
use iiif_build::build::Report;
use serde_json::Value;
use std::fs;

/// What is written on the pages of an item, each with its target on the canvas; `-`: no text.
fn written(site: &Site, item: &str) -> Vec<String> {
    let of_canvas = |canvas: &Value| {
        let page = canvas["annotations"].as_array().and_then(|pages| pages.first()).map(|page| page["id"].clone());
        let Some(Value::String(id)) = page else { return "-".to_owned() };
        let document = site.json(&site.path_of(&id).unwrap());
        let annotations = document["items"].as_array().unwrap().clone();
        let one = |annotation: &Value| {
            let target = annotation["target"].as_str().unwrap();
            let place = target.split_once("#xywh=").map_or("", |(_, place)| place);
            format!("{} {place}", annotation["body"]["value"].as_str().unwrap().trim()).trim().to_owned()
        };
        annotations.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    site.canvases(item).iter().map(of_canvas).collect()
}

fn warnings(report: &Report) -> Vec<String> {
    let of_texts = report.warnings().filter(|warning| warning.code.name() == "page-text");
    of_texts.map(|warning| warning.message.clone()).collect()
}

/// Pages of 300 by 200 pixels.
fn images(names: &[&str]) -> Project {
    names.iter().fold(Project::new(), |project, name| project.file(&format!("content/a/{name}"), page()))
}

fn object(name: &str, word: &str) -> String {
    format!(
        "<OBJECT width='600' height='400'><PARAM name='PAGE' value='{name}'/><HIDDENTEXT><PAGECOLUMN><REGION><PARAGRAPH><LINE>\
         <WORD coords='20,60,100,20,55'>{word}</WORD></LINE></PARAGRAPH></REGION></PAGECOLUMN></HIDDENTEXT></OBJECT>\n"
    )
}

fn djvu(objects: &str) -> String {
    format!(
        "<?xml version='1.0'?>\n<!DOCTYPE DjVuXML PUBLIC 'a' 'b'>\n<DjVuXML><HEAD/><BODY>\n{objects}</BODY></DjVuXML>"
    )
}

fn hocr(pages: &[(&str, &str)]) -> String {
    let page = |(title, word): &(&str, &str)| {
        format!(
            "<div class='ocr_page' title='{title}bbox 0 0 600 400'><span class='ocr_line' title='bbox 20 20 100 60'>\
             <span class='ocrx_word' title='bbox 20 20 100 60'>{word}</span></span></div>"
        )
    };
    format!("<!DOCTYPE html><html><body>{}</body></html>", pages.iter().map(page).collect::<String>())
}

fn alto(width: u32, height: u32, line: &str) -> String {
    format!(
        "<alto><Description><MeasurementUnit>pixel</MeasurementUnit></Description><Layout><Page WIDTH='{width}' HEIGHT='{height}'>\
         <PrintSpace><TextBlock>{line}</TextBlock></PrintSpace></Page></Layout></alto>"
    )
}

fn words(words: &[(&str, [u32; 4])]) -> String {
    let word = |(text, [x, y, width, height]): &(&str, [u32; 4])| {
        format!("<String CONTENT='{text}' HPOS='{x}' VPOS='{y}' WIDTH='{width}' HEIGHT='{height}'/>")
    };
    format!("<TextLine>{}</TextLine>", words.iter().map(word).collect::<Vec<_>>().join("<SP/>"))
}

#[test]
fn djvuxml_is_the_text_of_a_page_with_its_boxes() {
    let site = images(&["1.png", "2.png"])
        .file("content/a/1.xml", djvu(&object("x.djvu", "Ellis")))
        .file("content/a/2.xml", djvu(""))
        .built();
    assert_proven(&site);
    assert_eq!(written(&site, "a"), ["Ellis 10,10,40,20", "-"]);
    let original = &site.canvases("a")[0]["seeAlso"][0];
    assert_eq!((&original["format"], &original["label"]["none"][0]), (&"application/xml".into(), &"DjVuXML".into()));
    assert!(!site.has("a/text/2.xml") && !site.has("a/text/2.txt"), "nothing stands on the second page");
}

#[test]
fn the_pages_of_a_book_in_one_file_get_their_texts_by_the_names_of_their_images() {
    let names = ["book_0001.png", "book_0002.png", "book_0003.png"];
    let by_name = [("image \"/tmp/x/book_0003.jp2\"; ", "three"), ("image \"book_0001.jp2\"; ", "one")];
    for (file, text) in [
        ("book_hocr.html", hocr(&by_name)),
        ("book_djvu.xml", djvu(&[object("book_0003.djvu", "three"), object("BOOK_0001.djvu", "one")].concat())),
    ] {
        let site = images(&names).file(&format!("content/a/{file}"), text).built();
        assert_proven(&site);
        assert_eq!(written(&site, "a"), ["one 10,10,40,20", "-", "three 10,10,40,20"], "{file}");
        assert_eq!(site.text("a/text.txt"), "one\n\u{c}three\n");
        assert!(!site.files("a").iter().any(|name| name.ends_with("hocr")), "no page has the whole file beside it");
    }
}

#[test]
fn without_names_the_numbers_of_pages_decide_and_then_their_order() {
    let names = ["1.png", "2.png", "3.png"];
    let numbered = hocr(&[("ppageno 2; ", "three"), ("ppageno 0; ", "one")]);
    let site = images(&names).file("content/a/all.hocr", numbered).built();
    assert_eq!(written(&site, "a"), ["one 10,10,40,20", "-", "three 10,10,40,20"]);
    let page = |word| alto(600, 400, &words(&[(word, [20, 20, 80, 40])]));
    let inner = |word| page(word).split_once("<Layout>").unwrap().1.split_once("</Layout>").unwrap().0.to_owned();
    let pages: String = ["one", "two", "three"].map(inner).concat();
    let in_order = format!("<alto><Layout>{pages}</Layout></alto>");
    for (file, text) in [("whole.xml", in_order.as_str()), ("whole.txt", "one\u{c}two\n\u{c}three")] {
        let site = images(&names).file(&format!("content/a/{file}"), text).built();
        let texts: Vec<String> = (1..4).map(|page| site.text(&format!("a/text/{page}.txt"))).collect();
        assert_eq!(texts, ["one\n", "two\n", "three\n"], "{file}");
    }
}

#[test]
fn each_image_of_a_tiff_with_several_has_its_text() {
    let scan = tiff::encode(&[tiff::Page::grey(&grey(300, 200)), tiff::Page::grey(&grey(300, 200))], true);
    let text = hocr(&[("image \"scan.tif\"; ppageno 0; ", "one"), ("image \"scan.tif\"; ppageno 1; ", "two")]);
    let site = Project::new().file("content/a/scan.tif", scan).file("content/a/scan.hocr", text).built();
    assert_proven(&site);
    assert_eq!(written(&site, "a"), ["one 10,10,40,20", "two 10,10,40,20"]);
}

#[test]
fn volumes_have_their_own_books_and_pages_their_own_texts_first() {
    let site = images(&["v1_1.png", "v1_2.png", "v2_1.png", "v2_2.png"])
        .file("content/a/item.toml", "page-pattern = '(?<page>.+)'\n")
        .file("content/a/v1_hocr.html", hocr(&[("", "a"), ("", "b")]))
        .file("content/a/v2_hocr.html", hocr(&[("", "c"), ("", "d")]))
        .file("content/a/v2_2.txt", "by hand")
        .built();
    assert_eq!(written(&site, "a"), ["a 10,10,40,20", "b 10,10,40,20", "c 10,10,40,20", "by hand"]);
}

#[test]
fn a_book_that_does_not_fit_is_told_and_not_used() {
    let project = images(&["1.png", "2.png"]).file("content/a/all.hocr", hocr(&[("", "a"), ("", "b"), ("", "c")]));
    let found = warnings(&project.build());
    assert!(found.len() == 1 && found[0].contains("3 texts") && found[0].contains("2 images"), "{found:?}");
    assert_eq!(written(&project.site(), "a"), ["-", "-"]);
    let before = project.site().times("a");
    let report = project.build();
    assert_eq!((report.written, project.site().times("a")), (0, before), "the second build writes nothing");
    project.write("content/a/all.hocr", hocr(&[("ppageno 0; ", "a"), ("ppageno 0; ", "x"), ("ppageno 1; ", "b")]));
    let found = warnings(&project.build());
    assert!(found.len() == 1 && found[0].contains("page 1 twice"), "{found:?}");
    assert_eq!(written(&project.site(), "a"), ["a 10,10,40,20", "b 10,10,40,20"]);
}

#[test]
fn what_is_left_of_a_damaged_book_is_read_and_the_damage_is_told_with_its_line() {
    let whole = djvu(&["1", "2", "3"].map(|page| object(&format!("{page}.djvu"), page)).concat());
    let project = images(&["1.png", "2.png", "3.png"])
        .file("content/a/book_djvu.xml", &whole[..whole.find("<PARAM name='PAGE' value='3").unwrap()]);
    let failure = project.build_with_failure();
    assert!(failure.to_string().contains("book_djvu.xml:6:1: the file is cut off"), "{failure}");
    assert_eq!(written(&project.site(), "a"), ["1 10,10,40,20", "2 10,10,40,20", "-"]);
    project.write("content/a/book_djvu.xml", whole.replace(">2</WORD>", ">&two;</WORD>"));
    let failure = project.build_with_failure();
    assert!(failure.to_string().contains("book_djvu.xml:5:"), "{failure}");
    assert_eq!(written(&project.site(), "a"), ["1 10,10,40,20", "-", "3 10,10,40,20"]);
}

#[test]
fn a_withheld_page_of_a_book_keeps_its_words_for_itself() {
    let text = |names: [&str; 3]| hocr(&[(names[0], "one"), (names[1], "Sesame"), (names[2], "three")]);
    let project = |text| {
        images(&["1.png", "2.png", "3.png"])
            .file("content/a/item.toml", "[pages.'2.png']\npublish = false\n")
            .file("content/a/all.hocr", text)
    };
    let named = project(text(["image \"1.png\"; ", "image \"2.png\"; ", "image \"3.png\"; "]));
    named.build();
    assert_eq!(written(&named.site(), "a"), ["one 10,10,40,20", "three 10,10,40,20"]);
    let in_order = project(text(["ppageno 0; ", "ppageno 1; ", "ppageno 2; "]));
    in_order.build();
    assert_eq!(written(&in_order.site(), "a"), ["-", "-"], "places say nothing");
    for project in [named, in_order] {
        let files = project.site().files("");
        let is_revealing =
            |file: &&String| fs::read(project.public().join(file)).unwrap().windows(6).any(|w| w == b"Sesame");
        assert_eq!(files.iter().find(is_revealing), None);
    }
}

#[test]
fn texts_of_pages_that_are_not_there_are_those_of_no_other_page() {
    let project = images(&["1.png"]).file("content/a/2.xml", alto(600, 400, &words(&[("two", [20, 20, 80, 40])])));
    let site = project.built();
    assert_eq!(written(&site, "a"), ["-"]);
}

#[test]
fn an_empty_page_has_no_text_in_any_form() {
    let project = images(&["1.png", "2.png"])
        .file("content/a/1.xml", alto(600, 400, &words(&[("one", [20, 20, 80, 40])])))
        .file("content/a/2.xml", alto(600, 400, ""));
    let site = project.built();
    assert_proven(&site);
    let blank = &site.canvases("a")[1];
    assert!(blank.get("annotations").is_none() && blank.get("rendering").is_none() && blank.get("seeAlso").is_none());
    for file in ["annotations/2.json", "text/2.txt", "text/2.xml"] {
        assert!(!site.has(&format!("a/{file}")), "{file}");
        assert!(site.has(&format!("a/{}", file.replace('2', "1"))), "{file}");
    }
    assert_eq!(project.build().written, 0, "the second build writes nothing");
    project.write("content/a/1.xml", alto(600, 400, ""));
    let site = project.built();
    assert_proven(&site);
    assert!(!site.has("a/text/1.txt") && !site.has("a/annotations/1.json") && !site.has("a/text.txt"));
    project.write("content/a/2.xml", alto(600, 400, &words(&[("two", [20, 20, 80, 40])])));
    assert_eq!(written(&project.built(), "a"), ["-", "two 10,10,40,20"]);
}

#[test]
fn boxes_that_were_made_before_the_page_was_turned_are_turned_with_it() {
    let upright = colour(200, 300);
    let of = |orientation: u8, text: String| {
        let project = Project::new()
            .file("content/a/1.jpg", jpeg_with_orientation(&upright, orientation))
            .file("content/a/1.xml", text);
        let found = warnings(&project.build());
        (written(&project.site(), "a").remove(0), found)
    };
    let sideways = [("one", [10, 20, 5, 40]), ("two", [10, 80, 5, 40])];
    let flat = [("one", [10, 20, 40, 5]), ("two", [60, 20, 40, 5])];
    // Stored, the page lies on its side: 300 by 200.
    assert_eq!(of(6, alto(300, 200, &words(&sideways))), ("one two 80,10,100,5".into(), vec![]));
    assert_eq!(of(8, alto(600, 400, &words(&flat))).0, "one two 10,250,3,45");
    assert_eq!(of(6, alto(200, 300, &words(&flat))), ("one two 10,20,90,5".into(), vec![]));
    // Upside down, the sizes are the same.
    let to_the_left = [("one", [150, 20, 40, 5]), ("two", [100, 20, 40, 5])];
    assert_eq!(of(3, alto(200, 300, &words(&to_the_left))), ("one two 10,275,90,5".into(), vec![]));
    assert_eq!(of(3, alto(200, 300, &words(&flat))), ("one two 10,20,90,5".into(), vec![]));
    let (without_box, found) = of(3, alto(200, 300, &words(&flat[..1])));
    assert_eq!(without_box, "one");
    assert!(found.len() == 1 && found[0].contains("before or after"), "{found:?}");
    let said = alto(200, 300, &words(&flat[..1])).replace("<Page ", "<Page ROTATION='180' ");
    assert_eq!(of(3, said), ("one 150,275,40,5".into(), vec![]));
}

#[test]
fn the_xml_of_finereader_and_tei_with_zones_are_texts_of_pages() {
    let signs = |word: &str| {
        let sign = |(place, sign): (usize, char)| {
            let left = 20 + 10 * place;
            format!("<charParams l='{left}' t='20' r='{}' b='60'>{sign}</charParams>", left + 10)
        };
        word.chars().enumerate().map(sign).collect::<String>()
    };
    let page = |word: &str| {
        format!(
            "<page width='600' height='400'><block blockType='Text'><text><par><line><formatting lang='EnglishUnitedStates'>{}\
             </formatting></line></par></text></block></page>",
            signs(word)
        )
    };
    let abbyy = format!(
        "<document xmlns='http://www.abbyy.com/FineReader_xml/x.xml'>{}{}</document>",
        page("ab cd"),
        page("ef")
    );
    let site = images(&["1.png", "2.png"]).file("content/a/book_abbyy.xml", abbyy).built();
    assert_eq!(written(&site, "a"), ["ab cd 10,10,25,20", "ef 10,10,10,20"]);
    let surface = |number: u32| {
        format!(
            "<surface><graphic url='{number}.png' width='600px' height='400px'/>\
             <zone xml:id='z{number}' ulx='20' uly='20' lrx='100' lry='60'/></surface>"
        )
    };
    let lines = "<p><lb facs='#z1'/>one<lb facs='#z2'/>two</p>";
    let tei =
        format!("<TEI><facsimile>{}{}</facsimile><text><body>{lines}</body></text></TEI>", surface(1), surface(2));
    let site = images(&["1.png", "2.png"]).file("content/a/edition.xml", tei).built();
    assert_eq!(written(&site, "a"), ["one 10,10,40,20", "two 10,10,40,20"]);
}
