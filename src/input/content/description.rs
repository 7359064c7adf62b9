//! Metadata files: `item.toml` and `collection.toml`, or the same keys in YAML.

use super::check::{Kind, check};
use crate::config::{Config, at_key, parse_toml};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::input::yaml::{self, parse_yaml};
use crate::model::settings::ImageSettings;
use crate::model::{Description, LanguageMap, Link, PagePattern, Range};
use std::path::{Path, PathBuf};

pub const ITEM_FILE: &str = "item.toml";
pub const COLLECTION_FILE: &str = "collection.toml";

/// The endings that stand for `.toml` where the file is YAML.
const YAML: [&str; 2] = ["yaml", "yml"];

/// The names that a metadata file may have: `file`, and the same in YAML.
pub fn forms(file: &str) -> impl Iterator<Item = String> {
    let stem = file.strip_suffix("toml").unwrap_or(file).to_owned();
    std::iter::once(file.to_owned()).chain(YAML.iter().map(move |ending| format!("{stem}{ending}")))
}

/// Whether one of `files` is `file`, in whatever form.
pub fn is_among(files: &[String], file: &str) -> bool {
    forms(file).any(|form| files.contains(&form))
}

/// What a metadata file says, and what holds below its folder.
pub struct MetadataFile {
    pub description: Description,
    /// How images are published.
    pub images: ImageSettings,
    /// How names are read, if it says so.
    pub pattern: Option<PagePattern>,
}

/// Reads `file` of a folder, or the same in YAML; a folder without it is described by nothing, and its images are
/// published as `images` says, which holds above it.
///
/// # Errors
/// Mistakes in the file, with line and column; a folder that has it in two forms.
pub fn read(
    folder: &Path,
    file: &str,
    config: &Config,
    source: &ContentSource,
    images: &ImageSettings,
) -> Result<MetadataFile> {
    let Some((path, text)) = find(folder, file, source)? else {
        return Ok(MetadataFile { description: Description::default(), images: images.clone(), pattern: None });
    };
    let is_yaml = path.extension().is_some_and(|ending| YAML.iter().any(|yaml| ending == *yaml));
    let description: Description = match is_yaml {
        true => parse_yaml(&text, &path, ErrorKind::Content)?,
        false => parse_toml(&text, &path, ErrorKind::Content)?,
    };
    let kind = if file == COLLECTION_FILE { Kind::Collection } else { Kind::Item };
    let wrong = |why: &str, keys: &[&str]| {
        let error = Error::new(ErrorKind::Content, why).with_path(&path);
        if is_yaml { yaml::at_key(error, &text, keys) } else { at_key(error, &text, keys) }
    };
    check(&description, kind).map_err(|mistake| wrong(&mistake.why, &mistake.keys()))?;
    let images = description.images.over(images.clone(), folder);
    let images = images.map_err(|refused| wrong(&refused.why, &["images", refused.key]))?;
    let pattern = description.page_pattern.as_deref().map(PagePattern::compile).transpose();
    let pattern = pattern.map_err(|why| wrong(&format!("`page-pattern` cannot be used: {why}"), &["page-pattern"]))?;
    let images = ImageSettings { lossless: config.lossless.unwrap_or(images.lossless), ..images };
    Ok(MetadataFile { description: in_language(description, &config.language), images, pattern })
}

/// The one form of `file` that a folder has, with its text.
fn find(folder: &Path, file: &str, source: &ContentSource) -> Result<Option<(PathBuf, String)>> {
    let mut found: Option<(PathBuf, String)> = None;
    for form in forms(file) {
        let path = folder.join(&form);
        let text = match source.read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
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

/// Says of all values of no known language that they are in the site's.
fn in_language(mut description: Description, language: &str) -> Description {
    let set = |map: &mut LanguageMap| *map = std::mem::take(map).in_language(language);
    let set_links = |links: &mut Vec<Link>| links.iter_mut().for_each(|link| set(&mut link.label));
    set(&mut description.label);
    set(&mut description.summary);
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
