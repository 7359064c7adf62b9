//! What a target still tells about itself when its pointer is lost or damaged: the states lie beside the site, under
//! their hashes. So files that were withdrawn are still known, and are deleted as they would have been.

use super::artifact::Artifacts;
use super::deployed::{self, Deployed, RollbackPoint, Tombstone};
use super::pointer::{find_state, parse_hash};
use crate::error::Result;
use crate::model::Moment;
use crate::storage::fingerprint::Hash;
use crate::storage::store::{PRIVATE, Store, failed, key};
use futures_util::TryStreamExt;
use object_store::ObjectStore;
use std::collections::HashSet;

/// The state of a target that was found without its pointer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Its hash, if one state alone was found.
    pub state: Option<Hash>,
    pub base: Deployed,
    /// When it was written; `None`: there is none, as before the first deploy.
    pub written: Option<Moment>,
}

/// Looks for states in the target. States that cannot be read are passed over. `has_lost_state`: the pointer names a state
/// that cannot be used, so none of the others is the one that holds.
pub async fn recover(store: &Store, has_lost_state: bool) -> Result<Recovered> {
    let listed = store.objects.list(Some(&key(PRIVATE)?)).map_err(|error| failed(&error));
    let named = listed.try_filter_map(async |object| {
        let name = object.location.to_string();
        let hash = name.strip_prefix(&deployed::path_of_states()).and_then(parse_hash);
        Ok(hash.map(|hash| (hash, object.last_modified.timestamp())))
    });
    let named: Vec<(Hash, i64)> = named.try_collect().await?;
    let (mut states, mut written) = (vec![], None);
    for (hash, time) in named {
        if let Ok(Some(state)) = find_state(store, hash).await {
            states.push((hash, state));
            written = written.max(Some(time));
        }
    }
    let written = written.and_then(Moment::from_seconds);
    let merged = match sole(&states).filter(|_| !has_lost_state) {
        Some((hash, base)) => Recovered { state: Some(*hash), base: base.clone(), written: None },
        None => merged(&states, has_lost_state, Moment::now().seconds()),
    };
    Ok(Recovered { written, ..merged })
}

/// The only state that no other one keeps for a rollback.
fn sole(states: &[(Hash, Deployed)]) -> Option<&(Hash, Deployed)> {
    let earlier: HashSet<Hash> =
        states.iter().filter_map(|(_, state)| Some(state.rollback_point.as_ref()?.state)).collect();
    let mut current = states.iter().filter(|(hash, _)| !earlier.contains(hash));
    current.next().filter(|_| current.next().is_none())
}

/// Makes one state of those that were found; `now` is in seconds since 1970. Which of them the pointer named is not known:
/// only what all of them have is certain, all else may be there.
fn merged(states: &[(Hash, Deployed)], has_lost_state: bool, now: i64) -> Recovered {
    let first = states.first().filter(|_| !has_lost_state);
    let mut artifacts = first.map(|(_, state)| state.artifacts.clone()).unwrap_or_default();
    artifacts.retain(|path, artifact| states.iter().all(|(_, state)| state.artifacts.get(path) == Some(artifact)));
    let tombstones = states.iter().flat_map(|(hash, state)| left_by(*hash, state, &artifacts, now)).collect();
    Recovered { state: None, base: Deployed { artifacts, tombstones, rollback_point: None }, written: None }
}

/// What `state` names besides the artifacts that are `certain`, and its own objects.
fn left_by(hash: Hash, state: &Deployed, certain: &Artifacts, now: i64) -> Vec<Tombstone> {
    let doubtful = state.artifacts.iter().filter(|(path, artifact)| certain.get(*path) != Some(artifact));
    let doubtful =
        doubtful.map(|(path, artifact)| Tombstone { path: path.clone(), artifact: artifact.clone(), since: now });
    let copies = state.rollback_point.iter().flat_map(RollbackPoint::tombstones);
    let own = Tombstone::due(deployed::path(hash));
    state.tombstones.iter().cloned().chain(doubtful).chain(copies).chain([own]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::deploy::artifact::fixtures::{file, site};

    fn state(artifacts: &[(&str, u8)]) -> Deployed {
        let artifacts: Vec<_> = artifacts.iter().map(|(path, byte)| (*path, file(*byte))).collect();
        Deployed { artifacts: site(&artifacts), ..Deployed::default() }
    }

    fn paths(recovered: &Recovered) -> Vec<&str> {
        let public = recovered.base.tombstones.iter().filter(|one| !one.is_private());
        public.map(|one| one.path.as_str()).collect()
    }

    #[test]
    fn one_state_is_taken_as_it_is_and_the_one_that_a_rollback_needs_is_not_counted() {
        let (first, second) = (Hash([1; 16]), Hash([2; 16]));
        let old = state(&[("a", 1), ("b", 1)]);
        let new = Deployed { rollback_point: Some(RollbackPoint::of(first, 5)), ..state(&[("a", 2)]) };
        assert_eq!(sole(&[(first, old), (second, new.clone())]), Some(&(second, new)));
        assert_eq!((sole(&[]), merged(&[], false, 9)), (None, Recovered::default()));
    }

    #[test]
    fn of_two_states_only_what_both_have_is_certain_and_nothing_is_forgotten() {
        let one = state(&[("a", 1), ("b", 1), ("c", 1)]);
        let two = state(&[("a", 1), ("b", 2)]);
        let states = [(Hash([1; 16]), one), (Hash([2; 16]), two)];
        assert_eq!(sole(&states), None);
        let recovered = merged(&states, false, 9);
        assert_eq!(recovered.base.artifacts, site(&[("a", file(1))]));
        assert_eq!(paths(&recovered), ["b", "c", "b"]);
        let doubted = merged(&states, true, 9);
        assert_eq!((doubted.base.artifacts, doubted.state), (Artifacts::new(), None));
    }
}
