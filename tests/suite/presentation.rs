//! What a curator can say of an item beside its label: pages in other light, chapters, places, files, annotations.

use crate::draw::page;
use crate::project::Project;
use crate::prove::assert_proven;
use serde_json::{Value, json};

const BASE: &str = "https://scans.example.org/archive";

fn project(item: &str) -> Project {
    ["1.png", "2.png", "3.png"]
        .iter()
        .fold(Project::new(), |project, name| project.file(&format!("content/a/{name}"), page()))
        .file("content/a/item.toml", item)
}

fn manifest(item: &str) -> Value {
    let site = project(item).built();
    assert_proven(&site);
    site.json("a/manifest.json")
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
    assert_eq!(manifest["items"].as_array().unwrap().len(), 1, "the other images are no pages");
    let painted = manifest["items"][0]["items"][0]["items"].as_array().unwrap();
    assert_eq!(painted[0]["body"]["type"], "Choice");
    let labels: Vec<&Value> =
        painted[0]["body"]["items"].as_array().unwrap().iter().map(|image| &image["label"]["none"][0]).collect();
    assert_eq!(labels, ["Daylight", "Ultraviolet"]);
    assert_eq!(painted[1]["target"], format!("{BASE}/a/canvas/1#xywh=10,20,30,40"));
}

#[test]
fn chapters_and_the_start_name_pages_by_token_or_file() {
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
        label = "Other order"
        behavior = "sequence"
        pages = ["3", "1"]
        "#,
    );
    assert_eq!(manifest["start"], json!({ "id": format!("{BASE}/a/canvas/2"), "type": "Canvas" }));
    let ranges = &manifest["structures"];
    assert_eq!(ranges[0]["items"][1]["id"], format!("{BASE}/a/canvas/2#xywh=0,0,5,5"));
    assert_eq!(ranges[0]["items"][2]["items"][0]["id"], format!("{BASE}/a/canvas/3"));
    assert_eq!(ranges[0]["items"][2]["id"], format!("{BASE}/a/range/1/1"));
    assert_eq!(ranges[1]["behavior"], json!(["sequence"]));
}

#[test]
fn a_name_that_no_page_goes_by_is_an_error() {
    let failure = project("start = \"7\"").build_with_failure();
    assert!(failure.to_string().contains("\"7\""), "{failure}");
}

#[test]
fn places_bring_the_context_of_their_extension() {
    let manifest = manifest("nav-place = [13.4, 52.5]");
    assert_eq!(manifest["@context"][0], "http://iiif.io/api/extension/navplace/context.json");
    assert_eq!(manifest["@context"][1], "http://iiif.io/api/presentation/3/context.json");
    assert_eq!(manifest["navPlace"]["features"][0]["geometry"]["coordinates"], json!([13.4, 52.5]));
}

#[test]
fn files_are_published_with_the_item_that_links_to_them() {
    let project =
        project("rendering = { file = \"extra/book.pdf\", label = \"PDF\" }\nsee-also = { file = \"about.xml\" }")
            .file("content/a/extra/book.pdf", "%PDF")
            .file("content/a/about.xml", "<about/>");
    let site = project.built();
    assert_proven(&site);
    let manifest = site.json("a/manifest.json");
    assert_eq!(manifest["rendering"][0]["id"], format!("{BASE}/a/files/extra/book.pdf"));
    assert_eq!(manifest["rendering"][0]["format"], "application/pdf");
    assert_eq!(manifest["rendering"][0]["type"], "Text");
    assert_eq!(manifest["seeAlso"][0]["format"], "application/xml");
    assert_eq!(site.text("a/files/extra/book.pdf"), "%PDF");
    project.write("content/a/item.toml", "");
    assert!(!project.built().has("a/files/extra/book.pdf"), "nothing asks for it any more");
}

#[test]
fn annotations_come_from_tables_and_from_json() {
    let project = project("annotations = [\"notes.csv\", \"tags.json\"]")
        .file(
            "content/a/notes.csv",
            "page,xywh,polygon,motivation,text,language,link\n1,\"1,2,3,4\",,,Ein Fleck,de,\n2,,\"0,0 9,0 9,9\",tagging,Wappen,,\n\
             3,,,linking,,,https://example.org/\n,,,,Of the whole,,\n",
        )
        .file(
            "content/a/tags.json",
            r#"{ "type": "AnnotationPage", "items": [
                { "motivation": "tagging", "body": { "type": "TextualBody", "value": "x" }, "target": "1.png#xywh=0,0,1,1", "own": 1 }] }"#,
        );
    let site = project.built();
    assert_proven(&site);
    let manifest = site.json("a/manifest.json");
    let first = manifest["items"][0]["annotations"].as_array().unwrap();
    assert_eq!(first.len(), 2);
    let notes = site.json(&site.path_of(first[0]["id"].as_str().unwrap()).unwrap());
    assert_eq!(notes["items"][0]["target"], format!("{BASE}/a/canvas/1#xywh=1,2,3,4"));
    assert_eq!(notes["items"][0]["body"]["language"], "de");
    let tags = site.json(&site.path_of(first[1]["id"].as_str().unwrap()).unwrap());
    assert_eq!(tags["items"][0]["own"], 1, "what is not known is kept");
    assert_eq!(site.json("a/annotations/notes/page-2.json")["items"][0]["target"]["selector"]["type"], "SvgSelector");
    let whole = manifest["annotations"][0]["id"].as_str().unwrap();
    assert_eq!(site.json(&site.path_of(whole).unwrap())["items"][0]["target"]["type"], "Manifest");
}

