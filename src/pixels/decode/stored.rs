//! Tiles that need no encoding, because a master holds them as JPEG already.

use super::PixelSource;
use crate::error::Result;
use crate::model::pyramid::{Pyramid, Tile};
use crate::model::{Channels, StoredJpeg};

/// What a stored tile is handed over as.
pub enum Content<'a> {
    /// A whole JPEG, without metadata.
    Jpeg(&'a [u8]),
    /// Rows of a tile that has to be encoded after all, without padding.
    Pixels(&'a [u8]),
}

/// Takes a tile of a level, from any thread.
pub type Take<'a> = dyn Fn(usize, &Tile, Content<'_>) -> Result<()> + Sync + 'a;

/// A master whose own JPEG data can be published.
pub trait StoredTiles: Send + Sync {
    fn describe(&self) -> StoredJpeg;

    fn channels(&self) -> Channels;

    /// How many levels it gives all tiles of, from full resolution on.
    fn levels(&self) -> usize;

    /// Hands every tile of these levels to `take`.
    fn tiles(&self, pyramid: &Pyramid, take: &Take<'_>) -> Result<()>;

    /// Hands the full image to `write` as one JPEG, piece by piece; nothing if it is not stored as one.
    fn whole(&self, write: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>;

    /// The smallest level that [`pixels`](Self::pixels) gives.
    fn last_pixels(&self) -> usize;

    /// The pixels of a level.
    fn pixels(&self, pyramid: &Pyramid, level: usize) -> Result<Box<dyn PixelSource>>;
}
