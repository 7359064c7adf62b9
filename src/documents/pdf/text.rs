//! The contents of a page: its picture, and above it the invisible text, each word in its box (ISO 32000-1, 9.3.6).
//!
//! A word's size is the height of its box, and its characters are drawn out or pushed together to the width. A line whose
//! words have no boxes fills its own; one without a box fills a strip of the page, so that all text is found and read. A
//! line that is more than twice as high as it is wide, and has three characters or more, runs from top to bottom.

use super::direction::{is_right_to_left, visual};
use super::font::{ADVANCE, BELOW, Characters};
use super::objects::packer;
use super::readable;
use crate::input::text::{CanvasLine, CanvasText, CanvasWord};
use crate::model::geometry::{Region, Size};
use pdf_writer::types::TextRenderingMode;
use pdf_writer::{Content, Name, Settings, Str};
use std::borrow::Cow;
use std::io::{self, Write};

pub const PICTURE: Name<'static> = Name(b"P");
pub const FONT: Name<'static> = Name(b"T");

/// The number of the picture among the parts of the page. Paragraphs follow.
pub const PICTURE_PART: i32 = 0;

/// The contents of a page.
pub struct Contents {
    /// Compressed.
    pub packed: Vec<u8>,
    /// In reading order.
    pub paragraphs: Vec<Paragraph>,
}

/// A paragraph of a page.
pub struct Paragraph {
    /// As a tag of BCP 47.
    pub language: Option<String>,
    /// Its text, if it is not shown in the order in which it is read.
    pub actual_text: Option<String>,
}

/// The place of an image on a page: the page has its size.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// In pixels.
    pub image: Size,
    /// Points for each pixel.
    pub scale: f64,
}

impl Frame {
    /// Width and height of the page in points.
    pub fn size(self) -> [f32; 2] {
        [self.image.width, self.image.height].map(|side| short(f64::from(side) * self.scale))
    }

    /// A point of the image on the page, in points from its lower left corner.
    pub fn point(self, x: u32, y: u32) -> [f32; 2] {
        [f64::from(x), f64::from(self.image.height) - f64::from(y)].map(|pixels| short(pixels * self.scale))
    }
}

/// A box on a page in points, from its lower left corner.
#[derive(Debug, Clone, Copy)]
struct Area {
    left: f64,
    bottom: f64,
    width: f64,
    height: f64,
}

impl Area {
    fn of(region: Region, frame: Frame) -> Area {
        let Region { x, y, size } = region;
        let points = |pixels: u32| f64::from(pixels) * frame.scale;
        let bottom = points(frame.image.height) - points(y) - points(size.height);
        Area { left: points(x), bottom, width: points(size.width), height: points(size.height) }
    }

    /// The strip of the page for the line at `index` of `count`.
    fn strip(index: usize, count: usize, frame: Frame) -> Area {
        let [width, height] = [frame.image.width, frame.image.height].map(|side| f64::from(side) * frame.scale);
        let strip = height / count as f64;
        Area { left: 0.0, bottom: height - strip * (index + 1) as f64, width, height: strip }
    }
}

/// Makes the contents of a page.
///
/// # Errors
/// None in practice: everything is written into memory.
pub fn contents(text: Option<&CanvasText>, frame: Frame, characters: &mut Characters) -> io::Result<Contents> {
    let mut packer = packer();
    packer.write_all(&picture(frame))?;
    let (lines, language) = text.map_or((&[][..], None), |text| (&text.lines[..], text.language.as_ref()));
    let is_one = |line: &CanvasLine, next: &CanvasLine| line.block == next.block && line.language == next.language;
    let (mut paragraphs, mut before) = (vec![], 0);
    for paragraph in lines.chunk_by(is_one) {
        let mut writer = TextWriter::begin(paragraphs.len() as i32 + PICTURE_PART + 1, characters);
        for (index, line) in (before..).zip(paragraph) {
            writer.line(line, frame, || Area::strip(index, lines.len(), frame));
            packer.write_all(&writer.take())?;
        }
        packer.write_all(&writer.end())?;
        let language = paragraph[0].language.as_ref().or(language).cloned();
        paragraphs.push(Paragraph { language, actual_text: actual_text(paragraph) });
        before += paragraph.len();
    }
    Ok(Contents { packed: packer.finish()?, paragraphs })
}

