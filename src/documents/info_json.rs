//! The info.json of Image API 3, level 0.

use super::json::{json_objects, to_json};
use crate::model::geometry::Size;
use crate::model::pyramid::Pyramid;
use crate::model::settings::{FileFormat, Formats};
use serde::Serialize;

/// The media type of info.json, where the host lets us set it.
pub const INFO_MEDIA_TYPE: &str = "application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"";

/// The media type of info.json of Image API 2 (section 5): JSON, for clients that do not request JSON-LD.
pub const INFO_2_MEDIA_TYPE: &str = "application/json";

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
    /// The tiles of every level.
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
    /// The sizes in which the whole image is published.
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

/// The properties of info.json that do not follow from the size of the image.
#[derive(Debug, Clone, Copy, Default)]
pub struct InfoProperties<'a> {
    /// The formats of the published files.
    pub formats: Formats,
    /// The URI of a licence or rights statement.
    pub rights: Option<&'a str>,
    /// The URI of the Manifest that it belongs to.
    pub manifest: Option<&'a str>,
}

/// The bytes of info.json for the image at URI `id`.
///
/// `tiles` is always there, also for an image of one tile: Allmaps rejects a service without it (their issue 643). A
/// format beside JPEG is preferred (section 5.5): its files are smaller, which is the reason to publish it.
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
