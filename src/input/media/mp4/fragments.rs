//! The times of the fragments of a file: `trex`, `tfhd`, `tfdt` and `trun` (ISO/IEC 14496-12, section 8.8).

use super::super::Refused;
use super::super::reader::Reader;
use std::collections::BTreeMap;
use std::io::{Read, Seek};

/// Most tracks of a file.
const MAX_TRACKS: usize = 1000;

/// See the [module](self).
#[derive(Default)]
pub struct Fragments {
    tracks: BTreeMap<u32, Track>,
    /// The track of the current `traf`, and the ticks of its samples that do not state their own.
    current: (u32, u32),
}

#[derive(Default)]
struct Track {
    /// Ticks a second.
    timescale: u32,
    /// Ticks of a sample.
    default: u32,
    /// Where the first fragment begins.
    start: Option<u64>,
    /// Where the last one ends.
    end: u64,
}

impl Fragments {
    pub fn add_track(&mut self, id: u32, timescale: u32) {
        self.track(id).timescale = timescale;
    }

    /// Seconds of the longest track.
    pub fn seconds(&self) -> f64 {
        let tracks = self.tracks.values().filter(|track| track.timescale > 0);
        let seconds = tracks
            .map(|track| track.end.saturating_sub(track.start.unwrap_or_default()) as f64 / f64::from(track.timescale));
        seconds.fold(0.0, f64::max)
    }

    /// Reads a box of the kind `kind` from `body` to `end`. Of other kinds nothing is read.
    pub fn read<R: Read + Seek>(
        &mut self,
        file: &mut Reader<R>,
        kind: &[u8; 4],
        body: u64,
        end: u64,
    ) -> Result<(), Refused> {
        let flags = u32::from_be_bytes(file.bytes(body)?);
        let number = |file: &mut Reader<R>, at: u64| file.bytes(at).map(u32::from_be_bytes);
        match kind {
            b"trex" => {
                let id = number(file, body + 4)?;
                self.track(id).default = number(file, body + 12)?;
            }
            b"tfhd" => {
                let id = number(file, body + 4)?;
                let before = if flags & 1 != 0 { 8 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
                let own = if flags & 8 != 0 { number(file, body + 8 + before)? } else { self.track(id).default };
                self.current = (id, own);
            }
            b"tfdt" => {
                let is_long = flags >> 24 == 1;
                let at = if is_long {
                    u64::from_be_bytes(file.bytes(body + 4)?)
                } else {
                    u64::from(number(file, body + 4)?)
                };
                let track = self.track(self.current.0);
                track.start.get_or_insert(at);
                track.end = at;
            }
            b"trun" => {
                let ticks = self.ticks_of_run(file, flags, body, end)?;
                let track = self.track(self.current.0);
                track.start.get_or_insert(0);
                track.end = track.end.saturating_add(ticks);
            }
            _ => {}
        }
        Ok(())
    }

    fn ticks_of_run<R: Read + Seek>(
        &self,
        file: &mut Reader<R>,
        flags: u32,
        body: u64,
        end: u64,
    ) -> Result<u64, Refused> {
        let count = u64::from(u32::from_be_bytes(file.bytes(body + 4)?));
        if flags & 0x100 == 0 {
            return Ok(count * u64::from(self.current.1));
        }
        let entry = 4 * u64::from((flags >> 8 & 15).count_ones());
        let first = body + 8 + 4 * u64::from((flags & 5).count_ones());
        let there = count.min(end.saturating_sub(first) / entry);
        (0..there).try_fold(0, |sum, place| {
            let ticks = u32::from_be_bytes(file.bytes(first + place * entry)?);
            Ok(sum + u64::from(ticks))
        })
    }

    /// A file with more tracks than there can be has its last ones read as one.
    fn track(&mut self, id: u32) -> &mut Track {
        let id =
            if self.tracks.len() < MAX_TRACKS { id } else { self.tracks.keys().next_back().copied().unwrap_or(id) };
        self.tracks.entry(id).or_default()
    }
}
