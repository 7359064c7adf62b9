//! A chunk's stored bytes, read from the file in pieces.

use super::super::input::Input;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

/// See the [module](self).
pub struct Stored {
    input: Arc<Input>,
    /// Where the next piece begins, and where the chunk ends, in bytes of the file.
    next: u64,
    end: u64,
    /// Bytes that are read at a time.
    piece: usize,
    /// Bits lie lowest first in each byte and are turned.
    reversed: bool,
    buffer: Vec<u8>,
    taken: usize,
}

impl Stored {
    /// `length` bytes from `offset` on, or up to the end of the file, read `piece` bytes at a time.
    pub fn new(input: Arc<Input>, (offset, length): (u64, u64), piece: usize, reversed: bool) -> Stored {
        let end = offset.saturating_add(length).min(input.len());
        Stored { input, next: offset, end, piece, reversed, buffer: vec![], taken: 0 }
    }
}

impl BufRead for Stored {
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

impl Read for Stored {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let there = self.fill_buf()?;
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        self.consume(count);
        Ok(count)
    }
}
