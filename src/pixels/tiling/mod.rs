//! TILE: one pass over an image's rows cuts the tiles of all its levels.
//!
//! The image flows through in *bands* of one tile's height. In each step the next band of the full image is decoded
//! while the bands that are ready, at most one a level, are encoded and halved into the next level's band; two bands
//! make the next level ready. No image is ever whole in memory: about `4 x tile size x width` pixels are, for any
//! height. libvips' `dzsave` works in the same way.

mod memory;
mod passthrough;
mod shrink;
mod whole_images;

pub use memory::{MemoryBudget, Share, memory_needed};
pub use passthrough::tile_passthrough;
pub use shrink::shrink_rows;

use crate::error::Result;
use crate::model::Channels;
use crate::model::geometry::Size;
use crate::model::pyramid::addresses::{max_path, tile_path, whole_path};
use crate::model::pyramid::{Pyramid, Tile};
use crate::model::settings::{Coding, Formats, ImageSettings};
use crate::pixels::decode::PixelSource;
use crate::pixels::encode::{self, Pixels, Target};
use crate::storage::output::ImageFolder;
use passthrough::Start;
use rayon::prelude::*;
use whole_images::{Gathered, WholeImage};

/// Rows that one halving job makes: small enough to share the work, large enough to pay for it.
const SHRINK_ROWS: usize = 32;

/// Rows of one level. Bands are numbered from the top.
struct Band {
    level: usize,
    number: u32,
    rows: u32,
    data: Vec<u8>,
}

/// How to cut an image into tiles and encode them.
#[derive(Debug, Clone, Copy)]
pub struct TileOptions<'a> {
    /// The levels and tiles to make.
    pub pyramid: &'a Pyramid,
    /// Each file is written in all of these formats.
    pub formats: Formats,
    /// Quality, subsampling and Huffman tables.
    pub coding: Coding,
    /// Only tiles are written, as by `dzsave`: none of the whole-image files that IIIF and its viewers ask for.
    pub tiles_only: bool,
}

impl<'a> TileOptions<'a> {
    /// Cuts into the pieces of `pyramid`, in the formats and with the coding of `settings`.
    pub fn new(pyramid: &'a Pyramid, settings: &ImageSettings, tiles_only: bool) -> TileOptions<'a> {
        TileOptions { pyramid, formats: settings.formats, coding: settings.coding, tiles_only }
    }

    /// The formats that each piece is encoded in, JPEG first.
    fn targets(&self) -> impl Iterator<Item = Target> {
        let coding = self.coding;
        self.formats.iter().map(move |format| Target { format, coding })
    }
}

/// Writes all files of an image into `folder`, except info.json. Runs on the current rayon pool. Calls `advanced` with
/// the number of pixels of the full image that were done since the last call. `source` must have the pyramid's full
/// size.
///
/// # Errors
///
/// The source cannot be decoded, or a file cannot be written. `folder` is then incomplete and must not be published.
pub fn tile(
    source: &mut dyn PixelSource,
    options: TileOptions<'_>,
    folder: &dyn ImageFolder,
    advanced: &(dyn Fn(u64) + Sync),
) -> Result<()> {
    Run::new(options, Start::default(), source.channels(), folder)?.all_bands(source, advanced)
}

impl Run<'_> {
    /// Reads all bands of the level that the pass begins with, and writes the files of that level and all smaller ones.
    fn all_bands(mut self, source: &mut dyn PixelSource, advanced: &(dyn Fn(u64) + Sync)) -> Result<()> {
        let pyramid = self.options.pyramid;
        let first = self.start.level;
        let bands = pyramid.levels[first].rows;
        let mut ready = vec![];
        for number in 0.. {
            let mut incoming = (number < bands).then(|| self.new_band(first, number));
            if incoming.is_none() && ready.is_empty() {
                break;
            }
            let decode = || match &mut incoming {
                Some(band) => {
                    band.rows = run_rows(pyramid, band);
                    source.read_rows(&mut band.data)
                }
                None => Ok(()),
            };
            let (decoded, encoded) = rayon::join(decode, || self.process(&ready));
            decoded?;
            encoded?;
            advanced(ready.iter().filter(|band: &&Band| band.level == first).map(|band| self.pixels(band)).sum());
            ready = self.next_ready(incoming, ready);
        }
        self.finish()
    }
}

