//! TIFF layouts that few masters have, through the `tiff` crate, an image at a time.

use super::super::input::Input;
use super::super::rows::{Alpha, Depth, Layout, RowReader, Space};
use super::super::whole::Whole;
use super::directory::{self, Directory};
use crate::error::{Error, Result};
use std::sync::Arc;
use tiff::ColorType;
use tiff::decoder::{DecodingResult, Limits};

/// See the [module](self).
pub struct Rare {
    input: Arc<Input>,
    index: usize,
    bytes: u64,
    pub layout: Layout,
}

impl Rare {
    /// Refuses what neither this nor the fast path reads.
    pub fn new(input: Arc<Input>, directory: &Directory) -> Result<Rare> {
        let mut tags = directory::tags(&input)?;
        tags.seek_to_image(directory.index).map_err(directory::refused)?;
        let colour = tags.colortype().map_err(directory::refused)?;
        let (space, alpha, bits) = match colour {
            ColorType::Gray(bits) => (Space::Grey, Alpha::None, bits),
            ColorType::GrayA(bits) => (Space::Grey, Alpha::Straight, bits),
            ColorType::RGB(bits) => (Space::Rgb, Alpha::None, bits),
            ColorType::RGBA(bits) => (Space::Rgb, Alpha::Straight, bits),
            ColorType::CMYK(bits) => (Space::Cmyk, Alpha::None, bits),
            other => return Err(unsupported(format!("{other:?}"))),
        };
        let depth = match bits {
            8 => Depth::U8,
            16 => Depth::U16,
            _ => return Err(unsupported(format!("{colour:?}"))),
        };
        let layout = Layout::new(space, alpha, depth);
        let bytes = directory.size.area() * layout.bytes_per_pixel() as u64;
        Ok(Rare { input, index: directory.index, bytes, layout })
    }

    /// The whole image, twice while it is handed over.
    pub fn memory(&self) -> u64 {
        2 * self.bytes
    }

    pub fn read(self) -> Result<Box<dyn RowReader>> {
        let mut limits = Limits::default();
        limits.decoding_buffer_size = self.bytes as usize;
        limits.intermediate_buffer_size = self.bytes as usize;
        let mut tags = directory::tags(&self.input)?.with_limits(limits);
        tags.seek_to_image(self.index).map_err(directory::refused)?;
        let pixels = match tags.read_image().map_err(directory::refused)? {
            DecodingResult::U8(pixels) => pixels,
            DecodingResult::U16(pixels) => bytemuck::cast_slice(&pixels).to_vec(),
            _ => return Err(unsupported("its sample format".into())),
        };
        if pixels.len() as u64 != self.bytes {
            return Err(Error::image("TIFF: pixels are missing"));
        }
        Ok(Box::new(Whole::new(pixels)))
    }
}

fn unsupported(what: String) -> Error {
    Error::image(format!("TIFF: {what} is not read yet"))
        .with_hint("convert the file to an uncompressed RGB or grey TIFF")
}
