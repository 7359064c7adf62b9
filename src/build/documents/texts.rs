//! The text of pages, read when the documents of their item are made.

use crate::build::stages::Running;
use crate::config::files;
use crate::diagnostics::{Code, Diagnostic};
use crate::documents::iiif::{PageWords, Texts};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::{ContentSource, StandIn};
use crate::input::text::{self, CanvasText, PageText};
use crate::model::geometry::Size;
use crate::model::site::{SiteItem, SitePage};
use crate::storage::fingerprint::FileStamp;
use rayon::prelude::*;
use std::path::Path;

/// The stamps of the item's texts. When one changes, the item's documents are made anew.
pub fn stamps(item: &SiteItem, source: &ContentSource) -> Vec<Option<FileStamp>> {
    let files = item.pages.iter().filter_map(|page| page.text.as_deref());
    files.map(|file| source.stamp(file).ok()).collect()
}

/// Reads the texts of an item. One that cannot be read is a failure, and its page has none.
pub fn read(item: &SiteItem, source: &ContentSource, stage: &Running<'_>) -> (Texts, Vec<Error>) {
    let read = |page: &SitePage| {
        let (file, image) = page.text.as_deref().zip(page.image.as_ref())?;
        let words = read_file(file, source, image.pyramid.full).inspect(|words| warn(file, words, stage));
        Some(words.map(|words| (page.token.clone(), words)))
    };
    let read: Vec<Result<_>> = item.pages.par_iter().filter_map(read).collect();
    let (read, failed): (Vec<_>, Vec<_>) = read.into_iter().partition(Result::is_ok);
    (read.into_iter().filter_map(Result::ok).collect(), failed.into_iter().filter_map(Result::err).collect())
}

/// The text of a page. `None`: it has none, or none that can be read.
pub fn of_page(page: &SitePage, source: &ContentSource) -> Option<CanvasText> {
    let (file, image) = page.text.as_deref().zip(page.image.as_ref())?;
    read_file(file, source, image.pyramid.full).ok().map(|words| words.text)
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

fn warn(file: &Path, words: &PageWords, stage: &Running<'_>) {
    let text = &words.text;
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
