//! WebP and the first frame of a GIF, decoded whole by the `image` crate.

use super::input::{Cursor, Input};
use super::limits::LIMITS;
use super::rows::{Alpha, Depth, Layout, Space, Whole};
use super::{Format, Opened, orient};
use crate::error::{Error, Result};
use crate::model::MemoryNeed;
use crate::model::geometry::Size;
use image::codecs::{gif::GifDecoder, webp::WebPDecoder};
use image::{ColorType, ImageDecoder};
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

pub fn open(input: Arc<Input>, format: Format) -> Result<Opened> {
    let stream = BufReader::new(Cursor::new(input.clone()));
    match format {
        Format::Gif => check_first_frame(BufReader::new(Cursor::new(input)))
            .and_then(|()| describe(GifDecoder::new(stream).map_err(refused)?, format)),
        _ => describe(WebPDecoder::new(stream).map_err(refused)?, format),
    }
}

/// Refuses a first frame that is not within the screen. The decoder makes room for all of the frame, for which no memory
/// is set aside.
fn check_first_frame(mut file: impl BufRead) -> Result<()> {
    let frame = first_frame(&mut file).map_err(|error| refused(image::ImageError::IoError(error)))?;
    match frame {
        Some((screen, [left, top, width, height])) if left + width > screen.width || top + height > screen.height => {
            let (shown, frame) = (format!("{} x {}", screen.width, screen.height), format!("{width} x {height}"));
            Err(Error::image(format!("its first frame ({frame} at {left},{top}) is not within its screen ({shown})"))
                .with_hint("save it again as GIF or PNG"))
        }
        _ => Ok(()),
    }
}

/// The screen of a GIF (GIF89a, section 18), and place and size of its first frame (section 20). `None`: there is no frame,
/// which the decoder reports.
fn first_frame(file: &mut impl BufRead) -> io::Result<Option<(Size, [u32; 4])>> {
    let mut head = [0; 13];
    file.read_exact(&mut head)?;
    let number = |bytes: &[u8], at: usize| u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let (screen, flags) = (Size::new(number(&head, 6), number(&head, 8)), head[10]);
    if flags & 0x80 != 0 {
        skip(file, 3 << ((flags & 7) + 1))?;
    }
    loop {
        match byte(file)? {
            b',' => {
                let mut place = [0; 8];
                file.read_exact(&mut place)?;
                return Ok(Some((screen, [0, 2, 4, 6].map(|at| number(&place, at)))));
            }
            b'!' => {
                byte(file)?;
                loop {
                    match byte(file)? {
                        0 => break,
                        length => skip(file, length.into())?,
                    }
                }
            }
            _ => return Ok(None),
        }
    }
}

fn byte(file: &mut impl BufRead) -> io::Result<u8> {
    let mut byte = [0];
    file.read_exact(&mut byte)?;
    Ok(byte[0])
}

fn skip(file: &mut impl BufRead, bytes: u64) -> io::Result<()> {
    let skipped = io::copy(&mut file.by_ref().take(bytes), &mut io::sink())?;
    if skipped == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn describe(mut decoder: impl ImageDecoder + Send + 'static, format: Format) -> Result<Opened> {
    let (width, height) = decoder.dimensions();
    let size = Size::new(width, height);
    LIMITS.check_size(size)?;
    let (space, alpha, depth) = match decoder.color_type() {
        ColorType::L8 => (Space::Grey, Alpha::None, Depth::U8),
        ColorType::La8 => (Space::Grey, Alpha::Straight, Depth::U8),
        ColorType::Rgb8 => (Space::Rgb, Alpha::None, Depth::U8),
        ColorType::Rgba8 => (Space::Rgb, Alpha::Straight, Depth::U8),
        other => return Err(Error::image(format!("{} with samples of {other:?} is not read", format.name()))),
    };
    let bytes = decoder.total_bytes();
    Ok(Opened {
        format,
        index: 0,
        size,
        layout: Layout::new(space, alpha, depth),
        orientation: orient::by_exif(decoder.exif_metadata().map_err(refused)?.as_deref()),
        icc: decoder.icc_profile().map_err(refused)?,
        detail: "decoded whole".into(),
        // The decoder's own canvas, and the copy that it hands out.
        memory: MemoryNeed::fixed(3 * bytes),
        extra_memory: 0,
        passthrough: None,
        reader: Box::new(move |_| {
            let mut pixels = vec![0; bytes as usize];
            decoder.read_image(&mut pixels).map_err(refused)?;
            Ok(Box::new(Whole::new(pixels)))
        }),
    })
}

fn refused(error: image::ImageError) -> Error {
    Error::image(error.to_string()).with_hint("is the file complete? Copy it again from where it came from")
}
