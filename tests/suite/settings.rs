//! `[images]`: what each setting changes in the files, and that collections and items overrule the site.

use crate::draw::{colour, grey, page, png};
use crate::project::Project;
use crate::prove::{assert_proven, picture};
use crate::site::Site;
use crate::stitch::{self, Samples, TONE};
use iiif_build::error::ErrorKind;
use iiif_build::model::settings::OlderApis;
use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayAlphaImage, LumaA, Rgba, RgbaImage};
use serde_json::json;

/// One image under `content/a/` with settings.
fn built(image: impl Into<DynamicImage>, settings: &str) -> Site {
    let site = Project::new()
        .file("content/a/1.png", png(image))
        .file("iiif-build.toml", format!("[images]\n{settings}"))
        .built();
    assert_proven(&site);
    site
}

fn tiles(site: &Site) -> Vec<Vec<u8>> {
    site.files("iiif").iter().filter(|path| path.ends_with(".jpg")).map(|path| site.read(path)).collect()
}

/// The marker of a JPEG's frame, and the sampling factors of its first component, as `0x22` for two both ways.
fn frame(jpeg: &[u8]) -> (u8, u8) {
    let mut at = 2;
    loop {
        let (marker, length) = (jpeg[at + 1], usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]])));
        if matches!(marker, 0xc0..=0xc2) {
            return (marker, jpeg[at + 11]);
        }
        at += 2 + length;
    }
}

#[test]
fn colour_is_subsampled_as_the_setting_says() {
    for (settings, sampling) in [
        ("quality = 89", 0x22),
        ("quality = 90", 0x11),
        ("subsampling = \"4:4:4\"", 0x11),
        ("quality = 95\nsubsampling = \"4:2:0\"", 0x22),
    ] {
        let site = built(colour(700, 300), settings);
        assert!(tiles(&site).iter().all(|jpeg| frame(jpeg) == (0xc0, sampling)), "{settings}");
    }
}

#[test]
fn other_huffman_codings_show_the_same_pixels_in_fewer_bytes() {
    let fast = built(colour(1500, 700), "huffman = \"fast\"");
    let bytes = |site: &Site| tiles(site).iter().map(Vec::len).sum::<usize>();
    for (word, marker) in [("optimised", 0xc0), ("progressive", 0xc2)] {
        let other = built(colour(1500, 700), &format!("huffman = \"{word}\""));
        assert!(bytes(&other) < bytes(&fast), "{word}");
        for path in fast.files("iiif").iter().filter(|path| path.ends_with(".jpg")) {
            assert_eq!(frame(&other.read(path)).0, marker, "{path}");
            assert_eq!(picture::decode(&other, path), picture::decode(&fast, path), "{word}: {path}");
        }
    }
}

#[test]
fn transparent_pixels_are_laid_on_the_background() {
    let clear = RgbaImage::from_pixel(200, 90, Rgba([0, 0, 0, 0]));
    let site = built(clear, "background = \"#c8b464\"");
    let shown = picture::decode(&site, "iiif/3/a_1/full/max/0/default.jpg").unwrap().to_rgb8();
    assert!(shown.pixels().all(|pixel| (0..3).all(|c| pixel[c].abs_diff([200, 180, 100][c]) < 4)));
}

#[test]
fn grey_with_alpha_stays_grey_on_grey_and_becomes_colour_on_a_colour() {
    let clear = || GrayAlphaImage::from_pixel(200, 90, LumaA([0, 0]));
    let shown =
        |settings: &str| picture::decode(&built(clear(), settings), "iiif/3/a_1/full/max/0/default.jpg").unwrap();
    let DynamicImage::ImageLuma8(grey) = shown("background = \"#888\"") else { panic!("it is no longer grey") };
    assert!(grey.pixels().all(|pixel| pixel[0].abs_diff(136) < 3));
    assert_eq!(shown("background = \"#f00\"").color(), image::ColorType::Rgb8);
    let DynamicImage::ImageLuma8(_) =
        picture::decode(&built(grey_page(), "background = \"#f00\""), "iiif/3/a_1/full/max/0/default.jpg").unwrap()
    else {
        panic!("an opaque grey image took on a colour")
    };
}

fn grey_page() -> DynamicImage {
    grey(300, 200).into()
}

