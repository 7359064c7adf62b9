//! PDFs of items: their pictures, the invisible text, bookmarks, page labels and structure, and when they are made. What the
//! format asks is read by [`reader`]; `pdftotext` and `qpdf` are second opinions where they are installed.

pub mod reader;

use crate::draw::{colour, grey, page, png};
use crate::project::Project;
use crate::recorded::wav;
use crate::site::Site;
use iiif_build::build::progress::Silent;
use iiif_build::build::{ImageSink, PendingImage, build_with};
use iiif_build::diagnostics::Code;
use iiif_build::error::Result;
use iiif_build::model::ImageId;
use iiif_build::storage::state::ImageRecord;
use reader::Pdf;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Output};

/// A text of lines with words: each word with its box in pixels.
fn hocr(width: u32, height: u32, language: &str, lines: &[&[(&str, [u32; 4])]]) -> String {
    let word = |(text, [left, top, right, bottom]): &(&str, [u32; 4])| {
        format!("<span class='ocrx_word' title='bbox {left} {top} {right} {bottom}'>{text}</span>")
    };
    let line = |words: &&[(&str, [u32; 4])]| {
        let bounds =
            |pick: fn(u32, u32) -> u32, side: usize| words.iter().map(|word| word.1[side]).reduce(pick).unwrap();
        let [left, top] = [0, 1].map(|side| bounds(u32::min, side));
        let [right, bottom] = [2, 3].map(|side| bounds(u32::max, side));
        let words: Vec<String> = words.iter().map(word).collect();
        format!("<span class='ocr_line' title='bbox {left} {top} {right} {bottom}'>{}</span>", words.join(" "))
    };
    let lines: String = lines.iter().map(line).collect();
    format!(
        "<!DOCTYPE html><div class='ocr_page' title='bbox 0 0 {width} {height}'><p class='ocr_par' lang='{language}'>{lines}</p></div>"
    )
}

/// Two pages with scans, one with text, in two parts.
fn book() -> Project {
    let words = hocr(
        300,
        200,
        "de",
        &[&[("Liebe", [20, 30, 80, 50]), ("Mutter,", [90, 28, 170, 52])], &[("Grüße", [20, 60, 70, 80])]],
    );
    let structures = "[[structures]]\nlabel = 'Anfang'\npages = ['1']\n[[structures.structures]]\nlabel = 'Anrede'\n\
        pages = ['1#xywh=30,100,50,50']\n[[structures]]\nlabel = 'Schluß'\npages = ['2']\n\
        [[structures]]\nlabel = 'Hidden'\npages = ['2']\nbehavior = 'no-nav'\n";
    Project::new()
        .file("iiif-build.toml", "language = 'de'\npdf = true\n")
        .file("content/book/item.toml", format!("label = 'Briefe & Karten'\nrights = 'http://creativecommons.org/publicdomain/mark/1.0/'\n{structures}[pages.'1.png']\nlabel = 'vii'\n[pages.'2.png']\nlabel = '(1)'\n"))
        .file("content/book/1.png", page())
        .file("content/book/2.png", png(colour(600, 400)))
        .file("content/book/1.hocr", words)
}

fn pdf(site: &Site, path: &str) -> Pdf {
    Pdf::read(site.read(path))
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The output of a program. `None`: it is not installed.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(program).args(arguments).output().ok();
    if output.is_none() {
        println!("skipped: no {program}");
    }
    output
}

/// Where a site's PDF is, for programs.
fn place(site: &Site, path: &str) -> String {
    site.file(path).to_str().unwrap().to_owned()
}

/// What `qpdf` knows of a PDF, which it finds no fault with.
fn qpdf(site: &Site, path: &str) -> Option<Value> {
    let checked = run("qpdf", &["--check", &place(site, path)])?;
    let told = String::from_utf8_lossy(&checked.stdout).into_owned() + &String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success() && !told.contains("WARNING"), "{told}");
    let json = run("qpdf", &["--json=1", "--json-key=pagelabels", "--json-key=outlines", &place(site, path)])?;
    Some(serde_json::from_slice(&json.stdout).unwrap())
}

