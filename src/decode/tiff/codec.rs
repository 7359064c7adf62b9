//! A chunk's stored bytes to raw samples: the compressions, and the predictors that some of them go with.

use super::directory::{Compression, Directory, Photometric};
use super::ifd::damaged;
use super::pack::pack;
use super::{ccitt, lzw};
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::libjpeg::{ColourSpace, Decoder};
use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use libdeflater::Decompressor;
use std::io::{Cursor, Read};

/// What decoding LZMA may hold: the highest setting of the usual encoder needs 65 MiB.
const MAX_LZMA_KIB: u32 = 68 << 10;

/// Whether there is a decoder for this compression.
pub fn is_known(compression: Compression) -> bool {
    !matches!(compression, Compression::Other(_))
}

/// Decompresses `stored` into `raw`, which is filled exactly. `chunk` is the chunk's stored size in pixels, `samples`
/// those of a pixel in it (1 in a plane).
pub fn decompress(
    directory: &Directory,
    mut stored: Vec<u8>,
    chunk: Size,
    samples: usize,
    raw: &mut [u8],
) -> Result<()> {
    let reversed = directory.lowest_bit_first
        && matches!(directory.compression, Compression::None | Compression::PackBits | Compression::Lzw);
    if reversed && directory.compression != Compression::None {
        stored.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
    }
    let filled = match directory.compression {
        Compression::None => {
            let there = stored.len().min(raw.len());
            raw[..there].copy_from_slice(&stored[..there]);
            there
        }
        Compression::PackBits => unpack_bits(&stored, raw),
        Compression::Lzw => lzw::decode(&stored, raw),
        Compression::Deflate => inflate(&stored, raw)?,
        Compression::Zstd => zstd(&stored, raw)?,
        Compression::Lzma => lzma(&stored, raw)?,
        Compression::FaxRle | Compression::FaxGroup3 | Compression::FaxGroup4 => {
            ccitt::decode(directory, &stored, chunk, raw) * (chunk.width as usize).div_ceil(8)
        }
        Compression::Jpeg => jpeg(directory, stored, chunk, samples, raw)?,
        Compression::WebP => webp(stored, chunk, samples, raw)?,
        Compression::OldJpeg | Compression::SgiLog | Compression::SgiLog24 | Compression::Other(_) => {
            return Err(Error::image(format!("TIFF: compression {:?} is not read", directory.compression)));
        }
    };
    if filled < raw.len() {
        return Err(damaged("a strip or tile holds fewer pixels than it should"));
    }
    if reversed && directory.compression == Compression::None {
        raw.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
    }
    Ok(())
}

/// Deflate; some writers pad a strip with rows that are not there, others leave rows out.
fn inflate(stored: &[u8], raw: &mut [u8]) -> Result<usize> {
    use libdeflater::DecompressionError::InsufficientSpace;
    match Decompressor::new().zlib_decompress(stored, raw) {
        Ok(filled) => Ok(filled),
        Err(InsufficientSpace) => read_up_to(flate2::read::ZlibDecoder::new(stored), raw),
        Err(error) => Err(damaged(format!("deflate: {error}"))),
    }
}

fn zstd(stored: &[u8], raw: &mut [u8]) -> Result<usize> {
    read_up_to(ruzstd::decoding::StreamingDecoder::new(stored).map_err(damaged)?, raw)
}

/// An .xz stream.
fn lzma(stored: &[u8], raw: &mut [u8]) -> Result<usize> {
    read_up_to(lzma_rust2::XzReader::new_mem_limit(stored, false, MAX_LZMA_KIB), raw)
}

