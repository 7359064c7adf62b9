//! TIFF and BigTIFF: strips and tiles decoded side by side, uncompressed rows read straight from the file.
//!
//! The layouts of nearly all masters are decoded here chunk by chunk; the rare ones go through the `tiff` crate, an
//! image at a time.

mod codec;
mod directory;
mod lzw;
mod rare;
mod samples;

use super::grid::{ChunkGrid, GridReader};
use super::input::Input;
use super::{Format, Opened, Reader};
use crate::error::{Error, Result};
use crate::geometry::Size;
use directory::{Compression, Directory};
use samples::Unpacking;
use std::sync::Arc;

/// Rows of a strip that is not compressed are read in pieces of this many, whatever RowsPerStrip says.
const RAW_ROWS: u32 = 64;

pub fn open(input: Arc<Input>) -> Result<Vec<Opened>> {
    let pages = directory::read_pages(&input)?;
    pages.into_iter().map(|page| open_page(input.clone(), page)).collect()
}

fn open_page(input: Arc<Input>, directory: Directory) -> Result<Opened> {
    let detail = format!("{:?}, {} x {} bit", directory.compression, directory.samples, directory.bits);
    let (index, size, orientation, icc) =
        (directory.index, directory.size, directory.orientation, directory.icc.clone());
    let opened = |layout, memory, reader: Reader| Opened {
        format: Format::Tiff,
        index,
        size,
        layout,
        orientation,
        icc,
        detail,
        memory,
        reader,
    };
    match Unpacking::of(&directory) {
        Ok(unpacking) if is_common(&directory) => {
            let layout = unpacking.layout;
            let grid = TiffGrid::new(input, directory, unpacking)?;
            Ok(opened(layout, grid.memory(), Box::new(move || Ok(Box::new(GridReader::new(grid))))))
        }
        _ => {
            let rare = rare::Rare::new(input, &directory)?;
            Ok(opened(rare.layout, rare.memory(), Box::new(move || rare.read())))
        }
    }
}

/// Whether chunks are decoded here, if their samples can be unpacked.
fn is_common(directory: &Directory) -> bool {
    !directory.planar && directory.predictor <= 2 && !matches!(directory.compression, Compression::Other(_))
}

struct TiffGrid {
    input: Arc<Input>,
    directory: Directory,
    unpacking: Unpacking,
    chunk: Size,
}

impl TiffGrid {
    fn new(input: Arc<Input>, directory: Directory, unpacking: Unpacking) -> Result<TiffGrid> {
        let (columns, rows) = directory.chunks();
        let count = columns as usize * rows as usize;
        if directory.offsets.len() < count
            || (directory.lengths.len() < count && directory.compression != Compression::None)
        {
            return Err(Error::image("TIFF: strips or tiles are missing").with_hint("is the file complete?"));
        }
        let chunk = if Self::is_raw_strips(&directory) {
            // A piece must not reach over the end of a strip.
            let piece = (1..=RAW_ROWS.min(directory.chunk.height))
                .rev()
                .find(|rows| directory.chunk.height.is_multiple_of(*rows));
            Size::new(directory.size.width, piece.unwrap_or(1))
        } else {
            directory.chunk
        };
        Ok(TiffGrid { input, directory, unpacking, chunk })
    }

    fn is_raw_strips(directory: &Directory) -> bool {
        directory.compression == Compression::None && !directory.tiled && directory.predictor == 1
    }

    /// The chunks that are decoded at once, with their stored bytes.
    fn memory(&self) -> u64 {
        let raw = self.raw_row_bytes() as u64 * u64::from(self.chunk.height);
        let at_once = rayon::current_num_threads() as u64;
        GridReader::memory(self, 1) + at_once * (2 * raw + (1 << 20))
    }

    fn raw_row_bytes(&self) -> usize {
        self.unpacking.raw_row_bytes(self.chunk.width)
    }

    /// Reads a piece of an uncompressed strip.
    fn read_piece(&self, row: u32, raw: &mut [u8]) -> Result<()> {
        let first = row * self.chunk.height;
        let (strip, within) = (first / self.directory.chunk.height, first % self.directory.chunk.height);
        let offset = self.directory.offsets[strip as usize] + u64::from(within) * self.raw_row_bytes() as u64;
        self.input.read_exact_at(offset, raw).map_err(unreadable)
    }

    fn read_chunk(&self, column: u32, row: u32, raw: &mut [u8]) -> Result<()> {
        let index = (row * self.directory.chunks().0 + column) as usize;
        let length = self.directory.lengths.get(index).copied().unwrap_or(raw.len() as u64);
        let stored = self.input.read_up_to(self.directory.offsets[index], length as usize).map_err(unreadable)?;
        let height = (raw.len() / self.raw_row_bytes()) as u32;
        codec::decompress(&self.directory, stored, Size::new(self.chunk.width, height), raw)?;
        codec::undo_predictor(&self.directory, raw, self.raw_row_bytes());
        Ok(())
    }
}

fn unreadable(error: std::io::Error) -> Error {
    Error::image(format!("TIFF: {error}")).with_hint("is the file complete? Copy it again from where it came from")
}

impl ChunkGrid for TiffGrid {
    fn size(&self) -> Size {
        self.directory.size
    }

    fn chunk(&self) -> Size {
        self.chunk
    }

    fn bytes_per_pixel(&self) -> usize {
        self.unpacking.layout.bytes_per_pixel()
    }

    fn decode(&self, column: u32, row: u32, out: &mut [u8]) -> Result<()> {
        let visible = self.chunk.width.min(self.size().width - column * self.chunk.width);
        let row_bytes = visible as usize * self.bytes_per_pixel();
        let rows = out.len() / row_bytes;
        let read = |raw: &mut [u8]| match Self::is_raw_strips(&self.directory) {
            true => self.read_piece(row, raw),
            false => self.read_chunk(column, row, raw),
        };
        if self.unpacking.is_identity() && visible == self.chunk.width && !self.directory.tiled {
            return read(out);
        }
        // A tile is stored in full, also where it reaches over the edge of the image.
        let stored_rows = if self.directory.tiled { self.chunk.height as usize } else { rows };
        let mut raw = vec![0; stored_rows * self.raw_row_bytes()];
        read(&mut raw)?;
        for (out, raw) in out.chunks_exact_mut(row_bytes).zip(raw.chunks_exact(self.raw_row_bytes())) {
            self.unpacking.unpack(raw, out);
        }
        Ok(())
    }
}
