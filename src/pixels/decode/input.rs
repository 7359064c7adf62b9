//! A file read at positions, from any thread. Not mapped: a file that shrinks while it is mapped kills the process.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// See the [module](self).
pub struct Input {
    file: File,
    len: u64,
}

impl Input {
    pub fn open(path: &Path) -> io::Result<Input> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is not a regular file"));
        }
        Ok(Input { file, len: metadata.len() })
    }

    /// The file's length in bytes when it was opened.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Fills `buffer` from `offset` on.
    pub fn read_exact_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.read_at(offset, buffer)? {
                0 => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends too early")),
                read => {
                    offset += read as u64;
                    buffer = &mut buffer[read..];
                }
            }
        }
        Ok(())
    }

    /// `len` bytes from `offset` on, or fewer at the end of the file.
    pub fn read_up_to(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let there = self.len.saturating_sub(offset).min(len as u64) as usize;
        let mut bytes = vec![0; there];
        self.read_exact_at(offset, &mut bytes)?;
        Ok(bytes)
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        retried(|| std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset))
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        retried(|| std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset))
    }
}

fn retried(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// An [`Input`] with a position of its own, for decoders that want a stream.
pub struct Cursor {
    input: Arc<Input>,
    position: u64,
}

impl Cursor {
    pub fn new(input: Arc<Input>) -> Cursor {
        Cursor::at(input, 0)
    }

    /// Starts at `position`, in bytes.
    pub fn at(input: Arc<Input>, position: u64) -> Cursor {
        Cursor { input, position }
    }
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read_at(self.position, buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.input.len.checked_add_signed(by),
        };
        self.position = position.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the start"))?;
        Ok(self.position)
    }
}
