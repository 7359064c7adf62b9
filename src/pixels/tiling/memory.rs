//! The memory that one image's pass holds, computed before it begins; and the byte budget of the whole run.

use super::TileOptions;
use crate::model::Channels;
use crate::model::geometry::Size;
use crate::pixels::encode::{self, Target};
use parking_lot::{Condvar, Mutex};

/// How many bytes an image needs beside its decoder when `jobs` threads work on it: for two bands a level, gathered
/// rows, and the encoders of whole images and of tiles.
pub fn memory_needed(options: &TileOptions<'_>, channels: Channels, jobs: usize) -> u64 {
    let pyramid = options.pyramid;
    let band = u64::from(pyramid.tile_size.min(pyramid.full.height)) * u64::from(pyramid.full.width);
    let gathered = pyramid.levels[pyramid.level_for_width()].size.area();
    let whole = |target| whole_images(options, channels, target);
    let tile = Size::new(pyramid.tile_size.min(pyramid.full.width), pyramid.tile_size.min(pyramid.full.height));
    let largest_tile = options.targets().map(|target| encode::memory(tile, channels, target)).max().unwrap_or(0);
    (4 * band + gathered) * channels.count() as u64
        + options.targets().map(whole).sum::<u64>()
        + jobs as u64 * largest_tile
        + (4 << 20)
}

/// Bytes of the encoders that gather a whole image. The whole image of the last level is a tile.
fn whole_images(options: &TileOptions<'_>, channels: Channels, target: Target) -> u64 {
    let is_encoded = |level: usize| !options.tiles_only && level + 1 < options.pyramid.levels.len();
    let images = options.pyramid.whole_images().filter(|image| is_encoded(image.level));
    images.map(|image| encode::memory(image.size, channels, target)).sum()
}

/// See the [module](self).
pub struct MemoryBudget {
    total: u64,
    free: Mutex<u64>,
    returned: Condvar,
}

/// A share of the budget. It returns when it is dropped.
pub struct Share<'a> {
    budget: &'a MemoryBudget,
    bytes: u64,
}

impl MemoryBudget {
    pub fn new(total: u64) -> MemoryBudget {
        MemoryBudget { total, free: Mutex::new(total), returned: Condvar::new() }
    }

    /// The whole budget in bytes.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Waits until `bytes` are free and takes them; `None` if the whole budget is less. Must not be called by a
    /// thread that others wait for.
    pub fn take(&self, bytes: u64) -> Option<Share<'_>> {
        if bytes > self.total {
            return None;
        }
        let mut free = self.free.lock();
        self.returned.wait_while(&mut free, |free| *free < bytes);
        *free -= bytes;
        Some(Share { budget: self, bytes })
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *self.budget.free.lock() += self.bytes;
        self.budget.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pyramid::Pyramid;
    use crate::model::settings::{Coding, Formats, Huffman};
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn what_waits_for_the_last_row_is_counted() {
        let pyramid = Pyramid::new(Size::new(8000, 6000), 512, 4096);
        let fast = TileOptions {
            pyramid: &pyramid,
            formats: Formats::default(),
            coding: Coding::default(),
            tiles_only: false,
        };
        let needed = |options: TileOptions<'_>| memory_needed(&options, Channels::Rgb, 2);
        let whole = 4000 * 3000 * 4 / 3;
        let progressive = TileOptions { coding: Coding { huffman: Huffman::Progressive, ..fast.coding }, ..fast };
        assert!(needed(progressive) > needed(fast) + 3 * whole);
        let webp = TileOptions { formats: Formats { webp: true }, ..fast };
        assert!(needed(webp) > needed(fast) + 7 * whole);
        assert!(needed(TileOptions { tiles_only: true, ..webp }) < needed(fast) + 2 * 512 * 512 * 16);
    }

    #[test]
    fn shares_never_exceed_the_budget() {
        let budget = MemoryBudget::new(10);
        let used = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for bytes in [3, 4, 5, 6, 7, 10, 1, 2] {
                let (budget, used) = (&budget, &used);
                scope.spawn(move || {
                    let _share = budget.take(bytes).unwrap();
                    assert!(used.fetch_add(bytes, Ordering::SeqCst) + bytes <= 10);
                    std::thread::yield_now();
                    used.fetch_sub(bytes, Ordering::SeqCst);
                });
            }
        });
        assert!(budget.take(11).is_none());
        assert!(budget.take(10).is_some(), "all shares came back");
    }
}
