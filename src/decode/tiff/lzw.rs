//! TIFF's LZW (TIFF 6.0, section 13): codes of 9 to 12 bits, highest bit first, widened one code early.
//!
//! The table holds no strings: every string that a code stands for already lies in the output, so an entry is a place
//! and a length there. That makes decoding a series of short copies, about three times as fast as following prefixes.

const CLEAR: usize = 256;
const END: usize = 257;
const FIRST_FREE: usize = 258;
const TABLE: usize = 4096;

/// Short strings are copied as a block of this many bytes.
const BLOCK: usize = 16;

/// Decodes `stored` into `out` until either ends; answers the bytes written. Damaged input ends early.
pub fn decode(stored: &[u8], out: &mut [u8]) -> usize {
    // The clear code that comes first shows the order of bits.
    if let [0, second, ..] = stored
        && second & 1 == 1
    {
        return decode_old_style(stored, out);
    }
    // One entry more than there are codes: the last is written before it is known that the table is full.
    let mut places = [0u32; TABLE + 1];
    let mut lengths = [0u16; TABLE + 1];
    let mut bits = Bits { stored, buffer: 0, count: 0 };
    let (mut next, mut width) = (FIRST_FREE, 9);
    let (mut last_place, mut last_length) = (0, 0);
    let mut written = 0;
    while let Some(code) = bits.take(width) {
        match code {
            CLEAR => {
                (next, width, last_length) = (FIRST_FREE, 9, 0);
                continue;
            }
            END => break,
            _ => {}
        }
        if last_length > 0 && next <= TABLE {
            // The string before and the first byte of this one, which follows it in the output.
            (places[next], lengths[next]) = (last_place as u32, (last_length + 1) as u16);
            next += 1;
        }
        let length = if code < CLEAR {
            let Some(byte) = out.get_mut(written) else { break };
            *byte = code as u8;
            1
        } else {
            if code >= next {
                break;
            }
            let length = usize::from(lengths[code]).min(out.len() - written);
            copy_back(out, places[code] as usize, written, length);
            length
        };
        (last_place, last_length) = (written, length);
        written += length;
        if written == out.len() {
            break;
        }
        width = match next {
            0..=510 => 9,
            511..=1022 => 10,
            1023..=2046 => 11,
            _ => 12,
        };
    }
    written
}

/// As written before TIFF 5.0: lowest bit first, widened on time. Rare, so a general-purpose decoder does.
fn decode_old_style(stored: &[u8], out: &mut [u8]) -> usize {
    let mut decoder = weezl::decode::Decoder::new(weezl::BitOrder::Lsb, 8);
    let (mut read, mut written) = (0, 0);
    loop {
        let step = decoder.decode_bytes(&stored[read..], &mut out[written..]);
        (read, written) = (read + step.consumed_in, written + step.consumed_out);
        let is_stuck = step.consumed_in == 0 && step.consumed_out == 0;
        if is_stuck || step.status.is_err() || written == out.len() {
            return written;
        }
    }
}

/// Copies `length` bytes from `from` on to `to`, which may lie within them: then they repeat.
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

/// Bits from the highest of each byte on.
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

    /// Six bytes at a time while there are as many, else byte by byte.
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
        assert_eq!(decode(&encoded(&bytes), &mut out), bytes.len());
        assert!(out == bytes);
    }

    #[test]
    fn the_old_order_of_bits_is_recognised() {
        let bytes: Vec<u8> = (0..50_000u32).map(|i| (i / 7 % 11) as u8).collect();
        let stored = Encoder::new(BitOrder::Lsb, 8).encode(&bytes).unwrap();
        let mut out = vec![0; bytes.len()];
        assert_eq!(decode(&stored, &mut out), bytes.len());
        assert!(out == bytes);
    }

    proptest! {
        #[test]
        fn what_another_encoder_wrote_is_read(bytes in prop::collection::vec(0u8..4, 0..5000)) {
            let mut out = vec![0; bytes.len()];
            prop_assert_eq!(decode(&encoded(&bytes), &mut out), bytes.len());
            prop_assert_eq!(out, bytes);
        }

        #[test]
        fn noise_never_writes_past_the_end(stored in prop::collection::vec(any::<u8>(), 0..500), len in 0usize..3000) {
            prop_assert!(decode(&stored, &mut vec![0; len]) <= len);
        }
    }
}
