//! A bucket as a folder of files: what its list says, and what of it lies on this machine.

use super::cache::{Cache, Pin};
use super::fetch::fetch;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::pixels::decode::Format;
use crate::storage::fingerprint::{FileStamp, Hash};
use crate::storage::state::{self, Lock};
use crate::storage::store::failed;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectMeta, ObjectStore};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Below the state's folder.
const FOLDER: &str = "source";

/// Metadata files that are fetched at once.
const TOGETHER: usize = 16;

/// Larger files are no metadata.
const MAX_METADATA: u64 = 64 << 20;

/// Endings of what SCAN reads.
const METADATA: [&str; 9] = ["csv", "json", "ods", "toml", "tsv", "xlsx", "xml", "yaml", "yml"];

/// And what it reads of bags.
const BAGS: [&str; 2] = ["bag-info.txt", "bagit.txt"];

/// See the [module](self).
pub struct Bucket {
    /// Its URL.
    root: PathBuf,
    files: BTreeMap<String, ObjectMeta>,
    objects: Arc<dyn ObjectStore>,
    runtime: Runtime,
    metadata: PathBuf,
    masters: Cache,
    /// Keeps other builds from what lies here.
    _lock: Lock,
}

impl Bucket {
    pub fn open(objects: Arc<dyn ObjectStore>, config: &Config) -> Result<Bucket> {
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

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// `None`: `path` is none of the bucket; within: there is no such file.
    pub fn find(&self, path: &Path) -> Option<Option<&ObjectMeta>> {
        let mut names = vec![];
        for part in path.strip_prefix(&self.root).ok()?.components() {
            match part {
                Component::Normal(name) => names.push(name.to_str().unwrap_or_default()),
                Component::ParentDir if names.pop().is_none() => return Some(None),
                _ => {}
            }
        }
        Some(self.files.get(&names.join("/")))
    }

    /// A file in the cache, which stays while the pin is held.
    pub fn pinned(&self, object: &ObjectMeta) -> Result<Pin<'_>> {
        self.masters
            .take(&name(object), object.size, |target| self.runtime.block_on(fetch(&*self.objects, object, target)))
    }

    /// A file that stays.
    pub fn kept(&self, object: &ObjectMeta) -> Result<PathBuf> {
        let path = self.metadata.join(name(object));
        if !path.is_file() {
            self.runtime.block_on(fetch(&*self.objects, object, &path))?;
        }
        Ok(path)
    }

    /// The file where something that is known of an object may be written down.
    pub fn note(&self, object: &ObjectMeta) -> PathBuf {
        self.metadata.join(noted(object))
    }

    /// Many at a time, before SCAN asks for one after the other. What cannot be had it will ask for again, and say why.
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

    /// Whether SCAN will read it: not so the text of an image beside it.
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

/// All files. What only stands for a folder is none.
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
    let told = failed(error);
    match error {
        object_store::Error::PermissionDenied { .. } => {
            told.with_hint("docs/sources.md has the policy that is needed to list and to read")
        }
        object_store::Error::InvalidPath { .. } => {
            told.with_hint("rename this object: its name has an empty or a relative segment, or a control character")
        }
        _ => told,
    }
}

pub fn stamp(object: &ObjectMeta) -> FileStamp {
    let modified = object.last_modified.timestamp_nanos_opt().unwrap_or_default();
    let version = [&object.e_tag, &object.version].map(|part| part.clone().unwrap_or_default());
    FileStamp::of_object(object.size, modified, Hash::of(version.join("\n").as_bytes()))
}

/// Under which an object lies here: nothing of its own name, which may be anything, but an ending for those who go by it.
fn name(object: &ObjectMeta) -> String {
    let ObjectMeta { location, last_modified, size, e_tag, version } = object;
    let parts = format!("{location}\n{last_modified:?}\n{size}\n{e_tag:?}\n{version:?}");
    let ending = location
        .extension()
        .filter(|ending| ending.len() <= 5 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let hash = Hash::of(parts.as_bytes()).hex();
    ending.map_or(hash.clone(), |ending| format!("{hash}.{}", ending.to_ascii_lowercase()))
}

fn noted(object: &ObjectMeta) -> String {
    format!("{}.known", name(object))
}

/// Removes what no object is called any more, and what was being written.
pub fn tidy(folder: &Path, names: &BTreeSet<String>) -> Result<()> {
    let unreadable = |error| Error::output(folder, error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !names.contains(&*entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path()).map_err(unreadable)?;
        }
    }
    Ok(())
}
