//! TIFF and BigTIFF: strips and tiles are decoded in parallel, large strips row by row; uncompressed rows are read
//! directly from the file.
//!
//! The `tiff` crate reads the values of tags ([`ifd`]), and pixels have our own readers. Rejected: the crate's decoder,
//! which decodes a strip only as a whole, and only the kinds of compression that it knows.

mod ccitt;
mod chain;
mod chunk_bytes;
mod codec;
mod directory;
mod ifd;
mod jpeg;
mod log_luv;
mod lzw;
mod passthrough;
mod samples;
mod strips;
mod ycbcr;

use super::grid::{ChunkGrid, GridReader};
use super::input::Input;
use super::passthrough::Passthrough;
use super::rows::{Alpha, Depth, Layout, Space};
use super::{Format, Opened};
use crate::error::{Error, Result};
use crate::model::MemoryNeed;
use crate::model::geometry::Size;
use directory::{Compression, Directory, Photometric};
use ifd::{Tiff, damaged};
use passthrough::TiffPassthrough;
use samples::Unpacking;
use std::sync::Arc;
use strips::StripReader;
use ycbcr::Blocks;

/// An uncompressed strip is read in pieces of at most this many rows, for any RowsPerStrip.
const RAW_ROWS: u32 = 64;

/// A chunk has at most this many times as many stored bytes as raw bytes, apart from a fixed overhead.
const WORST_EXPANSION: u64 = 2;

pub fn open(input: Arc<Input>) -> Result<Vec<Opened>> {
    directory::pages(Tiff::directories(input, 0)?, 0).map(|page| open_page(page?)).collect()
}

/// Opens the page whose directory has this index, without reading other pages: a file can have thousands. `None`: there is
/// no such directory.
pub fn open_one(input: Arc<Input>, index: usize) -> Result<Option<Opened>> {
    directory::pages(Tiff::directories(input, index)?, index).next().map(|page| open_page(page?)).transpose()
}

fn open_page(directory: Directory) -> Result<Opened> {
    let (index, size, orientation, icc) =
        (directory.index, directory.size, directory.orientation, directory.icc.clone());
    let depth = format!("{} x {} bit", directory.samples, directory.bits);
    let detail = format!("{:?}, {depth}", directory.compression);
    if directory.compression == Compression::OldJpeg {
        let opened = jpeg::open_old_style(&directory)?;
        return Ok(Opened { format: Format::Tiff, index, orientation, detail, ..opened });
    }
    if matches!(directory.compression, Compression::SgiLog | Compression::SgiLog24) {
        return log_luv::open(directory, detail);
    }
    if !codec::is_known(directory.compression) {
        return Err(Error::image(format!("TIFF: compression {:?} is not read", directory.compression))
            .with_hint("convert the file to an uncompressed, LZW or deflate TIFF"));
    }
    let passthrough = TiffPassthrough::open(&directory);
    let passthrough = passthrough.map(|passthrough| Box::new(passthrough) as Box<dyn Passthrough>);
    let grid = TiffGrid::new(directory)?;
    Ok(Opened {
        format: Format::Tiff,
        index,
        size,
        layout: grid.layout(),
        orientation,
        icc,
        detail,
        memory: match StripReader::suits(&grid) {
            true => MemoryNeed::fixed(StripReader::memory(&grid)),
            false => grid.memory(),
        },
        extra_memory: 0,
        passthrough,
        reader: Box::new(move |_| match StripReader::suits(&grid) {
            true => Ok(Box::new(StripReader::new(grid))),
            false => Ok(Box::new(GridReader::new(grid))),
        }),
    })
}

struct TiffGrid {
    directory: Directory,
    samples: Samples,
    chunk: Size,
}

/// How raw bytes of a chunk become rows.
enum Samples {
    Channels(Unpacking),
    YCbCr(Blocks),
}

impl TiffGrid {
    fn new(directory: Directory) -> Result<TiffGrid> {
        let is_blocks = directory.photometric == Photometric::YCbCr && directory.compression != Compression::Jpeg;
        let samples = if is_blocks {
            if directory.bits != 8 || directory.samples != 3 || directory.planar {
                return Err(damaged("YCbCr other than three interleaved channels of 8 bit is not read"));
            }
            Samples::YCbCr(Blocks::of(&directory))
        } else {
            Samples::Channels(Unpacking::of(&directory)?)
        };
        let rows = directory.chunk.height;
        let is_raw = directory.compression == Compression::None && !directory.tiled && directory.predictor == 1;
        let chunk = if is_raw && !is_blocks && rows > RAW_ROWS {
            // A piece must end where a strip ends.
            let piece = (1..=RAW_ROWS).rev().find(|piece| rows.is_multiple_of(*piece) || rows == directory.size.height);
            Size::new(directory.size.width, piece.unwrap_or(1))
        } else {
            directory.chunk
        };
        Ok(TiffGrid { directory, samples, chunk })
    }

    fn layout(&self) -> Layout {
        match &self.samples {
            Samples::Channels(unpacking) => unpacking.layout,
            Samples::YCbCr(_) => Layout::new(Space::Rgb, Alpha::None, Depth::U8),
        }
    }

