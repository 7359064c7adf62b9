//! Files in a target that no deploy put there. A first deploy into such a target is refused: they are somebody's.

use super::artifact::Artifacts;
use super::deployed::is_private;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::store::{PRIVATE, Store, failed};
use futures_util::TryStreamExt;
use object_store::ObjectStore;
use std::collections::HashSet;

/// How many are named.
const MAX_NAMED: usize = 5;

/// Refuses a target that holds files before the first deploy. One list request is enough, because a few names are.
pub async fn refuse(store: &Store) -> Result<()> {
    let mut list = store.objects.list(None);
    let mut found = vec![];
    while found.len() <= MAX_NAMED
        && let Some(object) = list.try_next().await.map_err(|error| failed(&error))?
    {
        found.extend(Some(object.location.to_string()).filter(|path| !is_own(path)));
    }
    if found.is_empty() {
        return Ok(());
    }
    let more = if found.len() > MAX_NAMED { ", and more" } else { "" };
    found.truncate(MAX_NAMED);
    let message =
        format!("the target holds files that no deploy put there: {}{more}; nothing was written", found.join(", "));
    Err(Error::new(ErrorKind::Output, message).with_hint(
        "choose an empty place for the site, or say --adopt: files of the same names are then written over, and the \
         others stay (--adopt --dry-run names those that would be lost)",
    ))
}

/// The files in the target that a first deploy of `site` writes over.
pub async fn written_over(store: &Store, site: &Artifacts) -> Result<Vec<String>> {
    let files: HashSet<String> = site.iter().flat_map(|(path, artifact)| artifact.files(path)).collect();
    let listed = store.objects.list(None).map_err(|error| failed(&error));
    let listed = listed.map_ok(|object| object.location.to_string());
    listed.try_filter(|path| std::future::ready(files.contains(path))).try_collect().await
}

/// Whether deploys make files of this name for themselves. They are not proof of a deploy.
fn is_own(path: &str) -> bool {
    path.is_empty() || is_ours(path)
}

/// Whether `path` is private and has a name that deploys give.
pub fn is_ours(path: &str) -> bool {
    let Some(name) = path.strip_prefix(PRIVATE).and_then(|rest| rest.strip_prefix('/')).filter(|_| is_private(path))
    else {
        return false;
    };
    let is_state = |hash: &str| hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    matches!(name, "pointer.json" | "log.json" | "lock")
        || name.strip_prefix("state-").is_some_and(is_state)
        || name.starts_with("kept/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_records_of_a_project_are_not_those_of_deploys() {
        let state = format!(".iiif-build/state-{}", "0a".repeat(16));
        for ours in [".iiif-build/pointer.json", ".iiif-build/kept/ab/a/manifest.json", ".iiif-build/lock", &state] {
            assert!(is_ours(ours), "{ours}");
        }
        for theirs in [".iiif-build/public.sqlite", ".iiif-build/stores/x", ".iiif-build/state-1", "pointer.json", "a"]
        {
            assert!(!is_ours(theirs), "{theirs}");
        }
    }
}
