//! WebP and the first frame of a GIF, decoded whole by the `image` crate.

use super::input::{Cursor, Input};
use super::limits::LIMITS;
use super::rows::{Alpha, Depth, Layout, Space, Whole};
use super::{Format, Opened, orient};
use crate::error::{Error, Result};
use crate::model::MemoryNeed;
use crate::model::geometry::Size;
use image::codecs::{gif::GifDecoder, webp::WebPDecoder};
use image::{ColorType, ImageDecoder};
use std::io::BufReader;
use std::sync::Arc;

pub fn open(input: Arc<Input>, format: Format) -> Result<Opened> {
    let stream = BufReader::new(Cursor::new(input));
    match format {
        Format::Gif => describe(GifDecoder::new(stream).map_err(refused)?, format),
        _ => describe(WebPDecoder::new(stream).map_err(refused)?, format),
    }
}

fn describe(mut decoder: impl ImageDecoder + Send + 'static, format: Format) -> Result<Opened> {
    let (width, height) = decoder.dimensions();
    let size = Size::new(width, height);
    LIMITS.check_size(size)?;
    let (space, alpha, depth) = match decoder.color_type() {
        ColorType::L8 => (Space::Grey, Alpha::None, Depth::U8),
        ColorType::La8 => (Space::Grey, Alpha::Straight, Depth::U8),
        ColorType::Rgb8 => (Space::Rgb, Alpha::None, Depth::U8),
        ColorType::Rgba8 => (Space::Rgb, Alpha::Straight, Depth::U8),
        other => return Err(Error::image(format!("{} with samples of {other:?} is not read", format.name()))),
    };
    let bytes = decoder.total_bytes();
    Ok(Opened {
        format,
        index: 0,
        size,
        layout: Layout::new(space, alpha, depth),
        orientation: orient::by_exif(decoder.exif_metadata().map_err(refused)?.as_deref()),
        icc: decoder.icc_profile().map_err(refused)?,
        detail: "decoded whole".into(),
        // The decoder's own canvas, and the copy that it hands out.
        memory: MemoryNeed::fixed(3 * bytes),
        extra_memory: 0,
        passthrough: None,
        reader: Box::new(move |_| {
            let mut pixels = vec![0; bytes as usize];
            decoder.read_image(&mut pixels).map_err(refused)?;
            Ok(Box::new(Whole::new(pixels)))
        }),
    })
}

fn refused(error: image::ImageError) -> Error {
    Error::image(error.to_string()).with_hint("is the file complete? Copy it again from where it came from")
}
