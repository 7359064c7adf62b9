//! Of several files that hold one page by their names, the one that is published: the first in the order of `masters`,
//! else the best one. Files whose shapes differ are pages of their own.

use crate::build::plan::Headers;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::Error;
use crate::model::geometry::Size;
use crate::model::{Catalog, Ignored, ImageHeader, Item, LanguageMap, MasterRole, Page, PageCopy};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// A file with fewer pixels than this share of the largest is a smaller copy. Copies that were cropped by a little are not.
const SAME_PIXELS: f64 = 0.9;

/// How far the proportions of copies in another format, or for access, may differ. Copies for access are often cropped.
const SAME_SHAPE: f64 = 1.03;
const CROPPED: f64 = 1.25;

/// How many seconds, and which share, the lengths of copies of a recording may differ.
const SECONDS: f64 = 0.5;
const SAME_LENGTH: f64 = 1.02;

/// Formats that keep every pixel.
const LOSSLESS: [&str; 2] = ["TIFF", "PNG"];

/// Decides on all pages of `catalog` that have several files. The other files are ignored, or become pages. Returns what
/// curators should know, and the errors of `unreadable` that matter: not those of files that are not chosen anyway.
/// `is_published`: the last build made an image of the file.
pub fn settle(
    catalog: &mut Catalog,
    headers: &Headers,
    mut unreadable: Vec<Error>,
    is_published: &dyn Fn(&Path) -> bool,
) -> (Vec<Diagnostic>, Vec<Error>) {
    let mut chooser = Chooser { headers, is_published, ignored: vec![], found: vec![], unread: HashSet::new() };
    catalog.root.change_items(&mut |item| chooser.item(item));
    let Chooser { ignored, found, unread, .. } = chooser;
    catalog.ignored.extend(ignored);
    unreadable.retain(|error| error.path().is_none_or(|path| !unread.contains(path)));
    (found, unreadable)
}

struct Chooser<'a> {
    headers: &'a Headers,
    is_published: &'a dyn Fn(&Path) -> bool,
    ignored: Vec<Ignored>,
    found: Vec<Diagnostic>,
    /// Files whose headers nobody needs.
    unread: HashSet<PathBuf>,
}

/// The files of one item that are not published because others are.
#[derive(Default)]
struct Others {
    /// Other masters by their names, in the folder of the chosen one.
    masters: Vec<PathBuf>,
    copies: Vec<PathBuf>,
    /// A copy, the file that is published in its place, and why.
    example: Option<(PathBuf, PathBuf, &'static str)>,
}

impl Chooser<'_> {
    fn item(&mut self, item: &mut Item) {
        if item.pages.iter().all(|page| page.copies.is_empty()) {
            return;
        }
        let mut others = Others::default();
        let pages = std::mem::take(&mut item.pages);
        item.pages = pages.into_iter().flat_map(|page| self.page(page, &mut others)).collect();
        self.found.extend(others.diagnostics(item));
    }

    /// The page with its file, and pages for files that turn out to hold others.
    fn page(&mut self, mut page: Page, others: &mut Others) -> Vec<Page> {
        let copies = std::mem::take(&mut page.copies);
        let Some((chosen, why)) = self.choose(&copies) else { return vec![page] };
        let mut pages = vec![];
        for (at, copy) in copies.iter().enumerate().filter(|(at, _)| *at != chosen) {
            if self.differs(&copies[chosen], copy) {
                self.found.push(self.told_apart(&copies[chosen], copy));
                pages.push(of_its_own(copy, &page));
                continue;
            }
            let reason = if copy.role == Some(MasterRole::Thumbnail) { "a thumbnail of a page" } else { why };
            if at > chosen && !self.has_header(copy) {
                self.unread.insert(copy.path.clone());
            }
            self.ignored.push(others.add(copy, &copies[chosen], reason));
        }
        page.master = copies[chosen].role;
        set_file(&mut page, &copies[chosen].path);
        pages.insert(0, page);
        pages
    }

