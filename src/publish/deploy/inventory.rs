//! Takes stock of the output of the last build: images from the records of the build, all other files by a hash of
//! their bytes.

use super::artifact::{Artifact, Artifacts, ImageFolder};
use super::built;
use crate::build::progress::{Event, Observer, Stage};
use crate::config::{Compression, Config};
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageId;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::pyramid::addresses::INFO_JSON;
use crate::publish::headers::{Headers, headers};
use crate::storage::fingerprint::{Hash, hash_file};
use crate::storage::lock::Lock;
use crate::storage::output::FolderDigest;
use crate::storage::state::{self, BuildEnd, Image2LinksRecord, ImageRecord, LastBuild, PreviousBuild};
use rayon::prelude::*;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Instant;

/// The path of some file of an image: all have the same headers.
const AN_IMAGE_FILE: &str = "iiif/3/a/full/max/0/default.jpg";

pub const ROOT: &str = "collection.json";

/// The site in the output folder.
pub struct Inventory {
    pub artifacts: Artifacts,
    /// The address that its documents name.
    pub base_url: BaseUrl,
    /// The label of its root Collection.
    pub title: String,
    /// What the last build said of itself; empty for one of an older version.
    pub last: LastBuild,
    /// Keeps builds out.
    _lock: Lock,
}

/// The records of the last build, a lock that keeps builds out, and the address that the documents name. The records are
/// only read.
///
/// # Errors
/// The output is not a complete site.
pub fn open(config: &Config) -> Result<(Lock, PreviousBuild, BaseUrl)> {
    let refused = |why: &str| {
        let error = Error::new(ErrorKind::Output, format!("{why}; nothing was deployed")).with_path(&config.output);
        Err(error.with_hint("run `iiif-build build` first"))
    };
    let read = state::read(&config.root, &config.output).map_err(|error| {
        error.with_hint("run `iiif-build build` first; the file stays as it is until then, and nothing was deployed")
    })?;
    let Some((lock, known)) = read else { return refused("nothing is known of what lies there") };
    if known.is_unfinished || known.doubtful_from.is_some() {
        return refused("the last build did not come to its end");
    }
    if let Some(why) = known.last.as_ref().and_then(|last| unfinished(last.end)) {
        return refused(why);
    }
    let is_recorded = known.documents.values().flat_map(|record| &record.files).any(|file| file == ROOT);
    if !is_recorded || !config.output.join(ROOT).is_file() {
        return refused("there is no root collection: this is not a whole site");
    }
    Ok((lock, known, base_url(config)))
}

/// Why a site is not whole after a build with this end.
fn unfinished(end: BuildEnd) -> Option<&'static str> {
    match end {
        BuildEnd::Complete | BuildEnd::WithFailures => None,
        BuildEnd::Deferred => Some("the last build was a preview: it left images to be made later"),
        BuildEnd::Refused => Some("the last build was strict and refused to write anything"),
        BuildEnd::Failed => Some("the last build ended with an error"),
        BuildEnd::Interrupted => Some("the last build was interrupted"),
    }
}

/// The address that the documents in the output name. The settings may have changed since.
pub fn base_url(config: &Config) -> BaseUrl {
    root(&config.output).map_or_else(|| config.base_url.clone(), |root| root.base_url)
}

/// Takes stock. `compression`: how text will be put.
///
/// # Errors
/// The output is not a complete site, or names this machine although that is not allowed.
pub fn take(
    config: &Config,
    compression: Compression,
    allows_localhost: bool,
    observer: &dyn Observer,
) -> Result<Inventory> {
    let (lock, mut known, base_url) = open(config)?;
    if !allows_localhost && is_local(&base_url) {
        let refused = Error::new(ErrorKind::Output, "its documents name this machine (localhost)");
        return Err(refused.with_path(&config.output).with_hint(
            "set `base-url` to where the site will be published and build again, or say --allow-localhost",
        ));
    }
    let started = Instant::now();
    let artifacts = artifacts(config, compression, &known, observer)?;
    observer.event(Event::StageFinished { stage: Stage::Compare, elapsed: started.elapsed() });
    let last = known.last.take().unwrap_or_else(|| LastBuild::without_result(BuildEnd::Complete));
    let title = root(&config.output).map(|root| root.title).unwrap_or_default();
    Ok(Inventory { artifacts, base_url, title, last, _lock: lock })
}

/// What the root Collection says of the site.
pub struct Root {
    /// The address of its folder.
    pub base_url: BaseUrl,
    /// Its label.
    pub title: String,
}

