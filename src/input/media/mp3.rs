//! The length of MP3. A header in its first frame states it (Xing and Info, VBRI), unless the file was cut or put together since;
//! else all frames are counted.

use super::Refused;
use super::frames;
use super::reader::Reader;
use std::io::{Read, Seek};

/// The numbers of frames and bytes in a header.
struct Stated {
    frames: u32,
    bytes: u32,
}

pub fn seconds<R: Read + Seek>(reader: &mut Reader<R>) -> Result<f64, Refused> {
    let Some((at, first)) = frames::first(reader, frames::mpeg)? else {
        return Err("it holds no frames of MP3".to_owned());
    };
    let Some(stated) = stated(reader, at)? else { return frames::seconds(reader, frames::mpeg) };
    let of_frame = f64::from(first.samples) / f64::from(first.rate);
    let seconds = f64::from(stated.frames) * of_frame;
    if is_true(&stated, reader.len() - at, seconds) {
        return Ok(seconds);
    }
    // The frame with the header is silent, and not counted.
    Ok(frames::seconds(reader, frames::mpeg)? - of_frame)
}

/// Whether a file of so many bytes from its first frame on can be as its header states, to a second.
fn is_true(stated: &Stated, bytes: u64, seconds: f64) -> bool {
    let a_second = f64::from(stated.bytes) / seconds.max(1.0);
    seconds > 0.0 && stated.bytes > 0 && (bytes as f64 - f64::from(stated.bytes)).abs() <= a_second
}

/// The header in the frame at `at`, if it has one.
fn stated<R: Read + Seek>(reader: &mut Reader<R>, at: u64) -> Result<Option<Stated>, Refused> {
    let [_, version, _, mode] = reader.bytes::<4>(at)?;
    let (is_first, is_mono) = (version >> 3 & 3 == 3, mode >> 6 == 3);
    let side_information = match (is_first, is_mono) {
        (true, false) => 32,
        (true, true) | (false, false) => 17,
        (false, true) => 9,
    };
    let number = |bytes: &[u8]| bytes.try_into().map(u32::from_be_bytes).unwrap_or_default();
    let header: [u8; 16] = match reader.bytes(at + 4 + side_information) {
        Ok(header) => header,
        Err(_) => return Ok(None),
    };
    // Both numbers are there.
    if (header.starts_with(b"Xing") || header.starts_with(b"Info")) && header[7] & 3 == 3 {
        return Ok(Some(Stated { frames: number(&header[8..12]), bytes: number(&header[12..16]) }));
    }
    let header: [u8; 18] = reader.bytes(at + 36).unwrap_or([0; 18]);
    let is_vbri = header.starts_with(b"VBRI");
    Ok(is_vbri.then(|| Stated { bytes: number(&header[10..14]), frames: number(&header[14..18]) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    const FRAME: usize = 417;

    fn frames(count: usize) -> Vec<u8> {
        let mut frame = vec![0xff, 0xfb, 0x90, 0xc0];
        frame.resize(FRAME, 0);
        frame.repeat(count)
    }

    /// With a header that states `count` frames.
    fn with_header(tag: &[u8], place: usize, count: u32, there: usize) -> Vec<u8> {
        let bytes = (FRAME as u32) * (count + 1);
        let mut file = frames(there + 1);
        let numbers = match tag {
            b"VBRI" => [[0; 6].as_slice(), &bytes.to_be_bytes(), &count.to_be_bytes()].concat(),
            _ => [3_u32.to_be_bytes(), count.to_be_bytes(), bytes.to_be_bytes()].concat(),
        };
        file[place..place + 4].copy_from_slice(tag);
        file[place + 4..place + 4 + numbers.len()].copy_from_slice(&numbers);
        file
    }

    fn length(file: &[u8]) -> f64 {
        seconds(&mut Reader::new(Cursor::new(file)).unwrap()).unwrap()
    }

    #[test]
    fn a_header_is_believed_if_the_file_is_as_long() {
        let frame = f64::from(1152) / 44_100.0;
        for (tag, place) in [(b"Xing", 21), (b"Info", 21), (b"VBRI", 36)] {
            let whole = with_header(tag, place, 400, 400);
            assert!((length(&whole) - 400.0 * frame).abs() < 1e-9);
            let cut_off = with_header(tag, place, 4000, 100);
            assert!((length(&cut_off) - 100.0 * frame).abs() < 1e-9);
            let two = [whole.clone(), whole].concat();
            assert!((length(&two) - 801.0 * frame).abs() < 1e-9);
        }
        assert!((length(&frames(500)) - 500.0 * frame).abs() < 1e-9);
        assert!(seconds(&mut Reader::new(Cursor::new([0; 1000])).unwrap()).is_err());
    }
}
