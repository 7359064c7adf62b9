//! A site as a deploy counts it. An image folder is one artifact with one digest for all its files; every other file is
//! an artifact with a hash.
//!
//! The hash covers the bytes of a file and its headers. So a new media type, caching time or compression counts as a
//! change.

use crate::documents::iiif::image2;
use crate::model::geometry::Size;
use crate::model::pyramid::addresses;
use crate::model::pyramid::{MAX_JPEG_SIDE, Pyramid};
use crate::model::settings::Formats;
use crate::storage::fingerprint::Hash;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Artifacts by their paths below the site's root.
pub type Artifacts = BTreeMap<String, Artifact>;

/// Some artifacts of a site, each with its path.
pub type Selection<'a> = Vec<(&'a String, &'a Artifact)>;

/// The most tiles of an image: a million megapixels in tiles of 256.
const MAX_TILES: u64 = 1 << 24;

/// See the [module](self). States are written with postcard, which counts the variants: their order must stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Artifact {
    File {
        hash: Hash,
        bytes: u64,
    },
    /// The folder of an image, without its info.json.
    Image(ImageFolder),
    /// The links to an image's files at the addresses of Image API 2.
    Image2Links(ImageFolder),
}

/// The facts that name the files of an image, and a digest of all their bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFolder {
    pub digest: Hash,
    /// The size of all its files together.
    pub bytes: u64,
    pub size: Size,
    pub tile_size: u32,
    pub max_size: u32,
    pub formats: Formats,
}

impl ImageFolder {
    fn pyramid(&self) -> Pyramid {
        Pyramid::new(self.size, self.tile_size, self.max_size)
    }

    /// Whether its numbers are plausible. A state may have been edited, and no arithmetic may overflow on it.
    fn is_sound(&self) -> bool {
        let sides = [self.size.width, self.size.height];
        let is_side = |side: &u32| (1..=1 << 24).contains(side);
        let tiles = sides.map(|side| u64::from(side.div_ceil(self.tile_size.max(1)))).iter().product::<u64>();
        sides.iter().all(is_side)
            && tiles <= MAX_TILES
            && (16..=MAX_JPEG_SIDE).contains(&self.tile_size)
            && self.max_size >= self.tile_size
    }
}

impl Artifact {
    /// `None`: it is a single file.
    pub fn folder(&self) -> Option<&ImageFolder> {
        match self {
            Artifact::File { .. } => None,
            Artifact::Image(folder) | Artifact::Image2Links(folder) => Some(folder),
        }
    }

    /// Whether the bytes of its files are not known yet.
    pub fn is_unmade(&self) -> bool {
        self.folder().is_some_and(|folder| folder.digest == Hash::default())
    }

    /// The size of all its files together.
    pub fn bytes(&self) -> u64 {
        match self {
            Artifact::File { bytes, .. } => *bytes,
            Artifact::Image(folder) | Artifact::Image2Links(folder) => folder.bytes,
        }
    }

    /// The paths of its files below the site's root; `path` is its own.
    pub fn files(&self, path: &str) -> Vec<String> {
        let below = |file: String| format!("{path}/{file}");
        match self {
            Artifact::File { .. } => vec![path.to_owned()],
            Artifact::Image(folder) => {
                addresses::files(&folder.pyramid(), folder.formats).into_iter().map(|(file, _)| below(file)).collect()
            }
            Artifact::Image2Links(folder) => {
                image2::links(&folder.pyramid()).into_iter().map(|(file, _)| below(file)).collect()
            }
        }
    }

    /// Those of its files that `site` does not use.
    pub fn leftover(&self, path: &str, site: &Artifacts) -> Vec<String> {
        let mut files = self.files(path);
        if let Some(artifact) = site.get(path) {
            let kept: BTreeSet<String> = artifact.files(path).into_iter().collect();
            files.retain(|file| !kept.contains(file));
        }
        files.retain(|file| !site.contains_key(file));
        files
    }

    /// Whether `path` stays inside the site and the artifact's numbers are plausible.
    pub fn is_sound(&self, path: &str) -> bool {
        let is_inside = path.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
        is_inside && self.folder().is_none_or(ImageFolder::is_sound)
    }

    /// Names the artifact at `path`, with these bytes, in a journal.
    pub fn journal_key(&self, path: &str) -> Hash {
        let digest = match self {
            Artifact::File { hash, .. } => hash,
            Artifact::Image(folder) | Artifact::Image2Links(folder) => &folder.digest,
        };
        Hash::of(&[path.as_bytes(), &[0], &digest.0].concat())
    }
}

/// Artifacts for the tests of this folder.
#[cfg(test)]
pub mod fixtures {
    use super::*;

    pub fn file(byte: u8) -> Artifact {
        Artifact::File { hash: Hash([byte; 16]), bytes: 1 }
    }

    /// An image of this width, which also makes its digest.
    pub fn image(width: u32, height: u32) -> Artifact {
        let (digest, size) = (Hash([width as u8; 16]), Size::new(width, height));
        let formats = Formats::default();
        Artifact::Image(ImageFolder { digest, bytes: 9, size, tile_size: 512, max_size: 4096, formats })
    }

    pub fn site(artifacts: &[(&str, Artifact)]) -> Artifacts {
        artifacts.iter().map(|(path, artifact)| ((*path).to_owned(), artifact.clone())).collect()
    }
}
