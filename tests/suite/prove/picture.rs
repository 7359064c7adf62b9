//! One image file of a site, read by another decoder than the library that wrote it.

use super::Size;
use crate::site::Site;
use image::{ColorType, DynamicImage, ImageFormat};

/// Decodes a file of the site; its name says the format, and its bytes must be of that.
pub fn decode(site: &Site, path: &str) -> Result<DynamicImage, String> {
    let bytes = std::fs::read(site.file(path)).map_err(|error| format!("{path}: {error}"))?;
    let format = if path.ends_with(".webp") { ImageFormat::WebP } else { ImageFormat::Jpeg };
    let image = image::load_from_memory_with_format(&bytes, format);
    image.map_err(|error| format!("{path} does not decode: {error}"))
}

/// Why the file is not an image of `size` in the format of its name, grey or RGB, without metadata.
pub fn problem(site: &Site, path: &str, size: Size) -> Option<String> {
    let image = match decode(site, path) {
        Ok(image) => image,
        Err(problem) => return Some(problem),
    };
    if (image.width(), image.height()) != size {
        return Some(format!("{path} is {}x{}, not {size:?}", image.width(), image.height()));
    }
    if !matches!(image.color(), ColorType::L8 | ColorType::Rgb8) {
        return Some(format!("{path} is {:?}", image.color()));
    }
    let bytes = site.read(path);
    let has_metadata = if path.ends_with(".webp") { !is_bare_webp(&bytes) } else { has_metadata(&bytes) };
    has_metadata.then(|| format!("{path} carries EXIF or XMP"))
}

/// Whether the file holds one lossy picture and no chunk besides (RFC 9649, section 2.5).
fn is_bare_webp(webp: &[u8]) -> bool {
    webp.get(12..16) == Some(b"VP8 ")
}

/// Whether an APP1 segment stands before the pixels.
fn has_metadata(jpeg: &[u8]) -> bool {
    let mut at = 2;
    while let [0xff, marker, high, low, ..] = jpeg[at..] {
        match marker {
            0xe1 => return true,
            0xda => return false,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    false
}
