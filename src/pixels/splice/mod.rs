//! Tiles cut out of a baseline JPEG without decoding it: the same coefficients, so no loss.
//!
//! The entropy-coded data is parsed once. The bits of AC coefficients and most DC coefficients are copied as they are.
//! Only the first DC of each component in each row of a tile is coded again, because it is a difference to a neighbour
//! that now belongs to another tile (ITU-T T.81, F.1.2). Tiles must begin where coding units (MCUs) begin.
//!
//! Rejected: libjpeg's lossless crop (`jpegtran -crop`). It gives the same coefficients, but holds those of the whole
//! image: 638 MB at 100 megapixels.

mod header;
mod huffman;
mod window;

pub use header::{Header, colour_marker};

use crate::error::{Error, Result};
use crate::model::geometry::Size;
use header::Form;
use huffman::BitWriter;
use std::io::Read;
use window::Window;

/// Most bytes of a coding unit: ten blocks, each with 64 coefficients of at most 16 bits code and 15 bits value.
const UNIT_BYTES: usize = 10 * 64 * 31 / 8;

/// Receives a tile: its column, its row and the JPEG.
pub type Emit<'a> = dyn FnMut(u32, u32, &[u8]) -> Result<()> + 'a;

/// A JPEG whose header is read and whose tiles can be cut.
pub struct Splicer<R> {
    header: Header,
    window: Window<R>,
}

fn damaged(what: &str) -> Error {
    Error::image(format!("JPEG: {what}")).with_hint("is the file complete? Copy it again from where it came from")
}

impl<R: Read> Splicer<R> {
    /// `None` if the JPEG is of a kind that cannot be cut: progressive, arithmetic, more than one scan, or damaged.
    pub fn new(mut stream: R) -> Option<Splicer<R>> {
        let header = Header::read(&mut stream)?;
        Some(Splicer { header, window: Window::new(stream) })
    }

    #[cfg(test)]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Cuts the upper left `kept` pixels into square tiles of `side` pixels, a multiple of the coding unit's sides, and
    /// hands them to `emit` row by row. Those at the right and lower edge are as small as their region.
    pub fn cut(mut self, side: u32, kept: Size, emit: &mut Emit<'_>) -> Result<()> {
        let units = self.header.units(self.header.size);
        let wanted = self.header.units(kept);
        let unit = self.header.unit;
        let (across, down) = ((side / unit.width).max(1), (side / unit.height).max(1));
        let mut tiles: Vec<Tile> = (0..wanted.width.div_ceil(across)).map(|_| Tile::default()).collect();
        let mut state = State::new(&self.header);
        let mut jpeg = vec![];
        for row in 0..wanted.height {
            for (column, tile) in (0..).zip(&mut tiles) {
                let first = column * across;
                self.segment(&mut state, across.min(wanted.width - first), Some(tile))?;
            }
            self.segment(&mut state, units.width - wanted.width, None)?;
            if (row + 1) % down == 0 || row + 1 == wanted.height {
                let y = row / down;
                for (x, tile) in (0..).zip(&mut tiles) {
                    let size = Size::new(side.min(kept.width - x * side), side.min(kept.height - y * side));
                    self.header.write(Form::Tile(size), &mut jpeg);
                    tile.bits.finish(&mut jpeg);
                    jpeg.extend_from_slice(&[0xff, 0xd9]);
                    emit(x, y, &jpeg)?;
                    tile.last = [0; 4];
                }
            }
        }
        Ok(())
    }

    /// Parses `count` coding units and copies them to `tile` if there is one.
    fn segment(&mut self, state: &mut State, count: u32, mut tile: Option<&mut Tile>) -> Result<()> {
        self.window.ensure(count as usize * UNIT_BYTES)?;
        // DC before the next unit as a decoder of the tile sees it.
        let mut before = tile.as_ref().map_or([0; 4], |tile| tile.last);
        let mut fresh = true;
        let mut run = self.window.bit;
        for index in 0..count {
            if state.restart_is_due(&self.header) {
                if let Some(tile) = &mut tile {
                    tile.bits.copy(self.window.bytes(), run, self.window.bit);
                }
                self.window.restart()?;
                self.window.ensure((count - index) as usize * UNIT_BYTES)?;
                if !fresh {
                    before = state.dc;
                }
                (state.dc, fresh, run) = ([0; 4], true, self.window.bit);
            }
            let recoded = fresh || self.header.recodes_dc;
            for &(component, is_first) in &self.header.blocks {
                let coding = &self.header.components[component];
                let (start, old) = (self.window.bit, state.dc[component]);
                let block = huffman::skip_block(self.window.bytes(), start, &coding.dc, &coding.ac);
                let block = block.ok_or_else(|| damaged("bad Huffman code"))?;
                state.dc[component] = old.wrapping_add(block.difference);
                self.window.bit = start + block.bits;
                if let Some(tile) = tile.as_deref_mut().filter(|_| recoded) {
                    let from = if fresh && is_first { before[component] } else { old };
                    tile.bits.put_dc(state.dc[component].wrapping_sub(from), &coding.written)?;
                    tile.bits.copy(self.window.bytes(), start + block.dc_bits, self.window.bit);
                }
            }
            if recoded {
                (fresh, run) = (false, self.window.bit);
            }
        }
        self.window.check()?;
        if let Some(tile) = tile {
            tile.bits.copy(self.window.bytes(), run, self.window.bit);
            tile.last = state.dc;
        }
        Ok(())
    }
}

