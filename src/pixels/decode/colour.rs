//! Colour: converts a row of a file's own samples to 8-bit grey or sRGB.
//!
//! ICC profiles are honoured (relative colorimetric), alpha is laid on a background, and 16-bit samples keep their
//! precision until after the conversion. A profile that changes no colour visibly is treated as sRGB and costs nothing.
//!
//! Profiles are hostile input, so moxcms converts, which is written in Rust. It has no black point compensation. Pixels
//! differ from those of lcms without this compensation by at most 0.4 of 255. From those of lcms with it, images with
//! print profiles would differ by 7 to 15 of 255.

use super::lab;
use super::rows::{Alpha, Depth, Layout, Space};
use crate::error::{Error, Result};
use crate::model::Channels;
use crate::model::settings::Colour;
use moxcms::{
    ColorProfile, DataColorSpace, ProfileText, RenderingIntent, Transform8BitExecutor, Transform16BitExecutor,
    TransformOptions,
};
use std::borrow::Cow;
use std::sync::Arc;

/// Differences of up to this many of 255 steps are invisible.
const INVISIBLE: u8 = 1;

/// See the [module](self).
pub struct Converter {
    layout: Layout,
    conversion: Conversion,
    background: Colour,
    description: String,
}

enum Conversion {
    /// Sample values stay, or are only scaled to 8 bit.
    Plain,
    /// 8-bit samples through an ICC profile.
    Icc8(Arc<Transform8BitExecutor>),
    /// 16-bit samples through an ICC profile.
    Icc16(Arc<Transform16BitExecutor>),
    /// The sRGB value of each grey value.
    GreyTable(Vec<u8>),
}

impl Converter {
    /// For samples of `layout` with the file's ICC profile; alpha is laid on `background`.
    pub fn new(layout: Layout, icc: Option<&[u8]>, background: Colour) -> Converter {
        let depth = match layout.depth {
            Depth::U8 => "",
            Depth::U16 => ", 16 bit to 8",
        };
        let (conversion, colour) = match icc {
            None => (Conversion::Plain, without_profile(layout.space).to_owned()),
            Some(icc) => with_profile(layout, icc),
        };
        let alpha = match (layout.alpha, background) {
            (Alpha::None, _) => String::new(),
            (_, Colour::WHITE) => ", alpha on white".into(),
            (_, background) => format!(", alpha on {background}"),
        };
        Converter { layout, conversion, background, description: format!("{colour}{depth}{alpha}") }
    }

    /// The layout of the samples that [`convert`](Self::convert) takes.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The channels of the pixels that [`convert`](Self::convert) gives. Grey with alpha takes on the colour of its
    /// background.
    pub fn channels(&self) -> Channels {
        match self.layout.space {
            Space::Grey if self.tints() => Channels::Rgb,
            Space::Grey => Channels::Grey,
            Space::Rgb | Space::Cmyk | Space::Lab => Channels::Rgb,
        }
    }

    /// Whether grey pixels are laid on a colour.
    fn tints(&self) -> bool {
        self.layout.space == Space::Grey && self.layout.alpha != Alpha::None && !self.background.is_grey()
    }

    /// The conversion in words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether samples are published pixels as they are.
    pub fn is_identity(&self) -> bool {
        matches!(self.conversion, Conversion::Plain)
            && self.layout.depth == Depth::U8
            && self.layout.alpha == Alpha::None
            && matches!(self.layout.space, Space::Grey | Space::Rgb)
    }

    /// How many bytes are held while rows of `width` pixels are converted.
    pub fn memory(&self, width: u32) -> u64 {
        if self.is_identity() {
            return 0;
        }
        let rows = super::rows::CONVERTED_ROWS as u64;
        u64::from(width) * self.layout.bytes_per_pixel() as u64 * rows
    }

    /// Converts one row of samples into `out`.
    pub fn convert(&self, samples: &[u8], out: &mut [u8]) -> Result<()> {
        let (colour, all) = (self.layout.colour_channels(), self.layout.channels());
        match self.layout.depth {
            Depth::U8 if colour == all => self.convert8(samples, out),
            Depth::U8 => {
                self.opaque(out, |out| self.convert8(&without_alpha(samples, all), out))?;
                self.flatten(out, samples.iter().skip(all - 1).step_by(all).copied());
                Ok(())
            }
            Depth::U16 => {
                let samples: &[u16] =
                    bytemuck::try_cast_slice(samples).map_err(|_| Error::image("16-bit rows are not aligned"))?;
                if colour == all {
                    return self.convert16(samples, out);
                }
                self.opaque(out, |out| self.convert16(&without_alpha(samples, all), out))?;
                self.flatten(out, samples.iter().skip(all - 1).step_by(all).map(|alpha| to_8_bit(*alpha)));
                Ok(())
            }
        }
    }

