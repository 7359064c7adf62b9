//! PNG: streamed row by row; an interlaced file is decoded whole.

use super::input::{Cursor, Input};
use super::limits::LIMITS;
use super::rows::{Alpha, Depth, Layout, RowReader, Space, Whole};
use super::{Format, Opened, orient};
use crate::error::{Error, Result};
use crate::model::MemoryNeed;
use crate::model::geometry::Size;
use ::png::{BitDepth, ColorType, Decoder, Reader, Transformations};
use std::io::BufReader;
use std::sync::Arc;

type Stream = BufReader<Cursor>;

pub fn open(input: Arc<Input>) -> Result<Opened> {
    let mut decoder = Decoder::new(BufReader::new(Cursor::new(input)));
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(refused)?;
    let info = reader.info();
    let size = Size::new(info.width, info.height);
    let interlaced = info.interlaced;
    let icc = info.icc_profile.as_deref().filter(|icc| is_kept(icc)).map(<[u8]>::to_vec);
    let orientation = orient::by_exif(info.exif_metadata.as_deref());
    let (colour, bits) = reader.output_color_type();
    let (space, alpha) = match colour {
        ColorType::Grayscale => (Space::Grey, Alpha::None),
        ColorType::GrayscaleAlpha => (Space::Grey, Alpha::Straight),
        ColorType::Rgb => (Space::Rgb, Alpha::None),
        ColorType::Rgba => (Space::Rgb, Alpha::Straight),
        ColorType::Indexed => return Err(Error::image("PNG: the palette is missing")),
    };
    let depth = if bits == BitDepth::Sixteen { Depth::U16 } else { Depth::U8 };
    let layout = Layout::new(space, alpha, depth);
    LIMITS.check_size(size)?;
    let row_bytes = u64::from(size.width) * layout.bytes_per_pixel() as u64;
    Ok(Opened {
        format: Format::Png,
        index: 0,
        size,
        layout,
        orientation,
        icc,
        detail: if interlaced { "interlaced".into() } else { "not interlaced".into() },
        memory: MemoryNeed::fixed(
            (1 << 20) + 4 * row_bytes + if interlaced { row_bytes * u64::from(size.height) } else { 0 },
        ),
        extra_memory: 0,
        passthrough: None,
        reader: Box::new(move |_| {
            if !interlaced {
                return Ok(Box::new(Rows { reader, depth }));
            }
            let mut pixels = vec![0; (row_bytes * u64::from(size.height)) as usize];
            reader.next_frame(&mut pixels).map_err(refused)?;
            to_native(&mut pixels, depth);
            Ok(Box::new(Whole::new(pixels)))
        }),
    })
}

/// Whether other readers apply a profile. They use libpng, which drops a profile whose rendering intent is not one of
/// the sixteen-bit numbers that ICC allows. Files with swapped bytes there have always been shown without their
/// profile.
fn is_kept(icc: &[u8]) -> bool {
    icc.get(64..66) == Some(&[0, 0])
}

fn refused(error: ::png::DecodingError) -> Error {
    Error::image(format!("PNG: {error}")).with_hint("is the file complete? Copy it again from where it came from")
}

/// PNG's 16-bit samples are big-endian.
fn to_native(rows: &mut [u8], depth: Depth) {
    if depth == Depth::U16 && cfg!(target_endian = "little") {
        rows.as_chunks_mut::<2>().0.iter_mut().for_each(|sample| sample.swap(0, 1));
    }
}

struct Rows {
    reader: Reader<Stream>,
    depth: Depth,
}

impl RowReader for Rows {
    fn read(&mut self, mut rows: &mut [u8]) -> Result<()> {
        let depth = self.depth;
        while !rows.is_empty() {
            let row = self.reader.next_row().map_err(refused)?.ok_or_else(|| Error::image("PNG: rows are missing"))?;
            let data = row.data();
            if data.len() > rows.len() {
                return Err(Error::image("PNG: a row is too long"));
            }
            let (out, rest) = rows.split_at_mut(data.len());
            out.copy_from_slice(data);
            to_native(out, depth);
            rows = rest;
        }
        Ok(())
    }
}
