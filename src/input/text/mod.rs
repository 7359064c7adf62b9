//! The text of a page, with its boxes: what OCR, transcription or a typist left beside the image. Read from ALTO 2–4,
//! PAGE, hOCR and plain text, told apart by content; never from a name.
//!
//! Boxes stay as the file has them until [`PageText::scaled`] brings them to the canvas. A line's text is what stands on
//! the line; hyphens at line ends are joined in [`PageText::paragraphs`] only.

mod alto;
mod format;
mod hocr;
mod layout;
mod page;
mod plain;
mod scaled;

pub use format::Format;
pub use layout::{Bounds, PageSize, Point};
pub use scaled::{CanvasLine, CanvasText, CanvasWord};

use crate::error::{Error, ErrorKind, Result};
use crate::input::xml;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

/// The text of one page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageText {
    pub format: Format,
    /// The image file that it is of, as the file has it.
    pub image: Option<String>,
    /// The language of most of it, as a tag of BCP 47.
    pub language: Option<String>,
    /// Of the image that the coordinates are for, in `unit`.
    pub size: Option<PageSize>,
    pub unit: Unit,
    /// In reading order.
    pub lines: Vec<Line>,
    /// Boxes that were left out, for they have no extent or are no numbers.
    pub bad_boxes: usize,
}

/// A line of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// What stands on the line, single spaces between the words, its hyphen at the end. Never empty.
    pub text: String,
    pub bounds: Option<Bounds>,
    /// The outline, where it is more than `bounds`; else empty.
    pub polygon: Vec<Point>,
    /// Empty: the file knows no words.
    pub words: Vec<Word>,
    /// The paragraph that it belongs to, counted from 0 in reading order.
    pub block: usize,
    /// As a tag of BCP 47.
    pub language: Option<String>,
    /// The last word in full, where it goes on in the next line and the file says how it is written.
    pub divided: Option<String>,
}

/// A word, or what the file takes for one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Word {
    pub text: String,
    pub bounds: Option<Bounds>,
    /// 0 (a guess) to 1 (certain).
    pub confidence: Option<f32>,
}

/// What coordinates count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unit {
    #[default]
    Pixel,
    /// Tenths of a millimetre.
    Mm10,
    /// Twelve hundredths of an inch.
    Inch1200,
}

/// What a file is written in; `None` if it cannot be the text of a page. Anything that is no markup may be plain text.
pub fn format_of(bytes: &[u8], path: &Path) -> Option<Format> {
    let text = xml::decode(bytes, path).ok()?;
    format::format(&text).ok().filter(|format| *format != Format::Plain || !text.contains('\0'))
}

/// Reads the text of a page. `path` is for messages only.
///
/// # Errors
/// The file is damaged, none of the known formats, or holds several pages.
pub fn read(bytes: &[u8], path: &Path) -> Result<PageText> {
    let mut pages = read_pages(bytes, path)?;
    match pages.len() {
        0 | 1 => Ok(pages.pop().unwrap_or_default()),
        count => Err(Error::new(ErrorKind::Content, format!("it holds the text of {count} pages; one was expected"))
            .with_path(path)
            .with_hint("give each page a file of its own")),
    }
}

/// Reads the texts of all pages that a file holds, in its order. At least one, and it may be without lines.
///
/// # Errors
/// As [`read`], but for several pages.
pub fn read_pages(bytes: &[u8], path: &Path) -> Result<Vec<PageText>> {
    let text = xml::decode(bytes, path).map_err(|error| error.with_hint("save it as UTF-8"))?;
    match format::format(&text) {
        Ok(Format::Alto) => alto::pages(&xml::parse(&text, path)?, path),
        Ok(Format::Page) => Ok(page::pages(&xml::parse(&text, path)?)),
        Ok(Format::Hocr) => hocr::pages(&text, path),
        Ok(Format::Plain) => plain::pages(&text, path),
        Err(root) => {
            Err(Error::new(ErrorKind::Content, format!("it is markup with the root <{root}>, not the text of a page"))
                .with_path(path)
                .with_hint("ALTO, PAGE, hOCR and plain text are read"))
        }
    }
}

/// The text of an item from [`PageText::plain`] of each of its pages, with a form feed between them: [`read_pages`] would
/// take it apart again. Empty: no page has text.
pub fn item_plain<'a>(pages: impl IntoIterator<Item = &'a str>) -> String {
    let text = pages.into_iter().collect::<Vec<_>>().join("\u{c}");
    if text.chars().all(char::is_whitespace) { String::new() } else { text }
}

/// Without white space at the ends, and with one space for each other stretch of it.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl PageText {
    /// The running text, a paragraph for each block, hyphens at line ends joined.
    pub fn paragraphs(&self) -> Vec<String> {
        self.lines.chunk_by(|line, next| line.block == next.block).map(plain::joined).collect()
    }

    /// [`PageText::paragraphs`] with a blank line between them and a line feed at the end. Empty: there is no text.
    pub fn plain(&self) -> String {
        let mut text = self.paragraphs().join("\n\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// Where the page itself says none: the language of most lines.
    fn with_common_language(mut self) -> PageText {
        self.language =
            self.language.or_else(|| commonest(self.lines.iter().filter_map(|line| line.language.as_deref())));
        self
    }
}

/// What occurs most, of equals the first.
fn commonest<'a>(all: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut counts = BTreeMap::new();
    for (place, one) in all.enumerate() {
        counts.entry(one).or_insert((0_usize, Reverse(place))).0 += 1;
    }
    counts.into_iter().max_by_key(|(_, count_and_place)| *count_and_place).map(|(one, _)| one.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_item_is_that_of_its_pages() {
        let whole = item_plain(["one\n", "", "three\n"]);
        let pages = read_pages(whole.as_bytes(), Path::new("a.txt")).unwrap();
        assert_eq!(pages.iter().map(PageText::plain).collect::<Vec<_>>(), ["one\n", "", "three\n"]);
        assert_eq!(item_plain(["", ""]), "");
    }

    #[test]
    fn what_cannot_be_the_text_of_a_page_has_no_format() {
        let format = |bytes: &[u8]| format_of(bytes, Path::new("a"));
        assert_eq!(format(b"\xef\xbb\xbf<alto/>"), Some(Format::Alto));
        assert_eq!(format("plain \u{e9}".as_bytes()), Some(Format::Plain));
        assert_eq!((format(b"<mets/>"), format(b"\xff\xd8\xff"), format(b"II*\0")), (None, None, None));
        let latin = read(b"caf\xe9", Path::new("a.txt")).unwrap_err();
        assert_eq!((latin.kind(), latin.hint()), (ErrorKind::Content, Some("save it as UTF-8")));
    }

    #[test]
    fn of_equals_the_first_wins() {
        assert_eq!(commonest(["la", "de", "de", "la"].into_iter()).as_deref(), Some("la"));
        assert_eq!(commonest([].into_iter()), None);
    }
}