    /// Fills `out` with the colour channels as `convert` makes them. Grey is written three times if its background is a
    /// colour.
    fn opaque(&self, out: &mut [u8], convert: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<()> {
        if !self.tints() {
            return convert(out);
        }
        let mut grey = vec![0; out.len() / 3];
        convert(&mut grey)?;
        out.as_chunks_mut::<3>().0.iter_mut().zip(grey).for_each(|(pixel, value)| *pixel = [value; 3]);
        Ok(())
    }

    fn convert8(&self, colour: &[u8], out: &mut [u8]) -> Result<()> {
        match &self.conversion {
            Conversion::Plain if self.layout.space == Space::Cmyk => cmyk_to_rgb(colour, out),
            Conversion::Plain if self.layout.space == Space::Lab => {
                let wide: Vec<u16> = colour.iter().map(|value| u16::from(*value) * 257).collect();
                lab::to_srgb(&wide, out);
            }
            Conversion::Plain => out.copy_from_slice(colour),
            Conversion::Icc8(transform) => transform.transform(colour, out).map_err(refused)?,
            Conversion::GreyTable(table) => {
                out.iter_mut().zip(colour).for_each(|(out, value)| *out = table[usize::from(*value)])
            }
            Conversion::Icc16(_) => return Err(Error::image("8-bit samples in a 16-bit conversion")),
        }
        Ok(())
    }

    fn convert16(&self, colour: &[u16], out: &mut [u8]) -> Result<()> {
        match &self.conversion {
            Conversion::Plain if self.layout.space == Space::Lab => lab::to_srgb(colour, out),
            Conversion::Plain if self.layout.space != Space::Cmyk => {
                out.iter_mut().zip(colour).for_each(|(out, value)| *out = to_8_bit(*value));
            }
            Conversion::Plain | Conversion::Icc8(_) => {
                let narrow: Vec<u8> = colour.iter().map(|value| to_8_bit(*value)).collect();
                return self.convert8(&narrow, out);
            }
            Conversion::Icc16(transform) => {
                let mut wide = vec![0; out.len()];
                transform.transform(colour, &mut wide).map_err(refused)?;
                out.iter_mut().zip(wide).for_each(|(out, value)| *out = to_8_bit(value));
            }
            Conversion::GreyTable(table) => {
                out.iter_mut().zip(colour).for_each(|(out, value)| *out = table[usize::from(*value)])
            }
        }
        Ok(())
    }

    /// Lays pixels of `alpha` on the background.
    fn flatten(&self, out: &mut [u8], alpha: impl Iterator<Item = u8>) {
        for (pixel, alpha) in out.chunks_exact_mut(self.channels().count()).zip(alpha) {
            for (value, behind) in pixel.iter_mut().zip(self.background.rgb) {
                let colour = match self.layout.alpha {
                    Alpha::Associated => u16::from(*value),
                    _ => share(*value, alpha),
                };
                *value = (colour + share(behind, 255 - alpha)).min(255) as u8;
            }
        }
    }
}

fn without_profile(space: Space) -> &'static str {
    match space {
        Space::Grey => "grey",
        Space::Rgb => "taken as sRGB",
        Space::Cmyk => "CMYK without profile to sRGB",
        Space::Lab => "CIELab to sRGB",
    }
}

fn with_profile(layout: Layout, icc: &[u8]) -> (Conversion, String) {
    let (space, expected, source) = match layout.space {
        Space::Grey => ("grey", DataColorSpace::Gray, moxcms::Layout::Gray),
        Space::Rgb => ("RGB", DataColorSpace::Rgb, moxcms::Layout::Rgb),
        Space::Cmyk => ("CMYK", DataColorSpace::Cmyk, moxcms::Layout::Rgba),
        // It needs no profile to be understood.
        Space::Lab => return (Conversion::Plain, without_profile(layout.space).to_owned()),
    };
    let ignored =
        |why: &str| (Conversion::Plain, format!("{}, ICC profile ignored: {why}", without_profile(layout.space)));
    let Ok(profile) = ColorProfile::new_from_slice(&repaired(icc)) else { return ignored("damaged") };
    if profile.color_space != expected {
        return ignored("it is for another colour space");
    }
    let name = profile_name(&profile);
    let Some(conversion) = conversion(layout, &profile, source) else { return ignored("no conversion in it") };
    match conversion {
        Conversion::Plain => (Conversion::Plain, format!("{space} in ICC {name:?}, which is sRGB")),
        conversion => (conversion, format!("{space} in ICC {name:?} to sRGB")),
    }
}

