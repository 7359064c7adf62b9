//! The captions and transcripts of recordings. Captions are those that a description names, else those that are found by their
//! names: `interview.en.vtt` belongs to `interview.mp3` and is in English.

use super::Scan;
use super::folder::Folder;
use super::naming::{file_name, without_ending};
use crate::config::files;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind};
use crate::input::media::{self, captions};
use crate::input::{language, text};
use crate::model::address::normalised;
use crate::model::{Caption, Description, LanguageMap, Page, is_language_tag};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

impl Scan<'_> {
    /// Adds to `description` the captions beside the recordings among `files`, and takes out those that cannot be read.
    pub(super) fn captions(
        &mut self,
        description: &mut Description,
        files: &[PathBuf],
        beside: &[PathBuf],
        folder: &Folder,
    ) {
        add(description, files, beside, folder);
        for page in description.pages.values_mut() {
            page.captions.0.retain(|caption| self.is_readable(caption, folder));
        }
    }

    /// Takes the transcripts from `pages` that cannot be read or are empty.
    pub(super) fn transcripts(&mut self, pages: &mut [Page]) {
        for page in pages.iter_mut().filter(|page| page.recording.is_some()) {
            page.text.take_if(|file| !self.has_words(&file.path));
        }
    }

    fn has_words(&mut self, transcript: &Path) -> bool {
        let read = self.source.read(transcript, files::TEXT);
        let read = read.map_err(|error| Error::read(ErrorKind::Content, transcript, error));
        match read.and_then(|bytes| text::read_transcript(&bytes, transcript)) {
            Ok(text) => !text.lines.is_empty(),
            Err(error) => {
                self.fail(error);
                false
            }
        }
    }

    /// Whether captions can be published. Those that are not there are reported with other files that a description names.
    fn is_readable(&mut self, caption: &Caption, folder: &Folder) -> bool {
        let path = folder.path.join(&caption.file);
        if !caption.is_converted() || !self.source.is_file(&path) {
            return true;
        }
        let read = self.source.read(&path, files::TEXT).map_err(|error| Error::read(ErrorKind::Content, &path, error));
        match read.and_then(|bytes| captions::webvtt(&bytes, &path)) {
            Ok(read) => {
                let found =
                    |remark: &captions::Remark| Diagnostic::new(Code::Captions, remark.to_string()).with_path(&path);
                self.diagnostics.extend(read.remarks.iter().map(found));
                true
            }
            Err(error) => {
                self.fail(error);
                false
            }
        }
    }
}

/// Gives each recording that has no captions by its description those of the files `beside` that have its name.
fn add(description: &mut Description, files: &[PathBuf], beside: &[PathBuf], folder: &Folder) {
    let recordings: Vec<&Path> = files.iter().map(PathBuf::as_path).filter(|file| is_recording(file)).collect();
    if beside.is_empty() || recordings.is_empty() {
        return;
    }
    // WebVTT before SubRip, each in the order of names.
    let mut beside: Vec<(bool, &PathBuf)> = beside.iter().map(|file| (!is_webvtt(file), file)).collect();
    beside.sort();
    let names = Names::of(&recordings);
    let mut found = BTreeMap::<String, BTreeMap<Option<String>, String>>::new();
    for (_, file) in beside {
        let Some(path) = below(file, folder) else { continue };
        let (of, language) = names.of_captions(&stem(file));
        for recording in of {
            found.entry(recording).or_default().entry(language.clone()).or_insert_with(|| path.clone());
        }
    }
    for (recording, captions) in found {
        let page = description.pages.entry(recording).or_default();
        if !page.captions.0.is_empty() {
            continue;
        }
        let is_choice = captions.len() > 1;
        page.captions.0.extend(captions.into_iter().map(|(language, file)| {
            let label = language.as_deref().filter(|_| is_choice).map(label).unwrap_or_default();
            Caption { file, label, language }
        }));
    }
}

fn label(language: &str) -> LanguageMap {
    let code = language.split('-').next().unwrap_or(language);
    LanguageMap::plain(language::name(code).unwrap_or(language)).in_language("en")
}

/// The names of recordings: without ending, and with it.
struct Names(BTreeMap<String, Vec<String>>);

impl Names {
    fn of(recordings: &[&Path]) -> Names {
        let mut names = BTreeMap::<String, Vec<String>>::new();
        for recording in recordings {
            let name = file_name(recording).into_owned();
            for key in [stem(recording), normalised(&name)] {
                names.entry(key).or_default().push(name.clone());
            }
        }
        Names(names)
    }

    /// The recordings to which captions with this stem belong, and their language.
    fn of_captions(&self, stem: &str) -> (Vec<String>, Option<String>) {
        if let Some(of) = self.0.get(stem) {
            return (of.clone(), None);
        }
        let at = stem.rfind(['.', '_']).or_else(|| stem.rfind('-'));
        let Some((base, tag)) = at.map(|at| (&stem[..at], &stem[at + 1..])) else { return (vec![], None) };
        match self.0.get(base).filter(|_| is_language(tag)) {
            Some(of) => (of.clone(), Some(tag.to_owned())),
            None => (vec![], None),
        }
    }
}

/// Whether a part of a name is the tag of a language that there is.
fn is_language(tag: &str) -> bool {
    let code = tag.split('-').next().unwrap_or(tag);
    matches!(code.len(), 2 | 3) && is_language_tag(tag) && language::name(code).is_some()
}

fn is_recording(file: &Path) -> bool {
    media::kind_of_name(&file_name(file)).is_some()
}

fn is_webvtt(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("vtt"))
}

fn stem(file: &Path) -> String {
    normalised(without_ending(&file_name(file)))
}

/// The path below the item's folder, `/`-separated.
fn below(file: &Path, folder: &Folder) -> Option<String> {
    let names: Option<Vec<&str>> = file.strip_prefix(&folder.path).ok()?.iter().map(|name| name.to_str()).collect();
    Some(names?.join("/"))
}
