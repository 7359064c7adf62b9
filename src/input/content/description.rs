//! The metadata files that a curator writes: `item.toml` and `collection.toml`, or the same keys in YAML.
//!
//! Files beside them can change the whole document: `manifest.extra.json` is merged into it (RFC 7396), then
//! `manifest.patch.json` is applied (RFC 6902). For a collection they are called `collection.extra.json` and
//! `collection.patch.json`.

use super::check::{Subject, check, is_inner};
use super::examples;
use crate::config::files;
use crate::config::{Config, Mistake, Read, locate, read_toml};
use crate::diagnostics::syntax;
use crate::diagnostics::words::in_plain_words;
use crate::error::{Error, ErrorKind, Position, Result};
use crate::input::budget::Budget;
use crate::input::source::ContentSource;
use crate::input::yaml::{self, read_yaml};
use crate::model::settings::{ImageSettings, Refused};
use crate::model::{Description, LanguageMap, Link, PagePattern, Range};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};

pub const ITEM_FILE: &str = "item.toml";
pub const COLLECTION_FILE: &str = "collection.toml";

/// The names of amendments, each with the metadata file that it stands beside.
pub const AMENDMENTS: [(&str, &str); 4] = [
    ("manifest.extra.json", ITEM_FILE),
    ("manifest.patch.json", ITEM_FILE),
    ("collection.extra.json", COLLECTION_FILE),
    ("collection.patch.json", COLLECTION_FILE),
];

/// A description may always take so many times its own size in memory.
const TIMES: u64 = 16;

/// The endings of a metadata file in YAML.
const YAML: [&str; 2] = ["yaml", "yml"];

/// The names that the metadata file `file` may have: its own, and those in YAML.
pub fn forms(file: &str) -> impl Iterator<Item = String> {
    let stem = file.strip_suffix("toml").unwrap_or(file).to_owned();
    std::iter::once(file.to_owned()).chain(YAML.iter().map(move |ending| format!("{stem}{ending}")))
}

/// Whether `files` has the metadata file `file`, in TOML or YAML.
pub fn is_among(files: &[String], file: &str) -> bool {
    forms(file).any(|form| files.contains(&form))
}

/// The content of a metadata file, and the settings that hold below its folder.
pub struct MetadataFile {
    pub description: Description,
    /// How images are published, here and below.
    pub images: ImageSettings,
    /// The user's rule for reading names, if the file has one.
    pub pattern: Option<PagePattern>,
}

impl MetadataFile {
    /// That of a folder without one. Its images are published as `images` says, which holds above it.
    pub fn none(images: &ImageSettings) -> MetadataFile {
        MetadataFile { description: Description::default(), images: images.clone(), pattern: None }
    }
}

/// A metadata file with its amendments, and all their mistakes.
pub struct Described {
    /// Without the parts that have a mistake.
    pub file: MetadataFile,
    pub mistakes: Vec<Error>,
    /// Nothing of it can be read.
    pub is_broken: bool,
}

impl Described {
    fn broken(error: Error, images: &ImageSettings) -> Described {
        Described { file: MetadataFile::none(images), mistakes: vec![error], is_broken: true }
    }
}

/// Reads `file` of a folder, in TOML or YAML, and the amendments beside it. A folder without it has an empty description, and
/// its images are published as `images` says, which holds above it.
///
/// Mistakes have line and column. A folder that has the file in two forms is one.
pub fn read(folder: &Path, file: &str, config: &Config, source: &ContentSource, images: &ImageSettings) -> Described {
    let mut described = match find(folder, file, source) {
        Ok(None) => Described { file: MetadataFile::none(images), mistakes: vec![], is_broken: false },
        Ok(Some(text)) => text.described(folder, config, images),
        Err(error) => Described::broken(error, images),
    };
    described.mistakes.extend(amend(folder, file, source, &mut described.file.description));
    described
}

/// The text of a metadata file.
pub struct MetadataText {
    pub path: PathBuf,
    text: String,
    subject: Subject,
}

impl MetadataText {
    /// The position of a name that the file has as a value or a key of its own.
    pub fn position_of(&self, name: &str) -> Option<Position> {
        let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-' | '/'));
        let stands_alone = |at: usize| {
            let (before, after) = (&self.text[..at], &self.text[at + name.len()..]);
            is_end(before.chars().next_back()) && is_end(after.chars().next())
        };
        let at = self.text.match_indices(name).map(|(at, _)| at).find(|at| stands_alone(*at))?;
        Some(Position::of(&self.text, at))
    }

