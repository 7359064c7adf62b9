//! JPEG, through libjpeg-turbo.

use super::Pixels;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Channels;
use crate::model::geometry::Size;
use crate::model::settings::{Coding, Huffman};
use crate::pixels::libjpeg::{Encoder, Encoding, Tables};
use std::cell::RefCell;

fn encoding(size: Size, channels: Channels, coding: Coding) -> Encoding {
    Encoding {
        width: size.width,
        height: size.height,
        components: channels.count(),
        quality: coding.quality,
        subsampled: coding.is_subsampled(),
        tables: match coding.huffman {
            Huffman::Fast => Tables::Standard,
            Huffman::Optimised => Tables::Optimised,
            Huffman::Progressive => Tables::Progressive,
        },
    }
}

fn failed(message: String) -> Error {
    Error::new(ErrorKind::Internal, format!("JPEG encoder: {message}"))
}

/// Encodes `pixels` and hands the JPEG to `consume`. Each thread keeps one encoder.
pub fn encode<R>(pixels: Pixels<'_>, coding: Coding, consume: impl FnOnce(&[u8]) -> Result<R>) -> Result<R> {
    thread_local! {
        static ENCODER: RefCell<Option<Encoder>> = const { RefCell::new(None) };
    }
    ENCODER.with_borrow_mut(|slot| {
        let encoder = match slot {
            Some(encoder) => encoder,
            None => slot.insert(Encoder::new().map_err(failed)?),
        };
        encoder.start(encoding(pixels.size, pixels.channels, coding)).map_err(failed)?;
        encoder.write_rows(pixels.data, pixels.stride, pixels.size.height).map_err(failed)?;
        encoder.finish().map_err(failed)?;
        consume(encoder.take())
    })
}

/// Encodes an image that is never whole in memory, unless its Huffman tables ask for all coefficients at once.
pub struct RowEncoder {
    encoder: Encoder,
}

impl RowEncoder {
    pub fn new(size: Size, channels: Channels, coding: Coding) -> Result<RowEncoder> {
        let mut encoder = Encoder::new().map_err(failed)?;
        encoder.start(encoding(size, channels, coding)).map_err(failed)?;
        Ok(RowEncoder { encoder })
    }

    /// Encodes the next rows and returns the bytes that are ready.
    pub fn write_rows(&mut self, rows: Pixels<'_>) -> Result<&[u8]> {
        self.encoder.write_rows(rows.data, rows.stride, rows.size.height).map_err(failed)?;
        Ok(self.encoder.take())
    }

    /// Ends the image after its last row and returns the remaining bytes.
    pub fn finish(&mut self) -> Result<&[u8]> {
        self.encoder.finish().map_err(failed)?;
        Ok(self.encoder.take())
    }
}
