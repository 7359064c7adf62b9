//! Texts of images that are stored turned, and turned upright for the canvas by their orientation. OCR that was made before has
//! the coordinates of the stored image, and its boxes are turned with the page.
//!
//! Sideways, the size that a file states tells which image it is about. Upside down or mirrored, sizes are the same. Then the file
//! itself may say that its text stands upside down; else the direction of reading tells, from the first word of each line to
//! the last, and from line to line.

use super::layout::{Bounds, PageSize, Point};
use super::scaled::DISTORTION;
use super::{Line, PageText, Unit};
use crate::model::Orientation;
use crate::model::geometry::Size;

/// A text, as far as it is known which image its boxes are about.
#[derive(Debug, Clone, PartialEq)]
pub struct Upright {
    /// Its boxes are those of the upright image.
    pub text: PageText,
    /// Nothing told which image the boxes were about, so they are left out.
    pub is_in_doubt: bool,
}

/// The image that boxes are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Image {
    Stored,
    Shown,
}

/// How a text goes over its image.
#[derive(Default)]
struct Direction {
    /// How many lines go to the right rather than to the left.
    right: i64,
    /// How many go up or down.
    vertical: i64,
    /// How often a line of a paragraph stands below the one before rather than above.
    down: i64,
}

impl PageText {
    /// The text of an image that is stored with this orientation, and shown in the size `canvas`.
    pub fn upright(self, orientation: Orientation, canvas: Size) -> Upright {
        let stored = orientation.turned(canvas);
        let has_boxes = self.lines.iter().any(|line| line.bounds.is_some());
        if orientation.is_upright() || !has_boxes {
            return Upright { text: self, is_in_doubt: false };
        }
        let image = self.image_by_size(orientation, canvas).or_else(|| self.image_by_direction(orientation, stored));
        match image {
            Some(Image::Shown) => Upright { text: self, is_in_doubt: false },
            // Without the extent of the page, other units than pixels cannot be measured from its other sides.
            Some(Image::Stored) if self.size.is_some() || self.unit == Unit::Pixel => {
                Upright { text: self.turned(orientation, stored), is_in_doubt: false }
            }
            _ => Upright { text: self.without_boxes(), is_in_doubt: true },
        }
    }

    /// By the proportions of the page, where they differ.
    fn image_by_size(&self, orientation: Orientation, canvas: Size) -> Option<Image> {
        let PageSize { width, height } = self.size?;
        let has_proportions = |size: Size| {
            let (x, y) = (f64::from(size.width) / width, f64::from(size.height) / height);
            (x / y - 1.0).abs() <= DISTORTION
        };
        match (has_proportions(orientation.turned(canvas)), has_proportions(canvas)) {
            (true, false) => Some(Image::Stored),
            (false, true) => Some(Image::Shown),
            // The text of another image, which is reported as such.
            (false, false) => Some(Image::Shown),
            (true, true) => None,
        }
    }

    /// By what the file says of its text, or the direction in which it is read.
    fn image_by_direction(&self, orientation: Orientation, stored: Size) -> Option<Image> {
        if self.is_upside_down {
            return Some(Image::Stored);
        }
        let turned = self.clone().turned(orientation, stored);
        let is_read_upright = |text: &PageText| {
            let Direction { right, vertical, down } = text.direction();
            let along = if text.is_right_to_left() { -right } else { right };
            if along == 0 { vertical == 0 && down > 0 } else { along > vertical }
        };
        match (is_read_upright(self), is_read_upright(&turned)) {
            (true, false) => Some(Image::Shown),
            (false, true) => Some(Image::Stored),
            _ => None,
        }
    }

    fn direction(&self) -> Direction {
        let middle = |bounds: Bounds| ((bounds.left + bounds.right) / 2.0, (bounds.top + bounds.bottom) / 2.0);
        let sign = |from: f64, to: f64| if to > from { 1 } else { -i64::from(to < from) };
        let mut direction = Direction::default();
        for line in &self.lines {
            let first = line.words.first().and_then(|word| word.bounds).map(middle);
            let last = line.words.last().and_then(|word| word.bounds).map(middle);
            let Some(((from, top), (to, bottom))) = first.zip(last) else { continue };
            match (to - from).abs() > (bottom - top).abs() {
                true => direction.right += sign(from, to),
                false => direction.vertical += sign(top, bottom).abs(),
            }
        }
        let pairs = self.lines.windows(2).filter(|pair| pair[0].block == pair[1].block);
        let middles = pairs.filter_map(|pair| Some((middle(pair[0].bounds?).1, middle(pair[1].bounds?).1)));
        direction.down = middles.map(|(above, below)| sign(above, below)).sum();
        direction
    }

    /// Whether most letters are Hebrew or Arabic.
    fn is_right_to_left(&self) -> bool {
        let letters = self.lines.iter().flat_map(|line| line.text.chars()).filter(|c| c.is_alphabetic());
        let of_both = letters.fold((0_usize, 0_usize), |(right, left), c| match c {
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => (right + 1, left),
            _ => (right, left + 1),
        });
        of_both.0 > of_both.1
    }

