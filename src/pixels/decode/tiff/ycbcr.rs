//! YCbCr that is not in a JPEG (TIFF 6.0, section 21): blocks of luma samples with one Cb and one Cr, or three planes of
//! which the second and the third are smaller. Planes can be JPEGs.

use super::directory::Directory;
use crate::model::geometry::Size;

/// Black and white of Y, Cb and Cr where a file does not say.
const FULL_RANGE: [f32; 6] = [0.0, 255.0, 128.0, 255.0, 128.0, 255.0];

/// How samples of a chunk become RGB.
pub struct YCbCr {
    /// Luma samples to a chroma sample.
    horizontal: usize,
    vertical: usize,
    /// How much red, green and blue count for luma.
    luma: [f32; 3],
    /// Black and white of Y, Cb and Cr.
    reference: [f32; 6],
}

impl YCbCr {
    pub fn of(directory: &Directory) -> YCbCr {
        let (horizontal, vertical) = directory.subsampling;
        let mut reference = FULL_RANGE;
        if let [a, b, c, d, e, f] = directory.reference_black_white[..] {
            let given = [a, b, c, d, e, f].map(|value| value as f32);
            if given[1] > given[0] && given[3] > given[2] && given[5] > given[4] {
                reference = given;
            }
        }
        YCbCr { horizontal, vertical, luma: directory.luma.map(|weight| weight as f32), reference }
    }

    /// Whether it is what a JPEG file holds: Rec. 601 in the full range.
    pub fn is_usual(&self) -> bool {
        let near = |given: &[f32], usual: &[f32]| given.iter().zip(usual).all(|(a, b)| (a - b).abs() < 0.002);
        near(&self.luma, &[0.299, 0.587, 0.114]) && near(&self.reference, &FULL_RANGE)
    }

    /// The same with a Cb and a Cr for each pixel.
    pub fn in_full_resolution(self) -> YCbCr {
        YCbCr { horizontal: 1, vertical: 1, ..self }
    }

    /// The samples of a plane of a chunk of `size` pixels.
    pub fn plane(&self, plane: usize, size: Size) -> Size {
        match plane {
            0 => size,
            _ => Size::new(size.width.div_ceil(self.horizontal as u32), size.height.div_ceil(self.vertical as u32)),
        }
    }

    /// Lays row `y` of a plane over the pixels `out`. With the last plane they become RGB.
    pub fn lay_row(&self, plane: usize, raw: &[u8], row_bytes: usize, y: usize, out: &mut [u8]) {
        let (across, down) = if plane == 0 { (1, 1) } else { (self.horizontal, self.vertical) };
        let row = &raw[y / down * row_bytes..][..row_bytes];
        for (x, pixel) in out.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            pixel[plane] = row[x / across];
            if plane == 2 {
                *pixel = self.rgb(pixel[0], pixel[1], pixel[2]);
            }
        }
    }

    /// Stored bytes of a chunk of `width` x `rows` pixels in blocks.
    pub fn raw_bytes(&self, width: usize, rows: usize) -> usize {
        self.row_of_blocks(width) * rows.div_ceil(self.vertical)
    }

    fn row_of_blocks(&self, width: usize) -> usize {
        width.div_ceil(self.horizontal) * (self.horizontal * self.vertical + 2)
    }

    /// One row of a chunk in blocks, `width` pixels wide, as RGB.
    pub fn unpack_row(&self, raw: &[u8], width: usize, y: usize, out: &mut [u8]) {
        let luma = self.horizontal * self.vertical;
        let blocks = &raw[y / self.vertical * self.row_of_blocks(width)..];
        for (x, pixel) in out.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let block = &blocks[x / self.horizontal * (luma + 2)..][..luma + 2];
            let place = y % self.vertical * self.horizontal + x % self.horizontal;
            *pixel = self.rgb(block[place], block[luma], block[luma + 1]);
        }
    }

    fn rgb(&self, y: u8, cb: u8, cr: u8) -> [u8; 3] {
        let [black, white, cb_black, cb_white, cr_black, cr_white] = self.reference;
        let y = (f32::from(y) - black) * 255.0 / (white - black);
        let cb = (f32::from(cb) - cb_black) * 127.0 / (cb_white - cb_black);
        let cr = (f32::from(cr) - cr_black) * 127.0 / (cr_white - cr_black);
        let [of_red, of_green, of_blue] = self.luma;
        let red = y + cr * (2.0 - 2.0 * of_red);
        let blue = y + cb * (2.0 - 2.0 * of_blue);
        let green = (y - of_red * red - of_blue * blue) / of_green;
        [red, green, blue].map(|value| value.round() as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALVED: YCbCr = YCbCr { horizontal: 2, vertical: 2, luma: [0.299, 0.587, 0.114], reference: FULL_RANGE };

    #[test]
    fn a_block_shares_its_colour() {
        assert_eq!(HALVED.raw_bytes(3, 3), 2 * 2 * 6);
        let raw = [10, 20, 30, 40, 128, 128, 50, 0, 60, 0, 128, 255];
        let mut out = [0; 9];
        HALVED.unpack_row(&raw, 3, 1, &mut out);
        assert_eq!(out[..6], [30, 30, 30, 40, 40, 40]);
        assert!(out[6] > 230, "red: {out:?}");
    }

    #[test]
    fn planes_make_the_pixels_of_blocks() {
        let chroma = HALVED.plane(1, Size::new(3, 3));
        assert_eq!((chroma, HALVED.plane(0, Size::new(3, 3))), (Size::new(2, 2), Size::new(3, 3)));
        let planes = [&[10, 20, 50, 30, 40, 60][..], &[128, 128], &[128, 255]];
        let (mut out, mut of_blocks) = ([0; 9], [0; 9]);
        for (plane, (raw, row_bytes)) in planes.into_iter().zip([3, 2, 2]).enumerate() {
            HALVED.lay_row(plane, raw, row_bytes, 1, &mut out);
        }
        HALVED.unpack_row(&[10, 20, 30, 40, 128, 128, 50, 0, 60, 0, 128, 255], 3, 1, &mut of_blocks);
        assert_eq!(out, of_blocks);
    }
}
