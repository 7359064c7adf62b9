//! The pages of a large XML document, parsed one by one, so that never more than one is a tree in memory. A page that is
//! damaged costs itself only.

use super::{Book, MAX_PAGES, PageText};
use crate::error::{Error, ErrorKind, Position, Result};
use crate::input::xml::{self, Piece, Pieces};
use roxmltree::Node;
use std::ops::Range;
use std::path::Path;

/// Reads each element `name` of the document by `read`. A damaged one is an empty page.
///
/// # Errors
/// The document has too many such elements.
pub fn read(text: &str, name: &str, path: &Path, read: impl Fn(Node<'_, '_>) -> PageText) -> Result<Book> {
    let Sections { found, mut damage } = Sections::of(text, name, path)?;
    let mut pages = vec![];
    for section in found {
        let start = section.start;
        match xml::parse(&text[section], path) {
            Ok(document) => pages.push(read(document.root_element())),
            Err(error) => {
                damage.get_or_insert_with(|| below(error, Position::of(text, start).line));
                pages.push(PageText::default());
            }
        }
    }
    if pages.is_empty() {
        pages.push(PageText::default());
    }
    Ok(Book { pages, damage })
}

/// An error in a section that begins in this line of the file.
fn below(error: Error, line: usize) -> Error {
    match error.position() {
        Some(at) => error.with_position(Position { line: line + at.line - 1, ..at }),
        None => error.with_position(Position { line, column: 1 }),
    }
}

/// The outermost elements of a name.
struct Sections {
    found: Vec<Range<usize>>,
    /// The document ends too early, or is not well-formed between them.
    damage: Option<Error>,
}

impl Sections {
    fn of(text: &str, name: &str, path: &Path) -> Result<Sections> {
        let mut pieces = Pieces::of(text);
        let (mut found, mut depth) = (vec![], 0_usize);
        // The section that is open: where it begins, and how deep it is.
        let mut open: Option<(usize, usize)> = None;
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Start(tag) if tag.is_empty => {
                    if open.is_none() && local(tag.name) == name {
                        found.push(tag.offset..pieces.offset());
                    }
                }
                Piece::Start(tag) => {
                    depth += 1;
                    if open.is_none() && local(tag.name) == name {
                        open = Some((tag.offset, depth));
                    }
                }
                Piece::End(_) => {
                    if let Some((start, _)) = open.take_if(|(_, of)| *of == depth) {
                        found.push(start..pieces.offset());
                    }
                    depth = depth.saturating_sub(1);
                }
                Piece::Text(_) | Piece::CData(_) => {}
            }
            if found.len() > MAX_PAGES {
                let many = Error::new(ErrorKind::Content, format!("it has more than {MAX_PAGES} pages"));
                return Err(many.with_path(path));
            }
        }
        let end = pieces.offset();
        let damage = (!pieces.is_whole() || depth > 0).then(|| {
            let at = Position::of(text, open.map_or(end, |(start, _)| start));
            let why = "the file is cut off or not well-formed from here on; the pages before are read";
            Error::new(ErrorKind::Content, why).with_path(path).with_position(at)
        });
        Ok(Sections { found, damage })
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::text::Line;

    fn read_all(text: &str) -> Book {
        fn page(node: Node<'_, '_>) -> PageText {
            let line = Line { text: xml::text(node), ..Line::default() };
            PageText { lines: vec![line], ..PageText::default() }
        }
        read(text, "p", Path::new("a.xml"), page).unwrap()
    }

    fn texts(book: &Book) -> Vec<String> {
        book.pages.iter().map(PageText::plain).collect()
    }

    #[test]
    fn each_section_is_parsed_by_itself() {
        let book = read_all("<!DOCTYPE b>\n<b><p>one</p><x><p a='>'>two<p>in it</p></p></x><p/></b>");
        assert_eq!(texts(&book), ["one\n", "twoin it\n", ""]);
        assert!(book.damage.is_none());
    }

    #[test]
    fn a_damaged_section_costs_itself_only_and_its_line_is_told() {
        let book = read_all("<b>\n<p>one</p>\n<p>&two;</p>\n<p>three</p></b>");
        assert_eq!(texts(&book), ["one\n", "", "three\n"]);
        assert_eq!(book.damage.unwrap().position().unwrap().line, 3);
    }

    #[test]
    fn what_stands_before_the_end_of_a_file_that_is_cut_off_is_read() {
        for (text, line) in [("<b>\n<p>one</p>\n<p>two", 3), ("<b><p>one</p>\n<p", 2), ("<b><p>one</p>", 1)] {
            let book = read_all(text);
            assert_eq!(texts(&book), ["one\n"], "{text}");
            assert_eq!(book.damage.unwrap().position().unwrap().line, line, "{text}");
        }
    }
}
