//! `max-resolution`: an image is made smaller by any ratio while its rows pass.
//!
//! Each published pixel is the average of the area of the master that it covers; parts of pixels count in proportion.
//! Only a few rows are in memory, for any height. This is done while decoding, so that no later stage needs the size of
//! the master.

use super::PixelSource;
use crate::error::Result;
use crate::model::Channels;
use crate::model::geometry::Size;
use rayon::prelude::*;

/// Rows that are read and narrowed at a time.
const ROWS: u32 = 64;

/// `source` brought to `size`, neither side of which is larger than the source's.
pub fn reduce(source: Box<dyn PixelSource>, size: Size) -> Box<dyn PixelSource> {
    if source.size() == size { source } else { Box::new(Reduced::new(source, size)) }
}

/// How many bytes are held at most while an image is reduced.
pub fn memory(from: Size, to: Size, channels: Channels) -> u64 {
    if from == to {
        return 0;
    }
    let rows = u64::from(ROWS.min(from.height));
    // Rows as read; rows narrowed and one row of sums in floating point; the spans with their weights.
    let samples = rows * u64::from(from.width) + 4 * (rows + 1) * u64::from(to.width);
    samples * channels.count() as u64 + 4 * u64::from(from.width) + 64 * u64::from(to.width)
}

struct Reduced {
    source: Box<dyn PixelSource>,
    size: Size,
    columns: Vec<Span>,
    /// Rows of the source, and the same rows narrowed to the published width.
    read: Vec<u8>,
    narrow: Vec<f32>,
    /// How many rows of the source were read, and the first that `narrow` holds.
    read_to: u32,
    first: u32,
    next: u32,
}

impl Reduced {
    fn new(source: Box<dyn PixelSource>, size: Size) -> Reduced {
        let columns = (0..size.width).map(|column| Span::new(column, source.size().width, size.width)).collect();
        Reduced { source, size, columns, read: vec![], narrow: vec![], read_to: 0, first: 0, next: 0 }
    }

    /// Reads and narrows the next rows of the source.
    fn read_on(&mut self) -> Result<()> {
        let (from, channels) = (self.source.size(), self.source.channels());
        let rows = ROWS.min(from.height - self.read_to) as usize;
        let (stored, narrowed) = (from.width as usize * channels.count(), self.size.width as usize * channels.count());
        self.read.resize(rows * stored, 0);
        self.narrow.resize(rows * narrowed, 0.0);
        self.source.read_rows(&mut self.read)?;
        let columns = &self.columns;
        self.narrow.par_chunks_mut(narrowed).zip(self.read.par_chunks(stored)).for_each(|(out, row)| match channels {
            Channels::Grey => narrow::<1>(row, columns, out),
            Channels::Rgb => narrow::<3>(row, columns, out),
        });
        self.first = self.read_to;
        self.read_to += rows as u32;
        Ok(())
    }

    /// Adds up the rows that the next published row covers.
    fn next_row(&mut self, sums: &mut [f32]) -> Result<()> {
        let span = Span::new(self.next, self.source.size().height, self.size.height);
        sums.fill(0.0);
        for (row, weight) in (span.first..).zip(&span.weights) {
            if row >= self.read_to {
                self.read_on()?;
            }
            let narrow = &self.narrow[(row - self.first) as usize * sums.len()..];
            sums.iter_mut().zip(narrow).for_each(|(sum, value)| *sum += weight * value);
        }
        self.next += 1;
        Ok(())
    }
}

/// Averages the pixels of a row that each published column covers.
fn narrow<const N: usize>(row: &[u8], columns: &[Span], out: &mut [f32]) {
    let (pixels, out) = (row.as_chunks::<N>().0, out.as_chunks_mut::<N>().0);
    for (sums, span) in out.iter_mut().zip(columns) {
        *sums = [0.0; N];
        for (pixel, weight) in pixels[span.first as usize..].iter().zip(&span.weights) {
            for c in 0..N {
                sums[c] += weight * f32::from(pixel[c]);
            }
        }
    }
}

impl PixelSource for Reduced {
    fn size(&self) -> Size {
        self.size
    }

    fn channels(&self) -> Channels {
        self.source.channels()
    }

    fn read_rows(&mut self, rows: &mut [u8]) -> Result<()> {
        let samples = self.size.width as usize * self.channels().count();
        let mut sums = vec![0.0; samples];
        for row in rows.chunks_exact_mut(samples) {
            self.next_row(&mut sums)?;
            row.iter_mut().zip(&sums).for_each(|(value, sum)| *value = (sum + 0.5) as u8);
        }
        Ok(())
    }

    fn damage(&self) -> Option<String> {
        self.source.damage()
    }
}

/// Source pixels from `first` on, with their weights, which add up to 1.
pub struct Span {
    pub first: u32,
    pub weights: Vec<f32>,
}

impl Span {
    /// The source pixels of pixel `index` where `from` pixels become `to`: those that it covers, or the two that it
    /// lies between.
    pub fn new(index: u32, from: u32, to: u32) -> Span {
        if to <= from { Span::covered(index, from, to) } else { Span::between(index, from, to) }
    }

