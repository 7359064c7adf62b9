//! In which order files are put, so that no reader sees a document whose files are not there yet.
//!
//! Links back (a `partOf`, a `homepage`, a breadcrumb) lead to what comes later: until it has, nothing but them leads to
//! what has them.

use crate::model::{IMAGES, IMAGES_2};
use std::cmp::Reverse;

/// Kinds of files, in the order in which they are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// What crawlers and harvesters start from.
    Feeds,
}

impl Phase {
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

    /// Of a file that is not an image's; `path` is below the site's root.
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

/// Where a file stands in the order: what lies deeper comes first, for collections and pages name those below them. Of
/// those in one folder the one that names the others is last.
pub type Place = (Phase, Reverse<usize>, bool);

pub fn place(path: &str) -> Place {
    let phase = Phase::of(path);
    let is_nested = matches!(phase, Phase::Annotations | Phase::Collections | Phase::Pages | Phase::Feeds);
    let depth = if is_nested { path.matches('/').count() } else { 0 };
    let name = path.rsplit('/').next().unwrap_or(path);
    let names_others = matches!(name, "all-changes.json" | "sitemap.xml" | "robots.txt");
    (phase, Reverse(depth), names_others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_comes_before_what_names_it() {
        let in_order = [
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
        assert!(in_order.is_sorted_by_key(|path| place(path)));
    }
}
