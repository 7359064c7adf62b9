//! The properties in an hOCR `title`: `bbox 0 0 10 20; x_wconf 93; image "a;b.png"`.

use crate::input::text::shape::{self, Bounds, Point};

/// What of a title is read.
#[derive(Debug, Default, PartialEq)]
pub struct Title {
    pub bounds: Option<Bounds>,
    /// `poly`; empty if there is none.
    pub outline: Vec<Point>,
    /// `x_wconf`, from 0 to 1.
    pub confidence: Option<f32>,
    pub image: Option<String>,
    /// `ocrp_lang`, as it is.
    pub language: Option<String>,
    /// Boxes that are none.
    pub bad_boxes: usize,
}

impl Title {
    pub fn of(text: &str) -> Title {
        let mut title = Title::default();
        for property in properties(text) {
            let property = property.trim();
            let (name, value) = property.split_once(char::is_whitespace).unwrap_or((property, ""));
            title.set(name, value.trim());
        }
        title
    }

    fn set(&mut self, name: &str, value: &str) {
        match name {
            "bbox" => {
                self.bounds = bounds(value);
                self.bad_boxes += usize::from(self.bounds.is_none());
            }
            "poly" => self.outline = shape::points(value).unwrap_or_default(),
            "x_wconf" => self.confidence = confidence(value),
            "image" => self.image = Some(value.trim_matches(['"', '\'']).to_owned()).filter(|name| !name.is_empty()),
            "ocrp_lang" => self.language = Some(value.to_owned()),
            _ => {}
        }
    }
}

/// The parts between semicolons that are not in quotes.
fn properties(text: &str) -> impl Iterator<Item = &str> {
    let mut quote = None;
    text.split(move |c| {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        c == ';' && quote.is_none()
    })
}

fn bounds(value: &str) -> Option<Bounds> {
    match shape::points(value)?[..] {
        [first, last] => Bounds::new(first.x, first.y, last.x, last.y),
        _ => None,
    }
}

fn confidence(value: &str) -> Option<f32> {
    let percent: f32 = value.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_told_apart() {
        let title = Title::of("image \"a;b.png\"; bbox 1 2 30 40.5;x_wconf 50 ; baseline 0 -1");
        assert_eq!(title.image.as_deref(), Some("a;b.png"));
        assert_eq!(title.bounds, Bounds::new(1.0, 2.0, 30.0, 40.5));
        assert_eq!(title.confidence, Some(0.5));
    }

    #[test]
    fn a_box_that_is_none_is_counted() {
        for bad in ["bbox", "bbox 1 2 3", "bbox 3 2 1 1", "bbox a b c d"] {
            assert_eq!(Title::of(bad), Title { bad_boxes: 1, ..Title::default() }, "{bad}");
        }
    }
}
