//! Tiles put together again, level by level, and held against a reduction of the source made in another way: exact
//! averages of boxes in floating point, edges repeated.

use crate::prove::{picture, service::Service};
use crate::site::Site;
use image::{DynamicImage, ImageBuffer, Pixel};

/// Samples of one image, rows without gaps.
pub struct Samples {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub data: Vec<f32>,
}

/// What continuous tone and bilevel sources must reach, in decibels.
pub const TONE: f64 = 30.0;
pub const BILEVEL: f64 = 22.0;

/// A single tile may be this much worse than a level: a page's busiest spot.
const TILE_ALLOWANCE: f64 = 6.0;

/// A tile of blank paper may look a little better one pixel off; one that is cut there gains far more.
const TILE_GAIN: f64 = 1.0;

impl Samples {
    pub fn of<P: Pixel<Subpixel = u8>>(image: &ImageBuffer<P, Vec<u8>>) -> Samples {
        Samples {
            width: image.width() as usize,
            height: image.height() as usize,
            channels: usize::from(P::CHANNEL_COUNT),
            data: image.as_raw().iter().map(|value| f32::from(*value)).collect(),
        }
    }

    fn of_decoded(image: &DynamicImage) -> Samples {
        match image {
            DynamicImage::ImageLuma8(grey) => Samples::of(grey),
            other => Samples::of(&other.to_rgb8()),
        }
    }

    fn blank(width: usize, height: usize, channels: usize) -> Samples {
        Samples { width, height, channels, data: vec![f32::NAN; width * height * channels] }
    }

    fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width * self.channels..][..self.width * self.channels]
    }

    /// The same with rows and columns repeated until both sides are multiples of `unit`.
    fn padded(&self, unit: usize) -> Samples {
        let (width, height) = (self.width.next_multiple_of(unit), self.height.next_multiple_of(unit));
        let mut data = Vec::with_capacity(width * height * self.channels);
        for y in 0..height {
            let row = self.row(y.min(self.height - 1));
            data.extend_from_slice(row);
            let last = &row[row.len() - self.channels..];
            (self.width..width).for_each(|_| data.extend_from_slice(last));
        }
        Samples { width, height, channels: self.channels, data }
    }

    /// Averages of 2 x 2; halving again is exact, since nothing is rounded and both sides are even.
    fn halved(&self) -> Samples {
        let (width, height, n) = (self.width / 2, self.height / 2, self.channels);
        let mut data = Vec::with_capacity(width * height * n);
        for y in 0..height {
            let (upper, lower) = (self.row(2 * y), self.row(2 * y + 1));
            for (upper, lower) in upper.chunks_exact(2 * n).zip(lower.chunks_exact(2 * n)) {
                data.extend((0..n).map(|c| (upper[c] + upper[c + n] + lower[c] + lower[c + n]) / 4.0));
            }
        }
        Samples { width, height, channels: n, data }
    }

    fn paste(&mut self, part: &Samples, x: usize, y: usize) {
        for (index, row) in part.data.chunks_exact(part.width * part.channels).enumerate() {
            let start = ((y + index) * self.width + x) * self.channels;
            self.data[start..start + row.len()].copy_from_slice(row);
        }
    }
}

/// Peak signal-to-noise ratio over `size` pixels, from `a_at` in `a` and from `b_at` in `b`.
fn psnr(a: &Samples, a_at: (usize, usize), b: &Samples, b_at: (usize, usize), size: (usize, usize)) -> f64 {
    let n = a.channels;
    let mut sum = 0.0;
    for y in 0..size.1 {
        let left = &a.row(a_at.1 + y)[a_at.0 * n..][..size.0 * n];
        let right = &b.row(b_at.1 + y)[b_at.0 * n..][..size.0 * n];
        sum += left.iter().zip(right).map(|(a, b)| (a - b) * (a - b)).sum::<f32>() as f64;
    }
    // A place that no tile covers is NaN, and must stay it.
    10.0 * (255.0 * 255.0 / (sum / (size.0 * size.1 * n) as f64 + 1e-9)).log10()
}

