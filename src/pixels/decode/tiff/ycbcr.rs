//! YCbCr that is not in a JPEG (TIFF 6.0, section 21): blocks of luma samples with one Cb and one Cr.

use super::directory::Directory;

/// Luma weights of Rec. 601, TIFF's default. Practically every file has them.
const RED: f32 = 0.299;
const GREEN: f32 = 0.587;
const BLUE: f32 = 0.114;

/// The layout of the blocks of a chunk.
pub struct Blocks {
    horizontal: usize,
    vertical: usize,
    /// Black and white of Y, and of Cb and Cr.
    reference: [f32; 6],
}

impl Blocks {
    pub fn of(directory: &Directory) -> Blocks {
        let (horizontal, vertical) = directory.subsampling;
        let mut reference = [0.0, 255.0, 128.0, 255.0, 128.0, 255.0];
        if let [a, b, c, d, e, f] = directory.reference_black_white[..] {
            let given = [a, b, c, d, e, f].map(|value| value as f32);
            if given[1] > given[0] && given[3] > given[2] && given[5] > given[4] {
                reference = given;
            }
        }
        Blocks { horizontal, vertical, reference }
    }

    /// Stored bytes of a chunk of `width` x `rows` pixels.
    pub fn raw_bytes(&self, width: usize, rows: usize) -> usize {
        self.row_of_blocks(width) * rows.div_ceil(self.vertical)
    }

    fn row_of_blocks(&self, width: usize) -> usize {
        width.div_ceil(self.horizontal) * (self.horizontal * self.vertical + 2)
    }

    /// One row of a chunk `width` pixels wide as RGB.
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
        let red = y + cr * (2.0 - 2.0 * RED);
        let blue = y + cb * (2.0 - 2.0 * BLUE);
        let green = (y - RED * red - BLUE * blue) / GREEN;
        [red, green, blue].map(|value| value.round() as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_shares_its_colour() {
        let blocks = Blocks { horizontal: 2, vertical: 2, reference: [0.0, 255.0, 128.0, 255.0, 128.0, 255.0] };
        assert_eq!(blocks.raw_bytes(3, 3), 2 * 2 * 6);
        let raw = [10, 20, 30, 40, 128, 128, 50, 0, 60, 0, 128, 255];
        let mut out = [0; 9];
        blocks.unpack_row(&raw, 3, 1, &mut out);
        assert_eq!(out[..6], [30, 30, 30, 40, 40, 40]);
        assert!(out[6] > 230, "red: {out:?}");
    }
}
