//! What is published for clients of version 2: the same files under further names, and documents in its words.

use crate::archive::{built_archive, sized};
use crate::draw::{grey, page, png};
use crate::project::Project;
use crate::prove::{assert_proven, problems};
use crate::recorded::mp3;
use crate::site::Site;
use serde_json::{Value, json};
use std::fs;

const BASE: &str = "https://scans.example.org/archive";

/// Of `iiif-build.toml`: both APIs in both versions.
pub const BOTH: &str = "[iiif]\nimage-api = [\"3\", \"2\"]\npresentation-api = [\"3\", \"2\"]\n";

fn project(item: &str) -> Project {
    ["1.png", "2.png", "3.png"]
        .iter()
        .fold(Project::new().file("iiif-build.toml", BOTH), |project, name| {
            project.file(&format!("content/a/{name}"), page())
        })
        .file("content/a/item.toml", item)
}

fn proven(project: &Project) -> Site {
    let site = project.built();
    assert_proven(&site);
    site
}

fn manifest(item: &str) -> Value {
    proven(&project(item)).json("a/manifest.v2.json")
}

#[test]
fn each_file_of_version_2_is_one_of_version_3_and_takes_no_room() {
    let project = Project::new()
        .file("iiif-build.toml", format!("[images]\ntile-size = 64\nmax-size = 128\n{BOTH}"))
        .file("content/a/1.png", png(grey(300, 200)))
        .file("content/a/2.png", png(grey(60, 300)))
        .file("content/a/3.png", png(grey(40, 30)));
    let site = proven(&project);
    let estimate = project.plan().plan.estimate(None, project.config().unwrap().older);
    assert_eq!(estimate.files as usize, site.files("iiif").len());
    #[cfg(unix)]
    {
        let inode = |path: &String| std::os::unix::fs::MetadataExt::ino(&fs::metadata(site.file(path)).unwrap());
        let full: Vec<u64> = site.files("iiif/3").iter().map(inode).collect();
        let own: Vec<String> = site.files("iiif/2").into_iter().filter(|path| !full.contains(&inode(path))).collect();
        assert!(own.iter().all(|path| path.ends_with("/info.json")) && own.len() == 3, "{own:?}");
    }
}

#[test]
fn the_prover_sees_what_is_wrong_with_version_2() {
    for path in ["iiif/2/a_1/info.json", "iiif/2/a_1/full/full/0/default.jpg", "a/manifest.v2.json"] {
        let site = proven(&project("label = \"A\""));
        fs::remove_file(site.file(path)).unwrap();
        assert!(!problems(&site).is_empty(), "{path} was not missed");
    }
    let site = proven(&project("label = \"A\""));
    let path = site.file("iiif/2/a_1/full/full/0/default.jpg");
    fs::remove_file(&path).unwrap();
    fs::copy(site.file("iiif/3/a_1/full/90,/0/default.jpg"), &path).unwrap();
    assert!(problems(&site).iter().any(|problem| problem.contains("is not the same")), "{:?}", problems(&site));
}

#[test]
fn a_project_that_does_not_ask_has_nothing_of_version_2() {
    let site = Project::new().file("content/a/1.png", page()).built();
    assert!(site.files("").iter().all(|path| !path.starts_with("iiif/2/") && !path.ends_with(".v2.json")));
    let images = "[iiif]\nimage-api = [\"2\", \"3\"]\n";
    let site = proven(&Project::new().file("iiif-build.toml", images).file("content/a/1.png", page()));
    assert!(site.has("iiif/2/a_1/info.json") && !site.has("a/manifest.v2.json"));
}

