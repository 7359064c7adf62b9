//! Reads images where they lie, if their files do not lie here too: the digest that a target's state has of each says
//! whether it is as it was put.

use super::inventory::image_digest;
use super::unit::{Unit, Units};
use super::upload::{IN_FLIGHT, is_said_rightly};
use super::verify::Owners;
use crate::build::progress::{Event, Observer, Stage};
use crate::config::Compression;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::{Hash, Hasher};
use crate::storage::output::FolderDigest;
use crate::storage::store::{Store, failed};
use futures_util::TryStreamExt;
use object_store::ObjectStore;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// A file of the image at the path `image`: where it is there, how long it is and what its bytes are.
struct Read<'a> {
    image: &'a str,
    file: String,
    /// `None`: hosts say something else of it than they should.
    content: Option<(u64, Hash)>,
}

/// Reads all images of `units` in `store`; answers the paths of those that are not as they should be.
pub async fn damaged_images(store: &Store, units: &Units, observer: &dyn Observer) -> Result<BTreeSet<String>> {
    let begun = Instant::now();
    observer.event(Event::StageStarted { stage: Stage::Verify, total: 0 });
    let mut owners = Owners::default();
    let folders = || {
        units.iter().filter_map(|(path, unit)| match unit {
            Unit::Image(folder) => Some((path, unit, folder)),
            _ => None,
        })
    };
    folders().for_each(|(path, unit, _)| owners.add(path, unit));
    let listed = store.objects.list(None).map_err(|error| failed(&error));
    let ours = listed.try_filter_map(|object| {
        let file = object.location.to_string();
        let found = owners.owner(&file).map(|image| (image, file));
        async move { Ok(found) }
    });
    let reads = ours.map_ok(|(image, file)| read(store, image, file)).try_buffer_unordered(IN_FLIGHT);
    let tallies =
        reads.try_fold(BTreeMap::<&str, FolderDigest>::new(), |mut tallies, Read { image, file, content }| {
            observer.event(Event::Advanced { stage: Stage::Verify, by: 1 });
            if let Some((bytes, hash)) = content {
                tallies.entry(image).or_default().add(file[image.len()..].trim_start_matches('/'), bytes, hash);
            }
            let interrupted = || Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was changed"));
            let next = if observer.is_cancelled() { interrupted() } else { Ok(tallies) };
            async move { next }
        });
    let tallies = tallies.await?;
    observer.event(Event::StageFinished { stage: Stage::Verify, elapsed: begun.elapsed() });
    let is_intact = |path: &str, digest: Hash| tallies.get(path).is_some_and(|files| image_digest(files) == digest);
    let damaged = folders().filter(|(path, _, folder)| !is_intact(path, folder.digest));
    Ok(damaged.map(|(path, ..)| path.clone()).collect())
}

async fn read<'a>(store: &Store, image: &'a str, file: String) -> Result<Read<'a>> {
    let Some(found) = store.get(&file).await? else { return Ok(Read { image, file, content: None }) };
    if !is_said_rightly(&found, store, &file, Compression::None) {
        return Ok(Read { image, file, content: None });
    }
    let (mut hasher, mut bytes, mut parts) = (Hasher::new(), 0, found.into_stream());
    while let Some(part) = parts.try_next().await.map_err(|error| failed(&error))? {
        hasher.update(&part);
        bytes += part.len() as u64;
    }
    Ok(Read { image, file, content: Some((bytes, Hash::from(&hasher.finalize()))) })
}
