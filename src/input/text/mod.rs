//! The text of a page and the boxes of its lines and words, from OCR or transcription. ALTO 2 to 4, PAGE, hOCR, DjVuXML, the
//! XML of ABBYY FineReader, TEI with a facsimile and plain text are read. The format is recognised by the content, not by the
//! file name. A file can have the texts of many pages, such as all of a book.
//!
//! Boxes have the units of the file until [`PageText::scaled`] converts them to pixels of the canvas. A line's text is
//! exactly the text on the line; only [`PageText::paragraphs`] joins words that are divided at line ends.

mod abbyy;
mod alto;
mod djvu;
mod encoding;
mod format;
mod hocr;
mod layout;
mod page;
mod plain;
mod scaled;
mod sections;
mod shares;
mod tei;
mod turned;

pub use encoding::{Decoded, decode};
pub use format::Format;
pub use layout::{Bounds, PageSize, Point};
pub use scaled::{CanvasLine, CanvasText, CanvasWord};
pub use shares::{Shares, share_out};
pub use turned::Upright;

use crate::error::{Error, ErrorKind, Result};
use crate::input::xml;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

/// The text of one page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageText {
    /// The format of the file.
    pub format: Format,
    /// The file name of the image, as the file gives it.
    pub image: Option<String>,
    /// The number of the page among those of the book, from 0, as the file gives it.
    pub number: Option<u64>,
    /// The file says that the text stands upside down on the image that the coordinates refer to.
    pub is_upside_down: bool,
    /// The language of the page, or of most of its lines, as a tag of BCP 47.
    pub language: Option<String>,
    /// The size of the image that the coordinates refer to, in `unit`.
    pub size: Option<PageSize>,
    /// The unit of all coordinates.
    pub unit: Unit,
    /// In reading order.
    pub lines: Vec<Line>,
    /// The number of boxes that were left out because they have no extent or are not numbers.
    pub bad_boxes: usize,
}

/// A line of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// The text on the line, with single spaces between words and with the hyphen at its end. Never empty.
    pub text: String,
    /// The box, if the file gives one.
    pub bounds: Option<Bounds>,
    /// The outline, if it is not an upright rectangle; else empty.
    pub polygon: Vec<Point>,
    /// Empty if the file has no words.
    pub words: Vec<Word>,
    /// The paragraph of the line, counted from 0 in reading order.
    pub block: usize,
    /// A tag of BCP 47.
    pub language: Option<String>,
    /// The last word in full, if it continues on the next line and the file gives its spelling.
    pub divided: Option<String>,
}

/// A word, as the file divides the line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Word {
    /// Without white space at the ends. Never empty.
    pub text: String,
    /// The box, if the file gives one.
    pub bounds: Option<Bounds>,
    /// From 0 (a guess) to 1 (certain).
    pub confidence: Option<f32>,
}

/// The unit of coordinates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unit {
    /// A pixel of the image that the file was made from.
    #[default]
    Pixel,
    /// A tenth of a millimetre.
    Mm10,
    /// 1/1200 of an inch.
    Inch1200,
}

/// The format of a file. `None`: the file cannot be the text of a page. Every text that is not markup can be plain
/// text.
pub fn format_of(bytes: &[u8], path: &Path) -> Option<Format> {
    let text = xml::decode(bytes, path).ok()?;
    format::format(&text).ok().filter(|format| *format != Format::Plain || !text.contains('\0'))
}

/// The first bytes of a file that [`book_format`] needs.
pub const HEAD: u64 = 64 << 10;

/// The format of a file that may have the texts of many pages, by its first bytes. Plain text has them if it has form feeds.
pub fn book_format(head: &[u8]) -> Option<Format> {
    let (text, _, _) = xml::encoding(head).decode(head);
    let is_divided = |format: &Format| *format != Format::Plain || text.contains('\u{c}');
    format::format(&text).ok().filter(is_divided)
}

/// The texts in a file.
#[derive(Debug, Default)]
pub struct Book {
    /// In order. At least one; it can be without lines.
    pub pages: Vec<PageText>,
    /// Why parts of the file could not be read, if so. A page in the middle that could not be read is without lines.
    pub damage: Option<Error>,
}

/// Most pages of a file.
const MAX_PAGES: usize = 50_000;

