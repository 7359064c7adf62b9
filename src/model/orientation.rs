//! How a stored image is turned and mirrored before it is shown.

use crate::model::geometry::Size;
use serde::{Deserialize, Serialize};

/// The orientation of a stored image, as the tag of TIFF and EXIF gives it (TIFF 6.0, Orientation; EXIF 2.32, 4.6.4): from 1,
/// upright, to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Orientation(u8);

impl Default for Orientation {
    fn default() -> Orientation {
        Orientation(1)
    }
}

impl Orientation {
    /// By the number of the tag. Any other number is upright.
    pub fn of_tag(number: u8) -> Orientation {
        if (1..=8).contains(&number) { Orientation(number) } else { Orientation::default() }
    }

    /// Whether the image is shown as it is stored.
    pub fn is_upright(&self) -> bool {
        *self == Orientation::default()
    }

    /// Whether width and height change places.
    pub fn is_sideways(self) -> bool {
        self.0 >= 5
    }

    /// The size as it is shown, of an image of the size as it is stored; or the other way.
    pub fn turned(self, size: Size) -> Size {
        if self.is_sideways() { size.transposed() } else { size }
    }

    /// Where the point of the stored image is shown. `width` and `height`: of the stored image, in the same unit.
    pub fn place(self, [x, y]: [f64; 2], [width, height]: [f64; 2]) -> [f64; 2] {
        match self.0 {
            2 => [width - x, y],
            3 => [width - x, height - y],
            4 => [x, height - y],
            5 => [y, x],
            6 => [height - y, x],
            7 => [height - y, width - x],
            8 => [y, width - x],
            _ => [x, y],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, GrayImage, Luma};

    #[test]
    fn points_go_where_the_pixels_go() {
        let stored = GrayImage::from_fn(7, 4, |x, y| Luma([(10 * x + y) as u8]));
        for number in 1..=8 {
            let mut shown = DynamicImage::from(stored.clone());
            shown.apply_orientation(image::metadata::Orientation::from_exif(number).unwrap());
            let shown = shown.into_luma8();
            let orientation = Orientation::of_tag(number);
            assert_eq!(orientation.turned(Size::new(7, 4)), Size::new(shown.width(), shown.height()));
            for (x, y, pixel) in stored.enumerate_pixels() {
                let [at_x, at_y] = orientation.place([f64::from(x) + 0.5, f64::from(y) + 0.5], [7.0, 4.0]);
                assert_eq!(shown.get_pixel(at_x as u32, at_y as u32), pixel, "orientation {number}");
            }
        }
        assert!(Orientation::of_tag(0).is_upright() && Orientation::of_tag(9).is_upright());
    }
}
