//! CCITT fax (ITU-T T.4 and T.6, TIFF 6.0 sections 10 and 11): modified Huffman, group 3 in one and two dimensions,
//! group 4. The `fax` crate has the code tables; here is how TIFF arranges lines of codes.

use super::directory::{Compression, Directory};
use crate::geometry::Size;
use fax::BitReader;
use fax::maps::{Mode, black, mode, white};

/// An end-of-line mark: eleven zeros and a one.
const EOL_ZEROS: u32 = 11;

/// Decodes into `raw`, rows of whole bytes in which 1 is ink. Answers the rows that were there.
pub fn decode(directory: &Directory, stored: &[u8], chunk: Size, raw: &mut [u8]) -> usize {
    let mut bits = Bits { stored, position: 0, lowest_first: directory.lowest_bit_first };
    let width = chunk.width;
    let (mut above, mut changes) = (vec![], vec![]);
    let mut rows = 0;
    raw.fill(0);
    for row in raw.chunks_exact_mut((width as usize).div_ceil(8)) {
        changes.clear();
        let complete = match directory.compression {
            Compression::FaxGroup4 => two_dimensional(&mut bits, &above, &mut changes, width),
            Compression::FaxGroup3 => group3_line(&mut bits, directory.fax_options, &above, &mut changes, width),
            _ => {
                bits.align();
                one_dimensional(&mut bits, &mut changes, width)
            }
        };
        if complete.is_none() {
            break;
        }
        paint(row, &changes, width);
        std::mem::swap(&mut above, &mut changes);
        rows += 1;
    }
    rows
}

/// An end-of-line mark where there is one, in two dimensions a tag bit, then a line.
fn group3_line(bits: &mut Bits<'_>, options: u64, above: &[u32], changes: &mut Vec<u32>, width: u32) -> Option<()> {
    let is_two_dimensional = options & 1 != 0;
    let marked = bits.skip_end_of_line();
    if is_two_dimensional && marked && bits.peek(1)? == 0 {
        bits.consume(1).ok()?;
        return two_dimensional(bits, above, changes, width);
    }
    if is_two_dimensional && marked {
        bits.consume(1).ok()?;
    }
    if bits.position / 8 >= bits.stored.len() {
        return None;
    }
    one_dimensional(bits, changes, width)
}

/// Runs of white and black in turn. A damaged line ends early; what is missing stays white.
fn one_dimensional(bits: &mut Bits<'_>, changes: &mut Vec<u32>, width: u32) -> Option<()> {
    let (mut at, mut is_black) = (0, false);
    if bits.position / 8 >= bits.stored.len() {
        return None;
    }
    while at < width {
        match run(bits, is_black) {
            Some(length) => {
                at = (at + length).min(width);
                changes.push(at);
                is_black = !is_black;
            }
            None => break,
        }
    }
    Some(())
}

/// A run length: make-up codes of 64 and more, then a terminating one.
fn run(bits: &mut Bits<'_>, is_black: bool) -> Option<u32> {
    let mut length = 0;
    loop {
        let part = u32::from(if is_black { black::decode(bits)? } else { white::decode(bits)? });
        length += part;
        if part < 64 {
            return Some(length);
        }
        if length > 1 << 20 {
            return None;
        }
    }
}

/// A line coded by its differences from the one above (T.6, section 2.2).
fn two_dimensional(bits: &mut Bits<'_>, above: &[u32], changes: &mut Vec<u32>, width: u32) -> Option<()> {
    let (mut at, mut is_black) = (0, false);
    let mut started = false;
    let mut passed = 0;
    while at < width {
        // The first change above that is right of here and goes to the other colour, and the one after it.
        while above.get(passed).is_some_and(|change| *change <= at && (started || *change > 0)) {
            passed += 1;
        }
        let first = if (passed % 2 == 1) == is_black { passed } else { passed + 1 };
        let change = |index: usize| above.get(index).copied().unwrap_or(width);
        match mode::decode(bits)? {
            Mode::Pass => at = change(first + 1),
            Mode::Vertical(by) => {
                at = change(first).checked_add_signed(i32::from(by)).filter(|to| *to >= at && *to <= width)?;
                changes.push(at);
                is_black = !is_black;
            }
            Mode::Horizontal => {
                for colour in [is_black, !is_black] {
                    at = (at + run(bits, colour)?).min(width);
                    changes.push(at);
                }
            }
            Mode::Extension | Mode::EOF => return None,
        }
        started = true;
    }
    Some(())
}

/// Sets the bits between every first and second change.
fn paint(row: &mut [u8], changes: &[u32], width: u32) {
    for pair in changes.chunks(2) {
        let (start, end) = (pair[0], pair.get(1).copied().unwrap_or(width));
        for x in start..end {
            row[x as usize / 8] |= 0x80 >> (x % 8);
        }
    }
}

struct Bits<'a> {
    stored: &'a [u8],
    /// In bits.
    position: usize,
    lowest_first: bool,
}

impl Bits<'_> {
    fn byte(&self, index: usize) -> u32 {
        let byte = self.stored.get(index).copied().unwrap_or(0);
        u32::from(if self.lowest_first { byte.reverse_bits() } else { byte })
    }

    fn align(&mut self) {
        self.position = self.position.next_multiple_of(8);
    }

    /// Skips fill bits and an end-of-line mark, if that is what comes next.
    fn skip_end_of_line(&mut self) -> bool {
        let mut skipped = false;
        loop {
            let zeros = (self.position..self.stored.len() * 8)
                .take_while(|at| self.byte(at / 8) & (0x80 >> (at % 8)) == 0)
                .count();
            if (zeros as u32) < EOL_ZEROS || self.position + zeros >= self.stored.len() * 8 {
                return skipped;
            }
            if skipped {
                // A second mark in a row: the document ends.
                self.position = self.stored.len() * 8;
                return true;
            }
            self.position += zeros + 1;
            skipped = true;
            if self.peek(12).is_none_or(|next| next != 1) {
                return true;
            }
        }
    }
}

impl BitReader for Bits<'_> {
    type Error = ();

    /// Zeros after the end, as fill bits are.
    fn peek(&self, bits: u8) -> Option<u16> {
        let index = self.position / 8;
        if index >= self.stored.len() {
            return None;
        }
        let window = self.byte(index) << 16 | self.byte(index + 1) << 8 | self.byte(index + 2);
        let shifted = window << (8 + self.position % 8) >> (32 - u32::from(bits));
        Some(shifted as u16)
    }

    fn consume(&mut self, bits: u8) -> Result<(), ()> {
        self.position += usize::from(bits);
        Ok(())
    }

    fn bits_to_byte_boundary(&self) -> u8 {
        (self.position.next_multiple_of(8) - self.position) as u8
    }
}
