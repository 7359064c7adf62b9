//! What is withheld is nowhere in the published tree: every byte of it is searched for a word, and every picture for a
//! colour, that only withheld things have. The same archive made public first shows that the search finds them.

use crate::archive::assert_as_clean;
use crate::draw::{self, page, png};
use crate::pdf::reader::Pdf;
use crate::project::Project;
use crate::recorded::wav;
use crate::site::Site;
use crate::tiff;
use crate::told::Told;
use image::{GenericImageView, Rgb, RgbImage};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;

/// In all that is withheld that has words.
pub const WORD: &str = "sesame";

/// The picture of all that is withheld and has one.
pub fn secret() -> RgbImage {
    RgbImage::from_pixel(150, 100, Rgb([255, 0, 255]))
}

pub fn alto(word: &str) -> String {
    format!(
        "<alto><Layout><Page WIDTH='300' HEIGHT='200'><PrintSpace><TextBlock><TextLine HPOS='10' VPOS='10' WIDTH='90' HEIGHT='20'>\
         <String CONTENT='{word}' HPOS='10' VPOS='10' WIDTH='90' HEIGHT='20'/></TextLine></TextBlock></PrintSpace></Page></Layout></alto>"
    )
}

/// Of five pages, the last of which is not there, and a PDF of the whole.
const METS: &str = "<mets xmlns:xlink='http://www.w3.org/1999/xlink'><fileSec><fileGrp USE='MASTER'>
<file ID='f1'><FLocat LOCTYPE='URL' xlink:href='1.png'/></file><file ID='f2'><FLocat LOCTYPE='URL' xlink:href='2.png'/></file>
<file ID='f3'><FLocat LOCTYPE='URL' xlink:href='3.png'/></file><file ID='f4'><FLocat LOCTYPE='URL' xlink:href='4.png'/></file>
<file ID='f5'><FLocat LOCTYPE='URL' xlink:href='5.png'/></file></fileGrp>
<fileGrp USE='DOWNLOAD'><file ID='pdf' MIMETYPE='application/pdf'><FLocat LOCTYPE='URL' xlink:href='whole.pdf'/></file></fileGrp>
</fileSec><structMap TYPE='PHYSICAL'><div TYPE='physSequence'><fptr FILEID='pdf'/>
<div TYPE='page' ORDERLABEL='i'><fptr FILEID='f1'/></div><div TYPE='page' ORDERLABEL='Sesame ii'><fptr FILEID='f2'/></div>
<div TYPE='page' ORDERLABEL='iii'><fptr FILEID='f3'/></div><div TYPE='page' ORDERLABEL='Sesame iv'><fptr FILEID='f4'/></div>
<div TYPE='page' ORDERLABEL='Sesame v'><fptr FILEID='f5'/></div></div></structMap></mets>";

const LETTERS: &str = r#"
label = "Letters"
start = "2"
annotations = ["notes.csv", "web.json"]
[pages."1.png"]
[pages."2.png"]
WITHHELD
see-also = { file = "sesame.txt" }
[pages."3.png"]
layers = [{ file = "3_ir.png", label = "Infrared" }]
[pages."3_ir.png"]
WITHHELD
[pages."4.png"]
EMBARGO
label = "Sesame"
layers = [{ file = "4_uv.png", label = "Sesame" }]
details = [{ file = "4_detail.png", at = [1, 2, 30, 40] }]
placeholder = "4_closed.png"
[pages."5.png"]
WITHHELD
[[structures]]
label = "Of the sesame"
pages = ["2"]
thumbnail = "cover.png"
[[structures]]
label = "All"
pages = ["1", "2", "3"]
[[structures.structures]]
label = "Sesame again"
pages = ["4"]
"#;

const WEB_ANNOTATIONS: &str = r#"[
    { "body": { "type": "TextualBody", "value": "on sesame and more" },
      "target": [{ "type": "Canvas", "id": "https://scans.example.org/archive/a/canvas/1" }, "2.png"] },
    { "body": { "type": "TextualBody", "value": "of a part of sesame" },
      "target": { "source": "4.png", "selector": { "type": "PointSelector", "x": 1, "y": 2 } } },
    { "body": { "type": "TextualBody", "value": "on the open leaf" }, "target": "1.png#xywh=1,2,3,4" }
]"#;

/// The words `WITHHELD` and `EMBARGO` in descriptions become such lines, or nothing.
fn described(text: &str, is_withheld: bool) -> String {
    let (withheld, embargo) = if is_withheld { ("publish = false", "embargo = 2999-01-01") } else { ("", "") };
    text.replace("WITHHELD", withheld).replace("EMBARGO", embargo)
}