/// The words of `pdftotext` with their boxes, in points from the upper left corner.
fn boxes(site: &Site, path: &str) -> Option<Vec<(String, [f64; 4])>> {
    let output = run("pdftotext", &["-bbox", &place(site, path), "-"])?;
    let text = String::from_utf8(output.stdout).unwrap();
    let html = scraper::Html::parse_document(&text);
    let words = scraper::Selector::parse("word").unwrap();
    let side = |word: &scraper::ElementRef<'_>, name: &str| word.attr(name).unwrap().parse::<f64>().unwrap();
    let word = |word: scraper::ElementRef<'_>| {
        let sides = ["xmin", "ymin", "xmax", "ymax"].map(|name| side(&word, name));
        (word.text().collect(), sides)
    };
    Some(html.select(&words).map(word).collect())
}

#[test]
fn a_pdf_is_made_where_it_is_asked_for_and_nowhere_else() {
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/b/collection.toml", "pdf = { max-size = 400 }")
        .file("content/b/c/1.png", page())
        .file("content/b/d/item.toml", "pdf = false")
        .file("content/b/d/1.png", page())
        .file("content/b/own/item.toml", "[[rendering]]\nfile = 'Own.PDF'\nlabel = 'Own'")
        .file("content/b/own/1.png", page())
        .file("content/b/own/Own.PDF", "%PDF-")
        .file("content/b/sound/1.wav", wav(1.0))
        .file("content/b/named/item.toml", "id = 'x.1'")
        .file("content/b/named/1.png", page());
    let pdfs = |site: &Site| {
        site.files("").into_iter().filter(|file| file.to_lowercase().ends_with(".pdf")).collect::<Vec<_>>()
    };
    let site = project.built();
    assert_eq!(pdfs(&site), ["b/c/b-c.pdf", "b/named/x.1.pdf", "b/own/files/Own.PDF"]);
    let manifest = site.json("b/c/manifest.json");
    assert_eq!(manifest["rendering"][0]["id"], "https://scans.example.org/archive/b/c/b-c.pdf");
    assert_eq!(
        (&manifest["rendering"][0]["format"], &manifest["rendering"][0]["type"]),
        (&"application/pdf".into(), &"Text".into())
    );
    assert!(site.text("b/c/index.html").contains("b-c.pdf") && !site.text("b/d/index.html").contains(".pdf"));
    assert!(site.json("b/d/manifest.json").get("rendering").is_none());

    project.write("content/b/collection.toml", "");
    assert_eq!(pdfs(&project.built()), ["b/own/files/Own.PDF"]);
    assert!(project.site().json("b/c/manifest.json").get("rendering").is_none());
}

#[test]
fn what_the_key_cannot_be_is_told_at_its_place() {
    let project = Project::new().file("content/a/1.png", page()).file("iiif-build.toml", "\npdf = 'yes'");
    let error = project.refused();
    assert!(
        error.message().contains("true, false, or a table") && error.position().is_some_and(|at| at.line == 2),
        "{error}"
    );
    project.write("iiif-build.toml", "pdf = { max-sise = 1 }");
    assert!(project.refused().message().contains("max-size"));
    project.write("iiif-build.toml", "");
    project.write("content/a/item.toml", "[pages.'1.png']\npdf = true");
    assert!(project.build_with_failure().message().contains("`pdf` says nothing of a page"));
}

#[test]
fn pictures_are_the_published_files_byte_by_byte() {
    let site = book().built();
    let bytes = site.read("book/book.pdf");
    for image in ["book_1", "book_2"] {
        assert!(holds(&bytes, &site.read(&format!("iiif/3/{image}/full/max/0/default.jpg"))), "{image}");
    }
    let pdf = pdf(&site, "book/book.pdf");
    let pictures = pdf.with("/Subtype/Image");
    let dictionaries: Vec<String> = pictures.iter().map(|picture| pdf.dictionary(*picture)).collect();
    assert!(dictionaries[0].contains("/Width 300/Height 200/ColorSpace/DeviceGray"), "{}", dictionaries[0]);
    assert!(dictionaries[1].contains("/Width 600/Height 400/ColorSpace/DeviceRGB"), "{}", dictionaries[1]);
    assert!(dictionaries.iter().all(|dictionary| dictionary.contains("/Filter/DCTDecode")));
    assert_eq!(pdf.stream(pictures[1]), site.read("iiif/3/book_2/full/max/0/default.jpg"));
}

