//! JPEG 2000 (JP2, JPX, bare codestreams) through OpenJPEG: tiled files tile by tile on all cores, untiled ones whole
//! where memory allows it, else in bands.

mod header;

use super::grid::{ChunkGrid, GridReader};
use super::input::{Cursor, Input};
use super::limits::LIMITS;
use super::rows::{Alpha, Depth, Layout, Space};
use super::{Format, Opened};
use crate::error::{Error, Result};
use crate::model::MemoryNeed;
use crate::model::geometry::Size;
use crate::pixels::openjpeg::{Component, Decoder};
use header::{Colour, Header};
use image::metadata::Orientation;
use parking_lot::Mutex;
use std::sync::Arc;

/// Rows of a band of an untiled image that does not fit into memory. The more rows, the less is decoded twice; decoding
/// the image whole is faster still.
const BAND_ROWS: [u32; 3] = [1024, 512, 256];

/// Bytes that OpenJPEG holds for each sample of a tile while it decodes: the plane, and its wavelet coefficients.
const TILE_SAMPLE_BYTES: u64 = 8;

/// The same for an untiled image: the coefficients become the plane in place.
const WHOLE_SAMPLE_BYTES: u64 = 4;

/// The same for a band: the coefficients of its code-blocks, of the band, and the plane.
const BAND_SAMPLE_BYTES: u64 = 14;

pub fn open(input: Arc<Input>) -> Result<Opened> {
    let header = Header::read(&input)?;
    LIMITS.check_size(header.size)?;
    let layout = layout(&header)?;
    let detail = format!("{} bit, {}", header.precision, if is_tiled(&header) { "tiled" } else { "untiled" });
    let grid = Jp2Grid::new(input, header, layout);
    let header = &grid.header;
    // Only bands are a choice, and what they take does not depend on threads.
    let needs = || grid.units().map(|unit| grid.memory(unit));
    let least = needs().min_by_key(|need| need.fixed).unwrap_or_default();
    let most = needs().map(|need| need.fixed).max().unwrap_or_default();
    Ok(Opened {
        format: Format::Jp2,
        index: 0,
        size: header.size,
        layout,
        orientation: Orientation::NoTransforms,
        icc: header.icc.clone(),
        detail,
        memory: least,
        extra_memory: most.saturating_sub(least.fixed),
        passthrough: None,
        reader: Box::new(move |memory| Ok(Box::new(GridReader::new(grid.within(memory))))),
    })
}

fn is_tiled(header: &Header) -> bool {
    header.tiles() != (1, 1)
}

fn layout(header: &Header) -> Result<Layout> {
    let colours = header.channels - usize::from(header.alpha.is_some());
    let space = match (header.colour, colours) {
        // One channel is grey, whatever the file calls it.
        (_, 1) => Space::Grey,
        (Colour::Srgb | Colour::Sycc | Colour::Unspecified, 3..) if header.icc.is_none() || colours == 3 => Space::Rgb,
        (Colour::Cmyk | Colour::Unspecified, 4..) => Space::Cmyk,
        (Colour::Lab { .. }, 3) => Space::Lab,
        (colour, _) => {
            return Err(Error::image(format!("JPEG 2000 with {colours} channels of colour {colour:?} is not read")));
        }
    };
    let alpha = match header.alpha {
        None => Alpha::None,
        Some((_, false)) => Alpha::Straight,
        Some((_, true)) => Alpha::Associated,
    };
    Ok(Layout::new(space, alpha, if header.precision <= 8 { Depth::U8 } else { Depth::U16 }))
}

/// The part of an image that is decoded at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Tile,
    /// This many rows in full width.
    Band(u32),
}

struct Jp2Grid {
    input: Arc<Input>,
    header: Header,
    layout: Layout,
    unit: Unit,
    /// Decoders that have read the header and wait for the next tile.
    idle: Mutex<Vec<Decoder>>,
}

impl Jp2Grid {
    fn new(input: Arc<Input>, header: Header, layout: Layout) -> Jp2Grid {
        // Tiles whose origin is not that of the image form no regular grid over it, and tiles can begin between two samples
        // of a component. Such files are decoded by area.
        let is_grid = header.origin == header.tile_origin && header.tiles_have_their_samples();
        let unit = if is_tiled(&header) && is_grid { Unit::Tile } else { Unit::Band(header.size.height) };
        Jp2Grid { input, header, layout, unit, idle: Mutex::default() }
    }

    /// The ways to decode this file, the fastest first.
    fn units(&self) -> impl Iterator<Item = Unit> + use<> {
        let height = self.header.size.height;
        // OpenJPEG decodes parts of HTJ2K wrongly.
        let whole = self.unit == Unit::Tile || self.header.high_throughput;
        let bands = if whole { &[][..] } else { &BAND_ROWS[..] };
        [self.unit].into_iter().chain(bands.iter().filter(move |rows| **rows < height).map(|rows| Unit::Band(*rows)))
    }

