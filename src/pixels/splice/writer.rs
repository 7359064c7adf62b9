//! Bits of a tile as they are gathered, and their way into a JPEG.

use super::damaged;
use super::huffman::{DcTable, load};
use crate::error::Result;

/// Entropy-coded data that grows bit by bit.
#[derive(Default)]
pub struct BitWriter {
    /// Whole bytes, not stuffed yet.
    bytes: Vec<u8>,
    /// The lowest `count` bits follow them; fewer than 32.
    pending: u64,
    count: u32,
}

impl BitWriter {
    /// Adds the lowest `count` bits of `value`, at most 32.
    #[inline(always)]
    fn put(&mut self, value: u64, count: u32) {
        self.pending = self.pending << count | value & ((1 << count) - 1);
        self.count += count;
        if self.count >= 32 {
            self.count -= 32;
            self.bytes.extend_from_slice(&((self.pending >> self.count) as u32).to_be_bytes());
        }
    }

    /// Adds bits `from` up to `to` of `bytes`.
    #[inline]
    pub fn copy(&mut self, bytes: &[u8], mut from: usize, to: usize) {
        while to - from >= 32 {
            self.put(load(bytes, from) >> 32, 32);
            from += 32;
        }
        let rest = (to - from) as u32;
        if rest > 0 {
            self.put(load(bytes, from) >> (64 - rest), rest);
        }
    }

    /// Codes a DC difference (T.81, F.1.2.1).
    pub fn put_dc(&mut self, difference: i32, table: &DcTable) -> Result<()> {
        let category = 32 - difference.unsigned_abs().leading_zeros();
        let (code, bits) = table.code(category).ok_or_else(|| damaged("a DC difference has no Huffman code"))?;
        self.put(u64::from(code), bits);
        let value = if difference < 0 { difference.wrapping_sub(1) } else { difference };
        self.put(u64::from(value as u32), category);
        Ok(())
    }

    /// Fills the last byte up, moves all bytes to `jpeg` with their stuffing (T.81, B.1.1.5) and begins anew.
    pub fn finish(&mut self, jpeg: &mut Vec<u8>) {
        let missing = (8 - self.count % 8) % 8;
        self.put((1 << missing) - 1, missing);
        while self.count > 0 {
            self.count -= 8;
            self.bytes.push((self.pending >> self.count) as u8);
        }
        let mut from = 0;
        for at in memchr::memchr_iter(0xff, &self.bytes) {
            jpeg.extend_from_slice(&self.bytes[from..=at]);
            jpeg.push(0);
            from = at + 1;
        }
        jpeg.extend_from_slice(&self.bytes[from..]);
        self.bytes.clear();
        self.pending = 0;
    }
}
