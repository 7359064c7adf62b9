//! A chunk's stored bytes to raw samples: the compressions, and the predictor that some of them go with.

use super::directory::{Compression, Directory};
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::libjpeg::{ColourSpace, Decoder};
use libdeflater::Decompressor;
use std::io::{Cursor, Read};

fn damaged(what: &str) -> Error {
    Error::image(format!("TIFF: {what}")).with_hint("is the file complete? Copy it again from where it came from")
}

/// Decompresses `stored` into `raw`, which is filled exactly. `chunk` is the chunk's stored size in pixels.
pub fn decompress(directory: &Directory, stored: Vec<u8>, chunk: Size, raw: &mut [u8]) -> Result<()> {
    let filled = match directory.compression {
        Compression::None => {
            let bytes = stored.get(..raw.len()).ok_or_else(|| damaged("a strip or tile is too short"))?;
            raw.copy_from_slice(bytes);
            raw.len()
        }
        Compression::PackBits => unpack_bits(&stored, raw),
        Compression::Lzw => super::lzw::decode(&stored, raw),
        Compression::Deflate => {
            Decompressor::new().zlib_decompress(&stored, raw).map_err(|error| damaged(&format!("deflate: {error}")))?
        }
        Compression::FaxGroup3 | Compression::FaxGroup4 => fax(directory, stored, chunk, raw)?,
        Compression::Jpeg => jpeg(directory, stored, chunk, raw)?,
        Compression::Other(number) => return Err(Error::image(format!("TIFF: compression {number} is not read"))),
    };
    if filled < raw.len() {
        return Err(damaged("a strip or tile holds fewer pixels than it should"));
    }
    Ok(())
}

/// Apple's run-length scheme (TIFF 6.0, section 9). Answers the bytes filled.
fn unpack_bits(mut stored: &[u8], raw: &mut [u8]) -> usize {
    let mut filled = 0;
    while let [head, rest @ ..] = stored {
        let left = &mut raw[filled..];
        let count = match *head as i8 {
            head @ 0.. => {
                let count = (head as usize + 1).min(rest.len()).min(left.len());
                left[..count].copy_from_slice(&rest[..count]);
                stored = &rest[count..];
                count
            }
            i8::MIN => {
                stored = rest;
                0
            }
            head => {
                let [value, rest @ ..] = rest else { break };
                let count = (1 - isize::from(head)) as usize;
                let count = count.min(left.len());
                left[..count].fill(*value);
                stored = rest;
                count
            }
        };
        filled += count;
        if filled == raw.len() {
            break;
        }
    }
    filled
}

/// CCITT fax: 1 is ink in `raw`, whatever the photometric interpretation makes of it.
fn fax(directory: &Directory, stored: Vec<u8>, chunk: Size, raw: &mut [u8]) -> Result<usize> {
    let width =
        u16::try_from(chunk.width).map_err(|_| Error::image("TIFF: a fax wider than 65,535 pixels is not read"))?;
    let flip = |byte: u8| if directory.lowest_bit_first { byte.reverse_bits() } else { byte };
    let bytes = stored.into_iter().map(flip);
    let row_bytes = (chunk.width as usize).div_ceil(8);
    raw.fill(0);
    let mut rows = 0;
    let mut out = raw.chunks_exact_mut(row_bytes);
    let mut row = |transitions: &[u16]| {
        if let Some(out) = out.next() {
            rows += 1;
            for (x, colour) in fax::decoder::pels(transitions, width).enumerate() {
                out[x / 8] |= u8::from(colour == fax::Color::Black) << (7 - x % 8);
            }
        }
    };
    match directory.compression {
        Compression::FaxGroup4 => fax::decoder::decode_g4(bytes, width, u16::try_from(chunk.height).ok(), &mut row),
        _ => fax::decoder::decode_g3(bytes, &mut row),
    };
    Ok(rows * row_bytes)
}

