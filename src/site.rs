//! What will be published: the tree of collections and items, with the pages whose images are there.

use crate::address::SitePath;
use crate::model::{Description, ImageId, ItemId, LanguageMap};
use crate::pyramid::Pyramid;
use crate::settings::Formats;
use std::collections::BTreeSet;

/// A collection with its members.
#[derive(Debug, Clone)]
pub struct SiteCollection {
    pub path: SitePath,
    pub description: Description,
    pub members: Vec<SiteMember>,
}

#[derive(Debug, Clone)]
pub enum SiteMember {
    Collection(SiteCollection),
    Item(SiteItem),
}

/// An item with its pages in order.
#[derive(Debug, Clone)]
pub struct SiteItem {
    pub id: ItemId,
    pub path: SitePath,
    pub description: Description,
    pub pages: Vec<SitePage>,
    /// Labels of pages whose image is not there.
    pub missing: Vec<LanguageMap>,
}

/// One page: a canvas with its image.
#[derive(Debug, Clone, serde::Serialize)]
pub struct SitePage {
    pub image: ImageId,
    pub token: String,
    pub label: LanguageMap,
    pub pyramid: Pyramid,
    pub formats: Formats,
}

/// A collection in its place.
pub struct Shelf<'a> {
    pub collection: &'a SiteCollection,
    /// From the root down to it.
    pub line: Vec<&'a SiteCollection>,
    /// Those directly in it, in order.
    pub items: Vec<&'a SiteItem>,
}

impl<'a> Shelf<'a> {
    /// The collection above it.
    pub fn parent(&self) -> Option<&'a SiteCollection> {
        self.above().last().copied()
    }

    /// Those above it, outermost first.
    pub fn above(&self) -> &[&'a SiteCollection] {
        &self.line[..self.line.len() - 1]
    }

    /// The items before and after the one at `index`.
    pub fn neighbours(&self, index: usize) -> [Option<&'a SiteItem>; 2] {
        [index.checked_sub(1), Some(index + 1)].map(|index| index.and_then(|index| self.items.get(index)).copied())
    }
}

impl SiteMember {
    pub fn path(&self) -> &SitePath {
        match self {
            SiteMember::Collection(collection) => &collection.path,
            SiteMember::Item(item) => &item.path,
        }
    }

    pub fn description(&self) -> &Description {
        match self {
            SiteMember::Collection(collection) => &collection.description,
            SiteMember::Item(item) => &item.description,
        }
    }

    /// The page to show as a picture of it: the first one.
    pub fn first_page(&self) -> Option<&SitePage> {
        match self {
            SiteMember::Collection(collection) => collection.members.iter().find_map(SiteMember::first_page),
            SiteMember::Item(item) => item.pages.first(),
        }
    }
}

impl SiteCollection {
    /// This collection and all below it, outer ones first.
    pub fn shelves(&self) -> Vec<Shelf<'_>> {
        fn gather<'a>(collection: &'a SiteCollection, above: &[&'a SiteCollection], found: &mut Vec<Shelf<'a>>) {
            let line = [above, &[collection]].concat();
            found.push(Shelf { line: line.clone(), collection, items: collection.items().collect() });
            for member in &collection.members {
                if let SiteMember::Collection(inner) = member {
                    gather(inner, &line, found);
                }
            }
        }
        let mut found = vec![];
        gather(self, &[], &mut found);
        found
    }

    /// The items directly in it, in order.
    pub fn items(&self) -> impl Iterator<Item = &SiteItem> {
        self.members.iter().filter_map(|member| match member {
            SiteMember::Item(item) => Some(item),
            SiteMember::Collection(_) => None,
        })
    }

    /// Takes out the pages whose image failed, and the items that are left without any.
    pub fn without(mut self, failed: &BTreeSet<ImageId>) -> SiteCollection {
        self.members = self
            .members
            .into_iter()
            .filter_map(|member| match member {
                SiteMember::Collection(inner) => Some(SiteMember::Collection(inner.without(failed))),
                SiteMember::Item(mut item) => {
                    let (missing, pages) =
                        item.pages.into_iter().partition::<Vec<_>, _>(|page| failed.contains(&page.image));
                    item.missing.extend(missing.into_iter().map(|page| page.label));
                    item.pages = pages;
                    (!item.pages.is_empty()).then_some(SiteMember::Item(item))
                }
            })
            .collect();
        self
    }
}
