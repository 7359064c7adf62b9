//! Converts raw TIFF samples of any depth to the rows of [`super::super::rows`]: 8 or 16 bit, colour then alpha.

use super::super::colour::to_8_bit;
use super::super::rows::{Alpha, Depth, Layout, Space};
use super::directory::{Compression, Directory, Photometric, SampleFormat};
use super::ifd::damaged;
use crate::error::{Error, Result};

/// How raw samples of a directory become rows.
pub struct Unpacking {
    pub layout: Layout,
    form: Form,
    /// Kind of a raw sample.
    kind: Kind,
    /// Samples of a stored pixel, and which of them is alpha.
    samples: usize,
    alpha: Option<usize>,
    inverted: bool,
    /// The first of the channels whose sign becomes an offset: a and b of CIELab.
    signed_from: usize,
}

enum Form {
    /// Stored as wanted.
    AsIs,
    /// 16 bit, stored as wanted apart from the byte order.
    Swapped,
    /// Each channel is scaled.
    Channels,
    /// Samples are indices into these colours.
    Palette(Vec<[u8; 3]>),
}

/// The kind of a raw sample.
#[derive(Clone, Copy)]
struct Kind {
    bits: usize,
    format: SampleFormat,
    big_endian: bool,
    /// Whether differences are summed here: the codec cannot do so for samples that are not whole bytes.
    summed: bool,
    /// The floating point values of black and white.
    range: (f64, f64),
}

impl Unpacking {
    pub fn of(directory: &Directory) -> Result<Unpacking> {
        let Directory { samples, photometric, .. } = *directory;
        let from_jpeg = matches!(directory.compression, Compression::Jpeg | Compression::OldJpeg);
        let space = match photometric {
            Photometric::MinIsWhite | Photometric::MinIsBlack | Photometric::Mask => Space::Grey,
            Photometric::Rgb | Photometric::Palette => Space::Rgb,
            // The JPEG codec converts it to RGB.
            Photometric::YCbCr if from_jpeg => Space::Rgb,
            Photometric::Cmyk => Space::Cmyk,
            Photometric::CieLab | Photometric::IccLab => Space::Lab,
            other => return Err(Error::image(format!("TIFF: photometric interpretation {other:?} is not read"))),
        };
        let kind = Kind::of(directory)?;
        let form = if photometric == Photometric::Palette { palette(directory)? } else { Form::Channels };
        let is_palette = matches!(form, Form::Palette(_));
        let colours = if is_palette { 1 } else { Layout::new(space, Alpha::None, Depth::U8).channels() };
        let space = if space == Space::Lab && samples == 1 { Space::Grey } else { space };
        let colours = if space == Space::Grey { 1 } else { colours };
        if samples < colours {
            return Err(Error::image(format!("TIFF: {samples} samples a pixel are too few for {space:?}")));
        }
        let (alpha, index) = (directory.extra_samples.iter().position(|kind| matches!(kind, 1 | 2)))
            .filter(|at| colours + at < samples)
            .map_or((Alpha::None, None), |at| {
                let kind = if directory.extra_samples[at] == 1 { Alpha::Associated } else { Alpha::Straight };
                (kind, Some(colours + at))
            });
        let depth = if kind.bits > 8 && !is_palette { Depth::U16 } else { Depth::U8 };
        let layout = Layout::new(space, alpha, depth);
        let inverted = photometric == Photometric::MinIsWhite;
        let signed_from = if photometric == Photometric::CieLab { 1 } else { usize::MAX };
        let plain = kind.format == SampleFormat::Unsigned && !inverted && !directory.planar;
        let as_is = plain && samples == layout.channels() && !is_palette && signed_from == usize::MAX;
        let form = match kind.bits {
            8 if as_is => Form::AsIs,
            16 if as_is && kind.big_endian == cfg!(target_endian = "big") => Form::AsIs,
            16 if as_is => Form::Swapped,
            _ => form,
        };
        Ok(Unpacking { layout, form, kind, samples, alpha: index, inverted, signed_from })
    }

    /// Whether raw bytes are rows already.
    pub fn is_identity(&self) -> bool {
        matches!(self.form, Form::AsIs)
    }

    /// The stored samples that rows need, in the order of their channels.
    pub fn stored_channels(&self) -> impl Iterator<Item = usize> {
        let colours = if matches!(self.form, Form::Palette(_)) { 1 } else { self.layout.colour_channels() };
        (0..colours).chain(self.alpha)
    }

