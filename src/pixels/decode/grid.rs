//! Images stored as a grid of chunks that decode independently: TIFF strips and tiles, JPEG 2000 tiles.

use super::rows::RowReader;
use crate::error::Result;
use crate::model::geometry::Size;
use crate::model::{MemoryNeed, chunk_rows_at_once};
use rayon::prelude::*;

/// Decodes single chunks, from any thread.
pub trait ChunkGrid: Send + Sync {
    /// Size of the whole image in pixels.
    fn size(&self) -> Size;

    /// Size of a chunk in pixels. Chunks at the right and lower edge can show less.
    fn chunk(&self) -> Size;

    fn bytes_per_pixel(&self) -> usize;

    /// Decodes the visible part of a chunk into `out`, rows without padding.
    fn decode(&self, column: u32, row: u32, out: &mut [u8]) -> Result<()>;
}

/// Rows of chunks, several to a row, that are decoded at a time: enough for all threads.
fn rows_at_once(width: u32, chunk_width: u32) -> u32 {
    chunk_rows_at_once(width.div_ceil(chunk_width), rayon::current_num_threads())
}

/// Reads rows from a grid; its chunks are decoded in parallel.
pub struct GridReader<G> {
    grid: G,
    /// The first row of chunks that is not decoded yet.
    next: u32,
    /// Decoded rows that were not handed out yet.
    carry: Vec<u8>,
    taken: usize,
}

impl<G: ChunkGrid> GridReader<G> {
    pub fn new(grid: G) -> GridReader<G> {
        GridReader { grid, next: 0, carry: vec![], taken: 0 }
    }

    /// The memory that a reader of such a grid holds at most, without the rows that it hands out, when each chunk that
    /// is decoded takes `chunk_bytes`.
    pub fn memory(grid: &G, chunk_bytes: u64) -> MemoryNeed {
        let (size, chunk) = (grid.size(), grid.chunk());
        let row = u64::from(size.width) * grid.bytes_per_pixel() as u64;
        let carry = if chunk.height == 1 { 0 } else { chunk.height.min(size.height) };
        let is_split = chunk.width < size.width;
        MemoryNeed {
            fixed: row * u64::from(carry),
            chunk: chunk_bytes,
            chunk_row: if is_split { row * u64::from(chunk.height.min(size.height)) } else { 0 },
            columns: size.width.div_ceil(chunk.width),
            rows: size.height.div_ceil(chunk.height),
        }
    }

    fn row_bytes(&self) -> usize {
        self.grid.size().width as usize * self.grid.bytes_per_pixel()
    }

    /// How many visible pixel rows a row of chunks has.
    fn rows_of(&self, row: u32) -> u32 {
        let height = self.grid.chunk().height;
        height.min(self.grid.size().height - row * height)
    }

    /// Decodes whole rows of chunks from `first` on into `out`.
    fn decode(&self, first: u32, out: &mut [u8]) -> Result<()> {
        let (size, chunk, row_bytes) = (self.grid.size(), self.grid.chunk(), self.row_bytes());
        let chunk_row_bytes = chunk.height as usize * row_bytes;
        if chunk.width >= size.width {
            return (out.par_chunks_mut(chunk_row_bytes).enumerate())
                .try_for_each(|(index, rows)| self.grid.decode(0, first + index as u32, rows));
        }
        let columns = size.width.div_ceil(chunk.width);
        let rows = (out.len() / row_bytes).div_ceil(chunk.height as usize) as u32;
        let parts = (0..rows * columns)
            .into_par_iter()
            .map(|index| {
                let (row, column) = (first + index / columns, index % columns);
                let width = chunk.width.min(size.width - column * chunk.width) as usize * self.grid.bytes_per_pixel();
                let mut part = vec![0; width * self.rows_of(row) as usize];
                self.grid.decode(column, row, &mut part)?;
                Ok((part, width))
            })
            .collect::<Result<Vec<_>>>()?;
        out.par_chunks_mut(row_bytes).enumerate().for_each(|(index, mut out)| {
            let row = index / chunk.height as usize;
            for (part, width) in &parts[row * columns as usize..][..columns as usize] {
                let (target, rest) = out.split_at_mut(*width);
                target.copy_from_slice(&part[index % chunk.height as usize * width..][..*width]);
                out = rest;
            }
        });
        Ok(())
    }
}

impl<G: ChunkGrid> RowReader for GridReader<G> {
    fn read(&mut self, mut rows: &mut [u8]) -> Result<()> {
        let row_bytes = self.row_bytes();
        while !rows.is_empty() {
            let left = self.carry.len() - self.taken;
            if left > 0 {
                let count = left.min(rows.len());
                let (out, rest) = rows.split_at_mut(count);
                out.copy_from_slice(&self.carry[self.taken..][..count]);
                self.taken += count;
                rows = rest;
                continue;
            }
            let wanted = (rows.len() / row_bytes) as u32;
            let first = self.next;
            let mut whole = 0;
            let most = match self.grid.chunk().width < self.grid.size().width {
                true => rows_at_once(self.grid.size().width, self.grid.chunk().width),
                false => u32::MAX,
            };
            while self.next * self.grid.chunk().height < self.grid.size().height
                && whole + self.rows_of(self.next) <= wanted
                && self.next - first < most
            {
                whole += self.rows_of(self.next);
                self.next += 1;
            }
            if whole > 0 {
                let (out, rest) = rows.split_at_mut(whole as usize * row_bytes);
                self.decode(first, out)?;
                rows = rest;
            } else {
                let mut carry = std::mem::take(&mut self.carry);
                carry.resize(self.rows_of(first) as usize * row_bytes, 0);
                self.decode(first, &mut carry)?;
                (self.carry, self.taken, self.next) = (carry, 0, first + 1);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each pixel holds its own position.
    struct Positions {
        size: Size,
        chunk: Size,
    }

    impl ChunkGrid for Positions {
        fn size(&self) -> Size {
            self.size
        }

        fn chunk(&self) -> Size {
            self.chunk
        }

        fn bytes_per_pixel(&self) -> usize {
            2
        }

        fn decode(&self, column: u32, row: u32, out: &mut [u8]) -> Result<()> {
            let width = self.chunk.width.min(self.size.width - column * self.chunk.width);
            for (index, pixel) in out.chunks_exact_mut(2).enumerate() {
                let (x, y) = (index as u32 % width, index as u32 / width);
                pixel.copy_from_slice(&[(column * self.chunk.width + x) as u8, (row * self.chunk.height + y) as u8]);
            }
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn every_row_comes_once_and_in_order(
            width in 1u32..40, height in 1u32..40, chunk_width in 1u32..50, chunk_height in 1u32..50, step in 1usize..50,
        ) {
            let size = Size::new(width, height);
            let mut reader = GridReader::new(Positions { size, chunk: Size::new(chunk_width, chunk_height) });
            let mut pixels = vec![0; size.area() as usize * 2];
            for rows in pixels.chunks_mut(step * width as usize * 2) {
                reader.read(rows).unwrap();
            }
            for (index, pixel) in pixels.chunks_exact(2).enumerate() {
                prop_assert_eq!(pixel, [(index as u32 % width) as u8, (index as u32 / width) as u8]);
            }
        }
    }
}
