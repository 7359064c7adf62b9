//! A master: its format, which its first bytes decide, and its bytes at any position, read from any thread.
//!
//! The file is read at positions and not mapped: a file that shrinks while it is mapped kills the process, and mapped
//! pages count as memory of the process. The copy costs 4 % of the time of an uncompressed TIFF.

use crate::config::files;
use crate::error::{Error, Result};
use crate::storage::fingerprint::FileStamp;
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
        let file = files::open(path)?;
        let len = file.metadata()?.len();
        Ok(Input { file, len })
    }

    /// Which file it is, and in which state. `None`: the system does not say.
    #[cfg(unix)]
    pub fn identity(&self) -> Option<FileIdentity> {
        use std::os::unix::fs::MetadataExt;
        let metadata = self.file.metadata().ok()?;
        Some(FileIdentity { place: (metadata.dev(), metadata.ino()), stamp: FileStamp::from(&metadata) })
    }

    #[cfg(not(unix))]
    pub fn identity(&self) -> Option<FileIdentity> {
        None
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

/// A file as it was at one time.
#[derive(PartialEq, Eq)]
pub struct FileIdentity {
    /// Device and inode.
    place: (u64, u64),
    stamp: FileStamp,
}

fn retried(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// An [`Input`] with its own position, for decoders that need a stream.
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

/// The formats that masters come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Tiff,
    Jpeg,
    /// JP2, JPX, JPH or a bare codestream.
    Jp2,
    /// A container or a bare codestream.
    Jxl,
    Png,
    WebP,
    Gif,
}

/// A scan of a folder takes files with these endings for images. The format is decided by the bytes.
pub const IMAGE_ENDINGS: [&str; 17] = [
    "tif", "tiff", "jpg", "jpeg", "jpe", "jp2", "j2k", "j2c", "jpx", "jpf", "jph", "jhc", "jpc", "jxl", "png", "webp",
    "gif",
];

impl Format {
    /// The name of the format in reports.
    pub fn name(self) -> &'static str {
        match self {
            Format::Tiff => "TIFF",
            Format::Jpeg => "JPEG",
            Format::Jp2 => "JPEG 2000",
            Format::Jxl => "JPEG XL",
            Format::Png => "PNG",
            Format::WebP => "WebP",
            Format::Gif => "GIF",
        }
    }

    /// Whether a scan takes a file with this name for an image.
    pub fn is_image_name(name: &str) -> bool {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
        IMAGE_ENDINGS.contains(&ending.as_str())
    }

    pub(super) fn of(input: &Input) -> Result<Format> {
        let start = input.read_up_to(0, 16).map_err(|error| Error::image(format!("cannot read: {error}")))?;
        match start.as_slice() {
            [] => Err(Error::image("the file is empty").with_hint("copy it again from where it came from")),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Ok(Format::Tiff),
            [0xff, 0xd8, 0xff, ..] => Ok(Format::Jpeg),
            [0xff, 0x4f, 0xff, 0x51, ..] => Ok(Format::Jp2),
            [0, 0, 0, 12, b'j', b'P', b' ', b' ', 13, 10, 0x87, 10, ..] => Ok(Format::Jp2),
            [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', 13, 10, 0x87, 10, ..] => Ok(Format::Jxl),
            [0x89, b'P', b'N', b'G', 13, 10, 26, 10, ..] => Ok(Format::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Format::WebP),
            [b'G', b'I', b'F', b'8', ..] => Ok(Format::Gif),
            [b'%', b'P', b'D', b'F', ..] => {
                Err(Error::image("this is a PDF").with_hint("export its pages as TIFF or JPEG"))
            }
            _ => Err(Error::image("this is no image in a known format").with_hint(
                "TIFF, JPEG, JPEG 2000, JPEG XL, PNG, WebP and GIF are read; the first bytes decide, not the name",
            )),
        }
    }
}
