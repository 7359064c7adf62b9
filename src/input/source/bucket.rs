//! A bucket as a folder of files: its list, and the copies of its files on this machine.

use super::cache::{Cache, tidy};
use super::{ContentSource, HeldCopy, RemoteFiles};
use crate::config::{Config, RemoteContent};
use crate::error::{Error, ErrorKind, Result};
use crate::pixels::decode::Format;
use crate::storage::fingerprint::{FileStamp, Hash};
use crate::storage::lock::Lock;
use crate::storage::state;
use crate::storage::store::{failed, objects};
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{GetOptions, ObjectMeta, ObjectStore};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::runtime::Runtime;

/// The folder of copies, below the state's folder.
const FOLDER: &str = "source";

/// How many metadata files are fetched at once.
const TOGETHER: usize = 16;

/// Larger files, in bytes, are not metadata.
const MAX_METADATA: u64 = 64 << 20;

/// Endings of the files that SCAN reads.
const METADATA: [&str; 9] = ["csv", "json", "ods", "toml", "tsv", "xlsx", "xml", "yaml", "yml"];

/// The files of a bag that SCAN reads.
const BAGS: [&str; 2] = ["bag-info.txt", "bagit.txt"];

/// How often a file is requested if its bytes break off. The client itself repeats requests that are refused.
const ATTEMPTS: u32 = 4;

/// See the [module](self).
struct Bucket {
    /// Its URL.
    root: PathBuf,
    files: BTreeMap<String, ObjectMeta>,
    objects: Arc<dyn ObjectStore>,
    runtime: Runtime,
    metadata: PathBuf,
    masters: Cache,
    /// Keeps other builds away from the copies.
    _lock: Lock,
}

impl ContentSource {
    /// Opens the bucket `remote`, which `config` names.
    pub(super) fn of_remote(remote: &RemoteContent, config: &Config) -> Result<ContentSource> {
        ContentSource::of_bucket(objects(&remote.bucket, &remote.access)?, config)
    }

    /// Opens `objects` as the bucket that `config` names.
    ///
    /// # Errors
    /// A bucket that cannot be listed.
    pub fn of_bucket(objects: Arc<dyn ObjectStore>, config: &Config) -> Result<ContentSource> {
        Ok(ContentSource::Bucket(Box::new(Bucket::open(objects, config)?)))
    }
}

impl Bucket {
    /// Lists the bucket and fetches its new metadata.
    ///
    /// # Errors
    /// A bucket that cannot be listed, a folder that cannot be written, or another build of this content.
    fn open(objects: Arc<dyn ObjectStore>, config: &Config) -> Result<Bucket> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start: {error}")))?;
        let files = runtime.block_on(list(&*objects)).map_err(|error| error.with_path(&config.content))?;
        let endpoint = config.remote.as_ref().and_then(|remote| remote.access.endpoint.as_deref()).unwrap_or_default();
        let place = Hash::of(format!("{} {endpoint}", config.content.display()).as_bytes());
        let folder = config.root.join(state::FOLDER).join(FOLDER).join(place.hex());
        let metadata = folder.join("metadata");
        fs::create_dir_all(&metadata).map_err(|error| Error::output(&metadata, error))?;
        let lock = Lock::take(
            &folder.join("lock"),
            "another build of this content is running",
            "wait until it has ended: both would fetch the same masters",
        )?;
        let names: BTreeSet<String> = files.values().map(name).collect();
        tidy(&metadata, &files.values().flat_map(|object| [name(object), noted(object)]).collect())?;
        let size = config.remote.as_ref().map_or(0, |remote| remote.cache_size);
        let masters = Cache::open(folder.join("masters"), size, &names)?;
        let root = config.content.clone();
        let bucket = Bucket { root, files, objects, runtime, metadata, masters, _lock: lock };
        bucket.fetch_metadata();
        Ok(bucket)
    }

    fn find(&self, path: &Path) -> Option<&ObjectMeta> {
        let mut names = vec![];
        for part in path.strip_prefix(&self.root).ok()?.components() {
            match part {
                Component::Normal(name) => names.push(name.to_str().unwrap_or_default()),
                Component::ParentDir => drop(names.pop()?),
                _ => {}
            }
        }
        self.files.get(&names.join("/"))
    }

    /// Fetches many files at a time, before SCAN requests one after the other. SCAN requests a file again that could
    /// not be fetched, and reports the reason.
    fn fetch_metadata(&self) {
        let due = self.files.iter().filter(|(path, object)| {
            object.size <= MAX_METADATA && self.is_metadata(path) && !self.metadata.join(name(object)).is_file()
        });
        let due: Vec<&ObjectMeta> = due.map(|(_, object)| object).collect();
        let fetches = stream::iter(due).map(|object| async move {
            drop(fetch(&*self.objects, object, &self.metadata.join(name(object))).await);
        });
        self.runtime.block_on(fetches.buffer_unordered(TOGETHER).for_each(|()| std::future::ready(())));
    }

    /// Whether SCAN will read the file. It does not read the text of an image beside it.
    fn is_metadata(&self, path: &str) -> bool {
        let file = path.rsplit('/').next().unwrap_or(path);
        let (stem, ending) = path.rsplit_once('.').unwrap_or((path, ""));
        if !METADATA.iter().any(|known| ending.eq_ignore_ascii_case(known)) {
            return BAGS.contains(&file);
        }
        let beside = self.files.range(format!("{stem}.")..).map(|(path, _)| path);
        let mut beside = beside.take_while(|path| path.starts_with(stem) && path[stem.len()..].starts_with('.'));
        !(ending.eq_ignore_ascii_case("xml") && beside.any(|path| Format::is_image_name(path)))
    }
}