    /// The place of the file to publish, and why the others are not. A file that cannot be read now is still chosen if
    /// it is published already.
    fn choose(&self, copies: &[PageCopy]) -> Option<(usize, &'static str)> {
        let is_usable = |copy: &PageCopy| self.has_header(copy) || (self.is_published)(&copy.path);
        let usable = || copies.iter().enumerate().filter(|(_, copy)| is_usable(copy));
        let Some(rank) = usable().map(|(_, copy)| copy.rank).min() else {
            return (!copies.is_empty()).then_some((0, "another file of the same page is published"));
        };
        let mut best: Vec<usize> = usable().filter(|(_, copy)| copy.rank == rank).map(|(at, _)| at).collect();
        let by_masters = "another master of the same page is published";
        if best.len() == 1 {
            return best.first().map(|at| (*at, by_masters));
        }
        let header = |at: &usize| self.header(copies.get(*at)?);
        for (quality, why) in QUALITIES {
            let most = best.iter().filter_map(header).map(quality).fold(0.0, f64::max);
            let all = best.len();
            best.retain(|at| header(at).is_none_or(|header| quality(header) >= most * SAME_PIXELS));
            if best.len() == 1 && all > 1 {
                return best.first().map(|at| (*at, why));
            }
        }
        best.first().map(|at| (*at, "another file of the same page is published, which comes first by its name"))
    }

    fn has_header(&self, copy: &PageCopy) -> bool {
        self.header(copy).is_some() || self.headers.recordings.contains_key(&copy.path)
    }

    fn header(&self, copy: &PageCopy) -> Option<(&ImageHeader, usize)> {
        let master = self.headers.masters.get(&copy.path)?.first()?;
        Some((&master.header, master.siblings))
    }

    /// Whether the headers show that two files do not hold one page. Nothing is said of copies that their names call
    /// edited, or thumbnails: these are cropped as somebody likes.
    fn differs(&self, one: &PageCopy, other: &PageCopy) -> bool {
        let is_free =
            |role| matches!(role, Some(MasterRole::ServiceEdited | MasterRole::MasterEdited | MasterRole::Thumbnail));
        if let (Some(one), Some(other)) =
            (self.headers.recordings.get(&one.path), self.headers.recordings.get(&other.path))
        {
            let (Some(one), Some(other)) = (one.duration, other.duration) else { return false };
            let (short, long) = (one.min(other), one.max(other));
            return long - short > SECONDS && long > short * SAME_LENGTH;
        }
        let most = match (one.role, other.role) {
            (one, other) if one != other && (is_free(one) || is_free(other)) => return false,
            (one, other) if one == other => SAME_SHAPE,
            _ => CROPPED,
        };
        let sizes = self.header(one).zip(self.header(other));
        sizes.is_some_and(|((one, _), (other, _))| shapes_differ(one.size, other.size, most))
    }

    fn told_apart(&self, one: &PageCopy, other: &PageCopy) -> Diagnostic {
        let shown = |copy: &PageCopy| match self.header(copy) {
            Some((ImageHeader { size, .. }, _)) => format!("{:?} ({}x{})", name(&copy.path), size.width, size.height),
            None => format!("{:?}", name(&copy.path)),
        };
        let what = if self.header(one).is_some() { "proportions" } else { "lengths" };
        let message = format!("{} and {} have one name and other {what}: both are pages", shown(one), shown(other));
        Diagnostic::new(Code::CopiesDiffer, message)
            .with_path(&other.path)
            .with_hint("if both hold one page, remove the one that is wrong; else give one a name of its own")
    }
}