    /// Unpacks one row of interleaved samples.
    pub fn unpack(&self, raw: &[u8], out: &mut [u8]) {
        match &self.form {
            Form::AsIs => out.copy_from_slice(&raw[..out.len()]),
            Form::Swapped => {
                for (out, raw) in out.as_chunks_mut::<2>().0.iter_mut().zip(raw.as_chunks::<2>().0) {
                    *out = [raw[1], raw[0]];
                }
            }
            Form::Palette(colours) => {
                for (pixel, x) in out.chunks_exact_mut(self.layout.channels()).zip(0..) {
                    let index = self.kind.integer(raw, x * self.samples) as usize;
                    let (colour, alpha) = pixel.split_at_mut(3);
                    colour.copy_from_slice(&colours.get(index).copied().unwrap_or_default());
                    if let ([out], Some(stored)) = (alpha, self.alpha) {
                        *out = to_8_bit(self.kind.wide(raw, x * self.samples + stored, &mut 0));
                    }
                }
            }
            Form::Channels if self.kind.bits == 1 && self.samples == 1 => self.unpack_bilevel(raw, out),
            Form::Channels => {
                for (channel, stored) in self.stored_channels().enumerate() {
                    self.unpack_channel(channel, raw, stored, self.samples, out);
                }
            }
        }
    }

    /// Unpacks one row of the `index`-th of the [stored channels](Self::stored_channels).
    pub fn unpack_plane(&self, index: usize, raw: &[u8], out: &mut [u8]) {
        match &self.form {
            Form::Palette(colours) if index == 0 => {
                for (x, pixel) in out.chunks_exact_mut(self.layout.channels()).enumerate() {
                    let colour = colours.get(self.kind.integer(raw, x) as usize).copied().unwrap_or_default();
                    pixel[..3].copy_from_slice(&colour);
                }
            }
            Form::Palette(_) => self.unpack_channel(self.layout.channels() - 1, raw, 0, 1, out),
            _ => self.unpack_channel(index, raw, 0, 1, out),
        }
    }

    /// Unpacks one channel from a row in which its samples are every `step`-th, `first` being the first.
    fn unpack_channel(&self, channel: usize, raw: &[u8], first: usize, step: usize, out: &mut [u8]) {
        let is_alpha = self.layout.alpha != Alpha::None && channel + 1 == self.layout.channels();
        let inverted = self.inverted && !is_alpha;
        let offset = channel >= self.signed_from && !is_alpha;
        let channels = self.layout.channels();
        let mut sum = 0;
        let mut value = |x: usize| {
            let mut value = self.kind.wide(raw, first + x * step, &mut sum);
            if offset {
                value ^= 0x8000;
            }
            if inverted { !value } else { value }
        };
        match self.layout.depth {
            Depth::U8 => {
                let narrow = self.kind.bits <= 8;
                for (x, out) in out.iter_mut().skip(channel).step_by(channels).enumerate() {
                    *out = if narrow { (value(x) >> 8) as u8 } else { to_8_bit(value(x)) };
                }
            }
            Depth::U16 => {
                for (x, out) in out.as_chunks_mut::<2>().0.iter_mut().skip(channel).step_by(channels).enumerate() {
                    *out = value(x).to_ne_bytes();
                }
            }
        }
    }

    fn unpack_bilevel(&self, raw: &[u8], out: &mut [u8]) {
        let flip = if self.inverted { 0xff } else { 0 };
        for (pixels, byte) in out.chunks_mut(8).zip(raw) {
            let byte = byte ^ flip;
            pixels.iter_mut().enumerate().for_each(|(x, pixel)| *pixel = 0u8.wrapping_sub(byte >> (7 - x) & 1));
        }
    }
}

impl Kind {
    fn of(directory: &Directory) -> Result<Kind> {
        let bits = directory.bits as usize;
        let readable = match directory.sample_format {
            SampleFormat::Unsigned | SampleFormat::Signed => bits <= 32 || bits == 64,
            SampleFormat::Float => matches!(bits, 16 | 24 | 32 | 64),
            SampleFormat::Other(_) => false,
        };
        if !readable {
            return Err(damaged(format!("samples of {bits} bits, format {:?}, are not read", directory.sample_format)));
        }
        Ok(Kind {
            bits,
            format: match directory.sample_format {
                // All known files that mark bytes as signed hold unsigned bytes. CIELab has a rule of its own.
                SampleFormat::Signed if bits == 8 || directory.photometric == Photometric::CieLab => {
                    SampleFormat::Unsigned
                }
                format => format,
            },
            big_endian: directory.tiff.big_endian,
            summed: directory.predictor == 2 && !matches!(bits, 8 | 16 | 32 | 64),
            range: directory.range.unwrap_or((0.0, 1.0)),
        })
    }

