//! ISO base media files (ISO/IEC 14496-12): MP4, M4A, M4V, MOV. `moov` is read, and the heads of fragments (`moof`), which the
//! length of a file that was written as a stream is only known from.

mod fragments;

use super::reader::Reader;
use super::{Refused, seconds};
use crate::model::geometry::Size;
use crate::model::{RecordingHeader, RecordingKind};
use fragments::Fragments;
use std::io::{Read, Seek};

/// A header with more boxes is refused; recordings have a few dozen.
const MAX_BOXES: u32 = 20_000;

/// The same for the boxes of fragments. A fragment has about eight, and seldom less than a second.
const MAX_FRAGMENT_BOXES: u32 = 5_000_000;

/// Reads `moov`, at any place in the file.
pub fn probe<R: Read + Seek>(file: R) -> Result<RecordingHeader, Refused> {
    let file = Reader::new(file)?;
    let end = file.len();
    let mut walk = Walk { file, boxes: 0, fragment_boxes: 0, found: Found::default() };
    walk.within(0, end, b"file")?;
    let Found { is_media, movie, stated, fragments, video, has_sound } = walk.found;
    if !is_media {
        return Err("this is no MP4".to_owned());
    }
    let kind = match (video, has_sound) {
        (Some(_), _) => RecordingKind::Video,
        (None, true) => RecordingKind::Sound,
        (None, false) => return Err("it has neither a track of sound nor one of video".to_owned()),
    };
    let in_header = movie.map(|(timescale, duration)| duration.max(stated) as f64 / f64::from(timescale));
    let duration = seconds(in_header.unwrap_or_default().max(fragments.seconds()));
    Ok(RecordingHeader { kind, duration, size: video.flatten() })
}

#[derive(Default)]
struct Found {
    /// Whether it has a box that only such files have.
    is_media: bool,
    /// Ticks a second, and the number of ticks.
    movie: Option<(u32, u64)>,
    /// Ticks of a file in fragments, if its header states them.
    stated: u64,
    fragments: Fragments,
    /// The first track of video, with its size.
    video: Option<Option<Size>>,
    has_sound: bool,
}

struct Walk<R> {
    file: Reader<R>,
    boxes: u32,
    fragment_boxes: u32,
    found: Found,
}

impl<R: Read + Seek> Walk<R> {
    /// Reads the boxes from `at` to `end` in a box of the kind `above`. Boxes are nested three deep at most.
    fn within(&mut self, mut at: u64, end: u64, above: &[u8; 4]) -> Result<(), Refused> {
        let mut track = Track::default();
        while end.saturating_sub(at) >= 8 {
            let (kind, body, next) = self.head(at, end)?;
            self.count(above, &kind)?;
            match (above, &kind) {
                (b"file", b"ftyp") => self.found.is_media = true,
                (b"file", b"moov") => {
                    self.found.is_media = true;
                    self.within(body, next, b"moov")?;
                }
                (b"moov", b"trak") => self.within(body, next, b"trak")?,
                (b"moov", b"mvex") => self.within(body, next, b"mvex")?,
                (b"file", b"moof") => self.within(body, next, b"moof")?,
                (b"moof", b"traf") => self.within(body, next, b"traf")?,
                // The last fragment may be cut off.
                (b"traf", _) => drop(self.found.fragments.read(&mut self.file, &kind, body, next)),
                (b"trak", b"mdia") => self.media(body, next, &mut track)?,
                (b"trak", b"tkhd") => {
                    track.size = self.track_size(body, next)?;
                    track.id = self.track_id(body)?;
                }
                (b"moov", b"mvhd") => self.found.movie = self.movie(body)?,
                (b"mvex", b"mehd") => self.found.stated = self.long(body, [4, 4])?,
                (b"mvex", b"trex") => drop(self.found.fragments.read(&mut self.file, &kind, body, next)),
                _ => {}
            }
            at = next;
        }
        match &track.handler {
            b"vide" => drop(self.found.video.get_or_insert(track.size)),
            b"soun" => self.found.has_sound = true,
            _ => {}
        }
        if track.timescale > 0 {
            self.found.fragments.add_track(track.id, track.timescale);
        }
        Ok(())
    }

