//! Files that belong to a page or an item without being a page: images and recordings that a description names.

use super::misnamed::Misnamed;
use super::naming::{file_name, without_ending};
use super::pages::{PageFinder, check_token};
use crate::error::Result;
use crate::input::media;
use crate::model::address::normalised;
use crate::model::{Companion, CompanionRole, Description, Detail, Layer, Range};
use std::collections::{BTreeMap, BTreeSet};

impl PageFinder<'_> {
    /// The files that a description names as something else than a page.
    pub(super) fn companion_names(&self) -> BTreeSet<&str> {
        let pages = self.description.pages.iter().map(|(name, page)| (name.as_str(), page));
        let all = std::iter::once(("", self.description)).chain(pages);
        all.flat_map(|(own, description)| named_images(own, description)).map(|(file, ..)| file).collect()
    }

    /// The images and recordings that descriptions name beside the pages, and that are not there.
    pub(super) fn absent_companions(&self) -> Vec<Misnamed> {
        let pages = self.description.pages.iter().map(|(name, page)| (name.as_str(), page));
        let named = std::iter::once(("", self.description)).chain(pages);
        let named = named.flat_map(|(own, description)| named_images(own, description));
        let absent = named.filter(|(file, ..)| self.image(file).is_none());
        let said = |(file, key, _): (&str, &str, CompanionRole)| {
            (file.to_owned(), format!("`{key}` names {file:?}, but the item has no such image"))
        };
        let mut absent = absent.map(said).peekable();
        if absent.peek().is_none() {
            return vec![];
        }
        let names: Vec<_> = self.images.iter().map(|image| file_name(image)).collect();
        let known: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        Misnamed::all(absent, &known)
    }

    /// The companions of the page in the file `own`; of the item, if `own` is empty.
    pub(super) fn companions(&self, own: &str, description: &Description) -> Result<Vec<Companion>> {
        let mut found = vec![];
        for (file, _, role) in named_images(own, description) {
            let Some(path) = self.image(file) else { continue };
            // A recording has no image id, and often the stem of its page.
            let token = normalised(if role.is_recording() { file } else { without_ending(file) });
            check_token(&token, path, file)?;
            found.push(Companion { path: path.clone(), token, role });
        }
        Ok(found)
    }
}

/// The other files that the description of the page in the file `own` names, each with the key and the role.
fn named_images<'a>(own: &str, description: &'a Description) -> Vec<(&'a str, &'static str, CompanionRole)> {
    let Description { layers, details, placeholder, accompanying, followed_by, thumbnail, .. } = description;
    let layer = |Layer { file, label }: &'_ Layer| match media::kind_of_name(file) {
        None => CompanionRole::Layer { label: label.clone() },
        Some(_) => CompanionRole::Recording { label: label.clone() },
    };
    let detail = |detail: &'_ Detail| CompanionRole::Detail { label: detail.label.clone(), at: detail.at };
    let layers =
        layers.iter().filter(|named| named.file != own).map(|named| (named.file.as_str(), "layers", layer(named)));
    let details = details.iter().map(|named| (named.file.as_str(), "details", detail(named)));
    let placeholder = placeholder.iter().map(|named| (named.file.as_str(), "placeholder", CompanionRole::Placeholder));
    let accompanying =
        accompanying.iter().map(|named| (named.file.as_str(), "accompanying", CompanionRole::Accompanying));
    let picture = |(file, key): (&'a str, _)| (file, key, CompanionRole::Picture { file: file.to_owned() });
    // The thumbnail of an item is one of its pages.
    let own_picture = thumbnail.iter().filter(|_| !own.is_empty()).map(|file| (file.0.as_str(), "thumbnail"));
    let pictures = own_picture.chain(of_ranges(&description.structures)).map(picture);
    let sequels = followed_by.0.iter().map(|file| (file.as_str(), "followed-by", CompanionRole::Sequel));
    layers.chain(details).chain(sequels).chain(placeholder).chain(accompanying).chain(pictures).collect()
}

/// The images that ranges name, each once, with the first key that does.
fn of_ranges(ranges: &[Range]) -> BTreeMap<&str, &'static str> {
    let mut found = BTreeMap::new();
    for (key, file) in Range::all(ranges).flat_map(Range::images) {
        found.entry(file).or_insert(key);
    }
    found
}
