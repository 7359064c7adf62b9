//! What the last good build published of items and collections, for those whose metadata has a mistake by now.
//!
//! An item with a mistake in its metadata is made from this snapshot: its documents stay as they are, the pages around it
//! still name it by its label, and no worse site replaces a good one. Its images are not looked at. What a description
//! withholds goes all the same: a snapshot that shows a file which is withheld by now is not used.
//!
//! The state holds a snapshot for each item and collection, beside the record of its documents. It names only what is
//! published.

use crate::config::Config;
use crate::model::address::{SitePath, check_name};
use crate::model::site::{SiteCollection, SiteImage, SiteItem, SitePage, Standing};
use crate::model::{Description, Doubt, ImageId, Item, TextFile, TextShare};
use crate::storage::fingerprint::hashed;
use crate::storage::state::{PreviousBuild, State};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The snapshot of an item.
#[derive(Serialize, Deserialize)]
struct ItemSnapshot {
    item: SiteItem,
    /// That of the description, which is not read from files of other forms.
    patch: Option<Vec<serde_json::Value>>,
    /// The texts of its pages, below the content folder.
    texts: Vec<Option<String>>,
    /// The parts of them that are the pages' own.
    #[serde(default)]
    shares: Vec<TextShare>,
    /// Nothing in its metadata had a mistake.
    is_sound: bool,
}

/// The snapshot of a collection without its members.
#[derive(Serialize, Deserialize)]
struct CollectionSnapshot {
    description: Description,
    patch: Option<Vec<serde_json::Value>>,
    files: Vec<SitePath>,
    is_sound: bool,
}

/// See the [module](self).
pub struct LastGood<'a> {
    /// `None`: nothing is known of earlier builds.
    pub state: Option<&'a State>,
    pub previous: &'a PreviousBuild,
    pub config: &'a Config,
}

impl LastGood<'_> {
    /// The item as it was published. `None`: it was not, what is `withheld` has changed, or the item had a mistake before,
    /// and can be made anew as well.
    pub fn item(&self, item: &Item, doubt: Doubt, withheld: &BTreeSet<PathBuf>) -> Option<SiteItem> {
        let snapshot: ItemSnapshot = self.read(&item.path)?;
        let ItemSnapshot { item: mut good, patch, texts, shares, is_sound } = snapshot;
        let is_usable = is_sound || doubt == Doubt::Publication;
        if !is_usable || good.path != item.path || !is_confined(&good) || self.shows_withheld(&good, item, withheld) {
            return None;
        }
        good.description.patch = patch;
        let shares = shares.into_iter().chain(std::iter::repeat(TextShare::Whole));
        for ((page, text), share) in good.pages.iter_mut().zip(texts).zip(shares) {
            page.text = text.map(|text| TextFile { path: self.config.content.join(text), share });
        }
        good.standing = Standing::LastGood;
        let gone: BTreeSet<ImageId> =
            good.images().filter(|image| !self.is_there(image)).map(|image| image.id.clone()).collect();
        Some(good.without(&gone)).filter(|good| !good.pages.is_empty())
    }

    /// The description of a collection as it was published, and the files that were published with it.
    pub fn collection(&self, path: &SitePath, doubt: Doubt) -> Option<(Description, Vec<SitePath>)> {
        let CollectionSnapshot { mut description, patch, files, is_sound } = self.read(path)?;
        description.patch = patch;
        (is_sound || doubt == Doubt::Publication).then_some((description, files))
    }

    fn read<T: DeserializeOwned>(&self, path: &SitePath) -> Option<T> {
        let recorded = self.previous.documents.get(path.as_str())?;
        let bytes = self.state?.snapshot(path.as_str(), recorded).ok()??;
        serde_json::from_reader(ZlibDecoder::new(bytes.as_slice())).ok()
    }

    /// Whether the image is published as the snapshot says.
    fn is_there(&self, image: &SiteImage) -> bool {
        let SiteImage { id, pyramid, formats, .. } = image;
        self.previous.images.get(&id.0).is_some_and(|record| {
            let published = record.made.as_ref().map(|made| &made.published);
            record.header.size == pyramid.full
                && published.is_some_and(|made| made.tile_size == pyramid.tile_size && made.formats == *formats)
        })
    }

    /// Whether the snapshot may show something that is withheld by now.
    fn shows_withheld(&self, good: &SiteItem, item: &Item, withheld: &BTreeSet<PathBuf>) -> bool {
        let now = withheld_in(&item.folder, withheld, self.config);
        if now == withheld_in(Path::new(""), &BTreeSet::new(), self.config) {
            return false;
        }
        now != good.withheld
    }
}

/// A hash of the files and folders in an item's folder that are withheld.
pub fn withheld_in(folder: &Path, withheld: &BTreeSet<PathBuf>, config: &Config) -> u64 {
    let inside = withheld.range(folder.to_path_buf()..).take_while(|path| path.starts_with(folder));
    hashed(&inside.map(|path| config.relative(path)).collect::<Vec<_>>())
}

/// Whether all names in a snapshot stay in its folder of the site. The state file may have been edited.
fn is_confined(item: &SiteItem) -> bool {
    let is_name = |name: &str| check_name(name).is_ok();
    let is_id = |image: &SiteImage| SitePath::root().enter(&image.id.0).is_ok() && !image.id.0.contains('/');
    item.images().all(is_id)
        && item.pages.iter().all(|page| is_name(&page.token))
        && item.annotations.iter().all(|set| is_name(&set.name))
}

/// The snapshot of an item that is published now.
pub fn of_item(item: &SiteItem, config: &Config) -> Option<Vec<u8>> {
    let mut item = item.clone();
    let patch = item.description.patch.take();
    let text = |page: &SitePage| page.text.as_ref().map(|text| config.relative(&text.path));
    let texts = item.pages.iter().map(text).collect();
    let share = |page: &SitePage| page.text.as_ref().map(|text| text.share.clone()).unwrap_or_default();
    let shares = item.pages.iter().map(share).collect();
    let is_sound = item.standing != Standing::Doubted;
    packed(&ItemSnapshot { item, patch, texts, shares, is_sound })
}

/// The snapshot of a collection that is published now.
pub fn of_collection(collection: &SiteCollection) -> Option<Vec<u8>> {
    let SiteCollection { description, files, standing, .. } = collection;
    let (mut description, files) = (description.clone(), files.clone());
    let patch = description.patch.take();
    packed(&CollectionSnapshot { description, patch, files, is_sound: *standing != Standing::Doubted })
}

/// A value that cannot be written has no snapshot.
fn packed(snapshot: &impl Serialize) -> Option<Vec<u8>> {
    let mut packed = ZlibEncoder::new(vec![], Compression::fast());
    packed.write_all(&serde_json::to_vec(snapshot).ok()?).ok()?;
    packed.finish().ok()
}
