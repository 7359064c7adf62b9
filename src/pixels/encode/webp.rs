//! Lossy WebP, through libwebp. It encodes whole images only: its first byte depends on the last pixel.
//!
//! The `webp` crate is used, not `libwebp-sys`: it needs no `unsafe` of ours, and costs one more copy of the pixels.

use super::Pixels;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Channels;
use crate::model::geometry::Size;
use crate::model::settings::MAX_WEBP_SIDE;
use webp::{PixelLayout, WebPConfig};

fn failed(why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Internal, format!("WebP encoder: {why}"))
}

/// Encodes `pixels` with quality 1 to 100 and hands the WebP to `consume`.
pub fn encode<R>(pixels: Pixels<'_>, quality: u8, consume: impl FnOnce(&[u8]) -> Result<R>) -> Result<R> {
    let mut whole = RowEncoder::new(pixels.size, pixels.channels, quality);
    whole.write_rows(pixels);
    whole.finish(consume)
}

/// Gathers rows, as RGB without padding, and encodes them after the last.
pub struct RowEncoder {
    size: Size,
    channels: Channels,
    quality: u8,
    pixels: Vec<u8>,
}

impl RowEncoder {
    pub fn new(size: Size, channels: Channels, quality: u8) -> RowEncoder {
        RowEncoder { size, channels, quality, pixels: vec![] }
    }

    pub fn write_rows(&mut self, rows: Pixels<'_>) {
        let bytes = self.size.width as usize * self.channels.count();
        self.pixels.reserve_exact(self.size.width as usize * 3 * rows.size.height as usize);
        for row in rows.data.chunks(rows.stride).take(rows.size.height as usize) {
            match self.channels {
                Channels::Rgb => self.pixels.extend_from_slice(&row[..bytes]),
                Channels::Grey => self.pixels.extend(row[..bytes].iter().flat_map(|value| [*value; 3])),
            }
        }
    }

    pub fn finish<R>(self, consume: impl FnOnce(&[u8]) -> Result<R>) -> Result<R> {
        let Size { width, height } = self.size;
        if self.size.longer_side() > MAX_WEBP_SIDE || self.pixels.len() as u64 != 3 * self.size.area() {
            return Err(failed("rows do not fit the image"));
        }
        let mut config = WebPConfig::new().map_err(|()| failed("no configuration"))?;
        config.quality = f32::from(self.quality);
        let encoder = webp::Encoder::new(&self.pixels, PixelLayout::Rgb, width, height);
        let webp = encoder.encode_advanced(&config).map_err(|error| failed(format!("{error:?}")))?;
        consume(&webp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_and_colour_are_encoded_from_the_middle_of_a_band() {
        for channels in [Channels::Grey, Channels::Rgb] {
            let count = channels.count();
            let data: Vec<u8> = (0..30 * 20 * count).map(|i| (i / count % 30 * 8) as u8).collect();
            let size = Size::new(11, 20);
            let pixels = Pixels { data: &data[10 * count..], stride: 30 * count, size, channels };
            let webp = encode(pixels, 90, |bytes| Ok(bytes.to_vec())).unwrap();
            let shown = image::load_from_memory(&webp).unwrap().to_rgb8();
            assert_eq!(shown.dimensions(), (11, 20));
            assert!(shown.enumerate_pixels().all(|(x, _, pixel)| pixel[1].abs_diff((10 + x as u8) * 8) < 12));
        }
    }

    #[test]
    fn what_is_too_large_or_not_complete_is_an_error() {
        let missing = RowEncoder::new(Size::new(4, 4), Channels::Rgb, 80);
        assert!(missing.finish(|_| Ok(())).is_err());
        let mut long = RowEncoder::new(Size::new(MAX_WEBP_SIDE + 1, 1), Channels::Grey, 80);
        let data = vec![0; MAX_WEBP_SIDE as usize + 1];
        let (stride, size, channels) = (data.len(), Size::new(MAX_WEBP_SIDE + 1, 1), Channels::Grey);
        long.write_rows(Pixels { data: &data, stride, size, channels });
        assert!(long.finish(|_| Ok(())).is_err());
    }
}