impl RemoteFiles for Bucket {
    fn names(&self) -> Vec<&str> {
        self.files.keys().map(String::as_str).collect()
    }

    fn holds(&self, path: &Path) -> bool {
        path.starts_with(&self.root)
    }

    fn stamp(&self, path: &Path) -> Option<FileStamp> {
        self.find(path).map(stamp)
    }

    fn version(&self, path: &Path) -> Option<Hash> {
        Some(Hash::of(self.find(path)?.e_tag.as_ref()?.as_bytes()))
    }

    fn fetch(&self, path: &Path) -> Option<Result<Box<dyn HeldCopy + '_>>> {
        let object = self.find(path)?;
        let fetch = |target: &Path| self.runtime.block_on(fetch(&*self.objects, object, target));
        let pin = self.masters.take(&name(object), object.size, fetch);
        Some(pin.map(|pin| Box::new(pin) as Box<dyn HeldCopy>))
    }

    fn fetch_for_good(&self, path: &Path) -> Option<Result<PathBuf>> {
        let object = self.find(path)?;
        let target = self.metadata.join(name(object));
        if target.is_file() {
            return Some(Ok(target));
        }
        Some(self.runtime.block_on(fetch(&*self.objects, object, &target)).map(|()| target))
    }

    fn note(&self, path: &Path) -> Option<PathBuf> {
        Some(self.metadata.join(noted(self.find(path)?)))
    }
}

/// All files. An object that only stands for a folder is not a file.
async fn list(objects: &dyn ObjectStore) -> Result<BTreeMap<String, ObjectMeta>> {
    let listed = objects.list(None).map_ok(|object| (object.location.as_ref().to_owned(), object));
    let files: BTreeMap<String, ObjectMeta> = listed.try_collect().await.map_err(|error| unlisted(&error))?;
    let is_folder = |path: &String| {
        let inner = format!("{path}/");
        files.range(inner.clone()..).next().is_some_and(|(next, _)| next.starts_with(&inner))
    };
    let markers: HashSet<String> = files
        .iter()
        .filter(|(path, object)| object.size == 0 && is_folder(path))
        .map(|(path, _)| path.clone())
        .collect();
    let mut files = files;
    files.retain(|path, _| !path.is_empty() && !markers.contains(path));
    Ok(files)
}

