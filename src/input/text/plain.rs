//! Plain text: a line is a line, a blank line ends a paragraph, a form feed a page. There are no boxes.

use super::{Format, Line, PageText, spaced};
use crate::error::{Error, ErrorKind, Position, Result};
use std::path::Path;

pub fn pages(text: &str, path: &Path) -> Result<Vec<PageText>> {
    if let Some(at) = text.find('\0') {
        return Err(Error::new(ErrorKind::Content, "it holds a NUL character, which no text does")
            .with_path(path)
            .with_position(Position::of(text, at)));
    }
    // Programs that write form feeds end the last page with one, too.
    let text = text.strip_suffix('\u{c}').unwrap_or(text);
    Ok(text.split('\u{c}').map(page).collect())
}

fn page(text: &str) -> PageText {
    let (mut lines, mut block, mut is_blank) = (vec![], 0, false);
    for line in text.lines() {
        let text = spaced(line);
        if text.is_empty() {
            is_blank = true;
            continue;
        }
        block += usize::from(is_blank && !lines.is_empty());
        is_blank = false;
        lines.push(Line { text, block, ..Line::default() });
    }
    PageText { format: Format::Plain, lines, ..PageText::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_part_paragraphs() {
        let pages = pages("\n  Dear   Sir,\r\n\r\n \nI am de-\nlighted\n", Path::new("a.txt")).unwrap();
        assert_eq!(pages[0].plain(), "Dear Sir,\n\nI am delighted\n");
        assert_eq!(pages.len(), 1);
    }

    #[test]
    fn form_feeds_part_pages() {
        let texts = |text| pages(text, Path::new("a.txt")).unwrap().iter().map(PageText::plain).collect::<Vec<_>>();
        assert_eq!(texts("one\u{c}\u{c}three\u{c}"), ["one\n", "", "three\n"]);
        assert_eq!(texts(""), [""]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(pages("a\nb\0", Path::new("a.txt")).unwrap_err().position(), Some(Position { line: 2, column: 2 }));
    }
}
