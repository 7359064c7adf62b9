//! Strips that are too large to be decoded whole: those of more than 8 MiB. Their rows are decoded on demand, the
//! planes of a planar image together. Smaller strips are decoded in parallel.

use super::super::rows::RowReader;
use super::chunk_bytes::RawRows;
use super::directory::Compression;
use super::{TiffGrid, codec, lzw, old_jpeg};
use crate::error::Result;

/// Strips of more raw bytes than this are decoded as a stream. Smaller strips are decoded in parallel, which is faster.
const STREAM_BYTES: u64 = 8 << 20;

/// About this many raw bytes are decoded at a time.
const PIECE_BYTES: usize = 2 << 20;

/// Stored bytes that are read at a time.
const STORED_BYTES: usize = 256 << 10;

/// Bytes for a window of zstd as libtiff's highest ordinary levels use it, and for what `ruzstd` holds beside it.
const ZSTD_BYTES: u64 = 24 << 20;

/// Most bytes that other decoders hold.
const DECODER_BYTES: u64 = 1 << 20;

/// See the [module](self).
pub struct StripReader {
    grid: TiffGrid,
    /// The first row that is not decoded yet.
    next: u32,
    /// The strip at `next`, one decoder a plane.
    planes: Vec<Box<dyn RawRows>>,
    raw: Vec<u8>,
    /// Decoded rows of a piece that were not handed out yet.
    carry: Vec<u8>,
    taken: usize,
}

impl StripReader {
    /// Whether `grid` has strips that can be decoded as a stream, and large ones.
    pub fn suits(grid: &TiffGrid) -> bool {
        StripReader::reads(grid) && grid.raw_bytes(0, grid.chunk.height as usize) as u64 > STREAM_BYTES
    }

    /// Whether `grid` has strips that can be decoded as a stream. Pieces of uncompressed strips need no stream.
    pub fn reads(grid: &TiffGrid) -> bool {
        let directory = &grid.directory;
        grid.chunk == directory.chunk && !directory.tiled && codec::is_streamed(directory.compression)
    }

    pub fn new(grid: TiffGrid) -> StripReader {
        StripReader { grid, next: 0, planes: vec![], raw: vec![], carry: vec![], taken: 0 }
    }

    /// How many bytes a reader of such a grid holds at most.
    pub fn memory(grid: &TiffGrid) -> u64 {
        let decoder = match grid.directory.compression {
            Compression::Lzw => lzw::READER_BYTES,
            Compression::Zstd => ZSTD_BYTES,
            Compression::Lzma => codec::LZMA_BYTES,
            Compression::OldJpeg => DECODER_BYTES + old_jpeg::HEADERS_BYTES,
            _ => DECODER_BYTES,
        };
        let rows = piece_rows(grid) as usize;
        let piece = grid.raw_bytes(0, rows) + rows * row_bytes(grid);
        piece as u64 + grid.planes().len() as u64 * (decoder + STORED_BYTES as u64)
    }

    fn start_strip(&mut self) -> Result<()> {
        let (grid, directory) = (&self.grid, &self.grid.directory);
        let rows = grid.chunk.height.min(directory.size.height - self.next);
        let strip = (self.next / grid.chunk.height) as usize;
        let decoder = |plane| {
            let raw_bytes = grid.raw_bytes(plane, rows as usize);
            let stored = codec::stored(directory, grid.extent(plane, strip, raw_bytes)?, STORED_BYTES);
            codec::rows(directory, stored, grid.part(plane, rows))
        };
        self.planes = grid.planes().into_iter().map(decoder).collect::<Result<_>>()?;
        Ok(())
    }

    /// How many rows the next piece has.
    fn rows_ahead(&self) -> u32 {
        let height = self.grid.chunk.height;
        let left = (height - self.next % height).min(self.grid.directory.size.height - self.next);
        left.min(piece_rows(&self.grid))
    }

    /// Decodes the next piece.
    fn decode(&mut self, out: &mut [u8]) -> Result<()> {
        if self.next.is_multiple_of(self.grid.chunk.height) {
            self.start_strip()?;
        }
        let StripReader { grid, planes, raw, .. } = self;
        let row_bytes = row_bytes(grid);
        let rows = out.len() / row_bytes;
        for (index, plane) in planes.iter_mut().enumerate() {
            if grid.is_identity() {
                read_plane(grid, index, plane.as_mut(), out)?;
            } else {
                raw.resize(grid.raw_bytes(index, rows), 0);
                read_plane(grid, index, plane.as_mut(), raw)?;
                grid.unpack(index, raw, out, row_bytes);
            }
        }
        self.next += rows as u32;
        Ok(())
    }
}

fn row_bytes(grid: &TiffGrid) -> usize {
    grid.directory.size.width as usize * grid.layout().bytes_per_pixel()
}

/// How many rows a piece has: a multiple of 4, so that blocks of YCbCr are whole.
fn piece_rows(grid: &TiffGrid) -> u32 {
    (PIECE_BYTES / grid.raw_row_bytes(0).max(1)).clamp(4, 64) as u32 / 4 * 4
}

/// Reads the raw rows of the `index`-th of the grid's planes.
fn read_plane(grid: &TiffGrid, index: usize, plane: &mut dyn RawRows, raw: &mut [u8]) -> Result<()> {
    if plane.read(raw)? < raw.len() {
        return Err(codec::too_few());
    }
    codec::undo_predictor(&grid.directory, grid.samples_in_chunk(), raw, grid.raw_row_bytes(index));
    Ok(())
}

impl RowReader for StripReader {
    fn read(&mut self, mut rows: &mut [u8]) -> Result<()> {
        while !rows.is_empty() {
            if self.taken == self.carry.len() {
                let piece = self.rows_ahead() as usize * row_bytes(&self.grid);
                if piece <= rows.len() {
                    let (out, rest) = rows.split_at_mut(piece);
                    self.decode(out)?;
                    rows = rest;
                    continue;
                }
                let mut carry = std::mem::take(&mut self.carry);
                carry.resize(piece, 0);
                self.decode(&mut carry)?;
                (self.carry, self.taken) = (carry, 0);
            }
            let count = rows.len().min(self.carry.len() - self.taken);
            let (out, rest) = rows.split_at_mut(count);
            out.copy_from_slice(&self.carry[self.taken..][..count]);
            self.taken += count;
            rows = rest;
        }
        Ok(())
    }
}