fn descriptions(project: &Project, is_withheld: bool) {
    for (path, text) in [
        ("content/a/item.toml", LETTERS),
        ("content/secret/item.toml", "WITHHELD\nlabel = \"Sesame\"\nsee-also = { file = \"sesame.txt\" }"),
        ("content/vault/collection.toml", "EMBARGO\nlabel = \"Vault of sesame\"\nsee-also = { file = \"sesame.txt\" }"),
        ("content/shelf/a/item.toml", "EMBARGO\nlabel = \"Sesame\""),
        ("content/leaves/item.toml", "label = \"Leaves\"\n[pages.\"1.tif\"]\nWITHHELD"),
        (
            "content/sound/item.toml",
            "label = \"Sound\"\n[pages.\"2-sesame.wav\"]\nWITHHELD\ncaptions = { file = \"sesame.vtt\", label = \"Words\" }\n\
             rendering = { file = \"sesame.txt\", label = \"Words\" }",
        ),
        ("content/masters/item.toml", "label = \"Masters\"\n[pages.\"1_m.png\"]\nWITHHELD"),
    ] {
        project.write(path, described(text, is_withheld));
    }
}

fn archive(is_withheld: bool) -> Project {
    let (secret, leaf) = (png(secret()), tiff::Page::rgb(&secret()));
    let project = Project::new()
        .file("iiif-build.toml", "[images]\ntile-size = 64\n")
        .file("content/collection.toml", "label = \"Archive\"\n")
        .file("content/a/mets.xml", METS)
        .file("content/a/whole.pdf", "%PDF of letters and sesame")
        .file("content/a/sesame.txt", "sesame")
        .file("content/a/notes.csv", "page,text\n1,on the open leaf\n2,on sesame\n4.png,sesame\n")
        .file("content/a/web.json", WEB_ANNOTATIONS)
        .file("content/a/ocr/1.xml", alto("Dear"))
        .file("content/a/ocr/2.xml", alto("Sesame"))
        .file("content/a/ocr/4.txt", "open sesame")
        .file("content/secret/sesame.txt", "sesame")
        .file("content/secret/inner/item.toml", "label = \"Inner sesame\"")
        .file("content/vault/sesame.txt", "sesame")
        .file("content/leaves/1.tif", tiff::encode(&[leaf.clone(), leaf], true))
        .file("content/sound/1.wav", wav(1.0))
        .file("content/sound/2-sesame.wav", wav(2.0))
        .file("content/sound/sesame.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nsesame")
        .file("content/sound/sesame.txt", "sesame");
    for public in ["a/1", "a/3", "shelf/b/1", "leaves/2", "masters/2", "open/1"] {
        project.write(&format!("content/{public}.png"), page());
    }
    let letters = ["2", "4", "3_ir", "4_uv", "4_detail", "4_closed", "cover"].map(|name| format!("a/{name}"));
    let others =
        ["secret/1", "secret/inner/1", "vault/b/1", "vault/deep/c/1", "shelf/a/1", "masters/1_m", "masters/1_se"];
    for name in letters.iter().map(String::as_str).chain(others) {
        project.write(&format!("content/{name}.png"), &secret);
    }
    descriptions(&project, is_withheld);
    project
}

/// Every file below `folder` that has the word in its name or its bytes, or the colour in its picture.
pub fn revealing(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder_here) = open.pop() {
        for path in fs::read_dir(folder_here).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            if reveals(name.as_bytes()) || reveals(&bytes) {
                found.insert(name);
            }
        }
    }
    found
}

/// Whether bytes hold the word, in UTF-8, in UTF-16 or compressed, or the colour. Of a PDF of ours, whether its text or a
/// stream of it does.
pub fn reveals(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"%PDF-1.7\n") {
        let pdf = Pdf::read(bytes.to_vec());
        return reveals(pdf.text().as_bytes()) || pdf.streams().iter().any(|stream| reveals(stream)) || has_word(bytes);
    }
    let without_zeros: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let mut unpacked = vec![];
    let is_packed = flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut unpacked).is_ok();
    has_word(bytes) || has_word(&without_zeros) || (is_packed && has_word(&unpacked)) || shows_colour(bytes)
}

fn has_word(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).to_lowercase().contains(WORD)
}

fn shows_colour(bytes: &[u8]) -> bool {
    let Ok(picture) = image::load_from_memory(bytes) else { return false };
    picture.to_rgb8().pixels().any(|Rgb([r, g, b])| *r > 180 && *g < 80 && *b > 180)
}

