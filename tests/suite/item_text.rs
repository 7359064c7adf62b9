//! The text of an item as it is published: parts with lines and boxes, on the item's page, on reading pages, in downloads.

use crate::archive::{assert_as_clean, assert_at_rest};
use crate::draw::{bilevel, page, png};
use crate::older::BOTH;
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use flate2::Compression;
use flate2::write::GzEncoder;
use scraper::{Html, Selector};
use serde_json::{Value, json};
use std::io::Write;
use std::time::{Duration, Instant};

/// ALTO for `draw::page`, which has 300 x 200 pixels; each line has its words, side by side.
fn alto(lines: &[&str]) -> String {
    let line = |(row, line): (usize, &&str)| {
        let top = 10 + 20 * row;
        let word = |(at, word): (usize, &str)| {
            format!("<String CONTENT='{word}' HPOS='{}' VPOS='{top}' WIDTH='30' HEIGHT='12'/>", 10 + 40 * at)
        };
        let words: String = line.split(' ').enumerate().map(word).collect();
        format!("<TextLine HPOS='10' VPOS='{top}' WIDTH='200' HEIGHT='12'>{words}</TextLine>")
    };
    let lines: String = lines.iter().enumerate().map(line).collect();
    format!(
        "<alto><Layout><Page WIDTH='300' HEIGHT='200'><PrintSpace><TextBlock LANG='deu'>{lines}</TextBlock></PrintSpace></Page></Layout></alto>"
    )
}

/// An item `a` with one image for each text, named by its number.
fn item(texts: &[(&str, String)]) -> Project {
    let project = Project::new();
    for (number, (ending, text)) in (1..).zip(texts) {
        project.write(&format!("content/a/{number:04}.png"), page());
        project.write(&format!("content/a/{number:04}.{ending}"), text);
    }
    project
}

fn all(site: &Site, path: &str, selector: &str) -> Vec<scraper::node::Element> {
    let html = Html::parse_document(&site.text(path));
    html.select(&Selector::parse(selector).unwrap()).map(|element| element.value().clone()).collect()
}

fn texts(site: &Site, path: &str, selector: &str) -> Vec<String> {
    let html = Html::parse_document(&site.text(path));
    html.select(&Selector::parse(selector).unwrap()).map(|element| element.text().collect()).collect()
}

fn attribute(site: &Site, path: &str, selector: &str, name: &str) -> Vec<String> {
    all(site, path, selector).iter().filter_map(|element| element.attr(name).map(str::to_owned)).collect()
}

#[test]
fn lines_and_their_boxes_are_published_once_for_the_item() {
    let project = item(&[("xml", alto(&["Was iſt Auf-", "klaerung"])), ("txt", "Sapere aude!\n\nDixit.\n".into())]);
    let site = project.built();
    assert_eq!(
        site.json("a/text/index.json"),
        json!({
            "format": "iiif-build text",
            "version": 1,
            "pages": [
                { "page": "0001", "label": "0001", "width": 300, "height": 200, "part": 1, "machine": true, "language": "de" },
                { "page": "0002", "label": "0002", "width": 300, "height": 200, "part": 1 },
            ],
            "parts": [{ "pages": 2, "bytes": site.read("a/text/1.json").len() }],
        })
    );
    assert_eq!(
        site.json("a/text/1.json")["pages"],
        json!([
            {
                "page": "0001", "language": "de", "machine": true,
                "lines": ["Was iſt Auf-", "klaerung"], "blocks": [0], "divided": [0],
            },
            { "page": "0002", "lines": ["Sapere aude!", "Dixit."], "blocks": [0, 1], "divided": [] },
        ])
    );
    assert_eq!(
        site.json("a/text/1.boxes.json")["pages"],
        json!([
            { "page": "0001", "width": 300, "height": 200,
              "lines": [[10, 10, 200, 12, 0, 30, 10, 30, 10, 30], [0, 20, 200, 12, 0, 30]] },
            { "page": "0002", "width": 300, "height": 200, "lines": [[], []] },
        ])
    );
    assert_proven(&site);
    assert_at_rest(&project);
}

#[test]
fn a_hyphen_that_belongs_to_its_word_is_no_division() {
    let lines = "am Roll-\nSchnee, Garten-\nund Feld, Bun¬\ndes Ende-\n\nanders";
    let site = item(&[("txt", lines.into())]).built();
    assert_eq!(site.json("a/text/1.json")["pages"][0]["divided"], json!([2]));
}

