//! The entropy-coded data of a scan without its byte stuffing, held in a window that moves on.

use super::damaged;
use crate::error::Result;
use std::io::Read;

/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// Zeros after the window, so that code can read past its end.
const PADDING: usize = 16;

/// See the [module](self).
pub struct Window<R> {
    stream: R,
    /// Bytes as read; those before `taken` are in the window.
    raw: Vec<u8>,
    taken: usize,
    /// Bytes without stuffing, and padding.
    clean: Vec<u8>,
    /// The bit of the window that is parsed next.
    pub bit: usize,
    /// The marker that ended the data; 0 while there may be more.
    marker: u8,
}

impl<R: Read> Window<R> {
    /// `stream` stands at the first byte of the scan's data.
    pub fn new(stream: R) -> Window<R> {
        Window { stream, raw: vec![], taken: 0, clean: vec![0; PADDING], bit: 0, marker: 0 }
    }

    /// The window, with padding.
    pub fn bytes(&self) -> &[u8] {
        &self.clean
    }

    fn filled(&self) -> usize {
        self.clean.len() - PADDING
    }

    /// Makes at least `bytes` bytes from the current bit on available, or all up to the next marker.
    pub fn ensure(&mut self, bytes: usize) -> Result<()> {
        if self.marker != 0 || self.filled().saturating_sub(self.bit / 8) >= bytes {
            return Ok(());
        }
        let done = (self.bit / 8).min(self.filled());
        self.clean.drain(..done);
        self.bit -= done * 8;
        self.clean.truncate(self.filled());
        while self.marker == 0 && self.clean.len() < bytes {
            if self.taken == self.raw.len() && !self.read_on()? {
                self.marker = END;
            }
            self.unstuff();
        }
        self.clean.resize(self.clean.len() + PADDING, 0);
        Ok(())
    }

    /// Reads the next piece after the bytes that are not taken yet. Returns false at the end of the file.
    fn read_on(&mut self) -> Result<bool> {
        self.raw.drain(..self.taken);
        self.taken = 0;
        let before = self.raw.len();
        self.raw.resize(before + PIECE, 0);
        let read = self.stream.read(&mut self.raw[before..]).map_err(|error| damaged(&error.to_string()))?;
        self.raw.truncate(before + read);
        Ok(read > 0)
    }

    /// Moves the bytes that were read into the window, up to a marker.
    fn unstuff(&mut self) {
        while self.taken < self.raw.len() {
            let rest = &self.raw[self.taken..];
            let plain = memchr::memchr(0xff, rest).unwrap_or(rest.len());
            self.clean.extend_from_slice(&rest[..plain]);
            self.taken += plain;
            match rest.get(plain + 1) {
                Some(0) => {
                    self.clean.push(0xff);
                    self.taken += 2;
                }
                // Fill bytes before a marker (T.81, B.1.1.2).
                Some(0xff) => self.taken += 1,
                Some(marker) => {
                    self.marker = *marker;
                    self.taken += 2;
                    return;
                }
                None if plain == rest.len() => {}
                None => match self.read_on() {
                    Ok(true) => {}
                    _ => {
                        self.marker = END;
                        return;
                    }
                },
            }
        }
    }

    /// Continues after a restart marker.
    pub fn restart(&mut self) -> Result<()> {
        self.check()?;
        self.ensure(self.filled() + 1)?;
        if !(0xd0..=0xd7).contains(&self.marker) {
            return Err(damaged("a restart marker is missing"));
        }
        self.marker = 0;
        self.bit = 0;
        self.clean.clear();
        self.clean.resize(PADDING, 0);
        Ok(())
    }

    /// An error if more was parsed than the data holds.
    pub fn check(&self) -> Result<()> {
        if self.bit > self.filled() * 8 { Err(damaged("its data ends too early")) } else { Ok(()) }
    }
}

/// EOI, which also stands for the end of the file.
const END: u8 = 0xd9;

/// Passes on the data of a scan unchanged from `stream`, up to the marker after it.
pub fn copy_scan(mut stream: impl Read, write: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut piece = vec![0; PIECE];
    let mut after_ff = false;
    loop {
        let read = stream.read(&mut piece).map_err(|error| damaged(&error.to_string()))?;
        if read == 0 {
            return Err(damaged("its data ends too early"));
        }
        let data = &piece[..read];
        let ends = |byte: u8| !matches!(byte, 0 | 0xff | 0xd0..=0xd7);
        if after_ff && ends(data[0]) {
            return Ok(());
        }
        if after_ff {
            write(&[0xff])?;
        }
        let end = memchr::memchr_iter(0xff, data).find(|at| data.get(at + 1).is_some_and(|next| ends(*next)));
        if let Some(end) = end {
            return write(&data[..end]);
        }
        after_ff = data.last() == Some(&0xff);
        write(&data[..read - usize::from(after_ff)])?;
    }
}
