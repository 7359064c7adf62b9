//! Image API 2.1.1, level 0, for older clients: the addresses of an image below `iiif/2/`, each a link to a file below
//! `iiif/3/`, and its info.json. Only JPEG is published, because version 2 cannot state that another format is
//! preferred.

use super::{Document, Service, Settings};
use crate::documents::info_json::{InfoSize, Tiles};
use crate::documents::json::{json_objects, to_json};
use crate::model::ImageId;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::geometry::Size;
use crate::model::pyramid::Pyramid;
use crate::model::pyramid::addresses::{FULL_MAX, INFO_JSON, by_width_path, tile_path, whole_path};
use crate::model::settings::FileFormat;
use crate::model::site::{SiteImage, SiteItem};
use serde::Serialize;

/// `full/full`: the whole image at its largest published size.
pub const FULL_FULL: &str = "full/full/0/default.jpg";

/// The `@context` of an image service.
pub const CONTEXT: &str = "http://iiif.io/api/image/2/context.json";

/// The profile of a level 0 service.
pub const LEVEL_0: &str = "http://iiif.io/api/image/2/level0.json";

fn request(region: &str, size: &str) -> String {
    format!("{region}/{size}/0/default.jpg")
}

/// The URI of an image service.
pub fn service_uri(base: &BaseUrl, image: &ImageId) -> String {
    base.url(&image.image2_path())
}

/// The file of the whole image at one of its published sizes: `full/w,h`, or `full/full`.
pub fn published(image: &SiteImage, size: Size) -> SitePath {
    let is_by_size = image.pyramid.is_by_size(size);
    let path = if is_by_size { request("full", &size.to_string()) } else { FULL_FULL.to_owned() };
    image.id.image2_path().join(&path)
}

/// The info.json of each image of an item, where the site is published for Image API 2.
pub fn item_documents(item: &SiteItem, settings: Settings<'_>) -> Vec<Document> {
    let images = item.images().filter(|_| settings.older.image);
    let document = |image: &SiteImage| Document {
        path: image.id.image2_path().join(INFO_JSON),
        bytes: Service::of(image, item).older_info_json(settings.base),
    };
    images.map(document).collect()
}

impl Service<'_> {
    /// The info.json of Image API 2.
    pub fn older_info_json(&self, base: &BaseUrl) -> Vec<u8> {
        info_json(self.image, self.pyramid, self.rights, base)
    }
}

/// The exact set of an image's files, each address once: its path below the image's folder, and the path of the file of
/// Image API 3 that it links to.
///
/// Viewers request more than the canonical forms. Mirador requests `full/w,h` for a size that is listed. OpenSeadragon
/// 3 to 6 requests a tile as wide as the image in `full` size, 2.4 in `max`. Viewers that do not read info.json request
/// `full/90,` and the like. Triiiceratops takes version 2 for version 1 and requests quality `native` of a one-tile
/// image.
pub fn links(pyramid: &Pyramid) -> Vec<(String, String)> {
    let link = |path: String, of: &str| (path, of.to_owned());
    let mut links = vec![];
    for tile in (0..pyramid.levels.len()).flat_map(|index| pyramid.tiles_by_width(index)) {
        let (region, of) = (tile.region.to_string(), tile_path(&tile, FileFormat::Jpeg));
        links.push(link(request(&region, &format!("{},", tile.size.width)), &of));
        if pyramid.is_as_wide(&tile) {
            links.extend(["full", "max"].map(|size| link(request(&region, size), &of)));
        }
    }
    links.extend(["full", "max"].map(|size| link(request("full", size), FULL_MAX)));
    for whole in pyramid.whole_images().filter(|whole| whole.by_size) {
        let of = whole_path(whole.size, FileFormat::Jpeg);
        links.push(link(of.clone(), &of));
    }
    for whole in pyramid.whole_by_width() {
        links.push(link(by_width_path(whole.size), &whole_path(whole.size, FileFormat::Jpeg)));
    }
    links.extend(pyramid.other_by_width().map(by_width_path).map(|path| link(path.clone(), &path)));
    if pyramid.is_one_tile() {
        links.push(link("full/full/0/native.jpg".to_owned(), FULL_MAX));
    }
    links
}