/// The text of a paragraph in which words are turned round.
fn actual_text(lines: &[CanvasLine]) -> Option<String> {
    let is_turned = lines.iter().flat_map(|line| line.text.split(' ')).any(is_right_to_left);
    is_turned.then(|| readable(&lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ")))
}

fn compact() -> Content {
    Content::with_settings(Settings { pretty: false })
}

fn picture(frame: Frame) -> Vec<u8> {
    let [width, height] = frame.size();
    let mut content = compact();
    content.begin_marked_content_with_properties(Name(b"Figure")).properties().identify(PICTURE_PART);
    content.save_state().transform([width, 0.0, 0.0, height, 0.0, 0.0]).x_object(PICTURE).restore_state();
    content.end_marked_content();
    ended(content)
}

/// The bytes of a part of the contents. The next part follows on a line of its own.
fn ended(content: Content) -> Vec<u8> {
    let mut bytes = content.finish().into_vec();
    bytes.push(b'\n');
    bytes
}

/// Writes a paragraph.
struct TextWriter<'a> {
    content: Content,
    characters: &'a mut Characters,
    size: f32,
}

impl<'a> TextWriter<'a> {
    fn begin(part: i32, characters: &'a mut Characters) -> TextWriter<'a> {
        let mut content = compact();
        content.begin_marked_content_with_properties(Name(b"P")).properties().identify(part);
        content.begin_text().set_text_rendering_mode(TextRenderingMode::Invisible);
        TextWriter { content, characters, size: 0.0 }
    }

    /// Takes what is written so far, so that no paragraph is ever whole in memory.
    fn take(&mut self) -> Vec<u8> {
        ended(std::mem::replace(&mut self.content, compact()))
    }

    fn end(mut self) -> Vec<u8> {
        self.content.end_text().end_marked_content();
        self.take()
    }

    /// Writes a line, with a space behind each word.
    fn line(&mut self, line: &CanvasLine, frame: Frame, strip: impl FnOnce() -> Area) {
        let area = line.region.map(|region| Area::of(region, frame));
        let is_downward = line.text.chars().nth(2).is_some() && area.is_some_and(|area| area.height > 2.0 * area.width);
        let has_boxes = !line.words.is_empty() && line.words.iter().all(|word| word.region.is_some());
        if !has_boxes {
            return self.word(&line.text, area.unwrap_or_else(strip), is_downward);
        }
        let last = line.words.len() - 1;
        for (index, CanvasWord { text, region }) in line.words.iter().enumerate() {
            let Some(region) = region else { continue };
            let text = if index == last { with_hyphen(text, &line.text) } else { Cow::Borrowed(text.as_str()) };
            self.word(&text, Area::of(*region, frame), is_downward);
        }
    }

    fn word(&mut self, text: &str, area: Area, is_downward: bool) {
        let text = readable(text);
        let count = text.chars().count();
        if count == 0 {
            return;
        }
        let (size, length) = if is_downward { (area.width, area.height) } else { (area.height, area.width) };
        let size = short(size).max(LEAST);
        if self.size != size {
            self.size = size;
            self.content.set_font(FONT, size);
        }
        let natural = count as f64 * ADVANCE / 1000.0 * f64::from(size);
        self.content.set_horizontal_scaling(short(length / natural * 100.0).max(LEAST));
        self.content.set_text_matrix(matrix(area, is_downward));
        let shown = if is_right_to_left(&text) { visual(&text) } else { text.chars().collect() };
        let codes: Vec<u8> = shown.into_iter().chain([' ']).flat_map(|c| self.characters.code(c)).collect();
        self.content.show(Str(&codes));
    }
}

/// From a word's own place to that on the page. Its base line is a fifth of its height above the bottom of its box.
fn matrix(area: Area, is_downward: bool) -> [f32; 6] {
    let Area { left, bottom, width, height } = area;
    match is_downward {
        true => [0.0, -1.0, 1.0, 0.0, short(left + width * BELOW), short(bottom + height)],
        false => [1.0, 0.0, 0.0, 1.0, short(left), short(bottom + height * BELOW)],
    }
}

/// The last word of a line, with the hyphen that only the line has.
fn with_hyphen<'a>(word: &'a str, line: &str) -> Cow<'a, str> {
    let end = line.rsplit(' ').next().and_then(|end| end.strip_prefix(word)).filter(|end| !end.is_empty());
    end.map_or(Cow::Borrowed(word), |end| Cow::Owned(format!("{word}{end}")))
}

/// The least size and the least per cent of a width that are written: 0 would have no inverse.
const LEAST: f32 = 0.001;

/// Rounded to a thousandth of a point.
pub fn short(points: f64) -> f32 {
    ((points * 1000.0).round() / 1000.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::ZlibDecoder;
    use std::io::Read;

    const FRAME: Frame = Frame { image: Size::new(100, 200), scale: 0.5 };

    fn region(x: u32, y: u32, width: u32, height: u32) -> Option<Region> {
        Some(Region { x, y, size: Size::new(width, height) })
    }

    fn shown(lines: Vec<CanvasLine>) -> String {
        let text = CanvasText { lines, ..CanvasText::default() };
        let contents = contents(Some(&text), FRAME, &mut Characters::default()).unwrap();
        let mut bytes = vec![];
        ZlibDecoder::new(&contents.packed[..]).read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn line(text: &str, region: Option<Region>) -> CanvasLine {
        CanvasLine { text: text.into(), region, ..CanvasLine::default() }
    }

    #[test]
    fn a_word_fills_its_box() {
        let word = CanvasWord { text: "ab".into(), region: region(10, 20, 40, 30) };
        let shown = shown(vec![CanvasLine { words: vec![word], ..line("ab", None) }]);
        // 20 points wide, 15 high; its own width is 15.
        assert!(shown.contains("/T 15 Tf") && shown.contains("133.333 Tz"), "{shown}");
        assert!(shown.contains("1 0 0 1 5 78 Tm"), "{shown}");
    }

    #[test]
    fn a_line_that_runs_down_is_turned() {
        let shown = shown(vec![line("縦書き", region(10, 20, 10, 60))]);
        assert!(shown.contains("0 -1 1 0 6 90 Tm") && shown.contains("/T 5 Tf"), "{shown}");
    }

    #[test]
    fn lines_without_boxes_share_the_page() {
        let shown = shown(vec![line("a", None), line("b", None)]);
        assert!(shown.contains("1 0 0 1 0 60 Tm") && shown.contains("1 0 0 1 0 10 Tm"), "{shown}");
    }

    #[test]
    fn the_hyphen_of_a_line_is_not_lost() {
        assert_eq!(with_hyphen("Auf", "was ist Auf-"), "Auf-");
        assert_eq!(with_hyphen("ist", "was ist"), "ist");
        assert_eq!(with_hyphen("other", "was ist"), "other");
    }

    #[test]
    fn control_characters_are_left_out() {
        assert!(!shown(vec![line("\u{1b}\u{0}", None)]).contains("Tj"));
    }
}
