//! Continuous integration: a fresh clone with a restored cache, and a report for machines.

use crate::archive::{IMAGES, archive, assert_as_clean, assert_at_rest, built_archive, plate};
use crate::told::Told;
use crate::trace::Trace;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn a_fresh_clone_with_restored_state_and_output_writes_nothing() {
    let clone = built_archive().cloned();
    assert_at_rest(&clone);
    let before = Trace::of(&clone.public());
    let report = clone.build();
    assert_eq!((report.images, report.written, report.removed), (0, 0, 0));
    before.assert_still(&clone.public());
}

#[test]
fn a_fresh_clone_makes_what_changed_since_the_cache_was_saved() {
    let project = built_archive();
    let clone = project.cloned();
    clone.write("content/a/1.tif", plate(90));
    let told = Told::by(&clone, &[]).well();
    assert_eq!(told.images(), BTreeSet::from(["a_1".to_owned()]));
    assert_as_clean(&clone);
}

#[test]
fn a_fresh_clone_with_the_state_alone_builds_all() {
    let clone = built_archive().cloned();
    clone.remove("public");
    Told::by(&clone, &[]).well();
    assert_as_clean(&clone);
}

#[test]
fn two_outputs_of_a_project_have_a_state_each() {
    let project = built_archive();
    let other = project.root().join("preview");
    let build = |arguments: &[&str]| {
        let output = project.command(&["build", "--log", "json"]).args(arguments).output().unwrap();
        Told::new(output.status.code(), String::from_utf8(output.stderr).unwrap()).well()
    };
    let into = ["--output", other.to_str().unwrap()];
    assert_eq!(build(&into).images().len(), IMAGES.len());
    assert!(build(&into).made_nothing() && build(&[]).made_nothing());
    assert!(project.root().join(".iiif-build/preview.sqlite").is_file());
}

fn report(project: &crate::project::Project, arguments: &[&str]) -> (Told, Value) {
    let path = project.root().join("report.json");
    let told = Told::by(project, &[arguments, &["--report", path.to_str().unwrap()]].concat());
    (told, serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
}

fn outcomes(report: &Value, outcome: &str) -> BTreeSet<String> {
    let images = report["images"].as_array().unwrap().iter().filter(|image| image["outcome"] == outcome);
    images.map(|image| image["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_report_says_of_each_image_what_became_of_it_and_why() {
    let project = archive();
    let (_, first) = report(&project, &[]);
    assert_eq!(outcomes(&first, "written").len(), IMAGES.len());
    assert!(first["failures"].as_array().unwrap().is_empty());
    let stages: Vec<&str> =
        first["stages"].as_array().unwrap().iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert!(stages.contains(&"tile") && stages.contains(&"publish"), "{stages:?}");
    assert!(first["stages"].as_array().unwrap().iter().all(|stage| stage["seconds"].is_number()));

    let (_, second) = report(&project, &[]);
    assert_eq!(outcomes(&second, "reused").len(), IMAGES.len());

    project.write("content/a/1.tif", plate(90));
    project.write("content/a/2.tif", "no image");
    let (told, third) = report(&project, &[]);
    assert_eq!(told.code, Some(1));
    assert_eq!(outcomes(&third, "written"), BTreeSet::from(["a_1".to_owned()]));
    let written = third["images"].as_array().unwrap().iter().find(|image| image["outcome"] == "written").unwrap();
    assert_eq!(written["why"][0], "source");
    assert_eq!(outcomes(&third, "reused").len(), IMAGES.len() - 2);
    let failures = third["failures"].as_array().unwrap();
    assert!(failures.len() == 1 && failures[0].to_string().contains("2.tif"), "{failures:?}");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let told = Told::by(&archive(), &["--report", "/no/such/folder/report.json"]);
    assert!(told.code.is_some_and(|code| code != 0) && told.said.contains("report.json"), "{}", told.said);
}