/// Builds; all that fails is that a file which the METS lists is not there.
fn build(project: &Project) -> Site {
    let report = project.build();
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert!(failures.iter().all(|failure| failure.contains("5.png")), "{failures:?}");
    project.site()
}

/// No trace of what is withheld, and what is not is there.
#[track_caller]
fn assert_closed(project: &Project) {
    let site = project.site();
    assert_eq!(revealing(&site.root), BTreeSet::new());
    let images = ["a_1", "a_3", "leaves_2", "masters_2", "open_1", "shelf-b_1"].map(str::to_owned);
    assert_eq!(site.image_ids(), images.into());
    assert_eq!(site.page_labels("a"), ["i", "iii"]);
    assert_eq!(site.files("a/files"), ["a/files/mets.xml".to_owned()].into(), "without the pages that are withheld");
    assert_eq!(site.page_labels("sound").len(), 1);
    assert!(site.text("a/annotations/web/page-1.json").contains("on the open leaf"));
    assert!(site.text("a/annotations/notes/page-1.json").contains("on the open leaf"));
    let manifest = site.json("a/manifest.json");
    assert!(manifest["start"].is_null() && manifest["structures"].as_array().unwrap().len() == 1, "{manifest}");
}

#[test]
fn nothing_that_is_withheld_is_ever_published() {
    let project = archive(true);
    build(&project);
    assert_closed(&project);
    assert_eq!(revealing(&project.root().join(".iiif-build")), BTreeSet::new());
}

#[test]
fn what_was_public_is_taken_down_without_a_trace() {
    let project = archive(false);
    let site = build(&project);
    let public = revealing(&site.root);
    for path in [
        "a/manifest.json",
        "a/index.html",
        "a/files/mets.xml",
        "a/files/whole.pdf",
        "a/files/sesame.txt",
        "a/text/2.xml",
        "a/text/2.txt",
        "a/text.txt",
        "a/annotations/notes/page-2.json",
        "a/annotations/web/item.json",
        "a/annotations/web/page-4.json",
        "sound/files/2-sesame.wav",
        "sound/files/sesame.vtt",
        "secret/inner/manifest.json",
        "vault/collection.json",
        "vault/files/sesame.txt",
        "collection.json",
        "index.html",
    ] {
        assert!(public.contains(path), "{path} does not reveal what is public, of {public:#?}");
    }
    for id in
        ["a_2", "a_3_ir", "a_4_uv", "a_4_detail", "a_4_closed", "a_cover", "leaves_1-2", "secret-inner_1", "masters_1"]
    {
        assert!(public.contains(&format!("iiif/3/{id}/full/max/0/default.jpg")), "{id} is not public");
    }
    descriptions(&project, true);
    build(&project);
    assert_closed(&project);
    assert_as_clean_but_for_failures(&project);
    assert_eq!(revealing(&project.root().join(".iiif-build")), BTreeSet::new());
    descriptions(&project, false);
    build(&project);
    assert_eq!(revealing(&site.root), public, "and it comes back");
}

fn assert_as_clean_but_for_failures(project: &Project) {
    let clean = project.afresh();
    clean.build();
    assert_eq!(project.site().contents(""), clean.site().contents(""));
}

#[test]
fn it_is_taken_down_whatever_else_a_build_is_asked_for() {
    for arguments in [&["--documents"][..], &["--only", "open"]] {
        let project = archive(false);
        build(&project);
        descriptions(&project, true);
        let told = Told::by(&project, arguments);
        assert!(told.code == Some(0) || told.said.contains("5.png"), "{}", told.said);
        assert_closed(&project);
    }
}

#[test]
fn the_only_item_is_taken_down_as_any_other() {
    let project = Project::new().file("content/a/1.png", page());
    project.built();
    project.write("content/a/item.toml", "publish = false");
    let site = project.built();
    assert!(site.files("a").is_empty() && site.image_ids().is_empty());
    assert_as_clean(&project);
}

#[test]
fn a_mistake_in_its_metadata_does_not_keep_it_up() {
    let project = Project::new().file("content/a/1.png", page()).file("content/b/1.png", page());
    project.built();
    let mods = "<mods><accessCondition/><titleInfo><title>T</title></titleInfo>";
    project.write("content/a/mods.xml", mods);
    project.write("content/a/item.toml", "publish = false\nsee-also = { file = \"gone.txt\" }");
    project.build();
    assert_eq!(project.site().image_ids(), ["b_1".to_owned()].into());
}

