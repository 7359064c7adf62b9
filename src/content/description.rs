//! Metadata files: `item.toml` and `collection.toml`.

use super::check::{Kind, check};
use crate::config::{Config, at_key, parse_toml};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Description, LanguageMap, Link};
use crate::settings::ImageSettings;
use std::fs;
use std::path::Path;

pub const ITEM_FILE: &str = "item.toml";
pub const COLLECTION_FILE: &str = "collection.toml";

/// Reads `file` of a folder; a folder without it is described by nothing. Answers also how its images are published
/// where they are `images` above it.
pub fn read(folder: &Path, file: &str, config: &Config, images: ImageSettings) -> Result<(Description, ImageSettings)> {
    let path = folder.join(file);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Description::default(), images)),
        Err(error) => return Err(Error::read(ErrorKind::Content, &path, error)),
    };
    let description: Description = parse_toml(&text, &path, ErrorKind::Content)?;
    let kind = if file == COLLECTION_FILE { Kind::Collection } else { Kind::Item };
    check(&description, kind).map_err(|why| Error::new(ErrorKind::Content, why).with_path(&path))?;
    let images = description.images.over(images).map_err(|refused| {
        let error = Error::new(ErrorKind::Content, refused.why).with_path(&path);
        at_key(error, &text, &["images", refused.key])
    })?;
    let images = ImageSettings { lossless: config.lossless.unwrap_or(images.lossless), ..images };
    Ok((in_language(description, &config.language), images))
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
    for page in description.pages.values_mut() {
        *page = in_language(std::mem::take(page), language);
    }
    description
}
