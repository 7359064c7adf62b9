//! JPEG XL through `jxl-oxide`: decoded whole, in floating point, and handed out upright. The allocation limit of
//! `jxl-oxide` keeps the decoder within its memory budget.

use super::input::{Cursor, Input};
use super::rows::{Alpha, Depth, Layout, Space, Whole};
use super::{Format, Opened};
use crate::error::{Error, Result};
use crate::model::MemoryNeed;
use crate::model::geometry::Size;
use image::metadata::Orientation;
use jxl_oxide::{AllocTracker, InitializeResult, JxlImage, JxlThreadPool, PixelFormat, Render};
use std::io::Read;
use std::sync::Arc;

/// Bytes that are read at a time until the header is complete.
const HEADER_BYTES: usize = 1 << 14;

/// A header of more bytes than this, ICC profile included, is refused.
const MAX_HEADER_BYTES: usize = 32 << 20;

/// Planes of 32-bit floats that the decoder holds for a channel: the frame, one that filters write into, and what later
/// frames refer to. The decoder may not hold more than the sum.
const PLANES: u64 = 4;

pub fn open(input: Arc<Input>) -> Result<Opened> {
    let image = read_header(&input)?;
    let size = Size::new(image.width(), image.height());
    super::limits::LIMITS.check_size(size)?;
    let layout = layout(&image)?;
    let bits = image.image_header().metadata.bit_depth.bits_per_sample();
    let planes = PLANES * (3 + image.image_header().metadata.ec_info.len() as u64);
    let decoder = size.area().saturating_mul(4 * planes) + (8 << 20);
    let pixels = size.area() * layout.bytes_per_pixel() as u64;
    Ok(Opened {
        format: Format::Jxl,
        index: 0,
        size,
        layout,
        // The decoder applies the orientation of the codestream. EXIF does not count (ISO/IEC 18181-2).
        orientation: Orientation::NoTransforms,
        icc: Some(image.rendered_icc()),
        detail: format!("decoded whole, {bits} bit"),
        memory: MemoryNeed::fixed(decoder + pixels + input.len()),
        extra_memory: 0,
        passthrough: None,
        reader: Box::new(move |_| {
            let render = decode(&input, decoder)?;
            Ok(Box::new(Whole::new(samples(&render, layout, size)?)))
        }),
    })
}

fn layout(image: &JxlImage) -> Result<Layout> {
    let (space, has_alpha) = match image.pixel_format() {
        PixelFormat::Gray => (Space::Grey, false),
        PixelFormat::Graya => (Space::Grey, true),
        PixelFormat::Rgb => (Space::Rgb, false),
        PixelFormat::Rgba => (Space::Rgb, true),
        PixelFormat::Cmyk | PixelFormat::Cmyka => return Err(Error::image("JPEG XL in CMYK is not read")),
    };
    let metadata = &image.image_header().metadata;
    let is_associated = metadata.ec_info.iter().any(|channel| channel.alpha_associated() == Some(true));
    let alpha = match (has_alpha, is_associated) {
        (false, _) => Alpha::None,
        (true, true) => Alpha::Associated,
        (true, false) => Alpha::Straight,
    };
    let depth = if metadata.bit_depth.bits_per_sample() > 8 { Depth::U16 } else { Depth::U8 };
    Ok(Layout::new(space, alpha, depth))
}

/// Reads no more than the header needs.
fn read_header(input: &Input) -> Result<JxlImage> {
    let tracker = AllocTracker::with_limit(MAX_HEADER_BYTES);
    let mut waiting = JxlImage::builder().pool(JxlThreadPool::none()).alloc_tracker(tracker).build_uninit();
    let (mut offset, mut wanted) = (0, HEADER_BYTES);
    while offset < MAX_HEADER_BYTES as u64 {
        let bytes = input.read_up_to(offset, wanted).map_err(refused)?;
        let consumed = waiting.feed_bytes(&bytes).map_err(refused)? as u64;
        match waiting.try_init().map_err(refused)? {
            InitializeResult::Initialized(image) => return Ok(image),
            InitializeResult::NeedMoreData(_) if bytes.len() < wanted => break,
            InitializeResult::NeedMoreData(rest) => waiting = rest,
        }
        (offset, wanted) = (offset + consumed, if consumed == 0 { wanted * 2 } else { HEADER_BYTES });
    }
    Err(refused("the header is not complete"))
}

/// The first frame that is shown. The decoder may hold `most` bytes.
fn decode(input: &Arc<Input>, most: u64) -> Result<Render> {
    let tracker = AllocTracker::with_limit(usize::try_from(most).unwrap_or(usize::MAX));
    let builder = JxlImage::builder().pool(JxlThreadPool::none()).alloc_tracker(tracker);
    let image = builder.read(Cursor::new(input.clone()).take(input.len())).map_err(refused)?;
    if !image.is_loading_done() {
        return Err(refused("the file ends too early"));
    }
    image.render_frame(0).map_err(refused)
}

/// The rendered pixels as samples of `layout`.
fn samples(render: &Render, layout: Layout, size: Size) -> Result<Vec<u8>> {
    let mut stream = render.stream();
    let count = size.area() as usize * layout.channels();
    if (stream.width(), stream.height(), stream.channels() as usize) != (size.width, size.height, layout.channels()) {
        return Err(refused("its first frame is not what its header says"));
    }
    let mut pixels = vec![0; size.area() as usize * layout.bytes_per_pixel()];
    let written = match layout.depth {
        Depth::U8 => stream.write_to_buffer(&mut pixels),
        Depth::U16 => stream.write_to_buffer(bytemuck::try_cast_slice_mut::<u8, u16>(&mut pixels).map_err(refused)?),
    };
    if written == count { Ok(pixels) } else { Err(refused("pixels are missing")) }
}

fn refused(error: impl std::fmt::Display) -> Error {
    Error::image(format!("JPEG XL: {error}")).with_hint("is the file complete? Copy it again from where it came from")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three by two pixels, losslessly, by libjxl.
    const COLOURS: [u8; 45] = [
        0xff, 0x0a, 0x08, 0x40, 0x10, 0x09, 0x08, 0x02, 0x01, 0x00, 0x84, 0x00, 0x4b, 0x18, 0x8b, 0x15, 0x8e, 0xd7,
        0x87, 0x3a, 0xd9, 0xa5, 0x24, 0xa8, 0x8c, 0x62, 0xff, 0xd1, 0x01, 0x6c, 0xd0, 0x0f, 0x0b, 0xd0, 0xb7, 0x4f,
        0x7a, 0x1c, 0x9a, 0x46, 0xff, 0xfb, 0xbd, 0x06, 0x7d,
    ];

    fn opened(bytes: &[u8]) -> Result<Opened> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        open(Arc::new(Input::open(file.path()).unwrap()))
    }

    #[test]
    fn a_lossless_file_keeps_its_samples() {
        let opened = opened(&COLOURS).unwrap();
        assert_eq!((opened.size, opened.layout), (Size::new(3, 2), Layout::new(Space::Rgb, Alpha::None, Depth::U8)));
        let mut rows = [0; 18];
        (opened.reader)(u64::MAX).unwrap().read(&mut rows).unwrap();
        assert_eq!(rows, [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 200, 100, 50, 255, 255, 255]);
    }

    #[test]
    fn a_file_that_is_cut_off_is_refused() {
        assert!(opened(&COLOURS[..2]).is_err());
        assert!((opened(&COLOURS[..30]).unwrap().reader)(u64::MAX).is_err());
    }
}
