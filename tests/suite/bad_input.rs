//! Broken images and mistakes in settings and metadata: said clearly, and nothing else suffers.

use crate::draw::{colour, grey, jpeg, page, png};
use crate::project::Project;
use crate::prove::assert_proven;
use iiif_build::error::{Error, ErrorKind};
use std::fs;

/// An item with a good first and last page, and `bytes` between them.
fn with_broken(name: &str, bytes: &[u8]) -> Project {
    Project::new()
        .file("content/a/1.png", page())
        .file(&format!("content/a/{name}"), bytes)
        .file("content/a/3.png", page())
        .file("content/b/1.png", page())
}

/// The broken image is named with its reason and a hint; everything else is there and says what is missing.
fn assert_left_out(name: &str, bytes: &[u8]) -> Error {
    let project = with_broken(name, bytes);
    let error = project.build_with_failure();
    assert_eq!(error.kind(), ErrorKind::Image, "{error:?}");
    assert_eq!(error.path(), Some(project.root().join("content/a").join(name).as_path()));
    assert!(!error.message().is_empty());
    assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "no hint: {error:?}");

    let site = project.site();
    assert_proven(&site);
    assert_eq!(site.image_ids().into_iter().collect::<Vec<_>>(), ["a_1", "a_3", "b_1"]);
    assert_eq!(site.page_labels("a"), ["1", "3"]);
    assert!(site.text("a/index.html").contains("class=\"notice\""), "the page does not say that one is missing");
    assert!(!site.text("b/index.html").contains("class=\"notice\""));
    error
}

#[test]
fn an_empty_file_is_left_out_and_said_so() {
    let error = assert_left_out("2.tif", b"");
    assert!(error.message().contains("empty"), "{error:?}");
}

#[test]
fn a_text_that_calls_itself_a_tiff_is_left_out_and_said_so() {
    let error = assert_left_out("2.tif", b"This is a letter, and no picture of one.");
    assert!(error.message().contains("no image"), "{error:?}");
}

#[test]
fn a_jpeg_cut_off_in_its_pixels_is_left_out_and_said_so() {
    let whole = jpeg(colour(900, 700));
    assert_left_out("2.jpg", &whole[..whole.len() / 2]);
}

#[test]
fn an_image_cut_off_in_its_header_is_left_out_and_said_so() {
    assert_left_out("2.jpg", &jpeg(grey(300, 200))[..40]);
    assert_left_out("2.png", &page()[..20]);
    assert_left_out("2.tif", b"II*\0\x08\0\0\0");
    assert_left_out("2.webp", b"RIFF\x10\0\0\0WEBPVP8 ");
    assert_left_out("2.jp2", b"\0\0\0\x0cjP  \r\n\x87\n");
}

#[test]
fn a_png_cut_off_in_its_pixels_is_left_out_and_said_so() {
    let whole = png(colour(900, 700));
    assert_left_out("2.png", &whole[..whole.len() * 2 / 3]);
}

#[test]
fn an_item_whose_only_image_is_broken_is_not_in_the_site() {
    let project = Project::new().file("content/a/1.tif", b"no image").file("content/b/1.png", page());
    project.build_with_failure();
    let site = project.site();
    assert_proven(&site);
    assert!(!site.has("a/manifest.json") && !site.has("a/index.html"));
}

#[test]
fn with_nothing_but_broken_images_the_site_is_empty_but_whole() {
    let project = Project::new().file("content/a/1.tif", b"no image");
    project.build_with_failure();
    assert_proven(&project.site());
}

#[test]
fn fail_fast_stops_at_the_first_image_that_cannot_be_tiled() {
    let whole = jpeg(colour(900, 700));
    let project = with_broken("2.jpg", &whole[..whole.len() / 2]).with_fail_fast();
    assert_eq!(project.refused().kind(), ErrorKind::Image);
}

/// Builds, puts `mistake` into `file`, builds again: refused at the line and column, and not one byte written.
fn assert_refused_before_anything_is_written(file: &str, mistake: &str, kind: ErrorKind, line: usize, key: &str) {
    let project = Project::new().file("content/a/1.png", page());
    let site = project.built();
    let (before, times) = (site.contents(""), site.times(""));
    project.write(file, mistake);
    project.write("content/a/2.png", page());
    let error = project.refused();
    assert_eq!(error.kind(), kind);
    assert_eq!(error.position().map(|position| (position.line, position.column)), Some((line, 1)), "{error:?}");
    assert_eq!(error.path(), Some(project.root().join(file).as_path()));
    assert!(error.message().contains(key), "{error:?}");
    assert!(before == site.contents("") && times == site.times(""), "something was written");

    let fresh = Project::new().file("content/a/1.png", page()).file(file, mistake);
    fresh.refused();
    assert!(!fresh.public().exists(), "an output folder was made");
}

#[test]
fn a_misspelt_key_is_refused_with_its_line_and_nothing_is_written() {
    let config = "base-url = \"https://example.org/\"\n\n[images]\nqualty = 70\n";
    assert_refused_before_anything_is_written("iiif-build.toml", config, ErrorKind::Config, 4, "qualty");
    let collection = "# The root\nlable = \"A\"\n";
    assert_refused_before_anything_is_written("content/collection.toml", collection, ErrorKind::Content, 2, "lable");
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_its_line() {
    for (mistake, line) in
        [("label = \"A\"\nrights = 3\n", 2), ("nav-date = \"yesterday\"\n", 1), ("behavior = \"loose\"\n", 1)]
    {
        let error =
            Project::new().file("content/a/1.png", page()).file("content/a/item.toml", mistake).build_with_failure();
        assert_eq!(error.position().map(|position| position.line), Some(line), "{error:?}");
    }
}

#[test]
fn a_page_description_of_no_image_is_refused() {
    let item = "[pages.\"9.png\"]\nlabel = \"Nine\"\n";
    let error = Project::new().file("content/a/1.png", page()).file("content/a/item.toml", item).build_with_failure();
    assert!(error.message().contains("9.png"), "{error:?}");
}

#[test]
fn a_project_without_content_is_refused_with_a_hint() {
    let project = Project::new();
    fs::remove_dir(project.root().join("content")).unwrap();
    let error = project.refused();
    assert_eq!((error.kind(), error.hint().is_some()), (ErrorKind::Config, true));
}

#[test]
fn an_output_folder_with_files_of_somebody_else_is_refused_and_left_alone() {
    let project = Project::new().file("content/a/1.png", page()).file("public/thesis.doc", "years of work");
    assert_eq!(project.refused().kind(), ErrorKind::Config);
    assert_eq!(project.site().files("").len(), 1);
}

#[test]
fn an_output_folder_that_would_swallow_the_sources_is_refused() {
    for output in [".", "content", "content/out", ".."] {
        let config = format!("output = \"{output}\"");
        let project = Project::new().file("content/a/1.png", page()).file("iiif-build.toml", config);
        assert_eq!(project.refused().kind(), ErrorKind::Config, "{output}");
        assert!(project.root().join("content/a/1.png").is_file());
    }
}