fn run_rows(pyramid: &Pyramid, band: &Band) -> u32 {
    let height = pyramid.levels[band.level].size.height;
    pyramid.tile_size.min(height - band.number * pyramid.tile_size)
}

/// The state of one image's pass.
struct Run<'a> {
    options: TileOptions<'a>,
    start: Start,
    channels: Channels,
    folder: &'a dyn ImageFolder,
    /// By level: the band that the level above is being halved into.
    filling: Vec<Option<Band>>,
    /// By level: buffers for reuse.
    spare: Vec<Vec<Vec<u8>>>,
    /// By level: the encoders of the level's whole image.
    whole: Vec<Vec<WholeImage<'a>>>,
    gathered: Option<Gathered>,
}

/// A piece of work on a band that is ready. Jobs do not wait for each other.
enum Job<'a, 'f> {
    Tile { band: &'a Band, tile: Tile, target: Target },
    Whole { band: &'a Band, whole: &'a mut WholeImage<'f> },
    Shrink { band: &'a Band, first: usize, rows: &'a mut [u8] },
    Gather { band: &'a Band, gathered: &'a mut Gathered },
}

impl<'a> Run<'a> {
    fn new(options: TileOptions<'a>, start: Start, channels: Channels, folder: &'a dyn ImageFolder) -> Result<Run<'a>> {
        let pyramid = options.pyramid;
        let levels = pyramid.levels.len();
        let mut whole: Vec<Vec<WholeImage>> = (0..levels).map(|_| vec![]).collect();
        for image in pyramid.whole_images().filter(|image| start.is_encoded(options, image)) {
            let encoders = options.targets().map(|target| WholeImage::new(&image, channels, target, folder));
            whole[image.level] = encoders.collect::<Result<_>>()?;
        }
        Ok(Run {
            options,
            start,
            channels,
            folder,
            filling: (0..levels).map(|_| None).collect(),
            spare: vec![vec![]; levels],
            whole,
            gathered: (!options.tiles_only).then(|| Gathered::new(pyramid, channels)),
        })
    }

    fn stride(&self, level: usize) -> usize {
        self.options.pyramid.levels[level].size.width as usize * self.channels.count()
    }

    /// About how many pixels of the full image a band shows.
    fn pixels(&self, band: &Band) -> u64 {
        let level = &self.options.pyramid.levels[band.level];
        u64::from(band.rows) * u64::from(level.size.width) * u64::from(level.scale_factor).pow(2)
    }

    /// An empty band of the level, with room for its full height.
    fn new_band(&mut self, level: usize, number: u32) -> Band {
        let mut band = Band { level, number, rows: 0, data: self.spare[level].pop().unwrap_or_default() };
        let rows = run_rows(self.options.pyramid, &band) as usize;
        band.data.resize(rows * self.stride(level), 0);
        band
    }

    /// Encodes the bands and halves them into the bands of the next level.
    fn process(&mut self, ready: &[Band]) -> Result<()> {
        for band in ready {
            let next = band.level + 1;
            if next < self.options.pyramid.levels.len() && self.filling[next].is_none() {
                self.filling[next] = Some(self.new_band(next, band.number / 2));
            }
        }
        let (options, channels, folder) = (self.options, self.channels, self.folder);
        let pyramid = options.pyramid;
        let strides: Vec<usize> = (0..pyramid.levels.len()).map(|level| self.stride(level)).collect();
        let mut fillings: Vec<_> = self.filling.iter_mut().map(Option::as_mut).collect();
        let mut wholes: Vec<_> = self.whole.iter_mut().map(Some).collect();
        let mut gathered = self.gathered.as_mut();
        let mut jobs: Vec<Job<'_, '_>> = vec![];
        for band in ready {
            let encoders = wholes[band.level].take().into_iter().flatten();
            jobs.extend(encoders.map(|whole| Job::Whole { band, whole }));
            if band.level == pyramid.level_for_width() {
                jobs.extend(gathered.take().map(|gathered| Job::Gather { band, gathered }));
            }
            if let Some(next) = fillings.get_mut(band.level + 1).and_then(Option::take) {
                let rows = band.rows.div_ceil(2);
                let stride = strides[next.level];
                let start = next.rows as usize * stride;
                next.rows += rows;
                let target = &mut next.data[start..][..rows as usize * stride];
                jobs.extend(target.chunks_mut(SHRINK_ROWS * stride).enumerate().map(|(chunk, rows)| Job::Shrink {
                    band,
                    first: chunk * SHRINK_ROWS,
                    rows,
                }));
            }
            if band.level < self.start.tiled {
                continue;
            }
            let level = &pyramid.levels[band.level];
            let tiles = (0..level.columns).map(|column| pyramid.tile(level, column, band.number));
            let tiles = tiles.filter(|tile| !pyramid.is_repeated(band.level, tile));
            jobs.extend(tiles.flat_map(|tile| options.targets().map(move |target| Job::Tile { band, tile, target })));
        }
        jobs.into_par_iter().with_max_len(1).try_for_each(|job| match job {
            Job::Tile { band, tile, target } => {
                let stride = strides[band.level];
                let left = (tile.column * pyramid.tile_size) as usize * channels.count();
                let pixels = Pixels { data: &band.data[left..], stride, size: tile.size, channels };
                encode::encode(pixels, target, |bytes| write_tile(options, band.level, &tile, target, bytes, folder))
            }
            Job::Whole { band, whole } => {
                let size = Size::new(pyramid.levels[band.level].size.width, band.rows);
                whole.write_rows(Pixels { data: &band.data, stride: strides[band.level], size, channels })
            }
            Job::Shrink { band, first, rows } => {
                let (stride, bottom) = (strides[band.level], band.rows as usize - 1);
                for (index, out) in rows.chunks_exact_mut(strides[band.level + 1]).enumerate() {
                    let row = |number: usize| &band.data[number.min(bottom) * stride..][..stride];
                    let upper = (first + index) * 2;
                    shrink::shrink_rows(row(upper), row(upper + 1), out, channels);
                }
                Ok(())
            }
            Job::Gather { band, gathered } => {
                gathered.push(&band.data[..band.rows as usize * strides[band.level]]);
                Ok(())
            }
        })
    }

    /// The bands that are ready after a step: the new band of the full image and every band that the step filled.
    fn next_ready(&mut self, incoming: Option<Band>, done: Vec<Band>) -> Vec<Band> {
        for band in done {
            self.spare[band.level].push(band.data);
        }
        let full = |band: &mut Band| band.rows == run_rows(self.options.pyramid, band);
        incoming.into_iter().chain(self.filling.iter_mut().filter_map(|slot| slot.take_if(|band| full(band)))).collect()
    }

    fn finish(self) -> Result<()> {
        let Some(gathered) = self.gathered else { return Ok(()) };
        for image in self.options.pyramid.whole_images() {
            if image.by_size && image.max && !is_one_tile(self.options.pyramid, image.level) {
                for format in self.options.formats.iter() {
                    self.folder.alias(&whole_path(image.size, format), &max_path(format))?;
                }
            }
        }
        gathered.write(self.options.pyramid, self.options.coding, self.folder)
    }
}

fn is_one_tile(pyramid: &Pyramid, level: usize) -> bool {
    level + 1 == pyramid.levels.len()
}

/// Writes a tile. The tile of the last level is also the whole image of its size.
fn write_tile(
    options: TileOptions<'_>,
    level: usize,
    tile: &Tile,
    target: Target,
    bytes: &[u8],
    folder: &dyn ImageFolder,
) -> Result<()> {
    folder.write(&tile_path(tile, target.format), bytes)?;
    let is_whole = !options.tiles_only && is_one_tile(options.pyramid, level);
    if let Some(whole) = options.pyramid.whole_images().find(|whole| is_whole && whole.level == level) {
        if whole.by_size {
            folder.write(&whole_path(whole.size, target.format), bytes)?;
        }
        if whole.max {
            folder.write(&max_path(target.format), bytes)?;
        }
    }
    Ok(())
}
