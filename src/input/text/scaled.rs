//! Converts the file's units to pixels of the canvas. Boxes that cannot be converted reliably are left out.

use super::layout::{Bounds, PageSize, Point};
use super::plain::is_divided;
use super::{Line, PageText, Unit, Word};
use crate::model::geometry::{Region, Size};

/// The text of a page on its canvas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CanvasText {
    /// As [`PageText::plain`].
    pub plain: String,
    /// As a tag of BCP 47.
    pub language: Option<String>,
    /// As [`PageText::is_machine_read`].
    pub is_machine_read: bool,
    /// In reading order.
    pub lines: Vec<CanvasLine>,
    /// The number of boxes that were clipped at the edges of the canvas by more than [`ROUNDING`].
    pub clipped: usize,
    /// The number of boxes that were left out: not valid, beyond the canvas, or in units of unknown size.
    pub left_out: usize,
    /// Whether the page of the file has other proportions than the canvas. The text may then belong to another image.
    pub is_distorted: bool,
}

/// A line on a canvas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CanvasLine {
    /// As [`Line::text`].
    pub text: String,
    /// The box in pixels, if it is known.
    pub region: Option<Region>,
    /// The outline in pixels, if it is not an upright rectangle; else empty.
    pub polygon: Vec<(u32, u32)>,
    /// Empty if the file has no words.
    pub words: Vec<CanvasWord>,
    /// The paragraph, counted from 0.
    pub block: usize,
    /// A tag of BCP 47.
    pub language: Option<String>,
    /// The last word goes on in the next line of the paragraph. A hyphen at the end only marks that.
    pub divided: bool,
}

/// A word on a canvas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanvasWord {
    /// As [`Word::text`].
    pub text: String,
    /// The box in pixels, if it is known.
    pub region: Option<Region>,
}

/// The largest accepted difference between the scales of width and height, as a fraction.
pub const DISTORTION: f64 = 0.02;

/// Pixels by which a box can reach beyond the canvas without being counted as clipped.
const ROUNDING: f64 = 2.0;

impl PageText {
    /// The text with integer boxes, clipped to a canvas of this size.
    ///
    /// If the file gives the size of its page, that page is scaled to the canvas. Else pixels are taken as they are if
    /// all boxes lie on the canvas, and physical units are converted by `resolution`, in dots per inch of the image.
    pub fn scaled(&self, canvas: Size, resolution: Option<f64>) -> CanvasText {
        let mut scaler = Scaler { canvas, scale: self.scale(canvas, resolution), clipped: 0, left_out: self.bad_boxes };
        let next = self.lines.iter().skip(1).map(Some).chain([None]);
        let lines = self.lines.iter().zip(next).map(|(line, next)| scaler.line(line, next)).collect();
        let Scaler { clipped, left_out, scale, .. } = scaler;
        let is_distorted = scale.is_some_and(|scale| (scale.x / scale.y - 1.0).abs() > DISTORTION);
        let (plain, language, is_machine_read) = (self.plain(), self.language.clone(), self.is_machine_read());
        CanvasText { plain, language, is_machine_read, lines, clipped, left_out, is_distorted }
    }

    /// Pixels of the canvas for each unit of the file, in both directions.
    fn scale(&self, canvas: Size, resolution: Option<f64>) -> Option<Point> {
        if let Some(size) = self.size.filter(|size| self.is_within(*size)) {
            let (x, y) = (f64::from(canvas.width) / size.width, f64::from(canvas.height) / size.height);
            return Some(Point { x, y });
        }
        let resolution = resolution.filter(|dots| dots.is_finite() && *dots > 0.0);
        let scale = match self.unit {
            Unit::Pixel => self.fits(canvas).then_some(1.0),
            Unit::Mm10 => resolution.map(|dots| dots / 254.0),
            Unit::Inch1200 => resolution.map(|dots| dots / 1200.0),
        };
        scale.map(|scale| Point { x: scale, y: scale })
    }

