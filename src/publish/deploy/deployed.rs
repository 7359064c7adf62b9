//! The content of a target, as a deploy records it beside the site: the artifacts that are certainly there, and those
//! that may also be there. A state is an object whose name is the hash of its bytes.

use super::artifact::{Artifact, Artifacts, Selection};
use super::unusable::Unusable;
use crate::storage::fingerprint::Hash;
use crate::storage::store::PRIVATE;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::time::Duration;

/// The version of the format of states and pointers. Older ones are read.
pub const VERSION: u32 = 2;

/// The version that had no rollback.
const WITHOUT_ROLLBACK: u32 = 1;

/// Larger states are not unpacked: this is ten times the state of fifty million images.
const MAX_BYTES: u64 = 8 << 30;

/// See the [module](self). Written with postcard, which counts the fields: their order must stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    pub artifacts: Artifacts,
    pub tombstones: Vec<Tombstone>,
    pub rollback_point: Option<RollbackPoint>,
}

/// An artifact that the site no longer has, without those of its files that the site still has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    pub path: String,
    pub artifact: Artifact,
    /// When it was replaced, in seconds since 1970.
    pub since: i64,
}

/// A state that the site can go back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackPoint {
    pub state: Hash,
    /// The artifacts of it that were overwritten since. All their files were copied first.
    pub copied: Artifacts,
    /// When it was replaced, in seconds since 1970.
    pub since: i64,
}

impl Tombstone {
    /// One object that is deleted at once.
    pub fn due(path: String) -> Tombstone {
        Tombstone { path, artifact: Artifact::File { hash: Hash([0; 16]), bytes: 0 }, since: 0 }
    }

    /// Those of its files that `site` does not use.
    pub fn leftover(&self, site: &Artifacts) -> Vec<String> {
        self.artifact.leftover(&self.path, site)
    }

    pub fn is_private(&self) -> bool {
        is_private(&self.path)
    }

    /// Whether its grace period is over; `now` in seconds since 1970.
    pub fn is_due(&self, grace: Duration, now: i64) -> bool {
        has_passed(grace, self.since, now)
    }
}

impl RollbackPoint {
    pub fn of(state: Hash, since: i64) -> RollbackPoint {
        RollbackPoint { state, copied: Artifacts::new(), since }
    }

    /// Whether its grace period is over; `now` in seconds since 1970.
    pub fn is_over(&self, grace: Duration, now: i64) -> bool {
        has_passed(grace, self.since, now)
    }

    /// The path of the copy of the file at `path`.
    pub fn copy_of(&self, path: &str) -> String {
        format!("{PRIVATE}/kept/{}/{path}", self.state.hex())
    }

    /// The objects to delete when a rollback to it is no longer possible: its copies and its state.
    pub fn tombstones(&self) -> Vec<Tombstone> {
        let copy = |(path, artifact): (&String, &Artifact)| Tombstone {
            artifact: artifact.clone(),
            ..Tombstone::due(self.copy_of(path))
        };
        self.copied.iter().map(copy).chain([Tombstone::due(path(self.state))]).collect()
    }
}

