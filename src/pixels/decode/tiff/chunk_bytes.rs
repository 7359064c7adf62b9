//! The bytes of a strip or tile, read from the file in pieces; and PackBits, Apple's run-length scheme (TIFF 6.0,
//! section 9).

use super::super::input::Input;
use crate::error::Result;
use crate::model::geometry::Size;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

/// What a chunk holds: all samples of its pixels, or those of one plane.
#[derive(Clone, Copy)]
pub struct Part {
    /// Samples across and down.
    pub size: Size,
    /// Samples of a pixel; 1 in a plane.
    pub samples: usize,
    pub plane: usize,
}

/// A chunk's raw bytes, decoded on demand.
pub trait RawRows: Send {
    /// Fills `raw`, a whole number of rows, and returns how many bytes were filled: fewer only at the end of the data.
    fn read(&mut self, raw: &mut [u8]) -> Result<usize>;
}

/// The stored bytes of a chunk.
pub struct StoredBytes {
    input: Arc<Input>,
    /// Where the next piece begins, and where the chunk ends, in bytes of the file.
    next: u64,
    end: u64,
    /// Bytes that are read at a time.
    piece: usize,
    /// The lowest bit of each byte comes first, so bytes are reversed.
    reversed: bool,
    buffer: Vec<u8>,
    taken: usize,
}

impl StoredBytes {
    /// `length` bytes from `offset` on, or up to the end of the file, read `piece` bytes at a time.
    pub fn new(input: Arc<Input>, (offset, length): (u64, u64), piece: usize, reversed: bool) -> StoredBytes {
        let end = offset.saturating_add(length).min(input.len());
        StoredBytes { input, next: offset, end, piece, reversed, buffer: vec![], taken: 0 }
    }
}

impl BufRead for StoredBytes {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken == self.buffer.len() && self.next < self.end {
            let length = (self.end - self.next).min(self.piece as u64);
            self.buffer.resize(length as usize, 0);
            self.input.read_exact_at(self.next, &mut self.buffer)?;
            (self.next, self.taken) = (self.next + length, 0);
            if self.reversed {
                self.buffer.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
            }
        }
        Ok(&self.buffer[self.taken..])
    }

    fn consume(&mut self, bytes: usize) {
        self.taken = (self.taken + bytes).min(self.buffer.len());
    }
}

impl Read for StoredBytes {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let there = self.fill_buf()?;
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// Decodes PackBits from `source` on demand. Damaged data ends early.
pub struct PackBits<R> {
    source: R,
    pending: Pending,
}

/// The output of a control byte that was not handed out yet.
enum Pending {
    /// This many bytes, copied as they are.
    Literal(usize),
    /// A byte, this many times.
    Run(u8, usize),
}

impl<R: BufRead> PackBits<R> {
    pub fn new(source: R) -> PackBits<R> {
        PackBits { source, pending: Pending::Literal(0) }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.source.fill_buf()?.first().copied();
        self.source.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// Reads the next control byte; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Pending>> {
        let Some(head) = self.byte()? else { return Ok(None) };
        match head as i8 {
            i8::MIN => Ok(Some(Pending::Literal(0))),
            count @ 0.. => Ok(Some(Pending::Literal(count as usize + 1))),
            count => Ok(self.byte()?.map(|value| Pending::Run(value, 1 + usize::from(count.unsigned_abs())))),
        }
    }
}

impl<R: BufRead> Read for PackBits<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            let left = &mut out[filled..];
            match &mut self.pending {
                Pending::Literal(0) | Pending::Run(_, 0) => match self.next()? {
                    Some(pending) => self.pending = pending,
                    None => break,
                },
                Pending::Literal(count) => {
                    let there = self.source.fill_buf()?;
                    let copied = there.len().min(left.len()).min(*count);
                    if copied == 0 {
                        break;
                    }
                    left[..copied].copy_from_slice(&there[..copied]);
                    self.source.consume(copied);
                    *count -= copied;
                    filled += copied;
                }
                Pending::Run(value, count) => {
                    let repeated = left.len().min(*count);
                    left[..repeated].fill(*value);
                    *count -= repeated;
                    filled += repeated;
                }
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(stored: &[u8], len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        let filled = PackBits::new(stored).read(&mut out).unwrap();
        out.truncate(filled);
        out
    }

    #[test]
    fn runs_and_literals_are_as_in_apples_example() {
        let stored = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
        let raw = unpacked(&stored, 24);
        assert_eq!(raw.len(), 24);
        assert_eq!(raw[..7], [0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa]);
        assert!(unpacked(&[0x81], 4).is_empty(), "a truncated run");
        assert_eq!(unpacked(&[0x05, 1, 2], 4), [1, 2], "a truncated literal");
    }

    #[test]
    fn any_pieces_make_the_same_bytes() {
        let stored = [0xfe, 0xaa, 0x80, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
        for capacity in 1..5 {
            let mut reader = PackBits::new(std::io::BufReader::with_capacity(capacity, &stored[..]));
            let mut raw = [0; 24];
            raw.chunks_mut(5).for_each(|piece| reader.read_exact(piece).unwrap());
            assert_eq!(raw[..], unpacked(&stored, 24));
        }
    }
}
