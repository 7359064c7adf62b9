//! Limits that no real master exceeds. A file that claims more is refused before memory is allocated for it.

use crate::error::{Error, Result};
use crate::model::geometry::Size;
use crate::pixels::libjpeg;
use std::time::Duration;

/// See the [module](self). Memory for pixels is limited by the budget of the run, not here.
pub struct Limits {
    /// Longest side in pixels; map scans and panoramas stay below.
    pub side: u32,
    /// Most pixels of an image.
    pub pixels: u64,
    /// Most pixels of a watermark, which is held whole.
    pub watermark_pixels: u64,
    /// Most images in a file.
    pub pages: usize,
    /// Most bytes of an ICC profile; a larger one is ignored.
    pub icc_bytes: u64,
    /// Most bytes that all tags of a TIFF file take in memory: 16 for each strip or tile.
    pub tag_bytes: u64,
    /// Most bytes of a JPEG before its first scan: an EXIF preview, XMP, a profile.
    pub jpeg_header_bytes: usize,
    /// Most scans of a JPEG: each of them costs a pass over the whole image. Encoders write some ten.
    pub jpeg_scans: i32,
    /// Most bytes of samples that a stored byte may become. Blank pages in CCITT group 4 come closest: a row of any
    /// width is one bit.
    pub expansion: u64,
    /// Images of fewer bytes of samples may expand without limit.
    pub small_bytes: u64,
    /// Seconds that any image may take.
    pub seconds: u64,
    /// Pixels that a slow machine decodes, tiles and encodes in each further second, from the slowest format.
    pub pixels_a_second: u64,
}

/// The limits of every build.
pub const LIMITS: Limits = Limits {
    side: 1_000_000,
    pixels: 1 << 34,
    watermark_pixels: 1 << 24,
    pages: 10_000,
    icc_bytes: 16 << 20,
    tag_bytes: 64 << 20,
    jpeg_header_bytes: 64 << 20,
    jpeg_scans: 200,
    expansion: 1 << 19,
    small_bytes: 256 << 20,
    seconds: 60,
    pixels_a_second: 500_000,
};

impl Limits {
    /// Refuses an empty or an impossible image.
    pub fn check_size(&self, size: Size) -> Result<()> {
        if size.area() == 0 {
            return Err(Error::image(format!("the image is empty ({} x {} pixels)", size.width, size.height)));
        }
        if size.longer_side() > self.side || size.area() > self.pixels {
            let hint =
                format!("at most {} a side and {} in all are read; is the file damaged?", self.side, self.pixels);
            return Err(claims(size, "").with_hint(hint));
        }
        Ok(())
    }

    /// Refuses an image of `bytes` bytes of samples that cannot be in a file of `stored` bytes.
    pub fn check_expansion(&self, size: Size, bytes: u64, stored: u64) -> Result<()> {
        if bytes > self.small_bytes && bytes / self.expansion > stored {
            let file = format!(" in a file of {stored} bytes");
            return Err(claims(size, &file).with_hint("is the file complete? Copy it again from where it came from"));
        }
        Ok(())
    }

    /// The limits that the JPEG decoder enforces itself.
    pub fn jpeg(&self) -> libjpeg::Limits {
        libjpeg::Limits { header_bytes: self.jpeg_header_bytes, scans: self.jpeg_scans }
    }

    /// How long an image of `pixels` may take; if it takes longer, something is wrong with it.
    pub fn time(&self, pixels: u64) -> Duration {
        Duration::from_secs(self.seconds + pixels / self.pixels_a_second)
    }
}

fn claims(size: Size, place: &str) -> Error {
    Error::image(format!("the image claims {} x {} pixels{place}", size.width, size.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_fax_is_no_bomb_and_a_few_bytes_are() {
        // A blank page, A0 at 600 dpi: one bit a row.
        let page = Size::new(19_866, 28_087);
        assert!(LIMITS.check_expansion(page, page.area(), 28_087 / 8).is_ok());
        let bomb = Size::new(60_000, 60_000);
        assert!(LIMITS.check_expansion(bomb, bomb.area() * 3, 200).is_err());
        assert!(LIMITS.check_expansion(Size::new(8000, 8000), 192_000_000, 200).is_ok());
    }

    #[test]
    fn time_grows_with_pixels() {
        assert_eq!(LIMITS.time(0).as_secs(), 60);
        assert_eq!(LIMITS.time(400_000_000).as_secs(), 860);
    }
}