fn read_up_to(mut stream: impl Read, raw: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < raw.len() {
        match stream.read(&mut raw[filled..]).map_err(damaged)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
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

/// JPEG in TIFF (Technical Note 2): the tables stand once in the directory, the photometric interpretation says what
/// the components are.
fn jpeg(directory: &Directory, stored: Vec<u8>, chunk: Size, samples: usize, raw: &mut [u8]) -> Result<usize> {
    let refused = |message: String| damaged(format!("JPEG: {message}"));
    let (kept, wanted) = match (directory.photometric, samples) {
        (_, 1) => (ColourSpace::Grey, ColourSpace::Grey),
        (Photometric::YCbCr, 3) => (ColourSpace::YCbCr, ColourSpace::Rgb),
        (Photometric::Rgb, 3) => (ColourSpace::Rgb, ColourSpace::Rgb),
        (Photometric::Cmyk, 4) => (ColourSpace::Cmyk, ColourSpace::Cmyk),
        _ => (ColourSpace::Unknown, ColourSpace::Unknown),
    };
    let tables = directory.jpeg_tables.strip_suffix(&[0xff, 0xd9]).unwrap_or(&directory.jpeg_tables).to_vec();
    let mut frame = Cursor::new(stored);
    frame.set_position(if tables.is_empty() { 0 } else { 2 });
    let mut decoder = Decoder::new(Cursor::new(tables).chain(frame)).map_err(refused)?;
    let (width, height) = (decoder.header.width as usize, decoder.header.height as usize);
    if width != chunk.width as usize
        || decoder.header.components != samples
        || decoder.header.precision != directory.bits
    {
        return Err(damaged("a JPEG strip or tile is not what the directory says"));
    }
    decoder.start(Some(kept), wanted).map_err(refused)?;
    let rows = height.min(chunk.height as usize);
    let filled = rows * width * samples;
    if directory.bits > 8 {
        let mut deep = vec![0u16; filled];
        decoder.read_rows(bytemuck::cast_slice_mut(&mut deep)).map_err(refused)?;
        return Ok(pack(&deep, width * samples, directory.bits, directory.tiff.big_endian, raw));
    }
    decoder.read_rows(&mut raw[..filled]).map_err(refused)?;
    Ok(filled)
}

fn webp(stored: Vec<u8>, chunk: Size, samples: usize, raw: &mut [u8]) -> Result<usize> {
    let decoder = WebPDecoder::new(Cursor::new(stored)).map_err(damaged)?;
    let channels = usize::from(decoder.color_type().channel_count());
    if decoder.dimensions().0 != chunk.width || decoder.total_bytes() > 4 * raw.len() as u64 {
        return Err(damaged("a WebP strip or tile is not what the directory says"));
    }
    let mut pixels = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut pixels).map_err(damaged)?;
    // A tile without transparent pixels may be stored without alpha.
    let mut filled = 0;
    for (out, pixel) in raw.chunks_exact_mut(samples).zip(pixels.chunks_exact(channels)) {
        for (channel, value) in out.iter_mut().enumerate() {
            *value = pixel.get(channel).copied().unwrap_or(255);
        }
        filled += samples;
    }
    Ok(filled)
}

/// Undoes the predictor in rows of `row_bytes` whose samples are whole bytes; narrower ones are summed as they are
/// unpacked.
pub fn undo_predictor(directory: &Directory, samples: usize, raw: &mut [u8], row_bytes: usize) {
    for row in raw.chunks_exact_mut(row_bytes) {
        match (directory.predictor, directory.bits) {
            (2, 8) => match samples {
                1 => sum::<1>(row),
                3 => sum::<3>(row),
                4 => sum::<4>(row),
                _ => (samples..row.len()).for_each(|at| row[at] = row[at].wrapping_add(row[at - samples])),
            },
            (2, 16 | 32 | 64) => sum_wide(row, samples, directory.bits as usize / 8, directory.tiff.big_endian),
            (3, 16 | 24 | 32 | 64) => join_planes(row, samples, directory.bits as usize / 8, directory.tiff.big_endian),
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

/// Sums samples of `bytes` bytes, with carry from byte to byte.
fn sum_wide(row: &mut [u8], samples: usize, bytes: usize, big_endian: bool) {
    let stride = samples * bytes;
    for at in (stride..row.len() / bytes * bytes).step_by(bytes) {
        let mut carry = 0;
        for index in 0..bytes {
            let place = at + if big_endian { bytes - 1 - index } else { index };
            let sum = u16::from(row[place]) + u16::from(row[place - stride]) + carry;
            row[place] = sum as u8;
            carry = sum >> 8;
        }
    }
}

/// Predictor 3 (Adobe's Technical Note 3): a row's most significant bytes first, then the next, all differenced.
fn join_planes(row: &mut [u8], samples: usize, bytes: usize, big_endian: bool) {
    for at in samples..row.len() {
        row[at] = row[at].wrapping_add(row[at - samples]);
    }
    let planes = row.to_vec();
    let count = row.len() / bytes;
    for (index, value) in row.chunks_exact_mut(bytes).enumerate() {
        for (byte, out) in value.iter_mut().enumerate() {
            let plane = if big_endian { byte } else { bytes - 1 - byte };
            *out = planes[plane * count + index];
        }
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
    fn differences_are_summed_by_channel_and_with_carry() {
        let mut row = [1, 2, 3, 1, 1, 1, 255, 0, 254];
        sum::<3>(&mut row);
        assert_eq!(row, [1, 2, 3, 2, 3, 4, 1, 3, 2]);
        let mut row = [0x00, 0xff, 0x00, 0x02];
        sum_wide(&mut row, 1, 2, true);
        assert_eq!(row, [0x00, 0xff, 0x01, 0x01]);
        let mut row = [0xff, 0x00, 0x02, 0x00];
        sum_wide(&mut row, 1, 2, false);
        assert_eq!(row, [0xff, 0x00, 0x01, 0x01]);
    }

    #[test]
    fn planes_of_floats_are_joined() {
        // 1.0 and 1.5 as big-endian half floats, 0x3c00 and 0x3e00: high bytes first, differenced.
        let mut row = [0x3c, 0x02, 0xc2, 0x00];
        join_planes(&mut row, 1, 2, true);
        assert_eq!(row, [0x3c, 0x00, 0x3e, 0x00]);
    }
}