    /// With boxes and outlines turned. `stored`: the size of the stored image, used if the file gives none.
    fn turned(mut self, orientation: Orientation, stored: Size) -> PageText {
        let PageSize { width, height } =
            self.size.unwrap_or(PageSize { width: f64::from(stored.width), height: f64::from(stored.height) });
        let point = |at: Point| {
            let [x, y] = orientation.place([at.x, at.y], [width, height]);
            Point { x, y }
        };
        let bounds = |own: Bounds| {
            let corners = [Point { x: own.left, y: own.top }, Point { x: own.right, y: own.bottom }];
            Bounds::of_points(&corners.map(point))
        };
        for line in &mut self.lines {
            line.bounds = line.bounds.and_then(bounds);
            line.polygon.iter_mut().for_each(|at| *at = point(*at));
            line.words.iter_mut().for_each(|word| word.bounds = word.bounds.and_then(bounds));
        }
        if orientation.is_sideways() {
            self.size = self.size.map(|size| PageSize { width: size.height, height: size.width });
        }
        self
    }

    fn without_boxes(mut self) -> PageText {
        let without = |line: Line| Line { bounds: None, polygon: vec![], words: vec![], ..line };
        self.lines = self.lines.into_iter().map(without).collect();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::text::Word;

    const CANVAS: Size = Size::new(800, 1200);

    /// A line of two words on the page, of the given size.
    fn page(size: Option<(f64, f64)>, words: [[f64; 4]; 2]) -> PageText {
        let bounds = |[left, top, right, bottom]: [f64; 4]| Bounds::new(left, top, right, bottom);
        let word =
            |(text, sides): (&str, [f64; 4])| Word { text: text.into(), bounds: bounds(sides), confidence: None };
        let words: Vec<Word> = ["one", "two"].into_iter().zip(words).map(word).collect();
        let all = Bounds::of_all(words.iter().filter_map(|word| word.bounds));
        let line = Line { text: "one two".into(), bounds: all, words, ..Line::default() };
        let size = size.and_then(|(width, height)| PageSize::new(width, height));
        PageText { lines: vec![line], size, ..PageText::default() }
    }

    fn first_box(text: PageText, orientation: u8) -> Option<Bounds> {
        text.upright(Orientation::of_tag(orientation), CANVAS).text.lines[0].words.first()?.bounds
    }

    #[test]
    fn sideways_the_size_tells() {
        let of_stored = page(Some((1200.0, 800.0)), [[100.0, 50.0, 200.0, 90.0], [100.0, 150.0, 200.0, 190.0]]);
        assert_eq!(first_box(of_stored, 6), Bounds::new(710.0, 100.0, 750.0, 200.0));
        let of_shown = page(Some((400.0, 600.0)), [[1.0, 2.0, 3.0, 4.0], [5.0, 2.0, 6.0, 4.0]]);
        assert_eq!(first_box(of_shown, 6), Bounds::new(1.0, 2.0, 3.0, 4.0));
    }

    #[test]
    fn upside_down_the_direction_of_reading_tells() {
        let size = Some((800.0, 1200.0));
        let to_the_left = page(size, [[700.0, 10.0, 790.0, 40.0], [500.0, 10.0, 690.0, 40.0]]);
        assert_eq!(first_box(to_the_left.clone(), 3), Bounds::new(10.0, 1160.0, 100.0, 1190.0));
        let to_the_right = page(size, [[10.0, 10.0, 90.0, 40.0], [100.0, 10.0, 200.0, 40.0]]);
        assert_eq!(first_box(to_the_right.clone(), 3), Bounds::new(10.0, 10.0, 90.0, 40.0));
        let said = PageText { is_upside_down: true, ..to_the_right };
        assert_eq!(first_box(said, 3), Bounds::new(710.0, 1160.0, 790.0, 1190.0));
        let mut hebrew = to_the_left;
        hebrew.lines[0].text = "שלום לך".into();
        assert_eq!(first_box(hebrew, 3), Bounds::new(700.0, 10.0, 790.0, 40.0));
    }

    #[test]
    fn without_words_the_order_of_lines_tells() {
        let line =
            |top: f64| Line { text: "a".into(), bounds: Bounds::new(1.0, top, 9.0, top + 5.0), ..Line::default() };
        let text = |tops: [f64; 2]| PageText { lines: tops.map(line).to_vec(), ..PageText::default() };
        let first = |text: PageText| text.upright(Orientation::of_tag(3), CANVAS).text.lines[0].bounds;
        assert_eq!(first(text([10.0, 30.0])), Bounds::new(1.0, 10.0, 9.0, 15.0));
        assert_eq!(first(text([30.0, 10.0])), Bounds::new(791.0, 1165.0, 799.0, 1170.0));
    }

    #[test]
    fn boxes_are_left_out_where_nothing_tells() {
        let mut text = page(Some((800.0, 1200.0)), [[1.0, 2.0, 3.0, 4.0]; 2]);
        text.lines[0].words.truncate(1);
        let upright = text.clone().upright(Orientation::of_tag(3), CANVAS);
        assert!(upright.is_in_doubt && upright.text.lines[0].bounds.is_none());
        assert_eq!(text.clone().upright(Orientation::default(), CANVAS), Upright { text, is_in_doubt: false });
    }
}
