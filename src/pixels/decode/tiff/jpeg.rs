//! JPEG data in a TIFF. New style (Technical Note 2): each strip or tile is a JPEG, the tables they share are in the
//! directory. Old style (TIFF 6.0, section 22): a whole JPEG file within the TIFF, or its pieces: tables in one place
//! and scan data in strips.

use super::super::input::{self, Input};
use super::super::limits::LIMITS;
use super::super::{Opened, jpeg};
use super::chunk_bytes::{RawRows, StoredBytes};
use super::directory::{Directory, OldJpeg, Photometric};
use super::ifd::damaged;
use crate::error::{Error, Result};
use crate::model::geometry::Size;
use crate::pixels::libjpeg::{ColourSpace, Decoder};
use std::collections::VecDeque;
use std::io::{self, BufRead, Cursor, Read};
use std::sync::Arc;

/// Most pixels of a strip or tile with a progressive JPEG: all its coefficients are held.
const MOST_PROGRESSIVE: u64 = 1 << 22;

/// New style (Technical Note 2): the shared tables are in the directory, and the photometric interpretation states what
/// the components are.
pub struct JpegRows {
    decoder: Decoder,
    row_samples: usize,
    rows_left: usize,
    /// Bits a sample and whether the highest byte is first, if there are more than 8 bits.
    packing: Option<(u32, bool)>,
}