#[test]
fn version_2_says_in_its_own_words_what_a_curator_says() {
    let manifest = manifest(
        r#"
        label = { en = "Letters", fr = ["Lettres", "Courrier"] }
        summary = "<p>Of <i>1880</i></p>"
        metadata = [{ label = { en = "Date" }, value = "1880" }]
        rights = "http://rightsstatements.org/vocab/NoC-US/1.0/"
        required-statement = { label = "Attribution", value = { en = "Town archive" } }
        nav-date = 1880-01-01T00:00:00Z
        behavior = "paged"
        viewing-direction = "right-to-left"
        homepage = { id = "https://example.org/letters", label = { en = "Letters" } }
        see-also = { id = "https://example.org/letters.xml", format = "application/xml" }
        rendering = { id = "https://example.org/letters.pdf", label = "PDF" }
        [[provider]]
        id = "https://example.org/"
        label = "Town archive"
        logo = { id = "https://example.org/logo.png" }
        [pages."2.png"]
        behavior = "non-paged"
        "#,
    );
    let expected = json!({
        "label": [
            { "@value": "Letters", "@language": "en" },
            { "@value": "Lettres", "@language": "fr" },
            { "@value": "Courrier", "@language": "fr" },
        ],
        "description": "<p>Of <i>1880</i></p>",
        "metadata": [{ "label": { "@value": "Date", "@language": "en" }, "value": "1880" }],
        "attribution": { "@value": "Town archive", "@language": "en" },
        "license": "http://rightsstatements.org/vocab/NoC-US/1.0/",
        "logo": "https://example.org/logo.png",
        "navDate": "1880-01-01T00:00:00Z",
        "viewingDirection": "right-to-left",
        "viewingHint": "paged",
        "related": {
            "@id": "https://example.org/letters",
            "label": { "@value": "Letters", "@language": "en" },
            "format": "text/html",
        },
        "seeAlso": { "@id": "https://example.org/letters.xml", "format": "application/xml" },
        "rendering": { "@id": "https://example.org/letters.pdf", "label": "PDF", "format": "application/pdf" },
        "within": format!("{BASE}/collection.v2.json"),
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(manifest[key], *value, "{key}");
    }
    let canvases = &manifest["sequences"][0]["canvases"];
    assert_eq!((&canvases[1]["viewingHint"], canvases[0].get("viewingHint")), (&json!("non-paged"), None));
    let resource = &canvases[0]["images"][0]["resource"];
    assert_eq!(resource["@id"], format!("{BASE}/iiif/2/a_1/full/full/0/default.jpg"));
}

#[test]
fn layers_are_a_choice_and_details_lie_above_the_page() {
    let manifest = manifest(
        r#"
        [pages."1.png"]
        layers = [{ file = "1.png", label = "Daylight" }, { file = "2.png", label = "Ultraviolet" }]
        details = [{ file = "3.png", label = "Flap", at = [10, 20, 30, 40] }]
        "#,
    );
    let images = &manifest["sequences"][0]["canvases"][0]["images"];
    let choice = &images[0]["resource"];
    assert_eq!((&choice["@type"], &choice["default"]["label"]), (&json!("oa:Choice"), &json!("Daylight")));
    assert_eq!(choice["item"][0]["label"], "Ultraviolet");
    assert_eq!(images[1]["on"], format!("{BASE}/a/canvas/1#xywh=10,20,30,40"));
}

#[test]
fn chapters_are_one_flat_list_below_a_topmost_range() {
    let manifest = manifest(
        r#"
        start = "2.png"
        [[structures]]
        label = "One"
        pages = ["1", "2.png#xywh=0,0,5,5"]
        [[structures.structures]]
        label = "Within"
        pages = ["3"]
        [[structures]]
        label = "Two"
        pages = ["3"]
        [[structures]]
        label = "Other order"
        behavior = "sequence"
        pages = ["3", "1"]
        "#,
    );
    assert_eq!(manifest["sequences"][0]["startCanvas"], format!("{BASE}/a/canvas/2"));
    let ranges = manifest["structures"].as_array().unwrap();
    let labels: Vec<&Value> = ranges.iter().map(|range| &range["label"]).collect();
    assert_eq!(labels, ["a", "One", "Within", "Two"]);
    assert_eq!(ranges[0]["ranges"], json!([ranges[1]["@id"], ranges[3]["@id"]]));
    assert_eq!(ranges[1]["ranges"], json!([ranges[2]["@id"]]));
    let canvas = format!("{BASE}/a/canvas");
    assert_eq!(ranges[1]["canvases"], json!([format!("{canvas}/1"), format!("{canvas}/2#xywh=0,0,5,5")]));
}

#[test]
fn one_table_of_contents_is_the_topmost_range_itself() {
    let table = "[[structures]]\nlabel = \"Contents\"\n[[structures.structures]]\nlabel = \"One\"\npages = [\"1\"]\n";
    let ranges = manifest(table)["structures"].clone();
    assert_eq!((&ranges[0]["label"], &ranges[0]["viewingHint"]), (&json!("Contents"), &json!("top")));
    assert_eq!(ranges.as_array().unwrap().len(), 2);
}

#[test]
fn what_is_written_on_a_page_and_said_of_it_are_annotation_lists() {
    let hocr = "<div class='ocr_page' title='bbox 0 0 300 200'><span class='ocr_line' title='bbox 10 20 110 40'>\
        Dear Sir</span></div>";
    let notes = "page,xywh,polygon,motivation,text,language,link\n1,\"1,2,3,4\",,,Ein Fleck,de,\n\
        1,,\"0,0 9,0 9,9\",tagging,Wappen,,\n,,,,Of the whole,,\n";
    let project =
        project("annotations = \"notes.csv\"").file("content/a/1.hocr", hocr).file("content/a/notes.csv", notes);
    let site = proven(&project);
    let manifest = site.json("a/manifest.v2.json");
    let lists = manifest["sequences"][0]["canvases"][0]["otherContent"].as_array().unwrap();
    let ids: Vec<&Value> = lists.iter().map(|list| &list["@id"]).collect();
    let annotations = format!("{BASE}/a/annotations");
    assert_eq!(ids, [&format!("{annotations}/v2/1.json"), &format!("{annotations}/v2/notes/page-1.json")]);
    let line = &site.json("a/annotations/v2/1.json")["resources"][0];
    assert_eq!(line["resource"], json!({ "@type": "cnt:ContentAsText", "format": "text/plain", "chars": "Dear Sir" }));
    assert_eq!(line["on"], format!("{BASE}/a/canvas/1#xywh=10,20,100,20"));
    let notes = site.json("a/annotations/v2/notes/page-1.json");
    assert_eq!(notes["resources"][0]["motivation"], "oa:commenting");
    assert_eq!(notes["resources"][0]["resource"]["chars"], "Ein Fleck");
    assert_eq!(notes["resources"][0]["resource"]["language"], "de");
    assert_eq!(notes["resources"][1]["on"]["selector"]["@type"], json!(["oa:SvgSelector", "cnt:ContentAsText"]));
    assert!(!site.has("a/annotations/v2/notes/item.json"), "there is no place for it");
}

#[test]
fn an_annotation_that_version_2_cannot_say_is_left_out_with_its_list() {
    let tags = r#"[{ "motivation": "contentState", "body": "https://example.org/", "target": "1" },
        { "motivation": "linking", "body": { "type": "Wasm", "id": "https://example.org/" }, "target": "2" }]"#;
    let site = proven(&project("annotations = \"tags.json\"").file("content/a/tags.json", tags));
    assert!(site.has("a/annotations/tags/page-1.json"));
    assert!(site.files("a/annotations/v2").is_empty());
}