/// JPEG in TIFF (Technical Note 2): the tables stand once in the directory, the photometric interpretation says what
/// the components are.
fn jpeg(directory: &Directory, stored: Vec<u8>, chunk: Size, raw: &mut [u8]) -> Result<usize> {
    use super::directory::Photometric;
    let refused = |message: String| damaged(&format!("JPEG: {message}"));
    let (kept, wanted) = match (directory.photometric, directory.samples) {
        (_, 1) => (ColourSpace::Grey, ColourSpace::Grey),
        (Photometric::YCbCr, _) => (ColourSpace::YCbCr, ColourSpace::Rgb),
        (Photometric::Cmyk, _) => (ColourSpace::Cmyk, ColourSpace::Cmyk),
        _ => (ColourSpace::Rgb, ColourSpace::Rgb),
    };
    let tables = directory.jpeg_tables.strip_suffix(&[0xff, 0xd9]).unwrap_or(&directory.jpeg_tables).to_vec();
    let skip = if tables.is_empty() { 0 } else { 2 };
    let mut frame = Cursor::new(stored);
    frame.set_position(skip);
    let mut decoder = Decoder::new(Cursor::new(tables).chain(frame)).map_err(refused)?;
    let (width, height) = (decoder.header.width as usize, decoder.header.height as usize);
    let components = usize::from(directory.samples);
    if width != chunk.width as usize || decoder.header.components != components {
        return Err(damaged("a JPEG strip or tile has another size than the directory says"));
    }
    decoder.start(Some(kept), wanted).map_err(refused)?;
    let rows = height.min(chunk.height as usize);
    let filled = rows * width * components;
    decoder.read_rows(&mut raw[..filled]).map_err(refused)?;
    Ok(filled)
}

/// Undoes horizontal differencing (TIFF 6.0, section 14) in rows of `row_bytes`.
pub fn undo_predictor(directory: &Directory, raw: &mut [u8], row_bytes: usize) {
    let channels = usize::from(if directory.planar { 1 } else { directory.samples });
    if directory.predictor != 2 {
        return;
    }
    for row in raw.chunks_exact_mut(row_bytes) {
        match (directory.bits, channels) {
            (8, 1) => sum::<1>(row),
            (8, 3) => sum::<3>(row),
            (8, 4) => sum::<4>(row),
            (8, _) => (channels..row.len()).for_each(|at| row[at] = row[at].wrapping_add(row[at - channels])),
            (16, _) => sum16(row, channels, directory.big_endian),
            _ => {}
        }
    }
}

fn sum<const N: usize>(row: &mut [u8]) {
    let mut last = [0u8; N];
    for pixel in row.as_chunks_mut::<N>().0 {
        for (value, last) in pixel.iter_mut().zip(&mut last) {
            *last = last.wrapping_add(*value);
            *value = *last;
        }
    }
}

fn sum16(row: &mut [u8], channels: usize, big_endian: bool) {
    let read = if big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
    let write = if big_endian { u16::to_be_bytes } else { u16::to_le_bytes };
    let samples = row.as_chunks_mut::<2>().0;
    for at in channels..samples.len() {
        samples[at] = write(read(samples[at]).wrapping_add(read(samples[at - channels])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pack_bits_as_in_apples_example() {
        let stored = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
        let mut raw = [0; 24];
        assert_eq!(unpack_bits(&stored, &mut raw), 24);
        assert_eq!(raw[..7], [0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa]);
        assert_eq!(unpack_bits(&[0x81], &mut [0; 4]), 0, "a truncated run");
        assert_eq!(unpack_bits(&[0x05, 1, 2], &mut [0; 4]), 2, "a truncated literal");
    }

    #[test]
    fn differences_are_summed_by_channel() {
        let mut row = [1, 2, 3, 1, 1, 1, 255, 0, 254];
        sum::<3>(&mut row);
        assert_eq!(row, [1, 2, 3, 2, 3, 4, 1, 3, 2]);
        let mut row = [0x00, 0xff, 0x00, 0x02];
        sum16(&mut row, 1, true);
        assert_eq!(row, [0x00, 0xff, 0x01, 0x01]);
    }
}
