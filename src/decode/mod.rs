//! PROBE and pixels in: from an image file to rows of 8-bit grey or sRGB, top to bottom.
//!
//! Each format family has one file; all of them end in a [`rows::RowReader`] that hands out the file's own samples.
//! [`colour`] brings those to grey or sRGB, [`orient`] turns them upright. A file's format is decided by its bytes,
//! never by its name.

mod colour;
mod exif;
mod format;
mod grid;
mod input;
mod jp2;
mod jpeg;
mod jxl;
mod lab;
mod limits;
mod orient;
mod png;
mod rows;
mod tiff;
mod whole;

pub use format::Format;

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::model::{Channels, ImageHeader};
use colour::Converter;
use image::metadata::Orientation;
use input::Input;
use rows::{Layout, RowReader};
use std::path::Path;
use std::sync::Arc;

/// Pixels of one image, ready to be published.
pub trait PixelSource: Send {
    fn size(&self) -> Size;

    fn channels(&self) -> Channels;

    /// Fills `rows` with the next rows; its length is a whole number of rows. Must run on the pool that may share
    /// the work.
    fn read_rows(&mut self, rows: &mut [u8]) -> Result<()>;
}

/// An image of a file as its decoder describes it, before a single row is decoded.
struct Opened {
    format: Format,
    index: usize,
    /// As stored, before orientation.
    size: Size,
    layout: Layout,
    orientation: Orientation,
    icc: Option<Vec<u8>>,
    /// What the format says of the samples, such as `LZW, 16 bit`.
    detail: String,
    /// What the reader holds at most, in bytes.
    memory: u64,
    reader: Reader,
}

/// Starts decoding.
type Reader = Box<dyn FnOnce() -> Result<Box<dyn RowReader>> + Send>;

/// Reads the headers of all images in a file: one, or the pages of a multi-page TIFF.
pub fn probe(path: &Path) -> Result<Vec<ImageHeader>> {
    let headers = || -> Result<Vec<ImageHeader>> { open_file(path)?.into_iter().map(header).collect() };
    headers().map_err(|error| about(path, error))
}

/// Opens the image that `header` describes.
pub fn open(path: &Path, header: &ImageHeader) -> Result<Box<dyn PixelSource>> {
    let source = || -> Result<Box<dyn PixelSource>> {
        let changed = || Error::image("the file changed while it was built").with_hint("build again");
        let opened = open_file(path)?.into_iter().find(|opened| opened.index == header.index).ok_or_else(changed)?;
        let converter = Converter::new(opened.layout, opened.icc.as_deref());
        let orientation = opened.orientation;
        if orient::turned(opened.size, orientation) != header.size || converter.channels() != header.channels {
            return Err(changed());
        }
        let upright = rows::Converted::new(opened.size, (opened.reader)()?, converter);
        orient::orient(Box::new(upright), orientation, orient::SPILL)
    };
    source().map_err(|error| about(path, error))
}

/// An error that names its file, and says what to do where the decoder did not.
fn about(path: &Path, error: Error) -> Error {
    let error = error.with_path(path);
    match error.hint() {
        Some(_) => error,
        None => error.with_hint("if other programs cannot show it either, copy it again from where it came from"),
    }
}

fn header(opened: Opened) -> Result<ImageHeader> {
    let size = orient::turned(opened.size, opened.orientation);
    limits::check_size(size)?;
    let converter = Converter::new(opened.layout, opened.icc.as_deref());
    let mut treatment = format!("{}, {}", opened.detail, converter.description());
    if opened.orientation != Orientation::NoTransforms {
        treatment += &format!(", orientation {} applied", opened.orientation.to_exif());
    }
    Ok(ImageHeader {
        format: opened.format.name(),
        index: opened.index,
        size,
        channels: converter.channels(),
        treatment,
        decoder_memory: opened.memory
            + converter.memory(opened.size.width)
            + orient::memory(opened.size, opened.orientation, converter.channels()),
    })
}

fn open_file(path: &Path) -> Result<Vec<Opened>> {
    let input = Input::open(path).map_err(|error| Error::read(ErrorKind::Image, path, error))?;
    let input = Arc::new(input);
    match Format::of(&input)? {
        Format::Tiff => tiff::open(input),
        Format::Jpeg => jpeg::open(input).map(|opened| vec![opened]),
        Format::Jp2 => jp2::open(input).map(|opened| vec![opened]),
        Format::Jxl => jxl::open(input).map(|opened| vec![opened]),
        Format::Png => png::open(input).map(|opened| vec![opened]),
        format @ (Format::WebP | Format::Gif) => whole::open(input, format).map(|opened| vec![opened]),
    }
}
