//! Pixels out: 8-bit grey or RGB rows to JPEG, without any metadata.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::libjpeg::{Encoder, Encoding};
use crate::model::Channels;
use std::cell::RefCell;

/// Colour is subsampled (4:2:0) below this quality, as libvips does.
const FULL_COLOUR_QUALITY: u8 = 90;

/// Pixels in memory, rows `stride` bytes apart.
#[derive(Debug, Clone, Copy)]
pub struct Pixels<'a> {
    pub data: &'a [u8],
    pub stride: usize,
    pub size: Size,
    pub channels: Channels,
}

fn encoding(size: Size, channels: Channels, quality: u8) -> Encoding {
    Encoding {
        width: size.width,
        height: size.height,
        components: channels.count(),
        quality,
        subsampled: quality < FULL_COLOUR_QUALITY,
    }
}

fn failed(message: String) -> Error {
    Error::new(ErrorKind::Internal, format!("JPEG encoder: {message}"))
}

/// Encodes `pixels` and hands the JPEG to `consume`. Each thread keeps one encoder.
pub fn encode<R>(pixels: Pixels<'_>, quality: u8, consume: impl FnOnce(&[u8]) -> Result<R>) -> Result<R> {
    thread_local! {
        static ENCODER: RefCell<Option<Encoder>> = const { RefCell::new(None) };
    }
    ENCODER.with_borrow_mut(|slot| {
        let encoder = match slot {
            Some(encoder) => encoder,
            None => slot.insert(Encoder::new().map_err(failed)?),
        };
        encoder.start(encoding(pixels.size, pixels.channels, quality)).map_err(failed)?;
        encoder.write_rows(pixels.data, pixels.stride, pixels.size.height).map_err(failed)?;
        encoder.finish().map_err(failed)?;
        consume(encoder.take())
    })
}

/// Encodes an image that is never whole in memory: rows in, bytes out as they are ready.
pub struct RowEncoder {
    encoder: Encoder,
}

impl RowEncoder {
    pub fn new(size: Size, channels: Channels, quality: u8) -> Result<RowEncoder> {
        let mut encoder = Encoder::new().map_err(failed)?;
        encoder.start(encoding(size, channels, quality)).map_err(failed)?;
        Ok(RowEncoder { encoder })
    }

    /// Encodes the next rows and answers the bytes that are ready.
    pub fn write_rows(&mut self, rows: Pixels<'_>) -> Result<&[u8]> {
        self.encoder.write_rows(rows.data, rows.stride, rows.size.height).map_err(failed)?;
        Ok(self.encoder.take())
    }

    /// Ends the image after its last row and answers the remaining bytes.
    pub fn finish(&mut self) -> Result<&[u8]> {
        self.encoder.finish().map_err(failed)?;
        Ok(self.encoder.take())
    }
}
