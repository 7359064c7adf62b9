//! Ids and addresses that two folders or files would share. The first keeps it, and the second is an error that names
//! both.
//!
//! Addresses collide too if they differ only in case or in the form of Unicode, which some file systems treat as equal.

use crate::diagnostics::{Code, shown_path};
use crate::error::{Error, ErrorKind};
use crate::input::source::ContentSource;
use crate::model::address::collision_key;
use crate::model::{Collection, Item, Member};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

/// Takes out the items and pages whose id or address is taken. Returns an error for each.
pub fn remove(root: &mut Collection, source: &ContentSource) -> Vec<Error> {
    let empty = HashMap::new;
    let mut seen = TakenNames { source, items: empty(), addresses: empty(), images: empty(), errors: vec![] };
    seen.collection(root);
    seen.errors
}

struct TakenNames<'a> {
    source: &'a ContentSource,
    /// By [`collision_key`]: the folder or file that has the id or address.
    items: HashMap<String, PathBuf>,
    addresses: HashMap<String, PathBuf>,
    images: HashMap<String, PathBuf>,
    errors: Vec<Error>,
}

impl TakenNames<'_> {
    fn collection(&mut self, collection: &mut Collection) {
        let members = std::mem::take(&mut collection.members);
        collection.members = members
            .into_iter()
            .filter_map(|member| match member {
                Member::Collection(mut inner) => {
                    let folder = PathBuf::from(inner.path.as_str());
                    self.take(NameKind::Address, inner.path.as_str(), &folder).then(|| {
                        self.collection(&mut inner);
                        Member::Collection(inner)
                    })
                }
                Member::Item(item) => self.item(item).map(Member::Item),
            })
            .collect();
    }

    fn item(&mut self, mut item: Item) -> Option<Item> {
        let first = item.pages.iter().find_map(|page| page.file());
        let folder = first.and_then(Path::parent).unwrap_or(Path::new("")).to_path_buf();
        if !self.take(NameKind::Address, item.path.as_str(), &folder) || !self.take(NameKind::Item, &item.id.0, &folder)
        {
            return None;
        }
        let Item { id, pages, companions, .. } = &mut item;
        let mut take = |token: &str, path: Option<&Path>| {
            self.take(NameKind::Image, &format!("{id}_{token}"), path.unwrap_or(&folder))
        };
        pages.retain(|page| take(&page.token, page.image.as_deref().or(page.recording.as_deref())));
        let beside = pages.iter_mut().map(|page| &mut page.companions).chain([companions]);
        beside.for_each(|beside| beside.retain(|companion| take(&companion.token, Some(&companion.path))));
        Some(item)
    }

    /// Takes `name` for `owner`, and returns whether it was free. If not, there is an error.
    fn take(&mut self, kind: NameKind, name: &str, owner: &Path) -> bool {
        let taken = match kind {
            NameKind::Address => &mut self.addresses,
            NameKind::Item => &mut self.items,
            NameKind::Image => &mut self.images,
        };
        match taken.entry(collision_key(name)) {
            Entry::Vacant(free) => {
                free.insert(owner.to_path_buf());
                true
            }
            // One image may have several uses.
            Entry::Occupied(same)
                if matches!(kind, NameKind::Image) && same.get() == owner && self.source.is_file(owner) =>
            {
                true
            }
            Entry::Occupied(other) => {
                let message = format!("{} {name:?} is also that of {}", kind.name(), shown_path(other.get()));
                let taken = Error::new(ErrorKind::Content, message).with_code(Code::IdTaken);
                self.errors.push(taken.with_path(owner).with_hint(kind.hint()));
                false
            }
        }
    }
}

#[derive(Clone, Copy)]
enum NameKind {
    Address,
    Item,
    Image,
}

impl NameKind {
    fn name(self) -> &'static str {
        match self {
            NameKind::Address => "its address",
            NameKind::Item => "its item id",
            NameKind::Image => "its image id",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            NameKind::Address => "rename one of the folders",
            NameKind::Item => "set another `id` in one of the item.toml",
            NameKind::Image => "rename one of the files, or give one an `id` below [pages.\"its name\"] in item.toml",
        }
    }
}