json_objects! {
    struct Info<'a> {
        context as "@context": &'a str,
        id as "@id": &'a str,
        protocol: &'a str,
        profile: Profile,
        width: u32,
        height: u32,
        tiles: [Tiles; 1],
        sizes: Vec<InfoSize>,
        license?: Option<&'a str>,
    }
}

/// The compliance level, then the restrictions (section 5.3).
#[derive(Serialize)]
struct Profile(&'static str, Restrictions);

json_objects! {
    struct Restrictions {
        formats: [&'static str; 1],
        qualities: [&'static str; 1],
        max_width?: Option<u32>,
        max_height?: Option<u32>,
    }
}

/// The bytes of the info.json of an image.
pub fn info_json(image: &ImageId, pyramid: &Pyramid, license: Option<&str>, base: &BaseUrl) -> Vec<u8> {
    let limit = pyramid.declared_limit();
    let restrictions = Restrictions {
        formats: ["jpg"],
        qualities: ["default"],
        max_width: limit.map(|size| size.width),
        max_height: limit.map(|size| size.height),
    };
    to_json(&Info {
        context: CONTEXT,
        id: &service_uri(base, image),
        protocol: "http://iiif.io/api/image",
        profile: Profile(LEVEL_0, restrictions),
        width: pyramid.full.width,
        height: pyramid.full.height,
        tiles: [Tiles::of(pyramid)],
        sizes: InfoSize::of(pyramid),
        license,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pyramid::addresses::files;
    use crate::model::settings::Formats;
    use std::collections::BTreeSet;

    const SIZES: [(u32, u32); 14] = [
        (1, 1),
        (1, 3000),
        (2, 3000),
        (3000, 1),
        (90, 90),
        (97, 9000),
        (300, 2000),
        (512, 512),
        (512, 1025),
        (513, 90),
        (1025, 1100),
        (1023, 4097),
        (3073, 3073),
        (20_000, 300),
    ];

    #[test]
    fn each_link_leads_to_a_file_and_each_address_is_named_once() {
        for (width, height) in SIZES {
            let pyramid = Pyramid::new(Size::new(width, height), 512, 4096);
            let files: BTreeSet<String> =
                files(&pyramid, Formats::default()).into_iter().map(|(path, _)| path).collect();
            let links = links(&pyramid);
            let lost: Vec<_> = links.iter().filter(|(_, of)| !files.contains(of)).collect();
            assert!(lost.is_empty(), "{width}x{height}: {lost:?}");
            let distinct: BTreeSet<&String> = links.iter().map(|(path, _)| path).collect();
            assert_eq!(distinct.len(), links.len(), "{width}x{height}");
            assert_eq!(links.len() as u64 + 1, pyramid.older_file_count(), "{width}x{height}");
        }
    }

    #[test]
    fn a_one_tile_image_has_every_form_that_viewers_ask() {
        let paths: Vec<String> = links(&Pyramid::new(Size::new(300, 200), 512, 4096))
            .into_iter()
            .map(|(path, _)| path.trim_end_matches("/0/default.jpg").to_owned())
            .collect();
        assert_eq!(
            paths,
            [
                "0,0,300,200/300,",
                "0,0,300,200/full",
                "0,0,300,200/max",
                "full/full",
                "full/max",
                "full/300,200",
                "full/300,",
                "full/90,",
                "full/full/0/native.jpg",
            ]
        );
    }

    #[test]
    fn info_json_of_a_capped_image() {
        let pyramid = Pyramid::new(Size::new(20_000, 300), 512, 4096);
        let base = BaseUrl::parse("https://example.org").unwrap();
        let license = Some("http://rightsstatements.org/vocab/NoC-US/1.0/");
        let json = info_json(&ImageId("a_1".into()), &pyramid, license, &base);
        insta::assert_snapshot!(String::from_utf8(json).unwrap());
    }
}
