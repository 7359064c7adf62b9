//! What a ZIP archive holds before anybody unpacks it: how large its files become, measured and not believed.
//!
//! XLSX and ODS are ZIP archives (APPNOTE 6.3.3), and a small one can hold gigabytes. Only archives that have one reading
//! are let through: a single directory that ends where the file ends, no ZIP64, stored and deflated files.

use super::sheet::refusal;
use crate::error::Result;
use flate2::read::DeflateDecoder;
use std::io::{self, Read};

/// Bytes that all files of an archive may have together, unpacked.
const MAX_UNPACKED: u64 = 256 << 20;

/// Length of the record that ends an archive.
const END_BYTES: usize = 22;

/// Length of an entry of the directory, without its name, extra fields and comment.
const ENTRY_BYTES: usize = 46;

/// Length of what stands before a file's data, without its name and extra fields.
const LOCAL_BYTES: usize = 30;

/// A file in an archive.
struct Entry<'a> {
    name: &'a [u8],
    method: u16,
    data: &'a [u8],
}

/// Unpacks all files of an archive to see how large they are.
///
/// # Errors
/// More than [`MAX_UNPACKED`] bytes, or an archive that other programs may read in another way.
pub fn check(bytes: &[u8]) -> Result<()> {
    let mut left = MAX_UNPACKED;
    for entry in entries(bytes)? {
        let size = io::copy(&mut entry.unpacked(left + 1)?, &mut io::sink());
        let size = size.map_err(|error| refusal(format!("a file in the workbook is damaged: {error}")))?;
        left = left.checked_sub(size).ok_or_else(|| {
            refusal(format!("the workbook has more than {MAX_UNPACKED} bytes when it is unpacked"))
                .with_hint("save the table as CSV")
        })?;
    }
    Ok(())
}

/// A file of an archive that [`check`] let through, as text.
pub fn text(bytes: &[u8], name: &str) -> Result<Option<String>> {
    let Some(entry) = entries(bytes)?.into_iter().find(|entry| entry.name == name.as_bytes()) else { return Ok(None) };
    let mut text = String::new();
    match entry.unpacked(MAX_UNPACKED)?.read_to_string(&mut text) {
        Ok(_) => Ok(Some(text)),
        Err(error) => Err(refusal(format!("{name} in the workbook is damaged: {error}"))),
    }
}

impl<'a> Entry<'a> {
    /// At most `limit` bytes.
    fn unpacked(&self, limit: u64) -> Result<Box<dyn Read + 'a>> {
        match self.method {
            0 => Ok(Box::new(self.data.take(limit))),
            8 => Ok(Box::new(DeflateDecoder::new(self.data).take(limit))),
            method => Err(refusal(format!("the workbook is packed by method {method}, which is not read"))
                .with_hint("an encrypted workbook must be saved without its password")),
        }
    }
}

fn entries(bytes: &[u8]) -> Result<Vec<Entry<'_>>> {
    read_entries(bytes).ok_or_else(|| {
        refusal("the workbook is damaged, or a ZIP archive of an unusual kind")
            .with_hint("open it and save it again as XLSX, ODS or CSV")
    })
}

fn read_entries(bytes: &[u8]) -> Option<Vec<Entry<'_>>> {
    let end_at = bytes.len().checked_sub(END_BYTES)?;
    let end = signed(bytes, end_at, b"PK\x05\x06")?;
    let (count, size, start) = (u16_at(end, 10)?, u32_at(end, 12)? as usize, u32_at(end, 16)? as usize);
    let is_plain = u16_at(end, 20)? == 0 && u16_at(end, 8)? == count && start.checked_add(size)? == end_at;
    if !is_plain {
        return None;
    }
    let (mut entries, mut at) = (vec![], start);
    for _ in 0..count {
        let head = signed(bytes, at, b"PK\x01\x02")?;
        let lengths = [28, 30, 32].map(|field| u16_at(head, field).map(usize::from));
        let [name, extra, comment] = [lengths[0]?, lengths[1]?, lengths[2]?];
        let data = data(bytes, u32_at(head, 42)? as usize, u32_at(head, 20)? as usize)?;
        entries.push(Entry { name: head.get(ENTRY_BYTES..ENTRY_BYTES + name)?, method: u16_at(head, 10)?, data });
        at = at.checked_add(ENTRY_BYTES + name + extra + comment)?;
    }
    (at == end_at).then_some(entries)
}

/// The packed bytes of the file whose own record is at `at`.
fn data(bytes: &[u8], at: usize, packed: usize) -> Option<&[u8]> {
    let local = signed(bytes, at, b"PK\x03\x04")?;
    let start = LOCAL_BYTES + usize::from(u16_at(local, 26)?) + usize::from(u16_at(local, 28)?);
    local.get(start..start.checked_add(packed)?)
}

/// What follows from `at`, if it begins with `signature`.
fn signed<'a>(bytes: &'a [u8], at: usize, signature: &[u8; 4]) -> Option<&'a [u8]> {
    bytes.get(at..).filter(|rest| rest.starts_with(signature))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}
