//! Sizes and regions in pixels. Arithmetic on pyramids is in [`crate::model::pyramid`].

use std::fmt;

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Size {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl Size {
    /// A size of `width` by `height` pixels.
    pub const fn new(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    /// The number of pixels.
    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The longer of width and height.
    pub fn longer_side(self) -> u32 {
        self.width.max(self.height)
    }

    /// Width and height exchanged.
    pub fn transposed(self) -> Size {
        Size::new(self.height, self.width)
    }

    /// The size reduced in proportion so that no side is longer than `side`, which is at least 1. The shorter side is rounded,
    /// to at least 1. A size within the limit is unchanged.
    pub fn within(self, side: u32) -> Size {
        let longer = u64::from(self.longer_side());
        if longer <= u64::from(side) {
            return self;
        }
        // At most `side`, so it fits.
        let scaled = |length: u32| ((u64::from(length) * u64::from(side) + longer / 2) / longer).max(1) as u32;
        Size::new(scaled(self.width), scaled(self.height))
    }

    /// Divided by `factor`, rounded up: the size of a pyramid level.
    pub fn scaled_down(self, factor: u32) -> Size {
        Size::new(self.width.div_ceil(factor), self.height.div_ceil(factor))
    }
}

/// As in a IIIF size parameter: `width,height`.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.width, self.height)
    }
}

/// A rectangle within an image, in pixels of the full image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region {
    /// The left edge.
    pub x: u32,
    /// The upper edge.
    pub y: u32,
    /// Width and height.
    pub size: Size,
}

/// As in a IIIF region parameter: `x,y,width,height`.
impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.x, self.y, self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_size_within_a_side_keeps_its_proportions() {
        assert_eq!(Size::new(6000, 4000).within(3000), Size::new(3000, 2000));
        assert_eq!(Size::new(4001, 6000).within(3000), Size::new(2001, 3000));
        assert_eq!(Size::new(100_000, 1).within(64), Size::new(64, 1));
        assert_eq!(Size::new(64, 10).within(64), Size::new(64, 10));
    }

    proptest! {
        #[test]
        fn the_longer_side_is_exact(width in 1u32.., height in 1u32.., side in 1u32..) {
            let (size, within) = (Size::new(width, height), Size::new(width, height).within(side));
            prop_assert_eq!(within.longer_side(), side.min(size.longer_side()));
            prop_assert!(within.width >= 1 && within.height >= 1);
        }
    }
}
