//! The content of the state file: a record for each image, for its Image API 2 links, and for each page of the site;
//! and the history of the documents.

use super::last_build::LastBuild;
use crate::model::geometry::Size;
use crate::model::settings::{Formats, ImageSettings, Limit, Lossless};
use crate::model::{Channels, ImageHeader, MemoryNeed, Moment, StoredForm, StoredJpeg};
use crate::storage::fingerprint::{FileStamp, Fingerprint, Hash, hashed};
use crate::storage::output::FolderDigest;
use crate::storage::ownership::SiteList;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, OnceLock};

/// Everything that is known of an output folder from earlier builds.
#[derive(Debug, Default)]
pub struct PreviousBuild {
    /// By image id.
    pub images: BTreeMap<String, ImageRecord>,
    /// By image id.
    pub image2_links: BTreeMap<String, Image2LinksRecord>,
    /// By the path of the folder that the documents are in.
    pub documents: BTreeMap<String, DocumentRecord>,
    /// Empty if no feed is published.
    pub history: History,
    /// How the last build ended; `None`: it did not say.
    pub last: Option<LastBuild>,
    /// The last build did not come to its end.
    pub is_unfinished: bool,
    /// The generation of the files that were made last. All files made between two flushes are of one generation.
    pub generation: u32,
    /// The machine went down since the last build. Images of this generation and later ones, and all documents, may not
    /// have reached the disk.
    pub doubtful_from: Option<u32>,
    /// The files of the last build were never flushed, and by now a flush costs little.
    pub is_flush_due: bool,
    /// The hashes of the list in the output that was written last, and of the one before.
    pub lists: Vec<Hash>,
    /// The hashes of the paths of all documents, once somebody has asked for one.
    pub(super) file_hashes: OnceLock<HashSet<Hash>>,
}

impl PreviousBuild {
    /// Whether a record says that the document or static file at `path` is ours.
    pub fn has_file(&self, path: &str) -> bool {
        let files = || self.documents.values().flat_map(|record| &record.files);
        let hashes = self.file_hashes.get_or_init(|| files().map(|file| Hash::of(file.as_bytes())).collect());
        hashes.contains(&Hash::of(path.as_bytes()))
    }

    /// Adds records of everything that only the list in the output names, and returns what was added.
    pub fn adopt(&mut self, list: &SiteList) -> Adopted {
        let images: Vec<_> = list.images.iter().filter(|id| !self.images.contains_key(*id)).collect();
        let images: Vec<_> = images.into_iter().map(|id| (id.clone(), ImageRecord::of_list())).collect();
        let links: Vec<_> = list.images_2.iter().filter(|id| !self.image2_links.contains_key(*id)).collect();
        let links: Vec<_> = links.into_iter().map(|id| (id.clone(), Image2LinksRecord::default())).collect();
        let known: BTreeSet<&String> = self.documents.values().flat_map(|record| &record.files).collect();
        let files: Vec<String> = list.files.iter().filter(|file| !known.contains(file)).cloned().collect();
        let record = DocumentRecord { files, ..DocumentRecord::default() };
        let documents: Vec<_> = (!record.files.is_empty()).then(|| (OF_LIST.to_owned(), record)).into_iter().collect();
        self.images.extend(images.iter().cloned());
        self.image2_links.extend(links.iter().cloned());
        self.documents.extend(documents.iter().cloned());
        self.file_hashes = OnceLock::new();
        // The list may be that of a build that was killed.
        self.is_unfinished = true;
        Adopted { images, links: links.into_iter().map(|(id, record)| (id, Some(record))).collect(), documents }
    }
}

/// New records of files that only the list in the output names.
#[derive(Debug, Default)]
pub struct Adopted {
    pub images: Vec<(String, ImageRecord)>,
    pub links: Vec<(String, Option<Image2LinksRecord>)>,
    pub documents: Vec<(String, DocumentRecord)>,
}

/// Stands for the master of an image that only the list in the output names, and is the key of such documents. No master
/// and no folder of a site has such a name.
const OF_LIST: &str = ".list";

/// One image: its master as it was last seen, and the files that were made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRecord {
    /// The master's path below the content folder.
    pub source: String,
    /// How many images the master holds.
    pub siblings: usize,
    /// `None`: it must be read to know whether it changed.
    pub stamp: Option<FileStamp>,
    /// The hash of the master.
    pub hash: Hash,
    /// The header of the master, with the settings applied.
    pub header: ImageHeader,
    /// The settings that the header depends on.
    pub probed: Fingerprint,
    /// `None`: the files were being made.
    pub made: Option<Made>,
}

impl ImageRecord {
    /// The record of an image of which only the id is known.
    fn of_list() -> ImageRecord {
        let header = ImageHeader {
            format: Arc::default(),
            index: 0,
            size: Size::new(1, 1),
            channels: Channels::Grey,
            treatment: Arc::default(),
            decoder_memory: MemoryNeed::default(),
            extra_memory: 0,
            stored: None,
        };
        let (hash, probed) = (Hash::default(), Fingerprint::default());
        ImageRecord { source: OF_LIST.to_owned(), siblings: 1, stamp: None, hash, header, probed, made: None }
    }