/// What makes one image better than another of the same page, the most important first; and why those with less are not
/// published.
type Quality = fn((&ImageHeader, usize)) -> f64;
const QUALITIES: [(Quality, &str); 4] = [
    (|(_, images)| images as f64, "a file of the same page with more images is published"),
    (
        |(header, _)| if header.is_bilevel() { 0.0 } else { 1.0 },
        "a file of the same page in grey or colour is published",
    ),
    (|(header, _)| header.size.area() as f64, "a file of the same page with more pixels is published"),
    (
        |(header, _)| if LOSSLESS.contains(&&*header.format) { 1.0 } else { 0.0 },
        "a file of the same page in a format without loss is published",
    ),
];

/// Whether two images have proportions that differ by more than `most`, as a ratio. The sides of small images are rounded.
fn shapes_differ(one: Size, other: Size, most: f64) -> bool {
    let proportion = |size: Size| f64::from(size.width) / f64::from(size.height.max(1));
    let (one_shape, other_shape) = (proportion(one), proportion(other));
    let shortest = one.width.min(one.height).min(other.width).min(other.height).max(1);
    one_shape.max(other_shape) / one_shape.min(other_shape) > most + 2.0 / f64::from(shortest)
}

fn set_file(page: &mut Page, path: &Path) {
    let file = if page.image.is_some() { &mut page.image } else { &mut page.recording };
    *file = Some(path.to_path_buf());
}

/// The page of a file that was taken for a copy of `page`.
fn of_its_own(copy: &PageCopy, page: &Page) -> Page {
    let label = LanguageMap::plain(copy.token.replace('_', " "));
    let (image, recording) = (page.image.clone(), page.recording.clone());
    let (token, rule) = (copy.token.clone(), "name and ending, for the file of that name has other proportions");
    let mut own = Page { token, label, rule, master: copy.role, image, recording, ..Page::default() };
    set_file(&mut own, &copy.path);
    own
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Others {
    /// Notes that `copy` is not published because `chosen` is.
    fn add(&mut self, copy: &PageCopy, chosen: &PageCopy, reason: &'static str) -> Ignored {
        let is_master = |copy: &PageCopy| !matches!(copy.role, None | Some(MasterRole::Access | MasterRole::Thumbnail));
        let path = copy.path.clone();
        if is_master(copy) && is_master(chosen) && copy.path.parent() == chosen.path.parent() {
            self.masters.push(path.clone());
            return Ignored { path, code: Code::OtherMaster, reason };
        }
        self.example.get_or_insert_with(|| (path.clone(), chosen.path.clone(), reason));
        self.copies.push(path.clone());
        Ignored { path, code: Code::OtherCopy, reason }
    }

    fn diagnostics(self, item: &Item) -> Vec<Diagnostic> {
        let mut found = vec![];
        if !self.masters.is_empty() {
            let message = format!("{} files are other masters of pages that are published", self.masters.len());
            let diagnostic = Diagnostic::new(Code::OtherMaster, message).with_path(&item.folder);
            found.push(diagnostic.with_paths(self.masters));
        }
        if let Some((copy, chosen, reason)) = self.example {
            let below = |path: &Path| path.strip_prefix(&item.folder).unwrap_or(path).display().to_string();
            let message = format!(
                "{} files hold pages that are published from other files, such as {:?} instead of {:?}: {reason}",
                self.copies.len(),
                below(&chosen),
                below(&copy)
            );
            let diagnostic = Diagnostic::new(Code::OtherCopy, message).with_path(&item.folder);
            found.push(diagnostic.with_paths(self.copies));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_differ_by_more_than_rounding() {
        let size = |width, height| Size::new(width, height);
        for (one, other, differ) in [
            (size(3000, 2000), size(1500, 1000), false),
            (size(3000, 2000), size(100, 67), false),
            (size(3000, 2000), size(2000, 3000), true),
            (size(3000, 2000), size(800, 800), true),
            (size(3001, 2000), size(1000, 667), false),
        ] {
            assert_eq!(shapes_differ(one, other, SAME_SHAPE), differ, "{one:?} {other:?}");
        }
    }
}