/// Reads the text of one page. `path` is used in messages only.
///
/// Limits: 256 MiB per file; elements nested at most 200 deep (hOCR: 500).
///
/// # Errors
/// The file exceeds a limit, is damaged, has none of the formats, or holds several pages.
pub fn read(bytes: &[u8], path: &Path) -> Result<PageText> {
    let mut pages = read_pages(bytes, path)?;
    match pages.len() {
        0 | 1 => Ok(pages.pop().unwrap_or_default()),
        count => Err(Error::new(ErrorKind::Content, format!("it holds the text of {count} pages; one was expected"))
            .with_path(path)
            .with_hint("give each page a file of its own, or name the file as none of the images to use it for all")),
    }
}

/// Reads the transcript of a recording: plain text of any encoding.
///
/// # Errors
/// It holds what no text does.
pub fn read_transcript(bytes: &[u8], path: &Path) -> Result<PageText> {
    let text = encoding::decode(bytes).text.replace('\u{c}', "\n");
    let pages = plain::pages(&text, path)?;
    Ok(pages.into_iter().next().unwrap_or_default())
}

/// Reads the texts of all pages in a file, in order. There is at least one page; it can be without lines.
///
/// # Errors
/// As [`read`], except that several pages are allowed.
pub fn read_pages(bytes: &[u8], path: &Path) -> Result<Vec<PageText>> {
    let Book { pages, damage } = read_book(bytes, path)?;
    damage.map_or(Ok(pages), Err)
}

/// Reads the texts of all pages in a file, as far as it is whole.
///
/// # Errors
/// As [`read_pages`], but DjVuXML and ABBYY XML with a damaged part are read without it.
pub fn read_book(bytes: &[u8], path: &Path) -> Result<Book> {
    let text = xml::decode(bytes, path).map_err(|error| error.with_hint("save it as UTF-8"))?;
    let whole = |pages| Book { pages, damage: None };
    match format::format(&text) {
        Ok(Format::Alto) => alto::pages(&xml::parse(&text, path)?, path).map(whole),
        Ok(Format::Page) => Ok(whole(page::pages(&xml::parse(&text, path)?))),
        Ok(Format::Hocr) => hocr::pages(&text, path).map(whole),
        Ok(Format::Abbyy) => abbyy::book(&text, path),
        Ok(Format::Djvu) => djvu::book(&text, path),
        Ok(Format::Tei) => Ok(whole(tei::pages(&xml::parse(&text, path)?))),
        Ok(Format::Plain) => plain::pages(&text, path).map(whole),
        Err(root) => {
            Err(Error::new(ErrorKind::Content, format!("it is markup with the root <{root}>, not the text of a page"))
                .with_path(path)
                .with_hint("ALTO, PAGE, hOCR, DjVuXML, ABBYY XML, TEI with a facsimile and plain text are read"))
        }
    }
}

/// Joins the [`PageText::plain`] of an item's pages with form feeds. [`read_pages`] splits the result into the same
/// pages. Empty if no page has text.
pub fn item_plain<'a>(pages: impl IntoIterator<Item = &'a str>) -> String {
    let text = pages.into_iter().collect::<Vec<_>>().join("\u{c}");
    if text.chars().all(char::is_whitespace) { String::new() } else { text }
}

/// The text without white space at its ends, with each other run of it as one space, and without control characters,
/// which nobody can read.
fn spaced(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.replace(char::is_control, ""));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

impl PageText {
    /// The running text: one paragraph for each block, with words joined that are divided at line ends.
    pub fn paragraphs(&self) -> Vec<String> {
        self.lines.chunk_by(|line, next| line.block == next.block).map(plain::joined).collect()
    }

    /// Whether a program recognised the text in the image. Most formats are made by such programs. TEI is edited by people,
    /// and so is PAGE, unless it states how certain its words are.
    pub fn is_machine_read(&self) -> bool {
        match self.format {
            Format::Plain | Format::Tei => false,
            Format::Page => self.lines.iter().flat_map(|line| &line.words).any(|word| word.confidence.is_some()),
            _ => true,
        }
    }

    /// [`PageText::paragraphs`] with a blank line between them and a line feed at the end. Empty if there is no text.
    pub fn plain(&self) -> String {
        let mut text = self.paragraphs().join("\n\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// Sets the language of a page that has none to that of most of its lines.
    fn with_common_language(mut self) -> PageText {
        self.language =
            self.language.or_else(|| commonest(self.lines.iter().filter_map(|line| line.language.as_deref())));
        self
    }
}

/// The most frequent of all. The first wins a tie.
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
