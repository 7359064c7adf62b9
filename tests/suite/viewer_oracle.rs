//! The viewer oracle: no address that a listed viewer (CLIENTS.md) derives is missing.

use crate::draw::{grey, png};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::viewers::{OpenSeadragon, leaflet, mirador, tify, triiiceratops, universal_viewer};
use iiif_build::documents::iiif::image2;
use iiif_build::documents::info_json::{InfoProperties, info_json};
use iiif_build::model::ImageId;
use iiif_build::model::address::BaseUrl;
use iiif_build::model::geometry::Size;
use iiif_build::model::pyramid::Pyramid;
use iiif_build::model::pyramid::addresses::files;
use iiif_build::model::settings::Formats;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

const SIZES: [(u32, u32); 19] = [
    (1, 1),
    (2, 1),
    (90, 90),
    (97, 500),
    (98, 3),
    (511, 511),
    (512, 512),
    (513, 513),
    (511, 513),
    (512, 1024),
    (1023, 1023),
    (1024, 1024),
    (1025, 1024),
    (1023, 4097),
    (3073, 3073),
    (1, 3000),
    (4096, 4096),
    (4097, 100),
    (20_000, 300),
];

/// What all viewers ask that go by info.json alone.
fn asked(info: &Value) -> Vec<String> {
    let openseadragon = [OpenSeadragon::V4.asks(info), OpenSeadragon::V6.asks(info)].concat();
    [openseadragon, leaflet(info), mirador(info), universal_viewer(), triiiceratops(info)].concat()
}

fn pyramid_and_info(width: u32, height: u32, tile_size: u32, max_size: u32) -> (Pyramid, Value) {
    let pyramid = Pyramid::new(Size::new(width, height), tile_size, max_size);
    let info =
        serde_json::from_slice(&info_json("https://example.org/i", &pyramid, InfoProperties::default())).unwrap();
    (pyramid, info)
}

fn without(asked: Vec<String>, pyramid: &Pyramid) -> Vec<String> {
    let there: BTreeSet<String> = files(pyramid, Formats::default()).into_iter().map(|(path, _)| path).collect();
    asked.into_iter().filter(|path| !there.contains(path)).collect()
}

/// What viewers ask of an image of this size and would not get, in either version of the Image API.
fn missing(width: u32, height: u32, tile_size: u32, max_size: u32) -> Vec<String> {
    let (pyramid, info) = pyramid_and_info(width, height, tile_size, max_size);
    let older = older_info(&pyramid);
    let there: BTreeSet<String> = image2::links(&pyramid).into_iter().map(|(path, _)| path).collect();
    let asked_of_older = [asked(&older), OpenSeadragon::V2.asks(&older), tify(pyramid.thumbnail().width)].concat();
    let missing = asked_of_older.into_iter().filter(|path| !there.contains(path)).map(|path| format!("2: {path}"));
    [without(asked(&info), &pyramid), missing.collect()].concat()
}

/// That of Image API 2.
fn older_info(pyramid: &Pyramid) -> Value {
    let base = BaseUrl::parse("https://example.org").unwrap();
    serde_json::from_slice(&image2::info_json(&ImageId("i".into()), pyramid, None, &base)).unwrap()
}

#[test]
fn no_viewer_misses_a_file_of_the_sizes_that_break_others() {
    for (width, height) in SIZES {
        for (tile_size, max_size) in [(512, 4096), (256, 256), (1024, u32::MAX)] {
            assert_eq!(missing(width, height, tile_size, max_size), [""; 0], "{width}x{height}, tile {tile_size}");
        }
    }
}

#[test]
fn tify_misses_no_thumbnail_of_an_image_that_max_size_makes_narrow() {
    for (width, height, max_size) in [(150, 30_000, 4096), (1023, 4097, 512), (98, 4097, 4096)] {
        let (pyramid, _) = pyramid_and_info(width, height, 512, max_size);
        assert_eq!(without(tify(pyramid.thumbnail().width), &pyramid), [""; 0], "{width}x{height}");
    }
}

