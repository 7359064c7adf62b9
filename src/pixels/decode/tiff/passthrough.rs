//! A TIFF whose JPEG tiles are published as they are. The tiles of its smaller copies become the lower levels.
//!
//! A stored tile lacks the tables that all tiles share, so they are added. TIFF pyramids round down when they halve,
//! IIIF's round up, and tiles at the edge are stored in full. Such tiles are cropped if the file has all their pixels,
//! and encoded again if the file lacks their last column or row.

use super::super::PixelSource;
use super::super::colour::Converter;
use super::super::converted::Converted;
use super::super::grid::{ChunkGrid, GridReader};
use super::super::passthrough::{Content, Passthrough, Take};
use super::TiffGrid;
use super::directory::{Compression, Directory, Photometric};
use super::ifd::damaged;
use crate::error::Result;
use crate::model::geometry::Size;
use crate::model::pyramid::{Pyramid, Tile};
use crate::model::settings::Colour;
use crate::model::{Channels, MemoryNeed, StoredForm, StoredJpeg};
use crate::pixels::splice::{Header, Splicer, colour_marker};
use rayon::prelude::*;
use std::io::Cursor;

const SOI: [u8; 2] = [0xff, 0xd8];
const EOI: [u8; 2] = [0xff, 0xd9];

/// Tile sizes that are published.
const SIDES: std::ops::RangeInclusive<u32> = 64..=4096;

/// See the [module](self).
pub struct TiffPassthrough {
    levels: Vec<TiffGrid>,
    /// The bytes before a tile's own segments.
    start: Vec<u8>,
    side: u32,
    quality: u8,
}

impl TiffPassthrough {
    /// `None` if the tiles of the page are not JPEGs that can be published.
    pub fn open(page: &Directory) -> Option<TiffPassthrough> {
        let side = page.chunk.width;
        if !is_passable(page) || !SIDES.contains(&side) || !side.is_multiple_of(16) {
            return None;
        }
        let mut levels = vec![TiffGrid::new(page.clone()).ok()?];
        let mut size = page.size;
        for directory in &page.reduced {
            let whole = size.scaled_down(2);
            let fits = |side: u32, whole: u32| whole - side.min(whole) <= 1 && side <= whole && side > 0;
            let is_next = fits(directory.size.width, whole.width) && fits(directory.size.height, whole.height);
            let is_alike = directory.chunk == page.chunk
                && directory.photometric == page.photometric
                && directory.samples == page.samples
                && directory.jpeg_tables == page.jpeg_tables;
            if size.longer_side() <= side || !is_next || !is_alike || !is_passable(directory) {
                break;
            }
            levels.push(TiffGrid::new(directory.clone()).ok()?);
            size = whole;
        }
        let mut start = SOI.to_vec();
        start.extend_from_slice(colour_marker(page.photometric == Photometric::Rgb));
        let tables = page.jpeg_tables.strip_prefix(&SOI).unwrap_or(&page.jpeg_tables);
        start.extend_from_slice(tables.strip_suffix(&EOI).unwrap_or(tables));
        let mut passed = TiffPassthrough { levels, start, side, quality: 0 };
        let first = passed.jpeg(0, 0, 0).ok()?;
        passed.quality = Header::read(&mut first.as_slice())?.quality();
        Some(passed)
    }

    /// A stored tile as a JPEG of its own.
    fn jpeg(&self, level: usize, column: u32, row: u32) -> Result<Vec<u8>> {
        let directory = &self.levels[level].directory;
        let (offset, length) = directory.extent((row * directory.columns() + column) as usize)?;
        let most = 8 * u64::from(self.side).pow(2) + (1 << 16);
        let stored = directory.tiff.input.read_up_to(offset, length.min(most) as usize).map_err(damaged)?;
        let Some(body) = stored.strip_prefix(&SOI).filter(|body| body.ends_with(&EOI)) else {
            return Err(damaged("a tile is no complete JPEG"));
        };
        let jpeg = [&self.start, body].concat();
        if frame(body) != Some((directory.chunk, directory.samples)) {
            return Err(damaged("a JPEG tile is not what the directory says"));
        }
        Ok(jpeg)
    }

    fn pass(&self, level: usize, tile: &Tile, take: &Take<'_>) -> Result<()> {
        let grid = &self.levels[level];
        let (left, top) = (tile.column * self.side, tile.row * self.side);
        let is_there = left + tile.size.width <= grid.size().width && top + tile.size.height <= grid.size().height;
        if !is_there {
            return take(level, tile, Content::Pixels(&self.extended(level, tile)?));
        }
        let jpeg = self.jpeg(level, tile.column, tile.row)?;
        if tile.size == grid.chunk() {
            return take(level, tile, Content::Jpeg(&jpeg));
        }
        match Splicer::new(Cursor::new(jpeg)) {
            Some(splicer) => {
                splicer.cut(self.side, tile.size, &mut |_, _, jpeg| take(level, tile, Content::Jpeg(jpeg)))
            }
            None => take(level, tile, Content::Pixels(&self.extended(level, tile)?)),
        }
    }

