//! Who published what in a target, and when. The pointer holds the last publication, so that it is true at the same
//! moment as the state; the [log](super::publication_log) holds the earlier ones.

use super::artifact::{Artifact, Artifacts};
use super::order::Phase;
use crate::model::{IMAGES, Moment};
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher, Hasher, RandomState};

/// The site that a target was given for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedSite {
    /// Random. Copies of a project that deployed here remember it.
    pub id: String,
    #[serde(rename = "base-url")]
    pub base_url: String,
    /// The label of the root Collection.
    pub title: String,
}

/// What a publication was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Act {
    /// A site that was built.
    Deploy,
    /// The site before the last deploy.
    Rollback,
}

/// One publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Publication {
    /// Random.
    pub id: String,
    /// Seconds since 1970.
    pub time: i64,
    /// The person or the CI job.
    pub by: String,
    /// What it was.
    pub act: Act,
    /// The commit of the project's repository that was built; after a rollback, that of the site that was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The time of that commit, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<i64>,
    /// The version of the program.
    pub program: String,
    /// The address that the documents name.
    pub base_url: String,
    /// Files that were put.
    pub put: u64,
    /// Files that were deleted.
    pub deleted: u64,
    /// Items of the site.
    pub items: u64,
    /// Images of the site.
    pub images: u64,
    /// The hash of the state that was replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The hash of the state that took its place.
    pub after: String,
}

impl Publication {
    /// `2030-01-31T12:00:00Z by anna@desk, commit 1a2b3c4`
    pub fn in_words(&self) -> String {
        let time = Moment::from_seconds(self.time).unwrap_or(Moment::EARLIEST);
        let commit = self.commit.as_ref().map(|commit| format!(", commit {}", commit.get(..7).unwrap_or(commit)));
        format!("{time} by {}{}", self.by, commit.unwrap_or_default())
    }
}

/// `RandomState` has a new random seed each time.
pub fn random_id() -> String {
    let [a, b] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
    format!("{a:016x}{b:016x}")
}

/// Whether the artifact at `path` is the Manifest of an item. Each item has one.
pub fn is_manifest(path: &str) -> bool {
    Phase::of(path) == Phase::Manifests && path.ends_with("manifest.json")
}

/// The id of the image at `path`.
pub fn image_id<'a>(path: &'a str, artifact: &Artifact) -> Option<&'a str> {
    let is_image = matches!(artifact, Artifact::Image(_));
    path.strip_prefix(IMAGES).filter(|_| is_image).map(|id| id.trim_start_matches('/'))
}

/// The number of items and of images.
pub fn count(site: &Artifacts) -> (u64, u64) {
    let items = site.keys().filter(|path| is_manifest(path)).count();
    let images = site.iter().filter(|(path, artifact)| image_id(path, artifact).is_some()).count();
    (items as u64, images as u64)
}
