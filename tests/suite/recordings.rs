//! Sound and video: pages of an item like its images, in their order, published as they are.

use crate::draw::page;
use crate::project::Project;
use crate::prove::assert_proven;
use crate::recorded::{flac, mp3, mp4, wav, webm};
use serde_json::json;

const BASE: &str = "https://scans.example.org/archive";

#[test]
fn an_item_may_hold_nothing_but_sound() {
    let site = Project::new().file("content/tape/1.wav", wav(12.5)).built();
    assert_proven(&site);
    let canvas = &site.canvases("tape")[0];
    assert_eq!((canvas["duration"].as_f64(), canvas.get("width")), (Some(12.5), None));
    let body = &canvas["items"][0]["items"][0]["body"];
    let expected =
        json!({ "id": format!("{BASE}/tape/files/1.wav"), "type": "Sound", "format": "audio/wav", "duration": 12.5 });
    assert_eq!(*body, expected);
    assert_eq!(site.read("tape/files/1.wav"), wav(12.5));
}

#[test]
fn recordings_stand_among_images_in_natural_order() {
    let project = Project::new()
        .file("content/a/2.mp3", mp3(1.2))
        .file("content/a/10.webm", webm(3.5, Some((640, 360))))
        .file("content/a/1.png", page())
        .file("content/a/3.flac", flac(60.25))
        .file("content/a/4.mp4", mp4(2.0, None));
    let site = project.built();
    assert_proven(&site);
    assert_eq!(site.page_labels("a"), ["1", "2", "3", "4", "10"]);
    let canvases = site.canvases("a");
    let durations: Vec<Option<f64>> = canvases.iter().map(|canvas| canvas["duration"].as_f64()).collect();
    assert_eq!(durations, [None, Some(1.2), Some(60.25), Some(2.0), Some(3.5)]);
    assert_eq!(canvases[3]["items"][0]["items"][0]["body"]["format"], "audio/mp4", "it holds no video");
    assert_eq!((&canvases[4]["width"], &canvases[4]["height"]), (&json!(640), &json!(360)));
}

#[test]
fn the_page_plays_them_without_script() {
    let item = "[pages.'1.webm']\ncaptions = { file = 'words.vtt', language = 'en', label = 'Words' }\nplaceholder = 'still.png'\n";
    let site = Project::new()
        .file("content/a/item.toml", item)
        .file("content/a/1.webm", webm(75.0, Some((640, 360))))
        .file("content/a/2.mp3", mp3(1.2))
        .file("content/a/words.vtt", "WEBVTT\n")
        .file("content/a/still.png", page())
        .built();
    assert_proven(&site);
    let html = site.text("a/index.html");
    assert!(html.contains("<video controls") && html.contains("<audio controls"), "{html}");
    assert!(html.contains("<track kind=\"captions\"") && html.contains("poster=\""), "{html}");
    assert!(html.contains("1:15"), "its length is told");
    assert!(!html.contains("class=\"viewer\""), "there is no image to look at");
}

#[test]
fn a_file_that_cannot_be_read_is_a_failure_that_names_it() {
    let project = Project::new().file("content/a/1.wav", wav(1.0)).file("content/a/2.mp4", "no movie");
    let failure = project.build_with_failure();
    assert!(failure.to_string().contains("2.mp4") && failure.to_string().contains("no MP4"), "{failure}");
    assert_eq!(project.site().page_labels("a"), ["1"]);
}

#[test]
fn a_curator_says_what_a_file_does_not() {
    let project = Project::new()
        .file("content/a/1.ogv", "nobody reads this")
        .file("content/a/item.toml", "[pages.'1.ogv']\nduration = 30\nwidth = 320\nheight = 240\n");
    let site = project.built();
    assert_proven(&site);
    let body = &site.canvases("a")[0]["items"][0]["items"][0]["body"];
    assert_eq!((&body["duration"], &body["width"], &body["format"]), (&json!(30.0), &json!(320), &json!("video/ogg")));
    project.write("content/a/item.toml", "[pages.'1.ogv']\nduration = 0\n");
    assert!(project.build_with_failure().to_string().contains("more than 0"));
}

#[test]
fn what_changes_is_published_anew_and_what_is_gone_is_taken_down() {
    let project = Project::new().file("content/a/1.wav", wav(1.0)).file("content/a/2.wav", wav(1.0));
    project.build();
    project.write("content/a/1.wav", wav(2.0));
    project.remove("content/a/2.wav");
    let site = project.built();
    assert_proven(&site);
    assert_eq!(site.canvases("a")[0]["duration"], 2.0);
    assert_eq!(site.read("a/files/1.wav"), wav(2.0));
    assert!(!site.has("a/files/2.wav"));
}

#[test]
fn an_image_is_no_recording_and_a_recording_no_image() {
    let project = |key: &str| {
        Project::new()
            .file("content/a/1.png", page())
            .file("content/a/2.wav", wav(1.0))
            .file("content/a/a.vtt", "WEBVTT\n")
            .file("content/a/item.toml", key)
    };
    let refused = |key: &str| project(key).build_with_failure().to_string();
    assert!(refused("[pages.'2.wav']\nplaceholder = '2.wav'\n").contains("an image is expected"));
    assert!(refused("[pages.'2.wav']\nfollowed-by = '1.png'\n").contains("no recording"));
    assert!(refused("captions = { file = 'a.vtt' }\n").contains("`captions` says nothing of an item"));
}

#[test]
fn documents_are_merged_and_patched_as_files_beside_them_say() {
    let project = Project::new()
        .file("content/a/1.png", page())
        .file(
            "content/a/item.toml",
            "[pages.'1.png']\nextra = { service = [{ id = 'https://example.org/s', type = 'X' }] }\n",
        )
        .file("content/a/manifest.extra.json", r#"{ "own": 1 }"#)
        .file("content/a/manifest.patch.json", r#"[{ "op": "add", "path": "/items/0/own", "value": 2 }]"#);
    let manifest = project.built().json("a/manifest.json");
    assert_eq!((&manifest["own"], &manifest["items"][0]["own"]), (&json!(1), &json!(2)));
    assert_eq!(manifest["items"][0]["service"][0]["type"], "X");
    project.write("content/a/manifest.patch.json", r#"[{ "op": "remove", "path": "/nowhere" }]"#);
    assert!(project.build_with_failure().to_string().contains("cannot be applied"));
    assert!(
        project.build_with_failure().to_string().contains("cannot be applied"),
        "again, by a build with nothing to do"
    );
    project.write("content/a/manifest.patch.json", r#"[{ "op": "paint" }]"#);
    assert!(project.build_with_failure().to_string().contains("operation 1"));
}

#[test]
fn documents_in_memory_are_those_of_a_build_and_report_the_same_patches() {
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/b/1.png", page())
        .file("content/b/manifest.patch.json", r#"[{ "op": "remove", "path": "/nowhere" }]"#);
    let made = iiif_build::iiif_documents(&project.config().unwrap()).unwrap();
    assert!(!project.public().exists());
    let report = project.build();
    assert_eq!(made.failures.len(), 1);
    assert_eq!(made.failures[0].to_string(), report.failures[0].to_string());
    let site = project.site();
    for document in &made.documents {
        assert_eq!(site.read(document.path.as_str()), document.bytes, "{}", document.path.as_str());
    }
    assert_eq!(made.documents.len(), 5, "two info.json, two Manifests and the Collection");
}
