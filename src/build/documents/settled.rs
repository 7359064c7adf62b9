//! Which static files can stand beside the addresses of the site.

use crate::build::plan::PlannedImage;
use crate::config::Config;
use crate::documents::iiif::{self, address};
use crate::documents::render;
use crate::documents::text::Outline;
use crate::model::address::{RESERVED, SitePath, collision_key};
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::site::{SiteCollection, SiteMember};
use std::collections::{BTreeMap, BTreeSet};

/// The addresses of all documents of a site, of each image, and of what the site keeps in its root.
pub fn addresses<'a>(
    site: &'a SiteCollection,
    images: &'a [PlannedImage],
    config: &'a Config,
) -> impl Iterator<Item = SitePath> + 'a {
    let kept = RESERVED.iter().map(|name| match name.contains('.') {
        true => SitePath::root().join(name),
        false => SitePath::root().join(name).join("-"),
    });
    let images = images.iter().map(|image| image.id.site_path().join(INFO_JSON));
    kept.chain(images).chain(below(site, config))
}

fn below<'a>(collection: &'a SiteCollection, config: &'a Config) -> Box<dyn Iterator<Item = SitePath> + 'a> {
    let pages = std::iter::once(collection.path.clone()).chain(render::most_folders(collection));
    let pages = pages.map(|folder| address::page(&folder));
    let own = iiif::collection_addresses(collection, config.older).into_iter().chain(pages);
    let members = collection.members.iter().flat_map(move |member| match member {
        SiteMember::Collection(inner) => below(inner, config),
        SiteMember::Item(item) => {
            let outline = Outline::most(item);
            let documents = iiif::item_addresses(item, &outline, config.older).into_iter();
            Box::new(documents.chain(render::item_addresses(item, &outline)).chain(item.pdf_path()))
        }
    });
    Box::new(own.chain(members))
}

/// See the [module](self).
#[derive(Default)]
pub struct Settled {
    /// Files that cannot, each with the address that is in the way.
    pub refused: BTreeMap<SitePath, String>,
    /// Pairs of files whose names differ only in case or in the form of Unicode.
    pub same: Vec<[SitePath; 2]>,
}

/// Files and folders by the key under which names collide.
#[derive(Default)]
struct Names<'a> {
    files: BTreeMap<String, &'a SitePath>,
    folders: BTreeMap<String, Vec<&'a SitePath>>,
    /// The first segments of all paths.
    first: BTreeSet<String>,
}

impl Settled {
    /// Compares the static `files` with the addresses `taken` by the site.
    pub fn of(files: &BTreeSet<SitePath>, taken: impl Iterator<Item = SitePath>) -> Settled {
        let (mut names, mut settled) = (Names::default(), Settled::default());
        for file in files {
            let key = collision_key(file.as_str());
            names.first.insert(first_segment(&key).to_owned());
            for (end, _) in key.match_indices('/') {
                names.folders.entry(key[..end].to_owned()).or_default().push(file);
            }
            if let Some(other) = names.files.insert(key, file) {
                settled.same.push([other.clone(), file.clone()]);
            }
        }
        if !files.is_empty() {
            taken.for_each(|address| names.compare(&address, &mut settled));
        }
        settled
    }
}

impl Names<'_> {
    fn compare(&self, address: &SitePath, settled: &mut Settled) {
        // Most addresses of a large site have nothing to do with a static file.
        if !self.first.contains(&collision_key(first_segment(address.as_str()))) {
            return;
        }
        let key = collision_key(address.as_str());
        let above = key.match_indices('/').filter_map(|(end, _)| self.files.get(&key[..end]));
        let same = self.files.get(&key).filter(|file| **file != address);
        let below = self.folders.get(&key).into_iter().flatten();
        for file in above.chain(same).chain(below) {
            settled.refused.entry((*file).clone()).or_insert_with(|| address.as_str().to_owned());
        }
    }
}

fn first_segment(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> BTreeSet<SitePath> {
        names.iter().map(|name| SitePath::root().join(name)).collect()
    }

    #[test]
    fn a_file_gives_way_to_folders_and_files_of_the_site_unless_it_replaces_a_document() {
        let files = paths(&["a", "b/index.html", "B/Manifest.json", "c/manifest.json/x", "d/x.txt", "e.txt", "E.txt"]);
        let taken = ["a/manifest.json", "b/index.html", "b/manifest.json", "c/manifest.json", "d/manifest.json"];
        let settled = Settled::of(&files, paths(&taken).into_iter());
        let refused: Vec<&str> = settled.refused.keys().map(SitePath::as_str).collect();
        assert_eq!(refused, ["B/Manifest.json", "a", "c/manifest.json/x"]);
        assert_eq!(settled.same.len(), 1);
    }
}
