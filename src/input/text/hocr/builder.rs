//! Builds pages, paragraphs, lines and words from the elements that open and close, and reads their `title` attributes:
//! `bbox 0 0 10 20; x_wconf 93; image "a;b.png"`.

use crate::input::language;
use crate::input::text::layout::{self, Bounds, PageSize, Point};
use crate::input::text::{Format, Line, PageText, Word, commonest, spaced};

/// The role of an element, from the outer to the inner. An element ends the current one of the same role and those of
/// inner roles.
#[derive(Clone, Copy)]
enum Role {
    Page,
    Block,
    Line,
    Word,
}

impl Role {
    fn of(classes: &str) -> Option<Role> {
        classes.split_whitespace().find_map(|class| match class {
            "ocr_page" => Some(Role::Page),
            "ocr_par" | "ocr_carea" | "ocr_block" | "ocrx_block" => Some(Role::Block),
            "ocr_line" | "ocrx_line" | "ocr_header" | "ocr_footer" | "ocr_caption" | "ocr_textfloat" => {
                Some(Role::Line)
            }
            "ocrx_word" | "ocr_word" => Some(Role::Word),
            _ => None,
        })
    }
}

/// An element that is open.
struct Open {
    role: Option<Role>,
    /// The language of the element or of one around it, within the page.
    language: Option<String>,
}

#[derive(Default)]
pub struct Builder {
    /// The pages before the current one.
    done: Vec<PageText>,
    page: Option<PageText>,
    open: Vec<Open>,
    /// The current line.
    line: Option<Unfinished>,
    /// The current word, at the end of the current line.
    word: Option<Word>,
    /// Whether a paragraph has begun or ended since the last line.
    is_new_block: bool,
}

/// The current line, with its text as it stands in the file.
#[derive(Default)]
struct Unfinished {
    line: Line,
    word_languages: Vec<String>,
}

impl Builder {
    pub fn open(&mut self, classes: &str, title: Option<&str>, language: Option<&str>) {
        let role = Role::of(classes);
        let title = role.and(title).map(Title::of).unwrap_or_default();
        let is_within_page = role.is_some() || self.open.iter().any(|open| open.role.is_some());
        let own = title.language.as_deref().or(language).filter(|_| is_within_page).and_then(language::of_ocr);
        let language = own.or_else(|| self.open.last()?.language.clone());
        if let Some(role) = role {
            self.begin(role, title, language.clone());
        }
        self.open.push(Open { role, language });
    }

