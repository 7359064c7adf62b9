//! Reads small pieces of a file at any place, in memory that does not grow with the file.

use super::{Refused, unreadable};
use std::io::{BufReader, Read, Seek, SeekFrom};

/// Pieces near each other are read at once.
const BUFFER: usize = 16 << 10;

/// See the [module](self).
pub struct Reader<R> {
    file: BufReader<R>,
    at: u64,
    len: u64,
}

impl<R: Read + Seek> Reader<R> {
    pub fn new(mut file: R) -> Result<Reader<R>, Refused> {
        let len = file.seek(SeekFrom::End(0)).and_then(|len| file.rewind().map(|()| len));
        let len = len.map_err(|error| unreadable(&error))?;
        Ok(Reader { file: BufReader::with_capacity(BUFFER, file), at: 0, len })
    }

    /// The number of bytes of the file.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// The bytes at `at`.
    pub fn bytes<const N: usize>(&mut self, at: u64) -> Result<[u8; N], Refused> {
        let mut bytes = [0; N];
        self.fill(at, &mut bytes)?;
        Ok(bytes)
    }

    /// The bytes at `at`, as many as `bytes` has.
    pub fn fill(&mut self, at: u64, bytes: &mut [u8]) -> Result<(), Refused> {
        let end = at.checked_add(bytes.len() as u64).filter(|end| *end <= self.len);
        let Some(end) = end else { return Err(unreadable(&std::io::ErrorKind::UnexpectedEof.into())) };
        // Relative, so that what is in the buffer stays there.
        let way = at as i64 - self.at as i64;
        let read = self.file.seek_relative(way).and_then(|()| self.file.read_exact(bytes));
        self.at = end;
        read.map_err(|error| unreadable(&error))
    }
}
