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
mod mask;
mod old_jpeg;
mod pages;
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
use crate::model::geometry::Size;
use crate::model::{ImageHeader, MemoryNeed};
use chunk_bytes::Part;
use directory::{Compression, Directory, Photometric};
use ifd::{Tiff, damaged};
use passthrough::TiffPassthrough;
use samples::Unpacking;
use std::sync::Arc;
use strips::StripReader;
use ycbcr::YCbCr;

/// An uncompressed strip is read in pieces of at most this many rows and bytes, for any RowsPerStrip.
const RAW_ROWS: u32 = 64;
const RAW_BYTES: u64 = 8 << 20;

/// A chunk has at most this many times as many stored bytes as raw bytes, apart from a fixed overhead.
const WORST_EXPANSION: u64 = 2;

pub fn open(input: Arc<Input>) -> Result<Vec<Opened>> {
    pages::pages(Tiff::directories(input, 0)?, 0).map(|page| open_page(page?)).collect()
}

/// Opens the page whose directory has this index, without reading other pages: a file can have thousands. `None`: there is
/// no such directory.
pub fn open_one(input: Arc<Input>, index: usize) -> Result<Option<Opened>> {
    pages::pages(Tiff::directories(input, index)?, index).next().map(|page| open_page(page?)).transpose()
}

fn open_page(mut directory: Directory) -> Result<Opened> {
    let (mask, thumbnails) = (directory.mask.take(), std::mem::take(&mut directory.thumbnails));
    let mut opened = open_pixels(directory)?;
    if let Some(mask) = mask {
        opened = mask::masked(opened, *mask);
    }
    for Size { width, height } in thumbnails {
        opened.detail += &format!(", {} thumbnail of {width} x {height}", ImageHeader::WITHOUT);
    }
    Ok(opened)
}

/// Opens the image of a directory, without its mask.
fn open_pixels(directory: Directory) -> Result<Opened> {
    let (index, size, orientation, icc) =
        (directory.index, directory.size, directory.orientation, directory.icc.clone());
    let depth = format!("{} x {} bit", directory.samples, directory.bits);
    let detail = format!("{:?}, {depth}", directory.compression);
    if matches!(directory.compression, Compression::SgiLog | Compression::SgiLog24) {
        return log_luv::open(directory, detail);
    }
    if !codec::is_known(directory.compression) {
        return Err(Error::image(format!("TIFF: compression {:?} is not read", directory.compression))
            .with_hint("convert the file to an uncompressed, LZW or deflate TIFF"));
    }
    let directory = match directory.compression {
        Compression::OldJpeg => match old_jpeg::open_whole(&directory) {
            Some(opened) => return Ok(Opened { format: Format::Tiff, index, orientation, detail, ..opened }),
            None => old_jpeg::in_pieces(directory)?,
        },
        _ => directory,
    };
    let passthrough = TiffPassthrough::open(&directory);
    let passthrough = passthrough.map(|passthrough| Box::new(passthrough) as Box<dyn Passthrough>);
    let grid = TiffGrid::new(directory)?;
    if grid.directory.compression == Compression::OldJpeg {
        old_jpeg::check(&grid.directory, grid.part(0, grid.chunk.height))?;
    }
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
    /// YCbCr in blocks.
    Blocks(YCbCr),
    /// YCbCr in planes.
    Planes(YCbCr),
}

impl TiffGrid {
    fn new(directory: Directory) -> Result<TiffGrid> {
        let from_jpeg = matches!(directory.compression, Compression::Jpeg | Compression::OldJpeg);
        let ycbcr = YCbCr::of(&directory);
        // libjpeg converts what is usual.
        let by_codec =
            from_jpeg && !directory.planar && (directory.compression == Compression::Jpeg || ycbcr.is_usual());
        let samples = if directory.photometric == Photometric::YCbCr && !by_codec {
            if directory.bits != 8 || directory.samples < 3 || directory.samples > 3 && !directory.planar {
                return Err(damaged("YCbCr other than three channels of 8 bit is not read"));
            }
            match directory.planar {
                true => Samples::Planes(ycbcr),
                // libjpeg gives each pixel a colour of its own.
                false if from_jpeg => Samples::Blocks(ycbcr.in_full_resolution()),
                false => Samples::Blocks(ycbcr),
            }
        } else {
            Samples::Channels(Unpacking::of(&directory)?)
        };
        let whole = TiffGrid { chunk: directory.chunk, directory, samples };
        Ok(TiffGrid { chunk: whole.piece(), ..whole })
    }