/// A profile by Corbis, found in many photographs, has a wrong signature at its XYZ tags. lcms mends it too.
fn repaired(icc: &[u8]) -> Cow<'_, [u8]> {
    const BROKEN_XYZ: [u8; 4] = [0x17, 0xa5, 0x05, 0xb8];
    let is_broken = |word: &[u8; 4]| *word == BROKEN_XYZ;
    if !icc.as_chunks::<4>().0.iter().any(is_broken) {
        return Cow::Borrowed(icc);
    }
    let mut icc = icc.to_vec();
    icc.as_chunks_mut::<4>().0.iter_mut().filter(|word| is_broken(word)).for_each(|word| *word = *b"XYZ ");
    Cow::Owned(icc)
}

fn conversion(layout: Layout, profile: &ColorProfile, source: moxcms::Layout) -> Option<Conversion> {
    let srgb = ColorProfile::new_srgb();
    let options =
        TransformOptions { rendering_intent: RenderingIntent::RelativeColorimetric, ..TransformOptions::default() };
    let narrow = || profile.create_transform_8bit(source, &srgb, moxcms::Layout::Rgb, options).ok();
    let wide = || profile.create_transform_16bit(source, &srgb, moxcms::Layout::Rgb, options).ok();
    Some(match (layout.space, layout.depth) {
        (Space::Grey, _) => {
            let values: Vec<u16> = match layout.depth {
                Depth::U8 => (0..=255).map(|value| value * 257).collect(),
                Depth::U16 => (0..=u16::MAX).collect(),
            };
            let mut rgb = vec![0; values.len() * 3];
            wide()?.transform(&values, &mut rgb).ok()?;
            let table: Vec<u8> = rgb.iter().skip(1).step_by(3).map(|green| to_8_bit(*green)).collect();
            let unchanged = values.iter().zip(&table).all(|(from, to)| to_8_bit(*from).abs_diff(*to) <= INVISIBLE);
            if unchanged { Conversion::Plain } else { Conversion::GreyTable(table) }
        }
        (Space::Rgb, _) if is_srgb(&*narrow()?) => Conversion::Plain,
        (_, Depth::U8) => Conversion::Icc8(narrow()?),
        (_, Depth::U16) => Conversion::Icc16(wide()?),
    })
}

/// Whether a conversion to sRGB changes no colour visibly. A grid of colours is tried.
fn is_srgb(transform: &Transform8BitExecutor) -> bool {
    let steps = || (0..=255u8).step_by(15);
    let grid: Vec<u8> = steps().flat_map(|r| steps().flat_map(move |g| steps().flat_map(move |b| [r, g, b]))).collect();
    let mut converted = vec![0; grid.len()];
    transform.transform(&grid, &mut converted).is_ok()
        && grid.iter().zip(&converted).all(|(from, to)| from.abs_diff(*to) <= INVISIBLE)
}

/// What the profile calls itself, without commas: these divide the parts of [`ImageHeader::treatment`].
///
/// [`ImageHeader::treatment`]: crate::model::ImageHeader::treatment
fn profile_name(profile: &ColorProfile) -> String {
    let name = match &profile.description {
        Some(ProfileText::PlainString(text)) => text.as_str(),
        Some(ProfileText::Localizable(texts)) => texts.first().map_or("", |text| text.value.as_str()),
        Some(ProfileText::Description(text)) => text.ascii_string.as_str(),
        None => "",
    };
    let name = name.trim_matches(|c: char| c.is_whitespace() || c.is_control()).chars().take(80);
    name.map(|c| if c == ',' { ';' } else { c }).collect()
}

fn refused(error: moxcms::CmsError) -> Error {
    Error::image(format!("colour conversion failed: {error}"))
}

/// `value x alpha / 255`, rounded.
fn share(value: u8, alpha: u8) -> u16 {
    (u16::from(value) * u16::from(alpha) + 127) / 255
}

