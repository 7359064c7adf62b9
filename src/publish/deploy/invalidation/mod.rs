//! Which addresses CloudFront must fetch again after a deploy: those of files that were replaced or deleted. What is new
//! was never kept anywhere.
//!
//! Where it has to be told is written into the target's pointer before anything is put, and taken out when CloudFront has
//! taken it: whatever ends a deploy, the next one tells it.

mod collapse;
mod pattern;
mod request;

pub use request::Distribution;

use super::deployed::{Deployed, Retired};
use super::unit::{Unit, Units};
use crate::model::address::BaseUrl;
use collapse::{Unchanged, collapse};
use pattern::Pattern;
use percent_encoding::percent_decode_str;
use std::collections::{BTreeMap, HashSet};

/// An image weighs as much as so many bytes each of its files has.
const BYTES_OF_A_FILE: u64 = 16 << 10;

/// What a deploy changes for readers.
pub struct Changes<'a> {
    pub site: &'a Units,
    /// What was there before; `None`: nothing is known of that.
    pub before: Option<&'a Deployed>,
    pub due: &'a [(&'a String, &'a Unit)],
    pub doomed: &'a [&'a Retired],
    /// What was not as it should have been, by its path.
    pub broken: Option<&'a BTreeMap<String, u64>>,
}

impl Changes<'_> {
    /// The paths for an invalidation, with those of `owed` that an earlier one did not come to.
    pub fn paths(&self, base_url: &BaseUrl, owed: &[String]) -> Vec<String> {
        let base = percent_decode_str(base_url.path()).decode_utf8_lossy().into_owned();
        let mut changed: Vec<Pattern> = owed.iter().map(|path| Pattern::decode(path)).collect();
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

    /// Below the site's root.
    fn addresses(&self, before: &Deployed) -> Vec<String> {
        let replaced: HashSet<&String> = before
            .retired
            .iter()
            .filter(|old| self.site.get(&old.path) != Some(&old.unit))
            .map(|old| &old.path)
            .collect();
        let is_broken = |path: &String| self.broken.is_some_and(|broken| broken.contains_key(path));
        let was_there = |path: &String| before.units.contains_key(path) || replaced.contains(path) || is_broken(path);
        let changed = self.due.iter().filter(|(path, _)| was_there(path)).map(|(path, unit)| (path.as_str(), *unit));
        let is_seen = |one: &&&Retired| !one.is_private() && !one.leftover(self.site).is_empty();
        let deleted = self.doomed.iter().filter(is_seen).map(|one| (one.path.as_str(), &one.unit));
        changed.chain(deleted).flat_map(|(path, unit)| addresses(path, unit)).collect()
    }

    fn unchanged(&self, base: &str) -> Unchanged {
        let due: HashSet<&String> = self.due.iter().map(|(path, _)| *path).collect();
        let stays = self.site.iter().filter(|(path, _)| !due.contains(path));
        let weighed = stays.flat_map(|(path, unit)| {
            let weight = match unit {
                Unit::File { .. } => 1,
                Unit::Image(folder) | Unit::Twin(folder) => {
                    u32::try_from(1 + folder.bytes / BYTES_OF_A_FILE).unwrap_or(u32::MAX)
                }
            };
            addresses(path, unit)
                .into_iter()
                .map(move |address| (format!("{base}{}", address.trim_end_matches('*')), weight))
        });
        Unchanged::new(weighed.collect())
    }
}

/// The addresses of a unit; of an image what they all begin with. The page of a folder has two.
fn addresses(path: &str, unit: &Unit) -> Vec<String> {
    match unit {
        Unit::Image(_) | Unit::Twin(_) => vec![format!("{path}/*")],
        Unit::File { .. } => match path.strip_suffix("index.html") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => vec![folder.to_owned(), path.to_owned()],
            _ => vec![path.to_owned()],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::geometry::Size;
    use crate::model::settings::Formats;
    use crate::publish::deploy::unit::Folder;
    use crate::storage::fingerprint::Hash;

    fn file(byte: u8) -> Unit {
        Unit::File { hash: Hash([byte; 16]), bytes: 1 }
    }

    fn image(byte: u8) -> Unit {
        let (digest, formats) = (Hash([byte; 16]), Formats::default());
        Unit::Image(Folder {
            digest,
            bytes: 1 << 20,
            size: Size::new(300, 300),
            tile_size: 512,
            max_size: 4096,
            formats,
        })
    }

    fn site(units: &[(&str, Unit)]) -> Units {
        units.iter().map(|(path, unit)| ((*path).to_owned(), unit.clone())).collect()
    }

    /// From `before` to `now`; what `now` has no more is deleted at once.
    fn paths(before: &Units, now: &Units, owed: &[&str]) -> Vec<String> {
        let due: Vec<_> = now.iter().filter(|(path, unit)| before.get(*path) != Some(unit)).collect();
        let base = Deployed { units: before.clone(), ..Deployed::default() };
        let ended = base.started(now, &due, None, 0).ended(now);
        let doomed: Vec<_> = ended.retired.iter().collect();
        let changes = Changes { site: now, before: Some(&base), due: &due, doomed: &doomed, broken: None };
        let owed: Vec<String> = owed.iter().map(|path| (*path).to_owned()).collect();
        changes.paths(&BaseUrl::parse("https://a.example/x/").unwrap(), &owed)
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
    fn what_is_owed_is_told_with_the_rest_and_alone() {
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
        let changes = Changes { site: &now, before: None, due: &due, doomed: &[], broken: None };
        assert_eq!(changes.paths(&BaseUrl::parse("https://a.example/x/").unwrap(), &[]), ["/x/*"]);
    }
}
