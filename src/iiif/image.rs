//! Image API 3, level 0: the paths of an image's files and its info.json (OUTPUT section 2).

use crate::geometry::Size;
use crate::pyramid::{Level, Pyramid, Tile};
use serde::Serialize;

/// The file name of every image request: rotation 0, default quality, JPEG.
const TAIL: &str = "0/default.jpg";

/// Media type of info.json where the host lets us say it.
pub const INFO_MEDIA_TYPE: &str = "application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"";

/// Path of info.json below the image's folder.
pub const INFO_JSON: &str = "info.json";

/// Path of `full/max`, the painting body of the canvas.
pub const FULL_MAX: &str = "full/max/0/default.jpg";

/// `x,y,w,h/w,h/0/default.jpg`, below the image's folder.
pub fn tile_path(tile: &Tile) -> String {
    format!("{}/{}/{TAIL}", tile.region, tile.size)
}

/// `full/w,h/0/default.jpg`.
pub fn whole_path(size: Size) -> String {
    format!("full/{size}/{TAIL}")
}

/// `full/w,/0/default.jpg`: asked by viewers that do not read `sizes`.
pub fn by_width_path(size: Size) -> String {
    format!("full/{},/{TAIL}", size.width)
}

/// The path that shows the whole image at one of [`Pyramid::published_sizes`].
pub fn published_path(pyramid: &Pyramid, size: Size) -> String {
    if pyramid.is_by_size(size) { whole_path(size) } else { FULL_MAX.to_owned() }
}

/// Every JPEG of an image with its size: the exact set, no more and no less.
pub fn files(pyramid: &Pyramid) -> Vec<(String, Size)> {
    let tiles = |(index, level): (usize, &Level)| {
        let tiles = pyramid.tiles(level).filter(move |tile| !pyramid.is_repeated(index, tile));
        tiles.map(|tile| (tile_path(&tile), tile.size)).collect::<Vec<_>>()
    };
    let mut files: Vec<(String, Size)> = pyramid.levels.iter().enumerate().flat_map(tiles).collect();
    for whole in pyramid.whole_images() {
        files.extend(whole.by_size.then(|| (whole_path(whole.size), whole.size)));
        files.extend(whole.max.then(|| (FULL_MAX.to_owned(), whole.size)));
    }
    files.extend(pyramid.by_width().into_iter().map(|size| (by_width_path(size), size)));
    files
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Info<'a> {
    #[serde(rename = "@context")]
    context: &'a str,
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    protocol: &'a str,
    profile: &'a str,
    width: u32,
    height: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_height: Option<u32>,
    tiles: [Tiles; 1],
    sizes: Vec<InfoSize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    part_of: Vec<PartOf<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tiles {
    width: u32,
    height: u32,
    scale_factors: Vec<u32>,
}

#[derive(Serialize)]
struct InfoSize {
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct PartOf<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
}

/// The bytes of info.json for the image at URI `id`. `manifest` is the URI of the Manifest it belongs to.
///
/// `tiles` is always there, also for a one-tile image: Allmaps rejects a service without (their issue 643).
pub fn info_json(id: &str, pyramid: &Pyramid, rights: Option<&str>, manifest: Option<&str>) -> Vec<u8> {
    let limit = pyramid.declared_limit();
    super::to_json(&Info {
        context: "http://iiif.io/api/image/3/context.json",
        id,
        kind: "ImageService3",
        protocol: "http://iiif.io/api/image",
        profile: "level0",
        width: pyramid.full.width,
        height: pyramid.full.height,
        max_width: limit.map(|size| size.width),
        max_height: limit.map(|size| size.height),
        tiles: [Tiles {
            width: pyramid.tile_size,
            height: pyramid.tile_size,
            scale_factors: pyramid.levels.iter().map(|level| level.scale_factor).collect(),
        }],
        sizes: pyramid.sizes().into_iter().map(|Size { width, height }| InfoSize { width, height }).collect(),
        rights,
        part_of: manifest.map(|id| PartOf { id, kind: "Manifest" }).into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_count_is_the_number_of_distinct_files() {
        for (width, height) in [(1, 1), (511, 512), (513, 90), (1023, 4097), (3073, 3073), (20_000, 300), (97, 9000)] {
            let pyramid = Pyramid::new(Size::new(width, height), 512, 4096);
            let files = files(&pyramid);
            let distinct: BTreeSet<&String> = files.iter().map(|(path, _)| path).collect();
            assert_eq!(distinct.len(), files.len(), "{width}x{height}");
            assert_eq!(files.len() as u64 + 1, pyramid.file_count(), "{width}x{height}");
            let pixels: u64 = files.iter().map(|(_, size)| size.area()).sum();
            assert_eq!(pixels, pyramid.published_pixels(), "{width}x{height}");
        }
    }

    #[test]
    fn a_one_tile_image_has_every_form_that_viewers_ask() {
        let pyramid = Pyramid::new(Size::new(300, 200), 512, 4096);
        let paths: Vec<String> = files(&pyramid).into_iter().map(|(path, _)| path).collect();
        assert_eq!(
            paths,
            [
                "0,0,300,200/300,200/0/default.jpg",
                "full/300,200/0/default.jpg",
                "full/max/0/default.jpg",
                "full/90,/0/default.jpg"
            ]
        );
    }

    #[test]
    fn info_json_of_a_capped_image() {
        let pyramid = Pyramid::new(Size::new(20_000, 300), 512, 4096);
        let json =
            info_json("https://example.org/iiif/3/a_1", &pyramid, None, Some("https://example.org/a/manifest.json"));
        insta::assert_snapshot!(String::from_utf8(json).unwrap());
    }
}
