//! hOCR 1.2: boxes, confidences and roles in the `class` and `title` attributes of HTML or XHTML, well-formed or not.
//! Lines are `ocr_line` and similar classes, paragraphs are `ocr_par` or areas. Text outside lines and words is
//! ignored.
//!
//! Only the tokenizer of html5ever is used, without a tree. It reads HTML and XHTML in linear time. Rejected: tree
//! building as in browsers, which takes quadratic time on hostile input.

mod builder;

use super::{MAX_PAGES, PageText};
use crate::error::{Error, ErrorKind, Position, Result};
use builder::Builder;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::{Cell, RefCell};
use std::path::Path;

/// Bytes that the tokenizer gets at a time. A longer tag is refused, because the tokenizer compares each attribute with
/// every other.
const PIECE: usize = 64 << 10;

/// Depth of nested elements.
const MAX_DEPTH: usize = 500;

/// Elements without end tag.
const VOID: [&str; 9] = ["area", "base", "br", "col", "hr", "img", "input", "link", "meta"];

/// Elements whose content is not text of the page.
const RAW: [&str; 2] = ["script", "style"];

pub fn pages(text: &str, path: &Path) -> Result<Vec<PageText>> {
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    let (mut rest, mut tokens) = (text, 0);
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(piece_end(rest));
        queue.push_back(StrTendril::from(piece));
        // The tokenizer only stops at scripts if the sink asks for it, which it does not.
        _ = tokenizer.feed(&queue);
        let sink = &tokenizer.sink;
        let is_stuck = sink.tokens.get() == tokens && !behind.is_empty();
        let why = match () {
            () if is_stuck => Some(format!("a tag or comment has more than {PIECE} bytes")),
            () if sink.builder.borrow().count() > MAX_PAGES => Some(format!("it has more than {MAX_PAGES} pages")),
            () if sink.is_too_deep.get() => Some(format!("its elements are nested more than {MAX_DEPTH} deep")),
            () => None,
        };
        if let Some(why) = why {
            let position = Position::of(text, text.len() - behind.len());
            return Err(Error::new(ErrorKind::Content, why).with_path(path).with_position(position));
        }
        tokens = sink.tokens.get();
        rest = behind;
    }
    tokenizer.end();
    Ok(tokenizer.sink.builder.into_inner().pages())
}