#[test]
fn an_annotation_keeps_what_is_said_of_its_target_and_leads_to_pages_and_back_to_the_manifest() {
    let project = project("annotations = [\"links.json\", \"more.csv\"]")
        .file(
            "content/a/links.json",
            r#"[{
                "motivation": "linking",
                "body": [{ "type": "SpecificResource", "source": { "id": "3.png", "type": "Canvas" } }],
                "target": { "type": "SpecificResource", "source": "1.png#xywh=1,2,3,4", "styleClass": "red" }
            }]"#,
        )
        .file("content/a/more.csv", "page,link\n2,3\n");
    let site = project.built();
    assert_proven(&site);
    let part_of = json!([{ "id": format!("{BASE}/a/manifest.json"), "type": "Manifest" }]);
    let canvas = |token: &str| json!({ "id": format!("{BASE}/a/canvas/{token}"), "type": "Canvas", "partOf": part_of });
    let link = &site.json("a/annotations/links/page-1.json")["items"][0];
    assert_eq!(link["target"]["source"], canvas("1"));
    assert_eq!(link["target"]["styleClass"], "red");
    assert_eq!(link["target"]["selector"]["value"], "xywh=1,2,3,4");
    assert_eq!(link["body"][0]["source"], canvas("3"));
    assert_eq!(site.json("a/annotations/more/page-2.json")["items"][0]["body"]["source"], canvas("3"));
}

#[test]
fn a_row_with_a_mistake_is_named_by_its_line() {
    let project = project("annotations = \"notes.csv\"").file("content/a/notes.csv", "page,text\n1,fine\n9,none\n");
    let failure = project.build_with_failure();
    assert!(failure.to_string().contains("notes.csv:3"), "{failure}");
}

#[test]
fn own_properties_are_merged_and_kept() {
    let manifest =
        manifest("label = \"A\"\n[extra]\n\"service\" = [{ id = \"https://example.org/s\", type = \"X\" }]\n");
    assert_eq!(manifest["service"][0]["type"], "X");
    assert_eq!(manifest["label"]["none"][0], "A");
}

#[test]
fn of_several_masters_of_a_page_one_is_published_and_the_others_are_told() {
    let files = ["a_0001_m.png", "a_0001_se.png", "a_0002_m.png"];
    let project = files.iter().fold(Project::new(), |project, name| project.file(&format!("content/a/{name}"), page()));
    let report = project.build();
    assert_eq!(report.failures.len(), 0, "{:?}", report.failures);
    assert!(report.diagnostics[0].message.contains("other masters"), "{:?}", report.diagnostics);
    assert_eq!(project.site().page_labels("a"), ["0001", "0002"]);
    let planned = project.plan();
    assert!(planned.plan.images[0].master.source.ends_with("a_0001_se.png"));
    project.write("iiif-build.toml", "masters = [\"master\"]\n");
    assert!(project.plan().plan.images[0].master.source.ends_with("a_0001_m.png"));
}

#[test]
fn the_best_folder_of_masters_lends_the_images() {
    let project = Project::new().file("content/a/master/1.tif", page()).file("content/a/master_edited/1.tif", page());
    let project = project.file("content/a/service/readme.txt", "empty");
    assert!(project.plan().plan.images[0].master.source.ends_with("master_edited/1.tif"));
    assert_eq!(project.plan().plan.images.len(), 1);
}

#[test]
fn what_is_withheld_is_nowhere_and_is_taken_down() {
    let project = project("label = \"Secret\"").file("content/b/1.png", page());
    project.build();
    project.write("content/a/item.toml", "label = \"Secret\"\npublish = false\n");
    let site = project.built();
    assert!(site.files("").iter().all(|file| !file.starts_with("a/") && !file.starts_with("iiif/3/a_")));
    assert!(!site.text("sitemap.xml").contains("/a/") && !site.text("collection.json").contains("Secret"));
    project.write("content/a/item.toml", "embargo = 2999-01-01\n");
    assert!(!project.built().has("a/manifest.json"));
    project.write("content/a/item.toml", "embargo = 1999-01-01\n[pages.\"2.png\"]\npublish = false\n");
    assert_eq!(project.built().page_labels("a"), ["1", "3"]);
}

#[test]
fn an_image_stands_in_several_places_and_is_made_once() {
    let site = Project::new()
        .file("content/a/1.png", page())
        .file("content/a/2.png", page())
        .file("content/a/stamp.png", page())
        .file(
            "content/a/item.toml",
            r#"
            placeholder = "stamp.png"
            accompanying = "stamp.png"
            [pages."1.png"]
            details = [{ file = "stamp.png", at = [1, 1, 9, 9] }]
            [pages."2.png"]
            details = [{ file = "stamp.png", at = [2, 2, 9, 9] }]
            "#,
        )
        .built();
    assert!(site.has("iiif/3/a_stamp/info.json") && site.has("iiif/3/a_stamp/full/max/0/default.jpg"));
    let manifest = site.text("a/manifest.json");
    assert!(manifest.matches("/a_stamp/full/max").count() >= 4, "{manifest}");
}

#[test]
fn annotations_that_would_take_each_others_address_are_refused() {
    let row = "page,motivation,text\n1,commenting,x\n";
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/a/t.csv", row)
        .file("content/a/t.json", r#"{ "type": "Annotation", "motivation": "tagging", "body": "x", "target": "1" }"#)
        .file("content/a/item.toml", "annotations = [\"t.csv\", \"t.json\"]\n");
    let error = project.build_with_failure();
    assert!(error.message().contains("take the address of others"), "{error}");
}