impl JpegRows {
    pub fn new(directory: &Directory, mut stored: StoredBytes, chunk: Size, samples: usize) -> Result<JpegRows> {
        let (kept, wanted) = match (directory.photometric, samples) {
            (_, 1) => (ColourSpace::Grey, ColourSpace::Grey),
            (Photometric::YCbCr, 3) => (ColourSpace::YCbCr, ColourSpace::Rgb),
            (Photometric::Rgb, 3) => (ColourSpace::Rgb, ColourSpace::Rgb),
            (Photometric::Cmyk, 4) => (ColourSpace::Cmyk, ColourSpace::Cmyk),
            _ => (ColourSpace::Unknown, ColourSpace::Unknown),
        };
        let tables = directory.jpeg_tables.strip_suffix(&[0xff, 0xd9]).unwrap_or(&directory.jpeg_tables).to_vec();
        if !tables.is_empty() {
            stored.fill_buf().map_err(damaged)?;
            stored.consume(2);
        }
        let mut decoder = Decoder::new(Cursor::new(tables).chain(stored), LIMITS.jpeg()).map_err(refused)?;
        let header = &decoder.header;
        let (width, height) = (header.width as usize, header.height as usize);
        if width != chunk.width as usize || header.components != samples || header.precision != directory.bits {
            return Err(damaged("a JPEG strip or tile is not what the directory says"));
        }
        if header.multiple_scans && chunk.area() > MOST_PROGRESSIVE {
            return Err(damaged("a progressive JPEG strip as large as this is not read"));
        }
        decoder.start(Some(kept), wanted).map_err(refused)?;
        let packing = (directory.bits > 8).then_some((directory.bits, directory.tiff.big_endian));
        Ok(JpegRows { decoder, row_samples: width * samples, rows_left: height.min(chunk.height as usize), packing })
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

/// Opens an old-style JPEG: the file that the directory points at, the first strip if that is a JPEG, or one made of
/// strips.
pub fn open_old_style(directory: &Directory) -> Result<Opened> {
    let input = &directory.tiff.input;
    let starts = |offset: &u64| input.read_up_to(*offset, 2).is_ok_and(|start| start == [0xff, 0xd8]);
    let whole = directory.old_jpeg.offset.into_iter().chain(directory.offsets.first().copied()).find(starts);
    let opened = match whole {
        Some(offset) if !is_in_pieces(directory) => jpeg::open_stream(input::Cursor::at(input.clone(), offset))?,
        _ => {
            let header = Cursor::new(header(directory)?);
            let mut strips: Vec<_> =
                (0..directory.offsets.len()).map(|strip| directory.extent(strip)).collect::<Result<_>>()?;
            strips.iter_mut().take(1).for_each(|strip| skip_scan_header(input, strip));
            jpeg::open_stream(header.chain(Strips::new(input.clone(), strips)))?
        }
    };
    if opened.size != directory.size {
        return Err(damaged("the JPEG in it has another size than its directory says"));
    }
    Ok(opened)
}

/// Whether there are several strips and they lie outside the JPEG that the directory names.
fn is_in_pieces(directory: &Directory) -> bool {
    let OldJpeg { offset, length, .. } = directory.old_jpeg;
    match (offset, directory.offsets.as_slice()) {
        (Some(offset), [first, _, ..]) if length > 0 => *first < offset || *first >= offset + length,
        (Some(_), _) => false,
        (None, strips) => strips.len() > 1,
    }
}

/// Some writers leave the scan's header in the first strip.
fn skip_scan_header(input: &Input, (offset, length): &mut (u64, u64)) {
    if let Ok([0xff, 0xda, high, low]) = input.read_up_to(*offset, 4).as_deref() {
        let bytes = (2 + u64::from(u16::from_be_bytes([*high, *low]))).min(*length);
        (*offset, *length) = (*offset + bytes, *length - bytes);
    }
}

/// The part of a JPEG before its scan data.
fn header(directory: &Directory) -> Result<Vec<u8>> {
    let refused =
        || damaged("JPEG of old style without its tables is not read").with_hint("convert it with `tiffcp -c none`");
    let (h, v) = if directory.samples == 1 { (1, 1) } else { directory.subsampling };
    let (width, height) = (directory.size.width as usize, directory.size.height);
    if directory.tiled || directory.planar || directory.bits != 8 || !matches!(directory.samples, 1 | 3) {
        return Err(refused());
    }
    let [width_bytes, height_bytes] =
        [width, height as usize].map(|side| u16::try_from(side).map(u16::to_be_bytes).map_err(|_| refused()));
    let mut bytes = vec![0xff, 0xd8];
    bytes.extend(tables(directory)?);
    let components = 1..=directory.samples as u8;
    bytes.extend([0xff, 0xc0, 0, 8 + 3 * directory.samples as u8, 8]);
    bytes.extend(height_bytes?.into_iter().chain(width_bytes?).chain([directory.samples as u8]));
    let sampling = (h * 16 + v) as u8;
    bytes.extend(components.clone().flat_map(|id| [id, if id == 1 { sampling } else { 0x11 }, id - 1]));
    // Each strip starts like data after a restart marker.
    let units = width.div_ceil(8 * h) * (directory.chunk.height as usize).div_ceil(8 * v);
    if directory.offsets.len() > 1 {
        bytes.extend([0xff, 0xdd, 0, 4]);
        bytes.extend(u16::try_from(units).map_err(|_| refused())?.to_be_bytes());
    }
    bytes.extend([0xff, 0xda, 0, 6 + 2 * directory.samples as u8, directory.samples as u8]);
    bytes.extend(components.flat_map(|id| [id, (id - 1) * 0x11]));
    bytes.extend([0, 63, 0]);
    Ok(bytes)
}

/// Quantisation and Huffman tables as segments, from tags 519 to 521, which have an offset for each component.
fn tables(directory: &Directory) -> Result<Vec<u8>> {
    let read = |offset: u64, bytes: usize| {
        let table = directory.tiff.input.read_up_to(offset, bytes).map_err(damaged)?;
        if table.len() == bytes { Ok(table) } else { Err(damaged("a JPEG table is missing")) }
    };
    let OldJpeg { quantisation, dc, ac, .. } = &directory.old_jpeg;
    let mut segments = vec![];
    for component in 0..directory.samples {
        let place = |places: &[u64]| {
            places.get(component).copied().ok_or_else(|| damaged("JPEG of old style without its tables is not read"))
        };
        segments.extend([0xff, 0xdb, 0, 67, component as u8]);
        segments.extend(read(place(quantisation)?, 64)?);
        for (class, places) in [(0x00, dc), (0x10, ac)] {
            let counts = read(place(places)?, 16)?;
            let values = counts.iter().map(|count| usize::from(*count)).sum::<usize>().min(256);
            let table = read(place(places)?, 16 + values)?;
            segments.extend([0xff, 0xc4]);
            segments.extend((19 + values as u16).to_be_bytes());
            segments.push(class | component as u8);
            segments.extend(table);
        }
    }
    Ok(segments)
}

/// The scan data of strips, with restart markers between them.
struct Strips {
    input: Arc<Input>,
    /// Their offsets and lengths in bytes.
    left: VecDeque<(u64, u64)>,
    taken: u8,
    current: io::Take<input::Cursor>,
    marker: Cursor<Vec<u8>>,
}

impl Strips {
    fn new(input: Arc<Input>, strips: Vec<(u64, u64)>) -> Strips {
        let current = input::Cursor::new(input.clone()).take(0);
        Strips { input, left: strips.into(), taken: 0, current, marker: Cursor::default() }
    }
}

impl Read for Strips {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.marker.read(buffer)?;
            let read = if read > 0 { read } else { self.current.read(buffer)? };
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some((offset, length)) = self.left.pop_front() else { return Ok(0) };
            if self.taken > 0 {
                self.marker = Cursor::new(vec![0xff, 0xd0 + (self.taken - 1) % 8]);
            }
            self.taken = self.taken % 8 + 1;
            self.current = input::Cursor::at(self.input.clone(), offset).take(length);
        }
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
