//! `watermark`: an image is burned into another one while its rows pass.
//!
//! A watermark is a [`PixelSource`](super::PixelSource) around the image's own, at full resolution. The lower levels
//! get it by halving, the tiler does not know of it, and images without a watermark pay nothing.
//!
//! The watermark is kept in its own size. Its rows are scaled to their size on the image when they are needed, so that
//! memory does not grow with the image. It is blended in published 8-bit sRGB, in proportion to its alpha; on a grey
//! image, its luma is blended. Its alpha is found by decoding it twice, on black and on white, so every format, profile
//! and depth of masters works for watermarks too.

use super::reduce::Span;
use super::{LIMITS, PixelSource};
use crate::error::{Error, Result};
use crate::model::geometry::Size;
use crate::model::settings::{Colour, ImageSettings, Placement, Position};
use crate::model::{Channels, ImageHeader};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

const BLACK: Colour = Colour { rgb: [0; 3] };

/// Rows that are decoded at a time.
const ROWS: u32 = 64;

/// An image to be burned into others. Each pixel has sRGB multiplied with alpha, and alpha.
pub struct WatermarkImage {
    size: Size,
    pixels: Vec<[u8; 4]>,
}

/// Reads the header of a watermark: the first image of its file.
///
/// # Errors
///
/// As for [`probe`](super::probe); also if the image has more pixels than a watermark may have.
pub fn probe_watermark(path: &Path) -> Result<ImageHeader> {
    let headers = super::probe(path, &on(BLACK))?;
    let header = headers.into_iter().next().ok_or_else(super::changed)?;
    if header.size.area() > LIMITS.watermark_pixels {
        let Size { width, height } = header.size;
        let hint = format!("at most {} pixels are read; {width} x {height} are more", LIMITS.watermark_pixels);
        return Err(Error::image("the image is too large for a watermark").with_path(path).with_hint(hint));
    }
    Ok(header)
}

/// How many bytes are held at most while a watermark is decoded and burned into an image of `size` on `jobs` threads.
pub fn watermark_memory(watermark: &ImageHeader, size: Size, jobs: usize) -> u64 {
    let (own, wide) = (u64::from(watermark.size.width), u64::from(size.width));
    let decoded = 2 * watermark.decoder_memory.bytes(jobs) + 4 * watermark.size.area() + 6 * own * u64::from(ROWS);
    // Rows in floating point: in both sizes, and as blended. And the spans of the columns with their weights.
    decoded + jobs as u64 * (16 * own + 32 * wide) + 4 * own + 64 * wide
}

fn on(background: Colour) -> ImageSettings {
    ImageSettings { background, ..ImageSettings::default() }
}

impl WatermarkImage {
    /// Decodes the watermark that `header` describes twice. On black it shows colour times alpha; on white it is
    /// brighter by the part that alpha lets through.
    pub fn decode(path: &Path, header: &ImageHeader) -> Result<WatermarkImage> {
        let memory = header.decoder_memory.bytes(rayon::current_num_threads());
        let open = |background| super::open(path, header, &on(background), memory);
        let (mut black, mut white) = (open(BLACK)?, open(Colour::WHITE)?);
        let (size, channels) = (header.size, header.channels.count());
        let mut pixels = Vec::with_capacity(size.area() as usize);
        let (mut dark, mut light) = (vec![], vec![]);
        for first in (0..size.height).step_by(ROWS as usize) {
            let bytes = ROWS.min(size.height - first) as usize * size.width as usize * channels;
            for (source, rows) in [(&mut black, &mut dark), (&mut white, &mut light)] {
                rows.resize(bytes, 0);
                source.read_rows(rows).map_err(|error| error.with_path(path))?;
            }
            let both = dark.chunks_exact(channels).zip(light.chunks_exact(channels));
            pixels.extend(both.map(|(dark, light)| {
                let [red, green, blue] = [0, 1, 2].map(|channel| dark[channel.min(channels - 1)]);
                [red, green, blue, 255 - light[0].saturating_sub(dark[0])]
            }));
        }
        match black.damage() {
            None => Ok(WatermarkImage { size, pixels }),
            Some(damage) => Err(Error::image(damage).with_path(path)),
        }
    }
}

/// `source` with `watermark` burned in at `placement`.
pub fn burn(
    source: Box<dyn PixelSource>,
    watermark: Arc<WatermarkImage>,
    placement: &Placement,
) -> Box<dyn PixelSource> {
    let places = Places::new(source.size(), watermark.size, placement);
    let columns =
        (0..places.size.width).map(|column| Span::new(column, watermark.size.width, places.size.width)).collect();
    let stamp = Stamp { watermark, places, columns, opacity: placement.opacity.value() };
    Box::new(Watermarked { source, stamp, next: 0 })
}

/// The places of the copies of a watermark on an image.
#[derive(Debug, PartialEq, Eq)]
struct Places {
    /// Size of each copy.
    size: Size,
    /// Where copies begin, in pixels from the left and from the top. There is a copy for each column in each row.
    columns: Vec<u32>,
    rows: Vec<u32>,
}

impl Places {
    /// The places that `placement` asks for. Margins are kept where the image has room: a margin shrinks so that one
    /// pixel of the watermark fits, and the watermark shrinks to fit between the margins.
    fn new(image: Size, watermark: Size, placement: &Placement) -> Places {
        let margin = |side: u32| placement.margin.on(image.width).min((side - 1) / 2);
        let (beside, above) = (margin(image.width), margin(image.height));
        let room = Size::new(image.width - 2 * beside, image.height - 2 * above);
        let size = fitted(watermark, placement.size.on(image.width).max(1), room);
        let (right, bottom) = (image.width - beside - size.width, image.height - above - size.height);
        let (centre, middle) = ((image.width - size.width) / 2, (image.height - size.height) / 2);
        use Position::*;
        let columns = match placement.position {
            TopLeft | Left | BottomLeft => vec![beside],
            Top | Centre | Bottom => vec![centre],
            TopRight | Right | BottomRight => vec![right],
            Tiled => repeated(beside, size.width, image.width),
        };
        let rows = match placement.position {
            TopLeft | Top | TopRight => vec![above],
            Left | Centre | Right => vec![middle],
            BottomLeft | Bottom | BottomRight => vec![bottom],
            Tiled => repeated(above, size.height, image.height),
        };
        Places { size, columns, rows }
    }

