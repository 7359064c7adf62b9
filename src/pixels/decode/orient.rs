//! Orientation: images stored mirrored or turned are published upright (EXIF and TIFF tag 274, values 1 to 8).
//!
//! An image that is mirrored left to right is read row by row. All other orientations need the last row, or a
//! column, first: the image is turned in memory, or in a temporary file when it is large or memory is short.

use super::PixelSource;
use crate::error::{Error, Result};
use crate::model::Channels;
use crate::model::geometry::Size;
use image::metadata::Orientation;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

/// Rows that are read at a time while an image is turned.
const BAND_ROWS: u32 = 64;

/// An image that has more bytes of pixels than this is turned in a temporary file.
const SPILL: u64 = 64 << 20;

/// How many bytes are held at most while an image is turned upright through a temporary file.
pub fn memory(size: Size, orientation: Orientation, channels: Channels) -> u64 {
    match orientation {
        Orientation::NoTransforms | Orientation::FlipHorizontal => 0,
        _ => 2 * u64::from(size.width) * u64::from(BAND_ROWS) * channels.count() as u64,
    }
}

/// How many bytes more are held if the image is turned in memory; 0 for images that are never turned in memory.
pub fn pixels_in_memory(size: Size, orientation: Orientation, channels: Channels) -> u64 {
    let bytes = size.area() * channels.count() as u64;
    if bytes <= SPILL && memory(size, orientation, channels) > 0 { bytes } else { 0 }
}

/// The size of a stored image once it is upright.
pub fn turned(size: Size, orientation: Orientation) -> Size {
    if is_transposed(orientation) { size.transposed() } else { size }
}

fn is_transposed(orientation: Orientation) -> bool {
    use Orientation::*;
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// `source` upright. More than `spill` bytes of pixels go to a temporary file.
pub fn orient(source: Box<dyn PixelSource>, orientation: Orientation, spill: u64) -> Result<Box<dyn PixelSource>> {
    match orientation {
        Orientation::NoTransforms => Ok(source),
        Orientation::FlipHorizontal => Ok(Box::new(Mirrored(source))),
        _ => Ok(Box::new(Turned::new(source, orientation, spill)?)),
    }
}

struct Mirrored(Box<dyn PixelSource>);

impl PixelSource for Mirrored {
    fn size(&self) -> Size {
        self.0.size()
    }

    fn channels(&self) -> Channels {
        self.0.channels()
    }

    fn read_rows(&mut self, rows: &mut [u8]) -> Result<()> {
        self.0.read_rows(rows)?;
        let row_bytes = self.size().width as usize * self.channels().count();
        for row in rows.chunks_exact_mut(row_bytes) {
            mirror(row, self.channels());
        }
        Ok(())
    }

    fn damage(&self) -> Option<String> {
        self.0.damage()
    }
}

fn mirror(row: &mut [u8], channels: Channels) {
    match channels {
        Channels::Grey => row.reverse(),
        Channels::Rgb => row.as_chunks_mut::<3>().0.reverse(),
    }
}

/// An image that must be turned as a whole before its first row is known.
struct Turned {
    size: Size,
    channels: Channels,
    pixels: Store,
    next: u64,
    damage: Option<String>,
}

enum Store {
    Memory(Vec<u8>),
    File(File),
}

impl Store {
    fn new(bytes: u64, spill: u64) -> std::io::Result<Store> {
        if bytes <= spill {
            return Ok(Store::Memory(vec![0; bytes as usize]));
        }
        let file = tempfile::tempfile()?;
        file.set_len(bytes)?;
        Ok(Store::File(file))
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Store::Memory(pixels) => {
                pixels[offset as usize..][..bytes.len()].copy_from_slice(bytes);
                Ok(())
            }
            Store::File(file) => {
                file.seek(SeekFrom::Start(offset))?;
                file.write_all(bytes)
            }
        }
    }

    fn read(&mut self, offset: u64, bytes: &mut [u8]) -> std::io::Result<()> {
        match self {
            Store::Memory(pixels) => {
                bytes.copy_from_slice(&pixels[offset as usize..][..bytes.len()]);
                Ok(())
            }
            Store::File(file) => {
                file.seek(SeekFrom::Start(offset))?;
                file.read_exact(bytes)
            }
        }
    }
}

