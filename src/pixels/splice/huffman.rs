//! Huffman tables (ITU-T T.81, annex C) for parsing blocks without keeping their coefficients, and for writing bits.

use super::damaged;
use crate::error::Result;
use std::io;

/// Codes of up to this many bits are found with one look into the table.
const LOOK: u32 = 10;

/// Difference categories of DC in 8-bit JPEGs, from 0 to this (T.81, table F.1).
const DC_CATEGORIES: usize = 12;

/// The code lengths and values that a DHT segment holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// How many codes there are of 1 to 16 bits.
    pub counts: [u8; 16],
    pub values: Vec<u8>,
}

/// A code and the bits that follow it.
#[derive(Debug, Clone, Copy, Default)]
struct Symbol {
    /// Bits of the code alone.
    code_bits: u8,
    /// Bits of the code and the value after it; 0 if there is no such code.
    all_bits: u8,
    /// Zero coefficients before it.
    run: u8,
    /// Bits of the value.
    value_bits: u8,
}

/// Codes to symbols.
#[derive(Debug, Clone)]
pub struct Table {
    short: [Symbol; 1 << LOOK],
    /// By code length from `LOOK + 1`: one beyond the last code, filled up to 16 bits.
    limits: [u32; 17],
    /// By code length: the number to add to a code to get its place among the symbols.
    offsets: [i32; 17],
    symbols: Vec<Symbol>,
}

/// Categories of DC differences to codes.
#[derive(Debug, Clone)]
pub struct DcTable([(u16, u8); 256]);

/// The result of parsing one block.
pub struct Block {
    pub bits: usize,
    /// Bits of the DC code and value, which come first.
    pub dc_bits: usize,
    /// The difference of DC to the component's previous block.
    pub difference: i32,
}

impl Definition {
    /// The table that libjpeg and most cameras use (T.81, table K.3); it has a code for every category.
    pub fn standard_dc() -> Definition {
        Definition {
            counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
            values: (0..DC_CATEGORIES as u8).collect(),
        }
    }

    /// Codes in order: code, bits, value. It is an error if there are more codes than their bits allow.
    fn codes(&self) -> io::Result<Vec<(u32, u32, u8)>> {
        let mut codes = vec![];
        let (mut code, mut values) = (0u32, self.values.iter());
        for (bits, count) in (1..).zip(self.counts) {
            for value in values.by_ref().take(usize::from(count)) {
                if code >= 1 << bits {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                codes.push((code, bits, *value));
                code += 1;
            }
            code <<= 1;
        }
        Ok(codes)
    }
}

impl Table {
    pub fn new(definition: &Definition) -> io::Result<Table> {
        let codes = definition.codes()?;
        let mut table =
            Table { short: [Symbol::default(); 1 << LOOK], limits: [0; 17], offsets: [0; 17], symbols: vec![] };
        for (index, (code, bits, value)) in codes.into_iter().enumerate() {
            let value_bits = value & 15;
            let symbol =
                Symbol { code_bits: bits as u8, all_bits: bits as u8 + value_bits, run: value >> 4, value_bits };
            table.symbols.push(symbol);
            table.limits[bits as usize] = (code + 1) << (16 - bits);
            table.offsets[bits as usize] = index as i32 - code as i32;
            if bits <= LOOK {
                let first = (code << (LOOK - bits)) as usize;
                table.short[first..first + (1 << (LOOK - bits))].fill(symbol);
            }
        }
        Ok(table)
    }

    /// The symbol of the code in the highest bits of `bits`.
    #[inline(always)]
    fn symbol(&self, bits: u64) -> Option<Symbol> {
        let symbol = self.short[(bits >> (64 - LOOK)) as usize];
        if symbol.all_bits > 0 { Some(symbol) } else { self.long_symbol((bits >> 48) as u32) }
    }

    #[cold]
    fn long_symbol(&self, bits: u32) -> Option<Symbol> {
        let length = (LOOK as usize + 1..=16).find(|length| bits < self.limits[*length])?;
        let place = (bits >> (16 - length)) as i32 + self.offsets[length];
        let symbol = self.symbols.get(usize::try_from(place).ok()?)?;
        (usize::from(symbol.code_bits) == length).then_some(*symbol)
    }
}

impl DcTable {
    pub fn new(definition: &Definition) -> io::Result<DcTable> {
        let mut codes = [(0, 0); 256];
        for (code, bits, value) in definition.codes()? {
            codes[usize::from(value)] = (code as u16, bits as u8);
        }
        Ok(DcTable(codes))
    }

    /// Whether every difference can be coded.
    pub fn is_complete(&self) -> bool {
        self.0[..DC_CATEGORIES].iter().all(|(_, bits)| *bits > 0)
    }

    /// The code of a category and its bits; `None` if it has none.
    pub fn code(&self, category: u32) -> Option<(u16, u32)> {
        let (code, bits) = *self.0.get(category as usize)?;
        (bits > 0).then_some((code, u32::from(bits)))
    }
}

/// At least 57 bits of `bytes` from bit `at` on, in the highest places.
#[inline(always)]
pub fn load(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at >> 3..).and_then(<[u8]>::first_chunk) {
        Some(eight) => u64::from_be_bytes(*eight) << (at & 7),
        None => 0,
    }
}

/// Walks over the block that begins at bit `start`; `None` if a code in it does not exist.
#[inline]
pub fn skip_block(bytes: &[u8], start: usize, dc: &Table, ac: &Table) -> Option<Block> {
    let mut bits = load(bytes, start);
    let symbol = dc.symbol(bits)?;
    let size = u32::from(symbol.value_bits);
    let difference = match size {
        0 => 0,
        _ => {
            let value = ((bits << symbol.code_bits) >> (64 - size)) as i32;
            if value < 1 << (size - 1) { value - (1 << size) + 1 } else { value }
        }
    };
    let dc_bits = usize::from(symbol.all_bits);
    let mut at = start;
    bits <<= dc_bits;
    let mut used = dc_bits;
    let mut coefficient = 1;
    while coefficient < 64 {
        // A code and its value have at most 31 bits.
        if used > 57 - 31 {
            at += used;
            used = 0;
            bits = load(bytes, at);
        }
        let symbol = ac.symbol(bits)?;
        bits <<= symbol.all_bits;
        used += usize::from(symbol.all_bits);
        if symbol.value_bits == 0 {
            if symbol.run < 15 {
                break;
            }
            coefficient += 16;
        } else {
            coefficient += u32::from(symbol.run) + 1;
        }
    }
    Some(Block { bits: at + used - start, dc_bits, difference })
}

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

    /// Fills up the last byte, moves all bytes to `jpeg` with their stuffing (T.81, B.1.1.5) and clears the writer.
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
