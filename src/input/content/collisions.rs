//! Two sources for one address: never one over the other in silence, both are refused by name.
//!
//! Addresses collide too where a file system folds case or normalises Unicode.

use crate::diagnostics::Code;
use crate::error::{Error, ErrorKind};
use crate::input::source::ContentSource;
use crate::model::address::collision_key;
use crate::model::{Collection, Item, Member};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

/// Takes items and pages out whose ids or addresses are taken; answers an error for each.
pub fn remove(root: &mut Collection, source: &ContentSource) -> Vec<Error> {
    let empty = HashMap::new;
    let mut seen = Seen { source, items: empty(), addresses: empty(), images: empty(), errors: vec![] };
    seen.collection(root);
    seen.errors
}

struct Seen<'a> {
    source: &'a ContentSource,
    /// Ids and addresses by their folded form, with the folder or file that has them.
    items: HashMap<String, PathBuf>,
    addresses: HashMap<String, PathBuf>,
    images: HashMap<String, PathBuf>,
    errors: Vec<Error>,
}

impl Seen<'_> {
    fn collection(&mut self, collection: &mut Collection) {
        let members = std::mem::take(&mut collection.members);
        collection.members = members
            .into_iter()
            .filter_map(|member| match member {
                Member::Collection(mut inner) => {
                    let folder = PathBuf::from(inner.path.as_str());
                    self.take(Kind::Address, inner.path.as_str(), &folder).then(|| {
                        self.collection(&mut inner);
                        Member::Collection(inner)
                    })
                }
                Member::Item(item) => self.item(item).map(Member::Item),
            })
            .collect();
    }

    fn item(&mut self, mut item: Item) -> Option<Item> {
        let folder = item
            .pages
            .iter()
            .find_map(|page| page.file())
            .and_then(Path::parent)
            .unwrap_or(Path::new(""))
            .to_path_buf();
        if !self.take(Kind::Address, item.path.as_str(), &folder) || !self.take(Kind::Item, &item.id.0, &folder) {
            return None;
        }
        let Item { id, pages, companions, .. } = &mut item;
        let mut take = |token: &str, path: Option<&Path>| {
            self.take(Kind::Image, &format!("{id}_{token}"), path.unwrap_or(&folder))
        };
        pages.retain(|page| take(&page.token, page.image.as_deref().or(page.recording.as_deref())));
        let beside = pages.iter_mut().map(|page| &mut page.companions).chain([companions]);
        beside.for_each(|beside| beside.retain(|companion| take(&companion.token, Some(&companion.path))));
        Some(item)
    }

    /// Whether `name` was free; says who has it if not.
    fn take(&mut self, kind: Kind, name: &str, owner: &Path) -> bool {
        let taken = match kind {
            Kind::Address => &mut self.addresses,
            Kind::Item => &mut self.items,
            Kind::Image => &mut self.images,
        };
        match taken.entry(collision_key(name)) {
            Entry::Vacant(free) => {
                free.insert(owner.to_path_buf());
                true
            }
            // One image may stand in several places.
            Entry::Occupied(same)
                if matches!(kind, Kind::Image) && same.get() == owner && self.source.is_file(owner) =>
            {
                true
            }
            Entry::Occupied(other) => {
                let message = format!("{} {name:?} is also that of {}", kind.name(), other.get().display());
                let taken = Error::new(ErrorKind::Content, message).with_code(Code::IdTaken);
                self.errors.push(taken.with_path(owner).with_hint(kind.hint()));
                false
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Address,
    Item,
    Image,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Address => "its address",
            Kind::Item => "its item id",
            Kind::Image => "its image id",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Kind::Address => "rename one of the folders",
            Kind::Item => "set another `id` in one of the item.toml",
            Kind::Image => "rename one of the files, or give one an `id` below [pages.\"its name\"] in item.toml",
        }
    }
}
