//! The text of pages, read when the documents of their item are made, and before that to know which files they come to. A
//! file with the texts of many pages is read once.

use crate::build::stages::Running;
use crate::config::files;
use crate::diagnostics::{Code, Diagnostic};
use crate::documents::text::{Outline, PageWords, Texts};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::{ContentSource, StandIn};
use crate::input::text::{self, PageText, Shares, Upright};
use crate::model::TextPart;
use crate::model::geometry::Size;
use crate::model::site::{SiteItem, SitePage};
use crate::storage::fingerprint::{Field, FileStamp, Fingerprint};
use crate::storage::state::DocumentRecord;
use parking_lot::Mutex;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The fields of an item's fingerprint that say whether its texts come to the same files.
const OUTLINED: [Field; 3] = [Field::Text, Field::Pages, Field::Program];

/// The outline that the files in the record `before` show, if it was made from the same texts as `documents`.
pub fn recorded(item: &SiteItem, documents: &Fingerprint, before: &DocumentRecord) -> Option<Outline> {
    let changes = documents.changes(before.documents.as_ref()?);
    let is_same = !changes.iter().any(|field| OUTLINED.contains(field));
    is_same.then(|| Outline::recorded(item, &before.files))
}

/// The files with the texts of a site, for one build.
pub struct TextFiles<'a> {
    source: &'a ContentSource,
    /// Why files could not be read. They are not tried again in this build: the outline, the JSON, the HTML and the PDF of an
    /// item all ask for its texts, and a refusal may come late and cost much.
    refused: Mutex<BTreeMap<PathBuf, Error>>,
}

