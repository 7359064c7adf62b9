//! From a chunk's stored bytes to raw samples: the compressions, and the predictors that some of them use.
//!
//! The codecs are libraries (libdeflate, libjpeg-turbo, `ruzstd`, `image`, the code tables of `fax`), except for LZW
//! (`lzw.rs`).

use super::ccitt::Fax;
use super::chunk_bytes::{PackBits, Part, RawRows, StoredBytes};
use super::directory::{Compression, Directory};
use super::ifd::damaged;
use super::jpeg::JpegRows;
use super::lzw;
use super::old_jpeg;
use crate::error::{Error, Result};
use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use libdeflater::Decompressor;
use std::io::{BufRead, Cursor, Read};

/// Memory limit for decoding LZMA: the highest setting of the usual encoder needs 65 MiB.
const MAX_LZMA_KIB: u32 = 68 << 10;
pub const LZMA_BYTES: u64 = (MAX_LZMA_KIB as u64) << 10;

/// Whether there is a decoder for this compression.
pub fn is_known(compression: Compression) -> bool {
    !matches!(compression, Compression::Other(_))
}

/// The chunk at `extent` (offset and length in bytes), read `piece` bytes at a time.
pub fn stored(directory: &Directory, extent: (u64, u64), piece: usize) -> StoredBytes {
    use Compression::{FaxGroup3, FaxGroup4, FaxRle, Lzw, None, PackBits};
    let by_bits = matches!(directory.compression, None | PackBits | Lzw | FaxRle | FaxGroup3 | FaxGroup4);
    StoredBytes::new(directory.tiff.input.clone(), extent, piece, directory.lowest_bit_first && by_bits)
}

/// Decompresses `stored`, a whole chunk in one piece, into `raw`, which is filled exactly.
pub fn decompress(directory: &Directory, mut stored: StoredBytes, part: Part, raw: &mut [u8]) -> Result<()> {
    let filled = match directory.compression {
        Compression::Lzw => lzw::decode(stored.fill_buf().map_err(damaged)?, raw).map_err(damaged)?,
        Compression::Deflate => inflate(stored.fill_buf().map_err(damaged)?, raw)?,
        Compression::WebP => webp(stored.fill_buf().map_err(damaged)?, part, raw)?,
        _ => rows(directory, stored, part)?.read(raw)?,
    };
    if filled < raw.len() { Err(too_few()) } else { Ok(()) }
}

/// Decompresses `stored` on demand, row by row.
pub fn rows(directory: &Directory, stored: StoredBytes, part: Part) -> Result<Box<dyn RawRows>> {
    Ok(match directory.compression {
        Compression::None => Box::new(Bytes(stored)),
        Compression::PackBits => Box::new(Bytes(PackBits::new(stored))),
        Compression::Lzw => Box::new(Bytes(lzw::reader(stored).map_err(damaged)?)),
        Compression::Deflate => Box::new(Bytes(flate2::bufread::ZlibDecoder::new(stored))),
        Compression::Zstd => Box::new(Bytes(ruzstd::decoding::StreamingDecoder::new(stored).map_err(damaged)?)),
        // An .xz stream.
        Compression::Lzma => Box::new(Bytes(lzma_rust2::XzReader::new_mem_limit(stored, false, MAX_LZMA_KIB))),
        Compression::FaxRle | Compression::FaxGroup3 | Compression::FaxGroup4 => {
            Box::new(Fax::new(stored, directory, part.size.width).map_err(damaged)?)
        }
        Compression::Jpeg => Box::new(JpegRows::new(directory, stored, part)?),
        Compression::OldJpeg => Box::new(old_jpeg::rows(directory, stored, part)?),
        Compression::WebP | Compression::SgiLog | Compression::SgiLog24 | Compression::Other(_) => {
            return Err(Error::image(format!("TIFF: compression {:?} is not read", directory.compression)));
        }
    })
}

/// Whether [`rows`] decodes this compression.
pub fn is_streamed(compression: Compression) -> bool {
    is_known(compression) && compression != Compression::WebP
}

/// The error for a chunk that ends too early.
pub fn too_few() -> Error {
    damaged("a strip or tile holds fewer pixels than it should")
}

/// Rows of a decoder that gives bytes.
struct Bytes<R>(R);

impl<R: Read + Send> RawRows for Bytes<R> {
    fn read(&mut self, raw: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < raw.len() {
            match self.0.read(&mut raw[filled..]).map_err(damaged)? {
                0 => break,
                read => filled += read,
            }
        }
        Ok(filled)
    }
}

/// Decodes deflate. Some writers pad a strip with rows that are not in the image, others leave rows out.
fn inflate(stored: &[u8], raw: &mut [u8]) -> Result<usize> {
    use libdeflater::DecompressionError::InsufficientSpace;
    match Decompressor::new().zlib_decompress(stored, raw) {
        Ok(filled) => Ok(filled),
        Err(InsufficientSpace) => Bytes(flate2::bufread::ZlibDecoder::new(stored)).read(raw),
        Err(error) => Err(damaged(format!("deflate: {error}"))),
    }
}

fn webp(stored: &[u8], Part { size, samples, .. }: Part, raw: &mut [u8]) -> Result<usize> {
    let decoder = WebPDecoder::new(Cursor::new(stored)).map_err(damaged)?;
    let channels = usize::from(decoder.color_type().channel_count());
    if decoder.dimensions().0 != size.width || decoder.total_bytes() > 4 * raw.len() as u64 {
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

/// Undoes predictor 3 (Adobe's Technical Note 3): a row's most significant bytes are first, then the next, all as
/// differences.
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