#[test]
fn a_larger_master_is_reduced_and_its_full_resolution_is_nowhere() {
    let site = built(colour(1402, 904), "max-resolution = 701\ntile-size = 256");
    let info = site.json("iiif/3/a_1/info.json");
    assert_eq!((&info["width"], &info["height"]), (&json!(701), &json!(452)));
    assert_eq!((&site.canvases("a")[0]["width"], &site.canvases("a")[0]["height"]), (&json!(701), &json!(452)));
    let half = imageops::resize(&colour(1402, 904), 701, 452, FilterType::Triangle);
    let problems = stitch::problems(&site, "iiif/3/a_1", &Samples::of(&half), TONE);
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn a_reduction_by_no_whole_number_shows_the_source() {
    for (width, height, side) in [(1301, 777, 1000), (777, 1301, 1300), (2000, 31, 333)] {
        let site = built(grey(width, height), &format!("max-resolution = {side}"));
        let info = site.json("iiif/3/a_1/info.json");
        let size = [&info["width"], &info["height"]].map(|side| side.as_u64().unwrap() as u32);
        assert_eq!(size.into_iter().max(), Some(side));
        let reduced = imageops::resize(&grey(width, height), size[0], size[1], FilterType::Triangle);
        let problems = stitch::problems(&site, "iiif/3/a_1", &Samples::of(&reduced), TONE);
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

#[test]
fn webp_is_beside_every_jpeg_that_info_json_offers_and_shows_the_same() {
    for image in [DynamicImage::from(colour(1101, 707)), grey(1101, 707).into(), colour(200, 300).into()] {
        let site = built(image.clone(), "formats = [\"jpg\", \"webp\"]");
        let info = site.json("iiif/3/a_1/info.json");
        assert_eq!((&info["extraFormats"], &info["preferredFormats"]), (&json!(["webp"]), &json!(["webp", "jpg"])));
        let source = match &image {
            DynamicImage::ImageLuma8(grey) => Samples::of(grey),
            other => Samples::of(&other.to_rgb8()),
        };
        let problems = stitch::problems(&site, "iiif/3/a_1", &source, TONE);
        assert!(problems.is_empty(), "{problems:#?}");
    }
    let plain = built(grey(700, 300), "");
    let info = plain.json("iiif/3/a_1/info.json");
    assert!(info.get("extraFormats").is_none() && info.get("preferredFormats").is_none());
}

#[test]
fn whole_images_stay_within_what_webp_can_hold() {
    let site = built(grey(17_000, 20), "formats = [\"webp\", \"jpg\"]\nmax-size = \"full\"");
    assert_eq!(site.json("iiif/3/a_1/info.json")["maxWidth"], 8500);
}

#[test]
fn the_same_image_in_the_same_settings_gives_the_same_bytes_on_any_number_of_threads() {
    let settings = "[images]\nformats = [\"jpg\", \"webp\"]\nhuffman = \"progressive\"\nmax-resolution = 1000";
    let project = Project::new().file("content/a/1.png", png(colour(1301, 777))).file("iiif-build.toml", settings);
    let one = project.with_jobs(1);
    let first = one.built().contents("iiif");
    assert_eq!(one.with_jobs(4).built().contents("iiif"), first);
}

#[test]
fn collections_and_items_overrule_what_is_above_them() {
    let project = Project::new()
        .file("iiif-build.toml", "[images]\ntile-size = 256\nquality = 60")
        .file("content/plain/1.png", png(grey(600, 400)))
        .file("content/maps/collection.toml", "[images]\ntile-size = 128\nformats = [\"jpg\", \"webp\"]")
        .file("content/maps/city/1.png", png(grey(600, 400)))
        .file("content/maps/old/river/1.png", png(grey(600, 400)))
        .file("content/maps/closed/item.toml", "[images]\nmax-resolution = 300")
        .file("content/maps/closed/1.png", png(grey(600, 400)));
    let site = project.built();
    assert_proven(&site);
    for (image, width, tile, webp) in [
        ("plain_1", 600, 256, false),
        ("maps-city_1", 600, 128, true),
        ("maps-old-river_1", 600, 128, true),
        ("maps-closed_1", 300, 128, true),
    ] {
        let info = site.json(&format!("iiif/3/{image}/info.json"));
        assert_eq!((&info["width"], &info["tiles"][0]["width"]), (&json!(width), &json!(tile)), "{image}");
        assert_eq!(info.get("extraFormats").is_some(), webp, "{image}");
    }
    let estimate = project.plan().plan.estimate(None, OlderApis::default());
    assert_eq!(estimate.files as usize, site.files("iiif").len());
}

#[test]
fn a_format_that_is_taken_back_leaves_no_file() {
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/a/item.toml", "[images]\nformats = [\"jpg\", \"webp\"]");
    assert!(project.built().has("iiif/3/a_1/full/max/0/default.webp"));
    project.remove("content/a/item.toml");
    assert_proven(&project.built());
}

#[test]
fn a_setting_that_cannot_hold_is_refused_with_the_line_of_its_key() {
    for (file, text, kind, line, key) in [
        ("iiif-build.toml", "[images]\nquality = 0", ErrorKind::Config, 2, "quality"),
        ("content/a/item.toml", "label = \"A\"\n[images]\nmax-size = 100", ErrorKind::Content, 3, "max-size"),
        ("content/collection.toml", "[images]\n\ntile-size = 100", ErrorKind::Content, 3, "tile-size"),
        ("content/collection.toml", "[images]\nbackground = \"sand\"", ErrorKind::Content, 2, "sand"),
        ("content/collection.toml", "[images]\nqualty = 3", ErrorKind::Content, 2, "qualty"),
    ] {
        let project = Project::new().file("content/a/1.png", page()).file(file, text);
        let is_of_one_item = file == "content/a/item.toml";
        let error = if is_of_one_item { project.build_with_failure() } else { project.refused() };
        assert_eq!(error.kind(), kind, "{error:?}");
        assert_eq!(error.path(), Some(project.root().join(file).as_path()));
        assert_eq!(error.position().map(|at| at.line), Some(line), "{error:?}");
        assert!(error.message().contains(key), "{error:?}");
        assert_eq!(project.public().exists(), is_of_one_item);
        assert!(!project.public().join("a").exists());
    }
}

#[test]
fn a_program_that_sets_what_is_out_of_range_gets_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (folder.path().join("1.png"), folder.path().join("tiled"));
    std::fs::write(&source, crate::draw::page()).unwrap();
    for change in [
        |settings: &mut iiif_build::ImageSettings| settings.tile_size = 0,
        |settings: &mut iiif_build::ImageSettings| settings.tile_size = 100,
        |settings: &mut iiif_build::ImageSettings| settings.coding.quality = 0,
    ] {
        let mut options = iiif_build::SingleImageOptions::default();
        change(&mut options.settings);
        let error = iiif_build::tile(&source, &target, &options).unwrap_err();
        assert_eq!(error.kind(), iiif_build::ErrorKind::Config, "{error}");
        assert!(!target.exists());
    }
}
