//! What no real master exceeds: a header that claims more is refused before anything is allocated.

use crate::error::{Error, Result};
use crate::geometry::Size;

/// Longest side in pixels; map scans and panoramas stay below.
const MAX_SIDE: u32 = 1_000_000;

/// Most pixels of an image: 16 gigapixels.
const MAX_PIXELS: u64 = 1 << 34;

/// Most images in a file.
pub const MAX_PAGES: usize = 10_000;

/// Most bytes of an ICC profile.
pub const MAX_ICC_BYTES: u64 = 16 << 20;

/// Refuses an empty or an impossible image.
pub fn check_size(size: Size) -> Result<()> {
    if size.area() == 0 {
        return Err(Error::image(format!("the image is empty ({} x {} pixels)", size.width, size.height)));
    }
    if size.longer_side() > MAX_SIDE || size.area() > MAX_PIXELS {
        return Err(Error::image(format!("the image claims {} x {} pixels", size.width, size.height))
            .with_hint(format!("at most {MAX_SIDE} a side and {MAX_PIXELS} in all are read; is the file damaged?")));
    }
    Ok(())
}
