//! What a target holds, as a deploy writes it down beside the site: what is there for sure and as it is, and what may be
//! there too. Its name is the hash of its bytes.

use super::earlier::Earlier;
use super::unit::{Unit, Units};
use crate::storage::fingerprint::Hash;
use crate::storage::store::PRIVATE;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::time::Duration;

/// Of the form of states and pointers.
pub const VERSION: u32 = 2;

/// Larger ones are not unpacked: ten times what fifty million images would take is not what a deploy wrote.
const MAX_BYTES: u64 = 8 << 30;

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    pub units: Units,
    pub retired: Vec<Retired>,
    pub earlier: Option<Earlier>,
}

/// Files that may be there and that nothing names any more, but for those that `units` name too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    pub path: String,
    pub unit: Unit,
    /// Seconds since 1970.
    pub since: i64,
}

impl Retired {
    /// An object that no reader ever saw.
    pub fn private(path: String) -> Retired {
        Retired { path, unit: Unit::File { hash: Hash([0; 16]), bytes: 0 }, since: 0 }
    }

    /// Its files that `now` has no use for.
    pub fn leftover(&self, now: &Units) -> Vec<String> {
        self.unit.leftover(&self.path, now)
    }

    pub fn is_private(&self) -> bool {
        is_private(&self.path)
    }

    pub fn is_due(&self, grace: Duration, now: i64) -> bool {
        has_passed(grace, self.since, now)
    }
}

/// Whether so much time went by from `since` to `now`, which are seconds since 1970.
pub fn has_passed(time: Duration, since: i64, now: i64) -> bool {
    now.saturating_sub(since) >= i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// Whether no reader ever sees what lies at `path`.
pub fn is_private(path: &str) -> bool {
    path.split('/').next() == Some(PRIVATE)
}

impl Deployed {
    /// While `due` of `site` are being put: what stays as it is, and all else that may be there. `earlier` can be gone back
    /// to instead of what could be until now.
    pub fn started(&self, site: &Units, due: &[(&String, &Unit)], earlier: Option<Earlier>, now: i64) -> Deployed {
        let is_same = |path: &String, unit: &Unit| site.get(path) == Some(unit);
        let (units, changed): (Units, Units) = self
            .units
            .iter()
            .map(|(path, unit)| (path.clone(), unit.clone()))
            .partition(|(path, unit)| is_same(path, unit));
        let coming = due.iter().map(|(path, unit)| ((*path).clone(), (*unit).clone()));
        let new = changed.into_iter().chain(coming).map(|(path, unit)| Retired { path, unit, since: now });
        // What is put again is as new: it may have been named since it was retired.
        let mut last = BTreeMap::new();
        let is_other = |before: &&Earlier| earlier.as_ref().is_none_or(|earlier| earlier.state != before.state);
        let given_up = self.earlier.iter().filter(is_other).flat_map(Earlier::retired);
        for retired in self.retired.iter().cloned().chain(new).chain(given_up) {
            let key = (retired.path.clone(), shape(&retired.unit));
            last.insert(key, retired);
        }
        Deployed { units, retired: last.into_values().collect(), earlier }
    }

    /// When all of `site` is there.
    pub fn ended(&self, site: &Units) -> Deployed {
        let retired = self.retired.iter().filter(|retired| !retired.leftover(site).is_empty()).cloned().collect();
        Deployed { units: site.clone(), retired, earlier: self.earlier.clone() }
    }

    /// Nobody will go back to anything.
    pub fn give_up(&mut self) {
        self.retired.extend(self.earlier.take().iter().flat_map(Earlier::retired));
    }

    /// Its bytes, and their hash.
    pub fn pack(&self) -> io::Result<(Vec<u8>, Hash)> {
        let plain = postcard::to_stdvec(&(VERSION, self)).map_err(io::Error::other)?;
        let mut packed = DeflateEncoder::new(vec![], Compression::fast());
        packed.write_all(&plain)?;
        let packed = packed.finish()?;
        let hash = Hash::of(&packed);
        Ok((packed, hash))
    }

    /// Nothing that it holds is believed before it is checked. Says what is wrong.
    pub fn unpack(packed: &[u8], hash: Hash) -> Result<Deployed, &'static str> {
        if Hash::of(packed) != hash {
            return Err("it is damaged");
        }
        let mut plain = vec![];
        DeflateDecoder::new(packed).take(MAX_BYTES).read_to_end(&mut plain).map_err(|_| "it is damaged")?;
        let (version, rest): (u32, _) = postcard::take_from_bytes(&plain).map_err(|_| "it is damaged")?;
        if version != VERSION {
            return Err("another version of the program wrote it");
        }
        let deployed: Deployed = postcard::from_bytes(rest).map_err(|_| "it is damaged")?;
        let retired = deployed.retired.iter().map(|retired| (&retired.path, &retired.unit));
        let kept = deployed.earlier.iter().flat_map(|earlier| &earlier.kept);
        let mut all = deployed.units.iter().chain(retired).chain(kept);
        if all.all(|(path, unit)| unit.is_sound(path)) { Ok(deployed) } else { Err("it names impossible files") }
    }
}

