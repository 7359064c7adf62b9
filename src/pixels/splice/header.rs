//! The markers of a JPEG up to its data (ITU-T T.81, annex B), as far as cutting tiles needs them.

use super::huffman::{DcTable, Definition, Table};
use crate::model::geometry::Size;
use std::io::{self, Read};

/// Most segments before the data. Real files have some dozens; a large ICC profile takes 255.
const MAX_SEGMENTS: usize = 2000;

/// Most blocks of a coding unit (T.81, B.2.3).
const MAX_BLOCKS: usize = 10;

const SOF0: u8 = 0xc0;
const DHT: u8 = 0xc4;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DRI: u8 = 0xdd;

/// The luma quantisation table of T.81, table K.1, in the order of files. libjpeg's quality settings scale it.
const STANDARD_LUMA: [u16; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61,
    60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113,
    121, 112, 100, 120, 92, 101, 103, 99,
];

/// See the [module](self).
pub struct Header {
    pub size: Size,
    /// Sides of a coding unit in pixels.
    pub unit: Size,
    /// Coding units between restart markers; 0 if there are none.
    pub restart_interval: u32,
    pub(super) components: Vec<Component>,
    /// The blocks of a coding unit: the component of each, and whether it is its first.
    pub(super) blocks: Vec<(usize, bool)>,
    /// The file's DC tables lack codes that a tile may need, so all DC is coded anew with the standard table.
    pub(super) recodes_dc: bool,
    /// Components are red, green and blue. Adobe's marker must state it.
    is_rgb: bool,
    /// DQT segments as they are.
    quantisation: Vec<u8>,
    luma: [u16; 64],
    huffman: [[Option<Definition>; 4]; 2],
    /// Contents of SOF and SOS.
    frame: Vec<u8>,
    scan: Vec<u8>,
}

/// One colour channel.
pub(super) struct Component {
    pub dc: Table,
    pub ac: Table,
    /// How differences are written in tiles.
    pub written: DcTable,
    /// Blocks of a coding unit, across and down.
    sampling: (u32, u32),
}

/// The segments that have been read so far.
#[derive(Default)]
struct Segments {
    quantisation: Vec<u8>,
    tables: [Option<[u16; 64]>; 4],
    huffman: [[Option<Definition>; 4]; 2],
    restart_interval: u32,
    frame: Vec<u8>,
    adobe_transform: Option<u8>,
    has_jfif: bool,
}

impl Header {
    /// Reads up to the data. `None` for a JPEG that cannot be cut, for any reason.
    pub fn read(stream: &mut impl Read) -> Option<Header> {
        let mut segments = Segments::default();
        let mut start = [0; 2];
        stream.read_exact(&mut start).ok()?;
        if start != [0xff, 0xd8] {
            return None;
        }
        for _ in 0..MAX_SEGMENTS {
            let (marker, content) = segment(stream).ok()?;
            match marker {
                SOS => return segments.header(content),
                _ => segments.add(marker, &content).ok()?,
            }
        }
        None
    }

    /// `size` in coding units, rounded up.
    pub fn units(&self, size: Size) -> Size {
        Size::new(size.width.div_ceil(self.unit.width), size.height.div_ceil(self.unit.height))
    }

    /// How many components it has: 1 or 3.
    pub fn components(&self) -> usize {
        self.components.len()
    }

    /// libjpeg's quality setting, from 1 to 100, whose luma table comes nearest to the file's.
    pub fn quality(&self) -> u8 {
        let ratio = |(table, standard): (&u16, &u16)| f64::from(*table) / f64::from(*standard);
        let percent = self.luma.iter().zip(&STANDARD_LUMA).map(ratio).sum::<f64>() * 100.0 / 64.0;
        let quality = if percent <= 100.0 { (200.0 - percent) / 2.0 } else { 5000.0 / percent };
        quality.round().clamp(1.0, 100.0) as u8
    }

