//! The few tiny files that viewers ask by width alone (`full/90,`), reduced from the smallest level that is wide
//! enough. That level's rows are gathered as they pass; it is at most 180 pixels wide, or a tile.

use crate::error::{Error, ErrorKind, Result};
use crate::model::Channels;
use crate::model::geometry::Size;
use crate::model::pyramid::Pyramid;
use crate::model::pyramid::addresses::by_width_path;
use crate::model::settings::{Coding, FileFormat};
use crate::pixels::encode::{self, Pixels, Target};
use crate::storage::output::ImageFolder;
use image::imageops::{self, FilterType};
use image::{GrayImage, RgbImage};

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
