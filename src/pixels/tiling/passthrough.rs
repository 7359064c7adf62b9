//! Masters whose own JPEG data is published. Their tiles are written as they are. At the same time a pass over the
//! pixels of a smaller level encodes all other files.

use super::{Run, TileOptions, is_one_tile, write_tile};
use crate::error::{Error, Result};
use crate::model::StoredForm;
use crate::model::pyramid::addresses::max_path;
use crate::model::pyramid::{self, Tile};
use crate::model::settings::FileFormat;
use crate::pixels::decode::{Content, Passthrough};
use crate::pixels::encode::{self, Pixels, Target};
use crate::storage::output::ImageFolder;
use std::io::Write;
use std::path::Path;

/// Like [`super::tile`], for a master whose own JPEG data is published. Only the files that this data does not give are
/// encoded.
pub fn tile_passthrough(
    stored: &dyn Passthrough,
    options: TileOptions<'_>,
    folder: &dyn ImageFolder,
    advanced: &(dyn Fn(u64) + Sync),
) -> Result<()> {
    let (pyramid, channels) = (options.pyramid, stored.channels());
    let target = Target { format: FileFormat::Jpeg, coding: options.coding };
    let take = |level: usize, tile: &Tile, content: Content<'_>| match content {
        Content::Jpeg(jpeg) => write_tile(options, level, tile, target, jpeg, folder),
        Content::Pixels(data) => {
            let pixels =
                Pixels { data, stride: tile.size.width as usize * channels.count(), size: tile.size, channels };
            encode::encode(pixels, target, |jpeg| write_tile(options, level, tile, target, jpeg, folder))
        }
    };
    let is_one_stream = matches!(stored.describe().form, StoredForm::Image { .. });
    let copies_whole = is_one_stream && !options.tiles_only && pyramid.max == 0 && !is_one_tile(pyramid, 0);
    if copies_whole {
        write_whole(stored, folder)?;
    }
    let start = Start { level: 0, tiled: stored.levels(), is_whole_written: copies_whole };
    let others = || match start.first_wanted(options) {
        Some(level) => {
            let start = Start { level: level.min(stored.last_pixels()), ..start };
            let mut source = stored.pixels(pyramid, start.level)?;
            Run::new(options, start, channels, folder)?.all_bands(source.as_mut(), advanced)
        }
        None => Ok(()),
    };
    let (tiles, others) = rayon::join(|| stored.tiles(pyramid, &take), others);
    tiles.and(others)
}

/// Publishes the master as `full/max`, without its metadata.
fn write_whole(stored: &dyn Passthrough, folder: &dyn ImageFolder) -> Result<()> {
    let path = max_path(FileFormat::Jpeg);
    let mut file = folder.create(&path)?;
    let failed = |error| Error::output(Path::new(&path), error);
    stored.whole(&mut |bytes| file.write_all(bytes).map_err(failed))?;
    file.flush().map_err(failed)
}

/// Where a pass over pixels begins, and which files exist already.
#[derive(Debug, Clone, Copy, Default)]
pub struct Start {
    /// The level whose rows are read.
    pub level: usize,
    /// The tiles of all levels before this one exist.
    pub tiled: usize,
    /// `full/max` exists.
    is_whole_written: bool,
}

impl Start {
    /// The first level whose pixels are needed for any file.
    fn first_wanted(self, options: TileOptions<'_>) -> Option<usize> {
        let tiles = (self.tiled < options.pyramid.levels.len()).then_some(self.tiled);
        let wholes =
            options.pyramid.whole_images().find(|whole| self.is_encoded(options, whole)).map(|whole| whole.level);
        let by_width = (!options.tiles_only).then(|| options.pyramid.level_for_width());
        [tiles, wholes, by_width].into_iter().flatten().min()
    }

    /// Whether the whole-image file is encoded in this pass. The one of the last level is its tile.
    pub fn is_encoded(self, options: TileOptions<'_>, whole: &pyramid::WholeImage) -> bool {
        let is_there = self.is_whole_written && whole.level == 0;
        !options.tiles_only && !is_one_tile(options.pyramid, whole.level) && !is_there
    }
}
