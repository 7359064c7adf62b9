//! Settings: what is published of images, and where.

use crate::archive::{IMAGES, after, assert_as_clean, assert_at_rest, built_archive, set};
use crate::project::Project;
use crate::told::Told;
use crate::trace::Trace;

fn site(settings: &str) -> impl FnOnce(&Project) + '_ {
    move |project: &Project| project.write("iiif-build.toml", format!("[images]\ntile-size = 64\n{settings}\n"))
}

#[test]
fn another_quality_cuts_every_image_anew_and_touches_no_document() {
    let project = built_archive();
    let tiles: Vec<String> = IMAGES.iter().map(|id| format!("iiif/3/{id}/…")).collect();
    let tiles: Vec<&str> = tiles.iter().map(String::as_str).collect();
    after(&project, site("quality = 61")).wrote(&tiles);
    after(&project, site("")).wrote(&tiles);
}

#[test]
fn a_setting_written_with_its_default_changes_nothing() {
    after(&built_archive(), site("quality = 80\nmax-resolution = \"full\"\nformats = [\"jpg\"]")).wrote(&[]);
}

/// Settings that change what is published of the archive's images: grey, in TIFFs.
const IMAGE_SETTINGS: [&str; 6] = [
    "tile-size = 80",
    "quality = 61",
    "huffman = \"progressive\"",
    "formats = [\"jpg\", \"webp\"]",
    "max-size = 70",
    "max-resolution = 70",
];

#[test]
fn every_setting_of_images_of_one_item_cuts_that_item_and_no_other() {
    let project = built_archive();
    let ours = set(&["a_1", "a_2"]);
    for setting in IMAGE_SETTINGS {
        let text = format!("label = \"Letters\"\n[images]\n{setting}\n");
        let effect = after(&project, |project| project.write("content/a/item.toml", text));
        assert_eq!(effect.changes.images(), ours, "{setting}");
        let is_shown = ["a/manifest.json", "a/index.html", "collection.json", "index.html"];
        let documents = effect.changes.written.iter().filter(|path| !path.ends_with('…'));
        assert!(documents.clone().all(|path| is_shown.contains(&path.as_str())), "{setting}: {:?}", effect.changes);
    }
}

#[test]
fn a_setting_of_a_collection_cuts_what_is_in_it() {
    let text = "label = \"Shelf\"\n[images]\nquality = 61\n";
    after(&built_archive(), |project| project.write("content/shelf/collection.toml", text))
        .wrote(&["iiif/3/shelf-c_1/…", "iiif/3/shelf-d_1/…"]);
}

#[test]
fn settings_that_touch_no_image_of_the_site_give_the_bytes_of_a_clean_build() {
    let project = built_archive();
    for setting in ["background = \"#203040\"", "subsampling = \"4:4:4\"", "lossless = \"always\""] {
        let effect = after(&project, site(setting));
        assert!(effect.changes.written.iter().all(|path| path.ends_with('…')), "{setting}: {:?}", effect.changes);
    }
}

#[test]
fn a_smaller_max_resolution_changes_tiles_and_every_document_with_a_size() {
    let project = built_archive();
    let effect = after(&project, site("max-resolution = 70"));
    assert_eq!(effect.changes.images(), set(&IMAGES));
    for path in ["a/manifest.json", "a/index.html", "collection.json", "index.html"] {
        assert!(effect.changes.written.contains(path), "{path}");
    }
    after(&project, site(""));
}

#[test]
fn another_base_url_changes_json_and_html_and_no_pixel() {
    let project = built_archive();
    let before = Trace::of(&project.public());
    let project = project.with_base_url("https://elsewhere.example/");
    Told::by(&project, &[]).well();
    let changes = Trace::of(&project.public()).since(&before);
    let named = |path: &String| [".json", ".html", "sitemap.xml", "robots.txt"].iter().any(|end| path.ends_with(end));
    assert_eq!(changes.written, project.site().files("").into_iter().filter(named).collect());
    assert!(changes.removed.is_empty());
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn another_title_changes_pages_only() {
    let project = built_archive();
    let titled = "title = \"Our letters\"\n[images]\ntile-size = 64\n";
    after(&project, |project| project.write("iiif-build.toml", titled)).wrote_all(&project, &[".html", ".webmanifest"]);
}

#[test]
fn another_language_changes_documents_and_no_pixel() {
    let project = built_archive();
    let french = "language = \"fr\"\n[images]\ntile-size = 64\n";
    let effect = after(&project, |project| project.write("iiif-build.toml", french));
    assert!(effect.changes.images().is_empty() && effect.changes.written.contains("a/manifest.json"));
    assert!(effect.changes.written.iter().all(|path| !path.ends_with("info.json")), "{:?}", effect.changes);
}

#[test]
fn jobs_and_memory_are_nobodys_fingerprint() {
    let project = built_archive();
    let before = Trace::of(&project.public());
    let told = Told::by(&project, &["--jobs", "1", "--memory", "512M"]).well();
    assert!(told.made_nothing(), "{}", told.said);
    before.assert_still(&project.public());
}
