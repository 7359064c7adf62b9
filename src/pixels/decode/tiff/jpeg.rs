//! JPEG data in the strips or tiles of a TIFF (Technical Note 2): each is a JPEG, and the tables that they share are in
//! the directory.

use super::super::limits::LIMITS;
use super::chunk_bytes::{Part, RawRows, StoredBytes};
use super::directory::{Directory, Photometric};
use super::ifd::damaged;
use crate::error::{Error, Result};
use crate::pixels::libjpeg::{ColourSpace, Decoder};
use std::io::{BufRead, Cursor, Read};

/// Most pixels of a strip or tile with a progressive JPEG: all its coefficients are held.
const MOST_PROGRESSIVE: u64 = 1 << 22;

/// The rows of a strip or tile. The photometric interpretation states what the components are.
pub struct JpegRows {
    decoder: Decoder,
    row_samples: usize,
    rows_left: usize,
    /// Bits a sample and whether the highest byte is first, if there are more than 8 bits.
    packing: Option<(u32, bool)>,
}

impl JpegRows {
    pub fn new(directory: &Directory, mut stored: StoredBytes, part: Part) -> Result<JpegRows> {
        let tables = directory.jpeg_tables.strip_suffix(&[0xff, 0xd9]).unwrap_or(&directory.jpeg_tables).to_vec();
        if !tables.is_empty() {
            stored.fill_buf().map_err(damaged)?;
            stored.consume(2);
        }
        JpegRows::of(directory, Cursor::new(tables).chain(stored), part, None)
    }

    /// Of a whole JPEG that shows `part`, in the `wanted` colour space or the usual one.
    pub fn of(
        directory: &Directory,
        jpeg: impl Read + Send + 'static,
        part: Part,
        wanted: Option<ColourSpace>,
    ) -> Result<JpegRows> {
        let Part { size, samples, .. } = part;
        let (kept, usual) = match (directory.photometric, samples) {
            (_, 1) => (ColourSpace::Grey, ColourSpace::Grey),
            (Photometric::YCbCr, 3) => (ColourSpace::YCbCr, ColourSpace::Rgb),
            (Photometric::Rgb, 3) => (ColourSpace::Rgb, ColourSpace::Rgb),
            (Photometric::Cmyk, 4) => (ColourSpace::Cmyk, ColourSpace::Cmyk),
            _ => (ColourSpace::Unknown, ColourSpace::Unknown),
        };
        let mut decoder = Decoder::new(jpeg, LIMITS.jpeg()).map_err(refused)?;
        let header = &decoder.header;
        let (width, height) = (header.width as usize, header.height as usize);
        if width != size.width as usize || header.components != samples || header.precision != directory.bits {
            return Err(damaged("a JPEG strip or tile is not what the directory says"));
        }
        if header.multiple_scans && size.area() > MOST_PROGRESSIVE {
            return Err(damaged("a progressive JPEG strip as large as this is not read"));
        }
        decoder.start(Some(kept), wanted.unwrap_or(usual)).map_err(refused)?;
        let packing = (directory.bits > 8).then_some((directory.bits, directory.tiff.big_endian));
        Ok(JpegRows { decoder, row_samples: width * samples, rows_left: height.min(size.height as usize), packing })
    }
}

fn refused(message: String) -> Error {
    damaged(format!("JPEG: {message}"))
}

impl RawRows for JpegRows {
    fn read(&mut self, raw: &mut [u8]) -> Result<usize> {
        let row_bytes =
            self.packing.map_or(self.row_samples, |(bits, _)| (self.row_samples * bits as usize).div_ceil(8));
        let rows = self.rows_left.min(raw.len() / row_bytes.max(1));
        self.rows_left -= rows;
        if let Some((bits, big_endian)) = self.packing {
            let mut deep = vec![0u16; rows * self.row_samples];
            self.decoder.read_rows(bytemuck::cast_slice_mut(&mut deep)).map_err(refused)?;
            return Ok(pack(&deep, self.row_samples, bits, big_endian, raw));
        }
        self.decoder.read_rows(&mut raw[..rows * row_bytes]).map_err(refused)?;
        Ok(rows * row_bytes)
    }
}

/// Packs rows of `row_samples` samples, each of `bits` bits, into rows of whole bytes. Returns how many bytes were
/// filled.
pub fn pack(samples: &[u16], row_samples: usize, bits: u32, big_endian: bool, raw: &mut [u8]) -> usize {
    let row_bytes = (row_samples * bits as usize).div_ceil(8);
    for (row, raw) in samples.chunks_exact(row_samples).zip(raw.chunks_exact_mut(row_bytes)) {
        if bits == 16 {
            let bytes = row.iter().map(|value| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
            raw.as_chunks_mut::<2>().0.iter_mut().zip(bytes).for_each(|(out, bytes)| *out = bytes);
        } else {
            pack_row(row, bits, raw);
        }
    }
    samples.len() / row_samples * row_bytes
}

/// Highest bit first.
fn pack_row(row: &[u16], bits: u32, raw: &mut [u8]) {
    let (mut held, mut count) = (0u64, 0);
    let mut out = raw.iter_mut();
    for value in row {
        held = held << bits | u64::from(*value);
        count += bits;
        while count >= 8 {
            count -= 8;
            if let Some(byte) = out.next() {
                *byte = (held >> count) as u8;
            }
        }
    }
    if let (1.., Some(byte)) = (count, out.next()) {
        *byte = (held << (8 - count)) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_begin_at_bytes() {
        let mut raw = [0; 10];
        assert_eq!(pack(&[0x123, 0x456, 0x789, 0xabc, 0xdef, 0x012], 3, 12, true, &mut raw), 10);
        assert_eq!(raw, [0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xef, 0x01, 0x20]);
        let mut raw = [0; 2];
        assert_eq!((pack(&[0x1234], 1, 16, false, &mut raw), raw), (2, [0x34, 0x12]));
    }
}
