//! All arithmetic of levels, tiles and published sizes: integers only, written once.
//!
//! Image API 3 level 0, as measured with real viewers: the size of a level and of a tile is rounded **up**
//! (OpenSeadragon, IIIF Image API 3 implementation notes), regions are clipped to the image and never padded, scale
//! factors are 1, 2, 4 … without gaps up to the first level that fits one tile.
//!
//! The lower right corner of two levels can have the same address: `3072,3072,1,1/1,1` of an image of 3073 x 3073. Both
//! tiles show the same pixel, so the file is written and counted once.

pub mod addresses;
mod older;

use crate::model::geometry::{Region, Size};
use std::sync::Arc;

/// The JPEG format's limit for a side, as libjpeg enforces it.
pub const MAX_JPEG_SIDE: u32 = 65_500;

/// The width that Universal Viewer requests of every canvas, even if it is not advertised (their issue 739).
const UNIVERSAL_VIEWER_WIDTH: u32 = 90;

/// The widths that TIFY requests if the advertised thumbnail is narrower than 98 pixels.
const TIFY_WIDTHS: [u32; 2] = [96, 98];

/// An image's levels, from full resolution (index 0) to the one that fits a tile.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pyramid {
    /// The size of the image.
    pub full: Size,
    /// Side of a square tile in pixels; even, so that levels halve tile by tile.
    pub tile_size: u32,
    /// From full resolution to the level that fits a tile.
    pub levels: Arc<[Level]>,
    /// Index of the level that `full/max` shows.
    pub max: usize,
}

/// One resolution of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Level {
    /// 1, 2, 4 …
    pub scale_factor: u32,
    /// The size of the level in pixels.
    pub size: Size,
    /// The number of tiles in a row.
    pub columns: u32,
    /// The number of rows of tiles.
    pub rows: u32,
}

/// One tile of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Counted from 0.
    pub column: u32,
    /// Counted from 0.
    pub row: u32,
    /// The part of the image that the tile shows, in pixels of the full image.
    pub region: Region,
    /// The size of the tile in pixels.
    pub size: Size,
}

/// A level that is also published as one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeImage {
    /// The index of the level.
    pub level: usize,
    /// The size of the level in pixels.
    pub size: Size,
    /// Published as `full/w,h`.
    pub by_size: bool,
    /// Published as `full/max`.
    pub max: bool,
}

impl Pyramid {
    /// The pyramid of an image of size `full` (both sides at least 1) with square tiles of `tile_size` pixels (even).
    /// `full/max` shows the largest level whose longer side is at most `max_size`; `max_size` is at least `tile_size`.
    pub fn new(full: Size, tile_size: u32, max_size: u32) -> Pyramid {
        let mut levels = vec![];
        let mut scale_factor = 1;
        loop {
            let size = full.scaled_down(scale_factor);
            levels.push(Level {
                scale_factor,
                size,
                columns: size.width.div_ceil(tile_size),
                rows: size.height.div_ceil(tile_size),
            });
            if size.longer_side() <= tile_size {
                break;
            }
            scale_factor *= 2;
        }
        let limit = max_size.min(MAX_JPEG_SIDE);
        let max = levels.iter().position(|level| level.size.longer_side() <= limit).unwrap_or(levels.len() - 1);
        Pyramid { full, tile_size, levels: levels.into(), max }
    }

    /// Whether the whole image is one tile.
    pub fn is_one_tile(&self) -> bool {
        self.levels.len() == 1
    }

    /// Tile (`column`, `row`) of a level.
    pub fn tile(&self, level: &Level, column: u32, row: u32) -> Tile {
        let side = self.tile_size * level.scale_factor;
        let (x, y) = (column * side, row * side);
        Tile {
            column,
            row,
            region: Region { x, y, size: Size::new(side.min(self.full.width - x), side.min(self.full.height - y)) },
            size: Size::new(
                self.tile_size.min(level.size.width - column * self.tile_size),
                self.tile_size.min(level.size.height - row * self.tile_size),
            ),
        }
    }

    /// All tiles of a level, row by row.
    pub fn tiles(&self, level: &Level) -> impl Iterator<Item = Tile> {
        let level = *level;
        (0..level.rows).flat_map(move |row| (0..level.columns).map(move |column| self.tile(&level, column, row)))
    }

