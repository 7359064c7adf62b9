//! PROBE and decoding: from an image file to rows of 8-bit grey or sRGB, top to bottom.
//!
//! [`probe`] reads the headers of a file's images; [`open`] decodes one of them; [`open_passthrough`] gives its JPEG
//! data as it is. Each format family has one file with a [`rows::RowReader`] that hands out the file's own samples.
//! [`colour`] converts these to grey or sRGB, [`orient`] turns them upright, [`reduce`] keeps to `max-resolution`,
//! [`watermark`] burns a watermark in. A file's bytes decide its format, never its name.
//!
//! A header states the least memory that its decoder needs and how much more is useful. The decoder chooses by the
//! whole budget of the run, never by the memory that is free at the moment, and the pixels do not depend on it.

mod colour;
mod converted;
mod grid;
mod input;
mod jp2;
mod jpeg;
mod jxl;
mod lab;
mod limits;
mod orient;
mod passthrough;
mod png;
mod reduce;
mod rows;
mod tiff;
mod watermark;
mod webp_gif;

pub use input::Format;
pub use passthrough::{Content, Passthrough};
pub use watermark::{WatermarkImage, burn, probe_watermark, watermark_memory};

use crate::error::{Error, ErrorKind, Result};
use crate::model::geometry::Size;
use crate::model::settings::ImageSettings;
use crate::model::{Channels, ImageHeader, MemoryNeed};
use colour::Converter;
use converted::Converted;
use image::metadata::Orientation;
use input::Input;
use limits::LIMITS;
use rows::{Layout, RowReader};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Pixels of one image, ready to be published: rows of 8-bit grey or sRGB samples, channels interleaved, top to bottom.
pub trait PixelSource: Send {
    /// Width and height in pixels.
    fn size(&self) -> Size;

    /// The channels of a pixel, one byte each.
    fn channels(&self) -> Channels;

    /// Fills `rows` with the next rows. Its length must be a whole number of rows of `width x channels` bytes, and the
    /// rows must not go beyond the last one. Must run on the rayon pool whose threads may share the work.
    ///
    /// # Errors
    ///
    /// The file is damaged, cut off or has changed. The image cannot be published then.
    fn read_rows(&mut self, rows: &mut [u8]) -> Result<()>;

    /// The damage of the file's data although all rows could be decoded. Call it after the last row.
    fn damage(&self) -> Option<String> {
        None
    }
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
    /// How the format stores the samples, such as `LZW, 16 bit`.
    detail: String,
    /// The memory that the reader holds at most.
    memory: MemoryNeed,
    /// The reader is faster with up to this many bytes more.
    extra_memory: u64,
    reader: Reader,
    /// Its own JPEG data, if that shows the pixels as they are published.
    passthrough: Option<Box<dyn Passthrough>>,
}

/// Starts decoding within this many bytes: at least those of [`Opened::memory`].
type Reader = Box<dyn FnOnce(u64) -> Result<Box<dyn RowReader>> + Send>;

/// Reads the headers of all images in a file as `settings` would publish them: one image, or the pages of a TIFF. No
/// pixel is decoded, and the headers do not depend on the number of threads.
///
/// # Errors
///
/// The file cannot be read, is no image in a known format, is damaged, or exceeds the limits on sizes. The error names
/// the file and has a hint.
pub fn probe(path: &Path, settings: &ImageSettings) -> Result<Vec<ImageHeader>> {
    let header = |opened| header(opened, settings);
    let headers = || -> Result<Vec<ImageHeader>> { open_file(path)?.into_iter().map(header).collect() };
    headers().map_err(|error| about(path, error))
}

/// Opens the image that `header` describes for decoding. `settings` must be those that it was probed with. The decoder
/// holds up to `memory` bytes; they must be at least those of [`ImageHeader::decoder_memory`] for the threads of the
/// current rayon pool. More memory can make it faster; the pixels are the same.
///
/// # Errors
///
/// The file cannot be read, is damaged, or has changed since it was probed.
pub fn open(path: &Path, header: &ImageHeader, settings: &ImageSettings, memory: u64) -> Result<Box<dyn PixelSource>> {
    let source = || -> Result<Box<dyn PixelSource>> {
        let opened = open_again(path, header)?;
        let converter = Converter::new(opened.layout, opened.icc.as_deref(), settings.background);
        let orientation = opened.orientation;
        let size = orient::turned(opened.size, orientation).within(settings.max_resolution.side());
        if size != header.size || converter.channels() != header.channels {
            return Err(changed());
        }
        let for_reader = opened.memory.bytes(rayon::current_num_threads());
        let least = for_reader.saturating_add(memory_beside(&opened, &converter, size));
        let turning = orient::pixels_in_memory(opened.size, orientation, converter.channels());
        let spare = memory.saturating_sub(least);
        let turning = if turning <= spare { turning } else { 0 };
        let reader = (opened.reader)(for_reader + spare - turning)?;
        let converted = Converted::new(opened.size, reader, converter);
        Ok(reduce::reduce(orient::orient(Box::new(converted), orientation, turning)?, size))
    };
    source().map_err(|error| about(path, error))
}

