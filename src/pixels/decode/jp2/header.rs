//! The header of a JPEG 2000 file, read before any pixel is decoded: the boxes of JP2 (ISO/IEC 15444-1, annex I) and
//! the SIZ marker of the codestream (annex A).

use super::super::input::Input;
use super::super::limits::LIMITS;
use crate::error::{Error, Result};
use crate::model::geometry::Size;
use crate::pixels::openjpeg::Wrapping;
use std::io;

/// Most boxes before the codestream; real files have a dozen.
const MAX_BOXES: usize = 1000;

/// Most bits a sample.
const MAX_PRECISION: u32 = 16;

/// Range and offset of a and of b where a CIELab box has none, for samples of 8 bit.
const LAB: ((u32, u32), (u32, u32)) = ((170, 128), (200, 96));

/// See the [module](self).
#[derive(Debug)]
pub struct Header {
    pub wrapping: Wrapping,
    /// Size of the image area.
    pub size: Size,
    /// Where the image area and the tiles begin on the reference grid.
    pub origin: (u32, u32),
    pub tile_origin: (u32, u32),
    pub tile: Size,
    /// How far apart the samples of each component are on the reference grid, across and down.
    pub steps: Vec<(u32, u32)>,
    /// HTJ2K (ISO/IEC 15444-15).
    pub high_throughput: bool,
    /// Bits a sample of the deepest channel, palette applied.
    pub precision: u32,
    /// Channels after the palette is applied, with alpha.
    pub channels: usize,
    /// Which channel is alpha, and whether colours are multiplied with it.
    pub alpha: Option<(usize, bool)>,
    pub colour: Colour,
    pub icc: Option<Vec<u8>>,
}

/// The colour specification (`colr` box).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// No colour specification: the number of channels decides.
    Unspecified,
    Grey,
    Srgb,
    Sycc,
    Cmyk,
    /// CIELab with the range and the offset of a and of b (ISO/IEC 15444-2, M.11.7.4.1).
    Lab {
        a: (u32, u32),
        b: (u32, u32),
    },
    /// An enumerated space that is not read.
    Other(u32),
}

impl Header {
    pub fn read(input: &Input) -> Result<Header> {
        let mut boxes = Boxes::default();
        let start = match boxes.find_codestream(input) {
            Ok(Some(start)) => start,
            Ok(None) => return Err(refused("there is no codestream in it")),
            Err(error) => return Err(refused(&error.to_string())),
        };
        let siz = Siz::read(input, start).map_err(|error| refused(&error.to_string()))?;
        if !boxes.palette_depths.is_empty() && !boxes.is_mapped {
            let hint = "export it again: its writer left out the box (cmap) that gives the palette a meaning";
            return Err(Error::image("JPEG 2000: a palette without a component mapping is not read").with_hint(hint));
        }
        let channels = if boxes.palette_depths.is_empty() { siz.depths.len() } else { boxes.palette_depths.len() };
        let precision = match boxes.palette_depths.iter().max() {
            Some(depth) => *depth,
            None => siz.depths.iter().copied().max().unwrap_or(8),
        };
        if precision > MAX_PRECISION || siz.depths.iter().any(|depth| *depth > MAX_PRECISION) {
            return Err(refused("samples of more than 16 bit are not read"));
        }
        let alpha = boxes.alpha.filter(|(channel, _)| *channel < channels).or(match (boxes.is_jp2, channels) {
            // A bare codestream has no channel definition. Four channels without a CMYK profile are colour and alpha.
            (_, 2) => Some((1, false)),
            (false, 4) => Some((3, false)),
            // Some files lack the channel definition that they should have. All other readers take the fourth channel
            // of RGB for alpha.
            (true, 4) if boxes.is_rgb() => Some((3, false)),
            _ => None,
        });
        let colour = match boxes.colour.unwrap_or(Colour::Unspecified) {
            Colour::Srgb | Colour::Unspecified if siz.has_smaller_chroma() => Colour::Sycc,
            // The default offsets are those of 8 bit.
            Colour::Lab { a, b } if (a, b) == LAB && precision > 8 => {
                let offset = |(range, zero): (u32, u32)| (range, zero << (precision - 8));
                Colour::Lab { a: offset(a), b: offset(b) }
            }
            colour => colour,
        };
        Ok(Header {
            wrapping: if boxes.is_jp2 { Wrapping::Jp2 } else { Wrapping::Codestream },
            size: siz.size,
            origin: siz.origin,
            tile_origin: siz.tile_origin,
            tile: siz.tile,
            steps: siz.steps,
            high_throughput: siz.high_throughput,
            precision,
            channels,
            alpha,
            colour,
            icc: boxes.icc,
        })
    }

