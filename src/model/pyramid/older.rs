//! The addresses of Image API 2 that differ: a size is its width alone, and a tile as wide as the image has the size
//! `full`.
//!
//! One such address may stand for several files of Image API 3. It shows the larger of them, as clients expect: by the
//! specification `w,` keeps the proportions of the region.

use super::{Level, Pyramid, Tile, WholeImage};
use crate::model::geometry::Size;

impl Pyramid {
    /// The tiles of level `index` whose region and width are an address of their own. The lower right corner may share the
    /// address of the level above: `1024,1024,1,76/1,` of an image of 1025 x 1100 is 1 x 76 pixels there, 1 x 38 here.
    pub fn tiles_by_width(&self, index: usize) -> impl Iterator<Item = Tile> {
        self.tiles(&self.levels[index]).filter(move |tile| !self.is_taken(index, tile))
    }

    /// Whether the level above has a tile of the same region and width. Only its lower right tile can.
    fn is_taken(&self, index: usize, tile: &Tile) -> bool {
        let Some(above) = index.checked_sub(1).map(|above| self.corner(above)) else { return false };
        (above.region, above.size.width) == (tile.region, tile.size.width)
    }

    fn corner(&self, index: usize) -> Tile {
        let level = &self.levels[index];
        self.tile(level, level.columns - 1, level.rows - 1)
    }

    /// Whether OpenSeadragon requests the region of this tile in `full` size, because the tile is as wide as the image. That
    /// happens at full resolution if the image is no wider than a tile, and on every level of an image one pixel wide.
    pub fn is_as_wide(&self, tile: &Tile) -> bool {
        tile.size.width == self.full.width
    }

    /// The whole images that are addressed by their width, largest first. If several have one width, the largest.
    pub fn whole_by_width(&self) -> Vec<WholeImage> {
        let mut whole: Vec<WholeImage> = self.whole_images().filter(|whole| whole.by_size).collect();
        whole.dedup_by_key(|whole| whole.size.width);
        whole
    }

    /// The sizes of [`Pyramid::by_width`] whose width no whole image has.
    pub fn other_by_width(&self) -> impl Iterator<Item = Size> {
        let whole = self.whole_by_width();
        self.by_width().into_iter().filter(move |size| whole.iter().all(|whole| whole.size.width != size.width))
    }

    /// The exact number of files of the image at the addresses of Image API 2, including its info.json.
    pub fn older_file_count(&self) -> u64 {
        let tiles = |index: usize| {
            let Level { columns, rows, size, .. } = self.levels[index];
            let taken = self.is_taken(index, &self.corner(index));
            let all = u64::from(columns) * u64::from(rows) - u64::from(taken);
            let is_as_wide = size.width == self.full.width && columns == 1;
            all * if is_as_wide { 3 } else { 1 }
        };
        let tiles: u64 = (0..self.levels.len()).map(tiles).sum();
        let by_size = self.whole_images().filter(|whole| whole.by_size).count() + self.whole_by_width().len();
        let whole = 2 + by_size + self.other_by_width().count() + usize::from(self.is_one_tile());
        1 + tiles + whole as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pyramid(width: u32, height: u32) -> Pyramid {
        Pyramid::new(Size::new(width, height), 512, 4096)
    }

    #[test]
    fn a_corner_that_two_levels_name_alike_is_that_of_the_larger() {
        let pyramid = pyramid(1025, 1100);
        let corners = |index| pyramid.tiles_by_width(index).filter(|tile| tile.region.x == 1024).count();
        assert_eq!([corners(0), corners(1)], [3, 1], "1024,1024,1,76/1, is named once");
        assert_eq!(pyramid.tiles(&pyramid.levels[1]).count(), 4);
    }

    #[test]
    fn only_a_tile_at_full_resolution_is_as_wide_as_the_image() {
        let strip = pyramid(300, 2000);
        let as_wide =
            |pyramid: &Pyramid, index: usize| pyramid.tiles_by_width(index).any(|tile| pyramid.is_as_wide(&tile));
        assert_eq!([0, 1, 2].map(|index| as_wide(&strip, index)), [true, false, false]);
        assert_eq!([0, 1].map(|index| as_wide(&pyramid(513, 90), index)), [false, false]);
        assert_eq!([0, 1, 2].map(|index| as_wide(&pyramid(1, 2000), index)), [true; 3]);
    }

    #[test]
    fn of_several_whole_images_of_one_width_the_largest_is_named_by_it() {
        let sizes: Vec<Size> = pyramid(1, 3000).whole_by_width().iter().map(|whole| whole.size).collect();
        assert_eq!(sizes, [Size::new(1, 1500)]);
        let named: Vec<Size> = pyramid(90, 90).other_by_width().collect();
        assert_eq!(named, [96, 98].map(|side| Size::new(side, side)));
    }
}
