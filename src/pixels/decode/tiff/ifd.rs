//! Directories of TIFF and BigTIFF files: tags to numbers and bytes, nothing more.
//!
//! Our own and not the `tiff` crate's, which refuses a whole file over one tag value that it does not know.

use super::super::input::Input;
use super::super::limits::LIMITS;
use crate::error::{Error, Result};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most entries of a directory; real ones have some thirty.
const MAX_ENTRIES: u64 = 4096;

/// Most directories below another one: the levels of a pyramid.
const MAX_CHILDREN: usize = 32;

/// Says what is wrong with the file.
pub fn damaged(what: impl std::fmt::Display) -> Error {
    Error::image(format!("TIFF: {what}")).with_hint("is the file complete? Copy it again from where it came from")
}

/// A file's byte order and size of offsets.
#[derive(Clone)]
pub struct Tiff {
    pub input: Arc<Input>,
    pub big_endian: bool,
    is_big: bool,
    /// Bytes of tags that were read, those of all directories.
    taken: Arc<AtomicU64>,
}

/// One directory.
pub struct Ifd {
    tiff: Tiff,
    entries: BTreeMap<u16, Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    kind: u16,
    count: u64,
    /// Where the value lies; small ones lie in the entry itself.
    offset: u64,
}

impl Entry {
    /// Bytes of one element; `None` for a type that does not exist.
    fn element_bytes(self) -> Option<u64> {
        match self.kind {
            1 | 2 | 6 | 7 => Some(1),
            3 | 8 => Some(2),
            4 | 9 | 11 | 13 => Some(4),
            5 | 10 | 12 | 16..=18 => Some(8),
            _ => None,
        }
    }
}

impl Tiff {
    /// All directories of the file, in their order.
    pub fn directories(input: Arc<Input>) -> Result<Vec<Ifd>> {
        let start = input.read_up_to(0, 16).map_err(damaged)?;
        let big_endian = start.starts_with(b"MM");
        let mut tiff = Tiff { input, big_endian, is_big: false, taken: Arc::default() };
        tiff.is_big = tiff.number(start.get(2..4).unwrap_or_default()) == 43;
        let mut next = tiff.number(start.get(if tiff.is_big { 8..16 } else { 4..8 }).unwrap_or_default());
        let (mut directories, mut seen) = (vec![], HashSet::new());
        while next != 0 {
            if !seen.insert(next) {
                return Err(damaged("its directories form a loop"));
            }
            if directories.len() == LIMITS.pages {
                return Err(damaged(format!("it has more than {} pages", LIMITS.pages)));
            }
            match tiff.directory(next) {
                Ok((directory, after)) => {
                    directories.push(directory);
                    next = after;
                }
                Err(error) if directories.is_empty() => return Err(error),
                Err(_) => return Err(damaged("a later page's directory cannot be read")),
            }
        }
        if directories.is_empty() { Err(damaged("it has no directory")) } else { Ok(directories) }
    }

    fn directory(&self, offset: u64) -> Result<(Ifd, u64)> {
        let (count_bytes, entry_bytes, value_at) = if self.is_big { (8, 20, 12) } else { (2, 12, 8) };
        let offset_bytes = entry_bytes - value_at;
        let count = self.number(&self.read(offset, count_bytes)?);
        if count == 0 || count > MAX_ENTRIES {
            return Err(damaged(format!("a directory has {count} entries")));
        }
        let first = offset + count_bytes;
        let table = self.read(first, count * entry_bytes)?;
        let mut entries = BTreeMap::new();
        for (index, entry) in (0u64..).zip(table.chunks_exact(entry_bytes as usize)) {
            let kind = self.number(&entry[2..4]) as u16;
            let count = self.number(&entry[4..value_at as usize]);
            let mut found = Entry { kind, count, offset: first + index * entry_bytes + value_at };
            let Some(bytes) = found.element_bytes() else { continue };
            if count.saturating_mul(bytes) > offset_bytes {
                found.offset = self.number(&entry[value_at as usize..]);
            }
            entries.entry(self.number(&entry[..2]) as u16).or_insert(found);
        }
        // The last directory of some files is cut off before the offset of the next.
        let after = self.input.read_up_to(first + count * entry_bytes, offset_bytes as usize).map_err(damaged)?;
        let after = if after.len() as u64 == offset_bytes { self.number(&after) } else { 0 };
        Ok((Ifd { tiff: self.clone(), entries }, after))
    }