    /// Whether the level above has a tile with the same address. That happens to the lower right corner if it is one pixel
    /// of either level: `3072,3072,1,1/1,1` of an image of 3073 x 3073. Both tiles show the same pixel.
    pub fn is_repeated(&self, level: usize, tile: &Tile) -> bool {
        let Some(above) = level.checked_sub(1).map(|above| &self.levels[above]) else { return false };
        let corner = self.tile(above, above.columns - 1, above.rows - 1);
        corner.size == tile.size && corner.region == tile.region
    }

    /// The levels that are published as one file, largest first.
    pub fn whole_images(&self) -> impl Iterator<Item = WholeImage> {
        self.levels.iter().enumerate().skip(self.max).map(|(index, level)| WholeImage {
            level: index,
            size: level.size,
            by_size: index > 0 || self.is_one_tile(),
            max: index == self.max,
        })
    }

    /// `sizes` of info.json, ascending: the levels within `full/max` without the full size (a one-tile image: just
    /// the full size). One more entry would make OpenSeadragon 4 and 5 request tiles that do not exist.
    pub fn sizes(&self) -> Vec<Size> {
        let mut sizes: Vec<Size> = self.whole_images().filter(|whole| whole.by_size).map(|whole| whole.size).collect();
        sizes.reverse();
        sizes
    }

    /// The size of `full/max`.
    pub fn max_size(&self) -> Size {
        self.levels[self.max].size
    }

    /// `maxWidth` and `maxHeight` if `full/max` is not the full size. They limit the size that is *returned*, so neither is
    /// below the tile size: full-resolution tiles stay valid.
    pub fn declared_limit(&self) -> Option<Size> {
        (self.max > 0).then(|| {
            let size = self.max_size();
            Size::new(size.width.max(self.tile_size), size.height.max(self.tile_size))
        })
    }

    /// The files of whole images from the smallest to `full/max`, each size once: the candidates for `srcset`.
    pub fn published_sizes(&self) -> Vec<Size> {
        let mut sizes: Vec<Size> = self.whole_images().map(|whole| whole.size).collect();
        sizes.reverse();
        sizes
    }

    /// The published size for thumbnails: the smallest that is at least 200 pixels wide, else the largest.
    pub fn thumbnail(&self) -> Size {
        let sizes = self.published_sizes();
        sizes.iter().find(|size| size.width >= 200).or(sizes.last()).copied().unwrap_or(self.full)
    }

    /// Whether the file of this size is `full/w,h`; otherwise it is `full/max`.
    pub fn is_by_size(&self, size: Size) -> bool {
        self.whole_images().any(|whole| whole.size == size && whole.by_size)
    }

    /// The sizes that viewers request by width alone (`full/90,`), even if they are not advertised. The height is
    /// rounded.
    pub fn by_width(&self) -> Vec<Size> {
        let narrow = self.thumbnail().width < TIFY_WIDTHS[1];
        std::iter::once(UNIVERSAL_VIEWER_WIDTH)
            .chain(TIFY_WIDTHS.into_iter().filter(|_| narrow))
            .map(|width| Size::new(width, self.height_for(width)))
            .collect()
    }

    /// The level from which the images of [`Pyramid::by_width`] are reduced: the smallest that is at least as wide, else the
    /// full image.
    pub fn level_for_width(&self) -> usize {
        self.levels.iter().rposition(|level| level.size.width >= UNIVERSAL_VIEWER_WIDTH).unwrap_or(0)
    }

    fn height_for(&self, width: u32) -> u32 {
        let (w, h) = (u64::from(self.full.width), u64::from(self.full.height));
        let rounded = (h * u64::from(width) * 2 + w) / (w * 2);
        rounded.clamp(1, u64::from(MAX_JPEG_SIDE)) as u32
    }

    /// The exact number of files of the image in this number of formats, including its info.json.
    pub fn file_count(&self, formats: u64) -> u64 {
        let tiles: u64 = self.levels.iter().map(|level| u64::from(level.columns) * u64::from(level.rows)).sum();
        let whole: u64 = self.whole_images().map(|whole| u64::from(whole.by_size) + u64::from(whole.max)).sum();
        1 + (tiles - self.repeated_tiles() + whole) * formats + self.by_width().len() as u64
    }

    /// The number of corners that need no file of their own. Each is one pixel.
    fn repeated_tiles(&self) -> u64 {
        let corner = |level: &Level| self.tile(level, level.columns - 1, level.rows - 1);
        let repeated = |(index, level)| self.is_repeated(index, &corner(level));
        self.levels.iter().enumerate().filter(|level| repeated(*level)).count() as u64
    }

