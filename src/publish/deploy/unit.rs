//! What a site is made of, as a deploy counts: image folders, each with one digest whatever the number of its files, and
//! all other files, each with a hash of its bytes.

use crate::documents::iiif::image2;
use crate::model::geometry::Size;
use crate::model::pyramid::addresses;
use crate::model::pyramid::{MAX_JPEG_SIDE, Pyramid};
use crate::model::settings::Formats;
use crate::storage::fingerprint::Hash;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Units by their paths below the site's root.
pub type Units = BTreeMap<String, Unit>;

/// No image has more: a million megapixels in tiles of 256.
const MAX_TILES: u64 = 1 << 24;

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    File {
        hash: Hash,
        bytes: u64,
    },
    /// An image's folder, without its info.json.
    Image(Folder),
    /// The same by the addresses of Image API 2.
    Twin(Folder),
}

/// What names the files of an image, and a digest of all their bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    pub digest: Hash,
    /// Of all its files.
    pub bytes: u64,
    pub size: Size,
    pub tile_size: u32,
    pub max_size: u32,
    pub formats: Formats,
}

impl Folder {
    fn pyramid(&self) -> Pyramid {
        Pyramid::new(self.size, self.tile_size, self.max_size)
    }

    /// A state may have been edited: no arithmetic may overflow on what it says.
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

impl Unit {
    /// The paths of its files below the site's root; `path` is its own.
    pub fn files(&self, path: &str) -> Vec<String> {
        let below = |file: String| format!("{path}/{file}");
        match self {
            Unit::File { .. } => vec![path.to_owned()],
            Unit::Image(folder) => {
                addresses::files(&folder.pyramid(), folder.formats).into_iter().map(|(file, _)| below(file)).collect()
            }
            Unit::Twin(folder) => image2::links(&folder.pyramid()).into_iter().map(|(file, _)| below(file)).collect(),
        }
    }

    /// Those of its files that `site` has no use for.
    pub fn leftover(&self, path: &str, site: &Units) -> Vec<String> {
        let mut files = self.files(path);
        if let Some(unit) = site.get(path) {
            let kept: BTreeSet<String> = unit.files(path).into_iter().collect();
            files.retain(|file| !kept.contains(file));
        }
        files.retain(|file| !site.contains_key(file));
        files
    }

    /// Whether `path` and what it says can be acted upon.
    pub fn is_sound(&self, path: &str) -> bool {
        let is_inside = path.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
        is_inside
            && match self {
                Unit::File { .. } => true,
                Unit::Image(folder) | Unit::Twin(folder) => folder.is_sound(),
            }
    }

    /// Names it, with its bytes, in a journal.
    pub fn mark(&self, path: &str) -> Hash {
        let digest = match self {
            Unit::File { hash, .. } => hash,
            Unit::Image(folder) | Unit::Twin(folder) => &folder.digest,
        };
        Hash::of(&[path.as_bytes(), &[0], &digest.0].concat())
    }
}
