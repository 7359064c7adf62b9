//! A copy of the records in one compact file, which is kept with a published site. With it and the site's documents a
//! build can go on where neither the state file nor the masters are left.
//!
//! It holds what the state holds of published images and documents, and the history. What depends on this machine is
//! left out, so that the same site has the same copy everywhere.

use super::history::{change, code};
use super::last_build::{BuildEnd, LastBuild};
use super::record::{DocumentRecord, Edition, History, Image2LinksRecord, ImageRecord, PreviousBuild};
use super::refused::{Refused, VERSION};
use super::store::{Confined, Result, Run, Store};
use crate::error;
use crate::model::address::SitePath;
use crate::model::{Activity, Moment};
use crate::storage::fingerprint::Hash;
use crate::storage::lock::Lock;
use crate::storage::ownership::{is_inside, is_name};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::PathBuf;
use tempfile::TempDir;

/// Larger copies are not unpacked: this is ten times the copy of ten million images.
const MAX_BYTES: u64 = 64 << 30;

/// See the [module](self). Written with postcard, which counts the fields: their order must stay.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RecordsCopy {
    pub images: BTreeMap<String, ImageRecord>,
    image2_links: BTreeMap<String, Image2LinksRecord>,
    documents: BTreeMap<String, DocumentRecord>,
    /// Kind, path and time of each activity, oldest first.
    activities: Vec<(i64, String, i64)>,
    /// Path, hash, and the times at which a document was first published and last changed.
    editions: Vec<(String, [u8; 16], i64, i64)>,
    has_gap: bool,
}

impl RecordsCopy {
    /// The copy of `known`, the records of a build that came to its end, and of its history with all `activities`.
    fn of(known: &PreviousBuild, history: &History, activities: &[Activity]) -> RecordsCopy {
        let images = known.images.iter().filter_map(|(id, record)| Some((id.clone(), portable(record)?))).collect();
        let links = known.image2_links.iter();
        let links = links.map(|(id, record)| (id.clone(), Image2LinksRecord { generation: 0, ..record.clone() }));
        let edition = |(path, edition): (&String, &Edition)| {
            (path.clone(), edition.hash.0, edition.created.seconds(), edition.updated.seconds())
        };
        let activity = |one: &Activity| (code(one.change), one.path.as_str().to_owned(), one.time.seconds());
        RecordsCopy {
            images,
            image2_links: links.collect(),
            documents: known.documents.clone(),
            activities: activities.iter().map(activity).collect(),
            editions: history.editions.iter().map(edition).collect(),
            has_gap: history.has_gap,
        }
    }

    /// Its bytes: the same for the same records.
    fn pack(&self) -> Result<Vec<u8>> {
        let plain = postcard::to_stdvec(&(VERSION, self)).map_err(|_| Refused::Record)?;
        let mut packed = DeflateEncoder::new(vec![], Compression::default());
        let written = packed.write_all(&plain).and_then(|()| packed.finish());
        written.map_err(|_| Refused::Record)
    }

    /// Reads a copy, and checks all of it: its bytes come from outside.
    ///
    /// # Errors
    /// The reason why it cannot be used.
    pub fn unpack(packed: &[u8]) -> std::result::Result<RecordsCopy, String> {
        RecordsCopy::read(packed).map_err(|why| why.to_string())
    }

    fn read(packed: &[u8]) -> Result<RecordsCopy> {
        let mut plain = vec![];
        DeflateDecoder::new(packed).take(MAX_BYTES).read_to_end(&mut plain).map_err(|_| Refused::Record)?;
        let (version, rest): (i64, _) = postcard::take_from_bytes(&plain).map_err(|_| Refused::Record)?;
        if version != VERSION {
            return Err(Refused::Version(version));
        }
        let copy: RecordsCopy = postcard::from_bytes(rest).map_err(|_| Refused::Record)?;
        if copy.is_sound() { Ok(copy) } else { Err(Refused::Record) }
    }

    /// Whether no name or path in it leads out of the output.
    fn is_sound(&self) -> bool {
        let ids = self.images.keys().chain(self.image2_links.keys());
        let mut folders = self.documents.keys().filter(|folder| !folder.is_empty());
        let mut paths = self.images.values().flat_map(Confined::paths);
        let mut files = self.documents.values().flat_map(Confined::paths);
        let named = self.activities.iter().map(|(_, path, _)| path).chain(self.editions.iter().map(|(path, ..)| path));
        ids.into_iter().all(|id| is_name(id))
            && folders.all(|folder| is_inside(folder))
            && paths.all(is_inside)
            && files.all(is_inside)
            && named.filter(|path| !path.is_empty()).all(|path| is_inside(path))
    }

    /// Writes the records into `store`, which holds none, as those of a build that came to its end.
    pub(super) fn restore(&self, store: &mut Store, run: &Run) -> Result<()> {
        let images: Vec<_> = self.images.iter().map(|(id, record)| (id.clone(), record.clone())).collect();
        let documents: Vec<_> = self.documents.iter().map(|(path, record)| (path.clone(), record.clone())).collect();
        let links: Vec<_> = self.image2_links.iter().map(|(id, record)| (id.clone(), Some(record.clone()))).collect();
        let time = |seconds: i64| Moment::from_seconds(seconds).ok_or(Refused::Record);
        let path = |path: &String| if path.is_empty() { SitePath::root() } else { SitePath::root().join(path) };
        let activities = self
            .activities
            .iter()
            .map(|(kind, of, at)| Ok(Activity { change: change(*kind)?, path: path(of), time: time(*at)? }));
        let activities: Vec<Activity> = activities.collect::<Result<_>>()?;
        let editions = self.editions.iter().map(|(of, hash, created, updated)| {
            let edition = Edition { hash: Hash(*hash), created: time(*created)?, updated: time(*updated)? };
            Ok((of.clone(), Some(edition)))
        });
        let editions: Vec<(String, Option<Edition>)> = editions.collect::<Result<_>>()?;
        store.begin(0, &images, &documents, run)?;
        store.image2_links(&links)?;
        store.add_activities(&activities, &editions)?;
        if self.has_gap {
            store.note_gap()?;
        }
        store.finish(true, &LastBuild::without_result(BuildEnd::Complete))
    }
}

/// The records of a build that are only read.
pub struct ReadRecords {
    /// Keeps builds out.
    pub lock: Lock,
    /// Without the history.
    pub known: PreviousBuild,
    pub(super) store: Store,
    /// The path of the state file, of which `store` is a copy.
    pub(super) path: PathBuf,
    pub(super) _folder: TempDir,
}

impl ReadRecords {
    /// The copy of these records that is kept with a published site.
    pub fn packed_copy(&self) -> error::Result<Vec<u8>> {
        let packed = || {
            let activities = self.store.activities(0, u64::MAX)?;
            RecordsCopy::of(&self.known, &self.store.history()?, &activities).pack()
        };
        packed().map_err(|why| why.into_error(&self.path))
    }
}

/// The record without what depends on the machine; `None`: no file of the image is published.
fn portable(record: &ImageRecord) -> Option<ImageRecord> {
    let mut record = record.clone();
    record.made.as_mut()?.generation = 0;
    record.stamp = None;
    Some(record)
}
