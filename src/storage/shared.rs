//! A folder that many machines read and write at the same time: on a disk that they share, or in a bucket. Files are small,
//! and written whole: a reader sees the old file or the new one. Nobody relies on a list of files to be complete, because some
//! stores list a file later than they serve it.

use super::output::share;
#[cfg(feature = "deploy")]
use super::store;
use crate::config::files;
use crate::error::{Error, ErrorKind, Result};
#[cfg(feature = "deploy")]
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// See the [module](self).
pub enum SharedFolder {
    Folder(PathBuf),
    #[cfg(feature = "deploy")]
    Bucket(SharedBucket),
}

/// The part of a bucket below a prefix.
#[cfg(feature = "deploy")]
pub struct SharedBucket {
    objects: std::sync::Arc<dyn ObjectStore>,
    url: String,
    runtime: tokio::runtime::Runtime,
}

impl SharedFolder {
    /// Opens the part of `bucket` below its prefix.
    #[cfg(feature = "deploy")]
    pub fn bucket(url: String, bucket: &crate::config::Bucket, access: &crate::config::Access) -> Result<SharedFolder> {
        let objects = store::objects(bucket, access)?;
        Ok(SharedFolder::Bucket(SharedBucket { objects, url, runtime: store::runtime()? }))
    }

    /// Where it is, for people.
    pub fn place(&self) -> String {
        match self {
            SharedFolder::Folder(folder) => folder.display().to_string(),
            #[cfg(feature = "deploy")]
            SharedFolder::Bucket(bucket) => bucket.url.clone(),
        }
    }

    /// The folder, if it is on a disk.
    pub fn on_disk(&self) -> Option<&Path> {
        match self {
            SharedFolder::Folder(folder) => Some(folder),
            #[cfg(feature = "deploy")]
            SharedFolder::Bucket(_) => None,
        }
    }

    /// The path of a file in messages.
    pub fn path(&self, name: &str) -> PathBuf {
        Path::new(&self.place()).join(name)
    }

    /// The bytes of a file of at most `limit` bytes. `None`: it is not there.
    pub fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        match self {
            SharedFolder::Folder(folder) => match files::read(&folder.join(name), limit) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Error::read(ErrorKind::Output, &folder.join(name), error)),
            },
            #[cfg(feature = "deploy")]
            SharedFolder::Bucket(bucket) => bucket.read(name, limit),
        }
    }

    /// Writes a file, in the place of one with the same name.
    pub fn write(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        match self {
            SharedFolder::Folder(folder) => {
                let path = folder.join(name);
                write_whole(&path, &bytes).map_err(|error| Error::output(&path, error))
            }
            #[cfg(feature = "deploy")]
            SharedFolder::Bucket(bucket) => bucket.write(name, bytes),
        }
    }

    /// The names of the files directly in `folder`, in order. One that was just written may not be among them.
    pub fn names(&self, folder: &str) -> Result<Vec<String>> {
        let mut names = match self {
            SharedFolder::Folder(root) => {
                names_in(&root.join(folder)).map_err(|error| Error::read(ErrorKind::Output, root, error))?
            }
            #[cfg(feature = "deploy")]
            SharedFolder::Bucket(bucket) => bucket.names(folder)?,
        };
        names.sort_unstable();
        Ok(names)
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) -> Result<()> {
        match self {
            SharedFolder::Folder(folder) => match fs::remove_file(folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::output(&folder.join(name), error)),
                _ => Ok(()),
            },
            #[cfg(feature = "deploy")]
            SharedFolder::Bucket(bucket) => bucket.remove(name),
        }
    }
}

/// The temporary file has a name of its own, so that two writers do not meet.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    share(file.as_file())?;
    file.persist(path)?;
    Ok(())
}

fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(vec![]),
        entries => entries?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect(),
    }
}

#[cfg(feature = "deploy")]
impl SharedBucket {
    fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let key = store::key(name)?;
        self.runtime.block_on(async {
            let found = match self.objects.get(&key).await {
                Ok(found) => found,
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(store::failed(&error)),
            };
            let path = || Path::new(&self.url).join(name);
            files::check_size(found.meta.size, limit)
                .map_err(|error| Error::read(ErrorKind::Output, &path(), error))?;
            found.bytes().await.map(|bytes| Some(bytes.to_vec())).map_err(|error| store::failed(&error))
        })
    }

    fn write(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let (key, bytes) = (store::key(name)?, PutPayload::from(bytes));
        self.runtime.block_on(self.objects.put(&key, bytes)).map(drop).map_err(|error| store::failed(&error))
    }

    fn names(&self, folder: &str) -> Result<Vec<String>> {
        let key = store::key(folder)?;
        let listed = self.runtime.block_on(self.objects.list_with_delimiter(Some(&key)));
        let listed = listed.map_err(|error| store::failed(&error))?;
        Ok(listed.objects.iter().filter_map(|object| object.location.filename()).map(str::to_owned).collect())
    }

    fn remove(&self, name: &str) -> Result<()> {
        match self.runtime.block_on(self.objects.delete(&store::key(name)?)) {
            Err(error) if !matches!(error, object_store::Error::NotFound { .. }) => Err(store::failed(&error)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_whole_and_replaced() {
        let root = tempfile::tempdir().unwrap();
        let shared = SharedFolder::Folder(root.path().join("plan"));
        assert_eq!(shared.read("records/a.json", 99).unwrap(), None);
        assert!(shared.names("records").unwrap().is_empty());
        for text in ["one", "two"] {
            shared.write("records/a.json", text.into()).unwrap();
            assert_eq!(shared.read("records/a.json", 99).unwrap().unwrap(), text.as_bytes());
        }
        assert!(shared.read("records/a.json", 2).is_err(), "a longer file is not read");
        assert_eq!(shared.names("records").unwrap(), ["a.json"]);
        shared.remove("records/a.json").unwrap();
        shared.remove("records/a.json").unwrap();
        assert!(shared.names("records").unwrap().is_empty());
    }
}