/// Adds the file to an error, and a hint if the decoder gave none.
fn about(path: &Path, error: Error) -> Error {
    let error = error.with_path(path);
    match error.hint() {
        Some(_) => error,
        None => error.with_hint("if other programs cannot show it either, copy it again from where it came from"),
    }
}

/// Opens the JPEG data of the image that `header` describes, to be published as it is. Only for headers with
/// [`ImageHeader::stored`].
///
/// # Errors
///
/// As for [`open`]; also if the file no longer holds the same JPEG data. The image can still be decoded and encoded
/// then.
pub fn open_passthrough(path: &Path, header: &ImageHeader) -> Result<Box<dyn Passthrough>> {
    let passthrough = || -> Result<Box<dyn Passthrough>> {
        let passthrough = open_again(path, header)?.passthrough.ok_or_else(changed)?;
        if Some(passthrough.describe()) == header.stored { Ok(passthrough) } else { Err(changed()) }
    };
    passthrough().map_err(|error| error.with_path(path))
}

fn open_again(path: &Path, header: &ImageHeader) -> Result<Opened> {
    let input = open_input(path)?;
    let stored = input.len();
    let opened = match Format::of(&input)? {
        Format::Tiff => tiff::open_one(input, header.index)?,
        format => open_format(input, format)?.into_iter().find(|opened| opened.index == header.index),
    };
    checked(opened.ok_or_else(changed)?, stored)
}

/// The error for a file that is not the same as when it was probed.
pub fn changed() -> Error {
    Error::image("the file changed while it was built").with_hint("build again")
}

/// How long decoding, tiling and encoding of an image may take. If it takes longer, something is wrong with the file.
pub fn time_limit(header: &ImageHeader) -> Duration {
    LIMITS.time(header.size.area())
}

fn header(opened: Opened, settings: &ImageSettings) -> Result<ImageHeader> {
    let upright = orient::turned(opened.size, opened.orientation);
    LIMITS.check_size(upright)?;
    let size = upright.within(settings.max_resolution.side());
    let converter = Converter::new(opened.layout, opened.icc.as_deref(), settings.background);
    let beside = memory_beside(&opened, &converter, size);
    let turning = orient::pixels_in_memory(opened.size, opened.orientation, converter.channels());
    let mut treatment = format!("{}, {}", opened.detail, converter.description());
    if opened.orientation != Orientation::NoTransforms {
        treatment += &format!(", orientation {} applied", opened.orientation.to_exif());
    }
    if size != upright {
        treatment += &format!(", {} x {} reduced to max-resolution", upright.width, upright.height);
    }
    let as_published = converter.is_identity() && opened.orientation == Orientation::NoTransforms && size == upright;
    let stored = opened.passthrough.filter(|_| as_published).map(|passthrough| passthrough.describe());
    Ok(ImageHeader {
        format: opened.format.name().into(),
        index: opened.index,
        size,
        channels: converter.channels(),
        treatment: treatment.into(),
        decoder_memory: opened.memory.plus(beside),
        extra_memory: opened.extra_memory.saturating_add(turning),
        stored,
    })
}

/// How many bytes are held beside the reader for an image that is published in `size`.
fn memory_beside(opened: &Opened, converter: &Converter, size: Size) -> u64 {
    let upright = orient::turned(opened.size, opened.orientation);
    converter.memory(opened.size.width)
        + orient::memory(opened.size, opened.orientation, converter.channels())
        + reduce::memory(upright, size, converter.channels())
}

/// Refuses an image that a file of `stored` bytes cannot hold, and ignores a profile that is too large.
fn checked(opened: Opened, stored: u64) -> Result<Opened> {
    let bytes = opened.size.area() * opened.layout.bytes_per_pixel() as u64;
    LIMITS.check_expansion(opened.size, bytes, stored)?;
    let icc = opened.icc.filter(|icc| icc.len() as u64 <= LIMITS.icc_bytes);
    Ok(Opened { icc, ..opened })
}

fn open_file(path: &Path) -> Result<Vec<Opened>> {
    let input = open_input(path)?;
    let (stored, format) = (input.len(), Format::of(&input)?);
    open_format(input, format)?.into_iter().map(|opened| checked(opened, stored)).collect()
}

fn open_input(path: &Path) -> Result<Arc<Input>> {
    Input::open(path).map(Arc::new).map_err(|error| Error::read(ErrorKind::Image, path, error))
}

fn open_format(input: Arc<Input>, format: Format) -> Result<Vec<Opened>> {
    match format {
        Format::Tiff => tiff::open(input),
        Format::Jpeg => passthrough::open_jpeg(input).map(|opened| vec![opened]),
        Format::Jp2 => jp2::open(input).map(|opened| vec![opened]),
        Format::Jxl => jxl::open(input).map(|opened| vec![opened]),
        Format::Png => png::open(input).map(|opened| vec![opened]),
        format @ (Format::WebP | Format::Gif) => webp_gif::open(input, format).map(|opened| vec![opened]),
    }
}
