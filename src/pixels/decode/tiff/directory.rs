//! The image that a TIFF directory describes.

use super::super::limits::LIMITS;
use super::ifd::{Ifd, Tiff, damaged};
use crate::error::Result;
use crate::model::geometry::Size;
use image::metadata::Orientation;
use std::iter::Peekable;

/// Values of tag 262.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Photometric {
    MinIsWhite,
    MinIsBlack,
    Rgb,
    Palette,
    Cmyk,
    YCbCr,
    /// With signed a and b; ICC's own encoding (9) has them offset.
    CieLab,
    IccLab,
    LogL,
    LogLuv,
    Other(u64),
}

/// Values of tag 259.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    FaxRle,
    FaxGroup3,
    FaxGroup4,
    Lzw,
    OldJpeg,
    Jpeg,
    Deflate,
    PackBits,
    Lzma,
    Zstd,
    WebP,
    SgiLog,
    SgiLog24,
    Other(u64),
}

/// Values of tag 339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleFormat {
    Unsigned,
    Signed,
    Float,
    Other(u64),
}

/// The positions of the parts of an old-style JPEG.
#[derive(Clone)]
pub struct OldJpeg {
    /// Tags 513 and 514: a whole file, or the part before the scan data. The length is 0 if it is not given.
    pub offset: Option<u64>,
    pub length: u64,
    /// Tags 519 to 521: the tables of each component.
    pub quantisation: Vec<u64>,
    pub dc: Vec<u64>,
    pub ac: Vec<u64>,
}

/// One image of a TIFF file.
#[derive(Clone)]
pub struct Directory {
    pub tiff: Tiff,
    /// Its index among the file's directories.
    pub index: usize,
    pub size: Size,
    pub photometric: Photometric,
    pub compression: Compression,
    /// Bits of each sample; all samples have the same.
    pub bits: u32,
    /// Samples of a pixel.
    pub samples: usize,
    pub sample_format: SampleFormat,
    /// Tag 338: the meaning of samples beyond colour; 1 associated, 2 straight alpha.
    pub extra_samples: Vec<u64>,
    /// Whether channels are stored one after the other instead of interleaved.
    pub planar: bool,
    /// Tag 317: 1 none, 2 horizontal differences, 3 floating point. 1 for compressions that have no predictor.
    pub predictor: u64,
    /// Tag 266 is 2: the first pixel is in the lowest bit.
    pub lowest_bit_first: bool,
    /// Tag 292: options of CCITT group 3.
    pub fax_options: u64,
    /// Size of a strip or tile in pixels.
    pub chunk: Size,
    pub tiled: bool,
    pub offsets: Vec<u64>,
    /// Stored bytes of each chunk; 0 if the file does not give them.
    pub lengths: Vec<u64>,
    pub jpeg_tables: Vec<u8>,
    pub old_jpeg: OldJpeg,
    pub orientation: Orientation,
    pub icc: Option<Vec<u8>>,
    /// Tag 320: red, then green, then blue of all indices.
    pub palette: Vec<u64>,
    /// Tag 530: luma samples to a chroma sample, across and down.
    pub subsampling: (usize, usize),
    /// Tag 532: black and white of Y, Cb and Cr.
    pub reference_black_white: Vec<f64>,
    /// Tags 340 and 341 (or 280 and 281): the range of samples.
    pub range: Option<(f64, f64)>,
    /// Tag 254, bit 0 or 2: a smaller copy or a mask of another image.
    auxiliary: bool,
    /// Smaller copies of a page, largest first. They follow the page or lie below it (tag 330).
    pub reduced: Vec<Directory>,
}

/// The pages in `directories`, without masks and without the reduced copies of a pyramid. `first` is the index of the first
/// directory, which is that of a page.
pub fn pages(directories: impl Iterator<Item = Result<Ifd>>, first: usize) -> impl Iterator<Item = Result<Directory>> {
    let read = |(index, ifd): (usize, Result<Ifd>)| {
        let ifd = ifd?;
        Ok((Directory::read(&ifd, index)?, ifd))
    };
    let mut directories = directories.enumerate().map(move |(at, ifd)| read((first + at, ifd))).peekable();
    std::iter::from_fn(move || {
        let page = directories.next()?;
        Some(page.and_then(|(page, ifd)| with_copies(page, &ifd, &mut directories)))
    })
}