/// Whether `time` has passed from `since` to `now`, which are seconds since 1970.
fn has_passed(time: Duration, since: i64, now: i64) -> bool {
    now.saturating_sub(since) >= i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// Whether `path` is never shown to readers.
pub fn is_private(path: &str) -> bool {
    path.split('/').next() == Some(PRIVATE)
}

/// The path of a state in the target.
pub fn path(state: Hash) -> String {
    format!("{}{}", path_of_states(), state.hex())
}

/// The beginning of the paths of all states.
pub fn path_of_states() -> String {
    format!("{PRIVATE}/state-")
}

impl Deployed {
    /// The state while `due` of `site` are being put. Only artifacts that do not change are certain; everything else
    /// may be there. `rollback_point` takes the place of the present one; `now` is in seconds since 1970.
    pub fn started(
        &self,
        site: &Artifacts,
        due: &Selection<'_>,
        rollback_point: Option<RollbackPoint>,
        now: i64,
    ) -> Deployed {
        let is_same = |path: &String, artifact: &Artifact| site.get(path) == Some(artifact);
        let (artifacts, changed): (Artifacts, Artifacts) = self
            .artifacts
            .iter()
            .map(|(path, artifact)| (path.clone(), artifact.clone()))
            .partition(|(path, artifact)| is_same(path, artifact));
        let coming = due.iter().map(|(path, artifact)| ((*path).clone(), (*artifact).clone()));
        let new = changed.into_iter().chain(coming).map(|(path, artifact)| Tombstone { path, artifact, since: now });
        // The last tombstone of the same files wins: the grace period begins anew for files that are put again.
        let mut last = BTreeMap::new();
        let is_other =
            |before: &&RollbackPoint| rollback_point.as_ref().is_none_or(|point| point.state != before.state);
        let given_up = self.rollback_point.iter().filter(is_other).flat_map(RollbackPoint::tombstones);
        for tombstone in self.tombstones.iter().cloned().chain(new).chain(given_up) {
            let key = (tombstone.path.clone(), shape(&tombstone.artifact));
            last.insert(key, tombstone);
        }
        Deployed { artifacts, tombstones: last.into_values().collect(), rollback_point }
    }

    /// The state when all of `site` is there.
    pub fn ended(&self, site: &Artifacts) -> Deployed {
        let is_left = |tombstone: &&Tombstone| !tombstone.leftover(site).is_empty();
        let tombstones = self.tombstones.iter().filter(is_left).cloned().collect();
        Deployed { artifacts: site.clone(), tombstones, rollback_point: self.rollback_point.clone() }
    }

    /// Drops the rollback point and lists its objects for deletion.
    pub fn drop_rollback_point(&mut self) {
        self.tombstones.extend(self.rollback_point.take().iter().flat_map(RollbackPoint::tombstones));
    }

    /// Its bytes, and their hash.
    pub fn pack(&self) -> io::Result<(Vec<u8>, Hash)> {
        let plain = postcard::to_stdvec(&(VERSION, self)).map_err(io::Error::other)?;
        let mut packed = DeflateEncoder::new(vec![], Compression::fast());
        packed.write_all(&plain)?;
        let packed = packed.finish()?;
        let hash = Hash::of(&packed);
        Ok((packed, hash))
    }

    /// Reads a state, and checks all of it: its bytes come from outside.
    ///
    /// # Errors
    /// The reason why it cannot be used.
    pub fn unpack(packed: &[u8], hash: Hash) -> Result<Deployed, Unusable> {
        if Hash::of(packed) != hash {
            return Err(Unusable::Damaged);
        }
        let mut plain = vec![];
        DeflateDecoder::new(packed).take(MAX_BYTES).read_to_end(&mut plain).map_err(|_| Unusable::Damaged)?;
        let (version, rest): (u32, _) = postcard::take_from_bytes(&plain).map_err(|_| Unusable::Damaged)?;
        let deployed: Deployed = match version {
            VERSION => postcard::from_bytes(rest),
            WITHOUT_ROLLBACK => postcard::from_bytes(rest).map(|(artifacts, tombstones)| Deployed {
                artifacts,
                tombstones,
                rollback_point: None,
            }),
            _ if version > VERSION => return Err(Unusable::Newer),
            _ => return Err(Unusable::Damaged),
        }
        .map_err(|_| Unusable::Damaged)?;
        let tombstones = deployed.tombstones.iter().map(|tombstone| (&tombstone.path, &tombstone.artifact));
        let copied = deployed.rollback_point.iter().flat_map(|point| &point.copied);
        let mut all = deployed.artifacts.iter().chain(tombstones).chain(copied);
        if all.all(|(path, artifact)| artifact.is_sound(path)) { Ok(deployed) } else { Err(Unusable::Impossible) }
    }
}

/// Equal for artifacts at the same path that have the same files.
fn shape(artifact: &Artifact) -> Vec<u32> {
    artifact.folder().map_or(vec![], |folder| {
        let webp = u32::from(folder.formats.webp);
        vec![folder.size.width, folder.size.height, folder.tile_size, folder.max_size, webp]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::deploy::artifact::fixtures::{file, image, site};

    #[test]
    fn a_state_comes_back_as_it_was_and_a_damaged_one_does_not() {
        let tombstones = vec![Tombstone { path: "b".into(), artifact: file(2), since: 9 }];
        let rollback_point =
            Some(RollbackPoint { copied: site(&[("a", file(2))]), ..RollbackPoint::of(Hash([3; 16]), 9) });
        let state = Deployed {
            artifacts: site(&[("a", file(1)), ("iiif/3/a_1", image(300, 300))]),
            tombstones,
            rollback_point,
        };
        let (mut packed, hash) = state.pack().unwrap();
        assert_eq!(Deployed::unpack(&packed, hash), Ok(state));
        packed[3] ^= 1;
        assert!(Deployed::unpack(&packed, hash).is_err());
        let outside = Deployed { artifacts: site(&[("../a", file(1))]), ..Deployed::default() };
        let (packed, hash) = outside.pack().unwrap();
        assert!(Deployed::unpack(&packed, hash).is_err());
    }

    #[test]
    fn a_state_of_the_first_version_is_read_and_one_of_a_later_version_is_not() {
        let tombstones = vec![Tombstone { path: "b".into(), artifact: file(2), since: 9 }];
        let artifacts = site(&[("a", file(1))]);
        let packed = |version: u32| {
            let mut packed = DeflateEncoder::new(vec![], Compression::fast());
            packed.write_all(&postcard::to_stdvec(&(version, &artifacts, &tombstones)).unwrap()).unwrap();
            let packed = packed.finish().unwrap();
            let hash = Hash::of(&packed);
            Deployed::unpack(&packed, hash)
        };
        let known = Deployed { artifacts: artifacts.clone(), tombstones: tombstones.clone(), rollback_point: None };
        assert_eq!(packed(1), Ok(known));
        assert_eq!((packed(0), packed(VERSION + 1)), (Err(Unusable::Damaged), Err(Unusable::Newer)));
    }

    #[test]
    fn what_is_being_put_may_be_there_and_what_is_replaced_is_no_longer_certain() {
        let artifacts = site(&[("a", file(1)), ("b", file(1)), ("c", file(1))]);
        let before = Deployed { artifacts, ..Deployed::default() };
        let now = site(&[("a", file(1)), ("b", file(2)), ("d", file(1))]);
        let due: Vec<_> = now.iter().filter(|(path, _)| **path != "a").collect();
        let started = before.started(&now, &due, None, 7);
        assert_eq!(started.artifacts, site(&[("a", file(1))]));
        assert_eq!(started.tombstones.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["b", "c", "d"]);
        let ended = started.ended(&now);
        assert_eq!((ended.artifacts, ended.tombstones.len(), ended.tombstones[0].path.as_str()), (now, 1, "c"));
    }

    #[test]
    fn of_an_image_of_another_size_only_the_files_that_it_had_alone_are_left_over() {
        let tombstone = Tombstone { path: "iiif/3/a_1".into(), artifact: image(300, 300), since: 0 };
        assert_eq!(tombstone.leftover(&site(&[("iiif/3/a_1", image(300, 300))])), Vec::<String>::new());
        assert_eq!(
            tombstone.leftover(&site(&[("iiif/3/a_1", image(301, 300))])),
            ["iiif/3/a_1/0,0,300,300/300,300/0/default.jpg", "iiif/3/a_1/full/300,300/0/default.jpg"]
        );
    }
}
