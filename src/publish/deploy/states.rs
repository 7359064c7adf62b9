//! States as objects beside the site.

use super::deployed::Deployed;
use super::lease::{Seen, overtaken};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::store::{PRIVATE, Store, failed, key};
use object_store::{ObjectStoreExt, PutPayload};

pub fn path(state: Hash) -> String {
    format!("{PRIVATE}/state-{}", state.hex())
}

/// The state that the pointer named when it was read; an empty one before the first.
pub async fn read(store: &Store, state: Option<Hash>) -> Result<Deployed> {
    let Some(hash) = state else { return Ok(Deployed::default()) };
    if let Some(found) = find(store, hash).await? {
        return Ok(found);
    }
    // Whoever deploys removes a state when the pointer names another.
    let is_still_named = Seen::read(store).await?.state()? == state;
    Err(if is_still_named { lost(hash, "it is not there") } else { overtaken() })
}

/// Any state; `None`: it is not there.
pub async fn find(store: &Store, state: Hash) -> Result<Option<Deployed>> {
    let Some(found) = store.get(&path(state)).await? else { return Ok(None) };
    let bytes = found.bytes().await.map_err(|error| failed(&error))?;
    Deployed::unpack(&bytes, state).map(Some).map_err(|why| lost(state, why))
}

fn lost(state: Hash, why: &str) -> Error {
    Error::new(ErrorKind::Network, format!("the target's state cannot be used: {why}"))
        .with_path(path(state))
        .with_hint("if nobody else deploys there, delete pointer.json beside it: all is then uploaded again")
}

pub async fn write(store: &Store, state: &Deployed) -> Result<Hash> {
    let (bytes, hash) = state.pack().map_err(|error| Error::new(ErrorKind::Internal, format!("state: {error}")))?;
    let put = store.objects.put(&key(&path(hash))?, PutPayload::from(bytes)).await;
    put.map(|_| hash).map_err(|error| failed(&error))
}

/// A state that nothing names; if it stays, it costs its bytes.
pub async fn forget(store: &Store, state: Hash) {
    if let Ok(key) = key(&path(state)) {
        drop(store.objects.delete(&key).await);
    }
}