    /// The number of pixels in all files of one format, for an estimate of their bytes. The small files of
    /// [`Pyramid::by_width`] are not counted.
    pub fn published_pixels(&self) -> u64 {
        let tiles: u64 = self.levels.iter().map(|level| level.size.area()).sum();
        let whole: u64 = self
            .whole_images()
            .map(|whole| whole.size.area() * (u64::from(whole.by_size) + u64::from(whole.max)))
            .sum();
        tiles - self.repeated_tiles() + whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn pyramid(width: u32, height: u32) -> Pyramid {
        Pyramid::new(Size::new(width, height), 512, 4096)
    }

    #[test]
    fn an_image_equal_to_the_tile_is_one_level_and_published_by_size() {
        let one = pyramid(512, 512);
        assert!(one.is_one_tile());
        assert_eq!(one.sizes(), [Size::new(512, 512)]);
        assert_eq!(one.file_count(1), 1 + 1 + 2 + 1);
        assert_eq!(one.file_count(2), 1 + 2 + 4 + 1);
    }

    #[test]
    fn one_pixel_more_than_the_tile_makes_a_second_level() {
        let two = pyramid(513, 1);
        assert_eq!(two.levels.len(), 2);
        assert_eq!(two.levels[0].columns, 2);
        assert_eq!(two.tile(&two.levels[0], 1, 0).size, Size::new(1, 1));
        assert_eq!(two.levels[1].size, Size::new(257, 1));
    }

    #[test]
    fn max_is_capped_and_the_declared_limit_never_below_a_tile() {
        let wide = pyramid(20_000, 300);
        assert_eq!(wide.max_size(), Size::new(2500, 38));
        assert_eq!(wide.declared_limit(), Some(Size::new(2500, 512)));
        assert_eq!(wide.sizes(), [Size::new(313, 5), Size::new(625, 10), Size::new(1250, 19), Size::new(2500, 38)]);
        assert_eq!(pyramid(4096, 4096).declared_limit(), None);
        assert_eq!(pyramid(4096, 4096).sizes(), [512, 1024, 2048].map(|side| Size::new(side, side)));
    }

    #[test]
    fn narrow_images_also_get_the_widths_of_tify() {
        let widths = |w, h| pyramid(w, h).by_width().iter().map(|size| size.width).collect::<Vec<_>>();
        assert_eq!(widths(98, 10), [90]);
        assert_eq!(widths(97, 10), [90, 96, 98]);
        assert_eq!(pyramid(1, 60_000).by_width()[0], Size::new(90, MAX_JPEG_SIDE));
    }

    fn assert_covered_once(pyramid: &Pyramid) {
        let mut addresses = BTreeSet::new();
        for (index, level) in pyramid.levels.iter().enumerate() {
            let area: u64 = pyramid.tiles(level).map(|tile| tile.size.area()).sum();
            assert_eq!(area, level.size.area(), "{level:?}");
            for tile in pyramid.tiles(level) {
                assert_eq!(tile.size, tile.region.size.scaled_down(level.scale_factor), "{tile:?}");
                let new = addresses.insert((tile.region.to_string(), tile.size.to_string()));
                assert_eq!(new, !pyramid.is_repeated(index, &tile), "{tile:?}");
            }
        }
        let last = pyramid.levels[pyramid.levels.len() - 1];
        assert_eq!((last.columns, last.rows), (1, 1));
    }

    #[test]
    fn the_sides_that_break_other_generators() {
        for width in [1, 2, 511, 512, 513, 1023, 1024, 1025, 3073] {
            for height in [1, 511, 512, 513, 1024, 4097] {
                assert_covered_once(&pyramid(width, height));
            }
        }
    }

    proptest! {
        #[test]
        fn every_level_is_covered_once(width in 1u32..5000, height in 1u32..5000, tile in 1u32..40) {
            assert_covered_once(&Pyramid::new(Size::new(width, height), tile * 16, 4096));
        }

        #[test]
        fn a_level_is_half_of_the_one_before_rounded_up(width in 1u32..1_000_000, height in 1u32..1_000_000) {
            for pair in pyramid(width, height).levels.windows(2) {
                prop_assert_eq!(pair[0].size.scaled_down(2), pair[1].size);
            }
        }
    }
}
