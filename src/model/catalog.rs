//! What SCAN finds below `content/`.

use super::{Description, ItemId, LanguageMap};
use crate::address::SitePath;
use crate::settings::ImageSettings;
use std::path::PathBuf;

/// What SCAN found below `content/`.
#[derive(Debug)]
pub struct Catalog {
    pub root: Collection,
    /// Files that are not part of the site, with the reason.
    pub ignored: Vec<Ignored>,
}

impl Catalog {
    /// All items, in the order of the collections.
    pub fn items(&self) -> Vec<&Item> {
        fn gather<'a>(collection: &'a Collection, items: &mut Vec<&'a Item>) {
            for member in &collection.members {
                match member {
                    Member::Item(item) => items.push(item),
                    Member::Collection(inner) => gather(inner, items),
                }
            }
        }
        let mut items = vec![];
        gather(&self.root, &mut items);
        items
    }
}

/// A folder of items and collections.
#[derive(Debug)]
pub struct Collection {
    /// Its folder in the site; the root's is empty.
    pub path: SitePath,
    pub description: Description,
    /// In natural order of their folder names.
    pub members: Vec<Member>,
}

#[derive(Debug)]
pub enum Member {
    Collection(Collection),
    Item(Item),
}

/// A digitised thing: its description and its image files in page order.
#[derive(Debug)]
pub struct Item {
    pub id: ItemId,
    /// Its folder in the site.
    pub path: SitePath,
    pub description: Description,
    /// How its images are published.
    pub images: ImageSettings,
    pub files: Vec<SourceFile>,
}

/// An image file that gives one page, or several if it is a multi-page TIFF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    pub path: PathBuf,
    /// The page token: what of the file name tells this page from the others.
    pub page: String,
    pub label: LanguageMap,
    /// The rule that named it, in words.
    pub rule: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub path: PathBuf,
    pub reason: &'static str,
}
