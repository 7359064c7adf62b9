//! JPEG of old style (TIFF 6.0, section 22): a whole JPEG file within the TIFF, read as one; or its pieces, tables in
//! one place and scan data in strips, put together again.

use super::super::Opened;
use super::super::input::{self, Input};
use super::super::jpeg;
use super::directory::{Directory, OldJpeg};
use super::ifd::damaged;
use crate::error::Result;
use std::collections::VecDeque;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

/// The JPEG file that the directory points at; or the first strip, where that is one; or one made of strips.
pub fn open(directory: &Directory) -> Result<Opened> {
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

/// Whether there are several strips and they lie outside what the directory calls a JPEG.
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

/// Everything of a JPEG that stands before its scan data.
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
    // Each strip starts anew, as after a restart marker.
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

/// Quantisation and Huffman tables as segments, from tags 519 to 521: a place for each component.
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

/// Scan data of strips with restart markers between them, an end marker after the last.
struct Strips {
    input: Arc<Input>,
    /// Where they lie, and their bytes.
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