/// What units with the same files have in common.
fn shape(unit: &Unit) -> Vec<u32> {
    match unit {
        Unit::File { .. } => vec![],
        Unit::Image(folder) | Unit::Twin(folder) => {
            let webp = u32::from(folder.formats.webp);
            vec![folder.size.width, folder.size.height, folder.tile_size, folder.max_size, webp]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::geometry::Size;
    use crate::model::settings::Formats;
    use crate::publish::deploy::unit::Folder;

    fn file(byte: u8) -> Unit {
        Unit::File { hash: Hash([byte; 16]), bytes: 1 }
    }

    fn image(width: u32) -> Unit {
        let (digest, formats) = (Hash([width as u8; 16]), Formats::default());
        Unit::Image(Folder { digest, bytes: 9, size: Size::new(width, 300), tile_size: 512, max_size: 4096, formats })
    }

    fn site(units: &[(&str, Unit)]) -> Units {
        units.iter().map(|(path, unit)| ((*path).to_owned(), unit.clone())).collect()
    }

    #[test]
    fn a_state_comes_back_as_it_was_and_a_damaged_one_does_not() {
        let retired = vec![Retired { path: "b".into(), unit: file(2), since: 9 }];
        let earlier = Some(Earlier { kept: site(&[("a", file(2))]), ..Earlier::of(Hash([3; 16]), 9) });
        let state = Deployed { units: site(&[("a", file(1)), ("iiif/3/a_1", image(300))]), retired, earlier };
        let (mut packed, hash) = state.pack().unwrap();
        assert_eq!(Deployed::unpack(&packed, hash), Ok(state));
        packed[3] ^= 1;
        assert!(Deployed::unpack(&packed, hash).is_err());
        let outside = Deployed { units: site(&[("../a", file(1))]), ..Deployed::default() };
        let (packed, hash) = outside.pack().unwrap();
        assert!(Deployed::unpack(&packed, hash).is_err());
    }

    #[test]
    fn what_is_being_put_may_be_there_and_what_is_not_has_gone_from_what_is_sure() {
        let units = site(&[("a", file(1)), ("b", file(1)), ("c", file(1))]);
        let before = Deployed { units, ..Deployed::default() };
        let now = site(&[("a", file(1)), ("b", file(2)), ("d", file(1))]);
        let due: Vec<_> = now.iter().filter(|(path, _)| **path != "a").collect();
        let started = before.started(&now, &due, None, 7);
        assert_eq!(started.units, site(&[("a", file(1))]));
        assert_eq!(started.retired.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["b", "c", "d"]);
        let ended = started.ended(&now);
        assert_eq!((ended.units, ended.retired.len(), ended.retired[0].path.as_str()), (now, 1, "c"));
    }

    #[test]
    fn of_an_image_of_another_size_only_the_files_that_it_had_alone_are_left_over() {
        let retired = Retired { path: "iiif/3/a_1".into(), unit: image(300), since: 0 };
        assert_eq!(retired.leftover(&site(&[("iiif/3/a_1", image(300))])), Vec::<String>::new());
        assert_eq!(
            retired.leftover(&site(&[("iiif/3/a_1", image(301))])),
            ["iiif/3/a_1/0,0,300,300/300,300/0/default.jpg", "iiif/3/a_1/full/300,300/0/default.jpg"]
        );
    }
}
