//! JPEG: baseline, progressive and lossless, of 8 to 16 bits, streamed row by row through libjpeg-turbo.

use super::exif;
use super::input::{Cursor, Input};
use super::limits::LIMITS;
use super::rows::{Alpha, Depth, Layout, RowReader, Space};
use super::spliced::SplicedJpeg;
use super::stored::StoredTiles;
use super::{Format, Opened};
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::libjpeg::{ColourSpace, Decoder, Header};
use std::io::Read;
use std::sync::Arc;

/// What libjpeg holds for a baseline image beside a few rows.
const DECODER_BYTES: u64 = 1 << 20;

const ICC_PREFIX: &[u8] = b"ICC_PROFILE\0";

pub fn open(input: Arc<Input>) -> Result<Opened> {
    open_at(input, 0)
}

/// A JPEG that begins at `offset` of a file.
pub fn open_at(input: Arc<Input>, offset: u64) -> Result<Opened> {
    let opened = open_stream(Cursor::at(input.clone(), offset))?;
    if offset > 0 || opened.layout.depth != Depth::U8 {
        return Ok(opened);
    }
    let stored = SplicedJpeg::open(input, opened.layout);
    Ok(Opened { stored: stored.map(|stored| Box::new(stored) as Box<dyn StoredTiles>), ..opened })
}

/// A JPEG that comes from anywhere.
pub fn open_stream(stream: impl Read + Send + 'static) -> Result<Opened> {
    let mut decoder = Decoder::new(stream, LIMITS.jpeg()).map_err(refused)?;
    let header = decoder.header.clone();
    if !(8..=16).contains(&header.precision) {
        return Err(Error::image(format!("JPEG with {} bits a sample is not read", header.precision))
            .with_hint("convert the file to TIFF"));
    }
    let (wanted, space) = target(&header)?;
    let size = Size::new(header.width, header.height);
    let orientation = exif::orientation(decoder.markers(1).into_iter().find(|marker| marker.starts_with(exif::PREFIX)));
    let icc = icc_profile(&decoder.markers(2));
    let inverted = space == Space::Cmyk && header.saw_adobe;
    Ok(Opened {
        format: Format::Jpeg,
        index: 0,
        size,
        layout: Layout::new(space, Alpha::None, if header.precision > 8 { Depth::U16 } else { Depth::U8 }),
        orientation,
        icc,
        detail: detail(&header),
        memory: DECODER_BYTES + size.width as u64 * 128 + coefficient_bytes(&header),
        ample: 0,
        reader: Box::new(move |_| {
            decoder.start(None, wanted).map_err(refused)?;
            Ok(Box::new(Rows { decoder, inverted, precision: header.precision }))
        }),
        stored: None,
    })
}

fn detail(header: &Header) -> String {
    let scans = if header.multiple_scans { "progressive" } else { "sequential" };
    format!("{scans}, {} bit", header.precision)
}

/// The rows of a grey, YCbCr or RGB JPEG of 8 bits; `halved`, at half its resolution, rounded up. Half-size inverse
/// DCTs make that of fewer coefficients, which is faster than halving pixels.
pub fn rows(input: Arc<Input>, halved: bool) -> Result<Box<dyn RowReader>> {
    let mut decoder = Decoder::new(Cursor::new(input), LIMITS.jpeg()).map_err(refused)?;
    let (wanted, _) = target(&decoder.header)?;
    if halved {
        decoder.halve();
    }
    decoder.start(None, wanted).map_err(refused)?;
    Ok(Box::new(Rows { decoder, inverted: false, precision: 8 }))
}

/// What to have libjpeg decode to, and what that is.
fn target(header: &Header) -> Result<(ColourSpace, Space)> {
    match (header.colour_space, header.components) {
        (ColourSpace::Grey, _) | (ColourSpace::Unknown, 1) => Ok((ColourSpace::Grey, Space::Grey)),
        (ColourSpace::YCbCr | ColourSpace::Rgb, _) => Ok((ColourSpace::Rgb, Space::Rgb)),
        (ColourSpace::Cmyk | ColourSpace::Ycck, _) => Ok((ColourSpace::Cmyk, Space::Cmyk)),
        (ColourSpace::Unknown, components) => {
            Err(Error::image(format!("JPEG with {components} components of unknown meaning")))
        }
    }
}

/// A progressive file is decoded from all its coefficients, two bytes each.
fn coefficient_bytes(header: &Header) -> u64 {
    if !header.multiple_scans {
        return 0;
    }
    let max = |factor: fn(&(u8, u8)) -> u8| u64::from(header.sampling.iter().map(factor).max().unwrap_or(1).max(1));
    let (h_max, v_max) = (max(|sampling| sampling.0), max(|sampling| sampling.1));
    let component = |&(h, v): &(u8, u8)| {
        let blocks = |side: u32, factor: u8, most: u64| (u64::from(side) * u64::from(factor)).div_ceil(most * 8) + 1;
        blocks(header.width, h, h_max) * blocks(header.height, v, v_max) * 128
    };
    header.sampling.iter().map(component).sum()
}

/// Joins the numbered pieces of an ICC profile (ICC.1:2010, annex B.4).
fn icc_profile(markers: &[&[u8]]) -> Option<Vec<u8>> {
    let mut pieces: Vec<(u8, &[u8])> = markers
        .iter()
        .filter_map(|marker| match marker.strip_prefix(ICC_PREFIX)? {
            [number, _count, piece @ ..] => Some((*number, piece)),
            _ => None,
        })
        .collect();
    pieces.sort_by_key(|(number, _)| *number);
    (!pieces.is_empty()).then(|| pieces.into_iter().flat_map(|(_, piece)| piece).copied().collect())
}

fn refused(message: String) -> Error {
    Error::image(format!("JPEG: {message}")).with_hint("is the file complete? Copy it again from where it came from")
}

struct Rows {
    decoder: Decoder,
    /// Adobe stores CMYK as light, not ink.
    inverted: bool,
    /// Bits a sample, 8 to 16.
    precision: u32,
}

impl RowReader for Rows {
    fn read(&mut self, rows: &mut [u8]) -> Result<()> {
        self.decoder.read_rows(rows).map_err(refused)?;
        if (9..16).contains(&self.precision) {
            let most = (1 << self.precision) - 1;
            for sample in rows.as_chunks_mut::<2>().0 {
                let value = u32::from(u16::from_ne_bytes(*sample)).min(most);
                *sample = (((value * 65_535 + most / 2) / most) as u16).to_ne_bytes();
            }
        }
        if self.inverted {
            rows.iter_mut().for_each(|value| *value = !*value);
        }
        Ok(())
    }
}