#[test]
fn no_viewer_misses_a_file_of_what_is_really_built() {
    let pages = SIZES.iter().enumerate();
    let older = "[iiif]\nimage-api = [\"3\", \"2\"]\npresentation-api = [\"3\", \"2\"]\n";
    let project = pages.fold(Project::new().file("iiif-build.toml", older), |project, (number, (width, height))| {
        project.file(&format!("content/sizes/{number}.png"), png(grey(*width, *height)))
    });
    let site = project.built();
    assert_proven(&site);
    for canvas in site.canvases("sizes") {
        let service = canvas["items"][0]["items"][0]["body"]["service"][0]["id"].as_str().unwrap().to_owned();
        let folder = site.path_of(&service).unwrap();
        let info = site.json(&format!("{folder}/info.json"));
        let thumbnail = canvas["thumbnail"][0]["width"].as_u64().unwrap() as u32;
        let mut missing = [asked(&info), tify(thumbnail)].concat();
        missing.retain(|path| !site.has(&format!("{folder}/{path}")));
        assert_eq!(missing, [""; 0], "{}x{}", info["width"], info["height"]);
        let older = folder.replace("iiif/3/", "iiif/2/");
        let info = site.json(&format!("{older}/info.json"));
        let mut missing = [asked(&info), OpenSeadragon::V2.asks(&info), tify(thumbnail)].concat();
        missing.retain(|path| !site.has(&format!("{older}/{path}")));
        assert_eq!(missing, [""; 0], "2: {}x{}", info["width"], info["height"]);
    }
}

/// The quirk of Image API 2: what is as wide as the image is asked as `full`.
#[test]
fn the_oracle_sees_a_tile_that_is_as_wide_as_the_image() {
    let (pyramid, _) = pyramid_and_info(300, 2000, 512, 4096);
    let info = older_info(&pyramid);
    for (viewer, word) in [(OpenSeadragon::V2, "max"), (OpenSeadragon::V4, "full"), (OpenSeadragon::V6, "full")] {
        let asked = viewer.asks(&info);
        assert!(asked.contains(&format!("0,512,300,512/{word}/0/default.jpg")), "{viewer:?}: {asked:?}");
        assert!(asked.contains(&"0,0,300,1024/150,/0/default.jpg".to_owned()), "{viewer:?}: {asked:?}");
        assert!(asked.contains(&"full/75,/0/default.jpg".to_owned()), "{viewer:?}: {asked:?}");
    }
}

/// The trap that CLIENTS.md tells of: one entry too many in `sizes`, so that their number agrees with the levels'.
#[test]
fn the_oracle_sees_a_size_that_is_no_level() {
    let (pyramid, mut info) = pyramid_and_info(16_000, 12_000, 512, 4096);
    assert_eq!(without(OpenSeadragon::V4.asks(&info), &pyramid), [""; 0]);
    info["sizes"].as_array_mut().unwrap().insert(0, serde_json::json!({ "width": 200, "height": 150 }));
    assert_ne!(without(OpenSeadragon::V4.asks(&info), &pyramid), [""; 0]);
}

proptest! {
    #[test]
    fn no_viewer_misses_a_file_of_any_size(
        width in 1u32..9000,
        height in 1u32..9000,
        tile in 4u32..64,
        max in prop_oneof![Just(4096u32), Just(u32::MAX), 1024u32..5000],
    ) {
        let missing = missing(width, height, tile * 16, max.max(tile * 16));
        prop_assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn no_viewer_misses_a_file_of_a_long_strip(long in 4000u32..60_000, short in 1u32..600, upright: bool) {
        let (width, height) = if upright { (short, long) } else { (long, short) };
        let missing = missing(width, height, 512, 4096);
        prop_assert!(missing.is_empty(), "{missing:?}");
    }
}