    /// What is decoded at a time: a strip or tile, or a piece of an uncompressed strip.
    fn piece(&self) -> Size {
        let Directory { chunk, size, .. } = self.directory;
        let is_raw = self.directory.compression == Compression::None && self.directory.predictor == 1;
        let is_rows = !self.directory.tiled && matches!(self.samples, Samples::Channels(_));
        let most = (RAW_BYTES / self.raw_row_bytes(0).max(1) as u64).clamp(1, RAW_ROWS.into()) as u32;
        if !is_raw || !is_rows || chunk.height <= most {
            return chunk;
        }
        // A piece must end where a strip ends.
        let piece = (1..=most).rev().find(|rows| chunk.height.is_multiple_of(*rows) || chunk.height == size.height);
        Size::new(size.width, piece.unwrap_or(1))
    }

    fn layout(&self) -> Layout {
        match &self.samples {
            Samples::Channels(unpacking) => unpacking.layout,
            Samples::Blocks(_) | Samples::Planes(_) => Layout::new(Space::Rgb, Alpha::None, Depth::U8),
        }
    }

    /// How much memory a [`GridReader`] holds: the chunks that are decoded at once, with their stored bytes.
    fn memory(&self) -> MemoryNeed {
        let raw = self.raw_bytes(0, self.chunk.height as usize) as u64;
        let stored = match self.chunk == self.directory.chunk {
            true => self.directory.largest_chunk().min(raw * WORST_EXPANSION + (1 << 16)),
            false => 0,
        };
        let decoder = match self.directory.compression {
            // All coefficients, in case the JPEG is progressive.
            Compression::Jpeg => 2 * raw,
            Compression::OldJpeg => 2 * raw + old_jpeg::HEADERS_BYTES,
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

    /// What `rows` rows of a chunk hold of a plane.
    fn part(&self, plane: usize, rows: u32) -> Part {
        let pixels = Size::new(self.chunk.width, rows);
        let size = if let Samples::Planes(ycbcr) = &self.samples { ycbcr.plane(plane, pixels) } else { pixels };
        Part { size, samples: self.samples_in_chunk(), plane }
    }

    fn raw_row_bytes(&self, plane: usize) -> usize {
        let Part { size, samples, .. } = self.part(plane, 1);
        (size.width as usize * samples * self.directory.bits as usize).div_ceil(8)
    }

    fn raw_bytes(&self, plane: usize, rows: usize) -> usize {
        match &self.samples {
            Samples::Blocks(blocks) => blocks.raw_bytes(self.chunk.width as usize, rows),
            _ => self.part(plane, rows as u32).size.height as usize * self.raw_row_bytes(plane),
        }
    }

    /// Reads and decompresses `rows` rows of a chunk of the directory, or a piece of an uncompressed strip.
    fn read(&self, column: u32, row: u32, plane: usize, rows: u32, raw: &mut [u8]) -> Result<()> {
        let directory = &self.directory;
        if self.chunk != directory.chunk {
            let first = row * self.chunk.height;
            let (strip, within) = (first / directory.chunk.height, first % directory.chunk.height);
            let (start, length) = directory.extent(plane * directory.chunks() + strip as usize)?;
            let before = u64::from(within) * self.raw_row_bytes(plane) as u64;
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
        let part = self.part(plane, rows);
        codec::decompress(directory, codec::stored(directory, extent, usize::MAX), part, raw)?;
        codec::undo_predictor(directory, part.samples, raw, self.raw_row_bytes(plane));
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
            Samples::Planes(_) => vec![0, 1, 2],
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
                for (out, raw) in rows.zip(raw.chunks_exact(self.raw_row_bytes(index))) {
                    match self.directory.planar {
                        true => unpacking.unpack_plane(index, raw, out),
                        false => unpacking.unpack(raw, out),
                    }
                }
            }
            Samples::Blocks(blocks) => {
                rows.enumerate().for_each(|(y, out)| blocks.unpack_row(raw, self.chunk.width as usize, y, out));
            }
            Samples::Planes(planes) => {
                let stride = self.raw_row_bytes(index);
                rows.enumerate().for_each(|(y, out)| planes.lay_row(index, raw, stride, y, out));
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
            return self.read(column, row, 0, rows as u32, out);
        }
        let mut raw = vec![];
        for (index, plane) in self.planes().into_iter().enumerate() {
            raw.resize(self.raw_bytes(plane, stored_rows), 0);
            self.read(column, row, plane, stored_rows as u32, &mut raw)?;
            self.unpack(index, &raw, out, out_bytes);
        }
        Ok(())
    }
}
