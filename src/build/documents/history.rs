//! The changes of a build to the Manifests and Collections of the site, appended to its history: created if they were
//! not there, updated if their bytes changed, deleted if they are gone.
//!
//! The changes are read from the published tree, by hashes, after everything is in its place. A build that was killed
//! appends nothing; the next one appends what both did, once. Hashes leave out the `base-url`, so that a preview at
//! another address appends nothing. Rejected: recovering a lost history from an old feed in the output, because nothing
//! proves that the file is right.

use super::folders::Documents;
use crate::build::run::Run;
use crate::error::Result;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::{Activity, Change, Moment};
use crate::storage::fingerprint::{Hash, Hasher};
use crate::storage::state::{Edition, History};
use memchr::memmem;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};

/// The history, with the activities that this build added.
pub struct Kept<'a> {
    before: &'a History,
    /// By path; `None`: it is gone.
    changes: BTreeMap<String, Option<Edition>>,
    /// How many activities there are.
    pub length: u64,
    /// The time of the first one.
    pub began: Moment,
}

impl Kept<'_> {
    /// The edition in which a document is published now.
    pub fn edition(&self, path: &str) -> Option<Edition> {
        self.changes.get(path).copied().unwrap_or_else(|| self.before.editions.get(path).copied())
    }
}

/// Adds the changes of this build to the history. Runs on the current rayon pool.
pub fn keep<'a>(documents: &Documents<'_>, run: &Run<'a>) -> Result<Kept<'a>> {
    let before = &run.previous.history;
    // The resource must have been there by then (section 3.3, endTime), and no clock may turn the order round.
    let time = Moment::now().max(before.ended.unwrap_or(Moment::EARLIEST));
    let editions = changes(&published(documents, before, run)?, before, time);
    let published_before = if before.length == 0 { published_before(run) } else { HashSet::new() };
    let mut activities: Vec<Activity> = (before.length == 0).then(|| refresh(time)).into_iter().collect();
    activities.extend(editions.iter().map(|(path, edition)| {
        let change = match (edition, before.editions.get(path)) {
            (None, _) => Change::Delete,
            (Some(_), Some(_)) => Change::Update,
            (Some(_), None) if published_before.contains(path.as_str()) => Change::Update,
            (Some(_), None) => Change::Create,
        };
        Activity { change, path: SitePath::root().join(path), time }
    }));
    if !activities.is_empty() || before.has_gap {
        run.state.add_activities(&activities, &editions)?;
    }
    let length = before.length + activities.len() as u64;
    Ok(Kept { before, changes: editions.into_iter().collect(), length, began: before.began.unwrap_or(time) })
}

/// Every document in the order of the site, with the hash of its published bytes; `None`: it is not published.
fn published(documents: &Documents<'_>, history: &History, run: &Run<'_>) -> Result<Vec<(String, Option<Hash>)>> {
    let resources: Vec<(SitePath, bool)> = documents.resources().collect();
    let edition = |(path, may_differ): &(SitePath, bool)| {
        let unchanged = history.editions.get(path.as_str()).filter(|_| !may_differ && !history.has_gap);
        let hash = match unchanged {
            Some(edition) => Some(edition.hash),
            None => run.directory.read(path)?.map(|bytes| hash(&bytes, &run.config.base_url)),
        };
        Ok((path.as_str().to_owned(), hash))
    };
    resources.par_iter().map(edition).collect()
}

/// How the documents differ from `history`: first those that are gone, then those that are new or changed.
fn changes(now: &[(String, Option<Hash>)], history: &History, time: Moment) -> Vec<(String, Option<Edition>)> {
    let there: HashSet<&str> = now.iter().filter(|(_, hash)| hash.is_some()).map(|(path, _)| path.as_str()).collect();
    let gone = history.editions.keys().filter(|path| !there.contains(path.as_str())).map(|path| (path.clone(), None));
    let new = now.iter().filter_map(|(path, hash)| {
        let (hash, before) = ((*hash)?, history.editions.get(path));
        let created = before.map_or(time, |before| before.created);
        let edition = Edition { hash, created, updated: time };
        before.is_none_or(|before| before.hash != hash).then(|| (path.clone(), Some(edition)))
    });
    gone.chain(new).collect()
}

/// Documents that earlier builds published without keeping a history.
fn published_before<'a>(run: &Run<'a>) -> HashSet<&'a str> {
    let finished = run.previous.documents.values().filter(|record| record.documents.is_some());
    finished.flat_map(|record| &record.files).map(String::as_str).collect()
}

/// The first activity of a history: earlier publications are not known.
fn refresh(time: Moment) -> Activity {
    Activity { change: Change::Refresh, path: SitePath::root(), time }
}

/// Hash of a document with its `base-url` left out: another `base-url` makes no new edition.
fn hash(bytes: &[u8], base: &BaseUrl) -> Hash {
    let (mut hasher, mut rest) = (Hasher::new(), 0);
    for at in memmem::find_iter(bytes, base.as_str()) {
        hasher.update(&bytes[rest..at]);
        // A byte that no JSON document holds.
        hasher.update(&[0]);
        rest = at + base.as_str().len();
    }
    hasher.update(&bytes[rest..]);
    Hash::from(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_is_the_same_at_any_address() {
        let of = |base: &str, document: &str| {
            hash(document.replace("BASE", base).as_bytes(), &BaseUrl::parse(base).unwrap())
        };
        let document = "{ \"id\": \"BASEa/manifest.json\", \"b\": \"BASE\" }";
        assert_eq!(of("https://a.example/", document), of("http://b.example/path/", document));
        assert_ne!(of("https://a.example/", document), of("https://a.example/", "{ \"id\": \"a/manifest.json\" }"));
    }
}
