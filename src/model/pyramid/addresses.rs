//! The addresses of an image's files below its folder: the image requests of Image API 3, level 0.

use crate::model::geometry::Size;
use crate::model::pyramid::{Level, Pyramid, Tile};
use crate::model::settings::{FileFormat, Formats};

/// Path of info.json below the image's folder.
pub const INFO_JSON: &str = "info.json";

/// Path of `full/max`, the painting body of the canvas.
pub const FULL_MAX: &str = "full/max/0/default.jpg";

/// An image request with rotation 0 and default quality.
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

/// `full/w,/0/default.jpg`. Viewers that do not read info.json request it, so it exists only as JPEG.
pub fn by_width_path(size: Size) -> String {
    request("full", &format!("{},", size.width), FileFormat::Jpeg)
}

/// The path that shows the whole image as JPEG at one of [`Pyramid::published_sizes`].
pub fn published_path(pyramid: &Pyramid, size: Size) -> String {
    if pyramid.is_by_size(size) { whole_path(size, FileFormat::Jpeg) } else { FULL_MAX.to_owned() }
}

/// The image files of an image with their sizes: exactly those that are published.
pub fn files(pyramid: &Pyramid, formats: Formats) -> Vec<(String, Size)> {
    let mut files: Vec<(String, Size)> = formats.iter().flat_map(|format| files_of(pyramid, format)).collect();
    files.extend(pyramid.by_width().into_iter().map(|size| (by_width_path(size), size)));
    files
}

/// The files that info.json offers in each format.
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

/// Whether a path in an image's folder is one that this program may have written: info.json, or an image request of level 0
/// in any version of the Image API (`full/max/0/default.jpg`). All other files in the folder are somebody else's.
pub fn is_image_file(path: &str) -> bool {
    let is_list = |text: &str, counts: &[usize]| {
        let numbers = text.split(',').collect::<Vec<_>>();
        counts.contains(&numbers.len())
            && numbers.iter().all(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
    };
    let is_format = |ending: &str| [FileFormat::Jpeg, FileFormat::WebP].iter().any(|format| format.ending() == ending);
    match path.split('/').collect::<Vec<_>>()[..] {
        [name] => name == INFO_JSON,
        [region, size, "0", name] => {
            let is_region = region == "full" || is_list(region, &[4]);
            let is_size = ["max", "full"].contains(&size) || is_list(size, &[2]);
            let is_name = name
                .split_once('.')
                .is_some_and(|(quality, ending)| ["default", "native"].contains(&quality) && is_format(ending));
            is_region && is_size && is_name
        }
        _ => false,
    }
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
    fn every_file_of_an_image_is_known_as_one_and_no_other() {
        let pyramid = Pyramid::new(Size::new(1023, 4097), 512, 4096);
        assert!(files(&pyramid, Formats { webp: true }).iter().all(|(path, _)| is_image_file(path)));
        assert!(["info.json", "full/full/0/native.jpg", "full/90,/0/default.jpg"].into_iter().all(is_image_file));
        for path in [
            "notes.txt",
            "full/max/0/notes.txt",
            "full/max/0/default.tif",
            "full/max/0/default.jpg.orig",
            "full/max/90/default.jpg",
            "a/info.json",
            "full/max/info.json",
            "master/max/0/default.jpg",
            "",
        ] {
            assert!(!is_image_file(path), "{path}");
        }
    }
}
