//! Stores of objects: what opens them, and what they can do. Credentials come from the environment as `object_store` reads it:
//! keys, a web identity, the machine's own; none is ever named in settings or messages.

mod answer;

use crate::config::{Destination, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::state::Lock;
use answer::Answer;
use object_store::aws::AmazonS3Builder;
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
            Destination::Bucket { bucket, prefix } => Store::bucket(target, bucket, prefix),
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

    fn bucket(target: &Target, bucket: &str, prefix: &str) -> Result<Store> {
        // Whoever came first has chosen; there is only this one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
        if let Some(region) = &target.region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = &target.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let store = builder.build().map_err(|error| failed(&error))?;
        let objects: Arc<dyn ObjectStore> = match prefix {
            "" => Arc::new(store),
            prefix => Arc::new(PrefixStore::new(store, key(prefix)?)),
        };
        Ok(Store { objects, has_attributes: true, is_conditional: target.conditional_writes, lock: None })
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

/// Whether it is the bucket itself that is not there.
fn names_bucket(message: &str) -> bool {
    message.contains("NoSuchBucket")
}

/// A path of the site as the name of an object: as it is, for hosts decode URLs and look for exactly that.
pub fn key(path: &str) -> Result<Key> {
    Key::parse(path).map_err(|error| Error::new(ErrorKind::Output, format!("{path}: no store can hold it: {error}")))
}

/// In words for whoever runs the deploy.
pub fn failed(error: &object_store::Error) -> Error {
    use object_store::Error::*;
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
        Generic { source, .. } if source.to_string().contains("169.254") => {
            "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; those of a profile or of SSO \
             come by `eval \"$(aws configure export-credentials --format env)\"`"
        }
        _ => return told,
    };
    told.with_hint(hint)
}
