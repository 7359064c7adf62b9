//! The image that a TIFF directory describes.

use super::super::limits::LIMITS;
use super::ifd::{Ifd, Tiff, damaged};
use super::old_jpeg::Segments;
use crate::error::Result;
use crate::model::geometry::Size;
use image::metadata::Orientation;
use std::sync::Arc;

/// How much red, green and blue count for luma by Rec. 601, TIFF's default.
const REC_601: [f64; 3] = [0.299, 0.587, 0.114];

/// Values of tag 262.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Photometric {
    MinIsWhite,
    MinIsBlack,
    Rgb,
    Palette,
    Cmyk,
    YCbCr,
    /// 1 where the pixels of another image are shown.
    Mask,
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
    /// Tag 515: units from one restart marker to the next within a strip or tile; 0 if there are none.
    pub restart_interval: u64,
    /// What its strips or tiles share.
    pub header: Arc<Segments>,
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
    /// Tag 529: how much red, green and blue count for luma.
    pub luma: [f64; 3],
    /// Tag 532: black and white of Y, Cb and Cr.
    pub reference_black_white: Vec<f64>,
    /// Tags 340 and 341 (or 280 and 281): the range of samples.
    pub range: Option<(f64, f64)>,
    pub role: Role,
    /// Smaller copies of a page, largest first. They follow the page or lie below it (tag 330).
    pub reduced: Vec<Directory>,
    /// Shows which of the page's pixels are meant to be seen. It follows the page.
    pub mask: Option<Box<Directory>>,
    /// Sizes of the thumbnails beside a page, which are known by their shape alone.
    pub thumbnails: Vec<Size>,
}

/// Tag 254: what the file says of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Unknown,
    /// Bit 1: one of several pages.
    Page,
    /// Bit 0: a smaller copy of another image.
    Reduced,
    /// Bit 2, or photometric interpretation 4: a mask of another image, or of a smaller copy.
    Mask,
}

/// Whether the stored lengths of uncompressed strips cannot be true, by libtiff's rules. Chunks of `raw_bytes` each are
/// read then; what lies beyond the end of the file is missed nevertheless.
fn are_untrue(lengths: &[u64], raw_bytes: u64) -> bool {
    match lengths {
        [only] => (1..raw_bytes).contains(only),
        [first, second, _, ..] => *first != 0 && *second != 0 && first != second,
        _ => false,
    }
}

impl Directory {
    pub fn read(ifd: &Ifd, index: usize) -> Result<Directory> {
        let one = |tag, default| Ok::<u64, crate::error::Error>(ifd.number(tag)?.unwrap_or(default));
        let side = |tag| Ok::<u32, crate::error::Error>(u32::try_from(one(tag, 0)?).unwrap_or(u32::MAX));
        let size = Size::new(side(256)?, side(257)?);
        LIMITS.check_size(size)?;
        let compression = Compression::from(one(259, 1)?);
        let is_old_jpeg = compression == Compression::OldJpeg;
        let is_colour = matches!(ifd.number(262)?, Some(2 | 6));
        let samples = one(277, if is_old_jpeg && is_colour { 3 } else { 1 })?;
        let bits = ifd.numbers(258)?;
        if bits.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(damaged(format!("samples of different depth ({bits:?} bits) are not read")));
        }
        let bits = bits.first().copied().unwrap_or(if is_old_jpeg { 8 } else { 1 });
        if !(1..=64).contains(&bits) || !(1..=64).contains(&samples) {
            return Err(damaged(format!("{samples} samples of {bits} bits make no sense")));
        }
        let tiled = ifd.has(322);
        let (of_strips, of_tiles) = ([273, 279], [324, 325]);
        let (chunk, places, other_places) = if tiled {
            (Size::new(side(322)?, side(323)?), of_tiles, of_strips)
        } else {
            let rows = u32::try_from(one(278, u64::MAX)?).unwrap_or(u32::MAX);
            let rows = if rows == 0 { size.height } else { rows.min(size.height) };
            (Size::new(size.width, rows), of_strips, of_tiles)
        };
        if chunk.area() == 0 || chunk.longer_side() > 1 << 20 {
            return Err(damaged("its strips or tiles are empty or too large"));
        }
        let photometric = match (one(262, if samples >= 3 { 2 } else { 1 })?.into(), compression, samples) {
            // All known files that say so hold YCbCr, and libtiff takes it for that.
            (Photometric::Rgb, Compression::OldJpeg, 3) => Photometric::YCbCr,
            (photometric, ..) => photometric,
        };
        let subsampling = ifd.numbers(530)?;
        let icc = match ifd.bytes(34675)? {
            icc if icc.is_empty() || icc.len() as u64 > LIMITS.icc_bytes => None,
            icc => Some(icc),
        };
        let bound =
            |real, short| Ok::<_, crate::error::Error>(ifd.reals(real)?.first().or(ifd.reals(short)?.first()).copied());
        let range = bound(340, 280)?.zip(bound(341, 281)?).filter(|(low, high)| low < high);
        // libtiff reads either pair of tags for either form, and files that depend on it are about.
        let [offsets, lengths] = if ifd.has(places[0]) { places } else { other_places };
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
        let row_samples = u64::from(chunk.width) * if planar { 1 } else { samples };
        let raw_bytes = (row_samples * bits).div_ceil(8) * u64::from(chunk.height);
        if compression == Compression::None && photometric != Photometric::YCbCr && are_untrue(&lengths, raw_bytes) {
            lengths.fill(raw_bytes);
        }
        let luma = ifd.reals(529)?;
        Ok(Directory {
            tiff: ifd.tiff().clone(),
            index,
            size,
            photometric,
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
                restart_interval: one(515, 0)?,
                header: Arc::default(),
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
            luma: match luma.as_slice() {
                // Some writers leave zeros or 1/0 there.
                [red, green, blue] if luma.iter().all(|weight| *weight > 0.0 && *weight < 1.0) => [*red, *green, *blue],
                _ => REC_601,
            },
            reference_black_white: ifd.reals(532)?,
            range,
            role: match one(254, 0)? {
                flags if flags & 0b100 != 0 || photometric == Photometric::Mask => Role::Mask,
                flags if flags & 0b001 != 0 => Role::Reduced,
                flags if flags & 0b010 != 0 => Role::Page,
                _ => Role::Unknown,
            },
            reduced: vec![],
            mask: None,
            thumbnails: vec![],
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
            4 => Photometric::Mask,
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
