//! JPEG: baseline, progressive and lossless, of 8 to 16 bits, streamed row by row through libjpeg-turbo.
//!
//! Missing data is an error. libjpeg fills the gap with grey and only warns, but an archive must know that a master is
//! incomplete. Bad codes in a file that is complete are a warning, because other programs show such files too. In a
//! TIFF, and where JPEG data is published as it is, bad codes are errors.

use super::input::{Cursor, Input};
use super::limits::LIMITS;
use super::rows::{Alpha, Depth, Layout, RowReader, Space};
use super::{Format, Opened, orient};
use crate::error::{Error, Result};
use crate::model::MemoryNeed;
use crate::model::geometry::Size;
use crate::pixels::libjpeg::{ColourSpace, Decoder, Header};
use std::io::Read;
use std::sync::Arc;

/// Bytes that libjpeg holds for a baseline image, without a few rows.
const DECODER_BYTES: u64 = 1 << 20;

const ICC_PREFIX: &[u8] = b"ICC_PROFILE\0";

/// Opens a JPEG file. Bad codes in its data are reported as damage, not refused: other programs show such files too,
/// with torn stripes.
pub fn open(input: Arc<Input>) -> Result<Opened> {
    let mut decoder = Decoder::new(Cursor::new(input.clone()), LIMITS.jpeg()).map_err(refused)?;
    decoder.tolerate_bad_codes();
    described(decoder)
}

/// Opens a JPEG within another file. Bad codes in its data are errors.
pub fn open_stream(stream: impl Read + Send + 'static) -> Result<Opened> {
    described(Decoder::new(stream, LIMITS.jpeg()).map_err(refused)?)
}

fn described(mut decoder: Decoder) -> Result<Opened> {
    let header = decoder.header.clone();
    if !(8..=16).contains(&header.precision) {
        return Err(Error::image(format!("JPEG with {} bits a sample is not read", header.precision))
            .with_hint("convert the file to TIFF"));
    }
    let (wanted, space) = target(&header)?;
    let size = Size::new(header.width, header.height);
    let orientation =
        orient::by_exif(decoder.markers(1).into_iter().find(|marker| marker.starts_with(orient::EXIF_PREFIX)));
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
        memory: MemoryNeed::fixed(DECODER_BYTES + size.width as u64 * 128 + coefficient_bytes(&header)),
        extra_memory: 0,
        reader: Box::new(move |_| {
            decoder.start(None, wanted).map_err(refused)?;
            Ok(Box::new(Rows { decoder, inverted, precision: header.precision }))
        }),
        passthrough: None,
    })
}

fn detail(header: &Header) -> String {
    let scans = if header.multiple_scans { "progressive" } else { "sequential" };
    format!("{scans}, {} bit", header.precision)
}

/// The rows of a grey, YCbCr or RGB JPEG of 8 bits; `halved`, at half its resolution, rounded up. Half-size inverse
/// DCTs make that of fewer coefficients, which is faster than halving pixels. Bad codes in its data are errors.
pub fn rows(input: Arc<Input>, halved: bool) -> Result<Box<dyn RowReader>> {
    let mut decoder = Decoder::new(Cursor::new(input), LIMITS.jpeg()).map_err(refused)?;
    let (wanted, _) = target(&decoder.header)?;
    if halved {
        decoder.halve();
    }
    decoder.start(None, wanted).map_err(refused)?;
    Ok(Box::new(Rows { decoder, inverted: false, precision: 8 }))
}

/// The colour space that libjpeg decodes to, and the meaning of its samples.
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
    /// Adobe stores CMYK inverted: as light, not as ink.
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

    fn damage(&self) -> Option<String> {
        self.decoder.damage().map(|damage| format!("JPEG: {damage}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::model::settings::{ImageSettings, Limit};
    use crate::pixels::decode;
    use crate::pixels::libjpeg::{Encoder, Encoding, Tables};

    const SIDE: u32 = 128;

    fn jpeg() -> Vec<u8> {
        let pixels: Vec<u8> = (0..SIDE * SIDE).map(|i| (i.wrapping_mul(2_654_435_761) >> 26) as u8).collect();
        let mut encoder = Encoder::new().unwrap();
        let tables = Tables::Optimised;
        let encoding = Encoding { width: SIDE, height: SIDE, components: 1, quality: 90, subsampled: false, tables };
        encoder.start(encoding).unwrap();
        encoder.write_rows(&pixels, SIDE as usize, SIDE).unwrap();
        encoder.finish().unwrap();
        encoder.take().to_vec()
    }

    /// Decodes a file with these bytes and returns its damage after the last row.
    fn damage(bytes: &[u8], settings: &ImageSettings) -> crate::error::Result<Option<String>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let header = decode::probe(file.path(), settings)?.swap_remove(0);
        let mut source = decode::open(file.path(), &header, settings, 1 << 30)?;
        source.read_rows(&mut vec![0; header.size.area() as usize])?;
        Ok(source.damage())
    }

    /// The same JPEG with one changed byte in the middle of its data, where an invalid code results.
    fn torn() -> Vec<u8> {
        let sound = jpeg();
        let torn = |at: usize| [&sound[..at], &[!sound[at]], &sound[at + 1..]].concat();
        let is_told = |bytes: &Vec<u8>| damage(bytes, &ImageSettings::default()).is_ok_and(|damage| damage.is_some());
        (sound.len() / 2..sound.len() - 2).map(torn).find(is_told).unwrap()
    }

    #[test]
    fn bad_codes_are_told_where_all_rows_come() {
        assert_eq!(damage(&jpeg(), &ImageSettings::default()).unwrap(), None);
        let bytes = torn();
        let reduced = ImageSettings { max_resolution: Limit::pixels(50), ..ImageSettings::default() };
        for settings in [ImageSettings::default(), reduced] {
            let damage = damage(&bytes, &settings).unwrap();
            assert_eq!(damage.as_deref(), Some("JPEG: Corrupt JPEG data: bad Huffman code"));
        }
    }

    #[test]
    fn bad_codes_are_errors_where_jpeg_data_is_published_as_it_is() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), torn()).unwrap();
        let input = std::sync::Arc::new(super::Input::open(file.path()).unwrap());
        let mut rows = super::rows(input, false).unwrap();
        assert!(rows.read(&mut vec![0; (SIDE * SIDE) as usize]).is_err());
    }

    #[test]
    fn missing_data_is_refused() {
        let whole = jpeg();
        assert!(damage(&whole[..whole.len() / 2], &ImageSettings::default()).is_err());
    }
}
