//! The images of a TIFF that are no pages: masks and thumbnails.

use crate::draw::{colour, grey};
use crate::libtiff::{HEIGHT, WIDTH, decoded, worst};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::tiff::{self, Compression, Page};
use iiif_build::model::ImageHeader;
use image::{GrayImage, Rgb, RgbImage};

/// A mask of one bit a pixel: the frame of `margin` pixels is not shown.
fn mask(width: u32, height: u32, margin: u32) -> Page {
    let is_shown = |x: u32, y: u32| (margin..width - margin).contains(&x) && (margin..height - margin).contains(&y);
    let shown = GrayImage::from_fn(width, height, |x, y| image::Luma([if is_shown(x, y) { 0 } else { 255 }]));
    Page { photometric: 4, ..Page::min_is_white(&shown) }.tagged(254, &[4])
}

#[test]
fn a_mask_lays_what_is_not_shown_on_the_background() {
    let image = colour(WIDTH, HEIGHT);
    let seen = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let inside = (20..WIDTH - 20).contains(&x) && (20..HEIGHT - 20).contains(&y);
        if inside { *image.get_pixel(x, y) } else { Rgb([255; 3]) }
    });
    let mask = || mask(WIDTH, HEIGHT, 20);
    let page = || Page::rgb(&image);
    for pages in [
        [page(), mask()],
        [page().deep().tiled(32), mask().compressed(Compression::Deflate)],
        [page().compressed(Compression::Lzw).tiled(64), mask().compressed(Compression::Lzw).tiled(16)],
        [page().planar(), mask().in_one_strip()],
    ] {
        assert_eq!(worst(&tiff::encode(&pages, true), &seen), 0);
    }
    // A mask that cannot be read is left out, and this is said.
    let unreadable = mask().in_one_strip().storing(32809, vec![vec![7; 900]]);
    let (header, pixels) = decoded(&tiff::encode(&[page(), unreadable], true)).unwrap().remove(0);
    assert!(pixels == *image.as_raw() && header.left_out().eq(["without its mask"]), "{}", header.treatment);
    // A mask of a smaller copy is not one of the page.
    let half = colour(WIDTH / 2, HEIGHT / 2);
    let small = [page(), Page::rgb(&half).tagged(254, &[1]), self::mask(WIDTH / 2, HEIGHT / 2, 9).tagged(254, &[5])];
    assert_eq!(worst(&tiff::encode(&small, true), &image), 0);
}

#[test]
fn jpeg_tiles_with_a_mask_are_not_published_as_they_are() {
    let image = colour(512, 512);
    let page = Page::rgb(&image).compressed(Compression::Jpeg).tiled(256);
    let file = tiff::encode(&[page, mask(512, 512, 100)], true);
    let config = "[images]\nlossless = \"always\"\nbackground = \"#ff0000\"\n";
    let project = Project::new().file("iiif-build.toml", config).file("content/a/1.tif", file);
    let site = project.built();
    assert_proven(&site);
    let whole = image::load_from_memory(&site.read("iiif/3/a_1/full/max/0/default.jpg")).unwrap().into_rgb8();
    let [red, green, blue] = whole.get_pixel(40, 40).0;
    assert!(red > 245 && green < 10 && blue < 10, "the collar is as the background: {red} {green} {blue}");
}

/// The sizes of the pages, and what their treatments say of thumbnails.
fn pages_of(pages: &[Page]) -> Vec<(u32, u32, bool)> {
    let pages = decoded(&tiff::encode(pages, true)).unwrap();
    let page = |(header, _): &(ImageHeader, Vec<u8>)| {
        (header.size.width, header.size.height, header.treatment.contains("without its thumbnail"))
    };
    pages.iter().map(page).collect()
}

fn sized(width: u32, height: u32) -> Page {
    Page::rgb(&colour(width, height))
}

#[test]
fn a_thumbnail_in_the_file_of_a_page_is_no_page() {
    let page = || sized(600, 800);
    for thumbnail in [sized(120, 160), sized(96, 128), sized(200, 267), Page::grey(&grey(75, 100))] {
        assert_eq!(pages_of(&[page(), thumbnail.clone()]), [(600, 800, true)]);
        assert_eq!(pages_of(&[thumbnail.clone(), page()]), [(600, 800, true)]);
        let pairs = [thumbnail.clone(), page(), thumbnail.clone(), sized(900, 1200), thumbnail];
        assert_eq!(pages_of(&pairs), [(600, 800, true), (900, 1200, true)]);
    }
    // One that is flagged needs no guess.
    let flagged = || sized(130, 160).tagged(254, &[1]);
    assert_eq!(pages_of(&[flagged(), page()]), [(600, 800, false)]);
    assert_eq!(pages_of(&[page(), flagged()]), [(600, 800, false)]);
    // The thumbnail of a page that is stored on its side may be upright already.
    assert_eq!(pages_of(&[page().tagged(274, &[6]), sized(160, 120)]), [(800, 600, true)]);
}

#[test]
fn a_small_page_is_a_page() {
    let page = || sized(1200, 1600);
    for other in [
        sized(160, 120),
        sized(130, 160),
        sized(160, 160),
        sized(540, 720),
        // Halved, it would be a level of a pyramid; a third of it is too large for a thumbnail.
        sized(900, 1200),
        sized(120, 160).tagged(254, &[2]),
    ] {
        assert_eq!(pages_of(&[page(), other.clone()]).len(), 2, "{} x {}", other.width, other.height);
        assert_eq!(pages_of(&[other.clone(), page()]).len(), 2, "{} x {}", other.width, other.height);
    }
    assert_eq!(pages_of(&[sized(120, 160), sized(120, 160)]).len(), 2);
    assert_eq!(pages_of(&[sized(120, 160).tagged(254, &[1])]), [(120, 160, false)], "the only image is a page");
}

#[test]
fn plan_says_which_thumbnail_is_left_out_and_the_page_has_the_name_of_its_file() {
    let file = tiff::encode(&[sized(600, 800), sized(120, 160)], true);
    let project = Project::new().file("content/a/1.tif", file);
    let site = project.built();
    assert_proven(&site);
    assert_eq!(site.image_ids().into_iter().collect::<Vec<_>>(), ["a_1"]);
    let said = project.command(&["plan", "--files"]).output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("without its thumbnail of 120 x 160"), "{said}");
}
