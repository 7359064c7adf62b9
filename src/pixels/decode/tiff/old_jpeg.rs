//! JPEG of old style (TIFF 6.0, section 22). Some files hold one whole JPEG of the image. In the others strips or tiles
//! hold scan data, and the header lies elsewhere: in a stream (tag 513), in tables (tags 519 to 521), or before the
//! first strip's or tile's data. Each strip or tile becomes a JPEG of its own then.

use super::super::{Opened, input, jpeg};
use super::chunk_bytes::{Part, StoredBytes};
use super::codec;
use super::directory::{Directory, OldJpeg, Photometric};
use super::ifd::damaged;
use super::jpeg::JpegRows;
use super::ycbcr::YCbCr;
use crate::error::{Error, Result};
use crate::pixels::libjpeg::ColourSpace;
use std::io::{BufRead, Cursor, Read};
use std::sync::Arc;

/// Most bytes of a header that is no part of a whole JPEG; a few hundred are usual.
const HEADER_BYTES: usize = 256 << 10;

/// Most bytes for the header of a strip or tile: the shared one, its own, and both together.
pub const HEADERS_BYTES: u64 = 4 * HEADER_BYTES as u64;

const EOI: &[u8] = &[0xff, 0xd9];

/// The whole JPEG of the image, if there is one.
pub fn open_whole(directory: &Directory) -> Option<Opened> {
    let offset = whole(directory)?;
    let opened = jpeg::open_stream(input::Cursor::at(directory.tiff.input.clone(), offset)).ok()?;
    (opened.size == directory.size).then_some(opened)
}

/// Where a JPEG of the whole image begins.
fn whole(directory: &Directory) -> Option<u64> {
    let input = &directory.tiff.input;
    let starts = |offset: &u64| input.read_up_to(*offset, 2).is_ok_and(|start| start == [0xff, 0xd8]);
    match (directory.old_jpeg.offset.filter(starts), directory.offsets.as_slice()) {
        (Some(offset), []) => Some(offset),
        (Some(_), [_, _, ..]) if directory.tiled => None,
        // Its data is that of the strips.
        (Some(offset), [first, ..]) => {
            let data = offset + Segments::at(directory, offset, 0).length as u64;
            (offset..=data).contains(first).then_some(offset)
        }
        (None, [only]) => Some(*only).filter(starts),
        (None, _) => None,
    }
}

/// The directory with the header that its strips or tiles share.
pub fn in_pieces(mut directory: Directory) -> Result<Directory> {
    let no_tables =
        || damaged("JPEG of old style without its tables is not read").with_hint("convert it with `tiffcp -c none`");
    if directory.bits != 8 || !matches!(directory.samples, 1 | 3 | 4) {
        return Err(no_tables());
    }
    let OldJpeg { offset, length, .. } = directory.old_jpeg;
    let stream = offset.map(|offset| Segments::at(&directory, offset, length)).unwrap_or_default();
    let of_tags = Segments { tables: tables(&directory)?, ..Segments::default() };
    let (first, _) = directory.extent(0)?;
    let header = of_tags.then(stream).then(Segments::at(&directory, first, directory.lengths[0]));
    if header.tables.is_empty() {
        return Err(no_tables());
    }
    directory.old_jpeg.header = Arc::new(header);
    Ok(directory)
}

/// The rows of a strip or tile.
pub fn rows(directory: &Directory, mut stored: StoredBytes, part: Part) -> Result<JpegRows> {
    let start = stored.fill_buf().map_err(damaged)?;
    let own = Segments::of(start.get(..HEADER_BYTES).unwrap_or(start));
    stored.consume(own.length);
    let header = Segments::clone(&directory.old_jpeg.header).then(own).header(directory, part)?;
    // libjpeg knows only the usual YCbCr.
    let is_other = directory.photometric == Photometric::YCbCr && part.samples == 3 && !YCbCr::of(directory).is_usual();
    let wanted = is_other.then_some(ColourSpace::YCbCr);
    JpegRows::of(directory, Cursor::new(header).chain(stored).chain(EOI), part, wanted)
}

