//! The images and items that a deploy would take from a target. Content that was withheld on purpose does not count.
//!
//! A folder that an editor deleted looks like a disk that is not mounted. So a few may always go, and many only if
//! somebody says so. Scans that could not be built are different: the build knows them, and nobody wants to lose them.

use super::artifact::Artifacts;
use super::publication::{image_id, is_manifest};
use crate::storage::state::LastBuild;
use std::collections::HashSet;

/// A site with fewer items, or images, loses none unless somebody says so.
const MIN_SITE: u64 = 4;

/// An item that goes may hold so many of the images, in percent.
const MAX_OF_ONE_ITEM: u64 = 25;

/// The target before and after a deploy.
pub struct Comparison<'a> {
    pub live: &'a Artifacts,
    /// Whether no document of the last publication named the image with this id.
    pub was_unnamed: &'a dyn Fn(&str) -> bool,
    pub goal: &'a Artifacts,
    pub last: &'a LastBuild,
}

/// What a target loses.
#[derive(Debug, Default)]
pub struct Loss {
    pub images: Share,
    pub items: Share,
}

/// Some of the images or items of a target.
#[derive(Debug, Default)]
pub struct Share {
    pub all: u64,
    /// Those of which nothing is known any more.
    pub gone: Vec<String>,
    /// Those that are there and could not be built.
    pub broken: Vec<String>,
}

impl Share {
    pub fn lost(&self) -> u64 {
        (self.gone.len() + self.broken.len()) as u64
    }

    fn is_more_than(&self, lost: u64, percent: u64) -> bool {
        lost.saturating_mul(100) > self.all.saturating_mul(percent)
    }

    /// One is a small part of all but tiny sites.
    fn is_one_of_several(&self) -> bool {
        self.lost() == 1 && self.all >= MIN_SITE
    }
}

impl Comparison<'_> {
    pub fn loss(&self) -> Loss {
        let Comparison { live, was_unnamed, goal, last } = *self;
        let mut loss = Loss::default();
        let items_with_failures = ids_of(&last.failed);
        let is_of_failed = |id: &str| id.match_indices('_').any(|(end, _)| items_with_failures.contains(&id[..end]));
        for (path, artifact) in live {
            if let Some(id) = image_id(path, artifact).filter(|id| !was_unnamed(id)) {
                let is_broken = last.unnamed.contains(id) || is_of_failed(id);
                let is_lost = !goal.contains_key(path) || last.unnamed.contains(id);
                loss.images.add(path, last, is_lost.then_some(is_broken));
            } else if is_manifest(path) {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                loss.items.add(path, last, (!goal.contains_key(path)).then(|| last.has_failed(folder)));
            }
        }
        loss
    }
}

impl Share {
    /// Counts an artifact. `lost`: it is lost, and whether it could not be built.
    fn add(&mut self, path: &str, last: &LastBuild, lost: Option<bool>) {
        match lost {
            Some(_) if last.withdrawn.holds(path) => return,
            Some(true) => self.broken.push(path.to_owned()),
            Some(false) => self.gone.push(path.to_owned()),
            None => {}
        }
        self.all += 1;
    }
}

/// The ids that items at these paths of the content would have, or items above them.
fn ids_of<'a>(paths: impl IntoIterator<Item = &'a String>) -> HashSet<String> {
    let of = |path: &'a String| {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        ends.map(|end| path[..end].replace('/', "-"))
    };
    paths.into_iter().flat_map(of).filter(|id| !id.is_empty()).collect()
}

impl Loss {
    /// The number that allows it.
    pub fn number(&self) -> u64 {
        self.images.lost().max(self.items.lost())
    }

    /// Whether somebody must say that it is meant. `percent`: the target's `max-shrink`.
    pub fn needs_a_word(&self, percent: u64) -> bool {
        let Loss { images, items } = self;
        let broken = images.broken.len() as u64;
        let is_one_item = items.is_one_of_several() && !images.is_more_than(images.lost(), MAX_OF_ONE_ITEM);
        let is_small = |share: &Share| share.is_one_of_several() || !share.is_more_than(share.lost(), percent);
        percent < 100
            && (!items.broken.is_empty()
                || images.is_more_than(broken, percent)
                || !is_small(items)
                || !(is_one_item || is_small(images)))
    }

    /// `4 of 6 images and 1 of 2 items, such as a/manifest.json`
    pub fn in_words(&self) -> String {
        let share = |share: &Share, noun: &str| format!("{} of {} {noun}", share.lost(), share.all);
        let parts = [(&self.images, "images"), (&self.items, "items")].into_iter();
        let parts: Vec<String> =
            parts.filter(|(part, _)| part.lost() > 0).map(|(part, noun)| share(part, noun)).collect();
        let broken = self.items.broken.iter().chain(&self.images.broken);
        let first = broken.chain(&self.items.gone).chain(&self.images.gone).next();
        let why = match self.items.broken.len() + self.images.broken.len() {
            0 => "",
            _ => " (the last build could not build it)",
        };
        format!("{}, such as {}{why}", parts.join(" and "), first.map_or("", String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::deploy::artifact::fixtures::{file, image};
    use crate::storage::state::BuildEnd;

    /// So many items with so many images each.
    fn site(items: usize, images: usize) -> Artifacts {
        let manifest = |item: usize| (format!("i{item}/manifest.json"), file(1));
        let images =
            (0..items).flat_map(|item| (0..images).map(move |page| (format!("iiif/3/i{item}_{page}"), image(9, 9))));
        (0..items).map(manifest).chain(images).collect()
    }

    fn needs_a_word(live: &Artifacts, goal: &Artifacts, failed: &[&str]) -> bool {
        let failed = failed.iter().map(|path| (*path).to_owned()).collect();
        let last = LastBuild { failed, ..LastBuild::without_result(BuildEnd::WithFailures) };
        Comparison { live, was_unnamed: &|_| false, goal, last: &last }.loss().needs_a_word(5)
    }

    #[test]
    fn a_few_that_were_removed_may_go_and_many_may_not() {
        let live = site(10, 10);
        for (items, expected) in [(10, false), (9, false), (8, true), (0, true)] {
            assert_eq!(needs_a_word(&live, &site(items, 10), &[]), expected, "{items}");
        }
        for (images, expected) in [(10, false), (9, true)] {
            assert_eq!(needs_a_word(&live, &site(10, images), &[]), expected, "{images}");
        }
        assert!(needs_a_word(&site(3, 1), &site(2, 1), &[]) && needs_a_word(&site(1, 1), &site(0, 0), &[]));
        let mut large = site(10, 1);
        large.extend((1..10).map(|page| (format!("iiif/3/i9_{page}"), image(9, 9))));
        assert!(needs_a_word(&large, &site(9, 1), &[]));
    }

    #[test]
    fn scans_that_could_not_be_built_are_missed_earlier() {
        let (live, mut goal) = (site(10, 10), site(10, 10));
        goal.remove("iiif/3/i3_1");
        assert!(!needs_a_word(&live, &goal, &["i3/1.tif"]));
        assert!(needs_a_word(&live, &site(9, 10), &["i9/1.tif"]) && needs_a_word(&live, &site(9, 10), &["i9"]));
        let (live, mut goal) = (site(1, 6), site(1, 6));
        goal.remove("iiif/3/i0_1");
        assert!(!needs_a_word(&live, &goal, &[]) && needs_a_word(&live, &goal, &["i0/1.tif"]));
    }
}
