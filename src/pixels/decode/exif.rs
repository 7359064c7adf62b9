//! The orientation in EXIF metadata, wherever a format keeps it.

use image::metadata::Orientation;

/// What the metadata begins with in a JPEG; some writers of WebP and PNG put it there too.
pub const PREFIX: &[u8] = b"Exif\0\0";

/// How to turn an image with this metadata upright.
pub fn orientation(exif: Option<&[u8]>) -> Orientation {
    exif.map(|exif| exif.strip_prefix(PREFIX).unwrap_or(exif))
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_may_be_there_or_not() {
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        assert_eq!(orientation(Some(exif)), Orientation::Rotate90);
        assert_eq!(orientation(Some(&[PREFIX, exif].concat())), Orientation::Rotate90);
        assert_eq!(orientation(Some(b"II*")), Orientation::NoTransforms);
        assert_eq!(orientation(None), Orientation::NoTransforms);
    }
}
