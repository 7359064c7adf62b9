//! A store in memory that notes what is fetched, and fails where it is told to.

use async_trait::async_trait;
use futures_util::stream::{self, BoxStream, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::*;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

/// What becomes of requests for an object.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    Denied,
    /// Not there, though it was listed.
    Gone,
    /// Another version than was listed.
    Changed,
    /// Breaks off in the middle, so many times.
    Breaks(u32),
}

#[derive(Debug, Default)]
pub struct Bucket {
    inner: InMemory,
    faults: Mutex<BTreeMap<String, Fault>>,
    fetched: Mutex<Vec<String>>,
    listed: Mutex<u64>,
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bucket of masters")
    }
}

impl Bucket {
    /// With `files`, by their paths below the content.
    pub fn holding(files: BTreeMap<String, Vec<u8>>) -> Arc<Bucket> {
        let bucket = Arc::new(Bucket::default());
        files.into_iter().for_each(|(path, bytes)| bucket.hold(&path, bytes));
        bucket
    }

    pub fn hold(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        now(self.inner.put(&Path::parse(path).unwrap(), PutPayload::from(bytes.into()))).unwrap();
    }

    pub fn remove(&self, path: &str) {
        now(self.inner.delete(&Path::parse(path).unwrap())).unwrap();
    }

    pub fn fail(&self, path: &str, fault: Fault) {
        self.faults.lock().unwrap().insert(path.to_owned(), fault);
    }

    pub fn mend(&self) {
        self.faults.lock().unwrap().clear();
    }

    /// What was fetched since somebody asked, sorted, and how often the bucket was listed.
    pub fn asked(&self) -> (Vec<String>, u64) {
        let mut fetched = std::mem::take(&mut *self.fetched.lock().unwrap());
        fetched.sort();
        (fetched, std::mem::take(&mut *self.listed.lock().unwrap()))
    }

    /// How requests for `path` fare now.
    fn fault(&self, path: &str) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap();
        let fault = faults.get(path).copied()?;
        if let Fault::Breaks(times) = fault {
            match times {
                0 => return None,
                times => drop(faults.insert(path.to_owned(), Fault::Breaks(times - 1))),
            }
        }
        Some(fault)
    }
}

pub fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[async_trait]
impl ObjectStore for Bucket {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let path = location.to_string();
        let refused = |path: &str| (path.to_owned(), "as the test wants it".into());
        self.fetched.lock().unwrap().push(path.clone());
        let fault = self.fault(&path);
        let answer = self.inner.get_opts(location, options).await?;
        match fault {
            None => Ok(answer),
            Some(Fault::Denied) => {
                let (path, source) = refused(&path);
                Err(Error::PermissionDenied { path, source })
            }
            Some(Fault::Gone) => {
                let (path, source) = refused(&path);
                Err(Error::NotFound { path, source })
            }
            Some(Fault::Changed) => {
                let (path, source) = refused(&path);
                Err(Error::Precondition { path, source })
            }
            Some(Fault::Breaks(_)) => {
                let GetResult { meta, range, attributes, extensions, .. } = answer;
                let bytes = self.inner.get_range(location, 0..meta.size / 2).await?;
                let broken = Error::Generic { store: "test", source: "the line is dead".into() };
                let payload = GetResultPayload::Stream(stream::iter([Ok(bytes), Err(broken)]).boxed());
                Ok(GetResult { payload, meta, range, attributes, extensions })
            }
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        *self.listed.lock().unwrap() += 1;
        self.inner.list(prefix)
    }

    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        panic!("nobody writes to a bucket of masters")
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        panic!("nobody writes to a bucket of masters")
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        panic!("nobody deletes masters")
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        panic!("nobody writes to a bucket of masters")
    }
}
