//! Finds a page of an item that has another resolution than the others, such as a thumbnail among the masters, or a
//! page that was scanned again with other settings. No file is read.
//!
//! A page is odd if it has the shape of the others and a size far from theirs. Items whose pages differ by nature give
//! no diagnostic: leaves of many sizes, fold-outs, spines, slips between pages.

use crate::build::plan::Headers;
use crate::diagnostics::{Code, Diagnostic};
use crate::model::Item;
use crate::model::geometry::Size;
use std::path::Path;

/// Items with fewer pages have no usual size.
const MIN_PAGES: usize = 4;

/// An item has a usual size if at least this many of ten pages have it.
const USUAL_OF_TEN: usize = 7;

/// How far sides are from those of the usual size, as ratios.
const NEAR: f64 = 1.25;
const FAR: f64 = 1.8;

/// How far the proportion of sides may be from the usual one.
const SAME_SHAPE: f64 = 1.12;

/// Returns a diagnostic for each page that is odd.
pub fn find(items: &[&Item], headers: &Headers) -> Vec<Diagnostic> {
    items.iter().flat_map(|item| of_item(item, headers)).collect()
}

fn of_item(item: &Item, headers: &Headers) -> Vec<Diagnostic> {
    // Several images in one file come from one camera, or are copies of each other.
    let size = |path| match headers.masters.get(path)?.as_slice() {
        [master] => Some((path, master.header.size)),
        _ => None,
    };
    let pages: Vec<(&Path, Size)> = item.pages.iter().filter_map(|page| size(page.image.as_deref()?)).collect();
    if pages.len() < MIN_PAGES {
        return vec![];
    }
    let usual = Size::new(
        median(pages.iter().map(|(_, size)| size.width).collect()),
        median(pages.iter().map(|(_, size)| size.height).collect()),
    );
    let is_near = |size: Size| away(size.width, usual.width) < NEAR && away(size.height, usual.height) < NEAR;
    let near = pages.iter().filter(|(_, size)| is_near(*size)).count();
    if near * 10 < pages.len() * USUAL_OF_TEN {
        return vec![];
    }
    let odd = pages.into_iter().filter(|(_, size)| is_odd(*size, usual));
    odd.map(|(path, size)| diagnostic(path, size, usual)).collect()
}

fn is_odd(size: Size, usual: Size) -> bool {
    let (across, down) = (away(size.width, usual.width), away(size.height, usual.height));
    let is_of_one_scale = (size.width < usual.width) == (size.height < usual.height);
    let has_shape = across.max(down) / across.min(down) < SAME_SHAPE;
    across > FAR && down > FAR && is_of_one_scale && has_shape
}

/// The ratio of the longer to the shorter.
fn away(one: u32, other: u32) -> f64 {
    let (long, short) = (f64::from(one.max(other)), f64::from(one.min(other)));
    long / short.max(1.0)
}

fn median(mut sides: Vec<u32>) -> u32 {
    let middle = sides.len() / 2;
    *sides.select_nth_unstable(middle).1
}

fn diagnostic(path: &Path, size: Size, usual: Size) -> Diagnostic {
    let than = if size.width < usual.width { "smaller" } else { "larger" };
    let (Size { width, height }, times) = (size, away(size.width, usual.width));
    let message = format!(
        "{width}x{height} pixels, {times:.1} times {than} than the other pages of the item ({}x{}) and of their shape",
        usual.width, usual.height
    );
    let hint = "was another copy or another resolution taken for this page?";
    Diagnostic::new(Code::OddSize, message).with_path(path).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_odd_by_its_scale_not_by_its_shape() {
        let usual = Size::new(2000, 3000);
        for odd in [Size::new(1000, 1500), Size::new(4000, 6100), Size::new(150, 230)] {
            assert!(is_odd(odd, usual), "{odd:?}");
        }
        let at_rest = [(2000, 3000), (1600, 2400), (4000, 3000), (300, 3000), (1000, 900), (900, 6000), (2600, 4000)];
        for (width, height) in at_rest {
            assert!(!is_odd(Size::new(width, height), usual), "{width}x{height}");
        }
    }
}