/// What is wrong with the pixels of the image at path `service`, whose upright source in grey or sRGB is `source`.
pub fn problems(site: &Site, service: &str, source: &Samples, least: f64) -> Vec<String> {
    let info = site.json(&format!("{service}/info.json"));
    let read = Service::read(&info, info["id"].as_str().unwrap_or_default(), site.max_size);
    let service_of = |error: String| vec![format!("{service}: {error}")];
    let levels = match read {
        Ok(levels) => levels,
        Err(error) => return service_of(error),
    };
    if levels.full != (source.width as u32, source.height as u32) {
        return service_of(format!("it is {:?}, the source {}x{}", levels.full, source.width, source.height));
    }
    let mut reference = source.padded(*levels.scale_factors.last().unwrap() as usize);
    let mut problems = vec![];
    for factor in &levels.scale_factors {
        if *factor > 1 {
            reference = reference.halved();
        }
        for format in &levels.formats {
            match level_problems(site, service, &levels, (*factor, format), &reference, least) {
                Ok(found) => problems.extend(found),
                Err(problem) => problems.push(problem),
            }
        }
    }
    problems
}

fn level_problems(
    site: &Site,
    service: &str,
    levels: &Service,
    (factor, format): (u32, &str),
    reference: &Samples,
    least: f64,
) -> Result<Vec<String>, String> {
    let (width, height) = levels.level(factor);
    let (width, height) = (width as usize, height as usize);
    let mut stitched = Samples::blank(width, height, reference.channels);
    let mut problems = vec![];
    for ((x, y), path, _) in levels.tiles(factor, format) {
        let path = format!("{service}/{path}");
        let tile = picture::decode(site, &path)?;
        // WebP has no grey.
        let is_grey = format == "webp" && reference.channels == 1;
        let tile = if is_grey { Samples::of(&tile.to_luma8()) } else { Samples::of_decoded(&tile) };
        if tile.channels != reference.channels {
            return Err(format!("{path} has {} channels, the source {}", tile.channels, reference.channels));
        }
        let at = (x as usize, y as usize);
        let found = psnr(&tile, (0, 0), reference, at, (tile.width, tile.height));
        if found < least - TILE_ALLOWANCE {
            problems.push(format!("{path}: {found:.1} dB"));
        }
        if gain_when_moved(&tile, reference, at) > TILE_GAIN {
            problems.push(format!("{path}: shifted"));
        }
        stitched.paste(&tile, at.0, at.1);
    }
    let found = psnr(&stitched, (0, 0), reference, (0, 0), (width, height));
    if found.is_nan() || found < least {
        problems.push(format!("{service} at 1/{factor} in {format}: {found:.1} dB"));
    }
    if gain_when_moved(&stitched, reference, (0, 0)) >= 0.0 {
        problems.push(format!("{service} at 1/{factor} in {format}: shifted"));
    }
    Ok(problems)
}

/// How many decibels the part that stands `at` a place of the whole gains at best if it stands one pixel further, in
/// any direction in which it is wide enough to tell.
fn gain_when_moved(part: &Samples, whole: &Samples, at: (usize, usize)) -> f64 {
    let margin = (usize::from(part.width > 8), usize::from(part.height > 8));
    let size = (part.width - 2 * margin.0, part.height - 2 * margin.1);
    let moved = |x: usize, y: usize| psnr(part, margin, whole, (at.0 + x, at.1 + y), size);
    let sideways = [(0, margin.1), (2, margin.1)].into_iter().filter(|_| margin.0 > 0);
    let upright = [(margin.0, 0), (margin.0, 2)].into_iter().filter(|_| margin.1 > 0);
    let best = sideways.chain(upright).map(|(x, y)| moved(x, y)).fold(f64::NEG_INFINITY, f64::max);
    best - moved(margin.0, margin.1)
}
