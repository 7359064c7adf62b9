//! Image API 3, level 0: the paths of an image's files and its info.json (OUTPUT section 2).

use crate::geometry::Size;
use crate::pyramid::{Level, Pyramid, Tile};
use crate::settings::{FileFormat, Formats};
use serde::Serialize;

/// Media type of info.json where the host lets us say it.
pub const INFO_MEDIA_TYPE: &str = "application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"";

/// Path of info.json below the image's folder.
pub const INFO_JSON: &str = "info.json";

/// Path of `full/max`, the painting body of the canvas.
pub const FULL_MAX: &str = "full/max/0/default.jpg";

/// The end of every image request: rotation 0, default quality.
fn request(region: &str, size: &str, format: FileFormat) -> String {
    format!("{region}/{size}/0/default.{}", format.ending())
}

/// `x,y,w,h/w,h/0/default.jpg`, below the image's folder.
pub fn tile_path(tile: &Tile, format: FileFormat) -> String {
    request(&tile.region.to_string(), &tile.size.to_string(), format)
}

/// `full/w,h/0/default.jpg`.
pub fn whole_path(size: Size, format: FileFormat) -> String {
    request("full", &size.to_string(), format)
}

/// `full/max/0/default.jpg`.
pub fn max_path(format: FileFormat) -> String {
    request("full", "max", format)
}

/// `full/w,/0/default.jpg`: asked by viewers that do not read info.json, so only as JPEG.
pub fn by_width_path(size: Size) -> String {
    request("full", &format!("{},", size.width), FileFormat::Jpeg)
}

/// The path that shows the whole image as JPEG at one of [`Pyramid::published_sizes`].
pub fn published_path(pyramid: &Pyramid, size: Size) -> String {
    if pyramid.is_by_size(size) { whole_path(size, FileFormat::Jpeg) } else { FULL_MAX.to_owned() }
}

/// Every image file of an image with its size: the exact set, no more and no less.
pub fn files(pyramid: &Pyramid, formats: Formats) -> Vec<(String, Size)> {
    let mut files: Vec<(String, Size)> = formats.iter().flat_map(|format| files_of(pyramid, format)).collect();
    files.extend(pyramid.by_width().into_iter().map(|size| (by_width_path(size), size)));
    files
}

/// Those that info.json offers in each format.
fn files_of(pyramid: &Pyramid, format: FileFormat) -> Vec<(String, Size)> {
    let tiles = |(index, level): (usize, &Level)| {
        let tiles = pyramid.tiles(level).filter(move |tile| !pyramid.is_repeated(index, tile));
        tiles.map(|tile| (tile_path(&tile, format), tile.size)).collect::<Vec<_>>()
    };
    let mut files: Vec<(String, Size)> = pyramid.levels.iter().enumerate().flat_map(tiles).collect();
    for whole in pyramid.whole_images() {
        files.extend(whole.by_size.then(|| (whole_path(whole.size, format), whole.size)));
        files.extend(whole.max.then(|| (max_path(format), whole.size)));
    }
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    preferred_formats: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extra_formats: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    part_of: Vec<PartOf<'a>>,
}

/// The entry of `tiles`, in versions 2 and 3.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tiles {
    width: u32,
    height: u32,
    scale_factors: Vec<u32>,
}

impl Tiles {
    pub fn of(pyramid: &Pyramid) -> Tiles {
        Tiles {
            width: pyramid.tile_size,
            height: pyramid.tile_size,
            scale_factors: pyramid.levels.iter().map(|level| level.scale_factor).collect(),
        }
    }
}

/// An entry of `sizes`, in versions 2 and 3.
#[derive(Serialize)]
pub struct InfoSize {
    width: u32,
    height: u32,
}

impl InfoSize {
    pub fn of(pyramid: &Pyramid) -> Vec<InfoSize> {
        pyramid.sizes().into_iter().map(|Size { width, height }| InfoSize { width, height }).collect()
    }
}

#[derive(Serialize)]
struct PartOf<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
}

/// What else info.json says of an image.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    pub formats: Formats,
    pub rights: Option<&'a str>,
    /// The URI of the Manifest that it belongs to.
    pub manifest: Option<&'a str>,
}

/// The bytes of info.json for the image at URI `id`.
///
/// `tiles` is always there, also for a one-tile image: Allmaps rejects a service without (their issue 643). A format
/// beside JPEG is preferred (section 5.5): it is smaller, else nobody would publish it.
pub fn info_json(id: &str, pyramid: &Pyramid, about: About<'_>) -> Vec<u8> {
    let limit = pyramid.declared_limit();
    let extra: Vec<&str> = about.formats.extra().into_iter().map(FileFormat::ending).collect();
    let preferred = extra.iter().copied().chain([FileFormat::Jpeg.ending()]).filter(|_| !extra.is_empty()).collect();
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
        tiles: [Tiles::of(pyramid)],
        sizes: InfoSize::of(pyramid),
        preferred_formats: preferred,
        extra_formats: extra,
        rights: about.rights,
        part_of: about.manifest.map(|id| PartOf { id, kind: "Manifest" }).into_iter().collect(),
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
            for formats in [Formats::default(), Formats { webp: true }] {
                let files = files(&pyramid, formats);
                let distinct: BTreeSet<&String> = files.iter().map(|(path, _)| path).collect();
                assert_eq!(distinct.len(), files.len(), "{width}x{height}");
                assert_eq!(files.len() as u64 + 1, pyramid.file_count(formats.count()), "{width}x{height}");
            }
            let pixels: u64 = files_of(&pyramid, FileFormat::WebP).iter().map(|(_, size)| size.area()).sum();
            assert_eq!(pixels, pyramid.published_pixels(), "{width}x{height}");
        }
    }

    #[test]
    fn a_one_tile_image_has_every_form_that_viewers_ask() {
        let pyramid = Pyramid::new(Size::new(300, 200), 512, 4096);
        let paths: Vec<String> = files(&pyramid, Formats::default()).into_iter().map(|(path, _)| path).collect();
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
        let about = About { manifest: Some("https://example.org/a/manifest.json"), ..About::default() };
        let json = info_json("https://example.org/iiif/3/a_1", &pyramid, about);
        insta::assert_snapshot!(String::from_utf8(json).unwrap());
    }

    #[test]
    fn info_json_of_an_image_in_two_formats() {
        let pyramid = Pyramid::new(Size::new(300, 200), 512, 4096);
        let about = About { formats: Formats { webp: true }, ..About::default() };
        let info: serde_json::Value =
            serde_json::from_slice(&info_json("https://example.org/iiif/3/a_1", &pyramid, about)).unwrap();
        assert_eq!(info["extraFormats"], serde_json::json!(["webp"]));
        assert_eq!(info["preferredFormats"], serde_json::json!(["webp", "jpg"]));
    }
}
