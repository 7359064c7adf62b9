//! A store in memory that counts requests, fails on demand, and looks after every one whether a document in it names a
//! file that is not there.

use super::reader::lost;
use async_trait::async_trait;
use futures_util::stream::{BoxStream, StreamExt};
use iiif_build::storage::store::{PRIVATE, Store};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::*;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// What happens to requests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// After so many, nothing is answered any more.
    pub dies_after: Option<u64>,
    /// Conditional writes are done, but their answers say that somebody else was first.
    pub loses_answers: bool,
    pub refuses_conditions: bool,
}

#[derive(Debug, Default)]
pub struct Seen {
    pub requests: u64,
    pub listings: u64,
    /// Paths in the order in which they were put.
    pub put: Vec<String>,
    /// What a reader would have missed.
    pub lost: Vec<String>,
    /// The site as it is served, and as it was at first.
    files: BTreeMap<String, Vec<u8>>,
    before: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug)]
pub struct Faulty {
    pub inner: InMemory,
    faults: Faults,
    /// Of the site that is being deployed; nobody reads where there is none.
    local: Option<PathBuf>,
    pub seen: Mutex<Seen>,
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a faulty store")
    }
}

impl Faulty {
    /// Holds what `inner` holds; `local`: where the site lies that will be put.
    pub async fn over(inner: InMemory, faults: Faults, local: Option<PathBuf>) -> Arc<Faulty> {
        let files: BTreeMap<_, _> =
            contents(&inner).await.into_iter().map(|(path, (bytes, _))| (path, bytes)).collect();
        let before = files.clone();
        let seen = Mutex::new(Seen { files, before, ..Seen::default() });
        Arc::new(Faulty { inner, faults, local, seen })
    }

    pub fn store(self: &Arc<Faulty>) -> Store {
        Store::of(self.clone())
    }

    fn request(&self) -> Result<()> {
        let mut seen = self.seen.lock().unwrap();
        seen.requests += 1;
        match self.faults.dies_after.is_some_and(|last| seen.requests > last) {
            true => Err(failure("the line is dead")),
            false => Ok(()),
        }
    }
}

impl Faulty {
    /// Now a reader looks.
    fn put(&self, location: &Path, bytes: Vec<u8>) {
        if location.as_ref().starts_with(PRIVATE) {
            return;
        }
        let mut seen = self.seen.lock().unwrap();
        seen.put.push(location.to_string());
        seen.files.insert(location.to_string(), bytes);
        if let Some(local) = &self.local {
            let lost = lost(location.as_ref(), &seen.files, &seen.before, local);
            seen.lost.extend(lost);
        }
    }
}

fn failure(text: &str) -> Error {
    Error::Generic { store: "faulty", source: text.to_owned().into() }
}

/// All of a store but what is private, with what a host would say of each file.
pub async fn contents(store: &InMemory) -> BTreeMap<String, (Vec<u8>, Attributes)> {
    let mut all = BTreeMap::new();
    let mut list = store.list(None);
    while let Some(entry) = list.next().await {
        let path = entry.unwrap().location;
        if !path.as_ref().starts_with(PRIVATE) {
            let found = store.get(&path).await.unwrap();
            let attributes = found.attributes.clone();
            all.insert(path.to_string(), (found.bytes().await.unwrap().to_vec(), attributes));
        }
    }
    all
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.request()?;
        let is_conditional = options.mode != PutMode::Overwrite;
        if is_conditional && self.faults.refuses_conditions {
            return Err(Error::NotImplemented { operation: "put".into(), implementer: "faulty".into() });
        }
        let bytes: Vec<u8> = payload.iter().flat_map(|part| part.to_vec()).collect();
        let answer = self.inner.put_opts(location, payload, options).await;
        if answer.is_ok() {
            self.put(location, bytes);
        }
        match is_conditional && self.faults.loses_answers {
            true => Err(Error::AlreadyExists { path: location.to_string(), source: "somebody was first".into() }),
            false => answer,
        }
    }

    async fn put_multipart_opts(&self, at: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.request()?;
        self.inner.put_multipart_opts(at, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.request()?;
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        if let Err(error) = self.request() {
            return futures_util::stream::once(async { Err(error) }).boxed();
        }
        // Before it is gone: whoever still names it would miss it.
        let locations: Vec<Result<Path>> = futures_util::FutureExt::now_or_never(locations.collect()).unwrap();
        let mut seen = self.seen.lock().unwrap();
        for location in locations.iter().flatten() {
            seen.files.remove(location.as_ref());
        }
        if let Some(local) = &self.local {
            let documents: Vec<String> = seen.files.keys().cloned().collect();
            let lost: Vec<String> =
                documents.iter().flat_map(|path| lost(path, &seen.files, &seen.before, local)).collect();
            seen.lost.extend(lost);
        }
        drop(seen);
        self.inner.delete_stream(futures_util::stream::iter(locations).boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.seen.lock().unwrap().listings += 1;
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.seen.lock().unwrap().listings += 1;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.request()?;
        self.inner.copy_opts(from, to, options).await?;
        let bytes = self.inner.get(to).await?.bytes().await?.to_vec();
        self.put(to, bytes);
        Ok(())
    }
}
