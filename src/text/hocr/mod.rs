//! hOCR 1.2: boxes, confidences and roles in `class` and `title` attributes of HTML or XHTML, well-formed or not. Lines
//! are `ocr_line` and its kin, paragraphs `ocr_par` or areas; what is in no line and no word is not text of the page.

mod builder;
mod title;

use super::PageText;
use crate::error::{Error, ErrorKind, Position, Result};
use builder::Builder;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::{Cell, RefCell};
use std::path::Path;

/// Bytes that are given to the tokenizer at a time. A tag that is longer than one such piece is refused: comparing its
/// attributes with each other takes the square of their number.
const PIECE: usize = 64 << 10;

/// Elements within elements.
const MAX_DEPTH: usize = 500;

/// Elements that have no end tag.
const VOID: [&str; 9] = ["area", "base", "br", "col", "hr", "img", "input", "link", "meta"];

pub fn pages(text: &str, path: &Path) -> Result<Vec<PageText>> {
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    let (mut rest, mut tokens) = (text, 0);
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(piece_end(rest));
        queue.push_back(StrTendril::from(piece));
        // A script would make it stop; the sink never asks for one.
        _ = tokenizer.feed(&queue);
        let sink = &tokenizer.sink;
        let is_stuck = sink.tokens.get() == tokens && !behind.is_empty();
        let why = match () {
            () if is_stuck => Some(format!("a tag or comment has more than {PIECE} bytes")),
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

/// Where the next piece of `text` ends: at a character.
fn piece_end(text: &str) -> usize {
    (PIECE..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Takes the tokenizer's tokens. A tree is not built: browsers' rules for it take time without bounds.
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
            Token::CharacterTokens(text) => self.builder.borrow_mut().text(&text),
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
        // A paragraph cannot lie in another: its end tag is often left out.
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
        } else if matches!(name, "script" | "style") {
            return TokenSinkResult::RawData(RawKind::Rawtext);
        }
        TokenSinkResult::Continue
    }

    /// Ends the innermost element of this name and all within it; nothing if there is none.
    fn end_of(&self, name: &str) {
        let mut open = self.open.borrow_mut();
        if let Some(depth) = open.iter().rposition(|open| open == name) {
            open.truncate(depth);
            self.builder.borrow_mut().close_to(depth);
        }
    }
}
