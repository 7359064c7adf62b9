//! Deletes what is no longer named, after its time: in the order of putting, backwards, so that no document outlives the
//! files that it names.

use super::deployed::{Deployed, Retired, is_private};
use super::earlier::Earlier;
use super::lease::Held;
use super::unit::{Unit, Units};
use super::upload::in_order;
use crate::error::Result;
use crate::storage::store::{Store, failed, key};
use futures_util::{StreamExt, stream};
use object_store::ObjectStore;
use object_store::path::Path as Key;
use std::collections::HashSet;
use std::time::Duration;

/// As many as S3 takes in one request.
pub const BATCH: usize = 1000;

/// What is to be deleted: files that had their time, but for those that something else still needs.
pub struct Doomed<'a> {
    pub retired: Vec<&'a Retired>,
    /// Files of what waits for its time, and copies that can be gone back to.
    spared: HashSet<String>,
    site: &'a Units,
}

impl<'a> Doomed<'a> {
    /// Of what `ended` has, which is what there is beside `site`.
    pub fn of(ended: &'a Deployed, site: &'a Units, grace: Duration, now: i64) -> Doomed<'a> {
        let (retired, waiting): (Vec<&Retired>, Vec<&Retired>) =
            ended.retired.iter().partition(|one| one.is_due(grace, now));
        let mut spared = HashSet::new();
        if !retired.is_empty() {
            let kept = ended.earlier.iter().flat_map(Earlier::retired);
            spared.extend(waiting.iter().flat_map(|one| one.unit.files(&one.path)));
            spared.extend(kept.flat_map(|one| one.unit.files(&one.path)));
        }
        Doomed { retired, spared, site }
    }

    pub fn none(self) -> Doomed<'a> {
        Doomed { retired: vec![], ..self }
    }

    pub fn is_empty(&self) -> bool {
        self.retired.is_empty()
    }

    /// How many of the files readers could see.
    pub fn public(&self) -> u64 {
        let public = self.retired.iter().filter(|one| !one.is_private());
        public.map(|one| self.files(&one.path, &one.unit).count() as u64).sum()
    }

    fn files(&self, path: &str, unit: &Unit) -> impl Iterator<Item = String> {
        unit.leftover(path, self.site).into_iter().filter(|file| !self.spared.contains(file))
    }
}

/// Deletes all of `doomed`. One that is not there is as good as deleted. Answers how many readers could have seen.
pub async fn delete(store: &Store, doomed: &Doomed<'_>, held: &mut Held<'_>) -> Result<u64> {
    let mut deleted = 0;
    let units: Vec<_> = doomed.retired.iter().map(|retired| (&retired.path, &retired.unit)).collect();
    for group in in_order(&units).values().rev() {
        let mut files = group.iter().flat_map(|(path, unit)| doomed.files(path, unit)).peekable();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::geometry::Size;
    use crate::model::settings::Formats;
    use crate::publish::deploy::unit::Folder;
    use crate::storage::fingerprint::Hash;

    const IMAGE: &str = "iiif/3/a_1";

    fn image(width: u32) -> Unit {
        let (digest, formats) = (Hash([width as u8; 16]), Formats::default());
        Unit::Image(Folder { digest, bytes: 9, size: Size::new(width, 900), tile_size: 512, max_size: 4096, formats })
    }

    fn retired(width: u32, since: i64) -> Retired {
        Retired { path: IMAGE.into(), unit: image(width), since }
    }

    fn doomed(ended: &Deployed) -> Vec<String> {
        let site = Units::new();
        let doomed = Doomed::of(ended, &site, Duration::from_secs(50), 101);
        doomed.retired.iter().flat_map(|one| doomed.files(&one.path, &one.unit)).collect()
    }

    #[test]
    fn what_waits_for_its_time_keeps_the_files_that_it_shares_with_what_had_its() {
        let ended = Deployed { retired: vec![retired(900, 0), retired(901, 100)], ..Deployed::default() };
        let (gone, waiting) = (doomed(&ended), image(901).files(IMAGE));
        assert!(!gone.is_empty() && gone.len() < image(900).files(IMAGE).len());
        assert!(gone.iter().all(|file| !waiting.contains(file)), "{gone:?}");
    }

    #[test]
    fn copies_that_can_be_gone_back_to_stay_though_somebody_called_them_leftovers() {
        let mut earlier = Earlier::of(Hash([1; 16]), 100);
        earlier.kept.insert(IMAGE.into(), image(900));
        let copies = earlier.retired();
        let copies: Vec<_> = copies.iter().flat_map(|one| one.unit.files(&one.path)).collect();
        let leftover = copies.iter().map(|file| Retired::private(file.clone())).collect();
        let ended = Deployed { retired: leftover, earlier: Some(earlier), ..Deployed::default() };
        assert_eq!(doomed(&ended), Vec::<String>::new());
    }
}