#[test]
fn a_page_without_words_has_no_file_and_no_link() {
    let empty = "<PcGts><Page imageWidth='300' imageHeight='200'><TextRegion id='r'><Coords points='1,1 9,9'/></TextRegion></Page></PcGts>";
    for (ending, nothing) in [("xml", empty.to_owned()), ("txt", " \n \u{1}\n".into()), ("txt", String::new())] {
        let project = item(&[(ending, nothing.clone()), ("txt", "Words".into())]).file("iiif-build.toml", BOTH);
        let site = project.built();
        assert_proven(&site);
        for path in ["a/text/0001.txt", "a/annotations/0001.json", "a/annotations/v2/0001.json"] {
            assert!(!site.has(path) && site.has(&path.replace("0001", "0002")), "{path}");
        }
        let canvases = site.canvases("a");
        assert!(canvases[0].get("annotations").is_none() && canvases[0].get("rendering").is_none());
        assert_eq!(site.json("a/text/index.json")["pages"].as_array().unwrap().len(), 1);
        assert_eq!(attribute(&site, "a/index.html", "figure", "data-text"), ["1"]);
        assert_at_rest(&project);

        let site = item(&[(ending, nothing)]).built();
        let published = site.files("a");
        assert!(published.iter().all(|path| !path.ends_with(".txt") && !path.contains("text/index")), "{published:?}");
        assert!(site.json("a/manifest.json").get("rendering").is_none());
        assert_eq!(attribute(&site, "a/index.html", ".viewer", "data-text-href"), Vec::<String>::new());
    }
}

#[test]
fn a_short_text_stands_on_the_page_of_its_item() {
    let hebrew = alto(&["שלום 12 עולם", "שני"]).replace("deu", "heb");
    let site = item(&[("xml", alto(&["Was iſt"])), ("xml", hebrew), ("txt", "Dear Sir".into())]).built();
    let path = "a/index.html";
    assert_eq!(texts(&site, path, "#text-0001 p"), ["Was iſt"]);
    let lines = |name| attribute(&site, path, "#text-0002 p", name);
    assert_eq!(lines("data-line"), ["0", "1"]);
    assert_eq!(lines("dir"), ["rtl", "rtl"]);
    assert_eq!(lines("lang"), ["he", "he"]);
    assert_eq!(attribute(&site, path, "#text-0003 p", "dir"), ["auto"]);
    assert_eq!(attribute(&site, path, ".page img", "aria-describedby"), ["text-0001", "text-0002", "text-0003"]);
    assert_eq!(all(&site, path, ".machine-read").len(), 2, "what people typed is not marked");
    let links = attribute(&site, path, "a[download]", "href");
    for link in ["../a/text.txt", "../a/text/0001.txt", "../a/text/0003.txt"] {
        assert!(links.iter().any(|href| href == link), "{link}: {links:?}");
    }
    assert!(!site.has("a/text/index.html"));
}

fn long_item(pages: usize) -> Project {
    let text =
        |number: usize| (0..300).map(|word| format!("word{word} ")).collect::<String>() + &format!("page{number}");
    item(&(1..=pages).map(|number| ("txt", text(number))).collect::<Vec<_>>())
}

#[test]
fn a_long_text_has_reading_pages() {
    let project = long_item(60);
    let site = project.built();
    assert_proven(&site);
    assert!(site.has("a/text/index.html") && site.has("a/text/3/index.html") && !site.has("a/text/4/index.html"));
    assert_eq!(texts(&site, "a/text/2/index.html", "h2").len(), 25);
    assert!(texts(&site, "a/text/2/index.html", "#page-0026 p").last().unwrap().ends_with("page26"));
    assert_eq!(
        attribute(&site, "a/text/2/index.html", "link[rel=prev], link[rel=next]", "href"),
        ["../../../a/text/", "../../../a/text/3/"]
    );
    assert!(attribute(&site, "a/text/3/index.html", "a", "href").contains(&"../../../a/#page-0060".to_owned()));
    let own = "a/index.html";
    assert!(all(&site, own, "p[data-line]").is_empty(), "the text is in the parts");
    assert_eq!(attribute(&site, own, ".page-text-link", "href")[25], "../a/text/2/#page-0026");
    assert!(attribute(&site, own, ".links a", "href").contains(&"../a/text/".to_owned()));
    let sitemap = site.text("sitemap.xml");
    for folder in ["a/text/", "a/text/2/", "a/text/3/"] {
        assert!(sitemap.contains(&format!("<loc>https://scans.example.org/archive/{folder}</loc>")), "{folder}");
    }
    assert_at_rest(&project);
}