#[test]
fn an_embargo_ends_on_its_day() {
    let project = Project::new().file("content/a/1.png", page()).file("content/b/1.png", page());
    project.write("content/a/item.toml", "embargo = 2040-05-01");
    Told::by(&project, &["--today", "2040-04-30"]).well();
    assert!(!project.site().has("a/manifest.json"));
    let told = Told::by(&project, &["--today", "2040-05-01"]).well();
    assert_eq!(told.images(), ["a_1".to_owned()].into());
    assert!(project.site().has("a/manifest.json") && project.site().text("sitemap.xml").contains("/a/"));
}

#[test]
fn a_metadata_file_of_an_item_with_withheld_pages_is_published_whole_only_on_wish_and_that_is_said() {
    let project = archive(true);
    let found = project.build().diagnostics;
    assert!(found.iter().any(|found| found.message.contains("it is published without")), "{found:?}");
    assert!(found.iter().any(|found| found.message.contains("such as a PDF, is not published")), "{found:?}");
    let whole = project.site().text("a/files/mets.xml").replace(' ', "");
    let wish = |policy: &str| format!("originals = \"{policy}\"\n{}", described(LETTERS, true));
    project.write("content/a/item.toml", wish("none"));
    let site = build(&project);
    assert!(!site.has("a/files/mets.xml"));
    project.write("content/a/item.toml", wish("as-is"));
    let site = build(&project);
    assert!(site.text("a/files/mets.xml") == METS && !site.has("a/files/whole.pdf"));
    assert!(whole.contains("ORDERLABEL='iii'") && !whole.contains("f2"), "{whole}");
}

#[test]
fn a_metadata_file_that_lists_an_item_within_its_folder_goes_with_that() {
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/a/mods.xml", "<mods><titleInfo><title>T</title></titleInfo></mods>")
        .file("content/a/inner/1.png", page());
    assert!(project.built().has("a/files/mods.xml"));
    project.write("content/a/inner/item.toml", "publish = false");
    assert!(!project.built().has("a/files/mods.xml"));
}

#[test]
fn an_item_without_a_public_page_publishes_nothing_else() {
    let project = Project::new()
        .file("content/a/item.toml", "placeholder = \"cover.png\"\n[pages.\"1.png\"]\npublish = false")
        .file("content/a/1.png", page())
        .file("content/a/cover.png", page())
        .file("content/b/1.png", page());
    assert_eq!(project.built().image_ids(), ["b_1".to_owned()].into());
}

#[test]
fn a_withheld_collection_is_withheld_though_images_lie_in_its_folder() {
    let project = Project::new().file("content/b/1.png", page()).file("content/a/collection.toml", "publish = false");
    let project = project.file("content/a/stray.png", page()).file("content/a/inner/1.png", page());
    assert_eq!(project.built().image_ids(), ["b_1".to_owned()].into());
}

#[test]
fn a_whole_site_cannot_be_withheld() {
    let project = Project::new().file("content/a/1.png", page()).file("content/collection.toml", "publish = false");
    assert!(project.refused().message().contains("whole site"));
    project.write("content/collection.toml", "embargo = 2999-01-01");
    assert!(project.refused().message().contains("whole site"));
}

/// Master files whose metadata hold the word, wherever their formats have room for it.
fn talkative(width: u32, height: u32) -> Project {
    let segment = |marker: u8, content: &[u8]| {
        let length = (content.len() as u16 + 2).to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    };
    let mut jpeg = draw::jpeg(draw::colour(width, height));
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0\x07\0\0\0\x1a\0\0\0\0\0\0\0Sesame\0";
    let said = [
        segment(0xe1, exif),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Sesame</x:xmpmeta>"),
        segment(0xed, b"Photoshop 3.0\0Sesame"),
        segment(0xfe, b"Sesame"),
    ];
    jpeg.splice(2..2, said.concat());
    let mut png = png(draw::colour(width, height));
    let text = b"tEXtComment\0Sesame";
    let chunk = [&(text.len() as u32 - 4).to_be_bytes()[..], text, &crc32(text).to_be_bytes()].concat();
    png.splice(33..33, chunk);
    Project::new()
        .file("content/a/item.toml", "images.max-resolution = 100\nimages.tile-size = 64\nimages.lossless = \"always\"")
        .file("content/a/1.jpg", jpeg)
        .file("content/a/2.png", png)
}

/// As PNG has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc: u32, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// The longest side of any picture of the site.
fn largest(site: &Site) -> u32 {
    let sides = site.contents("").into_values().filter_map(|bytes| {
        let (width, height) = image::load_from_memory(&bytes).ok()?.dimensions();
        Some(width.max(height))
    });
    sides.max().unwrap()
}

