//! The choice of how an image is cut: into newly encoded tiles, or into the tiles that its master holds. Pure.

use crate::model::pyramid::Pyramid;
use crate::model::settings::{ImageSettings, Lossless};
use crate::model::{ImageHeader, StoredForm, StoredJpeg};

/// A master's own JPEG data is published unless its quality exceeds the quality setting by more than this: its bytes
/// would then be about twice as many.
const QUALITY_TO_SPARE: u8 = 10;

/// The levels and tiles that are made from an image, and which of them come from the master as they are.
#[derive(Debug, Clone)]
pub struct TilePlan {
    /// All levels with their tiles, in pixels of the published image.
    pub pyramid: Pyramid,
    /// The JPEG data of the master that is published as it is.
    pub stored: Option<StoredJpeg>,
    /// Whether a watermark is burned in.
    has_watermark: bool,
}

impl TilePlan {
    /// Chooses between the master's own tiles, which then decide the tile size, and newly encoded tiles.
    pub fn new(header: &ImageHeader, settings: &ImageSettings) -> TilePlan {
        let stored = header.stored.filter(|stored| is_wanted(stored, settings));
        let own_side = stored.and_then(|stored| match stored.form {
            StoredForm::Tiles { side, .. } => Some(side),
            StoredForm::Image { .. } => None,
        });
        let settings = settings.with_tile_size(own_side.unwrap_or(settings.tile_size));
        let pyramid = Pyramid::new(header.size, settings.tile_size, settings.whole_limit());
        TilePlan { pyramid, stored, has_watermark: settings.watermark.is_some() }
    }

    /// The treatment of the image in words, for plans and reports.
    pub fn treatment(&self, header: &ImageHeader) -> String {
        let treatment = &header.treatment;
        match self.stored {
            None if self.has_watermark && header.stored.is_some() => {
                format!("{treatment}; watermark burned in, so that nothing is published without loss")
            }
            None if self.has_watermark => format!("{treatment}; watermark burned in"),
            None => treatment.to_string(),
            Some(StoredJpeg { form: StoredForm::Image { .. }, quality, .. }) => {
                format!("{treatment}; full resolution without loss, quality {quality}")
            }
            Some(StoredJpeg { form: StoredForm::Tiles { side, levels }, quality, .. }) => {
                format!("{treatment}; its tiles of {side} in {levels} levels without loss, quality {quality}")
            }
        }
    }
}

fn is_wanted(stored: &StoredJpeg, settings: &ImageSettings) -> bool {
    // An image that is published in other formats too must be decoded anyway. A watermark changes the pixels.
    if settings.lossless == Lossless::Never || settings.formats.extra().is_some() || settings.watermark.is_some() {
        return false;
    }
    let tile_size = settings.tile_size;
    let is_always = settings.lossless == Lossless::Always;
    let fits = match stored.form {
        StoredForm::Image { unit } => tile_size.is_multiple_of(unit.width) && tile_size.is_multiple_of(unit.height),
        // Tiles of half the size make four times as many files.
        StoredForm::Tiles { side, .. } => is_always || (tile_size / 2..=tile_size * 2).contains(&side),
    };
    fits && (is_always || stored.quality <= settings.coding.quality.saturating_add(QUALITY_TO_SPARE))
}