    /// How much memory a [`GridReader`] holds: the chunks that are decoded at once, with their stored bytes.
    fn memory(&self) -> MemoryNeed {
        let raw = self.raw_bytes(self.chunk.height as usize) as u64;
        let stored = match self.chunk == self.directory.chunk {
            true => self.directory.largest_chunk().min(raw * WORST_EXPANSION + (1 << 16)),
            false => 0,
        };
        let decoder = match self.directory.compression {
            // All coefficients, in case the JPEG is progressive.
            Compression::Jpeg => 2 * raw,
            Compression::WebP => 2 * raw,
            Compression::Zstd => raw,
            Compression::Lzma => codec::LZMA_BYTES,
            _ => 0,
        };
        let offsets = 16 * self.directory.offsets.len() as u64;
        GridReader::memory(self, raw + stored + decoder).plus(offsets)
    }

    /// How many samples of a pixel one chunk holds.
    fn samples_in_chunk(&self) -> usize {
        if self.directory.planar { 1 } else { self.directory.samples }
    }

    fn raw_row_bytes(&self) -> usize {
        (self.chunk.width as usize * self.samples_in_chunk() * self.directory.bits as usize).div_ceil(8)
    }

    fn raw_bytes(&self, rows: usize) -> usize {
        match &self.samples {
            Samples::Channels(_) => rows * self.raw_row_bytes(),
            Samples::YCbCr(blocks) => blocks.raw_bytes(self.chunk.width as usize, rows),
        }
    }

    /// Reads and decompresses chunk `index` of the directory, or a piece of an uncompressed strip.
    fn read(&self, column: u32, row: u32, plane: usize, raw: &mut [u8]) -> Result<()> {
        let directory = &self.directory;
        if self.chunk != directory.chunk {
            let first = row * self.chunk.height;
            let (strip, within) = (first / directory.chunk.height, first % directory.chunk.height);
            let (start, length) = directory.extent(plane * directory.chunks() + strip as usize)?;
            let before = u64::from(within) * self.raw_row_bytes() as u64;
            if before + raw.len() as u64 > length {
                return Err(codec::too_few());
            }
            let offset = start.saturating_add(before);
            directory.tiff.input.read_exact_at(offset, raw).map_err(damaged)?;
            if directory.lowest_bit_first {
                raw.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
            }
            return Ok(());
        }
        let extent = self.extent(plane, (row * directory.columns() + column) as usize, raw.len())?;
        let row_bytes = self.raw_row_bytes();
        let stored_rows = if directory.tiled { self.chunk.height } else { (raw.len() / row_bytes.max(1)) as u32 };
        let samples = self.samples_in_chunk();
        let stored = codec::stored(directory, extent, usize::MAX);
        codec::decompress(directory, stored, Size::new(self.chunk.width, stored_rows), samples, raw)?;
        codec::undo_predictor(directory, samples, raw, row_bytes);
        Ok(())
    }

    /// The offset of a chunk of a plane and its length in bytes. No codec needs more than a few times the raw bytes; a
    /// directory that claims more is wrong about the length.
    fn extent(&self, plane: usize, chunk: usize, raw_bytes: usize) -> Result<(u64, u64)> {
        let (offset, length) = self.directory.extent(plane * self.directory.chunks() + chunk)?;
        Ok((offset, length.min(raw_bytes as u64 * WORST_EXPANSION + (1 << 16))))
    }

    /// The planes that hold the channels of rows, in the order of decoding.
    fn planes(&self) -> Vec<usize> {
        match &self.samples {
            Samples::Channels(unpacking) if self.directory.planar => unpacking.stored_channels().collect(),
            _ => vec![0],
        }
    }

    /// Whether raw bytes are rows already.
    fn is_identity(&self) -> bool {
        matches!(&self.samples, Samples::Channels(unpacking) if unpacking.is_identity())
    }

    /// Unpacks raw rows, those of the `index`-th of [`TiffGrid::planes`], into rows of `row_bytes`.
    fn unpack(&self, index: usize, raw: &[u8], out: &mut [u8], row_bytes: usize) {
        let rows = out.chunks_exact_mut(row_bytes);
        match &self.samples {
            Samples::Channels(unpacking) => {
                for (out, raw) in rows.zip(raw.chunks_exact(self.raw_row_bytes())) {
                    match self.directory.planar {
                        true => unpacking.unpack_channel(index, raw, 0, 1, out),
                        false => unpacking.unpack(raw, out),
                    }
                }
            }
            Samples::YCbCr(blocks) => {
                rows.enumerate().for_each(|(y, out)| blocks.unpack_row(raw, self.chunk.width as usize, y, out));
            }
        }
    }
}

impl ChunkGrid for TiffGrid {
    fn size(&self) -> Size {
        self.directory.size
    }

    fn chunk(&self) -> Size {
        self.chunk
    }

    fn bytes_per_pixel(&self) -> usize {
        self.layout().bytes_per_pixel()
    }

    fn decode(&self, column: u32, row: u32, out: &mut [u8]) -> Result<()> {
        let width = self.chunk.width.min(self.size().width - column * self.chunk.width);
        let out_bytes = width as usize * self.bytes_per_pixel();
        let rows = out.len() / out_bytes;
        // A tile is stored in full even where it reaches over the edge of the image.
        let stored_rows = if self.directory.tiled { self.chunk.height as usize } else { rows };
        let whole = width == self.chunk.width && stored_rows == rows;
        if self.is_identity() && whole {
            return self.read(column, row, 0, out);
        }
        let mut raw = vec![0; self.raw_bytes(stored_rows)];
        for (index, plane) in self.planes().into_iter().enumerate() {
            self.read(column, row, plane, &mut raw)?;
            self.unpack(index, &raw, out, out_bytes);
        }
        Ok(())
    }
}
