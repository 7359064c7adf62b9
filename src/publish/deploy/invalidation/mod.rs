//! The addresses that CloudFront must fetch again after a deploy: those of files that were replaced or deleted. New
//! files are in no cache.
//!
//! The paths are written into the target's pointer before anything is put, and removed when CloudFront has accepted
//! them. If a deploy is interrupted, the next one sends them.
//!
//! The pointer holds the paths, and the journal of the deploy does not, because the next run of a CI has another disk.
//! There are at most fifteen paths (`collapse.rs`).

mod collapse;
mod pattern;
mod request;

pub use request::Distribution;

use super::artifact::{Artifact, Artifacts, ImageFolder, Selection};
use super::deployed::{Deployed, Tombstone};
use crate::model::address::BaseUrl;
use collapse::{Unchanged, collapse};
use pattern::Pattern;
use percent_encoding::percent_decode_str;
use std::collections::{BTreeMap, HashSet};

/// The assumed size of an image file, by which an image weighs as much as its files.
const BYTES_OF_A_FILE: u64 = 16 << 10;

/// The changes of a deploy for readers.
pub struct Changes<'a> {
    pub site: &'a Artifacts,
    /// The state before the deploy; `None`: the target is new, or its state is lost.
    pub before: Option<&'a Deployed>,
    pub due: &'a Selection<'a>,
    pub deleted: &'a [&'a Tombstone],
    /// Damaged artifacts by their paths.
    pub broken: Option<&'a BTreeMap<String, u64>>,
}

impl Changes<'_> {
    /// The paths that `distribution` must invalidate, with those that an earlier deploy left `pending`.
    pub fn stale_paths(&self, distribution: Option<&Distribution>, pending: &[String]) -> Vec<String> {
        distribution.map(|distribution| self.paths(&distribution.base_url, pending)).unwrap_or_default()
    }

    fn paths(&self, base_url: &BaseUrl, pending: &[String]) -> Vec<String> {
        let base = percent_decode_str(base_url.path()).decode_utf8_lossy().into_owned();
        let mut changed: Vec<Pattern> = pending.iter().map(|path| Pattern::decode(path)).collect();
        match self.before {
            Some(before) => {
                changed.extend(self.addresses(before).iter().map(|path| Pattern::parse(&(base.clone() + path))))
            }
            None => changed.push(Pattern::parse(&format!("{base}*"))),
        }
        if changed.is_empty() {
            return vec![];
        }
        collapse(changed, &self.unchanged(&base)).iter().map(Pattern::encoded).collect()
    }

    /// The changed addresses below the site's root.
    fn addresses(&self, before: &Deployed) -> Vec<String> {
        let replaced: HashSet<&String> = before
            .tombstones
            .iter()
            .filter(|old| self.site.get(&old.path) != Some(&old.artifact))
            .map(|old| &old.path)
            .collect();
        let is_broken = |path: &String| self.broken.is_some_and(|broken| broken.contains_key(path));
        let was_there =
            |path: &String| before.artifacts.contains_key(path) || replaced.contains(path) || is_broken(path);
        let changed =
            self.due.iter().filter(|(path, _)| was_there(path)).map(|(path, artifact)| (path.as_str(), *artifact));
        let is_visible = |one: &&&Tombstone| !one.is_private() && !one.leftover(self.site).is_empty();
        let deleted = self.deleted.iter().filter(is_visible).map(|one| (one.path.as_str(), &one.artifact));
        changed.chain(deleted).flat_map(|(path, artifact)| addresses(path, artifact)).collect()
    }

    fn unchanged(&self, base: &str) -> Unchanged {
        let due: HashSet<&String> = self.due.iter().map(|(path, _)| *path).collect();
        let stays = self.site.iter().filter(|(path, _)| !due.contains(path));
        let weighed = stays.flat_map(|(path, artifact)| {
            let files = |folder: &ImageFolder| u32::try_from(1 + folder.bytes / BYTES_OF_A_FILE).unwrap_or(u32::MAX);
            let weight = artifact.folder().map_or(1, files);
            addresses(path, artifact)
                .into_iter()
                .map(move |address| (format!("{base}{}", address.trim_end_matches('*')), weight))
        });
        Unchanged::new(weighed.collect())
    }
}

