//! What is remembered of an image and of a page of the site.

use crate::model::geometry::Size;
use crate::model::settings::{Formats, ImageSettings, Limit, Lossless};
use crate::model::{Channels, ImageHeader, MemoryNeed, StoredForm, StoredJpeg};
use crate::storage::fingerprint::{FileStamp, Fingerprint, Hash};
use crate::storage::output::FolderDigest;
use serde::{Deserialize, Serialize};

/// One image: its master as it was last seen, and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRecord {
    /// The master's path below the content folder.
    pub source: String,
    /// How many images the master holds.
    pub siblings: usize,
    /// `None`: it must be read to know whether it changed.
    pub stamp: Option<FileStamp>,
    pub hash: Hash,
    pub header: ImageHeader,
    /// What the header depends on beside the master.
    pub probed: Fingerprint,
    /// `None`: it was being made.
    pub made: Option<Made>,
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
    /// The image's files stay as they were made; its header is to be read again.
    fn from(record: ThreadDependentRecord) -> ImageRecord {
        let ThreadDependentRecord { source, siblings, stamp, hash, header, probed: _, made } = record;
        let ThreadDependentHeader { format, index, size, channels, treatment, memory: _, stored } = header;
        let memory = MemoryNeed::default();
        let header = ImageHeader {
            format,
            index,
            size,
            channels,
            treatment,
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
    /// What they were made from.
    pub from: Fingerprint,
    pub digest: FolderDigest,
    /// What was wrong with the master although it could be read.
    pub damage: Option<String>,
    /// Since which flush they are there.
    pub generation: u32,
    pub published: Published,
}

/// An image's twin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image2LinksRecord {
    /// What its links lead to; `None`: it was being made.
    pub of: Option<Fingerprint>,
    /// Since which flush it is there.
    pub generation: u32,
}

/// How an image is published, as far as documents speak of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub tile_size: u32,
    /// Longest side of `full/max`.
    pub max_size: u32,
    pub formats: Formats,
}

impl Published {
    /// Of an image that is cut into tiles of `tile_size`.
    pub fn of(tile_size: u32, settings: &ImageSettings) -> Published {
        let max_size = settings.with_tile_size(tile_size).whole_limit();
        Published { tile_size, max_size, formats: settings.formats }
    }

    /// The settings that describe it as it is, whatever `now` asks for.
    pub fn settings(&self, now: &ImageSettings) -> ImageSettings {
        let Published { tile_size, max_size, formats } = *self;
        // Whatever was taken without loss is cut by now: only the size of its tiles matters.
        let lossless = Lossless::Never;
        ImageSettings { tile_size, max_size: Limit::pixels(max_size), formats, lossless, ..now.clone() }
    }
}

/// The documents of a folder of the site. A fingerprint that is not there: they were being written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// Of info.json, Manifest or Collection.
    pub documents: Option<Fingerprint>,
    /// Of the HTML.
    pub pages: Option<Fingerprint>,
    /// Their paths in the site, without info.json, which belongs to its image.
    pub files: Vec<String>,
}

impl DocumentRecord {
    /// While they are being written: any file of this record or the one `before` may be there.
    pub fn unfinished(&self, before: Option<&DocumentRecord>) -> DocumentRecord {
        let mut files = self.files.clone();
        files.extend(before.iter().flat_map(|before| before.files.iter().cloned()));
        files.sort_unstable();
        files.dedup();
        DocumentRecord { files, ..DocumentRecord::default() }
    }
}
