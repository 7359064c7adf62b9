//! TIFF's LZW (TIFF 6.0, section 13): codes of 9 to 12 bits, highest bit first, widened one code early.
//!
//! The table holds no strings. Every string that a code stands for already lies in the output, so an entry is a place
//! and a length there. Decoding is then a series of short copies, which is about three times as fast as the
//! general-purpose crate that follows prefixes. A strip too large to be decoded whole is decoded into a window, which
//! slides along behind the oldest string of the table and holds at most 8 MiB.

use std::io::{self, BufRead, Read};
use std::ops::Range;

const CLEAR: usize = 256;
const END: usize = 257;
const FIRST_FREE: usize = 258;
const TABLE: usize = 4096;

/// Short strings are copied in blocks of this many bytes.
const BLOCK: usize = 16;

/// No string is longer: each code of a full table is one byte longer than another.
const LONGEST: usize = TABLE;

/// Bytes of output that a [`Reader`] keeps at first. They double while the strings of the table lie further apart:
/// those of a full table of ever longer strings lie over 7.4 MB.
const WINDOW: usize = 1 << 18;

/// Most bytes that a [`Reader`] holds.
pub const READER_BYTES: u64 = 8 << 20;

/// Decodes `stored` into `out` until either ends. Returns how many bytes were written. Damaged input ends early.
pub fn decode(mut stored: &[u8], out: &mut [u8]) -> io::Result<usize> {
    if is_old_style(stored) {
        return OldStyle::new(stored).read(out);
    }
    let mut written = 0;
    Decoder::default().run(&mut stored, out, &mut written, out.len());
    Ok(written)
}

/// Decodes `source` on demand.
pub fn reader<'a>(mut source: impl BufRead + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    if is_old_style(source.fill_buf()?) {
        return Ok(Box::new(OldStyle::new(source)));
    }
    Ok(Box::new(Reader { source, decoder: Decoder::default(), window: vec![0; WINDOW], taken: 0, written: 0 }))
}

/// The clear code that comes first shows the order of bits.
fn is_old_style(stored: &[u8]) -> bool {
    matches!(stored, [0, second, ..] if second & 1 == 1)
}

/// The table and the state of decoding.
struct Decoder {
    /// One entry more than there are codes: the last one is written before the table is known to be full.
    places: [u32; TABLE + 1],
    lengths: [u16; TABLE + 1],
    next: usize,
    /// The previous string; none after a clear code.
    last_place: usize,
    last_length: usize,
    /// The lowest `count` bits were read and are not taken yet.
    buffer: u64,
    count: u32,
    ended: bool,
}

impl Default for Decoder {
    fn default() -> Decoder {
        Decoder {
            places: [0; TABLE + 1],
            lengths: [0; TABLE + 1],
            next: FIRST_FREE,
            last_place: 0,
            last_length: 0,
            buffer: 0,
            count: 0,
            ended: false,
        }
    }
}

fn width(next: usize) -> u32 {
    match next {
        0..=510 => 9,
        511..=1022 => 10,
        1023..=2046 => 11,
        _ => 12,
    }
}

impl Decoder {
    /// Continues until `stored` ends or `limit` bytes of `out` are written. A string that reaches over the end of
    /// `out` is cut.
    fn run(&mut self, stored: &mut &[u8], out: &mut [u8], written: &mut usize, limit: usize) {
        let mut bits = Bits { stored, buffer: self.buffer, count: self.count };
        let (mut next, mut at) = (self.next, *written);
        let (mut last_place, mut last_length) = (self.last_place, self.last_length);
        let mut width = width(next);
        while at < limit {
            let Some(code) = bits.take(width) else { break };
            match code {
                CLEAR => {
                    (next, width, last_length) = (FIRST_FREE, 9, 0);
                    continue;
                }
                END => {
                    self.ended = true;
                    break;
                }
                _ => {}
            }
            if last_length > 0 && next <= TABLE {
                // The previous string and the first byte of this one, which follows it in the output.
                (self.places[next], self.lengths[next]) = (last_place as u32, (last_length + 1) as u16);
                next += 1;
            }
            let length = if code < CLEAR {
                out[at] = code as u8;
                1
            } else {
                if code >= next {
                    self.ended = true;
                    break;
                }
                let length = usize::from(self.lengths[code]).min(out.len() - at);
                copy_back(out, self.places[code] as usize, at, length);
                length
            };
            (last_place, last_length) = (at, length);
            at += length;
            width = self::width(next);
        }
        (*stored, self.buffer, self.count) = (bits.stored, bits.buffer, bits.count);
        (self.next, self.last_place, self.last_length, *written) = (next, last_place, last_length, at);
    }

