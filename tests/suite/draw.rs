//! Pictures for tests, drawn anew each time, and the files that hold them.

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use std::f32::consts::TAU;
use std::io::Cursor;

/// Waves of many lengths, no two places alike: a lost, swapped or shifted tile shows.
fn waves(x: u32, y: u32, phase: f32) -> f32 {
    let (x, y) = (x as f32, y as f32);
    let wave = |dx: f32, dy: f32| (TAU * (x * dx + y * dy) + phase).sin();
    let long = wave(1.0 / 411.0, 1.0 / 757.0) + wave(-1.0 / 233.0, 1.0 / 307.0);
    let short = wave(1.0 / 61.0, 1.0 / 97.0) + wave(1.0 / 23.0, -1.0 / 29.0) + 0.5 * wave(1.0 / 11.0, 1.0 / 13.0);
    (long + short + x / 900.0 - y / 700.0) / 4.5
}

fn tone(value: f32) -> u8 {
    (128.0 + 100.0 * value).clamp(0.0, 255.0) as u8
}

/// Continuous tone in colour; hues vary slowly, as chroma subsampling expects.
pub fn colour(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let light = waves(x, y, 0.0);
        let hue = (TAU * (x as f32 / 500.0 + y as f32 / 800.0)).sin() * 0.2;
        Rgb([tone(light + hue), tone(light), tone(light - hue)])
    })
}

pub fn grey(width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| Luma([tone(waves(x, y, 1.0))]))
}

/// Black strokes on white.
pub fn bilevel(width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| Luma([if waves(x, y, 2.0) > 0.1 { 0 } else { 255 }]))
}

fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(vec![]);
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    encode(&image.into(), ImageFormat::Png)
}

/// Lossless.
pub fn webp(image: impl Into<DynamicImage>) -> Vec<u8> {
    encode(&image.into(), ImageFormat::WebP)
}

pub fn jpeg(image: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = vec![];
    image.into().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 97)).unwrap();
    bytes
}

/// A page that is quickly made, for tests that do not look at it.
pub fn page() -> Vec<u8> {
    png(grey(300, 200))
}

/// A JPEG whose EXIF says where the first row and column of what is stored belong: TIFF 6.0, Orientation.
pub fn jpeg_with_orientation(upright: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut jpeg = jpeg(stored(upright, orientation));
    let mut exif = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    jpeg.splice(2..2, exif);
    jpeg
}

/// How an upright image lies in a file of the given orientation.
pub fn stored(upright: &RgbImage, orientation: u8) -> RgbImage {
    let (width, height) = upright.dimensions();
    let (right, bottom) = (width - 1, height - 1);
    let (columns, rows) = if orientation < 5 { (width, height) } else { (height, width) };
    RgbImage::from_fn(columns, rows, |column, row| {
        let (x, y) = match orientation {
            1 => (column, row),
            2 => (right - column, row),
            3 => (right - column, bottom - row),
            4 => (column, bottom - row),
            5 => (row, column),
            6 => (right - row, column),
            7 => (right - row, bottom - column),
            8 => (row, bottom - column),
            _ => unreachable!("there are eight orientations"),
        };
        *upright.get_pixel(x, y)
    })
}