    fn read(&self, offset: u64, bytes: u64) -> Result<Vec<u8>> {
        let mut buffer = vec![];
        self.take(bytes)?;
        if offset.checked_add(bytes).is_none_or(|end| end > self.input.len()) {
            return Err(damaged("a directory points beyond the end of the file"));
        }
        buffer.resize(bytes as usize, 0);
        self.input.read_exact_at(offset, &mut buffer).map_err(damaged)?;
        Ok(buffer)
    }

    /// Counts `bytes` of memory; directories may point at the same value again and again.
    fn take(&self, bytes: u64) -> Result<()> {
        let taken = self.taken.fetch_add(bytes.min(LIMITS.tag_bytes), Ordering::Relaxed);
        if taken.saturating_add(bytes) > LIMITS.tag_bytes {
            return Err(damaged("its directories are too large"));
        }
        Ok(())
    }

    /// An unsigned number of up to 8 bytes in the file's order.
    fn number(&self, bytes: &[u8]) -> u64 {
        let join = |number, byte: &u8| number << 8 | u64::from(*byte);
        if self.big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    }
}

impl Ifd {
    pub fn tiff(&self) -> &Tiff {
        &self.tiff
    }

    pub fn has(&self, tag: u16) -> bool {
        self.entries.contains_key(&tag)
    }

    /// The directories that a tag points at; those that cannot be read are left out.
    pub fn children(&self, tag: u16) -> Result<Vec<Ifd>> {
        let offsets = self.numbers(tag)?;
        Ok(offsets.into_iter().take(MAX_CHILDREN).filter_map(|at| Some(self.tiff.directory(at).ok()?.0)).collect())
    }

    /// The raw bytes of a tag; none if it is not there.
    pub fn bytes(&self, tag: u16) -> Result<Vec<u8>> {
        match self.entries.get(&tag) {
            Some(entry) => {
                let bytes = entry.count.saturating_mul(entry.element_bytes().unwrap_or(1));
                self.tiff.read(entry.offset, bytes)
            }
            None => Ok(vec![]),
        }
    }

    /// The whole numbers of a tag; none if it is not there.
    pub fn numbers(&self, tag: u16) -> Result<Vec<u64>> {
        let Some(entry) = self.entries.get(&tag) else { return Ok(vec![]) };
        self.tiff.take(entry.count.saturating_mul(8))?;
        let bytes = self.bytes(tag)?;
        let size = entry.element_bytes().unwrap_or(1) as usize;
        Ok(bytes.chunks_exact(size).map(|element| self.tiff.number(element)).collect())
    }

    /// The first whole number of a tag.
    pub fn number(&self, tag: u16) -> Result<Option<u64>> {
        Ok(self.numbers(tag)?.first().copied())
    }

    /// The numbers of a tag as fractions and floating point values are written.
    pub fn reals(&self, tag: u16) -> Result<Vec<f64>> {
        let Some(entry) = self.entries.get(&tag) else { return Ok(vec![]) };
        let bytes = self.bytes(tag)?;
        let number = |bytes: &[u8]| self.tiff.number(bytes);
        Ok(match entry.kind {
            5 => bytes.chunks_exact(8).map(|part| number(&part[..4]) as f64 / number(&part[4..]) as f64).collect(),
            11 => bytes.chunks_exact(4).map(|part| f64::from(f32::from_bits(number(part) as u32))).collect(),
            12 => bytes.chunks_exact(8).map(|part| f64::from_bits(number(part))).collect(),
            _ => self.numbers(tag)?.into_iter().map(|number| number as f64).collect(),
        })
    }
}
