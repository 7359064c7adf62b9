//! Which images of a TIFF are pages, and which are a page's smaller copies, mask or thumbnail.
//!
//! What a file says of an image (tag 254) is believed. Where it says nothing, size and shape decide: an image of half
//! the size is a level of a pyramid, and an image of the same shape that is much smaller is a thumbnail. Anything else
//! is a page.

use super::directory::{Directory, Role};
use super::ifd::Ifd;
use crate::error::Result;
use crate::model::geometry::Size;
use crate::pixels::decode::orient::turned;
use std::iter::Peekable;

/// A thumbnail's longer side is at most so many pixels, and its page is at least so many times larger. Nobody can read
/// a page of this size, and no page of another is a scan of it.
const THUMBNAIL_SIDE: u32 = 512;
const THUMBNAIL_RATIO: u32 = 3;

/// The pages in `directories`. `first` is the index of the first directory, which is that of a page.
pub fn pages(directories: impl Iterator<Item = Result<Ifd>>, first: usize) -> impl Iterator<Item = Result<Directory>> {
    let read = move |(at, ifd): (usize, Result<Ifd>)| match ifd {
        // EXIF thumbnails stand in a directory of this kind.
        Ok(ifd) if at > 0 && !ifd.has(256) && !ifd.has(257) => None,
        Ok(ifd) => Some(Directory::read(&ifd, first + at).map(|directory| (directory, ifd))),
        Err(error) => Some(Err(error)),
    };
    let mut directories = directories.enumerate().filter_map(read).peekable();
    std::iter::from_fn(move || {
        let mut before = vec![];
        loop {
            let (page, ifd) = match directories.next()? {
                Ok(read) => read,
                Err(error) => return Some(Err(error)),
            };
            match directories.peek() {
                Some(Ok((next, _))) if is_of_the_next(&page, next) => {
                    before.extend((page.role == Role::Unknown).then_some(page.size));
                }
                _ => {
                    let page = Directory { thumbnails: before, ..page };
                    return Some(with_copies(page, &ifd, &mut directories));
                }
            }
        }
    })
}

/// A page with its reduced copies and its mask, which follow it.
fn with_copies(
    mut page: Directory,
    ifd: &Ifd,
    others: &mut Peekable<impl Iterator<Item = Result<(Directory, Ifd)>>>,
) -> Result<Directory> {
    // Thumbnails and masks can be there too.
    let below = ifd.children(330)?;
    page.reduced = below.iter().filter_map(|ifd| Directory::read(ifd, page.index).ok()).collect();
    page.mask = page.reduced.iter().find(|other| is_mask(&page, other)).cloned().map(Box::new);
    let mut level = 1;
    loop {
        let is_level = |other: &Directory| other.role != Role::Mask && is_level(page.size, other.size, level);
        let is_flagged = |other: &Directory| matches!(other.role, Role::Reduced | Role::Mask);
        let is_beside = |other: &Directory| is_level(other) || is_flagged(other) || is_thumbnail(other, &page);
        let next = others.next_if(|next| next.as_ref().is_ok_and(|(other, _)| is_beside(other)));
        let Some(Ok((other, _))) = next else { return Ok(page) };
        if is_level(&other) {
            level += 1;
            page.reduced.push(other);
        } else if page.mask.is_none() && is_mask(&page, &other) {
            page.mask = Some(Box::new(other));
        } else if !is_flagged(&other) {
            page.thumbnails.push(other.size);
        }
    }
}

/// Whether a directory is level `level` of the page before it, flagged or not: halved, rounded either way.
fn is_level(page: Size, size: Size, level: u32) -> bool {
    let halved = |side: u32, to: u32| to.abs_diff(side >> level.min(31)) <= 1;
    page.longer_side() >= 256 && halved(page.width, size.width) && halved(page.height, size.height)
}

fn is_mask(page: &Directory, other: &Directory) -> bool {
    other.role == Role::Mask && other.size == page.size
}

/// Whether an image that no page is before is no page either, but a smaller copy of the `next` image.
fn is_of_the_next(image: &Directory, next: &Directory) -> bool {
    match image.role {
        Role::Mask => next.role != Role::Mask,
        Role::Reduced => next.size.area() > image.size.area() && next.role != Role::Mask,
        Role::Page | Role::Unknown => is_thumbnail(image, next),
    }
}

fn is_thumbnail(image: &Directory, page: &Directory) -> bool {
    let is_much_smaller = image.size.longer_side() <= THUMBNAIL_SIDE
        && image.size.longer_side() <= page.size.longer_side().div_ceil(THUMBNAIL_RATIO);
    let upright = |directory: &Directory| turned(directory.size, directory.orientation);
    // The writers of thumbnails may or may not have turned them.
    let shape = is_of_shape(image.size, page.size) || is_of_shape(upright(image), upright(page));
    image.role == Role::Unknown && page.role != Role::Mask && is_much_smaller && shape
}

/// Whether `small` is `large` on another scale: no side is off by a whole pixel.
fn is_of_shape(small: Size, large: Size) -> bool {
    let (across, down) =
        (u64::from(small.width) * u64::from(large.height), u64::from(small.height) * u64::from(large.width));
    across.abs_diff(down) <= u64::from(large.longer_side())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_alike_within_a_pixel() {
        for (small, large) in [
            ((113, 160), (2479, 3508)),
            ((114, 160), (2479, 3508)),
            ((160, 113), (3508, 2479)),
            ((120, 160), (600, 800)),
            ((1, 160), (16, 4000)),
        ] {
            assert!(is_of_shape(Size::new(small.0, small.1), Size::new(large.0, large.1)), "{small:?} {large:?}");
        }
        for (small, large) in [((116, 160), (2479, 3508)), ((160, 120), (600, 800)), ((160, 160), (600, 800))] {
            assert!(!is_of_shape(Size::new(small.0, small.1), Size::new(large.0, large.1)), "{small:?} {large:?}");
        }
    }
}
