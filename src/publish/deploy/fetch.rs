//! Brings a site back from its target, where the project's output and records are lost: the documents, and the records
//! of the build. Then documents can be made again without the masters. Tiles stay where they are, unless asked for.
//!
//! All files are fetched into a folder beside the output, checked against the target's state, and then renamed. So the
//! output is whole or untouched.

use super::artifact::{Artifact, Artifacts};
use super::built::{content_encoding, encoding_of, unpacked};
use super::deployed;
use super::inventory::{hash_with_headers, image_digest};
use super::note::Note;
use super::pointer::{self, Pointer, ReadPointer, read_state};
use super::records;
use crate::build::progress::{Event, Observer, Stage};
use crate::config::{Compression, Config};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::{Hash, Hasher, hash_file};
use crate::storage::output::FolderDigest;
use crate::storage::ownership::resolved;
use crate::storage::state::{RecordsCopy, State};
use crate::storage::store::{MAX_REQUESTS, Store, failed, runtime};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::io::AsyncWriteExt;

/// What was brought back.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Fetched {
    /// The number of files.
    pub files: u64,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// The number of images whose records came back.
    pub images: u64,
}

/// Fetches the site in `store`, the target `name`, into the output of `config`, and makes the records of its build.
/// `with_images`: also the files of images, which can be many.
///
/// # Errors
/// The output holds files, or records of it exist; the target holds no complete site or no copy of the records; a file
/// is not what the target's state says.
pub fn fetch(
    config: &Config,
    name: &str,
    store: &Store,
    with_images: bool,
    observer: &dyn Observer,
) -> Result<Fetched> {
    check_empty(config)?;
    let Read { artifacts, records, note } = runtime()?.block_on(read(store))?;
    if !with_images && artifacts.values().any(|artifact| matches!(artifact, Artifact::Image2Links(_))) {
        let why = "the site has links for Image API 2, which are made again from the files of its images";
        return Err(Error::new(ErrorKind::Config, why).with_hint("fetch these too: --images"));
    }
    let output = resolved(&config.output);
    let parent = output.parent().unwrap_or(&config.root);
    fs::create_dir_all(parent).map_err(|error| Error::output(parent, error))?;
    let staging = tempfile::Builder::new().prefix(".partial-fetch-").tempdir_in(parent);
    let staging = staging.map_err(|error| Error::output(parent, error))?;
    let wanted: Vec<Wanted<'_>> = artifacts.iter().filter_map(|(path, one)| wanted(path, one, with_images)).collect();
    let fetched = runtime()?.block_on(Fetching { store, folder: staging.path(), observer }.all(&wanted))?;
    place(staging, &output)?;
    State::restore(&config.root, &config.output, &records)?;
    // What is built next is built on what was published last.
    note.map_or(Ok(()), |note| note.write(&config.root, name))?;
    Ok(Fetched { images: records.images.len() as u64, ..fetched })
}

/// Refuses an output that is not empty: what lies there may be all that somebody has.
fn check_empty(config: &Config) -> Result<()> {
    let is_empty = fs::read_dir(&config.output).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty {
        return Err(Error::new(ErrorKind::Output, "the output folder holds files, which would be lost")
            .with_path(&config.output)
            .with_hint("move them away, or name another folder with --output"));
    }
    State::check_unknown(&config.root, &config.output)
}

/// What the target notes about itself.
struct Read {
    artifacts: Artifacts,
    records: RecordsCopy,
    /// The last publication.
    note: Option<Note>,
}

async fn read(store: &Store) -> Result<Read> {
    let refused =
        |why: &str, hint: &str| Error::new(ErrorKind::Network, why).with_path(pointer::path()).with_hint(hint);
    let pointer = ReadPointer::read(store).await?;
    let Some(state) = pointer.state() else {
        return Err(refused("no deploy has noted here what lies there", "look at `url`, and at the credentials"));
    };
    if pointer.pointer.unfinished.is_some() {
        let hint = "wait until it has ended; if it was interrupted, deploy once more from where it ran, or --rollback";
        return Err(refused("a deploy to this target has not come to its end", hint));
    }
    let Some(copy) = pointer.records() else {
        let hint = "an older version deployed it, or it was rolled back: deploy once more from where the records are";
        return Err(refused("the target holds no copy of the build's records", hint));
    };
    let base = read_state(store, state).await?.map_err(|why| why.error(deployed::path(state)))?;
    let Pointer { site, published, .. } = pointer.pointer;
    let note = site.zip(published).map(|(site, last)| Note { site: site.id, publications: vec![last.id] });
    Ok(Read { artifacts: base.artifacts, records: records::read(store, copy).await?, note })
}

/// An artifact to fetch, and its files.
struct Wanted<'a> {
    path: &'a str,
    artifact: &'a Artifact,
    files: Vec<String>,
}

/// Links for Image API 2 are made again by the next build.
fn wanted<'a>(path: &'a str, artifact: &'a Artifact, with_images: bool) -> Option<Wanted<'a>> {
    let is_wanted = match artifact {
        Artifact::File { .. } => true,
        Artifact::Image(_) => with_images,
        Artifact::Image2Links(_) => false,
    };
    is_wanted.then(|| Wanted { path, artifact, files: artifact.files(path) })
}