    /// The part of the `written` bytes of output that holds strings of the table.
    fn live(&self, written: usize) -> Range<usize> {
        let end = |code: usize| self.places[code] as usize + usize::from(self.lengths[code]);
        match (self.next > FIRST_FREE, self.last_length > 0) {
            (true, _) if self.next > TABLE => self.places[FIRST_FREE] as usize..end(TABLE),
            (true, _) => self.places[FIRST_FREE] as usize..written,
            (false, true) => self.last_place..written,
            (false, false) => written..written,
        }
    }

    /// Moves the output from `by` on to its start.
    fn moved(&mut self, by: usize) {
        let next = self.next.min(TABLE + 1);
        self.places[FIRST_FREE..next].iter_mut().for_each(|place| *place -= by as u32);
        self.last_place = self.last_place.saturating_sub(by);
    }
}

/// Keeps only as much of the output as the table needs.
struct Reader<R> {
    source: R,
    decoder: Decoder,
    window: Vec<u8>,
    /// How many bytes of the window are decoded, and how many of them were handed out.
    written: usize,
    taken: usize,
}

impl<R: BufRead> Reader<R> {
    /// Makes room in the window. All of it was handed out.
    fn slide(&mut self) {
        let live = self.decoder.live(self.written);
        self.decoder.moved(live.start);
        self.written = live.len();
        self.window.copy_within(live, 0);
        self.taken = self.written;
        if self.written > self.window.len() / 16 * 15 {
            self.window.resize(self.window.len() * 2, 0);
        }
    }
}

impl<R: BufRead> Read for Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.written && !self.decoder.ended {
            let limit = self.window.len() - LONGEST;
            if self.written >= limit {
                self.slide();
                continue;
            }
            let stored = self.source.fill_buf()?;
            let (there, mut rest) = (stored.len(), stored);
            self.decoder.run(&mut rest, &mut self.window, &mut self.written, limit);
            let consumed = there - rest.len();
            self.source.consume(consumed);
            if there == 0 && self.taken == self.written {
                break;
            }
        }
        let count = (self.written - self.taken).min(out.len());
        out[..count].copy_from_slice(&self.window[self.taken..][..count]);
        self.taken += count;
        Ok(count)
    }
}

/// LZW as written before TIFF 5.0: lowest bit first, widened on time. It is rare, so a general-purpose decoder is
/// enough.
struct OldStyle<R> {
    source: R,
    decoder: weezl::decode::Decoder,
}

impl<R> OldStyle<R> {
    fn new(source: R) -> OldStyle<R> {
        OldStyle { source, decoder: weezl::decode::Decoder::new(weezl::BitOrder::Lsb, 8) }
    }
}

impl<R: BufRead> Read for OldStyle<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < out.len() {
            let step = self.decoder.decode_bytes(self.source.fill_buf()?, &mut out[written..]);
            self.source.consume(step.consumed_in);
            written += step.consumed_out;
            if step.status.is_err() || (step.consumed_in == 0 && step.consumed_out == 0) {
                break;
            }
        }
        Ok(written)
    }
}

/// Copies `length` bytes from `from` on to `to`, which can lie within them: then they repeat.
fn copy_back(out: &mut [u8], from: usize, to: usize, length: usize) {
    if length <= BLOCK && from + BLOCK <= to && to + BLOCK <= out.len() {
        let mut block = [0; BLOCK];
        block.copy_from_slice(&out[from..from + BLOCK]);
        out[to..to + BLOCK].copy_from_slice(&block);
    } else if from + length <= to {
        out.copy_within(from..from + length, to);
    } else {
        for offset in 0..length {
            out[to + offset] = out[from + offset];
        }
    }
}

/// Reads bits from the highest of each byte on.
struct Bits<'a> {
    stored: &'a [u8],
    /// The lowest `count` bits are next.
    buffer: u64,
    count: u32,
}

