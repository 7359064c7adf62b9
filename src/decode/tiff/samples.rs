//! Raw TIFF samples of any depth to the rows that [`super::super::rows`] knows: 8 or 16 bit, colour then alpha.

use super::super::colour::to_8_bit;
use super::super::rows::{Alpha, Depth, Layout, Space};
use super::directory::{Compression, Directory, Photometric};
use crate::error::{Error, Result};

/// How raw samples of a directory become rows.
pub struct Unpacking {
    pub layout: Layout,
    form: Form,
    bits: u16,
    /// Samples of a stored pixel, and which of them is alpha.
    samples: usize,
    alpha: Option<usize>,
    inverted: bool,
    big_endian: bool,
}

enum Form {
    /// Stored as wanted.
    AsIs,
    /// Integers of some width, scaled to 8 or 16 bit.
    Integers,
    /// Indices into these colours.
    Palette(Vec<[u8; 3]>),
}

impl Unpacking {
    /// Refuses what is left to [`super::rare`].
    pub fn of(directory: &Directory) -> Result<Unpacking> {
        let Directory { bits, samples, .. } = *directory;
        let unsupported = |what: String| Error::image(format!("TIFF: {what} is not read"));
        if directory.sample_format != 1 || !matches!(bits, 1 | 2 | 4 | 8 | 16) {
            return Err(unsupported(format!("sample format {} of {bits} bits", directory.sample_format)));
        }
        let space = match directory.photometric {
            Photometric::MinIsWhite | Photometric::MinIsBlack => Space::Grey,
            Photometric::Rgb | Photometric::Palette => Space::Rgb,
            // The JPEG codec makes RGB of it.
            Photometric::YCbCr if directory.compression == Compression::Jpeg => Space::Rgb,
            Photometric::Cmyk => Space::Cmyk,
            other => return Err(unsupported(format!("photometric interpretation {other:?}"))),
        };
        let form = if directory.photometric == Photometric::Palette { palette(directory)? } else { Form::Integers };
        let stored_colours =
            if matches!(form, Form::Palette(_)) { 1 } else { Layout::new(space, Alpha::None, Depth::U8).channels() };
        let samples = usize::from(samples);
        if samples < stored_colours {
            return Err(Error::image(format!("TIFF: {samples} samples a pixel are too few for {space:?}")));
        }
        let (alpha, index) = directory
            .extra_samples
            .iter()
            .position(|kind| matches!(kind, 1 | 2))
            .filter(|at| stored_colours + at < samples && !matches!(form, Form::Palette(_)))
            .map_or((Alpha::None, None), |at| {
                let kind = if directory.extra_samples[at] == 1 { Alpha::Associated } else { Alpha::Straight };
                (kind, Some(stored_colours + at))
            });
        let depth = if bits == 16 && !matches!(form, Form::Palette(_)) { Depth::U16 } else { Depth::U8 };
        let layout = Layout::new(space, alpha, depth);
        let inverted = directory.photometric == Photometric::MinIsWhite;
        let as_is = bits == 8 && !inverted && samples == layout.channels() && matches!(form, Form::Integers);
        Ok(Unpacking {
            layout,
            form: if as_is { Form::AsIs } else { form },
            bits,
            samples,
            alpha: index,
            inverted,
            big_endian: directory.big_endian,
        })
    }

    /// Whether raw bytes are rows already.
    pub fn is_identity(&self) -> bool {
        matches!(self.form, Form::AsIs)
    }

    /// Bytes of a raw row of `width` pixels.
    pub fn raw_row_bytes(&self, width: u32) -> usize {
        (width as usize * self.samples * usize::from(self.bits)).div_ceil(8)
    }

    /// Unpacks one row.
    pub fn unpack(&self, raw: &[u8], out: &mut [u8]) {
        match &self.form {
            Form::AsIs => out.copy_from_slice(&raw[..out.len()]),
            Form::Palette(colours) => {
                for (pixel, x) in out.as_chunks_mut::<3>().0.iter_mut().zip(0..) {
                    *pixel = colours.get(self.sample(raw, x * self.samples) as usize).copied().unwrap_or_default();
                }
            }
            Form::Integers if self.bits == 1 && self.samples == 1 => self.unpack_bilevel(raw, out),
            Form::Integers => self.unpack_integers(raw, out),
        }
    }

    fn unpack_bilevel(&self, raw: &[u8], out: &mut [u8]) {
        let flip = if self.inverted { 0xff } else { 0 };
        for (pixels, byte) in out.chunks_mut(8).zip(raw) {
            let byte = byte ^ flip;
            pixels.iter_mut().enumerate().for_each(|(x, pixel)| *pixel = 0u8.wrapping_sub(byte >> (7 - x) & 1));
        }
    }

    fn unpack_integers(&self, raw: &[u8], out: &mut [u8]) {
        let channels = self.layout.channels();
        let most = (1u32 << self.bits) - 1;
        let source = |index: usize| {
            let (pixel, channel) = (index / channels, index % channels);
            let stored = if channel + 1 == channels { self.alpha.unwrap_or(channel) } else { channel };
            let is_alpha = self.alpha == Some(stored);
            let value = self.sample(raw, pixel * self.samples + stored);
            if self.inverted && !is_alpha { most - value } else { value }
        };
        match self.layout.depth {
            Depth::U8 => out.iter_mut().enumerate().for_each(|(index, out)| *out = (source(index) * 255 / most) as u8),
            Depth::U16 => (out.as_chunks_mut::<2>().0.iter_mut().enumerate())
                .for_each(|(index, out)| *out = (source(index) as u16).to_ne_bytes()),
        }
    }

    /// The `index`-th sample of a raw row.
    fn sample(&self, raw: &[u8], index: usize) -> u32 {
        match self.bits {
            8 => u32::from(raw[index]),
            16 => {
                let bytes = [raw[index * 2], raw[index * 2 + 1]];
                u32::from(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
            }
            bits => {
                let bits = usize::from(bits);
                let (byte, shift) = (raw[index * bits / 8], 8 - bits - index * bits % 8);
                u32::from(byte >> shift) & ((1 << bits) - 1)
            }
        }
    }
}

/// The colour map: 16-bit values, though some writers leave the high byte empty.
fn palette(directory: &Directory) -> Result<Form> {
    let (map, count) = (&directory.palette, 1usize << directory.bits.min(8));
    if directory.bits > 8 || map.len() < 3 * count {
        return Err(Error::image("TIFF: the colour map is missing or too short"));
    }
    let narrow = map.iter().all(|value| *value < 256);
    let value = |at: usize| if narrow { map[at] as u8 } else { to_8_bit(map[at]) };
    Ok(Form::Palette((0..count).map(|index| [value(index), value(count + index), value(2 * count + index)]).collect()))
}
