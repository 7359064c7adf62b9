//! Files that show the whole image: each level as one file (`full/w,h`, `full/max`), encoded while its bands pass, and
//! the few tiny files that viewers ask for by width alone (`full/90,`).

use crate::error::{Error, ErrorKind, Result};
use crate::model::geometry::Size;
use crate::model::pyramid::Pyramid;
use crate::model::pyramid::addresses::{by_width_path, max_path, whole_path};
use crate::model::settings::{Coding, FileFormat};
use crate::model::{Channels, pyramid};
use crate::pixels::encode::{self, Pixels, RowEncoder, Target};
use crate::storage::output::ImageFolder;
use image::imageops::{self, FilterType};
use image::{GrayImage, RgbImage};
use std::io::Write;
use std::path::Path;

/// See the [module](self).
pub struct WholeImage<'a> {
    path: String,
    file: Box<dyn Write + Send + 'a>,
    /// `None` after the last row: some encoders hold the whole image.
    encoder: Option<RowEncoder>,
    rows_left: u32,
}

impl<'a> WholeImage<'a> {
    pub fn new(
        image: &pyramid::WholeImage,
        channels: Channels,
        target: Target,
        folder: &'a dyn ImageFolder,
    ) -> Result<WholeImage<'a>> {
        let path = if image.by_size { whole_path(image.size, target.format) } else { max_path(target.format) };
        Ok(WholeImage {
            file: folder.create(&path)?,
            path,
            encoder: Some(RowEncoder::new(image.size, channels, target)?),
            rows_left: image.size.height,
        })
    }

    /// Encodes the next rows; after the last the file is complete.
    pub fn write_rows(&mut self, rows: Pixels<'_>) -> Result<()> {
        let (file, path) = (&mut self.file, Path::new(&self.path));
        let mut write = |bytes: &[u8]| file.write_all(bytes).map_err(|error| Error::output(path, error));
        if let Some(encoder) = &mut self.encoder {
            encoder.write_rows(rows, &mut write)?;
        }
        self.rows_left = self.rows_left.saturating_sub(rows.size.height);
        if self.rows_left > 0 {
            return Ok(());
        }
        if let Some(encoder) = self.encoder.take() {
            encoder.finish(&mut write)?;
        }
        self.file.flush().map_err(|error| Error::output(path, error))
    }
}

/// The rows of one level, from the top.
pub struct Gathered {
    size: Size,
    channels: Channels,
    data: Vec<u8>,
}

impl Gathered {
    pub fn new(pyramid: &Pyramid, channels: Channels) -> Gathered {
        Gathered { size: pyramid.levels[pyramid.level_for_width()].size, channels, data: vec![] }
    }

    /// Adds the next rows.
    pub fn push(&mut self, rows: &[u8]) {
        self.data.extend_from_slice(rows);
    }

    /// Writes each of [`Pyramid::by_width`] once all rows are there.
    pub fn write(self, pyramid: &Pyramid, coding: Coding, folder: &dyn ImageFolder) -> Result<()> {
        let target = Target { format: FileFormat::Jpeg, coding };
        let Gathered { size: Size { width, height }, channels, data } = self;
        let incomplete = || Error::new(ErrorKind::Internal, "rows of a level are missing");
        let reduced: Box<dyn Fn(Size) -> Vec<u8>> = match channels {
            Channels::Grey => {
                let image = GrayImage::from_raw(width, height, data).ok_or_else(incomplete)?;
                Box::new(move |to| imageops::resize(&image, to.width, to.height, FilterType::Triangle).into_raw())
            }
            Channels::Rgb => {
                let image = RgbImage::from_raw(width, height, data).ok_or_else(incomplete)?;
                Box::new(move |to| imageops::resize(&image, to.width, to.height, FilterType::Triangle).into_raw())
            }
        };
        for size in pyramid.by_width() {
            let data = reduced(size);
            let pixels = Pixels { data: &data, stride: size.width as usize * channels.count(), size, channels };
            encode::encode(pixels, target, |jpeg| folder.write(&by_width_path(size), jpeg))?;
        }
        Ok(())
    }
}
