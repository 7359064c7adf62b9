//! Deletes what is no longer named, after its time: in the order of putting, backwards, so that no document outlives the
//! files that it names.

use super::deployed::{Retired, is_private};
use super::lease::Held;
use super::unit::Units;
use super::upload::in_order;
use crate::error::Result;
use crate::store::{Store, failed, key};
use futures_util::{StreamExt, stream};
use object_store::ObjectStore;
use object_store::path::Path as Key;

/// As many as S3 takes in one request.
pub const BATCH: usize = 1000;

/// Of `due`, all files that `site` has no use for. One that is not there is as good as deleted. Answers how many of them
/// readers could have seen.
pub async fn delete(store: &Store, due: &[&Retired], site: &Units, held: &mut Held<'_>) -> Result<u64> {
    let mut deleted = 0;
    let units: Vec<_> = due.iter().map(|retired| (&retired.path, &retired.unit)).collect();
    for group in in_order(&units).values().rev() {
        let mut files = group.iter().flat_map(|(path, unit)| unit.leftover(path, site)).peekable();
        while files.peek().is_some() {
            let batch: Vec<String> = files.by_ref().take(BATCH).collect();
            deleted += batch.iter().filter(|file| !is_private(file)).count() as u64;
            let batch: Vec<Key> = batch.iter().map(|file| key(file)).collect::<Result<_>>()?;
            let mut answers = store.objects.delete_stream(stream::iter(batch.into_iter().map(Ok)).boxed());
            while let Some(answer) = answers.next().await {
                match answer {
                    Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(failed(&error)),
                }
            }
            held.keep().await?;
        }
    }
    Ok(deleted)
}
