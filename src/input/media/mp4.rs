//! ISO base media files (ISO/IEC 14496-12): MP4, M4A, M4V, MOV. Only `moov` is read.

use super::{Refused, seconds, unreadable};
use crate::model::geometry::Size;
use crate::model::{RecordingHeader, RecordingKind};
use std::io::{Read, Seek, SeekFrom};

/// A header with more boxes is refused; recordings have a few dozen.
const MAX_BOXES: u32 = 20_000;

/// Reads `moov`, at any place in the file.
pub fn probe<R: Read + Seek>(file: &mut R) -> Result<RecordingHeader, Refused> {
    let end = file.seek(SeekFrom::End(0)).map_err(|error| unreadable(&error))?;
    let mut walk = Walk { file, boxes: 0, found: Found::default() };
    walk.within(0, end, b"file")?;
    let Found { is_media, movie, fragments, video, has_sound } = walk.found;
    if !is_media {
        return Err("this is no MP4".to_owned());
    }
    let kind = match (video, has_sound) {
        (Some(_), _) => RecordingKind::Video,
        (None, true) => RecordingKind::Sound,
        (None, false) => return Err("it has neither a track of sound nor one of video".to_owned()),
    };
    let ticks = movie.map(|(timescale, duration)| (timescale, duration.max(fragments)));
    let duration = ticks.and_then(|(timescale, duration)| seconds(duration as f64 / f64::from(timescale)));
    Ok(RecordingHeader { kind, duration, size: video.flatten() })
}

#[derive(Default)]
struct Found {
    /// Whether it has a box that only such files have.
    is_media: bool,
    /// Ticks a second, and the number of ticks.
    movie: Option<(u32, u64)>,
    /// Ticks of a file in fragments.
    fragments: u64,
    /// The first track of video, with its size.
    video: Option<Option<Size>>,
    has_sound: bool,
}

struct Walk<'a, R> {
    file: &'a mut R,
    boxes: u32,
    found: Found,
}

impl<R: Read + Seek> Walk<'_, R> {
    /// Reads the boxes from `at` to `end` in a box of the kind `above`. Boxes are nested three deep at most.
    fn within(&mut self, mut at: u64, end: u64, above: &[u8; 4]) -> Result<(), Refused> {
        let mut track = Track::default();
        while end.saturating_sub(at) >= 8 {
            self.boxes += 1;
            if self.boxes > MAX_BOXES {
                return Err("its header has no end".to_owned());
            }
            let (kind, body, next) = self.head(at, end)?;
            match (above, &kind) {
                (b"file", b"ftyp") => self.found.is_media = true,
                (b"file", b"moov") => {
                    self.found.is_media = true;
                    self.within(body, next, b"moov")?;
                }
                (b"moov", b"trak") => self.within(body, next, b"trak")?,
                (b"moov", b"mvex") => self.within(body, next, b"mvex")?,
                (b"trak", b"mdia") => track.handler = self.handler(body, next)?,
                (b"trak", b"tkhd") => track.size = self.track_size(body, next)?,
                (b"moov", b"mvhd") => self.found.movie = self.movie(body)?,
                (b"mvex", b"mehd") => self.found.fragments = self.fragments(body)?,
                _ => {}
            }
            at = next;
        }
        match &track.handler {
            b"vide" => drop(self.found.video.get_or_insert(track.size)),
            b"soun" => self.found.has_sound = true,
            _ => {}
        }
        Ok(())
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
        let mut bytes = [0; N];
        let read = self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.read_exact(&mut bytes));
        read.map(|()| bytes).map_err(|error| unreadable(&error))
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

    fn fragments(&mut self, body: u64) -> Result<u64, Refused> {
        self.long(body, [4, 4])
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

    /// The handler of a track: `vide`, `soun` …
    fn handler(&mut self, mut at: u64, end: u64) -> Result<[u8; 4], Refused> {
        while end.saturating_sub(at) >= 8 {
            self.boxes += 1;
            if self.boxes > MAX_BOXES {
                break;
            }
            let (kind, body, next) = self.head(at, end)?;
            if &kind == b"hdlr" {
                return self.bytes(body + 8);
            }
            at = next;
        }
        Ok([0; 4])
    }
}

/// The contents of a `trak`.
#[derive(Default)]
struct Track {
    handler: [u8; 4],
    size: Option<Size>,
}