    /// Clears `jpeg` and writes everything that comes before the data.
    pub(super) fn write(&self, form: Form, jpeg: &mut Vec<u8>) {
        jpeg.clear();
        jpeg.extend_from_slice(&[0xff, 0xd8]);
        jpeg.extend_from_slice(colour_marker(self.is_rgb));
        jpeg.extend_from_slice(&self.quantisation);
        let mut frame = self.frame.clone();
        if let Form::Tile(size) = form {
            frame[1..3].copy_from_slice(&(size.height as u16).to_be_bytes());
            frame[3..5].copy_from_slice(&(size.width as u16).to_be_bytes());
        }
        push_segment(jpeg, SOF0, &frame);
        let standard = Definition::standard_dc();
        for (class, tables) in (0..).zip(&self.huffman) {
            for (number, table) in (0..).zip(tables) {
                let Some(table) = table else { continue };
                let recoded = class == 0 && self.recodes_dc && form != Form::Whole;
                let table = if recoded { &standard } else { table };
                push_segment(jpeg, DHT, &[&[class << 4 | number][..], &table.counts, &table.values].concat());
            }
        }
        if self.restart_interval > 0 && form == Form::Whole {
            push_segment(jpeg, DRI, &(self.restart_interval as u16).to_be_bytes());
        }
        push_segment(jpeg, SOS, &self.scan);
    }
}

/// The data that follows a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The data of a tile of this size.
    Tile(Size),
    /// The data of the whole file.
    Whole,
}

/// JFIF's marker, or Adobe's if the components are not YCbCr.
pub fn colour_marker(is_rgb: bool) -> &'static [u8] {
    if is_rgb {
        b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    } else {
        b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    }
}

fn push_segment(jpeg: &mut Vec<u8>, marker: u8, content: &[u8]) {
    jpeg.extend_from_slice(&[0xff, marker]);
    jpeg.extend_from_slice(&(content.len() as u16 + 2).to_be_bytes());
    jpeg.extend_from_slice(content);
}

/// The next marker segment.
fn segment(stream: &mut impl Read) -> io::Result<(u8, Vec<u8>)> {
    let mut byte = [0];
    stream.read_exact(&mut byte)?;
    if byte != [0xff] {
        return Err(io::ErrorKind::InvalidData.into());
    }
    while byte == [0xff] {
        stream.read_exact(&mut byte)?;
    }
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let length = u16::from_be_bytes(length).checked_sub(2).ok_or(io::ErrorKind::InvalidData)?;
    let mut content = vec![0; usize::from(length)];
    stream.read_exact(&mut content)?;
    Ok((byte[0], content))
}

impl Segments {
    /// An error for a kind of JPEG that cannot be cut.
    fn add(&mut self, marker: u8, content: &[u8]) -> io::Result<()> {
        let short = || io::Error::from(io::ErrorKind::UnexpectedEof);
        match marker {
            // Baseline, and extended sequential with Huffman codes.
            SOF0 | 0xc1 if self.frame.is_empty() => self.frame = content.to_vec(),
            DHT => self.add_huffman(content)?,
            0xc0..=0xcf => return Err(io::ErrorKind::Unsupported.into()),
            DQT => {
                self.add_quantisation(content)?;
                push_segment(&mut self.quantisation, DQT, content);
            }
            DRI => {
                let interval = content.first_chunk().ok_or_else(short)?;
                self.restart_interval = u32::from(u16::from_be_bytes(*interval));
            }
            0xe0 if content.starts_with(b"JFIF\0") => self.has_jfif = true,
            0xee if content.starts_with(b"Adobe") => self.adobe_transform = content.get(11).copied(),
            0xe0..=0xef | 0xfe => {}
            _ => return Err(io::ErrorKind::Unsupported.into()),
        }
        Ok(())
    }

    fn add_huffman(&mut self, mut content: &[u8]) -> io::Result<()> {
        while let [place, rest @ ..] = content {
            let counts: [u8; 16] = *rest.first_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
            let values = counts.iter().map(|count| usize::from(*count)).sum::<usize>();
            let values = rest.get(16..16 + values).ok_or(io::ErrorKind::UnexpectedEof)?;
            let slot =
                self.huffman.get_mut(usize::from(place >> 4)).and_then(|class| class.get_mut(usize::from(place & 15)));
            *slot.ok_or(io::ErrorKind::InvalidData)? = Some(Definition { counts, values: values.to_vec() });
            content = &rest[16 + values.len()..];
        }
        Ok(())
    }

