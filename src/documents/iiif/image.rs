//! Image API 3, level 0: the paths of an image's files and its info.json (OUTPUT section 2).

use super::json::{json_objects, to_json};
use crate::model::geometry::Size;
use crate::model::pyramid::Pyramid;
use crate::model::settings::{FileFormat, Formats};
use serde::Serialize;

/// Media type of info.json where the host lets us say it.
pub const INFO_MEDIA_TYPE: &str = "application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"";

json_objects! {
    struct Info<'a> {
        context as "@context": &'a str,
        id: &'a str,
        kind as "type": &'a str,
        protocol: &'a str,
        profile: &'a str,
        width: u32,
        height: u32,
        max_width?: Option<u32>,
        max_height?: Option<u32>,
        tiles: [Tiles; 1],
        sizes: Vec<InfoSize>,
        preferred_formats?: Vec<&'a str>,
        extra_formats?: Vec<&'a str>,
        rights?: Option<&'a str>,
        part_of?: Vec<PartOf<'a>>,
    }
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

json_objects! {
    struct PartOf<'a> {
        id: &'a str,
        kind as "type": &'a str,
    }
}

/// What else info.json says of an image.
#[derive(Debug, Clone, Copy, Default)]
pub struct InfoProperties<'a> {
    pub formats: Formats,
    pub rights: Option<&'a str>,
    /// The URI of the Manifest that it belongs to.
    pub manifest: Option<&'a str>,
}

/// The bytes of info.json for the image at URI `id`.
///
/// `tiles` is always there, also for a one-tile image: Allmaps rejects a service without (their issue 643). A format
/// beside JPEG is preferred (section 5.5): it is smaller, else nobody would publish it.
pub fn info_json(id: &str, pyramid: &Pyramid, properties: InfoProperties<'_>) -> Vec<u8> {
    let limit = pyramid.declared_limit();
    let extra: Vec<&str> = properties.formats.extra().into_iter().map(FileFormat::ending).collect();
    let preferred = extra.iter().copied().chain([FileFormat::Jpeg.ending()]).filter(|_| !extra.is_empty()).collect();
    to_json(&Info {
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
        rights: properties.rights,
        part_of: properties.manifest.map(|id| PartOf { id, kind: "Manifest" }).into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_json_of_a_capped_image() {
        let pyramid = Pyramid::new(Size::new(20_000, 300), 512, 4096);
        let properties =
            InfoProperties { manifest: Some("https://example.org/a/manifest.json"), ..InfoProperties::default() };
        let json = info_json("https://example.org/iiif/3/a_1", &pyramid, properties);
        insta::assert_snapshot!(String::from_utf8(json).unwrap());
    }

    #[test]
    fn info_json_of_an_image_in_two_formats() {
        let pyramid = Pyramid::new(Size::new(300, 200), 512, 4096);
        let properties = InfoProperties { formats: Formats { webp: true }, ..InfoProperties::default() };
        let info: serde_json::Value =
            serde_json::from_slice(&info_json("https://example.org/iiif/3/a_1", &pyramid, properties)).unwrap();
        assert_eq!(info["extraFormats"], serde_json::json!(["webp"]));
        assert_eq!(info["preferredFormats"], serde_json::json!(["webp", "jpg"]));
    }
}
