//! `build --explain`: for each thing made, which field of which fingerprint changed.

use crate::archive::{IMAGES, archive, built_archive, plate, set, sized};
use crate::project::Project;
use crate::told::Told;
use std::collections::BTreeSet;

/// Why an image, or the documents or pages of a folder, were made.
#[track_caller]
fn why(told: &Told, what: &str, path: &str) -> BTreeSet<String> {
    let made = told.made(what);
    let why = made.get(path).unwrap_or_else(|| panic!("{what} {path:?} was not made: {}", told.said));
    why.iter().cloned().collect()
}

fn after(project: &Project, change: impl FnOnce(&Project)) -> Told {
    change(project);
    Told::by(project, &[]).well()
}

fn images(settings: &'static str) -> impl FnOnce(&Project) {
    move |project| project.write("iiif-build.toml", format!("[images]\ntile-size = 64\n{settings}\n"))
}

#[test]
fn a_first_build_makes_what_is_new() {
    let told = Told::by(&archive(), &[]).well();
    for id in IMAGES {
        assert_eq!(why(&told, "image", &format!("iiif/3/{id}")), set(&["new"]), "{id}");
    }
    assert_eq!(why(&told, "documents", "a"), set(&["new"]));
    assert_eq!(why(&told, "pages", "a"), set(&["new"]));
}

#[test]
fn a_replaced_scan_is_named_as_its_source() {
    let project = built_archive();
    let told = after(&project, |project| project.write("content/a/1.tif", plate(90)));
    assert_eq!(told.images(), set(&["a_1"]));
    assert_eq!(why(&told, "image", "iiif/3/a_1"), set(&["source"]));
    let told = after(&project, |project| project.write("content/a/1.tif", sized(120, 80, 3)));
    assert_eq!(why(&told, "image", "iiif/3/a_1"), set(&["source"]));
    assert_eq!(why(&told, "documents", "a"), set(&["pages"]));
    assert_eq!(why(&told, "pages", "a"), set(&["pages"]));
    assert_eq!(why(&told, "documents", ""), set(&["members"]));
}

#[test]
fn each_setting_of_images_has_its_name() {
    let project = built_archive();
    let settings = [
        ("tile-size", "tile-size = 80"),
        ("quality", "quality = 61"),
        ("subsampling", "subsampling = \"4:4:4\""),
        ("huffman", "huffman = \"progressive\""),
        ("formats", "formats = [\"jpg\", \"webp\"]"),
        ("background", "background = \"#203040\""),
        ("max-size", "max-size = 80"),
        ("max-resolution", "max-resolution = 70"),
        ("lossless", "lossless = \"always\""),
    ];
    for (name, setting) in settings {
        let item = format!("label = \"Letters\"\n[images]\n{setting}\n");
        let told = after(&project, |project| project.write("content/a/item.toml", item));
        // Some of them change nothing of these images, which may then be kept.
        if !told.images().is_empty() {
            assert_eq!(told.images(), set(&["a_1", "a_2"]), "{name}");
            assert_eq!(why(&told, "image", "iiif/3/a_1"), set(&[name]));
        } else {
            assert!(["subsampling", "background", "lossless"].contains(&name), "{name} cuts nothing anew");
        }
        after(&project, |project| project.write("content/a/item.toml", "label = \"Letters\"\n"));
    }
}

#[test]
fn two_reasons_are_both_named() {
    let told = after(&built_archive(), |project| {
        project.write("content/a/1.tif", plate(90));
        images("quality = 61")(project);
    });
    assert_eq!(why(&told, "image", "iiif/3/a_1"), set(&["source", "quality"]));
    assert_eq!(why(&told, "image", "iiif/3/a_2"), set(&["quality"]));
}

#[test]
fn a_label_is_a_description_here_a_member_above_and_a_neighbour_beside() {
    let told = after(&built_archive(), |project| project.write("content/a/item.toml", "label = \"Other\"\n"));
    assert!(told.images().is_empty(), "{}", told.said);
    assert_eq!(why(&told, "documents", "a"), set(&["description"]));
    assert_eq!(why(&told, "documents", ""), set(&["members"]));
    assert_eq!(why(&told, "pages", "a"), set(&["description"]));
    assert_eq!(why(&told, "pages", "b"), set(&["neighbours"]));
    assert!(!told.made("documents").keys().any(|path| path.starts_with("b") || path.starts_with("shelf")));
    assert!(!told.made("pages").keys().any(|path| path.starts_with("shelf")), "{}", told.said);
}

#[test]
fn a_collections_label_is_its_members_collection_and_breadcrumb() {
    let maps = "label = \"Maps\"\n";
    let told = after(&built_archive(), |project| project.write("content/shelf/collection.toml", maps));
    assert_eq!(why(&told, "documents", "shelf"), set(&["description"]));
    assert_eq!(why(&told, "documents", "shelf/c"), set(&["collection"]));
    assert_eq!(why(&told, "pages", "shelf/c"), set(&["breadcrumbs"]));
}

#[test]
fn a_template_a_title_and_a_base_url_have_their_names() {
    let project = built_archive();
    let told = after(&project, |project| project.write("templates/words.toml", "skip_to_content = \"Jump\"\n"));
    assert_eq!(why(&told, "pages", "a"), set(&["templates"]));
    assert!(told.made("documents").is_empty() && told.images().is_empty(), "{}", told.said);

    let title = "title = \"Ours\"\n[images]\ntile-size = 64\n";
    let told = after(&project, |project| project.write("iiif-build.toml", title));
    assert_eq!(why(&told, "pages", "a"), set(&["site"]));
    assert!(told.made("documents").is_empty(), "{}", told.said);

    let project = project.with_base_url("https://elsewhere.example/");
    let told = Told::by(&project, &[]).well();
    assert_eq!(why(&told, "documents", "a"), set(&["base-url"]));
    assert_eq!(why(&told, "pages", "a"), set(&["site"]));
    assert!(told.images().is_empty());
}

#[test]
fn what_is_gone_is_missing_and_what_is_asked_for_forced() {
    let project = built_archive();
    let told = after(&project, |project| project.remove("public/iiif/3/a_1"));
    assert_eq!(why(&told, "image", "iiif/3/a_1"), set(&["missing"]));
    let told = Told::by(&project, &["--force"]).well();
    assert_eq!(why(&told, "image", "iiif/3/a_1"), set(&["forced"]));
}

#[test]
fn explain_says_it_in_a_line_for_people() {
    let project = built_archive();
    project.write("content/a/1.tif", plate(90));
    project.write("content/b/item.toml", "label = \"Other\"\n");
    let output = project.command(&["build", "--explain"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.lines().any(|line| line == "made image iiif/3/a_1: source changed"), "{said}");
    assert!(said.lines().any(|line| line == "made documents b: description changed"), "{said}");
    assert!(!said.contains("iiif/3/a_2"), "{said}");
    let output = project.command(&["build", "--explain"]).output().unwrap();
    assert!(!String::from_utf8(output.stderr).unwrap().contains("made "));
}

#[test]
fn without_explain_people_are_told_no_reasons() {
    let output = archive().command(&["build"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.lines().any(|line| line.starts_with("made ")), "{said}");
}
