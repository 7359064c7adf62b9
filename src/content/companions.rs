//! Images and recordings that belong to a page or an item without being a page: which file is what to which.

use super::pages::{Sources, check, file_name};
use crate::address::normalised;
use crate::error::Result;
use crate::media;
use crate::model::{Companion, CompanionRole, Description, Detail, Layer, Range};
use std::collections::BTreeSet;

impl Sources<'_> {
    /// Files that some description names as being no page of their own.
    pub(super) fn companion_names(&self) -> BTreeSet<&str> {
        let pages = self.description.pages.iter().map(|(name, page)| (name.as_str(), page));
        let all = std::iter::once(("", self.description)).chain(pages);
        all.flat_map(|(own, description)| named_images(own, description)).map(|(file, ..)| file).collect()
    }

    /// Those of the page in the file `own`, or of the item.
    pub(super) fn companions(&self, own: &str, description: &Description) -> Result<Vec<Companion>> {
        named_images(own, description)
            .into_iter()
            .map(|(file, key, role)| {
                let image = self.images.iter().find(|image| file_name(image) == file);
                let path = image
                    .ok_or_else(|| self.wrong(format!("`{key}` names {file:?}, but the item has no such image")))?;
                let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
                // A recording has no image id, and often the stem of its page.
                let token = normalised(if role.is_recording() { file } else { stem });
                check(&token, path, file)?;
                Ok(Companion { path: path.clone(), token, role })
            })
            .collect()
    }
}

/// The images that the description of the page in the file `own` names beside that one, with the key that does and what
/// they are to it.
fn named_images<'a>(own: &str, description: &'a Description) -> Vec<(&'a str, &'static str, CompanionRole)> {
    let Description { layers, details, placeholder, accompanying, followed_by, .. } = description;
    let layer = |Layer { file, label }: &'_ Layer| match media::kind_of_name(file) {
        None => CompanionRole::Layer { label: label.clone() },
        Some(_) => CompanionRole::Recording { label: label.clone() },
    };
    let detail = |detail: &'_ Detail| CompanionRole::Detail { label: detail.label.clone(), at: detail.at };
    let layers =
        layers.iter().filter(|named| named.file != own).map(|named| (named.file.as_str(), "layers", layer(named)));
    let details = details.iter().map(|named| (named.file.as_str(), "details", detail(named)));
    let placeholder = placeholder.iter().map(|file| (file.as_str(), "placeholder", CompanionRole::Placeholder));
    let accompanying = accompanying.iter().map(|file| (file.as_str(), "accompanying", CompanionRole::Accompanying));
    let thumbnails = thumbnails(&description.structures).into_iter();
    let thumbnails = thumbnails.map(|file| (file, "thumbnail", CompanionRole::Thumbnail { file: file.to_owned() }));
    let sequels = followed_by.0.iter().map(|file| (file.as_str(), "followed-by", CompanionRole::Sequel));
    layers.chain(details).chain(sequels).chain(placeholder).chain(accompanying).chain(thumbnails).collect()
}

/// The images that ranges name, each once.
fn thumbnails(ranges: &[Range]) -> BTreeSet<&str> {
    let own = ranges.iter().filter_map(|range| range.thumbnail.as_deref());
    own.chain(ranges.iter().flat_map(|range| thumbnails(&range.structures))).collect()
}
