//! The log of a target: its last publications, and marks of what they replaced and withdrew. By the marks a deploy from an
//! old copy of the project is known: it puts versions that were replaced.
//!
//! The log is written while the lease is held, so nobody else writes it. It is never needed to keep the site true: a lost
//! or damaged log begins anew. It names no page, only hashes, and has a limited size.

use super::artifact::{Artifact, Artifacts};
use super::publication::{Publication, image_id, is_manifest};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::store::{PRIVATE, Store, failed, key};
use object_store::{ObjectStoreExt, PutPayload};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

const VERSION: u32 = 1;

/// Older publications are dropped.
const MAX_PUBLICATIONS: usize = 500;

/// Older marks are dropped: a list of this length takes a megabyte.
const MAX_MARKS: usize = 1 << 16;

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicationLog {
    version: u32,
    /// The newest is last.
    pub publications: Vec<Publication>,
    /// Marks of images, Manifests and Collections as they were before they were replaced or removed. The newest are last.
    replaced: Vec<String>,
    /// Marks of addresses whose content was withdrawn.
    withdrawn: Vec<String>,
    /// Marks of images that no document of the last publication named.
    unnamed: Vec<String>,
}

/// What a publication changes in the log.
pub struct Changes<'a> {
    pub before: &'a Artifacts,
    pub after: &'a Artifacts,
    pub is_withdrawn: &'a dyn Fn(&str) -> bool,
    /// Whether no document names the image with this id.
    pub is_unnamed: &'a dyn Fn(&str) -> bool,
}

pub fn path() -> String {
    format!("{PRIVATE}/log.json")
}

fn mark(bytes: &[u8]) -> String {
    Hash::of(bytes).hex()[..16].to_owned()
}

fn mark_of(path: &str, artifact: &Artifact) -> String {
    artifact.journal_key(path).hex()[..16].to_owned()
}

/// Whether versions of the artifact at `path` are told apart. Pages are not: a new template would replace all of them.
fn is_marked(path: &str, artifact: &Artifact) -> bool {
    image_id(path, artifact).is_some() || is_manifest(path) || path.ends_with("collection.json")
}

impl PublicationLog {
    /// An empty one where the target has none that can be used.
    pub async fn read(store: &Store) -> Result<PublicationLog> {
        let Some(found) = store.get(&path()).await? else { return Ok(PublicationLog::default()) };
        let bytes = found.bytes().await.map_err(|error| failed(&error))?;
        let log = serde_json::from_slice(&bytes).ok().filter(|log: &PublicationLog| log.version == VERSION);
        Ok(log.unwrap_or_default())
    }

    pub async fn write(&self, store: &Store) -> Result<()> {
        let unwritable = |error| Error::new(ErrorKind::Internal, format!("the log of publications: {error}"));
        let bytes = serde_json::to_vec(self).map_err(unwritable)?;
        let put = store.objects.put(&key(&path())?, PutPayload::from(bytes)).await;
        put.map(drop).map_err(|error| failed(&error))
    }

    /// Adds what the pointer says was published `last`: that deploy may have ended before it wrote the log.
    pub fn catch_up(&mut self, last: Option<&Publication>) {
        if let Some(last) = last.filter(|last| self.publications.last().is_none_or(|known| known.id != last.id)) {
            self.publications.push(last.clone());
        }
    }