/// The addresses of an artifact: one pattern for all files of an image, two addresses for the page of a folder.
fn addresses(path: &str, artifact: &Artifact) -> Vec<String> {
    match artifact {
        Artifact::Image(_) | Artifact::Image2Links(_) => vec![format!("{path}/*")],
        Artifact::File { .. } => match path.strip_suffix("index.html") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => vec![folder.to_owned(), path.to_owned()],
            _ => vec![path.to_owned()],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::deploy::artifact::fixtures::{self, file, site};

    fn image(byte: u8) -> Artifact {
        fixtures::image(300 + u32::from(byte), 300)
    }

    /// The paths for a deploy from `before` to `now` that deletes at once.
    fn paths(before: &Artifacts, now: &Artifacts, pending: &[&str]) -> Vec<String> {
        let due: Vec<_> = now.iter().filter(|(path, artifact)| before.get(*path) != Some(artifact)).collect();
        let base = Deployed { artifacts: before.clone(), ..Deployed::default() };
        let ended = base.started(now, &due, None, 0).ended(now);
        let deleted: Vec<_> = ended.tombstones.iter().collect();
        let changes = Changes { site: now, before: Some(&base), due: &due, deleted: &deleted, broken: None };
        let pending: Vec<String> = pending.iter().map(|path| (*path).to_owned()).collect();
        changes.paths(&BaseUrl::parse("https://a.example/x/").unwrap(), &pending)
    }

    #[test]
    fn what_was_replaced_is_named_and_what_is_new_is_not() {
        let before = site(&[
            ("a/index.html", file(1)),
            ("a/manifest.json", file(1)),
            ("iiif/3/a_1", image(1)),
            ("index.html", file(1)),
        ]);
        let mut now = before.clone();
        now.extend(site(&[("a/index.html", file(2)), ("iiif/3/b_1", image(1)), ("b/index.html", file(1))]));
        assert_eq!(paths(&before, &now, &[]), ["/x/a/", "/x/a/index.html"]);
        assert_eq!(paths(&now, &now, &[]), Vec::<String>::new());
    }

    #[test]
    fn an_image_is_one_path_and_what_was_deleted_is_named_too() {
        let before = site(&[
            ("a/manifest.json", file(1)),
            ("iiif/3/a_1", image(1)),
            ("iiif/3/a_1/info.json", file(1)),
            ("iiif/3/b_1", image(1)),
        ]);
        let mut now = before.clone();
        now.insert("iiif/3/b_1".into(), image(2));
        assert_eq!(paths(&before, &now, &[]), ["/x/iiif/3/b_1/*"]);
        now.remove("iiif/3/a_1");
        now.remove("iiif/3/a_1/info.json");
        assert_eq!(paths(&before, &now, &[]), ["/x/iiif/3/*"]);
    }

    #[test]
    fn pending_paths_are_sent_with_the_others_and_alone() {
        let before = site(&[("a/manifest.json", file(1)), ("b/manifest.json", file(1)), ("c.json", file(1))]);
        let mut now = before.clone();
        assert_eq!(paths(&before, &now, &["/x/a/manifest.json"]), ["/x/a/manifest.json"]);
        now.insert("c.json".into(), file(2));
        assert_eq!(paths(&before, &now, &["/x/a/*"]), ["/x/a/*", "/x/c.json"]);
    }

    #[test]
    fn where_nothing_is_known_of_what_was_there_all_is_fetched_again() {
        let now = site(&[("a/manifest.json", file(1))]);
        let due: Vec<_> = now.iter().collect();
        let changes = Changes { site: &now, before: None, due: &due, deleted: &[], broken: None };
        assert_eq!(changes.paths(&BaseUrl::parse("https://a.example/x/").unwrap(), &[]), ["/x/*"]);
    }
}