    /// How much memory is held at most while `unit`s are decoded.
    fn memory(&self, unit: Unit) -> MemoryNeed {
        let (size, channels) = (self.header.size, self.header.channels as u64);
        let width = u64::from(size.width);
        let row = width * self.bytes_per_pixel() as u64;
        // The codestream of a tile is in memory while it is decoded; an untiled image is one tile.
        let stored = self.input.len();
        match unit {
            Unit::Tile => {
                let (columns, rows) = self.header.tiles();
                let tile = Size::new(self.header.tile.width.min(size.width), self.header.tile.height.min(size.height));
                let stored = stored / (u64::from(columns) * u64::from(rows)) * 2;
                GridReader::memory(self, tile.area() * channels * TILE_SAMPLE_BYTES + stored)
            }
            Unit::Band(rows) => {
                let (decoded, bytes) = match rows < size.height {
                    true => (rows + self.header.row_step() - 1, BAND_SAMPLE_BYTES),
                    false => (rows, WHOLE_SAMPLE_BYTES),
                };
                MemoryNeed::fixed(u64::from(decoded) * width * channels * bytes + u64::from(rows) * row + stored)
            }
        }
    }

    /// Decodes by the fastest way that holds no more than `memory` bytes.
    fn within(self, memory: u64) -> Jp2Grid {
        let threads = rayon::current_num_threads();
        let fits = self.units().find(|unit| self.memory(*unit).bytes(threads) <= memory);
        let unit = fits.or(self.units().last()).unwrap_or(self.unit);
        Jp2Grid { unit, ..self }
    }

    fn new_decoder(&self, threads: usize) -> Result<Decoder> {
        let source = Cursor::new(self.input.clone());
        Decoder::new(source, self.input.len(), self.header.wrapping, threads).map_err(refused)
    }

    /// Decodes one tile with an idle decoder, or with a new one.
    fn decode_tile(&self, index: u32, at: (u32, u32), size: Size, out: &mut [u8]) -> Result<()> {
        let waiting = self.idle.lock().pop();
        let mut decoder = match waiting {
            Some(decoder) => decoder,
            None => self.new_decoder(1)?,
        };
        let components = decoder.decode_tile(index).map_err(refused)?;
        self.interleave(&components, at, at, size, out)?;
        drop(components);
        self.idle.lock().push(decoder);
        Ok(())
    }

    /// Decodes the area of `size` at (`left`, `top`) of the reference grid.
    fn decode_area(&self, (left, top): (u32, u32), size: Size, threads: usize, out: &mut [u8]) -> Result<()> {
        let mut decoder = self.new_decoder(threads)?;
        // From the last row on of which every component has samples.
        let from = (left, (top - top % self.header.row_step()).max(self.header.origin.1));
        let components = decoder.decode_area(from.0, from.1, left + size.width, top + size.height).map_err(refused)?;
        self.interleave(&components, from, (left, top), size, out)
    }

    /// Interleaves planes that were decoded from the place `from` on into rows of `size` pixels at the place `at`.
    fn interleave(
        &self,
        components: &[Component<'_>],
        from: (u32, u32),
        at: (u32, u32),
        size: Size,
        out: &mut [u8],
    ) -> Result<()> {
        let alpha = self.header.alpha.map(|(channel, _)| channel);
        let colours =
            (0..components.len()).filter(|channel| Some(*channel) != alpha).take(self.layout.colour_channels());
        let planes = colours
            .chain(alpha)
            .map(|channel| components.get(channel).and_then(|plane| Plane::new(plane, from, at, size)));
        let planes: Vec<Plane<'_>> =
            planes.collect::<Option<_>>().ok_or_else(|| refused("a component is missing or too small".into()))?;
        if planes.len() != self.layout.channels() {
            return Err(refused("components are missing".into()));
        }
        let row_bytes = size.width as usize * self.layout.bytes_per_pixel();
        for (y, row) in out.chunks_exact_mut(row_bytes).enumerate() {
            for (channel, plane) in planes.iter().enumerate() {
                match self.layout.depth {
                    Depth::U8 => row
                        .iter_mut()
                        .skip(channel)
                        .step_by(planes.len())
                        .zip(plane.row(y, 255))
                        .for_each(|(out, value)| *out = value as u8),
                    Depth::U16 => (row.as_chunks_mut::<2>().0.iter_mut().skip(channel).step_by(planes.len()))
                        .zip(plane.row(y, 65_535))
                        .for_each(|(out, value)| *out = (value as u16).to_ne_bytes()),
                }
            }
            self.convert(row);
        }
        Ok(())
    }

    /// Brings the pixels of a row to the layout's colour space.
    fn convert(&self, row: &mut [u8]) {
        let channels = self.layout.channels();
        let most = if self.layout.depth == Depth::U8 { 255.0 } else { 65_535.0 };
        let scale = most / ((1u32 << self.header.precision) - 1) as f32;
        let converted = |pixel: [f32; 3]| match self.header.colour {
            Colour::Lab { a, b } => to_icc_lab(pixel, a, b, scale, most),
            _ => sycc_to_rgb(pixel, most),
        };
        match (self.header.colour, self.layout.depth) {
            (Colour::Sycc | Colour::Lab { .. }, Depth::U8) => row.chunks_exact_mut(channels).for_each(|pixel| {
                if let [a, b, c, ..] = pixel {
                    [*a, *b, *c] = converted([*a, *b, *c].map(f32::from)).map(|value| value.round() as u8);
                }
            }),
            (Colour::Sycc | Colour::Lab { .. }, Depth::U16) => {
                row.as_chunks_mut::<2>().0.chunks_exact_mut(channels).for_each(|pixel| {
                    if let [a, b, c, ..] = pixel {
                        let wide = converted([*a, *b, *c].map(|sample| f32::from(u16::from_ne_bytes(sample))));
                        [*a, *b, *c] = wide.map(|value| (value.round() as u16).to_ne_bytes());
                    }
                });
            }
            _ => {}
        }
    }
}

impl ChunkGrid for Jp2Grid {
    fn size(&self) -> Size {
        self.header.size
    }