/// Reads the bytes of a root Collection. `None`: they are not one.
pub fn described(bytes: &[u8]) -> Option<Root> {
    let root: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let base_url = BaseUrl::parse(root["id"].as_str()?.strip_suffix(ROOT)?).ok()?;
    let labels = root["label"].as_object().and_then(|languages| languages.values().next());
    let title = labels.and_then(|labels| labels[0].as_str()).unwrap_or_default().to_owned();
    Some(Root { base_url, title })
}

fn root(output: &Path) -> Option<Root> {
    described(&fs::read(output.join(ROOT)).ok()?)
}

/// Whether it is an address of this machine.
fn is_local(base_url: &BaseUrl) -> bool {
    let name = base_url.host_name();
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
    name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn artifacts(
    config: &Config,
    compression: Compression,
    known: &PreviousBuild,
    observer: &dyn Observer,
) -> Result<Artifacts> {
    let mut artifacts = Artifacts::new();
    let mut files: Vec<String> = known.documents.values().flat_map(|record| record.files.iter().cloned()).collect();
    for (id, record) in &known.images {
        let id = ImageId(id.clone());
        let Some(folder) = folder(record) else { continue };
        files.push(id.site_path().join(INFO_JSON).as_str().to_owned());
        let links = known.image2_links.get(&id.0);
        if let Some(links) = links.and_then(|links| image2_links(&folder, links, &id, config)) {
            files.push(id.image2_path().join(INFO_JSON).as_str().to_owned());
            artifacts.insert(id.image2_path().as_str().to_owned(), Artifact::Image2Links(links));
        }
        artifacts.insert(id.site_path().as_str().to_owned(), Artifact::Image(folder));
    }
    files.sort_unstable();
    files.dedup();
    observer.event(Event::StageStarted { stage: Stage::Compare, total: files.len() as u64 });
    let hashed: Result<Vec<(String, Artifact)>> = files
        .into_par_iter()
        .map(|path| {
            let artifact = file(&config.output, &path, compression);
            observer.event(Event::Advanced { stage: Stage::Compare, by: 1 });
            Ok((path, artifact?))
        })
        .collect();
    artifacts.extend(hashed?);
    Ok(artifacts)
}

/// `None`: the image could not be made, and no document names it.
pub fn folder(record: &ImageRecord) -> Option<ImageFolder> {
    let made = record.made.as_ref()?;
    let published = made.published;
    let digest = image_digest(&made.digest);
    let (tile_size, max_size, formats) = (published.tile_size, published.max_size, published.formats);
    let bytes = made.digest.bytes;
    Some(ImageFolder { digest, bytes, size: record.header.size, tile_size, max_size, formats })
}

/// The digest of all files of an image and of their headers, which are the same for all.
pub fn image_digest(digest: &FolderDigest) -> Hash {
    hash_with_headers(Hash(digest.sum.to_le_bytes()), AN_IMAGE_FILE, None)
}

/// The links for Image API 2 have the bytes of the image; which links there are depends on the settings.
fn image2_links(image: &ImageFolder, links: &Image2LinksRecord, id: &ImageId, config: &Config) -> Option<ImageFolder> {
    let of = postcard::to_stdvec(links.of.as_ref()?).ok()?;
    let digest = Hash::of(&[&image.digest.0[..], &of].concat());
    let linked = ImageFolder { digest, ..image.clone() };
    let files = Artifact::Image2Links(linked.clone()).files(id.image2_path().as_str());
    let sizes = files.iter().filter_map(|file| fs::metadata(config.output.join(file)).ok());
    Some(ImageFolder { bytes: sizes.map(|file| file.len()).sum(), ..linked })
}

/// The artifact changes when the bytes or the headers of the file change.
fn file(output: &Path, path: &str, compression: Compression) -> Result<Artifact> {
    let file = SitePath::root().join(path).segments().fold(output.to_path_buf(), |folder, name| folder.join(name));
    let read = || {
        let (hash, bytes) = (hash_file(&file)?, fs::metadata(&file)?.len());
        let encoding = built::content_encoding(built::encoding(path, bytes, compression));
        Ok(Artifact::File { hash: hash_with_headers(hash, path, encoding), bytes })
    };
    read().map_err(|error: std::io::Error| {
        Error::read(ErrorKind::Output, &file, error).with_hint("the last build wrote it: build again with --verify")
    })
}

/// A hash of `hash`, which is that of the bytes, and the headers of `path`.
fn hash_with_headers(hash: Hash, path: &str, encoding: Option<&str>) -> Hash {
    let Headers { content_type, cache_control } = headers(path);
    let words = [content_type, cache_control, encoding.unwrap_or_default()].join("\n");
    Hash::of(&[&hash.0, words.as_bytes()].concat())
}
