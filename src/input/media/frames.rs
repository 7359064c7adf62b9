//! Lengths of streams of frames, found by going from frame to frame: MPEG audio (ISO/IEC 11172-3 and 13818-3), which is MP3, and
//! AAC in ADTS (ISO/IEC 13818-7). Their frames may have any bit rate, so that the size of a file tells nothing.

use super::Refused;
use super::reader::Reader;
use std::io::{Read, Seek};

/// A frame, by its header.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// In bytes, with its header.
    pub length: u64,
    /// For each channel.
    pub samples: u32,
    /// Samples a second.
    pub rate: u32,
}

/// Reads the header of a frame. `None`: these bytes begin no frame.
pub type ReadHeader = fn(&[u8; HEADER]) -> Option<Frame>;

/// The bytes that a header is read from.
pub const HEADER: usize = 7;

/// Seconds of all frames, with what is between them left out, such as tags.
pub fn seconds<R: Read + Seek>(reader: &mut Reader<R>, read: ReadHeader) -> Result<f64, Refused> {
    let (mut at, mut seconds, mut is_in_step) = (0, 0.0, false);
    while let Some(header) = peek(reader, at)? {
        if let Some(size) = tag_size(reader, at, &header)? {
            at += size;
            is_in_step = false;
            continue;
        }
        let frame = read(&header).filter(|frame| at + frame.length <= reader.len());
        match frame {
            Some(frame) if is_in_step || is_followed(reader, at + frame.length, read, frame)? => {
                seconds += f64::from(frame.samples) / f64::from(frame.rate);
                at += frame.length;
                is_in_step = true;
            }
            _ => {
                at += 1;
                is_in_step = false;
            }
        }
    }
    Ok(seconds)
}

/// Where the first frame is. `None`: there is none near the beginning.
pub fn first<R: Read + Seek>(reader: &mut Reader<R>, read: ReadHeader) -> Result<Option<(u64, Frame)>, Refused> {
    let mut at = 0;
    let mut left = 64_u32 << 10;
    while let Some(header) = peek(reader, at)?.filter(|_| left > 0) {
        left -= 1;
        if let Some(size) = tag_size(reader, at, &header)? {
            at += size;
            continue;
        }
        match read(&header) {
            Some(frame) if is_followed(reader, at + frame.length, read, frame)? => return Ok(Some((at, frame))),
            _ => at += 1,
        }
    }
    Ok(None)
}

/// The bytes at `at`, with zeros behind the end of the file. `None`: the file ends there.
fn peek<R: Read + Seek>(reader: &mut Reader<R>, at: u64) -> Result<Option<[u8; HEADER]>, Refused> {
    let left = reader.len().saturating_sub(at).min(HEADER as u64) as usize;
    let mut header = [0; HEADER];
    reader.fill(at.min(reader.len()), &mut header[..left])?;
    Ok((left > 0).then_some(header))
}

/// What looks like a frame among other bytes is one if another of its kind, or the end, follows it.
fn is_followed<R: Read + Seek>(
    reader: &mut Reader<R>,
    at: u64,
    read: ReadHeader,
    before: Frame,
) -> Result<bool, Refused> {
    let Some(header) = peek(reader, at)? else { return Ok(at == reader.len()) };
    let is_alike = read(&header).is_some_and(|frame| (frame.samples, frame.rate) == (before.samples, before.rate));
    Ok(is_alike || header.starts_with(b"TAG") || header.starts_with(b"ID3") || header.starts_with(b"APETAG"))
}

/// The size of an ID3v2 tag at `at` (ID3v2.4, section 3.1), whose pictures may look like frames.
fn tag_size<R: Read + Seek>(reader: &mut Reader<R>, at: u64, header: &[u8; HEADER]) -> Result<Option<u64>, Refused> {
    if !header.starts_with(b"ID3") || reader.len() - at < 10 {
        return Ok(None);
    }
    let size = reader.bytes::<4>(at + 6)?;
    let is_size = size.iter().all(|byte| *byte < 128);
    Ok(is_size.then(|| 10 + size.iter().fold(0, |sum, byte| sum << 7 | u64::from(*byte))))
}

