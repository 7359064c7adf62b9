//! Which image goes into which shard.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What an image costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Of its master, shared by all images in the file.
    pub bytes: u64,
    pub pixels: u64,
}

/// The shard of each image, from 0 to `shards` - 1. The largest images are handed out first, each to the shard that has the
/// least so far, counted in bytes or in pixels, whichever is more. Images of the same size go by the hash of their id (`order`),
/// so that the pages of an item are spread over all shards.
pub fn assign(costs: &[Cost], order: impl Fn(usize) -> u64, shards: u32) -> Vec<u32> {
    let total = |of: fn(&Cost) -> u64| costs.iter().map(|cost| u128::from(of(cost))).sum::<u128>().max(1);
    let (bytes, pixels) = (total(|cost| cost.bytes), total(|cost| cost.pixels));
    // Parts of the whole, in units that add up to the same for bytes and pixels.
    let part = |own: u64, all: u128| u64::try_from((u128::from(own) << 60) / all).unwrap_or(u64::MAX);
    let parts = |cost: &Cost| (part(cost.bytes, bytes), part(cost.pixels, pixels));
    let mut largest: Vec<usize> = (0..costs.len()).collect();
    largest.sort_by_cached_key(|image| {
        let (bytes, pixels) = parts(&costs[*image]);
        (Reverse(bytes.max(pixels)), order(*image), *image)
    });
    let mut heap: BinaryHeap<Reverse<(u64, u64, u32)>> =
        (0..shards.max(1)).map(|shard| Reverse((0, 0, shard))).collect();
    let mut sums = vec![(0u64, 0u64); shards.max(1) as usize];
    let mut assigned = vec![0; costs.len()];
    for image in largest {
        let Some(Reverse((_, count, shard))) = heap.pop() else { continue };
        let (bytes, pixels) = parts(&costs[image]);
        let sum = &mut sums[shard as usize];
        *sum = (sum.0 + bytes, sum.1 + pixels);
        heap.push(Reverse((sum.0.max(sum.1), count + 1, shard)));
        assigned[image] = shard;
    }
    assigned
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sums of the shards, in bytes.
    fn sums(costs: &[Cost], shards: u32) -> Vec<u64> {
        let mut sums = vec![0; shards as usize];
        for (cost, shard) in costs.iter().zip(assign(costs, |image| image as u64 * 7919 % 601, shards)) {
            sums[shard as usize] += cost.bytes;
        }
        sums
    }

    #[test]
    fn shards_cost_about_the_same() {
        let image = |at: u64| Cost { bytes: 1000 + at * at % 977, pixels: 5000 + at * 31 % 1009 };
        let costs: Vec<Cost> = (0..600).map(image).collect();
        let sums = sums(&costs, 12);
        let mean = sums.iter().sum::<u64>() / 12;
        assert!(sums.iter().all(|sum| sum * 10 <= mean * 11 && sum * 11 >= mean * 10), "{sums:?}");
    }

    #[test]
    fn a_huge_image_has_a_shard_of_its_own() {
        let costs: Vec<Cost> =
            (0..100).map(|at| Cost { bytes: if at == 50 { 1 << 40 } else { 10 }, pixels: 10 }).collect();
        let assigned = assign(&costs, |image| image as u64, 4);
        assert_eq!(assigned.iter().filter(|shard| **shard == assigned[50]).count(), 1);
    }

    #[test]
    fn there_can_be_more_shards_than_images_and_images_without_bytes() {
        let none = Cost { bytes: 0, pixels: 0 };
        let mut assigned = assign(&[none; 3], |image| image as u64, 9);
        assigned.sort_unstable();
        assigned.dedup();
        assert_eq!(assigned.len(), 3);
        assert!(assign(&[], |_| 0, 5).is_empty());
    }
}