    /// Whether all samples that a tile's pixels need are the tile's own. Otherwise the first pixels need those of the
    /// tile before it.
    pub fn tiles_have_their_samples(&self) -> bool {
        let (columns, rows) = self.tiles();
        self.steps.iter().all(|(across, down)| {
            borders_have_samples(columns, self.tile_origin.0, self.tile.width, *across)
                && borders_have_samples(rows, self.tile_origin.1, self.tile.height, *down)
        })
    }

    /// How many rows of pixels there are from one to the next of which every component has samples, at most.
    pub fn row_step(&self) -> u32 {
        self.steps.iter().map(|(_, down)| *down).max().unwrap_or(1)
    }

    /// How many tiles there are in a row, and rows of tiles.
    pub fn tiles(&self) -> (u32, u32) {
        let count = |origin: u32, size: u32, tile_origin: u32, tile: u32| (origin + size - tile_origin).div_ceil(tile);
        (
            count(self.origin.0, self.size.width, self.tile_origin.0, self.tile.width),
            count(self.origin.1, self.size.height, self.tile_origin.1, self.tile.height),
        )
    }
}

/// Whether each border between `count` tiles of `tile` from `origin` on lies at a sample of a component.
fn borders_have_samples(count: u32, origin: u32, tile: u32, step: u32) -> bool {
    let is_sample = |border: u64| border.is_multiple_of(step.into());
    count < 2 || is_sample(u64::from(origin) + u64::from(tile)) && (count < 3 || is_sample(tile.into()))
}

fn refused(why: &str) -> Error {
    Error::image(format!("JPEG 2000: {why}")).with_hint("is the file complete? Copy it again from where it came from")
}