/// Where the next piece of `text` ends: at the boundary of a character.
fn piece_end(text: &str) -> usize {
    (PIECE..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Receives tokens. No tree is built: the tree rules of HTML can take unbounded time.
#[derive(Default)]
struct Sink {
    builder: RefCell<Builder>,
    /// The names of the open elements.
    open: RefCell<Vec<String>>,
    tokens: Cell<u64>,
    is_too_deep: Cell<bool>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        self.tokens.set(self.tokens.get() + u64::from(!matches!(token, Token::ParseError(_))));
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return self.start(&tag),
            Token::TagToken(tag) => self.end_of(&tag.name),
            Token::CharacterTokens(text) if !self.is_in_raw_text() => self.builder.borrow_mut().text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Sink {
    fn start(&self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        if VOID.contains(&name) {
            self.builder.borrow_mut().text(" ");
            return TokenSinkResult::Continue;
        }
        // A paragraph cannot contain another. Its end tag is often left out.
        if name == "p" && self.open.borrow().iter().any(|open| open == "p") {
            self.end_of("p");
        }
        if self.open.borrow().len() >= MAX_DEPTH {
            self.is_too_deep.set(true);
            return TokenSinkResult::Continue;
        }
        self.open.borrow_mut().push(name.to_owned());
        let attribute = |wanted: &str| {
            tag.attrs.iter().find(|attribute| &*attribute.name.local == wanted).map(|attribute| &*attribute.value)
        };
        let language = attribute("lang").or_else(|| attribute("xml:lang"));
        self.builder.borrow_mut().open(attribute("class").unwrap_or_default(), attribute("title"), language);
        if tag.self_closing {
            self.end_of(name);
        } else if RAW.contains(&name) {
            return TokenSinkResult::RawData(RawKind::Rawtext);
        }
        TokenSinkResult::Continue
    }

    fn is_in_raw_text(&self) -> bool {
        self.open.borrow().last().is_some_and(|name| RAW.contains(&name.as_str()))
    }

    /// Ends the innermost element of this name and all elements within it. Without such an element nothing happens.
    fn end_of(&self, name: &str) {
        let mut open = self.open.borrow_mut();
        if let Some(depth) = open.iter().rposition(|open| open == name) {
            open.truncate(depth);
            self.builder.borrow_mut().close_to(depth);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::text::{Bounds, PageSize};

    fn read(body: &str) -> PageText {
        let mut pages = read_all(&format!("<!DOCTYPE html><html lang='en'><body>{body}</body></html>"));
        assert_eq!(pages.len(), 1);
        pages.remove(0)
    }

    fn read_all(text: &str) -> Vec<PageText> {
        pages(text, Path::new("a.hocr")).unwrap()
    }

    #[test]
    fn pages_paragraphs_lines_and_words_are_read() {
        let page = read(
            "<div class='ocr_page' title='image \"a.png\"; bbox 0 0 100 200'><div class='ocr_carea'><p class='ocr_par' lang='lat'>
             <span class='ocr_header' title='bbox 1 2 30 9'><span class='ocrx_word' title='bbox 1 2 9 9; x_wconf 50'>A&amp;<em>b</em>
             </span> <span class=ocrx_word lang='deu_frak'>Haus&shy;</span></span><span class='ocr_line'>tür</span></p>
             <p class='ocr_par'><span class='ocr_line'><br></span></p></div><p class='ocr_par'><span class='ocr_line'>Ende",
        );
        assert_eq!((page.size, page.image.as_deref()), (PageSize::new(100.0, 200.0), Some("a.png")));
        assert_eq!(page.plain(), "A&b Haustür\n\nEnde\n");
        let line = &page.lines[0];
        assert_eq!((line.bounds, line.words.len()), (Bounds::new(1.0, 2.0, 30.0, 9.0), 2));
        assert_eq!((line.words[0].text.as_str(), line.words[0].confidence), ("A&b", Some(0.5)));
        assert_eq!(page.lines.iter().map(|line| line.block).collect::<Vec<_>>(), [0, 0, 1]);
        assert_eq!(page.lines[1].language.as_deref(), Some("la"));
    }

    #[test]
    fn html_that_no_parser_of_xml_takes_is_read() {
        let page = read(
            "<title/><P CLASS=ocr_par><SPAN class='ocr_line x'>one &eacute;<br>two</i></SPAN><p class=ocr_par>\
            <span class=ocr_line>three<span class=ocr_line>four<style><b class=ocr_line></style><img src=x>five",
        );
        assert_eq!(page.plain(), "one é two\n\nthree four five\n");
    }

    #[test]
    fn words_without_lines_or_spaces_make_lines() {
        let word = |text, left| format!("<b class='ocrx_word' title='bbox {left} 0 {} 9'>{text}</b>", left + 9);
        let page = read(&format!("<p class='ocr_par'>{}{}</p>outside", word("one", 0), word("two", 10)));
        assert_eq!((page.plain().as_str(), page.lines[0].bounds), ("one two\n", Bounds::new(0.0, 0.0, 19.0, 9.0)));
    }

    #[test]
    fn each_page_is_one() {
        let page =
            |text| format!("<div class='ocr_page' title='bbox 5 0 9 9'><span class='ocr_line'>{text}</span></div>");
        let pages = read_all(&format!("{}<div class='ocr_page'></div>{}", page("one"), page("two")));
        assert_eq!(pages.iter().map(PageText::plain).collect::<Vec<_>>(), ["one\n", "", "two\n"]);
        assert_eq!(pages[0].size, None);
        assert_eq!(read_all("").len(), 1);
    }

    #[test]
    fn nothing_grows_without_bounds() {
        let refused = |text: String| pages(&text, Path::new("a.hocr")).unwrap_err().to_string();
        assert!(refused(format!("\n{}", "<b>".repeat(100_000))).contains("nested"));
        assert!(refused(format!("<b {}>", "a ".repeat(1_000_000))).contains("more than"));
        assert_eq!(read_all(&"</b><p>".repeat(100_000)).len(), 1);
    }
}
