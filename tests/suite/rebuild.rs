//! Build, change something, build again: what is written, kept and removed.

use crate::draw::{colour, jpeg, page, png};
use crate::project::Project;
use crate::prove::assert_proven;
use std::fs;

fn two_items() -> Project {
    Project::new()
        .file("content/a/1.png", png(colour(700, 600)))
        .file("content/a/2.png", page())
        .file("content/shelf/b/1.png", page())
}

#[test]
fn a_second_build_changes_no_byte_and_touches_no_page_or_manifest() {
    let project = two_items();
    let site = project.built();
    let (before, times) = (site.contents(""), site.times(""));
    let report = project.build();
    assert_eq!(report.removed, 0);
    assert!(before == site.contents(""));
    let after = site.times("");
    let touched = times.keys().filter(|path| !path.starts_with("iiif/") && after[*path] != times[*path]);
    assert_eq!(touched.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_changed_base_url_changes_documents_and_no_pixel() {
    let project = two_items();
    let images = project.built().contents("iiif");
    let project = project.with_base_url("https://elsewhere.example/");
    let after = project.built();
    assert_proven(&after);
    let is_tile = |path: &&String| path.ends_with(".jpg");
    let now = after.contents("iiif");
    assert!(now.keys().eq(images.keys()));
    assert!(images.keys().filter(is_tile).all(|path| now[path] == images[path]));
    assert!(after.contents("").iter().filter(|(path, _)| !is_tile(path)).all(|(path, bytes)| {
        !String::from_utf8_lossy(bytes).contains("scans.example.org") || panic!("{path} still names the old host")
    }));
}

#[test]
fn removed_pages_and_items_vanish_with_all_their_files() {
    let project = two_items();
    project.built();
    project.remove("content/a/1.png");
    project.remove("content/shelf");
    let site = project.built();
    assert_proven(&site);
    let left: Vec<String> =
        site.files("").into_iter().filter(|path| path.contains("a_1") || path.contains("shelf")).collect();
    assert_eq!(left, [""; 0]);
    for folder in ["iiif/3/a_1", "iiif/3/shelf-b_1", "shelf"] {
        assert!(!site.file(folder).exists(), "the empty folder {folder} stays");
    }
}

#[test]
fn a_renamed_item_leaves_nothing_at_its_old_address() {
    let project = two_items();
    project.built();
    fs::rename(project.root().join("content/shelf/b"), project.root().join("content/shelf/c")).unwrap();
    let site = project.built();
    assert_proven(&site);
    assert!(!site.file("shelf/b").exists() && site.has("shelf/c/manifest.json"));
}

#[test]
fn an_image_that_fails_keeps_its_last_good_files_and_no_document_names_it() {
    let whole = jpeg(colour(900, 700));
    for broken in [&b"no image"[..], &whole[..whole.len() / 2]] {
        let project = two_items().file("content/a/9.jpg", &whole);
        let good = project.built().contents("iiif/3/a_9");
        assert!(good.len() > 8);
        project.write("content/a/9.jpg", broken);
        project.build_with_failure();
        let site = project.site();
        assert!(site.contents("iiif/3/a_9") == good, "the last good files are not as they were");
        assert_eq!(site.page_labels("a"), ["1", "2"]);
        for path in ["a/manifest.json", "a/index.html", "collection.json", "index.html"] {
            assert!(!site.text(path).contains("a_9"), "{path} names it");
        }
        project.write("content/a/9.jpg", &whole);
        assert_proven(&project.built());
    }
}

#[test]
fn an_image_that_fails_and_is_then_removed_leaves_nothing() {
    let project = two_items();
    project.built();
    project.write("content/a/2.png", "no image");
    project.build_with_failure();
    project.remove("content/a/2.png");
    assert_proven(&project.built());
}

#[test]
fn a_smaller_image_of_the_same_name_replaces_all_files_of_the_larger() {
    let project = two_items();
    project.built();
    project.write("content/a/1.png", page());
    assert_proven(&project.built());
}

#[test]
fn static_files_are_copied_follow_changes_and_vanish() {
    let project = two_items().file("static/CNAME", "scans.example.org").file("static/img/logo.svg", "<svg/>");
    let project = project.file("static/.DS_Store", "junk").file("static/robots.txt", "User-agent: *\n");
    let site = project.built();
    assert_proven(&site);
    assert_eq!(site.text("CNAME"), "scans.example.org");
    assert_eq!(site.text("img/logo.svg"), "<svg/>");
    assert_eq!(site.text("robots.txt"), "User-agent: *\n", "the project's own file wins");
    assert!(!site.has(".DS_Store"));
    project.write("static/CNAME", "example.net");
    project.remove("static/img");
    project.built();
    assert_eq!(site.text("CNAME"), "example.net");
    assert!(!site.file("img").exists());
}

#[test]
fn files_that_somebody_else_put_into_the_output_stay() {
    let project = two_items();
    let site = project.built();
    fs::create_dir(site.file("blog")).unwrap();
    fs::write(site.file("blog/index.txt"), "mine").unwrap();
    project.remove("content/shelf");
    project.built();
    assert_eq!(site.text("blog/index.txt"), "mine");
}

#[test]
fn a_corrected_label_changes_its_documents_and_no_other() {
    let project = two_items();
    let before = project.built().contents("");
    project.write("content/a/item.toml", "label = \"Corrected\"");
    let after = project.built().contents("");
    let changed: Vec<&String> = after.keys().filter(|path| before.get(*path) != after.get(*path)).collect();
    assert_eq!(changed, ["a/index.html", "a/manifest.json", "collection.json", "index.html"]);
}

#[test]
fn no_unfinished_file_stays_behind() {
    let whole = jpeg(colour(900, 700));
    let project = two_items().file("content/a/9.jpg", &whole[..whole.len() / 2]);
    project.build_with_failure();
    let partial: Vec<String> = project.site().files("").into_iter().filter(|path| path.contains(".partial")).collect();
    assert_eq!(partial, [""; 0]);
}
