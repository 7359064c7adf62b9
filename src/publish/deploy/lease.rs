//! The pointer: the one object of a target that is replaced only if it is as it was seen. It names what is there, and who
//! is deploying until when.

use super::deployed::VERSION;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Moment;
use crate::storage::fingerprint::Hash;
use crate::storage::store::{PRIVATE, Store, failed, key};
use object_store::{ObjectStore, PutMode, PutPayload, UpdateVersion};
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

/// So long a deploy that says nothing keeps others out.
const TERM: Duration = Duration::from_secs(600);

/// After which it says so again. What is retried in between must end before the term does.
pub const RENEWED_AFTER: Duration = Duration::from_secs(120);

/// So long a write is tried again that did not arrive.
const TRIED_FOR: Duration = Duration::from_secs(30);

/// As it lies in the target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    version: u32,
    /// The name of the state; none before the first.
    pub state: Option<String>,
    /// Whose deploy did not come to its end, or is under way.
    pub unfinished: Option<String>,
    lease: Option<Lease>,
    /// Makes each write of one owner another.
    serial: u32,
    /// Paths that CloudFront has yet to be told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    owner: String,
    /// Seconds since 1970.
    until: i64,
}

/// The pointer as it was seen, and which version of it that was.
pub struct Seen {
    pub pointer: Pointer,
    version: Option<UpdateVersion>,
}

pub fn path() -> String {
    format!("{PRIVATE}/pointer.json")
}

impl Seen {
    /// Reads it; where there is none, an empty one.
    pub async fn read(store: &Store) -> Result<Seen> {
        let Some(found) = store.get(&path()).await? else {
            return Ok(Seen { pointer: Pointer::default(), version: None });
        };
        let version = UpdateVersion { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
        let bytes = found.bytes().await.map_err(|error| failed(&error))?;
        let pointer: Pointer = serde_json::from_slice(&bytes).map_err(|_| unusable("it is damaged"))?;
        if pointer.version != VERSION {
            return Err(unusable("another version of the program wrote it"));
        }
        Ok(Seen { pointer, version: Some(version) })
    }

    /// Refuses while somebody else deploys. `own`: the owners that deploys from here were; they have ended, for whoever
    /// is here holds the lock of the output.
    pub fn check_free(&self, own: &[String]) -> Result<()> {
        match &self.pointer.lease {
            Some(lease) if lease.until > Moment::now().seconds() && !own.contains(&lease.owner) => Err(held(lease)),
            _ => Ok(()),
        }
    }

    /// The state that it names, by its hash.
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

fn held(lease: &Lease) -> Error {
    let until = Moment::from_seconds(lease.until).unwrap_or(Moment::EARLIEST);
    Error::new(ErrorKind::Network, "another deploy to this target is running")
        .with_hint(format!("wait until it has ended; if it was killed, others may begin after {until}"))
}

/// Somebody came in between.
pub fn overtaken() -> Error {
    Error::new(ErrorKind::Network, "another deploy to this target ran meanwhile")
        .with_hint("deploy again: what it put is compared anew")
}

/// A deploy that keeps others out.
pub struct Held<'a> {
    store: &'a Store,
    seen: Seen,
    pub owner: String,
    /// Written down each time: paths that CloudFront has yet to be told of.
    pub stale: Vec<String>,
    renewed: Instant,
}

impl<'a> Held<'a> {
    /// Nobody is kept out before [`Held::claim`] or [`Held::put`].
    pub fn new(store: &'a Store, seen: Seen, stale: Vec<String>) -> Held<'a> {
        // Seeded anew, and at random, each time.
        let [a, b] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
        let owner = format!("{a:016x}{b:016x}");
        Held { store, seen, owner, stale, renewed: Instant::now() }
    }

    /// Keeps others out; what is there is as it was.
    pub async fn claim(&mut self) -> Result<()> {
        let (state, unfinished) = (self.seen.pointer.state.clone(), self.seen.pointer.unfinished.clone());
        self.write(state, unfinished, Some(self.lease())).await
    }

    /// Names `state` as what is there, while more is being put.
    pub async fn put(&mut self, state: Hash) -> Result<()> {
        self.write(Some(state.hex()), Some(self.owner.clone()), Some(self.lease())).await
    }

    /// Names `state` as what is there, and whole, while what nobody names is being deleted.
    pub async fn put_whole(&mut self, state: Hash) -> Result<()> {
        self.write(Some(state.hex()), None, Some(self.lease())).await
    }

    /// Names `state` as what is there, and lets others in.
    pub async fn end(&mut self, state: Hash) -> Result<()> {
        self.write(Some(state.hex()), None, None).await
    }

    /// Lets others in although not all was put.
    pub async fn leave(&mut self) -> Result<()> {
        let (state, unfinished) = (self.seen.pointer.state.clone(), self.seen.pointer.unfinished.clone());
        self.write(state, unfinished, None).await
    }

    /// Says that it is still at it, from time to time; an error if others were let in meanwhile.
    pub async fn keep(&mut self) -> Result<()> {
        if self.renewed.elapsed() < RENEWED_AFTER {
            return Ok(());
        }
        self.claim().await
    }

    fn lease(&self) -> Lease {
        Lease { owner: self.owner.clone(), until: Moment::now().seconds() + TERM.as_secs() as i64 }
    }

    async fn write(&mut self, state: Option<String>, unfinished: Option<String>, lease: Option<Lease>) -> Result<()> {
        if !self.store.is_conditional && Seen::read(self.store).await?.pointer != self.seen.pointer {
            return Err(overtaken());
        }
        let serial = self.seen.pointer.serial.wrapping_add(1);
        let stale = self.stale.clone();
        let pointer = Pointer { version: VERSION, state, unfinished, lease, serial, stale };
        let bytes = serde_json::to_vec(&pointer).map_err(|_| unusable("it cannot be written"))?;
        let mode = match self.seen.version.clone() {
            _ if !self.store.is_conditional => PutMode::Overwrite,
            None => PutMode::Create,
            Some(version) => PutMode::Update(version),
        };
        let begun = Instant::now();
        let mut pause = Duration::from_millis(100);
        let seen = loop {
            let payload = PutPayload::from(bytes.clone());
            let put = self.store.objects.put_opts(&key(&path())?, payload, mode.clone().into()).await;
            if let Err(
                error @ (object_store::Error::NotImplemented { .. } | object_store::Error::PermissionDenied { .. }),
            ) = put
            {
                return Err(failed(&error));
            }
            // Whatever was answered: an answer may be lost, and a store may not have compared. What lies there decides.
            let seen = Seen::read(self.store).await?;
            let is_as_before = seen.pointer == self.seen.pointer;
            match (&seen.pointer.lease, put) {
                _ if seen.pointer == pointer => break seen,
                // What is conditional `object_store` does not try again when a connection breaks.
                (_, Err(_)) if is_as_before && begun.elapsed() < TRIED_FOR => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                (_, Err(error)) if is_as_before => return Err(failed(&error)),
                (Some(lease), _) => return Err(held(lease)),
                (None, Err(error)) => return Err(failed(&error)),
                (None, Ok(_)) => return Err(overtaken()),
            }
        };
        self.seen = seen;
        self.renewed = Instant::now();
        Ok(())
    }
}