#[test]
fn pictures_can_be_limited_to_a_size() {
    let project = Project::new().file("content/a/1.png", png(grey(1500, 900)));
    for (limit, file) in [("1000", "750,450"), ("10", "375,225"), ("1500", "max"), ("'full'", "max")] {
        project.write("content/a/item.toml", format!("pdf = {{ max-size = {limit} }}"));
        let site = project.built();
        let pdf = pdf(&site, "a/a.pdf");
        let picture = site.read(&format!("iiif/3/a_1/full/{file}/0/default.jpg"));
        assert_eq!(pdf.stream(pdf.with("/Subtype/Image")[0]), picture, "{limit}");
        assert!(pdf.dictionary(pdf.with("/Type/Page/")[0]).contains("[0 0 842 505.2]"), "a page keeps its size");
    }
}

#[test]
fn pages_of_an_item_have_one_scale_and_those_of_middle_size_are_as_high_as_a4() {
    let project = Project::new()
        .file("iiif-build.toml", "pdf = true")
        .file("content/a/1.png", png(grey(200, 300)))
        .file("content/a/2.png", png(grey(200, 300)))
        .file("content/a/3.png", png(grey(600, 300)));
    let pdf = pdf(&project.built(), "a/a.pdf");
    let sizes: Vec<String> = pdf.with("/Type/Page/").into_iter().map(|page| pdf.dictionary(page)).collect();
    assert!(sizes[0].contains("[0 0 561.333 842]") && sizes[2].contains("[0 0 1684 842]"), "{sizes:?}");
}

#[test]
fn the_text_is_on_its_page_and_invisible() {
    let pdf = pdf(&book().built(), "book/book.pdf");
    assert_eq!(pdf.text(), "Liebe Mutter, Grüße ");
    let contents = pdf.contents();
    assert!(contents[0].contains("3 Tr") && !contents[1].contains("BT"));
    let pages = pdf.with("/Type/Page/");
    assert!(pdf.dictionary(pages[0]).contains("/Font") && !pdf.dictionary(pages[1]).contains("/Font"));
}

#[test]
fn words_are_where_ocr_found_them() {
    let site = book().built();
    let Some(words) = boxes(&site, "book/book.pdf") else { return };
    let expected = [("Liebe", [20, 30, 80, 50]), ("Mutter,", [90, 28, 170, 52]), ("Grüße", [20, 60, 70, 80])];
    // Page 2 is of middle size: 842 points for 600 pixels.
    assert_boxes(&words, &expected, 842.0 / 600.0);
}

fn assert_boxes(words: &[(String, [f64; 4])], expected: &[(&str, [u32; 4])], scale: f64) {
    let texts: Vec<&str> = words.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(texts, expected.iter().map(|(text, _)| *text).collect::<Vec<_>>());
    for ((text, found), (_, sides)) in words.iter().zip(expected) {
        let far = found.iter().zip(sides).any(|(found, side)| (found - f64::from(*side) * scale).abs() > 2.0);
        assert!(!far, "{text}: {found:?}, expected {sides:?} x {scale}");
    }
}

