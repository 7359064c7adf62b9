//! The cards of items: made with their HTML, if the picture is another one or was made anew.

use super::Documents;
use crate::build::stages::Running;
use crate::documents::card::Card;
use crate::documents::iiif::{Document, address};
use crate::model::site::SiteItem;

impl Documents<'_> {
    /// The card of an item, unless it is as the last build left it. A card that cannot be made is a failure.
    pub(super) fn card(&self, item: &SiteItem, stage: &Running<'_>) -> Option<Document> {
        let card = Card::of(item).filter(|card| !self.changes.deferred.contains(&card.image.id))?;
        if self.is_as_it_was(item, &card) {
            return None;
        }
        match card.make(&self.run.directory.place(&address::published(card.image, card.from))) {
            Ok(bytes) => Some(Document { path: card.path, bytes }),
            Err(error) => {
                self.unrendered.lock().insert(item.path.as_str().to_owned());
                stage.fail(error.with_context(&format!("the card of {:?} cannot be made", item.path.as_str())));
                None
            }
        }
    }

    fn is_as_it_was(&self, item: &SiteItem, card: &Card<'_>) -> bool {
        let before = self.run.previous.documents.get(item.path.as_str()).filter(|before| before.pages.is_some());
        let is_recorded = before.is_some_and(|before| before.files.iter().any(|file| file == card.path.as_str()));
        let is_kept = is_recorded && self.run.directory.has(&card.path) && !self.changes.items.contains(&item.path);
        is_kept && !self.run.config.force && !self.run.doubts_documents()
    }
}