fn unlisted(error: &object_store::Error) -> Error {
    let failed = failed(error);
    match error {
        object_store::Error::PermissionDenied { .. } => {
            failed.with_hint("docs/sources.md has the policy that is needed to list and to read")
        }
        object_store::Error::InvalidPath { .. } => {
            failed.with_hint("rename this object: its name has an empty or a relative segment, or a control character")
        }
        _ => failed,
    }
}

fn stamp(object: &ObjectMeta) -> FileStamp {
    let modified = object.last_modified.timestamp_nanos_opt().unwrap_or_default();
    let version = [&object.e_tag, &object.version].map(|part| part.clone().unwrap_or_default());
    FileStamp::of_object(object.size, modified, Hash::of(version.join("\n").as_bytes()))
}

/// The name of an object's copy. Of the object's own name, which can be any text, it holds only the ending, because
/// readers depend on it.
fn name(object: &ObjectMeta) -> String {
    let ObjectMeta { location, last_modified, size, e_tag, version } = object;
    let parts = format!("{location}\n{last_modified:?}\n{size}\n{e_tag:?}\n{version:?}");
    let ending = location
        .extension()
        .filter(|ending| ending.len() <= 5 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let hash = Hash::of(parts.as_bytes()).hex();
    ending.map_or(hash.clone(), |ending| format!("{hash}.{}", ending.to_ascii_lowercase()))
}

/// The name of the file with notes about an object.
fn noted(object: &ObjectMeta) -> String {
    format!("{}.known", name(object))
}

enum FetchError {
    /// Another attempt may succeed.
    Temporary(Error),
    Final(Error),
}

/// Fetches `object` into the file `target`: whole and as it was listed, or not at all. It is written in the same folder
/// under another name first.
async fn fetch(objects: &dyn ObjectStore, object: &ObjectMeta, target: &Path) -> Result<()> {
    let mut attempt = 1;
    loop {
        match fetch_once(objects, object, target).await {
            Ok(()) => return Ok(()),
            Err(FetchError::Temporary(_)) if attempt < ATTEMPTS => {
                tokio::time::sleep(Duration::from_millis(100 << (2 * attempt))).await;
                attempt += 1;
            }
            Err(FetchError::Temporary(error) | FetchError::Final(error)) => return Err(error),
        }
    }
}

async fn fetch_once(
    objects: &dyn ObjectStore,
    object: &ObjectMeta,
    target: &Path,
) -> std::result::Result<(), FetchError> {
    let unwritable = |error: io::Error| FetchError::Final(Error::output(target, error));
    let options = GetOptions { if_match: object.e_tag.clone(), ..GetOptions::default() };
    let found =
        objects.get_opts(&object.location, options).await.map_err(|error| FetchError::Final(refused(&error)))?;
    let mut file = partial(target).map_err(unwritable)?;
    let (mut pieces, mut bytes) = (found.into_stream(), 0);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| FetchError::Temporary(refused(&error)))?;
        bytes += piece.len() as u64;
        if bytes > object.size {
            return Err(FetchError::Final(changed()));
        }
        file.write_all(&piece).map_err(unwritable)?;
    }
    if bytes < object.size {
        let message = format!("the store gave {bytes} of {} bytes", object.size);
        return Err(FetchError::Temporary(Error::new(ErrorKind::Network, message)));
    }
    file.persist(target).map_err(|error| unwritable(error.error))?;
    Ok(())
}

fn partial(target: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".partial-").tempfile_in(target.parent().unwrap_or(target))
}

fn refused(error: &object_store::Error) -> Error {
    use object_store::Error::{NotFound, PermissionDenied, Precondition};
    match error {
        Precondition { .. } => changed(),
        NotFound { .. } => Error::new(ErrorKind::Content, "it is no longer in the bucket").with_hint("build again"),
        PermissionDenied { .. } => failed(error).with_hint("docs/sources.md has the policy that is needed to read"),
        _ => failed(error),
    }
}

fn changed() -> Error {
    let changed = Error::new(ErrorKind::Content, "it changed in the bucket during the build");
    changed.with_hint("build again, once nobody writes to it")
}
