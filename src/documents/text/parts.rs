//! The parts: files with the lines of some pages, files with the boxes of the same lines, and their index.

use super::boxes::{LineBoxes, boxes};
use super::{PageWords, Texts, boxes_path, index_path, lines_path};
use crate::documents::document::Document;
use crate::documents::json::{json_objects, to_compact_json};
use crate::input::text::CanvasLine;
use crate::model::address::SitePath;
use crate::model::geometry::Size;
use crate::model::site::{SiteItem, SitePage};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// The name of the format, and its version. Readers refuse a version that they do not know.
const FORMAT: &str = "iiif-build text";
const VERSION: u32 = 1;

/// The most bytes of lines or boxes in a file, unless one line has more.
const MOST_BYTES: usize = 230_000;

/// An upper bound of the bytes of what a page has beside its lines, with its token and language.
const PAGE_BYTES: usize = 500;

/// A page, or consecutive lines of a page that is too large for one part.
pub struct Piece<'a> {
    pub page: &'a SitePage,
    words: &'a PageWords,
    lines: Range<usize>,
}

/// An upper bound of the bytes of what a line has beside its text and its language: its numbers in lists.
const LINE_BYTES: usize = 30;

/// The bytes of lines and of boxes.
#[derive(Clone, Copy, Default)]
struct Bytes([usize; 2]);

impl Bytes {
    fn with(self, more: Bytes) -> Bytes {
        Bytes([self.0[0] + more.0[0], self.0[1] + more.0[1]])
    }

    fn fits(self) -> bool {
        self.0.iter().all(|bytes| *bytes <= MOST_BYTES)
    }
}

/// The texts of `item` in parts. A page stands in one part, unless it is larger than one.
pub fn parts<'a>(item: &'a SiteItem, texts: &'a Texts) -> Vec<Vec<Piece<'a>>> {
    let (mut parts, mut filled) = (Vec::<Vec<Piece<'_>>>::new(), Bytes::default());
    for (page, words) in super::pages(item, texts) {
        for (lines, bytes) in divided(&words.text.lines) {
            let piece = Piece { page, words, lines };
            match parts.last_mut().filter(|_| filled.with(bytes).fits()) {
                Some(part) => part.push(piece),
                None => {
                    parts.push(vec![piece]);
                    filled = Bytes::default();
                }
            }
            filled = filled.with(bytes);
        }
    }
    parts
}

/// The lines of a page in as few runs as parts can hold.
fn divided(lines: &[CanvasLine]) -> Vec<(Range<usize>, Bytes)> {
    let (mut runs, mut corner) = (Vec::<(Range<usize>, Bytes)>::new(), (0, 0));
    for (index, line) in lines.iter().enumerate() {
        let language = line.language.as_deref().map_or(0, str::len);
        let bytes = Bytes([length(&line.text) + language + LINE_BYTES, length(&boxes(line, &mut corner)) + 1]);
        match runs.last_mut().filter(|(_, filled)| filled.with(bytes).fits()) {
            Some((run, filled)) => (run.end, *filled) = (index + 1, filled.with(bytes)),
            None => runs.push((index..index + 1, bytes.with(Bytes([PAGE_BYTES; 2])))),
        }
    }
    runs
}

/// The number of bytes of a value in JSON.
fn length(value: &impl Serialize) -> usize {
    to_compact_json(value).len()
}

json_objects! {
    struct Index<'a> {
        format: &'static str,
        version: u32,
        pages: Vec<IndexEntry<'a>>,
        parts: Vec<PartEntry>,
    }

    struct IndexEntry<'a> {
        page: &'a str,
        label: &'a str,
        width: u32,
        height: u32,
        part: usize,
        machine?: Option<bool>,
        language?: Option<&'a str>,
    }

    struct PartEntry {
        pages: usize,
        bytes: usize,
    }

    struct Part<T> {
        version: u32,
        pages: Vec<T>,
    }

    struct PageLines<'a> {
        page: &'a str,
        language?: Option<&'a str>,
        machine?: Option<bool>,
        from?: Option<usize>,
        lines: Vec<&'a str>,
        blocks: Vec<usize>,
        divided: Vec<usize>,
        languages?: BTreeMap<usize, &'a str>,
    }

    struct PageBoxes<'a> {
        page: &'a str,
        width: u32,
        height: u32,
        lines: Vec<LineBoxes>,
    }
}

/// The files of all parts, then their index.
pub fn documents(item: &SiteItem, texts: &Texts) -> Vec<Document> {
    let (mut documents, mut index, mut entries) = (vec![], vec![], vec![]);
    for (number, part) in (1..).zip(parts(item, texts)) {
        let lines = to_compact_json(&Part { version: VERSION, pages: part.iter().map(Piece::text).collect() });
        let boxes = to_compact_json(&Part { version: VERSION, pages: part.iter().map(Piece::boxes).collect() });
        entries.push(PartEntry { pages: part.len(), bytes: lines.len() });
        index.extend(part.iter().filter(|piece| piece.lines.start == 0).map(|piece| piece.entry(number)));
        documents.push(document(lines_path(&item.path, number), lines));
        documents.push(document(boxes_path(&item.path, number), boxes));
    }
    let index = to_compact_json(&Index { format: FORMAT, version: VERSION, pages: index, parts: entries });
    documents.push(document(index_path(&item.path), index));
    documents
}

fn document(path: SitePath, bytes: Vec<u8>) -> Document {
    Document { path, bytes }
}

impl<'a> Piece<'a> {
    fn own_lines(&self) -> &'a [CanvasLine] {
        self.words.text.lines.get(self.lines.clone()).unwrap_or_default()
    }

    fn language(&self) -> Option<&'a str> {
        self.words.text.language.as_deref()
    }

    fn machine(&self) -> Option<bool> {
        self.words.text.is_machine_read.then_some(true)
    }

    /// The size of the canvas.
    fn size(&self) -> Size {
        self.page.image.as_ref().map_or(Size::new(0, 0), |image| image.pyramid.full)
    }

    fn entry(&self, part: usize) -> IndexEntry<'a> {
        let Size { width, height } = self.size();
        let label = self.page.label.values().next().unwrap_or(&self.page.token);
        let (machine, language) = (self.machine(), self.language());
        IndexEntry { page: &self.page.token, label, width, height, part, machine, language }
    }

    fn text(&self) -> PageLines<'a> {
        let (lines, language, all) = (self.own_lines(), self.language(), &self.words.text.lines);
        let block = |at: usize| all.get(at).map(|line| line.block);
        let begins = |at: &usize| at.checked_sub(1).and_then(block) != block(*at);
        let numbered = || lines.iter().enumerate();
        let other = |(number, line): (usize, &'a CanvasLine)| {
            line.language.as_deref().filter(|own| Some(*own) != language).map(|own| (number, own))
        };
        PageLines {
            page: &self.page.token,
            language,
            machine: self.machine(),
            from: Some(self.lines.start).filter(|from| *from > 0),
            lines: lines.iter().map(|line| line.text.as_str()).collect(),
            blocks: self.lines.clone().filter(begins).map(|at| at - self.lines.start).collect(),
            divided: numbered().filter(|(_, line)| line.divided).map(|(number, _)| number).collect(),
            languages: numbered().filter_map(other).collect(),
        }
    }

    fn boxes(&self) -> PageBoxes<'a> {
        let (Size { width, height }, mut corner) = (self.size(), (0, 0));
        let lines = self.own_lines().iter().map(|line| boxes(line, &mut corner)).collect();
        PageBoxes { page: &self.page.token, width, height, lines }
    }
}