#[test]
fn words_of_all_scripts_are_found_where_they_are_and_read_as_they_were() {
    let lines: &[&[(&str, [u32; 4])]] = &[
        &[("ſeyn", [20, 20, 90, 45]), ("Vernunftſchluͤſſe", [110, 20, 400, 48])],
        &[("שלום", [420, 70, 500, 95]), ("עולם", [330, 70, 410, 95])],
        &[("سلام", [420, 120, 500, 145]), ("1844", [330, 120, 390, 145])],
        &[("𝔊𝔬𝔱𝔱", [20, 170, 100, 195]), ("漢字", [120, 170, 180, 200])],
    ];
    let project = Project::new()
        .file("iiif-build.toml", "pdf = true")
        .file("content/a/1.png", png(grey(842, 600)))
        .file("content/a/1.hocr", hocr(842, 600, "mul", lines));
    let site = project.built();
    let Some(words) = boxes(&site, "a/a.pdf") else { return };
    // With boxes the letters come as they stand, from left to right.
    let stands = |word: &'static str| match word {
        "שלום" | "עולם" | "سلام" => word.chars().rev().collect::<String>(),
        word => word.to_owned(),
    };
    let shown: Vec<(String, [u32; 4])> =
        lines.iter().flat_map(|line| *line).map(|(word, at)| (stands(word), *at)).collect();
    let mut expected: Vec<(&str, [u32; 4])> = shown.iter().map(|(word, at)| (word.as_str(), *at)).collect();
    expected.sort();
    let mut words = words;
    words.sort_by(|one, other| one.0.cmp(&other.0));
    assert_boxes(&words, &expected, 1.0);

    let read = run("pdftotext", &[&place(&site, "a/a.pdf"), "-"]).unwrap();
    let read = String::from_utf8(read.stdout).unwrap();
    for (word, _) in lines.iter().flat_map(|line| *line) {
        assert!(read.contains(word), "{word}: {read}");
    }
    let pdf = pdf(&site, "a/a.pdf");
    assert!(pdf.with("/S/P/").iter().any(|paragraph| pdf.dictionary(*paragraph).contains("/ActualText")));
}

#[test]
fn the_outline_is_the_table_of_contents_and_page_labels_are_those_of_the_canvases() {
    let site = book().built();
    let Some(json) = qpdf(&site, "book/book.pdf") else { return };
    let outlines = json["outlines"].as_array().unwrap();
    let titles: Vec<&Value> = outlines.iter().map(|outline| &outline["title"]).collect();
    assert_eq!(titles, ["Anfang", "Schluß"]);
    assert_eq!(
        (&outlines[0]["kids"][0]["title"], &outlines[0]["kids"][0]["destpageposfrom1"]),
        (&"Anrede".into(), &1.into())
    );
    assert_eq!(outlines[1]["destpageposfrom1"], 2);
    let labels = json["pagelabels"].as_array().unwrap().iter().map(|label| label["label"]["/P"].as_str().unwrap());
    let labels: Vec<&str> = labels.map(|label| label.strip_prefix("u:").unwrap_or(label)).collect();
    assert_eq!(labels, site.page_labels("book"));
}

#[test]
fn programs_can_read_it_aloud() {
    let site = book().built();
    let pdf = pdf(&site, "book/book.pdf");
    let catalog = pdf.dictionary(pdf.with("/Type/Catalog")[0]);
    for part in
        ["/MarkInfo<</Marked true>>", "/Lang(de)", "/DisplayDocTitle true", "/StructTreeRoot", "/PageMode/UseOutlines"]
    {
        assert!(catalog.contains(part), "{part}: {catalog}");
    }
    let figures: Vec<String> = pdf.with("/S/Figure").into_iter().map(|figure| pdf.dictionary(figure)).collect();
    assert!(
        figures[0].contains("/Alt(vii)") && figures[1].contains("/Alt(\\(1\\))") || figures[1].contains("/Alt((1))"),
        "{figures:?}"
    );
    let paragraphs = pdf.with("/S/P/");
    assert_eq!(paragraphs.len(), 1);
    assert!(pdf.dictionary(paragraphs[0]).contains("/Lang(de)"));
    assert!(pdf.with("/Type/Page/").iter().all(|page| pdf.dictionary(*page).contains("/Tabs/S")));
    assert!(pdf.dictionary(pdf.with("/Producer")[0]).contains("/Title(Briefe & Karten)"));
    let xmp = String::from_utf8(pdf.stream(pdf.with("/Type/Metadata")[0]).to_vec()).unwrap();
    assert!(
        xmp.contains("Briefe &amp; Karten")
            && xmp.contains("publicdomain/mark/1.0/")
            && xmp.contains("<rdf:li>de</rdf:li>")
    );
    assert!(roxmltree::Document::parse(&xmp).is_ok() && !xmp.contains("pdfuaid"));
}

#[test]
fn the_same_pages_give_the_same_bytes() {
    let [one, other] = [1, 4].map(|jobs| book().with_jobs(jobs).built().read("book/book.pdf"));
    assert!(one == other);
}

