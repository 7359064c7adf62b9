//! A level as one file (`full/w,h`, `full/max`), encoded while the level's bands pass.

use crate::error::{Error, Result};
use crate::model::Channels;
use crate::model::pyramid;
use crate::model::pyramid::addresses::{max_path, whole_path};
use crate::pixels::encode::{Pixels, RowEncoder, Target};
use crate::storage::output::ImageFolder;
use std::io::Write;
use std::path::Path;

/// See the [module](self).
pub struct WholeImage<'a> {
    path: String,
    file: Box<dyn Write + Send + 'a>,
    /// Gone once the last row was encoded: some hold the whole image.
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
