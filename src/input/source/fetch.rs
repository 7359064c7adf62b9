//! Fetches one object into a file: whole and as it was listed, or not at all.

use crate::error::{Error, ErrorKind, Result};
use crate::storage::store::failed;
use futures_util::StreamExt;
use object_store::{GetOptions, ObjectMeta, ObjectStore};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;
use tempfile::NamedTempFile;

/// How often it is tried. The client tries again by itself what is refused; this is for what breaks off.
const ATTEMPTS: u32 = 4;

enum Broken {
    /// Perhaps not for long.
    Off(Error),
    ForGood(Error),
}

/// Fetches `object` to `target`, in whose folder it grows under another name.
pub async fn fetch(objects: &dyn ObjectStore, object: &ObjectMeta, target: &Path) -> Result<()> {
    let mut attempt = 1;
    loop {
        match once(objects, object, target).await {
            Ok(()) => return Ok(()),
            Err(Broken::Off(_)) if attempt < ATTEMPTS => {
                tokio::time::sleep(Duration::from_millis(100 << (2 * attempt))).await;
                attempt += 1;
            }
            Err(Broken::Off(error) | Broken::ForGood(error)) => return Err(error),
        }
    }
}

async fn once(objects: &dyn ObjectStore, object: &ObjectMeta, target: &Path) -> std::result::Result<(), Broken> {
    let unwritable = |error: io::Error| Broken::ForGood(Error::output(target, error));
    let options = GetOptions { if_match: object.e_tag.clone(), ..GetOptions::default() };
    let found = objects.get_opts(&object.location, options).await.map_err(|error| Broken::ForGood(refused(&error)))?;
    let mut file = partial(target).map_err(unwritable)?;
    let (mut pieces, mut bytes) = (found.into_stream(), 0);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| Broken::Off(refused(&error)))?;
        bytes += piece.len() as u64;
        if bytes > object.size {
            return Err(Broken::ForGood(changed()));
        }
        file.write_all(&piece).map_err(unwritable)?;
    }
    if bytes < object.size {
        let message = format!("the store gave {bytes} of {} bytes", object.size);
        return Err(Broken::Off(Error::new(ErrorKind::Network, message)));
    }
    file.persist(target).map_err(|error| unwritable(error.error))?;
    Ok(())
}

fn partial(target: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".partial-").tempfile_in(target.parent().unwrap_or(target))
}

fn refused(error: &object_store::Error) -> Error {
    use object_store::Error::{NotFound, PermissionDenied, Precondition};
    match error {
        Precondition { .. } => changed(),
        NotFound { .. } => Error::new(ErrorKind::Content, "it is no longer in the bucket").with_hint("build again"),
        PermissionDenied { .. } => failed(error).with_hint("docs/sources.md has the policy that is needed to read"),
        _ => failed(error),
    }
}

fn changed() -> Error {
    let told = Error::new(ErrorKind::Content, "it changed in the bucket during the build");
    told.with_hint("build again, once nobody writes to it")
}