    fn is_yaml(&self) -> bool {
        self.path.extension().is_some_and(|ending| YAML.iter().any(|yaml| ending == *yaml))
    }

    fn described(&self, folder: &Path, config: &Config, above: &ImageSettings) -> Described {
        let MetadataText { path, text, .. } = self;
        if let Err(error) = Budget::new(text.len(), TIMES).take_values(text.as_bytes()) {
            return Described::broken(error.with_path(path), above);
        }
        let read: Read<Description> = if self.is_yaml() { read_yaml(text) } else { read_toml(text) };
        let Read { value: mut description, mut mistakes, is_broken } = read;
        mistakes.extend(check(&description, self.subject));
        // What is named outside of the folder is told by now, and never opened.
        description.retain_files(&is_inner);
        description.annotations.0.retain(|set| is_inner(&set.file));
        let images = description.images.over(above.clone(), folder).unwrap_or_else(|refused| {
            let wrong = |refused: Refused| Mistake::at(refused.key, refused.why).within("images");
            mistakes.extend(refused.into_iter().map(wrong));
            above.clone()
        });
        let is_outside = images.watermark.as_ref().is_some_and(|watermark| !is_of_project(&watermark.file, config));
        let outside = Mistake::at("watermark", "the watermark lies outside the project").within("images");
        mistakes.extend(is_outside.then_some(outside));
        let images = if is_outside { above.clone() } else { images };
        let pattern = description.page_pattern.as_deref().map(PagePattern::compile).transpose();
        let pattern = pattern.unwrap_or_else(|why| {
            mistakes.push(Mistake::at("page-pattern", format!("`page-pattern` cannot be used: {why}")));
            None
        });
        let images = ImageSettings { lossless: config.lossless.unwrap_or(images.lossless), ..images };
        let file = MetadataFile { description: in_language(description, &config.language), images, pattern };
        Described { file, mistakes: self.errors(mistakes), is_broken }
    }

    /// The errors about the file, in the order of its lines, each with an example.
    fn errors(&self, mut mistakes: Vec<Mistake>) -> Vec<Error> {
        if self.is_yaml() {
            yaml::locate(&self.text, &mut mistakes)
        } else {
            locate(&self.text, &mut mistakes)
        }
        mistakes.sort_by_key(|mistake| mistake.position.map(|at| (at.line, at.column)));
        let error = |mistake: Mistake| {
            let example = examples::of(&mistake, self.is_yaml());
            let error = mistake.error(ErrorKind::Content, &self.path);
            example.into_iter().fold(error, Error::with_hint)
        };
        mistakes.into_iter().map(error).collect()
    }
}

/// The metadata file, if the folder has it.
pub fn find(folder: &Path, file: &str, source: &ContentSource) -> Result<Option<MetadataText>> {
    let subject = if file == COLLECTION_FILE { Subject::Collection } else { Subject::Item };
    let mut found: Option<MetadataText> = None;
    for form in forms(file) {
        let path = folder.join(&form);
        let text = match source.read_to_string(&path, files::DESCRIPTION) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::read(ErrorKind::Content, &path, error)),
        };
        if let Some(first) = &found {
            let first = first.path.file_name().unwrap_or_default().to_string_lossy();
            let why = format!("the folder is described twice, by {first} and by {form}");
            return Err(Error::new(ErrorKind::Content, why).with_path(folder).with_hint("keep one of the files"));
        }
        found = Some(MetadataText { path, text, subject });
    }
    Ok(found)
}

/// Declares all values without a language to be in `language`.
fn in_language(mut description: Description, language: &str) -> Description {
    let set = |map: &mut LanguageMap| *map = std::mem::take(map).in_language(language);
    let set_links = |links: &mut Vec<Link>| links.iter_mut().for_each(|link| set(&mut link.label));
    set(&mut description.label);
    set(&mut description.summary);
    set(&mut description.alt);
    for pair in description.metadata.iter_mut().chain(&mut description.required_statement) {
        set(&mut pair.label);
        set(&mut pair.value);
    }
    for provider in &mut description.provider.0 {
        set(&mut provider.label);
        set_links(&mut provider.homepage.0);
    }
    set_links(&mut description.homepage.0);
    set_links(&mut description.see_also.0);
    set_links(&mut description.rendering.0);
    set_links(&mut description.part_of.0);
    description.layers.iter_mut().for_each(|layer| set(&mut layer.label));
    description.details.iter_mut().for_each(|detail| set(&mut detail.label));
    description.annotations.0.iter_mut().for_each(|annotations| set(&mut annotations.label));
    let beside = description.placeholder.iter_mut().chain(&mut description.accompanying);
    beside.for_each(|named| set(&mut named.label));
    description.captions.0.iter_mut().for_each(|caption| set(&mut caption.label));
    description.structures.iter_mut().for_each(|range| range_in_language(range, language));
    for page in description.pages.values_mut() {
        *page = in_language(std::mem::take(page), language);
    }
    description
}