#[test]
fn what_a_text_does_not_come_to_any_more_is_removed() {
    let project = long_item(30);
    let before = project.built();
    assert!(before.has("a/text/2/index.html"));
    for number in 2..=30 {
        project.write(&format!("content/a/{number:04}.txt"), if number < 20 { "short" } else { "" });
    }
    let site = project.built();
    assert!(!site.has("a/text/index.html") && !site.has("a/text/0020.txt") && !site.has("a/annotations/0020.json"));
    assert_eq!(texts(&site, "a/index.html", "#text-0002 p"), ["short"]);
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn a_text_that_cannot_be_read_any_more_is_in_no_file() {
    let project = item(&[("xml", alto(&["Sesame"])), ("xml", alto(&["Other"]))]);
    assert!(project.built().text("a/text/1.json").contains("Sesame"));
    project.write("content/a/0001.xml", "<alto><Layout>");
    assert_eq!(project.build().failures.len(), 1);
    let site = project.site();
    let revealing: Vec<_> =
        site.contents("").into_iter().filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("Sesame")).collect();
    assert_eq!(revealing.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
    assert!(site.text("a/text/1.json").contains("Other"));
    project.write("content/a/0001.xml", alto(&["Sesame"]));
    assert!(project.built().text("a/index.html").contains("Sesame"));
    assert_as_clean(&project);
}

#[test]
fn a_withheld_page_is_in_no_part() {
    let project = item(&[("xml", alto(&["Open"])), ("xml", alto(&["Sesame"]))]);
    assert!(project.built().text("a/text/1.boxes.json").contains("0002"));
    project.write("content/a/item.toml", "[pages.\"0002.png\"]\npublish = false\n");
    let site = project.built();
    for (path, bytes) in site.contents("a") {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Sesame") && !text.contains("0002"), "{path}");
    }
    assert_as_clean(&project);
}

#[test]
fn an_owner_says_what_an_image_shows() {
    let project = item(&[("txt", "x".into()), ("txt", "y".into())])
        .file("content/a/item.toml", "alt = \"A letter\"\n[pages.\"0002.png\"]\nalt = { fr = \"L’enveloppe\" }\n");
    let site = project.built();
    assert_eq!(attribute(&site, "a/index.html", ".page img", "alt"), ["A letter", "L’enveloppe"]);
    assert_eq!(attribute(&site, "a/index.html", ".page img", "lang"), ["fr"]);
    assert_eq!(attribute(&site, "index.html", ".card img", "alt"), ["A letter"]);
    project.write("content/a/item.toml", "label = \"A\"\n");
    let site = project.built();
    assert_eq!(attribute(&site, "a/index.html", ".page img", "alt"), ["Page 0001", "Page 0002"]);
    assert_eq!(attribute(&site, "index.html", ".card img", "alt"), [""]);
    project.write("content/collection.toml", "label = \"C\"\nalt = \"x\"\n");
    assert!(project.refused().message().contains("`alt` says nothing of a collection"));
}

#[test]
fn markup_and_control_characters_in_a_text_do_nothing() {
    let evil = "Dear <script>alert(1)</script> </p><img src=x onerror=alert(1)> {{ 1 }} &amp; \u{1b}[31mred\u{7}\u{85}\u{9d} \u{202e}turned";
    let site = item(&[("txt", evil.into())]).built();
    let path = "a/index.html";
    assert!(all(&site, path, "#text-0001 *").iter().all(|element| matches!(element.name(), "div" | "p")));
    assert!(
        texts(&site, path, "#text-0001 p")[0]
            .starts_with("Dear <script>alert(1)</script> </p><img src=x onerror=alert(1)> {{ 1 }} &amp; [31mred")
    );
    for (path, bytes) in site.contents("a") {
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{path}");
    }
}

#[test]
fn a_page_of_a_million_words_goes_through_several_parts() {
    let words: String = (0..1_000_000).map(|n| format!("w{n}{}", if n % 12 == 11 { '\n' } else { ' ' })).collect();
    let began = Instant::now();
    let site = item(&[("txt", words), ("txt", "end".into())]).built();
    assert!(began.elapsed() < Duration::from_secs(120), "{:?}", began.elapsed());
    let index = site.json("a/text/index.json");
    let parts = index["parts"].as_array().unwrap();
    assert!(parts.len() > 20 && parts.iter().all(|part| part["bytes"].as_u64().unwrap() <= 240_000), "{parts:?}");
    let mut next = 0;
    for part in 1..=parts.len() {
        assert!(site.read(&format!("a/text/{part}.boxes.json")).len() <= 240_000);
        let part = site.json(&format!("a/text/{part}.json"));
        let entry = &part["pages"][0];
        assert_eq!(entry.get("from").and_then(Value::as_u64).unwrap_or(0), next);
        assert_eq!(entry["blocks"], if next == 0 { json!([0]) } else { json!([]) });
        next += entry["lines"].as_array().unwrap().len() as u64;
    }
    assert_eq!(next, 1_000_000_u64.div_ceil(12));
}

#[test]
fn words_of_any_length_at_any_place_are_bounded() {
    let long = "x".repeat(10_000);
    let word = |at: i64| format!("<String CONTENT='{long}' HPOS='{at}' VPOS='-5' WIDTH='900' HEIGHT='90'/>");
    let words: String = (0..400).map(|n| word(n * 37 - 50)).collect();
    let text = format!(
        "<alto><Layout><Page WIDTH='300' HEIGHT='200'><PrintSpace><TextBlock><TextLine HPOS='-9' VPOS='-9' WIDTH='9000' HEIGHT='99'>{words}</TextLine>\
         <TextLine HPOS='900' VPOS='900' WIDTH='9' HEIGHT='9'><String CONTENT='beyond' HPOS='900' VPOS='900' WIDTH='9' HEIGHT='9'/></TextLine></TextBlock></PrintSpace></Page></Layout></alto>"
    );
    let site = item(&[("xml", text)]).built();
    let boxes = site.json("a/text/1.boxes.json");
    let lines = boxes["pages"][0]["lines"].as_array().unwrap();
    assert_eq!(lines[0]["box"], json!([0, 0, 300, 90]), "on the canvas");
    assert!(lines.len() == 2 || site.has("a/text/2.json"), "a line that is too long has a part of its own");
}

/// A book of pages with 400 words each, in ALTO: 40 lines on 2000 x 3000 pixels, letters of different heights.
fn book(pages: usize) -> Project {
    let scan = png(bilevel(2000, 3000));
    let project = Project::new().file("iiif-build.toml", "text-granularity = \"word\"\n");
    let mut chance = 1_u32;
    let mut next = move |below: u32| {
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (chance >> 8) % below
    };
    let syllables =
        ["der", "ge", "ung", "en", "an", "ver", "schaft", "lich", "ſt", "ro", "pel", "ma", "tion", "ei", "und", "y"];
    let mut vocabulary = vec![];
    for _ in 0..4000 {
        let count = 1 + next(4);
        vocabulary.push((0..count).map(|_| syllables[next(16) as usize]).collect::<String>());
    }
    for page in 0..pages {
        let mut lines = String::new();
        for line in 0..40 {
            let (top, mut left) = (200 + 65 * line + next(5), 200 + next(6));
            let mut words = String::new();
            for _ in 0..10 {
                // Few words are frequent, as in any text.
                let rank = next(4000).min(next(4000)).min(next(4000));
                let word = &vocabulary[rank as usize];
                let width = 17 * word.chars().count() as u32 + next(9);
                let (up, down) = (
                    if word.contains(['d', 'h', 'l', 't']) { 0 } else { 14 },
                    if word.contains(['g', 'p', 'y']) { 12 } else { 0 },
                );
                words += &format!(
                    "<String CONTENT='{word}' HPOS='{left}' VPOS='{}' WIDTH='{width}' HEIGHT='{}'/>",
                    top + up + next(3),
                    38 - up + down
                );
                left += width + 12 + next(8);
            }
            lines +=
                &format!("<TextLine HPOS='200' VPOS='{top}' WIDTH='{}' HEIGHT='52'>{words}</TextLine>", left - 200);
        }
        project.write(&format!("content/a/{page:04}.png"), &scan);
        project.write(&format!("content/a/{page:04}.xml"), format!("<alto><Layout><Page WIDTH='2000' HEIGHT='3000'><PrintSpace><TextBlock LANG='deu'>{lines}</TextBlock></PrintSpace></Page></Layout></alto>"));
    }
    project
}

#[test]
fn lines_and_boxes_take_a_fraction_of_what_annotations_take() {
    let made = iiif_build::iiif_documents(&book(80).config().unwrap()).unwrap();
    assert!(made.failures.is_empty());
    let (mut parts, mut annotations, mut largest) = (0, 0, 0);
    for document in &made.documents {
        let path = document.path.as_str();
        let mut packed = GzEncoder::new(vec![], Compression::default());
        packed.write_all(&document.bytes).unwrap();
        let bytes = packed.finish().unwrap().len();
        if path.starts_with("a/annotations/") {
            annotations += bytes;
        } else if path.starts_with("a/text/") && path.ends_with(".json") {
            parts += bytes;
            largest = largest.max(bytes);
        }
    }
    println!("{annotations} bytes of annotations, {parts} of parts, the largest {largest}");
    assert!(parts * 100 <= annotations * 40, "{parts} of {annotations}");
    assert!(largest <= 110_000, "{largest}");
}