    /// Closes elements until `depth` are open.
    pub fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            match self.open.pop().and_then(|open| open.role) {
                Some(Role::Word) => self.end_word(),
                Some(Role::Line) => self.end_line(),
                Some(Role::Block | Role::Page) => self.end_block(),
                None => {}
            }
        }
    }

    pub fn text(&mut self, text: &str) {
        if let Some(unfinished) = &mut self.line {
            unfinished.line.text.push_str(text);
        }
        if let Some(word) = &mut self.word {
            word.text.push_str(text);
        }
    }

    /// How many pages have begun.
    pub fn count(&self) -> usize {
        self.done.len() + 1
    }

    /// All pages; at least one.
    pub fn pages(mut self) -> Vec<PageText> {
        self.end_block();
        self.page();
        self.done.into_iter().chain(self.page).map(PageText::with_common_language).collect()
    }

    fn begin(&mut self, role: Role, title: Title, language: Option<String>) {
        match role {
            Role::Page => self.begin_page(title, language),
            Role::Block => {
                self.end_block();
                self.page().bad_boxes += title.bad_boxes;
            }
            Role::Line => self.begin_line(title, language),
            Role::Word => self.begin_word(title, language),
        }
    }

    fn begin_page(&mut self, title: Title, language: Option<String>) {
        self.end_block();
        // A page that does not begin at 0,0 is a part of an image of unknown size.
        let whole = title.bounds.filter(|bounds| bounds.left == 0.0 && bounds.top == 0.0);
        let page = PageText {
            format: Format::Hocr,
            image: title.image,
            number: title.number,
            language,
            size: whole.and_then(|bounds| PageSize::new(bounds.right, bounds.bottom)),
            bad_boxes: title.bad_boxes,
            ..PageText::default()
        };
        self.done.extend(self.page.replace(page));
    }

    fn begin_line(&mut self, title: Title, language: Option<String>) {
        self.end_line();
        self.page().bad_boxes += title.bad_boxes;
        self.page().is_upside_down |= title.is_upside_down;
        let bounds = title.bounds.or_else(|| Bounds::of_points(&title.outline));
        let line = Line { bounds, polygon: layout::unless_upright(title.outline), language, ..Line::default() };
        self.line = Some(Unfinished { line, word_languages: vec![] });
    }

    /// Words outside lines make a line.
    fn begin_word(&mut self, title: Title, language: Option<String>) {
        self.end_word();
        self.page().bad_boxes += title.bad_boxes;
        self.line.get_or_insert_default().word_languages.extend(language);
        let bounds = title.bounds.or_else(|| Bounds::of_points(&title.outline));
        self.word = Some(Word { text: String::new(), bounds, confidence: title.confidence });
    }

    fn end_word(&mut self) {
        let Some(mut word) = self.word.take() else { return };
        word.text = spaced(&word.text);
        if let Some(unfinished) = self.line.as_mut().filter(|_| !word.text.is_empty()) {
            unfinished.line.words.push(word);
        }
    }

    fn end_line(&mut self) {
        self.end_word();
        let Some(Unfinished { mut line, word_languages }) = self.line.take() else { return };
        line.text = spaced(&line.text);
        // The words have nothing between them.
        if line.words.len() > 1 && !line.text.contains(' ') {
            line.text = line.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        }
        if line.text.is_empty() {
            return;
        }
        line.bounds = line.bounds.or_else(|| Bounds::of_all(line.words.iter().filter_map(|word| word.bounds)));
        line.language = commonest(word_languages.iter().map(String::as_str)).or(line.language);
        let is_new_block = std::mem::take(&mut self.is_new_block);
        let page = self.page();
        line.block = page.lines.last().map_or(0, |last| last.block + usize::from(is_new_block));
        page.lines.push(line);
    }

    fn end_block(&mut self) {
        self.end_line();
        self.is_new_block = true;
    }

    /// The current page. A file can have lines without an element for the page.
    fn page(&mut self) -> &mut PageText {
        self.page.get_or_insert_with(|| PageText { format: Format::Hocr, ..PageText::default() })
    }
}

/// The properties of a title that are read.
#[derive(Debug, Default, PartialEq)]
pub struct Title {
    pub bounds: Option<Bounds>,
    /// `poly`; empty if it is missing.
    pub outline: Vec<Point>,
    /// `x_wconf`, from 0 to 1.
    pub confidence: Option<f32>,
    pub image: Option<String>,
    /// `ppageno`.
    pub number: Option<u64>,
    /// `textangle` is about half a turn.
    pub is_upside_down: bool,
    /// `ocrp_lang`, as it is written.
    pub language: Option<String>,
    /// The number of boxes that are not valid.
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
            "poly" => self.outline = layout::points(value).unwrap_or_default(),
            "x_wconf" => self.confidence = confidence(value),
            "image" => self.image = Some(value.trim_matches(['"', '\'']).to_owned()).filter(|name| !name.is_empty()),
            "ppageno" => self.number = value.parse().ok(),
            "textangle" => self.is_upside_down = value.parse().is_ok_and(layout::is_upside_down),
            "ocrp_lang" => self.language = Some(value.to_owned()),
            _ => {}
        }
    }
}

/// Splits at semicolons that are not within quotation marks.
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
    match layout::points(value)?[..] {
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
