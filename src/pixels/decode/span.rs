//! Which pixels along one side of a source make one pixel of another size.

/// Source pixels from `first` on, with their weights, which add up to 1.
pub struct Span {
    pub first: u32,
    pub weights: Vec<f32>,
}

impl Span {
    /// Of pixel `index` where `from` pixels become `to`: what it covers, or what it lies between.
    pub fn new(index: u32, from: u32, to: u32) -> Span {
        if to <= from { Span::covered(index, from, to) } else { Span::between(index, from, to) }
    }

    /// Parts of pixels count as such. In units of `1 / to` of a source pixel all ends are whole.
    fn covered(index: u32, from: u32, to: u32) -> Span {
        let (from, to) = (u64::from(from), u64::from(to));
        let (start, end) = (u64::from(index) * from, (u64::from(index) + 1) * from);
        let covered = |pixel: u64| ((pixel + 1) * to).min(end) - (pixel * to).max(start);
        let weights = (start / to..end.div_ceil(to)).map(|pixel| (covered(pixel) as f64 / from as f64) as f32);
        Span { first: (start / to) as u32, weights: weights.collect() }
    }

    /// By its distance from the centres of its two neighbours. In units of `1 / 2 to` of a source pixel all are whole.
    fn between(index: u32, from: u32, to: u32) -> Span {
        let (last, unit) = (u64::from(from - 1), 2 * u64::from(to));
        // From the centre of the first source pixel, before which nothing is.
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
