//! What encoders hold, in bytes: for the budget, before anything is allocated.

use super::Target;
use crate::model::Channels;
use crate::model::geometry::Size;
use crate::model::settings::{Coding, FileFormat, Huffman};

/// libwebp's copy in ARGB, its planes in 4:2:0, and its tokens and statistics, a pixel; measured on grained photos.
const WEBP_BYTES: u64 = 12;

/// Of [`encode`](super::encode) for an image of `size`, and of a [`RowEncoder`](super::RowEncoder) from its first row to
/// its last.
pub fn memory(size: Size, channels: Channels, target: Target) -> u64 {
    match target.format {
        FileFormat::Jpeg => jpeg(size, channels, target.coding),
        FileFormat::WebP => (3 + WEBP_BYTES) * size.area(),
    }
}

/// Nothing worth counting where rows are encoded as they come. Else all coefficients, of two bytes and in whole
/// blocks, and the file itself.
fn jpeg(size: Size, channels: Channels, coding: Coding) -> u64 {
    if coding.huffman == Huffman::Fast {
        return 0;
    }
    let side = |length: u32| u64::from(length.next_multiple_of(16));
    let bytes_of_blocks = match channels {
        Channels::Grey => 2,
        Channels::Rgb if coding.is_subsampled() => 3,
        Channels::Rgb => 6,
    };
    side(size.width) * side(size.height) * bytes_of_blocks + size.area() * channels.count() as u64
}
