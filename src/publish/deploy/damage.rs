//! Checks images that are in the store only: all their files are read, and the digest of each image is compared with
//! the one in the state of the target.

use super::artifact::{Artifact, Artifacts};
use super::built::has_expected_headers;
use super::inventory::image_digest;
use super::verify::Owners;
use crate::build::progress::{Event, Observer, Stage};
use crate::config::Compression;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::{Hash, Hasher};
use crate::storage::output::FolderDigest;
use crate::storage::store::{MAX_REQUESTS, Store, failed};
use futures_util::TryStreamExt;
use object_store::ObjectStore;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// A file of the image at the path `image`, after it was read.
struct Read<'a> {
    image: &'a str,
    file: String,
    /// Its length and the hash of its bytes; `None`: it is not there, or has wrong headers.
    content: Option<(u64, Hash)>,
}

/// Reads all images of `artifacts` in `store`. Returns the paths of those that are damaged.
pub async fn damaged_images(store: &Store, artifacts: &Artifacts, observer: &dyn Observer) -> Result<BTreeSet<String>> {
    let begun = Instant::now();
    observer.event(Event::StageStarted { stage: Stage::Verify, total: 0 });
    let mut owners = Owners::default();
    let folders = || {
        artifacts.iter().filter_map(|(path, artifact)| match artifact {
            Artifact::Image(folder) => Some((path, artifact, folder)),
            _ => None,
        })
    };
    folders().for_each(|(path, artifact, _)| owners.add(path, artifact));
    let listed = store.objects.list(None).map_err(|error| failed(&error));
    let ours = listed.try_filter_map(|object| {
        let file = object.location.to_string();
        let found = owners.owner(&file).map(|image| (image, file));
        async move { Ok(found) }
    });
    let reads = ours.map_ok(|(image, file)| read(store, image, file)).try_buffer_unordered(MAX_REQUESTS);
    let digests =
        reads.try_fold(BTreeMap::<&str, FolderDigest>::new(), |mut digests, Read { image, file, content }| {
            observer.event(Event::Advanced { stage: Stage::Verify, by: 1 });
            if let Some((bytes, hash)) = content {
                digests.entry(image).or_default().add(file[image.len()..].trim_start_matches('/'), bytes, hash);
            }
            let interrupted = || Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was changed"));
            let next = if observer.is_cancelled() { interrupted() } else { Ok(digests) };
            async move { next }
        });
    let digests = digests.await?;
    observer.event(Event::StageFinished { stage: Stage::Verify, elapsed: begun.elapsed() });
    let is_intact = |path: &str, digest: Hash| digests.get(path).is_some_and(|files| image_digest(files) == digest);
    let damaged = folders().filter(|(path, _, folder)| !is_intact(path, folder.digest));
    Ok(damaged.map(|(path, ..)| path.clone()).collect())
}

async fn read<'a>(store: &Store, image: &'a str, file: String) -> Result<Read<'a>> {
    let Some(found) = store.get(&file).await? else { return Ok(Read { image, file, content: None }) };
    if !has_expected_headers(&found, store, &file, Compression::None) {
        return Ok(Read { image, file, content: None });
    }
    let (mut hasher, mut bytes, mut parts) = (Hasher::new(), 0, found.into_stream());
    while let Some(part) = parts.try_next().await.map_err(|error| failed(&error))? {
        hasher.update(&part);
        bytes += part.len() as u64;
    }
    Ok(Read { image, file, content: Some((bytes, Hash::from(&hasher.finalize()))) })
}
