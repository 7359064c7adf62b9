//! The addresses that withheld content would have. A deploy deletes what lies there at once, and asks no question about
//! it.
//!
//! The state must not name what is withheld, so it holds hashes. A path of the site can be looked up in them.

use crate::model::WithheldAddress;
use crate::model::address::{BY, PAGE};
use crate::model::{IMAGES, IMAGES_2};
use crate::storage::fingerprint::Hash;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn(BTreeSet<Hash>);

impl Withdrawn {
    pub fn of<'a>(addresses: impl IntoIterator<Item = &'a WithheldAddress>) -> Withdrawn {
        Withdrawn(addresses.into_iter().flat_map(marks).collect())
    }

    /// Whether the artifact at `path` belongs to something withheld. `path`: a file, or the folder of an image.
    pub fn holds(&self, path: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let image = [IMAGES, IMAGES_2].iter().find_map(|images| path.strip_prefix(images)?.strip_prefix('/'));
        match image.and_then(|rest| rest.split('/').next()) {
            Some(id) => self.holds_image(id),
            None => self.holds_file(path),
        }
    }

    fn holds_image(&self, id: &str) -> bool {
        let leaf_of = id.rsplit_once('-').filter(|(_, leaf)| leaf.bytes().all(|byte| byte.is_ascii_digit()));
        let is_page = [Some(id), leaf_of.map(|(page, _)| page)].into_iter().flatten().any(|id| self.has("image", id));
        is_page || id.match_indices(['_', '-']).any(|(end, _)| self.has("images", &id[..end]))
    }

    fn holds_file(&self, path: &str) -> bool {
        let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        folders.chain([path]).any(|above| {
            let below = path[above.len()..].split('/').filter(|name| !name.is_empty());
            let is_of_page = |name: &str| {
                let stems = name.match_indices('.').map(|(end, _)| &name[..end]).chain([name]);
                stems.into_iter().any(|token| self.has("page", &format!("{above}/{token}")))
            };
            self.has("folder", above) || below.into_iter().any(is_of_page)
        }) || self.holds_part(path)
    }

    /// Whether the file may tell of several pages or items of its folder, one of which is withheld: all words of an item, a
    /// linked file, a set of annotations, a list. Files of single pages have their own addresses.
    fn holds_part(&self, path: &str) -> bool {
        let folders = path.match_indices('/').map(|(end, _)| (&path[..end], &path[end + 1..]));
        let is_shared = |rest: &str| {
            let mut names = rest.split('/');
            match names.next() {
                Some("files" | "text.txt") => true,
                Some("annotations") => names.nth(1).is_some(),
                // The parts of an item's text, their index, and the pages with it.
                Some("text") => rest.ends_with(".json") || rest.ends_with("/index.html"),
                // Lists of members, and of the figures of an item.
                Some(PAGE | BY | "pages") => rest.ends_with("/index.html"),
                _ => false,
            }
        };
        folders.chain([("", path)]).any(|(folder, rest)| is_shared(rest) && self.has("above", folder))
    }

    fn has(&self, kind: &str, name: &str) -> bool {
        self.0.contains(&mark(kind, name))
    }
}

fn marks(address: &WithheldAddress) -> Vec<Hash> {
    let above = |path: &str| {
        let folders: Vec<Hash> = path.match_indices('/').map(|(end, _)| mark("above", &path[..end])).collect();
        folders.into_iter().chain([mark("above", "")])
    };
    match address {
        WithheldAddress::Folder { path, id } => {
            above(path.as_str()).chain([mark("folder", path.as_str()), mark("images", id)]).collect()
        }
        WithheldAddress::Page { item, id, token } => {
            let page = format!("{}/{token}", item.as_str());
            above(&page).chain([mark("image", &format!("{id}_{token}")), mark("page", &page)]).collect()
        }
        WithheldAddress::Image(id) => vec![mark("image", &id.0)],
    }
}

fn mark(kind: &str, name: &str) -> Hash {
    Hash::of(format!("{kind}:{name}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::SitePath;

    #[test]
    fn what_lies_at_the_address_of_withheld_content_is_known_and_its_neighbours_are_not() {
        let path = |path: &str| SitePath::root().join(path);
        let withdrawn = Withdrawn::of(&[
            WithheldAddress::Folder { path: path("letters/anna"), id: "letters-anna".into() },
            WithheldAddress::Page { item: path("maps"), id: "maps".into(), token: "0007".into() },
        ]);
        for gone in [
            "letters/anna/manifest.json",
            "letters/anna/annotations/1.json",
            "iiif/3/letters-anna_1",
            "iiif/3/letters-anna_1/info.json",
            "iiif/2/letters-anna_1",
            "iiif/3/maps_0007",
            "iiif/3/maps_0007-2",
            "maps/0007.xml",
            "maps/annotations/0007.json",
            "maps/annotations/0007.v2.json",
            "maps/annotations/notes/page-7.json",
            "maps/text.txt",
            "maps/text/index.json",
            "maps/text/2.boxes.json",
            "maps/text/2/index.html",
            "letters/files/list.csv",
        ] {
            assert!(withdrawn.holds(gone), "{gone}");
        }
        for other in [
            "letters/annabel/manifest.json",
            "letters/collection.json",
            "iiif/3/letters-annabel_1",
            "iiif/3/maps_0008",
            "maps/manifest.json",
            "maps/annotations/0008.json",
            "maps/text/0008.xml",
            "maps/text/0008.txt",
            "prints/text.txt",
            "prints/text/1.json",
            "0007.xml",
            "index.html",
        ] {
            assert!(!withdrawn.holds(other), "{other}");
        }
    }
}