fn range_in_language(range: &mut Range, language: &str) {
    range.label = std::mem::take(&mut range.label).in_language(language);
    if let Some(further) = &mut range.further {
        **further = in_language(std::mem::take(further), language);
    }
    range.structures.iter_mut().for_each(|range| range_in_language(range, language));
}

/// The names of the amendments that may stand beside `file`.
pub fn amendments_of(file: &str) -> impl Iterator<Item = &'static str> + '_ {
    AMENDMENTS.iter().filter(move |(_, beside)| *beside == file).map(|(name, _)| *name)
}

/// Adds the amendments beside `file` in `folder` to its description, and returns their mistakes.
fn amend(folder: &Path, file: &str, source: &ContentSource, description: &mut Description) -> Vec<Error> {
    let mut mistakes = vec![];
    for name in amendments_of(file) {
        let path = folder.join(name);
        if name.ends_with(".extra.json") {
            match read_json::<Map<String, Value>>(&path, source, "a JSON object") {
                Ok(extra) => description.extra.extend(extra.into_iter().flatten()),
                Err(error) => mistakes.push(error),
            }
        } else {
            match read_json::<Vec<Value>>(&path, source, "a JSON Patch, a list of operations") {
                Ok(patch) => {
                    mistakes.extend(wrong_operations(patch.as_deref().unwrap_or_default(), &path));
                    description.patch = patch;
                }
                Err(error) => mistakes.push(error),
            }
        }
    }
    mistakes
}

/// An error for each operation of a patch that is not valid.
fn wrong_operations(patch: &[Value], path: &Path) -> Vec<Error> {
    let wrong = |(index, operation): (usize, &Value)| {
        let error = serde_json::from_value::<json_patch::PatchOperation>(operation.clone()).err()?;
        let why = in_plain_words(&error.to_string());
        let message = format!("operation {} is none of JSON Patch (RFC 6902): {why}", index + 1);
        Some(Error::new(ErrorKind::Content, message).with_path(path))
    };
    patch.iter().enumerate().filter_map(wrong).collect()
}

/// The content of a JSON file; `None` if there is no such file.
fn read_json<T: DeserializeOwned>(path: &Path, source: &ContentSource, expected: &str) -> Result<Option<T>> {
    let bytes = match source.read(path, files::DESCRIPTION) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::read(ErrorKind::Content, path, error)),
    };
    Budget::new(bytes.len(), TIMES).take_values(&bytes).map_err(|error| error.with_path(path))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        let position = Position { line: error.line(), column: error.column().max(1) };
        let why = syntax::of_json(&error.to_string());
        Error::new(ErrorKind::Content, format!("expected {expected}: {why}")).with_path(path).with_position(position)
    })
}

/// The files that settings name as watermarks, as far as they are read. Such a file is not a page.
#[derive(Clone, Default)]
pub struct Watermarks(BTreeSet<PathBuf>);

impl Watermarks {
    pub fn note(&mut self, settings: &ImageSettings) {
        self.0.extend(settings.watermark.as_ref().map(|watermark| plain(&watermark.file)));
    }

    pub fn contains(&self, file: &Path) -> bool {
        self.0.contains(file)
    }
}

/// Whether a file that metadata names lies in the project or in its content, as it is written. That of the settings may lie
/// anywhere.
fn is_of_project(file: &Path, config: &Config) -> bool {
    let absolute = |path: &Path| plain(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
    let of_settings = config.images.watermark.as_ref().map(|watermark| watermark.file.as_path());
    let is_below = |folder: &Path| absolute(file).starts_with(absolute(folder));
    of_settings == Some(file) || is_below(&config.content) || is_below(&config.root)
}

/// The path without `.` and `..`, as SCAN names files.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir if plain.file_name().is_some() => drop(plain.pop()),
            component => plain.push(component),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_plain_without_its_detours() {
        assert_eq!(plain(Path::new("content/a/../b/./mark.png")), Path::new("content/b/mark.png"));
        assert_eq!(plain(Path::new("../mark.png")), Path::new("../mark.png"));
    }
}
