//! The hot loop: halving rows of pixels by averaging 2 x 2 boxes.
//!
//! Sizes round up; the last column of an odd width and the last row of an odd height are averaged with themselves.

use crate::model::Channels;

/// Averages rows `upper` and `lower` (the same row twice at an odd bottom edge) of `width` pixels into `out`, which
/// holds `ceil(width / 2)` pixels.
pub fn shrink_rows(upper: &[u8], lower: &[u8], out: &mut [u8], channels: Channels) {
    match channels {
        Channels::Grey => shrink::<1>(upper, lower, out),
        Channels::Rgb => shrink::<3>(upper, lower, out),
    }
}

fn shrink<const N: usize>(upper: &[u8], lower: &[u8], out: &mut [u8]) {
    let pairs = upper.len() / (2 * N);
    let (even, odd) = out.split_at_mut(pairs * N);
    for ((pixel, a), b) in
        even.as_chunks_mut::<N>().0.iter_mut().zip(upper.chunks_exact(2 * N)).zip(lower.chunks_exact(2 * N))
    {
        for c in 0..N {
            let sum = u16::from(a[c]) + u16::from(a[c + N]) + u16::from(b[c]) + u16::from(b[c + N]);
            pixel[c] = ((sum + 2) >> 2) as u8;
        }
    }
    let last = pairs * 2 * N;
    for (c, value) in odd.iter_mut().enumerate() {
        *value = (u16::from(upper[last + c]) + u16::from(lower[last + c])).div_ceil(2) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_odd_last_column_is_averaged_with_itself() {
        let mut out = [0; 2];
        shrink_rows(&[10, 20, 30], &[10, 20, 31], &mut out, Channels::Grey);
        assert_eq!(out, [15, 31]);
    }

    proptest! {
        #[test]
        fn channels_do_not_mix(width in 1usize..70, seed in any::<u64>()) {
            let noise = |i: usize| (seed.wrapping_mul(i as u64 * 2 + 1) >> 37) as u8;
            let (upper, lower): (Vec<u8>, Vec<u8>) = (0..width * 3).map(|i| (noise(i), noise(i + 1000))).unzip();
            let mut colour = vec![0; width.div_ceil(2) * 3];
            shrink_rows(&upper, &lower, &mut colour, Channels::Rgb);
            for c in 0..3 {
                let plane = |row: &[u8]| row.iter().skip(c).step_by(3).copied().collect::<Vec<u8>>();
                let mut grey = vec![0; width.div_ceil(2)];
                shrink_rows(&plane(&upper), &plane(&lower), &mut grey, Channels::Grey);
                prop_assert_eq!(plane(&colour), grey);
            }
        }
    }
}
