//! The site that will be published: the tree of collections and items, with the pages whose images are there.

use crate::model::address::SitePath;
use crate::model::geometry::Size;
use crate::model::pyramid::Pyramid;
use crate::model::settings::{Formats, PdfSettings};
use crate::model::{
    AnnotationSet, CompanionRole, Description, ImageId, ItemId, LanguageMap, Orientation, PageRef, Recording, TextFile,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

/// What a collection or an item of the site is made from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// From its metadata.
    #[default]
    Sound,
    /// From its metadata without a part that has a mistake. Nothing better was published before.
    Doubted,
    /// Its metadata has a mistake: from what the last good build published.
    LastGood,
}

/// A collection with its members.
#[derive(Debug, Clone)]
pub struct SiteCollection {
    /// The folder in the site; empty for the root.
    pub path: SitePath,
    /// Its description, which overrides metadata files.
    pub description: Description,
    /// In the order of the catalog.
    pub members: Vec<SiteMember>,
    /// The files of the project that are published with it.
    pub files: Vec<SitePath>,
    /// What it is made from.
    pub standing: Standing,
}

/// An entry of a collection.
#[derive(Debug, Clone)]
pub enum SiteMember {
    /// A collection.
    Collection(SiteCollection),
    /// An item.
    Item(SiteItem),
}

/// An item with its pages in order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteItem {
    /// The id of the item.
    pub id: ItemId,
    /// The folder in the site.
    pub path: SitePath,
    /// Its description, which overrides metadata files.
    pub description: Description,
    /// In order.
    pub pages: Vec<SitePage>,
    /// Images that belong to the item as a whole.
    pub companions: Vec<SiteCompanion>,
    /// The annotations of its files, one set for each file.
    pub annotations: Vec<AnnotationSet>,
    /// Labels of pages whose image could not be made.
    pub missing: Vec<LanguageMap>,
    /// The files of the project that are published with it.
    pub files: Vec<SitePath>,
    /// A hash of the files in its folder that are withheld.
    pub withheld: u64,
    /// How its PDF is made. `None`: it has none, or one of its own.
    #[serde(default)]
    pub pdf: Option<PdfSettings>,
    /// No card is made of its picture, because published images are taken away as they are made.
    #[serde(skip)]
    pub lacks_card: bool,
    /// What it is made from.
    #[serde(skip)]
    pub standing: Standing,
}

/// One page: a canvas.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SitePage {
    /// The page token.
    pub token: String,
    /// The label of the page.
    pub label: LanguageMap,
    /// The curator's description of the page.
    pub description: Option<Arc<Description>>,
    /// `None`, without recordings either: the page exists, but there is no scan of it.
    pub image: Option<SiteImage>,
    /// Sound or video instead of an image. Several are the same recording in several formats.
    pub recordings: Vec<Recording>,
    /// Recordings that follow `recordings` on the same canvas.
    pub sequels: Vec<Recording>,
    /// The label of the image among its layers.
    pub image_label: LanguageMap,
    /// The image is one of several in its file; the token ends with its number.
    pub is_of_several: bool,
    /// Further images of the page.
    pub companions: Vec<SiteCompanion>,
    /// The file with its text.
    #[serde(skip)]
    pub text: Option<TextFile>,
}

impl SitePage {
    /// The image that represents the page.
    pub fn picture(&self) -> Option<&SiteImage> {
        let is_picture = |companion: &&SiteCompanion| matches!(companion.role, CompanionRole::Picture { .. });
        let chosen = self.companions.iter().find(is_picture).or(self.companions.first());
        self.image.as_ref().or_else(|| chosen.map(|companion| &companion.image))
    }

    /// The size of the canvas: as described, else that of the image or video. `None`: there is neither.
    pub fn size(&self) -> Option<Size> {
        let described = self.description.as_ref().and_then(|described| Some((described.width?, described.height?)));
        let own = || self.image.as_ref().map(|image| image.pyramid.full);
        let shown = || self.recordings.iter().find_map(|recording| recording.size);
        described.map(|(width, height)| Size::new(width, height)).or_else(own).or_else(shown)
    }

    /// The duration of the canvas in seconds: of its recordings, or as described for an image. `None`: it has none.
    pub fn duration(&self) -> Option<f64> {
        let Some(Recording { duration: own, .. }) = self.recordings.first() else {
            return self.description.as_ref()?.duration;
        };
        Some(self.sequels.iter().fold(*own, |sum, sequel| seconds(sum + sequel.duration)))
    }
}