/// Puts the folder `staging` in the place of `output`, which is empty or not there.
fn place(staging: tempfile::TempDir, output: &Path) -> Result<()> {
    let staged = staging.keep();
    let moved = match fs::remove_dir(output) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => open_to_readers(&staged).and_then(|()| fs::rename(&staged, output)),
    };
    moved.map_err(|error| {
        // The first error is the one to tell. What stays lies beside the output, under a name of ours.
        let _ = fs::remove_dir_all(&staged);
        Error::output(output, error)
    })
}

/// Folders for temporary files are closed to other users, and a host must read this one.
#[cfg(unix)]
fn open_to_readers(folder: &Path) -> std::io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_readers(_: &Path) -> std::io::Result<()> {
    Ok(())
}

struct Fetching<'a> {
    store: &'a Store,
    folder: &'a Path,
    observer: &'a dyn Observer,
}

/// The ways in which a file may be packed.
const PACKINGS: [Compression; 3] = [Compression::None, Compression::Gzip, Compression::Br];

/// A file that was fetched: the hash and length of its bytes, and how they were packed.
struct Content {
    hash: Hash,
    bytes: u64,
    encoding: Compression,
}

impl Fetching<'_> {
    async fn all(&self, wanted: &[Wanted<'_>]) -> Result<Fetched> {
        let begun = Instant::now();
        let files: u64 = wanted.iter().map(|one| one.files.len() as u64).sum();
        self.observer.event(Event::StageStarted { stage: Stage::Fetch, total: files });
        let mut fetched = Fetched { files, ..Fetched::default() };
        let mut artifacts = stream::iter(wanted).map(|one| self.artifact(one)).buffer_unordered(MAX_REQUESTS);
        while let Some(bytes) = artifacts.try_next().await? {
            fetched.bytes += bytes;
            if self.observer.is_cancelled() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was changed"));
            }
        }
        self.observer.event(Event::StageFinished { stage: Stage::Fetch, elapsed: begun.elapsed() });
        Ok(fetched)
    }

    /// Returns the number of bytes.
    async fn artifact(&self, Wanted { path, artifact, files }: &Wanted<'_>) -> Result<u64> {
        let mut digest = FolderDigest::default();
        let (mut is_sound, mut bytes) = (true, 0);
        for file in files {
            let content = self.file(file).await?;
            bytes += content.bytes;
            match artifact {
                Artifact::File { hash, .. } => {
                    let found = [content.encoding];
                    // A store without headers does not tell how the file would be packed for one with them.
                    let packings = if self.store.has_attributes { &found[..] } else { &PACKINGS };
                    let with = |packing| hash_with_headers(content.hash, file, content_encoding(packing));
                    is_sound = packings.iter().any(|packing| with(*packing) == *hash);
                }
                _ => digest.add(file[path.len()..].trim_start_matches('/'), content.bytes, content.hash),
            }
            self.observer.event(Event::Advanced { stage: Stage::Fetch, by: 1 });
        }
        let is_sound = is_sound && artifact.folder().is_none_or(|folder| image_digest(&digest) == folder.digest);
        if is_sound { Ok(bytes) } else { Err(changed(path)) }
    }

    async fn file(&self, path: &str) -> Result<Content> {
        let place = path.split('/').fold(self.folder.to_path_buf(), |folder, name| folder.join(name));
        let unwritable = |error| Error::output(&place, error);
        let found = self.store.get(path).await?.ok_or_else(|| changed(path))?;
        let encoding = encoding_of(&found);
        let parent: PathBuf = place.parent().unwrap_or(self.folder).to_path_buf();
        tokio::fs::create_dir_all(&parent).await.map_err(unwritable)?;
        let mut file = tokio::fs::File::create(&place).await.map_err(unwritable)?;
        let (mut hasher, mut bytes, mut parts) = (Hasher::new(), 0, found.into_stream());
        while let Some(part) = parts.try_next().await.map_err(|error| failed(&error))? {
            hasher.update(&part);
            bytes += part.len() as u64;
            file.write_all(&part).await.map_err(unwritable)?;
        }
        file.flush().await.map_err(unwritable)?;
        let hash = Hash::from(&hasher.finalize());
        if encoding == Compression::None {
            return Ok(Content { hash, bytes, encoding });
        }
        drop(file);
        let unpacked = tokio::task::spawn_blocking(move || unpack(&place, encoding)).await;
        let (hash, bytes) = unpacked.unwrap_or_else(|error| Err(error.into())).map_err(|_| changed(path))?;
        Ok(Content { hash, bytes, encoding })
    }
}

/// Unpacks a file in its place. Returns the hash and length of its bytes.
fn unpack(place: &Path, encoding: Compression) -> std::io::Result<(Hash, u64)> {
    let bytes = unpacked(&fs::read(place)?, encoding)?;
    fs::write(place, &bytes)?;
    Ok((hash_file(place)?, bytes.len() as u64))
}

fn changed(path: &str) -> Error {
    Error::new(ErrorKind::Network, "it is not in the target as the last deploy put it")
        .with_path(path)
        .with_hint("somebody else changed it there: a `deploy --verify` from where the site is mends it")
}
