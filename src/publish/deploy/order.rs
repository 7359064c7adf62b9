//! The order in which files are put: a document comes after the files that it names, so that readers never see a
//! document whose files are missing.
//!
//! Links back (a `partOf`, a `homepage`, a breadcrumb) lead to documents that come later. Until those are there,
//! readers cannot reach the documents with these links.

use super::artifact::{Artifact, Selection};
use crate::model::{IMAGES, IMAGES_2};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A kind of files, in the order in which they are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phase {
    /// Pixels.
    Images,
    /// Scripts and styles, recordings, files that descriptions link to.
    Files,
    ImageInfo,
    Annotations,
    Manifests,
    Collections,
    Pages,
    /// Documents where crawlers and harvesters start.
    Feeds,
}

impl Phase {
    /// The words for a report.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Images => "image files",
            Phase::Files => "other files",
            Phase::ImageInfo => "info.json",
            Phase::Annotations => "annotations",
            Phase::Manifests => "manifests",
            Phase::Collections => "collections",
            Phase::Pages => "pages",
            Phase::Feeds => "feeds",
        }
    }

    /// The phase of a file that does not belong to an image; `path` is below the site's root.
    pub fn of(path: &str) -> Phase {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_top = name == path;
        match name {
            "info.json" if [IMAGES, IMAGES_2].iter().any(|images| path.starts_with(images)) => Phase::ImageInfo,
            "manifest.json" | "manifest.v2.json" => Phase::Manifests,
            "collection.json" | "collection.v2.json" => Phase::Collections,
            "atom.xml" | "oai-pmh.xml" | "robots.txt" if is_top => Phase::Feeds,
            _ if name.starts_with("sitemap") && name.ends_with(".xml") => Phase::Feeds,
            _ if path.starts_with("activity/") || path.starts_with("dump/") => Phase::Feeds,
            _ if name.ends_with(".json") && path.split('/').any(|folder| folder == "annotations") => Phase::Annotations,
            _ if name.ends_with(".html") => Phase::Pages,
            _ => Phase::Files,
        }
    }
}

/// The place of a file in the order. Within a phase deeper files come first, because collections and pages name those
/// below them. A file that names the others in its folder comes last.
pub type Priority = (Phase, Reverse<usize>, bool);

fn priority(path: &str) -> Priority {
    let phase = Phase::of(path);
    let is_nested = matches!(phase, Phase::Annotations | Phase::Collections | Phase::Pages | Phase::Feeds);
    let depth = if is_nested { path.matches('/').count() } else { 0 };
    let name = path.rsplit('/').next().unwrap_or(path);
    let names_others = matches!(name, "all-changes.json" | "sitemap.xml" | "robots.txt");
    (phase, Reverse(depth), names_others)
}

/// Groups `artifacts` by their priority: those of one group may be put in any order.
pub fn by_priority<'a>(artifacts: &Selection<'a>) -> BTreeMap<Priority, Selection<'a>> {
    let mut groups = BTreeMap::<Priority, Selection<'a>>::new();
    for (path, artifact) in artifacts {
        let priority = match artifact {
            Artifact::File { .. } => priority(path),
            Artifact::Image(_) | Artifact::Image2Links(_) => (Phase::Images, Reverse(0), false),
        };
        groups.entry(priority).or_default().push((path, artifact));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_comes_before_what_names_it() {
        let by_priority = [
            "assets/viewer-ABCD2345.js",
            "iiif/3/a_1/info.json",
            "a/annotations/1.json",
            "a/manifest.json",
            "letters/collection.json",
            "collection.json",
            "letters/a/index.html",
            "letters/index.html",
            "index.html",
            "activity/page-0.json",
            "activity/all-changes.json",
            "sitemap-1.xml",
            "sitemap.xml",
        ];
        assert!(by_priority.is_sorted_by_key(|path| priority(path)));
    }
}
