//! A baseline JPEG as a store of tiles: full resolution is cut out of it, half of it is decoded at that size.

use super::colour::Converter;
use super::input::{Cursor, Input};
use super::jpeg;
use super::rows::{Converted, Layout};
use super::stored::{Content, StoredTiles, Take};
use super::{PixelSource, changed};
use crate::error::Result;
use crate::model::geometry::Size;
use crate::model::pyramid::Pyramid;
use crate::model::settings::Colour;
use crate::model::{Channels, MemoryNeed, StoredForm, StoredJpeg};
use crate::pixels::splice::{Header, Splicer, copy_whole};
use std::io::BufReader;
use std::sync::Arc;

/// Compressed bytes of a row of tiles, at most, for a pixel of the image's width and a row: what the longest codes
/// come to.
const BYTES_PER_PIXEL: u64 = 4;

/// Rows of the largest tiles.
const MOST_ROWS: u64 = 4096;

/// See the [module](self).
pub struct SplicedJpeg {
    input: Arc<Input>,
    size: Size,
    layout: Layout,
    described: StoredJpeg,
}

impl SplicedJpeg {
    /// `None` for a JPEG that cannot be cut.
    pub fn open(input: Arc<Input>, layout: Layout) -> Option<SplicedJpeg> {
        let header = Header::read(&mut BufReader::new(Cursor::new(input.clone())))?;
        if header.components() != layout.channels() {
            return None;
        }
        let row_of_tiles = u64::from(header.size.width) * MOST_ROWS * BYTES_PER_PIXEL;
        let described = StoredJpeg {
            form: StoredForm::Image { unit: header.unit },
            quality: header.quality(),
            memory: MemoryNeed::fixed(row_of_tiles.min(input.len()) + (1 << 20)),
        };
        Some(SplicedJpeg { input, size: header.size, layout, described })
    }

    /// Changes nothing, or there would be no publishing as it is.
    fn converter(&self) -> Converter {
        Converter::new(self.layout, None, Colour::WHITE)
    }
}

impl StoredTiles for SplicedJpeg {
    fn describe(&self) -> StoredJpeg {
        self.described
    }

    fn channels(&self) -> Channels {
        self.converter().channels()
    }

    fn levels(&self) -> usize {
        1
    }

    fn tiles(&self, pyramid: &Pyramid, take: &Take<'_>) -> Result<()> {
        let splicer = Splicer::new(Cursor::new(self.input.clone())).ok_or_else(changed)?;
        let level = &pyramid.levels[0];
        splicer.cut(pyramid.tile_size, self.size, &mut |column, row, jpeg| {
            take(0, &pyramid.tile(level, column, row), Content::Jpeg(jpeg))
        })
    }

    fn whole(&self, write: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        copy_whole(BufReader::new(Cursor::new(self.input.clone())), write)
    }

    fn last_pixels(&self) -> usize {
        1
    }

    fn pixels(&self, pyramid: &Pyramid, level: usize) -> Result<Box<dyn PixelSource>> {
        let rows = jpeg::rows(self.input.clone(), level == 1)?;
        Ok(Box::new(Converted::new(pyramid.levels[level].size, rows, self.converter())))
    }
}