#[test]
fn recordings_are_left_out_and_so_are_items_of_nothing_else() {
    let project = project("label = \"A\"").file("content/a/4.mp3", mp3(1.2)).file("content/tape/1.mp3", mp3(2.4));
    let site = proven(&project);
    assert_eq!(site.json("a/manifest.v2.json")["sequences"][0]["canvases"].as_array().unwrap().len(), 3);
    assert!(site.has("tape/manifest.json") && !site.has("tape/manifest.v2.json"));
    let manifests = site.json("collection.v2.json")["manifests"].clone();
    assert_eq!(manifests.as_array().unwrap().len(), 1);
    assert_eq!(manifests[0]["@id"], format!("{BASE}/a/manifest.v2.json"));
}

#[test]
fn a_page_without_a_scan_is_an_empty_canvas() {
    let manifest = manifest("[pages.\"4\"]\nmissing = true\n");
    let canvas = &manifest["sequences"][0]["canvases"][3];
    assert_eq!((canvas.get("images"), &canvas["width"], &canvas["height"]), (None, &json!(300), &json!(200)));
}

#[test]
fn a_collection_of_very_many_members_becomes_a_tree() {
    let empty = |project: Project, number| project.file(&format!("content/{number}/collection.toml"), "");
    let project = (0..1000).fold(Project::new().file("iiif-build.toml", BOTH), empty);
    let site = proven(&project.file("content/0 first/1.png", page()).file("content/last/1.png", page()));
    let parts = site.json("collection.v2.json")["collections"].as_array().unwrap().len();
    assert_eq!(parts, 2);
    assert!(site.has("parts/2/collection.v2.json"));
}

#[test]
fn what_is_withheld_is_nowhere_in_version_2_either() {
    let project = project("label = \"Secret\"").file("content/b/1.png", page());
    proven(&project);
    project.write("content/a/item.toml", "label = \"Secret\"\n[pages.\"2.png\"]\npublish = false\n");
    let site = proven(&project);
    assert!(site.files("iiif").iter().all(|path| !path.contains("/a_2/")));
    assert_eq!(site.json("a/manifest.v2.json")["sequences"][0]["canvases"].as_array().unwrap().len(), 2);
    project.write("content/a/item.toml", "label = \"Secret\"\npublish = false\n");
    let site = proven(&project);
    assert!(site.files("").iter().all(|path| !path.starts_with("a/") && !path.contains("/a_")));
    assert!(!site.text("collection.v2.json").contains("Secret"));
}

#[test]
fn a_scan_that_cannot_be_read_is_named_by_no_document() {
    let project = project("label = \"A\"").file("content/a/2.png", b"no picture at all");
    project.build_with_failure();
    let site = project.site();
    assert_proven(&site);
    assert!(!site.text("a/manifest.v2.json").contains("a_2"));
}

#[test]
fn documents_can_be_made_without_the_masters() {
    let project = built_archive();
    project.write("iiif-build.toml", format!("[images]\ntile-size = 64\n{BOTH}"));
    project.write("content/a/1.tif", sized(96, 80, 77));
    let output = project.command(&["build", "--documents"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("8 images linked"));
    assert_proven(&project.site());
}
