//! How an image is cut: into tiles encoded anew, or into those that its master holds. Pure.

use crate::model::pyramid::Pyramid;
use crate::model::settings::{ImageSettings, Lossless};
use crate::model::{ImageHeader, StoredForm, StoredJpeg};

/// A master's own JPEG data is published unless its quality is this much above the one asked for: then its bytes would
/// be about twice as many.
const QUALITY_TO_SPARE: u8 = 10;

/// See the [module](self).
#[derive(Debug, Clone)]
pub struct TilePlan {
    pub pyramid: Pyramid,
    /// What of the master is published as it is.
    pub stored: Option<StoredJpeg>,
    /// Whether a watermark is burned in.
    has_watermark: bool,
}

impl TilePlan {
    /// Chooses between the master's own tiles, which then give the tile size, and tiles encoded anew.
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

    /// What is done to the image, in words.
    pub fn treatment(&self, header: &ImageHeader) -> String {
        let treatment = &header.treatment;
        match self.stored {
            None if self.has_watermark && header.stored.is_some() => {
                format!("{treatment}; watermark burned in, so that nothing is published without loss")
            }
            None if self.has_watermark => format!("{treatment}; watermark burned in"),
            None => treatment.clone(),
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
    // What is published in other formats too has to be decoded anyway, and what bears a watermark is not as it was.
    if settings.lossless == Lossless::Never || settings.formats.extra().is_some() || settings.watermark.is_some() {
        return false;
    }
    let tile_size = settings.tile_size;
    let is_always = settings.lossless == Lossless::Always;
    let fits = match stored.form {
        StoredForm::Image { unit } => tile_size.is_multiple_of(unit.width) && tile_size.is_multiple_of(unit.height),
        // Tiles of half the size are four times as many files.
        StoredForm::Tiles { side, .. } => is_always || (tile_size / 2..=tile_size * 2).contains(&side),
    };
    fits && (is_always || stored.quality <= settings.coding.quality.saturating_add(QUALITY_TO_SPARE))
}
