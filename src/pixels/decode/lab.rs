//! CIELab (D50) to sRGB.

/// D50, the white of ICC's profile connection space.
const WHITE: [f32; 3] = [0.964_22, 1.0, 0.825_21];

/// XYZ relative to D50 to linear sRGB: IEC 61966-2-1 with Bradford adaptation.
const TO_RGB: [[f32; 3]; 3] =
    [[3.133_856, -1.616_867, -0.490_615], [-0.978_768, 1.916_142, 0.033_454], [0.071_945, -0.228_991, 1.405_243]];

/// Converts pixels in ICC's 16-bit encoding: L of 0 to 100 over the full range, a and b of -128 to 127.
pub fn to_srgb(lab: &[u16], out: &mut [u8]) {
    for (rgb, lab) in out.as_chunks_mut::<3>().0.iter_mut().zip(lab.as_chunks::<3>().0) {
        let lightness = f32::from(lab[0]) * 100.0 / 65_535.0;
        let [a, b] = [lab[1], lab[2]].map(|value| f32::from(value) / 257.0 - 128.0);
        let y = (lightness + 16.0) / 116.0;
        let f = [y + a / 500.0, y, y - b / 200.0];
        let xyz: [f32; 3] = std::array::from_fn(|axis| WHITE[axis] * inverse(f[axis]));
        *rgb = TO_RGB.map(|row| encoded(row.iter().zip(xyz).map(|(factor, value)| factor * value).sum()));
    }
}

fn inverse(t: f32) -> f32 {
    if t > 6.0 / 29.0 { t * t * t } else { 3.0 * (6.0f32 / 29.0).powi(2) * (t - 4.0 / 29.0) }
}

/// The transfer function of sRGB, from 0 to 1 linear.
pub fn encoded(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let value = if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    (value * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_colours() {
        let encode =
            |[l, a, b]: [f32; 3]| [(l * 655.35) as u16, ((a + 128.0) * 257.0) as u16, ((b + 128.0) * 257.0) as u16];
        for (lab, rgb) in [
            ([100.0, 0.0, 0.0], [255, 255, 255]),
            ([0.0, 0.0, 0.0], [0, 0, 0]),
            ([53.59, 0.0, 0.0], [128, 128, 128]),
            ([54.29, 80.81, 69.89], [255, 0, 0]),
        ] {
            let mut out = [0; 3];
            to_srgb(&encode(lab), &mut out);
            assert!(out.iter().zip(rgb).all(|(a, b)| a.abs_diff(b) <= 2), "{lab:?}: {out:?}");
        }
    }
}
