//! Stores of objects: what opens them, and what they can do. Credentials come from the environment, as the tools of each
//! service find them; none is ever named in settings or messages.

mod amazon;
mod answer;
mod azure;
mod connection;
mod credentials;
mod google;
mod machine_identity;
mod throttle;

pub use credentials::Credentials;
pub use throttle::MOST;

use crate::config::{Access, Bucket, Destination, Service, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::state::Lock;
use answer::Answer;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::{GetResult, ObjectStore, ObjectStoreExt};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Where what is not part of the site lies: hosts must not serve it.
pub const PRIVATE: &str = ".iiif-build";

/// See the [module](self).
pub struct Store {
    pub objects: Arc<dyn ObjectStore>,
    /// Whether it keeps what a host says of a file.
    pub has_attributes: bool,
    /// Whether it writes only if nobody else did meanwhile. Where it cannot, `lock` or nobody keeps others out.
    pub is_conditional: bool,
    pub lock: Option<Lock>,
}

impl Store {
    pub fn open(target: &Target) -> Result<Store> {
        match &target.url {
            Destination::Folder(folder) => Store::folder(folder),
            Destination::Bucket(bucket) => {
                let objects = objects(bucket, &target.access())?;
                Ok(Store { objects, has_attributes: true, is_conditional: target.conditional_writes, lock: None })
            }
        }
    }

    /// A folder has no conditional writes, but a kernel that frees a lock when its holder is gone.
    fn folder(folder: &Path) -> Result<Store> {
        let private = folder.join(PRIVATE);
        fs::create_dir_all(&private).map_err(|error| Error::output(&private, error))?;
        let lock =
            Lock::take(&private.join("lock"), "another deploy to this folder is running", "wait until it has ended")?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(&error))?;
        Ok(Store { objects: Arc::new(objects), has_attributes: false, is_conditional: false, lock: Some(lock) })
    }

    /// The object at `path`; `None`: there is none.
    pub async fn get(&self, path: &str) -> Result<Option<GetResult>> {
        match self.objects.get(&key(path)?).await {
            Ok(found) => Ok(Some(found)),
            Err(object_store::Error::NotFound { source, .. }) if !names_bucket(&source.to_string()) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// What lies in a part of a bucket.
pub fn objects(bucket: &Bucket, access: &Access) -> Result<Arc<dyn ObjectStore>> {
    choose_cryptography();
    let whole: Arc<dyn ObjectStore> = match &bucket.service {
        Service::S3 => Arc::new(amazon::open(&bucket.name, access)?),
        Service::Google => Arc::new(google::open(&bucket.name, access)?),
        Service::Azure { account } => Arc::new(azure::open(account, &bucket.name, access)?),
    };
    Ok(match bucket.prefix.as_str() {
        "" => whole,
        prefix => Arc::new(PrefixStore::new(whole, key(prefix)?)),
    })
}

/// Of TLS. Whoever came first has chosen; there is only this one. Certificates are checked against those that the system
/// trusts.
pub fn choose_cryptography() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Whether `endpoint` is reached without TLS, as servers on this machine are.
fn is_plain(endpoint: &str) -> bool {
    endpoint.starts_with("http://")
}

/// Whether it is the bucket itself that is not there.
fn names_bucket(message: &str) -> bool {
    ["NoSuchBucket", "ContainerNotFound", "bucket does not exist"].iter().any(|name| message.contains(name))
}

/// A path of the site as the name of an object: as it is, for hosts decode URLs and look for exactly that.
pub fn key(path: &str) -> Result<Key> {
    Key::parse(path).map_err(|error| Error::new(ErrorKind::Output, format!("{path}: no store can hold it: {error}")))
}

/// In words for whoever runs the deploy.
pub fn failed(error: &object_store::Error) -> Error {
    use object_store::Error::*;
    // What was found wrong with credentials says so itself.
    if let Some(inner) = own(error) {
        let told = Error::new(inner.kind(), inner.message());
        return match inner.hint() {
            Some(hint) => told.with_hint(hint),
            None => told,
        };
    }
    let answer = Answer::of(&error.to_string());
    let told = Error::new(ErrorKind::Network, answer.as_ref().map_or_else(|| error.to_string(), Answer::sentence));
    let hint = match error {
        _ if answer.as_ref().is_some_and(Answer::doubts_credentials) => {
            "the store does not accept these credentials: they are wrong, have run out, or belong to another store"
        }
        _ if answer.as_ref().is_some_and(Answer::doubts_clock) => "set the clock of this machine",
        _ if names_bucket(&error.to_string()) => "there is no such bucket: make it, or look at `url` and `region`",
        PermissionDenied { .. } => "the credentials do not allow it: docs/deploy.md has the policy that is needed",
        Unauthenticated { .. } => "the store knows no such credentials",
        NotImplemented { .. } => {
            "the store has no conditional writes: `conditional-writes = false` does without, if nobody else deploys"
        }
        // The machine itself is asked last.
        Generic { source, .. } if source.to_string().contains("169.254.169.254") => {
            "no credentials were found; docs/deploy.md says where they are looked for"
        }
        _ => return told,
    };
    told.with_hint(hint)
}

/// The error of ours that caused another.
fn own(error: &object_store::Error) -> Option<&Error> {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| error.source()).find_map(|error| error.downcast_ref())
}