/// Kilobits a second of MPEG-1 by layer, then of MPEG-2: layer I, and layers II and III.
const BIT_RATES: [[u32; 14]; 5] = [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/// The header of MPEG audio.
pub fn mpeg(header: &[u8; HEADER]) -> Option<Frame> {
    let [sync, b, c, ..] = *header;
    if sync != 0xff || b & 0xe0 != 0xe0 {
        return None;
    }
    let (is_first, halvings) = match b >> 3 & 3 {
        0 => (false, 2),
        2 => (false, 1),
        3 => (true, 0),
        _ => return None,
    };
    let layer = [None, Some(3), Some(2), Some(1)][usize::from(b >> 1 & 3)]?;
    let table = match (is_first, layer) {
        (true, layer) => layer - 1,
        (false, 1) => 3,
        (false, _) => 4,
    };
    let bits = 1000 * BIT_RATES[table].get(usize::from(c >> 4).checked_sub(1)?)?;
    let rate = [44_100, 48_000, 32_000].get(usize::from(c >> 2 & 3))? >> halvings;
    let padding = u32::from(c >> 1 & 1);
    let (samples, length) = match layer {
        1 => (384, (12 * bits / rate + padding) * 4),
        3 if !is_first => (576, 72 * bits / rate + padding),
        _ => (1152, 144 * bits / rate + padding),
    };
    Some(Frame { length: u64::from(length), samples, rate })
}

const ADTS_RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];

/// The header of AAC in ADTS.
pub fn adts(header: &[u8; HEADER]) -> Option<Frame> {
    let [sync, b, c, d, e, f, g] = *header;
    if sync != 0xff || b & 0xf6 != 0xf0 {
        return None;
    }
    let rate = *ADTS_RATES.get(usize::from(c >> 2 & 15))?;
    let length = u64::from(d & 3) << 11 | u64::from(e) << 3 | u64::from(f) >> 5;
    (length >= HEADER as u64).then(|| Frame { length, samples: 1024 * (u32::from(g & 3) + 1), rate })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Frames of MPEG-1 layer III, 44.1 kHz, of these bit rates by their place in the table.
    fn mp3(rates: impl Iterator<Item = u8>) -> Vec<u8> {
        let frame = |rate: u8| {
            let header = [0xff, 0xfb, rate << 4, 0xc0, 0, 0, 0];
            let mut frame = header.to_vec();
            frame.resize(mpeg(&header).unwrap().length as usize, 0);
            frame
        };
        rates.flat_map(frame).collect()
    }

    fn length(bytes: &[u8], read: ReadHeader) -> f64 {
        seconds(&mut Reader::new(Cursor::new(bytes)).unwrap(), read).unwrap()
    }

    #[test]
    fn frames_of_any_bit_rate_are_counted() {
        let frames = 100.0 * 1152.0 / 44_100.0;
        let stream = mp3((0..100).map(|place| 1 + place % 14));
        assert!((length(&stream, mpeg) - frames).abs() < 1e-9);
        let tag = [b"ID3\x04\0\0\0\0\x02\0".as_slice(), &[0xff, 0xfb, 0x90, 0xc0].repeat(64)].concat();
        let with_tags = [&tag, &stream, b"TAG".as_slice(), &[0xff; 125]].concat();
        assert!((length(&with_tags, mpeg) - frames).abs() < 1e-9);
        assert!((length(&[&with_tags[..], &with_tags].concat(), mpeg) - 2.0 * frames).abs() < 1e-9);
        assert!((length(&stream[..stream.len() - 10], mpeg) - frames).abs() < 0.1);
    }

    #[test]
    fn each_kind_of_frame_has_its_length() {
        let frame = |b, c| mpeg(&[0xff, b, c, 0, 0, 0, 0]).map(|frame| (frame.length, frame.samples, frame.rate));
        assert_eq!(frame(0xfb, 0x92), Some((418, 1152, 44_100)));
        assert_eq!(frame(0xf3, 0x80), Some((208, 576, 22_050)));
        assert_eq!(frame(0xfd, 0xa4), Some((576, 1152, 48_000)));
        assert_eq!(frame(0xff, 0xc8), Some((576, 384, 32_000)));
        assert_eq!([frame(0xfb, 0x00), frame(0xfb, 0xf0), frame(0xfb, 0x9c), frame(0xf9, 0x90)], [None; 4]);
    }

    #[test]
    fn bare_aac_is_counted() {
        let frame = |length: u16| {
            let mut frame =
                vec![0xff, 0xf1, 0x50, 0x80 | (length >> 11) as u8, (length >> 3) as u8, (length << 5) as u8, 0];
            frame.resize(usize::from(length), 0);
            frame
        };
        let stream: Vec<u8> = (0..50).flat_map(|place| frame(100 + 7 * place)).collect();
        assert!((length(&stream, adts) - 50.0 * 1024.0 / 44_100.0).abs() < 1e-9);
    }

    #[test]
    fn what_holds_no_frames_has_no_length() {
        for bytes in [vec![], vec![0xff; 100_000], vec![0; 1000], b"ID3\x04\0\0\x7f\x7f\x7f\x7f".to_vec()] {
            assert_eq!((length(&bytes, mpeg), length(&bytes, adts)), (0.0, 0.0));
        }
    }
}