    /// Parts of pixels count in proportion. In units of `1 / to` of a source pixel all ends are whole numbers.
    fn covered(index: u32, from: u32, to: u32) -> Span {
        let (from, to) = (u64::from(from), u64::from(to));
        let (start, end) = (u64::from(index) * from, (u64::from(index) + 1) * from);
        let covered = |pixel: u64| ((pixel + 1) * to).min(end) - (pixel * to).max(start);
        let weights = (start / to..end.div_ceil(to)).map(|pixel| (covered(pixel) as f64 / from as f64) as f32);
        Span { first: (start / to) as u32, weights: weights.collect() }
    }

    /// Weights by the distance to the centres of the two neighbours. In units of `1 / 2 to` of a source pixel all are
    /// whole.
    fn between(index: u32, from: u32, to: u32) -> Span {
        let (last, unit) = (u64::from(from - 1), 2 * u64::from(to));
        // Distance from the centre of the first source pixel; nothing is before it.
        let at = ((2 * u64::from(index) + 1) * u64::from(from)).saturating_sub(u64::from(to));
        let (first, rest) = (at / unit, at % unit);
        let second = (rest as f64 / unit as f64) as f32;
        match first < last {
            true => Span { first: first as u32, weights: vec![1.0 - second, second] },
            false => Span { first: last as u32, weights: vec![1.0] },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Rows {
        size: Size,
        channels: Channels,
        pixels: std::collections::VecDeque<u8>,
    }

    impl PixelSource for Rows {
        fn size(&self) -> Size {
            self.size
        }

        fn channels(&self) -> Channels {
            self.channels
        }

        fn read_rows(&mut self, rows: &mut [u8]) -> Result<()> {
            rows.iter_mut().for_each(|value| *value = self.pixels.pop_front().unwrap());
            Ok(())
        }
    }

    fn reduced(from: Size, to: Size, channels: Channels, pixels: &[u8]) -> Vec<u8> {
        let source = Rows { size: from, channels, pixels: pixels.iter().copied().collect() };
        let mut reduced = reduce(Box::new(source), to);
        assert_eq!(reduced.size(), to);
        let row = to.width as usize * channels.count();
        let mut out = vec![0; row * to.height as usize];
        // Uneven portions, as bands of tiles are.
        for rows in out.chunks_mut(row * 3) {
            reduced.read_rows(rows).unwrap();
        }
        out
    }

    /// The same in whole numbers, each published pixel on its own.
    fn average(from: Size, to: Size, x: u32, y: u32, pixel: impl Fn(u32, u32) -> u8) -> f64 {
        let covered = |index: u32, from: u32, to: u32| {
            let (start, end) = (index * from, (index + 1) * from);
            (start / to..end.div_ceil(to)).map(move |i| (i, ((i + 1) * to).min(end) - (i * to).max(start)))
        };
        let columns = covered(x, from.width, to.width);
        let cells =
            columns.flat_map(|(i, wide)| covered(y, from.height, to.height).map(move |(j, high)| (i, j, wide * high)));
        let sum: u64 = cells.map(|(i, j, area)| u64::from(pixel(i, j)) * u64::from(area)).sum();
        sum as f64 / from.area() as f64
    }

    #[test]
    fn half_size_is_the_average_of_four() {
        let (from, to) = (Size::new(4, 2), Size::new(2, 1));
        assert_eq!(reduced(from, to, Channels::Grey, &[10, 20, 0, 0, 30, 40, 0, 255]), [25, 64]);
    }

    #[test]
    fn an_image_of_one_colour_stays_that_colour() {
        for value in [0, 1, 127, 254, 255] {
            let out = reduced(Size::new(1013, 797), Size::new(700, 551), Channels::Grey, &vec![value; 1013 * 797]);
            assert!(out.iter().all(|other| *other == value), "{value}");
        }
    }

    proptest! {
        #[test]
        fn each_pixel_is_the_average_of_what_it_covers(
            width in 1u32..200, height in 1u32..200, side in 1u32..200, seed in any::<u64>()
        ) {
            let from = Size::new(width, height);
            let to = from.within(side);
            let noise = |i: usize| (seed.wrapping_mul(i as u64 * 2 + 1) >> 37) as u8;
            let pixels: Vec<u8> = (0..from.area() as usize * 3).map(noise).collect();
            let out = reduced(from, to, Channels::Rgb, &pixels);
            for (index, value) in out.iter().enumerate() {
                let (at, channel) = (index as u32 / 3, index % 3);
                let exact = average(from, to, at % to.width, at / to.width, |x, y| {
                    pixels[(y * width + x) as usize * 3 + channel]
                });
                prop_assert!((f64::from(*value) - exact).abs() < 0.501, "{} at {}", value, index);
            }
        }
    }

    #[test]
    fn two_pixels_become_four_with_two_between_them() {
        let spans: Vec<_> = (0..4).map(|index| Span::new(index, 2, 4)).map(|span| (span.first, span.weights)).collect();
        let between = |weights: [f32; 2]| (0, weights.to_vec());
        assert_eq!(spans, [between([1.0, 0.0]), between([0.75, 0.25]), between([0.25, 0.75]), (1, vec![1.0])]);
    }

    proptest! {
        #[test]
        fn weights_add_up_and_stay_within(from in 1u32..3000, to in 1u32..3000, seed in any::<u32>()) {
            let span = Span::new(seed % to, from, to);
            let sum: f32 = span.weights.iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-4);
            prop_assert!(span.first as usize + span.weights.len() <= from as usize);
        }
    }
}
