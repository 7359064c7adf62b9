//! Passthrough: masters whose own JPEG data is published as it is. A baseline JPEG is cut into the tiles of full
//! resolution without decoding. The next level is decoded at half size (half-size inverse DCTs), beside the cutting.
//! For TIFF see `tiff/passthrough.rs`.
//!
//! If the data turns out to be damaged, the image is decoded and encoded after all.

use super::colour::Converter;
use super::converted::Converted;
use super::input::{Cursor, Input};
use super::rows::{Depth, Layout};
use super::{Opened, PixelSource, changed, jpeg};
use crate::error::Result;
use crate::model::geometry::Size;
use crate::model::pyramid::{Pyramid, Tile};
use crate::model::settings::Colour;
use crate::model::{Channels, MemoryNeed, StoredForm, StoredJpeg};
use crate::pixels::splice::{Header, Splicer, copy_whole};
use std::io::BufReader;
use std::sync::Arc;

/// A stored tile, ready to be written.
pub enum Content<'a> {
    /// A whole JPEG, without metadata.
    Jpeg(&'a [u8]),
    /// Rows of a tile that must be encoded after all, without padding.
    Pixels(&'a [u8]),
}

/// Receives a tile of a level. It is called from any thread.
pub type Take<'a> = dyn Fn(usize, &Tile, Content<'_>) -> Result<()> + Sync + 'a;

/// A master whose own JPEG data can be published. Levels are those of the pyramid: 0 is full resolution.
pub trait Passthrough: Send + Sync {
    /// The data as headers describe it.
    fn describe(&self) -> StoredJpeg;

    /// The channels of its tiles.
    fn channels(&self) -> Channels;

    /// How many levels have all their tiles, from full resolution on.
    fn levels(&self) -> usize;

    /// Hands every tile of these levels to `take`.
    fn tiles(&self, pyramid: &Pyramid, take: &Take<'_>) -> Result<()>;

    /// Hands the full image to `write` as one JPEG, piece by piece. Does nothing if it is not stored as one JPEG.
    fn whole(&self, write: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>;

    /// The index of the smallest level that [`pixels`](Self::pixels) can give.
    fn last_pixels(&self) -> usize;

    /// The pixels of a level.
    fn pixels(&self, pyramid: &Pyramid, level: usize) -> Result<Box<dyn PixelSource>>;
}

/// Opens a JPEG file. Its data can be published as it is if tiles can be cut out of it.
pub fn open_jpeg(input: Arc<Input>) -> Result<Opened> {
    let opened = jpeg::open(input.clone())?;
    if opened.layout.depth != Depth::U8 {
        return Ok(opened);
    }
    let splice = JpegSplice::open(input, opened.layout).map(|splice| Box::new(splice) as Box<dyn Passthrough>);
    Ok(Opened { passthrough: splice, ..opened })
}

/// Most compressed bytes a pixel in a row of tiles: the bytes of the longest
/// codes.
const BYTES_PER_PIXEL: u64 = 4;

/// Pixel rows of the largest tiles.
const MOST_ROWS: u64 = 4096;

/// See the [module](self).
pub struct JpegSplice {
    input: Arc<Input>,
    size: Size,
    layout: Layout,
    described: StoredJpeg,
}

impl JpegSplice {
    /// `None` for a JPEG that cannot be cut.
    pub fn open(input: Arc<Input>, layout: Layout) -> Option<JpegSplice> {
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
        Some(JpegSplice { input, size: header.size, layout, described })
    }

    /// A converter that changes nothing. Only a JPEG that needs no conversion is passed through.
    fn converter(&self) -> Converter {
        Converter::new(self.layout, None, Colour::WHITE)
    }
}

impl Passthrough for JpegSplice {
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
