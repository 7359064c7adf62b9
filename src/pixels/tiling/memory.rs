//! What one image's pass holds, computed before it begins.

use super::TileOptions;
use crate::model::Channels;
use crate::model::geometry::Size;
use crate::pixels::encode::{self, Target};

/// What an image needs beside its decoder, in bytes, when `jobs` threads work on it: two bands a level, gathered rows,
/// and what encoders hold of whole images and of tiles.
pub fn memory_needed(cut: &TileOptions<'_>, channels: Channels, jobs: usize) -> u64 {
    let pyramid = cut.pyramid;
    let band = u64::from(pyramid.tile_size.min(pyramid.full.height)) * u64::from(pyramid.full.width);
    let gathered = pyramid.levels[pyramid.level_for_width()].size.area();
    let whole = |target| whole_images(cut, channels, target);
    let tile = Size::new(pyramid.tile_size.min(pyramid.full.width), pyramid.tile_size.min(pyramid.full.height));
    let largest_tile = cut.targets().map(|target| encode::memory(tile, channels, target)).max().unwrap_or(0);
    (4 * band + gathered) * channels.count() as u64
        + cut.targets().map(whole).sum::<u64>()
        + jobs as u64 * largest_tile
        + (4 << 20)
}

/// Of the encoders that gather a whole image; that of the last level is a tile.
fn whole_images(cut: &TileOptions<'_>, channels: Channels, target: Target) -> u64 {
    let is_encoded = |level: usize| !cut.tiles_only && level + 1 < cut.pyramid.levels.len();
    let images = cut.pyramid.whole_images().filter(|image| is_encoded(image.level));
    images.map(|image| encode::memory(image.size, channels, target)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pyramid::Pyramid;
    use crate::model::settings::{Coding, Formats, Huffman};

    #[test]
    fn what_waits_for_the_last_row_is_counted() {
        let pyramid = Pyramid::new(Size::new(8000, 6000), 512, 4096);
        let fast = TileOptions {
            pyramid: &pyramid,
            formats: Formats::default(),
            coding: Coding::default(),
            tiles_only: false,
        };
        let needed = |cut: TileOptions<'_>| memory_needed(&cut, Channels::Rgb, 2);
        let whole = 4000 * 3000 * 4 / 3;
        let progressive = TileOptions { coding: Coding { huffman: Huffman::Progressive, ..fast.coding }, ..fast };
        assert!(needed(progressive) > needed(fast) + 3 * whole);
        let webp = TileOptions { formats: Formats { webp: true }, ..fast };
        assert!(needed(webp) > needed(fast) + 7 * whole);
        assert!(needed(TileOptions { tiles_only: true, ..webp }) < needed(fast) + 2 * 512 * 512 * 16);
    }
}