    fn add_quantisation(&mut self, mut content: &[u8]) -> io::Result<()> {
        while let [place, rest @ ..] = content {
            let bytes = if place >> 4 == 0 { 1 } else { 2 };
            let entries = rest.get(..64 * bytes).ok_or(io::ErrorKind::UnexpectedEof)?;
            let mut table = [0; 64];
            for (value, entry) in table.iter_mut().zip(entries.chunks_exact(bytes)) {
                *value = entry.iter().fold(0, |value, byte| value << 8 | u16::from(*byte));
            }
            *self.tables.get_mut(usize::from(place & 15)).ok_or(io::ErrorKind::InvalidData)? = Some(table);
            content = &rest[64 * bytes..];
        }
        Ok(())
    }

    /// Builds the header once the scan's header `scan` is read.
    fn header(self, scan: Vec<u8>) -> Option<Header> {
        let [8, y1, y0, x1, x0, count, parts @ ..] = self.frame.as_slice() else { return None };
        let size = Size::new(u16::from_be_bytes([*x1, *x0]).into(), u16::from_be_bytes([*y1, *y0]).into());
        let count = usize::from(*count);
        let selectors = scan.get(1..1 + 2 * count)?;
        let whole = scan.first() == Some(&(count as u8)) && scan.get(1 + 2 * count..) == Some(&[0, 63, 0]);
        if size.area() == 0 || !matches!(count, 1 | 3) || parts.len() != 3 * count || !whole {
            return None;
        }
        let (mut components, mut blocks) = (vec![], vec![]);
        let mut recodes_dc = false;
        for (index, (part, selector)) in parts.chunks_exact(3).zip(selectors.chunks_exact(2)).enumerate() {
            // A single component is not interleaved: its unit is one block, for any sampling factors (A.2.2).
            let (horizontal, vertical) = if count == 1 { (1, 1) } else { (part[1] >> 4, part[1] & 15) };
            if !(1..=4).contains(&horizontal) || !(1..=4).contains(&vertical) || part[0] != selector[0] {
                return None;
            }
            let table = |class: usize, number: u8| self.huffman[class].get(usize::from(number))?.as_ref();
            let (dc, ac) = (table(0, selector[1] >> 4)?, table(1, selector[1] & 15)?);
            let written = DcTable::new(dc).ok()?;
            recodes_dc |= !written.is_complete();
            blocks.extend((0..horizontal * vertical).map(|block| (index, block == 0)));
            components.push(Component {
                dc: Table::new(dc).ok()?,
                ac: Table::new(ac).ok()?,
                written,
                sampling: (horizontal.into(), vertical.into()),
            });
        }
        if recodes_dc {
            let standard = DcTable::new(&Definition::standard_dc()).ok()?;
            components.iter_mut().for_each(|component| component.written = standard.clone());
        }
        let unit = |side: fn(&Component) -> u32| 8 * components.iter().map(side).max().unwrap_or(1);
        let unit = Size::new(unit(|component| component.sampling.0), unit(|component| component.sampling.1));
        let luma = (*self.tables.get(usize::from(parts[2]))?)?;
        let ids: Vec<u8> = parts.iter().step_by(3).copied().collect();
        let is_rgb = count == 3
            && !self.has_jfif
            && (self.adobe_transform == Some(0) || self.adobe_transform.is_none() && ids == *b"RGB");
        let Segments { restart_interval, quantisation, huffman, frame, .. } = self;
        (blocks.len() <= MAX_BLOCKS).then_some(Header {
            size,
            unit,
            restart_interval,
            components,
            blocks,
            recodes_dc,
            is_rgb,
            quantisation,
            luma,
            huffman,
            frame,
            scan,
        })
    }
}
