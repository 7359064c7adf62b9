//! The metadata files that a curator writes: `item.toml` and `collection.toml`, or the same keys in YAML.
//!
//! Files beside them can change the whole document: `manifest.extra.json` is merged into it (RFC 7396), then
//! `manifest.patch.json` is applied (RFC 6902). For a collection they are called `collection.extra.json` and
//! `collection.patch.json`.

use super::check::{Subject, check};
use crate::config::files;
use crate::config::{Config, at_key, parse_toml};
use crate::error::{Error, ErrorKind, Position, Result};
use crate::input::budget::Budget;
use crate::input::source::ContentSource;
use crate::input::yaml::{self, parse_yaml};
use crate::model::settings::ImageSettings;
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

/// Reads `file` of a folder, in TOML or YAML. A folder without it has an empty description, and its images are published as
/// `images` says, which holds above it.
///
/// # Errors
/// Mistakes in the files, with line and column; a folder that has the file in two forms.
pub fn read(
    folder: &Path,
    file: &str,
    config: &Config,
    source: &ContentSource,
    images: &ImageSettings,
) -> Result<MetadataFile> {
    let Some((path, text)) = find(folder, file, source)? else {
        return Ok(MetadataFile::none(images));
    };
    let is_yaml = path.extension().is_some_and(|ending| YAML.iter().any(|yaml| ending == *yaml));
    let budget = Budget::new(text.len(), TIMES);
    budget.take_values(text.as_bytes()).map_err(|error| error.with_path(&path))?;
    let description: Description = match is_yaml {
        true => parse_yaml(&text, &path, ErrorKind::Content)?,
        false => parse_toml(&text, &path, ErrorKind::Content)?,
    };
    let kind = if file == COLLECTION_FILE { Subject::Collection } else { Subject::Item };
    let wrong = |why: &str, keys: &[&str]| {
        let error = Error::new(ErrorKind::Content, why).with_path(&path);
        if is_yaml { yaml::at_key(error, &text, keys) } else { at_key(error, &text, keys) }
    };
    check(&description, kind).map_err(|mistake| wrong(&mistake.why, &mistake.keys()))?;
    let images = description.images.over(images.clone(), folder);
    let images = images.map_err(|refused| wrong(&refused.why, &["images", refused.key]))?;
    if images.watermark.as_ref().is_some_and(|watermark| !is_of_project(&watermark.file, config)) {
        return Err(wrong("the watermark lies outside the project", &["images", "watermark"]));
    }
    let pattern = description.page_pattern.as_deref().map(PagePattern::compile).transpose();
    let pattern = pattern.map_err(|why| wrong(&format!("`page-pattern` cannot be used: {why}"), &["page-pattern"]))?;
    let images = ImageSettings { lossless: config.lossless.unwrap_or(images.lossless), ..images };
    Ok(MetadataFile { description: in_language(description, &config.language), images, pattern })
}

/// The path and text of the metadata file, if the folder has it.
fn find(folder: &Path, file: &str, source: &ContentSource) -> Result<Option<(PathBuf, String)>> {
    let mut found: Option<(PathBuf, String)> = None;
    for form in forms(file) {
        let path = folder.join(&form);
        let text = match source.read_to_string(&path, files::DESCRIPTION) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::read(ErrorKind::Content, &path, error)),
        };
        if let Some((first, _)) = &found {
            let first = first.file_name().unwrap_or_default().to_string_lossy();
            let why = format!("the folder is described twice, by {first} and by {form}");
            return Err(Error::new(ErrorKind::Content, why).with_path(folder).with_hint("keep one of the files"));
        }
        found = Some((path, text));
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

/// Adds the amendments beside `file` in `folder` to its description.
pub fn amend(folder: &Path, file: &str, source: &ContentSource, description: &mut Description) -> Result<()> {
    for name in amendments_of(file) {
        let path = folder.join(name);
        if name.ends_with(".extra.json") {
            let extra: Option<Map<String, Value>> = read_json(&path, source, "a JSON object")?;
            description.extra.extend(extra.into_iter().flatten());
        } else {
            description.patch = read_json(&path, source, "a JSON Patch, a list of operations")?;
            check_operations(description.patch.as_deref().unwrap_or_default(), &path)?;
        }
    }
    Ok(())
}

/// Refuses a patch with an invalid operation.
fn check_operations(patch: &[Value], path: &Path) -> Result<()> {
    for (index, operation) in patch.iter().enumerate() {
        serde_json::from_value::<json_patch::PatchOperation>(operation.clone()).map_err(|error| {
            let message = format!("operation {} is none of RFC 6902: {error}", index + 1);
            Error::new(ErrorKind::Content, message).with_path(path)
        })?;
    }
    Ok(())
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
        let position = Position { line: error.line(), column: error.column() };
        Error::new(ErrorKind::Content, format!("expected {expected}: {error}")).with_path(path).with_position(position)
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
