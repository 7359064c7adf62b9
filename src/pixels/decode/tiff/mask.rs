//! The mask of a page (tag 254, bit 2), as GDAL writes it beside JPEG data: where it is 0 nothing is meant to be seen. It
//! is read row by row beside the page, and becomes the page's alpha.

use super::super::Opened;
use super::super::grid::ChunkGrid;
use super::super::rows::{Alpha, CONVERTED_ROWS, Depth, Layout, RowReader, Space};
use super::directory::Compression::{OldJpeg, SgiLog, SgiLog24};
use super::directory::Directory;
use super::ifd::damaged;
use super::strips::StripReader;
use super::{TiffGrid, codec};
use crate::error::Result;
use crate::model::ImageHeader;

/// `page` with the mask of `directory` as its alpha. A page with alpha of its own needs no mask. A mask that cannot be
/// read is told in the treatment.
pub fn masked(page: Opened, directory: Directory) -> Opened {
    if page.layout.alpha != Alpha::None {
        return page;
    }
    let compression = directory.compression;
    let is_known = codec::is_known(compression) && !matches!(compression, OldJpeg | SgiLog | SgiLog24);
    let grid = match TiffGrid::new(directory) {
        Ok(grid) if is_known && grid.layout() == Layout::new(Space::Grey, Alpha::None, Depth::U8) => grid,
        _ => return Opened { detail: format!("{}, {} mask", page.detail, ImageHeader::WITHOUT), ..page },
    };
    let width = page.size.width as usize;
    let (inner, outer) = (page.layout, Layout { alpha: Alpha::Straight, ..page.layout });
    let rows = CONVERTED_ROWS * width * (inner.bytes_per_pixel() + 1);
    let memory = page.memory.plus(mask_memory(&grid) + rows as u64);
    let for_mask = memory.fixed - page.memory.fixed;
    let reader = page.reader;
    Opened {
        layout: outer,
        memory,
        detail: page.detail + ", masked",
        passthrough: None,
        reader: Box::new(move |memory| {
            let page = reader(memory.saturating_sub(for_mask))?;
            Ok(Box::new(Masked { page, mask: mask_rows(grid), width, inner, colours: vec![], visible: vec![] }))
        }),
        ..page
    }
}

struct Masked {
    page: Box<dyn RowReader>,
    mask: Box<dyn RowReader>,
    width: usize,
    /// Of the page without the mask.
    inner: Layout,
    /// Rows of the page, and of the mask. The elements are `u16`, so that 16-bit samples are aligned.
    colours: Vec<u16>,
    visible: Vec<u8>,
}

impl RowReader for Masked {
    fn read(&mut self, rows: &mut [u8]) -> Result<()> {
        let (from, sample) = (self.inner.bytes_per_pixel(), self.inner.bytes_per_pixel() / self.inner.channels());
        let to = from + sample;
        for rows in rows.chunks_mut(CONVERTED_ROWS * self.width * to) {
            let pixels = rows.len() / to;
            self.colours.resize((pixels * from).div_ceil(2), 0);
            self.visible.resize(pixels, 0);
            let colours = &mut bytemuck::cast_slice_mut::<u16, u8>(&mut self.colours)[..pixels * from];
            self.page.read(colours)?;
            self.mask.read(&mut self.visible)?;
            for ((out, colour), alpha) in rows.chunks_exact_mut(to).zip(colours.chunks_exact(from)).zip(&self.visible) {
                let (out_colour, out_alpha) = out.split_at_mut(from);
                out_colour.copy_from_slice(colour);
                out_alpha.fill(*alpha);
            }
        }
        Ok(())
    }

    fn damage(&self) -> Option<String> {
        self.page.damage()
    }
}

/// Reads the rows of a mask. Strips are streamed, however small they are: eight pixels of a mask are stored in a byte.
fn mask_rows(grid: TiffGrid) -> Box<dyn RowReader> {
    match StripReader::reads(&grid) {
        true => Box::new(StripReader::new(grid)),
        false => Box::new(Chunks { grid, next: 0, rows: vec![], taken: 0 }),
    }
}

/// How many bytes [`mask_rows`] holds at most.
fn mask_memory(grid: &TiffGrid) -> u64 {
    match StripReader::reads(grid) {
        true => StripReader::memory(grid),
        false => grid.memory().bytes(1),
    }
}

/// Decodes the chunks of a mask one after the other, since the threads work on those of the page.
struct Chunks {
    grid: TiffGrid,
    /// The first row of chunks that is not decoded yet.
    next: u32,
    /// Decoded rows, and how many bytes of them were handed out.
    rows: Vec<u8>,
    taken: usize,
}

impl RowReader for Chunks {
    fn read(&mut self, mut out: &mut [u8]) -> Result<()> {
        while !out.is_empty() {
            if self.taken == self.rows.len() {
                self.decode()?;
            }
            let count = out.len().min(self.rows.len() - self.taken);
            let (now, later) = out.split_at_mut(count);
            now.copy_from_slice(&self.rows[self.taken..][..count]);
            self.taken += count;
            out = later;
        }
        Ok(())
    }
}

impl Chunks {
    /// Decodes the next row of chunks.
    fn decode(&mut self) -> Result<()> {
        let (size, chunk) = (self.grid.size(), self.grid.chunk());
        let first = self.next * chunk.height;
        if first >= size.height {
            return Err(damaged("its mask has fewer rows than the image"));
        }
        let (width, height) = (size.width as usize, chunk.height.min(size.height - first) as usize);
        self.rows.resize(width * height, 0);
        for (column, left) in (0..size.width).step_by(chunk.width as usize).enumerate() {
            let visible = chunk.width.min(size.width - left) as usize;
            let mut part = vec![0; visible * height];
            self.grid.decode(column as u32, self.next, &mut part)?;
            for (row, part) in self.rows.chunks_exact_mut(width).zip(part.chunks_exact(visible)) {
                row[left as usize..][..visible].copy_from_slice(part);
            }
        }
        (self.next, self.taken) = (self.next + 1, 0);
        Ok(())
    }
}
