//! What comes out shows what went in: each source format, each level, nothing shifted.

use crate::draw::{bilevel, colour, grey, jpeg, jpeg_with_orientation, png, webp};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::stitch::{self, BILEVEL, Samples, TONE};
use crate::tiff::{self, Compression, Page};
use image::{DynamicImage, GrayAlphaImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage};

/// Odd, of several tiles and levels, and no square: a transposed or mirrored image cannot pass.
const WIDTH: u32 = 1101;
const HEIGHT: u32 = 707;

/// Builds one file and compares its images (`_1`, or `_1-1`, `_1-2` … of several) with what they should show.
fn assert_shows(name: &str, file: Vec<u8>, expected: &[(Samples, f64)]) {
    let site = Project::new().file(&format!("content/a/{name}"), file).built();
    assert_proven(&site);
    for (index, (source, least)) in expected.iter().enumerate() {
        let page = if expected.len() > 1 { format!("1-{}", index + 1) } else { "1".into() };
        let problems = stitch::problems(&site, &format!("iiif/3/a_{page}"), source, *least);
        assert!(problems.is_empty(), "{name}: {problems:#?}");
    }
}

fn assert_shows_colour(name: &str, file: Vec<u8>) {
    assert_shows(name, file, &[(Samples::of(&colour(WIDTH, HEIGHT)), TONE)]);
}

fn assert_shows_grey(name: &str, file: Vec<u8>) {
    assert_shows(name, file, &[(Samples::of(&grey(WIDTH, HEIGHT)), TONE)]);
}

fn deep<P: image::Pixel<Subpixel = u8>, Q: image::Pixel<Subpixel = u16>>(
    image: &ImageBuffer<P, Vec<u8>>,
) -> ImageBuffer<Q, Vec<u16>> {
    let data = image.as_raw().iter().map(|value| u16::from(*value) * 257).collect();
    ImageBuffer::from_raw(image.width(), image.height(), data).unwrap()
}

#[test]
fn a_jpeg_shows_its_source() {
    assert_shows_colour("1.jpg", jpeg(colour(WIDTH, HEIGHT)));
    assert_shows_grey("1.jpg", jpeg(grey(WIDTH, HEIGHT)));
}

#[test]
fn each_exif_orientation_is_applied() {
    for orientation in 1..=8 {
        assert_shows_colour("1.jpg", jpeg_with_orientation(&colour(WIDTH, HEIGHT), orientation));
    }
}

#[test]
fn a_png_shows_its_source_at_each_depth() {
    assert_shows_colour("1.png", png(colour(WIDTH, HEIGHT)));
    assert_shows_grey("1.png", png(grey(WIDTH, HEIGHT)));
    assert_shows_colour("1.png", png(deep::<_, Rgb<u16>>(&colour(WIDTH, HEIGHT))));
    assert_shows_grey("1.png", png(deep::<_, Luma<u16>>(&grey(WIDTH, HEIGHT))));
}

/// Half transparent in a corner, as it looks on white paper.
fn transparency(x: u32, y: u32) -> u8 {
    if x < WIDTH / 2 && y < HEIGHT / 3 { 128 } else { 255 }
}

fn on_white(value: u8, alpha: u8) -> u8 {
    (255.0 - (255.0 - f32::from(value)) * f32::from(alpha) / 255.0).round() as u8
}

#[test]
fn transparent_pixels_are_laid_on_white() {
    let source = colour(WIDTH, HEIGHT);
    let with_alpha = RgbaImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let [r, g, b] = source.get_pixel(x, y).0;
        Rgba([r, g, b, transparency(x, y)])
    });
    let seen = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Rgb(source.get_pixel(x, y).0.map(|value| on_white(value, transparency(x, y))))
    });
    for (name, file) in [("1.png", png(with_alpha.clone())), ("1.webp", webp(with_alpha))] {
        assert_shows(name, file, &[(Samples::of(&seen), TONE)]);
    }
    let source = grey(WIDTH, HEIGHT);
    let with_alpha =
        GrayAlphaImage::from_fn(WIDTH, HEIGHT, |x, y| LumaA([source.get_pixel(x, y).0[0], transparency(x, y)]));
    let seen = image::GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Luma([on_white(source.get_pixel(x, y).0[0], transparency(x, y))])
    });
    assert_shows("1.png", png(DynamicImage::from(with_alpha)), &[(Samples::of(&seen), TONE)]);
}

#[test]
fn a_webp_shows_its_source() {
    assert_shows_colour("1.webp", webp(colour(WIDTH, HEIGHT)));
}