    /// Counts a box, and gives up a file that has too many.
    fn count(&mut self, above: &[u8; 4], kind: &[u8; 4]) -> Result<(), Refused> {
        let is_of_fragment =
            matches!((above, kind), (b"moof" | b"traf", _) | (b"file", b"moof" | b"mdat" | b"styp" | b"sidx"));
        let (count, limit) = match is_of_fragment {
            true => (&mut self.fragment_boxes, MAX_FRAGMENT_BOXES),
            false => (&mut self.boxes, MAX_BOXES),
        };
        *count += 1;
        if *count > limit { Err("its header has no end".to_owned()) } else { Ok(()) }
    }

    /// The kind of the box at `at`, where its body begins, and where it ends.
    fn head(&mut self, at: u64, end: u64) -> Result<([u8; 4], u64, u64), Refused> {
        let [a, b, c, d, kind @ ..] = self.bytes::<8>(at)?;
        let (body, size) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (at + 8, end - at),
            1 => (at + 16, u64::from_be_bytes(self.bytes(at + 8)?)),
            size => (at + 8, u64::from(size)),
        };
        // The last box of a file that was cut off may be longer than the file.
        let next = at.saturating_add(size).min(end);
        if next < body {
            return Err("its header is damaged".to_owned());
        }
        Ok((kind, body, next))
    }

    fn bytes<const N: usize>(&mut self, at: u64) -> Result<[u8; N], Refused> {
        self.file.bytes(at)
    }

    fn number(&mut self, at: u64) -> Result<u32, Refused> {
        Ok(u32::from_be_bytes(self.bytes(at)?))
    }

    /// The number at one of two offsets in the box at `body`: of 32 bits in version 0, of 64 bits in version 1. A
    /// number of all ones means unknown; 0 is returned for it.
    fn long(&mut self, body: u64, at: [u64; 2]) -> Result<u64, Refused> {
        let [of_version_0, of_version_1] = at;
        let value = match self.bytes::<1>(body)? {
            [1] => u64::from_be_bytes(self.bytes(body + of_version_1)?),
            _ => match self.number(body + of_version_0)? {
                u32::MAX => u64::MAX,
                value => u64::from(value),
            },
        };
        Ok(if value == u64::MAX { 0 } else { value })
    }

    fn movie(&mut self, body: u64) -> Result<Option<(u32, u64)>, Refused> {
        let at = if self.bytes::<1>(body)? == [1] { 20 } else { 12 };
        let timescale = self.number(body + at)?;
        let duration = self.long(body, [16, 24])?;
        Ok((timescale > 0).then_some((timescale, duration)))
    }

    fn track_id(&mut self, body: u64) -> Result<u32, Refused> {
        let at = if self.bytes::<1>(body)? == [1] { 20 } else { 12 };
        self.number(body + at)
    }

    /// The width and height at the end of `tkhd`, in 16.16. The matrix before them may turn the picture.
    fn track_size(&mut self, body: u64, end: u64) -> Result<Option<Size>, Refused> {
        if end.saturating_sub(body) < 44 {
            return Ok(None);
        }
        let (width, height) = (self.number(end - 8)? >> 16, self.number(end - 4)? >> 16);
        let is_turned = self.number(end - 44)? == 0 && self.number(end - 28)? == 0;
        let size = Size::new(width, height);
        Ok((width > 0 && height > 0).then_some(if is_turned { size.transposed() } else { size }))
    }

    /// The handler of a track (`vide`, `soun` …), and its ticks a second.
    fn media(&mut self, mut at: u64, end: u64, track: &mut Track) -> Result<(), Refused> {
        while end.saturating_sub(at) >= 8 {
            let (kind, body, next) = self.head(at, end)?;
            self.count(b"mdia", &kind)?;
            match &kind {
                b"hdlr" => track.handler = self.bytes(body + 8)?,
                b"mdhd" => {
                    let at = if self.bytes::<1>(body)? == [1] { 20 } else { 12 };
                    track.timescale = self.number(body + at)?;
                }
                _ => {}
            }
            at = next;
        }
        Ok(())
    }
}

/// The contents of a `trak`.
#[derive(Default)]
struct Track {
    handler: [u8; 4],
    size: Option<Size>,
    id: u32,
    /// Ticks a second.
    timescale: u32,
}
