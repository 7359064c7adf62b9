//! Object stores: how they are opened, and which operations they have. Credentials come from the environment, where the
//! tools of each service look for them. They are never in settings or messages.
//!
//! `object_store` with `ring` is one client for all stores. Rejected: AWS's SDK, which needs a second C library
//! (aws-lc).

mod credentials;
mod errors;
mod hints;
mod network;
mod services;
mod throttle;

pub use credentials::Credentials;
pub use errors::failed;
pub use hints::cannot_write;
pub use network::{choose_cryptography, runtime};
pub use throttle::MAX_REQUESTS;

/// The folder for objects that are not part of the site. Hosts must not serve it.
pub use crate::model::address::PRIVATE;

use crate::config::{Access, Bucket, Destination, Service, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::lock::Lock;
use errors::names_bucket;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::{GetResult, ObjectStore, ObjectStoreExt};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A store that a site is deployed to.
pub struct Store {
    pub objects: Arc<dyn ObjectStore>,
    /// Whether it stores headers with each object.
    pub has_attributes: bool,
    /// Whether it has conditional writes. Without them only the lock of a folder keeps other deploys out.
    pub is_conditional: bool,
    /// Whether an object with a version is one of a store that keeps its earlier versions.
    pub names_versions: bool,
    pub folder: Option<LockedFolder>,
}

/// A folder that serves as a store.
pub struct LockedFolder {
    pub path: PathBuf,
    /// The kernel frees it, however its holder ends: who has it knows that no other deploy runs.
    pub lock: Lock,
}

impl Store {
    /// Opens the store of `target`.
    ///
    /// # Errors
    /// There are no credentials; or the folder cannot be made, or another deploy to it is running.
    pub fn open(target: &Target) -> Result<Store> {
        match &target.url {
            Destination::Folder(folder) => Store::folder(folder),
            Destination::Bucket(bucket) => {
                let objects = objects(bucket, &target.access())?;
                // Google gives each object a generation, whether earlier ones are kept or not.
                let names_versions = bucket.service != Service::Google;
                let is_conditional = target.conditional_writes;
                Ok(Store { is_conditional, names_versions, ..Store::of(objects) })
            }
        }
    }

    /// A store with headers and conditional writes.
    pub fn of(objects: Arc<dyn ObjectStore>) -> Store {
        Store { objects, has_attributes: true, is_conditional: true, names_versions: false, folder: None }
    }

    /// A folder has no conditional writes, but a lock, which the system frees when its holder ends.
    fn folder(folder: &Path) -> Result<Store> {
        let private = folder.join(PRIVATE);
        fs::create_dir_all(&private).map_err(|error| cannot_write(&private, error))?;
        let place = private.join("lock");
        let writable = fs::OpenOptions::new().create(true).append(true).open(&place);
        writable.map_err(|error| cannot_write(&place, error))?;
        let lock = Lock::take(&place, "another deploy to this folder is running", "wait until it has ended")?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(&error))?;
        let objects = Arc::new(objects.with_automatic_cleanup(true));
        let folder = Some(LockedFolder { path: folder.to_path_buf(), lock });
        Ok(Store { has_attributes: false, is_conditional: false, folder, ..Store::of(objects) })
    }

    /// The object at `path`; `None`: it does not exist.
    pub async fn get(&self, path: &str) -> Result<Option<GetResult>> {
        match self.objects.get(&key(path)?).await {
            Ok(found) => Ok(Some(found)),
            Err(object_store::Error::NotFound { source, .. }) if !names_bucket(&source.to_string()) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// Opens the part of a bucket below its prefix.
pub fn objects(bucket: &Bucket, access: &Access) -> Result<Arc<dyn ObjectStore>> {
    choose_cryptography();
    let whole: Arc<dyn ObjectStore> = match &bucket.service {
        Service::S3 => Arc::new(services::s3(&bucket.name, access)?),
        Service::Google => Arc::new(services::google(&bucket.name, access)?),
        Service::Azure { account } => Arc::new(services::azure(account, &bucket.name, access)?),
    };
    Ok(match bucket.prefix.as_str() {
        "" => whole,
        prefix => Arc::new(PrefixStore::new(whole, key(prefix)?)),
    })
}

/// A path of the site as the name of an object. It is not encoded, because hosts decode URLs before they look for the
/// object.
pub fn key(path: &str) -> Result<Key> {
    Key::parse(path).map_err(|error| Error::new(ErrorKind::Output, format!("{path}: no store can hold it: {error}")))
}