/// A page with its reduced copies, which follow it.
fn with_copies(
    mut page: Directory,
    ifd: &Ifd,
    others: &mut Peekable<impl Iterator<Item = Result<(Directory, Ifd)>>>,
) -> Result<Directory> {
    // Thumbnails and masks can be there too.
    let below = ifd.children(330)?;
    page.reduced = below.iter().filter_map(|ifd| Directory::read(ifd, page.index).ok()).collect();
    let mut level = 1;
    loop {
        let is_reduced = |other: &Directory| is_reduced(page.size, other.size, level);
        let is_beside = |other: &Result<(Directory, Ifd)>| {
            other.as_ref().is_ok_and(|(other, _)| is_reduced(other) || other.auxiliary)
        };
        let Some(Ok((other, _))) = others.next_if(is_beside) else { return Ok(page) };
        if is_reduced(&other) {
            level += 1;
            page.reduced.push(other);
        }
    }
}

/// Whether a directory that is not flagged as reduced is level `level` of the page before it: halved, rounded either
/// way.
fn is_reduced(page: Size, size: Size, level: u32) -> bool {
    let halved = |side: u32, to: u32| to.abs_diff(side >> level.min(31)) <= 1;
    page.longer_side() >= 256 && halved(page.width, size.width) && halved(page.height, size.height)
}

impl Directory {
    fn read(ifd: &Ifd, index: usize) -> Result<Directory> {
        let one = |tag, default| Ok::<u64, crate::error::Error>(ifd.number(tag)?.unwrap_or(default));
        let side = |tag| Ok::<u32, crate::error::Error>(u32::try_from(one(tag, 0)?).unwrap_or(u32::MAX));
        let size = Size::new(side(256)?, side(257)?);
        LIMITS.check_size(size)?;
        let samples = one(277, 1)?;
        let bits = ifd.numbers(258)?;
        if bits.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(damaged(format!("samples of different depth ({bits:?} bits) are not read")));
        }
        let bits = bits.first().copied().unwrap_or(1);
        if !(1..=64).contains(&bits) || !(1..=64).contains(&samples) {
            return Err(damaged(format!("{samples} samples of {bits} bits make no sense")));
        }
        let tiled = ifd.has(322);
        let (chunk, offsets, lengths) = if tiled {
            (Size::new(side(322)?, side(323)?), 324, 325)
        } else {
            let rows = u32::try_from(one(278, u64::MAX)?).unwrap_or(u32::MAX);
            (Size::new(size.width, if rows == 0 { size.height } else { rows.min(size.height) }), 273, 279)
        };
        if chunk.area() == 0 || chunk.longer_side() > 1 << 20 {
            return Err(damaged("its strips or tiles are empty or too large"));
        }
        let compression = Compression::from(one(259, 1)?);
        let default_photometric = if samples >= 3 { 2 } else { 1 };
        let subsampling = ifd.numbers(530)?;
        let icc = match ifd.bytes(34675)? {
            icc if icc.is_empty() || icc.len() as u64 > LIMITS.icc_bytes => None,
            icc => Some(icc),
        };
        let bound =
            |real, short| Ok::<_, crate::error::Error>(ifd.reals(real)?.first().or(ifd.reals(short)?.first()).copied());
        let range = bound(340, 280)?.zip(bound(341, 281)?).filter(|(low, high)| low < high);
        let mut offsets = ifd.numbers(offsets)?;
        let mut lengths = ifd.numbers(lengths)?;
        let count = size.width.div_ceil(chunk.width) as usize * size.height.div_ceil(chunk.height) as usize;
        let planar = one(284, 1)? == 2 && samples > 1;
        let count = if planar { count * samples as usize } else { count };
        if offsets.len() < count && !ifd.has(513) {
            return Err(damaged("strips or tiles are missing"));
        }
        offsets.truncate(count);
        lengths.resize(offsets.len(), 0);
        Ok(Directory {
            tiff: ifd.tiff().clone(),
            index,
            size,
            photometric: Photometric::from(one(262, default_photometric)?),
            compression,
            bits: bits as u32,
            samples: samples as usize,
            sample_format: SampleFormat::from(one(339, 1)?),
            extra_samples: ifd.numbers(338)?,
            planar,
            predictor: if compression.has_predictor() { one(317, 1)? } else { 1 },
            lowest_bit_first: one(266, 1)? == 2,
            fax_options: one(292, 0)?,
            chunk,
            tiled,
            offsets,
            lengths,
            jpeg_tables: ifd.bytes(347)?,
            old_jpeg: OldJpeg {
                offset: ifd.number(513)?,
                length: one(514, 0)?,
                quantisation: ifd.numbers(519)?,
                dc: ifd.numbers(520)?,
                ac: ifd.numbers(521)?,
            },
            orientation: u8::try_from(one(274, 1)?)
                .ok()
                .and_then(Orientation::from_exif)
                .unwrap_or(Orientation::NoTransforms),
            icc,
            palette: ifd.numbers(320)?,
            subsampling: match subsampling.as_slice() {
                [h @ (1 | 2 | 4), v @ (1 | 2 | 4)] => (*h as usize, *v as usize),
                _ => (2, 2),
            },
            reference_black_white: ifd.reals(532)?,
            range,
            auxiliary: one(254, 0)? & 0b101 != 0,
            reduced: vec![],
        })
    }

    /// How many chunks are in a row.
    pub fn columns(&self) -> u32 {
        self.size.width.div_ceil(self.chunk.width)
    }

    /// How many chunks a plane has.
    pub fn chunks(&self) -> usize {
        self.columns() as usize * self.size.height.div_ceil(self.chunk.height) as usize
    }

    /// Stored bytes of the largest chunk; those of the whole file if the directory does not give them.
    pub fn largest_chunk(&self) -> u64 {
        let unknown = self.lengths.contains(&0);
        let largest = self.lengths.iter().max().copied().filter(|_| !unknown);
        largest.unwrap_or(u64::MAX).min(self.tiff.input.len())
    }

    /// The offset of a chunk and its length in bytes. If the directory does not give the length, the chunk ends at the
    /// next chunk or at the end of the file.
    pub fn extent(&self, chunk: usize) -> Result<(u64, u64)> {
        let offset = *self.offsets.get(chunk).ok_or_else(|| damaged("a strip or tile is missing"))?;
        let length = match self.lengths.get(chunk) {
            Some(0) | None => {
                let next = self.offsets.iter().filter(|next| **next > offset).min();
                next.copied().unwrap_or(self.tiff.input.len()).saturating_sub(offset)
            }
            Some(length) => *length,
        };
        Ok((offset, length))
    }
}

