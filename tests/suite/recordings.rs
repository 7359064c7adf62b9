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
fn each_frame_of_a_long_recording_is_counted() {
    let site = Project::new().file("content/tape/1.mp3", mp3(60.0)).file("content/tape/2.mp3", mp3(600.0)).built();
    let durations: Vec<_> = site.canvases("tape").iter().map(|canvas| canvas["duration"].as_f64()).collect();
    assert_eq!(durations, [Some(60.0), Some(600.0)]);
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

const CAPTIONS: &str = "1\r\n00:00:00,500 --> 00:00:02,000\r\nGr\u{fc}\u{df}e aus K\u{f6}ln\r\n\r\n2\r\n0:00:02,5 --> 0:00:04\r\n<i>\u{c4}hm</i>\r\n";

const WEBVTT: &str = "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nGr\u{fc}\u{df}e aus K\u{f6}ln\n\n00:00:02.500 --> 00:00:04.000\n<i>\u{c4}hm</i>\n";

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| c as u32 as u8).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
}

#[test]
fn captions_and_a_transcript_beside_a_recording_are_its_own() {
    let project = Project::new()
        .file("content/a/tape.mp3", mp3(6.0))
        .file("content/a/tape.de.srt", latin(CAPTIONS))
        .file("content/a/tape.en.vtt", utf16("WEBVTT\n\n00:01.000 --> 00:04.000\nHello\n"))
        .file("content/a/tape.en.srt", CAPTIONS)
        .file("content/a/tape.txt", latin("Gr\u{fc}\u{df}e.\n\nAnna: ja"));
    let site = project.built();
    assert_proven(&site);
    assert_eq!(site.text("a/files/tape.de.vtt"), WEBVTT);
    assert_eq!(site.text("a/files/tape.en.vtt"), "WEBVTT\n\n00:01.000 --> 00:04.000\nHello\n");
    let canvas = &site.canvases("a")[0];
    let bodies = &canvas["annotations"][0]["items"][0]["body"]["items"];
    let track = |at: usize| (bodies[at]["language"].as_str(), bodies[at]["format"].as_str());
    assert_eq!([track(0), track(1)], [(Some("de"), Some("text/vtt")), (Some("en"), Some("text/vtt"))]);
    assert_eq!(canvas["rendering"][0]["id"], format!("{BASE}/a/text/tape.txt"));
    assert_eq!(site.text("a/text/tape.txt"), "Gr\u{fc}\u{df}e.\n\nAnna: ja\n");
    let html = site.text("a/index.html");
    assert!(html.contains("srclang=\"de\"") && html.contains("srclang=\"en\""), "{html}");
    assert!(html.contains("text/tape.txt\" download=\"a_tape.txt\">Transcript</a>"), "{html}");
    let plan = project.plan();
    let guessed = plan.diagnostics.iter().filter(|found| found.code.name() == "captions");
    assert_eq!(guessed.map(|found| found.message.contains("windows-1252")).collect::<Vec<_>>(), [true]);
    assert_eq!(project.build().written, 0, "the second build writes nothing");
}

#[test]
fn captions_that_a_description_names_become_webvtt_and_no_others_are_looked_for() {
    let item = "[pages.'1.wav']\ncaptions = [{ file = 'a.SRT', language = 'de' }]\n";
    let site = Project::new()
        .file("content/a/item.toml", item)
        .file("content/a/1.wav", wav(6.0))
        .file("content/a/a.SRT", utf16(CAPTIONS))
        .file("content/a/1.vtt", "WEBVTT\n")
        .built();
    assert_proven(&site);
    assert_eq!(site.text("a/files/a.vtt"), WEBVTT);
    assert!(!site.has("a/files/1.vtt") && !site.has("a/files/a.SRT"));
    let body = &site.canvases("a")[0]["annotations"][0]["items"][0]["body"];
    assert_eq!((&body["id"], &body["format"]), (&json!(format!("{BASE}/a/files/a.vtt")), &json!("text/vtt")));
}

#[test]
fn captions_that_cannot_be_read_are_told_with_their_lines() {
    let project = Project::new()
        .file("content/a/1.wav", wav(6.0))
        .file("content/a/1.srt", "1\n00:00:01,000 --> 00:00:02,000\none\n\n2\n00:00:0x,000 --> 00:00:03,000\ntwo\n");
    let site = project.built();
    assert_eq!(site.text("a/files/1.vtt"), "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\none\n");
    let found = project.plan().diagnostics;
    assert!(found.iter().any(|found| found.message.starts_with("line 6: these are no times")), "{found:?}");
    project.write("content/a/1.srt", "Dear Sir");
    let failure = project.build_with_failure();
    assert!(failure.to_string().contains("1.srt: it holds no captions"), "{failure}");
    assert!(project.site().has("a/files/1.vtt"), "the last good build stays");
}

#[test]
fn lengths_are_those_of_what_is_there() {
    let headed = |seconds: f64, stated: u32| {
        let mut file = mp3(seconds);
        let bytes = 96 * (stated + 1);
        let header = [b"Xing".as_slice(), &3_u32.to_be_bytes(), &stated.to_be_bytes(), &bytes.to_be_bytes()].concat();
        file[21..21 + header.len()].copy_from_slice(&header);
        file
    };
    let mut long = wav(3.0);
    long[..4].copy_from_slice(b"RF64");
    let ds64 = [b"ds64\x1c\0\0\0".as_slice(), &[0; 8], &3000_u64.to_le_bytes(), &[0; 12]].concat();
    long[40..44].copy_from_slice(&[0xff; 4]);
    long.splice(12..12, ds64);
    let mut streamed = wav(2.0);
    streamed[40..44].copy_from_slice(&[0; 4]);
    let project = Project::new()
        .file("content/a/1.mp3", headed(2.4, 10_000))
        .file("content/a/2.wav", long)
        .file("content/a/3.wav", streamed)
        .file("content/a/4.mp3", wav(1.0));
    let failure = project.build_with_failure();
    assert!(failure.to_string().contains("4.mp3: it is named .mp3, but holds WAV"), "{failure}");
    let canvases = project.site().canvases("a");
    let durations: Vec<Option<f64>> = canvases.iter().map(|canvas| canvas["duration"].as_f64()).collect();
    assert!((durations[0].unwrap() - 2.4).abs() < 0.1, "{durations:?}");
    assert_eq!(durations[1..], [Some(3.0), Some(2.0)]);
}
