//! The prover over generated sites, and the prover itself: it must see each kind of damage.

use crate::draw::{bilevel, colour, grey, jpeg, page, png};
use crate::project::Project;
use crate::prove::{assert_proven, problems};
use crate::tiff;
use std::fs;

/// Nested collections, sizes around the tile's, grey and colour, one page and many.
fn library() -> Project {
    let two_pages = [tiff::Page::grey(&grey(700, 90)), tiff::Page::min_is_white(&bilevel(65, 1030))];
    Project::new()
        .file("content/collection.toml", "label = \"Library\"\nsummary = \"<p>All <b>of</b> it</p>\"")
        .file("content/books/collection.toml", "label = { en = \"Books\", fr = [\"Livres\", \"Bouquins\"] }")
        .file("content/books/atlas/001.png", png(colour(1300, 1025)))
        .file("content/books/atlas/images/002.jpg", jpeg(colour(512, 513)))
        .file(
            "content/books/atlas/item.toml",
            "label = \"An atlas\"\nrights = \"http://rightsstatements.org/vocab/NoC-US/1.0/\"",
        )
        .file("content/books/old/atlas/1.tif", tiff::encode(&two_pages, true))
        .file("content/letters/a.png", png(grey(97, 500)))
        .file("content/letters/b.png", png(grey(1, 1)))
}

#[test]
fn every_address_of_a_nested_site_exists_and_no_file_more() {
    let site = library().built();
    assert_proven(&site);
    assert_eq!(site.image_ids().len(), 6);
}

#[test]
fn every_address_exists_at_the_root_of_a_host_and_with_other_settings() {
    let project = library()
        .with_base_url("http://localhost:8000")
        .file("iiif-build.toml", "[images]\ntile-size = 256\nmax-size = 300\nquality = 95");
    assert_proven(&project.built());
    let project = library().file("iiif-build.toml", "[images]\ntile-size = 1024\nmax-size = \"full\"");
    assert_proven(&project.built());
}

#[test]
fn an_image_beyond_max_size_declares_what_full_max_is() {
    let project = Project::new().file("content/wall/1.png", png(grey(9001, 60)));
    let site = project.built();
    assert_proven(&site);
    let info = site.json("iiif/3/wall_1/info.json");
    assert_eq!((info["maxWidth"].as_u64(), info["maxHeight"].as_u64()), (Some(2251), Some(512)));
    let canvas = &site.canvases("wall")[0];
    assert_eq!((canvas["width"].as_u64(), canvas["height"].as_u64()), (Some(9001), Some(60)));
    let body = &canvas["items"][0]["items"][0]["body"];
    assert_eq!((body["width"].as_u64(), body["height"].as_u64()), (Some(2251), Some(15)));
}

#[test]
fn a_collection_of_very_many_members_becomes_a_tree() {
    let empty = |project: Project, number| project.file(&format!("content/{number}/collection.toml"), "");
    let project = (0..1000).fold(Project::new(), empty);
    let site = project.file("content/0 first/1.png", page()).file("content/last/1.png", page()).built();
    assert_proven(&site);
    assert_eq!(site.json("collection.json")["items"].as_array().unwrap().len(), 2);
}

/// Damages a good site and answers what the prover says.
fn problems_after(damage: impl Fn(&crate::site::Site)) -> Vec<String> {
    let project = Project::new().file("content/a/1.png", png(colour(700, 300))).file("content/a/2.png", page());
    let site = project.built();
    assert_eq!(problems(&site), Vec::<String>::new());
    damage(&site);
    problems(&site)
}

/// Replaces text in a document of the site.
fn edit(site: &crate::site::Site, path: &str, from: &str, to: &str) {
    let text = site.text(path);
    assert!(text.contains(from), "{path} holds no {from}");
    fs::write(site.file(path), text.replace(from, to)).unwrap();
}

#[test]
fn the_prover_sees_a_missing_file() {
    for path in [
        "iiif/3/a_1/512,0,188,300/188,300/0/default.jpg",
        "iiif/3/a_1/full/350,150/0/default.jpg",
        "iiif/3/a_2/full/max/0/default.jpg",
        "iiif/3/a_2/full/90,/0/default.jpg",
        "iiif/3/a_2/info.json",
        "a/index.html",
        "robots.txt",
    ] {
        let problems = problems_after(|site| fs::remove_file(site.file(path)).unwrap());
        assert!(!problems.is_empty(), "{path} was not missed");
    }
}

#[test]
fn the_prover_sees_a_file_too_many() {
    let stray = "iiif/3/a_1/full/200,/0/default.jpg";
    let problems = problems_after(|site| {
        fs::create_dir_all(site.file(stray).parent().unwrap()).unwrap();
        fs::write(site.file(stray), b"").unwrap();
    });
    assert_eq!(problems, [format!("{stray} is no address of any client")]);
}

#[test]
fn the_prover_sees_a_picture_of_another_size_or_with_broken_bytes() {
    let other = jpeg(grey(299, 200));
    let broken = &jpeg(grey(300, 200))[..700];
    for bytes in [other.as_slice(), broken, b"text"] {
        let problems = problems_after(|site| fs::write(site.file("iiif/3/a_2/full/max/0/default.jpg"), bytes).unwrap());
        assert!(!problems.is_empty());
    }
}

#[test]
fn the_prover_sees_a_wrong_word_in_a_document() {
    for (path, from, to) in [
        ("iiif/3/a_1/info.json", "\"height\": 300", "\"height\": 301"),
        ("iiif/3/a_1/info.json", "ImageService3", "ImageService2"),
        ("iiif/3/a_2/info.json", "\"sizes\"", "\"taken\""),
        ("a/manifest.json", "\"width\": 350", "\"width\": 351"),
        ("a/manifest.json", "canvas/2", "canvas/1"),
        ("a/manifest.json", "https://scans.example.org", "http://scans.example.org"),
        ("a/manifest.json", "painting", "linking"),
        ("collection.json", "a/manifest.json", "b/manifest.json"),
        ("a/index.html", "700w", "701w"),
        ("a/index.html", "info.json", "info.xml"),
        ("a/index.html", "href=\"#page-2\"", "href=\"#page-3\""),
        ("index.html", "href=\"a/\"", "href=\"b/\""),
        ("sitemap.xml", "archive/a/", "archive/b/"),
    ] {
        assert!(!problems_after(|site| edit(site, path, from, to)).is_empty(), "{path}: {to} was not seen");
    }
}
