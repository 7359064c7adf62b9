//! Encoding: 8-bit grey or RGB rows to JPEG or WebP, without any metadata.

mod jpeg;
mod webp;

use crate::error::Result;
use crate::model::Channels;
use crate::model::geometry::Size;
use crate::model::settings::{Coding, FileFormat, Huffman};

/// Pixels in memory, 8 bits a channel, channels interleaved.
#[derive(Debug, Clone, Copy)]
pub struct Pixels<'a> {
    /// Begins with the upper left pixel, and holds at least the last pixel of the last row.
    pub data: &'a [u8],
    /// Bytes from the start of one row to the start of the next.
    pub stride: usize,
    /// Width and height in pixels.
    pub size: Size,
    pub channels: Channels,
}

/// How to encode an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub format: FileFormat,
    pub coding: Coding,
}

/// Encodes `pixels` and hands the bytes of the file to `consume`, whose result is returned.
///
/// # Errors
///
/// The encoder fails, for example because a side is too long for the format; or `consume` fails.
pub fn encode<R>(pixels: Pixels<'_>, target: Target, consume: impl FnOnce(&[u8]) -> Result<R>) -> Result<R> {
    match target.format {
        FileFormat::Jpeg => jpeg::encode(pixels, target.coding, consume),
        FileFormat::WebP => webp::encode(pixels, target.coding.quality, consume),
    }
}

/// Encodes an image band by band. Bytes come out as soon as the format allows: WebP gives all of them at the end.
pub enum RowEncoder {
    Jpeg(jpeg::RowEncoder),
    WebP(webp::RowEncoder),
}

impl RowEncoder {
    /// For an image of `size` pixels, all of whose rows must be written before it is finished.
    pub fn new(size: Size, channels: Channels, target: Target) -> Result<RowEncoder> {
        Ok(match target.format {
            FileFormat::Jpeg => RowEncoder::Jpeg(jpeg::RowEncoder::new(size, channels, target.coding)?),
            FileFormat::WebP => RowEncoder::WebP(webp::RowEncoder::new(size, channels, target.coding.quality)),
        })
    }

    /// Encodes the next rows and hands the bytes that are ready to `consume`.
    pub fn write_rows(&mut self, rows: Pixels<'_>, consume: impl FnOnce(&[u8]) -> Result<()>) -> Result<()> {
        match self {
            RowEncoder::Jpeg(encoder) => consume(encoder.write_rows(rows)?),
            RowEncoder::WebP(encoder) => {
                encoder.write_rows(rows);
                Ok(())
            }
        }
    }

    /// Ends the image after its last row and hands the remaining bytes to `consume`.
    pub fn finish(self, consume: impl FnOnce(&[u8]) -> Result<()>) -> Result<()> {
        match self {
            RowEncoder::Jpeg(mut encoder) => consume(encoder.finish()?),
            RowEncoder::WebP(encoder) => encoder.finish(consume),
        }
    }
}

/// Bytes a pixel for libwebp's copy in ARGB, its planes in 4:2:0, its tokens and statistics; measured on grained
/// photos.
const WEBP_BYTES: u64 = 12;

/// Of [`encode`] for an image of `size`, and of a [`RowEncoder`] from its first row to
/// its last.
pub fn memory(size: Size, channels: Channels, target: Target) -> u64 {
    match target.format {
        FileFormat::Jpeg => jpeg_memory(size, channels, target.coding),
        FileFormat::WebP => (3 + WEBP_BYTES) * size.area(),
    }
}

/// About 0 if rows are encoded as they come. Otherwise all coefficients, two bytes each and in whole blocks, and the
/// file itself.
fn jpeg_memory(size: Size, channels: Channels, coding: Coding) -> u64 {
    if coding.huffman == Huffman::Fast {
        return 0;
    }
    let side = |length: u32| u64::from(length.next_multiple_of(16));
    let bytes_of_blocks = match channels {
        Channels::Grey => 2,
        Channels::Rgb if coding.is_subsampled() => 3,
        Channels::Rgb => 6,
    };
    side(size.width) * side(size.height) * bytes_of_blocks + size.area() * channels.count() as u64
}