fn malformed(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn u16_at(bytes: &[u8], at: usize) -> io::Result<u32> {
    match bytes.get(at..at + 2) {
        Some(&[a, b]) => Ok(u32::from(u16::from_be_bytes([a, b]))),
        _ => Err(malformed("a box is too short")),
    }
}

fn u32_at(bytes: &[u8], at: usize) -> io::Result<u32> {
    match bytes.get(at..at + 4) {
        Some(&[a, b, c, d]) => Ok(u32::from_be_bytes([a, b, c, d])),
        _ => Err(malformed("a box is too short")),
    }
}

/// CIELab with the parameters of its box, or the default ones of 8 bit.
fn lab(content: &[u8]) -> Colour {
    let pair = |at: usize| Some((u32_at(content, at).ok()?, u32_at(content, at + 4).ok()?));
    Colour::Lab { a: pair(15).unwrap_or(LAB.0), b: pair(23).unwrap_or(LAB.1) }
}

#[derive(Default)]
struct Boxes {
    is_jp2: bool,
    colour: Option<Colour>,
    icc: Option<Vec<u8>>,
    alpha: Option<(usize, bool)>,
    palette_depths: Vec<u32>,
    /// Whether a component mapping (`cmap` box) gives the palette its meaning.
    is_mapped: bool,
}

impl Boxes {
    /// Reads the boxes up to the codestream and returns where it starts.
    fn find_codestream(&mut self, input: &Input) -> io::Result<Option<u64>> {
        if input.read_up_to(0, 2)? == [0xff, 0x4f] {
            return Ok(Some(0));
        }
        self.is_jp2 = true;
        let (mut offset, mut end) = (0, input.len());
        let mut after_header = 0;
        for _ in 0..MAX_BOXES {
            if offset >= end && after_header > 0 {
                (offset, end, after_header) = (after_header, input.len(), 0);
            }
            let start = input.read_up_to(offset, 16)?;
            if start.len() < 8 {
                return Ok(None);
            }
            let (length, header) = match u32_at(&start, 0)? {
                0 => (end - offset, 8),
                1 => ((u64::from(u32_at(&start, 8)?) << 32) | u64::from(u32_at(&start, 12)?), 16),
                length => (u64::from(length), 8),
            };
            // Writers of streams give the last box any length. The codestream knows itself where it ends.
            if &start[4..8] == b"jp2c" {
                return Ok(Some(offset + header));
            }
            if length < header || length > end - offset {
                return Err(malformed("a box is longer than the file"));
            }
            let content = (offset + header, length - header);
            match &start[4..8] {
                // Its boxes are read as if they were at the top level.
                b"jp2h" => {
                    (after_header, end, offset) = (offset + length, offset + length, content.0);
                    continue;
                }
                b"colr" => self.read_colour(input, content)?,
                b"cdef" => self.read_channels(&input.read_up_to(content.0, content.1.min(1 << 16) as usize)?)?,
                b"pclr" => self.read_palette(&input.read_up_to(content.0, content.1.min(1 << 16) as usize)?)?,
                b"cmap" => self.is_mapped = true,
                _ => {}
            }
            offset += length;
        }
        Ok(None)
    }

    /// Only the first colour specification counts (I.5.3.3).
    fn read_colour(&mut self, input: &Input, (offset, length): (u64, u64)) -> io::Result<()> {
        if self.colour.is_some() {
            return Ok(());
        }
        let start = input.read_up_to(offset, length.min(31) as usize)?;
        match start.first() {
            Some(1) => {
                self.colour = Some(match u32_at(&start, 3)? {
                    16 => Colour::Srgb,
                    17 => Colour::Grey,
                    // e-sYCC is sYCC for colours outside of sRGB, which are cut off.
                    18 | 24 => Colour::Sycc,
                    12 => Colour::Cmyk,
                    14 => lab(&start),
                    other => Colour::Other(other),
                });
            }
            Some(2 | 3) if length > 3 && length < LIMITS.icc_bytes => {
                self.icc = Some(input.read_up_to(offset + 3, (length - 3) as usize)?);
                self.colour = Some(Colour::Unspecified);
            }
            _ => {}
        }
        Ok(())
    }

    fn is_rgb(&self) -> bool {
        let profile = self.icc.as_deref().and_then(|icc| icc.get(16..20));
        matches!(self.colour, Some(Colour::Srgb | Colour::Sycc)) || profile == Some(b"RGB ")
    }

    fn read_channels(&mut self, bytes: &[u8]) -> io::Result<()> {
        for entry in 0..u16_at(bytes, 0)? as usize {
            let at = 2 + entry * 6;
            let (channel, kind) = (u16_at(bytes, at)?, u16_at(bytes, at + 2)?);
            if kind == 1 || kind == 2 {
                self.alpha = Some((channel as usize, kind == 2));
            }
        }
        Ok(())
    }

    fn read_palette(&mut self, bytes: &[u8]) -> io::Result<()> {
        let columns = usize::from(*bytes.get(2).ok_or_else(|| malformed("the palette is too short"))?);
        let depths = bytes.get(3..3 + columns).ok_or_else(|| malformed("the palette is too short"))?;
        self.palette_depths = depths.iter().map(|depth| u32::from(depth & 0x7f) + 1).collect();
        Ok(())
    }
}

struct Siz {
    size: Size,
    origin: (u32, u32),
    tile_origin: (u32, u32),
    tile: Size,
    /// Bits a sample, by component, and their distances.
    depths: Vec<u32>,
    steps: Vec<(u32, u32)>,
    high_throughput: bool,
}

impl Siz {
    /// Whether there is one component in full and two in less resolution: YCbCr, although nothing may say so. Nobody
    /// stores green and blue at half the resolution of red, and OpenJPEG's programs guess the same.
    fn has_smaller_chroma(&self) -> bool {
        matches!(self.steps.as_slice(), [(1, 1), cb, cr] if cb == cr && *cb != (1, 1))
    }

    fn read(input: &Input, start: u64) -> io::Result<Siz> {
        let bytes = input.read_up_to(start, 42)?;
        if bytes.get(..4) != Some(&[0xff, 0x4f, 0xff, 0x51]) {
            return Err(malformed("the codestream does not start with its size"));
        }
        // Bit 14 of the capabilities: ISO/IEC 15444-15.
        let high_throughput = u16_at(&bytes, 6)? & 1 << 14 != 0;
        let field = |index: usize| u32_at(&bytes, 8 + index * 4);
        let (right, lower, left, upper) = (field(0)?, field(1)?, field(2)?, field(3)?);
        let (tile, tile_origin) = (Size::new(field(4)?, field(5)?), (field(6)?, field(7)?));
        let size = Size::new(right.saturating_sub(left), lower.saturating_sub(upper));
        if size.area() == 0 || tile.area() == 0 || tile_origin.0 > left || tile_origin.1 > upper {
            return Err(malformed("its size makes no sense"));
        }
        let count = u16_at(&bytes, 40)? as usize;
        let components = input.read_up_to(start + 42, count * 3)?;
        let depths: Vec<u32> = components.chunks_exact(3).map(|part| u32::from(part[0] & 0x7f) + 1).collect();
        if depths.len() != count || count == 0 {
            return Err(malformed("its components are missing"));
        }
        let steps = components.chunks_exact(3).map(|part| (part[1].max(1).into(), part[2].max(1).into())).collect();
        Ok(Siz { size, origin: (left, upper), tile_origin, tile, depths, steps, high_throughput })
    }
}