    fn chunk(&self) -> Size {
        match self.unit {
            Unit::Tile => self.header.tile,
            Unit::Band(rows) => Size::new(self.header.size.width, rows),
        }
    }

    fn bytes_per_pixel(&self) -> usize {
        self.layout.bytes_per_pixel()
    }

    fn decode(&self, column: u32, row: u32, out: &mut [u8]) -> Result<()> {
        let (size, chunk) = (self.header.size, self.chunk());
        let (x, y) = (column * chunk.width, row * chunk.height);
        let visible = Size::new(chunk.width.min(size.width - x), chunk.height.min(size.height - y));
        let at = (self.header.origin.0 + x, self.header.origin.1 + y);
        match self.unit {
            Unit::Tile => self.decode_tile(row * self.header.tiles().0 + column, at, visible, out).or_else(|_| {
                // OpenJPEG does not find tile-parts that are not in order. A new decoder that starts at the beginning
                // does.
                self.decode_area(at, visible, 1, out)
            }),
            Unit::Band(_) => self.decode_area(at, visible, rayon::current_num_threads(), out),
        }
    }
}

/// A component read as if it had a sample for every pixel, scaled to full range.
struct Plane<'a> {
    component: &'a Component<'a>,
    width: usize,
    /// The place of the first pixel on the reference grid, and that of the first sample in the component's own grid.
    at: (u32, u32),
    first: (u32, u32),
}

impl<'a> Plane<'a> {
    /// The pixels of `size` at the place `at` of a component that was decoded from the place `from` on. `None` if it does
    /// not cover them.
    fn new(component: &'a Component<'a>, from: (u32, u32), at: (u32, u32), size: Size) -> Option<Plane<'a>> {
        let Component { dx, dy, .. } = *component;
        let first = (from.0.div_ceil(dx), from.1.div_ceil(dy));
        let covers = |samples: usize, first: u32, end: u32, step: u32| {
            samples > 0 && first as usize + samples >= end.div_ceil(step) as usize
        };
        let is_covered = covers(component.width, first.0, at.0 + size.width, dx)
            && covers(component.height, first.1, at.1 + size.height, dy);
        is_covered.then_some(Plane { component, width: size.width as usize, at, first })
    }

    /// The samples of pixel row `y`, scaled to 0..=`range`. The sample of a pixel is the last one before it; at the edges
    /// of the image, where there is none, the first one behind it.
    fn row(&self, y: usize, range: i64) -> impl Iterator<Item = i64> {
        let Component { width, dx, dy, precision, signed, samples, .. } = *self.component;
        let place = |at: u32, pixel: usize, step: u32, first: u32| {
            ((at as usize + pixel) / step as usize).saturating_sub(first as usize)
        };
        let row = &samples[place(self.at.1, y, dy, self.first.1) * width..][..width];
        let most = (1i64 << precision) - 1;
        let bias = if signed { 1i64 << (precision - 1) } else { 0 };
        let (at, first) = (self.at.0, self.first.0);
        // Most components have a sample for each pixel.
        let skipped = place(at, 0, 1, first);
        (0..self.width).map(move |x| {
            let sample = if dx == 1 { row[skipped + x] } else { row[place(at, x, dx, first)] };
            let value = (i64::from(sample) + bias).clamp(0, most);
            if most == range { value } else { (value * range + most / 2) / most }
        })
    }
}

/// ITU-R BT.601 full range, as in JPEG, for samples up to `most`.
fn sycc_to_rgb([luma, blue, red]: [f32; 3], most: f32) -> [f32; 3] {
    let zero = (most + 1.0) / 2.0;
    let (blue, red) = (blue - zero, red - zero);
    [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue]
}

/// Converts the range and offset of a and b to those of ICC. Samples go up to `most` and are `scale` times the file's.
fn to_icc_lab([lightness, a, b]: [f32; 3], of_a: (u32, u32), of_b: (u32, u32), scale: f32, most: f32) -> [f32; 3] {
    let rescale = |value: f32, (range, zero): (u32, u32)| {
        ((value - zero as f32 * scale) * range as f32 / most + 128.0) * (most / 255.0)
    };
    [lightness, rescale(a, of_a), rescale(b, of_b)]
}

fn refused(message: String) -> Error {
    Error::image(format!("JPEG 2000: {message}"))
        .with_hint("is the file complete? Copy it again from where it came from")
}
