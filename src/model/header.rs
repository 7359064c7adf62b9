//! The header of an image: everything that PROBE learns about it. It depends on the file and on the image's settings
//! only. The number of threads and the memory of the machine have no influence, because headers are kept from build to
//! build.

use crate::model::Orientation;
use crate::model::geometry::Size;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;

/// One image of a file, as its header describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageHeader {
    /// The format of the file by its bytes, such as `TIFF`.
    pub format: Arc<str>,
    /// Its number in the file, from 0: the index of a TIFF directory.
    pub index: usize,
    /// Its published size in pixels, after orientation and `max-resolution` are applied.
    pub size: Size,
    /// The channels of its tiles.
    pub channels: Channels,
    /// The treatment of its pixels in words, in parts between commas: `LZW, 3 x 8 bit, RGB in ICC "Adobe RGB" to sRGB`. A name
    /// from the file has no comma in it.
    pub treatment: Arc<str>,
    /// How much memory its decoder holds at most, without the rows that it hands out.
    pub decoder_memory: MemoryNeed,
    /// The decoder is faster with up to this many bytes more.
    pub extra_memory: u64,
    /// Its own JPEG data, if that can be published as it is.
    pub stored: Option<StoredJpeg>,
}

/// The words of headers. The images of a collection have few different ones, and very many in all.
#[derive(Debug, Default)]
pub struct HeaderWords(Mutex<HashSet<Arc<str>>>);

impl HeaderWords {
    /// Lets `header` share its words with those before it.
    pub fn share(&self, header: &mut ImageHeader) {
        let mut known = self.0.lock();
        for word in [&mut header.format, &mut header.treatment] {
            match known.get(&**word) {
                Some(same) => *word = same.clone(),
                None => drop(known.insert(word.clone())),
            }
        }
    }
}

impl ImageHeader {
    /// Begins a part of the treatment that says which other image of the file is left out: `without its mask`.
    pub const WITHOUT: &str = "without its";

    /// Whether the file holds nothing but black and white.
    pub fn is_bilevel(&self) -> bool {
        self.parts().any(|part| part == BILEVEL)
    }

    /// How the stored pixels are turned, as the treatment says: `orientation 6 applied`.
    pub fn orientation(&self) -> Orientation {
        // A part that is no such number says nothing of the orientation.
        let applied = |part: &str| part.strip_prefix("orientation ")?.strip_suffix(" applied")?.parse().ok();
        self.parts().find_map(applied).map_or(Orientation::default(), Orientation::of_tag)
    }

    /// The parts of the treatment that say what of the file is left out.
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        self.parts().filter(|part| part.starts_with(ImageHeader::WITHOUT))
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.treatment.split(", ")
    }
}

/// The words of the treatment of an image with one bit a pixel.
const BILEVEL: &str = "1 x 1 bit";

/// How much memory a piece of work takes at most, as a function of the number of threads that share it. Images are
/// worked on in chunks; a thread works on one chunk at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryNeed {
    /// Bytes that are held for any number of threads.
    pub fixed: u64,
    /// Bytes for each chunk that is worked on.
    pub chunk: u64,
    /// Bytes for each row of chunks that is put together from several chunks.
    pub chunk_row: u64,
    /// Chunks in a row of the image.
    pub columns: u32,
    /// Rows of chunks in the image.
    pub rows: u32,
}

impl MemoryNeed {
    /// The same number of bytes for any number of threads.
    pub fn fixed(bytes: u64) -> MemoryNeed {
        MemoryNeed { fixed: bytes, ..MemoryNeed::default() }
    }

    /// The same with `bytes` more.
    pub fn plus(self, bytes: u64) -> MemoryNeed {
        MemoryNeed { fixed: self.fixed.saturating_add(bytes), ..self }
    }

    /// The bytes that are held when `threads` threads work.
    pub fn bytes(&self, threads: usize) -> u64 {
        let chunks = (threads as u64).min(u64::from(self.columns) * u64::from(self.rows));
        let rows = chunk_rows_at_once(self.columns, threads).min(self.rows);
        let shared = self.chunk.saturating_mul(chunks).saturating_add(self.chunk_row.saturating_mul(rows.into()));
        self.fixed.saturating_add(shared)
    }
}

/// How many rows of `columns` chunks each are worked on at a time: enough for all threads.
pub fn chunk_rows_at_once(columns: u32, threads: usize) -> u32 {
    u32::try_from(threads.saturating_mul(2)).unwrap_or(u32::MAX).div_ceil(columns.max(1))
}

/// JPEG data in a master that can be published as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredJpeg {
    pub form: StoredForm,
    /// The quality setting of libjpeg, 1 to 100, whose tables are nearest.
    pub quality: u8,
    /// How much memory is held at most while it is published, without pixels.
    pub memory: MemoryNeed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredForm {
    /// One baseline JPEG; tiles can begin at multiples of this size.
    Image { unit: Size },
    /// Square tiles of `side` pixels, of this many levels from full resolution on.
    Tiles { side: u32, levels: usize },
}

/// Channels of a published image, 8 bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channels {
    Grey,
    Rgb,
}

impl Channels {
    /// Bytes a pixel.
    pub fn count(self) -> usize {
        match self {
            Channels::Grey => 1,
            Channels::Rgb => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_grows_with_the_threads_until_each_chunk_has_one() {
        let need = MemoryNeed { fixed: 1000, chunk: 10, chunk_row: 100, columns: 4, rows: 3 };
        assert_eq!([1, 2, 4, 12, 100].map(|threads| need.bytes(threads)), [1110, 1120, 1240, 1420, 1420]);
        assert_eq!(MemoryNeed::fixed(7).plus(1).bytes(64), 8);
    }
}