/// Rounded to the millisecond, the precision in which headers are read.
fn seconds(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// A published image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteImage {
    /// The id of the image.
    pub id: ImageId,
    /// Its levels and tiles.
    pub pyramid: Pyramid,
    /// The formats of its files.
    pub formats: Formats,
    /// How the pixels of its master are turned.
    #[serde(default, skip_serializing_if = "Orientation::is_upright")]
    pub orientation: Orientation,
}

/// A published image that belongs to a page or an item but is not a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteCompanion {
    /// The image.
    pub image: SiteImage,
    /// Its role for the page or item.
    pub role: CompanionRole,
}

impl SitePage {
    /// The file in the project with its text.
    pub fn text_path(&self) -> Option<&Path> {
        self.text.as_ref().map(|text| text.path.as_path())
    }

    /// The path at which the file with the text is published. `None` for plain text, and for a file with the texts of several
    /// pages: they only become annotations.
    pub fn published_text(&self, item: &SitePath) -> Option<SitePath> {
        let text = self.text.as_ref().filter(|text| text.part().is_none())?;
        let ending = match text.path.extension()?.to_str()?.to_lowercase().as_str() {
            "txt" => return None,
            "xml" => "xml",
            // A browser must not open the file as a page, because it may contain scripts.
            _ => "hocr",
        };
        Some(item.join(&format!("text/{}.{ending}", self.token)))
    }
}

impl SiteItem {
    /// Every image of the item.
    pub fn images(&self) -> impl Iterator<Item = &SiteImage> {
        let beside = self.pages.iter().flat_map(|page| &page.companions).chain(&self.companions);
        self.pages.iter().filter_map(|page| page.image.as_ref()).chain(beside.map(|companion| &companion.image))
    }

    /// The pages that a reference names: several if the file is a multi-page TIFF.
    pub fn pages_of<'a>(&'a self, reference: &'a PageRef) -> impl Iterator<Item = &'a SitePage> {
        let (token, _) = reference.parts();
        self.pages.iter().filter(move |page| {
            let number = page.token.strip_prefix(token);
            let is_one_of_it = || page.is_of_several && number.is_some_and(|number| number.starts_with('-'));
            page.token == token || is_one_of_it()
        })
    }

    /// The image that represents the item: that of the page that its `thumbnail` names, else of the first page, else an
    /// image of the item as a whole.
    pub fn picture(&self) -> Option<&SiteImage> {
        let chosen =
            self.description.thumbnail.as_ref().and_then(|page| self.pages_of(page).find_map(SitePage::picture));
        let of_item = || self.companions.first().map(|companion| &companion.image);
        chosen.or_else(|| self.pages.iter().find_map(SitePage::picture)).or_else(of_item)
    }

    /// The path of the PDF that is made of it.
    pub fn pdf_path(&self) -> Option<SitePath> {
        self.pdf.map(|_| self.path.join(&format!("{}.pdf", self.id.0)))
    }

    /// The item without the pages whose image failed.
    pub(crate) fn without(mut self, failed: &BTreeSet<ImageId>) -> SiteItem {
        let is_there = |companion: &SiteCompanion| !failed.contains(&companion.image.id);
        let has_failed = |page: &SitePage| page.image.as_ref().is_some_and(|image| failed.contains(&image.id));
        let (missing, pages) = self.pages.into_iter().partition::<Vec<_>, _>(has_failed);
        self.missing.extend(missing.into_iter().map(|page| page.label));
        self.pages = pages;
        self.pages.iter_mut().for_each(|page| page.companions.retain(is_there));
        self.companions.retain(is_there);
        self
    }
}

/// The pages of an item by the names in references, for many references: see [`SiteItem::pages_of`].
pub struct PageIndex<'a>(HashMap<&'a str, Vec<&'a SitePage>>);

impl<'a> PageIndex<'a> {
    /// The index of all pages of `item`.
    pub fn of(item: &'a SiteItem) -> PageIndex<'a> {
        let mut by_name = HashMap::<_, Vec<_>>::new();
        for page in &item.pages {
            by_name.entry(page.token.as_str()).or_default().push(page);
            let names = page.token.match_indices('-').filter(|_| page.is_of_several);
            names.for_each(|(at, _)| by_name.entry(&page.token[..at]).or_default().push(page));
        }
        PageIndex(by_name)
    }

    /// The pages that a reference names.
    pub fn pages_of(&self, reference: &PageRef) -> impl Iterator<Item = &'a SitePage> + use<'a, '_> {
        self.0.get(reference.parts().0).into_iter().flatten().copied()
    }
}

