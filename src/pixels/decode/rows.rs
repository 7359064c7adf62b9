//! Rows of samples, as decoders return them.

use crate::error::{Error, Result};

/// The meaning of a row of samples: colour channels interleaved, alpha last.
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

/// Rows that are converted at a time.
pub const CONVERTED_ROWS: usize = 64;

/// Hands out an image's rows from top to bottom in the file's own samples.
pub trait RowReader: Send {
    /// Fills `rows` with the next rows; its length is a whole number of rows.
    fn read(&mut self, rows: &mut [u8]) -> Result<()>;

    /// The damage of the data of the rows read so far, although they could be decoded.
    fn damage(&self) -> Option<String> {
        None
    }
}

/// Rows of an image that is whole in memory.
pub struct Whole {
    pixels: Vec<u8>,
    next: usize,
}

impl Whole {
    pub fn new(pixels: Vec<u8>) -> Whole {
        Whole { pixels, next: 0 }
    }
}

impl RowReader for Whole {
    fn read(&mut self, rows: &mut [u8]) -> Result<()> {
        let there = self.pixels.get(self.next..self.next + rows.len());
        rows.copy_from_slice(there.ok_or_else(|| Error::image("rows are missing"))?);
        self.next += rows.len();
        Ok(())
    }
}