impl Turned {
    fn new(mut source: Box<dyn PixelSource>, orientation: Orientation, spill: u64) -> Result<Turned> {
        use Orientation::*;
        let (stored, channels) = (source.size(), source.channels());
        let size = turned(stored, orientation);
        let bytes = channels.count();
        let mut pixels = Store::new(size.area() * bytes as u64, spill).map_err(failed)?;
        let row_bytes = stored.width as usize * bytes;
        // Stored rows that come out bottom first, and stored columns that come out right first.
        let upside_down = matches!(orientation, Rotate180 | FlipVertical | Rotate90 | Rotate270FlipH);
        let right_first = matches!(orientation, Rotate180 | Rotate270 | Rotate270FlipH);
        let mut band = vec![];
        let mut strip = vec![];
        for first in (0..stored.height).step_by(BAND_ROWS as usize) {
            let rows = BAND_ROWS.min(stored.height - first);
            band.resize(rows as usize * row_bytes, 0);
            source.read_rows(&mut band)?;
            let target = if upside_down { stored.height - first - rows } else { first };
            if is_transposed(orientation) {
                for column in 0..stored.width as usize {
                    strip.clear();
                    let pixel = |row: u32| &band[row as usize * row_bytes + column * bytes..][..bytes];
                    (0..rows)
                        .for_each(|row| strip.extend_from_slice(pixel(if upside_down { rows - 1 - row } else { row })));
                    let to = if right_first { stored.width as usize - 1 - column } else { column };
                    let offset = (to as u64 * u64::from(size.width) + u64::from(target)) * bytes as u64;
                    pixels.write(offset, &strip).map_err(failed)?;
                }
            } else {
                strip.clear();
                for row in band.chunks_exact_mut(row_bytes).rev() {
                    if right_first {
                        mirror(row, channels);
                    }
                    strip.extend_from_slice(row);
                }
                pixels.write(u64::from(target) * row_bytes as u64, &strip).map_err(failed)?;
            }
        }
        Ok(Turned { size, channels, pixels, next: 0, damage: source.damage() })
    }
}

impl PixelSource for Turned {
    fn size(&self) -> Size {
        self.size
    }

    fn channels(&self) -> Channels {
        self.channels
    }

    fn read_rows(&mut self, rows: &mut [u8]) -> Result<()> {
        self.pixels.read(self.next, rows).map_err(failed)?;
        self.next += rows.len() as u64;
        Ok(())
    }

    fn damage(&self) -> Option<String> {
        self.damage.clone()
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::new(crate::error::ErrorKind::Output, format!("cannot turn the image in a temporary file: {error}"))
        .with_hint("TMPDIR names the folder for temporary files")
        .with_source(error)
}

/// EXIF metadata in a JPEG begins with this. Some writers of WebP and PNG write it too.
pub const EXIF_PREFIX: &[u8] = b"Exif\0\0";

/// The orientation that EXIF metadata gives, whether or not [`EXIF_PREFIX`] is before it.
pub fn by_exif(exif: Option<&[u8]>) -> Orientation {
    exif.map(|exif| exif.strip_prefix(EXIF_PREFIX).unwrap_or(exif))
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, RgbImage};

    struct Rows(RgbImage, usize);

    impl PixelSource for Rows {
        fn size(&self) -> Size {
            Size::new(self.0.width(), self.0.height())
        }

        fn channels(&self) -> Channels {
            Channels::Rgb
        }

        fn read_rows(&mut self, rows: &mut [u8]) -> Result<()> {
            rows.copy_from_slice(&self.0.as_raw()[self.1..][..rows.len()]);
            self.1 += rows.len();
            Ok(())
        }
    }

    #[test]
    fn every_orientation_agrees_with_the_image_crate_in_memory_and_in_a_file() {
        let stored = RgbImage::from_fn(7, 150, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]));
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let mut expected = DynamicImage::from(stored.clone());
            expected.apply_orientation(orientation);
            for spill in [0, u64::MAX] {
                let mut upright = orient(Box::new(Rows(stored.clone(), 0)), orientation, spill).unwrap();
                assert_eq!(upright.size(), Size::new(expected.width(), expected.height()));
                let mut pixels = vec![0; expected.as_bytes().len()];
                upright.read_rows(&mut pixels).unwrap();
                assert_eq!(pixels, expected.as_bytes(), "orientation {exif}, spill {spill}");
            }
        }
    }

    #[test]
    fn the_prefix_may_be_there_or_not() {
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        assert_eq!(by_exif(Some(exif)), Orientation::Rotate90);
        assert_eq!(by_exif(Some(&[EXIF_PREFIX, exif].concat())), Orientation::Rotate90);
        assert_eq!(by_exif(Some(b"II*")), Orientation::NoTransforms);
        assert_eq!(by_exif(None), Orientation::NoTransforms);
    }
}