#[test]
fn a_pdf_is_made_again_when_what_it_shows_changed_and_only_then() {
    let project = book();
    let site = project.built();
    let (bytes, times) = (site.read("book/book.pdf"), site.times(""));
    assert_eq!(project.build().written, 0);
    assert_eq!(site.times(""), times);
    let clone = project.cloned().with_base_url("https://other.example/");
    let before = clone.site().times("book")["book/book.pdf"];
    clone.built();
    assert_eq!(clone.site().times("book")["book/book.pdf"], before, "an address is not part of it");

    let mut seen = BTreeSet::from([bytes]);
    project.write("content/book/1.hocr", hocr(300, 200, "de", &[&[("Anders", [20, 30, 80, 50])]]));
    assert!(seen.insert(project.built().read("book/book.pdf")));
    project.write("content/book/2.png", png(colour(601, 400)));
    assert!(seen.insert(project.built().read("book/book.pdf")));
    project.write("content/book/item.toml", "label = 'Other'");
    assert!(seen.insert(project.built().read("book/book.pdf")));
    fs::remove_file(site.file("book/book.pdf")).unwrap();
    assert!(!seen.insert(project.built().read("book/book.pdf")), "one that is gone is made again");
    assert!(project.afresh().built().read("book/book.pdf") == site.read("book/book.pdf"));
    project.write("iiif-build.toml", "language = 'de'");
    assert!(!project.built().has("book/book.pdf"));
}

#[test]
fn what_is_withheld_is_in_no_pdf() {
    let project = book();
    let site = project.built();
    let picture = site.read("iiif/3/book_1/full/max/0/default.jpg");
    assert!(holds(&site.read("book/book.pdf"), &picture));
    project.write(
        "content/book/item.toml",
        "[pages.'1.png']\nlabel = 'vii'\npublish = false\n[[structures]]\nlabel = 'Sesame'\npages = ['1']",
    );
    for arguments in [&["build"][..], &["build", "--documents"]] {
        let project = project.cloned();
        assert!(project.command(arguments).output().unwrap().status.success());
        let site = project.site();
        let (bytes, pdf) = (site.read("book/book.pdf"), pdf(&site, "book/book.pdf"));
        assert!(!holds(&bytes, &picture) && !holds(&bytes, b"vii") && !holds(&bytes, b"Sesame"));
        assert_eq!((pdf.with("/Type/Page/").len(), pdf.text().as_str()), (1, ""));
    }
    project.write("content/book/item.toml", "publish = false");
    assert!(!project.built().has("book/book.pdf"));
}

#[test]
fn a_page_that_fails_is_left_out() {
    let project = book();
    project.built();
    project.write("content/book/2.png", &png(colour(600, 400))[..2000]);
    project.build_with_failure();
    let pdf = pdf(&project.site(), "book/book.pdf");
    assert_eq!(pdf.with("/Type/Page/").len(), project.site().canvases("book").len());
}

#[test]
fn a_picture_that_is_gone_costs_no_good_pdf_that_shows_the_same() {
    let project = book();
    let site = project.built();
    let good = site.read("book/book.pdf");
    fs::remove_file(site.file("iiif/3/book_2/full/max/0/default.jpg")).unwrap();
    let item = fs::read_to_string(project.root().join("content/book/item.toml")).unwrap();
    project.write("content/book/item.toml", item.replace("Briefe", "Andere Briefe"));
    let failure = project.build_with_failure();
    assert!(failure.to_string().contains("default.jpg"), "{failure}");
    assert!(project.site().read("book/book.pdf") == good);
    assert_eq!(project.site().json("book/manifest.json")["rendering"][0]["format"], "application/pdf");

    project.write("content/book/item.toml", "[pages.'1.png']\npublish = false");
    project.build_with_failure();
    assert!(!project.site().has("book/book.pdf"), "it shows what is withheld by now");
    assert!(project.site().json("book/manifest.json").get("rendering").is_none());
}

