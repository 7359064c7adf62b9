//! Only the target is left: the site and the records of its build come back from it, and documents are made again without
//! the masters.

use super::deployed;
use super::place::{Files, Place, each};
use crate::archive::archive;
use crate::project::Project;
use flate2::read::DeflateDecoder;
use std::collections::BTreeSet;
use std::io::Read;

/// The sources without masters, records and output: what a repository of metadata holds.
fn without_masters(project: &Project) -> Project {
    let copy = project.cloned();
    [".iiif-build", "public"].iter().for_each(|folder| copy.remove(folder));
    for master in ["a/1.tif", "a/2.tif", "b/1.tif", "b/2.tif", "shelf/c/1.tif", "shelf/d/1.tif"] {
        copy.remove(&format!("content/{master}"));
    }
    copy
}

#[track_caller]
fn well(place: &Place, project: &Project, arguments: &[&str]) -> String {
    let said = place.run(project, arguments);
    assert_eq!(said.code, Some(0), "{arguments:?}: {}", said.text);
    said.text
}

fn changed(before: &Files, after: &Files) -> BTreeSet<String> {
    before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).cloned().collect()
}

#[test]
fn a_title_is_edited_where_only_the_target_is_left() {
    each(comes_back);
}

fn comes_back(place: &Place) {
    let project = archive().file("iiif-build.toml", "[images]\ntile-size = 64\n");
    place.is_target_of(&project, "compress = \"gzip\"");
    project.built();
    place.deployed(&project, &[]);
    let before = place.live();

    let other = without_masters(&project);
    place.is_target_of(&other, "compress = \"gzip\"");
    let said = well(place, &other, &["fetch-state", "live"]);
    assert!(said.contains("8 images"), "{said}");
    let fetched = other.site().files("");
    assert!(fetched.iter().all(|path| project.site().read(path) == other.site().read(path)), "{fetched:?}");
    assert!(!fetched.iter().any(|path| path.ends_with(".jpg")), "tiles were fetched");
    let said = place.deployed(&other, &[]);
    assert!(said.contains(" 0 files put"), "{said}");

    other.write("content/a/item.toml", "label = \"Cards\"\n");
    well(place, &other, &["build", "--documents", "--base-url", crate::project::BASE_URL]);
    place.deployed(&other, &[]);
    let changed = changed(&before, &place.live());
    assert!(changed.contains("a/manifest.json") && changed.contains("collection.json"), "{changed:?}");
    let is_document = |path: &String| path.ends_with(".json") || path.ends_with(".html") || path.ends_with(".xml");
    assert!(changed.iter().all(is_document) && !changed.iter().any(|path| path.starts_with("iiif/")), "{changed:?}");

    // With the masters at hand it is as a clean build.
    project.write("content/a/item.toml", "label = \"Cards\"\n");
    project.built();
    let said = place.deployed(&project, &["--from-stale"]);
    assert!(said.contains(" 0 files put"), "{said}");
}

#[test]
fn links_for_image_api_2_come_back_with_the_images_only() {
    let place = Place::Folder(tempfile::tempdir().unwrap());
    let settings = "[iiif]\nimage-api = [\"3\", \"2\"]\npresentation-api = [\"3\", \"2\"]\n";
    let project = archive().file("iiif-build.toml", format!("[images]\ntile-size = 64\n{settings}"));
    place.is_target_of(&project, "");
    project.built();
    place.deployed(&project, &[]);
    let other = without_masters(&project);
    place.is_target_of(&other, "");
    let said = place.run(&other, &["fetch-state", "live"]);
    assert!(said.code == Some(2) && said.text.contains("--images"), "{}", said.text);
    assert!(!other.public().exists());
    well(&place, &other, &["fetch-state", "live", "--images"]);
    assert_eq!(other.site().read("a/manifest.json"), project.site().read("a/manifest.json"));
}

#[test]
fn all_files_come_back_where_that_is_asked_for() {
    each(|place| {
        let project = deployed(place);
        let other = without_masters(&project);
        well(place, &other, &["fetch-state", "--images"]);
        assert!(other.site().contents("") == project.site().contents(""));
    });
}

#[test]
fn nothing_is_fetched_over_what_somebody_has() {
    each(|place| {
        let project = deployed(place);
        let said = place.run(&project, &["fetch-state"]);
        assert!(said.code == Some(1) && said.text.contains("--output"), "{}", said.text);
        let other = without_masters(&project);
        other.write("public/notes.txt", "mine");
        let said = place.run(&other, &["fetch-state"]);
        assert!(said.code == Some(1) && said.text.contains("would be lost"), "{}", said.text);
        assert_eq!(other.site().read("notes.txt"), b"mine");
        other.remove("public");
        place.put("a/manifest.json", b"changed by somebody");
        let said = place.run(&other, &["fetch-state"]);
        assert!(said.code == Some(1) && said.text.contains("a/manifest.json"), "{}", said.text);
        assert!(!other.public().exists() || other.site().files("").is_empty());
        let left = std::fs::read_dir(other.root()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(!left.into_iter().any(|name| name.to_str().unwrap().starts_with(".partial")));
    });
}

#[test]
fn an_unfinished_deploy_and_an_empty_place_are_told() {
    each(|place| {
        let project = archive();
        place.is_target_of(&project, "");
        let said = place.run(&project, &["fetch-state"]);
        assert!(said.code == Some(1) && said.text.contains("hint: "), "{}", said.text);
        project.built();
        place.deployed(&project, &[]);
        let mut pointer = place.pointer();
        pointer["unfinished"] = "0123".into();
        place.set_pointer(&pointer);
        let said = place.run(&without_masters(&project), &["fetch-state"]);
        assert!(said.code == Some(1) && said.text.contains("come to its end"), "{}", said.text);
    });
}

#[test]
fn what_lies_beside_the_site_names_nothing_that_is_withheld() {
    each(|place| {
        let project = deployed(place);
        project.write("content/shelf/d/item.toml", "publish = false\n");
        project.built();
        place.deployed(&project, &["--allow-shrink", "9"]);
        let copies: Vec<String> =
            place.private().into_iter().filter(|path| path.starts_with(".iiif-build/records-")).collect();
        assert_eq!(copies.len(), 1, "{copies:?}");
        let mut plain = vec![];
        DeflateDecoder::new(place.read(&copies[0]).unwrap().as_slice()).read_to_end(&mut plain).unwrap();
        let holds = |text: &str| plain.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(holds("shelf/c") && !holds("shelf/d") && !holds("shelf-d"));
    });
}
