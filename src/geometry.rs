//! Sizes and regions in pixels. Arithmetic on pyramids lives in [`crate::pyramid`].

use std::fmt;

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    pub const fn new(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    /// The number of pixels.
    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    pub fn longer_side(self) -> u32 {
        self.width.max(self.height)
    }

    /// Width and height exchanged.
    pub fn transposed(self) -> Size {
        Size::new(self.height, self.width)
    }

    /// Divided by `factor`, rounded up: the size of a pyramid level (OUTPUT section 2).
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
    pub x: u32,
    pub y: u32,
    pub size: Size,
}

/// As in a IIIF region parameter: `x,y,width,height`.
impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.x, self.y, self.size)
    }
}