    /// Whether a page of this size fits the coordinates: half of the lines or more begin on it. Some files give the
    /// size in pixels and coordinates in another unit.
    fn is_within(&self, size: PageSize) -> bool {
        let begins_on = |bounds: &Bounds| bounds.left < size.width && bounds.top < size.height;
        let bounds: Vec<Bounds> = self.lines.iter().filter_map(|line| line.bounds).collect();
        bounds.iter().filter(|bounds| begins_on(bounds)).count() * 2 >= bounds.len()
    }

    /// Whether all boxes lie on the canvas if their unit is pixels.
    fn fits(&self, canvas: Size) -> bool {
        let words = self.lines.iter().flat_map(|line| &line.words).filter_map(|word| word.bounds);
        let (width, height) = (f64::from(canvas.width), f64::from(canvas.height));
        let is_on = |bounds: Bounds| bounds.right <= width + ROUNDING && bounds.bottom <= height + ROUNDING;
        self.lines.iter().filter_map(|line| line.bounds).chain(words).all(is_on)
    }
}

struct Scaler {
    canvas: Size,
    scale: Option<Point>,
    clipped: usize,
    left_out: usize,
}

impl Scaler {
    fn line(&mut self, line: &Line, next: Option<&Line>) -> CanvasLine {
        let region = self.region(line.bounds);
        let word = |word: &Word| CanvasWord { text: word.text.clone(), region: self.region(word.bounds) };
        CanvasLine {
            text: line.text.clone(),
            words: line.words.iter().map(word).collect(),
            polygon: region.map(|_| self.polygon(&line.polygon)).unwrap_or_default(),
            region,
            block: line.block,
            language: line.language.clone(),
            divided: next.is_some_and(|next| next.block == line.block && is_divided(line, next)),
        }
    }

    /// The pixels that a box touches. Boxes without pixels on the canvas are counted.
    fn region(&mut self, bounds: Option<Bounds>) -> Option<Region> {
        let bounds = bounds?;
        let region = self.scale.and_then(|scale| self.on_canvas(bounds, scale));
        self.left_out += usize::from(region.is_none());
        region
    }

    /// The box clipped to the canvas; `None` if it lies beyond.
    fn on_canvas(&mut self, bounds: Bounds, scale: Point) -> Option<Region> {
        let (width, height) = (f64::from(self.canvas.width), f64::from(self.canvas.height));
        let (left, right) = (bounds.left * scale.x, bounds.right * scale.x);
        let (top, bottom) = (bounds.top * scale.y, bounds.bottom * scale.y);
        if self.canvas.area() == 0 || right <= 0.0 || bottom <= 0.0 || left >= width || top >= height {
            return None;
        }
        let beyond = (-left).max(-top).max(right - width).max(bottom - height);
        self.clipped += usize::from(beyond > ROUNDING);
        let (x, right) = (floor(left).min(self.canvas.width - 1), ceiling(right).min(self.canvas.width));
        let (y, bottom) = (floor(top).min(self.canvas.height - 1), ceiling(bottom).min(self.canvas.height));
        let size = Size::new(right.saturating_sub(x).max(1), bottom.saturating_sub(y).max(1));
        Some(Region { x, y, size })
    }

    fn polygon(&self, points: &[Point]) -> Vec<(u32, u32)> {
        let Some(scale) = self.scale else { return vec![] };
        let within = |length: f64, side: u32| (length.round().max(0.0) as u32).min(side);
        let pixel = |point: &Point| {
            (within(point.x * scale.x, self.canvas.width), within(point.y * scale.y, self.canvas.height))
        };
        points.iter().map(pixel).collect()
    }
}

/// The error that floating-point arithmetic can make.
const EPSILON: f64 = 1e-6;

/// At least 0: the conversion saturates.
fn floor(length: f64) -> u32 {
    (length + EPSILON).floor() as u32
}