/// 16-bit to 8-bit, rounded.
pub fn to_8_bit(value: u16) -> u8 {
    // The same as dividing by 257 and rounding, for every value, and a loop of it runs in vectors.
    ((u32::from(value) * 255 + 32_895) >> 16) as u8
}

fn without_alpha<T: Copy>(samples: &[T], channels: usize) -> Vec<T> {
    samples.chunks_exact(channels).flat_map(|pixel| &pixel[..channels - 1]).copied().collect()
}

/// CMYK without a profile: the plain subtractive formula.
fn cmyk_to_rgb(colour: &[u8], out: &mut [u8]) {
    for (rgb, cmyk) in out.chunks_exact_mut(3).zip(colour.chunks_exact(4)) {
        let light = 255 - u16::from(cmyk[3]);
        for (value, ink) in rgb.iter_mut().zip(cmyk) {
            *value = (((255 - u16::from(*ink)) * light + 127) / 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(layout: Layout, icc: Option<&[u8]>, samples: &[u8], pixels: usize) -> Vec<u8> {
        convert_on(Colour::WHITE, layout, icc, samples, pixels)
    }

    fn convert_on(background: Colour, layout: Layout, icc: Option<&[u8]>, samples: &[u8], pixels: usize) -> Vec<u8> {
        let converter = Converter::new(layout, icc, background);
        let mut out = vec![0; pixels * converter.channels().count()];
        converter.convert(samples, &mut out).unwrap();
        out
    }

    #[test]
    fn alpha_is_laid_on_white() {
        let straight = Layout::new(Space::Grey, Alpha::Straight, Depth::U8);
        assert_eq!(convert(straight, None, &[0, 0, 0, 255, 100, 51], 3), [255, 0, 224]);
        let associated = Layout::new(Space::Grey, Alpha::Associated, Depth::U8);
        assert_eq!(convert(associated, None, &[0, 0, 20, 51], 2), [255, 224]);
    }

    #[test]
    fn grey_with_alpha_stays_grey_on_grey_and_takes_on_a_colour() {
        let layout = Layout::new(Space::Grey, Alpha::Straight, Depth::U8);
        let [black, sand] = [[0; 3], [200, 180, 100]].map(|rgb| Colour { rgb });
        assert_eq!(convert_on(black, layout, None, &[0, 0, 200, 255, 100, 51], 3), [0, 200, 20]);
        assert_eq!(convert_on(sand, layout, None, &[0, 0, 90, 255], 2), [200, 180, 100, 90, 90, 90]);
        let wide = Layout::new(Space::Grey, Alpha::Associated, Depth::U16);
        let samples: [u16; 4] = [0, 0, 0x8000, 0xffff];
        assert_eq!(convert_on(sand, wide, None, bytemuck::cast_slice(&samples), 2), [200, 180, 100, 128, 128, 128]);
        let opaque = Layout::new(Space::Grey, Alpha::None, Depth::U8);
        assert_eq!(Converter::new(opaque, None, sand).channels(), Channels::Grey);
    }

    #[test]
    fn sixteen_bits_are_rounded_not_truncated() {
        let layout = Layout::new(Space::Grey, Alpha::None, Depth::U16);
        let samples: [u16; 3] = [0x00ff, 0xffff, 0x8000];
        assert_eq!(convert(layout, None, bytemuck::cast_slice(&samples), 3), [1, 255, 128]);
    }

    #[test]
    fn a_wide_profile_is_converted_and_srgb_is_left_alone() {
        let layout = Layout::new(Space::Rgb, Alpha::None, Depth::U8);
        let adobe = ColorProfile::new_adobe_rgb().encode().unwrap();
        let green = convert(layout, Some(&adobe), &[100, 200, 100], 1);
        assert!(green[0] < 60 && green[1].abs_diff(201) < 3, "{green:?}");
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        assert!(Converter::new(layout, Some(&srgb), Colour::WHITE).is_identity());
        assert!(Converter::new(layout, Some(b"no profile"), Colour::WHITE).description().contains("damaged"));
    }

    #[test]
    fn the_name_of_a_profile_says_nothing_of_the_image() {
        let mut profile = ColorProfile::new_adobe_rgb();
        profile.description =
            Some(ProfileText::PlainString("A, orientation 6 applied, 1 x 1 bit, without its mask".into()));
        let name = profile_name(&profile);
        assert_eq!(name, "A; orientation 6 applied; 1 x 1 bit; without its mask");
    }
}