    /// Whether only the id of the image is known, and not its master.
    pub fn is_of_list(&self) -> bool {
        self.source == OF_LIST
    }
}

/// An [`ImageRecord`] as states of version 2 and 3 hold it: its header has sums of memory that depend on the number of
/// threads of the build that probed the image.
#[derive(Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct ThreadDependentRecord {
    pub source: String,
    pub siblings: usize,
    pub stamp: Option<FileStamp>,
    pub hash: Hash,
    pub header: ThreadDependentHeader,
    pub probed: Fingerprint,
    pub made: Option<Made>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct ThreadDependentHeader {
    pub format: String,
    pub index: usize,
    pub size: Size,
    pub channels: Channels,
    pub treatment: String,
    pub memory: [u64; 2],
    pub stored: Option<(StoredForm, u8, u64)>,
}

impl From<ThreadDependentRecord> for ImageRecord {
    /// The image's files stay as they were made; its header must be read again.
    fn from(record: ThreadDependentRecord) -> ImageRecord {
        let ThreadDependentRecord { source, siblings, stamp, hash, header, probed: _, made } = record;
        let ThreadDependentHeader { format, index, size, channels, treatment, memory: _, stored } = header;
        let memory = MemoryNeed::default();
        let header = ImageHeader {
            format: format.into(),
            index,
            size,
            channels,
            treatment: treatment.into(),
            decoder_memory: memory,
            extra_memory: 0,
            stored: stored.map(|(form, quality, _)| StoredJpeg { form, quality, memory }),
        };
        ImageRecord { source, siblings, stamp, hash, header, probed: Fingerprint::default(), made }
    }
}

/// An image's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Everything that the files were made from.
    pub from: Fingerprint,
    /// The digest of all files but info.json.
    pub digest: FolderDigest,
    /// The damage in a master that could be read nevertheless.
    pub damage: Option<String>,
    /// The generation of the files: see [`PreviousBuild::generation`].
    pub generation: u32,
    /// How the image is published.
    pub published: Published,
}

/// The links of one image for Image API 2.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image2LinksRecord {
    /// The files that the links lead to. `None`: the links were being made.
    pub of: Option<Fingerprint>,
    /// The generation of the links: see [`PreviousBuild::generation`].
    pub generation: u32,
}

/// How an image is published, as far as documents depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Side of a square tile in pixels.
    pub tile_size: u32,
    /// Longest side of `full/max` in pixels.
    pub max_size: u32,
    /// The formats of its files.
    pub formats: Formats,
}

impl Published {
    /// An image with tiles of `tile_size` pixels.
    pub fn of(tile_size: u32, settings: &ImageSettings) -> Published {
        let max_size = settings.with_tile_size(tile_size).whole_limit();
        Published { tile_size, max_size, formats: settings.formats }
    }

    /// `now`, changed so that the settings describe the image as it is published.
    pub fn settings(&self, now: &ImageSettings) -> ImageSettings {
        let Published { tile_size, max_size, formats } = *self;
        // The tiles are there, so it does not matter any more whether they were made without loss.
        let lossless = Lossless::Never;
        ImageSettings { tile_size, max_size: Limit::pixels(max_size), formats, lossless, ..now.clone() }
    }
}

/// The documents of a folder of the site. A fingerprint that is `None`: the documents were being written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// The fingerprint of info.json, Manifest or Collection.
    pub documents: Option<Fingerprint>,
    /// The fingerprint of the HTML pages.
    pub pages: Option<Fingerprint>,
    /// The paths of the files in the site, without info.json, which belongs to its image.
    pub files: Vec<String>,
}

impl DocumentRecord {
    /// The record while the documents are being written: any file of this record or the one `before` may be there.
    pub fn unfinished(&self, before: Option<&DocumentRecord>) -> DocumentRecord {
        let mut files = self.files.clone();
        files.extend(before.iter().flat_map(|before| before.files.iter().cloned()));
        files.sort_unstable();
        files.dedup();
        DocumentRecord { files, ..DocumentRecord::default() }
    }
}

/// What is published of an item or a collection, for a build in which its metadata has a mistake.
#[derive(Debug)]
pub struct Snapshot {
    /// Its folder in the site.
    pub folder: String,
    /// A hash of the fingerprint of its documents.
    pub of: u64,
    /// Of the caller's own form.
    pub bytes: Vec<u8>,
}

impl Snapshot {
    /// The hash for documents with this record.
    pub fn of(documents: &DocumentRecord) -> u64 {
        hashed(&documents.documents)
    }
}

/// The edition in which a document is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edition {
    /// The hash of the published bytes.
    pub hash: Hash,
    /// The time at which the document was first published.
    pub created: Moment,
    /// The time of its last change.
    pub updated: Moment,
}

/// The history of a site, without the activities themselves.
#[derive(Debug, Default)]
pub struct History {
    /// By the path of the document.
    pub editions: BTreeMap<String, Edition>,
    /// The number of activities.
    pub length: u64,
    /// The time of the first activity.
    pub began: Option<Moment>,
    /// The time of the last activity.
    pub ended: Option<Moment>,
    /// Documents may have changed while no history was kept: no edition can be relied on before all documents are looked
    /// at.
    pub has_gap: bool,
}
