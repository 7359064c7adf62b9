//! Which format a file has, by its first bytes.

use super::input::Input;
use crate::error::{Error, Result};

/// The formats that masters come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Tiff,
    Jpeg,
    /// JP2, JPX, JPH or a bare codestream.
    Jp2,
    /// A container or a bare codestream.
    Jxl,
    Png,
    WebP,
    Gif,
}

/// Endings of files that are taken for images when a folder is scanned; what they hold is decided by their bytes.
pub const IMAGE_ENDINGS: [&str; 17] = [
    "tif", "tiff", "jpg", "jpeg", "jpe", "jp2", "j2k", "j2c", "jpx", "jpf", "jph", "jhc", "jpc", "jxl", "png", "webp",
    "gif",
];

impl Format {
    /// As it stands in reports.
    pub fn name(self) -> &'static str {
        match self {
            Format::Tiff => "TIFF",
            Format::Jpeg => "JPEG",
            Format::Jp2 => "JPEG 2000",
            Format::Jxl => "JPEG XL",
            Format::Png => "PNG",
            Format::WebP => "WebP",
            Format::Gif => "GIF",
        }
    }

    /// Whether a file of this name is taken for an image.
    pub fn is_image_name(name: &str) -> bool {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
        IMAGE_ENDINGS.contains(&ending.as_str())
    }

    pub(super) fn of(input: &Input) -> Result<Format> {
        let start = input.read_up_to(0, 16).map_err(|error| Error::image(format!("cannot read: {error}")))?;
        match start.as_slice() {
            [] => Err(Error::image("the file is empty").with_hint("copy it again from where it came from")),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Ok(Format::Tiff),
            [0xff, 0xd8, 0xff, ..] => Ok(Format::Jpeg),
            [0xff, 0x4f, 0xff, 0x51, ..] => Ok(Format::Jp2),
            [0, 0, 0, 12, b'j', b'P', b' ', b' ', 13, 10, 0x87, 10, ..] => Ok(Format::Jp2),
            [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', 13, 10, 0x87, 10, ..] => Ok(Format::Jxl),
            [0x89, b'P', b'N', b'G', 13, 10, 26, 10, ..] => Ok(Format::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Format::WebP),
            [b'G', b'I', b'F', b'8', ..] => Ok(Format::Gif),
            [b'%', b'P', b'D', b'F', ..] => {
                Err(Error::image("this is a PDF").with_hint("export its pages as TIFF or JPEG"))
            }
            _ => Err(Error::image("this is no image in a known format").with_hint(
                "TIFF, JPEG, JPEG 2000, JPEG XL, PNG, WebP and GIF are read; the first bytes decide, not the name",
            )),
        }
    }
}