    /// The pixels of a tile. The image's last column and row are repeated if the file lacks one.
    fn extended(&self, level: usize, tile: &Tile) -> Result<Vec<u8>> {
        let grid = &self.levels[level];
        let (size, bytes) = (grid.size(), grid.bytes_per_pixel());
        let column = tile.column.min(size.width.div_ceil(self.side) - 1);
        let row = tile.row.min(size.height.div_ceil(self.side) - 1);
        let (left, top) = (column * self.side, row * self.side);
        let visible = Size::new(self.side.min(size.width - left), self.side.min(size.height - top));
        let mut stored = vec![0; visible.area() as usize * bytes];
        grid.decode(column, row, &mut stored)?;
        let mut pixels = Vec::with_capacity(tile.size.area() as usize * bytes);
        let within = |place: u32, first: u32, last: u32| (place.min(last) - first) as usize;
        for y in 0..tile.size.height {
            let y = within(tile.row * self.side + y, top, top + visible.height - 1);
            for x in 0..tile.size.width {
                let x = within(tile.column * self.side + x, left, left + visible.width - 1);
                pixels.extend_from_slice(&stored[(y * visible.width as usize + x) * bytes..][..bytes]);
            }
        }
        Ok(pixels)
    }
}

/// Whether all tiles of a directory are JPEGs of 8-bit grey, RGB or YCbCr, and none is missing.
fn is_passable(directory: &Directory) -> bool {
    let is_colour = matches!(directory.photometric, Photometric::Rgb | Photometric::YCbCr);
    let is_grey = directory.photometric == Photometric::MinIsBlack;
    directory.compression == Compression::Jpeg
        && directory.tiled
        && !directory.planar
        && directory.bits == 8
        && directory.chunk.width == directory.chunk.height
        && (is_colour && directory.samples == 3 || is_grey && directory.samples == 1)
        && directory.lengths.iter().all(|length| *length > 0)
}

/// Size and components that a JPEG's frame header gives; `segments` begins after SOI.
fn frame(mut segments: &[u8]) -> Option<(Size, usize)> {
    loop {
        let [0xff, marker, high, low, content @ ..] = segments else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
        match (marker, content) {
            (0xc0 | 0xc1, [8, y1, y0, x1, x0, components, ..]) => {
                let side = |high: &u8, low: &u8| u32::from(u16::from_be_bytes([*high, *low]));
                return Some((Size::new(side(x1, x0), side(y1, y0)), usize::from(*components)));
            }
            (0xc0..=0xc3 | 0xda, _) => return None,
            _ => segments = content.get(length..)?,
        }
    }
}

impl Passthrough for TiffPassthrough {
    fn describe(&self) -> StoredJpeg {
        let size = self.levels[0].size();
        StoredJpeg {
            form: StoredForm::Tiles { side: self.side, levels: self.levels.len() },
            quality: self.quality,
            memory: MemoryNeed {
                chunk: 16 * u64::from(self.side).pow(2),
                columns: size.width.div_ceil(self.side),
                rows: size.height.div_ceil(self.side),
                ..MemoryNeed::default()
            },
        }
    }

    fn channels(&self) -> Channels {
        if self.levels[0].directory.samples == 1 { Channels::Grey } else { Channels::Rgb }
    }

    fn levels(&self) -> usize {
        self.levels.len()
    }

    fn tiles(&self, pyramid: &Pyramid, take: &Take<'_>) -> Result<()> {
        pyramid.levels.iter().zip(0..self.levels.len()).try_for_each(|(level, index)| {
            (0..level.rows).into_par_iter().try_for_each(|row| {
                let tiles = (0..level.columns).map(|column| pyramid.tile(level, column, row));
                let mut tiles = tiles.filter(|tile| !pyramid.is_repeated(index, tile));
                tiles.try_for_each(|tile| self.pass(index, &tile, take))
            })
        })
    }

    fn whole(&self, _: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        Ok(())
    }

    fn last_pixels(&self) -> usize {
        self.levels.len() - 1
    }

    fn pixels(&self, pyramid: &Pyramid, level: usize) -> Result<Box<dyn PixelSource>> {
        let grid = TiffGrid::new(self.levels[level].directory.clone())?;
        let (stored, size) = (grid.size(), pyramid.levels[level].size);
        let converter = Converter::new(grid.layout(), None, Colour::WHITE);
        let source = Converted::new(stored, Box::new(GridReader::new(grid)), converter);
        Ok(if stored == size { Box::new(source) } else { Box::new(Extended { source, size, read: 0, last: vec![] }) })
    }
}

/// A level whose last column or row is repeated, because the file's level is smaller by one.
struct Extended {
    source: Converted,
    size: Size,
    /// How many rows were handed out.
    read: u32,
    last: Vec<u8>,
}

impl PixelSource for Extended {
    fn size(&self) -> Size {
        self.size
    }

    fn channels(&self) -> Channels {
        self.source.channels()
    }

    fn read_rows(&mut self, rows: &mut [u8]) -> Result<()> {
        let bytes = self.channels().count();
        let (stored, row_bytes) = (self.source.size(), self.size.width as usize * bytes);
        for row in rows.chunks_exact_mut(row_bytes) {
            if self.read < stored.height {
                self.last.resize(stored.width as usize * bytes, 0);
                self.source.read_rows(&mut self.last)?;
            }
            self.read += 1;
            let (there, missing) = row.split_at_mut(self.last.len());
            there.copy_from_slice(&self.last);
            missing.copy_from_slice(&self.last[self.last.len() - missing.len()..]);
        }
        Ok(())
    }
}
