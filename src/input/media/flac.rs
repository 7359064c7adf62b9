//! The length of FLAC (RFC 9639) by its last frames. The header of a file that was written as a stream states none, and that of a
//! file that was cut off states too much.

use super::Refused;
use super::reader::Reader;
use std::io::{Read, Seek};

/// The end of a file in which its last frames are looked for. A frame of two channels has about 15 kB.
const TAIL: u64 = 256 << 10;

/// A frame, by its header.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Frame {
    /// The number of the frame, or that of its first sample.
    number: u64,
    is_counted_in_samples: bool,
    samples: u64,
}

impl Frame {
    fn end(self) -> u64 {
        let first = if self.is_counted_in_samples { self.number } else { self.number.saturating_mul(self.samples) };
        first.saturating_add(self.samples)
    }

    fn follows(self, before: Frame) -> bool {
        let expected = if self.is_counted_in_samples { before.end() } else { before.number + 1 };
        self.is_counted_in_samples == before.is_counted_in_samples && self.number == expected
    }
}

/// Seconds up to the end of the last frame. `None`: no frame can be told from other bytes. `stated`: of the header.
pub fn seconds<R: Read + Seek>(reader: &mut Reader<R>, rate: u32, stated: f64) -> Result<f64, Refused> {
    let length = TAIL.min(reader.len());
    let mut tail = vec![0; length as usize];
    reader.fill(reader.len() - length, &mut tail)?;
    let Some(samples) = last_sample(&tail).filter(|_| rate > 0) else { return Ok(stated) };
    let found = samples as f64 / f64::from(rate);
    // The last frame may be shorter than those before it, which makes its number count for less.
    Ok(if (found - stated).abs() > 1.0 { found } else { stated })
}

/// The end of the last frame that follows another one. A block of another length in the middle does not count.
fn last_sample(tail: &[u8]) -> Option<u64> {
    let (mut before, mut usual, mut last) = (None::<Frame>, 0, None);
    for at in 0..tail.len() {
        let Some(frame) = header(&tail[at..]) else { continue };
        if before.is_some_and(|before| frame.follows(before)) {
            usual = usual.max(before.map_or(0, |before| before.samples));
            let first = if frame.is_counted_in_samples { frame.number } else { frame.number.saturating_mul(usual) };
            last = Some(first.saturating_add(frame.samples));
        }
        before = Some(frame);
    }
    last
}

/// Reads the header of a frame (section 9.1), with its checksum.
fn header(bytes: &[u8]) -> Option<Frame> {
    let [0xff, sync, sizes, channels, ..] = *bytes else { return None };
    if sync & 0xfe != 0xf8 || channels & 1 != 0 || channels >> 4 > 10 {
        return None;
    }
    let (number, mut at) = coded_number(bytes.get(4..)?)?;
    at += 4;
    let mut take = |count: usize| {
        let taken = bytes.get(at..at + count)?;
        at += count;
        Some(taken.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    let samples = match sizes >> 4 {
        1 => 192,
        place @ 2..=5 => 144 << place,
        6 => take(1)? + 1,
        7 => take(2)? + 1,
        place @ 8..=15 => 1 << place,
        _ => return None,
    };
    match sizes & 15 {
        12 => drop(take(1)?),
        13 | 14 => drop(take(2)?),
        15 => return None,
        _ => {}
    }
    let is_whole = *bytes.get(at)? == crc8(&bytes[..at]);
    is_whole.then_some(Frame { number, is_counted_in_samples: sync & 1 == 1, samples })
}

/// A number as in UTF-8, extended to 36 bits (section 9.1.5), and its length in bytes.
fn coded_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = match first.leading_ones() {
        0 => return Some((u64::from(first), 1)),
        ones @ 2..=7 => ones as usize,
        _ => return None,
    };
    let value = u64::from(first) & (0x7f >> length);
    let rest = bytes.get(1..length)?;
    let is_sound = rest.iter().all(|byte| byte & 0xc0 == 0x80);
    is_sound.then(|| (rest.iter().fold(value, |sum, byte| sum << 6 | u64::from(byte & 0x3f)), length))
}

/// With the polynomial x^8 + x^2 + x + 1.
fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ byte, |sum: u8, _| if sum & 0x80 != 0 { sum << 1 ^ 7 } else { sum << 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn frame(number: u32, is_last: bool) -> Vec<u8> {
        // 4096 samples, or 1000 at the end; two bytes of the number.
        let number = [0xc0 | (number >> 6) as u8, 0x80 | (number & 0x3f) as u8];
        let mut frame = [[0xff, 0xf8, if is_last { 0x79 } else { 0xc9 }, 0x18].as_slice(), &number].concat();
        frame.extend(if is_last { vec![3, 231] } else { vec![] });
        frame.push(crc8(&frame));
        frame.extend([0x55; 200]);
        frame
    }

    #[test]
    fn the_last_frame_tells_the_length() {
        let stream: Vec<u8> = (0..1000).flat_map(|number| frame(number, number == 999)).collect();
        let file = [b"fLaC".as_slice(), &stream].concat();
        let length =
            |file: &[u8], stated| seconds(&mut Reader::new(Cursor::new(file)).unwrap(), 44_100, stated).unwrap();
        let expected = f64::from(999 * 4096 + 1000) / 44_100.0;
        assert!((length(&file, 0.0) - expected).abs() < 1e-9);
        assert!((length(&file[..file.len() / 2], expected) - expected / 2.0).abs() < 1.0);
        assert_eq!(length(b"fLaC\0\0", 60.25), 60.25);
        assert_eq!(length(&[0xff, 0xf8].repeat(10_000), 3.0), 3.0);
    }
}