/// A collection in the tree.
pub struct CollectionNode<'a> {
    /// The collection itself.
    pub collection: &'a SiteCollection,
    /// The collections from the root down to this one.
    pub ancestors: Vec<&'a SiteCollection>,
    /// The items directly in the collection, in order.
    pub items: Vec<&'a SiteItem>,
}

impl<'a> CollectionNode<'a> {
    /// The collection above. `None` for the root.
    pub fn parent(&self) -> Option<&'a SiteCollection> {
        self.above().last().copied()
    }

    /// The collections above, outermost first.
    pub fn above(&self) -> &[&'a SiteCollection] {
        &self.ancestors[..self.ancestors.len() - 1]
    }

    /// The items before and after the one at `index`.
    pub fn neighbours(&self, index: usize) -> [Option<&'a SiteItem>; 2] {
        [index.checked_sub(1), Some(index + 1)].map(|index| index.and_then(|index| self.items.get(index)).copied())
    }
}

impl SiteMember {
    /// The folder in the site.
    pub fn path(&self) -> &SitePath {
        match self {
            SiteMember::Collection(collection) => &collection.path,
            SiteMember::Item(item) => &item.path,
        }
    }

    /// The description of the member.
    pub fn description(&self) -> &Description {
        match self {
            SiteMember::Collection(collection) => &collection.description,
            SiteMember::Item(item) => &item.description,
        }
    }

    /// The image that represents the member: the first one.
    pub fn picture(&self) -> Option<&SiteImage> {
        match self {
            SiteMember::Collection(collection) => collection.members.iter().find_map(SiteMember::picture),
            SiteMember::Item(item) => item.picture(),
        }
    }
}

impl SiteCollection {
    /// This collection and all below it, outer ones first.
    pub fn nodes(&self) -> Vec<CollectionNode<'_>> {
        fn gather<'a>(
            collection: &'a SiteCollection,
            above: &[&'a SiteCollection],
            found: &mut Vec<CollectionNode<'a>>,
        ) {
            let ancestors = [above, &[collection]].concat();
            found.push(CollectionNode {
                ancestors: ancestors.clone(),
                collection,
                items: collection.items().collect(),
            });
            for member in &collection.members {
                if let SiteMember::Collection(inner) = member {
                    gather(inner, &ancestors, found);
                }
            }
        }
        let mut found = vec![];
        gather(self, &[], &mut found);
        found
    }

    /// The items directly in the collection, in order.
    pub fn items(&self) -> impl Iterator<Item = &SiteItem> {
        self.members.iter().filter_map(|member| match member {
            SiteMember::Item(item) => Some(item),
            SiteMember::Collection(_) => None,
        })
    }

    /// The collection in which only the items in these folders have a PDF.
    pub fn with_pdfs_of(mut self, folders: &BTreeSet<SitePath>) -> SiteCollection {
        let change = |member| match member {
            SiteMember::Collection(inner) => SiteMember::Collection(inner.with_pdfs_of(folders)),
            SiteMember::Item(item) => {
                let pdf = item.pdf.filter(|_| folders.contains(&item.path));
                SiteMember::Item(SiteItem { pdf, ..item })
            }
        };
        self.members = self.members.into_iter().map(change).collect();
        self
    }

    /// The collection in which no item has a card.
    pub fn without_cards(mut self) -> SiteCollection {
        let change = |member| match member {
            SiteMember::Collection(inner) => SiteMember::Collection(inner.without_cards()),
            SiteMember::Item(item) => SiteMember::Item(SiteItem { lacks_card: true, ..item }),
        };
        self.members = self.members.into_iter().map(change).collect();
        self
    }

    /// The collection without the pages whose image failed, and without items that have no other pages.
    pub fn without(mut self, failed: &BTreeSet<ImageId>) -> SiteCollection {
        let without = |member| match member {
            SiteMember::Collection(inner) => Some(SiteMember::Collection(inner.without(failed))),
            SiteMember::Item(item) => {
                Some(item.without(failed)).filter(|item| !item.pages.is_empty()).map(SiteMember::Item)
            }
        };
        self.members = self.members.into_iter().filter_map(without).collect();
        self
    }
}
