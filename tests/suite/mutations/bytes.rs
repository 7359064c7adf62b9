//! Damage by chance: bits and bytes, numbers in the places where lengths stand, runs that are cut out, doubled, moved or taken
//! from another file, and an early end.

use crate::random::Random;
use std::ops::Range;

/// Numbers at which arithmetic goes wrong.
const NUMBERS: [u64; 14] =
    [0, 1, 2, 0x7f, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff, u64::MAX];

/// Pieces of text that end or open something in one of the formats, or mean something to a browser.
const WORDS: [&str; 36] = [
    "<planted>",
    "\"><planted>",
    "'><planted onload=planted>",
    "</script><planted>",
    "<img src=x onerror=planted>",
    "javascript:planted",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?xml?>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "&b;",
    "&#0;",
    "&#x10ffff;",
    "&amp;",
    "<",
    ">",
    "\"",
    "'",
    "\\",
    "\n",
    "\t",
    "\0",
    "{",
    "}",
    "[[",
    "]]",
    ",",
    ";",
    "|",
    "\u{feff}",
    "\u{202e}",
    "../../",
    "99999999999999999999",
    "-1e308",
];

/// One damage, or a few. `other`: a file to take a piece from.
pub fn mutate(bytes: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(2) * random.below(4) {
        damage(&mut bytes, other, random);
    }
    if random.below(2) == 0 {
        correct_sums(&mut bytes);
    }
    bytes
}

/// Corrects the checksums of a PNG's chunks, at which each damage would be noticed at once.
fn correct_sums(bytes: &mut [u8]) {
    let mut at = 8;
    while bytes.starts_with(b"\x89PNG") && at + 12 <= bytes.len() {
        let length = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let Some(sum) = length.checked_add(at + 8).filter(|end| end + 4 <= bytes.len()) else { return };
        let mut checksum = flate2::Crc::new();
        checksum.update(&bytes[at + 4..sum]);
        bytes[sum..sum + 4].copy_from_slice(&checksum.sum().to_be_bytes());
        at = sum + 4;
    }
}

/// The same for text: words too.
pub fn mutate_text(text: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..=random.below(3) {
        match random.below(4) {
            0 => damage(&mut bytes, other, random),
            1 => {
                let (at, word) = (place(bytes.len(), random), *pick(&WORDS, random));
                bytes.splice(at..at, word.bytes());
            }
            2 => replace_value(&mut bytes, random),
            _ => repeat_line(&mut bytes, random),
        }
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    let at = place(bytes.len(), random).min(bytes.len() - 1);
    match random.below(10) {
        0 | 1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = random.below(256) as u8,
        3 | 4 => put_number(bytes, at, random),
        5 => drop(bytes.drain(run(at, bytes.len(), random))),
        6 => {
            let run = bytes[run(at, bytes.len(), random)].to_vec();
            let copies = 1 + random.below(3) as usize;
            bytes.splice(at..at, run.repeat(copies));
        }
        7 => {
            let target = run(at, bytes.len(), random);
            let from = random.below(bytes.len() as u32) as usize;
            let piece = bytes[from..(from + target.len()).min(bytes.len())].to_vec();
            bytes.splice(target, piece);
        }
        8 if !other.is_empty() => {
            let from = random.below(other.len() as u32) as usize;
            let piece = other[run(from, other.len(), random)].to_vec();
            let target = run(at, bytes.len(), random);
            bytes.splice(target, piece);
        }
        _ => bytes.truncate(at.max(1)),
    }
}

/// Anywhere, but half of the time among the first bytes, where headers are.
fn place(length: usize, random: &mut Random) -> usize {
    let within = if random.below(2) == 0 { length.min(256) } else { length };
    random.below(within as u32 + 1) as usize
}

/// Most runs are short.
fn run(at: usize, length: usize, random: &mut Random) -> Range<usize> {
    let long = 1 << random.below(10);
    at..(at + 1 + random.below(long) as usize).min(length)
}

/// A number of 1 to 8 bytes, in either order.
fn put_number(bytes: &mut [u8], at: usize, random: &mut Random) {
    let around = [bytes.len() as u64, bytes.len() as u64 + 1, (bytes.len() - at) as u64];
    let number = if random.below(4) == 0 { *pick(&around, random) } else { *pick(&NUMBERS, random) };
    let width = 1 << random.below(4);
    let number = match random.below(2) {
        0 => number.to_le_bytes()[..width].to_vec(),
        _ => number.to_be_bytes()[8 - width..].to_vec(),
    };
    let end = (at + width).min(bytes.len());
    bytes[at..end].copy_from_slice(&number[..end - at]);
}

/// A run of letters and digits becomes a word, a number, or nothing.
fn replace_value(bytes: &mut Vec<u8>, random: &mut Random) {
    let from = place(bytes.len(), random).min(bytes.len());
    let start = bytes[from..].iter().position(u8::is_ascii_alphanumeric).map_or(bytes.len(), |skipped| from + skipped);
    let end =
        bytes[start..].iter().position(|byte| !byte.is_ascii_alphanumeric()).map_or(bytes.len(), |long| start + long);
    let value = match random.below(3) {
        0 => pick(&NUMBERS, random).to_string(),
        1 => (*pick(&WORDS, random)).to_owned(),
        _ => String::new(),
    };
    bytes.splice(start..end, value.into_bytes());
}

fn repeat_line(bytes: &mut Vec<u8>, random: &mut Random) {
    let from = place(bytes.len(), random).min(bytes.len());
    let end = bytes[from..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |long| from + long + 1);
    let start = bytes[..from].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = bytes[start..end].to_vec();
    bytes.splice(end..end, line.repeat(1 + random.below(3) as usize));
}

pub fn pick<'a, T>(of: &'a [T], random: &mut Random) -> &'a T {
    &of[random.below(of.len() as u32) as usize]
}