#[test]
fn a_tiff_shows_its_source_in_strips_and_tiles_of_either_byte_order() {
    let page = || Page::rgb(&colour(WIDTH, HEIGHT));
    for little_endian in [true, false] {
        for compression in [Compression::None, Compression::Lzw, Compression::Deflate] {
            assert_shows_colour("1.tif", tiff::encode(&[page().compressed(compression)], little_endian));
            assert_shows_colour("1.tif", tiff::encode(&[page().compressed(compression).tiled(256)], little_endian));
        }
        assert_shows_colour("1.tif", tiff::encode(&[page().deep()], little_endian));
        assert_shows_colour(
            "1.tif",
            tiff::encode(&[page().deep().tiled(128).compressed(Compression::Deflate)], little_endian),
        );
    }
    assert_shows_grey("1.tif", tiff::encode(&[Page::grey(&grey(WIDTH, HEIGHT))], true));
    assert_shows_grey(
        "1.tif",
        tiff::encode(&[Page::grey(&grey(WIDTH, HEIGHT)).deep().compressed(Compression::Lzw)], true),
    );
}

#[test]
fn a_predictor_is_ignored_where_the_compression_has_none() {
    for compression in [Compression::None, Compression::PackBits] {
        for page in [Page::rgb(&colour(WIDTH, HEIGHT)), Page::rgb(&colour(WIDTH, HEIGHT)).deep()] {
            let page = page.compressed(compression).claiming_predictor(2);
            assert_shows_colour("1.tif", tiff::encode(std::slice::from_ref(&page), true));
            assert_shows_colour("1.tif", tiff::encode(&[page.tiled(256)], false));
        }
    }
    let jpeg = Page::grey(&grey(WIDTH, HEIGHT)).compressed(Compression::Jpeg).tiled(256).claiming_predictor(2);
    assert_shows_grey("1.tif", tiff::encode(&[jpeg], true));
}

#[test]
fn a_bilevel_tiff_is_averaged_to_grey() {
    let source = bilevel(WIDTH, HEIGHT);
    for compression in [Compression::None, Compression::Lzw, Compression::Deflate] {
        let page = Page::min_is_white(&source).compressed(compression);
        assert_shows("1.tif", tiff::encode(std::slice::from_ref(&page), true), &[(Samples::of(&source), BILEVEL)]);
        assert_shows("1.tif", tiff::encode(&[page.tiled(64)], false), &[(Samples::of(&source), BILEVEL)]);
    }
}

#[test]
fn each_page_of_a_tiff_is_an_image() {
    let pages = [
        Page::rgb(&colour(WIDTH, HEIGHT)),
        Page::grey(&grey(600, 800)).compressed(Compression::Lzw),
        Page::min_is_white(&bilevel(530, 531)),
    ];
    let expected = [
        (Samples::of(&colour(WIDTH, HEIGHT)), TONE),
        (Samples::of(&grey(600, 800)), TONE),
        (Samples::of(&bilevel(530, 531)), BILEVEL),
    ];
    assert_shows("1.tif", tiff::encode(&pages, true), &expected);
}

#[test]
fn the_bytes_decide_what_a_file_is() {
    assert_shows_colour("1.tif", jpeg(colour(WIDTH, HEIGHT)));
    assert_shows_colour("1.jpg", png(colour(WIDTH, HEIGHT)));
    assert_shows_grey("1.png", tiff::encode(&[Page::grey(&grey(WIDTH, HEIGHT))], true));
}

#[test]
fn the_comparison_sees_a_shift_a_swap_and_a_mirror() {
    let site = Project::new().file("content/a/1.png", png(colour(WIDTH, HEIGHT))).built();
    let source = colour(WIDTH, HEIGHT);
    let moved = |dx: u32, dy: u32| {
        RgbImage::from_fn(WIDTH, HEIGHT, |x, y| *source.get_pixel((x + dx).min(WIDTH - 1), (y + dy).min(HEIGHT - 1)))
    };
    let mut swapped = source.clone();
    for (x, y) in (0..256).flat_map(|y| (0..256).map(move |x| (x, y))) {
        swapped.put_pixel(x, y, *source.get_pixel(x + 600, y + 300));
    }
    let mirrored = image::imageops::flip_horizontal(&source);
    for wrong in [moved(1, 0), moved(0, 1), moved(2, 1), swapped, mirrored] {
        assert!(!stitch::problems(&site, "iiif/3/a_1", &Samples::of(&wrong), TONE).is_empty());
    }
}
