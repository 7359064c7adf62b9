//! The text of pages, read when the documents of their item are made, and before that to know which files they come to.

use crate::build::stages::Running;
use crate::config::files;
use crate::diagnostics::{Code, Diagnostic};
use crate::documents::text::{Outline, PageWords, Texts};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::{ContentSource, StandIn};
use crate::input::text::{self, CanvasText, PageText};
use crate::model::geometry::Size;
use crate::model::site::{SiteItem, SitePage};
use crate::storage::fingerprint::{Field, FileStamp, Fingerprint};
use crate::storage::state::DocumentRecord;
use rayon::prelude::*;
use std::path::Path;

/// The stamps of the item's texts. When one changes, the item's documents are made anew.
pub fn stamps(item: &SiteItem, source: &ContentSource) -> Vec<Option<FileStamp>> {
    let files = item.pages.iter().filter_map(|page| page.text.as_deref());
    files.map(|file| source.stamp(file).ok()).collect()
}

/// The fields of an item's fingerprint that say whether its texts come to the same files.
const OUTLINED: [Field; 3] = [Field::Text, Field::Pages, Field::Program];

/// The outline that the files in the record `before` show, if it was made from the same texts as `documents`.
pub fn recorded(item: &SiteItem, documents: &Fingerprint, before: &DocumentRecord) -> Option<Outline> {
    let changes = documents.changes(before.documents.as_ref()?);
    let is_same = !changes.iter().any(|field| OUTLINED.contains(field));
    is_same.then(|| Outline::recorded(item, &before.files))
}

/// Reads the texts of an item for which files of `outline` were announced, and finds what is wrong with them. A text that
/// cannot be read is a failure, and its page has none.
pub fn read_outlined(item: &SiteItem, outline: &Outline, source: &ContentSource) -> (Texts, Vec<Error>) {
    let (mut texts, mut failures) = read(item, source);
    let now = Outline::of(item, &texts);
    if now != *outline && failures.is_empty() {
        let changed = "the texts of its pages changed while they were published";
        let changed = Error::new(ErrorKind::Content, changed).with_path(item.path.as_str());
        failures.push(changed.with_hint("build again"));
    }
    if !now.is_within(outline) {
        texts.clear();
    }
    (texts, failures)
}

/// Reads the texts of an item. One that cannot be read is a failure, and its page has none. A page without words has none
/// either.
pub fn read(item: &SiteItem, source: &ContentSource) -> (Texts, Vec<Error>) {
    let read = |page: &SitePage| {
        let (file, image) = page.text.as_deref().zip(page.image.as_ref())?;
        let words = read_file(file, source, image.pyramid.full);
        Some(words.map(|words| (page.token.clone(), words)))
    };
    let read: Vec<Result<_>> = item.pages.par_iter().filter_map(read).collect();
    let (read, failed): (Vec<_>, Vec<_>) = read.into_iter().partition(Result::is_ok);
    let words = read.into_iter().filter_map(Result::ok).filter(|(_, words)| !words.text.plain.is_empty());
    (words.collect(), failed.into_iter().filter_map(Result::err).collect())
}

/// Whether a file can be read as the text of a page. One that cannot is not published in any form.
pub fn is_text(file: &Path, source: &ContentSource) -> bool {
    read_words(file, source).is_ok()
}

fn read_file(file: &Path, source: &ContentSource, canvas: Size) -> Result<PageWords> {
    let page = read_words(file, source)?;
    Ok(PageWords { text: page.scaled(canvas, None), format: page.format })
}

fn read_words(file: &Path, source: &ContentSource) -> Result<PageText> {
    let unreadable = |error| Error::read(ErrorKind::Content, file, error);
    let bytes = source.stamp(file).map_err(unreadable)?.bytes();
    files::check_size(bytes, files::TEXT).map_err(unreadable)?;
    let here = source.local(file)?;
    let bytes = files::read(&here.path, files::TEXT).map_err(unreadable)?;
    if let Some(pointer) = StandIn::of(&bytes) {
        return Err(pointer.error(ErrorKind::Content, file));
    }
    text::read(&bytes, file)
}

/// Reports what is doubtful in the texts of an item.
pub fn warn(item: &SiteItem, texts: &Texts, stage: &Running<'_>) {
    for page in &item.pages {
        if let (Some(file), Some(words)) = (&page.text, texts.get(&page.token)) {
            warn_of_page(file, &words.text, stage);
        }
    }
}

fn warn_of_page(file: &Path, text: &CanvasText, stage: &Running<'_>) {
    let found = |message: String| stage.found(Diagnostic::new(Code::PageText, message).with_path(file));
    if text.is_distorted {
        found("its page has other proportions than the image; is it the text of another one?".into());
    }
    if text.left_out > 0 {
        found(format!("{} boxes are left out, for nothing says where they are on the page", text.left_out));
    }
    if text.clipped > 0 {
        found(format!("{} boxes reach beyond the page and are cut", text.clipped));
    }
}
