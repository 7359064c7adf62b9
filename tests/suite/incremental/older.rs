//! Version 2 beside version 3: turned on it is links and documents and no pixel, turned off it is gone.

use crate::archive::{IMAGES, after, archive, assert_as_clean, assert_at_rest, built_archive, plate};
use crate::older::BOTH;
use crate::project::Project;
use crate::prove::assert_proven;
use crate::told::Told;
use std::fs;

/// The documents of the archive in version 2.
const DOCUMENTS: [&str; 6] = [
    "a/manifest.v2.json",
    "b/manifest.v2.json",
    "collection.v2.json",
    "shelf/c/manifest.v2.json",
    "shelf/collection.v2.json",
    "shelf/d/manifest.v2.json",
];

fn site(settings: &str) -> impl FnOnce(&Project) + '_ {
    move |project: &Project| project.write("iiif-build.toml", format!("[images]\ntile-size = 64\n{settings}"))
}

fn older_archive() -> Project {
    let project = archive();
    site(BOTH)(&project);
    project.built();
    project
}

#[test]
fn turning_it_on_cuts_nothing_and_turning_it_off_leaves_nothing() {
    let project = built_archive();
    let twins = IMAGES.map(|id| format!("iiif/2/{id}/…"));
    let all: Vec<&str> = twins.iter().map(String::as_str).chain(DOCUMENTS).collect();
    let effect = after(&project, site(BOTH));
    effect.wrote(&all);
    assert!(effect.told.images().is_empty());
    assert_proven(&project.site());
    after(&project, site("[iiif]\nimage-api = [\"3\", \"2\"]\n")).wrote_and_removed(&[], &DOCUMENTS);
    let infos = IMAGES.map(|id| format!("iiif/2/{id}/info.json"));
    let gone: Vec<&str> = twins.iter().chain(&infos).map(String::as_str).collect();
    after(&project, site("")).wrote_and_removed(&[], &gone);
    assert!(!project.public().join("iiif/2").exists());
}

#[test]
fn a_changed_label_changes_that_items_documents_and_the_lists_that_show_it() {
    let project = older_archive();
    after(&project, |project| project.write("content/a/item.toml", "label = \"Letters, 1880\"\n")).wrote(&[
        "a/manifest.json",
        "a/manifest.v2.json",
        "a/index.html",
        "b/index.html",
        "collection.json",
        "collection.v2.json",
        "index.html",
    ]);
    let summary = "label = \"Letters, 1880\"\nsummary = \"Found\"\n";
    after(&project, |project| project.write("content/a/item.toml", summary)).wrote(&[
        "a/manifest.json",
        "a/manifest.v2.json",
        "a/index.html",
    ]);
}

#[test]
fn a_replaced_scan_gets_new_links_and_a_removed_one_loses_them() {
    let project = older_archive();
    after(&project, |project| project.write("content/a/1.tif", plate(91))).wrote(&["iiif/2/a_1/…", "iiif/3/a_1/…"]);
    let effect = after(&project, |project| project.remove("content/a/2.tif"));
    for path in ["iiif/2/a_2/…", "iiif/3/a_2/…"] {
        assert!(effect.changes.removed.contains(path), "{:?}", effect.changes);
    }
    assert_proven(&project.site());
}

#[test]
fn another_base_url_changes_documents_of_both_versions_and_no_link() {
    let project = older_archive();
    let before = crate::trace::Trace::of(&project.public());
    let project = project.with_base_url("https://elsewhere.example/");
    Told::by(&project, &[]).well();
    let changes = crate::trace::Trace::of(&project.public()).since(&before);
    assert!(changes.written.contains("iiif/2/a_1/info.json") && changes.written.contains("a/manifest.v2.json"));
    assert!(changes.written.iter().all(|path| !path.ends_with('…')), "{changes:?}");
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn links_that_are_gone_are_made_again() {
    let project = older_archive();
    after(&project, |project| fs::remove_dir_all(project.public().join("iiif/2/a_1")).unwrap())
        .wrote(&["iiif/2/a_1/…"]);
    after(&project, |project| fs::remove_dir_all(project.public().join("iiif/2")).unwrap());
}

#[test]
fn verify_sees_a_missing_a_stray_and_a_damaged_link_and_cuts_nothing() {
    let tile = "public/iiif/2/a_1/full/full/0/default.jpg";
    let stray = "public/iiif/2/a_1/full/7,/0/default.jpg";
    for damage in [
        &|project: &Project| project.remove(tile),
        &|project: &Project| project.write(stray, "stray"),
        &|project: &Project| {
            project.remove(tile);
            project.write(tile, "other bytes");
        },
    ] as [&dyn Fn(&Project); 3]
    {
        let project = older_archive();
        damage(&project);
        let told = Told::by(&project, &["--verify"]).well();
        assert!(told.images().is_empty(), "{}", told.said);
        assert_as_clean(&project);
        assert_at_rest(&project);
    }
}

#[test]
fn a_copy_is_as_good_as_a_link() {
    let project = older_archive();
    let file = project.public().join("iiif/2/a_1/full/full/0/default.jpg");
    let bytes = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    fs::write(&file, bytes).unwrap();
    let before = crate::trace::Trace::of(&project.public());
    Told::by(&project, &["--verify"]).well();
    before.assert_still(&project.public());
}

#[test]
fn an_image_that_fails_leaves_its_links_until_it_is_good_again() {
    let project = older_archive();
    project.write("content/a/1.tif", "no picture");
    let told = Told::by(&project, &[]);
    assert_eq!(told.code, Some(1), "{}", told.said);
    assert!(project.public().join("iiif/2/a_1/full/full/0/default.jpg").is_file());
    after(&project, |project| project.write("content/a/1.tif", plate(92)));
}