    pub fn add(&mut self, publication: Publication, changes: &Changes<'_>) {
        let Changes { before, after, is_withdrawn, is_unnamed } = *changes;
        let live: HashSet<String> = after.iter().map(|(path, artifact)| mark_of(path, artifact)).collect();
        let is_gone =
            |(path, artifact): &(&String, &Artifact)| is_marked(path, artifact) && after.get(*path) != Some(*artifact);
        let gone = before.iter().filter(is_gone);
        self.replaced.extend(gone.map(|(path, artifact)| mark_of(path, artifact)));
        self.replaced.retain(|mark| !live.contains(mark));
        let paths: HashSet<String> = after.keys().map(|path| mark(path.as_bytes())).collect();
        let withdrawn = before.keys().filter(|path| is_withdrawn(path) && !after.contains_key(*path));
        self.withdrawn.extend(withdrawn.map(|path| mark(path.as_bytes())));
        self.withdrawn.retain(|mark| !paths.contains(mark));
        let ids = after.iter().filter_map(|(path, artifact)| image_id(path, artifact));
        self.unnamed = ids.filter(|id| is_unnamed(id)).map(|id| mark(id.as_bytes())).collect();
        self.publications.push(publication);
        self.version = VERSION;
        keep_last(&mut self.publications, MAX_PUBLICATIONS);
        keep_last(&mut self.replaced, MAX_MARKS);
        keep_last(&mut self.withdrawn, MAX_MARKS);
    }

    /// A test for artifacts that the target had before and has no more: this version of it, or something that was
    /// withdrawn.
    pub fn had_before(&self) -> impl Fn(&str, &Artifact) -> bool + use<> {
        let marks = |marks: &[String]| marks.iter().cloned().collect::<HashSet<_>>();
        let (replaced, withdrawn) = (marks(&self.replaced), marks(&self.withdrawn));
        move |path, artifact| replaced.contains(&mark_of(path, artifact)) || withdrawn.contains(&mark(path.as_bytes()))
    }

    /// A test for ids of images that no document of the last publication named.
    pub fn left_unnamed(&self) -> impl Fn(&str) -> bool + use<> {
        let unnamed: HashSet<String> = self.unnamed.iter().cloned().collect();
        move |id| unnamed.contains(&mark(id.as_bytes()))
    }
}

fn keep_last<T>(list: &mut Vec<T>, most: usize) {
    let surplus = list.len().saturating_sub(most);
    list.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::deploy::artifact::fixtures::{file, image, site};
    use crate::publish::deploy::publication::{Act, random_id};

    fn publication() -> Publication {
        Publication {
            id: random_id(),
            time: 1,
            by: "anna".into(),
            act: Act::Deploy,
            commit: None,
            committed: None,
            program: String::new(),
            base_url: String::new(),
            put: 0,
            deleted: 0,
            items: 0,
            images: 0,
            before: None,
            after: String::new(),
        }
    }

    #[test]
    fn versions_that_were_replaced_are_known_until_they_are_published_again() {
        let (old, new) = (
            site(&[("a/manifest.json", file(1)), ("b/manifest.json", file(1))]),
            site(&[("a/manifest.json", file(2))]),
        );
        let mut log = PublicationLog::default();
        let is_withdrawn = |path: &str| path.starts_with("b/");
        let mut add = |before, after| {
            let changes = Changes { before, after, is_withdrawn: &is_withdrawn, is_unnamed: &|_| false };
            log.add(publication(), &changes);
            log.had_before()
        };
        let had = add(&old, &new);
        assert!(had("a/manifest.json", &file(1)) && !had("a/manifest.json", &file(2)));
        assert!(had("b/manifest.json", &file(9)) && !had("c/manifest.json", &file(1)));
        let had = add(&new, &old);
        assert!(
            !had("a/manifest.json", &file(1)) && had("a/manifest.json", &file(2)) && !had("b/manifest.json", &file(1))
        );
    }

    #[test]
    fn a_log_does_not_grow_for_ever() {
        let mut log = PublicationLog::default();
        let (one, other) = (site(&[("iiif/3/a_1", image(9, 9))]), site(&[("iiif/3/a_1", image(8, 9))]));
        for round in 0..2 * MAX_PUBLICATIONS {
            let (before, after) = if round % 2 == 0 { (&one, &other) } else { (&other, &one) };
            log.add(publication(), &Changes { before, after, is_withdrawn: &|_| false, is_unnamed: &|_| true });
        }
        assert_eq!((log.publications.len(), log.replaced.len(), log.unnamed.len()), (MAX_PUBLICATIONS, 1, 1));
    }
}
