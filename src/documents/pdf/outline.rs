//! The bookmarks: the table of contents of the item (ISO 32000-1, 12.3.3). Ranges that are no part of it (`no-nav`, other
//! orders of the pages) have none, and neither have those without a page in the PDF.

use super::objects::Objects;
use super::text::Frame;
use super::{Label, Sheet};
use crate::model::site::{PageIndex, SiteItem};
use crate::model::{Behavior, PageRef, Range};
use pdf_writer::writers::{Outline, OutlineItem};
use pdf_writer::{Finish, Ref, TextStr};
use std::collections::HashMap;
use std::io;

/// A bookmark with those below it.
pub struct Bookmark {
    title: String,
    destination: Destination,
    below: Vec<Bookmark>,
}

/// A point of a page, in points of the PDF.
#[derive(Clone, Copy)]
struct Destination {
    /// The index of the page.
    page: usize,
    left: f32,
    bottom: f32,
}

/// What ranges refer to.
pub struct Contents<'a> {
    pages: PageIndex<'a>,
    /// The index of the sheet of a page, by its token.
    sheets: HashMap<&'a str, (usize, Frame)>,
    language: &'a str,
}

impl<'a> Contents<'a> {
    /// `frames`: the frame of each of the `sheets`. `language`: that of the site.
    pub fn of(item: &'a SiteItem, sheets: &[Sheet<'a>], frames: &[Frame], language: &'a str) -> Contents<'a> {
        let sheet = |(index, (sheet, frame)): (usize, (&Sheet<'a>, &Frame))| (&*sheet.page.token, (index, *frame));
        let sheets = sheets.iter().zip(frames).enumerate().map(sheet).collect();
        Contents { pages: PageIndex::of(item), sheets, language }
    }

    /// The bookmarks of these ranges.
    pub fn bookmarks(&self, ranges: &[Range]) -> Vec<Bookmark> {
        let is_shown =
            |range: &&Range| !range.behaviors().iter().any(|it| matches!(it, Behavior::NoNav | Behavior::Sequence));
        ranges.iter().filter(is_shown).filter_map(|range| self.bookmark(range)).collect()
    }

    fn bookmark(&self, range: &Range) -> Option<Bookmark> {
        let below = self.bookmarks(&range.structures);
        let own = range.pages.iter().find_map(|page| self.destination(page));
        let destination = own.or_else(|| below.first().map(|first| first.destination))?;
        Some(Bookmark { title: Label::of(&range.label, self.language).text, destination, below })
    }

    /// The upper left corner of a page, or of the part of it that is named.
    fn destination(&self, reference: &PageRef) -> Option<Destination> {
        let (page, frame) = self.pages.pages_of(reference).find_map(|page| self.sheets.get(&*page.token)).copied()?;
        let part = reference.parts().1.and_then(|part| part.strip_prefix("xywh="));
        let numbers = part.into_iter().flat_map(|part| part.split(',')).map(str::parse::<u32>);
        let corner: Vec<u32> = numbers.take(2).collect::<Result<_, _>>().unwrap_or_default();
        let [x, y] = <[u32; 2]>::try_from(corner).unwrap_or_default();
        let [left, bottom] = frame.point(x, y);
        Some(Destination { page, left, bottom })
    }
}

/// Writes the bookmarks, and returns their root. `pages`: the pages of the PDF.
pub fn write(bookmarks: &[Bookmark], pages: &[Ref], objects: &mut Objects<'_>) -> io::Result<Option<Ref>> {
    let root = objects.reserve();
    let Some([first, last]) = write_below(root, bookmarks, pages, objects)? else { return Ok(None) };
    objects.put(root, |object| {
        let mut outline: Outline<'_> = object.start();
        outline.first(first).last(last).count(bookmarks.len() as i32);
    })?;
    Ok(Some(root))
}

/// Writes the bookmarks below `parent`, and returns the first and the last. They are closed at first.
fn write_below(
    parent: Ref,
    bookmarks: &[Bookmark],
    pages: &[Ref],
    objects: &mut Objects<'_>,
) -> io::Result<Option<[Ref; 2]>> {
    let ids: Vec<Ref> = bookmarks.iter().map(|_| objects.reserve()).collect();
    for (index, Bookmark { title, destination, below }) in bookmarks.iter().enumerate() {
        let inner = write_below(ids[index], below, pages, objects)?;
        let before = index.checked_sub(1).map(|before| ids[before]);
        objects.put(ids[index], |object| {
            let mut item: OutlineItem<'_> = object.start();
            item.title(TextStr(title)).parent(parent);
            if let Some(before) = before {
                item.prev(before);
            }
            if let Some(next) = ids.get(index + 1) {
                item.next(*next);
            }
            if let Some([first, last]) = inner {
                item.first(first).last(last).count(-(below.len() as i32));
            }
            let Destination { page, left, bottom } = *destination;
            item.dest().page(pages[page]).xyz(left, bottom, None);
            item.finish();
        })?;
    }
    Ok(ids.first().zip(ids.last()).map(|(first, last)| [*first, *last]))
}