/// Refuses a first strip or tile that is no JPEG.
pub fn check(directory: &Directory, part: Part) -> Result<()> {
    rows(directory, codec::stored(directory, directory.extent(0)?, HEADER_BYTES), part).map(drop)
}

/// What stands before the scan data of a JPEG.
#[derive(Clone, Default)]
pub struct Segments {
    /// Tables and restart intervals, with their markers.
    tables: Vec<u8>,
    /// The frame header (SOF) and its marker.
    frame: Option<(u8, Vec<u8>)>,
    /// The scan header (SOS).
    scan: Option<Vec<u8>>,
    /// How many bytes they take.
    length: usize,
}

impl Segments {
    /// Those at `offset` of the file; `length` is 0 if it is not known.
    fn at(directory: &Directory, offset: u64, length: u64) -> Segments {
        let most = if length == 0 { HEADER_BYTES } else { length.min(HEADER_BYTES as u64) as usize };
        directory.tiff.input.read_up_to(offset, most).map_or_else(|_| Segments::default(), |bytes| Segments::of(&bytes))
    }

    /// Those that `bytes` begin with.
    fn of(bytes: &[u8]) -> Segments {
        let mut segments = Segments::default();
        loop {
            let at = segments.length;
            match bytes.get(at..).unwrap_or_default() {
                [0xff, 0xff, ..] => segments.length += 1,
                [0xff, 0xd8, ..] => segments.length += 2,
                // Scan data that goes on behind a restart marker.
                [0xff, 0xd0..=0xd7, ..] => {
                    segments.length += 2;
                    return segments;
                }
                [0xff, marker @ (0xc0..=0xcf | 0xda..=0xfe), high, low, rest @ ..] => {
                    let bytes_after = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2);
                    let Some(content) = bytes_after.and_then(|count| rest.get(..count)) else { return segments };
                    segments.length += 4 + content.len();
                    match marker {
                        0xc4 | 0xdb | 0xdd => segments.tables.extend_from_slice(&bytes[at..segments.length]),
                        0xc0..=0xcf => segments.frame = Some((*marker, content.to_vec())),
                        0xda => {
                            segments.scan = Some(content.to_vec());
                            return segments;
                        }
                        _ => {}
                    }
                }
                _ => return segments,
            }
        }
    }

    /// These, and `later` ones that count where both say something: a later table replaces an earlier one.
    fn then(mut self, later: Segments) -> Segments {
        self.tables.extend(later.tables);
        Segments { tables: self.tables, frame: later.frame.or(self.frame), scan: later.scan.or(self.scan), length: 0 }
    }

    /// A JPEG of `part` up to its scan data.
    fn header(&self, directory: &Directory, part: Part) -> Result<Vec<u8>> {
        let (marker, components) = self.components(directory, part);
        // Baseline, extended and lossless. The others need scans that no strip or tile has.
        if !matches!(marker, 0xc0 | 0xc1 | 0xc3) {
            return Err(damaged("JPEG of old style with several scans is not read"));
        }
        let side = |side: u32| u16::try_from(side).map_err(|_| damaged("a strip or tile is too large for a JPEG"));
        let (width, height) = (side(part.size.width)?, side(part.size.height)?);
        let count = components.len() as u8;
        let mut bytes = vec![0xff, 0xd8];
        bytes.extend(&self.tables);
        bytes.extend([0xff, marker, 0, 8 + 3 * count, 8]);
        bytes.extend(height.to_be_bytes().into_iter().chain(width.to_be_bytes()).chain([count]));
        bytes
            .extend(components.iter().flat_map(|component| [component.id, component.sampling, component.quantisation]));
        if let interval @ 1.. = directory.old_jpeg.restart_interval {
            bytes.extend([0xff, 0xdd, 0, 4]);
            bytes.extend(u16::try_from(interval).unwrap_or(0).to_be_bytes());
        }
        bytes.extend([0xff, 0xda, 0, 6 + 2 * count, count]);
        bytes.extend(components.iter().flat_map(|component| [component.id, component.huffman]));
        let selection = self.scan.as_deref().and_then(|scan| scan.last_chunk::<3>());
        bytes.extend(selection.unwrap_or(&[0, 63, 0]));
        Ok(bytes)
    }

    /// The components of `part`, as the headers say or as the directory says, and the marker of the frame.
    fn components(&self, directory: &Directory, part: Part) -> (u8, Vec<Component>) {
        let (marker, frame) =
            self.frame.as_ref().map_or((0xc0, &[][..]), |(marker, frame)| (*marker, frame.as_slice()));
        let scan = self.scan.as_deref().unwrap_or_default();
        let stated = frame.get(6..).unwrap_or_default().as_chunks::<3>().0;
        let in_scan = scan.get(1..).unwrap_or_default().as_chunks::<2>().0;
        let (across, down) = directory.subsampling;
        // Tags have tables for each component. In a stream both kinds of chroma share theirs.
        let tables_in_tags = !directory.old_jpeg.quantisation.is_empty();
        let usual_table = |index: usize| (if tables_in_tags { index } else { index.min(1) }) as u8;
        let component = |index: usize| {
            let sampling = if index == 0 && part.samples == 3 { (across * 16 + down) as u8 } else { 0x11 };
            let [id, sampling, quantisation] = match stated.get(index) {
                Some([id, _, table]) if part.samples == 1 => [*id, 0x11, *table],
                Some(stated) => *stated,
                None => [index as u8 + 1, sampling, usual_table(index)],
            };
            let tables = in_scan.iter().find(|[component, _]| *component == id);
            Component {
                id,
                sampling,
                quantisation,
                huffman: tables.map_or((quantisation & 15) * 0x11, |[_, tables]| *tables),
            }
        };
        let first = if part.samples == 1 { part.plane } else { 0 };
        (marker, (first..first + part.samples).map(component).collect())
    }
}

