//! WebM and Matroska (RFC 9559, in EBML, RFC 8794): `Info` and `Tracks` of the first segment. If they state no length, as in what
//! a browser records, the times of all blocks are read.

use super::reader::Reader;
use super::{Refused, seconds};
use crate::model::geometry::Size;
use crate::model::{RecordingHeader, RecordingKind};
use std::io::{Read, Seek};

/// A file with more elements before the end of its header is refused.
const MAX_ELEMENTS: u32 = 100_000;

/// The same for the blocks of a file whose header states no length. An hour of video with sound has about 300,000.
const MAX_BLOCKS: u32 = 20_000_000;

const EBML: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x2a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const DISPLAY_WIDTH: u32 = 0x54b0;
const DISPLAY_HEIGHT: u32 = 0x54ba;
const DISPLAY_UNIT: u32 = 0x54b2;
const CLUSTER: u32 = 0x1f43_b675;
const TIMESTAMP: u32 = 0xe7;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;

/// Reads until the length and the tracks are known.
pub fn probe<R: Read + Seek>(file: R) -> Result<RecordingHeader, Refused> {
    let file = Reader::new(file)?;
    let end = file.len();
    let mut walk = Walk { file, elements: 0, blocks: 0, found: Found { scale: 1_000_000, ..Found::default() } };
    walk.within(0, end, 0)?;
    let from_blocks = walk.found.times.map(|[first, last]| last.saturating_sub(first) as f64);
    let Found { is_ebml, scale, ticks, has_sound, has_video, pixels, display, display_unit, .. } = walk.found;
    if !is_ebml {
        return Err("this is no WebM".to_owned());
    }
    let kind = match (has_video, has_sound) {
        (true, _) => RecordingKind::Video,
        (false, true) => RecordingKind::Sound,
        (false, false) => return Err("it has neither a track of sound nor one of video".to_owned()),
    };
    let duration = ticks.or(from_blocks).and_then(|ticks| seconds(ticks * scale as f64 / 1e9));
    let size = |[width, height]: [u32; 2]| (width > 0 && height > 0).then_some(Size::new(width, height));
    let shown = size(display).filter(|_| display_unit == 0);
    Ok(RecordingHeader { kind, duration, size: shown.or(size(pixels)).filter(|_| has_video) })
}

#[derive(Default)]
struct Found {
    is_ebml: bool,
    /// Nanoseconds a tick.
    scale: u64,
    ticks: Option<f64>,
    has_sound: bool,
    has_video: bool,
    /// Width and height.
    pixels: [u32; 2],
    display: [u32; 2],
    /// Zero: pixels.
    display_unit: u64,
    has_info: bool,
    has_tracks: bool,
    /// Ticks at which the current cluster begins.
    cluster: u64,
    /// Ticks of the first block and of the last.
    times: Option<[u64; 2]>,
}

struct Walk<R> {
    file: Reader<R>,
    elements: u32,
    blocks: u32,
    found: Found,
}

/// An element's id, where its body begins, and where it ends.
struct Element {
    id: u32,
    body: u64,
    end: u64,
}

