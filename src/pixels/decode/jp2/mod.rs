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
        (Colour::Grey | Colour::Unspecified, 1) => Space::Grey,
        (Colour::Srgb | Colour::Sycc | Colour::Unspecified, 3..) if header.icc.is_none() || colours == 3 => Space::Rgb,
        (Colour::Cmyk | Colour::Unspecified, 4..) => Space::Cmyk,
        (Colour::Lab { .. }, 3) if header.precision <= 8 => Space::Lab,
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
        // Tiles whose origin is not that of the image form no regular grid over it. Such files are decoded by area.
        let aligned = header.origin == header.tile_origin;
        let unit = if is_tiled(&header) && aligned { Unit::Tile } else { Unit::Band(header.size.height) };
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
                let bytes = if rows < size.height { BAND_SAMPLE_BYTES } else { WHOLE_SAMPLE_BYTES };
                MemoryNeed::fixed(u64::from(rows) * (width * channels * bytes + row) + stored)
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
    fn decode_tile(&self, index: u32, size: Size, out: &mut [u8]) -> Result<()> {
        let waiting = self.idle.lock().pop();
        let mut decoder = match waiting {
            Some(decoder) => decoder,
            None => self.new_decoder(1)?,
        };
        let components = decoder.decode_tile(index).map_err(refused)?;
        self.interleave(&components, size, out)?;
        drop(components);
        self.idle.lock().push(decoder);
        Ok(())
    }

    /// Decodes the area of `size` at (`x`, `y`) of the image.
    fn decode_area(&self, (x, y): (u32, u32), size: Size, threads: usize, out: &mut [u8]) -> Result<()> {
        let mut decoder = self.new_decoder(threads)?;
        let (left, top) = (self.header.origin.0 + x, self.header.origin.1 + y);
        let components = decoder.decode_area(left, top, left + size.width, top + size.height).map_err(refused)?;
        self.interleave(&components, size, out)
    }

    /// Interleaves decoded planes into rows of `size` pixels.
    fn interleave(&self, components: &[Component<'_>], size: Size, out: &mut [u8]) -> Result<()> {
        let alpha = self.header.alpha.map(|(channel, _)| channel);
        let colours =
            (0..components.len()).filter(|channel| Some(*channel) != alpha).take(self.layout.colour_channels());
        let planes =
            colours.chain(alpha).map(|channel| components.get(channel).and_then(|plane| Plane::new(plane, size)));
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
            let pixels = row.chunks_exact_mut(planes.len());
            match self.header.colour {
                Colour::Sycc if self.layout.depth == Depth::U8 => pixels.for_each(sycc_to_rgb),
                Colour::Lab { a, b } => pixels.for_each(|pixel| to_icc_lab(pixel, a, b)),
                _ => {}
            }
        }
        Ok(())
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
        match self.unit {
            Unit::Tile => self.decode_tile(row * self.header.tiles().0 + column, visible, out).or_else(|_| {
                // OpenJPEG does not find tile-parts that are not in order. A new decoder that starts at the beginning
                // does.
                self.decode_area((x, y), visible, 1, out)
            }),
            Unit::Band(_) => self.decode_area((x, y), visible, rayon::current_num_threads(), out),
        }
    }
}

/// A component read as if it had a sample for every pixel, scaled to full range.
struct Plane<'a> {
    component: &'a Component<'a>,
    width: usize,
    /// Whether there is a sample for every pixel.
    full: bool,
}

impl<'a> Plane<'a> {
    /// `None` if the component does not cover `size`.
    fn new(component: &'a Component<'a>, size: Size) -> Option<Plane<'a>> {
        let covers = |samples: usize, step: u32, pixels: u32| samples as u64 * u64::from(step) >= u64::from(pixels);
        if covers(component.width, component.dx, size.width) && covers(component.height, component.dy, size.height) {
            let full = component.dx == 1 && component.dy == 1;
            Some(Plane { component, width: size.width as usize, full })
        } else {
            None
        }
    }

    /// The samples of pixel row `y`, scaled to 0..=`range`.
    fn row(&self, y: usize, range: i64) -> impl Iterator<Item = i64> {
        let Component { width, dx, dy, precision, signed, samples, .. } = *self.component;
        let start = y / dy as usize * width;
        let most = (1i64 << precision) - 1;
        let bias = if signed { 1i64 << (precision - 1) } else { 0 };
        let step = if self.full { 1 } else { dx as usize };
        (0..self.width).map(move |x| {
            let value = (i64::from(samples[start + x / step]) + bias).clamp(0, most);
            if most == range { value } else { (value * range + most / 2) / most }
        })
    }
}

/// ITU-R BT.601 full range, as in JPEG.
fn sycc_to_rgb(pixel: &mut [u8]) {
    if let [y, cb, cr, ..] = pixel {
        let (luma, blue, red) = (f32::from(*y), f32::from(*cb) - 128.0, f32::from(*cr) - 128.0);
        *y = (luma + 1.402 * red).round() as u8;
        *cb = (luma - 0.344_136 * blue - 0.714_136 * red).round() as u8;
        *cr = (luma + 1.772 * blue).round() as u8;
    }
}

/// Converts the range and offset of a and b to those of ICC.
fn to_icc_lab(pixel: &mut [u8], a_coding: (u32, u32), b_coding: (u32, u32)) {
    if let [_, a, b, ..] = pixel {
        let rescale = |value: u8, (range, zero): (u32, u32)| {
            ((f32::from(value) - zero as f32) * range as f32 / 255.0 + 128.0).round() as u8
        };
        (*a, *b) = (rescale(*a, a_coding), rescale(*b, b_coding));
    }
}

fn refused(message: String) -> Error {
    Error::image(format!("JPEG 2000: {message}"))
        .with_hint("is the file complete? Copy it again from where it came from")
}