/// A component, with the numbers of its tables.
struct Component {
    id: u8,
    sampling: u8,
    quantisation: u8,
    huffman: u8,
}

/// Quantisation and Huffman tables as segments, from tags 519 to 521, which have an offset for each component; none if
/// there are no such tags.
fn tables(directory: &Directory) -> Result<Vec<u8>> {
    let read = |offset: u64, bytes: usize| {
        let table = directory.tiff.input.read_up_to(offset, bytes).map_err(damaged)?;
        if table.len() == bytes { Ok(table) } else { Err(a_table_is_missing()) }
    };
    let OldJpeg { quantisation, dc, ac, .. } = &directory.old_jpeg;
    let mut segments = vec![];
    for (component, (quantisation, (dc, ac))) in (0..4).zip(quantisation.iter().zip(dc.iter().zip(ac))) {
        segments.extend([0xff, 0xdb, 0, 67, component]);
        segments.extend(read(*quantisation, 64)?);
        for (class, place) in [(0x00, *dc), (0x10, *ac)] {
            let counts = read(place, 16)?;
            let values = counts.iter().map(|count| usize::from(*count)).sum::<usize>().min(256);
            let table = read(place, 16 + values)?;
            segments.extend([0xff, 0xc4]);
            segments.extend((19 + values as u16).to_be_bytes());
            segments.push(class | component);
            segments.extend(table);
        }
    }
    Ok(segments)
}

fn a_table_is_missing() -> Error {
    damaged("a JPEG table is missing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_end_where_scan_data_begins() {
        let tables = [0xff, 0xdb, 0, 4, 1, 2];
        let bytes = [&[0xff, 0xd8][..], &tables, &[0xff, 0xda, 0, 3, 9], &[0x12, 0xff, 0xdb]].concat();
        let segments = Segments::of(&bytes);
        assert_eq!((segments.length, segments.tables, segments.scan), (13, tables.to_vec(), Some(vec![9])));
        for data in [&[0xff, 0x00, 0xff, 0xdb, 0, 2][..], &[0x12, 0xff, 0xdb, 0, 2], &[]] {
            assert_eq!(Segments::of(data).length, 0, "{data:?}");
        }
        assert_eq!(Segments::of(&[0xff, 0xd3, 0xff, 0xdb, 0, 2]).length, 2);
        assert_eq!(Segments::of(&[0xff, 0xdb, 0xff, 0xff, 1]).length, 0, "cut off");
    }
}
