//! The pointer: the one object of a target that is replaced only if it is unchanged since it was read. It names the
//! state of the target, which is an object beside it, and holds the lease of the deploy that is running.
//!
//! A deploy trusts the content of the pointer, not the answer to its write. If an answer was lost, stores can report a
//! conditional write as refused although it was done. So the pointer is read back each time. A folder has no
//! conditional writes and needs none: a kernel lock frees itself.

use super::deployed::{self, Deployed, VERSION};
use super::publication::{Publication, PublishedSite, random_id};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Moment;
use crate::storage::fingerprint::Hash;
use crate::storage::store::{PRIVATE, Store, failed, key};
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload, UpdateVersion};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// How long a lease lasts if it is not renewed.
const LEASE_DURATION: Duration = Duration::from_secs(600);

/// When a lease is renewed. Retries in between must end before the lease does.
pub const RENEWED_AFTER: Duration = Duration::from_secs(120);

/// How long a failed write is tried again.
const RETRY_PERIOD: Duration = Duration::from_secs(30);

/// The pointer as JSON in the target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    version: u32,
    /// The hash of the state; `None` before the first deploy.
    pub state: Option<String>,
    /// The owner of a deploy that is running or was interrupted.
    pub unfinished: Option<String>,
    lease: Option<Lease>,
    /// Makes each write of one owner different.
    serial: u32,
    /// Paths that CloudFront must still invalidate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
    /// The site that is published here. States of older versions lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<PublishedSite>,
    /// What was published last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Publication>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    owner: String,
    /// Seconds since 1970.
    until: i64,
}

/// The pointer as it was read, with the version of the object.
pub struct ReadPointer {
    pub pointer: Pointer,
    version: Option<UpdateVersion>,
}

pub fn path() -> String {
    format!("{PRIVATE}/pointer.json")
}

impl ReadPointer {
    /// An empty one where the target has none.
    pub async fn read(store: &Store) -> Result<ReadPointer> {
        let Some(found) = store.get(&path()).await? else {
            return Ok(ReadPointer { pointer: Pointer::default(), version: None });
        };
        let version = UpdateVersion { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
        let bytes = found.bytes().await.map_err(|error| failed(&error))?;
        let pointer: Pointer = serde_json::from_slice(&bytes).map_err(|_| unusable("it is damaged"))?;
        if pointer.version != VERSION {
            return Err(unusable("another version of the program wrote it"));
        }
        Ok(ReadPointer { pointer, version: Some(version) })
    }

    /// Refuses while another deploy is running. Leases of `own` owners do not count: those are deploys of this project,
    /// which have ended, because the caller holds their lock.
    pub fn check_free(&self, own: &[String]) -> Result<()> {
        match &self.pointer.lease {
            Some(lease) if lease.until > Moment::now().seconds() && !own.contains(&lease.owner) => {
                Err(is_leased(lease))
            }
            _ => Ok(()),
        }
    }

    pub fn has_lease(&self) -> bool {
        self.pointer.lease.is_some()
    }

    /// The hash of the state that it names.
    pub fn state(&self) -> Result<Option<Hash>> {
        let Some(name) = &self.pointer.state else { return Ok(None) };
        let hash = u128::from_str_radix(name, 16).map_err(|_| unusable("it is damaged"))?;
        Ok(Some(Hash(hash.to_be_bytes())))
    }
}

fn unusable(why: &str) -> Error {
    let hint = "if nobody else deploys there, delete this object: all is then uploaded again";
    Error::new(ErrorKind::Network, format!("what the target says of itself cannot be used: {why}"))
        .with_path(path())
        .with_hint(hint)
}

fn is_leased(lease: &Lease) -> Error {
    let until = Moment::from_seconds(lease.until).unwrap_or(Moment::EARLIEST);
    Error::new(ErrorKind::Network, "another deploy to this target is running")
        .with_hint(format!("wait until it has ended; if it was killed, others may begin after {until}"))
}

/// The error that another deploy ran in between.
fn overtaken() -> Error {
    Error::new(ErrorKind::Network, "another deploy to this target ran meanwhile")
        .with_hint("deploy again: what it put is compared anew")
}

/// The lease of this deploy: it keeps other deploys out.
pub struct HeldLease<'a> {
    store: &'a Store,
    last: ReadPointer,
    pub owner: String,
    /// Paths that CloudFront must still invalidate. They are in each pointer that is written.
    pub stale: Vec<String>,
    /// In each pointer that is written, too.
    site: Option<PublishedSite>,
    pub published: Option<Publication>,
    renewed: Instant,
}