impl<'a> TextFiles<'a> {
    pub fn of(source: &'a ContentSource) -> TextFiles<'a> {
        TextFiles { source, refused: Mutex::default() }
    }

    /// The stamps of the item's texts. When one changes, the item's documents are made anew.
    pub fn stamps(&self, item: &SiteItem) -> Vec<Option<FileStamp>> {
        let files: BTreeSet<&Path> = item.pages.iter().filter_map(SitePage::text_path).collect();
        files.into_iter().map(|file| self.source.stamp(file).ok()).collect()
    }

    /// Reads the texts of an item for which files of `outline` were announced, and finds what is wrong with them, like
    /// [`TextFiles::read`].
    pub fn read_outlined(
        &self,
        item: &SiteItem,
        outline: &Outline,
        stage: Option<&Running<'_>>,
    ) -> (Texts, Vec<Error>) {
        let (mut texts, mut failures) = self.read(item, stage);
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

    /// Reads the texts of an item, and reports to `stage` what is doubtful in them. A file that cannot be read is a failure,
    /// and its pages have none; what is left of one that is damaged is used. A page without words has no text either.
    pub fn read(&self, item: &SiteItem, stage: Option<&Running<'_>>) -> (Texts, Vec<Error>) {
        let mut files = BTreeMap::<&Path, Vec<&SitePage>>::new();
        for page in &item.pages {
            if let Some(file) = page.text_path() {
                files.entry(file).or_default().push(page);
            }
        }
        let files: Vec<_> = files.into_iter().collect();
        let reader = Reader { files: self, stage };
        let read: Vec<_> = files.par_iter().map(|(file, pages)| reader.read(file, pages)).collect();
        let (mut texts, mut failures) = (Texts::new(), vec![]);
        for (words, failure) in read {
            texts.extend(words.into_iter().filter(|(_, words)| !words.text.plain.is_empty()));
            failures.extend(failure);
        }
        (texts, failures)
    }
}

/// Whether a file can be read as the text of a page, and says something. One that does not is not published in any form.
pub fn is_text(file: &Path, source: &ContentSource) -> bool {
    let text = bytes(file, files::TEXT, source).and_then(|bytes| text::read(&bytes, file));
    text.is_ok_and(|text| !text.lines.is_empty())
}

fn bytes(file: &Path, limit: u64, source: &ContentSource) -> Result<Vec<u8>> {
    let unreadable = |error| Error::read(ErrorKind::Content, file, error);
    let bytes = source.stamp(file).map_err(unreadable)?.bytes();
    files::check_size(bytes, limit).map_err(unreadable)?;
    let here = source.local(file)?;
    let bytes = files::read(&here.path, limit).map_err(unreadable)?;
    match StandIn::of(&bytes) {
        Some(pointer) => Err(pointer.error(ErrorKind::Content, file)),
        None => Ok(bytes),
    }
}

/// How the text of a page is found in a file with several.
fn part(page: &SitePage) -> Option<&TextPart> {
    page.text.as_ref()?.part()
}

const IN_DOUBT: &str = "its image is turned upright, and nothing says whether the boxes were made before or after; the text is \
                        published without them";

struct Reader<'a, 'b> {
    files: &'a TextFiles<'b>,
    stage: Option<&'a Running<'b>>,
}

impl Reader<'_, '_> {
    /// The texts of `pages` in a file, by their tokens, and a failure if there is one.
    fn read(&self, file: &Path, pages: &[&SitePage]) -> (Vec<(String, PageWords)>, Option<Error>) {
        let refused = self.files.refused.lock().get(file).cloned();
        let read = refused.map_or_else(|| self.texts(file, pages), Err);
        let (texts, failure) = read.unwrap_or_else(|error| {
            self.files.refused.lock().insert(file.to_path_buf(), error.clone());
            (vec![], Some(error))
        });
        let words = |(page, text): (&&SitePage, Option<PageText>)| {
            Some((page.token.clone(), self.on_canvas(text?, page, file)))
        };
        (pages.iter().zip(texts).filter_map(words).collect(), failure)
    }

    /// The texts of `pages` in a file, in their order, and the damage of the file.
    fn texts(&self, file: &Path, pages: &[&SitePage]) -> Result<(Vec<Option<PageText>>, Option<Error>)> {
        match pages {
            [page] if part(page).is_none() => self.whole(file, page).map(|text| (vec![Some(text)], None)),
            _ => {
                let unknown = TextPart::default();
                self.parts(file, &pages.iter().map(|page| part(page).unwrap_or(&unknown)).collect::<Vec<_>>())
            }
        }
    }

    /// The text of a page in a file of its own.
    fn whole(&self, file: &Path, page: &SitePage) -> Result<PageText> {
        let bytes = bytes(file, files::TEXT, self.files.source)?;
        match page.image {
            Some(_) => text::read(&bytes, file),
            None => text::read_transcript(&bytes, file),
        }
    }

    /// The texts that a file has of several pages, and its damage.
    fn parts(&self, file: &Path, parts: &[&TextPart]) -> Result<(Vec<Option<PageText>>, Option<Error>)> {
        let book = text::read_book(&bytes(file, files::BOOK, self.files.source)?, file)?;
        let Shares { texts, remarks, damage } = text::share_out(book, parts);
        remarks.into_iter().for_each(|remark| self.found(file, remark));
        Ok((texts, damage))
    }

    fn on_canvas(&self, text: PageText, page: &SitePage, file: &Path) -> PageWords {
        let format = text.format;
        let Some(image) = &page.image else {
            return PageWords { text: text.scaled(Size::new(0, 0), None), format };
        };
        let canvas = image.pyramid.full;
        let Upright { text, is_in_doubt } = text.upright(image.orientation, canvas);
        let words = text.scaled(canvas, None);
        let found = |message: &str| match part(page) {
            None => self.found(file, message.to_owned()),
            Some(_) => self.found(file, format!("page {:?}: {message}", page.token)),
        };
        if is_in_doubt {
            found(IN_DOUBT);
        }
        if words.is_distorted {
            found("its page has other proportions than the image; is it the text of another one?");
        }
        if words.left_out > 0 {
            found(&format!("{} boxes are left out, for nothing says where they are on the page", words.left_out));
        }
        if words.clipped > 0 {
            found(&format!("{} boxes reach beyond the page and are cut", words.clipped));
        }
        PageWords { text: words, format }
    }

    fn found(&self, file: &Path, message: String) {
        if let Some(stage) = self.stage {
            stage.found(Diagnostic::new(Code::PageText, message).with_path(file));
        }
    }
}