impl From<u64> for Photometric {
    fn from(value: u64) -> Photometric {
        match value {
            0 => Photometric::MinIsWhite,
            1 => Photometric::MinIsBlack,
            2 => Photometric::Rgb,
            3 => Photometric::Palette,
            5 => Photometric::Cmyk,
            6 => Photometric::YCbCr,
            8 => Photometric::CieLab,
            9 => Photometric::IccLab,
            32844 => Photometric::LogL,
            32845 => Photometric::LogLuv,
            other => Photometric::Other(other),
        }
    }
}

impl Compression {
    /// Whether samples can be stored as differences. libtiff ignores the tag in all other compressions.
    fn has_predictor(self) -> bool {
        matches!(self, Compression::Lzw | Compression::Deflate | Compression::Zstd | Compression::Lzma)
    }
}

impl From<u64> for Compression {
    fn from(value: u64) -> Compression {
        match value {
            1 => Compression::None,
            2 => Compression::FaxRle,
            3 => Compression::FaxGroup3,
            4 => Compression::FaxGroup4,
            5 => Compression::Lzw,
            6 => Compression::OldJpeg,
            7 => Compression::Jpeg,
            8 | 32946 => Compression::Deflate,
            32773 => Compression::PackBits,
            34676 => Compression::SgiLog,
            34677 => Compression::SgiLog24,
            34925 => Compression::Lzma,
            50000 => Compression::Zstd,
            50001 => Compression::WebP,
            other => Compression::Other(other),
        }
    }
}

impl From<u64> for SampleFormat {
    fn from(value: u64) -> SampleFormat {
        match value {
            // 4 is "undefined"; files with it hold plain integers.
            1 | 4 => SampleFormat::Unsigned,
            2 => SampleFormat::Signed,
            3 => SampleFormat::Float,
            other => SampleFormat::Other(other),
        }
    }
}