#[test]
fn an_own_file_in_its_place_is_published_instead() {
    let project = book().file("static/book/book.pdf", "%PDF-own");
    assert_eq!(project.built().read("book/book.pdf"), b"%PDF-own");
    project.remove("static/book/book.pdf");
    assert!(project.built().read("book/book.pdf").len() > 100);
    fs::remove_dir_all(project.public()).unwrap();
    fs::remove_dir_all(project.root().join(".iiif-build")).unwrap();
    project.write("public/book/book.pdf", "somebody else's");
    let mut config = project.config().unwrap();
    config.adopt = true;
    let report = iiif_build::build(&config).unwrap();
    assert!(!report.failures.is_empty());
    assert_eq!(project.site().read("book/book.pdf"), b"somebody else's");
}

#[test]
fn a_preview_names_no_pdf_until_its_images_are_there() {
    let project = book();
    let names_pdf = || project.site().text("book/manifest.json").contains("book.pdf");
    let mut config = project.config().unwrap();
    config.defer_beyond = Some(0);
    iiif_build::build(&config).unwrap();
    assert!(!project.site().has("book/book.pdf") && !names_pdf());
    project.built();
    assert!(project.site().has("book/book.pdf") && names_pdf());
}

#[test]
fn hostile_text_is_only_text() {
    let long = "x".repeat(10_000);
    let words = [
        ") Tj ET EMC endstream endobj",
        "&lt;script&gt;",
        "&#1;&#27;",
        long.as_str(),
        "א12-ab(",
        "\u{202e}abc",
        "\\",
        "%%EOF",
    ];
    let line: Vec<(&str, [u32; 4])> =
        words.iter().zip(0..).map(|(word, at)| (*word, [at * 30, 10, at * 30 + 20, 30])).collect();
    let label = "a)\\u001b(/Type/Catalog";
    let project = Project::new()
        .file("iiif-build.toml", "pdf = true")
        .file("content/a/item.toml", format!("label = \"{label}\"\n[[structures]]\nlabel = \"{label}\"\npages = ['1']\n[pages.'1.png']\nlabel = \"{label}\""))
        .file("content/a/1.png", page())
        .file("content/a/1.hocr", hocr(300, 200, "x)y", &[&line]));
    let site = project.built();
    let pdf = pdf(&site, "a/a.pdf");
    assert!(
        pdf.text().contains("<script>") && pdf.text().contains(&long) && pdf.text().chars().all(|c| !c.is_control())
    );
    let contents = pdf.contents();
    assert_eq!(contents[0].matches("BT").count(), 1);
    assert_eq!(pdf.with("/Pages ").len(), 1, "one catalog");
    qpdf(&site, "a/a.pdf");
}

#[test]
fn a_million_words_on_a_page_take_no_more_than_their_share() {
    let text = (0..100_000)
        .map(|line| format!("{line} lorem ipsum dolor sit amet consectetur adipiscing elit sed\n"))
        .collect::<String>();
    let project = Project::new()
        .file("iiif-build.toml", "pdf = true")
        .file("content/a/1.png", page())
        .file("content/a/1.txt", &text);
    let site = project.built();
    let bytes = site.read("a/a.pdf").len();
    assert!(bytes < text.len() * 2, "{bytes}");
    let words = pdf(&site, "a/a.pdf").text();
    assert_eq!(words.split_whitespace().count(), 1_000_000);
}

/// A store that takes images and keeps nothing.
struct Store;

impl ImageSink for Store {
    fn trust(&self, _: &ImageId, _: &ImageRecord) {}

    fn has(&self, _: &ImageId, _: &ImageRecord) -> bool {
        true
    }

    fn begin(&self, _: &[PendingImage], _: &BTreeMap<String, ImageRecord>) -> Result<()> {
        Ok(())
    }

    fn upload(&self, _: &ImageId, _: &ImageRecord) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_build_that_hands_its_images_away_says_that_it_makes_no_pdf() {
    let project = book();
    let report = build_with(&project.config().unwrap(), Some(&Store), &Silent).unwrap();
    assert!(report.diagnostics.iter().any(|diagnostic| diagnostic.code == Code::NoPdf), "{:?}", report.diagnostics);
    assert!(!project.site().has("book/book.pdf"));
    assert!(
        project
            .site()
            .json("book/manifest.json")
            .get("rendering")
            .is_none_or(|links| !links.to_string().contains("pdf"))
    );
}