    /// The row of the watermark that lies on row `y` of the image.
    fn row_at(&self, y: u32) -> Option<u32> {
        let after = self.rows.partition_point(|row| *row <= y);
        let row = y - self.rows.get(after.checked_sub(1)?)?;
        (row < self.size.height).then_some(row)
    }
}

/// The size of `watermark` scaled to `width`, or as large as `room` allows. No side is less than 1.
fn fitted(watermark: Size, width: u32, room: Size) -> Size {
    let scaled = |side: u32, by: u32, of: u32| {
        let (by, of) = (u64::from(by), u64::from(of));
        ((u64::from(side) * by + of / 2) / of).max(1)
    };
    let width = width.min(room.width);
    match u32::try_from(scaled(watermark.height, width, watermark.width)) {
        Ok(height) if height <= room.height => Size::new(width, height),
        _ => {
            Size::new(scaled(watermark.width, room.height, watermark.height).min(u64::from(width)) as u32, room.height)
        }
    }
}

/// Where copies of `length` begin with `margin` before each, up to the end of the image's `side`. The last can be cut
/// off.
fn repeated(margin: u32, length: u32, side: u32) -> Vec<u32> {
    (margin..side).step_by((margin + length) as usize).collect()
}

/// A watermark as it is laid on an image.
struct Stamp {
    watermark: Arc<WatermarkImage>,
    places: Places,
    /// The source pixels of each column on the image.
    columns: Vec<Span>,
    opacity: f32,
}

/// Colours and alphas of a row, each from 0 to 255.
type Row = Vec<[f32; 4]>;

impl Stamp {
    /// One row of the watermark as it lies on the image. `tall`: room for the same in the watermark's own width.
    fn row(&self, row: u32, tall: &mut Row, out: &mut Row) {
        let (own, width) = (self.watermark.size, self.watermark.size.width as usize);
        let span = Span::new(row, own.height, self.places.size.height);
        tall.clear();
        tall.resize(width, [0.0; 4]);
        let rows = self.watermark.pixels[span.first as usize * width..].chunks_exact(width);
        for (pixels, weight) in rows.zip(&span.weights) {
            tall.iter_mut()
                .zip(pixels)
                .for_each(|(sum, pixel)| add(sum, &pixel.map(f32::from), *weight * self.opacity));
        }
        out.clear();
        out.extend(self.columns.iter().map(|span| {
            let mut sum = [0.0; 4];
            let pixels = tall[span.first as usize..].iter().zip(&span.weights);
            pixels.for_each(|(pixel, weight)| add(&mut sum, pixel, *weight));
            sum
        }));
    }

    /// Blends a row of the watermark into a row of the image at each copy.
    fn press<const N: usize>(&self, watermark: &[[f32; N]], alpha: &[f32], row: &mut [u8]) {
        let row = row.as_chunks_mut::<N>().0;
        for left in &self.places.columns {
            for ((pixel, colour), alpha) in row[*left as usize..].iter_mut().zip(watermark).zip(alpha) {
                for (value, colour) in pixel.iter_mut().zip(colour) {
                    let behind = f32::from(*value);
                    *value = (behind + colour - behind * alpha + 0.5) as u8;
                }
            }
        }
    }
}

fn add(sum: &mut [f32; 4], pixel: &[f32; 4], weight: f32) {
    sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += weight * value);
}

/// The luma of a colour, for grey images (ITU-R BT.601, as JPEG).
fn luma([red, green, blue, _]: &[f32; 4]) -> [f32; 1] {
    [0.299 * red + 0.587 * green + 0.114 * blue]
}

struct Watermarked {
    source: Box<dyn PixelSource>,
    stamp: Stamp,
    /// The row that is read next.
    next: u32,
}

impl PixelSource for Watermarked {
    fn size(&self) -> Size {
        self.source.size()
    }

    fn channels(&self) -> Channels {
        self.source.channels()
    }

    fn read_rows(&mut self, rows: &mut [u8]) -> Result<()> {
        self.source.read_rows(rows)?;
        let (channels, first, stamp) = (self.channels(), self.next, &self.stamp);
        let stride = self.size().width as usize * channels.count();
        self.next += (rows.len() / stride) as u32;
        let marked = (first..).zip(rows.chunks_exact_mut(stride));
        let marked: Vec<_> = marked.filter_map(|(y, row)| Some((stamp.places.row_at(y)?, row))).collect();
        marked.into_par_iter().for_each_init(Default::default, |(tall, wide): &mut (Row, Row), (number, row)| {
            stamp.row(number, tall, wide);
            let alpha: Vec<f32> = wide.iter().map(|[.., alpha]| alpha / 255.0).collect();
            match channels {
                Channels::Grey => stamp.press(&wide.iter().map(luma).collect::<Vec<_>>(), &alpha, row),
                Channels::Rgb => {
                    let colour = wide.iter().map(|[red, green, blue, _]| [*red, *green, *blue]);
                    stamp.press(&colour.collect::<Vec<_>>(), &alpha, row);
                }
            }
        });
        Ok(())
    }

    fn damage(&self) -> Option<String> {
        self.source.damage()
    }
}
