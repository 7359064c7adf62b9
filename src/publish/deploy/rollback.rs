//! Rollback: the site can go back to the state before a deploy for as long as the grace period lasts. Files that the
//! new version no longer uses stay in their place during that time. Files that it overwrites are copied beside the site
//! first.
//!
//! The files are copied within the store. Going back transfers no bytes through this machine and needs no build. One
//! step is kept: a second would need the files that the first overwrote.

use super::artifact::{Artifact, Artifacts, Selection};
use super::deployed::{Deployed, RollbackPoint};
use super::pointer::{HeldLease, find_state};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::store::{MAX_REQUESTS, Store, failed};
use futures_util::{StreamExt, stream};
use object_store::ObjectStoreExt;
use object_store::path::Path as Key;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

/// A state that is about to be replaced.
pub struct Replacement<'a> {
    pub base: &'a Deployed,
    /// The hash of that state; `None` if it is not complete.
    pub replaced: Option<Hash>,
    /// The artifacts that will be put.
    pub due: &'a Selection<'a>,
    /// In seconds since 1970.
    pub now: i64,
    pub grace: Duration,
    /// The deploy takes something down: it must not come back, so there is nothing to go back to.
    pub takes_down: bool,
}

/// The files that a deploy keeps so that the site can go back.
#[derive(Default)]
pub struct Backup {
    pub point: Option<RollbackPoint>,
    /// Artifacts that must be copied before anything is put.
    pub copies: Artifacts,
}

impl Replacement<'_> {
    /// The rollback point is the state that is replaced, or the previous rollback point if that state is not complete.
    pub async fn backup(&self, store: &Store) -> Result<Backup> {
        let lasts = |point: &RollbackPoint| !point.is_over(self.grace, self.now);
        let point = match self.replaced {
            Some(state) => Some(RollbackPoint::of(state, self.now)),
            None => self.base.rollback_point.clone(),
        };
        let Some(mut point) = point.filter(lasts).filter(|_| !self.takes_down) else { return Ok(Backup::default()) };
        if self.due.is_empty() {
            return Ok(Backup { point: Some(point), copies: Artifacts::new() });
        }
        let before = match self.replaced {
            Some(_) => Some(Cow::Borrowed(&self.base.artifacts)),
            None => find_state(store, point.state).await?.map(|before| Cow::Owned(before.artifacts)),
        };
        let Some(before) = before else { return Ok(Backup::default()) };
        let copies = add_copies(&mut point, &before, self.due);
        Ok(Backup { point: Some(point), copies })
    }
}

/// Adds to `point` the artifacts of its site `before` that `due` will overwrite. Returns those that were not copied
/// yet.
fn add_copies(point: &mut RollbackPoint, before: &Artifacts, due: &Selection<'_>) -> Artifacts {
    let overwritten = |(path, artifact): &(&String, &Artifact)| {
        let before = before.get(*path).filter(|before| before != artifact && !point.copied.contains_key(*path));
        before.map(|before| ((*path).clone(), before.clone()))
    };
    let more: Artifacts = due.iter().filter_map(overwritten).collect();
    point.copied.extend(more.iter().map(|(path, artifact)| (path.clone(), artifact.clone())));
    more
}

/// Copies all files of `artifacts` for `point`. A file that is not there was not there for readers either.
pub async fn copy_all(
    point: &RollbackPoint,
    artifacts: &Artifacts,
    store: &Store,
    lease: &mut HeldLease<'_>,
) -> Result<()> {
    let files = artifacts.iter().flat_map(|(path, artifact)| artifact.files(path));
    let copies = files.map(|file| async move {
        match copy(store, &file, &point.copy_of(&file)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    });
    let mut copies = stream::iter(copies).buffer_unordered(MAX_REQUESTS);
    while let Some(copied) = copies.next().await {
        copied?;
        lease.keep().await?;
    }
    Ok(())
}

/// Puts the copy of `file` back in its place.
pub async fn restore(point: &RollbackPoint, file: &str, store: &Store) -> Result<()> {
    copy(store, &point.copy_of(file), file).await.map_err(|error| failed(&error))
}

/// Checks that all artifacts of `goal`, the site of `point`, are still in the target, whose state is `now`.
///
/// # Errors
/// One of them is gone: the site cannot go back.
pub fn check(point: &RollbackPoint, goal: &Artifacts, now: &Deployed) -> Result<()> {
    let mut waiting = BTreeMap::<&String, Vec<&Artifact>>::new();
    for tombstone in &now.tombstones {
        waiting.entry(&tombstone.path).or_default().push(&tombstone.artifact);
    }
    let is_there = |path: &String, artifact: &Artifact| {
        let is_waiting = || waiting.get(path).is_some_and(|artifacts| artifacts.contains(&artifact));
        now.artifacts.get(path) == Some(artifact) || point.copied.get(path) == Some(artifact) || is_waiting()
    };
    match goal.iter().find(|(path, artifact)| !is_there(path, artifact)) {
        Some((path, _)) => Err(impossible(&format!("{path} of it is gone"))),
        None => Ok(()),
    }
}

/// The error that there is no state to go back to.
pub fn impossible(why: &str) -> Error {
    Error::new(ErrorKind::Network, format!("there is no earlier state to go back to: {why}"))
        .with_hint("build what is to be there, from version control for instance, and deploy that")
}

/// Copies within the store.
async fn copy(store: &Store, from: &str, to: &str) -> object_store::Result<()> {
    store.objects.copy(&Key::parse(from)?, &Key::parse(to)?).await
}