/// One column's tile while it grows.
#[derive(Default)]
struct Tile {
    bits: BitWriter,
    /// DC of each component in the last unit written.
    last: [i32; 4],
}

/// The state of the parse.
struct State {
    /// DC of each component's last block.
    dc: [i32; 4],
    /// Units until the next restart marker.
    until_restart: u32,
}

impl State {
    fn new(header: &Header) -> State {
        State { dc: [0; 4], until_restart: header.restart_interval }
    }

    /// Counts a unit; true where a restart marker stands before it.
    fn restart_is_due(&mut self, header: &Header) -> bool {
        if header.restart_interval == 0 {
            return false;
        }
        let due = self.until_restart == 0;
        if due {
            self.until_restart = header.restart_interval;
        }
        self.until_restart -= 1;
        due
    }
}

/// Copies the JPEG in `stream` as it is, without its metadata; hands the bytes to `write` piece by piece.
pub fn copy_whole(mut stream: impl Read, write: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let header = Header::read(&mut stream).ok_or_else(|| damaged("it changed while it was built"))?;
    let mut start = vec![];
    header.write(Form::Whole, &mut start);
    write(&start)?;
    window::copy_scan(stream, write)?;
    write(&[0xff, 0xd9])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::libjpeg::{ColourSpace, Decoder, Encoder, Encoding, Limits, Tables};
    use proptest::prelude::*;
    use std::io::Cursor;

    fn encode(size: Size, components: usize, subsampled: bool, quality: u8, tables: Tables) -> Vec<u8> {
        let (width, height) = (size.width, size.height);
        let noise = |i: u32| (i.wrapping_mul(2_654_435_761) >> 27) as u8;
        let pixels: Vec<u8> = (0..width * height * components as u32)
            .map(|i| ((i / 7 + i / components as u32 / width * 3) as u8).wrapping_add(noise(i)))
            .collect();
        let mut encoder = Encoder::new().unwrap();
        encoder.start(Encoding { width, height, components, quality, subsampled, tables }).unwrap();
        encoder.write_rows(&pixels, width as usize * components, height).unwrap();
        encoder.finish().unwrap();
        encoder.take().to_vec()
    }

    /// As YCbCr, so that only the inverse DCT and upsampling lie between pixels and coefficients.
    fn decode(jpeg: &[u8]) -> (Size, usize, Vec<u8>) {
        let limits = Limits { header_bytes: 1 << 20, scans: 100 };
        let mut decoder = Decoder::new(Cursor::new(jpeg.to_vec()), limits).unwrap();
        let (size, components) = (Size::new(decoder.header.width, decoder.header.height), decoder.header.components);
        let wanted = if components == 1 { ColourSpace::Grey } else { ColourSpace::YCbCr };
        decoder.start(None, wanted).unwrap();
        let mut pixels = vec![0; size.area() as usize * components];
        decoder.read_rows(&mut pixels).unwrap();
        (size, components, pixels)
    }

    fn check(jpeg: &[u8], side: u32, kept: Size, margin: u32) {
        let (whole, components, pixels) = decode(jpeg);
        let mut seen = 0;
        let splicer = Splicer::new(Cursor::new(jpeg.to_vec())).unwrap();
        splicer
            .cut(side, kept, &mut |column, row, tile| {
                let (size, _, tile) = decode(tile);
                let (left, top) = (column * side, row * side);
                assert_eq!(size, Size::new(side.min(kept.width - left), side.min(kept.height - top)));
                // Upsampled colour looks one sample over the edge of a tile, so a margin may differ.
                for y in margin..size.height.saturating_sub(margin) {
                    let width = (size.width.saturating_sub(2 * margin)) as usize * components;
                    let at = |x: u32, y: u32, stride: u32| (y * stride + x) as usize * components;
                    let (theirs, ours) = (at(left + margin, top + y, whole.width), at(margin, y, size.width));
                    assert_eq!(&pixels[theirs..][..width], &tile[ours..][..width], "{column} {row} {y}");
                }
                seen += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(seen, kept.width.div_ceil(side) * kept.height.div_ceil(side));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn tiles_hold_the_pixels_of_the_master(
            width in 1u32..200, height in 1u32..200, side in 1u32..5, colour in any::<bool>(), subsampled in any::<bool>(),
            quality in 20u8..100, optimised in any::<bool>(),
        ) {
            let size = Size::new(width, height);
            let tables = if optimised { Tables::Optimised } else { Tables::Standard };
            let jpeg = encode(size, if colour { 3 } else { 1 }, subsampled, quality, tables);
            check(&jpeg, side * 16, size, if colour && subsampled { 2 } else { 0 });
        }

        #[test]
        fn a_crop_drops_the_padding(width in 17u32..100, height in 17u32..100, less in 0u32..17) {
            let jpeg = encode(Size::new(width, height), 1, false, 85, Tables::Standard);
            check(&jpeg, 128, Size::new(width - less.min(16), height - less.min(16)), 0);
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0usize..4000, value in any::<u8>(), cut in 0usize..4000) {
            let mut jpeg = encode(Size::new(60, 50), 3, true, 80, Tables::Standard);
            let end = jpeg.len();
            jpeg[at % end] = value;
            jpeg.truncate(end - cut % 100);
            if let Some(splicer) = Splicer::new(Cursor::new(jpeg)) {
                let size = splicer.header().size;
                if size.area() < 1 << 20 {
                    // Tiles or an error, either is right.
                    let _ = splicer.cut(32, size, &mut |_, _, _| Ok(()));
                }
            }
        }
    }
}