impl Bits<'_> {
    fn take(&mut self, width: u32) -> Option<usize> {
        if self.count < width {
            self.fill();
            if self.count < width {
                return None;
            }
        }
        self.count -= width;
        Some((self.buffer >> self.count) as usize & ((1 << width) - 1))
    }

    /// Reads six bytes at a time while there are as many, otherwise byte by byte.
    fn fill(&mut self) {
        if let Some((bytes, rest)) = self.stored.split_first_chunk::<6>() {
            let [a, b, c, d, e, f] = *bytes;
            self.buffer = self.buffer << 48 | u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
            (self.count, self.stored) = (self.count + 48, rest);
        } else if let Some((byte, rest)) = self.stored.split_first() {
            self.buffer = self.buffer << 8 | u64::from(*byte);
            (self.count, self.stored) = (self.count + 8, rest);
            if self.count < 12 {
                self.fill();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use weezl::{BitOrder, encode::Encoder};

    fn encoded(bytes: &[u8]) -> Vec<u8> {
        Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(bytes).unwrap()
    }

    #[test]
    fn a_long_run_fills_the_table_and_clears_it() {
        let bytes: Vec<u8> = (0..400_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 29) as u8).collect();
        let mut out = vec![0; bytes.len()];
        assert_eq!(decode(&encoded(&bytes), &mut out).unwrap(), bytes.len());
        assert!(out == bytes);
    }

    #[test]
    fn the_old_order_of_bits_is_recognised() {
        let bytes: Vec<u8> = (0..50_000u32).map(|i| (i / 7 % 11) as u8).collect();
        let stored = Encoder::new(BitOrder::Lsb, 8).encode(&bytes).unwrap();
        let mut out = vec![0; bytes.len()];
        assert_eq!(decode(&stored, &mut out).unwrap(), bytes.len());
        assert!(out == bytes);
    }

    /// What a reader makes of `stored`, handed to it in pieces.
    fn streamed(stored: &[u8], piece: usize) -> Vec<u8> {
        let mut out = vec![];
        let source = io::BufReader::with_capacity(piece, stored);
        reader(source).unwrap().read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn a_stream_of_any_pieces_makes_the_same_bytes() {
        let blank = vec![7; 9_000_000];
        let noise: Vec<u8> = (0..700_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 29) as u8).collect();
        for bytes in [blank, noise] {
            for piece in [3, 1000, 1 << 16] {
                assert!(streamed(&encoded(&bytes), piece) == bytes);
            }
        }
    }

    #[test]
    fn a_full_table_that_is_never_cleared_needs_no_more_window() {
        // Codes: clear, then bytes until the table is full, then always the first string.
        let (mut bits, mut bytes) = (vec![], vec![]);
        let mut put = |code: usize, width: u32| bits.extend((0..width).rev().map(|bit| (code >> bit & 1) as u8));
        put(CLEAR, 9);
        for index in 0..4000usize {
            put(index % 200, width(FIRST_FREE + index.saturating_sub(1)));
            bytes.push((index % 200) as u8);
        }
        for _ in 0..400_000 {
            put(FIRST_FREE, 12);
            bytes.extend([0, 1]);
        }
        put(END, 12);
        bits.resize(bits.len().next_multiple_of(8), 0);
        let pack = |byte: &[u8]| byte.iter().fold(0, |sum, bit| sum << 1 | bit);
        let stored: Vec<u8> = bits.chunks_exact(8).map(pack).collect();
        let mut out = vec![0; bytes.len()];
        assert_eq!(decode(&stored, &mut out).unwrap(), bytes.len());
        assert!(out == bytes && streamed(&stored, 4096) == bytes);
    }

    proptest! {
        #[test]
        fn what_another_encoder_wrote_is_read(bytes in prop::collection::vec(0u8..4, 0..5000)) {
            let mut out = vec![0; bytes.len()];
            prop_assert_eq!(decode(&encoded(&bytes), &mut out).unwrap(), bytes.len());
            prop_assert_eq!(out, bytes);
        }

        #[test]
        fn noise_never_writes_past_the_end(stored in prop::collection::vec(any::<u8>(), 0..500), len in 0usize..3000) {
            prop_assert!(decode(&stored, &mut vec![0; len]).unwrap() <= len);
        }
    }
}
