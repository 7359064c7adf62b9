//! Rows of samples as decoders hand them out, and their way to published pixels.

use super::PixelSource;
use super::colour::Converter;
use crate::error::Result;
use crate::model::Channels;
use crate::model::geometry::Size;
use rayon::prelude::*;

/// What a row of samples means: colour channels interleaved, alpha last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub space: Space,
    pub alpha: Alpha,
    pub depth: Depth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    Grey,
    Rgb,
    /// 0 is no ink.
    Cmyk,
    /// CIELab D50 as ICC encodes it: L over the full range, a and b with their zero at half of it (8 bit: 128).
    Lab,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alpha {
    None,
    Straight,
    /// Colour already multiplied with alpha.
    Associated,
}

/// Bytes of a sample; two are in the machine's own order. Narrower samples are scaled up to fill them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    U8,
    U16,
}

impl Layout {
    pub fn new(space: Space, alpha: Alpha, depth: Depth) -> Layout {
        Layout { space, alpha, depth }
    }

    pub fn colour_channels(self) -> usize {
        match self.space {
            Space::Grey => 1,
            Space::Rgb | Space::Lab => 3,
            Space::Cmyk => 4,
        }
    }

    pub fn channels(self) -> usize {
        self.colour_channels() + usize::from(self.alpha != Alpha::None)
    }

    pub fn bytes_per_pixel(self) -> usize {
        match self.depth {
            Depth::U8 => self.channels(),
            Depth::U16 => self.channels() * 2,
        }
    }
}

/// Hands out an image's rows from top to bottom in the file's own samples.
pub trait RowReader: Send {
    /// Fills `rows` with the next rows; its length is a whole number of rows.
    fn read(&mut self, rows: &mut [u8]) -> Result<()>;

    /// What is wrong with the data of the rows read so far, though they came.
    fn damage(&self) -> Option<String> {
        None
    }
}

/// A reader's rows brought to grey or sRGB.
pub struct Converted {
    size: Size,
    reader: Box<dyn RowReader>,
    converter: Converter,
    /// Rows as read. Of `u16`, so that 16-bit samples are aligned.
    buffer: Vec<u16>,
}

/// Rows that are converted at a time.
pub const CONVERTED_ROWS: usize = 64;

impl Converted {
    pub fn new(size: Size, reader: Box<dyn RowReader>, converter: Converter) -> Converted {
        Converted { size, reader, converter, buffer: vec![] }
    }
}

impl PixelSource for Converted {
    fn size(&self) -> Size {
        self.size
    }

    fn channels(&self) -> Channels {
        self.converter.channels()
    }

    fn read_rows(&mut self, rows: &mut [u8]) -> Result<()> {
        if self.converter.is_identity() {
            return self.reader.read(rows);
        }
        let width = self.size.width as usize;
        let (row_in, row_out) = (width * self.converter.layout().bytes_per_pixel(), width * self.channels().count());
        for rows in rows.chunks_mut(row_out * CONVERTED_ROWS) {
            let bytes = rows.len() / row_out * row_in;
            self.buffer.resize(bytes.div_ceil(2), 0);
            let samples = &mut bytemuck::cast_slice_mut::<u16, u8>(&mut self.buffer)[..bytes];
            self.reader.read(samples)?;
            let converter = &self.converter;
            rows.par_chunks_mut(row_out)
                .zip(samples.par_chunks(row_in))
                .try_for_each(|(out, samples)| converter.convert(samples, out))?;
        }
        Ok(())
    }

    fn damage(&self) -> Option<String> {
        self.reader.damage()
    }
}