fn ceiling(length: f64) -> u32 {
    (length - EPSILON).ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(size: Option<(f64, f64)>, unit: Unit, sides: [f64; 4]) -> PageText {
        let [left, top, right, bottom] = sides;
        let line = Line { text: "a".into(), bounds: Bounds::new(left, top, right, bottom), ..Line::default() };
        let size = size.and_then(|(width, height)| PageSize::new(width, height));
        PageText { size, unit, lines: vec![line], ..PageText::default() }
    }

    fn region(text: &CanvasText) -> String {
        text.lines[0].region.map_or("none".into(), |region| region.to_string())
    }

    const CANVAS: Size = Size::new(2000, 3000);

    #[test]
    fn the_page_fills_the_canvas_in_both_directions() {
        let half = page(Some((1000.0, 1500.0)), Unit::Pixel, [10.0, 20.0, 30.0, 40.0]).scaled(CANVAS, None);
        assert_eq!((region(&half).as_str(), half.is_distorted), ("20,40,40,40", false));
        let other = page(Some((1000.0, 3000.0)), Unit::Mm10, [10.0, 20.0, 30.0, 40.0]).scaled(CANVAS, None);
        assert_eq!((region(&other).as_str(), other.is_distorted), ("20,20,40,20", true));
        let thirds = page(Some((6000.0, 9000.0)), Unit::Inch1200, [1.0, 2.0, 4.0, 6.0]).scaled(CANVAS, None);
        assert_eq!(region(&thirds), "0,0,2,2");
    }

    #[test]
    fn without_a_page_size_units_need_a_resolution() {
        let text = page(None, Unit::Mm10, [254.0, 254.0, 508.0, 508.0]);
        assert_eq!(region(&text.scaled(CANVAS, Some(300.0))), "300,300,300,300");
        let unknown = text.scaled(CANVAS, None);
        assert_eq!((region(&unknown).as_str(), unknown.left_out), ("none", 1));
        assert_eq!(region(&text.scaled(CANVAS, Some(f64::NAN))), "none");
    }

    #[test]
    fn a_page_size_that_cannot_be_is_not_used() {
        let text = page(Some((2000.0, 3000.0)), Unit::Inch1200, [400.0, 8000.0, 800.0, 8400.0]);
        assert_eq!(region(&text.scaled(CANVAS, None)), "none");
        assert_eq!(region(&text.scaled(CANVAS, Some(300.0))), "100,2000,100,100");
    }

    #[test]
    fn without_a_page_size_pixels_are_those_of_the_canvas_if_they_can_be() {
        assert_eq!(region(&page(None, Unit::Pixel, [1.0, 2.0, 2000.0, 5.0]).scaled(CANVAS, None)), "1,2,1999,3");
        assert_eq!(region(&page(None, Unit::Pixel, [1.0, 2.0, 2100.0, 5.0]).scaled(CANVAS, None)), "none");
    }

    #[test]
    fn boxes_are_cut_at_the_canvas() {
        let size = Some((2000.0, 3000.0));
        let cut = page(size, Unit::Pixel, [-10.0, 2990.0, 50.0, 1e300]).scaled(CANVAS, None);
        assert_eq!((region(&cut).as_str(), cut.clipped, cut.left_out), ("0,2990,50,10", 1, 0));
        let beyond = page(size, Unit::Pixel, [-10.0, 0.0, 0.0, 10.0]).scaled(CANVAS, None);
        assert_eq!((region(&beyond).as_str(), beyond.clipped, beyond.left_out), ("none", 0, 1));
        let nothing = page(size, Unit::Pixel, [-10.0, -10.0, 10.0, 10.0]).scaled(Size::new(0, 0), None);
        assert_eq!(region(&nothing), "none");
        let thin = page(size, Unit::Pixel, [1999.9999999, 0.0, 2010.0, 0.1]).scaled(CANVAS, None);
        assert_eq!(region(&thin), "1999,0,1,1");
    }
}
