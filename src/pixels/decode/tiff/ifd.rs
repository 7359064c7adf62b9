//! Directories of TIFF and BigTIFF files: tags are read as numbers and bytes, without their meaning.
//!
//! The `tiff` crate (0.11) reads the values of tags. The table of a directory is walked here, because the crate does
//! not limit its entries, refuses a directory that is cut off before the offset of the next one, loses its place after
//! a BigTIFF entry of an unknown type, and keeps the last of several entries with the same tag (libtiff keeps the
//! first).

use super::super::input::{Cursor, Input};
use super::super::limits::LIMITS;
use super::chain;
use crate::error::{Error, Result};
use ::tiff::TiffError;
use ::tiff::decoder::ifd::Entry;
use ::tiff::decoder::{Decoder, Limits};
use ::tiff::tags::{ByteOrder, Tag, Type, ValueBuffer};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::io::{self, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most entries of a directory; real directories have some thirty.
const MAX_ENTRIES: u64 = 4096;

/// Most directories below another one: the levels of a pyramid.
const MAX_CHILDREN: usize = 32;

/// The error for a file with this fault.
pub fn damaged(what: impl std::fmt::Display) -> Error {
    Error::image(format!("TIFF: {what}")).with_hint("is the file complete? Copy it again from where it came from")
}

/// A file's byte order and size of offsets.
#[derive(Clone)]
pub struct Tiff {
    pub input: Arc<Input>,
    pub big_endian: bool,
    is_big: bool,
    /// How many bytes of tags were read so far, in all directories.
    taken: Arc<AtomicU64>,
    values: Arc<Mutex<Decoder<Box<dyn Stream>>>>,
}

trait Stream: Read + Seek + Send {}

impl<S: Read + Seek + Send> Stream for S {}

/// One directory.
pub struct Ifd {
    tiff: Tiff,
    entries: ::tiff::Directory,
}

impl Tiff {
    /// The directories of the file from number `first` on, in their order. Where the chain of a file is
    /// [known](chain) none of those before is read.
    pub fn directories(input: Arc<Input>, first: usize) -> Result<impl Iterator<Item = Result<Ifd>>> {
        let start = input.read_up_to(0, 16).map_err(damaged)?;
        let big_endian = start.starts_with(b"MM");
        let is_big = number(start.get(2..4).unwrap_or_default(), big_endian) == 43;
        let values = Arc::new(Mutex::new(value_reader(&input, big_endian, is_big)?));
        let tiff = Tiff { input, big_endian, is_big, taken: Arc::default(), values };
        let (read, known) = match chain::known(&tiff.input).filter(|_| first > 0) {
            Some(offsets) => (vec![], offsets),
            None => (
                tiff.chain(tiff.number(start.get(if is_big { 8..16 } else { 4..8 }).unwrap_or_default()))?,
                Arc::default(),
            ),
        };
        let known = (first..known.len()).map(move |at| Ok(tiff.directory(known[at])?.0));
        Ok(read.into_iter().skip(first).map(Ok).chain(known))
    }

    /// All directories, the first of which is at `next`.
    fn chain(&self, mut next: u64) -> Result<Vec<Ifd>> {
        let (mut directories, mut offsets, mut seen) = (vec![], vec![], HashSet::new());
        while next != 0 {
            if !seen.insert(next) {
                return Err(damaged("its directories form a loop"));
            }
            if directories.len() == LIMITS.pages {
                return Err(damaged(format!("it has more than {} pages", LIMITS.pages)));
            }
            offsets.push(next);
            match self.directory(next) {
                Ok((directory, after)) => {
                    directories.push(directory);
                    next = after;
                }
                Err(error) if directories.is_empty() => return Err(error),
                Err(_) => return Err(damaged("a later page's directory cannot be read")),
            }
        }
        chain::remember(&self.input, offsets);
        if directories.is_empty() { Err(damaged("it has no directory")) } else { Ok(directories) }
    }

    /// The directory at `offset`, and the offset of the next one; 0 if it is the last.
    fn directory(&self, offset: u64) -> Result<(Ifd, u64)> {
        let (count_bytes, entry_bytes, value_at) = if self.is_big { (8, 20, 12) } else { (2, 12, 8) };
        let offset_bytes = entry_bytes - value_at;
        let count = self.number(&self.read(offset, count_bytes)?);
        if count == 0 || count > MAX_ENTRIES {
            return Err(damaged(format!("a directory has {count} entries")));
        }
        let first = offset + count_bytes;
        let table = self.read(first, count * entry_bytes)?;
        // `None` for a type that does not exist.
        let entry = |bytes: &[u8]| {
            let (head, value) = bytes.split_at(value_at as usize);
            let kind = Type::from_u16(self.number(&head[2..4]) as u16)?;
            let mut field = [0; 8];
            field[..value.len()].copy_from_slice(value);
            let tag = Tag::from_u16_exhaustive(self.number(&head[..2]) as u16);
            Some((tag, Entry::new_u64(kind, self.number(&head[4..]), field)))
        };
        // A directory keeps the last entry of a tag that it is given, so they are given in reverse.
        let entries = table.chunks_exact(entry_bytes as usize).rev().filter_map(entry).collect();
        // The last directory of some files is cut off before the offset of the next.
        let after = self.input.read_up_to(first + count * entry_bytes, offset_bytes as usize).map_err(damaged)?;
        let after = match after.len() as u64 {
            0 => 0,
            read if read == offset_bytes => self.number(&after),
            _ => return Err(beyond_the_end()),
        };
        Ok((Ifd { tiff: self.clone(), entries }, after))
    }

    fn read(&self, offset: u64, bytes: u64) -> Result<Vec<u8>> {
        self.take(bytes)?;
        if offset.checked_add(bytes).is_none_or(|end| end > self.input.len()) {
            return Err(beyond_the_end());
        }
        let mut buffer = vec![0; bytes as usize];
        self.input.read_exact_at(offset, &mut buffer).map_err(damaged)?;
        Ok(buffer)
    }

    /// Counts `bytes` of memory. Directories can point at the same value again and again.
    fn take(&self, bytes: u64) -> Result<()> {
        let taken = self.taken.fetch_add(bytes.min(LIMITS.tag_bytes), Ordering::Relaxed);
        if taken.saturating_add(bytes) > LIMITS.tag_bytes {
            return Err(too_large());
        }
        Ok(())
    }

    fn number(&self, bytes: &[u8]) -> u64 {
        number(bytes, self.big_endian)
    }
}

/// An unsigned number of up to 8 bytes.
fn number(bytes: &[u8], big_endian: bool) -> u64 {
    let join = |number, byte: &u8| number << 8 | u64::from(*byte);
    if big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
}

fn too_large() -> Error {
    damaged("its directories are too large")
}

fn beyond_the_end() -> Error {
    damaged("a directory points beyond the end of the file")
}

/// What reads the values of tags in `input`. The crate does not do so before it has understood the first image of a
/// file, which fails for many files: so it is given an image of one pixel first, and the file after that.
fn value_reader(input: &Arc<Input>, big_endian: bool, is_big: bool) -> Result<Decoder<Box<dyn Stream>>> {
    let bytes = |value: u64, width: usize| match big_endian {
        true => value.to_be_bytes()[8 - width..].to_vec(),
        false => value.to_le_bytes()[..width].to_vec(),
    };
    let (wide, version) = if is_big { (8, [43, 8, 0].as_slice()) } else { (4, [42].as_slice()) };
    let mut file = if big_endian { b"MM".to_vec() } else { b"II".to_vec() };
    file.extend(version.iter().flat_map(|value| bytes(*value, 2)));
    file.extend([bytes(2 * wide as u64, wide), bytes(5, if is_big { 8 } else { 2 })].concat());
    for tag in
        [Tag::ImageWidth, Tag::ImageLength, Tag::PhotometricInterpretation, Tag::StripOffsets, Tag::StripByteCounts]
    {
        let value = [bytes(1, 2), vec![0; wide - 2]].concat();
        file.extend([bytes(tag.to_u16().into(), 2), bytes(3, 2), bytes(1, wide), value].concat());
    }
    file.extend(bytes(0, wide));
    let stream: Box<dyn Stream> = Box::new(io::Cursor::new(file));
    let mut limits = Limits::default();
    limits.decoding_buffer_size = LIMITS.tag_bytes as usize;
    let mut decoder = Decoder::new(stream).map_err(damaged)?.with_limits(limits);
    *decoder.inner() = Box::new(Cursor::new(input.clone()));
    Ok(decoder)
}

impl Ifd {
    pub fn tiff(&self) -> &Tiff {
        &self.tiff
    }

    pub fn has(&self, tag: u16) -> bool {
        self.entries.contains(Tag::from_u16_exhaustive(tag))
    }

    /// The directories that a tag points at, without those that cannot be read.
    pub fn children(&self, tag: u16) -> Result<Vec<Ifd>> {
        let offsets = self.numbers(tag)?;
        Ok(offsets.into_iter().take(MAX_CHILDREN).filter_map(|at| Some(self.tiff.directory(at).ok()?.0)).collect())
    }

    /// The value of a tag as the file holds it.
    fn value(&self, tag: u16) -> Result<Option<ValueBuffer>> {
        let tag = Tag::from_u16_exhaustive(tag);
        let Some(entry) = self.entries.get(tag) else { return Ok(None) };
        // No element is smaller than a byte: the crate makes room for a value before it knows whether the file has it.
        if entry.count() > self.tiff.input.len() {
            self.tiff.take(entry.count())?;
            return Err(beyond_the_end());
        }
        let mut value = ValueBuffer::empty(entry.field_type());
        let read = self.tiff.values.lock().read_directory_tags(&self.entries).find_tag_buf(tag, &mut value);
        read.map_err(|error| match error {
            TiffError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => beyond_the_end(),
            TiffError::LimitsExceeded => too_large(),
            error => damaged(error),
        })?;
        self.tiff.take(value.as_bytes().len() as u64)?;
        Ok(Some(value))
    }

    /// The raw bytes of a tag; none if it is not there.
    pub fn bytes(&self, tag: u16) -> Result<Vec<u8>> {
        Ok(self.value(tag)?.map_or(vec![], |value| value.as_bytes().to_vec()))
    }

    /// Each element of a tag through `read`, which gets its bytes with the lowest first; none if the tag is not there.
    fn elements<T>(&self, tag: u16, read: impl Fn(Type, &[u8]) -> T) -> Result<Vec<T>> {
        let Some(mut value) = self.value(tag)?.filter(|value| value.count() > 0) else { return Ok(vec![]) };
        self.tiff.take(value.count().saturating_mul(size_of::<T>() as u64))?;
        value.set_byte_order(ByteOrder::LittleEndian);
        let (kind, size) = (value.data_type(), value.as_bytes().len() / value.count() as usize);
        Ok(value.as_bytes().chunks_exact(size).map(|element| read(kind, element)).collect())
    }

    /// The whole numbers of a tag; none if it is not there.
    pub fn numbers(&self, tag: u16) -> Result<Vec<u64>> {
        self.elements(tag, |_, element| number(element, false))
    }

    /// The first whole number of a tag.
    pub fn number(&self, tag: u16) -> Result<Option<u64>> {
        Ok(self.numbers(tag)?.first().copied())
    }

    /// The numbers of a tag, which can be fractions and floating point values; none if it is not there.
    pub fn reals(&self, tag: u16) -> Result<Vec<f64>> {
        let number = |bytes: &[u8]| number(bytes, false);
        self.elements(tag, |kind, element| match kind {
            Type::RATIONAL => number(&element[..4]) as f64 / number(&element[4..]) as f64,
            Type::FLOAT => f64::from(f32::from_bits(number(element) as u32)),
            Type::DOUBLE => f64::from_bits(number(element)),
            _ => number(element) as f64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_directory(bytes: &[u8]) -> Result<Ifd> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let input = Arc::new(Input::open(file.path()).unwrap());
        Tiff::directories(input, 0).map(|mut directories| directories.next().unwrap().unwrap())
    }

    /// A file of one directory with these entries: tag, type, count and field.
    fn classic(entries: &[(u16, u16, u32, [u8; 4])]) -> Vec<u8> {
        let mut bytes = [b"II*\0\x08\0\0\0".as_slice(), &(entries.len() as u16).to_le_bytes()].concat();
        for (tag, kind, count, field) in entries {
            bytes.extend([&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), field].concat());
        }
        bytes
    }

    #[test]
    fn a_directory_without_the_offset_of_the_next_is_read() {
        let ifd = first_directory(&classic(&[(256, 3, 1, [7, 0, 0, 0]), (257, 4, 1, [1, 2, 0, 0])])).unwrap();
        assert_eq!((ifd.numbers(256).unwrap(), ifd.numbers(257).unwrap()), (vec![7], vec![513]));
        assert!(ifd.has(257) && !ifd.has(258) && ifd.numbers(258).unwrap().is_empty());
    }

    #[test]
    fn the_first_of_entries_with_the_same_tag_counts() {
        let ifd = first_directory(&classic(&[(256, 3, 1, [7, 0, 0, 0]), (256, 3, 1, [8, 0, 0, 0])])).unwrap();
        assert_eq!(ifd.number(256).unwrap(), Some(7));
    }

    #[test]
    fn an_entry_of_an_unknown_type_hides_no_other() {
        let number = |value: u64, width: usize| value.to_be_bytes()[8 - width..].to_vec();
        let entry = |tag, kind, value| [number(tag, 2), number(kind, 2), number(1, 8), number(value, 8)].concat();
        let head = [b"MM\0+\0\x08\0\0".to_vec(), number(16, 8), number(3, 8)].concat();
        let table = [entry(256, 16, 70_000), entry(257, 99, 1), entry(258, 11, u64::from(1.5f32.to_bits()) << 32)];
        let ifd = first_directory(&[head, table.concat(), number(0, 8)].concat()).unwrap();
        assert_eq!((ifd.number(256).unwrap(), ifd.has(257), ifd.reals(258).unwrap()), (Some(70_000), false, vec![1.5]));
    }

    #[test]
    fn values_beyond_the_end_are_errors_and_take_no_memory() {
        for count in [40, 1 << 20, u32::MAX] {
            let ifd = first_directory(&classic(&[(256, 3, 1, [7, 0, 0, 0]), (273, 4, count, [8, 0, 0, 0])])).unwrap();
            assert_eq!(ifd.number(256).unwrap(), Some(7));
            assert!(ifd.numbers(273).is_err() && ifd.bytes(273).is_err() && ifd.reals(273).is_err());
        }
    }
}
