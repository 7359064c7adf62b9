//! Published pixels, made by passing the rows of a reader through a converter.

use super::PixelSource;
use super::colour::Converter;
use super::rows::{CONVERTED_ROWS, RowReader};
use crate::error::Result;
use crate::model::Channels;
use crate::model::geometry::Size;
use rayon::prelude::*;

/// A reader's rows brought to grey or sRGB.
pub struct Converted {
    size: Size,
    reader: Box<dyn RowReader>,
    converter: Converter,
    /// Rows as read. The elements are `u16`, so that 16-bit samples are aligned.
    buffer: Vec<u16>,
}

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
