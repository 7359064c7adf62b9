//! The length of WAV: RIFF/WAVE, and RF64 and BW64 for more than 4 GB (EBU Tech 3306, ITU-R BS.2088). The chunk `data` of a file that
//! was written as a stream, or that was cut off, goes to the end of the file.

use super::Refused;
use super::reader::Reader;
use std::io::{Read, Seek};

/// A file with more chunks before its samples is refused; recordings have a few.
const MAX_CHUNKS: usize = 10_000;

/// Formats of samples that all have the same size: PCM, floating point, A-law, µ-law, and the extensible form of these.
const EVEN: [u16; 5] = [1, 3, 6, 7, 0xfffe];

/// Whether a file with this beginning is WAV.
pub fn is_wav(head: &[u8; 12]) -> bool {
    ["RIFF", "RF64", "BW64"].iter().any(|form| head.starts_with(form.as_bytes())) && head.ends_with(b"WAVE")
}

/// Of the chunk `fmt `.
struct Samples {
    format: u16,
    /// Of all channels.
    rate: u32,
    bytes_a_second: u32,
    block: u16,
}

pub fn seconds<R: Read + Seek>(reader: &mut Reader<R>) -> Result<f64, Refused> {
    let (mut samples, mut long, mut count) = (None, None, None);
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        let [a, b, c, d, size @ ..] = reader.bytes::<8>(at)?;
        let (name, size, body) = ([a, b, c, d], u32::from_le_bytes(size), at + 8);
        match &name {
            b"ds64" => long = Some(u64::from_le_bytes(reader.bytes(body + 8)?)),
            b"fmt " => samples = Some(Samples::of(reader.bytes(body)?)),
            b"fact" => count = Some(u32::from_le_bytes(reader.bytes(body)?)),
            b"data" => {
                let samples: Samples = samples.ok_or("it does not say what its samples are")?;
                let left = reader.len() - body;
                let stated = match (size, long) {
                    (u32::MAX, Some(long)) => long,
                    // Written as a stream, whose length nobody knew.
                    (0 | u32::MAX, _) => left,
                    (size, _) => u64::from(size),
                };
                return Ok(samples.seconds(stated.min(left), count.filter(|_| stated <= left)));
            }
            _ => {}
        }
        at = body + u64::from(size) + u64::from(size % 2);
    }
    Err("its header has no end".to_owned())
}

impl Samples {
    fn of(chunk: [u8; 16]) -> Samples {
        let short = |at: usize| u16::from_le_bytes([chunk[at], chunk[at + 1]]);
        let long = |at: usize| u32::from_le_bytes([chunk[at], chunk[at + 1], chunk[at + 2], chunk[at + 3]]);
        Samples { format: short(0), rate: long(4), bytes_a_second: long(8), block: short(12) }
    }

    /// Of so many bytes. `count`: of the samples, as the file states it.
    fn seconds(&self, bytes: u64, count: Option<u32>) -> f64 {
        let of = |count: u64, a_second: u64| if a_second == 0 { 0.0 } else { count as f64 / a_second as f64 };
        match (EVEN.contains(&self.format), count) {
            (true, _) => of(bytes, u64::from(self.block) * u64::from(self.rate)),
            (false, Some(count)) if count > 0 => of(u64::from(count), u64::from(self.rate)),
            (false, _) => of(bytes, u64::from(self.bytes_a_second)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Two seconds of 16 bits and 1000 Hz, with a chunk before.
    fn wav(form: &[u8], chunk: &[u8], data: u32) -> Vec<u8> {
        let fmt = [[1, 0, 1, 0].as_slice(), &1000_u32.to_le_bytes(), &2000_u32.to_le_bytes(), &[2, 0, 16, 0]].concat();
        let head = [form, &[0xff; 4], b"WAVE", chunk, b"fmt \x10\0\0\0", &fmt, b"data", &data.to_le_bytes()].concat();
        [head, vec![0; 4000]].concat()
    }

    fn length(file: &[u8]) -> Result<f64, Refused> {
        seconds(&mut Reader::new(Cursor::new(file)).unwrap())
    }

    #[test]
    fn the_length_is_that_of_the_samples_that_are_there() {
        let ds64 = [b"ds64\x1c\0\0\0".as_slice(), &[0; 8], &2000_u64.to_le_bytes(), &[0; 12]].concat();
        for form in [b"RF64", b"BW64"] {
            assert_eq!(length(&wav(form, &ds64, u32::MAX)), Ok(1.0));
        }
        assert_eq!(length(&wav(b"RIFF", b"LIST\x03\0\0\0abc\0", 2000)), Ok(1.0));
        for streamed in [0, u32::MAX, 1_000_000] {
            assert_eq!(length(&wav(b"RIFF", b"", streamed)), Ok(2.0));
        }
    }

    #[test]
    fn damage_is_refused() {
        let file = wav(b"RIFF", b"", 4000);
        assert!(length(&file[..30]).unwrap_err().contains("ends within"));
        assert!(length(&[b"RIFF\0\0\0\0WAVE".as_slice(), &[0; 200_000]].concat()).unwrap_err().contains("no end"));
        let no_fmt = [b"RIFF\0\0\0\0WAVEdata\x04\0\0\0".as_slice(), &[0; 4]].concat();
        assert!(length(&no_fmt).is_err());
        assert!(is_wav(b"BW64\0\0\0\0WAVE") && !is_wav(b"RIFF\0\0\0\0AVI "));
    }
}