impl<R: Read + Seek> Walk<R> {
    /// Reads the elements from `at` to `end` in an element with the id `above` (0: the file). They are nested four deep.
    fn within(&mut self, mut at: u64, end: u64, above: u32) -> Result<(), Refused> {
        while at < end && !self.is_complete() {
            let read = self.element(at, end).and_then(|element| {
                self.count(&element)?;
                self.read(&element, above)?;
                Ok(element)
            });
            at = match read {
                // Clusters and groups of blocks have only what stands nowhere else, and may have no end.
                Ok(Element { id: CLUSTER | BLOCK_GROUP, body, .. }) => body,
                Ok(element) => element.end,
                // The recording was cut off.
                Err(_) if self.found.times.is_some() => return Ok(()),
                Err(why) => return Err(why),
            };
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.found.has_info && self.found.has_tracks && self.found.ticks.is_some()
    }

    /// Counts an element, and gives up a file that has too many.
    fn count(&mut self, element: &Element) -> Result<(), Refused> {
        let is_of_block = matches!(element.id, CLUSTER | TIMESTAMP | SIMPLE_BLOCK | BLOCK_GROUP | BLOCK);
        let (count, limit) = match is_of_block {
            true => (&mut self.blocks, MAX_BLOCKS),
            false => (&mut self.elements, MAX_ELEMENTS),
        };
        *count += 1;
        if *count > limit { Err("its header has no end".to_owned()) } else { Ok(()) }
    }

    /// Notes the time of the block that begins at `at`: a track number, then 16 bits of time since the cluster's.
    fn block(&mut self, at: u64) -> Result<(), Refused> {
        let (_, length) = self.variable(at, 8, false)?;
        let since = i64::from(i16::from_be_bytes(self.file.bytes(at + length)?));
        let time = self.found.cluster.saturating_add_signed(since);
        let [first, last] = self.found.times.unwrap_or([time; 2]);
        self.found.times = Some([first.min(time), last.max(time)]);
        Ok(())
    }

    fn read(&mut self, element: &Element, above: u32) -> Result<(), Refused> {
        let Element { id, body, end } = *element;
        match (above, id) {
            (0, EBML) => self.found.is_ebml = true,
            (0, SEGMENT) | (TRACKS, TRACK_ENTRY) | (TRACK_ENTRY, VIDEO) => self.within(body, end, id)?,
            (SEGMENT, INFO) => {
                self.within(body, end, id)?;
                self.found.has_info = true;
            }
            (SEGMENT, TRACKS) => {
                self.within(body, end, id)?;
                self.found.has_tracks = true;
            }
            (SEGMENT, TIMESTAMP) => self.found.cluster = self.unsigned(element)?,
            (SEGMENT, SIMPLE_BLOCK | BLOCK) => self.block(body)?,
            (INFO, TIMESTAMP_SCALE) => self.found.scale = self.unsigned(element)?,
            (INFO, DURATION) => self.found.ticks = Some(self.float(element)?),
            (TRACK_ENTRY, TRACK_TYPE) => match self.unsigned(element)? {
                1 => self.found.has_video = true,
                2 => self.found.has_sound = true,
                _ => {}
            },
            (VIDEO, PIXEL_WIDTH) => self.found.pixels[0] = self.side(element)?,
            (VIDEO, PIXEL_HEIGHT) => self.found.pixels[1] = self.side(element)?,
            (VIDEO, DISPLAY_WIDTH) => self.found.display[0] = self.side(element)?,
            (VIDEO, DISPLAY_HEIGHT) => self.found.display[1] = self.side(element)?,
            (VIDEO, DISPLAY_UNIT) => self.found.display_unit = self.unsigned(element)?,
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, at: u64, end: u64) -> Result<Element, Refused> {
        let (id, id_length) = self.variable(at, 4, true)?;
        let (size, size_length) = self.variable(at + id_length, 8, false)?;
        let body = at + id_length + size_length;
        // All ones: up to the end of the element around it.
        let is_unknown = size == (1 << (7 * size_length)) - 1;
        let own_end = if is_unknown { end } else { body.saturating_add(size).min(end) };
        match own_end < body {
            true => Err("its header is damaged".to_owned()),
            false => Ok(Element { id: u32::try_from(id).unwrap_or_default(), body, end: own_end }),
        }
    }

    /// A number of variable length (RFC 8794, section 4) and its length in bytes; an id keeps its marker.
    fn variable(&mut self, at: u64, longest: u32, keeps_marker: bool) -> Result<(u64, u64), Refused> {
        let first = u64::from(self.bytes(at, 1)?[7]);
        let length = (first as u8).leading_zeros() + 1;
        if length > longest {
            return Err("its header is damaged".to_owned());
        }
        let bytes = u64::from_be_bytes(self.bytes(at, length as usize)?);
        let marker = 1_u64 << (7 * length);
        Ok((if keeps_marker { bytes } else { bytes & (marker - 1) }, u64::from(length)))
    }

    /// `count` bytes (at most 8), with zeros before them to make 8.
    fn bytes(&mut self, at: u64, count: usize) -> Result<[u8; 8], Refused> {
        let mut bytes = [0; 8];
        self.file.fill(at, bytes.get_mut(8_usize.saturating_sub(count)..).unwrap_or_default())?;
        Ok(bytes)
    }

    fn unsigned(&mut self, element: &Element) -> Result<u64, Refused> {
        match element.end - element.body {
            length @ 0..=8 => Ok(u64::from_be_bytes(self.bytes(element.body, length as usize)?)),
            _ => Err("its header is damaged".to_owned()),
        }
    }

    fn side(&mut self, element: &Element) -> Result<u32, Refused> {
        u32::try_from(self.unsigned(element)?).map_err(|_| "its header is damaged".to_owned())
    }

    fn float(&mut self, element: &Element) -> Result<f64, Refused> {
        let bits = self.unsigned(element)?;
        Ok(if element.end - element.body == 4 { f64::from(f32::from_bits(bits as u32)) } else { f64::from_bits(bits) })
    }
}
