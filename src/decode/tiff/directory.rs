//! What a TIFF directory says of its image. The `tiff` crate reads the tags.

use super::super::input::{Cursor, Input};
use super::super::limits::{MAX_ICC_BYTES, MAX_PAGES};
use crate::error::{Error, Result};
use crate::geometry::Size;
use image::metadata::Orientation;
use std::io::BufReader;
use std::sync::Arc;
use tiff::decoder::{Decoder, Limits};
use tiff::tags::{ByteOrder, Tag};

/// Values of tag 262 that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Photometric {
    MinIsWhite,
    MinIsBlack,
    Rgb,
    Palette,
    Cmyk,
    YCbCr,
    Other(u16),
}

/// Values of tag 259 that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    FaxGroup3,
    FaxGroup4,
    Lzw,
    Jpeg,
    Deflate,
    PackBits,
    Other(u16),
}

/// One image of a TIFF file.
#[derive(Debug)]
pub struct Directory {
    /// Its place among the file's directories.
    pub index: usize,
    pub size: Size,
    pub photometric: Photometric,
    pub compression: Compression,
    /// Bits of each sample, all the same.
    pub bits: u16,
    pub samples: u16,
    /// Tag 339: 1 unsigned, 2 signed, 3 float.
    pub sample_format: u16,
    /// Tag 338: the meaning of samples beyond colour; 1 associated, 2 straight alpha.
    pub extra_samples: Vec<u16>,
    /// Whether channels are stored one after the other instead of interleaved.
    pub planar: bool,
    /// Tag 317: 1 none, 2 horizontal differences, 3 floating point.
    pub predictor: u16,
    pub big_endian: bool,
    /// Tag 266 is 2: the first pixel is in the lowest bit.
    pub lowest_bit_first: bool,
    /// Of a strip or tile.
    pub chunk: Size,
    pub tiled: bool,
    pub offsets: Vec<u64>,
    pub lengths: Vec<u64>,
    pub jpeg_tables: Vec<u8>,
    pub orientation: Orientation,
    pub icc: Option<Vec<u8>>,
    /// Tag 320: red, then green, then blue of all indices.
    pub palette: Vec<u16>,
    /// Tag 254, bit 0 or 2: a smaller copy or a mask of another image.
    auxiliary: bool,
}

pub(super) type Tags = Decoder<BufReader<Cursor>>;

/// A reader of a file's tags, at its first directory.
pub(super) fn tags(input: &Arc<Input>) -> Result<Tags> {
    let stream = BufReader::new(Cursor::new(input.clone()));
    Ok(Decoder::new(stream).map_err(refused)?.with_limits(limits()))
}

/// The crate's own, with room for the profile and the tables of chunks of gigapixel files.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.ifd_value_size = MAX_ICC_BYTES as usize;
    limits
}

/// The images of a file that are pages: not the reduced copies that make a pyramid, not masks.
pub fn read_pages(input: &Arc<Input>) -> Result<Vec<Directory>> {
    let mut tags = tags(input)?;
    let mut pages: Vec<Directory> = vec![];
    let mut levels_of_last = 0;
    for index in 0.. {
        if index == MAX_PAGES {
            return Err(Error::image(format!("TIFF: more than {MAX_PAGES} pages")));
        }
        let directory = Directory::read(&mut tags, index)?;
        let reduced = pages.last().is_some_and(|page| is_reduced(page.size, directory.size, levels_of_last + 1));
        if reduced {
            levels_of_last += 1;
        } else if !directory.auxiliary || pages.is_empty() {
            levels_of_last = 0;
            pages.push(directory);
        }
        if !tags.more_images() {
            return Ok(pages);
        }
        tags.next_image().map_err(refused)?;
    }
    Ok(pages)
}

/// Whether an unmarked directory is the next level of the page before it: halved once more, rounded either way.
fn is_reduced(page: Size, size: Size, level: u32) -> bool {
    let halved = |side: u32, to: u32| to.abs_diff(side >> level.min(31)) <= 1;
    page.longer_side() >= 256 && halved(page.width, size.width) && halved(page.height, size.height)
}

pub(super) fn refused(error: tiff::TiffError) -> Error {
    Error::image(format!("TIFF: {error}")).with_hint("is the file complete? Copy it again from where it came from")
}