#[test]
fn no_larger_pixel_and_no_word_of_a_reduced_master_is_published() {
    let project = talkative(300, 200);
    let site = project.built();
    assert_eq!((largest(&site), site.json("iiif/3/a_1/info.json")["width"].as_u64()), (100, Some(100)));
    assert_eq!(revealing(&site.root), BTreeSet::new());
    let masters = ["1.jpg", "2.png"].map(|name| fs::read(project.root().join("content/a").join(name)).unwrap());
    assert!(site.contents("").values().all(|bytes| !masters.contains(bytes)), "a master itself is published");
}

#[test]
fn nor_is_a_word_of_a_master_that_is_published_without_loss() {
    let project = talkative(300, 200);
    project.write("content/a/item.toml", "images.tile-size = 64\nimages.lossless = \"always\"");
    let site = project.built();
    assert_eq!(revealing(&site.root), BTreeSet::new());
}

#[test]
fn a_lower_max_resolution_takes_larger_tiles_down() {
    let project = talkative(300, 200);
    project.write("content/a/item.toml", "images.tile-size = 64");
    assert!(largest(&project.built()) > 100);
    project.write("content/a/item.toml", "images.tile-size = 64\nimages.max-resolution = 100");
    assert_eq!(largest(&project.built()), 100);
    assert_as_clean(&project);
}

#[test]
fn a_table_withholds_items_and_a_mistake_in_it_publishes_nothing_new() {
    let project = Project::new()
        .file("content/one/1.png", page())
        .file("content/two/1.png", page())
        .file("content/three/1.png", page())
        .file("content/t.csv", "item,label,publish,embargo\none,One,false,\ntwo,Two,,\nthree,Three,,2999-01-01\n");
    let site = project.built();
    assert!(site.has("two/manifest.json") && !site.has("one/manifest.json") && !site.has("three/manifest.json"));
    project.write("content/t.csv", "item,label,publish\none,One,flase\ntwo,Two,\nthree,Three,no\n");
    assert!(project.build_with_failure().message().contains("neither yes nor no"));
    assert!(site.has("two/manifest.json") && !site.has("one/manifest.json") && !site.has("three/manifest.json"));
    project.write("content/t.csv", "item,label\none,One\n");
    project.write("content/pages.csv", "item,file\none,1.png\none,../x.png\n");
    assert!(project.build_with_failure().message().contains("not a file below"));
    assert!(!site.has("one/manifest.json"), "no page that a list leaves out appears");
    assert!(site.has("three/manifest.json"), "the others are built");
}

#[test]
fn annotations_that_lead_to_withheld_pages_or_stand_on_withheld_pictures_are_left_out() {
    let item = r#"
        placeholder = "p_0003.png"
        annotations = ["a.csv", "b.json"]
        [pages."p_0002.png"]
        publish = false
        [pages."p_0003.png"]
        publish = false
    "#;
    let on_0001 = "http://elsewhere.example/canvas/0002";
    let w3c = serde_json::json!([
        { "type": "Annotation", "motivation": "commenting", "target": "p_0003.png#xywh=1,2,3,4",
          "body": { "type": "TextualBody", "value": "SECRET on a picture" } },
        { "type": "Annotation", "motivation": "linking", "target": "0001",
          "body": { "type": "SpecificResource", "source": { "id": "0002", "type": "Canvas" }, "value": "SECRET" } },
        { "type": "Annotation", "motivation": "linking", "target": "0001", "body": on_0001 },
        { "type": "Annotation", "motivation": "commenting", "target": "0001",
          "body": { "type": "TextualBody", "value": "public: 0002 leaves" } },
    ]);
    let site = Project::new()
        .file("content/a/p_0001.png", page())
        .file("content/a/p_0002.png", page())
        .file("content/a/p_0003.png", page())
        .file("content/a/a.csv", "page,motivation,text,link\n0001,linking,SECRET,0002\n0001,commenting,public,\n")
        .file("content/a/b.json", w3c.to_string())
        .file("content/a/item.toml", item)
        .built();
    let said: String =
        site.files("a").iter().filter(|path| path.ends_with(".json")).map(|path| site.text(path)).collect();
    assert!(!said.contains("SECRET") && !said.contains(on_0001) && !said.contains("0003"), "{said}");
    assert!(said.contains("public: 0002 leaves") && said.contains("\"public\""));
}

#[test]
fn a_strict_build_that_writes_nothing_says_what_it_leaves_public() {
    let project = Project::new().file("content/a/0001.png", page()).file("content/a/0002.png", page());
    project.built();
    project.write("content/a/item.toml", "[pages.\"0002.png\"]\npublish = false\n");
    project.write("content/a/x_0004.png", page());
    let output = project.command(&["build", "--strict"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("stay published, such as a/0002.png"), "{said}");
}
