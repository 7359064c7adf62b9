//! The texts of items: which files they come to, and the HTML that shows them.

use super::{Documents, Folder, FolderKind};
use crate::build::stages::Running;
use crate::build::texts;
use crate::documents::iiif::{self, Document, address};
use crate::documents::render::{self, Pages};
use crate::documents::text::{Outline, Outlines};
use crate::error::Result;
use crate::model::address::SitePath;
use crate::model::site::{CollectionNode, SiteItem};
use crate::storage::fingerprint::Fingerprint;
use rayon::prelude::*;
use std::collections::BTreeSet;

impl Documents<'_> {
    /// The outlines of the texts of all items.
    pub(super) fn outlines(&self) -> Outlines {
        let items = self.nodes.par_iter().flat_map_iter(|node| node.items.iter().map(move |item| (node, *item)));
        let with_text = items.filter(|(_, item)| item.pages.iter().any(|page| page.text.is_some()));
        with_text.map(|(node, item)| (item.path.clone(), self.outline(node, item))).collect()
    }

    /// The texts are read unless the last build made its documents from the same ones.
    fn outline(&self, node: &CollectionNode<'_>, item: &SiteItem) -> Outline {
        let before = self.run.previous.documents.get(item.path.as_str());
        let recorded = before.and_then(|before| {
            let outline = texts::recorded(item, &self.item_fingerprint(item, node), before)?;
            let files: BTreeSet<&str> = before.files.iter().map(String::as_str).collect();
            let addresses = self.item_addresses(item, &outline);
            (addresses.iter().map(SitePath::as_str).collect::<BTreeSet<_>>() == files).then_some(outline)
        });
        recorded.unwrap_or_else(|| Outline::of(item, &self.run.texts.read(item, None).0))
    }

    pub(super) fn item_fingerprint(&self, item: &SiteItem, node: &CollectionNode<'_>) -> Fingerprint {
        let stamps = self.run.texts.stamps(item);
        iiif::item_fingerprint(item, &stamps, node.collection, self.settings())
    }

    /// The paths of all files of an item but images, if its texts have this outline.
    pub(super) fn item_addresses(&self, item: &SiteItem, outline: &Outline) -> Vec<SitePath> {
        let html = render::item_addresses(item, outline);
        iiif::item_addresses(item, outline, self.run.config.older).into_iter().chain(html).collect()
    }

    /// The paths of the HTML of a folder.
    pub(super) fn html_addresses(&self, folder: &Folder) -> Vec<SitePath> {
        match folder.kind {
            FolderKind::Item(node, index) => {
                let item = self.nodes[node].items[index];
                render::item_addresses(item, self.pages.outline(item))
            }
            FolderKind::Site | FolderKind::Collection(_) | FolderKind::ListPage(..) => {
                vec![address::page(&folder.path)]
            }
        }
    }

    /// Those of `documents` that hold texts of a whole item.
    pub(super) fn of_texts(&self, folder: &Folder, mut documents: Vec<Document>) -> Vec<Document> {
        if let FolderKind::Item(node, index) = folder.kind {
            let outline = self.pages.outline(self.nodes[node].items[index]);
            let texts: BTreeSet<SitePath> = outline.addresses(&folder.path).into_iter().collect();
            documents.retain(|document| texts.contains(&document.path));
        }
        documents
    }

    /// The HTML of an item. If it lacks a text that cannot be read, the next build makes it again.
    pub(super) fn render_item(
        &self,
        pages: &Pages<'_>,
        node: &CollectionNode<'_>,
        index: usize,
        stage: &Running<'_>,
    ) -> Result<Vec<Document>> {
        let item = node.items[index];
        let (texts, failures) = self.run.texts.read_outlined(item, pages.outline(item), None);
        if !failures.is_empty() {
            self.unrendered.lock().insert(item.path.as_str().to_owned());
        }
        // DESCRIBE reports them, if it runs.
        if !self.lacking.lock().contains(item.path.as_str()) {
            failures.into_iter().for_each(|failure| stage.fail(failure));
        }
        let mut documents = pages.item(node, index, &texts)?;
        documents.extend(self.card(item, stage));
        Ok(documents)
    }
}
