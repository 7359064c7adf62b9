//! What the last build left: images as its state has them, of all other files a hash of their bytes.

use super::encoding;
use super::unit::{Folder, Unit, Units};
use crate::build::progress::{Event, Observer, Stage};
use crate::config::{Compression, Config};
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageId;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::pyramid::addresses::INFO_JSON;
use crate::publish::headers::{Headers, headers};
use crate::storage::fingerprint::{Hash, hash_file};
use crate::storage::output::FolderDigest;
use crate::storage::state::{self, Image2LinksRecord, ImageRecord, PreviousBuild, State};
use rayon::prelude::*;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Instant;

/// Any of those of an image.
const AN_IMAGE_FILE: &str = "iiif/3/a/full/max/0/default.jpg";

const ROOT: &str = "collection.json";

/// The site as it lies in the output folder.
pub struct Inventory {
    pub units: Units,
    /// Where its documents say that it is.
    pub base_url: BaseUrl,
    /// Keeps builds out while it is looked at.
    _state: State,
}

/// What is known of the output, kept from builds meanwhile, and where its documents say that it is. Refused where what lies
/// there is not all of a site.
pub fn open(config: &Config) -> Result<(State, PreviousBuild, BaseUrl)> {
    let refused = |why: &str| {
        let error = Error::new(ErrorKind::Output, why).with_path(&config.output);
        Err(error.with_hint("run `iiif-build build` first"))
    };
    if !state::is_known(&config.root, &config.output) {
        return refused("nothing is known of what lies there");
    }
    let (state, known, warning) = State::open(&config.root, &config.output)?;
    if warning.is_some() {
        return refused("what is known of what lies there is damaged");
    }
    if known.is_unfinished || known.doubtful_from.is_some() {
        return refused("the last build did not come to its end");
    }
    Ok((state, known, base_url(config)))
}

/// Where the documents in the output say that they are; settings may say another place since.
pub fn base_url(config: &Config) -> BaseUrl {
    published_at(&config.output).unwrap_or_else(|| config.base_url.clone())
}

/// Takes stock. Refused where what lies there is not meant for others. `compression`: how text will be put.
pub fn take(
    config: &Config,
    compression: Compression,
    allows_localhost: bool,
    observer: &dyn Observer,
) -> Result<Inventory> {
    let (state, known, base_url) = open(config)?;
    if !allows_localhost && is_local(&base_url) {
        let refused = Error::new(ErrorKind::Output, "its documents name this machine (localhost)");
        return Err(refused.with_path(&config.output).with_hint(
            "set `base-url` to where the site will be published and build again, or say --allow-localhost",
        ));
    }
    let started = Instant::now();
    let units = units(config, compression, &known, observer)?;
    observer.event(Event::StageFinished { stage: Stage::Compare, elapsed: started.elapsed() });
    Ok(Inventory { units, base_url, _state: state })
}

/// The address of the root Collection's folder.
fn published_at(output: &Path) -> Option<BaseUrl> {
    let text = fs::read(output.join(ROOT)).ok()?;
    let root: serde_json::Value = serde_json::from_slice(&text).ok()?;
    BaseUrl::parse(root["id"].as_str()?.strip_suffix(ROOT)?).ok()
}

/// Whether it is at an address of this machine.
fn is_local(base_url: &BaseUrl) -> bool {
    let name = base_url.host_name();
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
    name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn units(config: &Config, compression: Compression, known: &PreviousBuild, observer: &dyn Observer) -> Result<Units> {
    let mut units = Units::new();
    let mut files: Vec<String> = known.documents.values().flat_map(|record| record.files.iter().cloned()).collect();
    for (id, record) in &known.images {
        let id = ImageId(id.clone());
        let Some(folder) = folder(record) else { continue };
        files.push(id.site_path().join(INFO_JSON).as_str().to_owned());
        if let Some(twin) = known.image2_links.get(&id.0).and_then(|twin| twin_of(&folder, twin, &id, config)) {
            files.push(id.image2_path().join(INFO_JSON).as_str().to_owned());
            units.insert(id.image2_path().as_str().to_owned(), Unit::Twin(twin));
        }
        units.insert(id.site_path().as_str().to_owned(), Unit::Image(folder));
    }
    files.sort_unstable();
    files.dedup();
    observer.event(Event::StageStarted { stage: Stage::Compare, total: files.len() as u64 });
    let hashed: Result<Vec<(String, Unit)>> = files
        .into_par_iter()
        .map(|path| {
            let unit = file(&config.output, &path, compression);
            observer.event(Event::Advanced { stage: Stage::Compare, by: 1 });
            Ok((path, unit?))
        })
        .collect();
    units.extend(hashed?);
    Ok(units)
}

/// `None`: the image could not be made, and nothing names it.
pub fn folder(record: &ImageRecord) -> Option<Folder> {
    let made = record.made.as_ref()?;
    let published = made.published;
    let digest = image_digest(&made.digest);
    let (tile_size, max_size, formats) = (published.tile_size, published.max_size, published.formats);
    let bytes = made.digest.bytes;
    Some(Folder { digest, bytes, size: record.header.size, tile_size, max_size, formats })
}

/// Of all files of an image, and of what hosts are told of them: of all the same.
pub fn image_digest(digest: &FolderDigest) -> Hash {
    told(Hash(digest.sum.to_le_bytes()), AN_IMAGE_FILE, None)
}

/// Its bytes are those of the image; which of them it has depends on what its links were made from.
fn twin_of(image: &Folder, twin: &Image2LinksRecord, id: &ImageId, config: &Config) -> Option<Folder> {
    let of = postcard::to_stdvec(twin.of.as_ref()?).ok()?;
    let digest = Hash::of(&[&image.digest.0[..], &of].concat());
    let linked = Folder { digest, ..image.clone() };
    let files = Unit::Twin(linked.clone()).files(id.image2_path().as_str());
    let sizes = files.iter().filter_map(|file| fs::metadata(config.output.join(file)).ok());
    Some(Folder { bytes: sizes.map(|file| file.len()).sum(), ..linked })
}

/// What differs when its bytes do, or what hosts are told of it.
fn file(output: &Path, path: &str, compression: Compression) -> Result<Unit> {
    let place = SitePath::root().join(path).segments().fold(output.to_path_buf(), |folder, name| folder.join(name));
    let read = || {
        let (hash, bytes) = (hash_file(&place)?, fs::metadata(&place)?.len());
        let encoding = encoding::name(encoding::encoding(path, bytes, compression));
        Ok(Unit::File { hash: told(hash, path, encoding), bytes })
    };
    read().map_err(|error: std::io::Error| {
        Error::read(ErrorKind::Output, &place, error).with_hint("the last build wrote it: build again with --verify")
    })
}

/// `hash` of the bytes, and what hosts are told of `path`.
fn told(hash: Hash, path: &str, encoding: Option<&str>) -> Hash {
    let Headers { content_type, cache_control } = headers(path);
    let words = [content_type, cache_control, encoding.unwrap_or_default()].join("\n");
    Hash::of(&[&hash.0, words.as_bytes()].concat())
}
