//! What the last build left: images as its state has them, of all other files a hash of their bytes.

use super::unit::{Folder, Unit, Units};
use crate::address::SitePath;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::fingerprint::{Hash, hash_file};
use crate::iiif::image::INFO_JSON;
use crate::model::ImageId;
use crate::progress::{Event, Observer, Stage};
use crate::state::{self, ImageRecord, Known, State, TwinRecord};
use rayon::prelude::*;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Instant;

/// The site as it lies in the output folder.
pub struct Inventory {
    pub units: Units,
    /// Keeps builds out while it is looked at.
    _state: State,
}

/// Takes stock. Refused where what lies there is not all of a site, or is not meant for others.
pub fn take(config: &Config, allows_localhost: bool, observer: &dyn Observer) -> Result<Inventory> {
    let refused =
        |why: &str, hint: &str| Err(Error::new(ErrorKind::Output, why).with_path(&config.output).with_hint(hint));
    const BUILD: &str = "run `iiif-build build` first";
    if !state::is_known(&config.root, &config.output) {
        return refused("nothing is known of what lies there", BUILD);
    }
    let (state, known, warning) = State::open(&config.root, &config.output)?;
    if warning.is_some() {
        return refused("what is known of what lies there is damaged", BUILD);
    }
    if known.is_unfinished || known.doubtful_from.is_some() {
        return refused("the last build did not come to its end", BUILD);
    }
    if !allows_localhost && is_local(&config.output) {
        let hint = "set `base-url` to where the site will be published and build again, or say --allow-localhost";
        return refused("its documents name this machine (localhost)", hint);
    }
    let started = Instant::now();
    let units = units(config, &known, observer)?;
    observer.event(Event::StageFinished { stage: Stage::Compare, elapsed: started.elapsed() });
    Ok(Inventory { units, _state: state })
}

/// Whether the root Collection is at an address of this machine.
fn is_local(output: &Path) -> bool {
    let text = fs::read(output.join("collection.json")).unwrap_or_default();
    let root: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    let host = root["id"].as_str().and_then(|id| id.split_once("://")?.1.split('/').next()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
    name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn units(config: &Config, known: &Known, observer: &dyn Observer) -> Result<Units> {
    let mut units = Units::new();
    let mut files: Vec<String> = known.documents.values().flat_map(|record| record.files.iter().cloned()).collect();
    for (id, record) in &known.images {
        let id = ImageId(id.clone());
        let Some(folder) = folder(record) else { continue };
        files.push(id.site_path().join(INFO_JSON).as_str().to_owned());
        if let Some(twin) = known.twins.get(&id.0).and_then(|twin| twin_of(&folder, twin, &id, config)) {
            files.push(id.twin_path().join(INFO_JSON).as_str().to_owned());
            units.insert(id.twin_path().as_str().to_owned(), Unit::Twin(twin));
        }
        units.insert(id.site_path().as_str().to_owned(), Unit::Image(folder));
    }
    files.sort_unstable();
    files.dedup();
    observer.event(Event::StageStarted { stage: Stage::Compare, total: files.len() as u64 });
    let hashed: Result<Vec<(String, Unit)>> = files
        .into_par_iter()
        .map(|path| {
            let unit = file(&config.output, &path);
            observer.event(Event::Advanced { stage: Stage::Compare, by: 1 });
            Ok((path, unit?))
        })
        .collect();
    units.extend(hashed?);
    Ok(units)
}

/// `None`: the image could not be made, and nothing names it.
fn folder(record: &ImageRecord) -> Option<Folder> {
    let made = record.made.as_ref()?;
    let published = made.published;
    let digest = Hash(made.tally.digest.to_le_bytes());
    let (tile_size, max_size, formats) = (published.tile_size, published.max_size, published.formats);
    let bytes = made.tally.bytes;
    Some(Folder { digest, bytes, size: record.header.size, tile_size, max_size, formats })
}

/// Its bytes are those of the image; which of them it has depends on what its links were made from.
fn twin_of(image: &Folder, twin: &TwinRecord, id: &ImageId, config: &Config) -> Option<Folder> {
    let of = postcard::to_stdvec(twin.of.as_ref()?).ok()?;
    let digest = Hash::of(&[&image.digest.0[..], &of].concat());
    let linked = Folder { digest, ..image.clone() };
    let files = Unit::Twin(linked.clone()).files(id.twin_path().as_str());
    let sizes = files.iter().filter_map(|file| fs::metadata(config.output.join(file)).ok());
    Some(Folder { bytes: sizes.map(|file| file.len()).sum(), ..linked })
}

fn file(output: &Path, path: &str) -> Result<Unit> {
    let place = SitePath::root().join(path).segments().fold(output.to_path_buf(), |folder, name| folder.join(name));
    let read = || Ok(Unit::File { hash: hash_file(&place)?, bytes: fs::metadata(&place)?.len() });
    read().map_err(|error: std::io::Error| {
        Error::read(ErrorKind::Output, &place, error).with_hint("the last build wrote it: build again with --verify")
    })
}