    /// The `index`-th sample of a row scaled to 16 bit. `sum` holds the sample before where differences are stored.
    fn wide(self, raw: &[u8], index: usize, sum: &mut u64) -> u16 {
        let mut value = self.integer(raw, index);
        if self.summed {
            *sum = (*sum + value) & ((1 << self.bits) - 1);
            value = *sum;
        }
        match self.format {
            SampleFormat::Float => {
                let (low, high) = self.range;
                let scaled = (self.float(value) - low) / (high - low);
                // Not a number becomes black.
                (scaled.clamp(0.0, 1.0) * 65_535.0).round() as u16
            }
            SampleFormat::Signed => scaled(value ^ (1 << (self.bits - 1)), self.bits),
            _ => scaled(value, self.bits),
        }
    }

    /// The bits of the `index`-th sample of a row; zero beyond its end.
    fn integer(self, raw: &[u8], index: usize) -> u64 {
        if self.bits == 8 {
            return raw.get(index).copied().map_or(0, u64::from);
        }
        if self.bits.is_multiple_of(8) {
            let bytes = self.bits / 8;
            let sample = raw.get(index * bytes..(index + 1) * bytes).unwrap_or_default();
            let join = |number, byte: &u8| number << 8 | u64::from(*byte);
            return if self.big_endian { sample.iter().fold(0, join) } else { sample.iter().rev().fold(0, join) };
        }
        // Other widths are packed from the highest bit on, in any byte order.
        let start = index * self.bits;
        (start..start + self.bits).step_by(1).fold(0, |number, bit| {
            let byte = raw.get(bit / 8).copied().unwrap_or(0);
            number << 1 | u64::from(byte >> (7 - bit % 8) & 1)
        })
    }

    fn float(self, bits: u64) -> f64 {
        match self.bits {
            64 => f64::from_bits(bits),
            32 => f64::from(f32::from_bits(bits as u32)),
            // 24 bit: sign, 7 bit exponent, 16 bit fraction; 16 bit: sign, 5, 10.
            24 => small_float(bits, 7, 16),
            _ => small_float(bits, 5, 10),
        }
    }
}

/// A floating point number in IEEE 754's scheme with fewer bits.
fn small_float(bits: u64, exponent_bits: u32, fraction_bits: u32) -> f64 {
    let fraction = (bits & ((1 << fraction_bits) - 1)) as f64 / (1u64 << fraction_bits) as f64;
    let exponent = (bits >> fraction_bits & ((1 << exponent_bits) - 1)) as i32;
    let bias = (1 << (exponent_bits - 1)) - 1;
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(1 - bias),
        _ if exponent == 2 * bias + 1 => f64::INFINITY,
        _ => (1.0 + fraction) * 2f64.powi(exponent - bias),
    };
    if bits >> (exponent_bits + fraction_bits) & 1 == 1 { -magnitude } else { magnitude }
}

/// Scales an integer of `bits` bits to 16 bit, full range to full range.
fn scaled(value: u64, bits: usize) -> u16 {
    match bits {
        8 => value as u16 * 257,
        16 => value as u16,
        17.. => (value >> (bits - 16)) as u16,
        _ => {
            let most = (1u64 << bits) - 1;
            ((value * 65_535 + most / 2) / most) as u16
        }
    }
}

/// The colour map. It has 16-bit values, but some writers fill only the low byte.
fn palette(directory: &Directory) -> Result<Form> {
    let (map, count) = (&directory.palette, 1usize << directory.bits.min(16));
    if directory.bits > 16 || map.len() < 3 * count {
        return Err(Error::image("TIFF: the colour map is missing or too short"));
    }
    let narrow = map.iter().all(|value| *value < 256);
    let value = |at: usize| if narrow { map[at] as u8 } else { to_8_bit(map[at] as u16) };
    Ok(Form::Palette((0..count).map(|index| [value(index), value(count + index), value(2 * count + index)]).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_any_width_fill_the_range() {
        for bits in 1..=32 {
            assert_eq!(scaled(0, bits), 0);
            assert_eq!(scaled((1 << bits) - 1, bits), u16::MAX, "{bits}");
        }
        assert_eq!(scaled(1, 4), 4369);
    }

    #[test]
    fn small_floats_are_ieee() {
        for (bits, value) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_953_125), (0x0001, 5.960_464_477_539_063e-8)]
        {
            assert_eq!(small_float(bits, 5, 10), value);
        }
    }
}