impl<'a> HeldLease<'a> {
    /// The lease begins with [`HeldLease::claim`] or [`HeldLease::put`].
    pub fn new(store: &'a Store, last: ReadPointer, site: Option<PublishedSite>, stale: Vec<String>) -> HeldLease<'a> {
        let published = last.pointer.published.clone();
        HeldLease { store, last, owner: random_id(), stale, site, published, renewed: Instant::now() }
    }

    /// Begins or renews the lease; the state stays.
    pub async fn claim(&mut self) -> Result<()> {
        let (state, unfinished) = (self.last.pointer.state.clone(), self.last.pointer.unfinished.clone());
        self.write(state, unfinished, Some(self.lease())).await
    }

    /// Names `state`, while more is being put.
    pub async fn put(&mut self, state: Hash) -> Result<()> {
        self.write(Some(state.hex()), Some(self.owner.clone()), Some(self.lease())).await
    }

    /// Names `state`, which is complete, while files are being deleted.
    pub async fn put_whole(&mut self, state: Hash) -> Result<()> {
        self.write(Some(state.hex()), None, Some(self.lease())).await
    }

    /// Names `state`, which is complete, and ends the lease.
    pub async fn end(&mut self, state: Hash) -> Result<()> {
        self.write(Some(state.hex()), None, None).await
    }

    /// Ends the lease although not everything was put.
    pub async fn leave(&mut self) -> Result<()> {
        let (state, unfinished) = (self.last.pointer.state.clone(), self.last.pointer.unfinished.clone());
        self.write(state, unfinished, None).await
    }

    /// Renews the lease from time to time.
    ///
    /// # Errors
    /// Another deploy took the lease in between.
    pub async fn keep(&mut self) -> Result<()> {
        if self.renewed.elapsed() < RENEWED_AFTER {
            return Ok(());
        }
        self.claim().await
    }

    fn lease(&self) -> Lease {
        Lease { owner: self.owner.clone(), until: Moment::now().seconds() + LEASE_DURATION.as_secs() as i64 }
    }

    async fn write(&mut self, state: Option<String>, unfinished: Option<String>, lease: Option<Lease>) -> Result<()> {
        if !self.store.is_conditional && ReadPointer::read(self.store).await?.pointer != self.last.pointer {
            return Err(overtaken());
        }
        let serial = self.last.pointer.serial.wrapping_add(1);
        let (stale, site, published) = (self.stale.clone(), self.site.clone(), self.published.clone());
        let pointer = Pointer { version: VERSION, state, unfinished, lease, serial, stale, site, published };
        let bytes = serde_json::to_vec(&pointer).map_err(|_| unusable("it cannot be written"))?;
        let mode = match self.last.version.clone() {
            _ if !self.store.is_conditional => PutMode::Overwrite,
            None => PutMode::Create,
            Some(version) => PutMode::Update(version),
        };
        let begun = Instant::now();
        let mut pause = Duration::from_millis(100);
        let read = loop {
            let payload = PutPayload::from(bytes.clone());
            let put = self.store.objects.put_opts(&key(&path())?, payload, mode.clone().into()).await;
            if let Err(
                error @ (object_store::Error::NotImplemented { .. } | object_store::Error::PermissionDenied { .. }),
            ) = put
            {
                return Err(failed(&error));
            }
            // The answer can be lost, and a store may not have compared. So the pointer in the target decides.
            let read = ReadPointer::read(self.store).await?;
            let is_unchanged = read.pointer == self.last.pointer;
            match (&read.pointer.lease, put) {
                _ if read.pointer == pointer => break read,
                // `object_store` does not retry conditional writes when a connection breaks.
                (_, Err(_)) if is_unchanged && begun.elapsed() < RETRY_PERIOD => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                (_, Err(error)) if is_unchanged => return Err(failed(&error)),
                (Some(lease), _) => return Err(is_leased(lease)),
                (None, Err(error)) => return Err(failed(&error)),
                (None, Ok(_)) => return Err(overtaken()),
            }
        };
        self.last = read;
        self.renewed = Instant::now();
        Ok(())
    }
}

/// The state that the pointer named when it was read; an empty one before the first deploy.
pub async fn read_state(store: &Store, state: Option<Hash>) -> Result<Deployed> {
    let Some(hash) = state else { return Ok(Deployed::default()) };
    if let Some(found) = find_state(store, hash).await? {
        return Ok(found);
    }
    // A deploy removes a state when the pointer names another.
    let is_still_named = ReadPointer::read(store).await?.state()? == state;
    Err(if is_still_named { lost(hash, "it is not there") } else { overtaken() })
}

/// `None`: there is no such state.
pub async fn find_state(store: &Store, state: Hash) -> Result<Option<Deployed>> {
    let Some(found) = store.get(&deployed::path(state)).await? else { return Ok(None) };
    let bytes = found.bytes().await.map_err(|error| failed(&error))?;
    Deployed::unpack(&bytes, state).map(Some).map_err(|why| lost(state, why))
}

fn lost(state: Hash, why: &str) -> Error {
    Error::new(ErrorKind::Network, format!("the target's state cannot be used: {why}"))
        .with_path(deployed::path(state))
        .with_hint("if nobody else deploys there, delete pointer.json beside it: all is then uploaded again")
}

/// Returns the name of the state.
pub async fn write_state(store: &Store, state: &Deployed) -> Result<Hash> {
    let (bytes, hash) = state.pack().map_err(|error| Error::new(ErrorKind::Internal, format!("state: {error}")))?;
    let put = store.objects.put(&key(&deployed::path(hash))?, PutPayload::from(bytes)).await;
    put.map(|_| hash).map_err(|error| failed(&error))
}

/// Deletes a state that is not needed any more. If that fails, the state only takes up space.
pub async fn forget_state(store: &Store, state: Hash) {
    if let Ok(key) = key(&deployed::path(state)) {
        drop(store.objects.delete(&key).await);
    }
}