impl Directory {
    fn read(tags: &mut Tags, index: usize) -> Result<Directory> {
        let one = |tags: &mut Tags, tag: Tag, default: u16| {
            Ok(tags.find_tag_unsigned::<u16>(tag).map_err(refused)?.unwrap_or(default))
        };
        let list = |tags: &mut Tags, tag: Tag| {
            Ok(tags.find_tag_unsigned_vec::<u64>(tag).map_err(refused)?.unwrap_or_default())
        };
        let words = |tags: &mut Tags, tag: Tag| {
            Ok::<_, Error>(tags.find_tag_unsigned_vec::<u16>(tag).map_err(refused)?.unwrap_or_default())
        };
        let bytes = |tags: &mut Tags, tag: Tag| -> Result<Vec<u8>> {
            match tags.find_tag(tag).map_err(refused)? {
                Some(value) => value.into_u8_vec().map_err(refused),
                None => Ok(vec![]),
            }
        };
        let (width, height) = tags.dimensions().map_err(refused)?;
        let size = Size::new(width, height);
        super::super::limits::check_size(size)?;
        let samples = one(tags, Tag::SamplesPerPixel, 1)?;
        let bits = words(tags, Tag::BitsPerSample)?;
        if bits.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(Error::image(format!("TIFF: samples of different depth ({bits:?} bits)")));
        }
        let tiled = tags.find_tag(Tag::TileWidth).map_err(refused)?.is_some();
        let (chunk, offsets, lengths) = if tiled {
            let side = |tags: &mut Tags, tag| tags.get_tag_u32(tag).map_err(refused);
            let chunk = Size::new(side(tags, Tag::TileWidth)?, side(tags, Tag::TileLength)?);
            (chunk, list(tags, Tag::TileOffsets)?, list(tags, Tag::TileByteCounts)?)
        } else {
            let rows = tags.find_tag_unsigned::<u32>(Tag::RowsPerStrip).map_err(refused)?.unwrap_or(height);
            (Size::new(width, rows.min(height)), list(tags, Tag::StripOffsets)?, list(tags, Tag::StripByteCounts)?)
        };
        if chunk.area() == 0 {
            return Err(Error::image("TIFF: its strips or tiles are empty"));
        }
        let kind = tags.find_tag_unsigned::<u32>(Tag::NewSubfileType).map_err(refused)?.unwrap_or(0);
        let icc = bytes(tags, Tag::IccProfile)?;
        Ok(Directory {
            index,
            size,
            photometric: Photometric::from(one(tags, Tag::PhotometricInterpretation, 1)?),
            compression: Compression::from(one(tags, Tag::Compression, 1)?),
            bits: bits.first().copied().unwrap_or(1),
            samples,
            sample_format: words(tags, Tag::SampleFormat)?.first().copied().unwrap_or(1),
            extra_samples: words(tags, Tag::ExtraSamples)?,
            planar: one(tags, Tag::PlanarConfiguration, 1)? == 2 && samples > 1,
            predictor: one(tags, Tag::Predictor, 1)?,
            big_endian: tags.byte_order() == ByteOrder::BigEndian,
            lowest_bit_first: one(tags, Tag::FillOrder, 1)? == 2,
            chunk,
            tiled,
            offsets,
            lengths,
            jpeg_tables: bytes(tags, Tag::JPEGTables)?,
            orientation: u8::try_from(one(tags, Tag::Orientation, 1)?)
                .ok()
                .and_then(Orientation::from_exif)
                .unwrap_or(Orientation::NoTransforms),
            icc: (!icc.is_empty()).then_some(icc),
            palette: words(tags, Tag::ColorMap)?,
            auxiliary: kind & 0b101 != 0,
        })
    }

    /// Chunks in a row, and rows of chunks.
    pub fn chunks(&self) -> (u32, u32) {
        (self.size.width.div_ceil(self.chunk.width), self.size.height.div_ceil(self.chunk.height))
    }
}

impl From<u16> for Photometric {
    fn from(value: u16) -> Photometric {
        match value {
            0 => Photometric::MinIsWhite,
            1 => Photometric::MinIsBlack,
            2 => Photometric::Rgb,
            3 => Photometric::Palette,
            5 => Photometric::Cmyk,
            6 => Photometric::YCbCr,
            other => Photometric::Other(other),
        }
    }
}

impl From<u16> for Compression {
    fn from(value: u16) -> Compression {
        match value {
            1 => Compression::None,
            3 => Compression::FaxGroup3,
            4 => Compression::FaxGroup4,
            5 => Compression::Lzw,
            7 => Compression::Jpeg,
            8 | 32946 => Compression::Deflate,
            32773 => Compression::PackBits,
            other => Compression::Other(other),
        }
    }
}
