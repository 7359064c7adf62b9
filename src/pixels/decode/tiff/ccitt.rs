//! CCITT fax (ITU-T T.4 and T.6, TIFF 6.0 sections 10 and 11): modified Huffman, group 3 in one and two dimensions,
//! group 4. The `fax` crate has the code tables; this module reads the lines of codes as TIFF arranges them.

use super::chunk_bytes::RawRows;
use super::directory::{Compression, Directory};
use super::ifd::damaged;
use crate::error::Result;
use fax::BitReader;
use fax::maps::{Mode, black, mode, white};
use std::io::{self, BufRead};

/// An end-of-line mark: eleven zeros and a one.
const EOL_ZEROS: u32 = 11;

/// Decodes `source` row by row.
pub struct Fax<R> {
    bits: Bits<R>,
    compression: Compression,
    options: u64,
    width: u32,
    /// The pixels where the colour changes in the row above, and in the current row.
    above: Vec<u32>,
    changes: Vec<u32>,
}

impl<R: BufRead> Fax<R> {
    /// `width` in pixels.
    pub fn new(source: R, directory: &Directory, width: u32) -> io::Result<Fax<R>> {
        Ok(Fax {
            bits: Bits::new(source)?,
            compression: directory.compression,
            options: directory.fax_options,
            width,
            above: vec![],
            changes: vec![],
        })
    }

    fn line(&mut self) -> Option<()> {
        let Fax { bits, above, changes, width, .. } = self;
        changes.clear();
        match self.compression {
            Compression::FaxGroup4 => two_dimensional(bits, above, changes, *width),
            Compression::FaxGroup3 => group3_line(bits, self.options, above, changes, *width),
            _ => {
                bits.align();
                one_dimensional(bits, changes, *width)
            }
        }
    }
}

impl<R: BufRead + Send> RawRows for Fax<R> {
    /// Rows are whole bytes in which 1 is ink.
    fn read(&mut self, raw: &mut [u8]) -> Result<usize> {
        let row_bytes = (self.width as usize).div_ceil(8);
        let mut rows = 0;
        raw.fill(0);
        for row in raw.chunks_exact_mut(row_bytes) {
            if self.line().is_none() {
                break;
            }
            paint(row, &self.changes, self.width);
            std::mem::swap(&mut self.above, &mut self.changes);
            rows += 1;
        }
        match self.bits.failure.take() {
            Some(error) => Err(damaged(error)),
            None => Ok(rows * row_bytes),
        }
    }
}

/// Decodes an end-of-line mark if there is one, a tag bit in two dimensions, and then a line.
fn group3_line<R: BufRead>(
    bits: &mut Bits<R>,
    options: u64,
    above: &[u32],
    changes: &mut Vec<u32>,
    width: u32,
) -> Option<()> {
    let is_two_dimensional = options & 1 != 0;
    let marked = bits.skip_end_of_line();
    if is_two_dimensional && marked && bits.peek(1)? == 0 {
        bits.consume(1).ok()?;
        return two_dimensional(bits, above, changes, width);
    }
    if is_two_dimensional && marked {
        bits.consume(1).ok()?;
    }
    if bits.count == 0 {
        return None;
    }
    one_dimensional(bits, changes, width)
}

/// Decodes runs of white and black in turn. A damaged line ends early; the rest stays white.
fn one_dimensional<R: BufRead>(bits: &mut Bits<R>, changes: &mut Vec<u32>, width: u32) -> Option<()> {
    let (mut at, mut is_black) = (0, false);
    if bits.count == 0 {
        return None;
    }
    while at < width && changes.len() <= most_changes(width) {
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

/// Runs of length 0 can make more changes than there are pixels. More changes than this are damage.
fn most_changes(width: u32) -> usize {
    2 * width as usize + 2
}

/// Reads a run length: make-up codes of 64 and more, then a terminating code.
fn run<R: BufRead>(bits: &mut Bits<R>, is_black: bool) -> Option<u32> {
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

/// Decodes a line that is coded by its differences from the line above (T.6, section 2.2).
fn two_dimensional<R: BufRead>(bits: &mut Bits<R>, above: &[u32], changes: &mut Vec<u32>, width: u32) -> Option<()> {
    let (mut at, mut is_black) = (0, false);
    let mut started = false;
    let mut passed = 0;
    while at < width && changes.len() <= most_changes(width) {
        // The first change in the row above that is to the right and goes to the other colour, and the change after it.
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

/// The bits of `source`, some of them read ahead.
struct Bits<R> {
    source: R,
    /// The lowest `count` bits are next.
    buffer: u64,
    count: u32,
    failure: Option<io::Error>,
}

/// Bits that are read ahead if there are as many: enough for a code and an end-of-line mark.
const AHEAD: u32 = 32;

impl<R: BufRead> Bits<R> {
    fn new(source: R) -> io::Result<Bits<R>> {
        let mut bits = Bits { source, buffer: 0, count: 0, failure: None };
        bits.fill();
        bits.failure.take().map_or(Ok(bits), Err)
    }

    fn fill(&mut self) {
        while self.count < AHEAD {
            match self.source.fill_buf() {
                Ok(&[byte, ..]) => {
                    self.buffer = self.buffer << 8 | u64::from(byte);
                    self.count += 8;
                    self.source.consume(1);
                }
                Ok([]) => return,
                Err(error) => {
                    self.failure = Some(error);
                    return;
                }
            }
        }
    }

    fn skip(&mut self, bits: u32) {
        self.count = self.count.saturating_sub(bits);
        if self.count < AHEAD {
            self.fill();
        }
    }

    fn align(&mut self) {
        self.skip(self.count % 8);
    }

    /// How many zeros come next among the bits that are read ahead.
    fn zeros(&self) -> u32 {
        (self.buffer << (64 - self.count)).leading_zeros().min(self.count)
    }

    /// Skips fill bits and an end-of-line mark, if that is what comes next.
    fn skip_end_of_line(&mut self) -> bool {
        let mut skipped = false;
        while self.count > 0 && self.zeros() >= EOL_ZEROS {
            while self.count > 0 && self.zeros() == self.count {
                self.skip(self.count);
            }
            if skipped || self.count == 0 {
                // A second mark in a row, or only zeros: the document ends.
                self.end();
                return skipped;
            }
            self.skip(self.zeros() + 1);
            skipped = true;
            if self.peek(12).is_none_or(|next| next != 1) {
                return true;
            }
        }
        skipped
    }

    /// Ignores the rest.
    fn end(&mut self) {
        while self.count > 0 && self.failure.is_none() {
            self.skip(self.count);
        }
    }
}

impl<R: BufRead> BitReader for Bits<R> {
    type Error = ();

    /// Zeros after the end, as fill bits are.
    fn peek(&self, bits: u8) -> Option<u16> {
        match (self.count, u32::from(bits)) {
            (0, _) => None,
            (count, bits) if bits <= count => Some((self.buffer >> (count - bits)) as u16 & mask(bits)),
            (count, bits) => Some(((self.buffer << (bits - count)) as u16) & mask(bits)),
        }
    }

    fn consume(&mut self, bits: u8) -> std::result::Result<(), ()> {
        self.skip(u32::from(bits));
        Ok(())
    }

    fn bits_to_byte_boundary(&self) -> u8 {
        (self.count % 8) as u8
    }
}

fn mask(bits: u32) -> u16 {
    ((1u32 << bits) - 1) as u16
}
