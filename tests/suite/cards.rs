//! The pictures that other sites show beside a link to an item.

use crate::draw::{colour, jpeg, png};
use crate::project::Project;
use crate::site::Site;
use image::GenericImageView;
use scraper::{Html, Selector};

/// The address, the width and the height that a page names.
fn card(site: &Site, page: &str) -> (String, u32, u32) {
    let html = Html::parse_document(&site.text(page));
    let value = |name: &str| {
        let selector = Selector::parse(&format!("meta[property='og:image{name}']")).unwrap();
        html.select(&selector).next().unwrap().attr("content").unwrap().to_owned()
    };
    let path = site.path_of(&value("")).unwrap();
    (path, value(":width").parse().unwrap(), value(":height").parse().unwrap())
}

#[track_caller]
fn assert_card(site: &Site, page: &str, expected: (u32, u32)) -> String {
    let (path, width, height) = card(site, page);
    let dimensions = image::load_from_memory(&site.read(&path)).unwrap().dimensions();
    assert_eq!(((width, height), dimensions), (expected, expected), "{page}: {path}");
    path
}

fn large() -> Project {
    Project::new()
        .file("content/shelf/large/1.jpg", jpeg(colour(3000, 2000)))
        .file("content/small/1.png", png(colour(700, 500)))
        .file("content/exact/1.png", png(colour(2400, 1000)))
}

#[test]
fn a_card_has_1200_pixels_where_the_image_has_them() {
    let site = large().built();
    let own = assert_card(&site, "shelf/large/index.html", (1200, 800));
    assert!(own.starts_with("shelf/large/card-"), "{own}");
    assert_eq!(assert_card(&site, "shelf/index.html", (1200, 800)), own, "a collection shows its first item");
    assert!(assert_card(&site, "small/index.html", (700, 500)).starts_with("iiif/3/"));
    assert!(assert_card(&site, "exact/index.html", (1200, 500)).starts_with("iiif/3/"), "a published size is as large");
}

#[test]
fn a_card_follows_its_picture_and_nothing_else() {
    let project = large();
    let before = project.built().contents("shelf/large");
    let card = |site: &Site| card(site, "shelf/large/index.html").0;
    let (path, times) = (card(&project.site()), project.site().times(""));
    assert_eq!(project.built().times(""), times, "an unchanged site is not touched");

    project.write("content/shelf/large/item.toml", "label = \"Another title\"\n");
    assert_eq!(project.built().times("shelf/large")[&path], times[&path], "the picture is the same");
    let mut other = colour(3000, 2000);
    image::imageops::invert(&mut other);
    project.write("content/shelf/large/1.jpg", jpeg(other));
    let site = project.built();
    assert_eq!(card(&site), path);
    assert!(site.read(&path) != before[&path], "another scan of the same size");

    project.write("content/shelf/large/2.jpg", jpeg(colour(2000, 3000)));
    project.write("content/shelf/large/item.toml", "thumbnail = \"2\"\n");
    let site = project.built();
    assert_card(&site, "shelf/large/index.html", (800, 1200));
    assert!(!site.has(&path), "the old card is gone");
    project.remove("content/shelf/large");
    assert!(project.built().files("shelf/large").is_empty());
}

#[test]
fn a_card_is_made_again_after_a_build_that_was_interrupted_behind_the_image() {
    let project = large();
    let site = project.built();
    let path = card(&site, "shelf/large/index.html").0;
    std::fs::remove_file(site.file(&path)).unwrap();
    assert_card(&project.built(), "shelf/large/index.html", (1200, 800));
}
