//! Work that must not grow with the square of what a file or a folder holds.

use super::{assert_built, assert_refused, assert_soon, build, project};
use crate::draw::{page, png};
use crate::project::Project;
use crate::tiff;
use image::GrayImage;
use std::fmt::Write;

/// `count` parts, each made of its number.
fn parts(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

fn with(path: &str, text: impl AsRef<[u8]>) -> Project {
    project().file("content/a/1.png", page()).file(path, text)
}

#[test]
fn a_bag_may_have_any_number_of_labels() {
    let labels = |count| parts(count, |at| format!("Label-{at}: {at}\n"));
    let again = |count| parts(count, |at| format!("Label-{}: {at}\n", at % 100));
    let continued = |count| format!("Label: x\n{}", parts(count, |_| " and more words of the same value\n".into()));
    let bag = |text| with("content/a/bag-info.txt", text).file("content/a/bagit.txt", "BagIt-Version: 1.0\n");
    for (name, text) in [("labels", labels(20_000)), ("again", again(45_000)), ("continued", continued(200_000))] {
        assert_built(name, &bag(text));
    }
    assert_refused(&bag(labels(100_000)), "content/a", "200000 labels");
}

/// A METS of pages without images and of parts, each linked to some pages.
fn mets(pages: usize, ranges: &str, links: &str) -> String {
    format!(
        "<mets xmlns:xlink='http://www.w3.org/1999/xlink'><fileSec><fileGrp USE='DEFAULT'><file ID='f' MIMETYPE='image/png'>\
         <FLocat xlink:href='1.png'/></file>{}</fileGrp></fileSec>\
         <structMap TYPE='PHYSICAL'><div ID='whole'><div TYPE='page' ID='p'><fptr FILEID='f'/></div>{}</div></structMap>\
         <structMap TYPE='LOGICAL'><div ID='root' LABEL='Book'>{ranges}</div></structMap><structLink>{links}</structLink></mets>",
        parts(pages, |at| {
            format!("<file ID='f{at}' MIMETYPE='image/png'><FLocat xlink:href='scan_{at:05}.png'/></file>")
        }),
        parts(pages, |at| format!("<div TYPE='page' ID='p{at}' ORDER='{at}'><fptr FILEID='f{at}'/></div>")),
    )
}

#[test]
fn a_mets_may_have_any_number_of_parts_and_pages() {
    let flat = parts(20_000, |at| format!("<div ID='l{at}' LABEL='Part {at}'/>"));
    let links = parts(20_000, |at| format!("<smLink xlink:from='l{at}' xlink:to='p{at}'/>"));
    let usage = build(&with("content/a/mets.xml", mets(20_000, &flat, &links)));
    assert_soon("one page each", &usage);
    let by_file = parts(20_000, |at| format!("<div LABEL='Part {at}'><fptr FILEID='f{at}'/></div>"));
    assert_soon("by file", &build(&with("content/a/mets.xml", mets(20_000, &by_file, ""))));
    let nested = (0..150).fold(String::new(), |inner, at| format!("<div ID='l{at}' LABEL='{at}'>{inner}</div>"));
    let links = parts(150, |at| format!("<smLink xlink:from='l{at}' xlink:to='whole'/>"));
    assert_soon("nested", &build(&with("content/a/mets.xml", mets(5_000, &nested, &links))));
}

#[test]
fn a_description_may_have_any_number_of_ranges_missing_pages_and_layers() {
    let ranges = parts(10_000, |at| format!("[[structures]]\nlabel = \"Part {at}\"\npages = [\"{at:05}.png\"]\n"));
    let missing = parts(10_000, |at| format!("[pages.\"{at:05}.png\"]\nmissing = true\nlabel = \"{at}\"\n"));
    assert_soon("ranges", &build(&with("content/a/item.toml", ranges + &missing)));
    let details = parts(2_000, |at| {
        format!("details = [{{ file = \"d{at}.png\", label = \"{at}\", at = [1, 1, 2, 2] }}]\n[pages.\"p{at}.png\"]\n")
    });
    let details = format!("[pages.\"1.png\"]\n{details}");
    let project = with("content/a/item.toml", details);
    for at in 0..2_000 {
        project.write(&format!("content/a/d{at}.png"), png(GrayImage::new(2, 2)));
        project.write(&format!("content/a/p{at}.png"), png(GrayImage::new(4, 4)));
    }
    assert_soon("details", &build(&project));
}

#[test]
fn a_table_may_have_any_number_of_rows_for_one_item() {
    let pages = |file: &dyn Fn(usize) -> String| {
        format!("item,page,file\n{}", parts(50_000, |at| format!("a,{at},{}\n", file(at))))
    };
    assert_soon("absent", &build(&with("content/pages.csv", pages(&|at| format!("{at}.png")))));
    let same = format!("item,file\n{}", parts(1_000, |_| "a,1.png\n".into()));
    assert_soon("same", &build(&with("content/pages.csv", same)));
    let children = parts(50_000, |at| format!("p{at},a,{at}.png\n"));
    assert_soon("children", &build(&with("content/items.csv", format!("id,parent_id,file\na,,\n{children}"))));
    let values = parts(200_000, |at| format!("tag {at}|"));
    assert_soon("values", &build(&with("content/items.csv", format!("id,Subject\na,{values}\n"))));
    let header = parts(16_000, |at| format!(",c{at}"));
    let row = parts(16_000, |at| format!(",{at}"));
    assert_soon("columns", &build(&with("content/items.csv", format!("id{header}\na{row}\n"))));
}

#[test]
fn markup_in_a_value_is_read_in_linear_time_or_shown_as_it_is() {
    for (name, value) in [
        ("unclosed", "<a><b>".repeat(35_000)),
        ("misnested", "<b><p></b></p><i>".repeat(12_000)),
        ("attributes", format!("<b{}>x</b>", parts(30_000, |at| format!(" a{at}")))),
        ("spread", parts(15_000, |at| format!("<p><b c={at}></p>"))),
        ("tables", "<table><b>x".repeat(20_000)),
        ("lists", "<ul><li><i>".repeat(20_000)),
        ("entities", "&amp".repeat(50_000)),
    ] {
        assert_built(name, &with("content/a/item.toml", format!("summary = '<i>x</i> {value}'\n")));
    }
}

#[test]
fn a_tiff_may_have_thousands_of_pages() {
    let small = GrayImage::new(8, 8);
    for (pages, little_endian) in [(6_000, true), (1_500, false)] {
        let pages: Vec<_> = (0..pages).map(|_| tiff::Page::grey(&small)).collect();
        let project = project().file("content/a/1.tif", tiff::encode(&pages, little_endian));
        let usage = build(&project);
        println!("{} pages: {:?}", pages.len(), usage.computing);
        assert_eq!(usage.code, Some(0), "{}", usage.said);
        // Each page is an image, with files of its own.
        assert!(usage.computing.as_millis() < 15 * pages.len() as u128, "{:?}", usage.computing);
    }
}

#[test]
fn annotations_may_be_many() {
    let rows = parts(30_000, |at| format!("1.png,\"{at},1,2,2\",note {at}\n"));
    let project = with("content/a/notes.csv", format!("page,xywh,text\n{rows}"))
        .file("content/a/item.toml", "annotations = [\"notes.csv\"]\n");
    assert_built("table", &project);
    let body = |at| {
        format!("{{\"type\":\"Annotation\",\"body\":{{\"value\":\"{at}\"}},\"target\":\"{at}.png#xywh=1,1,2,2\"}}")
    };
    let list = (0..50_000).map(body).collect::<Vec<_>>().join(",");
    let project = with("content/a/notes.json", format!("[{list}]"))
        .file("content/a/item.toml", "annotations = [\"notes.json\"]\n");
    assert_built("list", &project);
    let files: Vec<String> = (0..2_000).map(|at| format!("\"n{at}.csv\"")).collect();
    let project = with("content/a/item.toml", format!("annotations = [{}]\n", files.join(", ")));
    for at in 0..2_000 {
        project.write(&format!("content/a/n{at}.csv"), "page,text\n1.png,x\n");
    }
    assert_built("files", &project);
}

#[test]
fn texts_of_pages_may_be_long_deep_and_many() {
    let words = parts(100_000, |at| {
        format!(
            "<String ID='s{at}' STYLEREFS='t{at}' HPOS='{}' VPOS='1' WIDTH='9' HEIGHT='9' CONTENT='w{at}'/>",
            at % 90
        )
    });
    let styles = parts(20_000, |at| format!("<TextStyle ID='t{at}' FONTFAMILY='f{at}' FONTSIZE='{}'/>", at % 40));
    let alto = format!(
        "<alto><Styles>{styles}</Styles><Layout><Page WIDTH='200' HEIGHT='100'><PrintSpace><TextBlock><TextLine>{words}</TextLine>\
         </TextBlock></PrintSpace></Page></Layout></alto>"
    );
    assert_soon("alto", &build(&with("content/a/1.xml", alto)));
    let nested = format!("<p class='ocr_page'>{}", "<span class='ocr_line'><span class='ocrx_word'>x".repeat(240));
    assert_soon("hocr", &build(&with("content/a/1.hocr", nested.repeat(40))));
    let open = "<span class='ocr_line'>x</div></p>".repeat(100_000);
    assert_soon("ends", &build(&with("content/a/1.hocr", format!("<p class='ocr_page'>{}{open}", "<i>".repeat(400)))));
    assert_soon("line", &build(&with("content/a/1.txt", "word ".repeat(2_000_000))));
    let hyphens = "hy-\n".repeat(500_000);
    assert_soon("hyphens", &build(&with("content/a/1.txt", hyphens)));
}

#[test]
fn a_finding_aid_may_have_any_number_of_components() {
    let note = "x".repeat(5_000);
    let head = format!(
        "<did><unittitle>Top</unittitle><repository>R</repository></did><accessrestrict><p>{note}</p></accessrestrict>"
    );
    let flat = parts(30_000, |at| format!("<c id='c{at}'><did><unittitle>File {at}</unittitle></did></c>"));
    let ead = format!("<ead><archdesc>{head}<dsc>{flat}</dsc></archdesc></ead>");
    assert_soon("flat", &build(&with("content/ead.xml", ead)));
    let title = "t".repeat(9_000);
    let leaves = parts(20_000, |at| format!("<c id='c{at}'><did><unittitle>{at}</unittitle></did></c>"));
    let deep = (0..22)
        .fold(leaves, |inner, at| format!("<c id='d{at}'><did><unittitle>{title}{at}</unittitle></did>{inner}</c>"));
    assert_soon(
        "deep",
        &build(&with("content/ead.xml", format!("<ead><archdesc>{head}<dsc>{deep}</dsc></archdesc></ead>"))),
    );
}

#[test]
fn static_files_and_folders_may_be_many() {
    let project = project();
    for at in 0..10_000 {
        project.write(&format!("static/f/{at}.txt"), "x");
        project.write(&format!("content/note-{at}.txt"), "x");
    }
    for at in 0..3_000 {
        super::link(&project, "good", &format!("content/l{at}"));
    }
    assert_built("many", &project);
}

#[test]
fn prefixes_of_xml_are_not_multiplied() {
    let declare = |at: usize| format!("<a xmlns:n{at}='u{at}'>");
    let nested = format!("{}{}", parts(4_000, declare), "</a>".repeat(4_000));
    assert_refused(&with("content/a/mods.xml", format!("<mods>{nested}</mods>")), "content/a/mods.xml", "nested");
    let many = |at: usize| format!(" xmlns:n{at}='u{at}'");
    let level = |at: usize| format!("<a{}>", parts(900, |inner| many(1000 * at + inner)));
    let wide = format!("<mods>{}{}</mods>", parts(100, level), "</a>".repeat(100));
    assert_refused(&with("content/a/mets.xml", wide), "content/a/mets.xml", "reading it takes");
    let inside = format!("<mods{}>{}</mods>", parts(900, many), "<b xmlns:x='y'/>".repeat(20_000));
    assert_refused(&with("content/a/mods.xml", inside), "content/a/mods.xml", "reading it takes");
    let attributes = parts(900, |at| format!(" a{at}=''"));
    let crowded = format!("<mods>{}</mods>", format!("<b{attributes}/>").repeat(2_000));
    assert_refused(&with("content/a/mods.xml", crowded), "content/a/mods.xml", "reading it takes");
    let prefixed = parts(900, |at| format!(" n{at}:a=''"));
    let looked_up = format!("<mods{}>{}</mods>", parts(900, many), format!("<b{prefixed}/>").repeat(500));
    assert_refused(&with("content/a/mods.xml", looked_up), "content/a/mods.xml", "reading it takes");
    let ordinary = parts(20_000, |at| format!("<note xmlns='http://www.loc.gov/mods/v3' type='t'>{at}</note>"));
    assert_soon(
        "ordinary",
        &build(&with("content/a/mods.xml", format!("<mods xmlns='http://www.loc.gov/mods/v3'>{ordinary}</mods>"))),
    );
}

#[test]
fn settings_and_descriptions_are_read_in_linear_time() {
    let mut text = String::from("label = \"A\"\n");
    for at in 0..20_000 {
        write!(text, "[[metadata]]\nlabel = \"l{at}\"\nvalue = \"v{at}\"\n").unwrap();
    }
    assert_built("pairs", &with("content/a/item.toml", text));
    let keys = format!("label = \"A\"\n{} = 1\n", "a.".repeat(100_000) + "a");
    assert_soon("dotted", &build(&with("content/a/item.toml", keys)));
    assert_soon("table", &build(&with("content/a/item.toml", format!("[{}a]\n", "a.".repeat(100_000)))));
    assert_soon("brackets", &build(&with("content/a/item.toml", format!("label = {}\n", "[".repeat(100_000)))));
    assert_soon("json", &build(&with("content/a/manifest.extra.json", format!("{{\"a\":{}", "[".repeat(100_000)))));
    let many = parts(20_000, |at| format!("[targets.t{at}]\nurl = \"file:///tmp/{at}\"\n"));
    assert_soon("targets", &build(&with("iiif-build.toml", many)));
}
