//! The copy of the build's records that a deploy keeps beside the site. With it the documents can be made again where
//! only the target is left: see [`fetch`](super::fetch).
//!
//! The pointer names the copy that belongs to its state. It is put before that pointer is written. Another one is named
//! by a tombstone from before it is put until it is gone, so that no name of something withdrawn is left behind.

use super::deployed::{Deployed, Tombstone};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::state::RecordsCopy;
use crate::storage::store::{PRIVATE, Store, failed, key};
use object_store::{ObjectStoreExt, PutPayload};

/// See the [module](self).
#[derive(Clone)]
pub struct PackedRecords {
    bytes: Vec<u8>,
    pub hash: Hash,
}

/// The path of a copy in the target.
pub fn path(records: Hash) -> String {
    format!("{PRIVATE}/records-{}", records.hex())
}

impl PackedRecords {
    pub fn new(bytes: Vec<u8>) -> PackedRecords {
        PackedRecords { hash: Hash::of(&bytes), bytes }
    }

    pub async fn put(&self, store: &Store) -> Result<()> {
        let put = store.objects.put(&key(&path(self.hash))?, PutPayload::from(self.bytes.clone())).await;
        put.map(drop).map_err(|error| failed(&error))
    }
}

/// Notes in the states of a deploy that the copy `new` may be there from now on and is certain at the end, and that
/// `old` goes.
pub fn note(new: Option<Hash>, old: Option<Hash>, started: &mut Deployed, ended: &mut Deployed) {
    if new != old {
        started.tombstones.extend(new.map(|new| Tombstone::due(path(new))));
        ended.tombstones.extend(old.map(|old| Tombstone::due(path(old))));
    }
    let kept = new.map(path);
    ended.tombstones.retain(|tombstone| Some(&tombstone.path) != kept.as_ref());
}

/// Reads the copy with this hash.
///
/// # Errors
/// It is gone or damaged, or another version of the program wrote it.
pub async fn read(store: &Store, records: Hash) -> Result<RecordsCopy> {
    let unusable = |why: &str| {
        Error::new(ErrorKind::Network, format!("the copy of the build's records cannot be used: {why}"))
            .with_path(path(records))
            .with_hint("deploy once more from where the records are, with this version of the program")
    };
    let found = store.get(&path(records)).await?.ok_or_else(|| unusable("it is not there"))?;
    let bytes = found.bytes().await.map_err(|error| failed(&error))?;
    if Hash::of(&bytes) != records {
        return Err(unusable("it is damaged"));
    }
    RecordsCopy::unpack(&bytes).map_err(|why| unusable(&why))
}
